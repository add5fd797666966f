//! The stack document: what `ingc compile --output json` prints, and the controller's own form of
//! a stack. Serialized on the way out, without a tree of values in between.

use super::{Resource, Stack};
use crate::Compilation;
use crate::diagnostic::{Diagnostic, Related};
use crate::resource::{Address, Spec};
use crate::source::{Sources, Span};
use crate::tag;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// A whole compilation: stacks, findings, and the Ingresses of other classes. What the cluster
/// shares is not among the stacks.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    compilation: &'a Compilation,
    sources: &'a Sources,
}

impl Compilation {
    /// The stack document. `sources` are those that the compilation was made from.
    pub fn document<'a>(&'a self, sources: &'a Sources) -> Document<'a> {
        Document { compilation: self, sources }
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("diagnostics", &Findings(self))?;
        map.serialize_entry("ignored", &self.compilation.ignored)?;
        map.serialize_entry("stacks", &Stacks(self.compilation))?;
        map.end()
    }
}

struct Stacks<'a>(&'a Compilation);

impl Serialize for Stacks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stacks = self.0.stacks.iter().filter(|(id, _)| *id != tag::CLUSTER_STACK);
        serializer.collect_map(stacks.map(|(id, stack)| (id, stack.document())))
    }
}

/// One stack in the controller's own form: `{"id": …, "resources": {TYPE: {ID: {"spec": …}}}}`.
#[derive(Clone, Copy)]
pub struct StackDocument<'a>(&'a Stack);

impl Stack {
    /// The stack in the controller's own form.
    pub fn document(&self) -> StackDocument<'_> {
        StackDocument(self)
    }
}

impl Serialize for StackDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("id", &self.0.id)?;
        map.serialize_entry("resources", &Resources(self.0))?;
        map.end()
    }
}

struct Resources<'a>(&'a Stack);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resources: Vec<(&Address, &Resource)> = self.0.resources.iter().collect();
        let kinds = resources.chunk_by(|(a, _), (b, _)| a.kind == b.kind);
        serializer.collect_map(
            kinds.filter_map(|kind| Some((kind.first()?.0.kind.type_name(), OfKind(kind)))),
        )
    }
}

struct OfKind<'a>(&'a [(&'a Address, &'a Resource)]);

impl Serialize for OfKind<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(address, r)| (&address.id, Wrapped(&r.spec))))
    }
}

struct Wrapped<'a>(&'a Spec);

impl Serialize for Wrapped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Spec::FrontendNlbTargetGroups(record) = self.0 {
            return record.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("spec", self.0)?;
        map.end()
    }
}

struct Findings<'a>(&'a Document<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let diagnostics = &self.0.compilation.diagnostics;
        let mut seq = serializer.serialize_seq(Some(diagnostics.len()))?;
        for finding in diagnostics.iter() {
            seq.serialize_element(&finding.document(self.0.sources))?;
        }
        seq.end()
    }
}

/// A finding as the stack document and events spell it. Columns count code points from 1.
#[derive(Serialize)]
pub struct FindingDocument<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingress: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(flatten)]
    place: Place,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedDocument<'a>>,
}

#[derive(Serialize)]
struct RelatedDocument<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingress: Option<&'a str>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Default, Serialize)]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

impl Place {
    fn of(span: Option<Span>, sources: &Sources) -> Place {
        let Some(span) = span else { return Place::default() };
        let position = sources.position(span);
        Place {
            file: Some(position.file.to_string()),
            line: Some(position.line),
            column: Some(position.column),
        }
    }
}

impl Diagnostic {
    /// The finding as the stack document and events spell it.
    pub fn document<'a>(&'a self, sources: &Sources) -> FindingDocument<'a> {
        let related = |related: &'a Related| RelatedDocument {
            message: &related.message,
            ingress: related.ingress.as_deref(),
            place: Place::of(related.span, sources),
        };
        FindingDocument {
            severity: self.severity.as_str(),
            code: self.code.id,
            message: &self.message,
            hint: self.hint.as_deref(),
            group: self.group.as_deref(),
            ingress: self.ingress.as_deref(),
            object: self.object.as_deref(),
            path: self.path.as_deref(),
            place: Place::of(self.span, sources),
            related: self.related.iter().map(related).collect(),
        }
    }
}
