//! Requests to the model's load balancers: who answers, and with which Service.

use crate::given::Given;
use crate::world::{Object, World};
use ingc_compiler::resource::{Kind, ListenerRule};
use ingc_compiler::route::{Request, matches};
use ingc_planner::Plan;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A request: port, host, path.
pub(crate) type Witness = (i64, String, String);

/// What a load balancer answers: the name of a Service, a status, a redirect, or nothing.
pub(crate) fn answer(world: &World, balancer: &str, witness: &Witness) -> String {
    let (port, host, path) = witness;
    let has = |object: &Object, field: &str, value: &Value| object.spec.get(field) == Some(value);
    let listener = world.objects.iter().find(|(_, object)| {
        object.kind == Kind::Listener
            && has(object, "loadBalancerARN", &Value::from(balancer))
            && has(object, "port", &Value::from(*port))
    });
    let Some((arn, listener)) = listener else { return "nothing".to_owned() };
    let request = Request::get(host.as_str(), path);
    let rules = world.objects.values().filter(|object| {
        object.kind == Kind::ListenerRule && has(object, "listenerARN", &Value::from(arn.as_str()))
    });
    let rule = rules
        .map(|object| ListenerRule::deserialize(&object.spec).unwrap())
        .filter(|rule| matches(rule, &request).is_ok())
        .min_by_key(|rule| rule.priority);
    let actions = match rule {
        Some(rule) => serde_json::to_value(rule.actions).unwrap(),
        None => listener.spec["defaultActions"].clone(),
    };
    let last = actions.as_array().and_then(|actions| actions.last()).cloned().unwrap_or_default();
    match last["type"].as_str() {
        Some("forward") => {
            let groups = last["forwardConfig"]["targetGroups"].as_array().unwrap();
            let services = groups.iter().map(|group| service(world, &group["targetGroupARN"]));
            services.collect::<Vec<_>>().join("+")
        }
        Some("redirect") => format!("redirect {}", last["redirectConfig"]),
        _ => format!("status {}", last["fixedResponseConfig"]["statusCode"]),
    }
}

/// The Service whose pods a target group has.
fn service(world: &World, group: &Value) -> String {
    let binding = world.objects.values().find(|object| {
        object.kind == Kind::TargetGroupBinding
            && object.spec.pointer("/template/spec/targetGroupARN") == Some(group)
    });
    let name = binding.and_then(|b| b.spec.pointer("/template/spec/serviceRef/name"));
    name.and_then(Value::as_str).unwrap_or("no targets").to_owned()
}

/// The load balancers of a stack that stand, those set aside included.
pub(crate) fn balancers(world: &World, stack: &str) -> Vec<String> {
    let Some(recorded) = world.state.stacks.get(stack) else { return Vec::new() };
    let prefix = Kind::LoadBalancer.type_name();
    let current = recorded.resources.iter().filter(|(local, _)| local.starts_with(prefix));
    let deposed = recorded.deposed.values().filter(|d| d.address.starts_with(prefix));
    current
        .map(|(_, object)| object)
        .chain(deposed.map(|deposed| &deposed.object))
        .filter_map(|object| object.outputs.get("loadBalancerARN"))
        .map(str::to_owned)
        .collect()
}

/// What happened on the way from one set of manifests to another.
pub(crate) struct Way {
    pub(crate) plan: Plan,
    /// Calls as `Create Rule/80:1`.
    pub(crate) calls: Vec<String>,
    /// Requests that were answered neither as before nor as after, by step.
    pub(crate) wrong: Vec<String>,
    pub(crate) world: World,
}

impl Way {
    /// How many calls begin so.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.calls.iter().filter(|call| call.starts_with(prefix)).count()
    }

    /// Where the first call with this beginning stands.
    pub(crate) fn at(&self, prefix: &str) -> usize {
        let found = self.calls.iter().position(|call| call.starts_with(prefix));
        found.unwrap_or_else(|| panic!("{prefix} is among {:#?}", self.calls))
    }
}

/// Applies the first manifests, then the second ones, and asks for every witness after every step.
pub(crate) fn way(before: &str, after: &str, witnesses: &[(i64, &str, &str)]) -> Way {
    way_in(before, after, witnesses, |plan| (0..plan.steps.len()).collect())
}

/// As [`way`], with the steps of the second plan in an order.
pub(crate) fn way_in(
    before: &str,
    after: &str,
    witnesses: &[(i64, &str, &str)],
    order: impl Fn(&Plan) -> Vec<usize>,
) -> Way {
    let (before, after) = (Given::new(before), Given::new(after));
    let mut world = World::new();
    world.apply(&before.plan(&world.state).plan);
    let planned = after.plan(&world.state);
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let plan = planned.plan;

    let witnesses: Vec<Witness> = witnesses
        .iter()
        .map(|(port, host, path)| (*port, (*host).to_owned(), (*path).to_owned()))
        .collect();
    let stacks: BTreeSet<String> =
        before.compilation.stacks.keys().chain(after.compilation.stacks.keys()).cloned().collect();
    let all = |world: &World| -> Vec<String> {
        stacks.iter().flat_map(|stack| balancers(world, stack)).collect()
    };
    let ask = |world: &World, witness: &Witness| -> BTreeMap<String, String> {
        all(world).into_iter().map(|b| (b.clone(), answer(world, &b, witness))).collect()
    };
    let first: Vec<_> = witnesses.iter().map(|w| ask(&world, w)).collect();
    let mut end = world.clone();
    end.apply(&plan);
    let last: Vec<_> = witnesses.iter().map(|w| ask(&end, w)).collect();
    let mut wrong = Vec::new();
    world.apply_in(&plan, &order(&plan), &mut |world, step| {
        for (i, witness) in witnesses.iter().enumerate() {
            // A port that was not answered before may begin with its default answer.
            if first[i].values().all(|answer| answer == "nothing") {
                continue;
            }
            let now = ask(world, witness);
            // Good is a load balancer that clients know, of before or of after, and that answers
            // as one of them does in the end of either.
            let good = now.iter().any(|(balancer, answer)| {
                let known = first[i].contains_key(balancer) || last[i].contains_key(balancer);
                let old = first[i].get(balancer) == Some(answer);
                let new = last[i].get(balancer) == Some(answer);
                known && (old || new)
            });
            let known = |b: &String| first[i].contains_key(b) && last[i].contains_key(b);
            let bad = now.iter().any(|(balancer, answer)| {
                known(balancer)
                    && first[i].get(balancer) != Some(answer)
                    && last[i].get(balancer) != Some(answer)
            });
            if !good || bad {
                wrong.push(format!("{witness:?} gets {now:?} after {step:?}"));
            }
        }
    });
    for stack in plan.stacks.keys() {
        world.state.finish(&plan, stack);
    }
    assert_eq!(after.plan(&world.state).plan.steps, [], "the plan converges");
    Way { plan, calls: world.calls.clone(), wrong, world }
}
