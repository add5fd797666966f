//! Stage 1: the Kubernetes objects that matter, with the place of every value.
//!
//! Values borrow from the source texts. What the API server would default is defaulted here.

mod class;
mod ingress;
mod object;
mod read;
mod service;

pub use class::{
    Attribute, ClassListener, ClassSubnets, IngressClass, IngressClassParams, LabelSelector,
    LabelSelectorRequirement, ParametersRef,
};
pub use ingress::{
    Backend, Ingress, IngressPath, IngressRule, IngressTls, PathType, ServiceBackend,
    ServicePortRef,
};
pub use object::{Annotations, CLASS_ANNOTATION, Metadata, Namespace, ObjectRef, Secret};
pub(crate) use read::is_dns_label;
pub use read::read;
pub use service::{IntOrString, Service, ServicePort};

use std::collections::BTreeMap;

/// `namespace/name`; cluster-scoped objects have an empty namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespacedName {
    /// The namespace.
    pub namespace: String,
    /// The name within it.
    pub name: String,
}

impl NamespacedName {
    /// From its two parts.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        NamespacedName { namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for NamespacedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.namespace.is_empty() {
            f.write_str(&self.namespace)?;
            f.write_str("/")?;
        }
        f.write_str(&self.name)
    }
}

/// All objects of a run by kind and name. An object given twice is a warning; the later one counts.
#[derive(Debug, Default)]
pub struct Manifests<'s> {
    /// Ingresses by namespace and name.
    pub ingresses: BTreeMap<NamespacedName, Ingress<'s>>,
    /// Services by namespace and name.
    pub services: BTreeMap<NamespacedName, Service<'s>>,
    /// Secrets by namespace and name.
    pub secrets: BTreeMap<NamespacedName, Secret<'s>>,
    /// Namespaces by name.
    pub namespaces: BTreeMap<String, Namespace<'s>>,
    /// IngressClasses by name.
    pub ingress_classes: BTreeMap<String, IngressClass<'s>>,
    /// IngressClassParams by name.
    pub ingress_class_params: BTreeMap<String, IngressClassParams<'s>>,
    /// TargetGroupBindings that carry the controller's labels, with the stack that these name. Nothing
    /// else of them matters.
    pub bindings: BTreeMap<NamespacedName, String>,
    /// True if a text or the name of an object could not be read: what seems to be missing may
    /// stand there.
    pub unread: bool,
    /// Objects with errors, by kind and name: the API server would refuse them. What could be read
    /// of one stands among the others above.
    pub refused: BTreeMap<&'static str, BTreeMap<NamespacedName, Refusal>>,
}

impl Manifests<'_> {
    /// Whether an object has errors, such as of the kind `Service`.
    pub fn refusal(&self, kind: &str, name: &NamespacedName) -> Option<Refusal> {
        self.refused.get(kind)?.get(name).copied()
    }
}

/// What is known of an object with errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// For an Ingress: its class or group cannot be told.
    pub unplaced: bool,
}

impl Refusal {
    /// Of two objects of one name, neither of which may be forgotten.
    fn merge(&mut self, other: Refusal) {
        self.unplaced |= other.unplaced;
    }
}
