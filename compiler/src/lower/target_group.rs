//! Target groups: one per Ingress, Service and port as written, shared by all rules and listeners.

use super::{Cx, ingress_value, name, service_port, service_value, tags, target_group_binding};
use crate::annotation::attributes::TAGS;
use crate::annotation::{self, Annotation, Set, Value, health_check, target_group as rows};
use crate::diagnostic::code::{limit, target_group as code};
use crate::diagnostic::{Diagnostic, Related, Severity, nearest};
use crate::graph::{NameSeed, Origin, Resource};
use crate::group::Member;
use crate::manifest::{IntOrString, Service, ServicePort};
use crate::resource::{
    Address, HealthCheck, Kind, Matcher, Output, Port, Ref, Spec, TargetGroup, Token,
};
use crate::source::Spanned;
use crate::yaml::Text;
use smol_str::SmolStr;

/// A Service's port as one member of a group uses it.
pub(crate) struct Use<'u, 'a, 's> {
    /// The member.
    pub(crate) member: &'u Member<'a, 's>,
    /// The Service.
    pub(crate) service: &'a Service<'s>,
    /// The port as written.
    pub(crate) port: &'u Spanned<Port>,
    /// The path of the field that names the port.
    pub(crate) port_path: &'u str,
    /// The Service's entry for it.
    pub(crate) service_port: &'a ServicePort<'s>,
}

impl<'a, 's> Use<'_, 'a, 's> {
    /// The value that counts: the Service's before the Ingress's.
    pub(crate) fn value(&self, row: &'static Annotation) -> Option<Value<'a, 's>> {
        service_value(self.service, row).or_else(|| ingress_value(self.member, row))
    }

    /// A finding about the place that names the port.
    pub(crate) fn error(
        &self,
        code: &'static crate::diagnostic::Code,
        message: String,
        hint: String,
    ) -> Diagnostic {
        Diagnostic::error(code, message)
            .ingress(self.member.ingress.metadata.name.to_string())
            .path(self.port_path)
            .at(self.port.span)
            .hint(hint)
    }
}

/// The target group of a Service's port, made when it is asked for the first time. None where
/// something refuses the group.
pub(crate) fn lower<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    service: &'a Service<'s>,
    port: &Spanned<Port>,
    port_path: &str,
    origin: &Origin,
) -> Option<Token> {
    let ingress = &member.ingress.metadata.name;
    let name = &service.metadata.name;
    let number = port.value.to_string();
    let id = [&ingress.namespace, "/", &ingress.name, "-", &name.name, ":", &number].concat();
    let id = SmolStr::from(id);
    let token = Token::from(Ref::new(Kind::TargetGroup, id.clone(), Output::TargetGroupArn));
    let address = Address::new(cx.stack.id.clone(), Kind::TargetGroupBinding, id.clone());
    if let Some(made) = cx.stack.resources.get(&address) {
        if let Some(finding) = shared_by_accident(made, member, service, port, port_path) {
            cx.report(finding);
        }
        return Some(token);
    }
    let Some(service_port) = service_port::find(service, &port.value) else {
        cx.report(service_port::missing(member, service, port, port_path));
        return None;
    };
    let asked = Use { member, service, port, port_path, service_port };
    let mut found = Vec::with_capacity(16);
    found.push(origin.clone());
    let (spec, seed) = draft(cx, &asked, &mut found)?;
    // What is kept takes no more room than it needs.
    let mut origins = Vec::with_capacity(found.len());
    origins.append(&mut found);
    let port = origins.iter().find(|origin| origin.field == "port");
    let binding =
        target_group_binding::lower(cx, &asked, &spec, token.clone(), [Some(origin), port])?;
    let resource = Resource {
        origins,
        name_seed: Some(seed),
        ..Resource::new(Spec::TargetGroup(spec.into()))
    };
    cx.stack.insert(id.clone(), resource);
    cx.stack.insert(id, binding);
    Some(token)
}

