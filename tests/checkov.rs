//! Policies that were written for Terraform find in our plans what they are meant to find: the real
//! checkov reads `--output terraform`.
//!
//! It is a large program, and so this is a command of its own:
//! `cargo test --test checkov -- --ignored`. It needs Python, and installs the pinned checkov from
//! PyPI into `target/` once.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, root};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

const CHECKOV: &str = "checkov==3.3.30";

/// What an auditor asks of a load balancer, by checkov's names.
const OPEN_TO_EVERYBODY: &str = "CKV_AWS_260";
const LISTENER_WITHOUT_TLS: &str = "CKV_AWS_2";
const NO_ACCESS_LOG: &str = "CKV_AWS_91";
const INVALID_HEADERS: &str = "CKV_AWS_131";
const NO_DELETION_PROTECTION: &str = "CKV_AWS_150";
const OLD_TLS: &str = "CKV_AWS_103";
const WEAK_CIPHERS: &str = "CKV2_AWS_74";
const NO_WEB_ACL: &str = "CKV2_AWS_28";
const PLAIN_TARGETS: &str = "CKV_AWS_378";

/// The program, installed where it is not. One test at a time: they share the folder.
fn checkov() -> PathBuf {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap();
    let folder = root().join("target/checkov");
    let program = folder.join("bin/checkov");
    let installed = fs::read_to_string(folder.join("installed")).unwrap_or_default();
    if installed != CHECKOV {
        let run = |program: &str, arguments: &[&str]| {
            let status = Command::new(program).args(arguments).status().unwrap();
            assert!(status.success(), "{program} {arguments:?}");
        };
        run("python3", &["-m", "venv", folder.to_str().unwrap()]);
        let pip = folder.join("bin/pip");
        run(pip.to_str().unwrap(), &["install", "--quiet", CHECKOV]);
        fs::write(folder.join("installed"), CHECKOV).unwrap();
    }
    program
}

/// Checks that pass and checks that fail on a plan.
fn checks(plan: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = Folder::empty();
    folder.put("plan.json", plan);
    let output = Command::new(checkov())
        .args(["-f", "plan.json", "--framework", "terraform_plan"])
        .args(["--skip-download", "--soft-fail", "-o", "json"])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    assert_eq!(report["summary"]["parsing_errors"], 0, "{report}");
    let ids = |list: &str| -> BTreeSet<String> {
        let checks = report["results"][list].as_array().cloned().unwrap_or_default();
        checks.iter().map(|check| check["check_id"].as_str().unwrap().to_owned()).collect()
    };
    let failed = ids("failed_checks");
    (ids("passed_checks").difference(&failed).cloned().collect(), failed)
}

fn plan_of(example: &str) -> String {
    let folder = Folder::empty();
    for entry in fs::read_dir(root().join("examples").join(example)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        folder.put(&format!("k8s/{name}"), &fs::read_to_string(&path).unwrap());
    }
    folder.run(&["plan", "k8s", "--output", "terraform"]).exits(0).out
}

#[test]
#[ignore = "installs checkov: cargo test --test checkov -- --ignored"]
fn an_open_load_balancer_is_found() {
    let (_, failed) = checks(&plan_of("eks-workshop"));
    for id in [
        OPEN_TO_EVERYBODY,
        LISTENER_WITHOUT_TLS,
        NO_ACCESS_LOG,
        INVALID_HEADERS,
        NO_DELETION_PROTECTION,
        NO_WEB_ACL,
        PLAIN_TARGETS,
    ] {
        assert!(failed.contains(id), "{id} is not in {failed:?}");
    }
}

#[test]
#[ignore = "installs checkov: cargo test --test checkov -- --ignored"]
fn a_hardened_load_balancer_passes() {
    let (passed, failed) = checks(&plan_of("hardened-alb"));
    for id in [
        OPEN_TO_EVERYBODY,
        LISTENER_WITHOUT_TLS,
        NO_ACCESS_LOG,
        INVALID_HEADERS,
        NO_DELETION_PROTECTION,
        OLD_TLS,
        WEAK_CIPHERS,
        NO_WEB_ACL,
        PLAIN_TARGETS,
    ] {
        assert!(passed.contains(id), "{id} is not in {passed:?}");
    }
    // AWS lets everything out of a new security group, and what stands in a web ACL is not ours.
    let left: Vec<&str> = failed.iter().map(String::as_str).collect();
    assert_eq!(left, ["CKV2_AWS_76", "CKV_AWS_382"]);
}
