//! Certificates that clients will refuse, or AWS does.

use super::Patient;
use crate::diagnostic::code::doctor as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Origin, Resource};
use crate::resource::{Spec, Token};
use std::collections::BTreeMap;

pub(super) fn examine(patient: Patient<'_>, findings: &mut Diagnostics) {
    let listed: BTreeMap<&str, _> = patient
        .inventory
        .certificates
        .iter()
        .map(|certificate| (certificate.certificate_arn.as_str(), certificate))
        .collect();
    let mut used: BTreeMap<&str, &Resource> = BTreeMap::new();
    let resources = patient.compilation.stacks.values().flat_map(|it| it.resources.values());
    for resource in resources {
        let Spec::Listener(listener) = &resource.spec else { continue };
        for certificate in &listener.certificates {
            if let Token::Literal(arn) = &certificate.certificate_arn {
                used.entry(arn).or_insert(resource);
            }
        }
    }
    let region = &patient.settings.region;
    for (arn, resource) in used {
        let origin = origin(resource);
        let place = |finding: Diagnostic| match origin {
            Some(origin) => finding.object(origin.object.as_str()).at(origin.span),
            None => finding,
        };
        let of = arn.split(':').nth(3).unwrap_or_default();
        if !region.is_empty() && !of.is_empty() && of != region {
            let message =
                format!("certificate `{arn}` is of {of}, and the load balancer of {region}");
            let finding = Diagnostic::error(&code::OTHER_REGION, message);
            findings.push(place(finding).hint(format!(
                "request it there, and name that one: aws acm request-certificate --region {region} --validation-method DNS --domain-name …"
            )));
        }
        let Some(certificate) = listed.get(arn) else { continue };
        let until = certificate.not_after.as_str();
        if until.is_empty() || patient.now.is_empty() || until > patient.soon {
            continue;
        }
        let day = until.get(..10).unwrap_or(until);
        let domain = &certificate.domain_name;
        let hint = match certificate.certificate_type.as_str() {
            "IMPORTED" => format!(
                "import its successor under the same ARN: aws acm import-certificate --certificate-arn {arn} --certificate fileb://cert.pem --private-key fileb://key.pem"
            ),
            _ => format!(
                "see why it is not renewed: aws acm describe-certificate --certificate-arn {arn} --query Certificate.RenewalSummary"
            ),
        };
        let finding = match until <= patient.now {
            true => Diagnostic::error(
                &code::EXPIRED_CERTIFICATE,
                format!("the certificate of `{domain}` has expired on {day}"),
            ),
            false => Diagnostic::warning(
                &code::EXPIRED_CERTIFICATE,
                format!("the certificate of `{domain}` expires on {day}"),
            ),
        };
        findings.push(place(finding).hint(hint));
    }
}

/// Who names the certificates of a listener.
fn origin(resource: &Resource) -> Option<&Origin> {
    let named = resource.origins.iter().find(|origin| origin.field == "certificates");
    named.or(resource.origins.first())
}
