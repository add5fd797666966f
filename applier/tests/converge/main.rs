//! Manifests to an account and back: after an apply there is nothing left to plan, whatever the
//! manifests were before, and wherever a run was cut short.
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

mod cases;
mod edits;
mod killed;
mod world;
