//! Security groups, certificates, protections and target registrations as the provider has them.

use super::{Converted, field, items};
use ingc_compiler::resource::Address;
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn texts(permission: &Value, list: &str, name: &str) -> Vec<Value> {
    items(permission, list).iter().map(|entry| field(entry, name)).collect()
}

/// `aws_security_group`. What leaves it is what AWS gives a new group: everything.
pub(super) fn security_group(
    spec: &Value,
    vpc_id: &str,
    tags: &Map<String, Value>,
) -> Map<String, Value> {
    let ingress: Vec<Value> = items(spec, "ingress")
        .iter()
        .map(|permission| {
            json!({
                "cidr_blocks": texts(permission, "ipRanges", "cidrIP"),
                "ipv6_cidr_blocks": texts(permission, "ipv6Ranges", "cidrIPv6"),
                "prefix_list_ids": texts(permission, "prefixLists", "listID"),
                "security_groups": [],
                "description": "",
                "self": false,
                "protocol": field(permission, "ipProtocol"),
                "from_port": permission.get("fromPort").cloned().unwrap_or(json!(0)),
                "to_port": permission.get("toPort").cloned().unwrap_or(json!(0)),
            })
        })
        .collect();
    object(json!({
        "name": field(spec, "groupName"),
        "description": field(spec, "description"),
        "vpc_id": vpc_id,
        "ingress": ingress,
        "egress": [{
            "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "prefix_list_ids": [],
            "security_groups": [], "description": "", "self": false,
            "protocol": "-1", "from_port": 0, "to_port": 0,
        }],
        "tags": tags,
        "tags_all": tags,
    }))
}

/// `aws_acm_certificate`.
pub(super) fn certificate(spec: &Value, tags: &Map<String, Value>) -> Map<String, Value> {
    let text = |name: &str| match spec.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Value::String(text.clone()),
        _ => Value::Null,
    };
    object(json!({
        "domain_name": field(spec, "domainName"),
        "subject_alternative_names": field(spec, "subjectAlternativeNames"),
        "validation_method": text("validationMethod"),
        "certificate_authority_arn": text("certificateAuthorityARN"),
        "key_algorithm": field(spec, "keyAlgorithm"),
        "tags": tags,
        "tags_all": tags,
    }))
}

/// `aws_shield_protection`.
pub(super) fn protection(address: &Address, spec: &Value) -> Map<String, Value> {
    object(json!({"name": address.stack, "resource_arn": field(spec, "resourceARN")}))
}

/// `aws_wafv2_web_acl_association`.
pub(super) fn web_acl(spec: &Value) -> Map<String, Value> {
    object(
        json!({"resource_arn": field(spec, "resourceARN"), "web_acl_arn": field(spec, "webACLARN")}),
    )
}

/// `aws_wafregional_web_acl_association`.
pub(super) fn waf_classic(spec: &Value) -> Map<String, Value> {
    object(
        json!({"resource_arn": field(spec, "resourceARN"), "web_acl_id": field(spec, "webACLID")}),
    )
}

/// `aws_lb_target_group_attachment`: the ALB as a target of the NLB in front of it.
pub(super) fn attachments(spec: &Value) -> Vec<Converted> {
    let Some(targets) = spec.get("TargetGroups").and_then(Value::as_object) else {
        return Vec::new();
    };
    targets
        .iter()
        .map(|(name, target)| Converted {
            resource_type: "aws_lb_target_group_attachment",
            suffix: name.clone(),
            values: object(json!({
                "target_group_arn": field(target, "ARN"),
                "target_id": field(target, "TargetARN"),
                "port": field(target, "TargetPort"),
            })),
        })
        .collect()
}

/// `kubernetes_manifest` of a TargetGroupBinding.
pub(super) fn binding(spec: &Value) -> Map<String, Value> {
    let mut manifest =
        object(json!({"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding"}));
    manifest.extend(object(field(spec, "template")));
    object(json!({"manifest": manifest}))
}
