//! Carries plans out: against AWS, or against a simulated account kept in a file.
//!
//! The only crate that knows files of state, time and tokio. Everything that it asks of an account
//! goes through one seam, [`Account`], so that every mutating call can be seen and counted.

pub mod account;
mod attribute;
pub mod aws;
mod binding;
pub mod error;
pub mod execute;
pub mod inventory;
mod kind;
mod permission;
mod probe;
mod refresh;
pub mod sandbox;
mod status;
pub mod store;
mod survey;

pub use account::{Account, Call, CallError, Identity, Service};
pub use aws::Aws;
pub use binding::{BindingManifest, binding_manifests, binding_object};
pub use error::Error;
pub use execute::{
    ApplyError, Event, Facts, PARALLELISM, Patience, Report, Run, apply, random_hex,
};
pub use permission::{Denied, denied};
pub use probe::{Probe, ProbeError, Prober, Seen};
pub use refresh::{
    EksCluster, Existing, discover, eks_cluster, find_bootstrap, refresh, stacks_in_aws,
    unknown_listeners,
};
pub use sandbox::Sandbox;
pub use status::{IngressStatus, ListenerStatus, TargetGroupStatus, status};
pub use store::{HeldLock, Past, StateFile, StatePlace, StateStore, Store};
pub use survey::{Survey, survey};
