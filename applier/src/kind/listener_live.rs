//! What listeners and rules are by now, in the form of their specs.

use super::actions::{self, REDACTED};
use super::{attributes, conditions, items, literal, text};
use ingc_compiler::resource::{
    Action, Condition, Listener, ListenerCertificate, ListenerRule, MutualAuthentication, Tags,
    Token,
};
use ingc_planner::state::SecretHash;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a listener's spec is by now. What AWS does not tell is as it was applied.
pub(crate) fn listener(
    applied: &Listener,
    described: &Value,
    certificates: &Value,
    settings: &attributes::Settings,
    tags: Tags,
) -> Listener {
    let mut live = Listener {
        load_balancer_arn: Token::Literal(text(&described["LoadBalancerArn"]).to_owned()),
        port: described["Port"].as_i64().and_then(|p| p.try_into().ok()).unwrap_or(applied.port),
        protocol: text(&described["Protocol"]).to_owned(),
        ssl_policy: described["SslPolicy"].as_str().map(str::to_owned),
        tags,
        ..applied.clone()
    };
    for attribute in &mut live.attributes {
        if let Some(value) = settings.get(&attribute.key) {
            attribute.value.clone_from(value);
        }
    }
    let read = actions::from_aws(&described["DefaultActions"]);
    if !same_actions(&read, &applied.default_actions) {
        live.default_actions = actions::plain(read);
    }
    let all = items(&certificates["Certificates"]);
    let (default, named): (Vec<_>, Vec<_>) = all.iter().partition(|it| it["IsDefault"] == true);
    let mut has: Vec<&str> = Vec::new();
    for arn in default.into_iter().chain(named).map(|it| text(&it["CertificateArn"])) {
        if !has.contains(&arn) {
            has.push(arn);
        }
    }
    let had: Vec<&str> =
        applied.certificates.iter().map(|it| literal(&it.certificate_arn)).collect();
    let set = |list: &[&str]| list.iter().map(|arn| (*arn).to_owned()).collect::<BTreeSet<_>>();
    if has.first() != had.first() || set(&has) != set(&had) {
        live.certificates = has
            .into_iter()
            .map(|arn| ListenerCertificate { certificate_arn: Token::Literal(arn.to_owned()) })
            .collect();
    }
    let read = mutual_authentication(&described["MutualAuthentication"]);
    let filled = |mutual: Option<&MutualAuthentication>| {
        let mut mutual = mutual.cloned().unwrap_or_else(off);
        mutual.ignore_client_certificate_expiry.get_or_insert(false);
        mutual.advertise_trust_store_ca_names.get_or_insert_with(|| "off".to_owned());
        mutual.trust_store_arn.get_or_insert_default();
        mutual
    };
    if filled(read.as_ref()) != filled(applied.mutual_authentication.as_ref()) {
        live.mutual_authentication = Some(read.unwrap_or_else(off));
    }
    live
}

fn off() -> MutualAuthentication {
    MutualAuthentication { mode: "off".to_owned(), ..MutualAuthentication::default() }
}

fn mutual_authentication(described: &Value) -> Option<MutualAuthentication> {
    described.is_object().then(|| MutualAuthentication {
        advertise_trust_store_ca_names: described["AdvertiseTrustStoreCaNames"]
            .as_str()
            .filter(|advertise| *advertise != "off")
            .map(str::to_owned),
        ignore_client_certificate_expiry: described["IgnoreClientCertificateExpiry"].as_bool(),
        mode: text(&described["Mode"]).to_owned(),
        // The compiler writes an empty one where there is none.
        trust_store_arn: Some(text(&described["TrustStoreArn"]).to_owned()),
    })
}

/// What a rule's spec is by now, where one was applied.
pub(crate) fn rule(
    applied: &ListenerRule,
    described: &Value,
    tags: Tags,
    secrets: &BTreeMap<String, SecretHash>,
) -> ListenerRule {
    let mut read = from_aws(described, literal(&applied.listener_arn));
    hide_client_ids(&mut read.actions, secrets);
    if same_actions(&read.actions, &applied.actions) {
        read.actions.clone_from(&applied.actions);
    } else {
        read.actions = actions::plain(read.actions);
    }
    if same_conditions(&read.conditions, &applied.conditions) {
        read.conditions.clone_from(&applied.conditions);
    }
    read.tags = tags;
    read
}

