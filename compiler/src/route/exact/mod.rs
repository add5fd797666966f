//! Decides exactly which requests two lists of rules answer differently.

mod atom;
#[cfg(test)]
mod cases;
mod changes;
mod claims;
mod cover;
#[cfg(test)]
mod enumerated;
mod letters;
mod listing;
mod machine;
mod plural;
mod product;
mod relevance;
mod requests;
mod sample;
mod solve;
mod space;
mod universe;

pub use changes::{Change, Changes, Reason, Side, Status, Unproven};
pub use claims::{Claims, Redundant, Takeover, Unreachable};
pub use requests::{Requests, Word, Words};

/// The exact method would take more than its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded;

/// How much work the exact method may do before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// States of automata.
    pub states: usize,
    /// Classes of requests that are looked at.
    pub cells: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { states: 400_000, cells: 400_000 }
    }
}
