//! The record of what ingc manages: one entry per resource, kept per stack.
//!
//! Specs stay JSON text, so that a state of any size is read without being understood, and a
//! resource whose compiled text is the recorded text is known to be unchanged without a parse.

mod edit;
mod error;
mod file;
mod integrity;
mod origins;
mod pairs;
mod record;
mod resolve;
mod secret;
mod settled;
mod spec_text;

pub use edit::EditError;
pub use error::StateError;
pub use file::VERSION;
pub use origins::{Origins, RecordedOrigin};
pub use pairs::Pairs;
pub use record::Outcome;
pub(crate) use record::goes_with;
pub use resolve::{Resolved, Unresolved, as_ref, each_ref};
pub(crate) use secret::hash;
pub use secret::{SecretHash, SecretProblem, Secrets};
pub use settled::Settled;
pub use spec_text::SpecText;

use ingc_compiler::resource::{Address, Kind, Output};
use ingc_compiler::source::Position;
use ingc_compiler::tag;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything recorded for one cluster in one account and region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Of the format, see [`VERSION`].
    pub version: u32,
    /// The cluster's name.
    pub cluster: String,
    /// The AWS account, or the name of the sandbox's; empty until something is applied.
    pub account: String,
    /// The AWS region; empty until something is applied.
    pub region: String,
    /// By stack: `namespace/name`, a group's name, or `_cluster`.
    pub stacks: BTreeMap<String, StackState>,
}

impl State {
    /// A state that holds nothing yet.
    pub fn empty(cluster: impl Into<String>) -> Self {
        State {
            version: VERSION,
            cluster: cluster.into(),
            account: String::new(),
            region: String::new(),
            stacks: BTreeMap::new(),
        }
    }

    /// The entry of an address.
    pub fn get(&self, address: &Address) -> Option<&Recorded> {
        self.stacks.get(address.stack.as_str())?.resources.get(&address.local())
    }

    /// An output of a recorded resource.
    pub fn output(&self, address: &Address, output: Output) -> Option<&str> {
        self.get(address)?.outputs.get(output.name())
    }

    /// True when no stack holds anything.
    pub fn is_empty(&self) -> bool {
        self.stacks.values().all(StackState::is_empty)
    }
}

/// What is recorded of one stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackState {
    /// A random id given when the stack was first recorded: another lineage is another history.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lineage: String,
    /// Grows by one with every write.
    #[serde(default)]
    pub serial: u64,
    /// A plan has begun to change the stack and has not come to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// Nothing is to do for it, so long as this is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// The Ingresses that the stack was made of, by `namespace/name`. While a plan runs, those of
    /// before and those of after it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, RecordedMember>,
    /// By `type/id`.
    pub resources: BTreeMap<String, Recorded>,
    /// Objects that still exist but no longer hold their address, by a key that is unique in the
    /// stack: replaced ones, and rules whose address another rule has taken. They are deleted last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deposed: BTreeMap<String, Deposed>,
}

impl StackState {
    /// True when nothing of the stack exists any more.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.deposed.is_empty()
    }

    /// The first free key for an object of that `type/id` to be set aside under.
    pub fn deposed_key(&self, local: &str) -> String {
        (1..)
            .map(|n| format!("{local}#{n}"))
            .find(|key| !self.deposed.contains_key(key))
            .unwrap_or_default()
    }
}

/// An Ingress of a recorded stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedMember {
    /// Where it stood when it was last applied.
    pub position: Position,
    /// Hosts of its rules, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

/// One object that exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// The spec as it was applied: canonical JSON with `$ref`s as compiled. A target group's name
    /// is the one that was chosen; a rule's priority is the one that it has.
    pub spec: SpecText,
    /// What AWS answered, by the names of [`Output`]; what else the applier wants to remember
    /// stands beside it under names of its own.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub outputs: Pairs,
    /// What its `$ref`s led to when it was applied: the address (`type/id` within the stack, else
    /// `stack/type/id`) and the value. Another value means that it still uses an old object.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub depends_on: Pairs,
    /// Which one of the names that a target group may have it got; 0 is the compiled name.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// Hashes of the secrets that the spec holds redacted, by JSON pointer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretHash>,
    /// Whose doing it was; the first one stands for the resource as a whole.
    #[serde(default, skip_serializing_if = "Origins::is_empty")]
    pub origins: Origins,
    /// The id that its `ingress.k8s.aws/resource` tag tells, where it is no longer the id of its
    /// address: a rule that was moved keeps the tag that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged: Option<String>,
    /// Fields that an interrupted run may not have sent: the next plan sends them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<String>,
}

impl Recorded {
    /// The entry of an object of which nothing is known but what AWS tells.
    pub fn found(spec: SpecText, outputs: Pairs) -> Recorded {
        Recorded {
            spec,
            outputs,
            depends_on: Pairs::new(),
            generation: 0,
            secrets: BTreeMap::new(),
            origins: Origins::default(),
            tagged: None,
            unfinished: Vec::new(),
        }
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// An object that exists beside the one that now holds its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deposed {
    /// The `type/id` that it had.
    pub address: String,
    /// The object.
    pub object: Recorded,
}

/// The text by which `depends_on` of a stack's resource names another resource.
pub fn dependency_key(stack: &str, address: &Address) -> String {
    if address.stack == stack { address.local() } else { address.to_string() }
}

/// The address that [`dependency_key`] wrote.
pub fn dependency_address(stack: &str, key: &str) -> Option<Address> {
    local_address(stack, key).or_else(|| key.parse().ok())
}

/// The address of a `type/id` within a stack.
pub fn local_address(stack: &str, local: &str) -> Option<Address> {
    let (kind, id) = local.split_once('/')?;
    Some(Address::new(stack, Kind::from_type_name(kind)?, id))
}

/// True for the stack that holds what the whole cluster shares.
pub fn is_shared(stack: &str) -> bool {
    stack == tag::CLUSTER_STACK
}
