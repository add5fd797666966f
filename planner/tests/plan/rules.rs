//! Rules of one load balancer: matched by what they do, moved in one call.

use crate::given::{Given, ingress, services};
use crate::world::World;
use ingc_planner::{Action, Operation};

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
    for (address, resource) in &desired.resources {
        let entry = world.state.get(address);
        let is_nothing = resource.spec_json() == r#"{"TargetGroups":{}}"#;
        assert!(
            is_nothing || entry.is_some_and(|e| e.spec.as_str() == resource.spec_json()),
            "{address}"
        );
    }
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
fn a_removed_rule_is_one_reorder_and_one_deletion() {
    let old = ["x.test/a -> a", "y.test/b -> b", "z.test/c -> c"];
    let new = ["x.test/a -> a", "z.test/c -> c"];
    assert_eq!(calls(&old, &new), ["Reorder Listener/80", "Delete 80:4"]);
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
