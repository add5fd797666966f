//! Reads Kubernetes manifests and compiles them to AWS resources, purely: same input, same bytes out.
#![deny(clippy::disallowed_methods)]

pub mod annotation;
pub mod diagnostic;
pub mod graph;
pub mod group;
pub mod inventory;
pub mod lower;
pub mod manifest;
pub mod resource;
pub mod route;
pub mod settings;
pub mod source;
pub mod tag;
pub mod yaml;
