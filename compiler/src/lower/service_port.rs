//! Ports of Services: how a backend's port is found, and what is said where it is not.

use super::Cx;
use super::target_group::Use;
use crate::diagnostic::code::target_group as code;
use crate::diagnostic::{Diagnostic, Related, nearest};
use crate::group::Member;
use crate::inventory::ServiceFacts;
use crate::manifest::{IntOrString, Service, ServicePort};
use crate::resource::Port;
use crate::source::{Span, Spanned};

/// The Service's entry of that name or number.
pub(crate) fn find<'a, 's>(service: &'a Service<'s>, port: &Port) -> Option<&'a ServicePort<'s>> {
    service.ports.iter().find(|entry| match port {
        Port::Name(name) => entry.name.as_ref().map_or("", |text| text.as_str()) == name,
        Port::Number(number) => entry.port.value == *number,
    })
}

/// The node port: the manifest's, or what the inventory knows of the cluster.
pub(crate) fn node_port(
    cx: &Cx<'_, '_>,
    service: &Service<'_>,
    entry: &ServicePort<'_>,
) -> Option<i32> {
    let written = entry.node_port.map(|port| port.value);
    written.or_else(|| facts(cx, service)?.node_ports.get(&entry.port.value).copied())
}

/// What the inventory knows of a Service in the cluster.
pub(crate) fn facts<'a>(cx: &Cx<'a, '_>, service: &Service<'_>) -> Option<&'a ServiceFacts> {
    let services = &cx.inventory.cluster.services;
    if services.is_empty() { None } else { services.get(&service.metadata.name.to_string()) }
}

/// The finding about a port that the Service does not have.
pub(crate) fn missing(
    member: &Member<'_, '_>,
    service: &Service<'_>,
    port: &Spanned<Port>,
    path: &str,
) -> Diagnostic {
    let name = &service.metadata.name;
    let ports = &service.ports;
    let names = ports.iter().filter_map(|entry| entry.name.as_ref()).map(|name| name.as_str());
    let hint = match &port.value {
        Port::Name(name) => nearest(name, names).map(|near| format!("did you mean `{near}`?")),
        Port::Number(number) => ports
            .iter()
            .find(|entry| {
                matches!(&entry.target_port, IntOrString::Int(target) if target.value == *number)
            })
            .map(|entry| {
                format!("{number} is the container's port; write the Service's, {}", entry.port.value)
            }),
    };
    let list = ports.iter().map(port_text).collect::<Vec<_>>().join(", ");
    let has = match list.as_str() {
        "" => "it has no ports at all".to_owned(),
        list => format!("it has only {list}"),
    };
    let finding = Diagnostic::error(
        &code::MISSING_PORT,
        format!("the Service `{name}` has no port `{}`: {has}", port.value),
    )
    .ingress(member.ingress.metadata.name.to_string())
    .path(path)
    .at(port.span)
    .hint(hint.unwrap_or_else(|| match ports.first() {
        Some(ServicePort { name: Some(name), port, .. }) => {
            format!("write `name: {}` or `number: {}`", name.as_str(), port.value)
        }
        Some(entry) => format!("write `number: {}`", entry.port.value),
        None => "add the port to `spec.ports` of the Service".to_owned(),
    }));
    related(service, finding)
}

/// The finding about a port that nodes do not open.
pub(crate) fn without_node_port(asked: &Use<'_, '_, '_>, path: &str) -> Diagnostic {
    let service = asked.service;
    let name = &service.metadata.name;
    let port = asked.service_port.port.value;
    let kind = service.service_type.as_str();
    let hint = match kind {
        "NodePort" | "LoadBalancer" => format!(
            "set `target-type: ip`, or `nodePort: 30080` in the Service, or give it under `cluster.services` of the inventory: the cluster chose `{path}`"
        ),
        _ => "set `target-type: ip` on the Ingress or the Service, or `type: NodePort` in the Service".to_owned(),
    };
    let message = format!(
        "the Service `{name}` of type {kind} has no node port for its port {port}, which the target type `instance` needs"
    );
    asked.error(&code::NO_NODE_PORT, message, hint).related(Related {
        message: format!("the port of the Service `{name}`"),
        ingress: None,
        span: Some(asked.service_port.span),
    })
}

fn port_text(entry: &ServicePort<'_>) -> String {
    match &entry.name {
        Some(name) => format!("`{}` ({})", name.as_str(), entry.port.value),
        None => entry.port.value.to_string(),
    }
}

/// Adds the Service's ports to a finding.
pub(crate) fn related(service: &Service<'_>, finding: Diagnostic) -> Diagnostic {
    let span: Span = service.ports.first().map_or(service.metadata.span, |entry| entry.span);
    finding.related(Related {
        message: format!("the ports of the Service `{}`", service.metadata.name),
        ingress: None,
        span: Some(span),
    })
}
