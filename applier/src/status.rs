//! How the recorded load balancers are doing: their DNS names, listeners and targets.

use crate::account::{Account, Call};
use crate::error::Error;
use crate::kind::{items, text};
use ingc_compiler::resource::{Address, Kind, Output, Spec};
use ingc_planner::state::{Recorded, local_address};
use ingc_planner::{StackState, State};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// How one Ingress is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressStatus {
    /// `namespace/name`.
    pub ingress: String,
    /// The stack.
    pub stack: String,
    /// A run has begun to change the stack and has not come to its end.
    pub unfinished: bool,
    /// Where it is answered, if there is a load balancer.
    pub dns_name: Option<String>,
    /// AWS's word for the load balancer, such as `active`; none if it was not asked.
    pub load_balancer: Option<String>,
    /// Listeners of the load balancer.
    pub listeners: Vec<ListenerStatus>,
    /// Target groups of the Ingress.
    pub target_groups: Vec<TargetGroupStatus>,
}

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ListenerStatus {
    /// The port.
    pub port: i64,
    /// Such as `HTTPS`.
    pub protocol: String,
}

/// A target group and its targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetGroupStatus {
    /// Its name in AWS.
    pub name: String,
    /// The Service and port whose pods it has: `name:port`.
    pub service: Option<String>,
    /// How many targets are in which state, in AWS's words; none if it was not asked, or is gone.
    pub targets: Option<BTreeMap<String, usize>>,
    /// Why targets are not healthy, in AWS's words.
    pub reasons: Vec<String>,
}

/// Looks at the stacks that are wanted. Without an account only what is recorded is told.
///
/// # Errors
/// If AWS refuses a question.
pub async fn status<A: Account>(
    account: Option<&A>,
    state: &State,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<IngressStatus>, Error> {
    let mut found = Vec::new();
    for (name, stack) in &state.stacks {
        let members: Vec<&String> = stack.members.keys().filter(|it| wanted(it)).collect();
        if members.is_empty() {
            continue;
        }
        let of = |kind: Kind| entries(name, stack).filter(move |(address, _)| address.kind == kind);
        // In front of an ALB may stand an NLB, which is then the one to call.
        let front = of(Kind::LoadBalancer).max_by_key(|(address, _)| address.id != "LoadBalancer");
        let output =
            |entry: &Recorded, output: Output| entry.outputs.get(output.name()).map(str::to_owned);
        let dns_name = front.as_ref().and_then(|(_, entry)| output(entry, Output::DnsName));
        let arn = front.as_ref().and_then(|(_, entry)| output(entry, Output::LoadBalancerArn));
        let load_balancer = match (account, &arn) {
            (Some(account), Some(arn)) => Some(balancer(account, arn).await?),
            _ => None,
        };
        let mut listeners: Vec<ListenerStatus> = of(Kind::Listener)
            .filter(|(_, entry)| {
                entry.depends_on.iter().any(|(_, used)| Some(used) == arn.as_deref())
            })
            .filter_map(|(_, entry)| {
                let spec = entry.spec.value();
                let port = spec["port"].as_i64()?;
                Some(ListenerStatus { port, protocol: text(&spec["protocol"]).to_owned() })
            })
            .collect();
        listeners.sort();
        let services = services(name, stack);
        let mut groups: Vec<(Address, TargetGroupStatus)> = Vec::new();
        for (address, entry) in of(Kind::TargetGroup) {
            let arn = output(entry, Output::TargetGroupArn).unwrap_or_default();
            let (targets, reasons) = match account {
                Some(account) => health(account, &arn).await?,
                None => (None, Vec::new()),
            };
            let name = text(&entry.spec.value()["name"]).to_owned();
            let service = services.get(&arn).cloned();
            groups.push((address, TargetGroupStatus { name, service, targets, reasons }));
        }
        for ingress in members {
            let is_its = |address: &Address| {
                let entry = stack.resources.get(&address.local());
                let origins = entry.map(|entry| entry.origins.read()).unwrap_or_default();
                origins.iter().any(|it| it.object.strip_prefix("Ingress/") == Some(ingress))
            };
            let its =
                groups.iter().filter(|(address, _)| stack.members.len() == 1 || is_its(address));
            found.push(IngressStatus {
                ingress: ingress.clone(),
                stack: name.clone(),
                unfinished: stack.unfinished,
                dns_name: dns_name.clone(),
                load_balancer: load_balancer.clone(),
                listeners: listeners.clone(),
                target_groups: its.map(|(_, group)| group.clone()).collect(),
            });
        }
    }
    found.sort_by(|a, b| a.ingress.cmp(&b.ingress));
    Ok(found)
}

fn entries<'s>(
    name: &'s str,
    stack: &'s StackState,
) -> impl Iterator<Item = (Address, &'s Recorded)> {
    let resources = stack.resources.iter();
    resources.filter_map(move |(local, entry)| Some((local_address(name, local)?, entry)))
}

/// The Services of target groups, by ARN.
fn services(name: &str, stack: &StackState) -> BTreeMap<String, String> {
    let bindings = entries(name, stack).filter(|(it, _)| it.kind == Kind::TargetGroupBinding);
    let service = |(_, entry): (Address, &Recorded)| {
        let spec = Spec::read(Kind::TargetGroupBinding, entry.spec.as_str()).ok()?;
        let Spec::TargetGroupBinding(binding) = spec else { return None };
        let service = &binding.template.spec.service_ref;
        let arn =
            entry.depends_on.iter().find(|(key, _)| key.starts_with(Kind::TargetGroup.type_name()));
        Some((arn?.1.to_owned(), format!("{}:{}", service.name, service.port)))
    };
    bindings.filter_map(service).collect()
}

/// What AWS calls the state of a load balancer.
async fn balancer<A: Account>(account: &A, arn: &str) -> Result<String, Error> {
    let call = Call::elb("DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]}));
    match account.call(&call).await {
        Ok(answer) => Ok(text(&answer["LoadBalancers"][0]["State"]["Code"]).to_owned()),
        Err(error) if error.is_not_found() => Ok("gone".to_owned()),
        Err(source) => Err(refused(&call, source)),
    }
}

/// How many targets are in which state, and why.
async fn health<A: Account>(
    account: &A,
    arn: &str,
) -> Result<(Option<BTreeMap<String, usize>>, Vec<String>), Error> {
    let call = Call::elb("DescribeTargetHealth", json!({"TargetGroupArn": arn}));
    let answer = match account.call(&call).await {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok((None, Vec::new())),
        Err(source) => return Err(refused(&call, source)),
    };
    let (mut states, mut reasons) = (BTreeMap::new(), Vec::new());
    for target in items(&answer["TargetHealthDescriptions"]) {
        let health = &target["TargetHealth"];
        *states.entry(text(&health["State"]).to_owned()).or_default() += 1;
        reasons.extend(health["Reason"].as_str().map(str::to_owned));
    }
    reasons.sort();
    reasons.dedup();
    Ok((Some(states), reasons))
}

fn refused(call: &Call, source: crate::account::CallError) -> Error {
    Error::Refused { action: format!("{call:?}"), source }
}
