//! Issuers of tokens, policies and roles. Their names are their identity: what is found under one
//! is ours by its tags or somebody else's, and what is somebody else's is never deleted.

pub(crate) mod policy;
pub(crate) mod provider;
pub(crate) mod role;

use super::tags::{self, TagChange};
use super::{items, text};
use crate::account::{Account, Call, Identity, Service};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::iam::partition_of;
use ingc_compiler::resource::{PolicyDocument, Tags};
use serde_json::Value;

/// A call of IAM.
pub(crate) fn call(action: &'static str, params: Value) -> Call {
    Call::new(Service::Iam, action, params)
}

/// The ARN of something of an account, which has no region.
fn arn(identity: &Identity, resource: &str) -> String {
    format!("arn:{}:iam::{}:{resource}", partition_of(&identity.region), identity.account)
}

/// A document of an answer, which IAM writes as a part of a URL.
pub(crate) fn document(answer: &Value) -> PolicyDocument {
    let written = text(answer);
    let decoded = match written.starts_with('{') {
        true => written.to_owned(),
        false => {
            let mut parts = form_urlencoded::parse(written.as_bytes());
            parts.next().map(|(part, _)| part.into_owned()).unwrap_or_default()
        }
    };
    PolicyDocument::new(serde_json::from_str(&decoded).unwrap_or(Value::Null))
}

/// True if a role's trust names an issuer.
pub(crate) fn trusts(trust: &PolicyDocument, provider_arn: &str) -> bool {
    items(&trust.value()["Statement"]).iter().any(|statement| {
        let federated = &statement["Principal"]["Federated"];
        federated == provider_arn || items(federated).iter().any(|one| one == provider_arn)
    })
}

/// Refuses to delete what carries somebody else's tags, or none.
fn check_deletable<A: Account>(
    hand: &Hand<'_, A>,
    what: &str,
    shared: bool,
    has: &Tags,
) -> Result<(), Failure> {
    if shared {
        return Err(hand.failure(
            &code::NOT_OURS,
            format!("{what} is somebody else's, and is not deleted"),
            "`ingc bootstrap destroy` lets the state go of it",
        ));
    }
    tags::check_ours(hand, what, has)
}

/// What is to be done to the tags of something that has these.
fn tag_change<A: Account>(
    hand: &Hand<'_, A>,
    has: &Value,
    before: &Tags,
    after: &Tags,
) -> TagChange {
    let wanted = tags::wanted(hand.cluster, hand.identity, after);
    TagChange::new(hand.address, &tags::read(has), before, &wanted)
}
