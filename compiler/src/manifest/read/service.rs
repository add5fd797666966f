//! Service: its ports, defaulted as the API server does, and completed by what the cluster knows.

use super::schema;
use crate::diagnostic::code::manifest as code;
use crate::diagnostic::nearest;
use crate::inventory::ClusterFacts;
use crate::manifest::{IntOrString, Metadata, Service, ServicePort};
use crate::schema::{At, Reader};
use crate::source::Spanned;
use crate::yaml::{NodeKind, Text};

const TYPES: [&str; 4] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
const PORTS: std::ops::RangeInclusive<i64> = 1..=65535;
const NODE_PORTS: std::ops::RangeInclusive<i64> = 0..=65535;

pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
) -> Service<'s> {
    let mut service = Service {
        metadata,
        service_type: Text::synthetic(TYPES[0]),
        ports: Vec::new(),
        ip_families: Vec::new(),
        external_name: None,
    };
    let spec = r.fields(object, &schema::SERVICE).and_then(|[spec, ..]| spec);
    let Some(spec) = spec else { return service };
    let Some([service_type, ports, ip_families, external_name, ..]) =
        r.fields(&spec, &schema::SERVICE_SPEC)
    else {
        return service;
    };
    if let Some(text) = service_type.and_then(|at| one_of(&at, "a type of Service", &TYPES, r)) {
        service.service_type = text;
    }
    if let Some(at) = ports {
        service.ports = r.items(&at).filter_map(|at| port(&at, r)).collect();
    }
    service.ip_families = r.texts(ip_families);
    service.external_name = r.maybe_text(external_name).filter(|name| !name.as_str().is_empty());
    service
}

/// A word of a few; an empty one counts as absent.
fn one_of<'s>(
    at: &At<'_, '_, 's>,
    what: &str,
    words: &[&'static str],
    r: &mut Reader,
) -> Option<Text<'s>> {
    let text = r.text(at).filter(|text| !text.as_str().is_empty())?;
    if !words.contains(&text.as_str()) {
        let message = format!("`{}` is not {what}", text.as_str());
        let hint = match nearest(text.as_str(), words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        r.error(at, &code::BAD_SERVICE, message, hint);
    }
    Some(text)
}

fn port<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ServicePort<'s>> {
    let [name, port, target_port, node_port, protocol, _] = r.fields(at, &schema::SERVICE_PORT)?;
    let port = r.required(at, port, "port", "write port: 80");
    let port = port.and_then(|at| int32(&at, PORTS, r));
    let target_port = target_port.filter(|at| !is_zero(at)).map(|at| int_or_string(&at, r));
    let protocol = protocol.and_then(|at| one_of(&at, "a protocol of a port", &PROTOCOLS, r));
    let node_port = node_port.and_then(|at| int32(&at, NODE_PORTS, r));
    let name = r.maybe_text(name).filter(|name| !name.as_str().is_empty());
    let port = port?;
    let target_port = match target_port {
        Some(target_port) => target_port?,
        None => IntOrString::Int(port),
    };
    Some(ServicePort {
        name,
        port,
        target_port,
        node_port: node_port.filter(|port| port.value != 0),
        protocol: protocol.unwrap_or_else(|| Text::synthetic(PROTOCOLS[0])),
        span: at.span(),
    })
}

fn int32(
    at: &At<'_, '_, '_>,
    range: std::ops::RangeInclusive<i64>,
    r: &mut Reader,
) -> Option<Spanned<i32>> {
    let number = r.int(at, range)?;
    i32::try_from(number.value).ok().map(|value| Spanned::new(value, number.span))
}

/// Kubernetes takes 0 and an empty name for the port itself.
fn is_zero(at: &At<'_, '_, '_>) -> bool {
    at.node.as_i64() == Some(0) || at.node.string().is_some_and(|text| text.as_str().is_empty())
}

fn int_or_string<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<IntOrString<'s>> {
    match at.node.kind() {
        NodeKind::String => at.node.text().map(IntOrString::String),
        NodeKind::Int | NodeKind::Float => int32(at, PORTS, r).map(IntOrString::Int),
        _ => {
            r.wrong_type(at, "a port's number or name");
            None
        }
    }
}

/// Adds what the cluster gave a Service to a manifest that does not say it.
pub(super) fn complete(service: &mut Service<'_>, facts: &ClusterFacts) {
    if facts.services.is_empty() {
        return;
    }
    let Some(facts) = facts.services.get(&service.metadata.name.to_string()) else { return };
    if service.metadata.uid.is_none() {
        service.metadata.uid = facts.uid.clone().map(Text::synthetic);
    }
    if !matches!(service.service_type.as_str(), "NodePort" | "LoadBalancer") {
        return;
    }
    for port in &mut service.ports {
        if port.node_port.is_none()
            && let Some(&node_port) = facts.node_ports.get(&port.port.value)
        {
            port.node_port = Some(Spanned::new(node_port, port.port.span));
        }
    }
}
