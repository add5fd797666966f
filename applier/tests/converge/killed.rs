//! Processes that are killed in the middle of an apply, with their files as they leave them.

use crate::edits::{BASE, compile};
use crate::world::{plan_in, wait};
use ingc_applier::{Facts, Run, Sandbox, StateFile, apply, refresh};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

const FOLDER: &str = "INGC_TEST_KILLED_IN";

/// What a killed process does: plans what is left and applies it.
#[test]
#[ignore = "it is run by the test below, in a process of its own"]
fn child() {
    let folder = std::env::var(FOLDER).unwrap();
    let folder = Path::new(&folder);
    let (compiled, inventory) = compile(BASE);
    let sandbox = Sandbox::open(&folder.join("aws.json"), &inventory).unwrap();
    let (mut store, mut state) =
        StateFile::open(&folder.join("state.json"), "eksworkshop", false).unwrap();
    state.check().unwrap();
    let live = wait(refresh(&sandbox, &state, |_| true)).unwrap();
    let plan = plan_in(&compiled, &state, Some(&live)).plan;
    let run = Run {
        account: &sandbox,
        store: &mut store,
        secrets: &Default::default(),
        desired: None,
        facts: Facts { vpc_id: inventory.vpc.vpc_id.clone(), ..Facts::default() },
        cancelled: &AtomicBool::new(false),
        observer: &mut |_| {},
    };
    let report = wait(apply(run, &plan, &mut state)).unwrap();
    assert!(report.is_complete(), "{:?}", report.errors);
    store.close(&state).unwrap();
}

#[test]
fn processes_that_are_killed_again_and_again_come_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let aws = folder.path().join("aws.json");
    let (compiled, inventory) = compile(BASE);
    drop(Sandbox::open(&aws, &inventory).unwrap());
    let mut killed = 0;
    loop {
        // One of the first mutating calls of each process takes effect and is its last. It cannot
        // always be the first one: that may be the one that finds what was made already.
        let mut account: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&aws).unwrap()).unwrap();
        account["faults"] =
            serde_json::json!([{"action": "*", "when": "kill", "skip": killed % 3}]);
        fs::write(&aws, account.to_string()).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--ignored"])
            .env(FOLDER, folder.path())
            .output()
            .unwrap();
        if child.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(!said.contains("panicked"), "after {killed} kills: {said}");
        killed += 1;
        assert!(killed < 100, "it does not come to an end");
    }
    let state = StateFile::read(&folder.path().join("state.json"), "eksworkshop").unwrap();
    let account = fs::read_to_string(&aws).unwrap();
    let account: serde_json::Value = serde_json::from_str(&account).unwrap();
    let count = |kind: &str| account[kind].as_object().unwrap().len();
    let recorded = |kind: &str| {
        let all = state.stacks.values().flat_map(|stack| stack.resources.keys());
        all.filter(|local| local.split('/').next() == Some(kind)).count()
    };
    let elb = "AWS::ElasticLoadBalancingV2";
    for (kind, local, others) in [
        ("loadBalancers", format!("{elb}::LoadBalancer"), 0),
        ("listeners", format!("{elb}::Listener"), 0),
        ("rules", format!("{elb}::ListenerRule"), 0),
        ("targetGroups", format!("{elb}::TargetGroup"), inventory.target_groups.len()),
        ("securityGroups", "AWS::EC2::SecurityGroup".to_owned(), inventory.security_groups.len()),
    ] {
        assert_eq!(count(kind), recorded(&local) + others, "{kind}");
        assert!(recorded(&local) > 0, "{kind}");
    }
    assert!(killed > 10, "{killed}");
    let sandbox = Sandbox::open(&aws, &inventory).unwrap();
    let live = wait(refresh(&sandbox, &state, |_| true)).unwrap();
    assert!(plan_in(&compiled, &state, Some(&live)).plan.is_empty());
}
