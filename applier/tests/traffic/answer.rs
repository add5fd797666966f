//! What answers a request: in a compiled stack, and in the account at any moment.

use super::account::ready;
use super::fleet::HOSTS;
use ingc_applier::sandbox::Sandbox;
use ingc_applier::{Account, Call};
use ingc_compiler::graph::Stack;
use ingc_compiler::resource::{
    Action, ActionType, Condition, Forward, ListenerRule, PatternCondition, Spec, TargetGroupTuple,
    Token,
};
use ingc_compiler::route::{Request, first_match};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a client sees.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// Nothing listens.
    Refused,
    /// A Service answers.
    Service(String),
    Redirect,
    /// The load balancer answers by itself.
    Fixed(String),
}

/// One way to ask.
pub(crate) type Question = (i32, Request);

/// Requests that tell fleets apart: every host and a foreign one, every path and one below it.
pub(crate) fn questions() -> Vec<Question> {
    let hosts = HOSTS.iter().copied().chain(["other.example.com"]);
    let paths = ["/", "/cart", "/cart/", "/cart/new", "/cart/new/x", "/img", "/img/x", "/z"];
    hosts
        .flat_map(|host| paths.map(|path| Request::get(host, path)))
        .flat_map(|request| [(80, request.clone()), (443, request)])
        .collect()
}

/// A load balancer by its listeners: rules and default actions.
#[derive(Debug, Default)]
pub(crate) struct Balancer {
    listeners: BTreeMap<i32, (Vec<ListenerRule>, Vec<Action>)>,
}

impl Balancer {
    pub(crate) fn asked(&self, (port, request): &Question) -> Seen {
        let Some((rules, default)) = self.listeners.get(port) else { return Seen::Refused };
        let actions = first_match(rules, default, request).actions();
        match actions.last() {
            Some(Action { redirect: Some(_), .. }) => Seen::Redirect,
            Some(Action { fixed_response: Some(fixed), .. }) => {
                Seen::Fixed(fixed.status_code.clone())
            }
            Some(Action { forward: Some(forward), .. }) => {
                let Token::Literal(target) = &forward.target_groups[0].target_group_arn else {
                    unreachable!("targets are named before they are asked")
                };
                Seen::Service(target.clone())
            }
            _ => Seen::Refused,
        }
    }
}

/// The Service behind a target group's id, `namespace/ingress-service:port`.
fn service_of(id: &str) -> String {
    id.rsplit('-').next().unwrap_or(id).to_owned()
}

/// What a compiled stack says.
pub(crate) fn compiled(stack: &Stack) -> Balancer {
    let mut balancer = Balancer::default();
    let named = |actions: &[Action]| -> Vec<Action> {
        let mut actions = actions.to_vec();
        for forward in actions.iter_mut().filter_map(|action| action.forward.as_mut()) {
            for tuple in &mut forward.target_groups {
                if let Token::Ref(reference) = &tuple.target_group_arn {
                    tuple.target_group_arn = Token::Literal(service_of(&reference.id));
                }
            }
        }
        actions
    };
    for resource in stack.resources.values() {
        if let Spec::Listener(listener) = &resource.spec {
            balancer.listeners.entry(listener.port).or_default().1 =
                named(&listener.default_actions);
        }
    }
    for (address, resource) in &stack.resources {
        if let Spec::ListenerRule(rule) = &resource.spec {
            let port = address.id.split(':').next().and_then(|port| port.parse().ok()).unwrap();
            let rule = ListenerRule { actions: named(&rule.actions), ..rule.clone() };
            balancer.listeners.entry(port).or_default().0.push(rule);
        }
    }
    balancer
}

/// All load balancers of the account, as they are now.
pub(crate) fn live(sandbox: &Sandbox) -> Vec<Balancer> {
    let ask = |action, params: Value| ready(sandbox.call(&Call::elb(action, params))).unwrap();
    let list = |answer: &Value, name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let mut services = BTreeMap::new();
    for group in list(&ask("DescribeTargetGroups", json!({})), "TargetGroups") {
        let arn = group["TargetGroupArn"].as_str().unwrap().to_owned();
        let tags = ask("DescribeTags", json!({"ResourceArns": [arn]}));
        let tags = list(&tags["TagDescriptions"][0], "Tags");
        let id = tags.iter().find(|tag| tag["Key"] == "ingress.k8s.aws/resource").unwrap();
        services.insert(arn, service_of(id["Value"].as_str().unwrap()));
    }
    let mut balancers = Vec::new();
    for balancer in list(&ask("DescribeLoadBalancers", json!({})), "LoadBalancers") {
        let mut found = Balancer::default();
        let params = json!({"LoadBalancerArn": balancer["LoadBalancerArn"]});
        for listener in list(&ask("DescribeListeners", params), "Listeners") {
            let port = listener["Port"].as_i64().unwrap() as i32;
            let params = json!({"ListenerArn": listener["ListenerArn"]});
            let mut rules = Vec::new();
            for rule in list(&ask("DescribeRules", params), "Rules") {
                if rule["Priority"] != "default" {
                    rules.push(read_rule(&rule, &services));
                }
            }
            found
                .listeners
                .insert(port, (rules, read_actions(&listener["DefaultActions"], &services)));
        }
        balancers.push(found);
    }
    balancers
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read_rule(rule: &Value, services: &BTreeMap<String, String>) -> ListenerRule {
    let priority = match &rule["Priority"] {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_i64().unwrap() as i32,
    };
    let conditions = rule["Conditions"].as_array().into_iter().flatten().map(|condition| {
        let patterns = |name: &str| {
            let config = condition.get(name)?;
            Some(PatternCondition { regex_values: vec![], values: texts(&config["Values"]) })
        };
        Condition {
            field: condition["Field"].as_str().unwrap().to_owned(),
            host_header: patterns("HostHeaderConfig"),
            path_pattern: patterns("PathPatternConfig"),
            ..Condition::default()
        }
    });
    ListenerRule {
        priority,
        conditions: conditions.collect(),
        actions: read_actions(&rule["Actions"], services),
        ..ListenerRule::default()
    }
}

fn read_actions(actions: &Value, services: &BTreeMap<String, String>) -> Vec<Action> {
    let one = |action: &Value| match action["Type"].as_str() {
        Some("forward") => {
            let groups = action["ForwardConfig"]["TargetGroups"].as_array().unwrap().iter();
            let tuple = |group: &Value| TargetGroupTuple {
                target_group_arn: Token::Literal(
                    services[group["TargetGroupArn"].as_str().unwrap()].clone(),
                ),
                weight: None,
            };
            let target_groups = groups.map(tuple).collect();
            Action {
                action_type: ActionType::Forward,
                forward: Some(Forward { stickiness: None, target_groups }),
                ..Action::default()
            }
        }
        Some("redirect") => Action { redirect: Some(Box::default()), ..Action::default() },
        _ => Action {
            fixed_response: Some(
                ingc_compiler::resource::FixedResponse {
                    status_code: action["FixedResponseConfig"]["StatusCode"]
                        .as_str()
                        .unwrap_or("")
                        .to_owned(),
                    ..Default::default()
                }
                .into(),
            ),
            ..Action::default()
        },
    };
    actions.as_array().into_iter().flatten().map(one).collect()
}
