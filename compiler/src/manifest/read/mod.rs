//! Reading manifests: documents in parallel, objects in the order of the text.

mod backend;
mod base64;
mod class;
mod document;
mod ingress;
mod metadata;
mod name;
mod params;
mod rescue;
mod schema;
mod secret;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use name::is_dns_label;

use super::{Manifests, NamespacedName};
use crate::diagnostic::code::manifest as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related, Severity};
use crate::inventory::ClusterFacts;
use crate::source::{FileId, Sources, Span};
use crate::yaml;
use document::{Object, Read};
use rayon::prelude::*;

/// As many documents are read in one go by a thread.
const CHUNK: usize = 32;

/// Reads the objects of the files in their order. Findings are of three kinds: about a text, about
/// an object, which is then in [`Manifests::refused`], and about two objects of one name. What the
/// cluster knows of a Service completes it, and objects that name no namespace get the facts' one.
pub fn read<'s>(
    sources: &'s Sources,
    files: &[FileId],
    facts: &ClusterFacts,
    diagnostics: &mut Diagnostics,
) -> Manifests<'s> {
    let parts: Vec<_> = files.iter().flat_map(|&file| yaml::parts(sources, file)).collect();
    let chunks: Vec<Read<'s, '_>> = parts
        .par_chunks(CHUNK)
        .map(|parts| {
            let mut read = Read::in_namespace(facts.namespace());
            parts.iter().for_each(|&part| document::read(part, sources, &mut read));
            read
        })
        .collect();
    let mut manifests = Manifests::default();
    for chunk in chunks {
        for finding in chunk.findings {
            let nobodys = finding.severity == Severity::Error && finding.object.is_none();
            manifests.unread |= nobodys;
            diagnostics.push(finding);
        }
        for (kind, name, refusal) in chunk.refused {
            let refused = manifests.refused.entry(kind).or_default();
            refused.entry(name).or_default().merge(refusal);
        }
        for object in chunk.objects {
            insert(&mut manifests, object, facts, diagnostics);
        }
    }
    manifests
}

fn insert<'s>(
    manifests: &mut Manifests<'s>,
    object: Object<'s>,
    facts: &ClusterFacts,
    out: &mut Diagnostics,
) {
    match object {
        Object::Ingress(o) => {
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.ingresses.insert(name.clone(), o);
            twice("Ingress", &name, span, earlier.map(|o| o.metadata.span), out);
        }
        Object::Service(mut o) => {
            service::complete(&mut o, facts);
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.services.insert(name.clone(), o);
            twice("Service", &name, span, earlier.map(|o| o.metadata.span), out);
        }
        Object::Secret(o) => {
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.secrets.insert(name.clone(), o);
            twice("Secret", &name, span, earlier.map(|o| o.metadata.span), out);
        }
        Object::Namespace(o) => {
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.namespaces.insert(name.name.clone(), o);
            twice("Namespace", &name, span, earlier.map(|o| o.metadata.span), out);
        }
        Object::IngressClass(o) => {
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.ingress_classes.insert(name.name.clone(), o);
            twice("IngressClass", &name, span, earlier.map(|o| o.metadata.span), out);
        }
        Object::Binding(name, stack) => drop(manifests.bindings.insert(name, stack)),
        Object::IngressClassParams(o) => {
            let (name, span) = (o.metadata.name.clone(), o.metadata.span);
            let earlier = manifests.ingress_class_params.insert(name.name.clone(), *o);
            twice("IngressClassParams", &name, span, earlier.map(|o| o.metadata.span), out);
        }
    }
}

fn twice(
    kind: &'static str,
    name: &NamespacedName,
    span: Span,
    earlier: Option<Span>,
    out: &mut Diagnostics,
) {
    let Some(earlier) = earlier else { return };
    let message = format!("{kind} `{name}` is given twice; this one counts");
    let finding = Diagnostic::warning(&code::GIVEN_TWICE, message)
        .at(span)
        .path("metadata.name")
        .hint("remove one of the two")
        .related(Related {
            message: "the earlier one, which does not count".to_owned(),
            ingress: (kind == "Ingress").then(|| name.to_string()),
            span: Some(earlier),
        });
    out.push(named(finding, kind, name));
}

/// Names the object that a finding is about.
fn named(finding: Diagnostic, kind: &'static str, name: &NamespacedName) -> Diagnostic {
    match kind {
        "Ingress" => finding.ingress(name.to_string()),
        kind => finding.object(format!("{kind}/{name}")),
    }
}
