//! Applied, live and desired: drift is told from intent, and lost objects are made again.

use crate::given::{Given, all, ingress, services};
use crate::world::World;
use ingc_compiler::diagnostic::Severity;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::live::Stray;
use ingc_planner::state::SpecText;
use ingc_planner::{Action, Destroy, Live, LiveObject, LiveRule, Operation, Options};
use serde_json::{Value, json};

fn manifests(annotations: &[(&str, &str)], rules: &[&str]) -> Given {
    Given::new(&(services("shop", &["a", "b"]) + &ingress("shop/web", annotations, rules)))
}

fn applied(given: &Given) -> World {
    let mut world = World::new();
    world.apply(&given.plan(&world.state).plan);
    world
}

fn at(kind: Kind, id: &str) -> Address {
    Address::new("shop/web", kind, id)
}

/// Changes what AWS has behind the state's back.
fn meddle(world: &mut World, address: &Address, change: impl FnOnce(&mut Value)) {
    let id = world.id(address);
    change(&mut world.objects.get_mut(&id).unwrap().spec);
}

fn refreshed<'l>(live: &'l Live) -> Options<'l> {
    Options { live: Some(live), ..all() }
}

#[test]
fn what_somebody_else_changed_is_told_and_taken_back() {
    let given = manifests(&[("healthcheck-path", "/ok")], &["x.test/ -> a"]);
    let mut world = applied(&given);
    let group = at(Kind::TargetGroup, "shop/web-a:80");
    meddle(&mut world, &group, |spec| spec["healthCheckConfig"]["path"] = json!("/bad"));
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    let drift = &plan.drift[0].fields[0];
    assert_eq!(
        (drift.path.as_str(), &drift.before, &drift.after),
        ("healthCheckConfig.path", &Some(json!("/ok")), &Some(json!("/bad")))
    );
    let field = &plan.changes[0].fields[0];
    assert!(field.drifted);
    assert_eq!((&field.before, &field.after), (&Some(json!("/bad")), &Some(json!("/ok"))));
    assert_eq!(plan.changes[0].reasons[0].text, "somebody else changed it since it was applied");
    world.apply(&plan);
    let live = world.refresh();
    assert!(given.plan_with(&world.state, &refreshed(&live)).plan.is_empty());
}

#[test]
fn what_nobody_speaks_of_is_left_alone_and_an_open_door_is_not() {
    let given =
        manifests(&[("inbound-cidrs", "10.0.0.0/8"), ("tags", "team=web")], &["x.test/ -> a"]);
    let mut world = applied(&given);
    let balancer = at(Kind::LoadBalancer, "LoadBalancer");
    meddle(&mut world, &balancer, |spec| {
        spec["loadBalancerAttributes"] =
            json!([{"key": "idle_timeout.timeout_seconds", "value": "60"}]);
        spec["tags"]["cost"] = json!("x");
    });
    let live = world.refresh();
    assert!(given.plan_with(&world.state, &refreshed(&live)).plan.is_empty());
    let group = at(Kind::SecurityGroup, "ManagedLBSecurityGroup");
    meddle(&mut world, &group, |spec| {
        let open = json!({"fromPort": 80, "ipProtocol": "tcp", "toPort": 80, "ipRanges": [{"cidrIP": "0.0.0.0/0"}]});
        spec["ingress"].as_array_mut().unwrap().push(open);
    });
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    assert_eq!(plan.changes[0].fields[0].path, "ingress[tcp 80 from 0.0.0.0/0]");
    assert!(plan.changes[0].fields[0].after.is_none());
}

#[test]
fn permissions_that_aws_has_joined_are_the_same() {
    let given = manifests(&[("inbound-cidrs", "10.0.0.0/8,192.0.2.0/24")], &["x.test/ -> a"]);
    let mut world = applied(&given);
    let group = at(Kind::SecurityGroup, "ManagedLBSecurityGroup");
    meddle(&mut world, &group, |spec| {
        spec["ingress"] = json!([{"fromPort": 80, "ipProtocol": "tcp", "toPort": 80,
            "ipRanges": [{"cidrIP": "192.0.2.0/24"}, {"cidrIP": "10.0.0.0/8"}]}]);
    });
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    assert_eq!((plan.changes, plan.drift), (vec![], vec![]));
}