/// Fills the spec. All checks are made, so that every mistake is reported.
fn draft<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    origins: &mut Vec<Origin>,
) -> Option<(TargetGroup, NameSeed)> {
    let (mut spec, complete) = fill(cx, asked, origins);
    finish_health_check(&mut spec);
    let mut complete = complete & resolve_health_check_port(cx, asked, &mut spec);
    check_timeout(cx, asked, &spec);
    let control_port = control_port(cx, asked, &spec, origins);
    complete &= control_port.is_ok();
    spec.target_control_port = control_port.unwrap_or_default();
    spec.tags = tags::of_backend(cx, asked.member, asked.service);
    origins.extend(tags::origins(asked.member));
    origins.extend(TAGS.on_service(asked.service).map(|value| value.origin("tags")));
    spec.ip_address_type = match ip_address_type(cx, asked) {
        Some(kind) => kind.to_owned(),
        None => {
            complete = false;
            String::new()
        }
    };
    spec.port = match port(cx, asked, &spec.target_type, origins) {
        Some(port) => port,
        None => {
            complete = false;
            0
        }
    };
    if !complete {
        return None;
    }
    let seed = name_seed(cx, asked, &spec);
    spec.name = seed.name(0);
    Some((spec, seed))
}

/// Feeds the spec every row: the Service's value, the Ingress's, or the default. False if a value
/// was refused.
fn fill<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    origins: &mut Vec<Origin>,
) -> (TargetGroup, bool) {
    let mut spec = TargetGroup::default();
    let mut complete = true;
    // A default that is no target type is a finding of the settings.
    let default_type = match cx.settings.default_target_type.as_str() {
        given @ ("instance" | "ip") => given,
        _ => "instance",
    };
    let default_type = Text::synthetic(default_type);
    for row in annotation::annotations() {
        let Set::TargetGroup(set) = row.set else { continue };
        let is_type = std::ptr::eq(row, &rows::TARGET_TYPE);
        let class = asked.member.class_params.and_then(|params| row.in_class(params));
        let written = class.or_else(|| asked.value(row));
        let result = match (&written, row.default) {
            (Some(value), _) => {
                origins.push(value.origin(row.field()));
                set(*value, &mut spec)
            }
            (None, Some(default)) => {
                let default = Text::synthetic(default);
                let text = if is_type { &default_type } else { &default };
                let metadata = &asked.member.ingress.metadata;
                let value = Value {
                    annotation: row,
                    name: row.name,
                    text,
                    kind: "Ingress",
                    object: &metadata.name,
                    origin: &metadata.object,
                };
                set(value, &mut spec)
            }
            (None, None) => continue,
        };
        if let Err(findings) = result {
            complete &= !findings.has_errors();
            cx.report_all(findings);
        }
        if is_type && spec.target_type == "ip" && !cx.settings.feature_gates.enable_ip_target_type {
            complete = false;
            let message = "the target type `ip` is switched off by the controller's feature gate `EnableIPTargetType`";
            let hint =
                "set `target-type: instance`, or set the gate in `controllerConfig.featureGates`";
            cx.report(match &written {
                Some(value) => value.error(&code::IP_TARGETS_DISABLED, message).hint(hint),
                None => {
                    asked.error(&code::IP_TARGETS_DISABLED, message.to_owned(), hint.to_owned())
                }
            });
        }
    }
    (spec, complete)
}

/// What depends on protocol and version where nobody says more.
fn finish_health_check(spec: &mut TargetGroup) {
    let grpc = spec.protocol_version.as_deref() == Some("GRPC");
    let protocol = spec.protocol.clone();
    let check = spec.health_check.get_or_insert_with(HealthCheck::default);
    check.protocol.get_or_insert(protocol);
    check.path.get_or_insert_with(|| if grpc { "/AWS.ALB/healthcheck" } else { "/" }.to_owned());
    check.matcher.get_or_insert_with(|| match grpc {
        true => Matcher { grpc_code: Some("12".to_owned()), http_code: None },
        false => Matcher { grpc_code: None, http_code: Some("200".to_owned()) },
    });
}

