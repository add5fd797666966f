//! `AWS::ElasticLoadBalancingV2::ListenerRule`.

use super::field::{Field, in_place, replace};
use super::{Action, Tags, Token};
use serde::{Deserialize, Serialize};

/// A rule of a listener; the first that matches answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListenerRule {
    /// What it does.
    #[serde(rename = "actions")]
    pub actions: Vec<Action>,
    /// All must hold.
    #[serde(rename = "conditions")]
    pub conditions: Vec<Condition>,
    /// The listener.
    #[serde(rename = "listenerARN")]
    pub listener_arn: Token,
    /// 1 to 50000, unique per listener.
    #[serde(rename = "priority")]
    pub priority: i32,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Rewrites after the match.
    #[serde(rename = "transforms", default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
}

impl ListenerRule {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        in_place("actions"),
        in_place("conditions"),
        replace("listenerARN"),
        in_place("priority"),
        in_place("tags"),
        in_place("transforms"),
    ];
}

/// One condition; any of its values suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Condition {
    /// Which part of the request: `host-header`, `path-pattern`, …
    #[serde(rename = "field")]
    pub field: String,
    /// For `host-header`.
    #[serde(rename = "hostHeaderConfig", default, skip_serializing_if = "Option::is_none")]
    pub host_header: Option<PatternCondition>,
    /// For `http-header`.
    #[serde(rename = "httpHeaderConfig", default, skip_serializing_if = "Option::is_none")]
    pub http_header: Option<Box<HttpHeaderCondition>>,
    /// For `http-request-method`.
    #[serde(rename = "httpRequestMethodConfig", default, skip_serializing_if = "Option::is_none")]
    pub http_request_method: Option<ValuesCondition>,
    /// For `path-pattern`.
    #[serde(rename = "pathPatternConfig", default, skip_serializing_if = "Option::is_none")]
    pub path_pattern: Option<PatternCondition>,
    /// For `query-string`.
    #[serde(rename = "queryStringConfig", default, skip_serializing_if = "Option::is_none")]
    pub query_string: Option<QueryStringCondition>,
    /// For `source-ip`.
    #[serde(rename = "sourceIPConfig", default, skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<ValuesCondition>,
}

/// Patterns, or regular expressions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PatternCondition {
    /// Regular expressions.
    #[serde(rename = "regexValues", default, skip_serializing_if = "Vec::is_empty")]
    pub regex_values: Vec<String>,
    /// Patterns with `*` and `?`.
    #[serde(rename = "values", default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Values of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HttpHeaderCondition {
    /// The header.
    #[serde(rename = "httpHeaderName")]
    pub http_header_name: String,
    /// Regular expressions.
    #[serde(rename = "regexValues", default, skip_serializing_if = "Vec::is_empty")]
    pub regex_values: Vec<String>,
    /// Patterns with `*` and `?`.
    #[serde(rename = "values", default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Plain values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ValuesCondition {
    /// Accepted values.
    #[serde(rename = "values")]
    pub values: Vec<String>,
}

/// Query parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QueryStringCondition {
    /// Accepted pairs.
    #[serde(rename = "values")]
    pub values: Vec<QueryStringPair>,
}

/// One query parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QueryStringPair {
    /// The key; any if absent.
    #[serde(rename = "key", default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value.
    #[serde(rename = "value")]
    pub value: String,
}

/// A rewrite after the match.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Transform {
    /// For `host-header-rewrite`.
    #[serde(rename = "hostHeaderRewriteConfig", default, skip_serializing_if = "Option::is_none")]
    pub host_header_rewrite: Option<Rewrites>,
    /// `host-header-rewrite` or `url-rewrite`.
    #[serde(rename = "type")]
    pub transform_type: String,
    /// For `url-rewrite`.
    #[serde(rename = "urlRewriteConfig", default, skip_serializing_if = "Option::is_none")]
    pub url_rewrite: Option<Rewrites>,
}

/// Rewrites in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rewrites {
    /// AWS accepts one.
    #[serde(rename = "rewrites")]
    pub rewrites: Vec<Rewrite>,
}

/// A regular expression and what replaces it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rewrite {
    /// What is looked for.
    #[serde(rename = "regex")]
    pub regex: String,
    /// What replaces it.
    #[serde(rename = "replace")]
    pub replace: String,
}
