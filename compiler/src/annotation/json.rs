//! JSON in annotations, read as Go fills its structs: names in any case, unknown names skipped,
//! null as if absent. All mistakes are found, not the first, each at the value at fault.

use super::{Value, parse_int};
use crate::diagnostic::code::{annotation as code, limit};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, NodeKind, Tree, folds_to};
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

    /// Warns of a value that AWS refuses.
    pub fn refused<T: std::fmt::Display>(&mut self, value: &Spanned<T>, field: &str, hint: &str) {
        let message =
            format!("AWS refuses `{}` for `{field}` of `{}`", value.value, self.value.name);
        self.warning(value.span, &limit::REFUSED_VALUE, message, hint);
    }

    /// Warns of a text that is too long for AWS.
    pub fn too_long(&mut self, text: &Spanned<String>, field: &str, limit: usize) {
        let length = text.value.chars().count();
        let message =
            format!("AWS refuses `{field}` of `{}`: it has {length} characters", self.value.name);
        let hint = format!("write at most {limit} characters");
        self.warning(text.span, &limit::REFUSED_VALUE, message, hint);
    }

    /// The name behind the prefix, for messages.
    pub fn name(&self) -> &'a str {
        self.value.name
    }

    /// Checks that a node is an object, and warns of names that nobody reads or that stand twice.
    /// An object that is null has no fields.
    pub fn object<'t, 'n>(
        &mut self,
        node: Node<'t, 'n>,
        what: &str,
        names: &[&str],
    ) -> Object<'t, 'n> {
        let mut object = Object { nodes: Vec::new(), span: node.span() };
        match node.kind() {
            NodeKind::Mapping => {
                self.check_names(node, names);
                object.nodes.push(node);
            }
            NodeKind::Null => {}
            _ => self.wrong_kind(node, what, "an object", "{…}"),
        }
        object
    }

    fn check_names(&mut self, node: Node<'_, '_>, names: &[&str]) {
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in node.entries() {
            let Some(text) = key.as_str() else { continue };
            match names.iter().find(|name| folds_to(text, name)) {
                None => self.unknown_name(key.span(), text, names),
                Some(name) if seen.contains(name) => self.warning(
                    key.span(),
                    &code::REPEATED_JSON_NAME,
                    format!("`{name}` stands twice in one object of `{}`", self.value.name),
                    "leave one; the later counts, and upper and lower case are the same",
                ),
                Some(name) => seen.push(name),
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

/// An object whose kind has been checked. Where a name is written several times, every value must
/// have the right kind, objects are put together, and else the last one counts.
#[derive(Clone)]
pub struct Object<'t, 's> {
    nodes: Vec<Node<'t, 's>>,
    /// Where it stands.
    pub span: Span,
}

impl<'t, 's> Object<'t, 's> {
    /// All values of a field in the order of the text, nulls too.
    fn all(&self, name: &str) -> Vec<Node<'t, 's>> {
        let entries = self.nodes.iter().flat_map(|node| node.entries());
        let named = entries.filter(|(key, _)| key.as_str().is_some_and(|k| folds_to(k, name)));
        named.map(|(_, value)| value).collect()
    }

    /// The value of a field that may be absent: the last one, unless it is null.
    fn last<T>(&self, name: &str, mut read: impl FnMut(Node<'t, 's>) -> T) -> Option<T> {
        let mut last = None;
        for node in self.all(name) {
            last = (node.kind() != NodeKind::Null).then(|| read(node));
        }
        last
    }

    /// True if a field is there and not null.
    pub fn has(&self, name: &str) -> bool {
        self.last(name, |_| ()).is_some()
    }

    /// Reads a field that is there and not null with `read`.
    pub fn get<T>(&self, name: &str, read: impl FnMut(Node<'t, 's>) -> T) -> Option<T> {
        self.last(name, read)
    }

    /// A string field; empty where it is absent or null, with the object's place.
    pub fn string(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Spanned<String> {
        let nodes = self.all(name).into_iter().filter(|node| node.kind() != NodeKind::Null);
        let texts: Vec<_> = nodes.map(|node| json.string(node, &format!("`{name}`"))).collect();
        texts.into_iter().last().unwrap_or_else(|| Spanned::new(String::new(), self.span))
    }

    /// A string field if it is there.
    pub fn optional_string(
        &self,
        json: &mut Json<'_, '_, '_>,
        name: &str,
    ) -> Option<Spanned<String>> {
        self.last(name, |node| json.string(node, &format!("`{name}`")))
    }

    /// A list of strings; empty where it is absent or null.
    pub fn strings(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Vec<Spanned<String>> {
        self.last(name, |node| json.strings(node, &format!("`{name}`"))).unwrap_or_default()
    }

    /// A map of strings; empty where it is absent or null.
    pub fn string_map(&self, json: &mut Json<'_, '_, '_>, name: &str) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for node in self.all(name) {
            match node.kind() {
                NodeKind::Null => map.clear(),
                _ => map.extend(json.string_map(node, &format!("`{name}`"))),
            }
        }
        map
    }

    /// An integer field if it is there.
    pub fn int32(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Option<Spanned<i32>> {
        self.last(name, |node| json.int32(node, &format!("`{name}`")))
    }

    /// A boolean field if it is there.
    pub fn boolean(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Option<bool> {
        self.last(name, |node| json.boolean(node, &format!("`{name}`")))
    }

    /// An object field if it is there; one of a wrong kind counts as empty.
    pub fn object(
        &self,
        json: &mut Json<'_, '_, '_>,
        name: &str,
        names: &[&str],
    ) -> Option<Object<'t, 's>> {
        let mut merged: Option<Object<'t, 's>> = None;
        for node in self.all(name) {
            if node.kind() == NodeKind::Null {
                merged = None;
                continue;
            }
            let object = json.object(node, &format!("`{name}`"), names);
            match &mut merged {
                Some(merged) => merged.nodes.extend(object.nodes),
                None => merged = Some(object),
            }
        }
        merged
    }

    /// The items of a list field; empty where it is absent or null.
    pub fn list(&self, json: &mut Json<'_, '_, '_>, name: &str) -> Vec<Node<'t, 's>> {
        self.last(name, |node| json.list(node, &format!("`{name}`"))).unwrap_or_default()
    }
}
