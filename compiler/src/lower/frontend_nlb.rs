//! The network load balancer in front of an ALB: its spec, listeners and target groups.

use super::listen_port::Port;
use super::load_balancer::{self, discovered_or_report, mappings, named_subnets};
use super::merge::{agreed, agreed_among, conflict};
use super::subnet::{self, Wanted};
use super::{Cx, frontend_nlb_port, json_text, name, security_group, tags};
use crate::annotation::attribute_value::{self, NETWORK_LOAD_BALANCER};
use crate::annotation::frontend_nlb::{
    ENABLE_FRONTEND_NLB, FRONTEND_NLB_ATTRIBUTES, FRONTEND_NLB_EIP_ALLOCATIONS,
    FRONTEND_NLB_SCHEME, FRONTEND_NLB_SECURITY_GROUPS, FRONTEND_NLB_SUBNETS, FRONTEND_NLB_TAGS,
};
use crate::annotation::load_balancer::SCHEMES;
use crate::annotation::{Annotation, Pair, Value};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::graph::{Origin, Resource};
use crate::resource::{
    Attribute, Kind, LoadBalancer, Output, Ref, Spec, SubnetMapping, Tags, Token,
};
use std::collections::BTreeMap;

/// The id of a stack's NLB, and what the ids of its listeners and target groups start with.
pub(super) const ID: &str = "FrontendNlb";
const SUFFIX: &str = "-nlb";
const MAX_BASE: usize = 28;
const ROUTING_POLICY: &str = "dns_record.client_routing_policy";
const ROUTING_POLICIES: [&str; 3] =
    ["any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"];

/// The NLB's ARN.
pub(super) fn arn() -> Token {
    Token::Ref(Ref::new(Kind::LoadBalancer, ID, Output::LoadBalancerArn))
}

/// Makes the NLB and what belongs to it, if the members ask for one.
pub(super) fn lower(cx: &mut Cx<'_, '_>, alb: &LoadBalancer, ports: &BTreeMap<i32, Port>) {
    let Some((true, asked)) = agreed(cx, &ENABLE_FRONTEND_NLB, Value::boolean) else { return };
    let mut origins = vec![asked.origin("")];
    let scheme = match agreed(cx, &FRONTEND_NLB_SCHEME, |value| value.one_of(SCHEMES)) {
        Some((scheme, value)) => {
            origins.push(value.origin("scheme"));
            scheme.to_owned()
        }
        None => cx.settings.default_load_balancer_scheme.clone(),
    };
    let named = security_group::of_frontend_nlb(cx, &FRONTEND_NLB_SECURITY_GROUPS);
    let security_groups = match named {
        Some((groups, origin)) => {
            origins.push(origin);
            groups
        }
        None => alb.security_groups.clone(),
    };
    let subnet_mapping = subnet_mapping(cx, &scheme, &alb.ip_address_type, &mut origins);
    let tags = nlb_tags(cx, alb, &mut origins);
    let spec = LoadBalancer {
        name: nlb_name(cx, alb, &scheme),
        scheme,
        ip_address_type: alb.ip_address_type.clone(),
        load_balancer_attributes: attributes(cx, &mut origins),
        security_groups,
        subnet_mapping,
        tags: tags.clone(),
        load_balancer_type: "network".to_owned(),
        ..LoadBalancer::default()
    };
    let mut resource = Resource::new(Spec::LoadBalancer(spec.into()));
    resource.origins = origins;
    cx.stack.insert(ID, resource);
    frontend_nlb_port::lower(cx, ports, &tags, &asked);
}

/// The ALB's name and a suffix; where the ALB's is empty, a hash as the controller makes it.
fn nlb_name(cx: &Cx<'_, '_>, alb: &LoadBalancer, scheme: &str) -> String {
    if !alb.name.is_empty() {
        let mut end = alb.name.len().min(MAX_BASE);
        while !alb.name.is_char_boundary(end) {
            end -= 1;
        }
        return format!("{}{SUFFIX}", &alb.name[..end]);
    }
    let hash = name::hash(&[&cx.settings.cluster_name, &cx.group.id, scheme]);
    match cx.group.id.split_once('/') {
        Some((namespace, own)) if !cx.group.explicit => {
            let (namespace, own) = (name::alphanumeric(namespace, 8), name::alphanumeric(own, 8));
            format!("k8s-{namespace}-{own}-{}{SUFFIX}", &hash[..6])
        }
        _ => format!("k8s-{}-{}{SUFFIX}", name::alphanumeric(&cx.group.id, 16), &hash[..8]),
    }
}

/// What all members that carry an annotation say of it.
fn said<'a, 's>(cx: &Cx<'a, 's>, row: &'static Annotation) -> Vec<Value<'a, 's>> {
    cx.group.members.iter().filter_map(|member| row.on_ingress(member.ingress)).collect()
}

