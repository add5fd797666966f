//! Annotations for the tests of what reads them.

use super::{Annotation, Value};
use crate::diagnostic::Diagnostics;
use crate::manifest::NamespacedName;
use crate::source::Sources;
use crate::yaml;

/// Reads a text as the annotation `NAME` of a row, or of a family's member `x`. Findings are
/// given as `CODE COLUMN: message`, with columns of the text from 1.
pub(crate) fn read<T>(
    row: &'static Annotation,
    text: &str,
    read: impl Fn(&Value<'_, '_>) -> (Option<T>, Diagnostics),
) -> (Option<T>, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", format!("'{}'", text.replace('\'', "''")));
    let (tree, _) = yaml::document(&sources, file);
    let tree = tree.expect("a quoted text is a document");
    let text = tree.root().text().expect("a quoted text is a scalar");
    let name = if row.is_family() { format!("{}x", row.name) } else { row.name.to_owned() };
    let object = NamespacedName::new("shop", "web");
    let origin = "Ingress/shop/web".into();
    let value = Value {
        annotation: row,
        name: &name,
        text: &text,
        kind: "Ingress",
        object: &object,
        origin: &origin,
    };
    let (result, findings) = read(&value);
    let findings = findings.iter().map(|finding| {
        let column = finding.span.map_or(0, |span| sources.position(span).column - 1);
        format!("{} {column}: {}", finding.code, finding.message)
    });
    (result, findings.collect())
}
