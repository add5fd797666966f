//! Stacks go on side by side: what that saves, and what holds all the same.

use super::distance::{Distant, WEB_ACL, fleet, is_shared, planned, planned_from, run, run_from};
use super::*;
use crate::execute::PARALLELISM;
use crate::sandbox::{Fault, When};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

static NEVER: AtomicBool = AtomicBool::new(false);

fn empty() -> State {
    State::empty("eksworkshop")
}

fn sandbox() -> Sandbox {
    Sandbox::in_memory(&inventory_of(""))
}

#[test]
fn a_hundred_stacks_take_as_long_as_the_pace_of_aws_and_no_longer() {
    let plan = planned(&empty(), &fleet(100, ""));
    assert_eq!(plan.stacks.len(), 101, "and what they share");
    let sandbox = sandbox();
    let account = Distant::new(&sandbox);
    let ran = run(&account, &mut Memory::default(), &plan, PARALLELISM.get(), &NEVER, |_| {});
    assert!(ran.result.unwrap().is_complete());
    let least = account.least();
    assert!(least > Duration::from_secs(100), "{least:?}");
    // What is over is the way of one stack: its calls, one after the other.
    let calls = account.calls.lock().unwrap().len() as u32;
    let over = account.latency * (calls / 100) + Duration::from_secs(1);
    assert!(ran.took >= least && ran.took <= least + over, "{:?}, least {least:?}", ran.took);
}

#[test]
fn a_load_balancer_that_takes_minutes_holds_up_no_other_stack() {
    let plan = planned(&empty(), &fleet(30, WEB_ACL));
    let took = |parallelism: usize| {
        let sandbox = sandbox();
        let provisioning = Duration::from_secs(180);
        let account = Distant { provisioning, ..Distant::new(&sandbox) };
        let ran = run(&account, &mut Memory::default(), &plan, parallelism, &NEVER, |_| {});
        assert!(ran.result.unwrap().is_complete());
        assert_eq!(account.count("AssociateWebACL"), 30);
        let asked = account.count("DescribeLoadBalancers");
        (ran.took, account.least(), asked)
    };
    let (one_by_one, ..) = took(1);
    assert!(one_by_one >= Duration::from_secs(30 * 180), "{one_by_one:?}");
    // Those that wait take nobody's place: three go on as fast as all.
    for parallelism in [3, PARALLELISM.get(), 100] {
        let (took, least, asked) = took(parallelism);
        let most = least + Duration::from_secs(180 + 30);
        assert!(took >= Duration::from_secs(180) && took <= most, "{took:?}, {most:?}");
        assert!(asked < 200, "those that wait ask {asked} times");
    }
}

#[test]
fn many_that_wait_hear_as_soon_as_few() {
    let plan = planned(&empty(), &fleet(200, WEB_ACL));
    let sandbox = sandbox();
    let provisioning = Duration::from_secs(300);
    let account = Distant { provisioning, ..Distant::new(&sandbox) };
    let ran = run(&account, &mut Memory::default(), &plan, PARALLELISM.get(), &NEVER, |_| {});
    assert!(ran.result.unwrap().is_complete());
    let asked = account.count("DescribeLoadBalancers");
    assert!(asked < 200 * 10, "those that wait ask {asked} times");
    let told = account.told.lock().unwrap();
    let late = told.values().max().unwrap();
    assert!(told.len() == 200 && *late < Duration::from_secs(15), "{late:?}");
}