fn subnet_mapping(
    cx: &mut Cx<'_, '_>,
    scheme: &str,
    ip_address_type: &str,
    origins: &mut Vec<Origin>,
) -> Vec<SubnetMapping> {
    let wanted = Wanted { network: true, scheme, ip_address_type };
    let named = said(cx, &FRONTEND_NLB_SUBNETS);
    let subnets = if named.is_empty() {
        let found = subnet::discovered(cx, wanted);
        discovered_or_report(cx, found)
    } else {
        named_subnets(cx, named, wanted, origins).unwrap_or_default()
    };
    let mut mapping = mappings(subnets);
    let allocations = said(cx, &FRONTEND_NLB_EIP_ALLOCATIONS);
    let Some(first) = allocations.first().copied() else { return mapping };
    if scheme != "internet-facing" {
        let message = "only an internet-facing NLB has Elastic IPs";
        let hint = "write frontend-nlb-scheme: internet-facing, or remove the annotation";
        cx.report(first.error(&code::NLB_ELASTIC_IPS, message).hint(hint));
    }
    let sorted = |value: &Value<'_, '_>| {
        let mut items: Vec<_> = value.list().into_iter().map(|item| item.text).collect();
        items.sort();
        Ok(items)
    };
    agreed_among(cx, allocations, sorted);
    let items = first.list();
    if !items.is_empty() && !mapping.is_empty() && items.len() != mapping.len() {
        let message = format!(
            "`frontend-nlb-eip-allocations` names {} of them, and the NLB has {} subnets",
            items.len(),
            mapping.len()
        );
        let hint = "name one Elastic IP per subnet";
        cx.report(first.error(&code::NLB_ELASTIC_IPS, message).hint(hint));
    }
    if !items.is_empty() {
        origins.push(first.origin("subnetMapping"));
    }
    for (mapping, item) in mapping.iter_mut().zip(items) {
        mapping.allocation_id = Some(item.text);
    }
    mapping
}

/// Tags of the NLB: its own, which members repeat exactly, or else those of the ALB.
fn nlb_tags(cx: &mut Cx<'_, '_>, alb: &LoadBalancer, origins: &mut Vec<Origin>) -> Tags {
    let said = said(cx, &FRONTEND_NLB_TAGS);
    if said.is_empty() {
        let members = &cx.group.members;
        origins.extend(members.iter().flat_map(tags::origins));
        return alb.tags.clone();
    }
    let Some((tags, value)) = agreed_among(cx, said, |value| value.map().map(pairs)) else {
        return Tags::new();
    };
    origins.push(value.origin("tags"));
    tags.into()
}

fn pairs(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}

/// Attributes of the NLB. A member that says nothing disagrees with an earlier one that does.
fn attributes(cx: &mut Cx<'_, '_>, origins: &mut Vec<Origin>) -> Vec<Attribute> {
    let mut chosen: Option<(BTreeMap<String, String>, Value<'_, '_>)> = None;
    for member in &cx.group.members {
        let value = FRONTEND_NLB_ATTRIBUTES.on_ingress(member.ingress);
        let read = match value {
            Some(value) => {
                let Some(read) = cx.accept(value.map()) else { continue };
                for pair in &read {
                    let doubt = attribute_value::doubt(NETWORK_LOAD_BALANCER, &value, pair);
                    doubt.into_iter().for_each(|finding| cx.report(finding));
                }
                Some((pairs(read), value))
            }
            None => None,
        };
        match (&chosen, read) {
            (None, read) => chosen = read,
            (Some((first, _)), Some((read, _))) if *first == read => {}
            (Some((_, first)), Some((_, second))) => cx.report(conflict(first, &second)),
            (Some((_, first)), None) => {
                let name = &member.ingress.metadata.name;
                let message = format!(
                    "Ingress `{}` sets `{}`, and Ingress `{name}` behind it in the group does not repeat it",
                    first.object, first.name
                );
                let finding =
                    Diagnostic::error(&crate::diagnostic::code::annotation::CONFLICT, message)
                        .at(member.ingress.metadata.span)
                        .ingress(name.to_string())
                        .path("metadata.annotations")
                        .hint(format!(
                            "write {}: {}",
                            FRONTEND_NLB_ATTRIBUTES.full_name(),
                            first.as_str()
                        ))
                        .related(first.related("set here"));
                cx.report(finding);
            }
        }
    }
    let Some((attributes, value)) = chosen else { return Vec::new() };
    origins.push(value.origin("loadBalancerAttributes"));
    if let Some(policy) = attributes.get(ROUTING_POLICY) {
        check_routing_policy(cx, policy, &value);
    }
    let mut attributes: Vec<_> =
        attributes.into_iter().map(|(key, value)| Attribute { key, value }).collect();
    json_text::sort(&mut attributes);
    attributes
}

fn check_routing_policy(cx: &mut Cx<'_, '_>, policy: &str, value: &Value<'_, '_>) {
    if ROUTING_POLICIES.contains(&policy) {
        return;
    }
    let pair =
        value.map().ok().and_then(|pairs| pairs.into_iter().find(|p| p.key == ROUTING_POLICY));
    let range = pair.map_or(0..value.as_str().len(), |pair| pair.range);
    let message = format!("`{policy}` is not a value of `{ROUTING_POLICY}`");
    let hint = match nearest(policy, ROUTING_POLICIES) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", ROUTING_POLICIES.join(", ")),
    };
    cx.report(value.error_at(range, &code::NLB_ROUTING_POLICY, message).hint(hint));
}

/// The ALB as the target of the NLB.
pub(super) fn target() -> Token {
    load_balancer::arn()
}
