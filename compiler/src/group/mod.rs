//! Stage 2: which Ingresses are ours, and which share a load balancer.

use crate::manifest::{Ingress, IngressClassParams};

/// One Ingress of a group with what its class says.
#[derive(Clone, Copy, Debug)]
pub struct Member<'m, 's> {
    /// The Ingress.
    pub ingress: &'m Ingress<'s>,
    /// The parameters of its class. None for an Ingress taken by `kubernetes.io/ingress.class`.
    pub class_params: Option<&'m IngressClassParams<'s>>,
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
