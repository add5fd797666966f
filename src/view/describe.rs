//! Resources in a few words. Specs come as JSON, since those of a state may be of another version.

use ingc_compiler::resource::{Kind, Ref};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a resource is, in a line.
pub fn resource(kind: Kind, spec: &Value) -> String {
    match kind {
        Kind::LoadBalancer => {
            let subnets = counted(items(spec, "subnetMapping").len(), "subnet");
            format!(
                "{}, {} {}, {subnets}",
                text(spec, "name"),
                text(spec, "scheme"),
                text(spec, "ipAddressType")
            )
        }
        Kind::SecurityGroup => security_group(spec),
        Kind::Listener => {
            let port = format!("{} {}", text(spec, "protocol"), number(spec, "port"));
            match actions(&spec["defaultActions"]) {
                actions if actions.is_empty() => port,
                actions => format!("{port}, else {actions}"),
            }
        }
        Kind::ListenerRule => {
            format!("{} → {}", conditions(&spec["conditions"]), actions(&spec["actions"]))
        }
        Kind::TargetGroup => target_group(spec),
        Kind::TargetGroupBinding => {
            let service = &spec["template"]["spec"]["serviceRef"];
            format!("Service {} port {}", text(service, "name"), scalar(&service["port"]))
        }
        Kind::Certificate => text(spec, "domainName"),
        Kind::Protection => "Shield Advanced".to_owned(),
        Kind::ManagedPolicy => {
            format!("{}, {}", text(spec, "managedPolicyName"), document(&spec["policyDocument"]))
        }
        Kind::OidcProvider => {
            let audiences: Vec<String> = items(spec, "clientIDs").iter().map(scalar).collect();
            format!("{}, for {}", text(spec, "url"), listed(&audiences, 3))
        }
        Kind::Role => {
            let subjects = subjects(&spec["assumeRolePolicyDocument"]);
            format!("{}, for {}", text(spec, "roleName"), listed(&subjects, 3))
        }
        Kind::WafRegionalWebAclAssociation => text(spec, "webACLID"),
        Kind::WebAclAssociation => match text(spec, "webACLARN") {
            none if none.is_empty() => "no web ACL".to_owned(),
            arn => arn,
        },
        Kind::FrontendNlbTargetGroups => {
            let targets = spec["TargetGroups"].as_object().map_or(0, serde_json::Map::len);
            counted(targets, "target group")
        }
    }
}

/// A policy document in a few words.
pub fn document(document: &Value) -> String {
    let statements = items(document, "Statement");
    let actions = statements.iter().map(|it| it["Action"].as_array().map_or(1, Vec::len)).sum();
    format!("{}, {}", counted(statements.len(), "statement"), counted(actions, "action"))
}

/// Whose tokens a trust policy accepts.
fn subjects(trust: &Value) -> Vec<String> {
    let conditions = items(trust, "Statement").iter().filter_map(|it| it["Condition"].as_object());
    let keys = conditions.flat_map(|it| it.values()).filter_map(Value::as_object).flatten();
    let subjects = keys.filter(|(key, _)| key.ends_with(":sub")).map(|(_, value)| value);
    subjects
        .flat_map(|value| match value {
            Value::Array(items) => items.iter().map(scalar).collect(),
            one => vec![scalar(one)],
        })
        .collect()
}

fn security_group(spec: &Value) -> String {
    let permissions = items(spec, "ingress");
    let ports = distinct(permissions.iter().map(|permission| {
        let (from, to) = (number(permission, "fromPort"), number(permission, "toPort"));
        if from == to { from } else { format!("{from}-{to}") }
    }));
    let ranges = [("ipRanges", "cidrIP"), ("ipv6Ranges", "cidrIPv6"), ("prefixLists", "listID")];
    let sources = distinct(permissions.iter().flat_map(|permission| {
        ranges.iter().flat_map(|(list, key)| items(permission, list).iter().map(|it| text(it, key)))
    }));
    let name = text(spec, "groupName");
    if ports.is_empty() {
        return name;
    }
    format!("{name}, {} from {}", listed(&ports, 4), listed(&sources, 3))
}

fn target_group(spec: &Value) -> String {
    let check = &spec["healthCheckConfig"];
    let version = match text(spec, "protocolVersion").as_str() {
        "" | "HTTP1" => String::new(),
        version => format!(" ({version})"),
    };
    let mut words = format!(
        "{}, {} {} {}{version}",
        text(spec, "name"),
        text(spec, "targetType"),
        text(spec, "protocol"),
        number(spec, "port")
    );
    match text(check, "path") {
        path if path.is_empty() => {}
        path => words.push_str(&format!(", health check {path}")),
    }
    words
}

