//! What answers a host goes when what is to answer it from now on is there, and stays if that is not to be.

use crate::given::{Given, ingress, services};
use crate::world::World;
use ingc_compiler::resource::Kind;
use ingc_planner::{Operation, Plan, Planned, Step};
use std::collections::BTreeSet;

const NAMED: [(&str, &str); 1] = [("load-balancer-name", "prod")];

fn of(ingresses: &[String]) -> String {
    services("shop", &["a"]) + &ingresses.concat()
}

fn one(name: &str, annotations: &[(&str, &str)], rule: &str) -> String {
    ingress(name, annotations, &[rule])
}

fn applied(ingresses: &[String]) -> World {
    let mut world = World::new();
    world.apply(&Given::new(&of(ingresses)).plan(&world.state).plan);
    world
}

fn planned(world: &World, ingresses: &[String]) -> Planned {
    Given::whatever(&of(ingresses), &[], None).plan(&world.state)
}

/// Stacks that stay as they are.
fn frozen(planned: &Planned) -> Vec<&str> {
    planned.plan.frozen.iter().map(|frozen| frozen.stack.as_str()).collect()
}

fn codes(planned: &Planned) -> Vec<&str> {
    planned.diagnostics.iter().map(|finding| finding.code.id).collect()
}

/// All that a step waits for, from near and far.
fn awaited<'p>(plan: &'p Plan, step: &Step) -> Vec<&'p Step> {
    let mut all = BTreeSet::new();
    let mut open = step.needs.clone();
    while let Some(need) = open.pop() {
        if all.insert(need) {
            open.extend(&plan.steps[need as usize].needs);
        }
    }
    all.into_iter().map(|need| &plan.steps[need as usize]).collect()
}

/// The rule of one stack goes only when the rule of another one is there, if it waits for it.
fn check(before: &[String], after: &[String], (from, to): (&str, &str), waits: bool) {
    let world = applied(before);
    let plan = planned(&world, after).plan;
    let gone = plan.steps.iter().find(|step| {
        let goes = matches!(step.operation, Operation::Delete | Operation::GoneWith { .. });
        goes && step.address.stack == from && step.address.kind == Kind::ListenerRule
    });
    let made = |step: &&Step| {
        let makes = matches!(step.operation, Operation::Create { .. });
        makes && step.address.stack == to && step.address.kind == Kind::ListenerRule
    };
    assert!(plan.steps.iter().any(|step| made(&step)));
    assert_eq!(awaited(&plan, gone.unwrap()).iter().any(made), waits);
}

#[test]
fn an_ingress_with_another_name_takes_over_before_the_old_one_goes() {
    let old = one("shop/old", &[], "x.test/ -> a");
    let new = one("shop/new", &[], "x.test/ -> a");
    check(std::slice::from_ref(&old), &[new], ("shop/old", "shop/new"), true);
    let elsewhere = one("shop/new", &[], "y.test/ -> a");
    check(&[old], &[elsewhere], ("shop/old", "shop/new"), false);
}

#[test]
fn a_host_that_moves_is_taken_over_before_its_rule_goes() {
    let both = ingress("shop/old", &[], &["x.test/ -> a", "y.test/ -> a"]);
    let left = one("shop/old", &[], "x.test/ -> a");
    let other = one("shop/new", &[], "z.test/ -> a");
    let more = ingress("shop/new", &[], &["z.test/ -> a", "y.test/ -> a"]);
    check(&[both, other], &[left, more], ("shop/old", "shop/new"), true);
}

#[test]
fn what_answers_for_any_host_is_taken_over_as_well() {
    let any = |name: &str| one(name, &[], "/ -> a").replace("host: \"\"", "host: null");
    check(&[any("shop/old")], &[any("shop/new")], ("shop/old", "shop/new"), true);
}

