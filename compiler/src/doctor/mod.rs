//! What commonly breaks around load balancers, as far as it can be told from texts: manifests or
//! what a cluster's dump says, the inventory, and the date.

mod binding;
mod certificate;
mod held;
mod subnet;

pub use binding::{Binding, bindings};

use crate::Compilation;
use crate::diagnostic::Diagnostics;
use crate::inventory::Inventory;
use crate::manifest::Manifests;
use crate::settings::Settings;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// The objects: manifests, or a dump of the cluster.
    pub manifests: &'a Manifests<'a>,
    /// Bindings among them.
    pub bindings: &'a [Binding],
    /// What they are compiled to.
    pub compilation: &'a Compilation,
    /// The settings.
    pub settings: &'a Settings,
    /// What the account has.
    pub inventory: &'a Inventory,
    /// The moment, as RFC 3339 in UTC; nothing expires if it is empty.
    pub now: &'a str,
    /// A moment by which a certificate should have been renewed.
    pub soon: &'a str,
}

/// Everything that is found.
pub fn examine(patient: Patient<'_>) -> Diagnostics {
    let mut findings = Diagnostics::new();
    subnet::examine(patient, &mut findings);
    certificate::examine(patient, &mut findings);
    held::examine(patient, &mut findings);
    binding::examine(patient, &mut findings);
    findings
}

#[cfg(test)]
mod tests;
