//! What a run may delete, and what it leaves alone.

use crate::given::{Given, all, ingress, services};
use crate::world::World;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_planner::{Destroy, Options, Scope};

fn applied(manifests: &str) -> World {
    let mut world = World::new();
    world.apply(&Given::new(manifests).plan(&world.state).plan);
    world
}

fn one() -> String {
    ingress("shop/one", &[], &["x.test/ -> a"])
}

fn grouped(name: &str, host: &str) -> String {
    ingress(name, &[("group.name", "edge")], &[&format!("{host}/ -> a")])
}

fn base() -> String {
    services("shop", &["a"])
}

fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|finding| finding.code.id).collect()
}

fn in_scope(scope: Scope) -> Options<'static> {
    Options { scope, ..all() }
}

#[test]
fn absence_is_no_deletion_outside_the_scope() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let given = Given::new(&(base() + &one()));
    let planned = given.plan_with(&world.state, &in_scope(Scope::Named));
    assert!(planned.plan.is_empty() && planned.diagnostics.is_empty());
    assert_eq!(planned.plan.kept[0].stack, "shop/two");
    assert_eq!(planned.plan.kept[0].members, ["shop/two"]);
    let deletes =
        |options: &Options<'_>| given.plan_with(&world.state, options).plan.summary.delete;
    assert!(deletes(&Options { prune: true, ..in_scope(Scope::Named) }) > 0);
    assert!(deletes(&in_scope(Scope::Cluster)) > 0);
    let of = |namespaces: &[&str], groups: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        in_scope(Scope::Of { namespaces: owned(namespaces), groups: owned(groups) })
    };
    assert!(deletes(&of(&["shop"], &[])) > 0);
    assert!(deletes(&of(&[], &["shop/two"])) > 0);
    assert_eq!(deletes(&of(&["other"], &["edge"])), 0);
}

#[test]
fn a_group_with_members_that_are_not_given_is_refused_by_name() {
    let world =
        applied(&(base() + &grouped("shop/one", "x.test") + &grouped("shop/two", "y.test")));
    let given = Given::new(&(base() + &grouped("shop/one", "x.test")));
    let planned = given.plan_with(&world.state, &in_scope(Scope::Named));
    assert!(planned.plan.is_empty());
    assert_eq!(codes(&planned.diagnostics), ["ING1002"]);
    let finding = planned.diagnostics.iter().next().unwrap();
    assert_eq!(finding.message, "`shop/two` of group `edge` is not given");
    assert!(finding.hint.as_ref().unwrap().contains("--prune"));
    assert_eq!(planned.plan.frozen[0].stack, "edge");
    let pruned = given.plan_with(&world.state, &Options { prune: true, ..in_scope(Scope::Named) });
    assert_eq!(pruned.plan.summary.delete, 3, "its rule, target group and binding");
}

#[test]
fn an_ingress_that_is_being_deleted_is_not_absent() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let leaving = ingress("shop/two", &[], &["y.test/ -> a"]).replace(
        "  namespace: shop\n",
        "  namespace: shop\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n  finalizers: [ingress.k8s.aws/resources]\n",
    );
    let given = Given::new(&(base() + &one() + &leaving));
    let planned = given.plan_with(&world.state, &in_scope(Scope::Named));
    assert!(planned.plan.summary.delete > 0);
    assert_eq!(planned.plan.changes[0].reasons[0].text, "Ingress `shop/two` is being deleted");
}

#[test]
fn a_refused_group_is_frozen_and_the_others_go_on() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let broken = ingress("shop/two", &[("scheme", "sideways")], &["z.test/ -> a"]);
    let changed = ingress("shop/one", &[], &["w.test/ -> a"]);
    let given = Given::whatever(&(base() + &changed + &broken), &[], None);
    let planned = given.plan(&world.state);
    assert_eq!(planned.plan.frozen[0].stack, "shop/two");
    assert!(planned.plan.frozen[0].reasons[0].contains("sideways"));
    assert!(planned.plan.changes.iter().all(|change| change.address.stack == "shop/one"));
    assert!(!planned.plan.is_empty());
}

#[test]
fn what_cannot_be_read_hides_nothing() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let given = Given::whatever(&(base() + &one() + "{ not: yaml\n"), &[], None);
    assert!(given.compilation.incomplete);
    let planned = given.plan(&world.state);
    assert!(planned.plan.is_empty());
    assert_eq!(codes(&planned.diagnostics), ["ING1011"]);
}

