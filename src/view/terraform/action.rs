//! Rules, conditions and actions as the provider has them.

use super::{block, field, items};
use serde_json::{Map, Value, json};

/// `aws_lb_listener_rule`.
pub(super) fn rule(spec: &Value, tags: &Map<String, Value>) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("listener_arn".to_owned(), field(spec, "listenerARN"));
    values.insert("priority".to_owned(), field(spec, "priority"));
    values.insert("action".to_owned(), actions(items(spec, "actions")));
    values.insert(
        "condition".to_owned(),
        Value::Array(items(spec, "conditions").iter().map(condition).collect()),
    );
    values.insert(
        "transform".to_owned(),
        Value::Array(items(spec, "transforms").iter().map(transform).collect()),
    );
    values.insert("tags".to_owned(), json!(tags));
    values.insert("tags_all".to_owned(), json!(tags));
    values
}

/// `action` and `default_action` blocks, in order.
pub(super) fn actions(list: &[Value]) -> Value {
    Value::Array(list.iter().enumerate().map(|(i, one)| action(i + 1, one)).collect())
}

fn action(order: usize, action: &Value) -> Value {
    let mut out = Map::new();
    out.insert("type".to_owned(), field(action, "type"));
    out.insert("order".to_owned(), json!(order));
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    if let Some(config) = action.get("forwardConfig") {
        let groups = items(config, "targetGroups");
        if let [only] = groups {
            put("target_group_arn", field(only, "targetGroupARN"));
        }
        let groups = groups.iter().map(|group| {
            json!({"arn": field(group, "targetGroupARN"), "weight": group.get("weight").cloned().unwrap_or(json!(1))})
        });
        let mut forward =
            Map::from_iter([("target_group".to_owned(), Value::Array(groups.collect()))]);
        if let Some(stickiness) = config.get("targetGroupStickinessConfig") {
            let seconds = field(stickiness, "durationSeconds");
            forward.insert(
                "stickiness".to_owned(),
                block(json!({"enabled": field(stickiness, "enabled"), "duration": seconds})),
            );
        }
        put("forward", block(Value::Object(forward)));
    }
    if let Some(config) = action.get("redirectConfig") {
        let part = |name: &str, same: &str| config.get(name).cloned().unwrap_or(json!(same));
        put(
            "redirect",
            block(json!({
                "host": part("host", "#{host}"),
                "path": part("path", "/#{path}"),
                "port": part("port", "#{port}"),
                "protocol": part("protocol", "#{protocol}"),
                "query": part("query", "#{query}"),
                "status_code": field(config, "statusCode"),
            })),
        );
    }
    if let Some(config) = action.get("fixedResponseConfig") {
        put(
            "fixed_response",
            block(json!({
                "content_type": field(config, "contentType"),
                "message_body": field(config, "messageBody"),
                "status_code": field(config, "statusCode"),
            })),
        );
    }
    for (ours, theirs) in [
        ("authenticateCognitoConfig", "authenticate_cognito"),
        ("authenticateOIDCConfig", "authenticate_oidc"),
        ("jwtValidationConfig", "jwt_validation"),
    ] {
        if let Some(Value::Object(config)) = action.get(ours) {
            let renamed =
                config.iter().map(|(name, value)| (argument(name), value.clone())).collect();
            put(theirs, block(Value::Object(renamed)));
        }
    }
    Value::Object(out)
}

/// The provider's argument of an authentication field: snake case, acronyms as one word.
fn argument(name: &str) -> String {
    let (mut out, mut upper_before) = (String::new(), false);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            if !upper_before && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
        upper_before = c.is_ascii_uppercase();
    }
    out
}

fn condition(condition: &Value) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    for (ours, theirs) in [
        ("hostHeaderConfig", "host_header"),
        ("pathPatternConfig", "path_pattern"),
        ("httpRequestMethodConfig", "http_request_method"),
        ("sourceIPConfig", "source_ip"),
    ] {
        if let Some(config) = condition.get(ours) {
            let mut values =
                Map::from_iter([("values".to_owned(), json!(items(config, "values")))]);
            if let Some(regexes) = config.get("regexValues") {
                values.insert("regex_values".to_owned(), regexes.clone());
            }
            put(theirs, block(Value::Object(values)));
        }
    }
    if let Some(config) = condition.get("httpHeaderConfig") {
        put(
            "http_header",
            block(json!({
                "http_header_name": field(config, "httpHeaderName"),
                "values": items(config, "values"),
                "regex_values": items(config, "regexValues"),
            })),
        );
    }
    if let Some(config) = condition.get("queryStringConfig") {
        let pairs = items(config, "values").iter();
        put(
            "query_string",
            Value::Array(
                pairs
                    .map(|p| json!({"key": field(p, "key"), "value": field(p, "value")}))
                    .collect(),
            ),
        );
    }
    Value::Object(out)
}

fn transform(transform: &Value) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), field(transform, "type"))]);
    for (ours, theirs) in [
        ("hostHeaderRewriteConfig", "host_header_rewrite_config"),
        ("urlRewriteConfig", "url_rewrite_config"),
    ] {
        if let Some(config) = transform.get(ours) {
            let rewrites = Value::Array(items(config, "rewrites").to_vec());
            out.insert(theirs.to_owned(), block(json!({"rewrite": rewrites})));
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authentication_fields_get_the_providers_names() {
        let check = |ours, theirs| assert_eq!(argument(ours), theirs);
        check("clientID", "client_id");
        check("userPoolARN", "user_pool_arn");
        check("authenticationRequestExtraParams", "authentication_request_extra_params");
        check("onUnauthenticatedRequest", "on_unauthenticated_request");
        check("jwksEndpoint", "jwks_endpoint");
    }

    #[test]
    fn redirects_keep_what_they_do_not_name() {
        let out = action(
            1,
            &json!({"type": "redirect", "redirectConfig": {"port": "443", "statusCode": "HTTP_301"}}),
        );
        assert_eq!(out["redirect"][0]["port"], "443");
        assert_eq!(out["redirect"][0]["host"], "#{host}");
        assert_eq!(out["redirect"][0]["path"], "/#{path}");
    }
}
