//! What an account says beside what a state holds: its limits, how much of them is used, and what
//! carries the cluster's tags without being recorded.

use crate::account::{Account, Call};
use crate::error::Error;
use crate::kind::{items, text};
use crate::refresh::Ask;
use ingc_compiler::resource::Address;
use ingc_planner::State;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Limits by the names that DescribeAccountLimits gives them, such as
    /// `rules-per-application-load-balancer`.
    pub limits: BTreeMap<String, u32>,
    /// How many there are of what a region may have, by the same names.
    pub used: BTreeMap<&'static str, u32>,
    /// ARNs and names of all target groups.
    pub target_groups: BTreeSet<String>,
    /// What carries the cluster's tags and is not recorded: where it belongs by its tags, and its
    /// ARN or id.
    pub unrecorded: Vec<(Address, String)>,
}

/// Asks an account.
///
/// # Errors
/// If AWS refuses a question.
pub async fn survey<A: Account>(account: &A, state: &State) -> Result<Survey, Error> {
    let ask = Ask::new(account);
    let all = async |action: &'static str| {
        Ok::<_, Error>(ask.one(Call::elb(action, json!({}))).await?.unwrap_or_default())
    };
    let mut survey = Survey::default();
    for limit in items(&all("DescribeAccountLimits").await?["Limits"]) {
        if let Ok(most) = text(&limit["Max"]).parse() {
            survey.limits.insert(text(&limit["Name"]).to_owned(), most);
        }
    }
    for balancer in items(&all("DescribeLoadBalancers").await?["LoadBalancers"]) {
        let name = match text(&balancer["Type"]) {
            "application" => "application-load-balancers",
            "network" => "network-load-balancers",
            _ => continue,
        };
        *survey.used.entry(name).or_default() += 1;
    }
    for group in items(&all("DescribeTargetGroups").await?["TargetGroups"]) {
        *survey.used.entry("target-groups").or_default() += 1;
        for field in ["TargetGroupArn", "TargetGroupName"] {
            survey.target_groups.insert(text(&group[field]).to_owned());
        }
    }
    survey.unrecorded = ask.unrecorded(state, &|_| true).await?;
    Ok(survey)
}