/// The conditions of a rule.
pub fn conditions(conditions: &Value) -> String {
    let one = |condition: &Value| {
        let config = condition.as_object()?.iter().find(|(key, _)| key.ends_with("Config"))?.1;
        let regexes =
            items(config, "regexValues").iter().map(|regex| format!("~{}", scalar(regex)));
        let values = items(config, "values").iter().map(|value| match value {
            Value::Object(pair) => match (pair.get("key"), pair.get("value")) {
                (Some(key), Some(value)) => format!("{}={}", scalar(key), scalar(value)),
                (_, value) => value.map(scalar).unwrap_or_default(),
            },
            value => scalar(value),
        });
        let values: Vec<String> = values.chain(regexes).collect();
        let values = listed(&values, 5);
        Some(match condition["field"].as_str()? {
            "host-header" | "path-pattern" => values,
            "http-header" => format!("{}: {values}", text(config, "httpHeaderName")),
            "http-request-method" => format!("method {values}"),
            "query-string" => format!("?{values}"),
            "source-ip" => format!("from {values}"),
            other => format!("{other} {values}"),
        })
    };
    let words: Vec<String> = conditions.as_array().into_iter().flatten().filter_map(one).collect();
    if words.is_empty() { "everything".to_owned() } else { words.join(" ") }
}

/// The actions of a rule, or a listener's default ones.
pub fn actions(actions: &Value) -> String {
    let words: Vec<String> = actions.as_array().into_iter().flatten().map(action).collect();
    words.join(", ")
}

fn action(action: &Value) -> String {
    match action["type"].as_str().unwrap_or_default() {
        "forward" => {
            let tuples = items(&action["forwardConfig"], "targetGroups");
            let one = |tuple: &Value| {
                let target = target(&tuple["targetGroupARN"]);
                match &tuple["weight"] {
                    weight if weight.is_number() && tuples.len() > 1 => {
                        format!("{target} ({weight})")
                    }
                    _ => target,
                }
            };
            tuples.iter().map(one).collect::<Vec<_>>().join(" | ")
        }
        "redirect" => {
            let config = &action["redirectConfig"];
            let part = |key: &str, placeholder: &str| match text(config, key) {
                none if none.is_empty() => placeholder.to_owned(),
                part => part,
            };
            let query = part("query", "#{query}");
            let query = if query.is_empty() { query } else { format!("?{query}") };
            format!(
                "{} {}://{}:{}{}{query}",
                text(config, "statusCode").trim_start_matches("HTTP_"),
                part("protocol", "#{protocol}").to_ascii_lowercase(),
                part("host", "#{host}"),
                part("port", "#{port}"),
                part("path", "/#{path}"),
            )
        }
        "fixed-response" => text(&action["fixedResponseConfig"], "statusCode"),
        "authenticate-cognito" => "login with Cognito".to_owned(),
        "authenticate-oidc" => "login with OpenID Connect".to_owned(),
        "jwt-validation" => "token check".to_owned(),
        other => other.to_owned(),
    }
}

/// A target group as a rule names it: the id of one of ours, or an ARN.
fn target(value: &Value) -> String {
    let pointer = value["$ref"].as_str();
    match pointer.and_then(Ref::parse) {
        Some(reference) => reference.id.to_string(),
        None => scalar(value),
    }
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, key: &str) -> String {
    scalar(&value[key])
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Each item once, at its first place.
fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

/// The first items of a list, and how many there are beyond them.
fn listed(items: &[String], most: usize) -> String {
    let shown = items.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 subnet`, `2 subnets`.
pub fn counted(count: usize, word: &str) -> String {
    match (count, word.strip_suffix("ss")) {
        (1, _) => format!("1 {word}"),
        (_, Some(_)) => format!("{count} {word}es"),
        _ => format!("{count} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_read_as_sentences() {
        let target = json!({"$ref": "#/resources/AWS::ElasticLoadBalancingV2::TargetGroup/shop/web-cart:80/status/targetGroupARN"});
        let rule = json!({
            "conditions": [
                {"field": "host-header", "hostHeaderConfig": {"values": ["shop.example.com"]}},
                {"field": "path-pattern", "pathPatternConfig": {"values": ["/cart", "/cart/*"]}},
                {"field": "query-string", "queryStringConfig": {"values": [{"key": "v", "value": "2"}]}},
            ],
            "actions": [
                {"type": "authenticate-cognito"},
                {"type": "forward", "forwardConfig": {"targetGroups": [
                    {"targetGroupARN": target, "weight": 90},
                    {"targetGroupARN": "arn:aws:x", "weight": 10},
                ]}},
            ],
        });
        assert_eq!(
            resource(Kind::ListenerRule, &rule),
            "shop.example.com /cart, /cart/* ?v=2 → login with Cognito, shop/web-cart:80 (90) | arn:aws:x (10)"
        );
    }

    #[test]
    fn redirects_read_as_addresses() {
        let redirect = json!([{"type": "redirect", "redirectConfig": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}]);
        assert_eq!(actions(&redirect), "301 https://#{host}:443/#{path}?#{query}");
    }

    #[test]
    fn words_follow_their_number() {
        assert_eq!(counted(1, "Ingress"), "1 Ingress");
        assert_eq!(counted(2, "Ingress"), "2 Ingresses");
        assert_eq!(counted(0, "subnet"), "0 subnets");
    }
}
