//! Shield Advanced on load balancers.

use super::{literal, text};
use crate::account::{Account, Call, Service};
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::Protection;
use ingc_planner::state::Pairs;
use serde_json::json;

/// The name under which the state keeps a protection's id.
const ID: &str = "protectionID";

/// Brings a load balancer's protection to what it shall be, whatever it is.
pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Protection,
) -> Result<(), Failure> {
    let arn = literal(&spec.resource_arn);
    let there = find(hand, arn).await?;
    let id = match (spec.enabled, there) {
        (true, Some(id)) => Some(id),
        (true, None) => {
            hand.claim("enabled")?;
            let name = arn.rsplit('/').nth(1).unwrap_or(arn);
            let params = json!({"Name": format!("ingc-{name}"), "ResourceArn": arn});
            let call = Call::new(Service::Shield, "CreateProtection", params);
            match hand.call(call).await {
                Err(failure) if failure.is(&["ResourceAlreadyExistsException"]) => {
                    find(hand, arn).await?
                }
                other => Some(text(&other?["ProtectionId"]).to_owned()),
            }
        }
        (false, Some(id)) => {
            remove(hand, &id).await?;
            None
        }
        (false, None) => None,
    };
    let outputs: Pairs = id.iter().map(|id| (ID, id.as_str())).collect();
    hand.record(&outputs, &[])
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Protection,
) -> Result<(), Failure> {
    if !spec.enabled {
        return Ok(());
    }
    match find(hand, literal(&spec.resource_arn)).await? {
        Some(id) => remove(hand, &id).await,
        None => Ok(()),
    }
}

/// The id of the protection that a load balancer has.
async fn find<A: Account>(hand: &mut Hand<'_, A>, arn: &str) -> Result<Option<String>, Failure> {
    let call = Call::new(Service::Shield, "DescribeProtection", json!({"ResourceArn": arn}));
    match hand.call(call).await {
        Ok(answer) => Ok(Some(text(&answer["Protection"]["Id"]).to_owned())),
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn remove<A: Account>(hand: &mut Hand<'_, A>, id: &str) -> Result<(), Failure> {
    let call = Call::new(Service::Shield, "DeleteProtection", json!({"ProtectionId": id}));
    match hand.call(call).await {
        Err(failure) if failure.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}
