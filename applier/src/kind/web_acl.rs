//! Web ACLs on load balancers.

use super::{literal, load_balancer, text};
use crate::account::{Account, Call, Service};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{WafRegionalWebAclAssociation, WebAclAssociation};
use ingc_planner::state::Pairs;
use serde_json::json;

/// Brings a load balancer's association to what it shall be; an empty ARN means none.
pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &WebAclAssociation,
) -> Result<(), Failure> {
    let arn = literal(&spec.resource_arn);
    let get = Call::new(Service::Wafv2, "GetWebACLForResource", json!({"ResourceArn": arn}));
    let there = hand.call(get).await?;
    let there = text(&there["WebACL"]["ARN"]);
    if spec.web_acl_arn != there {
        load_balancer::wait_until_active(hand, arn).await?;
        let (action, params) = if spec.web_acl_arn.is_empty() {
            ("DisassociateWebACL", json!({"ResourceArn": arn}))
        } else {
            hand.claim("webACLARN")?;
            ("AssociateWebACL", json!({"ResourceArn": arn, "WebACLArn": spec.web_acl_arn}))
        };
        hand.call(Call::new(Service::Wafv2, action, params)).await?;
    }
    hand.record(&Pairs::new(), &[])
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &WebAclAssociation,
) -> Result<(), Failure> {
    if spec.web_acl_arn.is_empty() {
        return Ok(());
    }
    let params = json!({"ResourceArn": literal(&spec.resource_arn)});
    let get = Call::new(Service::Wafv2, "GetWebACLForResource", params.clone());
    let there = hand.call(get).await?;
    if text(&there["WebACL"]["ARN"]) != spec.web_acl_arn {
        // Somebody has put another one in its place, which is theirs.
        return Ok(());
    }
    hand.call(Call::new(Service::Wafv2, "DisassociateWebACL", params)).await.map(drop)
}

/// WAF Classic has ended: nothing can be associated any more, and nothing is.
pub(super) async fn create_classic<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &WafRegionalWebAclAssociation,
) -> Result<(), Failure> {
    if spec.web_acl_id.is_empty() {
        return hand.record(&Pairs::new(), &[]);
    }
    Err(hand.failure(
        &code::WAF_CLASSIC,
        format!("WAF Classic has ended, and web ACL `{}` cannot be associated", spec.web_acl_id),
        "name a WAFv2 web ACL with `alb.ingress.kubernetes.io/wafv2-acl-arn` instead of `web-acl-id`",
    ))
}
