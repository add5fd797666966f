//! `networking.k8s.io/v1` Ingress.

use super::Metadata;
use crate::source::{Span, Spanned};
use crate::yaml::Text;

/// An Ingress.
#[derive(Clone, Debug)]
pub struct Ingress<'s> {
    /// `metadata`.
    pub metadata: Metadata<'s>,
    /// `spec.ingressClassName`.
    pub class_name: Option<Text<'s>>,
    /// `spec.defaultBackend`.
    pub default_backend: Option<Backend<'s>>,
    /// `spec.rules`.
    pub rules: Vec<IngressRule<'s>>,
    /// `spec.tls`.
    pub tls: Vec<IngressTls<'s>>,
}

/// One entry of `spec.rules`.
#[derive(Clone, Debug)]
pub struct IngressRule<'s> {
    /// `host`; none and empty both mean any host.
    pub host: Option<Text<'s>>,
    /// `http.paths`; none where `http` is absent or null.
    pub paths: Option<Vec<IngressPath<'s>>>,
    /// Where the entry stands.
    pub span: Span,
}

/// One entry of `http.paths`.
#[derive(Clone, Debug)]
pub struct IngressPath<'s> {
    /// `path`; none and empty both mean any path.
    pub path: Option<Text<'s>>,
    /// `pathType`.
    pub path_type: Spanned<PathType>,
    /// `backend`.
    pub backend: Backend<'s>,
    /// Where the entry stands.
    pub span: Span,
}

/// `pathType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathType {
    /// The path and nothing else.
    Exact,
    /// The path and what is below it.
    Prefix,
    /// For ALB: a pattern of its own, or a regular expression.
    ImplementationSpecific,
}

/// A backend: a Service, or a resource (which the controller's webhook refuses).
#[derive(Clone, Debug)]
pub struct Backend<'s> {
    /// `service`.
    pub service: Option<ServiceBackend<'s>>,
    /// Where `resource` stands, if given.
    pub resource: Option<Span>,
    /// Where the backend stands.
    pub span: Span,
}

/// `backend.service`.
#[derive(Clone, Debug)]
pub struct ServiceBackend<'s> {
    /// The Service's name, or an action's.
    pub name: Text<'s>,
    /// `port`.
    pub port: ServicePortRef<'s>,
}

/// `backend.service.port`: a name or a number.
#[derive(Clone, Debug)]
pub enum ServicePortRef<'s> {
    /// `name`.
    Name(Text<'s>),
    /// `number`.
    Number(Spanned<i32>),
}

/// One entry of `spec.tls`.
#[derive(Clone, Debug)]
pub struct IngressTls<'s> {
    /// `hosts`.
    pub hosts: Vec<Text<'s>>,
}
