//! Security groups: the managed one, named ones, and the cluster's shared backend group.

use super::listen_port::Port;
use super::merge::{agreed, agreed_among, shorten};
use super::{Cx, json_text, name, pattern, subnet, tags};
use crate::annotation::access::{MANAGE_BACKEND_SECURITY_GROUP_RULES, SECURITY_GROUPS};
use crate::annotation::{Annotation, Value};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::nearest;
use crate::graph::{Origin, Resource, Stack};
use crate::inventory;
use crate::resource::{
    Address, IpPermission, IpRange, Ipv6Range, Kind, Output, PrefixList, Ref, SecurityGroup, Spec,
    Token,
};
use crate::settings::Settings;
use crate::tag;
use std::collections::{BTreeMap, BTreeSet};

/// The id of a stack's managed security group.
pub const MANAGED: &str = "ManagedLBSecurityGroup";
const DESCRIPTION: &str = "[k8s] Managed SecurityGroup for LoadBalancer";
const SHARED_DESCRIPTION: &str = "[k8s] Shared Backend SecurityGroup for LoadBalancer";

/// The load balancer's security groups, and who says so. Sets the backend group of the bindings.
pub(super) fn lower(
    cx: &mut Cx<'_, '_>,
    ports: &BTreeMap<i32, Port>,
    ip_address_type: &str,
) -> (Vec<Token>, Vec<Origin>) {
    let named = agreed(cx, &SECURITY_GROUPS, |value| Ok(texts(value)));
    let Some((items, value)) = named.filter(|(items, _)| !items.is_empty()) else {
        return (managed(cx, ports, ip_address_type), Vec::new());
    };
    let mut origins = vec![value.origin("securityGroups")];
    let mut groups = resolve(cx, &items, &value);
    let manage = agreed(cx, &MANAGE_BACKEND_SECURITY_GROUP_RULES, Value::boolean);
    let manages = match &manage {
        Some((manage, _)) => *manage,
        None => cx.settings.enable_manage_backend_security_group_rules,
    };
    if manages {
        if !cx.settings.enable_backend_security_group {
            let asked = manage.map_or(value, |(_, value)| value);
            let message = "the shared backend security group is switched off by the settings, so its rules cannot be managed";
            cx.report(asked.error(&code::NO_BACKEND_GROUP, message).hint(
                "write enableBackendSecurityGroup: true in the values, or manage-backend-security-group-rules: 'false'",
            ));
            return (groups, origins);
        }
        origins.extend(manage.map(|(_, value)| value.origin("securityGroups")));
        let shared = shared(cx);
        cx.backend_sg = Some(shared.clone());
        groups.push(shared);
    }
    (groups, origins)
}

/// Ids of security groups given by id or by their `Name` tag: ids first, then names, each in the
/// order of the inventory. What cannot be found is reported.
pub(super) fn resolve(cx: &mut Cx<'_, '_>, given: &[String], value: &Value<'_, '_>) -> Vec<Token> {
    let (ids, names): (Vec<&str>, Vec<&str>) =
        given.iter().map(String::as_str).partition(|text| text.starts_with("sg-"));
    let vpc = subnet::vpc_id(cx);
    let inventory = cx.inventory;
    let name_of = |group: &inventory::SecurityGroup| group.tags.get("Name").cloned();
    let in_vpc = |group: &&inventory::SecurityGroup| {
        let own = &inventory.vpc.vpc_id;
        (if group.vpc_id.is_empty() { own } else { &group.vpc_id }) == vpc
    };
    let by_id: Vec<_> =
        inventory.security_groups.iter().filter(|g| ids.contains(&&*g.group_id)).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    let by_name: Vec<_> = inventory
        .security_groups
        .iter()
        .filter(in_vpc)
        .filter(|g| {
            name_of(g).is_some_and(|tag| distinct.iter().any(|n| pattern::matches(n, &tag)))
        })
        .collect();
    let found: BTreeSet<String> = by_name.iter().filter_map(|g| name_of(g)).collect();
    let whole = by_id.len() == ids.len() && found.len() == distinct.len();
    if !whole {
        report_missing(cx, given, value, &found);
    }
    let groups = by_id.into_iter().chain(by_name);
    groups.map(|group| Token::Literal(group.group_id.clone())).collect()
}

