//! One recorded object as AWS has it.

use super::fetch::{Ask, Found};
use super::spec_text;
use crate::account::{Account, Call, Service};
use crate::error::Error;
use crate::kind::{
    attributes, certificate, items, listener, listener_live, listener_rule, literal, load_balancer,
    security_group, tags, target_group, target_group_binding, text,
};
use ingc_compiler::resource::{
    Address, Certificate, FrontendNlbTargetGroups, Kind, Output, Protection, SecurityGroup,
    TargetGroupBinding, WebAclAssociation,
};
use ingc_planner::state::{Pairs, SpecText};
use ingc_planner::{LiveObject, Recorded};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The object: `None` if it was not read, `Some(None)` if it is gone.
pub(crate) type Read = Option<Option<LiveObject>>;

/// Reads one object. `spec` is what was applied, with references as they were then.
pub(super) async fn read<A: Account>(
    ask: &Ask<'_, A>,
    found: &Found,
    address: &Address,
    spec: &Value,
    recorded: &Recorded,
) -> Result<Read, Error> {
    let mut read = read_spec(ask, found, address, spec, recorded).await?;
    if let Some(Some(object)) = &mut read {
        let has = recorded.outputs.iter().find_map(|(_, id)| found.tags.get(id));
        object.tracking = has.map(tags::tracking);
    }
    Ok(read)
}

