//! The load balancer of a group.

use super::listen_port::Port;
use super::merge::{agreed, conflict, said};
use super::subnet::{self, Refusal, Wanted};
use super::{Cx, attribute, name, security_group, tags};
use crate::annotation::load_balancer::{
    IPAM_IPV4_POOL_ID, MINIMUM_LOAD_BALANCER_CAPACITY, SUBNETS,
};
use crate::annotation::{self, Annotation, Merge, Set, Value, parse_int};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, Related};
use crate::graph::{Origin, Resource};
use crate::group::Member;
use crate::manifest::IngressClassParams;
use crate::resource::{
    Kind, LoadBalancer, MinimumCapacity, Output, Ref, Spec, SubnetMapping, Token,
};
use crate::tag;
use std::collections::BTreeMap;

/// The id of a stack's ALB.
pub const ID: &str = "LoadBalancer";
const CAPACITY_UNITS: &str = "CapacityUnits";

/// The ALB's ARN.
pub fn arn() -> Token {
    Token::Ref(Ref::new(Kind::LoadBalancer, ID, Output::LoadBalancerArn))
}

/// Makes the load balancer with its security groups, and gives its spec for the frontend NLB.
pub(super) fn lower(cx: &mut Cx<'_, '_>, ports: &BTreeMap<i32, Port>) -> LoadBalancer {
    let members = cx.group.members.clone();
    let mut origins: Vec<Origin> = members.first().map(Cx::whole).into_iter().collect();
    let mut spec = LoadBalancer {
        scheme: cx.settings.default_load_balancer_scheme.clone(),
        ip_address_type: "ipv4".to_owned(),
        load_balancer_type: "application".to_owned(),
        ..LoadBalancer::default()
    };
    let mut named = false;
    for row in annotation::annotations() {
        if let Set::LoadBalancer(set) = row.set {
            named |=
                apply(cx, row, set, &mut spec, &mut origins) && row.name == "load-balancer-name";
        }
    }
    cx.ip_address_type.clone_from(&spec.ip_address_type);
    if !named {
        let hash = name::hash(&[&cx.settings.cluster_name, &cx.group.id, &spec.scheme]);
        spec.name = name::of_group(cx.group, &hash);
    }
    let wanted =
        Wanted { network: false, scheme: &spec.scheme, ip_address_type: &spec.ip_address_type };
    let subnets = subnets(cx, wanted, &mut origins);
    spec.subnet_mapping = mappings(subnets);
    let (groups, said) = security_group::lower(cx, ports, &spec.ip_address_type);
    spec.security_groups = groups;
    origins.extend(said);
    let (attributes, said) = attribute::of_load_balancer(cx);
    spec.load_balancer_attributes = attributes;
    origins.extend(said);
    spec.tags = tags::of_members(cx, &members);
    origins.extend(members.iter().flat_map(tags::origins));
    spec.minimum_load_balancer_capacity = capacity(cx, &mut origins);
    spec.ipv4_ipam_pool = ipam_pool(cx, &mut origins);
    let mut resource = Resource::new(Spec::LoadBalancer(spec.clone().into()));
    resource.origins = origins;
    cx.stack.insert(ID, resource);
    spec
}

/// Subnets as the spec lists them.
pub(super) fn mappings(subnets: Vec<String>) -> Vec<SubnetMapping> {
    let mapping = |subnet_id| SubnetMapping { allocation_id: None, subnet_id };
    subnets.into_iter().map(mapping).collect()
}

type SetLoadBalancer =
    fn(Value<'_, '_>, &mut LoadBalancer) -> Result<(), crate::diagnostic::Diagnostics>;

/// Writes what the members say of a row into the spec. True if anybody says anything.
fn apply(
    cx: &mut Cx<'_, '_>,
    row: &'static Annotation,
    set: SetLoadBalancer,
    spec: &mut LoadBalancer,
    origins: &mut Vec<Origin>,
) -> bool {
    debug_assert_eq!(row.merge, Merge::Exclusive, "{} is shared by the members", row.name);
    let Some((_, value)) = agreed(cx, row, |value| Ok(value.as_str().to_owned())) else {
        return cx.group.members.iter().any(|member| said(member, row).is_some());
    };
    cx.accept(set(value, spec));
    let field = row.sets.strip_prefix("LoadBalancer.").unwrap_or(row.sets);
    origins.push(value.origin(field));
    true
}

