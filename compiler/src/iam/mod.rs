//! Policy documents of IAM.
//!
//! A document is made of [`Statement`]s, which are tables: actions, the resources that they are
//! for, and conditions.

mod controller;

pub use controller::{Permissions, controller};

use crate::resource::PolicyDocument;
use serde_json::{Map, Value, json};

/// One statement that allows something. `PARTITION` in a resource stands for the account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Such as `ec2:DescribeVpcs`.
    pub actions: &'a [&'a str],
    /// ARNs with wildcards, or `*`.
    pub resources: &'a [&'a str],
    /// Operator, key and values, such as `("Null", "aws:RequestTag/x", &["false"])`.
    pub conditions: &'a [(&'a str, &'a str, &'a [&'a str])],
}

/// The document of some statements.
pub fn document<'a>(
    statements: impl IntoIterator<Item = &'a Statement<'a>>,
    partition: &str,
) -> PolicyDocument {
    let statements: Vec<Value> =
        statements.into_iter().map(|statement| json_of(statement, partition)).collect();
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": statements}))
}

fn json_of(statement: &Statement<'_>, partition: &str) -> Value {
    let resources = statement.resources.iter().map(|arn| arn.replace("PARTITION", partition));
    let mut json = json!({
        "Effect": "Allow",
        "Action": statement.actions,
        "Resource": resources.collect::<Vec<_>>(),
    });
    let mut conditions: Map<String, Value> = Map::new();
    for (operator, key, values) in statement.conditions {
        let keys = conditions.entry((*operator).to_owned()).or_insert_with(|| json!({}));
        keys[*key] = json!(values);
    }
    if !conditions.is_empty() {
        json["Condition"] = Value::Object(conditions);
    }
    json
}

/// All actions that a document allows, patterns with `*` included, sorted.
pub fn allowed(document: &PolicyDocument) -> Vec<&str> {
    let statements = document.value()["Statement"].as_array().into_iter().flatten();
    let allowing = statements.filter(|statement| statement["Effect"] == "Allow");
    let mut actions: Vec<&str> = allowing
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect::<Vec<_>>(),
        })
        .collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

/// The actions of one document that another one does not name in any way. Conditions and resources
/// are not compared.
pub fn lacking<'d>(needed: &'d PolicyDocument, has: &PolicyDocument) -> Vec<&'d str> {
    use crate::route::{Case, wildcard};
    let has = allowed(has);
    let covered =
        |action: &&str| has.iter().any(|it| wildcard(it, action, Case::Insensitive, false));
    allowed(needed).into_iter().filter(|action| !covered(action)).collect()
}

/// The partition of a region.
pub fn partition_of(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let found = partitions.iter().find(|(start, _)| region.starts_with(start));
    found.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_lacks_is_told_by_action() {
        let full = controller(Permissions::Full, "aws");
        assert_eq!(lacking(&full, &full), [""; 0]);
        let other = PolicyDocument::new(json!({"Statement": [
            {"Effect": "Allow", "Action": ["elasticloadbalancing:*", "ec2:*", "acm:*", "iam:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["waf-regional:*", "wafv2:*", "shield:Describe*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "cognito-idp:*", "Resource": "*"}]}));
        let lacks = [
            "cognito-idp:DescribeUserPoolClient",
            "shield:CreateProtection",
            "shield:DeleteProtection",
            "shield:GetSubscriptionState",
        ];
        assert_eq!(lacking(&full, &other), lacks);
    }

    #[test]
    fn a_statement_becomes_json() {
        let statement = Statement {
            actions: &["ec2:CreateTags"],
            resources: &["arn:PARTITION:ec2:*:*:security-group/*"],
            conditions: &[
                ("StringEquals", "ec2:CreateAction", &["CreateSecurityGroup"]),
                ("Null", "aws:RequestTag/elbv2.k8s.aws/cluster", &["false"]),
            ],
        };
        let expected = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "ec2:CreateTags",
            "Resource": "arn:aws-cn:ec2:*:*:security-group/*",
            "Condition": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"},
                "Null": {"aws:RequestTag/elbv2.k8s.aws/cluster": "false"}}}]});
        assert_eq!(document([&statement], partition_of("cn-north-1")).value(), &expected);
    }
}
