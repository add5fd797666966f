//! What a refresh has read, and its form in a file.

use crate::state::{Pairs, SpecText, State, StateError};
use ingc_compiler::resource::{Address, Tags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the form of snapshots that is written.
pub const SNAPSHOT_VERSION: u32 = 1;

/// What was read of an account, kept in a file: with it a plan needs no credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// Of the form, see [`SNAPSHOT_VERSION`].
    #[serde(rename = "ingc_snapshot")]
    pub version: u32,
    /// The cluster of the state that was read.
    pub cluster: String,
    /// The account; a simulated one has a name that no real one has.
    pub account: String,
    /// The region.
    pub region: String,
    /// What was read.
    pub live: Live,
}

impl Snapshot {
    /// What was read of a state's resources.
    pub fn new(state: &State, live: Live) -> Snapshot {
        Snapshot {
            version: SNAPSHOT_VERSION,
            cluster: state.cluster.clone(),
            account: state.account.clone(),
            region: state.region.clone(),
            live,
        }
    }

    /// Reads a snapshot's text.
    ///
    /// # Errors
    /// If the text is no snapshot, or a later ingc's; the message says which.
    pub fn read(text: &str) -> Result<Snapshot, String> {
        let snapshot: Snapshot =
            serde_json::from_str(text).map_err(|error| format!("is no snapshot: {error}"))?;
        if snapshot.version > SNAPSHOT_VERSION {
            return Err("was written by a later ingc".to_owned());
        }
        Ok(snapshot)
    }

    /// Refuses the snapshot of another cluster, account or region than the state's.
    ///
    /// # Errors
    /// Which of them differs.
    pub fn is_of(&self, state: &State) -> Result<(), StateError> {
        state.is_for(&self.cluster, &self.account, &self.region)
    }
}

/// What a refresh has read. What is not listed was not read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Live {
    /// By address: the object, or none if it is gone.
    pub objects: BTreeMap<Address, Option<LiveObject>>,
    /// Objects that were set aside, by stack and key: false if they are gone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deposed: BTreeMap<String, BTreeMap<String, bool>>,
    /// Rules of our listeners that the state does not know, by the listener's address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<Address, Vec<LiveRule>>,
    /// What an interrupted run has made and could not record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strays: Vec<Stray>,
}

/// An object that carries the tags of a stack and that the stack's record does not know. It is
/// taken up where it is asked for, and goes if nobody wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stray {
    /// Where its tags say that it belongs. Another object may be recorded there.
    pub address: Address,
    /// The object.
    pub object: LiveObject,
}

/// An object as AWS has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveObject {
    /// In the form of its kind's spec, with ARNs and ids where a compiled spec has `$ref`s. Fields
    /// that AWS does not tell are absent.
    pub spec: SpecText,
    /// As a creation would have answered.
    pub outputs: Pairs,
    /// The tags by which it is known to be ours, as far as it carries them; none where they were not
    /// read or it can have no tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tags>,
}

/// A rule of a listener that the state does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRule {
    /// Its ARN.
    pub arn: String,
    /// In the form of a rule's spec.
    pub spec: SpecText,
    /// It carries the tags of the listener's stack: an interrupted run has made it and could not
    /// record it. Such a rule is taken up, and goes if nobody wants it.
    pub ours: bool,
    /// Which resource its tags say that it is, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged: Option<String>,
}
