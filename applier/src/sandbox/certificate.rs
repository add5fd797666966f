//! Certificates of the simulated account. What is requested is issued at once: nobody is there
//! who could prove that a domain is his.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::tag::{self, Tag};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) domain_name: String,
    #[serde(default)]
    pub(super) subject_alternative_names: Vec<String>,
    pub(super) status: String,
    #[serde(rename = "type")]
    pub(super) certificate_type: String,
    #[serde(default)]
    pub(super) key_algorithm: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) certificate_authority_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) validation_method: Option<String>,
    /// Requests that carry it again get this certificate again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idempotency_token: Option<String>,
    #[serde(default)]
    pub(super) tags: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    certificate_arn: String,
}

impl Cloud {
    pub(super) fn acm(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "RequestCertificate" => self.request_certificate(params),
            "DescribeCertificate" => self.describe_certificate(params),
            "DeleteCertificate" => self.delete_certificate(params),
            "ListTagsForCertificate" => self.list_tags_for_certificate(params),
            "AddTagsToCertificate" => self.change_certificate_tags(params, true),
            "RemoveTagsFromCertificate" => self.change_certificate_tags(params, false),
            _ => return None,
        })
    }

    /// Refuses a certificate that a listener cannot have. Those that are no ACM certificates are
    /// IAM's, about which an inventory says nothing.
    pub(super) fn check_certificate(&self, arn: &str) -> Result<(), CallError> {
        if arn.contains(":iam:") && arn.contains(":server-certificate/") {
            return Ok(());
        }
        match self.certificates.get(arn) {
            None => refuse("CertificateNotFound", format!("Certificate '{arn}' not found")),
            Some(certificate) if certificate.status == "ISSUED" => Ok(()),
            Some(certificate) => refuse(
                "UnsupportedCertificate",
                format!(
                    "The certificate '{arn}' must have the status ISSUED, not {}",
                    certificate.status
                ),
            ),
        }
    }

    fn request_certificate(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            domain_name: String,
            #[serde(default)]
            subject_alternative_names: Vec<String>,
            validation_method: Option<String>,
            certificate_authority_arn: Option<String>,
            key_algorithm: Option<String>,
            idempotency_token: Option<String>,
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        let domain = |name: &String| {
            let bare = name.strip_prefix("*.").unwrap_or(name);
            (1..=253).contains(&name.len())
                && bare.contains('.')
                && bare.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                })
        };
        let names = std::iter::once(&asked.domain_name).chain(&asked.subject_alternative_names);
        if let Some(bad) = names.clone().find(|name| !domain(name)) {
            return refuse(
                "InvalidDomainValidationOptionsException",
                format!("'{bad}' is not a domain name"),
            );
        }
        let tags = tag::checked(asked.tags, &Texts::new(), self.quota("tags-per-resource"))
            .map_err(|error| CallError::new("InvalidTagException", error.message))?;
        let mut all: Vec<String> = names.cloned().collect();
        all.sort();
        all.dedup();
        let private = asked.certificate_authority_arn.is_some();
        let certificate = Certificate {
            domain_name: asked.domain_name,
            subject_alternative_names: all,
            status: "ISSUED".to_owned(),
            certificate_type: if private { "PRIVATE" } else { "AMAZON_ISSUED" }.to_owned(),
            key_algorithm: asked.key_algorithm.unwrap_or("RSA_2048".to_owned()),
            certificate_authority_arn: asked.certificate_authority_arn,
            validation_method: asked.validation_method.filter(|_| !private),
            idempotency_token: asked.idempotency_token,
            tags,
        };
        let there = self.certificates.iter().find(|(_, there)| {
            there.idempotency_token.is_some()
                && (&there.idempotency_token, &there.domain_name)
                    == (&certificate.idempotency_token, &certificate.domain_name)
        });
        if let Some((arn, _)) = there {
            return Ok(json!({"CertificateArn": arn}));
        }
        let hex = self.fresh_hex(&certificate.domain_name, 32);
        let arn = self.arn(
            "acm",
            &format!(
                "certificate/{}-{}-{}-{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..]
            ),
        );
        self.certificates.insert(arn.clone(), certificate);
        Ok(json!({"CertificateArn": arn}))
    }

    fn find_certificate(&self, arn: &str) -> Result<&Certificate, CallError> {
        self.certificates.get(arn).ok_or_else(|| not_found(arn))
    }

    fn users_of_certificate(&self, arn: &str) -> Vec<String> {
        let uses = |listener: &super::listener::Listener| {
            listener.certificate.as_deref() == Some(arn)
                || listener.certificates.iter().any(|c| c == arn)
        };
        let users = self.listeners.iter().filter(|(_, listener)| uses(listener));
        users.map(|(user, _)| super::load_balancer_of(user)).collect()
    }

    fn describe_certificate(&self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.certificate_arn;
        let certificate = self.find_certificate(&arn)?;
        let options: Vec<Value> = certificate
            .subject_alternative_names
            .iter()
            .filter(|_| certificate.validation_method.as_deref() == Some("DNS"))
            .map(|name| {
                let bare = name.strip_prefix("*.").unwrap_or(name);
                json!({
                    "DomainName": name,
                    "ValidationStatus": "SUCCESS",
                    "ValidationMethod": "DNS",
                    "ResourceRecord": {
                        "Name": format!("_simulated.{bare}."),
                        "Type": "CNAME",
                        "Value": "_simulated.acm-validations.aws.",
                    },
                })
            })
            .collect();
        let mut described = json!({
            "CertificateArn": arn,
            "DomainName": certificate.domain_name,
            "SubjectAlternativeNames": certificate.subject_alternative_names,
            "Status": certificate.status,
            "Type": certificate.certificate_type,
            "KeyAlgorithm": certificate.key_algorithm,
            "InUseBy": self.users_of_certificate(&arn),
            "DomainValidationOptions": options,
        });
        if let Some(authority) = &certificate.certificate_authority_arn {
            described["CertificateAuthorityArn"] = json!(authority);
        }
        Ok(json!({"Certificate": described}))
    }

    fn delete_certificate(&mut self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.certificate_arn;
        self.find_certificate(&arn)?;
        if let Some(user) = self.users_of_certificate(&arn).first() {
            return refuse(
                "ResourceInUseException",
                format!("Certificate '{arn}' is in use by '{user}'"),
            );
        }
        self.certificates.remove(&arn);
        Ok(json!({}))
    }

    fn list_tags_for_certificate(&self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.certificate_arn;
        Ok(json!({"Tags": tag::listed(&self.find_certificate(&arn)?.tags)}))
    }

    fn change_certificate_tags(&mut self, params: &Value, add: bool) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            certificate_arn: String,
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        let limit = self.quota("tags-per-resource");
        let there = self
            .certificates
            .get_mut(&asked.certificate_arn)
            .ok_or_else(|| not_found(&asked.certificate_arn))?;
        if add {
            there.tags = tag::checked(asked.tags, &there.tags, limit)
                .map_err(|error| CallError::new("InvalidTagException", error.message))?;
        } else {
            there.tags.retain(|key, _| !asked.tags.iter().any(|tag| tag.key == *key));
        }
        Ok(json!({}))
    }
}

fn not_found(arn: &str) -> CallError {
    CallError::new("ResourceNotFoundException", format!("Could not find certificate {arn}"))
}
