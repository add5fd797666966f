//! Findings about the input: what is wrong, where, what is allowed and what to type.

pub mod code;

pub use code::Code;

use crate::source::{Sources, Span};

/// How much a finding weighs. An error refuses the group that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The input compiles but is likely not what was meant.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Another place that takes part in a finding, such as the other side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What stands there.
    pub message: String,
    /// `namespace/name` of the Ingress there, if it is one.
    pub ingress: Option<String>,
    /// Where it stands.
    pub span: Option<Span>,
}

/// One finding. Messages are lower case phrases without a final dot; names stand in backticks.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The stable code, with its explanation.
    pub code: &'static Code,
    /// What is wrong, in the user's words.
    pub message: String,
    /// A few words to stand below the marked text; empty for none.
    pub label: String,
    /// What to do, as something that can be typed.
    pub hint: Option<String>,
    /// The group that is refused because of it.
    pub group: Option<String>,
    /// `namespace/name` of the Ingress at fault.
    pub ingress: Option<String>,
    /// `Kind/namespace/name`, or `Kind/name` for a cluster-scoped object.
    pub object: Option<String>,
    /// The field's path in the object, such as `spec.rules[0].host`.
    pub path: Option<String>,
    /// Where the value at fault stands.
    pub span: Option<Span>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// An error of the given code.
    pub fn error(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            label: String::new(),
            hint: None,
            group: None,
            ingress: None,
            object: None,
            path: None,
            span: None,
            related: Vec::new(),
        }
    }

    /// A warning of the given code.
    pub fn warning(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// Says where the value at fault stands.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Words to stand below the marked text.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A hint when there is one.
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The group it refuses.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// The Ingress at fault; also sets the object.
    pub fn ingress(mut self, ingress: impl Into<String>) -> Self {
        let ingress = ingress.into();
        self.object = Some(format!("Ingress/{ingress}"));
        self.ingress = Some(ingress);
        self
    }

    /// The object at fault, as `Kind/namespace/name`.
    pub fn object(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// The field's path.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds another place.
    pub fn related(mut self, related: Related) -> Self {
        self.related.push(related);
        self
    }
}

/// Findings of a stage, in the order of discovery.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds all findings of another stage.
    pub fn append(&mut self, mut other: Diagnostics) {
        self.items.append(&mut other.items);
    }

    /// True if any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|d| d.severity == Severity::Error)
    }

    /// The findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Gives the findings away.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.items
    }

    /// Changes every finding, such as to name the object that all of them are about.
    pub fn for_each_mut(&mut self, change: impl FnMut(&mut Diagnostic)) {
        self.items.iter_mut().for_each(change);
    }

    /// Orders the findings by file and position, those without a place first.
    pub fn sort(&mut self, _sources: &Sources) {
        self.items
            .sort_by(|a, b| (a.span, a.code.id, &a.message).cmp(&(b.span, b.code.id, &b.message)));
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics { items: vec![diagnostic] }
    }
}

/// The closest of `known` to a misspelt name, if it is close enough to be meant.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = name.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().max(name.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_a_misspelt_name_and_nothing_far_off() {
        let known = ["deletion_protection.enabled", "idle_timeout.timeout_seconds"];
        assert_eq!(
            nearest("deletion_protection.enable", known),
            Some("deletion_protection.enabled")
        );
        assert_eq!(nearest("nonsense", known), None);
    }
}
