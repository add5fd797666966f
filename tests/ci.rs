//! `examples/ci` and `.pre-commit-hooks.yaml`: their scripts, run as the services run them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join(name)).unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

/// A checkout with manifests, and programs that note what they are called with.
struct Checkout(tempfile::TempDir);

impl Checkout {
    fn new() -> Checkout {
        let checkout = Checkout(tempfile::tempdir().unwrap());
        for name in ["ingc.yaml", "inventory.yaml", "alb-ing-01.yaml"] {
            fs::copy(root().join("examples/eks-workshop").join(name), checkout.path(name)).unwrap();
        }
        for program in ["gh", "curl"] {
            let path = checkout.path(&format!("bin/{program}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, format!("#!/bin/sh\necho {program} \"$@\" >> \"$CALLS\"\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.read("alb-ing-01.yaml");
        assert!(text.contains(from));
        fs::write(self.path("alb-ing-01.yaml"), text.replace(from, to)).unwrap();
    }

    fn bash(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let binaries = Path::new(env!("CARGO_BIN_EXE_ingc")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", self.path("bin").display(), binaries.display());
        Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", path)
            .env("CALLS", self.path("calls"))
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

/// Runs the action's steps as far as they succeed or are told to run all the same.
fn action(checkout: &Checkout, golden: &str) -> bool {
    let action = &yaml("examples/ci/github/action.yml")[0];
    let files = ["GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]
        .map(|name| (name, checkout.path(name).to_str().unwrap().to_owned()));
    let temporary = checkout.0.path().to_str().unwrap();
    let mut good = true;
    for step in action["runs"]["steps"].as_array().unwrap() {
        if !good && step["if"].is_null() {
            continue;
        }
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an expression in a script can be a script: {script}");
        let mut variables = vec![("RUNNER_TEMP", temporary), ("GITHUB_REPOSITORY", "o/r")];
        variables.extend(files.iter().map(|(name, path)| (*name, path.as_str())));
        variables.extend([("PATHS", ""), ("GOLDEN", golden), ("SARIF", "ingc.sarif")]);
        variables.extend([("PLAN_ARGS", ""), ("NUMBER", "7"), ("GH_TOKEN", "t")]);
        if let Some(env) = step["env"].as_object() {
            let known = |name: &String| variables.iter().any(|(known, _)| known == name);
            assert!(env.keys().all(known), "{env:?}");
        }
        let output = checkout.bash(script, &variables);
        good &= output.status.success();
    }
    good
}

#[test]
fn the_action_comments_and_holds_review_files() {
    let checkout = Checkout::new();
    assert!(checkout.bash("ingc compile --write golden", &[]).status.success());
    assert!(action(&checkout, "golden"));
    assert_eq!(checkout.read("GITHUB_OUTPUT"), "changes=true\n");
    assert!(checkout.read("GITHUB_STEP_SUMMARY").contains("to create"));
    let comment = checkout.read("calls");
    assert!(comment.starts_with("gh pr comment 7 --repo o/r --body-file "), "{comment}");
    let log: Value = serde_json::from_str(&checkout.read("ingc.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));

    checkout.edit("interval-seconds: \"15\"", "interval-seconds: \"30\"");
    assert!(!action(&checkout, "golden"), "the review files are out of date");
    assert!(action(&checkout, ""));
}

#[test]
fn the_action_fails_for_a_mistake_and_says_so_on_its_line() {
    let checkout = Checkout::new();
    checkout.edit("scheme: internet-facing", "scheme: internet-faced");
    assert!(!action(&checkout, ""));
    assert!(checkout.read("ingc.sarif").contains("ING0401"));
}

#[test]
fn the_gitlab_job_leaves_a_report_and_a_note() {
    let documents = yaml("examples/ci/gitlab/ingc.yml");
    let inputs = documents[0]["spec"]["inputs"].as_object().unwrap();
    let job = &documents[1]["ingc"];
    let used = job.to_string();
    for name in inputs.keys() {
        assert!(used.contains(&format!("$[[ inputs.{name} ]]")), "{name} is not used");
    }
    let script: Vec<&str> =
        job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let script = script.join("\n");
    let checkout = Checkout::new();
    assert!(checkout.bash(&script, &[]).status.success());
    assert_eq!(checkout.read("ingc-findings.json"), "[]\n");
    assert!(
        checkout.read("ingc-plan.md").contains("to create") && checkout.read("calls").is_empty()
    );
    let variables = [
        ("INGC_TOKEN", "t"),
        ("CI_API_V4_URL", "https://gitlab/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("GOLDEN", "golden"),
    ];
    let output = checkout.bash(&script, &variables);
    assert!(!output.status.success(), "there are no review files");
    assert!(checkout.bash(&script, &variables[..4]).status.success());
    let calls = checkout.read("calls");
    assert!(calls.contains("https://gitlab/api/v4/projects/3/merge_requests/7/notes"), "{calls}");
    checkout.edit("scheme: internet-facing", "scheme: internet-faced");
    assert!(!checkout.bash(&script, &[]).status.success());
    assert!(checkout.read("ingc-findings.json").contains("ING0401"));
}

#[test]
fn hooks_do_what_pre_commit_expects() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let checkout = Checkout::new();
    let run = |id: &str, arguments: &str| {
        let hook = hooks[0].as_array().unwrap().iter().find(|hook| hook["id"] == id).unwrap();
        assert_eq!(
            (hook["pass_filenames"].as_bool(), hook["language"].as_str()),
            (Some(false), Some("rust"))
        );
        let entry = hook["entry"].as_str().unwrap();
        checkout.bash(&format!("{entry} {arguments}"), &[]).status.success()
    };
    assert!(run("ingc-compile", "") && run("ingc-review", "golden"));
    assert!(checkout.path("golden/alb-ing-01/alb-ing-01.yaml").exists());
    checkout.edit("scheme: internet-facing", "scheme: internet-faced");
    assert!(!run("ingc-compile", "") && !run("ingc-review", "golden"));
}

#[test]
fn the_workflow_uses_the_actions_own_inputs() {
    let action = &yaml("examples/ci/github/action.yml")[0];
    let workflow = &yaml("examples/ci/github/pull-request.yaml")[0];
    let steps = workflow["jobs"]["plan"]["steps"].as_array().unwrap();
    let ours = steps.iter().find(|step| step["uses"].as_str().unwrap().contains("/ingc/")).unwrap();
    assert!(ours["uses"].as_str().unwrap().contains("/examples/ci/github@"));
    for name in ours["with"].as_object().unwrap().keys() {
        assert!(action["inputs"][name].is_object(), "{name}");
    }
    let upload = steps.last().unwrap();
    assert_eq!(upload["with"]["sarif_file"], action["inputs"]["sarif"]["default"]);
}
