//! Any manifests to any others: plans converge, and an interrupted one is finished by the next.

use crate::given::{Given, PROGRAM, all, ingress, services};
use crate::traffic::{way, way_in};
use crate::world::{World, in_turns};
use ingc_planner::state::Secrets;
use ingc_planner::{Options, Phase, Recalled, Shard, StackState};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// An Ingress of a generated cluster.
#[derive(Clone, Debug)]
struct Team {
    name: &'static str,
    group: bool,
    annotations: Vec<(&'static str, &'static str)>,
    rules: Vec<String>,
}

const ASKED: [(i64, &str, &str); 8] = [
    (80, "x.test", "/a"),
    (80, "x.test", "/b"),
    (80, "x.test", "/q"),
    (80, "y.test", "/a"),
    (80, "y.test", "/q"),
    (80, "z.test", "/"),
    (8080, "x.test", "/a"),
    (8080, "y.test", "/q"),
];

fn annotations() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let choices = vec![
        ("target-type", "ip"),
        ("healthcheck-path", "/ok"),
        ("target-group-attributes", "slow_start.duration_seconds=60"),
        ("backend-protocol-version", "HTTP2"),
    ];
    prop::sample::subsequence(choices, 0..3)
}

/// Annotations that all members of a group must agree on.
fn shared() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let choices = vec![
        ("scheme", "internet-facing"),
        ("listen-ports", r#"[{"HTTP":80},{"HTTP":8080}]"#),
        ("inbound-cidrs", "10.0.0.0/8"),
        ("tags", "team=shop,stage=prod"),
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=90"),
        ("ip-address-type", "dualstack"),
    ];
    prop::sample::subsequence(choices, 0..3)
}

fn team(name: &'static str) -> impl Strategy<Value = Option<Team>> {
    let host = prop::sample::select(vec!["x.test", "y.test", "z.test"]);
    let path = prop::sample::select(vec!["/a", "/b", "/"]);
    let service = prop::sample::select(vec!["a", "b", "c"]);
    let rule = (host, path, service).prop_map(|(h, p, s)| format!("{h}{p} -> {s}"));
    let rules = prop::collection::vec(rule, 1..5);
    let team = (any::<bool>(), annotations(), rules)
        .prop_map(move |(group, annotations, rules)| Team { name, group, annotations, rules });
    prop::option::weighted(0.8, team)
}

