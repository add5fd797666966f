//! An application of Argo CD, and `ingc generate` as Argo CD runs it.
#![allow(dead_code, reason = "each test takes what it needs")]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with the example's application in `apps/shop`.
pub(crate) struct Repository(tempfile::TempDir);

impl Repository {
    pub(crate) fn new() -> Repository {
        let repository = Repository(tempfile::tempdir().unwrap());
        for name in ["ingc.yaml", "inventory.yaml", "shop.yaml"] {
            let text = fs::read_to_string(root().join("examples/argocd/app").join(name)).unwrap();
            repository.put(&format!("apps/shop/{name}"), &text);
        }
        repository
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.put(name, &text.replace(from, to));
    }

    /// Runs in the application's folder, with the environment that Argo CD gives.
    pub(crate) fn argo(&self, arguments: &[&str], parameters: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ingc"));
        command.args(arguments).current_dir(self.path("apps/shop")).env("NO_COLOR", "1");
        command.env("ARGOCD_APP_NAME", "shop").env("ARGOCD_APP_NAMESPACE", "shop");
        command.env("ARGOCD_APP_SOURCE_PATH", "apps/shop").env("ARGOCD_APP_REVISION", "0a1b2c3");
        command.envs(parameters.iter().copied());
        command.output().unwrap()
    }

    pub(crate) fn objects(&self, parameters: &[(&str, &str)]) -> Vec<Value> {
        objects(&self.argo(&["generate"], parameters))
    }

    /// Nothing on standard output, and the expected text on standard error.
    pub(crate) fn refuses(&self, parameters: &[(&str, &str)], expected: &str) {
        let output = self.argo(&["generate"], parameters);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.as_slice()),
            (Some(1), &b""[..]),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
    }
}

/// What Argo CD reads.
pub(crate) fn objects(output: &Output) -> Vec<Value> {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    documents(&String::from_utf8(output.stdout.clone()).unwrap())
}

pub(crate) fn documents(text: &str) -> Vec<Value> {
    use serde::Deserialize;
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

pub(crate) fn of_kind<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

pub(crate) fn named<'o>(objects: &'o [Value], kind: &str, name: &str) -> &'o Value {
    let found = objects.iter().find(|o| o["kind"] == kind && o["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("there is no {kind} `{name}`"))
}

pub(crate) const HOOKS: &[(&str, &str)] = &[
    ("PARAM_HOOKS", "true"),
    ("PARAM_IMAGE", "registry.example.com/ingc:1"),
    ("PARAM_HOOK_STATE", "s3://states/shop"),
];
