//! What a run refuses, what it stops at, and what it says.

use super::*;
use crate::account::Service;
use crate::sandbox::{Fault, When};
use ingc_compiler::resource::Kind;
use serde_json::json;
use std::collections::BTreeSet;

fn world() -> World {
    World::new(&inventory_of(""))
}

fn failing(action: &str, code: &str) -> Fault {
    Fault { action: action.to_owned(), code: Some(code.to_owned()), ..Fault::nth(0, When::Before) }
}

/// Runs a plan that must not be begun.
fn refused(world: &World, plan: &Plan, account: &impl Account) -> Error {
    let mut state = world.state.clone();
    let mut store = Memory::default();
    let run = Run {
        account,
        store: &mut store,
        secrets: &Secrets::new(),
        desired: None,
        facts: world.facts(),
        cancelled: &AtomicBool::new(false),
        observer: &mut |_| {},
    };
    let error = wait(apply(run, plan, &mut state)).unwrap_err();
    assert_eq!(store.saves, 0);
    assert_eq!(state, world.state);
    error
}

#[test]
fn a_plan_for_another_state_or_account_is_not_begun() {
    let mut world = world();
    let desired = Desired::of_case("tg-ip");
    let plan = plan_of(&world.state, &desired);
    world.apply(&plan);
    assert_eq!(refused(&world, &plan, &world.sandbox).code().id, "ING1104");

    let mut changed = desired.clone();
    changed.specs.values_mut().for_each(|spec| spec["tags"] = json!({"a": "b"}));
    let plan = plan_of(&world.state, &changed);
    let other = Inventory { account_id: "999999999999".to_owned(), ..inventory_of("") };
    let error = refused(&world, &plan, &Sandbox::in_memory(&other));
    assert_eq!(error.code().id, "ING1103");
    assert!(error.to_string().contains("sandbox:123456789012"), "{error}");

    let real = Real(world.sandbox.identity());
    assert_eq!(refused(&world, &plan, &real).code().id, "ING1103", "a sandbox is not AWS");
}

/// An account of the same number that is not simulated.
struct Real(Identity);

impl Account for Real {
    fn identity(&self) -> Identity {
        Identity { simulated: false, ..self.0.clone() }
    }

    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send {
        std::future::ready(Err(CallError::new("Unreachable", format!("{call:?}"))))
    }
}

#[test]
fn a_refused_call_names_the_resource_the_call_and_the_next_step_and_the_rest_goes_on() {
    let mut world = world();
    let desired = Desired::of_case("real-saas-tenants");
    let plan = plan_of(&world.state, &desired);
    world.sandbox.fail(failing("CreateTargetGroup", "AccessDenied"));
    let (report, _) = world.apply(&plan);
    let [error] = report.errors.as_slice() else { panic!("{:?}", report.errors) };
    assert_eq!(error.address.kind, Kind::TargetGroup);
    assert_eq!(error.action, "elasticloadbalancing:CreateTargetGroup");
    assert_eq!((error.code.id, error.aws_code.as_str()), ("ING1106", "AccessDenied"));
    assert!(
        error
            .message
            .contains("`elasticloadbalancing:CreateTargetGroup` was refused: AccessDenied")
    );
    assert!(error.next.starts_with("allow `elasticloadbalancing:CreateTargetGroup`"));
    assert!(error.next.ends_with("to continue"));
    assert!(!report.left_out.is_empty());
    for left in &report.left_out {
        assert_eq!(left.address.stack, error.address.stack);
        assert!(left.needs.is_some());
    }
    let stacks: BTreeSet<_> = report.done.iter().map(|i| &plan.steps[*i].address.stack).collect();
    assert_eq!(stacks.len(), plan.stacks.len(), "the other stacks are done");
    assert!(world.news.iter().any(|news| news.starts_with("error ING1106")));
    world.converge(&desired);
}

#[test]
fn credentials_that_have_expired_end_the_run_at_once() {
    let mut world = world();
    let plan = plan_of(&world.state, &Desired::of_case("tg-ip"));
    world.sandbox.fail(failing("CreateLoadBalancer", "ExpiredToken"));
    let (report, calls) = world.apply(&plan);
    assert!(report.interrupted);
    assert_eq!(calls.last().unwrap(), "CreateLoadBalancer");
    assert_eq!(report.done.len() + report.left_out.len() + 1, plan.steps.len());
    assert!(report.errors[0].next.contains("renew the credentials"));
}

#[test]
fn a_cancelled_run_ends_before_the_next_call_with_a_true_state() {
    let mut world = world();
    let desired = Desired::of_case("tg-ip");
    let plan = plan_of(&world.state, &desired);
    let cancelled = AtomicBool::new(false);
    let mut store = Memory::default();
    let mut state = world.state.clone();
    let mut calls = 0;
    let run = Run {
        account: &world.sandbox,
        store: &mut store,
        secrets: &Secrets::new(),
        desired: None,
        facts: world.facts(),
        cancelled: &cancelled,
        observer: &mut |event| {
            if matches!(event, Event::AwsCall { .. }) {
                calls += 1;
                cancelled.store(calls == 4, Ordering::SeqCst);
            }
        },
    };
    let report = wait(apply(run, &plan, &mut state)).unwrap();
    assert!(report.interrupted && report.errors.is_empty() && calls == 4);
    assert_eq!(store.saved.as_ref(), Some(&state));
    world.state = state;
    world.converge(&desired);
}

