//! A plan in Terraform's JSON plan representation, with the AWS provider's resource types, so that
//! policy tools written for Terraform read it unchanged.
//!
//! Source of the form: Terraform's "JSON Output Format", `format_version` 1.2. A resource of ours
//! becomes one or more of the provider's: a listener's further certificates are resources of their
//! own there. Outputs of resources that do not exist yet are unknown, as Terraform has them.

mod action;
mod document;
mod iam;
mod load_balancer;
mod network;
mod reference;

pub use document::{Resource, document};

use ingc_compiler::resource::{Address, Kind};
use serde_json::{Map, Value};

/// One resource of the provider: its type, what follows the name, and its values, in which
/// `{"$ref": …}` stands for another resource's output.
pub(crate) struct Converted {
    pub(crate) resource_type: &'static str,
    pub(crate) suffix: String,
    pub(crate) values: Map<String, Value>,
}

/// The provider's resources that a spec becomes; none for what the provider has no type for.
fn convert(
    address: &Address,
    spec: &Value,
    vpc_id: &str,
    tags: &Map<String, Value>,
) -> Vec<Converted> {
    let one =
        |resource_type, values| vec![Converted { resource_type, suffix: String::new(), values }];
    match address.kind {
        Kind::Certificate => one("aws_acm_certificate", network::certificate(spec, tags)),
        Kind::SecurityGroup => {
            one("aws_security_group", network::security_group(spec, vpc_id, tags))
        }
        Kind::Listener => load_balancer::listener(spec, tags),
        Kind::ListenerRule => one("aws_lb_listener_rule", action::rule(spec, tags)),
        Kind::LoadBalancer => one("aws_lb", load_balancer::load_balancer(spec, tags)),
        Kind::TargetGroup => {
            one("aws_lb_target_group", load_balancer::target_group(spec, vpc_id, tags))
        }
        Kind::Protection => one("aws_shield_protection", network::protection(address, spec)),
        Kind::ManagedPolicy => one("aws_iam_policy", iam::policy(spec, tags)),
        Kind::OidcProvider => one("aws_iam_openid_connect_provider", iam::provider(spec, tags)),
        Kind::Role => iam::role(spec, tags),
        Kind::WafRegionalWebAclAssociation => {
            one("aws_wafregional_web_acl_association", network::waf_classic(spec))
        }
        Kind::WebAclAssociation => one("aws_wafv2_web_acl_association", network::web_acl(spec)),
        Kind::FrontendNlbTargetGroups => network::attachments(spec),
        Kind::TargetGroupBinding => one("kubernetes_manifest", network::binding(spec)),
    }
}

/// A field of a spec, or null.
fn field(spec: &Value, name: &str) -> Value {
    spec.get(name).cloned().unwrap_or(Value::Null)
}

/// A nested block, which the provider has as a list of one.
fn block(value: Value) -> Value {
    Value::Array(vec![value])
}

/// The items of a list in a spec; empty if it has none.
fn items<'v>(spec: &'v Value, name: &str) -> &'v [Value] {
    spec.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
