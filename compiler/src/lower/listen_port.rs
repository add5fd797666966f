//! The ports of a load balancer: what each member asks for, and how members agree per port.

use super::merge::{conflict, conflict_of, said, said_list};
use super::{Cx, certificate, mutual_authentication};
use crate::annotation::Value;
use crate::annotation::access::{INBOUND_CIDRS, SECURITY_GROUP_PREFIX_LISTS};
use crate::annotation::listening::LISTEN_PORTS;
use crate::annotation::tls::{MUTUAL_AUTHENTICATION, SSL_POLICY};
use crate::cidr;
use crate::diagnostic::code::annotation as annotation_code;
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related, nearest};
use crate::graph::Origin;
use crate::group::Member;
use crate::resource::{MutualAuthentication, Token};
use crate::source::Span;
use crate::yaml::NodeKind;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The protocol of a listener of an ALB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Plain.
    Http,
    /// With TLS.
    Https,
}

impl Protocol {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
        }
    }
}

/// A port on which the members have agreed.
#[derive(Clone, Debug)]
pub struct Port {
    /// The protocol.
    pub protocol: Protocol,
    /// IPv4 blocks that may reach it.
    pub cidrs_v4: BTreeSet<String>,
    /// IPv6 blocks that may reach it.
    pub cidrs_v6: BTreeSet<String>,
    /// Prefix lists that may reach it.
    pub prefix_lists: BTreeSet<String>,
    /// TLS policy; none for HTTP.
    pub ssl_policy: Option<String>,
    /// The default certificate and those for SNI.
    pub certificates: Vec<Token>,
    /// Client certificates.
    pub mutual_authentication: Option<MutualAuthentication>,
    /// Indices of the members that listen on it, in order.
    pub members: Vec<usize>,
    /// Who says the fields of the listener.
    pub origins: Vec<Origin>,
    /// Who says the sources that may reach it.
    pub sources: Vec<Origin>,
}

/// What a member says about all its ports.
struct Asked<'a, 's> {
    ports: BTreeMap<i32, Protocol>,
    cidrs: Option<(BTreeSet<String>, Value<'a, 's>)>,
    prefix_lists: Option<(BTreeSet<String>, Value<'a, 's>)>,
    ssl_policy: Option<Value<'a, 's>>,
    certificates: Vec<Token>,
    certificate_origin: Option<Origin>,
    mutual: BTreeMap<i32, MutualAuthentication>,
}

/// What the texts of `listen-ports` say that nothing is wrong with: most members of a group repeat
/// the same one.
type Known<'a> = FxHashMap<&'a str, BTreeMap<i32, Protocol>>;

/// All ports of the group.
pub(super) fn lower(cx: &mut Cx<'_, '_>) -> BTreeMap<i32, Port> {
    let group = cx.group;
    let mut known = Known::default();
    let asked: Vec<_> =
        group.members.iter().map(|member| (member, asked(cx, member, &mut known))).collect();
    let mut by_port: BTreeMap<i32, Vec<(&Member<'_, '_>, &Asked<'_, '_>)>> = BTreeMap::new();
    for (member, asked) in &asked {
        for port in asked.ports.keys() {
            by_port.entry(*port).or_default().push((*member, asked));
        }
    }
    by_port.into_iter().map(|(port, asked)| (port, merge(cx, port, &asked))).collect()
}

fn asked<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    known: &mut Known<'a>,
) -> Asked<'a, 's> {
    let created = certificate::created(cx, member);
    let (mut certificates, mut certificate_origin) = certificate::named(member);
    if let (true, Some((token, origin))) = (certificates.is_empty(), created) {
        certificates.push(token);
        certificate_origin = Some(origin);
    }
    let prefers_tls = !certificates.is_empty();
    let ports = match LISTEN_PORTS.on_ingress(member.ingress) {
        Some(value) => match known.get(value.as_str()) {
            Some(ports) => ports.clone(),
            None => {
                let (ports, findings) = read_ports(&value);
                let ports = ports.unwrap_or_default();
                if findings.is_empty() {
                    known.insert(value.as_str(), ports.clone());
                }
                cx.report_all(findings);
                ports
            }
        },
        None if prefers_tls => BTreeMap::from([(443, Protocol::Https)]),
        None => BTreeMap::from([(80, Protocol::Http)]),
    };
    let tls = ports.values().any(|protocol| *protocol == Protocol::Https);
    if tls && certificates.is_empty() {
        (certificates, certificate_origin) = certificate::discovered(cx, member);
    }
    let mutual = mutual_authentication::lower(cx, member);
    warn_of_unused_mutual_authentication(cx, member, &mutual, &ports);
    Asked {
        cidrs: inbound_cidrs(cx, member),
        prefix_lists: said_list(member, &SECURITY_GROUP_PREFIX_LISTS)
            .map(|(items, value)| (items.into_iter().map(|item| item.text).collect(), value)),
        ssl_policy: said(member, &SSL_POLICY),
        ports,
        certificates,
        certificate_origin,
        mutual,
    }
}

