//! `metadata` of every kind.

use super::{name, schema};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::manifest as code;
use crate::manifest::{Annotations, CLASS_ANNOTATION, Metadata, NamespacedName};
use crate::schema::{At, Path, Reader, describe, flow};
use crate::source::Sources;
use crate::yaml::{NodeKind, Text};

/// Annotations that say to which class and group an Ingress belongs.
const PLACING: [&str; 2] = [CLASS_ANNOTATION, "alb.ingress.kubernetes.io/group.name"];

/// Metadata, and whether an Ingress's class and group can be told by it.
pub(super) struct Read<'s> {
    pub(super) value: Metadata<'s>,
    pub(super) placed: bool,
}

/// Reads `metadata`. None if the object has no name, and is nothing to speak of then. Objects of
/// kinds that live in a namespace get `namespace` if they name none; there is none for the others.
pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    kind: &'static str,
    namespace: Option<&str>,
    sources: &'s Sources,
    r: &mut Reader,
) -> Option<Read<'s>> {
    let Some(node) = object.node.get("metadata").filter(|node| node.kind() != NodeKind::Null)
    else {
        r.missing(object, "metadata", format!("write metadata: {{name: NAME}} into this {kind}"));
        return None;
    };
    let path = object.path.field("metadata");
    let at = At { node, path };
    let [name, named, uid, labels, annotations, finalizers, deletion_timestamp, generate_name, ..] =
        r.fields(&at, &schema::METADATA)?;
    let hint = match generate_name {
        Some(_) => "give it a name of its own: a generated one is another one every time",
        None => "write metadata.name",
    };
    let name_at = r.required(&at, name, "name", hint)?;
    let name = r.text(&name_at)?;
    check_name(&name_at, name.as_str(), kind, r);
    let namespace = match (namespace, named) {
        (None, _) => "".into(),
        (Some(namespace), None) => namespace.into(),
        (Some(namespace), Some(at)) => {
            let named = r.text(&at)?;
            if named.as_str().is_empty() {
                namespace.into()
            } else if name::is_dns_label(named.as_str()) {
                named.value
            } else {
                bad_name(&at, named.as_str(), "a namespace", r);
                named.value
            }
        }
    };
    let mut placed = true;
    let labels = strings(labels, "label", sources, r, &mut true);
    let annotations = strings(annotations, "annotation", sources, r, &mut placed);
    let full_name = NamespacedName::new(namespace, name.as_str());
    let value = Metadata {
        object: format!("{kind}/{full_name}").into(),
        name: full_name,
        span: name.span,
        uid: r.maybe_text(uid).filter(|uid| !uid.as_str().is_empty()),
        labels,
        annotations,
        finalizers: r.texts(finalizers),
        deletion_timestamp: r.maybe_text(deletion_timestamp),
    };
    Some(Read { value, placed })
}

fn check_name(at: &At<'_, '_, '_>, text: &str, kind: &str, r: &mut Reader) {
    let good = match kind {
        "Namespace" | "Service" => name::is_dns_label(text),
        _ => name::is_dns_subdomain(text),
    };
    if !good {
        bad_name(at, text, &format!("the name of {}", article(kind)), r);
    }
}

fn bad_name(at: &At<'_, '_, '_>, text: &str, what: &str, r: &mut Reader) {
    let message = format!("`{text}` cannot be {what}");
    let hint = "use lower case letters, digits and `-`, with a letter or digit at both ends";
    r.error(at, &code::BAD_NAME, message, hint);
}

/// Labels or annotations. A value that is no string is reported and kept as it is written, so that
/// the group that is meant can be told.
fn strings<'s>(
    at: Option<At<'_, '_, 's>>,
    what: &str,
    sources: &'s Sources,
    r: &mut Reader,
    placed: &mut bool,
) -> Annotations<'s> {
    let Some(at) = at else { return Annotations::default() };
    *placed &= at.node.kind() == NodeKind::Mapping;
    let mut entries: Vec<(Text<'s>, Text<'s>)> = Vec::with_capacity(at.node.entries().count());
    for (key, node) in r.map(&at) {
        let value = At { node, path: Path::Key(&at.path, key.as_str()) };
        if !name::is_qualified(key.as_str()) {
            let message = format!("`{}` cannot be the name of {}", key.as_str(), article(what));
            let finding = Diagnostic::error(&code::BAD_LABEL, message).at(key.span);
            r.push(finding.path(value.path.to_string()));
        }
        let text = node.text().filter(|_| node.kind() != NodeKind::Null);
        if node.kind() != NodeKind::String {
            not_a_string(&value, &key, what, sources, r);
        }
        match text {
            Some(text) => {
                if what == "label" && !name::is_label_value(text.as_str()) {
                    let message = format!("`{}` cannot be the value of a label", text.as_str());
                    let hint = "use at most 63 letters, digits, `-`, `_` and `.`";
                    r.error(&value, &code::BAD_LABEL, message, hint);
                }
                entries.push((key, text));
            }
            None => *placed &= !PLACING.contains(&key.as_str()),
        }
    }
    Annotations::new(entries)
}

fn article(what: &str) -> String {
    format!("{} {what}", if what.starts_with(['a', 'I']) { "an" } else { "a" })
}

fn not_a_string(
    value: &At<'_, '_, '_>,
    key: &Text<'_>,
    what: &str,
    sources: &Sources,
    r: &mut Reader,
) {
    let node = value.node;
    let (message, hint) = match node.kind() {
        NodeKind::Null => (
            format!("{what} `{}` has no value", key.as_str()),
            format!("write {}: \"\" for an empty one, or remove it", key.as_str()),
        ),
        _ => {
            let hint = match flow(node, sources.snippet(node.span())) {
                Some(text) => format!("quote it: {}: {text}", key.as_str()),
                None => format!("write the text below {}: |", key.as_str()),
            };
            (format!("{what} `{}` is {}, not a string", key.as_str(), describe(node)), hint)
        }
    };
    r.error(value, &code::NOT_A_STRING, message, hint);
}