#[test]
fn an_ingress_whose_new_self_is_refused_stays() {
    let world = applied(&[one("shop/old", &[], "x.test/ -> a")]);
    let broken = |rule: &str| one("shop/new", &[("scheme", "sideways")], rule);
    let stays = planned(&world, &[broken("x.test/ -> a")]);
    assert_eq!(frozen(&stays), ["shop/new", "shop/old"]);
    let reason = &stays.plan.frozen[1].reasons[0];
    assert_eq!(reason, "`shop/new` is to answer for `x.test`, which stays as it is");
    assert!(stays.plan.is_empty());
    // What has nothing to do with it goes.
    let goes = planned(&world, &[broken("y.test/ -> a")]);
    assert_eq!(frozen(&goes), ["shop/new"]);
    assert!(goes.plan.summary.delete > 0);
}

#[test]
fn nobody_holds_up_another_team() {
    let world = applied(&[one("shop/old", &[], "x.test/ -> a")]);
    let broken = one("blog/new", &[("scheme", "sideways")], "x.test/ -> a");
    let planned = planned(&world, &[broken]);
    assert_eq!(frozen(&planned), ["blog/new"]);
    assert!(planned.plan.summary.delete > 0);
}

#[test]
fn what_another_stack_has_answered_all_along_is_nobodys_heritage() {
    let two = |name: &str, annotations: &[(&str, &str)]| one(name, annotations, "x.test/ -> a");
    let world = applied(&[two("shop/old", &[]), two("shop/new", &[])]);
    let planned = planned(&world, &[two("shop/new", &[("scheme", "sideways")])]);
    assert_eq!(frozen(&planned), ["shop/new"]);
    assert!(planned.plan.summary.delete > 0);
}

#[test]
fn a_load_balancer_with_a_fixed_name_is_not_taken_down_for_one_that_cannot_be_made() {
    let world = applied(&[one("shop/old", &NAMED, "x.test/ -> a")]);
    let renamed = planned(&world, &[one("shop/new", &NAMED, "x.test/ -> a")]);
    assert_eq!(codes(&renamed), ["ING1016"]);
    assert_eq!(frozen(&renamed), ["shop/new", "shop/old"]);
    assert!(renamed.plan.is_empty());
    let finding = renamed.diagnostics.iter().next().unwrap();
    assert!(finding.message.contains("`prod`") && finding.span.is_some(), "{finding:?}");
    // The way without a gap, and the one with a gap.
    let other = [("load-balancer-name", "prod-2")];
    let mut without = applied(&[one("shop/old", &NAMED, "x.test/ -> a")]);
    let plan = planned(&without, &[one("shop/new", &other, "x.test/ -> a")]);
    assert!(codes(&plan).is_empty());
    without.apply(&plan.plan);
    let mut with = world;
    let between = [one("shop/always", &[], "w.test/ -> a")];
    with.apply(&planned(&with, &between).plan);
    let plan = planned(&with, &[one("shop/new", &NAMED, "x.test/ -> a")]);
    assert!(codes(&plan).is_empty());
    with.apply(&plan.plan);
}

#[test]
fn a_name_that_comes_free_is_taken_by_the_next_plan() {
    let mut world = applied(&[one("shop/old", &NAMED, "x.test/ -> a")]);
    let after = [one("shop/new", &NAMED, "y.test/ -> a")];
    let first = planned(&world, &after);
    assert_eq!((codes(&first), frozen(&first)), (vec!["ING1016"], vec!["shop/new"]));
    world.apply(&first.plan);
    let second = planned(&world, &after);
    assert!(codes(&second).is_empty());
    world.apply(&second.plan);
}

#[test]
fn two_new_load_balancers_with_one_name_are_both_refused() {
    let world = World::new();
    let both = ["shop/one", "shop/two"].map(|name| one(name, &NAMED, "x.test/ -> a"));
    let planned = planned(&world, &both);
    assert_eq!(codes(&planned), ["ING1016", "ING1016"]);
    assert!(planned.plan.is_empty());
}