/// The spec of a described rule that nobody recorded.
pub(crate) fn unknown(described: &Value, listener: &str, tags: Tags) -> ListenerRule {
    let mut read = from_aws(described, listener);
    hide_client_ids(&mut read.actions, &BTreeMap::new());
    ListenerRule { actions: actions::plain(read.actions), tags, ..read }
}

fn from_aws(described: &Value, listener: &str) -> ListenerRule {
    ListenerRule {
        actions: actions::from_aws(&described["Actions"]),
        conditions: conditions::from_aws(&described["Conditions"]),
        listener_arn: Token::Literal(listener.to_owned()),
        priority: text(&described["Priority"]).parse().unwrap_or_default(),
        tags: Tags::new(),
        transforms: conditions::transforms_from_aws(&described["Transforms"]),
    }
}

fn same_actions(one: &[Action], other: &[Action]) -> bool {
    actions::filled(one.to_vec()) == actions::filled(other.to_vec())
}

/// Conditions and their values have no order.
fn same_conditions(one: &[Condition], other: &[Condition]) -> bool {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(values) => {
                values.iter_mut().for_each(sort);
                values.sort_by_cached_key(Value::to_string);
            }
            Value::Object(fields) => fields.values_mut().for_each(sort),
            _ => {}
        }
    }
    let sorted = |conditions: &[Condition]| {
        let mut value = serde_json::to_value(conditions).unwrap_or_default();
        sort(&mut value);
        value
    };
    sorted(one) == sorted(other)
}

/// A spec holds client ids redacted. One that is not the recorded one shows as changed.
fn hide_client_ids(actions: &mut [Action], secrets: &BTreeMap<String, SecretHash>) {
    for (i, action) in actions.iter_mut().enumerate() {
        if let Some(oidc) = &mut action.authenticate_oidc {
            let hash = secrets.get(&format!("/actions/{i}/authenticateOIDCConfig/clientID"));
            let same = hash.is_none_or(|hash| hash.is_of(&oidc.client_id));
            oidc.client_id = if same { REDACTED } else { "[CHANGED]" }.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_aws_fills_in_is_no_difference() {
        let applied: ListenerRule = serde_json::from_value(json!({
            "actions": [{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}],
            "conditions": [{"field": "host-header", "hostHeaderConfig": {"values": ["b.com", "a.com"]}},
                           {"field": "path-pattern", "pathPatternConfig": {"values": ["/"]}}],
            "listenerARN": "arn:l", "priority": 3,
        }))
        .unwrap();
        let described = json!({
            "Priority": "3",
            "Actions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}}],
            "Conditions": [{"Field": "path-pattern", "Values": ["/"], "PathPatternConfig": {"Values": ["/"]}},
                           {"Field": "host-header", "Values": ["a.com", "b.com"], "HostHeaderConfig": {"Values": ["a.com", "b.com"]}}],
        });
        assert_eq!(rule(&applied, &described, Tags::new(), &BTreeMap::new()), applied);
    }

    #[test]
    fn another_client_id_shows_without_its_value() {
        let action = json!([{"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"ClientId": "theirs"}}]);
        let hash = |value: &str| {
            let pointer = "/actions/0/authenticateOIDCConfig/clientID".to_owned();
            BTreeMap::from([(pointer, SecretHash::new("a/b", "clientID", "salt", value))])
        };
        for (recorded, shown) in [("theirs", "[REDACTED]"), ("ours", "[CHANGED]")] {
            let mut actions = actions::from_aws(&action);
            hide_client_ids(&mut actions, &hash(recorded));
            assert_eq!(actions[0].authenticate_oidc.as_ref().unwrap().client_id, shown);
        }
    }
}