/// The ports of the annotation `listen-ports`: a list of objects, whose every entry is a port. A
/// port given twice keeps its later protocol.
fn read_ports(value: &Value<'_, '_>) -> (Option<BTreeMap<i32, Protocol>>, Diagnostics) {
    value.json(|json, root| {
        let mut ports = BTreeMap::new();
        let entries = json.list(root, "the value");
        if entries.is_empty() && matches!(root.kind(), NodeKind::Sequence | NodeKind::Null) {
            let example = value.annotation.example;
            let message = "`listen-ports` names no port";
            json.error(root.span(), &code::BAD_LISTEN_PORTS, message, format!("write '{example}'"));
        }
        for entry in entries {
            if !matches!(entry.kind(), NodeKind::Mapping | NodeKind::Null) {
                json.object(entry, "an entry", &[]);
            }
            for (key, port) in entry.entries() {
                let name = key.text().map(|text| text.as_str().to_owned()).unwrap_or_default();
                let known = match name.as_str() {
                    "HTTP" => Some(Protocol::Http),
                    "HTTPS" => Some(Protocol::Https),
                    other => {
                        let message = format!("`{other}` is not a protocol of an ALB's listener");
                        let hint = match nearest(other, ["HTTP", "HTTPS"]) {
                            Some(near) => format!("write \"{near}\""),
                            None => "write \"HTTP\" or \"HTTPS\"".to_owned(),
                        };
                        json.error(key.span(), &code::BAD_LISTEN_PORTS, message, hint);
                        None
                    }
                };
                let number = json.int32(port, &format!("the port of {name}")).value;
                if port.as_i64() == Some(i64::from(number)) && !(1..=65535).contains(&number) {
                    let message = format!("{number} is not a port");
                    let hint = "write a number from 1 to 65535";
                    json.error(port.span(), &code::BAD_LISTEN_PORTS, message, hint);
                }
                ports.extend(known.map(|protocol| (number, protocol)));
            }
        }
        ports
    })
}

fn inbound_cidrs<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
) -> Option<(BTreeSet<String>, Value<'a, 's>)> {
    let (items, value) = said_list(member, &INBOUND_CIDRS)?;
    for item in &items {
        if cidr::parse(&item.text).is_some() {
            continue;
        }
        let message = format!("`{}` is not a CIDR block", item.text);
        if value.kind == "Ingress" {
            cx.report(
                Diagnostic { span: Some(item.span), ..value.error(&code::BAD_CIDR, message) }
                    .hint(cidr::suggestion(&item.text)),
            );
            continue;
        }
        // The place of the value itself is reported with the object, whoever uses it.
        let (at, path) = class_place(member);
        let message = format!("in {} `{}` of the class {message}", value.kind, value.object);
        cx.report(
            Diagnostic::error(&code::BAD_CIDR, message)
                .at(at)
                .ingress(member.ingress.metadata.name.to_string())
                .path(path)
                .hint("correct `inboundCIDRs` of the class's parameters")
                .related(Related {
                    message: "this block".to_owned(),
                    ingress: None,
                    span: Some(item.span),
                }),
        );
    }
    Some((items.into_iter().map(|item| item.text).collect(), value))
}

/// Where a member says its class.
pub(super) fn class_place(member: &Member<'_, '_>) -> (Span, &'static str) {
    match &member.ingress.class_name {
        Some(name) => (name.span, "spec.ingressClassName"),
        None => (member.ingress.metadata.span, "metadata.name"),
    }
}

fn warn_of_unused_mutual_authentication(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    mutual: &BTreeMap<i32, MutualAuthentication>,
    ports: &BTreeMap<i32, Protocol>,
) {
    let Some(value) = MUTUAL_AUTHENTICATION.on_ingress(member.ingress) else { return };
    for port in mutual.keys().filter(|port| ports.get(port) != Some(&Protocol::Https)) {
        let message = format!(
            "`mutual-authentication` of port {port} has no effect: the Ingress has no HTTPS listener there"
        );
        cx.report(Diagnostic {
            severity: crate::diagnostic::Severity::Warning,
            ..value
                .error(&code::UNUSED_PORT, message)
                .hint(format!("add {{\"HTTPS\": {port}}} to `listen-ports`, or remove it"))
        });
    }
}

