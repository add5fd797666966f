//! Backends: what a Service name in an Ingress stands for, with the annotations of that name.

use super::action::config::{self, ActionConfig, ForwardConfig, Target, Tuple};
use super::action::{self, auth, auth::Login};
use super::rule::condition::{self, Conditions};
use super::{Cx, transform};
use crate::annotation::{Annotation, PREFIX, Value, routing};
use crate::diagnostic::code::{rule as code, target_group as service_code};
use crate::diagnostic::{Diagnostic, Related, Severity, nearest};
use crate::graph::Origin;
use crate::group::Member;
use crate::manifest::{self, NamespacedName, Service, ServiceBackend, ServicePortRef};
use crate::resource::{Action, ActionType, FixedResponse, JwtValidation, Port, Transform};
use crate::source::{Span, Spanned};

/// The port that makes a backend an action: `actions.NAME` says what it does.
const USE_ANNOTATION: &str = "use-annotation";

/// What a backend does, for all listeners.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    /// More conditions for its rules.
    pub(crate) conditions: Conditions,
    /// Rewrites.
    pub(crate) transforms: Vec<Transform>,
    /// What answers.
    pub(crate) action: Action,
    /// What HTTPS listeners do before.
    pub(crate) login: Login,
    /// The annotations that say so.
    pub(crate) origins: Vec<Origin>,
}

/// Where a Service and its port are named: the field's paths, for messages.
struct Paths {
    service: String,
    port: String,
}

/// Resolves a backend that stands at the path `at`. None where something refuses the group.
pub(crate) fn resolve<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    backend: &'a manifest::Backend<'s>,
    at: &str,
    token: Option<&JwtValidation>,
) -> Option<Backend> {
    let Some(service) = &backend.service else {
        let span = backend.resource.unwrap_or(backend.span);
        let message = "the backend names no Service";
        let path =
            format!("{at}.{}", if backend.resource.is_some() { "resource" } else { "service" });
        let finding = finding(member, path, span, Diagnostic::error(&code::BACKEND_WITHOUT_SERVICE, message))
            .hint("write `service:` with `name` and `port`; an S3 bucket or another resource cannot be a backend of ALB");
        cx.report(finding);
        return None;
    };
    let name = service.name.as_str();
    let mut origins = Vec::new();
    let conditions =
        read_family(cx, member, &routing::CONDITIONS, name, &mut origins, condition::read);
    let transforms =
        read_family(cx, member, &routing::TRANSFORMS, name, &mut origins, transform::read);
    let (config, paths) = match &service.port {
        ServicePortRef::Name(port) if port.as_str() == USE_ANNOTATION => {
            let annotation =
                format!("metadata.annotations[{PREFIX}{}{name}]", routing::ACTIONS.name);
            let paths = Paths { service: annotation.clone(), port: annotation };
            (annotated_action(cx, member, service, at, &mut origins)?, paths)
        }
        port => {
            let (port, field) = match port {
                ServicePortRef::Name(port) => {
                    (Spanned::new(Port::Name(port.as_str().to_owned()), port.span), "name")
                }
                ServicePortRef::Number(port) => {
                    (Spanned::new(Port::Number(port.value), port.span), "number")
                }
            };
            let target = Target::Service(Spanned::new(name.to_owned(), service.name.span), port);
            let forward =
                ForwardConfig { tuples: vec![Tuple { target, weight: None }], stickiness: None };
            let paths = Paths {
                service: [at, ".service.name"].concat(),
                port: [at, ".service.port.", field].concat(),
            };
            (ActionConfig::Forward(forward), paths)
        }
    };
    let origin = Cx::origin("", &member.ingress.metadata, at.to_owned(), backend.span);
    let (action, single) = lower_action(cx, member, config, &paths, origin);
    let mut login = auth::login(cx, member, single);
    action::add_token_check(member, token, &mut login);
    Some(Backend {
        conditions: conditions?.unwrap_or_default(),
        transforms: transforms?.unwrap_or_default(),
        action: action?,
        login,
        origins,
    })
}

/// Reads an annotation of a family, if it is there; none where it is refused.
fn read_family<'a, 's, T>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    row: &'static Annotation,
    name: &str,
    origins: &mut Vec<Origin>,
    read: fn(&Value<'_, '_>) -> (Option<T>, crate::diagnostic::Diagnostics),
) -> Option<Option<T>> {
    let Some(value) = row.member_on_ingress(member.ingress, name) else { return Some(None) };
    origins.push(value.origin(row.field()));
    let (result, findings) = read(&value);
    cx.report_all(findings);
    result.map(Some)
}

fn finding(
    member: &Member<'_, '_>,
    path: String,
    span: Span,
    diagnostic: Diagnostic,
) -> Diagnostic {
    diagnostic.ingress(member.ingress.metadata.name.to_string()).path(path).at(span)
}

