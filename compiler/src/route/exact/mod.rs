//! Decides exactly which requests two lists of rules answer differently.

mod atom;
mod cover;
mod letters;
mod machine;
mod plural;
mod product;
mod solve;
mod space;
mod universe;

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
