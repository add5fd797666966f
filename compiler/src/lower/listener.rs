//! Listeners: one per port that the members agree on.

use super::listen_port::{Port, Protocol};
use super::merge::{agreed_among, said};
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
    let mut resource = Resource::new(Spec::Listener(spec.into()));
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
    let mut asked: Vec<Value<'_, '_>> = Vec::new();
    for value in cx.group.members.iter().filter_map(|member| said(member, &SSL_REDIRECT)) {
        let in_class = value.kind != "Ingress";
        if in_class && parse_int(value.as_str(), i32::MIN.into(), i32::MAX.into()).is_none() {
            // What members behind this one say is not looked at, and what all say not compared.
            let unread: Vec<_> = asked.into_iter().filter(|value| value.int32().is_err()).collect();
            agreed_among(cx, unread, Value::int32);
            report_switched_off(cx, &value);
            return None;
        }
        asked.push(value);
    }
    let asked = agreed_among(cx, asked, Value::int32);
    let (port, value) = asked?;
    let tls = ports.iter().filter(|(_, config)| config.protocol == Protocol::Https);
    let tls: Vec<String> = tls.map(|(port, _)| port.to_string()).collect();
    let message = match ports.get(&port).map(|config| config.protocol) {
        Some(Protocol::Https) => return Some(port),
        Some(Protocol::Http) => format!("`{}` leads to port {port}, which is HTTP", value.name),
        None => format!("`{}` leads to port {port}, on which nothing listens", value.name),
    };
    let hint = match tls.as_slice() {
        [] if ports.contains_key(&port) => {
            "add {\"HTTPS\": 443} to `listen-ports` and write '443'".to_owned()
        }
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
