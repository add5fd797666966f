//! What a plan does to security.

use crate::plan::{Action, FieldChange, SecurityNote};
use crate::stack::Draft;
use ingc_compiler::resource::Kind;
use serde_json::Value;
use std::cmp::Ordering;

/// The notes of one draft, without reasons.
pub(crate) fn notes(draft: &Draft<'_>) -> Vec<SecurityNote> {
    let mut notes = Notes { draft, found: Vec::new() };
    if draft.deposed.is_some() || draft.action == Action::Forget {
        return notes.found;
    }
    match draft.address.kind {
        Kind::LoadBalancer => notes.load_balancer(),
        Kind::SecurityGroup => notes.security_group(),
        Kind::Listener => notes.listener(),
        Kind::ListenerRule => notes.logins("actions"),
        Kind::WebAclAssociation => notes.association("/webACLARN", "web ACL"),
        Kind::WafRegionalWebAclAssociation => notes.association("/webACLID", "WAF Classic ACL"),
        Kind::Protection => notes.shield(),
        Kind::TargetGroup => notes.target_group(),
        Kind::Certificate
        | Kind::FrontendNlbTargetGroups
        | Kind::TargetGroupBinding
        | Kind::ManagedPolicy
        | Kind::OidcProvider
        | Kind::Role => {}
    }
    notes.found
}

struct Notes<'d, 'a> {
    draft: &'d Draft<'a>,
    found: Vec<SecurityNote>,
}

impl Notes<'_, '_> {
    fn note(&mut self, weaker: bool, text: impl Into<String>) {
        let address = self.draft.address.clone();
        self.found.push(SecurityNote { address, weaker, text: text.into(), reason: None });
    }

    fn weaker(&mut self, text: impl Into<String>) {
        self.note(true, text);
    }

    fn before(&self) -> Value {
        self.draft.before.as_ref().map_or(Value::Null, |spec| spec.value())
    }

    fn after(&self) -> Value {
        self.draft.after.as_ref().map_or(Value::Null, |spec| spec.value())
    }

    /// Removals go with their load balancer, of which the plan tells anyway.
    fn stays(&self) -> bool {
        self.draft.action != Action::Delete
    }

    fn load_balancer(&mut self) {
        if !self.stays() {
            return;
        }
        let scheme = |spec: &Value| {
            spec.get("scheme").and_then(Value::as_str).is_some_and(|s| s == "internet-facing")
        };
        if scheme(&self.after()) && !scheme(&self.before()) {
            self.weaker("becomes reachable from the internet");
        }
        self.other_groups();
        let fields = self.draft.fields.clone();
        for field in &fields {
            let key = field.path.strip_prefix("loadBalancerAttributes[");
            let Some(key) = key.and_then(|key| key.strip_suffix(']')) else { continue };
            let (on, off) = match key {
                "deletion_protection.enabled" => {
                    ("is protected from deletion", "is no longer protected from deletion")
                }
                "routing.http.drop_invalid_header_fields.enabled" => {
                    ("drops invalid header fields", "no longer drops invalid header fields")
                }
                "access_logs.s3.enabled" => ("writes access logs", "no longer writes access logs"),
                "connection_logs.s3.enabled" => {
                    ("writes connection logs", "no longer writes connection logs")
                }
                "waf.fail_open.enabled" => {
                    match switched(field) {
                        Some(true) => self.weaker("lets requests through when its web ACL fails"),
                        Some(false) => self.note(false, "refuses requests when its web ACL fails"),
                        None => {}
                    }
                    continue;
                }
                "routing.http.desync_mitigation_mode" => {
                    self.desync(field);
                    continue;
                }
                _ => continue,
            };
            match switched(field) {
                Some(true) => self.note(false, on),
                Some(false) => self.weaker(off),
                None => {}
            }
        }
    }

    fn desync(&mut self, field: &FieldChange) {
        let mode = |value: &Option<Value>| match value.as_ref().and_then(Value::as_str) {
            Some("monitor") => 0,
            Some("strictest") => 2,
            _ => 1,
        };
        match mode(&field.after).cmp(&mode(&field.before)) {
            Ordering::Less => self.weaker("lets more ambiguous requests through"),
            Ordering::Greater => self.note(false, "lets fewer ambiguous requests through"),
            Ordering::Equal => {}
        }
    }