#[test]
fn nothing_that_is_not_ours_is_touched() {
    let mut desired = Desired::of_case("tg-ip");
    desired.specs.retain(|address, _| {
        matches!(address.kind, Kind::LoadBalancer | Kind::TargetGroup | Kind::SecurityGroup)
    });
    let create = |world: &World, call: Call| wait(world.sandbox.call(&call)).unwrap();
    let name = |kind: Kind, field: &str| {
        let spec =
            desired.specs.iter().find(|(a, _)| a.kind == kind && a.stack != "_cluster").unwrap().1;
        spec[field].as_str().unwrap().to_owned()
    };
    let balancer = json!({
        "Name": name(Kind::LoadBalancer, "name"), "Scheme": "internal",
        "Subnets": ["subnet-0ddd3333eee4444f1", "subnet-0ddd3333eee4444f2"],
    });
    let mut same =
        desired.specs.iter().find(|(a, _)| a.kind == Kind::TargetGroup).unwrap().1.clone();
    let check = same["healthCheckConfig"].take();
    let group = json!({
        "Name": same["name"], "Protocol": same["protocol"], "Port": same["port"], "TargetType": same["targetType"],
        "VpcId": "vpc-0a1b2c3d4e5f60718", "HealthCheckPath": check["path"],
        "HealthCheckIntervalSeconds": check["intervalSeconds"], "HealthCheckTimeoutSeconds": check["timeoutSeconds"],
        "HealthyThresholdCount": check["healthyThresholdCount"], "UnhealthyThresholdCount": check["unhealthyThresholdCount"],
        "Tags": [{"Key": "elbv2.k8s.aws/cluster", "Value": "other"}, {"Key": "ingress.k8s.aws/stack", "Value": "a/b"}],
    });
    let security_group = json!({"GroupName": name(Kind::SecurityGroup, "groupName"), "Description": "x", "VpcId": "vpc-0a1b2c3d4e5f60718"});
    for (kind, call, owner) in [
        (Kind::LoadBalancer, Call::elb("CreateLoadBalancer", balancer), "does not carry the tags"),
        (
            Kind::TargetGroup,
            Call::elb("CreateTargetGroup", group),
            "stack `a/b` of cluster `other`",
        ),
        (
            Kind::SecurityGroup,
            Call::ec2("CreateSecurityGroup", security_group),
            "does not carry the tags",
        ),
    ] {
        let mut world = world();
        create(&world, call);
        let before = world.holdings();
        let mut only = desired.clone();
        let one = desired.specs.keys().find(|a| a.kind == kind && a.stack != "_cluster").unwrap();
        only.specs.retain(|address, _| address == one);
        if kind == Kind::LoadBalancer {
            only.specs.values_mut().for_each(|spec| spec["securityGroups"] = json!([]));
        }
        let (report, _) = world.apply(&plan_of(&world.state, &only));
        let error = &report.errors[0];
        assert_eq!(error.code.id, "ING1110", "{kind}: {error}");
        assert!(error.message.contains(owner), "{kind}: {error}");
        assert_eq!(world.holdings(), before, "{kind}");
        assert!(world.state.is_empty());
    }
}

