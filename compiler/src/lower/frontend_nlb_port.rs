//! The ports of a frontend NLB: a listener and a target group for each, which leads to the ALB.

use super::frontend_nlb::{self, ID};
use super::listen_port::Port;
use super::merge::{conflict, said};
use super::{Cx, name};
use crate::annotation::frontend_nlb::{
    FRONTEND_NLB_HEALTHCHECK_SUCCESS_CODES, FRONTEND_NLB_LISTENER_PORT_MAPPING, TRAFFIC_PORT,
};
use crate::annotation::{self, Set, Value, parse_int};
use crate::diagnostic::code::annotation as annotation_code;
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, Related, Severity};
use crate::graph::{Origin, Resource};
use crate::group::Member;
use crate::resource::{
    Action, ActionType, Forward, FrontendNlbTarget, FrontendNlbTargetGroups, HealthCheck, Kind,
    Listener, Matcher, Output, Port as HealthPort, Ref, Spec, Tags, TargetGroup, TargetGroupTuple,
    Token,
};
use std::collections::BTreeMap;

/// The id of the record of all targets.
const RECORD: &str = "FrontendNLBTargetGroup";
const PROTOCOL: &str = "TCP";

/// What a member wants of one port of the NLB.
struct Wish<'a, 's> {
    member: Member<'a, 's>,
    target_port: i32,
}

/// Makes listeners and target groups, and the record of both.
pub(super) fn lower(
    cx: &mut Cx<'_, '_>,
    ports: &BTreeMap<i32, Port>,
    tags: &Tags,
    asked: &Value<'_, '_>,
) {
    let mut wishes: BTreeMap<i32, Vec<Wish<'_, '_>>> = BTreeMap::new();
    for member in &cx.group.members {
        for (port, target_port) in port_mapping(cx, member, ports) {
            wishes.entry(port).or_default().push(Wish { member: *member, target_port });
        }
    }
    let mut record = FrontendNlbTargetGroups::default();
    for (port, wishes) in wishes {
        let target_port = agreed_target(cx, port, &wishes);
        let (health_check, mut origins) = health_check(cx, &wishes);
        origins.insert(0, asked.origin(""));
        let listener_id = format!("{ID}-ls-{PROTOCOL}-{port}");
        let group_id = format!("{ID}-tg-{PROTOCOL}-{port}");
        let group_arn = Token::Ref(Ref::new(Kind::TargetGroup, &*group_id, Output::TargetGroupArn));
        let group_name = target_group_name(cx, port, &health_check);
        record.target_groups.insert(
            group_name.clone(),
            FrontendNlbTarget {
                arn: group_arn.clone(),
                name: group_name.clone(),
                port,
                target_arn: frontend_nlb::target(),
                target_port,
            },
        );
        let group = TargetGroup {
            health_check: Some(health_check),
            ip_address_type: "ipv4".to_owned(),
            name: group_name,
            port,
            protocol: PROTOCOL.to_owned(),
            tags: tags.clone(),
            target_type: "alb".to_owned(),
            ..TargetGroup::default()
        };
        insert(cx, group_id, Spec::TargetGroup(group.into()), origins);
        let listener = Listener {
            default_actions: vec![forward(group_arn)],
            load_balancer_arn: frontend_nlb::arn(),
            port,
            protocol: PROTOCOL.to_owned(),
            tags: tags.clone(),
            ..Listener::default()
        };
        let mapping = wishes.iter().filter_map(|wish| {
            let value = FRONTEND_NLB_LISTENER_PORT_MAPPING.on_ingress(wish.member.ingress)?;
            Some(value.origin("port"))
        });
        let origins = std::iter::once(asked.origin("")).chain(mapping).collect();
        insert(cx, listener_id, Spec::Listener(listener.into()), origins);
    }
    if !record.target_groups.is_empty() {
        insert(
            cx,
            RECORD.to_owned(),
            Spec::FrontendNlbTargetGroups(record),
            vec![asked.origin("")],
        );
    }
}

fn insert(cx: &mut Cx<'_, '_>, id: String, spec: Spec, origins: Vec<Origin>) {
    let mut resource = Resource::new(spec);
    resource.origins = origins;
    cx.stack.insert(id, resource);
}

fn forward(target_group_arn: Token) -> Action {
    Action {
        action_type: ActionType::Forward,
        forward: Some(Forward {
            stickiness: None,
            target_groups: vec![TargetGroupTuple { target_group_arn, weight: None }],
        }),
        ..Action::default()
    }
}

