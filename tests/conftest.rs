//! The policy of `examples/ci` in the real conftest, on plans in Terraform's form.
//!
//! A command of its own, which needs Go and builds the pinned conftest into `target/` once, for some
//! minutes: `cargo test --test conftest -- --ignored`.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, root};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const CONFTEST: &str = "github.com/open-policy-agent/conftest@v0.71.1";

fn conftest() -> PathBuf {
    let folder = root().join("target/conftest");
    let program = folder.join("conftest");
    if !program.is_file() {
        let install = Command::new("go").args(["install", CONFTEST]).env("GOBIN", &folder).status();
        assert!(install.unwrap().success(), "conftest is installed");
    }
    program
}

/// What the policy says against the plan of an example.
fn denied(arguments: &[&str]) -> Vec<String> {
    let folder = Folder::empty();
    let plan = Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args([&["plan", "--output", "terraform"], arguments].concat())
        .current_dir(root().join("examples"))
        .output()
        .unwrap();
    folder.put("plan.json", &String::from_utf8(plan.stdout).unwrap());
    let output = Command::new(conftest())
        .args(["test", "plan.json", "--output", "json", "--policy"])
        .arg(root().join("examples/ci/policy"))
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let results: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failures = results[0]["failures"].as_array().into_iter().flatten();
    failures.map(|failure| failure["msg"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs Go: cargo test --test conftest -- --ignored"]
fn a_policy_for_terraform_plans_holds_for_ours() {
    let workshop = denied(&["eks-workshop"]).join("\n");
    assert!(workshop.contains("invalid header fields are not dropped"), "{workshop}");
    assert!(workshop.contains("port 80 is open to everybody"), "{workshop}");
    assert_eq!(denied(&["hardened-alb"]), [""; 0]);
}
