//! The published JSON Schemas describe the files that ingc reads and writes.
//!
//! They stand in `examples/schema/`; `INGC_BLESS=1 cargo test --test schema` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use ingc::view::schema::{Schema, document};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(of: Schema) -> Validator {
    jsonschema::validator_for(&document(of)).unwrap()
}

fn findings(validator: &Validator, document: &Value) -> Vec<String> {
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// All files of a name below a folder.
fn find(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, name, found);
        } else if path.file_name().is_some_and(|file| file == name) {
            found.push(path);
        }
    }
}

fn check_all(of: Schema, names: &[&str]) {
    let validator = validator(of);
    let mut files = Vec::new();
    for folder in ["examples", "golden", "tests/conformance"] {
        names.iter().for_each(|name| find(&root().join(folder), name, &mut files));
    }
    assert!(files.len() > 4);
    // What the controller refuses has another form.
    files.retain(|path| !path.to_string_lossy().contains("/error-"));
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let document: Value = serde_yaml::from_str(&text).unwrap();
        let found = findings(&validator, &document);
        assert_eq!(found, Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn settings_of_all_cases_have_their_form() {
    check_all(Schema::Settings, &["ingc.yaml", "values.yaml"]);
}

#[test]
fn inventories_of_all_cases_have_their_form() {
    check_all(Schema::Inventory, &["inventory.yaml"]);
}

#[test]
fn expected_routes_have_their_form() {
    check_all(Schema::Routes, &["routes.yaml"]);
}

#[test]
fn what_is_misspelt_or_of_another_type_is_seen() {
    let check = |of, document: Value, expected: &str| {
        let found = findings(&validator(of), &document).join("\n");
        assert!(found.contains(expected), "{found}");
    };
    check(Schema::Settings, json!({"clusterNme": "c"}), "clusterNme");
    check(Schema::Settings, json!({"clusterName": 1}), "/clusterName");
    check(Schema::Settings, json!({"ingc": {"codes": {"ING0401": "loud"}}}), "/ingc/codes/ING0401");
    check(Schema::Settings, json!({"defaultTargetType": "pod"}), "/defaultTargetType");
    check(Schema::Routes, json!({"routes": [{"url": "a.b/", "auth": "basic"}]}), "/routes/0/auth");
    check(Schema::Routes, json!({"routes": [{"url": "http://a.b/", "servce": "a/b"}]}), "servce");
    check(Schema::Inventory, json!({"subnets": [{"subnetId": "s"}]}), "availabilityZone");
    check(Schema::Inventory, json!({"accountId": 111_122_223_333_u64}), "/accountId");
}

#[test]
fn plans_and_states_have_their_form() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let examples = root().join("examples");
        let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
            .args(arguments)
            .args(["--sandbox", "account.json", "--state", "state.json"])
            .args(["--values", examples.join("shared-alb/ingc.yaml").to_str().unwrap()])
            .args(["--inventory", examples.join("shared-alb/inventory.yaml").to_str().unwrap()])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.path().join(name)).unwrap()).unwrap()
    };
    let manifests = root().join("examples/shared-alb");
    for part in ["platform", "shop", "search", "accounts"] {
        let from = manifests.join(part);
        let to = folder.path().join("k8s").join(part);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let protected = "key: deletion_protection.enabled\n      value: \"true\"";
            let text = text.replace(protected, &protected.replace("true", "false"));
            fs::write(to.join(path.file_name().unwrap()), text).unwrap();
        }
    }
    let (plans, saved_plans) = (validator(Schema::Plan), validator(Schema::SavedPlan));
    let check = |arguments: &[&str]| {
        let printed = run(&[arguments, &["--out", "plan.json", "--output", "json"]].concat());
        let (plan, saved) = (serde_json::from_slice(&printed).unwrap(), read("plan.json"));
        assert_eq!(findings(&plans, &plan), Vec::<String>::new());
        assert_eq!(findings(&saved_plans, &saved), Vec::<String>::new());
        assert!(plan["steps"].as_array().unwrap().len() > 2 && plan == saved["plan"]);
    };
    check(&["plan", "k8s"]);
    run(&["apply", "k8s", "--auto-approve"]);
    check(&["plan", "k8s", "--destroy"]);
    fs::remove_dir_all(folder.path().join("k8s/search")).unwrap();
    check(&["plan", "k8s", "--prune"]);
    let state = read("state.json");
    assert_eq!(findings(&validator(Schema::State), &state), Vec::<String>::new());
    assert_ne!(findings(&plans, &state), Vec::<String>::new());
}

#[test]
fn published_schemas_are_those_of_this_version() {
    for (of, name) in [
        (Schema::Settings, "settings"),
        (Schema::Inventory, "inventory"),
        (Schema::Routes, "routes"),
        (Schema::Plan, "plan"),
        (Schema::SavedPlan, "saved-plan"),
        (Schema::State, "state"),
    ] {
        let path = root().join(format!("examples/schema/{name}.json"));
        let text = serde_json::to_string_pretty(&document(of)).unwrap() + "\n";
        assert!(!text.contains("[`"), "{name} shows what only rustdoc reads");
        if std::env::var_os("INGC_BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap() == text,
            "{} is out of date: INGC_BLESS=1 cargo test --test schema",
            path.display()
        );
    }
}
