//! Issuers, policies and roles as IAM has them.

use super::fetch::Ask;
use super::spec_text;
use crate::account::Account;
use crate::error::Error;
use crate::kind::iam::{policy, provider, role};
use crate::kind::tags;
use ingc_compiler::resource::{Address, Kind, Spec, Tags};
use ingc_planner::LiveObject;
use ingc_planner::state::Pairs;
use serde_json::Value;

/// Something that exists under a name.
pub(super) struct Seen {
    pub(super) spec: Spec,
    outputs: Pairs,
    /// All tags, ours as well.
    pub(super) tags: Tags,
    /// How many roles, users and groups have it, for a policy.
    pub(super) attachments: i64,
}

impl Seen {
    /// For a plan. What may be left open is told only where `known` speaks of it.
    pub(super) fn live(&self, known: &Value) -> LiveObject {
        let mut spec = serde_json::to_value(&self.spec).unwrap_or_default();
        if let Some(fields) = spec.as_object_mut() {
            fields.retain(|name, _| {
                !matches!(name.as_str(), "permissionsBoundary" | "thumbprints")
                    || known.get(name).is_some()
            });
            if known["shared"] == true {
                fields.insert("shared".to_owned(), Value::Bool(true));
                fields.remove("tags");
            }
        }
        LiveObject { spec: spec_text(&spec), outputs: self.outputs.clone(), tracking: None }
    }
}

/// Reads what exists under the name that an address has.
pub(super) async fn read<A: Account>(
    ask: &Ask<'_, A>,
    address: &Address,
) -> Result<Option<Seen>, Error> {
    let (identity, name) = (ask.identity(), &address.id);
    let attachments = 0;
    Ok(match address.kind {
        Kind::OidcProvider => {
            let arn = provider::arn_of(&identity, name);
            let Some(there) = ask.one(provider::get(&arn)).await? else { return Ok(None) };
            let (spec, outputs) = provider::from_aws(&arn, &there);
            let tags = tags::read(&there["Tags"]);
            Some(Seen { spec: Spec::OidcProvider(spec), outputs, tags, attachments })
        }
        Kind::ManagedPolicy => {
            let arn = policy::arn_of(&identity, name);
            let Some(there) = ask.one(policy::get(&arn)).await? else { return Ok(None) };
            let there = &there["Policy"];
            let version = ask.one(policy::get_document(there)).await?.unwrap_or_default();
            let (spec, outputs) = policy::from_aws(there, &version);
            let attachments = there["AttachmentCount"].as_i64().unwrap_or_default();
            let tags = tags::read(&there["Tags"]);
            Some(Seen { spec: Spec::ManagedPolicy(spec), outputs, tags, attachments })
        }
        Kind::Role => {
            let Some(there) = ask.one(role::get(name)).await? else { return Ok(None) };
            let policies = ask.one(role::list_policies(name)).await?.unwrap_or_default();
            let there = &there["Role"];
            let (spec, outputs) = role::from_aws(there, &policies);
            let tags = tags::read(&there["Tags"]);
            Some(Seen { spec: Spec::Role(spec), outputs, tags, attachments })
        }
        _ => None,
    })
}
