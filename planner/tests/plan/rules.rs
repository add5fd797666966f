//! Rules of one load balancer: matched by what they do, moved in one call.

use crate::given::{Given, ingress, services};
use crate::world::World;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::{Action, Operation, Options};
use serde_json::Value;

/// A rule's number, and the rule without it.
fn numbered(spec: &str) -> (i64, String) {
    let mut spec: Value = serde_json::from_str(spec).unwrap();
    let number = spec["priority"].take().as_i64().unwrap();
    (number, spec.to_string())
}

/// What is done to get from one list of rules to another, apart from target groups and bindings.
fn calls(before: &[&str], after: &[&str]) -> Vec<String> {
    let names = ["a", "b", "c", "d"];
    let given =
        |rules: &[&str]| Given::new(&(services("shop", &names) + &ingress("shop/web", &[], rules)));
    let mut world = World::new();
    let (before, after) = (given(before), given(after));
    world.apply(&before.plan(&world.state).plan);
    let plan = after.plan(&world.state).plan;
    world.apply(&plan);
    assert_eq!(after.plan(&world.state).plan.steps, []);
    let desired = &after.compilation.stacks["shop/web"];
    let rules = |texts: Vec<String>| -> Vec<String> {
        let mut rules: Vec<(i64, String)> = texts.iter().map(|text| numbered(text)).collect();
        rules.sort();
        rules.into_iter().map(|(_, rule)| rule).collect()
    };
    let of_kind = |address: &Address| address.kind == Kind::ListenerRule;
    let wanted = desired.resources.iter().filter(|(address, _)| of_kind(address));
    let recorded = world.state.stacks["shop/web"].resources.iter();
    let recorded = recorded.filter(|(local, _)| local.contains("ListenerRule"));
    assert_eq!(
        rules(recorded.map(|(_, entry)| entry.spec.as_str().to_owned()).collect()),
        rules(wanted.map(|(_, resource)| resource.spec_json()).collect()),
    );
    let quiet = |call: &String| !call.contains("TargetGroup");
    let calls: Vec<String> = world.calls.iter().filter(|call| quiet(call)).cloned().collect();
    calls.iter().map(|call| call.replace("ListenerRule/", "")).collect()
}

#[test]
fn a_path_at_the_end_is_one_call() {
    let old = ["x.test/a -> a", "x.test/b -> b"];
    let new = ["x.test/a -> a", "x.test/b -> b", "y.test/c -> c"];
    assert_eq!(calls(&old, &new), ["Create 80:3"]);
}

#[test]
fn a_path_at_the_top_is_one_rule_and_one_reorder() {
    let old = ["x.test/a -> a", "x.test/b -> b"];
    let new = ["y.test/c -> c", "x.test/a -> a", "x.test/b -> b"];
    assert_eq!(calls(&old, &new), ["Create 80:4", "Reorder Listener/80"]);
}

#[test]
fn two_swapped_rules_are_one_reorder() {
    let old = ["x.test/a -> a", "y.test/b -> b"];
    let new = ["y.test/b -> b", "x.test/a -> a"];
    assert_eq!(calls(&old, &new), ["Reorder Listener/80"]);
}

#[test]
fn a_removed_rule_leaves_a_gap_that_the_next_one_fills() {
    let old = ["x.test/a -> a", "y.test/b -> b", "z.test/c -> c"];
    let new = ["x.test/a -> a", "z.test/c -> c"];
    assert_eq!(calls(&old, &new), ["Delete 80:2"]);
}