/// The manifests of a cluster with up to three Ingresses, and always one more.
fn manifests() -> impl Strategy<Value = String> {
    (team("shop/one"), team("shop/two"), team("shop/three"), shared()).prop_map(
        |(one, two, three, shared)| {
            let mut text = services("shop", &["a", "b", "c"]);
            text += &ingress("shop/always", &[], &["w.test/ -> a"]);
            for team in [one, two, three].into_iter().flatten() {
                let mut annotations = team.annotations.clone();
                annotations.extend(shared.iter().copied());
                if team.group {
                    annotations.push(("group.name", "edge"));
                }
                let rules: Vec<&str> = team.rules.iter().map(String::as_str).collect();
                text += &ingress(team.name, &annotations, &rules);
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_change_converges_and_no_request_feels_it((before, after) in (manifests(), manifests())) {
        let way = way(&before, &after, &ASKED);
        prop_assert_eq!(way.wrong, Vec::<String>::new());
        let first = way.plan.steps.iter().position(|step| {
            matches!(
                step.operation,
                ingc_planner::Operation::Delete | ingc_planner::Operation::DeleteDeposed { .. }
            )
        });
        let behind = first.map_or(&[][..], |first| &way.plan.steps[first..]);
        let makes = |step: &&ingc_planner::Step| {
            matches!(step.operation, ingc_planner::Operation::Create { .. })
        };
        prop_assert_eq!(behind.iter().filter(makes).count(), 0, "deletions come last");
    }

    #[test]
    fn no_request_feels_it_if_stacks_take_turns(
        (before, after) in (manifests(), manifests()),
        turns in any::<u64>(),
    ) {
        let way = way_in(&before, &after, &ASKED, |plan| in_turns(plan, turns));
        prop_assert_eq!(way.wrong, Vec::<String>::new());
    }

    #[test]
    fn an_interrupted_plan_is_finished_by_the_next(
        (before, after) in (manifests(), manifests()),
        stop in any::<prop::sample::Index>(),
    ) {
        let (before, after) = (Given::new(&before), Given::new(&after));
        let mut world = World::new();
        world.apply(&before.plan(&world.state).plan);
        let plan = after.plan(&world.state).plan;
        let done = if plan.steps.is_empty() { 0 } else { stop.index(plan.steps.len()) };
        world.apply_some(&plan, done, &mut |_, _| {});
        let rest = after.plan(&world.state).plan;
        world.apply(&rest);
        prop_assert_eq!(after.plan(&world.state).plan.steps, vec![]);
        let mut fresh = World::new();
        fresh.apply(&after.plan(&fresh.state).plan);
        let kinds = |world: &World| {
            let mut kinds: Vec<_> = world.objects.values().map(|object| object.kind).collect();
            kinds.sort();
            kinds
        };
        prop_assert_eq!(kinds(&world), kinds(&fresh), "nothing is left over");
    }

    #[test]
    fn what_is_known_makes_no_difference((before, after) in (manifests(), manifests())) {
        let before = Given::new(&before);
        let mut world = World::new();
        world.apply(&before.plan(&world.state).plan);
        world.settle(&before);
        let known = world.state.known(PROGRAM);
        let whole = Given::new(&after).plan(&world.state);
        let partly = Given::knowing(&known, &after, &[], None);
        prop_assert!(partly.compilation.unchanged.contains("shop/always"));
        let unchanged = partly.compilation.unchanged.iter();
        prop_assert!(unchanged.clone().all(|name| !whole.plan.stacks.contains_key(name)));
        prop_assert_eq!(partly.plan(&world.state).plan, whole.plan);
    }

    #[test]
    fn the_way_back_ends_where_it_began((before, after) in (manifests(), manifests())) {
        let (before, after) = (Given::new(&before), Given::new(&after));
        let mut world = World::new();
        world.apply(&before.plan(&world.state).plan);
        let then = world.state.stacks.clone();
        world.apply(&after.plan(&world.state).plan);
        let names = then.keys().chain(world.state.stacks.keys());
        let stacks: BTreeMap<String, Option<StackState>> =
            names.map(|name| (name.clone(), then.get(name).cloned())).collect();
        let recalled = Recalled::new(&stacks, &Secrets::new()).unwrap();
        let desired = recalled.desired(&before.settings.cluster_name, &before.settings.region);
        let back = ingc_planner::plan(desired, &world.state, &all());
        prop_assert_eq!(back.diagnostics.iter().count(), 0);
        prop_assert_eq!((back.plan.kept.len(), back.plan.frozen.len()), (0, 0));
        world.apply(&back.plan);
        prop_assert_eq!(ingc_planner::plan(desired, &world.state, &all()).plan.steps, vec![]);
        prop_assert_eq!(before.plan(&world.state).plan.steps, vec![]);
        prop_assert!(!world.state.stacks.values().any(|stack| stack.unfinished));
    }

    #[test]
    fn two_phases_are_one_plan((before, after) in (manifests(), manifests())) {
        let (before, after) = (Given::new(&before), Given::new(&after));
        let mut world = World::new();
        world.apply(&before.plan(&world.state).plan);
        let mut whole = world.clone();
        let phase = |phase| Options { phase: Some(phase), ..all() };
        let all_at_once = after.plan(&world.state).plan;
        whole.apply(&all_at_once);

        let then = world.objects.clone();
        let prepare = after.plan_with(&world.state, &phase(Phase::Prepare)).plan;
        let made = prepare.steps.iter().map(|step| (step.address.clone(), step.operation.clone()));
        let made: Vec<_> = made.collect();
        let rest = all_at_once.steps.iter().filter(|step| {
            !made.contains(&(step.address.clone(), step.operation.clone()))
        });
        prop_assert_eq!(rest.count() + made.len(), all_at_once.steps.len());
        if !made.is_empty() {
            let early = after.plan_with(&world.state, &phase(Phase::Cutover));
            prop_assert!(early.plan.steps.is_empty());
            prop_assert_eq!(early.diagnostics.iter().next().unwrap().code.id, "ING1012");
        }
        world.apply(&prepare);
        // Whatever there was is as it was.
        prop_assert!(then.iter().all(|(id, object)| world.objects.get(id) == Some(object)));
        prop_assert_eq!(
            after.plan_with(&world.state, &phase(Phase::Prepare)).plan.steps, vec![]
        );
        let cutover = after.plan_with(&world.state, &phase(Phase::Cutover));
        prop_assert!(!cutover.diagnostics.has_errors());
        for step in &cutover.plan.steps {
            let groups = &step.awaits_targets;
            prop_assert!(groups.iter().all(|group| world.state.get(group).is_some()));
        }
        world.apply(&cutover.plan);
        prop_assert_eq!(after.plan(&world.state).plan.steps, vec![]);
        let kinds = |world: &World| {
            let mut kinds: Vec<_> = world.objects.values().map(|object| object.kind).collect();
            kinds.sort();
            kinds
        };
        prop_assert_eq!(kinds(&world), kinds(&whole));
        prop_assert!(!world.state.stacks.values().any(|stack| stack.unfinished));
    }

    #[test]
    fn shards_together_do_what_one_run_does((before, after) in (manifests(), manifests())) {
        let (before, after) = (Given::new(&before), Given::new(&after));
        let mut world = World::new();
        world.apply(&before.plan(&world.state).plan);
        for shard in ["1/3", "2/3", "3/3"] {
            let shard = Shard::parse(shard).unwrap();
            let options = Options { shard: Some(shard), ..all() };
            let planned = after.plan_with(&world.state, &options);
            prop_assert_eq!(planned.diagnostics.iter().count(), 0);
            prop_assert!(planned.plan.frozen.is_empty() && planned.plan.kept.is_empty());
            let mut then = world.clone();
            then.apply(&planned.plan);
            // Nobody's rules go before somebody else has them.
            for member in after.compilation.stacks.values().flat_map(|stack| &stack.members) {
                let held = |world: &World| {
                    let mut stacks = world.state.stacks.values();
                    stacks.any(|stack| stack.members.contains_key(&member.ingress))
                };
                prop_assert!(!held(&world) || held(&then), "{}", member.ingress);
            }
            world = then;
        }
        prop_assert_eq!(after.plan(&world.state).plan.steps, vec![]);
    }
}
