//! `AWS::ACM::Certificate`: a certificate that the controller requests (`create-acm-cert`).

use super::Tags;
use super::field::{Field, in_place, replace};
use serde::{Deserialize, Serialize};

/// A certificate to request. AWS changes nothing of it but tags.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// ARN of the private CA; empty for a public certificate.
    #[serde(rename = "certificateAuthorityARN")]
    pub certificate_authority_arn: String,
    /// The first host.
    #[serde(rename = "domainName")]
    pub domain_name: String,
    /// Such as `RSA_2048`.
    #[serde(rename = "keyAlgorithm")]
    pub key_algorithm: String,
    /// The other hosts.
    #[serde(rename = "subjectAlternativeNames")]
    pub subject_alternative_names: Vec<String>,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// `AMAZON_ISSUED` or `PRIVATE`.
    #[serde(rename = "type")]
    pub certificate_type: String,
    /// `DNS`, or empty for a private CA.
    #[serde(rename = "validationMethod")]
    pub validation_method: String,
}

impl Certificate {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        replace("certificateAuthorityARN"),
        replace("domainName"),
        replace("keyAlgorithm"),
        replace("subjectAlternativeNames"),
        in_place("tags"),
        replace("type"),
        replace("validationMethod"),
    ];
}