/// Ports of the NLB with the ports of the ALB that a member wants them to lead to.
fn port_mapping<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    ports: &BTreeMap<i32, Port>,
) -> BTreeMap<i32, i32> {
    let own = |port: &i32| ports.get(port).is_some_and(|p| p.members.contains(&member.index));
    let value = FRONTEND_NLB_LISTENER_PORT_MAPPING.on_ingress(member.ingress);
    let pairs = match value {
        Some(value) => match cx.accept(value.map()) {
            Some(pairs) => pairs,
            None => return BTreeMap::new(),
        },
        None => Vec::new(),
    };
    let Some(value) = value.filter(|_| !pairs.is_empty()) else {
        return ports.keys().filter(|port| own(port)).map(|port| (*port, *port)).collect();
    };
    let mut mapping = BTreeMap::new();
    for pair in pairs {
        let number = |text: &str| parse_int(text, i64::from(i32::MIN), i64::from(i32::MAX));
        let numbers = [&pair.key, &pair.value].map(|text| number(text).map(|n| n as i32));
        for (text, _) in [&pair.key, &pair.value].iter().zip(numbers).filter(|(_, n)| n.is_none()) {
            let message = format!("`{text}` is not a port");
            let finding = value.error_at(pair.range.clone(), &code::NLB_PORT_MAPPING, message);
            cx.report(finding.hint("write NLB_PORT=ALB_PORT, such as 8443=443"));
        }
        let [Some(from), Some(to)] = numbers else { continue };
        if own(&to) {
            mapping.insert(from, to);
        } else {
            let message = format!(
                "port {from} of the NLB leads to port {to}, on which the Ingress does not listen, and is left out"
            );
            let finding = value.error_at(pair.range.clone(), &code::UNUSED_PORT, message);
            cx.report(Diagnostic {
                severity: Severity::Warning,
                ..finding.hint(format!("add port {to} to `listen-ports`, or remove the pair"))
            });
        }
    }
    mapping
}

fn agreed_target(cx: &mut Cx<'_, '_>, port: i32, wishes: &[Wish<'_, '_>]) -> i32 {
    let place = |wish: &Wish<'_, '_>| {
        let value = FRONTEND_NLB_LISTENER_PORT_MAPPING.on_ingress(wish.member.ingress);
        value.map_or(wish.member.ingress.metadata.span, |value| value.text.span)
    };
    let name = |wish: &Wish<'_, '_>| wish.member.ingress.metadata.name.to_string();
    let Some(first) = wishes.first() else { return port };
    for other in wishes.iter().filter(|wish| wish.target_port != first.target_port) {
        let message = format!(
            "port {port} of the NLB leads to port {} for Ingress `{}`, but to port {} for Ingress `{}` of the same group",
            other.target_port,
            name(other),
            first.target_port,
            name(first)
        );
        cx.report(
            Diagnostic::error(&annotation_code::CONFLICT, message)
                .at(place(other))
                .ingress(name(other))
                .path(format!(
                    "metadata.annotations[{}]",
                    FRONTEND_NLB_LISTENER_PORT_MAPPING.full_name()
                ))
                .hint("lead one port of the NLB to one port of the ALB")
                .related(Related {
                    message: format!("to port {} here", first.target_port),
                    ingress: Some(name(first)),
                    span: Some(place(first)),
                }),
        );
    }
    first.target_port
}

/// The health check of a port: the rows' defaults under what the members agree on.
fn health_check(cx: &mut Cx<'_, '_>, wishes: &[Wish<'_, '_>]) -> (HealthCheck, Vec<Origin>) {
    let mut draft = TargetGroup {
        health_check: Some(HealthCheck {
            healthy_threshold_count: Some(2),
            interval_seconds: Some(15),
            matcher: Some(Matcher { http_code: Some("200".to_owned()), grpc_code: None }),
            path: Some("/".to_owned()),
            port: Some(HealthPort::Name(TRAFFIC_PORT.to_owned())),
            protocol: Some("HTTP".to_owned()),
            timeout_seconds: Some(5),
            unhealthy_threshold_count: Some(2),
        }),
        ..TargetGroup::default()
    };
    let mut origins = Vec::new();
    for row in annotation::annotations() {
        let Set::FrontendTargetGroup(set) = row.set else { continue };
        let mut first: Option<(TargetGroup, Value<'_, '_>)> = None;
        for value in wishes.iter().filter_map(|wish| said(&wish.member, row)) {
            let mut with = draft.clone();
            if let Err(findings) = set(value, &mut with) {
                cx.report_all(findings);
                continue;
            }
            // The controller compares success codes by their address in memory: no two are equal.
            let never_equal = std::ptr::eq(row, &FRONTEND_NLB_HEALTHCHECK_SUCCESS_CODES);
            match &first {
                None => first = Some((with, value)),
                Some((known, other)) if never_equal && *known == with => {
                    cx.report(repeated_codes(other, &value));
                }
                Some((known, other)) if *known != with => cx.report(conflict(other, &value)),
                Some(_) => {}
            }
        }
        if let Some((with, value)) = first {
            draft = with;
            let field = row.sets.strip_prefix("TargetGroup.").unwrap_or(row.sets);
            origins.push(value.origin(field.trim_end_matches(" of the NLB")));
        }
    }
    (draft.health_check.unwrap_or_default(), origins)
}

fn repeated_codes(first: &Value<'_, '_>, second: &Value<'_, '_>) -> Diagnostic {
    let message = format!(
        "Ingress `{}` repeats `{}` of Ingress `{}`, which the controller takes for a conflict",
        second.object, second.name, first.object
    );
    second
        .error(&annotation_code::CONFLICT, message)
        .hint("keep the annotation on one Ingress of the group")
        .related(first.related("first here"))
}

fn target_group_name(cx: &Cx<'_, '_>, port: i32, health_check: &HealthCheck) -> String {
    let health_port = match &health_check.port {
        Some(HealthPort::Number(number)) => number.to_string(),
        Some(HealthPort::Name(name)) => name.clone(),
        None => String::new(),
    };
    let hash = name::hash(&[
        &cx.settings.cluster_name,
        &cx.group.id,
        &port.to_string(),
        "alb",
        PROTOCOL,
        &health_port,
        health_check.protocol.as_deref().unwrap_or_default(),
    ]);
    name::of_group(cx.group, &hash)
}