#[test]
fn a_lost_target_group_is_made_again_and_its_users_are_led_to_it() {
    let given = manifests(&[], &["x.test/ -> a", "y.test/ -> b"]);
    let mut world = applied(&given);
    let rule = at(Kind::ListenerRule, "80:1");
    let group = at(Kind::TargetGroup, "shop/web-a:80");
    // Somebody pointed the rule elsewhere, then deleted the target group.
    let other = world.id(&at(Kind::TargetGroup, "shop/web-b:80"));
    meddle(&mut world, &rule, |spec| {
        spec["actions"][0]["forwardConfig"]["targetGroups"][0]["targetGroupARN"] = json!(other);
    });
    let lost = world.id(&group);
    world.objects.remove(&lost);
    let binding = world.id(&at(Kind::TargetGroupBinding, "shop/web-a:80"));
    world.objects.remove(&binding);
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    let actions: Vec<_> = plan.changes.iter().map(|c| (c.address.kind, c.action)).collect();
    assert_eq!(
        actions,
        [
            (Kind::ListenerRule, Action::Update),
            (Kind::TargetGroup, Action::Create),
            (Kind::TargetGroupBinding, Action::Create),
        ]
    );
    assert!(plan.drift.iter().any(|drift| drift.gone && drift.address == group));
    world.apply(&plan);
    let live = world.refresh();
    assert!(given.plan_with(&world.state, &refreshed(&live)).plan.is_empty());
}

#[test]
fn rules_moved_by_hand_are_moved_back_in_one_call() {
    let given = manifests(&[], &["x.test/ -> a", "y.test/ -> b"]);
    let mut world = applied(&given);
    meddle(&mut world, &at(Kind::ListenerRule, "80:1"), |spec| spec["priority"] = json!(3));
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    assert!(
        matches!(&plan.steps[..], [step] if matches!(step.operation, Operation::Reorder { .. }))
    );
    world.apply(&plan);
    let live = world.refresh();
    assert!(given.plan_with(&world.state, &refreshed(&live)).plan.is_empty());
}

#[test]
fn a_lost_rule_is_made_again() {
    let given = manifests(&[], &["x.test/ -> a", "y.test/ -> b"]);
    let mut world = applied(&given);
    let lost = world.id(&at(Kind::ListenerRule, "80:1"));
    world.objects.remove(&lost);
    let live = world.refresh();
    let plan = given.plan_with(&world.state, &refreshed(&live)).plan;
    let made = plan.changes.iter().find(|change| change.action == Action::Create).unwrap();
    assert_eq!(made.reasons[0].text, "it no longer exists, and somebody else deleted it");
    world.apply(&plan);
    let live = world.refresh();
    assert!(given.plan_with(&world.state, &refreshed(&live)).plan.is_empty());
}

