//! Recorded models of the AWS Load Balancer Controller v3.5.0, one test per case folder.
//!
//! A case holds manifests, sometimes values and an inventory of its own, and `expected.json`: the
//! stacks that the controller's model builder made of them, the groups and Ingresses that it or
//! its webhooks refused, and the Ingresses that it left to other controllers.

use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::source::{FileId, Sources};
use ingc_compiler::{compile, inventory, settings};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut names: Vec<String> = fs::read_dir(&cases)
        .expect("the cases are part of the repository")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| cases.join(name).join("expected.json").is_file())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there are no cases in {}", cases.display());
    let trials = names
        .into_iter()
        .map(|name| {
            let cases = cases.clone();
            Trial::test(name.clone(), move || check(&cases, &name).map_err(Failed::from))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(cases: &Path, name: &str) -> Result<(), String> {
    let case = cases.join(name);
    let expected = fs::read(case.join("expected.json")).map_err(|e| e.to_string())?;
    let expected: Value = serde_json::from_slice(&expected).map_err(|e| e.to_string())?;
    let (compilation, sources) = run(cases, &case)?;
    let got = serde_json::to_value(compilation.document(&sources)).map_err(|e| e.to_string())?;
    judge(&expected, &got)
}

fn run(cases: &Path, case: &Path) -> Result<(Compilation, Sources), String> {
    let mut sources = Sources::new();
    let mut manifest_paths = Vec::new();
    find(&case.join("manifests"), &mut manifest_paths);
    manifest_paths.sort();
    let mut add = |path: &Path| -> Result<FileId, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let shown = path.strip_prefix(case).unwrap_or(path).display().to_string();
        Ok(sources.add(shown, text))
    };
    let own = |file: &str| Some(case.join(file)).filter(|path| path.is_file());
    let manifests = manifest_paths.iter().map(|path| add(path)).collect::<Result<Vec<_>, _>>()?;
    let values = [Some(cases.join("values.yaml")), own("values.yaml")];
    let values = values.iter().flatten().map(|path| add(path)).collect::<Result<Vec<_>, _>>()?;
    let inventory = add(&own("inventory.yaml").unwrap_or_else(|| cases.join("inventory.yaml")))?;

    let mut diagnostics = Diagnostics::new();
    let settings = settings::read(&sources, &values, &mut diagnostics);
    let inventory = inventory::read(&sources, inventory, &mut diagnostics);
    let compilation = compile(&sources, &manifests, &settings, &inventory, diagnostics);
    Ok((compilation, sources))
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let manifest = path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json");
        if path.is_dir() {
            find(&path, found);
        } else if manifest {
            found.push(path);
        }
    }
}

/// The stacks, errors and ignored Ingresses must be those of the case; other texts and warnings
/// are free. What a key of `errors` asks for:
///
/// - `GROUP`: an error of that group, which must not be compiled;
/// - `ingress:NAMESPACE/NAME`, `webhook:NAMESPACE/NAME`: an error of that Ingress;
/// - `webhook:IngressClassParams/NAME`: an error of that object;
/// - `controller`: any error. The controller does not start, so that nothing else is recorded.
fn judge(expected: &Value, got: &Value) -> Result<(), String> {
    let empty = serde_json::Map::new();
    let object = |value: &Value, key: &str| match &value[key] {
        Value::Object(object) => object.clone(),
        _ => empty.clone(),
    };
    let texts = |value: &Value, key: &str| -> BTreeSet<String> {
        value[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str())
            .map(str::to_owned)
            .collect()
    };
    let diagnostics = got["diagnostics"].as_array().ok_or("no diagnostics")?;
    let errors: Vec<&Value> = diagnostics.iter().filter(|d| d["severity"] == "error").collect();
    let has = |field: &str, value: &str| errors.iter().any(|d| d[field] == value);
    let stacks = object(got, "stacks");
    let (mut groups, mut ingresses) = (BTreeSet::new(), BTreeSet::new());
    let (mut anywhere, mut stopped) = (false, false);
    let keys = object(expected, "errors");
    for key in keys.keys() {
        let ingress = key.strip_prefix("ingress:").or_else(|| key.strip_prefix("webhook:"));
        let class = key.strip_prefix("webhook:").filter(|k| k.starts_with("IngressClassParams/"));
        if key == "controller" {
            (anywhere, stopped) = (true, true);
            if errors.is_empty() {
                return Err("no error for the controller's settings".to_owned());
            }
        } else if let Some(class) = class {
            anywhere = true;
            let at =
                |d: &&Value| d["object"].as_str().is_some_and(|object| object.ends_with(class));
            if !errors.iter().any(at) {
                return Err(format!("no error for {key}"));
            }
        } else if let Some(ingress) = ingress {
            ingresses.insert(ingress);
            if !has("ingress", ingress) {
                return Err(format!("no error for Ingress {ingress}"));
            }
        } else {
            groups.insert(key.as_str());
            if !has("group", key) {
                return Err(format!("no error for group {key}"));
            }
            if stacks.contains_key(key) {
                return Err(format!("group {key} is refused by the controller but compiled"));
            }
        }
    }
    let in_ingresses =
        |d: &Value| d["ingress"].as_str().is_some_and(|name| ingresses.contains(name));
    for error in errors.iter().filter(|_| !anywhere) {
        let known = error["group"].as_str().is_some_and(|group| groups.contains(group));
        if !known && !in_ingresses(error) {
            return Err(format!("unexpected error: {}", error["message"]));
        }
    }
    if stopped {
        return Ok(());
    }
    let refused: BTreeSet<&str> =
        errors.iter().filter(|d| in_ingresses(d)).filter_map(|d| d["group"].as_str()).collect();
    let kept = |stacks: serde_json::Map<String, Value>| {
        Value::Object(stacks.into_iter().filter(|(id, _)| !refused.contains(id.as_str())).collect())
    };
    if let Some(difference) = difference(&kept(object(expected, "stacks")), &kept(stacks), "") {
        return Err(difference);
    }
    let (wanted, found) = (texts(expected, "ignored"), texts(got, "ignored"));
    if wanted != found {
        return Err(format!("ignored: expected {wanted:?}, got {found:?}"));
    }
    Ok(())
}

/// The first place where two values differ.
fn difference(expected: &Value, got: &Value, path: &str) -> Option<String> {
    let short = |value: &Value| value.to_string().chars().take(120).collect::<String>();
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => difference(a, b, &format!("{path}/{key}")),
                (Some(a), None) => Some(format!("{path}/{key}: missing, expected {}", short(a))),
                (None, b) => Some(format!(
                    "{path}/{key}: not expected, got {}",
                    b.map(short).unwrap_or_default()
                )),
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            let items = a.iter().zip(b).enumerate();
            let mut items = items.map(|(i, (a, b))| difference(a, b, &format!("{path}/{i}")));
            items.find_map(|found| found).or_else(|| {
                (a.len() != b.len())
                    .then(|| format!("{path}: expected {} items, got {}", a.len(), b.len()))
            })
        }
        (a, b) if a == b => None,
        (a, b) => Some(format!("{path}: expected {}, got {}", short(a), short(b))),
    }
}
