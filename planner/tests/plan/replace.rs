//! Replacements: the new one is made first, everything is led to it, the old one goes last.

use crate::given::{Given, all, ingress, services};
use crate::traffic::way;
use crate::world::World;
use ingc_planner::plan::ImpactLevel;
use ingc_planner::{Action, Operation, Options};

const RULES: [&str; 3] = ["x.test/a -> a", "x.test/b -> b", "x.test/ -> c"];
const ASKED: [(i64, &str, &str); 4] =
    [(80, "x.test", "/a"), (80, "x.test", "/b/1"), (80, "x.test", "/z"), (80, "y.test", "/")];

fn web(annotations: &[(&str, &str)], rules: &[&str]) -> String {
    services("shop", &["a", "b", "c"]) + &ingress("shop/web", annotations, rules)
}

#[test]
fn another_scheme_makes_a_load_balancer_beside_the_old_one() {
    let way = way(
        &web(&[("scheme", "internal")], &RULES),
        &web(&[("scheme", "internet-facing")], &RULES),
        &ASKED,
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    // The old one goes when the new one has everything, and takes listener and rules along.
    let gone = way.at("Delete LoadBalancer");
    assert_eq!(way.at("Create LoadBalancer").max(gone), gone);
    assert!(way.calls[..gone].iter().all(|call| !call.starts_with("Delete")), "{:#?}", way.calls);
    assert_eq!(way.count("Create TargetGroup/"), 3);
    assert_eq!(way.count("Create TargetGroupBinding/"), 3);
    assert_eq!(way.count("Delete Listener"), 0);
    assert!(way.calls[gone + 1..].iter().all(|call| call.starts_with("Delete TargetGroup")));
    let balancer = way.plan.changes.iter().find(|c| c.address.id == "LoadBalancer").unwrap();
    assert_eq!(balancer.action, Action::Replace);
    assert_eq!(balancer.impact.level, ImpactLevel::NewDnsName);
    assert!(balancer.fields.iter().any(|f| f.path == "scheme" && f.forces_replacement));
    assert!(balancer.reasons.iter().any(|r| r.source == "scheme" && r.position.is_some()));
    assert!(way.plan.security.iter().any(|note| note.weaker && note.text.contains("internet")));
    assert_eq!(way.plan.guards, [], "a replacement is no deletion");
    let drained = way
        .plan
        .steps
        .iter()
        .filter(|step| matches!(step.operation, Operation::DeleteDeposed { drain: true, .. }));
    assert_eq!(drained.count(), 1);
}

#[test]
fn another_target_type_makes_target_groups_and_bindings_anew() {
    let way = way(
        &web(&[("target-type", "instance")], &RULES),
        &web(&[("target-type", "ip")], &RULES),
        &ASKED,
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    let verbs: Vec<&str> = way.calls.iter().map(|call| call.split('/').next().unwrap()).collect();
    assert_eq!(
        verbs,
        [
            ["Create TargetGroup"; 3].as_slice(),
            &["Create TargetGroupBinding"; 3],
            &["Modify ListenerRule"; 3],
            &["Delete TargetGroupBinding"; 3],
            &["Delete TargetGroup"; 3],
        ]
        .concat()
    );
    let repointed = way.plan.steps.iter().filter(
        |step| matches!(&step.operation, Operation::Repoint { fields } if fields == &["actions"]),
    );
    assert!(repointed.clone().all(|step| step.awaits_targets.len() == 1));
    assert_eq!(repointed.count(), 3);
    assert_eq!((way.plan.summary.replace, way.plan.summary.update), (6, 3));
}

#[test]
fn another_protocol_version_replaces_one_target_group() {
    let way = way(&web(&[], &RULES), &web(&[("backend-protocol-version", "HTTP2")], &RULES), &[]);
    assert_eq!(way.wrong, Vec::<String>::new());
    assert_eq!(way.plan.summary.replace, 6);
}

#[test]
fn a_replaced_target_group_gets_a_name_of_its_own_and_so_does_its_binding() {
    let way = way(
        &web(&[("target-type", "instance")], &["x.test/a -> a"]),
        &web(&[("target-type", "ip")], &["x.test/a -> a"]),
        &ASKED[..1],
    );
    let stack = &way.world.state.stacks["shop/web"];
    let name = |prefix: &str, pointer: &str| {
        let (_, entry) = stack.resources.iter().find(|(l, _)| l.starts_with(prefix)).unwrap();
        entry.spec.value().pointer(pointer).unwrap().clone()
    };
    let group = name("AWS::ElasticLoadBalancingV2::TargetGroup/", "/name");
    assert_eq!(group, name("K8S::", "/template/metadata/name"));
}

#[test]
fn a_replacement_that_was_interrupted_can_be_taken_back() {
    let given = |scheme| Given::new(&web(&[("scheme", scheme)], &RULES));
    let (before, after) = (given("internal"), given("internet-facing"));
    let mut start = World::new();
    start.apply(&before.plan(&start.state).plan);
    let steps = after.plan(&start.state).plan.steps.len();
    for done in 0..steps {
        let mut world = start.clone();
        let plan = after.plan(&world.state).plan;
        world.apply_some(&plan, done, &mut |_, _| {});
        for round in 0.. {
            assert!(round < 3, "after {done} steps it does not come to an end");
            let live = world.refresh();
            let back = before.plan_with(&world.state, &Options { live: Some(&live), ..all() });
            assert!(!back.diagnostics.has_errors(), "after {done}: {:?}", back.diagnostics);
            if back.plan.is_empty() {
                break;
            }
            world.apply(&back.plan);
        }
        assert_eq!(world.objects.len(), start.objects.len(), "after {done} steps");
    }
}
