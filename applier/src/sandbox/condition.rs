//! Conditions and transforms of rules: what AWS takes and what it fills in.

use super::cloud::{Cloud, refuse};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Condition {
    field: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_header_config: Option<Patterns>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_pattern_config: Option<Patterns>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_header_config: Option<Header>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_request_method_config: Option<Values>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query_string_config: Option<QueryStrings>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_ip_config: Option<Values>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Patterns {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    regex_values: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Header {
    http_header_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    regex_values: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Values {
    values: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueryStrings {
    values: Vec<Pair>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Pair {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Transform {
    #[serde(rename = "Type")]
    transform_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_header_rewrite_config: Option<Rewrites>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url_rewrite_config: Option<Rewrites>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rewrites {
    rewrites: Vec<Rewrite>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rewrite {
    regex: String,
    replace: String,
}

impl Condition {
    /// All values, the number of which AWS limits per rule.
    fn all_values(&self) -> Vec<&str> {
        let patterns = [&self.host_header_config, &self.path_pattern_config];
        let mut values: Vec<&str> = Vec::new();
        for patterns in patterns.into_iter().flatten() {
            values.extend(patterns.values.iter().chain(&patterns.regex_values).map(String::as_str));
        }
        if let Some(header) = &self.http_header_config {
            values.extend(header.values.iter().chain(&header.regex_values).map(String::as_str));
        }
        for plain in
            [&self.http_request_method_config, &self.source_ip_config].into_iter().flatten()
        {
            values.extend(plain.values.iter().map(String::as_str));
        }
        if let Some(query) = &self.query_string_config {
            values.extend(query.values.iter().map(|pair| pair.value.as_str()));
        }
        values
    }

    /// How many of its values hold wildcards, which regular expressions do not.
    fn wildcards(&self) -> usize {
        let plain = [&self.host_header_config, &self.path_pattern_config];
        let patterns = plain.into_iter().flatten().flat_map(|patterns| &patterns.values);
        let headers = self.http_header_config.iter().flat_map(|header| &header.values);
        let pairs = self.query_string_config.iter().flat_map(|query| &query.values);
        let texts = patterns.chain(headers).map(String::as_str);
        texts
            .chain(pairs.map(|pair| pair.value.as_str()))
            .map(|text| text.bytes().filter(|b| matches!(b, b'*' | b'?')).count())
            .sum()
    }

    /// As AWS keeps it: hosts and paths stand in both of their forms.
    fn filled(mut self) -> Condition {
        let config = match self.field.as_str() {
            "host-header" => &mut self.host_header_config,
            "path-pattern" => &mut self.path_pattern_config,
            _ => return self,
        };
        let patterns = config.get_or_insert_default();
        if patterns.values.is_empty() && patterns.regex_values.is_empty() {
            patterns.values.clone_from(&self.values);
        }
        self.values.clone_from(&patterns.values);
        self
    }

    fn check(&self) -> Result<(), CallError> {
        let configs = [
            ("host-header", self.host_header_config.is_some()),
            ("path-pattern", self.path_pattern_config.is_some()),
            ("http-header", self.http_header_config.is_some()),
            ("http-request-method", self.http_request_method_config.is_some()),
            ("query-string", self.query_string_config.is_some()),
            ("source-ip", self.source_ip_config.is_some()),
        ];
        let field = self.field.as_str();
        if !configs.iter().any(|(name, _)| *name == field) {
            return refuse(
                "ValidationError",
                format!(
                    "Condition field '{field}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'"
                ),
            );
        }
        if configs.iter().any(|(name, given)| *given != (*name == field)) {
            return refuse(
                "ValidationError",
                format!("The configuration does not belong to the condition field '{field}'"),
            );
        }
        let values = self.all_values();
        if values.is_empty() {
            return refuse(
                "ValidationError",
                format!("A condition value must be specified for '{field}'"),
            );
        }
        if values.iter().any(|value| value.is_empty() || value.chars().count() > 128) {
            return refuse(
                "ValidationError",
                format!("The values of '{field}' have 1 to 128 characters"),
            );
        }
        if let Some(header) = &self.http_header_config {
            if header.http_header_name.is_empty() || header.http_header_name.len() > 40 {
                return refuse("ValidationError", "The header name has 1 to 40 characters");
            }
            if header.http_header_name.eq_ignore_ascii_case("host") {
                return refuse(
                    "ValidationError",
                    "The header 'Host' is matched by the field 'host-header'",
                );
            }
        }
        match field {
            "http-request-method" => {
                let method = |v: &&str| {
                    v.len() <= 40 && v.bytes().all(|b| b.is_ascii_uppercase() || b"-_".contains(&b))
                };
                if !values.iter().all(method) {
                    return refuse(
                        "ValidationError",
                        "Request methods are upper case letters, '-' and '_'",
                    );
                }
            }
            "source-ip" => {
                if let Some(bad) = values.iter().find(|value| !super::is_cidr(value)) {
                    return refuse(
                        "ValidationError",
                        format!("The source IP '{bad}' is not in CIDR format"),
                    );
                }
            }
            "path-pattern" => {
                let Some(patterns) = &self.path_pattern_config else { return Ok(()) };
                let allowed = |c: char| {
                    c.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?%!(),;=[]{}|\\^#<>`".contains(c)
                };
                if let Some(bad) = patterns.values.iter().find(|v| !v.chars().all(allowed)) {
                    return refuse(
                        "ValidationError",
                        format!("The path pattern '{bad}' contains invalid characters"),
                    );
                }
            }
            "host-header" => {
                let Some(patterns) = &self.host_header_config else { return Ok(()) };
                let allowed = |c: char| c.is_ascii_alphanumeric() || "-.*?_:".contains(c);
                if let Some(bad) = patterns.values.iter().find(|v| !v.chars().all(allowed)) {
                    return refuse(
                        "ValidationError",
                        format!("The host '{bad}' contains invalid characters"),
                    );
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Cloud {
    /// The conditions as AWS keeps them, or why it refuses them.
    pub(super) fn checked_conditions(
        &self,
        conditions: Vec<Condition>,
    ) -> Result<Vec<Condition>, CallError> {
        if conditions.is_empty() {
            return refuse("ValidationError", "A rule must have at least one condition");
        }
        let conditions: Vec<_> = conditions.into_iter().map(Condition::filled).collect();
        let mut fields = BTreeSet::new();
        for condition in &conditions {
            condition.check()?;
            let once = !matches!(condition.field.as_str(), "http-header" | "query-string");
            if once && !fields.insert(&condition.field) {
                return refuse(
                    "ValidationError",
                    format!(
                        "A rule can only have one condition of the field '{}'",
                        condition.field
                    ),
                );
            }
        }
        let limit = self.quota("condition-values-per-alb-rule");
        if conditions.iter().map(|condition| condition.all_values().len()).sum::<usize>() > limit {
            return refuse(
                "ValidationError",
                format!("A rule can only have '{limit}' condition values"),
            );
        }
        let limit = self.quota("condition-wildcards-per-alb-rule");
        if conditions.iter().map(Condition::wildcards).sum::<usize>() > limit {
            return refuse("ValidationError", format!("A rule can only have '{limit}' wildcards"));
        }
        Ok(conditions)
    }
}

/// Refuses transforms that AWS refuses: at most one of each type, with one rewrite.
pub(super) fn check_transforms(transforms: &[Transform]) -> Result<(), CallError> {
    let mut types = BTreeSet::new();
    for transform in transforms {
        let config = match transform.transform_type.as_str() {
            "host-header-rewrite" => &transform.host_header_rewrite_config,
            "url-rewrite" => &transform.url_rewrite_config,
            other => {
                return refuse("ValidationError", format!("'{other}' is not a transform type"));
            }
        };
        if !types.insert(&transform.transform_type) {
            return refuse("ValidationError", "A rule can have one transform of each type");
        }
        match config.as_ref().map(|config| config.rewrites.as_slice()) {
            Some([rewrite]) if rewrite.regex.len() <= 1024 && rewrite.replace.len() <= 1024 => {}
            _ => {
                return refuse(
                    "ValidationError",
                    "A transform has exactly one rewrite of at most 1024 characters",
                );
            }
        }
    }
    Ok(())
}