fn subnets<'a, 's>(
    cx: &mut Cx<'a, 's>,
    wanted: Wanted<'_>,
    origins: &mut Vec<Origin>,
) -> Vec<String> {
    let members = &cx.group.members;
    let class = |member: &Member<'a, 's>| {
        let params = member.class_params?;
        params.subnets.as_ref().map(|_| (*member, params))
    };
    let by_class: Vec<_> = members.iter().filter_map(class).collect();
    let annotated: Vec<_> = members
        .iter()
        .filter(|member| class(member).is_none())
        .filter_map(|member| SUBNETS.on_ingress(member.ingress))
        .collect();
    if let Some((member, params)) = by_class.first() {
        let origin = class_origin(params, "subnetMapping");
        origins.extend(origin);
        if let Some(other) = annotated.first() {
            report_class_and_annotation(cx, params, other);
        }
        for (other, other_params) in &by_class[1..] {
            if !same_subnets(params, other_params) {
                report_classes(cx, (member, params), (other, other_params));
            }
        }
        return of_class(cx, params, wanted);
    }
    if !annotated.is_empty() {
        return named_subnets(cx, annotated, wanted, origins).unwrap_or_default();
    }
    if let Some(existing) = existing(cx).filter(|balancer| balancer.scheme == wanted.scheme) {
        return existing.subnet_ids.clone();
    }
    let found = subnet::discovered(cx, wanted);
    discovered_or_report(cx, found)
}

/// The subnets, or nothing after reporting why none were found.
pub(super) fn discovered_or_report(
    cx: &mut Cx<'_, '_>,
    found: Result<Vec<String>, Refusal>,
) -> Vec<String> {
    let refusal = match found {
        Ok(subnets) => return subnets,
        Err(refusal) => refusal,
    };
    if let Some(member) = cx.group.members.first() {
        let finding = Diagnostic::error(&code::NO_SUBNETS, refusal.message)
            .at(member.ingress.metadata.span)
            .ingress(member.ingress.metadata.name.to_string())
            .path("metadata.name")
            .label("needs subnets")
            .hint(refusal.hint);
        cx.report(finding);
    }
    Vec::new()
}

/// The subnets that annotations name. None after reporting why they cannot be used.
pub(super) fn named_subnets<'a, 's>(
    cx: &mut Cx<'a, 's>,
    said: Vec<Value<'a, 's>>,
    wanted: Wanted<'_>,
    origins: &mut Vec<Origin>,
) -> Option<Vec<String>> {
    let first = *said.first()?;
    let sorted = |value: &Value<'_, '_>| {
        let mut items: Vec<_> = value.list().into_iter().map(|item| item.text).collect();
        items.sort();
        items
    };
    for other in &said[1..] {
        if sorted(&first) != sorted(other) {
            cx.report(conflict(&first, other));
        }
    }
    origins.push(first.origin("subnetMapping"));
    let items = first.list();
    let given: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    match subnet::by_name_or_id(cx, &given, wanted) {
        Ok(subnets) => Some(subnets),
        Err(refusals) => {
            for refusal in refusals {
                let finding = match refusal.item {
                    Some(i) => {
                        first.error_at(items[i].range.clone(), &code::BAD_SUBNETS, refusal.message)
                    }
                    None => first.error(&code::BAD_SUBNETS, refusal.message),
                };
                cx.report(finding.hint(refusal.hint));
            }
            None
        }
    }
}

fn class_origin(params: &IngressClassParams<'_>, field: &'static str) -> Option<Origin> {
    let span = params.subnets.as_ref()?.span;
    Some(Cx::origin(field, &params.metadata, "subnets", span))
}

fn of_class(
    cx: &mut Cx<'_, '_>,
    params: &IngressClassParams<'_>,
    wanted: Wanted<'_>,
) -> Vec<String> {
    let Some(subnets) = &params.subnets else { return Vec::new() };
    let found = if subnets.ids.is_empty() {
        let tags = subnets.tags.iter().flatten();
        let tags: Vec<(&str, Vec<&str>)> = tags
            .map(|(key, values)| (key.as_str(), values.iter().map(|v| v.as_str()).collect()))
            .collect();
        subnet::by_class_tags(cx, &tags, wanted).map_err(|refusal| vec![refusal])
    } else {
        let ids: Vec<&str> = subnets.ids.iter().map(|id| id.as_str()).collect();
        subnet::by_class_ids(cx, &ids, wanted)
    };
    found.unwrap_or_else(|refusals| {
        for refusal in refusals {
            let at =
                refusal.item.and_then(|i| subnets.ids.get(i)).map_or(subnets.span, |id| id.span);
            let finding = Diagnostic::error(&code::BAD_SUBNETS, refusal.message)
                .at(at)
                .object(format!("IngressClassParams/{}", params.metadata.name))
                .path("spec.subnets")
                .hint(refusal.hint);
            cx.report(finding);
        }
        Vec::new()
    })
}

fn same_subnets(a: &IngressClassParams<'_>, b: &IngressClassParams<'_>) -> bool {
    let plain = |params: &IngressClassParams<'_>| {
        let subnets = params.subnets.as_ref()?;
        let texts = |list: &[crate::yaml::Text<'_>]| {
            list.iter().map(|text| text.as_str().to_owned()).collect::<Vec<_>>()
        };
        let tags = subnets.tags.as_ref().map(|tags| {
            let pairs = tags.iter().map(|(key, values)| (key.as_str().to_owned(), texts(values)));
            pairs.collect::<BTreeMap<_, _>>()
        });
        Some((texts(&subnets.ids), tags))
    };
    plain(a) == plain(b)
}

