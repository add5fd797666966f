//! The reader: what a field must be, and what is said if it is not.

use super::{Path, quoted};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, NodeKind, Text};
use std::ops::RangeInclusive;

/// As many names of known fields are listed in a hint when none is near.
const MAX_LISTED: usize = 12;

/// The codes of the findings that every subject has.
pub(crate) struct Codes {
    /// A field that is not known.
    pub(crate) unknown_field: &'static Code,
    /// A value of another type.
    pub(crate) wrong_type: &'static Code,
    /// A field that must be there.
    pub(crate) missing: &'static Code,
}

/// A value and the path that leads to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'p, 't, 's> {
    /// The value.
    pub(crate) node: Node<'t, 's>,
    /// Its path in the object.
    pub(crate) path: Path<'p>,
}

impl<'p, 't, 's> At<'p, 't, 's> {
    /// The object itself.
    pub(crate) fn root(node: Node<'t, 's>) -> Self {
        At { node, path: Path::Root }
    }

    /// Where the value stands.
    pub(crate) fn span(&self) -> Span {
        self.node.span()
    }

    /// Where a finding about something that is missing in the value points to: the first key of a
    /// mapping, which may be pages long, else the value.
    pub(crate) fn head(&self) -> Span {
        match self.node.entries().next() {
            Some((key, _)) => key.span(),
            None => self.span(),
        }
    }
}

/// Reads values and collects findings.
pub(crate) struct Reader {
    codes: &'static Codes,
    findings: Vec<Diagnostic>,
}

impl Reader {
    /// A reader without findings.
    pub(crate) fn new(codes: &'static Codes) -> Self {
        Reader { codes, findings: Vec::new() }
    }