/// Turns the name of a Service port into a number. False if that is refused.
fn resolve_health_check_port<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    spec: &mut TargetGroup,
) -> bool {
    let Some(check) = &mut spec.health_check else { return true };
    let Some(Port::Name(name)) = &check.port else { return true };
    let Some(value) = asked.value(&health_check::PORT) else { return true };
    if name == health_check::TRAFFIC_PORT {
        return true;
    }
    let service = asked.service;
    let Some(entry) = service_port::find(service, &Port::Name(name.clone())) else {
        let known = service.ports.iter().filter_map(|entry| entry.name.as_ref());
        let known = known.map(|name| name.as_str()).chain([health_check::TRAFFIC_PORT]);
        let near = nearest(name, known);
        let message = format!("the Service `{}` has no port named `{name}`", service.metadata.name);
        let finding = value.error(&code::BAD_HEALTH_CHECK_PORT, message);
        cx.report(service_port::related(service, finding).hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `traffic-port`, a number, or the name of one of its ports".to_owned(),
        }));
        return false;
    };
    match (&*spec.target_type, &entry.target_port) {
        ("instance", _) => {
            check.port =
                Some(Port::Number(service_port::node_port(cx, service, entry).unwrap_or_default()));
            true
        }
        (_, IntOrString::Int(number)) => {
            check.port = Some(Port::Number(number.value));
            true
        }
        ("ip", IntOrString::String(target)) => {
            let message = format!(
                "the health check port `{name}` cannot be resolved: its `targetPort` is the name `{}`",
                target.as_str()
            );
            let finding = value
                .error(&code::BAD_HEALTH_CHECK_PORT, message)
                .hint("write the container's port as a number")
                .related(Related {
                    message: format!("the port of the Service `{}`", service.metadata.name),
                    ingress: None,
                    span: Some(target.span),
                });
            cx.report(finding);
            false
        }
        _ => true,
    }
}

/// AWS wants the timeout to be shorter than the interval.
fn check_timeout(cx: &mut Cx<'_, '_>, asked: &Use<'_, '_, '_>, spec: &TargetGroup) {
    let Some(check) = &spec.health_check else { return };
    let (Some(interval), Some(timeout)) = (check.interval_seconds, check.timeout_seconds) else {
        return;
    };
    if timeout < interval {
        return;
    }
    let value =
        asked.value(&health_check::TIMEOUT).or_else(|| asked.value(&health_check::INTERVAL));
    if let Some(value) = value {
        cx.accept(value.doubt(
            &limit::REFUSED_VALUE,
            format!("AWS refuses a health check with a timeout of {timeout} s and an interval of {interval} s"),
            format!("set `{}` to more than {timeout}", health_check::INTERVAL.name),
        ));
    }
}

/// `target-control-port.SERVICE.PORT`, with the port as written in the Ingress.
fn control_port<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    spec: &TargetGroup,
    origins: &mut Vec<Origin>,
) -> Result<Option<i32>, ()> {
    let row = &rows::TARGET_CONTROL_PORT;
    let service = &asked.service.metadata;
    let ingress = &asked.member.ingress.metadata;
    let metadata = [("Service", service), ("Ingress", ingress)];
    let found = metadata.into_iter().find_map(|(kind, metadata)| {
        metadata.annotations.iter().find_map(|(key, text)| {
            let name = key.as_str().strip_prefix(annotation::PREFIX)?;
            let rest = name.strip_prefix(row.name)?.strip_prefix(service.name.name.as_str())?;
            let port = rest.strip_prefix('.')?;
            let fits = match &asked.port.value {
                Port::Name(name) => port == name,
                Port::Number(number) => port == number.to_string(),
            };
            fits.then_some(Value {
                annotation: row,
                name,
                text,
                kind,
                object: &metadata.name,
                origin: &metadata.object,
            })
        })
    });
    let Some(value) = found else { return Ok(None) };
    let number = cx.accept(value.int32());
    if spec.target_type == "instance" {
        let message = format!("`{}` needs the target type `ip`", value.name);
        cx.report(
            value.error(&code::CONTROL_PORT_OF_INSTANCES, message).hint("set `target-type: ip`"),
        );
        return Err(());
    }
    let number = number.ok_or(())?;
    cx.accept(value.within(number, 1, 65535));
    origins.push(value.origin(row.field()));
    Ok(Some(number))
}

