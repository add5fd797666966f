//! Issuers, policies and roles as the provider has them.

use super::{Converted, field, items};
use ingc_compiler::resource::Ref;
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `aws_iam_policy`.
pub(super) fn policy(spec: &Value, tags: &Map<String, Value>) -> Map<String, Value> {
    object(json!({
        "name": field(spec, "managedPolicyName"),
        "description": field(spec, "description"),
        "policy": text(&field(spec, "policyDocument")),
        "tags": tags,
        "tags_all": tags,
    }))
}

/// `aws_iam_openid_connect_provider`.
pub(super) fn provider(spec: &Value, tags: &Map<String, Value>) -> Map<String, Value> {
    object(json!({
        "url": field(spec, "url"),
        "client_id_list": field(spec, "clientIDs"),
        "thumbprint_list": items(spec, "thumbprints"),
        "tags": tags,
        "tags_all": tags,
    }))
}

/// `aws_iam_role`, and an `aws_iam_role_policy_attachment` for each policy that it has.
pub(super) fn role(spec: &Value, tags: &Map<String, Value>) -> Vec<Converted> {
    let role = object(json!({
        "name": field(spec, "roleName"),
        "description": field(spec, "description"),
        "assume_role_policy": text(&field(spec, "assumeRolePolicyDocument")),
        "permissions_boundary": field(spec, "permissionsBoundary"),
        "tags": tags,
        "tags_all": tags,
    }));
    let role = Converted { resource_type: "aws_iam_role", suffix: String::new(), values: role };
    let policies = items(spec, "managedPolicyARNs").iter().enumerate();
    let attachments = policies.map(|(index, arn)| Converted {
        resource_type: "aws_iam_role_policy_attachment",
        suffix: index.to_string(),
        values: object(json!({"role": field(spec, "roleName"), "policy_arn": arn})),
    });
    std::iter::once(role).chain(attachments).collect()
}

/// A document as the provider has it: a text. Terraform knows no text that is known in part, and so
/// what does not exist yet stands there by its kind and name.
fn text(document: &Value) -> String {
    let mut document = document.clone();
    name(&mut document);
    document.to_string()
}

fn name(value: &mut Value) {
    let reference = value["$ref"].as_str().and_then(Ref::parse);
    match value {
        _ if reference.is_some() => {
            let named = reference.map(|it| format!("{}/{}", it.kind, it.id));
            *value = named.map_or(Value::Null, Value::from);
        }
        Value::Array(items) => items.iter_mut().for_each(name),
        Value::Object(fields) => fields.values_mut().for_each(name),
        _ => {}
    }
}
