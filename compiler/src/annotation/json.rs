//! JSON in annotations, read as Go fills its structs: names in any case, unknown names skipped,
//! null as if absent. All mistakes are found, not the first, each at the value at fault.

use super::{Value, parse_int};
use crate::diagnostic::code::annotation as code;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, NodeKind, Tree};
use std::collections::BTreeMap;

/// A reader of one annotation that collects its findings.
pub struct Json<'v, 'a, 's> {
    value: &'v Value<'a, 's>,
    findings: Diagnostics,
}

impl<'a, 's> Value<'a, 's> {
    /// Reads the JSON with `read`. There is no result where any finding is an error; findings may
    /// also be warnings beside a result.
    pub fn json<T>(
        &self,
        read: impl for<'t> FnOnce(&mut Json<'_, 'a, 's>, Node<'t, 's>) -> T,
    ) -> (Option<T>, Diagnostics) {
        let tree: Tree<'s> = match crate::yaml::read_json(self.text) {
            Ok(tree) => tree,
            Err(finding) => {
                let mut findings = Diagnostics::new();
                let placed = self.error(finding.code, "");
                findings.push(Diagnostic {
                    message: format!("`{}` is not valid JSON: {}", self.name, finding.message),
                    label: finding.label,
                    hint: finding.hint.or_else(|| {
                        Some(format!("write JSON, such as '{}'", self.annotation.example))
                    }),
                    span: finding.span.or(placed.span),
                    related: finding.related,
                    ..placed
                });
                return (None, findings);
            }
        };
        let mut json = Json { value: self, findings: Diagnostics::new() };
        let result = read(&mut json, tree.root());
        let Json { findings, .. } = json;
        if findings.has_errors() { (None, findings) } else { (Some(result), findings) }
    }
}

impl<'a> Json<'_, 'a, '_> {
    /// Adds an error at a place within the annotation.
    pub fn error(
        &mut self,
        span: Span,
        code: &'static Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(self.value.error_in(span, code, message).hint(hint));
    }

    /// Adds a warning at a place within the annotation.
    pub fn warning(
        &mut self,
        span: Span,
        code: &'static Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(self.value.warning_in(span, code, message).hint(hint));
    }

    /// The name behind the prefix, for messages.
    pub fn name(&self) -> &'a str {
        self.value.name
    }

    /// Checks that a node is an object, and warns of names that nobody reads. An object that is
    /// null has no fields.
    pub fn object<'t, 'n>(
        &mut self,
        node: Node<'t, 'n>,
        what: &str,
        names: &[&str],
    ) -> Object<'t, 'n> {
        match node.kind() {
            NodeKind::Mapping => {
                for (key, _) in node.entries() {
                    let Some(text) = key.text() else { continue };
                    let known = names.iter().any(|name| name.eq_ignore_ascii_case(text.as_str()));
                    if !known {
                        self.unknown_name(key.span(), text.as_str(), names);
                    }
                }
                Object { node: Some(node), span: node.span() }
            }
            NodeKind::Null => Object { node: None, span: node.span() },
            _ => {
                self.wrong_kind(node, what, "an object", "{…}");
                Object { node: None, span: node.span() }
            }
        }
    }

    fn unknown_name(&mut self, span: Span, name: &str, names: &[&str]) {
        let mut finding = self.value.warning_in(
            span,
            &code::UNKNOWN_JSON_NAME,
            format!("`{name}` of `{}` is unknown and has no effect", self.value.name),
        );
        finding.hint = Some(match nearest(name, names.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("known are {}", names.join(", ")),
        });
        self.findings.push(finding);
    }

    /// The items of a list; none where it is null.
    pub fn list<'t, 'n>(&mut self, node: Node<'t, 'n>, what: &str) -> Vec<Node<'t, 'n>> {
        match node.kind() {
            NodeKind::Sequence => node.items().collect(),
            NodeKind::Null => Vec::new(),
            _ => {
                self.wrong_kind(node, what, "a list", "[…]");
                Vec::new()
            }
        }
    }

    /// A string; empty where it is null.
    pub fn string(&mut self, node: Node<'_, '_>, what: &str) -> Spanned<String> {
        let text = match (node.kind(), node.text()) {
            (NodeKind::Null, _) => String::new(),
            (NodeKind::String, Some(text)) => text.as_str().to_owned(),
            (_, text) => {
                let text = text.map(|text| text.as_str().to_owned()).unwrap_or_default();
                let example = if text.is_empty() { "text" } else { &text };
                self.wrong_kind(node, what, "a string", &format!("\"{example}\""));
                text
            }
        };
        Spanned::new(text, node.span())
    }

    /// Strings.
    pub fn strings(&mut self, node: Node<'_, '_>, what: &str) -> Vec<Spanned<String>> {
        self.list(node, what).into_iter().map(|item| self.string(item, what)).collect()
    }

    /// A map of strings.
    pub fn string_map(&mut self, node: Node<'_, '_>, what: &str) -> BTreeMap<String, String> {
        match node.kind() {
            NodeKind::Mapping => node
                .entries()
                .filter_map(|(key, value)| Some((key.text()?.as_str().to_owned(), value)))
                .map(|(key, value)| {
                    let text = self.string(value, &format!("{what}.{key}")).value;
                    (key, text)
                })
                .collect(),
            NodeKind::Null => BTreeMap::new(),
            _ => {
                self.wrong_kind(node, what, "an object", "{\"name\":\"value\"}");
                BTreeMap::new()
            }
        }
    }

    /// A 32 bit integer without fraction or exponent.
    pub fn int32(&mut self, node: Node<'_, '_>, what: &str) -> Spanned<i32> {
        let number = match node.kind() {
            NodeKind::Int | NodeKind::Float => node
                .text()
                .and_then(|text| parse_int(text.as_str(), i32::MIN.into(), i32::MAX.into())),
            _ => None,
        };
        if number.is_none() {
            self.wrong_kind(node, what, "a whole number without quotes", "80");
        }
        Spanned::new(number.unwrap_or_default() as i32, node.span())
    }

    /// A boolean.
    pub fn boolean(&mut self, node: Node<'_, '_>, what: &str) -> bool {
        match node.as_bool() {
            Some(value) if node.kind() == NodeKind::Bool => value,
            _ => {
                self.wrong_kind(node, what, "a boolean without quotes", "true");
                false
            }
        }
    }

    fn wrong_kind(&mut self, node: Node<'_, '_>, what: &str, expected: &str, example: &str) {
        let found = match node.kind() {
            NodeKind::Null => "null",
            NodeKind::Bool => "a boolean",
            NodeKind::Int | NodeKind::Float => "a number",
            NodeKind::String => "a string",
            NodeKind::Mapping => "an object",
            NodeKind::Sequence => "a list",
        };
        let found = match node.text() {
            Some(text) if !matches!(node.kind(), NodeKind::Null) => {
                format!("{found}, `{}`", text.as_str())
            }
            _ => found.to_owned(),
        };
        self.error(
            node.span(),
            &code::WRONG_JSON_KIND,
            format!("{what} of `{}` is {found}, where {expected} belongs", self.value.name),
            format!("write {example}"),
        );
    }
}