    /// Groups that are not ours admit what nobody here can tell.
    fn other_groups(&mut self) {
        if self.draft.action != Action::Update {
            return;
        }
        let (before, after) = (foreign_groups(&self.before()), foreign_groups(&self.after()));
        let new: Vec<&String> = after.iter().filter(|group| !before.contains(group)).collect();
        if !new.is_empty() {
            let names = new.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", ");
            self.weaker(format!("admits whom {names} admits, which is not ours"));
        }
    }

    /// Traffic to the targets.
    fn target_group(&mut self) {
        if !matches!(self.draft.action, Action::Update | Action::Replace) {
            return;
        }
        let encrypts = |spec: &Value| text_at(spec, "/protocol") == "HTTPS";
        match (encrypts(&self.before()), encrypts(&self.after())) {
            (true, false) => self.weaker("no longer encrypts what goes to its targets"),
            (false, true) => self.note(false, "encrypts what goes to its targets"),
            _ => {}
        }
    }

    fn security_group(&mut self) {
        if self.draft.action == Action::Create {
            let ports = open_ports(&self.after());
            if !ports.is_empty() {
                self.weaker(format!(
                    "admits everybody (0.0.0.0/0 or ::/0) to {}",
                    ports.join(", ")
                ));
            }
            return;
        }
        for field in self.draft.fields.clone() {
            let Some(entry) = field.path.strip_prefix("ingress[") else { continue };
            let Some((port, from)) = entry.trim_end_matches(']').split_once(" from ") else {
                continue;
            };
            if matches!(from, "0.0.0.0/0" | "::/0") {
                match (&field.before, &field.after) {
                    (None, Some(_)) => self.weaker(format!("admits everybody ({from}) to {port}")),
                    (Some(_), None) => {
                        self.note(false, format!("no longer admits everybody ({from}) to {port}"));
                    }
                    _ => {}
                }
            }
        }
    }

    fn listener(&mut self) {
        if self.draft.action != Action::Update {
            return;
        }
        for field in self.draft.fields.clone() {
            let text = |value: &Option<Value>| {
                value.as_ref().and_then(Value::as_str).unwrap_or("none").to_owned()
            };
            let (before, after) = (text(&field.before), text(&field.after));
            match field.path.as_str() {
                "protocol" if before == "HTTPS" => self.weaker("no longer speaks TLS"),
                "protocol" if after == "HTTPS" => self.note(false, "speaks TLS"),
                "sslPolicy" => {
                    if let (Some(old), Some(new)) = (oldest_tls(&before), oldest_tls(&after)) {
                        if new < old {
                            self.weaker(format!("admits older TLS ({before} to {after})"));
                        } else if new > old {
                            self.note(
                                false,
                                format!("admits only newer TLS ({before} to {after})"),
                            );
                        }
                    }
                }
                "mutualAuthentication.mode" if before == "verify" => {
                    self.weaker("no longer verifies client certificates");
                }
                "mutualAuthentication" if mode(&field.before) == Some("verify") => {
                    self.weaker("no longer verifies client certificates");
                }
                "mutualAuthentication.trustStoreArn" if !before.is_empty() && before != "none" => {
                    self.weaker(format!("trusts the client certificates of {after}"));
                }
                "mutualAuthentication.ignoreClientCertificateExpiry" => {
                    let ignores = |value: &Option<Value>| {
                        value.as_ref().is_some_and(|value| value == true || value == "true")
                    };
                    if ignores(&field.after) {
                        self.weaker("admits client certificates that have expired");
                    }
                }
                _ => {}
            }
        }
        let redirects = |spec: &Value| {
            let actions = spec.get("defaultActions").and_then(Value::as_array);
            let to_https = |a: &Value| text_at(a, "/redirectConfig/protocol") == "HTTPS";
            actions.into_iter().flatten().any(to_https)
        };
        match (redirects(&self.before()), redirects(&self.after())) {
            (true, false) => self.weaker("no longer redirects to HTTPS"),
            (false, true) => self.note(false, "redirects to HTTPS"),
            _ => {}
        }
        self.logins("defaultActions");
    }

    /// Rules and default actions that asked for a login.
    fn logins(&mut self, list: &str) {
        if self.draft.action != Action::Update {
            return;
        }
        let asks = |spec: &Value| {
            let actions = spec.get(list).and_then(Value::as_array);
            actions.into_iter().flatten().any(|action| {
                let kind = action.get("type").and_then(Value::as_str).unwrap_or_default();
                kind.starts_with("authenticate-") || kind == "jwt-validation"
            })
        };
        match (asks(&self.before()), asks(&self.after())) {
            (true, false) => self.weaker("no longer asks for a login"),
            (false, true) => self.note(false, "asks for a login"),
            _ => {}
        }
        // Who is not logged in may pass all the same.
        let lets_pass = |spec: &Value| {
            let actions = spec.get(list).and_then(Value::as_array);
            actions.into_iter().flatten().any(|action| {
                ["authenticateOIDCConfig", "authenticateCognitoConfig"].iter().any(|config| {
                    text_at(action, &format!("/{config}/onUnauthenticatedRequest")) == "allow"
                })
            })
        };
        if lets_pass(&self.after()) && asks(&self.before()) && !lets_pass(&self.before()) {
            self.weaker("lets requests through without a login");
        }
    }

    fn association(&mut self, pointer: &str, what: &str) {
        let acl = |spec: &Value| {
            spec.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (before, after) = (acl(&self.before()), acl(&self.after()));
        match (before.is_empty(), after.is_empty()) {
            (false, true) => self.weaker(format!("is no longer behind a {what}")),
            (true, false) => self.note(false, format!("is behind a {what}")),
            (false, false) if before != after => self.weaker(format!("is behind another {what}")),
            _ => {}
        }
    }

    fn shield(&mut self) {
        let on = |spec: &Value| spec.get("enabled").and_then(Value::as_bool) == Some(true);
        match (on(&self.before()), on(&self.after())) {
            (true, false) => self.weaker("is no longer protected by Shield Advanced"),
            (false, true) => self.note(false, "is protected by Shield Advanced"),
            _ => {}
        }
    }
}

