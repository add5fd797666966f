//! Finds stacks that exist in AWS and that the state does not know: a state was lost, or the
//! controller has made them.

use super::fetch::Ask;
use crate::account::{Account, Call, Service};
use crate::error::Error;
use crate::kind::{items, tags};
use ingc_compiler::tag;
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
