//! Every edit is carried out in the fewest calls that can do it.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "support/account.rs"]
mod account;
#[path = "calls/edits.rs"]
mod edits;
#[path = "calls/manifests.rs"]
mod manifests;

use account::Bench;
use edits::Edit;
use ingc_applier::Service;
use std::collections::BTreeMap;
use std::sync::Mutex;

fn check(edits: Vec<Edit>) {
    let mut wrong = Vec::new();
    for edit in edits {
        let mut bench = Bench::new(manifests::INVENTORY);
        let first = bench.plan(&edit.before).unwrap();
        bench.apply(&first, |_, _| {});
        let plan = bench.plan(&edit.after).unwrap();
        let counted: Mutex<BTreeMap<&str, usize>> = Mutex::default();
        bench.apply(&plan, |_, call| {
            if call.service != Service::Kubernetes {
                *counted.lock().unwrap().entry(call.action).or_default() += 1;
            }
        });
        let expected = edit.calls.into_iter().collect::<BTreeMap<_, _>>();
        let counted = counted.into_inner().unwrap();
        if counted != expected {
            wrong.push(format!("{}: {counted:?}, expected {expected:?}", edit.name));
        }
        let again = bench.plan(&edit.after).unwrap();
        if !again.is_empty() {
            wrong.push(format!("{}: something is left to do: {:?}", edit.name, again.steps));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn edits_of_rules() {
    check(edits::of_rules());
}

#[test]
fn edits_of_target_groups() {
    check(edits::of_target_groups());
}

#[test]
fn edits_of_load_balancers() {
    check(edits::of_load_balancers());
}

#[test]
fn edits_of_groups() {
    check(edits::of_groups());
}

#[test]
fn edits_of_ingresses() {
    check(edits::of_ingresses());
}
