//! Manifests to an account and back: after an apply there is nothing left to plan, whatever the
//! manifests were before, and wherever a run was cut short.
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

mod aws;
mod cases;
mod edits;
#[path = "../../../tests/emulator/mod.rs"]
mod emulator;
mod histories;
mod killed;
mod moved;
mod world;
