//! Runs of the real program in two phases: pods are registered before requests are led to them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use serde_json::Value;
use std::fs;

fn apply(folder: &Folder, arguments: &[&str]) -> Run {
    let base = ["apply", "k8s", "--sandbox", "account.json", "--auto-approve"];
    folder.run(&[&base, arguments].concat())
}

/// The simulated account, as its file has it.
fn account(folder: &Folder) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.path("account.json")).unwrap()).unwrap()
}

/// Puts an account that somebody has changed in the place of the file.
fn put_account(folder: &Folder, account: &Value) {
    folder.put("account.json", &serde_json::to_string_pretty(account).unwrap());
}

#[test]
fn a_cutover_follows_what_was_prepared() {
    let folder = Folder::workshop();
    apply(&folder, &[]).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: instance", "target-type: ip");
    let rules = account(&folder)["rules"].clone();
    let early = apply(&folder, &["--phase", "cutover"]).exits(1);
    assert!(early.err.contains("error[ING1012]"), "{}", early.err);

    let out = apply(&folder, &["--phase", "prepare", "--manifests-out", "bindings"]).exits(0);
    assert!(out.err.contains("2 TargetGroupBindings in `bindings`"), "{}", out.err);
    assert_eq!(account(&folder)["rules"], rules);
    assert_eq!(account(&folder)["targetGroups"].as_object().unwrap().len(), 2);
    let plan = ["plan", "k8s", "--sandbox", "account.json", "--detailed-exitcode"];
    folder.run(&[&plan[..], &["--phase", "prepare"]].concat()).exits(0);
    folder.run(&plan).exits(2);

    let out = apply(&folder, &["--phase", "cutover", "--manifests-out", "bindings"]).exits(0);
    assert!(out.err.contains("1 TargetGroupBinding in `bindings`, and 1 removed"), "{}", out.err);
    assert_ne!(account(&folder)["rules"], rules);
    folder.run(&plan).exits(0);
}

#[test]
fn no_rule_is_moved_to_a_target_group_without_targets() {
    let folder = Folder::workshop();
    apply(&folder, &[]).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: instance", "target-type: ip");
    apply(&folder, &["--phase", "prepare"]).exits(0);
    // Nobody has applied the new binding to the cluster.
    let mut unbound = account(&folder);
    let bindings = unbound["targetGroupBindings"].as_object_mut().unwrap();
    bindings.retain(|_, binding| binding["spec"]["targetType"] != "ip");
    put_account(&folder, &unbound);
    let before = account(&folder);
    let cutover = ["--phase", "cutover", "--no-refresh"];
    let stopped = apply(&folder, &cutover).exits(1);
    assert!(stopped.err.contains("error[ING1112]"), "{}", stopped.err);
    assert!(stopped.err.contains("--wait-healthy 0s"), "{}", stopped.err);
    assert_eq!(account(&folder)["rules"], before["rules"]);
    apply(&folder, &[&cutover[..], &["--wait-healthy", "0s"]].concat()).exits(0);
    assert_ne!(account(&folder)["rules"], before["rules"]);
}

#[test]
fn bindings_are_manifests_that_name_target_groups_by_arn() {
    let folder = Folder::workshop();
    folder.put("bindings/own.yaml", "kind: ConfigMap\n");
    apply(&folder, &["--manifests-out", "bindings"]).exits(0);
    let files = fs::read_dir(folder.path("bindings/alb-ing-01")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let text = fs::read_to_string(&files[0]).unwrap();
    let arn = account(&folder)["targetGroups"].as_object().unwrap().keys().next().unwrap().clone();
    assert!(text.contains(&format!("targetGroupARN: {arn}\n")), "{text}");
    assert!(text.contains("groupID: sg-"), "{text}");
    assert!(!text.contains("ingress.k8s.aws/"), "the controller would take it for its own: {text}");
    let destroyed = [
        "destroy",
        "k8s",
        "--sandbox",
        "account.json",
        "--auto-approve",
        "--manifests-out",
        "bindings",
    ];
    folder.run(&destroyed).exits(0);
    assert!(!files[0].exists());
    assert!(folder.path("bindings/own.yaml").exists());
}

#[test]
fn a_way_back_leads_to_before_both_phases() {
    let folder = Folder::workshop();
    apply(&folder, &[]).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: instance", "target-type: ip");
    apply(&folder, &["--phase", "prepare"]).exits(0);
    apply(&folder, &["--phase", "cutover"]).exits(0);
    let back = ["rollback", "--config", "k8s/ingc.yaml", "--sandbox", "account.json"];
    folder.run(&[&back[..], &["--auto-approve"]].concat()).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: ip", "target-type: instance");
    folder.run(&["plan", "k8s", "--sandbox", "account.json", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_saved_plan_is_of_one_phase() {
    let folder = Folder::workshop();
    let base = ["plan", "k8s", "--sandbox", "account.json"];
    folder.run(&[&base[..], &["--phase", "prepare", "--out", "first.plan"]].concat()).exits(0);
    let apply = ["apply", "first.plan", "--sandbox", "account.json"];
    folder.run(&[&apply[..], &["--phase", "cutover"]].concat()).exits(1).says("error[ING1211]");
    folder.run(&apply).exits(0);
    assert_eq!(account(&folder)["loadBalancers"], serde_json::json!({}));
    assert_eq!(account(&folder)["targetGroups"].as_object().unwrap().len(), 1);
}