#[test]
fn a_load_balancer_that_somebody_deletes_meanwhile_fails_its_own_stack() {
    let plan = planned(&empty(), &fleet(5, WEB_ACL));
    let sandbox = sandbox();
    let account = Distant { provisioning: Duration::from_secs(60), ..Distant::new(&sandbox) };
    let mut deleted = false;
    let ran = run(&account, &mut Memory::default(), &plan, 5, &NEVER, |event| {
        let began = account.made.lock().unwrap().values().min().copied();
        let waits = began.is_some_and(|began| began.elapsed() > Duration::from_secs(30));
        if matches!(event, Event::Waiting { .. }) && waits && !deleted {
            deleted = true;
            let arn = account.made.lock().unwrap().keys().next().unwrap().clone();
            let gone = Call::elb("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
            assert!(wait_now(sandbox.call(&gone)).is_ok());
        }
    });
    let report = ran.result.unwrap();
    assert!(deleted);
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
    assert_eq!(account.count("AssociateWebACL"), 4);
}

#[test]
fn the_order_of_a_stack_is_that_of_the_plan_and_every_need_comes_first() {
    let plan = planned(&empty(), &fleet(12, WEB_ACL));
    let place: BTreeMap<&Address, usize> =
        plan.steps.iter().enumerate().map(|(i, step)| (&step.address, i)).collect();
    for parallelism in [1, 2, 5, 50] {
        let sandbox = sandbox();
        let account = Distant { provisioning: Duration::from_secs(20), ..Distant::new(&sandbox) };
        let (mut begun, mut done) = (Vec::new(), BTreeSet::new());
        let mut most = 0;
        let mut under_way: BTreeMap<String, usize> = BTreeMap::new();
        let ran =
            run(
                &account,
                &mut Memory::default(),
                &plan,
                parallelism,
                &NEVER,
                |event| match event {
                    Event::ApplyStart { address, .. } => {
                        let index = place[address];
                        let needs = plan.steps[index].needs.iter();
                        assert!(needs.copied().all(|need| done.contains(&(need as usize))));
                        let twice = under_way.insert(address.stack.to_string(), index);
                        assert_eq!(twice, None, "two steps of {} at a time", address.stack);
                        begun.push(index);
                        most = most.max(under_way.len());
                    }
                    Event::ApplyComplete { address, .. } => {
                        done.insert(place[address]);
                        under_way.remove(address.stack.as_str());
                    }
                    _ => {}
                },
            );
        assert!(ran.result.unwrap().is_complete());
        for stack in plan.stacks.keys() {
            let of = begun.iter().filter(|index| plan.steps[**index].address.stack == *stack);
            assert!(of.is_sorted(), "{stack}");
        }
        assert_eq!(begun.is_sorted(), parallelism == 1, "one at a time is the plan's order");
        assert_eq!(most == 1, parallelism == 1, "{most} stacks at a time");
        assert_eq!(planned(&ran.state, &fleet(12, WEB_ACL)).steps, [], "it is all done");
    }
}

/// A disk that is full after so many writes, and has what was written before.
#[derive(Default)]
struct Disk {
    left: usize,
    written: Option<State>,
}

impl Store for Disk {
    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        if self.left == 0 {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(Error::state_file(Path::new("state.json"), full));
        }
        self.left -= 1;
        let written = self.written.get_or_insert_with(|| State::empty(state.cluster.clone()));
        if let Some(now) = state.stacks.get(stack) {
            written.stacks.insert(stack.to_owned(), now.clone());
        }
        Ok(())
    }
}

#[test]
fn a_full_disk_stops_all_stacks_and_all_that_is_not_recorded_is_named() {
    let plan = planned(&empty(), &fleet(6, ""));
    let mut several = 0;
    for left in (0..).step_by(3) {
        let sandbox = sandbox();
        let account = Distant::new(&sandbox);
        let mut disk = Disk { left, written: None };
        let ran = run(&account, &mut disk, &plan, 6, &NEVER, |_| {});
        let Err(error) = ran.result else { break };
        let objects = match &error {
            Error::Unrecorded { objects, .. } => objects.as_slice(),
            _ => &[],
        };
        several += usize::from(objects.len() > 1);
        // Everything that was made is in the state on disk, or named.
        let known = disk.written.unwrap_or_else(empty);
        let count = |kind: &str, of: &State| {
            let all = of.stacks.values().flat_map(|stack| &stack.resources);
            all.filter(|(local, it)| local.contains(kind) && !it.outputs.is_empty()).count()
        };
        for (action, kind) in [
            ("CreateLoadBalancer", "::LoadBalancer/"),
            ("CreateTargetGroup", "::TargetGroup/"),
            ("CreateListener", "::Listener/"),
            ("CreateRule", "::ListenerRule/"),
            ("CreateSecurityGroup", "::SecurityGroup/"),
        ] {
            let named = objects.iter().filter(|(_, calls)| calls.contains(&action.to_owned()));
            let made = account.count(action);
            assert!(made <= count(kind, &known) + named.count(), "{action} after {left}: {error}");
        }
        // The next run finds it, and does what is left.
        let mut next = World { sandbox, state: known, ..World::new(&inventory_of("")) };
        let live = next.refresh();
        let rest = planned_from(&next.state, &fleet(6, ""), Some(&live));
        assert!(next.apply(&rest).0.is_complete());
        let all = next.holdings();
        for kind in ["loadBalancers", "listeners", "rules", "targetGroupBindings"] {
            assert_eq!(all[kind].as_object().unwrap().len(), 6, "{kind} after {left} writes");
        }
    }
    assert!(several > 0, "several stacks are worked on when the disk is full");
}