#[test]
fn no_ingress_at_all_is_an_error() {
    let world = applied(&(base() + &one()));
    let planned = Given::new(&base()).plan(&world.state);
    assert!(planned.plan.is_empty());
    assert_eq!(codes(&planned.diagnostics), ["ING1001"]);
}

#[test]
fn destroy_takes_the_scope_or_what_the_manifests_name() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let given = Given::new(&(base() + &one()));
    let named = Options { destroy: Some(Destroy::Desired), ..in_scope(Scope::Named) };
    let planned = given.plan_with(&world.state, &named);
    assert!(planned.plan.changes.iter().all(|change| change.address.stack == "shop/one"));
    assert_eq!(planned.plan.guards, [], "who destroys has been told to");
    let nothing = Given::new(&base());
    let all = Options { destroy: Some(Destroy::Scope), ..in_scope(Scope::Cluster) };
    let planned = nothing.plan_with(&world.state, &all);
    let last = &planned.plan.steps.last().unwrap().address;
    assert_eq!(last.stack, "_cluster", "what all share goes last");
    let mut world = world;
    world.apply(&planned.plan);
    assert!(world.objects.is_empty() && world.state.is_empty());
}

#[test]
fn the_shared_security_group_stays_while_a_recorded_stack_uses_it() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let given = Given::new(&(base() + &one()));
    let named = Options { destroy: Some(Destroy::Desired), ..in_scope(Scope::Named) };
    let planned = given.plan_with(&world.state, &named);
    assert!(planned.plan.steps.iter().all(|step| step.address.stack != "_cluster"));
}

#[test]
fn deletion_protection_stops_deletions_and_replacements_with_the_steps_that_lift_it() {
    let on = ("load-balancer-attributes", "deletion_protection.enabled=true");
    let other = ingress("shop/other", &[], &["y.test/ -> a"]);
    let world = applied(
        &(base() + &other + &ingress("shop/one", &[on, ("scheme", "internal")], &["x.test/ -> a"])),
    );
    let replaced = ingress("shop/one", &[("scheme", "internet-facing")], &["x.test/ -> a"]);
    for manifests in [base() + &other + &replaced, base() + &other] {
        let planned = Given::new(&manifests).plan(&world.state);
        assert_eq!(codes(&planned.diagnostics), ["ING1003"]);
        assert!(planned.plan.is_empty());
        assert_eq!(planned.plan.frozen[0].stack, "shop/one");
    }
    let lifted = ingress("shop/one", &[("scheme", "internal")], &["x.test/ -> a"]);
    let planned = Given::new(&(base() + &other + &lifted)).plan(&world.state);
    assert!(planned.diagnostics.is_empty());
    assert!(planned.plan.security.iter().any(|note| note.text.contains("no longer protected")));
}

