//! What will be done: changes for people, steps for the applier.

mod file;
mod import;
mod precondition;
mod step;

pub use file::{PLAN_VERSION, StaleError};
pub use step::{Operation, RuleMove, Step};

use crate::phase::Phase;
use crate::state::{Origins, RecordedMember, SecretHash, SpecText};
use ingc_compiler::resource::Address;
use ingc_compiler::route::RoutingReport;
use ingc_compiler::source::Position;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A plan. It is complete: with the account's answers and the values of secrets, applying it needs
/// nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Of the format, see [`PLAN_VERSION`].
    pub version: u32,
    /// The cluster's name.
    pub cluster: String,
    /// The account of the state; empty if nothing was applied yet.
    pub account: String,
    /// The region.
    pub region: String,
    /// The part that it is of a plan of two phases; none for a whole plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Stacks that the plan looked at, with what the state must still be when it is applied.
    pub stacks: BTreeMap<String, StackPlan>,
    /// What changes, by address. Resources that stay as they are do not stand here.
    pub changes: Vec<Change>,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// Recorded stacks of groups that were refused: nothing of them changes.
    pub frozen: Vec<Frozen>,
    /// What the state has, the manifests lack and this run may not delete.
    pub kept: Vec<Kept>,
    /// What somebody else changed since it was applied.
    pub drift: Vec<Drift>,
    /// What a run must be told to do: deletions past the guard, and gaps.
    pub guards: Vec<Guard>,
    /// What the plan does to security.
    pub security: Vec<SecurityNote>,
    /// Which requests are answered differently when it is done; none if the plan changes nothing
    /// of a load balancer that was there before and will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingReport>,
    /// Who is touched.
    pub blast_radius: BlastRadius,
    /// How much of AWS's limits load balancers and security groups use afterwards.
    pub quotas: Vec<QuotaUse>,
    /// How many resources of each action.
    pub summary: Summary,
}

impl Plan {
    /// True when there is nothing to do, neither in AWS nor in the state.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The change that a step carries out.
    pub fn change_of(&self, step: &Step) -> Option<&Change> {
        self.changes.get(step.change? as usize)
    }
}

/// One stack of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackPlan {
    /// The lineage that the state must have; none for a stack that is not recorded yet.
    pub lineage: Option<String>,
    /// The serial that the state must have.
    pub serial: u64,
    /// The members afterwards. While the plan runs the state keeps those of before as well.
    pub members: BTreeMap<String, RecordedMember>,
    /// How many resources of each action.
    pub summary: Summary,
}

/// What happens to a resource.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It stays as it is.
    #[default]
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// A new one is made, everything is led to it, the old one is deleted last.
    Replace,
    /// A rule gets another priority, and nothing else.
    Reorder,
    /// It is deleted.
    Delete,
    /// The state lets go of it: it is gone already.
    Forget,
    /// The state takes it up: it exists already.
    Import,
}

impl Action {
    /// The action's name, as it stands in plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::NoOp => "no-op",
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Reorder => "reorder",
            Action::Delete => "delete",
            Action::Forget => "forget",
            Action::Import => "import",
        }
    }
}

/// What happens to one resource, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The resource. For a deletion the address that it had.
    pub address: Address,
    /// The address that it had before, for a rule that moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<Address>,
    /// For the deletion of an object that was set aside: its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    /// What happens.
    pub action: Action,
    /// The spec before, `$ref`s as compiled; none if it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<SpecText>,
    /// The spec after, `$ref`s as compiled and names as chosen; none if it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<SpecText>,
    /// What differs. Empty for creations and deletions, whose fields are those of the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What traffic feels.
    #[serde(default)]
    pub impact: Impact,
    /// To be recorded: [`crate::Recorded::generation`].
    #[serde(default)]
    pub generation: u32,
    /// To be recorded: secrets that `after` holds redacted, by JSON pointer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretHash>,
    /// To be recorded: whose doing it is.
    #[serde(default, skip_serializing_if = "Origins::is_empty")]
    pub origins: Origins,
    /// What AWS had of it when the plan was made, if it was read: it must have that still when the
    /// plan is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<SpecText>,
}

