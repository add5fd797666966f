//! Warnings about annotations that the controller passes over.

use super::class::{CONTROLLER, names_no_class};
use super::{Groups, Place};
use crate::annotation::{self, Location, PREFIX};
use crate::diagnostic::code::{annotation as code, group as group_code};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Ingress, IngressClass, Manifests, Metadata};

/// Looks at all Ingresses of ours and all Services.
pub(super) fn check(manifests: &Manifests<'_>, groups: &Groups<'_, '_>, out: &mut Diagnostics) {
    for (name, ingress) in &manifests.ingresses {
        match groups.places.get(name) {
            Some(Place::Member(group)) => {
                for finding in check_object("Ingress", &ingress.metadata) {
                    out.push(finding.group(group).ingress(name.to_string()));
                }
            }
            Some(Place::Ignored) if names_no_class(ingress) => {
                let mut keys = ingress.metadata.annotations.iter().map(|(key, _)| key.as_str());
                if keys.any(|key| key.starts_with(PREFIX)) {
                    out.push(nobodys(manifests, ingress));
                }
            }
            _ => {}
        }
    }
    for service in manifests.services.values() {
        check_object("Service", &service.metadata).for_each(|finding| out.push(finding));
    }
}

/// An Ingress that is meant for the controller, and which the controller passes over.
fn nobodys(manifests: &Manifests<'_>, ingress: &Ingress<'_>) -> Diagnostic {
    let name = ingress.metadata.name.to_string();
    let message = format!("Ingress `{name}` names no class, so its annotations have no effect");
    let ours = |class: &&IngressClass<'_>| class.controller.as_str() == CONTROLLER;
    let hint = match manifests.ingress_classes.values().find(ours) {
        Some(class) => format!("write `ingressClassName: {}` into its spec", class.metadata.name),
        None => format!(
            "write `ingressClassName` into its spec, with an IngressClass of the controller `{CONTROLLER}`"
        ),
    };
    Diagnostic::warning(&group_code::NO_CLASS, message)
        .ingress(name)
        .path("spec.ingressClassName")
        .at(ingress.metadata.span)
        .hint(hint)
}

fn check_object<'a>(
    kind: &'static str,
    metadata: &'a Metadata<'_>,
) -> impl Iterator<Item = Diagnostic> + 'a {
    metadata.annotations.iter().filter_map(move |(key, _)| {
        let name = key.as_str().strip_prefix(PREFIX)?;
        let finding = match annotation::lookup(name) {
            None => {
                let message = format!("the annotation `{name}` is not known and has no effect");
                let hint = match annotation::nearest_name(name) {
                    Some(near) => format!("did you mean `{PREFIX}{near}`?"),
                    None => "run `ingc annotations` for the names that are known".to_owned(),
                };
                Diagnostic::warning(&code::UNKNOWN, message).hint(hint)
            }
            Some(row) if kind == "Service" && row.location == Location::Ingress => {
                let message = format!("the annotation `{name}` has no effect on a Service");
                Diagnostic::warning(&code::MISPLACED, message)
                    .hint("put it on the Ingress, or remove it")
            }
            Some(_) => return None,
        };
        let object = format!("{kind}/{}", metadata.name);
        Some(
            finding
                .object(object)
                .path(format!("metadata.annotations[{PREFIX}{name}]"))
                .at(key.span),
        )
    })
}