#[test]
fn protected_patterns_hold_whatever_the_manifests_say() {
    let world = applied(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let options = Options { protect: vec!["shop/t*".to_owned()], ..in_scope(Scope::Cluster) };
    let planned = Given::new(&(base() + &one())).plan_with(&world.state, &options);
    assert!(codes(&planned.diagnostics).iter().all(|code| *code == "ING1004"));
    assert!(planned.plan.is_empty() && planned.diagnostics.has_errors());
}

#[test]
fn deletions_need_to_be_allowed() {
    let world = applied(
        &(base()
            + &grouped("shop/one", "x.test")
            + &ingress(
                "shop/two",
                &[("group.name", "edge")],
                &[
                    "a.test/ -> a",
                    "b.test/ -> a",
                    "c.test/ -> a",
                    "d.test/ -> a",
                    "e.test/ -> a",
                    "f.test/ -> a",
                    "g.test/ -> a",
                    "h.test/ -> a",
                    "i.test/ -> a",
                ],
            )),
    );
    let planned = Given::new(&(base() + &grouped("shop/one", "x.test"))).plan(&world.state);
    assert_eq!(planned.plan.guards.len(), 1);
    assert_eq!(planned.plan.guards[0].kind.flag(), "--allow-delete");
}

#[test]
fn targets_take_what_they_need_and_nothing_else() {
    let given = Given::new(&(base() + &one() + &ingress("shop/two", &[], &["y.test/ -> a"])));
    let mut world = World::new();
    let targets = vec!["shop/one/ListenerRule/80:1".to_owned()];
    let options = Options { targets, ..all() };
    let planned = given.plan_with(&world.state, &options);
    assert!(
        planned.plan.changes.iter().all(|c| matches!(&*c.address.stack, "shop/one" | "_cluster"))
    );
    world.apply(&planned.plan);
    let options = Options { targets: vec!["shop/three".to_owned()], ..all() };
    assert_eq!(codes(&given.plan_with(&world.state, &options).diagnostics), ["ING1010"]);
    world.apply(&given.plan(&world.state).plan);
    assert!(given.plan(&world.state).plan.is_empty());
}

#[test]
fn a_name_that_cannot_stand_twice_stops_a_replacement() {
    let named = |scheme: &str| {
        ingress(
            "shop/one",
            &[("load-balancer-name", "front"), ("scheme", scheme)],
            &["x.test/ -> a"],
        )
    };
    let world = applied(&(base() + &named("internal")));
    let planned = Given::new(&(base() + &named("internet-facing"))).plan(&world.state);
    assert_eq!(codes(&planned.diagnostics), ["ING1006"]);
}

#[test]
fn an_ingress_that_the_controller_holds_is_not_begun_with() {
    let held = one().replace(
        "  namespace: shop\n",
        "  namespace: shop\n  finalizers: [ingress.k8s.aws/resources]\n",
    );
    let given = Given::new(&(base() + &held));
    let world = World::new();
    let options = Options { refuse_held: true, ..all() };
    let planned = given.plan_with(&world.state, &options);
    assert_eq!(codes(&planned.diagnostics), ["ING1007"]);
    let known = applied(&(base() + &held));
    assert!(given.plan_with(&known.state, &options).diagnostics.is_empty());
}

#[test]
fn an_ingress_that_moves_to_a_refused_group_keeps_its_load_balancer() {
    let world = applied(&(base() + &one() + &grouped("shop/two", "y.test")));
    let broken = [("group.name", "edge"), ("scheme", "sideways")];
    let moved = ingress("shop/one", &[("group.name", "edge")], &["x.test/ -> a"])
        + &ingress("shop/two", &broken, &["y.test/ -> a"]);
    let planned = Given::whatever(&(base() + &moved), &[], None).plan(&world.state);
    assert!(planned.plan.is_empty(), "{:#?}", planned.plan.steps);
    let frozen: Vec<_> = planned.plan.frozen.iter().map(|f| f.stack.as_str()).collect();
    assert_eq!(frozen, ["edge", "shop/one"]);
}

#[test]
fn a_replaced_load_balancer_may_stay_until_the_next_plan() {
    let scheme = |scheme: &str| ingress("shop/one", &[("scheme", scheme)], &["x.test/ -> a"]);
    let mut world = applied(&(base() + &scheme("internal")));
    let after = Given::new(&(base() + &scheme("internet-facing")));
    let options = Options { keep_replaced: true, ..all() };
    world.apply(&after.plan_with(&world.state, &options).plan);
    assert!(!world.calls.iter().any(|call| call.starts_with("Delete")));
    let rest = after.plan_with(&world.state, &options).plan;
    world.apply(&rest);
    assert!(world.calls.iter().all(|call| call.starts_with("Delete")));
    assert!(after.plan_with(&world.state, &options).plan.is_empty());
}

#[test]
fn a_plan_that_is_only_shown_lacks_the_origins_of_new_stacks_alone() {
    let world = applied(&(base() + &one()));
    let more = ingress("shop/one", &[], &["x.test/ -> a", "y.test/ -> a"]);
    let given = Given::new(&(base() + &more + &ingress("shop/two", &[], &["z.test/ -> a"])));
    let full = given.plan(&world.state).plan;
    assert!(full.changes.iter().all(|change| !change.origins.is_empty()));
    let options = Options { only_shown: true, ..all() };
    let mut shown = given.plan_with(&world.state, &options).plan;
    for (shown, full) in shown.changes.iter_mut().zip(&full.changes) {
        assert_eq!(shown.origins.is_empty(), shown.address.stack == "shop/two");
        shown.origins.clone_from(&full.origins);
    }
    assert_eq!(shown, full);
}
