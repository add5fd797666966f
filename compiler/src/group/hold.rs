//! What shows that the controller reconciles an Ingress: its finalizers, its class, and the labels of
//! bindings.

use super::class::CONTROLLER;
use crate::Compilation;
use crate::annotation::group::GROUP_NAME;
use crate::manifest::{CLASS_ANNOTATION, Ingress, Manifests, NamespacedName};
use crate::tag;
use std::collections::BTreeMap;

/// The finalizer of an Ingress that has a load balancer of its own.
pub const FINALIZER: &str = "ingress.k8s.aws/resources";
/// What the finalizer of a named group's member starts with; the group's name follows.
pub const GROUP_FINALIZER_PREFIX: &str = "group.ingress.k8s.aws/";
/// Labels of the bindings of an Ingress that is a group of its own. Those of a named group have
/// [`tag::STACK`].
const STACK_LABELS: [&str; 2] = ["ingress.k8s.aws/stack-namespace", "ingress.k8s.aws/stack-name"];

/// The groups that still hold an Ingress by a finalizer of the controller.
pub(crate) fn held_by(ingress: &Ingress<'_>) -> impl Iterator<Item = String> {
    ingress.metadata.finalizers.iter().filter_map(|finalizer| {
        let finalizer = finalizer.as_str();
        if finalizer == FINALIZER {
            return Some(ingress.metadata.name.to_string());
        }
        finalizer.strip_prefix(GROUP_FINALIZER_PREFIX).map(str::to_owned)
    })
}

/// The class by which the controller serves an Ingress, if it does wherever it runs.
pub(crate) fn served_as(ingress: &Ingress<'_>, manifests: &Manifests<'_>) -> Option<String> {
    if let Some(value) = ingress.metadata.annotations.get(CLASS_ANNOTATION) {
        return Some(value.as_str().to_owned());
    }
    let named = ingress.class_name.as_ref().map(|name| name.as_str());
    let class = match named {
        Some(name) => manifests.ingress_classes.get(name)?,
        None => manifests.ingress_classes.values().find(|class| super::class::is_default(class))?,
    };
    let served = class.controller.as_str() == CONTROLLER;
    served.then(|| class.metadata.name.name.clone())
}

/// The groups that an Ingress names, by its annotation and by the parameters of its class, be the
/// class ours or another controller's.
pub(crate) fn named_by(ingress: &Ingress<'_>, manifests: &Manifests<'_>) -> Vec<String> {
    let annotated = GROUP_NAME.on_ingress(ingress).map(|value| value.as_str().trim().to_owned());
    let class = ingress.class_name.as_ref().map(|name| name.as_str());
    let class =
        class.or_else(|| Some(ingress.metadata.annotations.get(CLASS_ANNOTATION)?.as_str()));
    let by_class = || {
        let class = match class {
            Some(name) => manifests.ingress_classes.get(name)?,
            None => manifests.ingress_classes.values().find(|it| super::class::is_default(it))?,
        };
        let params = class.parameters.as_ref()?.name.as_str();
        let group = manifests.ingress_class_params.get(params)?.group.as_ref()?;
        Some(group.as_str().to_owned())
    };
    annotated.into_iter().chain(by_class()).collect()
}

/// The labels by which the controller knows the bindings of a stack.
pub fn stack_labels(stack: &str) -> BTreeMap<&'static str, &str> {
    match stack.split_once('/') {
        Some((namespace, name)) => STACK_LABELS.into_iter().zip([namespace, name]).collect(),
        None => BTreeMap::from([(tag::STACK, stack)]),
    }
}

/// The stack that a binding's labels name.
pub(crate) fn stack_of_labels<'l>(label: impl Fn(&str) -> Option<&'l str>) -> Option<String> {
    let [namespace, name] = STACK_LABELS.map(&label);
    let own = namespace.zip(name).map(|(namespace, name)| format!("{namespace}/{name}"));
    label(tag::STACK).map(str::to_owned).or(own)
}

impl Compilation {
    /// Takes what a cluster says of its Ingresses and bindings for true, where Git says something
    /// else or nothing: `dump` is what `kubectl get ingress,ingressclass,targetgroupbinding -A` has
    /// printed.
    pub fn look_at_cluster(&mut self, dump: &Manifests<'_>) {
        for (name, seen) in &mut self.ingresses {
            let Some((namespace, bare)) = name.split_once('/') else { continue };
            let there = dump.ingresses.get(&NamespacedName::new(namespace, bare));
            seen.served_as = there.and_then(|ingress| served_as(ingress, dump));
            for group in there.into_iter().flat_map(held_by) {
                if !seen.held_by.contains(&group) {
                    seen.held_by.push(group);
                }
            }
        }
        self.bindings = bindings(dump);
    }
}

/// Bindings that carry the controller's labels, with the stack that they name.
pub(crate) fn bindings(manifests: &Manifests<'_>) -> BTreeMap<String, String> {
    manifests.bindings.iter().map(|(name, stack)| (name.to_string(), stack.clone())).collect()
}