fn report_class_and_annotation(
    cx: &mut Cx<'_, '_>,
    params: &IngressClassParams<'_>,
    other: &Value<'_, '_>,
) {
    let message = format!(
        "Ingress `{}` names subnets, but IngressClassParams `{}` of another member of the group does so too",
        other.object, params.metadata.name
    );
    let related = Related {
        message: "the class's subnets".to_owned(),
        ingress: None,
        span: params.subnets.as_ref().map(|subnets| subnets.span),
    };
    cx.report(
        other
            .error(&crate::diagnostic::code::annotation::CONFLICT, message)
            .hint("remove the annotation")
            .related(related),
    );
}

fn report_classes(
    cx: &mut Cx<'_, '_>,
    (_, first): (&Member<'_, '_>, &IngressClassParams<'_>),
    (member, second): (&Member<'_, '_>, &IngressClassParams<'_>),
) {
    let message = format!(
        "IngressClassParams `{}` and `{}` name different subnets, but their Ingresses share a group",
        first.metadata.name, second.metadata.name
    );
    let at = |params: &IngressClassParams<'_>| params.subnets.as_ref().map(|subnets| subnets.span);
    let mut finding = Diagnostic::error(&crate::diagnostic::code::annotation::CONFLICT, message)
        .ingress(member.ingress.metadata.name.to_string())
        .object(format!("IngressClassParams/{}", second.metadata.name))
        .path("spec.subnets")
        .hint("give both the same subnets")
        .related(Related {
            message: "the other subnets".to_owned(),
            ingress: None,
            span: at(first),
        });
    finding.span = at(second);
    cx.report(finding);
}

/// The load balancer that the account holds for this stack.
fn existing<'a>(cx: &Cx<'a, '_>) -> Option<&'a crate::inventory::LoadBalancer> {
    let ours = |balancer: &&crate::inventory::LoadBalancer| {
        balancer.tags.get(tag::CLUSTER) == Some(&cx.settings.cluster_name)
            && balancer.tags.get(tag::STACK) == Some(&cx.group.id)
            && balancer.load_balancer_type != "network"
    };
    cx.inventory.load_balancers.iter().find(ours)
}

/// Reserved capacity: the first member's class, or the members' annotations put together.
fn capacity(cx: &mut Cx<'_, '_>, origins: &mut Vec<Origin>) -> Option<MinimumCapacity> {
    if !cx.settings.feature_gates.lb_capacity_reservation {
        return None;
    }
    let leader = cx.group.members.first().and_then(|member| member.class_params);
    if let Some((params, units)) = leader.and_then(|p| p.capacity_units.map(|units| (p, units))) {
        origins.push(Cx::origin(
            "minimumLoadBalancerCapacity",
            &params.metadata,
            "minimumLoadBalancerCapacity.capacityUnits",
            units.span,
        ));
        return Some(MinimumCapacity { capacity_units: units.value });
    }
    let mut first: Option<(String, Value<'_, '_>)> = None;
    let mut units = None;
    for member in &cx.group.members {
        let Some(value) = MINIMUM_LOAD_BALANCER_CAPACITY.on_ingress(member.ingress) else {
            continue;
        };
        let Some(pairs) = cx.accept(value.map()) else { continue };
        for pair in pairs {
            if pair.key != CAPACITY_UNITS {
                let message = format!("`{}` is not a key of `{}`", pair.key, value.name);
                let hint = format!("write {CAPACITY_UNITS}={}", pair.value);
                cx.report(value.error_at(pair.range, &code::BAD_CAPACITY, message).hint(hint));
                continue;
            }
            match &first {
                Some((known, other)) if *known != pair.value => cx.report(conflict(other, &value)),
                Some(_) => {}
                None => {
                    match parse_int(&pair.value, i64::from(i32::MIN), i64::from(i32::MAX)) {
                        Some(number) => units = Some(MinimumCapacity { capacity_units: number }),
                        None => {
                            let message = format!("`{}` is not a whole number", pair.value);
                            let finding =
                                value.error_at(pair.range.clone(), &code::BAD_CAPACITY, message);
                            cx.report(finding.hint(format!("write {CAPACITY_UNITS}=1000")));
                        }
                    }
                    origins.push(value.origin("minimumLoadBalancerCapacity"));
                    first = Some((pair.value, value));
                }
            }
        }
    }
    units
}

/// The IPAM pool: the first member's class, or what the members agree on.
fn ipam_pool(cx: &mut Cx<'_, '_>, origins: &mut Vec<Origin>) -> Option<String> {
    let leader = cx.group.members.first().and_then(|member| member.class_params);
    if let Some(value) = leader.and_then(|params| IPAM_IPV4_POOL_ID.in_class(params)) {
        origins.push(value.origin("ipv4IPAMPool"));
        return Some(value.as_str().to_owned());
    }
    let members = cx.group.members.iter();
    let said: Vec<_> = members
        .filter_map(|member| IPAM_IPV4_POOL_ID.on_ingress(member.ingress))
        .filter(|value| !value.as_str().is_empty())
        .collect();
    let (pool, value) =
        super::merge::agreed_among(cx, said, |value| Ok(value.as_str().to_owned()))?;
    origins.push(value.origin("ipv4IPAMPool"));
    Some(pool)
}