    /// The findings so far; the reader begins anew.
    pub(crate) fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.findings)
    }

    /// Whether there is a finding about the value of a path.
    pub(crate) fn has_finding_at(&self, path: &str) -> bool {
        self.findings.iter().any(|finding| finding.path.as_deref() == Some(path))
    }

    /// Adds a finding.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Adds an error at a value.
    pub(crate) fn error(
        &mut self,
        at: &At<'_, '_, '_>,
        code: &'static Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(placed(Diagnostic::error(code, message), at).hint(hint));
    }

    /// Adds a warning at a value.
    pub(crate) fn warning(
        &mut self,
        at: &At<'_, '_, '_>,
        code: &'static Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(placed(Diagnostic::warning(code, message), at).hint(hint));
    }

    /// The values of a mapping's fields in the order of `names`; none for a field that is absent or
    /// null. None at all if the value is no mapping.
    pub(crate) fn fields<'p, 't, 's, const N: usize>(
        &mut self,
        at: &'p At<'_, 't, 's>,
        names: &'static [&'static str; N],
    ) -> Option<[Option<At<'p, 't, 's>>; N]> {
        if at.node.kind() != NodeKind::Mapping {
            self.wrong_type(at, "a mapping");
            return None;
        }
        let mut found = [const { None }; N];
        for (key, node) in at.node.entries() {
            let Some(name) = key.key() else { continue };
            match names.iter().position(|known| *known == name) {
                Some(index) => {
                    let path = Path::Field(&at.path, names[index]);
                    found[index] = (node.kind() != NodeKind::Null).then_some(At { node, path });
                }
                None => self.unknown_field(&at.path, key.span(), &name, names),
            }
        }
        Some(found)
    }

    /// Reports a field that is not known.
    pub(crate) fn unknown_field(
        &mut self,
        parent: &Path<'_>,
        span: Span,
        name: &str,
        known: &[&str],
    ) {
        let place = match parent {
            Path::Root => String::new(),
            parent => format!(" in `{parent}`"),
        };
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.len() <= MAX_LISTED => format!("known fields: {}", known.join(", ")),
            None => "remove it".to_owned(),
        };
        let message = format!("field `{name}` is not known{place} and has no effect");
        let finding = Diagnostic::warning(self.codes.unknown_field, message).at(span).hint(hint);
        self.push(finding.path(parent.field(name).to_string()));
    }

    /// A field that must be there, or a finding at what lacks it.
    pub(crate) fn required<'p, 't, 's>(
        &mut self,
        parent: &At<'_, '_, '_>,
        field: Option<At<'p, 't, 's>>,
        name: &str,
        hint: impl Into<String>,
    ) -> Option<At<'p, 't, 's>> {
        if field.is_none() {
            self.missing(parent, name, hint);
        }
        field
    }

    /// Reports a field that must be there.
    pub(crate) fn missing(&mut self, parent: &At<'_, '_, '_>, name: &str, hint: impl Into<String>) {
        let finding = Diagnostic::error(self.codes.missing, format!("field `{name}` is missing"))
            .at(parent.head())
            .path(parent.path.field(name).to_string());
        self.push(finding.hint(hint));
    }

    /// Reports a value of another type than wanted.
    pub(crate) fn wrong_type(&mut self, at: &At<'_, '_, '_>, wanted: &str) {
        let message = self.type_message(at, wanted);
        self.push(placed(Diagnostic::error(self.codes.wrong_type, message), at));
    }

    fn type_message(&self, at: &At<'_, '_, '_>, wanted: &str) -> String {
        match at.path {
            Path::Root => format!("this must be {wanted}, not {}", describe(at.node)),
            path => format!("`{path}` must be {wanted}, not {}", describe(at.node)),
        }
    }

    /// A string. Of another scalar a finding shows the quoted form, and the text is given as it is
    /// written, which is what was meant.
    pub(crate) fn text<'s>(&mut self, at: &At<'_, '_, 's>) -> Option<Text<'s>> {
        if at.node.kind() == NodeKind::String {
            return at.node.text();
        }
        let text = at.node.text().filter(|_| at.node.kind() != NodeKind::Null);
        let Some(text) = text else {
            self.wrong_type(at, "a string");
            return None;
        };
        let message = self.type_message(at, "a string");
        let hint = match at.path.last() {
            "-" => format!("quote it: {}", quoted(text.as_str())),
            name => format!("quote it: {name}: {}", quoted(text.as_str())),
        };
        self.error(at, self.codes.wrong_type, message, hint);
        Some(text)
    }

    /// A string, if the field is there.
    pub(crate) fn maybe_text<'s>(&mut self, at: Option<At<'_, '_, 's>>) -> Option<Text<'s>> {
        self.text(&at?)
    }

    /// A whole number within a range.
    pub(crate) fn int(
        &mut self,
        at: &At<'_, '_, '_>,
        range: RangeInclusive<i64>,
    ) -> Option<Spanned<i64>> {
        let Some(value) = at.node.as_i64() else {
            let wanted = "a whole number";
            let written = at.node.string().and_then(|t| t.as_str().trim().parse::<i64>().ok());
            match written {
                Some(number) => {
                    let message = self.type_message(at, wanted);
                    let hint = format!("write {}: {number} without quotes", at.path.last());
                    self.error(at, self.codes.wrong_type, message, hint);
                }
                None if at.node.kind() == NodeKind::Float => {
                    let written = at.node.as_str().unwrap_or_default();
                    let message = format!("`{}` must be {wanted}, not {written}", at.path);
                    self.push(placed(Diagnostic::error(self.codes.wrong_type, message), at));
                }
                None => self.wrong_type(at, wanted),
            }
            return None;
        };
        if !range.contains(&value) {
            let message = format!(
                "`{}` must be from {} to {}, not {value}",
                at.path,
                range.start(),
                range.end()
            );
            self.push(placed(Diagnostic::error(self.codes.wrong_type, message), at));
            return None;
        }
        Some(Spanned::new(value, at.span()))
    }

    /// A boolean.
    pub(crate) fn bool(&mut self, at: &At<'_, '_, '_>) -> Option<bool> {
        if let Some(value) = at.node.as_bool() {
            return Some(value);
        }
        let message = self.type_message(at, "true or false");
        let hint = match at.node.as_str() {
            Some("true" | "false") => {
                let value = at.node.as_str().unwrap_or_default();
                format!("write {}: {value} without quotes", at.path.last())
            }
            _ => format!("write {}: true or {0}: false", at.path.last()),
        };
        self.error(at, self.codes.wrong_type, message, hint);
        None
    }

    /// The items of a list with their paths; none, with a finding, if it is no list.
    pub(crate) fn items<'p, 't, 's>(
        &mut self,
        at: &'p At<'_, 't, 's>,
    ) -> impl Iterator<Item = At<'p, 't, 's>> + use<'p, 't, 's> {
        match at.node.kind() {
            NodeKind::Sequence => {}
            NodeKind::String => {
                let message = self.type_message(at, "a list");
                let text = at.node.as_str().unwrap_or_default();
                let hint = format!("write {}: [{}]", at.path.last(), quoted(text));
                self.error(at, self.codes.wrong_type, message, hint);
            }
            _ => self.wrong_type(at, "a list"),
        }
        let path = &at.path;
        let items = at.node.items().enumerate();
        items.map(move |(index, node)| At { node, path: Path::Index(path, index) })
    }

    /// The keys and values of a map with their paths; none, with a finding, if it is no mapping.
    pub(crate) fn map<'p, 't, 's>(
        &mut self,
        at: &'p At<'_, 't, 's>,
    ) -> impl Iterator<Item = (Text<'s>, Node<'t, 's>)> + use<'p, 't, 's> {
        if at.node.kind() != NodeKind::Mapping {
            self.wrong_type(at, "a mapping");
        }
        at.node.entries().filter_map(|(key, value)| {
            let mut text = key.text()?;
            if key.kind() != NodeKind::String {
                text.value = key.key()?.into_owned().into();
            }
            Some((text, value))
        })
    }

    /// A list of strings; empty where the field is absent.
    pub(crate) fn texts<'s>(&mut self, at: Option<At<'_, '_, 's>>) -> Vec<Text<'s>> {
        let Some(at) = at else { return Vec::new() };
        let items = self.items(&at);
        items.filter_map(|item| self.text(&item)).collect()
    }
}

/// A finding with the place and the path of a value; the object itself has no path.
fn placed(finding: Diagnostic, at: &At<'_, '_, '_>) -> Diagnostic {
    let finding = finding.at(at.span());
    match at.path {
        Path::Root => finding,
        path => finding.path(path.to_string()),
    }
}

/// What a value is, for messages.
pub(crate) fn describe(node: Node<'_, '_>) -> &'static str {
    match node.kind() {
        NodeKind::Null => "null",
        NodeKind::Bool => "a boolean",
        NodeKind::Int | NodeKind::Float => "a number",
        NodeKind::String => "a string",
        NodeKind::Mapping => "a mapping",
        NodeKind::Sequence => "a list",
    }
}
