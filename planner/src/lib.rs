//! Compares what shall be with what is recorded, purely, and plans the way from one to the other.
//!
//! The compiler's stacks ([`Desired`]) and a [`State`] give a [`Plan`]: changes for people, each
//! with its reason, and steps for the applier in an order that never leaves a request unanswered
//! that was answered before and shall be answered after.
#![deny(clippy::disallowed_methods)]

pub mod desired;
pub mod diff;
pub mod options;
pub mod plan;
pub mod state;

pub use desired::Desired;
pub use options::{Destroy, Limits, Live, LiveObject, LiveRule, Options, Scope};
pub use plan::{Action, Change, FieldChange, Operation, Plan, Step};
pub use state::{Recorded, StackState, State, StateError};