fn report_missing(
    cx: &mut Cx<'_, '_>,
    given: &[String],
    value: &Value<'_, '_>,
    names: &BTreeSet<String>,
) {
    let known = &cx.inventory.security_groups;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut findings = Vec::new();
    for item in value.list() {
        let text = item.text.as_str();
        let given = given.iter().find(|given| *given == text).map(String::as_str);
        let is_id = text.starts_with("sg-");
        let there = match is_id {
            true => known.iter().any(|group| group.group_id == text),
            false => names.iter().any(|name| pattern::matches(text, name)),
        };
        let again = given.is_some_and(|given| !seen.insert(given));
        let message = match (there, again) {
            (false, _) => format!("the security group `{text}` is not in the inventory"),
            (true, true) if is_id => format!("the security group `{text}` is given twice"),
            _ => continue,
        };
        let ids = known.iter().map(|group| group.group_id.as_str());
        let tags = known.iter().filter_map(|group| group.tags.get("Name")).map(String::as_str);
        let hint = match (again, nearest(text, ids.chain(tags)), cx.inventory.file) {
            (true, ..) => "name it once".to_owned(),
            (_, Some(near), _) => format!("did you mean `{near}`?"),
            (.., None) => "give an inventory with --inventory FILE, or name one in ingc.yaml".to_owned(),
            _ => "name a security group of the inventory by id or by its `Name` tag, or add it under `securityGroups`".to_owned(),
        };
        findings
            .push(value.error_at(item.range, &code::UNKNOWN_SECURITY_GROUP, message).hint(hint));
    }
    if findings.is_empty() {
        let message = format!(
            "the names in {} lead to more than one security group each",
            shorten(value.as_str())
        );
        findings.push(
            value.error(&code::UNKNOWN_SECURITY_GROUP, message).hint("name security groups by id"),
        );
    }
    findings.into_iter().for_each(|finding| cx.report(finding));
}

/// Named security groups of the frontend NLB; none where nobody names any.
pub(super) fn of_frontend_nlb(
    cx: &mut Cx<'_, '_>,
    row: &'static Annotation,
) -> Option<(Vec<Token>, Origin)> {
    let members = &cx.group.members;
    let said: Vec<_> = members.iter().filter_map(|m| row.on_ingress(m.ingress)).collect();
    let (items, value) = agreed_among(cx, said, |value| Ok(texts(value)))?;
    if items.is_empty() {
        return None;
    }
    Some((resolve(cx, &items, &value), value.origin("securityGroups")))
}

fn texts(value: &Value<'_, '_>) -> Vec<String> {
    value.list().into_iter().map(|item| item.text).collect()
}

/// The managed group and, unless it is switched off, the shared one behind it.
fn managed(cx: &mut Cx<'_, '_>, ports: &BTreeMap<i32, Port>, ip_address_type: &str) -> Vec<Token> {
    let members = cx.group.members.clone();
    let hash = name::hash(&[&cx.settings.cluster_name, &cx.group.id]);
    let mut ingress: Vec<_> = ports
        .iter()
        .flat_map(|(port, config)| permissions(*port, config, ip_address_type))
        .collect();
    json_text::sort(&mut ingress);
    let spec = SecurityGroup {
        description: DESCRIPTION.to_owned(),
        group_name: name::of_group(cx.group, &hash),
        ingress,
        tags: tags::of_members(cx, &members),
    };
    let mut resource = Resource::new(Spec::SecurityGroup(spec));
    resource.origins.extend(members.first().map(Cx::whole));
    for port in ports.values() {
        resource.origins.extend(port.sources.iter().cloned());
    }
    resource.origins.extend(members.iter().flat_map(tags::origins));
    resource.origins.dedup();
    cx.stack.insert(MANAGED, resource);
    let managed = Token::Ref(Ref::new(Kind::SecurityGroup, MANAGED, Output::GroupId));
    if !cx.settings.enable_backend_security_group {
        cx.backend_sg = Some(managed.clone());
        return vec![managed];
    }
    let shared = shared(cx);
    cx.backend_sg = Some(shared.clone());
    vec![managed, shared]
}