async fn read_spec<A: Account>(
    ask: &Ask<'_, A>,
    found: &Found,
    address: &Address,
    spec: &Value,
    recorded: &Recorded,
) -> Result<Read, Error> {
    let id = |output: Output| recorded.outputs.get(output.name()).unwrap_or_default();
    let live = |spec: SpecText, outputs: Pairs| {
        Ok(Some(Some(LiveObject { spec, outputs, tracking: None })))
    };
    macro_rules! applied {
        () => {
            match typed(spec) {
                Some(applied) => applied,
                None => return Ok(None),
            }
        };
    }
    let described = |id: &str| found.described.get(id);
    // A user's tag of one of our keys was overruled by ours, and is as it was applied.
    let tags_of = |id: &str| {
        let mut tags = tags::of_user(found.tags.get(id).cloned().unwrap_or_default());
        for (key, value) in spec["tags"].as_object().into_iter().flatten() {
            if tags::is_ours(key) {
                tags.insert(key.clone(), text(value).to_owned());
            }
        }
        tags
    };
    match address.kind {
        Kind::LoadBalancer => {
            let arn = id(Output::LoadBalancerArn);
            let Some(there) = described(arn) else { return Ok(Some(None)) };
            let applied: ingc_compiler::resource::LoadBalancer = applied!();
            let on = json!({"LoadBalancerArn": arn});
            let settings = if applied.load_balancer_attributes.is_empty() {
                attributes::Settings::new()
            } else {
                let call = Call::elb("DescribeLoadBalancerAttributes", on.clone());
                attributes::read(&ask.one(call).await?.unwrap_or_default())
            };
            let capacity = if applied.minimum_load_balancer_capacity.is_some() {
                let call = Call::elb("DescribeCapacityReservation", on);
                let answer = ask.one(call).await?.unwrap_or_default();
                answer["MinimumLoadBalancerCapacity"]["CapacityUnits"].as_i64()
            } else {
                None
            };
            let now = load_balancer::live(&applied, there, &settings, capacity, tags_of(arn));
            live(spec_text(&now), load_balancer::outputs(there))
        }
        Kind::TargetGroup => {
            let arn = id(Output::TargetGroupArn);
            let Some(there) = described(arn) else { return Ok(Some(None)) };
            let applied: ingc_compiler::resource::TargetGroup = applied!();
            let settings = if applied.attributes.is_empty() {
                attributes::Settings::new()
            } else {
                let on = json!({"TargetGroupArn": arn});
                let call = Call::elb("DescribeTargetGroupAttributes", on);
                attributes::read(&ask.one(call).await?.unwrap_or_default())
            };
            let now = target_group::live(&applied, there, &settings, tags_of(arn));
            live(spec_text(&now), target_group::outputs(there))
        }
        Kind::Listener => {
            let arn = id(Output::ListenerArn);
            let Some(there) = described(arn) else { return Ok(Some(None)) };
            let applied: ingc_compiler::resource::Listener = applied!();
            let on = json!({"ListenerArn": arn});
            let settings = if applied.attributes.is_empty() {
                attributes::Settings::new()
            } else {
                let call = Call::elb("DescribeListenerAttributes", on.clone());
                attributes::read(&ask.one(call).await?.unwrap_or_default())
            };
            let certificates = if text(&there["Protocol"]) == "HTTPS" {
                let call = Call::elb("DescribeListenerCertificates", on);
                ask.one(call).await?.unwrap_or_default()
            } else {
                Value::Null
            };
            let now =
                listener_live::listener(&applied, there, &certificates, &settings, tags_of(arn));
            live(spec_text(&now), listener::outputs(there))
        }
        Kind::ListenerRule => {
            let arn = id(Output::RuleArn);
            let Some(there) = described(arn) else { return Ok(Some(None)) };
            let applied = applied!();
            let now = listener_live::rule(&applied, there, tags_of(arn), &recorded.secrets);
            live(spec_text(&now), listener_rule::outputs(there))
        }
        Kind::SecurityGroup => {
            let id = id(Output::GroupId);
            let Some(there) = described(id) else { return Ok(Some(None)) };
            let applied: SecurityGroup = applied!();
            let mut now = security_group::from_aws(there);
            now.tags = tags_of(id);
            let mut had = applied.ingress.clone();
            had.sort_by_cached_key(|it| serde_json::to_string(it).unwrap_or_default());
            if had == now.ingress {
                now.ingress = applied.ingress;
            }
            live(spec_text(&now), recorded.outputs.clone())
        }
        Kind::Certificate => {
            let on = json!({"CertificateArn": id(Output::CertificateArn)});
            let call = Call::new(Service::Acm, "DescribeCertificate", on.clone());
            let Some(there) = ask.one(call).await? else { return Ok(Some(None)) };
            let call = Call::new(Service::Acm, "ListTagsForCertificate", on);
            let list = ask.one(call).await?.unwrap_or_default();
            let mut now: Certificate = applied!();
            now.domain_name = certificate::from_aws(&there["Certificate"]).domain_name;
            let has = tags::of_user(tags::read(&list["Tags"]));
            now.tags.retain(|key, _| tags::is_ours(key));
            now.tags.extend(has);
            live(spec_text(&now), recorded.outputs.clone())
        }
        Kind::Protection => {
            let mut now: Protection = applied!();
            let on = json!({"ResourceArn": literal(&now.resource_arn)});
            let call = Call::new(Service::Shield, "DescribeProtection", on);
            let there = ask.one(call).await?.is_some();
            if now.enabled && !there {
                return Ok(Some(None));
            }
            now.enabled = there;
            live(spec_text(&now), recorded.outputs.clone())
        }
        Kind::WebAclAssociation => {
            let mut now: WebAclAssociation = applied!();
            let on = json!({"ResourceArn": literal(&now.resource_arn)});
            let call = Call::new(Service::Wafv2, "GetWebACLForResource", on);
            let Some(there) = ask.one(call).await? else { return Ok(Some(None)) };
            let acl = text(&there["WebACL"]["ARN"]);
            if acl.is_empty() && !now.web_acl_arn.is_empty() {
                return Ok(Some(None));
            }
            acl.clone_into(&mut now.web_acl_arn);
            live(spec_text(&now), recorded.outputs.clone())
        }
        Kind::ManagedPolicy | Kind::OidcProvider | Kind::Role => {
            let seen = super::iam::read(ask, address).await?;
            Ok(Some(seen.map(|seen| seen.live(spec))))
        }
        // Nothing of it exists in AWS any more.
        Kind::WafRegionalWebAclAssociation => Ok(None),
        Kind::FrontendNlbTargetGroups => {
            let mut now: FrontendNlbTargetGroups = applied!();
            for (name, target) in now.target_groups.clone() {
                let on = json!({"TargetGroupArn": literal(&target.arn)});
                let answer =
                    ask.one(Call::elb("DescribeTargetHealth", on)).await?.unwrap_or_default();
                let registered = items(&answer["TargetHealthDescriptions"]).iter().any(|it| {
                    text(&it["Target"]["Id"]) == literal(&target.target_arn)
                        && it["Target"]["Port"] == target.target_port
                });
                if !registered {
                    now.target_groups.remove(&name);
                }
            }
            live(spec_text(&now), recorded.outputs.clone())
        }
        Kind::TargetGroupBinding => {
            let applied: TargetGroupBinding = applied!();
            let Some(there) = ask.binding(target_group_binding::get(&applied)).await? else {
                return Ok(None);
            };
            let Some(there) = there else { return Ok(Some(None)) };
            let template = json!({"metadata": there["metadata"], "spec": there["spec"]});
            let now = typed::<TargetGroupBinding>(&json!({"template": template}));
            live(spec_text(&now.unwrap_or(applied)), recorded.outputs.clone())
        }
    }
}

/// A spec as its kind's type. One that cannot be read is not compared.
fn typed<T: DeserializeOwned>(spec: &Value) -> Option<T> {
    T::deserialize(spec).ok()
}
