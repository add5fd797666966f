//! Finds stacks that exist in AWS and that the state does not know: a state was lost, or the
//! controller has made them.

use super::fetch::Ask;
use crate::account::{Account, Call, Service};
use crate::error::Error;
use crate::kind::{items, tags, text};
use ingc_compiler::resource::{Kind, Output};
use ingc_compiler::tag;
use ingc_planner::State;
use serde_json::json;
use std::collections::BTreeSet;

/// Names of stacks of the cluster of which AWS has something.
///
/// # Errors
/// If AWS refuses the question.
pub async fn stacks_in_aws<A: Account>(
    account: &A,
    cluster: &str,
) -> Result<BTreeSet<String>, Error> {
    let filters = json!([{"Key": tag::CLUSTER, "Values": [cluster]}]);
    let call = Call::new(Service::Tagging, "GetResources", json!({"TagFilters": filters}));
    let answer = Ask::new(account).one(call).await?.unwrap_or_default();
    let found = items(&answer["ResourceTagMappingList"]).iter();
    Ok(found.filter_map(|it| tags::read(&it["Tags"]).get(tag::STACK).cloned()).collect())
}

/// Listeners of recorded load balancers that the state does not know: the stack, and what it is.
///
/// # Errors
/// If AWS refuses a question.
pub async fn unknown_listeners<A: Account>(
    account: &A,
    state: &State,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for (name, stack) in state.stacks.iter().filter(|(name, _)| wanted(name)) {
        let output = |kind: Kind, output: Output| {
            let prefix = format!("{}/", kind.type_name());
            let of = stack.resources.iter().filter(move |(local, _)| local.starts_with(&prefix));
            of.filter_map(move |(_, entry)| entry.outputs.get(output.name()))
        };
        let known: BTreeSet<&str> = output(Kind::Listener, Output::ListenerArn).collect();
        for balancer in output(Kind::LoadBalancer, Output::LoadBalancerArn) {
            let call = Call::elb("DescribeListeners", json!({"LoadBalancerArn": balancer}));
            let answer = Ask::new(account).one(call).await?.unwrap_or_default();
            for listener in items(&answer["Listeners"]) {
                if !known.contains(text(&listener["ListenerArn"])) {
                    let what = format!("a listener on port {} of `{balancer}`", listener["Port"]);
                    found.push((name.clone(), what));
                }
            }
        }
    }
    Ok(found)
}