/// The family of the Service's addresses.
fn ip_address_type(cx: &mut Cx<'_, '_>, asked: &Use<'_, '_, '_>) -> Option<&'static str> {
    let family = asked.service.ip_families.iter().find(|family| family.as_str() == "IPv6");
    let Some(family) = family else { return Some("ipv4") };
    if cx.ip_address_type.starts_with("dualstack") {
        return Some("ipv6");
    }
    let name = &asked.service.metadata.name;
    let finding = asked
        .error(
            &code::IPV6_WITHOUT_DUALSTACK,
            format!(
                "the Service `{name}` has the family IPv6, but the load balancer is `{}`",
                cx.ip_address_type
            ),
            "set `ip-address-type: dualstack`".to_owned(),
        )
        .related(Related {
            message: format!("the families of the Service `{name}`"),
            ingress: None,
            span: Some(family.span),
        });
    cx.report(finding);
    None
}

/// The default port, which no request uses: targets are registered with their own.
fn port(
    cx: &mut Cx<'_, '_>,
    asked: &Use<'_, '_, '_>,
    target_type: &str,
    origins: &mut Vec<Origin>,
) -> Option<i32> {
    let entry = asked.service_port;
    let service = &asked.service.metadata;
    let index = asked.service.ports.iter().position(|other| std::ptr::eq(other, entry));
    let path = |field: &str| format!("spec.ports[{}].{field}", index.unwrap_or_default());
    match (target_type, &entry.target_port) {
        ("instance", _) => {
            let span = entry.node_port.map_or(entry.span, |port| port.span);
            origins.push(Cx::origin("port", service, path("nodePort"), span));
            match service_port::node_port(cx, asked.service, entry) {
                Some(port) => Some(port),
                None => {
                    cx.report(service_port::without_node_port(asked, &path("nodePort")));
                    None
                }
            }
        }
        ("ip", target) => {
            let (number, span) = match target {
                IntOrString::Int(number) => (number.value, number.span),
                IntOrString::String(name) => (1, name.span),
            };
            origins.push(Cx::origin("port", service, path("targetPort"), span));
            Some(number)
        }
        // The type was refused; nothing more can be said.
        _ => None,
    }
}

/// The name as the controller makes it, from all that a target group cannot change and from the
/// Service's id in the cluster, where that is known.
fn name_seed(cx: &Cx<'_, '_>, asked: &Use<'_, '_, '_>, spec: &TargetGroup) -> NameSeed {
    let ingress = &asked.member.ingress.metadata.name;
    let service = &asked.service.metadata;
    let facts = || service_port::facts(cx, asked.service)?.uid.as_deref();
    let uid = service.uid.as_ref().map(|uid| uid.as_str()).or_else(facts).unwrap_or_default();
    let control_port = spec.target_control_port.map(|port| port.to_string());
    NameSeed {
        prefix: [
            "k8s-",
            &name::alphanumeric(&service.name.namespace, 8),
            "-",
            &name::alphanumeric(&service.name.name, 8),
            "-",
        ]
        .concat(),
        hashed: [
            cx.settings.cluster_name.as_str(),
            &cx.group.id,
            &ingress.namespace,
            &ingress.name,
            uid,
            &asked.port.value.to_string(),
            &spec.port.to_string(),
            &spec.target_type,
            &spec.protocol,
            spec.protocol_version.as_deref().unwrap_or_default(),
            control_port.as_deref().unwrap_or_default(),
        ]
        .concat(),
    }
}

/// Ids are not unique: Ingress `a-b` with Service `c` and Ingress `a` with Service `b-c` have the
/// same, and then the first one's target group answers for both.
fn shared_by_accident(
    made: &Resource,
    member: &Member<'_, '_>,
    service: &Service<'_>,
    port: &Spanned<Port>,
    path: &str,
) -> Option<Diagnostic> {
    let Spec::TargetGroupBinding(binding) = &made.spec else { return None };
    let other = &binding.template.spec.service_ref.name;
    if *other == service.metadata.name.name {
        return None;
    }
    let origin = made.origins.first();
    let finding = Diagnostic::error(
        &code::SHARED_TARGET_GROUP,
        format!(
            "the controller takes the target group of the Service `{}/{other}` for the Service `{}`",
            binding.template.metadata.namespace, service.metadata.name
        ),
    )
    .ingress(member.ingress.metadata.name.to_string())
    .path(path)
    .at(port.span)
    .hint("rename the Ingress: the names of Ingress and Service, joined by `-`, are not unique in the group");
    Some(Diagnostic {
        severity: Severity::Warning,
        related: vec![Related {
            message: "the backend that has the same name".to_owned(),
            ingress: origin.and_then(|o| o.object.strip_prefix("Ingress/")).map(str::to_owned),
            span: origin.map(|origin| origin.span),
        }],
        ..finding
    })
}
