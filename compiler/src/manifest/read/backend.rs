//! A backend of an Ingress: a Service with a port, or a resource.

use super::{name, schema};
use crate::diagnostic::code::manifest as code;
use crate::manifest::{Backend, ServiceBackend, ServicePortRef};
use crate::schema::{At, Reader};
use crate::source::Spanned;
use crate::yaml::NodeKind;

const PORTS: std::ops::RangeInclusive<i64> = 1..=65535;

/// Reads a backend; none if there is nothing to send requests to.
pub(super) fn read<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<Backend<'s>> {
    if let Some((key, _)) = at
        .node
        .entries()
        .find(|(key, _)| key.as_str().is_some_and(|key| schema::OLD_BACKEND.contains(&key)))
    {
        let field = At { node: key, path: at.path };
        let message = format!("`{}` is of an older version", key.as_str().unwrap_or_default());
        r.error(&field, &code::BAD_BACKEND, message, converted(at));
        return None;
    }
    let [service, resource] = r.fields(at, &schema::BACKEND)?;
    match (service, resource) {
        (None, None) => {
            let message = "a backend names no Service";
            let hint = "write service: {name: NAME, port: {number: 80}}";
            r.error(at, &code::BAD_BACKEND, message, hint);
            None
        }
        (Some(_), Some(resource)) => {
            let message = "a backend has both `service` and `resource`";
            r.error(&resource, &code::BAD_BACKEND, message, "remove `resource`");
            None
        }
        (None, Some(resource)) => {
            Some(Backend { service: None, resource: Some(resource.span()), span: at.span() })
        }
        (Some(service), None) => {
            let service = read_service(&service, r)?;
            Some(Backend { service: Some(service), resource: None, span: at.span() })
        }
    }
}

/// An old backend as it is written today.
fn converted(at: &At<'_, '_, '_>) -> String {
    let text = |name: &str| at.node.get(name).and_then(|node| node.text());
    let name = text("serviceName").map_or("NAME".to_owned(), |name| name.value.into_owned());
    let port = match at.node.get("servicePort") {
        Some(port) if port.kind() == NodeKind::String => {
            format!("name: {}", port.as_str().unwrap_or_default())
        }
        Some(port) => format!("number: {}", port.as_str().unwrap_or("80")),
        None => "number: 80".to_owned(),
    };
    format!("write service: {{name: {name}, port: {{{port}}}}}")
}

fn read_service<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ServiceBackend<'s>> {
    let [name, port] = r.fields(at, &schema::BACKEND_SERVICE)?;
    let name_hint = "write the Service's name, or the action's name of an annotation";
    let name = r.required(at, name, "name", name_hint);
    let port_hint = "write port: {number: 80}, or port: {name: use-annotation} for an action";
    let port = r.required(at, port, "port", port_hint);
    let name = name.and_then(|at| {
        let text = r.text(&at)?;
        if !name::is_service_name(text.as_str()) {
            let message = format!("`{}` cannot be the name of a Service", text.as_str());
            let hint = "use lower case letters, digits and `-`, with a letter first";
            r.error(&at, &code::BAD_BACKEND, message, hint);
        }
        Some(text)
    });
    let port = port.and_then(|at| read_port(&at, r));
    Some(ServiceBackend { name: name?, port: port? })
}

/// Reads a port. Kubernetes takes an empty name and the number 0 for absent.
fn read_port<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ServicePortRef<'s>> {
    if let Some(number) = at.node.as_i64() {
        let message = "a port is a mapping with `name` or `number`";
        r.error(at, &code::BAD_BACKEND, message, format!("write port: {{number: {number}}}"));
        return None;
    }
    if at.node.kind() == NodeKind::String {
        let message = "a port is a mapping with `name` or `number`";
        let text = at.node.as_str().unwrap_or_default();
        r.error(at, &code::BAD_BACKEND, message, format!("write port: {{name: {text}}}"));
        return None;
    }
    let [name, number] = r.fields(at, &schema::BACKEND_PORT)?;
    let name = name.filter(|at| at.node.string().is_none_or(|text| !text.as_str().is_empty()));
    let number = number.filter(|at| at.node.as_i64() != Some(0));
    match (name, number) {
        (None, None) => {
            let message = "a port has neither `name` nor `number`";
            let hint = "write port: {number: 80} or port: {name: http}";
            r.error(at, &code::BAD_BACKEND, message, hint);
            None
        }
        (Some(_), Some(number)) => {
            let message = "a port has both `name` and `number`";
            r.error(&number, &code::BAD_BACKEND, message, "remove one of the two");
            None
        }
        (Some(at), None) => {
            let text = r.text(&at)?;
            if !name::is_port_name(text.as_str()) {
                let message = format!("`{}` cannot be the name of a port", text.as_str());
                let hint = match text.as_str().parse::<u16>() {
                    Ok(number) => format!("write number: {number}"),
                    Err(_) => "use at most 15 lower case letters, digits and `-`, with a letter"
                        .to_owned(),
                };
                r.error(&at, &code::BAD_BACKEND, message, hint);
            }
            Some(ServicePortRef::Name(text))
        }
        (None, Some(at)) => {
            let number = r.int(&at, PORTS)?;
            let value = i32::try_from(number.value).ok()?;
            Some(ServicePortRef::Number(Spanned::new(value, number.span)))
        }
    }
}