#[test]
fn a_rule_of_somebody_else_is_not_run_over() {
    let before = manifests(&[], &["x.test/ -> a"]);
    let after = manifests(&[], &["x.test/ -> a", "y.test/ -> b"]);
    let world = applied(&before);
    let mut live = world.refresh();
    let rule = |priority: i32| LiveRule {
        arn: "arn:rule".to_owned(),
        spec: SpecText::new(format!(r#"{{"actions":[],"conditions":[],"priority":{priority}}}"#)),
        ours: false,
        tagged: None,
    };
    let listener = at(Kind::Listener, "80");
    live.rules.insert(listener.clone(), vec![rule(2)]);
    let planned = after.plan_with(&world.state, &refreshed(&live));
    assert!(planned.diagnostics.is_empty());
    let made: Vec<&str> = planned.plan.changes.iter().map(|c| c.address.id.as_str()).collect();
    assert!(made.contains(&"80:3") && !made.contains(&"80:2"), "{made:?}");
    let options = Options { close_gaps: true, ..refreshed(&live) };
    let planned = after.plan_with(&world.state, &options);
    assert!(planned.plan.is_empty() && planned.diagnostics.has_errors());
    live.rules.insert(listener, vec![rule(20)]);
    let planned = after.plan_with(&world.state, &refreshed(&live));
    assert!(!planned.plan.is_empty() && planned.diagnostics.is_empty());
}

/// Holds that target group `b` is replaced along with its load balancer, when something is known of
/// its use by nothing but what AWS has: what a refresh has read is changed, and so is the record.
#[track_caller]
fn follows(how: &str, change: impl FnOnce(&mut World, &mut Live)) {
    let rules = ["x.test/ -> a", "y.test/ -> b"];
    let given = manifests(&[("scheme", "internal")], &rules);
    let mut world = applied(&given);
    let mut live = world.refresh();
    change(&mut world, &mut live);
    let after = manifests(&[("scheme", "internet-facing")], &rules);
    let plan = after.plan_with(&world.state, &refreshed(&live)).plan;
    let group = at(Kind::TargetGroup, "shop/web-b:80");
    let change = plan.changes.iter().find(|change| change.address == group);
    assert_eq!(change.map(|change| change.action), Some(Action::Replace), "{how}");
}

#[test]
fn a_target_group_follows_its_load_balancer_whoever_has_attached_it() {
    let unrecorded = |world: &mut World, live: &mut Live, ours: bool| {
        let rule = at(Kind::ListenerRule, "80:2");
        world.state.stacks.get_mut("shop/web").unwrap().resources.remove(&rule.local()).unwrap();
        let object: LiveObject = live.objects.remove(&rule).flatten().unwrap();
        let arn = object.outputs.get("ruleARN").unwrap().to_owned();
        let rule = LiveRule { arn, spec: object.spec, ours, tagged: None };
        live.rules.insert(at(Kind::Listener, "80"), vec![rule]);
    };
    follows("a run that could not record it", |world, live| unrecorded(world, live, true));
    follows("somebody else", |world, live| unrecorded(world, live, false));
    follows("a listener that is not recorded", |world, live| {
        let resources = &mut world.state.stacks.get_mut("shop/web").unwrap().resources;
        for (kind, id) in
            [(Kind::ListenerRule, "80:1"), (Kind::ListenerRule, "80:2"), (Kind::Listener, "80")]
        {
            resources.remove(&at(kind, id).local()).unwrap();
            let object = live.objects.remove(&at(kind, id)).flatten().unwrap();
            live.strays.push(Stray { address: at(kind, id), object });
        }
    });
    follows("a rule changed by hand", |world, live| {
        let b = world.id(&at(Kind::TargetGroup, "shop/web-b:80"));
        let resources = &mut world.state.stacks.get_mut("shop/web").unwrap().resources;
        resources.remove(&at(Kind::ListenerRule, "80:2").local()).unwrap();
        live.objects.remove(&at(Kind::ListenerRule, "80:2"));
        let rule = live.objects.get_mut(&at(Kind::ListenerRule, "80:1")).unwrap();
        let rule = rule.as_mut().unwrap();
        let a = world.id(&at(Kind::TargetGroup, "shop/web-a:80"));
        rule.spec = SpecText::new(rule.spec.as_str().replace(&a, &b));
    });
}

#[test]
fn a_rule_that_was_made_is_not_taken_for_the_lost_one_that_is_recorded_under_its_number() {
    let given = manifests(&[], &["x.test/ -> a", "y.test/ -> b", "z.test/ -> b"]);
    let mut world = applied(&given);
    let mut live = world.refresh();
    // The listener was made again after somebody deleted it, and so were its rules; the last one was
    // not recorded any more, and so its number is that of a rule of the lost listener.
    let (rule, listener) = (at(Kind::ListenerRule, "80:3"), at(Kind::Listener, "80"));
    let object: LiveObject = live.objects.insert(rule.clone(), None).flatten().unwrap();
    let arn = object.outputs.get("ruleARN").unwrap().to_owned();
    let stack = world.state.stacks.get_mut("shop/web").unwrap();
    let recorded = stack.resources.get_mut(&rule.local()).unwrap();
    recorded.outputs = [("ruleARN", "arn:lost-rule")].into_iter().collect();
    recorded.depends_on.insert(listener.local(), "arn:lost-listener");
    let made = LiveRule { arn, spec: object.spec, ours: true, tagged: None };
    live.rules.insert(listener, vec![made]);
    // All numbers change, and that rule is one of those that go.
    let after = ["n.test/ -> b", "x.test/ -> a", "m.test/ -> a", "l.test/ -> b", "y.test/ -> b"];
    let after = manifests(&[], &after);
    let plan = after.plan_with(&world.state, &refreshed(&live)).plan;
    let taken_up = plan.steps.iter().find(|s| matches!(s.operation, Operation::Import { .. }));
    let taken_up = &taken_up.unwrap().address;
    assert_ne!(*taken_up, rule, "the lost one's record would be overwritten");
    let moves = plan.steps.iter().find_map(|step| match &step.operation {
        Operation::Reorder { moves } => Some(moves),
        _ => None,
    });
    let leaves = moves.unwrap().iter().find(|it| it.from == *taken_up).unwrap();
    let goes = |step: &&ingc_planner::Step| {
        step.address == leaves.to && matches!(step.operation, Operation::Delete)
    };
    assert_eq!(plan.steps.iter().filter(goes).count(), 1, "{:#?}", plan.steps);
}

#[test]
fn what_an_interrupted_run_has_left_is_looked_for_or_said_to_be_unknown() {
    let given = manifests(&[], &["x.test/ -> a"]);
    let mut world = applied(&given);
    let edited = manifests(&[("healthcheck-path", "/ok")], &["x.test/ -> a"]);
    let found = |world: &World, options: &Options<'_>| {
        let planned = edited.plan_with(&world.state, options);
        let found =
            planned.diagnostics.iter().map(|it| (it.code.id, it.severity)).collect::<Vec<_>>();
        (found, planned.plan.is_empty())
    };
    assert_eq!(found(&world, &all()), (vec![], false));
    world.state.stacks.get_mut("shop/web").unwrap().unfinished = true;
    assert_eq!(found(&world, &all()), (vec![("ING1014", Severity::Warning)], false));
    let carried_out = Options { refuse_unfinished: true, ..all() };
    assert_eq!(found(&world, &carried_out), (vec![("ING1014", Severity::Error)], true));
    let live = world.refresh();
    let looked = Options { live: Some(&live), ..carried_out };
    assert_eq!(found(&world, &looked), (vec![], false));
}

#[test]
fn an_object_with_the_tags_of_another_owner_is_never_changed_or_deleted() {
    let given = manifests(&[], &["x.test/ -> a"]);
    let world = applied(&given);
    let edited = manifests(&[("healthcheck-path", "/ok")], &["x.test/ -> a"]);
    let group = at(Kind::TargetGroup, "shop/web-a:80");
    let check = |tags: &[(&str, &str)], expected: &[&str]| {
        let mut live = world.refresh();
        let object = live.objects.get_mut(&group).unwrap().as_mut().unwrap();
        object.tracking = Some(tags.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect());
        for destroy in [None, Some(Destroy::Scope)] {
            let planned = edited.plan_with(&world.state, &Options { destroy, ..refreshed(&live) });
            let codes: Vec<_> = planned.diagnostics.iter().map(|it| it.code.id).collect();
            assert_eq!(codes, expected, "{tags:?}");
            let touched = planned.plan.steps.iter().any(|step| step.address.stack == "shop/web");
            assert_eq!(touched, expected.is_empty(), "{tags:?}");
        }
    };
    let (cluster, stack) = ("elbv2.k8s.aws/cluster", "ingress.k8s.aws/stack");
    check(&[(cluster, "eksworkshop"), (stack, "shop/web")], &[]);
    // Tags that somebody took away are put back.
    check(&[], &[]);
    check(&[(cluster, "another"), (stack, "shop/web")], &["ING1015"]);
    check(&[(cluster, "eksworkshop"), (stack, "shop/other")], &["ING1015"]);
}

#[test]
fn refresh_only_says_what_has_drifted_and_lets_go_of_what_is_gone() {
    let given = manifests(&[], &["x.test/ -> a", "y.test/ -> b"]);
    let mut world = applied(&given);
    let lost = world.id(&at(Kind::ListenerRule, "80:1"));
    world.objects.remove(&lost);
    let live = world.refresh();
    let options = Options { refresh_only: true, ..refreshed(&live) };
    let plan = given.plan_with(&world.state, &options).plan;
    assert_eq!(plan.drift.len(), 1);
    assert!(plan.steps.iter().all(|s| matches!(s.operation, Operation::Forget { .. })));
}

#[test]
fn a_lost_state_is_rebuilt_from_what_aws_has() {
    let given = manifests(
        &[(
            "wafv2-acl-arn",
            "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge/11111111-2222-3333-4444-555555555555",
        )],
        &["x.test/ -> a", "y.test/ -> b"],
    );
    let mut world = applied(&given);
    let mut live = world.refresh();
    // Rules are found on their listener, not by address.
    let rules: Vec<Address> =
        live.objects.keys().filter(|a| a.kind == Kind::ListenerRule).cloned().collect();
    let listener = at(Kind::Listener, "80");
    for rule in rules {
        let object: LiveObject = live.objects.remove(&rule).flatten().unwrap();
        let arn = object.outputs.get("ruleARN").unwrap().to_owned();
        live.rules.entry(listener.clone()).or_default().push(LiveRule {
            arn,
            spec: object.spec,
            ours: false,
            tagged: None,
        });
    }
    let before = world.state.clone();
    world.state.stacks.clear();
    let options = Options { import: true, ..refreshed(&live) };
    let plan = given.plan_with(&world.state, &options).plan;
    assert!(
        plan.changes.iter().all(|change| change.action == Action::Import),
        "{:#?}",
        plan.summary
    );
    world.apply(&plan);
    assert_eq!(world.calls, Vec::<String>::new());
    for (name, stack) in &before.stacks {
        assert!(world.state.stacks.contains_key(name), "{name} {:#?}", plan.summary);
        for (local, entry) in &stack.resources {
            let found =
                world.state.stacks[name].resources.get(local).unwrap_or_else(|| panic!("{local}"));
            assert_eq!(found.outputs, entry.outputs, "{local}");
            assert_eq!(found.depends_on, entry.depends_on, "{local}");
        }
    }
    assert!(given.plan(&world.state).plan.is_empty());
}
