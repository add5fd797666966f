//! `v1` Service.

use super::Metadata;
use crate::source::{Span, Spanned};
use crate::yaml::Text;

/// A Service.
#[derive(Clone, Debug)]
pub struct Service<'s> {
    /// `metadata`.
    pub metadata: Metadata<'s>,
    /// `spec.type`, defaulted to `ClusterIP`.
    pub service_type: Text<'s>,
    /// `spec.ports`.
    pub ports: Vec<ServicePort<'s>>,
    /// `spec.ipFamilies`.
    pub ip_families: Vec<Text<'s>>,
    /// `spec.externalName`.
    pub external_name: Option<Text<'s>>,
}

/// One entry of `spec.ports`.
#[derive(Clone, Debug)]
pub struct ServicePort<'s> {
    /// `name`; none where absent or empty.
    pub name: Option<Text<'s>>,
    /// `port`.
    pub port: Spanned<i32>,
    /// `targetPort`, defaulted to `port`.
    pub target_port: IntOrString<'s>,
    /// `nodePort`; none where absent or 0.
    pub node_port: Option<Spanned<i32>>,
    /// `protocol`, defaulted to `TCP`.
    pub protocol: Text<'s>,
    /// Where the entry stands.
    pub span: Span,
}

/// A number or a name.
#[derive(Clone, Debug)]
pub enum IntOrString<'s> {
    /// A number.
    Int(Spanned<i32>),
    /// A name.
    String(Text<'s>),
}