/// A difference in one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// Path in the spec: names with dots, entries of sets by their key in brackets, such as
    /// `loadBalancerAttributes[idle_timeout.timeout_seconds]`.
    pub path: String,
    /// The value before; none if there was none. Live if it was read, else as applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value after; none if there shall be none, or AWS's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// It cannot be changed in place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forces_replacement: bool,
    /// The value after is another resource's output that does not exist yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known_after_apply: bool,
    /// Somebody else changed it since it was applied: the plan takes that back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drifted: bool,
    /// The values are hidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// Why a change happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// In the user's words, such as "annotation `scheme` says `internet-facing`".
    pub text: String,
    /// `Kind/namespace/name` of the object that says so; empty if it is none.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    #[schemars(with = "String")]
    pub object: SmolStr,
    /// The annotation's short name or the field's path.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    #[schemars(with = "String")]
    pub source: SmolStr,
    /// Where it stands, or stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// What traffic feels of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// How much.
    pub level: ImpactLevel,
    /// In a few words; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// How much traffic feels of a change, in rising order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ImpactLevel {
    /// Nothing.
    #[default]
    None,
    /// Requests go elsewhere from one moment to the next; those under way are finished.
    Drain,
    /// Protection is taken away or opened.
    ProtectionWeakened,
    /// The load balancer's DNS name changes: clients follow as their DNS answers age out.
    NewDnsName,
    /// Requests that are answered now are not answered any more.
    Outage,
}

/// A recorded stack that stays as it is since its group was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Frozen {
    /// The stack.
    pub stack: String,
    /// Why the group was refused: the findings' messages.
    pub reasons: Vec<String>,
    /// How many recorded resources stay.
    pub resources: usize,
}

/// What the state has, the manifests lack and the run may not delete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// The stack.
    pub stack: String,
    /// Its recorded Ingresses that were not seen.
    pub members: Vec<String>,
    /// How many recorded resources stay.
    pub resources: usize,
}

/// What somebody else changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// The resource.
    pub address: Address,
    /// It no longer exists.
    pub gone: bool,
    /// What differs: as applied before, as AWS has it after.
    pub fields: Vec<FieldChange>,
    /// The spec as applied, with `$ref`s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<SpecText>,
    /// The same with what AWS has; none if the resource is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<SpecText>,
}

/// Something that `apply` does only when told to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Guard {
    /// What it is about.
    pub kind: GuardKind,
    /// The stack.
    pub stack: String,
    /// What would happen, in a sentence.
    pub text: String,
}

/// What a guard is about, and with it the flag that lets it pass.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum GuardKind {
    /// A load balancer is deleted, or more than half of a stack: `--allow-delete`.
    Delete,
    /// A request may go unanswered for a while: `--allow-gap`.
    Gap,
}

impl GuardKind {
    /// The flag that lets it pass.
    pub fn flag(self) -> &'static str {
        match self {
            GuardKind::Delete => "--allow-delete",
            GuardKind::Gap => "--allow-gap",
        }
    }
}

/// An effect on security.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityNote {
    /// The resource.
    pub address: Address,
    /// True if protection is lost or something is opened, false if it is gained.
    pub weaker: bool,
    /// What changes.
    pub text: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Who is touched by a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlastRadius {
    /// Ingresses of the stacks that change, `namespace/name`.
    pub ingresses: Vec<String>,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// Hosts whose answers may change.
    pub hosts: Vec<String>,
    /// Those of them that belong to other teams: by namespace, without the namespaces whose own
    /// objects ask for the changes. A namespace without hosts of its own has none here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Vec<String>>,
}

/// How much of a limit is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotaUse {
    /// The load balancer or security group.
    pub address: Address,
    /// What is counted, such as `rules`.
    pub what: String,
    /// Before.
    pub before: u32,
    /// After.
    pub after: u32,
    /// At most during the run, where that is more than before and after.
    pub peak: u32,
    /// AWS's limit.
    pub limit: u32,
}

/// How many resources of each action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Replaced.
    pub replace: usize,
    /// Rules that move and nothing else.
    pub reorder: usize,
    /// Deleted.
    pub delete: usize,
    /// Forgotten by the state.
    pub forget: usize,
    /// Taken up by the state.
    pub import: usize,
    /// Unchanged.
    pub unchanged: usize,
}

impl Summary {
    /// Counts one more.
    pub fn add(&mut self, action: Action) {
        match action {
            Action::NoOp => self.unchanged += 1,
            Action::Create => self.create += 1,
            Action::Update => self.update += 1,
            Action::Replace => self.replace += 1,
            Action::Reorder => self.reorder += 1,
            Action::Delete => self.delete += 1,
            Action::Forget => self.forget += 1,
            Action::Import => self.import += 1,
        }
    }
}
