//! Secrets that are not among the manifests: from files and variables that `ingc.secrets` names.

use super::{Files, path_of};
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::{Diagnostic, Severity};
use ingc_compiler::settings::{Ingc, SecretSource};
use ingc_compiler::source::{FileId, Spanned};
use ingc_compiler::yaml::{self, NodeKind};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Reads them, as manifests. What cannot be read is a finding at the setting; nothing of a text is
/// ever shown.
pub(super) fn read(ingc: &Ingc, files: &mut Files) -> Vec<FileId> {
    ingc.secrets.iter().filter_map(|(name, source)| one(name, source, files)).collect()
}

fn one(name: &str, source: &SecretSource, files: &mut Files) -> Option<FileId> {
    let (written, text) = match source {
        SecretSource::File(written) => {
            let path = path_of(&files.sources, written);
            (written, text_of(&path, files))
        }
        SecretSource::Variable(written) => {
            let text = std::env::var(&written.value);
            (written, text.map_err(|_| "the environment has no such variable".to_owned()))
        }
    };
    let manifest = text.and_then(|text| manifest(name, text));
    match manifest {
        Ok(text) => Some(files.sources.add(format!("Secret {name}"), text)),
        Err(reason) => {
            files.diagnostics.push(unusable(name, written, &reason));
            None
        }
    }
}

/// A file's text; of a folder, as a Secret that is mounted into a pod, a file per key.
fn text_of(path: &Path, files: &Files) -> Result<String, String> {
    if files.outside(path).is_some() {
        return Err("it is outside the repository".to_owned());
    }
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| super::reason(&error));
    if !path.is_dir() {
        return read(path);
    }
    let entries = std::fs::read_dir(path).map_err(|error| super::reason(&error))?;
    let mut keys = Map::new();
    for entry in entries {
        let file = entry.map_err(|error| super::reason(&error))?.path();
        let key = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !key.starts_with('.') {
            keys.insert(key, Value::String(read(&file)?));
        }
    }
    Ok(Value::Object(keys).to_string())
}

fn unusable(name: &str, written: &Spanned<String>, reason: &str) -> Diagnostic {
    let message = format!("cannot read the Secret `{name}` from `{}`: {reason}", written.value);
    Diagnostic::error(&code::UNREADABLE, message)
        .at(written.span)
        .object(format!("Secret/{name}"))
        .hint("give a Secret's manifest, its keys and values (`clientID: …`), or a folder with a file per key")
}

/// A Secret's manifest: the text itself, or one made of its keys and values.
fn manifest(name: &str, text: String) -> Result<String, String> {
    let mut files = Files::default();
    let file = files.sources.add("", text.clone());
    let (tree, findings) = yaml::document(&files.sources, file);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err("it is not valid YAML".to_owned());
    }
    let none = || "it holds no keys and values".to_owned();
    let tree = tree.ok_or_else(none)?;
    let root = tree.root();
    if root.kind() != NodeKind::Mapping {
        return Err(none());
    }
    if root.get("kind").is_some() {
        return Ok(text);
    }
    let mut data = Map::new();
    for (key, value) in root.entries() {
        let (Some(key), Some(value)) = (key.key(), value.text()) else {
            return Err("its values are not all texts".to_owned());
        };
        data.insert(key.into_owned(), Value::String(value.value.into_owned()));
    }
    let (namespace, name) = name.split_once('/').unwrap_or_default();
    let metadata = json!({"namespace": namespace, "name": name});
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data});
    Ok(serde_json::to_string_pretty(&secret).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_become_a_secret() {
        let made = manifest("shop/idp", "clientID: a\nclientSecret: \"0\"\n".to_owned()).unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        assert_eq!(made["metadata"], json!({"namespace": "shop", "name": "idp"}));
        assert_eq!(made["stringData"], json!({"clientID": "a", "clientSecret": "0"}));
        let whole = "kind: Secret\n";
        assert_eq!(manifest("shop/idp", whole.to_owned()).as_deref(), Ok(whole));
    }

    #[test]
    fn what_is_no_secret_is_told_without_its_text() {
        let check = |text: &str| {
            let reason = manifest("shop/idp", text.to_owned()).unwrap_err();
            assert!(!reason.contains("hunter2"), "{reason}");
        };
        check("hunter2");
        check("{clientSecret: hunter2");
        check("clientSecret: [hunter2]");
        check("");
    }
}