fn permissions(port: i32, config: &Port, ip_address_type: &str) -> Vec<IpPermission> {
    let open = || IpPermission {
        ip_protocol: "tcp".to_owned(),
        from_port: Some(port),
        to_port: Some(port),
        ..IpPermission::default()
    };
    let ipv4 = config
        .cidrs_v4
        .iter()
        .map(|cidr| IpPermission { ip_ranges: vec![IpRange { cidr_ip: cidr.clone() }], ..open() });
    let ipv6 = config.cidrs_v6.iter().filter(|_| subnet::has_ipv6(ip_address_type));
    let ipv6 = ipv6.map(|cidr| IpPermission {
        ipv6_ranges: vec![Ipv6Range { cidr_ipv6: cidr.clone() }],
        ..open()
    });
    let lists = config.prefix_lists.iter().map(|list| IpPermission {
        prefix_lists: vec![PrefixList { list_id: list.clone() }],
        ..open()
    });
    ipv4.chain(ipv6).chain(lists).collect()
}

/// The cluster's shared backend group: the settings' own, the one in the account, or one to make.
fn shared(cx: &Cx<'_, '_>) -> Token {
    if let Some(id) = cx.settings.backend_security_group.as_ref().filter(|id| !id.is_empty()) {
        return Token::Literal(id.clone());
    }
    let vpc = subnet::vpc_id(cx);
    let found = cx.inventory.security_groups.iter().find(|group| {
        let of = if group.vpc_id.is_empty() { &cx.inventory.vpc.vpc_id } else { &group.vpc_id };
        of == vpc
            && group.tags.get(tag::CLUSTER) == Some(&cx.settings.cluster_name)
            && group.tags.get(tag::CLUSTER_RESOURCE).is_some_and(|value| value == tag::BACKEND_SG)
    });
    match found {
        Some(group) => Token::Literal(group.group_id.clone()),
        None => Token::Ref(Ref::new(Kind::SecurityGroup, tag::BACKEND_SG, Output::GroupId)),
    }
}

/// The stack of what the cluster shares, if one of the stacks refers to it, or another one that is
/// not among them.
pub fn cluster_stack<'a>(
    settings: &Settings,
    stacks: impl IntoIterator<Item = &'a Stack>,
    is_used_elsewhere: bool,
) -> Option<Stack> {
    let is_shared = |reference: &Ref| {
        reference.kind == Kind::SecurityGroup && &*reference.id == tag::BACKEND_SG
    };
    let asking = stacks.into_iter().find_map(|stack| {
        let address = Address::new(stack.id.clone(), Kind::LoadBalancer, super::load_balancer::ID);
        let resource = stack.resources.get(&address)?;
        resource.refs().iter().any(is_shared).then_some(resource)
    });
    if asking.is_none() && !is_used_elsewhere {
        return None;
    }
    let name: String = settings.cluster_name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name: String = name.chars().take(232).collect();
    let hash = name::hash(&[&settings.cluster_name]);
    let spec = SecurityGroup {
        description: SHARED_DESCRIPTION.to_owned(),
        group_name: format!("k8s-traffic-{name}-{}", &hash[..10]),
        ingress: Vec::new(),
        tags: settings.default_tags.clone(),
    };
    let mut stack = Stack { id: tag::CLUSTER_STACK.into(), ..Stack::default() };
    let mut resource = Resource::new(Spec::SecurityGroup(spec));
    resource.origins.extend(asking.and_then(|asking| asking.origins.first().cloned()));
    stack.insert(tag::BACKEND_SG, resource);
    Some(stack)
}
