//! Stage 3: a group becomes resources, one file per kind.

pub(crate) mod action;
mod addons;
mod attribute;
pub(crate) mod backend;
mod certificate;
mod frontend_nlb;
mod frontend_nlb_port;
pub mod json_text;
pub mod listen_port;
pub mod listener;
pub mod load_balancer;
pub mod merge;
mod mutual_authentication;
pub mod name;
mod no_effect;
mod pattern;
pub mod rule;
pub mod security_group;
pub(crate) mod service_port;
mod subnet;
pub mod tags;
pub(crate) mod target_group;
pub(crate) mod target_group_binding;
pub(crate) mod transform;

use crate::annotation::{self, Annotation, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Related};
use crate::graph::{Origin, Stack};
use crate::group::{Group, Member};
use crate::inventory::Inventory;
use crate::manifest::{Manifests, Metadata, NamespacedName, Service};
use crate::resource::Token;
use crate::settings::Settings;
use crate::source::Span;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What the lowering of one group reads and writes. Errors found on the way refuse the group, but
/// lowering goes on to find the others.
pub struct Cx<'a, 's> {
    /// The controller's settings.
    pub settings: &'a Settings,
    /// What the account holds.
    pub inventory: &'a Inventory,
    /// All objects.
    pub manifests: &'a Manifests<'s>,
    /// The group.
    pub group: &'a Group<'a, 's>,
    /// Resources so far.
    pub stack: Stack,
    /// Findings so far.
    pub diagnostics: Diagnostics,
    /// The tags of each member, by its index.
    pub tags: tags::MemberTags,
    /// The backend security group that TargetGroupBindings admit; set by the load balancer.
    pub backend_sg: Option<Token>,
    /// `ipAddressType` of the load balancer; set by the load balancer.
    pub ip_address_type: String,
    /// The port that HTTP listeners redirect to; set before the listeners.
    pub ssl_redirect: Option<i32>,
    /// The member whose backends are looked at: findings about their Services name it.
    pub asking: Option<&'a NamespacedName>,
    /// The rules of each member, without what depends on the listener.
    pub drafts: rule::Drafts<'a>,
    /// Services that were looked up and found.
    pub services: BTreeSet<&'a NamespacedName>,
    reported: FxHashSet<(&'static str, Span, String)>,
}

impl<'a, 's> Cx<'a, 's> {
    /// Starts a group.
    pub fn new(
        settings: &'a Settings,
        inventory: &'a Inventory,
        manifests: &'a Manifests<'s>,
        group: &'a Group<'a, 's>,
    ) -> Self {
        Cx {
            settings,
            inventory,
            manifests,
            group,
            stack: Stack { id: group.id.as_str().into(), ..Stack::default() },
            diagnostics: Diagnostics::new(),
            tags: tags::MemberTags::default(),
            backend_sg: None,
            ip_address_type: "ipv4".to_owned(),
            ssl_redirect: None,
            asking: None,
            drafts: rule::Drafts::default(),
            services: BTreeSet::new(),
            reported: FxHashSet::default(),
        }
    }

    /// Adds a finding about this group. Many resources may read one value: what is wrong with it
    /// is reported once.
    pub fn report(&mut self, mut finding: Diagnostic) {
        if finding.ingress.is_none() {
            finding.ingress = self.asking.map(NamespacedName::to_string);
        }
        let new = finding.span.is_none_or(|span| {
            self.reported.insert((finding.code.id, span, finding.message.clone()))
        });
        if new {
            let finding = self.with_user(finding);
            self.diagnostics.push(finding.group(self.group.id.clone()));
        }
    }

    /// A finding about a class's parameters, with the first Ingress that they are read for.
    fn with_user(&self, finding: Diagnostic) -> Diagnostic {
        let object = finding.object.as_deref().unwrap_or_default();
        let Some(name) = object.strip_prefix("IngressClassParams/") else { return finding };
        let uses = |member: &&Member<'_, '_>| {
            member.class_params.is_some_and(|params| params.metadata.name.name == name)
        };
        let Some(member) = self.group.members.iter().find(uses) else { return finding };
        let user = member.ingress.metadata.name.to_string();
        let span = match &member.ingress.class_name {
            Some(class) => class.span,
            None => member.ingress.metadata.span,
        };
        let message = format!("used by Ingress `{user}`");
        finding.related(Related { message, ingress: Some(user), span: Some(span) })
    }