/// A text in a spec; empty if there is none.
fn text_at<'v>(spec: &'v Value, pointer: &str) -> &'v str {
    spec.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Security groups that a load balancer's spec names by their id.
fn foreign_groups(spec: &Value) -> Vec<String> {
    let groups = spec.get("securityGroups").and_then(Value::as_array);
    groups.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether an attribute is switched on or off.
fn switched(field: &FieldChange) -> Option<bool> {
    let on = |value: &Option<Value>| value.as_ref().and_then(Value::as_str) == Some("true");
    let (before, after) = (on(&field.before), on(&field.after));
    (before != after).then_some(after)
}

fn mode(value: &Option<Value>) -> Option<&str> {
    value.as_ref()?.get("mode")?.as_str()
}

/// The ports that a security group opens to everybody.
fn open_ports(spec: &Value) -> Vec<String> {
    let permissions = spec.get("ingress").and_then(Value::as_array);
    let mut ports: Vec<String> = permissions
        .into_iter()
        .flatten()
        .filter(|permission| {
            let text = permission.to_string();
            text.contains("\"0.0.0.0/0\"") || text.contains("\"::/0\"")
        })
        .map(|permission| {
            let part = |name: &str| permission.get(name).map(Value::to_string).unwrap_or_default();
            let protocol = permission.get("ipProtocol").and_then(Value::as_str).unwrap_or("-1");
            match (part("fromPort"), part("toPort")) {
                (from, to) if from == to => format!("{protocol} {from}"),
                (from, to) => format!("{protocol} {from}-{to}"),
            }
        })
        .collect();
    ports.sort();
    ports.dedup();
    ports
}

/// The oldest version of TLS that a policy admits, in tenths. Source: security policies of the
/// Application Load Balancer user guide.
fn oldest_tls(policy: &str) -> Option<u8> {
    let name = policy.strip_prefix("ELBSecurityPolicy-")?;
    let version = |text: &str| match text.get(..3)? {
        "1-0" => Some(10),
        "1-1" => Some(11),
        "1-2" => Some(12),
        "1-3" => Some(13),
        _ => None,
    };
    if let Some(rest) = name.strip_prefix("TLS13-") {
        return version(rest);
    }
    if let Some(rest) = name.strip_prefix("TLS-") {
        return version(rest);
    }
    match name {
        "2016-08" | "FS-2018-06" | "TLS-1-0-2015-04" => Some(10),
        _ if name.starts_with("FS-1-1") => Some(11),
        _ if name.starts_with("FS-1-2") => Some(12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_ranked_by_the_oldest_tls_that_they_admit() {
        let check = |policy: &str, expected: Option<u8>| {
            assert_eq!(oldest_tls(policy), expected, "{policy}")
        };
        check("ELBSecurityPolicy-2016-08", Some(10));
        check("ELBSecurityPolicy-TLS13-1-2-2021-06", Some(12));
        check("ELBSecurityPolicy-TLS13-1-3-2021-06", Some(13));
        check("ELBSecurityPolicy-TLS-1-1-2017-01", Some(11));
        check("ELBSecurityPolicy-FS-1-2-Res-2020-10", Some(12));
        check("none", None);
    }
}