#[test]
fn a_foreign_rule_keeps_its_priority() {
    let mut world = world();
    let desired = Desired::of_case("tg-ip");
    let mut without = desired.clone();
    without.specs.retain(|address, _| address.kind != Kind::ListenerRule);
    world.converge(&without);
    let listener = world.state.stacks.iter().find_map(|(_, stack)| {
        let (_, listener) =
            stack.resources.iter().find(|(local, _)| local.contains("V2::Listener/"))?;
        listener.outputs.get("listenerARN").map(str::to_owned)
    });
    let foreign = json!({
        "ListenerArn": listener, "Priority": 1, "Conditions": [{"Field": "path-pattern", "Values": ["/x"]}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    });
    wait(world.sandbox.call(&Call::elb("CreateRule", foreign))).unwrap();
    let theirs = |world: &World| {
        let all = world.holdings()["rules"].as_object().unwrap().clone();
        all.into_iter().find(|(_, rule)| rule.to_string().contains("\"/x\"")).unwrap()
    };
    let before = theirs(&world);
    let (report, _) = world.apply(&plan_of(&world.state, &desired));
    assert_eq!(report.errors[0].code.id, "ING1110");
    assert!(report.errors[0].message.starts_with("priority 1 of the listener is another rule's"));
    assert_eq!(theirs(&world), before);
}

#[test]
fn secrets_must_be_the_planned_ones_and_reach_aws_only() {
    let desired = Desired::of_case("auth-oidc-secret");
    let plan = plan_of(&World::new(&inventory_of("")).state, &desired);
    for (value, message) in
        [(None, "nobody gave its value"), (Some("changed"), "not the one that was planned")]
    {
        let mut world = world();
        if let Some(value) = value {
            for key in ["clientID", "clientSecret"] {
                world.secrets.insert("ns/oidc", key, value);
            }
        }
        let (report, _) = world.apply(&plan);
        assert!(report.errors.iter().all(|error| error.code.id == "ING1109"));
        assert!(report.errors[0].message.contains(message), "{}", report.errors[0]);
    }
    let mut world = world();
    for key in ["clientID", "clientSecret"] {
        world.secrets.insert("ns/oidc", key, &format!("value of {key}"));
    }
    let watched = Watched::new(&world.sandbox);
    let mut store = Memory::default();
    let mut news = String::new();
    let run = Run {
        account: &watched,
        store: &mut store,
        secrets: &world.secrets,
        desired: None,
        facts: world.facts(),
        cancelled: &AtomicBool::new(false),
        observer: &mut |event| news += &format!("{event:?}"),
    };
    let mut state = world.state.clone();
    assert!(wait(apply(run, &plan, &mut state)).unwrap().is_complete());
    let sent = watched
        .calls
        .lock()
        .unwrap()
        .iter()
        .any(|c| c.params.to_string().contains("value of clientSecret"));
    assert!(sent);
    for kept in [state.write().unwrap(), world.sandbox.text(), news] {
        assert!(!kept.contains("value of clientSecret"));
    }
}

#[test]
fn a_stack_keeps_its_lineage_and_its_serial_grows() {
    let mut world = world();
    let desired = Desired::of_case("tg-ip");
    world.converge(&desired);
    let name = desired.specs.keys().find(|a| a.kind == Kind::LoadBalancer).unwrap().stack.clone();
    let first = world.state.stacks[name.as_str()].clone();
    assert_eq!(first.lineage.len(), 32);
    assert_ne!(first.lineage, world.state.stacks["_cluster"].lineage);
    let mut changed = desired.clone();
    changed.spec(Kind::LoadBalancer, "LoadBalancer")["tags"] = json!({"a": "b"});
    world.converge(&changed);
    let second = &world.state.stacks[name.as_str()];
    assert_eq!(second.lineage, first.lineage);
    assert!(second.serial > first.serial);
    assert_eq!(world.state.account, "sandbox:123456789012");
    assert_eq!(world.state.region, "us-west-2");
}

#[test]
fn the_cluster_is_not_asked_about_what_it_does_not_have() {
    let mut world = world();
    let desired = Desired::of_case("tg-ip");
    world.converge(&desired);
    let live = world.refresh();
    assert_eq!(live.objects.len(), desired.specs.len());
    let binding = desired.specs.keys().find(|a| a.kind == Kind::TargetGroupBinding).unwrap();
    let named = {
        let metadata = &world.state.get(binding).unwrap().spec.value()["template"]["metadata"];
        json!({"namespace": metadata["namespace"], "name": metadata["name"]})
    };
    let delete = Call::new(Service::Kubernetes, "DeleteTargetGroupBinding", named);
    wait(world.sandbox.call(&delete)).unwrap();
    assert!(world.refresh().objects[binding].is_none());
}

/// A disk that is full after so many writes.
struct Full(usize);

impl Store for Full {
    fn save(&mut self, _state: &State, _stack: &str) -> Result<(), Error> {
        if self.0 == 0 {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(Error::state_file(Path::new("state.json"), full));
        }
        self.0 -= 1;
        Ok(())
    }
}

#[test]
fn a_run_that_can_no_longer_write_stops_and_says_what_is_not_recorded() {
    let world = world();
    let plan = plan_of(&world.state, &Desired::of_case("tg-ip"));
    let mut untold = 0;
    for writes in 0.. {
        let sandbox = Sandbox::in_memory(&inventory_of(""));
        let mut made = Vec::new();
        let run = Run {
            account: &sandbox,
            store: &mut Full(writes),
            secrets: &Secrets::new(),
            desired: None,
            facts: world.facts(),
            cancelled: &AtomicBool::new(false),
            observer: &mut |event| {
                if let Event::AwsCall { action, .. } = event {
                    made.push((*action).to_owned());
                }
            },
        };
        let Err(error) = wait(apply(run, &plan, &mut world.state.clone())) else { break };
        assert_eq!(error.code().id, "ING1101");
        let said = error.to_string();
        match &error {
            Error::Unrecorded { objects, .. } => {
                let [(_, calls)] = objects.as_slice() else { panic!("{said}") };
                assert_eq!(made.last(), calls.last(), "no call is made after it");
                assert!(said.contains("on AWS and not in the state"), "{said}");
                assert!(said.contains("the state file `state.json` cannot be used"), "{said}");
                assert!(error.next().unwrap().contains("run the same command again"));
            }
            // Nothing was done since the last write.
            _ => untold += 1,
        }
        assert!(writes > 0 || made.is_empty(), "a call is made although nothing can be recorded");
    }
    assert!(untold > 0);
}
