//! Plans of stacks that are known to be in order say what plans say that find it out.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use serde_json::Value;
use std::fs;

const MANIFEST: &str = "k8s/alb-ing-01.yaml";
const STATE: &str = "k8s/ingc.state.json";
const STACK: &str = "alb-ing-01/alb-ing-01";

fn apply(folder: &Folder) {
    let sandbox = ["--sandbox", "account.json", "--auto-approve"];
    folder.run(&[&["apply", "k8s"][..], &sandbox].concat()).exits(0);
}

fn plan(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&["plan", "k8s", "--no-refresh", "--detailed-exitcode"], more].concat())
}

/// What is recorded of the stack.
fn settled(folder: &Folder) -> Value {
    let state: Value = serde_json::from_slice(&fs::read(folder.path(STATE)).unwrap()).unwrap();
    state["stacks"][STACK]["settled"].clone()
}

/// Plans twice: trusting what is known, and finding all out as for a plan that is saved.
fn check(folder: &Folder, code: i32) -> String {
    let quick = plan(folder, &[]).exits(code);
    let whole = plan(folder, &["--out", "saved.plan"]).exits(code);
    let saved = "The plan is saved: `ingc apply saved.plan` carries it out.\n";
    let said = |run: &Run| run.err.replace(saved, "");
    assert_eq!(quick.out, whole.out);
    assert_eq!(said(&quick), said(&whole));
    let json =
        |more: &[&str]| plan(folder, &[&["--output", "json"], more].concat()).exits(code).out;
    assert_eq!(json(&[]), json(&["--out", "saved.plan"]));
    quick.out
}

#[test]
fn a_stack_in_order_is_noted_when_it_is_applied() {
    let folder = Folder::workshop();
    apply(&folder);
    let first = settled(&folder);
    assert_eq!(first["input"]["services"].as_array().unwrap().len(), 1, "{first}");
    check(&folder, 0);
    folder.edit(MANIFEST, "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    let text = check(&folder, 2);
    assert!(text.contains("intervalSeconds: 15 → 30"), "{text}");
    apply(&folder);
    assert_ne!(settled(&folder), first);
    check(&folder, 0);
    // Applied once more there is nothing to write.
    let before = folder.files();
    apply(&folder);
    assert!(before == folder.files());
}

#[test]
fn whatever_else_decides_is_seen() {
    let folder = Folder::workshop();
    apply(&folder);
    let files = folder.files();
    let seen = |name: &str, from: &str, to: &str, code: i32, text: &str| {
        folder.edit(name, from, to);
        let said = check(&folder, code);
        assert!(said.contains(text), "{text} is not in {said}");
        for (name, text) in &files {
            fs::write(folder.path(name), text).unwrap();
        }
    };
    seen("k8s/ingc.yaml", "clusterName", "defaultTags: {team: shop}\nclusterName", 2, "team");
    seen(MANIFEST, "nodePort: 30081", "nodePort: 30082", 2, "30082");
    let group = "annotations:\n    alb.ingress.kubernetes.io/group.name: edge\n";
    seen(MANIFEST, "annotations:\n", group, 2, "edge");
    // Somebody has opened the state in an editor.
    seen(STATE, "\"intervalSeconds\":15", "\"intervalSeconds\":16", 2, "16 → 15");
    seen(STATE, "\"serial\": ", "\"serial\": 1", 0, "No changes");
}

#[test]
fn a_phase_that_waits_for_the_other_settles_nothing() {
    let folder = Folder::workshop();
    let prepare = ["apply", "k8s", "--phase", "prepare", "--sandbox", "account.json"];
    folder.run(&[&prepare[..], &["--auto-approve"]].concat()).exits(0);
    assert_eq!(settled(&folder), Value::Null);
}