#[test]
fn an_interrupted_run_ends_with_the_calls_under_way_and_records_them() {
    let plan = planned(&empty(), &fleet(8, WEB_ACL));
    for after in [1, 5, 20, 40] {
        let sandbox = sandbox();
        let account = Distant::new(&sandbox);
        let cancelled = AtomicBool::new(false);
        let mut store = Memory::default();
        let (mut calls, mut late) = (0, 0);
        let ran = run(&account, &mut store, &plan, 8, &cancelled, |event| {
            if let Event::AwsCall { .. } = event {
                late += usize::from(cancelled.load(Ordering::SeqCst));
                calls += 1;
                cancelled.store(calls >= after, Ordering::SeqCst);
            }
        });
        let report = ran.result.unwrap();
        assert!(report.interrupted && report.errors.is_empty(), "{report:?}");
        assert_eq!(late, 0, "no call is begun after it");
        assert_eq!(store.saved.as_ref(), Some(&ran.state));
        assert_eq!(report.done.len() + report.left_out.len(), plan.steps.len());
    }
}

#[test]
fn a_stack_that_fails_leaves_the_others_going_and_what_needs_it_elsewhere_is_left_out() {
    let plan = planned(&empty(), &fleet(9, ""));
    let failing = |action: &str, code: &str| Fault {
        action: action.to_owned(),
        code: Some(code.to_owned()),
        ..Fault::nth(0, When::Before)
    };
    let report = |fault: Fault| {
        let sandbox = sandbox();
        sandbox.fail(fault);
        let account = Distant::new(&sandbox);
        run(&account, &mut Memory::default(), &plan, 4, &NEVER, |_| {}).result.unwrap()
    };
    let one = report(failing("CreateListener", "AccessDenied"));
    assert_eq!(one.errors.len(), 1);
    let failed = &one.errors[0].address.stack;
    assert!(one.left_out.iter().all(|left| left.address.stack == *failed && left.needs.is_some()));
    let stacks = |report: &Report| -> BTreeSet<String> {
        report.done.iter().map(|index| plan.steps[*index].address.stack.to_string()).collect()
    };
    assert_eq!(stacks(&one).len(), plan.stacks.len());
    // What all share is needed by all.
    let shared = report(failing("CreateSecurityGroup", "AccessDenied"));
    assert!(is_shared(&shared.errors[0].address.stack), "{:?}", shared.errors);
    let needs = shared.left_out.iter().filter_map(|left| left.needs.as_ref());
    assert!(needs.clone().any(|need| is_shared(&need.stack)), "{:?}", shared.left_out);
    // Credentials that have expired are everybody's.
    let expired = report(failing("CreateListener", "ExpiredToken"));
    assert!(expired.interrupted);
    assert!(expired.left_out.iter().any(|left| left.needs.is_none()));
}

#[test]
fn an_interrupted_run_does_not_wait_for_what_takes_minutes() {
    let plan = planned(&empty(), &fleet(40, WEB_ACL));
    let sandbox = sandbox();
    let provisioning = Duration::from_secs(600);
    let account = Distant { provisioning, ..Distant::new(&sandbox) };
    let cancelled = AtomicBool::new(false);
    let (mut began, mut at) = (None, Duration::ZERO);
    let ran = run(&account, &mut Memory::default(), &plan, 4, &cancelled, |event| {
        let began = *began.get_or_insert_with(tokio::time::Instant::now);
        let is_time = began.elapsed() > Duration::from_secs(120);
        if matches!(event, Event::Waiting { .. }) && is_time {
            cancelled.store(true, Ordering::SeqCst);
            at = began.elapsed();
        }
    });
    assert!(ran.result.unwrap().interrupted);
    assert!(ran.took < at + Duration::from_secs(3), "{:?}, {at:?}", ran.took);
}

#[test]
fn looking_before_touching_takes_no_time() {
    let fleet = |annotations: &str| fleet(30, annotations);
    let changed = "    alb.ingress.kubernetes.io/healthcheck-path: /ok\n    alb.ingress.kubernetes.io/tags: team=shop\n    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=90\n";
    let one = super::distance::fleet(1, "");
    for after in [fleet(changed), one] {
        let took = |looks_first: bool| {
            let mut world = World::new(&inventory_of(""));
            assert!(world.apply(&planned(&empty(), &fleet(""))).0.is_complete());
            let live = world.refresh();
            let plan = planned_from(&world.state, &after, Some(&live));
            let account = Distant::new(&world.sandbox);
            let facts = Facts { looks_first, ..Facts::default() };
            let state = world.state.clone();
            let store = &mut Memory::default();
            let ran = run_from(&account, store, &plan, state, facts, &NEVER, |_| {});
            assert!(ran.result.unwrap().is_complete());
            let questions = account.calls.lock().unwrap().iter().filter(|c| !c.mutates()).count();
            (ran.took, questions, plan.steps.len())
        };
        let ((blind, none, _), (took, questions, steps)) = (took(false), took(true));
        assert!(took < blind + Duration::from_secs(3), "{took:?}, without {blind:?}");
        assert!(questions > none && questions < 3 * steps, "{questions} for {steps} steps, {none}");
    }
}