/// An object whose kind has been checked.
#[derive(Clone, Copy)]
pub struct Object<'t, 's> {
    node: Option<Node<'t, 's>>,
    /// Where it stands.
    pub span: Span,
}

impl<'t, 's> Object<'t, 's> {
    /// A field that is there and not null. The name may be written in any case.
    pub fn get(&self, name: &str) -> Option<Node<'t, 's>> {
        self.node?.get_ignore_case(name).filter(|node| node.kind() != NodeKind::Null)
    }

    /// A string field; empty where it is absent or null, with the object's place.
    pub fn string(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Spanned<String> {
        self.optional_string(json, name).unwrap_or_else(|| Spanned::new(String::new(), self.span))
    }

    /// A string field if it is there.
    pub fn optional_string(
        &self,
        json: &mut Json<'_, '_, '_>,
        name: &str,
    ) -> Option<Spanned<String>> {
        self.get(name).map(|node| json.string(node, &format!("`{name}`")))
    }

    /// A list of strings; empty where it is absent or null.
    pub fn strings(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Vec<Spanned<String>> {
        self.get(name).map(|node| json.strings(node, &format!("`{name}`"))).unwrap_or_default()
    }

    /// A map of strings; empty where it is absent or null.
    pub fn string_map(&self, json: &mut Json<'_, '_, '_>, name: &str) -> BTreeMap<String, String> {
        self.get(name).map(|node| json.string_map(node, &format!("`{name}`"))).unwrap_or_default()
    }

    /// An integer field if it is there.
    pub fn int32(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Option<Spanned<i32>> {
        self.get(name).map(|node| json.int32(node, &format!("`{name}`")))
    }

    /// A boolean field if it is there.
    pub fn boolean(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Option<bool> {
        self.get(name).map(|node| json.boolean(node, &format!("`{name}`")))
    }

    /// An object field if it is there; one of a wrong kind counts as empty.
    pub fn object(
        &self,
        json: &mut Json<'_, '_, '_>,
        name: &str,
        names: &[&str],
    ) -> Option<Object<'t, 's>> {
        self.get(name).map(|node| json.object(node, &format!("`{name}`"), names))
    }

    /// The items of a list field; empty where it is absent or null.
    pub fn list(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Vec<Node<'t, 's>> {
        self.get(name).map(|node| json.list(node, &format!("`{name}`"))).unwrap_or_default()
    }
}
