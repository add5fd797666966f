//! Runs that are cut short at every call, before and after its effect, and then continued.

use super::*;
use crate::sandbox::{Fault, When};
use ingc_compiler::resource::Kind;
use ingc_planner::state::local_address;
use serde_json::json;

fn secrets() -> Secrets {
    let mut secrets = Secrets::new();
    for key in ["clientID", "clientSecret"] {
        secrets.insert("ns/oidc", key, &format!("value of {key}"));
    }
    secrets
}

impl World {
    /// What the account holds, with addresses in the place of the ids that they led to.
    fn holdings_by_address(&self) -> String {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, stack) in &self.state.stacks {
            for (local, resource) in &stack.resources {
                let address = local_address(name, local).unwrap();
                for (output, value) in
                    resource.outputs.iter().filter(|(o, _)| *o != "canonicalHostedZoneID")
                {
                    pairs.push((value.to_owned(), format!("<{output} of {address}>")));
                }
            }
        }
        // An ARN of a rule starts with that of its listener.
        pairs.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let mut text = self.holdings().to_string();
        for (value, address) in pairs {
            text = text.replace(&value, &address);
        }
        let mut value: Value = serde_json::from_str(&text).unwrap();
        for listener in value["listeners"].as_object_mut().unwrap().values_mut() {
            listener["defaultRule"] = json!("");
        }
        serde_json::to_string_pretty(&value).unwrap()
    }
}

/// How a run is cut short at its `n`th call.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Fault(When),
    Death,
}

/// Goes from one desired state to the next in every way in which the last step can be cut short,
/// and demands that running again ends where an undisturbed run ends.
fn check(inventory: &str, way: &[&Desired]) {
    let start = || {
        let mut world = World::new(&inventory_of(inventory));
        world.secrets = secrets();
        for desired in &way[..way.len() - 1] {
            world.converge(desired);
        }
        world
    };
    let last = way[way.len() - 1];
    let mut whole = start();
    whole.converge(last);
    let expected = whole.holdings_by_address();
    let calls = {
        let mut world = start();
        let plan = plan_of(&world.state, last);
        world.apply(&plan).1.len()
            + world.news.iter().filter(|n| n.starts_with("kubernetes")).count()
    };
    assert!(calls > 0);
    for cut in [Cut::Fault(When::Before), Cut::Fault(When::After), Cut::Death] {
        for n in 0..calls {
            let mut world = start();
            let plan = plan_of(&world.state, last);
            match cut {
                Cut::Fault(when) => {
                    world.sandbox.fail(Fault::nth(n as u32, when));
                    let (report, _) = world.apply(&plan);
                    assert!(!report.is_complete(), "{cut:?} at call {n}");
                    world.sandbox.heal();
                }
                Cut::Death => {
                    world.apply_until(&plan, n + 1);
                }
            }
            world.state.check().unwrap_or_else(|error| panic!("{cut:?} at call {n}: {error}"));
            world.converge(last);
            assert!(plan_of(&world.state, last).is_empty(), "{cut:?} at call {n}");
            let got = world.holdings_by_address();
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let differs = lines(&got).into_iter().zip(lines(&expected)).find(|(a, b)| a != b);
            assert_eq!(differs, None, "{cut:?} at call {n}");
        }
    }
}

#[test]
fn a_creation_is_continued_wherever_it_was_cut_short() {
    for case in
        ["auth-oidc-secret", "nlb-basic", "tls-create-acm-cert", "addons-wafv2", "addons-shield"]
    {
        check(case, &[&Desired::of_case(case)]);
    }
}

#[test]
fn a_creation_with_all_settings_is_continued_wherever_it_was_cut_short() {
    let case = "tls-certs-explicit";
    check(case, &[&full()]);
}

#[test]
fn a_deletion_is_continued_wherever_it_was_cut_short() {
    for case in ["nlb-basic", "addons-wafv2", "tls-create-acm-cert"] {
        check(case, &[&Desired::of_case(case).unprotected(), &Desired::default()]);
    }
}

#[test]
fn a_change_of_everything_is_continued_wherever_it_was_cut_short() {
    let before = full();
    let mut after = before.clone();
    for (address, spec) in &mut after.specs {
        if address.kind != Kind::TargetGroupBinding {
            spec["tags"] = json!({"team": "two", "new": "x"});
        }
    }
    let balancer = after.spec(Kind::LoadBalancer, "LoadBalancer");
    balancer["loadBalancerAttributes"] =
        json!([{"key": "routing.http2.enabled", "value": "false"}]);
    balancer["ipAddressType"] = json!("dualstack");
    balancer["subnetMapping"] =
        json!([{"subnetID": "subnet-0aaa1111bbb2222c1"}, {"subnetID": "subnet-0aaa1111bbb2222c2"}]);
    balancer["minimumLoadBalancerCapacity"] = json!({"capacityUnits": 0});
    let group = after.spec(Kind::SecurityGroup, "ManagedLBSecurityGroup");
    group["ingress"] = json!([{"fromPort": 443, "ipProtocol": "tcp", "ipRanges": [{"cidrIP": "10.9.0.0/16"}], "toPort": 443}]);
    let listener = after.spec(Kind::Listener, "443");
    listener["certificates"].as_array_mut().unwrap().reverse();
    listener["sslPolicy"] = json!("ELBSecurityPolicy-TLS13-1-3-2021-06");
    listener["listenerAttributes"] = json!([]);
    check("tls-certs-explicit", &[&before, &after]);
}

/// A case with tags, attributes, capacity and several certificates beside what it has already.
fn full() -> Desired {
    let mut desired = Desired::of_case("tls-certs-explicit");
    // One stack of the case is enough.
    let stack = desired.specs.keys().find(|a| a.kind == Kind::Listener).unwrap().stack.clone();
    desired.specs.retain(|address, _| address.stack == stack || address.stack == "_cluster");
    for (address, spec) in &mut desired.specs {
        if address.kind != Kind::TargetGroupBinding {
            spec["tags"] = json!({"team": "one", "old": "x"});
        }
    }
    let certificate = |n: u32| {
        let arn = format!(
            "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-00000000000{n}"
        );
        json!({"certificateARN": arn})
    };
    let listener = desired.spec(Kind::Listener, "443");
    listener["certificates"] = json!([certificate(1), certificate(2), certificate(3)]);
    listener["listenerAttributes"] =
        json!([{"Key": "routing.http.response.server.enabled", "Value": "false"}]);
    let balancer = desired.spec(Kind::LoadBalancer, "LoadBalancer");
    balancer["loadBalancerAttributes"] =
        json!([{"key": "idle_timeout.timeout_seconds", "value": "90"}]);
    balancer["minimumLoadBalancerCapacity"] = json!({"capacityUnits": 300});
    let groups = desired.specs.iter_mut().filter(|(a, _)| a.kind == Kind::TargetGroup);
    for (_, spec) in groups {
        spec["targetGroupAttributes"] =
            json!([{"key": "slow_start.duration_seconds", "value": "60"}]);
    }
    desired
}
