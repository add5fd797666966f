//! Listeners of the simulated account, with their attributes and certificates.

use super::action::{Action, target_groups};
use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::load_balancer_setting::{KeyValue, changed, listed};
use super::tag::{self, Tag};
use crate::account::CallError;
use crate::attribute;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Listener {
    pub(super) port: i32,
    pub(super) protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ssl_policy: Option<String>,
    /// The default certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
    /// Certificates for server names, in the order of their addition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) certificates: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mutual_authentication: Option<MutualAuthentication>,
    pub(super) default_actions: Vec<Action>,
    /// The id of its default rule, the last part of that one's ARN.
    default_rule: String,
    attributes: Texts,
    pub(super) tags: Texts,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MutualAuthentication {
    mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trust_store_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ignore_client_certificate_expiry: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    advertise_trust_store_ca_names: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Certificate {
    certificate_arn: String,
}

/// What CreateListener and ModifyListener share.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    load_balancer_arn: Option<String>,
    listener_arn: Option<String>,
    port: Option<i32>,
    protocol: Option<String>,
    ssl_policy: Option<String>,
    certificates: Option<Vec<Certificate>>,
    mutual_authentication: Option<MutualAuthentication>,
    default_actions: Option<Vec<Action>>,
    #[serde(default)]
    tags: Vec<Tag>,
}

const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

impl Cloud {
    pub(super) fn create_listener(&mut self, params: &Value) -> Answer {
        let asked: Asked = read(params)?;
        let Some(balancer) = asked.load_balancer_arn.clone() else {
            return refuse("ValidationError", "missing field `LoadBalancerArn`");
        };
        let load_balancer_type = self.find_load_balancer(&balancer)?.load_balancer_type.clone();
        let tags =
            tag::checked(asked.tags.clone(), &Texts::new(), self.quota("tags-per-resource"))?;
        let blank = Listener {
            port: 0,
            protocol: String::new(),
            ssl_policy: None,
            certificate: None,
            certificates: Vec::new(),
            mutual_authentication: None,
            default_actions: Vec::new(),
            default_rule: String::new(),
            attributes: Texts::new(),
            tags,
        };
        let mut listener = self.changed_listener(&balancer, &blank, asked)?;
        let listeners = self.listeners_of(&balancer);
        if let Some(arn) = listeners.iter().find(|arn| self.listeners[*arn].port == listener.port) {
            let there = &self.listeners[arn];
            let same = (&there.protocol, &there.ssl_policy, &there.certificate)
                == (&listener.protocol, &listener.ssl_policy, &listener.certificate)
                && there.default_actions == listener.default_actions
                && there.mutual_authentication == listener.mutual_authentication;
            return if same {
                Ok(json!({"Listeners": [self.listener(arn)?]}))
            } else {
                refuse(
                    "DuplicateListener",
                    format!(
                        "A listener already exists on this port for this load balancer '{balancer}'"
                    ),
                )
            };
        }
        let limit = self.quota(&format!("listeners-per-{load_balancer_type}-load-balancer"));
        if listeners.len() >= limit {
            return refuse(
                "TooManyListeners",
                format!("A load balancer can have at most {limit} listeners"),
            );
        }
        let hex = self.fresh_hex(&format!("{balancer}:{}", listener.port), 16);
        listener.default_rule = self.fresh_hex(&hex, 16);
        listener.attributes = super::defaults(&attribute::of_listener(&listener.protocol));
        let arn = format!("{}/{hex}", balancer.replacen(":loadbalancer/", ":listener/", 1));
        self.index.adopt(&arn, &target_groups(&listener.default_actions));
        self.listeners.insert(arn.clone(), listener);
        Ok(json!({"Listeners": [self.listener(&arn)?]}))
    }

    pub(super) fn modify_listener(&mut self, params: &Value) -> Answer {
        let asked: Asked = read(params)?;
        let Some(arn) = asked.listener_arn.clone() else {
            return refuse("ValidationError", "missing field `ListenerArn`");
        };
        let balancer = super::load_balancer_of(&arn);
        let before = self.find_listener(&arn)?.clone();
        let mut listener = self.changed_listener(&balancer, &before, asked)?;
        let taken = self
            .listeners_of(&balancer)
            .into_iter()
            .any(|other| other != arn && self.listeners[&other].port == listener.port);
        if taken {
            return refuse(
                "DuplicateListener",
                format!(
                    "A listener already exists on this port for this load balancer '{balancer}'"
                ),
            );
        }
        if before.protocol != listener.protocol {
            let known = attribute::of_listener(&listener.protocol);
            let mut attributes = super::defaults(&known);
            for (key, value) in &before.attributes {
                if attributes.contains_key(key) {
                    attributes.insert(key.clone(), value.clone());
                }
            }
            listener.attributes = attributes;
        }
        self.index.release(&arn, &target_groups(&before.default_actions));
        self.index.adopt(&arn, &target_groups(&listener.default_actions));
        self.listeners.insert(arn.clone(), listener);
        Ok(json!({"Listeners": [self.listener(&arn)?]}))
    }

    /// The listener with what is asked over what is there, or why AWS refuses it.
    fn changed_listener(
        &self,
        balancer: &str,
        before: &Listener,
        asked: Asked,
    ) -> Result<Listener, CallError> {
        let mut listener = before.clone();
        let network = self.find_load_balancer(balancer)?.load_balancer_type == "network";
        listener.port = asked.port.unwrap_or(listener.port);
        if !(1..=65535).contains(&listener.port) {
            return refuse("ValidationError", format!("Port {} is not valid", listener.port));
        }
        listener.protocol = asked.protocol.unwrap_or(listener.protocol);
        let supported: &[&str] = if network { &["TCP"] } else { &["HTTP", "HTTPS"] };
        if !supported.contains(&listener.protocol.as_str()) {
            return refuse(
                "UnsupportedProtocol",
                format!("Protocol '{}' is not supported", listener.protocol),
            );
        }
        match asked.certificates.as_deref() {
            None => {}
            Some([only]) => {
                self.check_certificate(&only.certificate_arn)?;
                listener.certificate = Some(only.certificate_arn.clone());
            }
            Some([]) => return refuse("ValidationError", "A certificate must be specified"),
            Some(_) => {
                return refuse("TooManyCertificates", "Up to one certificate can be specified");
            }
        }
        if let Some(policy) = asked.ssl_policy {
            if !super::is_ssl_policy(&policy) {
                return refuse("SSLPolicyNotFound", format!("SSL policy '{policy}' not found"));
            }
            listener.ssl_policy = Some(policy);
        }
        if let Some(mutual) = asked.mutual_authentication {
            self.check_mutual_authentication(&mutual)?;
            listener.mutual_authentication = Some(mutual);
        }
        if listener.protocol == "HTTPS" {
            if listener.certificate.is_none() {
                return refuse(
                    "CertificateNotFound",
                    "A certificate must be specified for HTTPS listeners",
                );
            }
            listener.ssl_policy.get_or_insert_with(|| DEFAULT_POLICY.to_owned());
            listener.mutual_authentication.get_or_insert_with(|| MutualAuthentication {
                mode: "off".to_owned(),
                trust_store_arn: None,
                ignore_client_certificate_expiry: None,
                advertise_trust_store_ca_names: None,
            });
        } else if before.protocol == "HTTPS" {
            listener.ssl_policy = None;
            listener.certificate = None;
            listener.certificates.clear();
            listener.mutual_authentication = None;
        } else if listener.certificate.is_some()
            || listener.ssl_policy.is_some()
            || listener.mutual_authentication.is_some()
        {
            return refuse(
                "InvalidConfigurationRequest",
                format!(
                    "Certificates, SSL policies and mutual authentication are not for {} listeners",
                    listener.protocol
                ),
            );
        }
        let actions = asked.default_actions.unwrap_or_else(|| before.default_actions.clone());
        let unchanged = actions == before.default_actions && listener.protocol == before.protocol;
        if !unchanged || before.default_actions.is_empty() {
            listener.default_actions = self.checked_actions(
                balancer,
                &listener.protocol,
                actions,
                &before.default_actions,
            )?;
        }
        Ok(listener)
    }

    fn check_mutual_authentication(&self, mutual: &MutualAuthentication) -> Result<(), CallError> {
        let store = mutual.trust_store_arn.as_deref().filter(|arn| !arn.is_empty());
        match (mutual.mode.as_str(), store) {
            ("off" | "passthrough", None) => Ok(()),
            ("verify", Some(arn)) if self.trust_stores.contains_key(arn) => Ok(()),
            ("verify", Some(arn)) => {
                refuse("TrustStoreNotFound", format!("Trust store '{arn}' not found"))
            }
            ("verify", None) => refuse("ValidationError", "A trust store must be specified"),
            (mode, _) => refuse(
                "ValidationError",
                format!("Mutual authentication mode '{mode}' is not valid"),
            ),
        }
    }

    pub(super) fn find_listener(&self, arn: &str) -> Result<&Listener, CallError> {
        self.listeners.get(arn).ok_or_else(|| not_found(arn))
    }

    fn find_listener_mut(&mut self, arn: &str) -> Result<&mut Listener, CallError> {
        self.listeners.get_mut(arn).ok_or_else(|| not_found(arn))
    }

    /// ARNs of a load balancer's listeners.
    pub(super) fn listeners_of(&self, balancer: &str) -> Vec<String> {
        let prefix = format!("{}/", balancer.replacen(":loadbalancer/", ":listener/", 1));
        let range = self.listeners.range(prefix.clone()..);
        range.map(|(arn, _)| arn).take_while(|arn| arn.starts_with(&prefix)).cloned().collect()
    }

    /// The ARN of a listener's default rule.
    pub(super) fn default_rule_of(&self, arn: &str) -> Option<String> {
        let id = &self.listeners.get(arn)?.default_rule;
        Some(format!("{}/{id}", arn.replacen(":listener/", ":listener-rule/", 1)))
    }

    /// The listener as AWS describes it.
    fn listener(&self, arn: &str) -> Answer {
        let listener = self.find_listener(arn)?;
        let mut described = json!({
            "ListenerArn": arn,
            "LoadBalancerArn": super::load_balancer_of(arn),
            "Port": listener.port,
            "Protocol": listener.protocol,
            "DefaultActions": listener.default_actions,
        });
        if let Some(policy) = &listener.ssl_policy {
            described["SslPolicy"] = json!(policy);
        }
        if let Some(certificate) = &listener.certificate {
            described["Certificates"] = json!([{"CertificateArn": certificate}]);
        }
        if let Some(mutual) = &listener.mutual_authentication {
            described["MutualAuthentication"] = json!(mutual);
        }
        Ok(described)
    }

    pub(super) fn describe_listeners(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Which {
            load_balancer_arn: Option<String>,
            listener_arns: Option<Vec<String>>,
        }
        let which: Which = read(params)?;
        let arns = match (which.listener_arns, which.load_balancer_arn) {
            (Some(arns), _) => arns,
            (None, Some(balancer)) => {
                self.find_load_balancer(&balancer)?;
                self.listeners_of(&balancer)
            }
            (None, None) => {
                return refuse(
                    "ValidationError",
                    "Either listener ARNs or a load balancer ARN must be specified",
                );
            }
        };
        let found = arns.iter().map(|arn| self.listener(arn)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"Listeners": found}))
    }

    pub(super) fn delete_listener(&mut self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.listener_arn;
        self.find_listener(&arn)?;
        self.drop_listener(&arn);
        Ok(json!({}))
    }

    /// Takes a listener with its rules out of the account.
    pub(super) fn drop_listener(&mut self, arn: &str) {
        for rule in self.rules_of(arn) {
            self.drop_rule(&rule);
        }
        if let Some(listener) = self.listeners.remove(arn) {
            self.index.release(arn, &target_groups(&listener.default_actions));
        }
    }

    pub(super) fn describe_listener_attributes(&self, params: &Value) -> Answer {
        Ok(listed(&self.find_listener(&read::<Named>(params)?.listener_arn)?.attributes))
    }

    pub(super) fn modify_listener_attributes(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            listener_arn: String,
            attributes: Vec<KeyValue>,
        }
        let asked: Asked = read(params)?;
        let listener = self.find_listener_mut(&asked.listener_arn)?;
        let known = attribute::of_listener(&listener.protocol);
        listener.attributes = changed("Listener", &known, &listener.attributes, &asked.attributes)?;
        Ok(listed(&listener.attributes))
    }

    pub(super) fn describe_listener_certificates(&self, params: &Value) -> Answer {
        let listener = self.find_listener(&read::<Named>(params)?.listener_arn)?;
        let default = listener.certificate.iter().map(|arn| (arn, true));
        let named = listener.certificates.iter().map(|arn| (arn, false));
        let all: Vec<_> = default
            .chain(named)
            .map(|(arn, default)| json!({"CertificateArn": arn, "IsDefault": default}))
            .collect();
        Ok(json!({"Certificates": all}))
    }

    pub(super) fn add_listener_certificates(&mut self, params: &Value) -> Answer {
        let (arn, certificates) = read_certificates(params)?;
        if self.find_listener(&arn)?.protocol != "HTTPS" {
            return refuse("OperationNotPermitted", "Certificates are for HTTPS listeners only");
        }
        for certificate in &certificates {
            self.check_certificate(certificate)?;
        }
        let balancer = super::load_balancer_of(&arn);
        // A default certificate does not count, even where it is listed for server names as well.
        let held: usize = self
            .listeners_of(&balancer)
            .iter()
            .map(|arn| &self.listeners[arn])
            .map(|l| l.certificates.iter().filter(|c| l.certificate.as_ref() != Some(c)).count())
            .sum();
        let there = self.find_listener(&arn)?;
        let fresh: Vec<_> =
            certificates.into_iter().filter(|c| !there.certificates.contains(c)).collect();
        let counted = fresh.iter().filter(|c| there.certificate.as_ref() != Some(c)).count();
        let limit = self.quota("certificates-per-application-load-balancer");
        if held + counted > limit {
            return refuse(
                "TooManyCertificates",
                format!(
                    "A load balancer can have at most {limit} certificates besides the default ones"
                ),
            );
        }
        let listener = self.find_listener_mut(&arn)?;
        listener.certificates.extend(fresh);
        let all: Vec<_> = listener
            .certificates
            .iter()
            .map(|arn| json!({"CertificateArn": arn, "IsDefault": false}))
            .collect();
        Ok(json!({"Certificates": all}))
    }

    pub(super) fn remove_listener_certificates(&mut self, params: &Value) -> Answer {
        let (arn, certificates) = read_certificates(params)?;
        self.find_listener_mut(&arn)?.certificates.retain(|c| !certificates.contains(c));
        Ok(json!({}))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    listener_arn: String,
}

fn read_certificates(params: &Value) -> Result<(String, Vec<String>), CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Asked {
        listener_arn: String,
        certificates: Vec<Certificate>,
    }
    let asked: Asked = read(params)?;
    Ok((asked.listener_arn, asked.certificates.into_iter().map(|c| c.certificate_arn).collect()))
}

fn not_found(arn: &str) -> CallError {
    CallError::new("ListenerNotFound", format!("Listener '{arn}' not found"))
}
