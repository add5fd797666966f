//! Warnings of what the members say about the load balancer without effect, or to no good.

use super::listen_port::{Port, Protocol};
use super::{Cx, subnet};
use crate::annotation::access::{
    INBOUND_CIDRS, MANAGE_BACKEND_SECURITY_GROUP_RULES, SECURITY_GROUP_PREFIX_LISTS,
    SECURITY_GROUPS,
};
use crate::annotation::attributes::LISTENER_ATTRIBUTES;
use crate::annotation::frontend_nlb::{ENABLE_FRONTEND_NLB, ROWS as FRONTEND_NLB_ROWS};
use crate::annotation::listening::LISTEN_PORTS;
use crate::annotation::load_balancer::MINIMUM_LOAD_BALANCER_CAPACITY;
use crate::annotation::tls::CREATE_ACM_CERT;
use crate::annotation::{Annotation, Value};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::group::Member;
use std::collections::BTreeMap;

/// Looks at all members, when the load balancer and its listeners are made.
pub(super) fn check(cx: &mut Cx<'_, '_>, ports: &BTreeMap<i32, Port>) {
    let members = &cx.group.members;
    let named = members.iter().filter_map(|member| SECURITY_GROUPS.on_ingress(member.ingress));
    let managed = !named.into_iter().any(|value| !value.list().is_empty());
    let enabled =
        |member: &Member<'_, '_>| ENABLE_FRONTEND_NLB.on_ingress(member.ingress).is_some();
    let nlb = members.iter().any(enabled);
    let group = cx.group;
    for member in &group.members {
        if managed {
            let hint = "name the load balancer's own groups by `security-groups`, or remove it";
            let why = "without `security-groups`: the managed group's rules are always kept";
            warn(cx, member, &MANAGE_BACKEND_SECURITY_GROUP_RULES, why, hint);
        } else {
            let hint = "put the rule into the security group itself, or remove the annotation";
            let why = "beside `security-groups`: there is no managed group to put it into";
            warn(cx, member, &INBOUND_CIDRS, why, hint);
            warn(cx, member, &SECURITY_GROUP_PREFIX_LISTS, why, hint);
        }
        check_gates(cx, member);
        check_listener_attributes(cx, member, ports);
        if !nlb {
            check_frontend_nlb(cx, member);
        }
    }
    for (number, port) in ports {
        if managed {
            check_reach(cx, *number, port);
        }
        check_certificates(cx, *number, port);
    }
}

fn warn(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    row: &'static Annotation,
    why: &str,
    hint: &str,
) {
    if let Some(value) = row.on_ingress(member.ingress) {
        let message = format!("`{}` has no effect {why}", value.name);
        cx.report(no_effect(&value, message).hint(hint));
    }
}

fn no_effect(value: &Value<'_, '_>, message: String) -> Diagnostic {
    value.warning_in(value.text.span, &code::NO_EFFECT, message)
}

fn check_gates(cx: &mut Cx<'_, '_>, member: &Member<'_, '_>) {
    let gates = &cx.settings.feature_gates;
    let off = [
        (
            &CREATE_ACM_CERT,
            !gates.enable_certificate_management,
            "while the feature gate `EnableCertificateManagement` is off",
            "write controllerConfig.featureGates.EnableCertificateManagement: true in the values",
        ),
        (
            &MINIMUM_LOAD_BALANCER_CAPACITY,
            !gates.lb_capacity_reservation,
            "while the feature gate `LBCapacityReservation` is off",
            "write controllerConfig.featureGates.LBCapacityReservation: true in the values",
        ),
    ];
    for (row, _, why, hint) in off.into_iter().filter(|(_, off, ..)| *off) {
        warn(cx, member, row, why, hint);
    }
}

fn check_listener_attributes(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    ports: &BTreeMap<i32, Port>,
) {
    let own = ports.iter().filter(|(_, port)| port.members.contains(&member.index));
    let own: Vec<_> =
        own.map(|(number, port)| format!("{}-{number}", port.protocol.as_str())).collect();
    for value in LISTENER_ATTRIBUTES.members_on_ingress(member.ingress) {
        let listener = &value.name[LISTENER_ATTRIBUTES.name.len()..];
        // Without any listener the ports could not be read, which has been said.
        if own.is_empty() || own.iter().any(|name| name == listener) {
            continue;
        }
        let message =
            format!("`{}` has no effect: the Ingress has no listener `{listener}`", value.name);
        let hint = match nearest(listener, own.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{}{near}`?", LISTENER_ATTRIBUTES.name),
            None => format!("write one of {}", own.join(", ")),
        };
        cx.report(no_effect(&value, message).hint(hint));
    }
}

fn check_frontend_nlb(cx: &mut Cx<'_, '_>, member: &Member<'_, '_>) {
    for row in FRONTEND_NLB_ROWS.iter().filter(|row| row.on_ingress(member.ingress).is_some()) {
        let hint = format!("add {}: 'true'", ENABLE_FRONTEND_NLB.full_name());
        warn(cx, member, row, "without `enable-frontend-nlb`", &hint);
    }
}

/// Warns of a port that the managed security group opens to nobody.
fn check_reach(cx: &mut Cx<'_, '_>, number: i32, port: &Port) {
    let open = !port.cidrs_v4.is_empty() || !port.prefix_lists.is_empty();
    if open || subnet::has_ipv6(&cx.ip_address_type) {
        return;
    }
    let Some(origin) = port.sources.first() else { return };
    let message = format!(
        "nobody reaches port {number}: all address blocks are IPv6, and the load balancer is `{}`",
        cx.ip_address_type
    );
    let finding = Diagnostic::warning(&code::NOBODY, message)
        .at(origin.span)
        .object(origin.object.clone())
        .hint("write ip-address-type: dualstack, or add an IPv4 block");
    cx.report(finding);
}

/// Warns of an HTTPS listener that AWS refuses.
fn check_certificates(cx: &mut Cx<'_, '_>, number: i32, port: &Port) {
    if port.protocol != Protocol::Https || !port.certificates.is_empty() {
        return;
    }
    // Where a certificate is missing for a host, that has been said.
    let Some(&first) = port.members.first() else { return };
    let ingress = cx.group.members[first].ingress;
    if ingress.rules.iter().any(|rule| rule.host.is_some()) || !ingress.tls.is_empty() {
        return;
    }
    let said = LISTEN_PORTS.on_ingress(ingress);
    let at = said.map_or(ingress.metadata.span, |value| value.text.span);
    let message =
        format!("the HTTPS listener on port {number} has no certificate, so AWS refuses it");
    let finding = Diagnostic::warning(&code::NO_CERTIFICATE_AT_ALL, message)
        .at(at)
        .ingress(ingress.metadata.name.to_string())
        .hint("name one by `certificate-arn`, or give a rule a `host` to find one by");
    cx.report(finding);
}
