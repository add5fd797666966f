//! Listeners: one per port that the members agree on.

use super::listen_port::{Port, Protocol};
use super::merge::said;
use super::rule::Defaults;
use super::{Cx, attribute, load_balancer, tags};
use crate::annotation::listening::SSL_REDIRECT;
use crate::annotation::{Value, parse_int};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::graph::Resource;
use crate::group::Member;
use crate::resource::{Kind, Listener, ListenerCertificate, Output, Ref, Spec, Token};
use std::collections::BTreeMap;

/// A listener's ARN.
pub fn arn(port: i32) -> Token {
    Token::Ref(Ref::new(Kind::Listener, port.to_string(), Output::ListenerArn))
}

/// The members that listen on a port, in order.
pub(super) fn members<'a, 's>(cx: &Cx<'a, 's>, port: &Port) -> Vec<Member<'a, 's>> {
    port.members.iter().map(|&index| cx.group.members[index]).collect()
}

/// Makes the listener of a port.
pub(super) fn lower<'a, 's>(
    cx: &mut Cx<'a, 's>,
    number: i32,
    port: &Port,
    members: &[Member<'a, 's>],
    defaults: Defaults,
) {
    let protocol = port.protocol.as_str();
    let (attributes, said) = attribute::of_listener(cx, number, protocol, members);
    let certificates = port.certificates.iter().cloned();
    let spec = Listener {
        certificates: certificates
            .map(|certificate_arn| ListenerCertificate { certificate_arn })
            .collect(),
        default_actions: defaults.actions,
        attributes,
        load_balancer_arn: load_balancer::arn(),
        mutual_authentication: port.mutual_authentication.clone(),
        port: number,
        protocol: protocol.to_owned(),
        ssl_policy: port.ssl_policy.clone(),
        tags: tags::of_members(cx, members),
    };
    let mut resource = Resource::new(Spec::Listener(spec));
    resource.origins.extend(members.first().map(Cx::whole));
    resource.origins.extend(port.origins.iter().cloned());
    resource.origins.extend(defaults.origins);
    resource.secrets = defaults.secrets;
    resource.origins.extend(said);
    resource.origins.extend(members.iter().flat_map(tags::origins));
    cx.stack.insert(number.to_string(), resource);
}

/// The port that HTTP listeners redirect to, if the members ask for one.
pub(super) fn ssl_redirect(cx: &mut Cx<'_, '_>, ports: &BTreeMap<i32, Port>) -> Option<i32> {
    let mut asked: Option<(i32, Value<'_, '_>)> = None;
    for member in &cx.group.members {
        let Some(value) = said(member, &SSL_REDIRECT) else { continue };
        let port = match value.kind {
            "Ingress" => cx.accept(value.int32()),
            _ => match parse_int(value.as_str(), i64::from(i32::MIN), i64::from(i32::MAX)) {
                Some(port) => Some(port as i32),
                None => {
                    report_switched_off(cx, &value);
                    return None;
                }
            },
        };
        match (port, &asked) {
            (Some(port), None) => asked = Some((port, value)),
            (Some(port), Some((first, other))) if port != *first => {
                cx.report(super::merge::conflict(other, &value));
            }
            _ => {}
        }
    }
    let (port, value) = asked?;
    let tls = ports.iter().filter(|(_, config)| config.protocol == Protocol::Https);
    let tls: Vec<String> = tls.map(|(port, _)| port.to_string()).collect();
    let message = match ports.get(&port).map(|config| config.protocol) {
        Some(Protocol::Https) => return Some(port),
        Some(Protocol::Http) => format!("`{}` leads to port {port}, which is HTTP", value.name),
        None => format!("`{}` leads to port {port}, on which nothing listens", value.name),
    };
    let hint = match tls.as_slice() {
        [] => format!("add {{\"HTTPS\": {port}}} to `listen-ports`"),
        ports => format!("write '{}', an HTTPS port of the group", ports.join("' or '")),
    };
    cx.report(value.error(&code::BAD_SSL_REDIRECT, message).hint(hint));
    None
}

fn report_switched_off(cx: &mut Cx<'_, '_>, value: &Value<'_, '_>) {
    let message = format!(
        "`{}` is not a port, which switches the redirect off for the whole group",
        value.as_str()
    );
    let finding =
        value.error(&code::SSL_REDIRECT_OFF, message).hint("write a port, such as \"443\"");
    cx.report(Diagnostic { severity: Severity::Warning, ..finding });
}
