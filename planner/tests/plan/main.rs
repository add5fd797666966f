//! Plans real manifests, carries the plans out on a model of AWS, and looks at what happened.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod conformance;
mod drift;
mod edits;
mod given;
mod heirs;
mod identity;
mod random;
mod replace;
mod rules;
mod scope;
mod security;
mod settled;
mod traffic;
mod world;
