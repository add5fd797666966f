//! What the cluster and CI need of IAM: `AWS::IAM::ManagedPolicy`, `AWS::IAM::OIDCProvider` and
//! `AWS::IAM::Role`.

use super::field::{Field, ignore, in_place, replace};
use super::{Ref, Tags, Token};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A policy document in one form: what has no order is sorted, and a list of one is its item, so
/// that documents that mean the same to IAM have the same text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// Of a document as somebody wrote it. `{"$ref": …}` stands for another resource's output.
    pub fn new(mut document: Value) -> PolicyDocument {
        if let Some(statements) = document.get_mut("Statement") {
            if statements.is_object() {
                *statements = Value::Array(vec![statements.take()]);
            }
            statements.as_array_mut().into_iter().flatten().for_each(settle_statement);
        }
        PolicyDocument(document)
    }

    /// The document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// All references in it.
    pub(crate) fn each_ref(&self, visit: &mut dyn FnMut(Ref)) {
        each_ref(&self.0, visit);
    }
}

fn settle_statement(statement: &mut Value) {
    let Some(fields) = statement.as_object_mut() else { return };
    for (name, value) in fields {
        match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => settle(value),
            "Principal" | "NotPrincipal" => {
                value.as_object_mut().into_iter().flatten().for_each(|(_, value)| settle(value));
            }
            "Condition" => {
                let operators = value.as_object_mut().into_iter().flatten();
                let keys = operators.filter_map(|(_, keys)| keys.as_object_mut()).flatten();
                keys.for_each(|(_, value)| settle(value));
            }
            _ => {}
        }
    }
}

/// Sorts a list; one item stands for itself.
fn settle(value: &mut Value) {
    let Some(items) = value.as_array_mut() else { return };
    items.sort_by_key(Value::to_string);
    items.dedup();
    if items.len() == 1 {
        *value = items.remove(0);
    }
}

fn each_ref(value: &Value, visit: &mut dyn FnMut(Ref)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_ref(item, visit)),
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(pointer) => Ref::parse(pointer).into_iter().for_each(visit),
            None => fields.values().for_each(|field| each_ref(field, visit)),
        },
        _ => {}
    }
}

/// A policy that roles can have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Free text; AWS does not change it.
    #[serde(rename = "description", default)]
    pub description: String,
    /// Unique in the account.
    #[serde(rename = "managedPolicyName")]
    pub name: String,
    /// What it allows.
    #[serde(rename = "policyDocument")]
    pub document: PolicyDocument,
    /// It is somebody else's: it is used, and neither changed nor deleted.
    #[serde(rename = "shared", default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl ManagedPolicy {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        ignore("description"),
        replace("managedPolicyName"),
        in_place("policyDocument"),
        ignore("shared"),
        in_place("tags"),
    ];
}

/// An issuer of tokens that roles can trust.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Audiences of tokens that are accepted, sorted.
    #[serde(rename = "clientIDs")]
    pub client_ids: Vec<String>,
    /// It is somebody else's: it is used, and neither deleted nor changed but for an audience that
    /// it lacks.
    #[serde(rename = "shared", default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Fingerprints of certificates of authorities that AWS does not know, sorted. Empty where it
    /// knows the issuer's, as it does EKS's, GitHub's and GitLab's.
    #[serde(rename = "thumbprints", default, skip_serializing_if = "Vec::is_empty")]
    pub thumbprints: Vec<String>,
    /// The issuer, with `https://`.
    #[serde(rename = "url")]
    pub url: String,
}

impl OidcProvider {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        in_place("clientIDs"),
        ignore("shared"),
        in_place("tags"),
        in_place("thumbprints"),
        replace("url"),
    ];
}

/// A role that pods or CI jobs take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Whose tokens it trusts.
    #[serde(rename = "assumeRolePolicyDocument")]
    pub trust: PolicyDocument,
    /// Free text.
    #[serde(rename = "description", default)]
    pub description: String,
    /// The policies that it has.
    #[serde(rename = "managedPolicyARNs", default)]
    pub managed_policies: Vec<Token>,
    /// ARN of the policy that bounds what it may be allowed.
    #[serde(rename = "permissionsBoundary", default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    /// Unique in the account.
    #[serde(rename = "roleName")]
    pub name: String,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Role {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        in_place("assumeRolePolicyDocument"),
        in_place("description"),
        in_place("managedPolicyARNs"),
        in_place("permissionsBoundary"),
        replace("roleName"),
        in_place("tags"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_that_mean_the_same_are_equal() {
        let one = PolicyDocument::new(json!({"Statement": {
            "Action": ["b", "a", "b"], "Resource": ["*"], "Principal": {"Federated": ["x"]},
            "Condition": {"StringEquals": {"k": ["v"]}}}}));
        let other = json!({"Statement": [{
            "Action": ["a", "b"], "Resource": "*", "Principal": {"Federated": "x"},
            "Condition": {"StringEquals": {"k": "v"}}}]});
        assert_eq!(one.value(), &other);
        assert_eq!(PolicyDocument::new(other.clone()).value(), &other);
    }
}