    /// Adds findings about this group.
    pub fn report_all(&mut self, findings: Diagnostics) {
        findings.into_vec().into_iter().for_each(|finding| self.report(finding));
    }

    /// The value, or none after reporting what is wrong with it.
    pub fn accept<T>(&mut self, result: Result<T, Diagnostics>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(findings) => {
                self.report_all(findings);
                None
            }
        }
    }

    /// The finding about an object that a member refers to and that has errors.
    pub fn refusal(
        &self,
        member: &Member<'_, '_>,
        kind: &str,
        name: &NamespacedName,
        span: Span,
    ) -> Option<Diagnostic> {
        self.manifests.refusal(kind, name)?;
        let message = format!("{kind} `{name}` has errors, so its Ingresses stay as they are");
        Some(
            Diagnostic::error(&crate::diagnostic::code::group::REFUSED_OBJECT, message)
                .at(span)
                .ingress(member.ingress.metadata.name.to_string())
                .hint(format!("correct the {kind} first")),
        )
    }

    /// A Service, which the group is made of from then on.
    pub fn service(&mut self, name: &NamespacedName) -> Option<&'a Service<'s>> {
        let (name, service) = self.manifests.services.get_key_value(name)?;
        self.services.insert(name);
        Some(service)
    }

    /// A member's value of an annotation.
    pub fn ingress_value(
        &self,
        member: &Member<'a, 's>,
        row: &'static Annotation,
    ) -> Option<Value<'a, 's>> {
        row.on_ingress(member.ingress)
    }

    /// What stands behind a resource or a field of it.
    pub fn origin(
        field: &'static str,
        object: &Metadata<'_>,
        source: impl Into<SmolStr>,
        span: Span,
    ) -> Origin {
        let object = object.object.clone();
        let field = SmolStr::new_static(field);
        Origin { field, object, source: source.into(), span }
    }

    fn lowered(self) -> Lowered<'a> {
        let Cx { stack, diagnostics, services, .. } = self;
        Lowered { stack, diagnostics, services }
    }

    /// The origin of a resource as a whole: the Ingress that asks for it.
    pub fn whole(member: &Member<'_, '_>) -> Origin {
        let metadata = &member.ingress.metadata;
        Self::origin("", metadata, "metadata.name", metadata.span)
    }
}

/// What a group becomes.
pub struct Lowered<'a> {
    /// Its resources. They count only if no finding is an error.
    pub stack: Stack,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The Services that it leads to.
    pub services: BTreeSet<&'a NamespacedName>,
}

/// Makes the resources of a group.
pub fn lower<'a>(mut cx: Cx<'a, '_>) -> Lowered<'a> {
    let members = &cx.group.members;
    if members.is_empty() {
        return cx.lowered();
    }
    tags::collect(&mut cx);
    let ports = listen_port::lower(&mut cx);
    let alb = load_balancer::lower(&mut cx, &ports);
    cx.ssl_redirect = listener::ssl_redirect(&mut cx, &ports);
    let last = ports.keys().next_back();
    for (number, port) in &ports {
        let members = listener::members(&cx, port);
        let protocol = port.protocol.as_str();
        let defaults = rule::default_actions(&mut cx, *number, protocol, &members);
        listener::lower(&mut cx, *number, port, &members, defaults);
        rule::lower(&mut cx, *number, protocol, &members, Some(number) == last);
    }
    rule::finish(&mut cx);
    addons::lower(&mut cx);
    frontend_nlb::lower(&mut cx, &alb, &ports);
    no_effect::check(&mut cx, &ports);
    cx.lowered()
}

/// A member's value of an annotation that is not a family.
pub fn ingress_value<'a, 's>(
    member: &Member<'a, 's>,
    row: &'static Annotation,
) -> Option<Value<'a, 's>> {
    row.on_ingress(member.ingress)
}

/// A Service's value of an annotation that is not a family.
pub fn service_value<'a, 's>(
    service: &'a Service<'s>,
    row: &'static Annotation,
) -> Option<Value<'a, 's>> {
    row.on_service(service)
}

/// Full name of an annotation by its short name.
pub fn full_name(name: &str) -> String {
    format!("{}{name}", annotation::PREFIX)
}
