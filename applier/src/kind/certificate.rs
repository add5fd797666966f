//! Certificates that are requested for a group.

use super::part::{Parts, Wanted};
use super::{items, output, tags, text};
use crate::account::{Account, Call, Service};
use crate::execute::{Event, Failure, Hand};
use ingc_compiler::resource::{Certificate, Output, Tags};
use ingc_compiler::tag;
use ingc_planner::state::Pairs;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What stays unfinished while a certificate is not issued: the next plan then updates it, which
/// waits for it again.
const WAITING: &str = "tags";

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Certificate,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let arn = match find(hand, spec).await? {
        Some(arn) => arn,
        None => {
            let mut params = json!({
                "DomainName": spec.domain_name,
                "IdempotencyToken": token(hand, spec),
                "Tags": tags::listed(&wanted),
            });
            let alternatives: Vec<&String> = spec
                .subject_alternative_names
                .iter()
                .filter(|name| **name != spec.domain_name)
                .collect();
            if !alternatives.is_empty() {
                params["SubjectAlternativeNames"] = json!(alternatives);
            }
            for (name, value) in [
                ("ValidationMethod", &spec.validation_method),
                ("CertificateAuthorityArn", &spec.certificate_authority_arn),
                ("KeyAlgorithm", &spec.key_algorithm),
            ] {
                if !value.is_empty() {
                    params[name] = json!(value);
                }
            }
            let call = Call::new(Service::Acm, "RequestCertificate", params);
            text(&hand.call(call).await?["CertificateArn"]).to_owned()
        }
    };
    let outputs: Pairs = [(Output::CertificateArn.name(), arn.as_str())].into_iter().collect();
    hand.record(&outputs, &[WAITING.to_owned()])?;
    wait_until_issued(hand, &arn).await?;
    hand.record(&outputs, &[])
}

/// One that an earlier run has requested for the same names and that no state knows.
async fn find<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Certificate,
) -> Result<Option<String>, Failure> {
    let tracking = tag::tracking(hand.cluster, hand.identity).unwrap_or_default();
    let filters: Vec<_> =
        tracking.iter().map(|(key, value)| json!({"Key": key, "Values": [value]})).collect();
    let params = json!({"TagFilters": filters, "ResourceTypeFilters": ["acm:certificate"]});
    let found = hand.call(Call::new(Service::Tagging, "GetResources", params)).await?;
    for resource in items(&found["ResourceTagMappingList"]) {
        let arn = text(&resource["ResourceARN"]);
        if hand.is_recorded(arn) {
            continue;
        }
        let described = match hand.call(describe(arn)).await {
            Err(failure) if failure.is_not_found() => continue,
            other => other?,
        };
        let read = from_aws(&described["Certificate"]);
        if read.domain_name == spec.domain_name && names(&read) == names(spec) {
            return Ok(Some(arn.to_owned()));
        }
    }
    Ok(None)
}

/// All names that a certificate is for, sorted.
fn names(certificate: &Certificate) -> Vec<&String> {
    let mut names: Vec<_> = certificate.subject_alternative_names.iter().collect();
    names.push(&certificate.domain_name);
    names.sort();
    names.dedup();
    names
}

/// A request that is made again within the hour is the same one.
fn token<A: Account>(hand: &Hand<'_, A>, spec: &Certificate) -> String {
    let mut hash = Sha256::new();
    hash.update(hand.cluster);
    hash.update(hand.identity.to_string());
    hash.update(serde_json::to_string(spec).unwrap_or_default());
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn describe(arn: &str) -> Call {
    Call::new(Service::Acm, "DescribeCertificate", json!({"CertificateArn": arn}))
}

async fn wait_until_issued<A: Account>(hand: &mut Hand<'_, A>, arn: &str) -> Result<(), Failure> {
    let certificate = hand.call(describe(arn)).await?["Certificate"].clone();
    if text(&certificate["Status"]) == "ISSUED" {
        return Ok(());
    }
    for option in items(&certificate["DomainValidationOptions"]) {
        let record = &option["ResourceRecord"];
        hand.tell(&Event::ValidationRecord {
            address: hand.address,
            name: text(&record["Name"]),
            kind: text(&record["Type"]),
            value: text(&record["Value"]),
        });
    }
    let issued = |answer: &Value| text(&answer["Certificate"]["Status"]) == "ISSUED";
    hand.wait("the certificate to be issued", || describe(arn), issued).await.map(drop)
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &Certificate,
    after: &Certificate,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::CertificateArn.name())?.to_owned();
    wait_until_issued(hand, &arn).await?;
    let mut parts = Parts::new();
    if wanted.has("tags") {
        let list =
            Call::new(Service::Acm, "ListTagsForCertificate", json!({"CertificateArn": arn}));
        let has = tags::read(&hand.call(list).await?["Tags"]);
        let shall = tags::wanted(hand.cluster, hand.identity, &after.tags);
        let change = tags::TagChange::new(hand.address, &has, &before.tags, &shall);
        let gone: Tags =
            change.remove.into_iter().map(|key| (key.clone(), has[&key].clone())).collect();
        for (action, list) in
            [("AddTagsToCertificate", change.add), ("RemoveTagsFromCertificate", gone)]
        {
            if !list.is_empty() {
                let params = json!({"CertificateArn": arn, "Tags": tags::listed(&list)});
                parts.push(&["tags"], Call::new(Service::Acm, action, params));
            }
        }
    }
    parts.carry_out(hand, outputs).await
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::CertificateArn.name())?;
    let call = Call::new(Service::Acm, "DeleteCertificate", json!({"CertificateArn": arn}));
    hand.call(call).await.map(drop)
}

/// The spec of a described certificate.
pub(crate) fn from_aws(described: &Value) -> Certificate {
    let field = |name: &str| text(&described[name]).to_owned();
    let method = &described["DomainValidationOptions"][0]["ValidationMethod"];
    Certificate {
        certificate_authority_arn: field("CertificateAuthorityArn"),
        domain_name: field("DomainName"),
        key_algorithm: field("KeyAlgorithm"),
        subject_alternative_names: items(&described["SubjectAlternativeNames"])
            .iter()
            .map(|name| text(name).to_owned())
            .collect(),
        tags: Tags::new(),
        certificate_type: field("Type"),
        validation_method: text(method).to_owned(),
    }
}