/// What members say of one port, put together.
fn merge<'a, 's>(
    cx: &mut Cx<'a, 's>,
    number: i32,
    asked: &[(&Member<'a, 's>, &Asked<'a, 's>)],
) -> Port {
    let protocol = asked.first().map_or(Protocol::Http, |(_, asked)| asked.ports[&number]);
    for (member, other) in asked {
        if other.ports[&number] != protocol {
            report_protocols(cx, number, asked[0].0, protocol, member, other.ports[&number]);
        }
    }
    let mut origins: Vec<Origin> = Vec::new();
    let mut sources: Vec<Origin> = Vec::new();
    for (member, _) in asked {
        let said = LISTEN_PORTS.on_ingress(member.ingress);
        origins.extend(said.map(|value| value.origin("port")));
    }
    let cidrs =
        agree_on(cx, asked.iter().filter_map(|(_, asked)| asked.cidrs.as_ref()), &mut sources);
    let prefix_lists = agree_on(
        cx,
        asked.iter().filter_map(|(_, asked)| asked.prefix_lists.as_ref()),
        &mut sources,
    );
    let (mut cidrs_v6, mut cidrs_v4): (BTreeSet<String>, BTreeSet<String>) =
        cidrs.into_iter().partition(|cidr| cidr.contains(':'));
    if cidrs_v4.is_empty() && cidrs_v6.is_empty() && prefix_lists.is_empty() {
        cidrs_v4.insert("0.0.0.0/0".to_owned());
        cidrs_v6.insert("::/0".to_owned());
    }
    let tls = protocol == Protocol::Https;
    let mut ssl_policy = None;
    let mut mutual: Option<(MutualAuthentication, &Member<'a, 's>)> = None;
    for (member, asked) in asked.iter().filter(|_| tls) {
        match (&asked.ssl_policy, ssl_policy) {
            (Some(value), None) => {
                origins.push(value.origin("sslPolicy"));
                ssl_policy = Some(*value);
            }
            (Some(value), Some(first)) if first.as_str() != value.as_str() => {
                cx.report(conflict(&first, value));
            }
            _ => {}
        }
        origins.extend(asked.certificate_origin.clone());
        match (asked.mutual.get(&number), &mutual) {
            (Some(said), None) => mutual = Some((said.clone(), *member)),
            (Some(said), Some((first, by))) if first != said => {
                report_mutual(cx, number, by, member);
            }
            _ => {}
        }
    }
    if let Some((_, member)) = &mutual {
        let said = MUTUAL_AUTHENTICATION.on_ingress(member.ingress);
        origins.extend(said.map(|value| value.origin("mutualAuthentication")));
    }
    let default_policy = || cx.settings.default_ssl_policy.clone();
    Port {
        protocol,
        cidrs_v4,
        cidrs_v6,
        prefix_lists,
        ssl_policy: tls
            .then(|| ssl_policy.map_or_else(default_policy, |value| value.as_str().to_owned())),
        certificates: certificate::merge(
            asked.iter().filter(|_| tls).map(|(_, asked)| &*asked.certificates),
        ),
        mutual_authentication: mutual.map(|(said, _)| said),
        members: asked.iter().map(|(member, _)| member.index).collect(),
        origins,
        sources,
    }
}

/// The one set that all members say who say a set with something in it.
fn agree_on<'v, 'a: 'v, 's: 'v>(
    cx: &mut Cx<'a, 's>,
    said: impl Iterator<Item = &'v (BTreeSet<String>, Value<'a, 's>)>,
    origins: &mut Vec<Origin>,
) -> BTreeSet<String> {
    let text = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    let mut first: Option<&(BTreeSet<String>, Value<'a, 's>)> = None;
    for said in said.filter(|(set, _)| !set.is_empty()) {
        match first {
            None => {
                origins.push(said.1.origin("ingress"));
                first = Some(said);
            }
            Some(known) if known.0 != said.0 => {
                cx.report(conflict_of((&known.1, &text(&known.0)), (&said.1, &text(&said.0))));
            }
            Some(_) => {}
        }
    }
    first.map(|(set, _)| set.clone()).unwrap_or_default()
}

fn report_protocols(
    cx: &mut Cx<'_, '_>,
    port: i32,
    first: &Member<'_, '_>,
    first_protocol: Protocol,
    second: &Member<'_, '_>,
    second_protocol: Protocol,
) {
    let place = |member: &Member<'_, '_>| {
        let said = LISTEN_PORTS.on_ingress(member.ingress);
        said.map_or(member.ingress.metadata.span, |value| value.text.span)
    };
    let name = |member: &Member<'_, '_>| member.ingress.metadata.name.to_string();
    let message = format!(
        "port {port} is {} for Ingress `{}`, but {} for Ingress `{}` of the same group",
        second_protocol.as_str(),
        name(second),
        first_protocol.as_str(),
        name(first)
    );
    cx.report(
        Diagnostic::error(&annotation_code::CONFLICT, message)
            .at(place(second))
            .ingress(name(second))
            .path(format!("metadata.annotations[{}]", LISTEN_PORTS.full_name()))
            .label("disagrees")
            .hint("give one port one protocol in the whole group")
            .related(Related {
                message: format!("{} here", first_protocol.as_str()),
                ingress: Some(name(first)),
                span: Some(place(first)),
            }),
    );
}

fn report_mutual(cx: &mut Cx<'_, '_>, port: i32, first: &Member<'_, '_>, second: &Member<'_, '_>) {
    let values = MUTUAL_AUTHENTICATION
        .on_ingress(first.ingress)
        .zip(MUTUAL_AUTHENTICATION.on_ingress(second.ingress));
    if let Some((first, second)) = values {
        let mut finding = conflict(&first, &second);
        finding.message = format!("{} (port {port})", finding.message);
        cx.report(finding);
    }
}