/// `actions.NAME`, or 503 where it is missing and the controller tolerates that.
fn annotated_action<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    service: &ServiceBackend<'s>,
    at: &str,
    origins: &mut Vec<Origin>,
) -> Option<ActionConfig> {
    let name = service.name.as_str();
    let row = &routing::ACTIONS;
    if row.member_on_ingress(member.ingress, name).is_some() {
        return read_family(cx, member, row, name, origins, config::read)?;
    }
    let tolerated = cx.settings.tolerate_non_existent_backend_action;
    let answer = if tolerated { ", so every request is answered with 503" } else { "" };
    let message = format!("there is no annotation `{}{name}`{answer}", row.name);
    let known = row.members_on_ingress(member.ingress);
    let near = nearest(name, known.map(|value| &value.name[row.name.len()..]));
    let finding = finding(
        member,
        format!("{at}.service.name"),
        service.name.span,
        Diagnostic::error(&code::MISSING_ACTION, message),
    )
    .hint(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add the annotation {}{name}: '{}'", row.full_name(), row.example),
    });
    if !tolerated {
        cx.report(finding);
        return None;
    }
    cx.report(Diagnostic { severity: Severity::Warning, ..finding });
    Some(ActionConfig::FixedResponse(unavailable("Backend action does not exist")))
}

/// The controller's answer for what is missing.
fn unavailable(body: &str) -> FixedResponse {
    FixedResponse {
        content_type: Some("text/plain".to_owned()),
        message_body: Some(body.to_owned()),
        status_code: "503".to_owned(),
    }
}

/// The action, and the Service if it is the only target, since its annotations then count.
fn lower_action<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    config: ActionConfig,
    paths: &Paths,
    origin: Origin,
) -> (Option<Action>, Option<&'a Service<'s>>) {
    let config = match config {
        ActionConfig::FixedResponse(answer) => return (Some(action::fixed(answer)), None),
        ActionConfig::Redirect(redirect) => {
            let action = Action {
                action_type: ActionType::Redirect,
                redirect: Some(redirect.into()),
                ..Action::default()
            };
            return (Some(action), None);
        }
        ActionConfig::Forward(config) => config,
    };
    let alone = config.tuples.len() == 1;
    // A Service may be missing because its text could not be read.
    let tolerated =
        alone && cx.settings.tolerate_non_existent_backend_service && !cx.manifests.unread;
    let mut services = Vec::with_capacity(config.tuples.len());
    let mut complete = true;
    for tuple in &config.tuples {
        let Target::Service(name, _) = &tuple.target else {
            services.push(None);
            continue;
        };
        let namespace = &member.ingress.metadata.name.namespace;
        let key = NamespacedName::new(namespace, &name.value);
        let service = cx.service(&key);
        if let Some(finding) = cx.refusal(member, "Service", &key, name.span) {
            cx.report(finding);
        }
        if service.is_none() {
            missing_service(cx, member, &key, name.span, &paths.service, tolerated);
            if tolerated {
                return (Some(action::fixed(unavailable("Backend service does not exist"))), None);
            }
            complete = false;
        }
        services.push(service);
    }
    let single = services.first().copied().flatten().filter(|_| alone);
    let action = action::forward::lower(cx, member, &config, &services, &paths.port, &origin);
    (action.filter(|_| complete), single)
}

/// Reports a Service that is not among the manifests, with where else it might be.
fn missing_service(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    key: &NamespacedName,
    span: Span,
    path: &str,
    tolerated: bool,
) {
    let answer = if tolerated { ", so every request is answered with 503" } else { "" };
    let message = format!("there is no Service `{key}` among the manifests{answer}");
    let services = &cx.manifests.services;
    let start = NamespacedName::new(&key.namespace, "");
    let siblings = services.range(start..).map(|(other, _)| other);
    let siblings = siblings.take_while(|other| other.namespace == key.namespace).take(100);
    let near = nearest(&key.name, siblings.map(|other| other.name.as_str()));
    let mut finding = finding(
        member,
        path.to_owned(),
        span,
        Diagnostic::error(&service_code::MISSING_SERVICE, message),
    );
    finding.hint = Some(match (near, elsewhere(cx, &key.name)) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(other)) => {
            let namespace = &other.metadata.name.namespace;
            finding.related.push(Related {
                message: format!("a Service of that name in the namespace `{namespace}`"),
                ingress: None,
                span: Some(other.metadata.span),
            });
            format!(
                "backends are looked for in the Ingress's namespace `{}` only: move the Ingress or the Service",
                key.namespace
            )
        }
        (None, None) => format!("add the manifest of the Service `{key}`"),
    });
    if tolerated {
        finding.severity = Severity::Warning;
    }
    cx.report(finding);
}

/// A Service of that name in any namespace, without a look at every Service.
fn elsewhere<'a, 's>(cx: &Cx<'a, 's>, name: &str) -> Option<&'a Service<'s>> {
    let services = &cx.manifests.services;
    let mut next = services.keys().next();
    while let Some(key) = next {
        let namespace = &key.namespace;
        if let Some(found) = services.get(&NamespacedName::new(namespace, name)) {
            return Some(found);
        }
        // The least namespace that sorts after this one.
        let after = NamespacedName::new(format!("{namespace}\0"), "");
        next = services.range(after..).map(|(key, _)| key).next();
    }
    None
}
