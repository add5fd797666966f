//! Stage 2: which Ingresses are ours, and which share a load balancer.

mod admission;
mod class;
mod hold;
mod membership;
mod selector;
mod spelling;

use crate::diagnostic::Diagnostics;
use crate::inventory::Inventory;
use crate::manifest::{Ingress, IngressClassParams, Manifests, NamespacedName};
use crate::settings::Settings;
use std::collections::BTreeMap;

pub use hold::{FINALIZER, GROUP_FINALIZER_PREFIX, stack_labels};
pub(crate) use hold::{bindings, held_by, named_by, served_as, stack_of_labels};

/// One Ingress of a group with what its class says.
#[derive(Clone, Copy, Debug)]
pub struct Member<'m, 's> {
    /// The Ingress.
    pub ingress: &'m Ingress<'s>,
    /// The parameters of its class. None for an Ingress taken by `kubernetes.io/ingress.class`.
    pub class_params: Option<&'m IngressClassParams<'s>>,
    /// Its place among the members of the group, from 0.
    pub index: usize,
}

/// Ingresses that share a load balancer.
#[derive(Clone, Debug)]
pub struct Group<'m, 's> {
    /// `namespace/name` of an Ingress of its own, or the group's name.
    pub id: String,
    /// True for a named group.
    pub explicit: bool,
    /// Members by `group.order`, then by `namespace/name` as text.
    pub members: Vec<Member<'m, 's>>,
    /// Members that are being deleted.
    pub leaving: Vec<&'m Ingress<'s>>,
}

/// What became of an Ingress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is a member of the group.
    Member(String),
    /// It is being deleted.
    Leaving,
    /// It is of another class, or of none.
    Ignored,
    /// Its class or group cannot be told: what was made for it must stay as it is.
    Unplaced,
}

/// All groups, and what became of every Ingress.
#[derive(Debug, Default)]
pub struct Groups<'m, 's> {
    /// Groups by id, those that only lose members among them.
    pub groups: BTreeMap<String, Group<'m, 's>>,
    /// What became of each Ingress.
    pub places: BTreeMap<&'m NamespacedName, Place>,
}

/// Sorts the Ingresses into groups.
pub fn group<'m, 's>(
    manifests: &'m Manifests<'s>,
    settings: &Settings,
    inventory: &Inventory,
) -> (Groups<'m, 's>, Diagnostics) {
    let mut diagnostics = admission::check_class_params(manifests);
    let groups = membership::group(manifests, settings, inventory, &mut diagnostics);
    spelling::check(manifests, &groups, &mut diagnostics);
    (groups, diagnostics)
}
