//! The permissions that are computed for a plan are those of the calls that it makes.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[allow(dead_code, reason = "another test uses the rest")]
#[path = "support/account.rs"]
mod account;
#[allow(dead_code, reason = "another test uses the rest")]
#[path = "calls/edits.rs"]
mod edits;
#[path = "permissions/lives.rs"]
mod lives;
#[allow(dead_code, reason = "another test uses the rest")]
#[path = "calls/manifests.rs"]
mod manifests;

use account::{Bench, compile};
use ingc_planner::Plan;
use ingc_planner::iam::{Needs, Place};
use std::collections::BTreeSet;

type Actions = BTreeSet<String>;

/// Carries a plan out, and tells which actions were called and how they differ from those that
/// were computed.
fn called(bench: &mut Bench, plan: &Plan, wrong: &mut Vec<String>, name: &str) -> Actions {
    let computed = Needs::of_plan(plan, &bench.state).calls;
    let computed: Actions = computed.into_iter().map(str::to_owned).collect();
    let called = bench.watched(plan);
    let missing: Vec<_> = called.difference(&computed).collect();
    let spare: Vec<_> = computed.difference(&called).collect();
    if !missing.is_empty() || !spare.is_empty() {
        wrong.push(format!("{name}: missing {missing:?}, spare {spare:?}"));
    }
    called
}

/// One life of manifests after the other: made, changed, deleted.
fn check(lives: &[(String, Vec<String>)]) -> Actions {
    let (mut wrong, mut all) = (Vec::new(), Actions::new());
    for (name, versions) in lives {
        let mut bench = Bench::new(lives::INVENTORY);
        let mut needed = Actions::new();
        let mut life = Actions::new();
        for (number, text) in versions.iter().enumerate() {
            let stacks = compile(text, lives::INVENTORY).stacks;
            let calls = Needs::of_stacks(stacks.values()).calls;
            needed.extend(calls.into_iter().map(str::to_owned));
            let plan = bench.plan(text).unwrap();
            life.extend(called(&mut bench, &plan, &mut wrong, &format!("{name} {number}")));
        }
        let plan = bench.plan_destroy(versions.last().unwrap()).unwrap();
        life.extend(called(&mut bench, &plan, &mut wrong, &format!("{name} destroyed")));
        let missing: Vec<_> = life.difference(&needed).collect();
        if !missing.is_empty() {
            wrong.push(format!("{name}: of the manifests {missing:?} are missing"));
        }
        all.extend(life);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    all
}

fn edited() -> Vec<(String, Vec<String>)> {
    let all = [
        edits::of_rules(),
        edits::of_target_groups(),
        edits::of_load_balancers(),
        edits::of_groups(),
        edits::of_ingresses(),
    ];
    let edits = all.into_iter().flatten();
    edits.map(|edit| (edit.name.to_owned(), vec![edit.before, edit.after])).collect()
}

#[test]
fn a_plan_needs_what_it_calls_and_manifests_need_what_some_plan_of_them_calls() {
    let mut lives = edited();
    lives.extend(lives::all());
    let called = check(&lives);
    let mut needed = Actions::new();
    for (_, versions) in &lives {
        for text in versions {
            let stacks = compile(text, lives::INVENTORY).stacks;
            let calls = Needs::of_stacks(stacks.values()).calls;
            needed.extend(calls.into_iter().map(str::to_owned));
        }
    }
    // The command line asks for stacks that the state does not know before it begins with new ones.
    needed.remove("tag:GetResources");
    let spare: Vec<_> = needed.difference(&called).collect();
    assert_eq!(spare, [""; 0], "no run calls them");
}

#[test]
fn nothing_to_do_needs_nothing() {
    let (_, versions) = lives::all().swap_remove(0);
    let mut bench = Bench::new(lives::INVENTORY);
    let plan = bench.plan(&versions[0]).unwrap();
    bench.watched(&plan);
    let plan = bench.plan(&versions[0]).unwrap();
    assert_eq!(Needs::of_plan(&plan, &bench.state), Needs::default());
    assert_eq!(bench.watched(&plan), Actions::new());
}

#[test]
fn the_document_of_a_life_names_the_cluster_and_is_small_enough_for_iam() {
    let place = Place {
        cluster: "fleet".to_owned(),
        partition: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
        account: "123456789012".to_owned(),
        vpc_id: "vpc-0a1b2c3d4e5f60718".to_owned(),
        state: Some(("states".to_owned(), "fleet/".to_owned())),
    };
    for (name, versions) in lives::all() {
        let stacks = compile(&versions[0], lives::INVENTORY).stacks;
        let document = Needs::of_stacks(stacks.values()).document(&place);
        let text = document.value().to_string();
        assert!(text.len() < 6144, "{name}: {}", text.len());
        assert!(text.contains(r#"{"aws:ResourceTag/elbv2.k8s.aws/cluster":"fleet"}"#));
        assert!(text.contains("arn:aws:s3:::states/fleet/*"));
    }
}
