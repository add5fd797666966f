//! TargetGroupBindings of a cluster.

use super::Patient;
use crate::diagnostic::code::doctor as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Node};
use std::collections::BTreeMap;

/// A binding as it stands in a cluster or a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The ARN of its target group, or else the name.
    pub target_group: String,
    /// Where that stands.
    pub span: Span,
}

/// The bindings in some texts. What is no object is passed over: whoever reads the manifests
/// reports it.
pub fn bindings(sources: &Sources, files: &[FileId]) -> Vec<Binding> {
    let mut found = Vec::new();
    for file in files {
        for tree in yaml::documents(sources, *file).filter_map(Result::ok) {
            collect(tree.root(), &mut found);
        }
    }
    found
}

fn collect(object: Node<'_, '_>, found: &mut Vec<Binding>) {
    let text = |node: Node<'_, '_>, name: &str| {
        node.get(name).and_then(|it| it.as_str()).map(str::to_owned)
    };
    match text(object, "kind").as_deref() {
        Some("List" | "TargetGroupBindingList") => {
            let items = object.get("items").into_iter().flat_map(|items| items.items());
            items.for_each(|item| collect(item, found));
        }
        Some("TargetGroupBinding") => {
            let (Some(metadata), Some(spec)) = (object.get("metadata"), object.get("spec")) else {
                return;
            };
            let group = ["targetGroupARN", "targetGroupName"].into_iter().find_map(|field| {
                let node = spec.get(field)?;
                Some((node.as_str().filter(|text| !text.is_empty())?.to_owned(), node.span()))
            });
            let (Some(name), Some((target_group, span))) = (text(metadata, "name"), group) else {
                return;
            };
            let namespace = text(metadata, "namespace").unwrap_or_else(|| "default".to_owned());
            found.push(Binding { namespace, name, target_group, span });
        }
        _ => {}
    }
}

pub(super) fn examine(patient: Patient<'_>, findings: &mut Diagnostics) {
    let mut first: BTreeMap<&str, &Binding> = BTreeMap::new();
    for binding in patient.bindings {
        let other = *first.entry(&binding.target_group).or_insert(binding);
        if (&other.namespace, &other.name) == (&binding.namespace, &binding.name) {
            continue;
        }
        let Binding { namespace, name, target_group, span } = binding;
        let message = format!(
            "`{namespace}/{name}` and `{}/{}` both bind target group `{target_group}`",
            other.namespace, other.name
        );
        findings.push(
            Diagnostic::error(&code::SHARED_TARGET_GROUP, message)
                .object(format!("TargetGroupBinding/{namespace}/{name}"))
                .at(*span)
                .hint(format!("kubectl delete targetgroupbinding --namespace {namespace} {name}"))
                .related(Related {
                    message: "the other one".to_owned(),
                    ingress: None,
                    span: Some(other.span),
                }),
        );
    }
}