#[test]
fn gaps_are_filled_and_closed_with_the_next_reorder_or_on_demand() {
    let given = |rules: &[&str]| {
        Given::new(&(services("shop", &["a", "b", "c"]) + &ingress("shop/web", &[], rules)))
    };
    let (a, b, c) = ("x.test/a -> a", "y.test/b -> b", "z.test/c -> c");
    let mut world = World::new();
    world.apply(&given(&[a, b, c]).plan(&world.state).plan);
    let gap = given(&[a, c]);
    world.apply(&gap.plan(&world.state).plan);
    let rules = |world: &World| -> Vec<String> {
        let stack = &world.state.stacks["shop/web"].resources;
        let rules = stack.keys().filter_map(|local| Some(local.rsplit_once("Rule/")?.1.to_owned()));
        rules.collect()
    };
    assert_eq!(rules(&world), ["80:1", "80:3"]);

    let mut filled = world.clone();
    filled.apply(&given(&[a, b, c]).plan(&filled.state).plan);
    assert_eq!(rules(&filled), ["80:1", "80:2", "80:3"]);

    let mut turned = world.clone();
    turned.apply(&given(&[c, a]).plan(&turned.state).plan);
    assert_eq!(rules(&turned), ["80:1", "80:2"]);

    let options = Options { close_gaps: true, ..Options::default() };
    world.apply(&gap.plan_with(&world.state, &options).plan);
    assert_eq!(rules(&world), ["80:1", "80:2"]);
    assert_eq!(gap.plan_with(&world.state, &options).plan.steps, []);
}

/// Rules keep the tag that they were made with while they move. For the controller, which knows them by
/// it, each gets the tag of its place, and only then the state knows of no other.
#[test]
fn a_hand_over_renews_the_tags_of_moved_rules() {
    let rules = ["x.test/a -> a", "y.test/b -> b", "z.test/c -> c"];
    let given = |rules: &[&str]| {
        Given::new(&(services("shop", &["a", "b", "c"]) + &ingress("shop/web", &[], rules)))
    };
    let [a, b, c] = rules;
    let mut world = World::new();
    world.apply(&given(&[b, c]).plan(&world.state).plan);
    let all = given(&[a, b, c]);
    world.apply(&all.plan(&world.state).plan);
    let tagged = |world: &World| -> Vec<String> {
        let entries = world.state.stacks["shop/web"].resources.values();
        entries.filter_map(|entry| entry.tagged.clone()).collect()
    };
    assert_eq!(tagged(&world), ["80:1", "80:2"]);
    let options = Options { hand_over: true, ..Options::default() };
    let plan = all.plan_with(&world.state, &options).plan;
    let fields: Vec<&str> =
        plan.changes.iter().flat_map(|it| &it.fields).map(|it| it.path.as_str()).collect();
    assert_eq!(fields, ["tags[ingress.k8s.aws/resource]"; 2]);
    world.apply(&plan);
    assert_eq!(world.calls, ["Modify ListenerRule/80:2", "Modify ListenerRule/80:3"]);
    assert_eq!(tagged(&world), [""; 0]);
    assert!(all.plan_with(&world.state, &options).plan.is_empty());

    // Moved and tagged in one plan, and parked numbers closed.
    world.apply(&given(&[b, c]).plan(&world.state).plan);
    world.apply(&given(&[b, c]).plan_with(&world.state, &options).plan);
    assert_eq!(tagged(&world), [""; 0]);
}

#[test]
fn another_backend_is_one_update() {
    let old = ["x.test/a -> a", "y.test/b -> b"];
    let new = ["x.test/a -> a", "y.test/b -> c"];
    assert_eq!(calls(&old, &new), ["Modify 80:2"]);
}

#[test]
fn the_last_rule_goes_alone() {
    assert_eq!(calls(&["x.test/a -> a", "y.test/b -> b"], &["x.test/a -> a"]), ["Delete 80:2"]);
}

#[test]
fn a_moved_rule_is_a_reorder_and_names_where_it_was() {
    let before = Given::new(
        &(services("shop", &["a", "b"])
            + &ingress("shop/web", &[], &["x.test/a -> a", "y.test/b -> b"])),
    );
    let after = Given::new(
        &(services("shop", &["a", "b"])
            + &ingress("shop/web", &[], &["y.test/b -> b", "x.test/a -> a"])),
    );
    let mut world = World::new();
    world.apply(&before.plan(&world.state).plan);
    let plan = after.plan(&world.state).plan;
    let moved: Vec<_> = plan.changes.iter().map(|change| change.action).collect();
    assert_eq!(moved, [Action::Reorder, Action::Reorder]);
    assert_eq!(plan.changes[0].previous_address.as_ref().unwrap().id, "80:2");
    assert_eq!(plan.summary.reorder, 2);
    assert!(
        matches!(&plan.steps[..], [step] if matches!(step.operation, Operation::Reorder { .. }))
    );
}
