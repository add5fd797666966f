//! What all objects share: metadata, labels and annotations; and the small kinds.

use super::NamespacedName;
use crate::source::Span;
use crate::yaml::Text;
use smol_str::SmolStr;

/// The annotation by which Ingresses named their class before `spec.ingressClassName`.
pub const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

/// `kind`, `namespace` and `name` of an object with its place, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// Such as `Ingress`.
    pub kind: &'static str,
    /// Its name.
    pub name: NamespacedName,
    /// Where the object's `metadata.name` stands.
    pub span: Span,
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// Annotations or labels in the order of the file. Names are unique: duplicate keys are an error.
#[derive(Clone, Debug, Default)]
pub struct Annotations<'s> {
    entries: Vec<(Text<'s>, Text<'s>)>,
}

impl<'s> Annotations<'s> {
    /// From pairs in the order of the file.
    pub fn new(entries: Vec<(Text<'s>, Text<'s>)>) -> Self {
        Annotations { entries }
    }

    /// The value under a full name.
    pub fn get(&self, name: &str) -> Option<&Text<'s>> {
        self.entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// Names and values in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&Text<'s>, &Text<'s>)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// `metadata`.
#[derive(Clone, Debug)]
pub struct Metadata<'s> {
    /// Namespace (defaulted to `default` where the kind has one) and name.
    pub name: NamespacedName,
    /// `Kind/namespace/name`, for all that has its origin here.
    pub object: SmolStr,
    /// Where `metadata.name` stands.
    pub span: Span,
    /// The cluster's id of the object, where the manifest is a dump.
    pub uid: Option<Text<'s>>,
    /// `metadata.labels`.
    pub labels: Annotations<'s>,
    /// `metadata.annotations`.
    pub annotations: Annotations<'s>,
    /// `metadata.finalizers`.
    pub finalizers: Vec<Text<'s>>,
    /// `metadata.deletionTimestamp`: the object is going away.
    pub deletion_timestamp: Option<Text<'s>>,
}

/// A Secret: the keys and values that OIDC needs, base64 decoded. Never printed.
pub struct Secret<'s> {
    /// `metadata`.
    pub metadata: Metadata<'s>,
    /// `data`, decoded, with `stringData` over it.
    pub data: Vec<(String, Vec<u8>)>,
}

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.data.iter().map(|(key, _)| key).collect();
        f.debug_struct("Secret").field("name", &self.metadata.name).field("keys", &keys).finish()
    }
}

/// A Namespace, for its labels.
#[derive(Clone, Debug)]
pub struct Namespace<'s> {
    /// `metadata`.
    pub metadata: Metadata<'s>,
}
