//! Steps: the exact sequence that the applier carries out.

use ingc_compiler::resource::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step, mostly one resource and few calls. Steps stand in an order in which each may be done
/// when all before it are done; `needs` tells which of them it really waits for, so that others
/// may run at the same time, or still run when one has failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The address of the state's entry at that moment; for a reorder the listener's. A rule may be
    /// made, changed or deleted under another address than its change's: a reorder moves it there
    /// or has moved it away. Its tags name the change's address.
    pub address: Address,
    /// What to do.
    pub operation: Operation,
    /// Index of the change that it belongs to; none for a reorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<u32>,
    /// Indices of the steps that must have succeeded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
    /// New target groups that take over requests which are answered now: their targets should be
    /// healthy before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits_targets: Vec<Address>,
    /// Why a request may go unanswered from here on; none if it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// What a step does. The spec to send is `after` of its change, with `$ref`s resolved through the
/// state at that moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Operation {
    /// Makes the object. If `depose` is given, the object that holds the address now is set aside
    /// under that key in the same write that records the new one.
    Create {
        /// Key for the object that is replaced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        depose: Option<String>,
        /// For a rule whose number is still another rule's: the number to make it with instead. A
        /// reorder gives it its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
    },
    /// Changes these fields of the spec (top-level names) in place. Adds go before removals.
    Update {
        /// Names of the fields.
        fields: Vec<String>,
    },
    /// Sends again what is unchanged in the manifests but uses an object that was replaced.
    Repoint {
        /// Names of the fields that refer to it.
        fields: Vec<String>,
    },
    /// Gives rules of a listener new priorities, in one SetRulePriorities with all whose number
    /// changes (none, no call), and moves their entries to their new addresses at once.
    Reorder {
        /// The rules. Those that are not listed keep number and address.
        moves: Vec<RuleMove>,
    },
    /// Deletes the object and its entry.
    Delete,
    /// Deletes an object that was set aside, and its entry.
    DeleteDeposed {
        /// Its key.
        key: String,
        /// True for a load balancer that a plan has replaced: clients may still hold its address
        /// until their DNS answers have aged out.
        drain: bool,
    },
    /// No call: AWS deleted the object with its owner, and its entry went with the owner's.
    GoneWith {
        /// The key, if it was set aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
        /// The load balancer or listener whose deletion took it along.
        owner: Address,
    },
    /// Drops an entry without a call: the object is gone.
    Forget {
        /// The key, if it was set aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
    },
    /// Takes an existing object into the state without a call.
    Import {
        /// Its outputs.
        outputs: crate::state::Pairs,
        /// The key under which it is set aside at once: nobody asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
        /// The resource that its tags name, where that is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tagged: Option<String>,
    },
}

/// A rule that changes its number, its address, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleMove {
    /// Address of its entry before.
    pub from: Address,
    /// Address of its entry after.
    pub to: Address,
    /// Its priority before.
    pub priority_before: i32,
    /// Its priority after.
    pub priority_after: i32,
}
