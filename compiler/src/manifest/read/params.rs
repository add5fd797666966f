//! IngressClassParams.

use super::schema;
use crate::diagnostic::code::manifest as code;
use crate::manifest::{
    Attribute, ClassListener, ClassSubnets, IngressClassParams, LabelSelector,
    LabelSelectorRequirement, Metadata,
};
use crate::schema::{At, Path, Reader};
use crate::source::Spanned;
use crate::yaml::{NodeKind, Text};

const INT32: std::ops::RangeInclusive<i64> = i32::MIN as i64..=i32::MAX as i64;

pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
) -> IngressClassParams<'s> {
    let mut params = empty(metadata);
    let spec = r.fields(object, &schema::PARAMS).and_then(|[spec, ..]| spec);
    let Some(spec) = spec else { return params };
    let Some(fields) = r.fields(&spec, &schema::PARAMS_SPEC) else { return params };
    let [
        certificate_arn,
        namespace_selector,
        group,
        scheme,
        inbound_cidrs,
        ssl_policy,
        ssl_redirect_port,
        subnets,
        ip_address_type,
        tags,
        target_type,
        load_balancer_attributes,
        listeners,
        capacity,
        ipam,
        prefix_lists_ids,
        prefix_lists_ids_legacy,
        load_balancer_name,
        wafv2_acl_arn,
        wafv2_acl_name,
    ] = fields;
    if let (Some(_), Some(legacy)) = (&prefix_lists_ids, &prefix_lists_ids_legacy) {
        let message = "`prefixListsIDs` and `PrefixListsIDs` are both given";
        r.error(legacy, &code::TWO_PREFIX_LISTS, message, "move its entries to `prefixListsIDs`");
    }
    params.certificate_arn = r.texts(certificate_arn);
    params.namespace_selector = namespace_selector.and_then(|at| selector(&at, r));
    params.group = group.and_then(|at| read_group(&at, r));
    params.scheme = r.maybe_text(scheme);
    params.inbound_cidrs = r.texts(inbound_cidrs);
    params.ssl_policy = r.maybe_text(ssl_policy);
    params.ssl_redirect_port = r.maybe_text(ssl_redirect_port);
    params.subnets = subnets.and_then(|at| read_subnets(&at, r));
    params.ip_address_type = r.maybe_text(ip_address_type);
    params.tags = attributes(tags, r);
    params.target_type = r.maybe_text(target_type);
    params.load_balancer_attributes = attributes(load_balancer_attributes, r);
    if let Some(at) = listeners {
        params.listeners = r.items(&at).filter_map(|at| listener(&at, r)).collect();
    }
    params.capacity_units = capacity.and_then(|at| read_capacity(&at, r));
    params.ipam_configuration = ipam.and_then(|at| {
        let [pool] = r.fields(&at, &schema::IPAM)?;
        Some(r.maybe_text(pool))
    });
    params.prefix_lists_ids = r.texts(prefix_lists_ids);
    params.prefix_lists_ids_legacy = r.texts(prefix_lists_ids_legacy);
    params.load_balancer_name = r.maybe_text(load_balancer_name);
    params.wafv2_acl_arn = r.maybe_text(wafv2_acl_arn);
    params.wafv2_acl_name = r.maybe_text(wafv2_acl_name);
    params
}

fn empty(metadata: Metadata<'_>) -> IngressClassParams<'_> {
    IngressClassParams {
        metadata,
        certificate_arn: Vec::new(),
        namespace_selector: None,
        group: None,
        scheme: None,
        inbound_cidrs: Vec::new(),
        ssl_policy: None,
        ssl_redirect_port: None,
        subnets: None,
        ip_address_type: None,
        tags: Vec::new(),
        target_type: None,
        load_balancer_attributes: Vec::new(),
        listeners: Vec::new(),
        capacity_units: None,
        ipam_configuration: None,
        prefix_lists_ids: Vec::new(),
        prefix_lists_ids_legacy: Vec::new(),
        load_balancer_name: None,
        wafv2_acl_arn: None,
        wafv2_acl_name: None,
    }
}

fn read_group<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<Text<'s>> {
    let [name] = r.fields(at, &schema::GROUP)?;
    let name = r.required(at, name, "name", "write group: {name: NAME}")?;
    r.text(&name)
}

fn read_capacity(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<Spanned<i64>> {
    let [units] = r.fields(at, &schema::CAPACITY)?;
    let hint = "write minimumLoadBalancerCapacity: {capacityUnits: NUMBER}";
    let units = r.required(at, units, "capacityUnits", hint)?;
    r.int(&units, INT32)
}

fn read_subnets<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ClassSubnets<'s>> {
    let [ids, tags] = r.fields(at, &schema::SUBNETS)?;
    let tags = tags.map(|at| {
        let mut tags = Vec::new();
        for (key, node) in r.map(&at) {
            let value = At { node, path: Path::Key(&at.path, key.as_str()) };
            let values = match node.kind() {
                NodeKind::Null => Vec::new(),
                _ => r.texts(Some(value)),
            };
            tags.push((key, values));
        }
        tags
    });
    Some(ClassSubnets { ids: r.texts(ids), tags, span: at.span() })
}

/// A list of keys with values.
fn attributes<'s>(at: Option<At<'_, '_, 's>>, r: &mut Reader) -> Vec<Attribute<'s>> {
    let Some(at) = at else { return Vec::new() };
    let mut attributes = Vec::new();
    for item in r.items(&at) {
        let Some([key, value]) = r.fields(&item, &schema::ATTRIBUTE) else { continue };
        let hint = "write {key: NAME, value: \"VALUE\"}";
        let key = r.required(&item, key, "key", hint);
        let value = r.required(&item, value, "value", hint);
        if let (Some(key), Some(value)) = (r.maybe_text(key), r.maybe_text(value)) {
            attributes.push(Attribute { key, value });
        }
    }
    attributes
}

/// A listener. Its fields are not required, as in the custom resource definition.
fn listener<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ClassListener<'s>> {
    let [protocol, port, listener_attributes] = r.fields(at, &schema::LISTENER)?;
    let protocol = r.maybe_text(protocol).unwrap_or_else(|| Text::synthetic(""));
    let port = port.and_then(|at| r.int(&at, INT32));
    let port = match port {
        Some(port) => Spanned::new(i32::try_from(port.value).ok()?, port.span),
        None => Spanned::new(0, at.span()),
    };
    Some(ClassListener { protocol, port, attributes: attributes(listener_attributes, r) })
}

fn selector<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<LabelSelector<'s>> {
    let [labels, expressions] = r.fields(at, &schema::SELECTOR)?;
    let mut match_labels = Vec::new();
    if let Some(at) = labels {
        for (key, node) in r.map(&at) {
            let value = At { node, path: Path::Key(&at.path, key.as_str()) };
            if let Some(text) = r.text(&value) {
                match_labels.push((key, text));
            }
        }
    }
    let match_expressions = match expressions {
        Some(at) => r.items(&at).filter_map(|at| requirement(&at, r)).collect(),
        None => Vec::new(),
    };
    Some(LabelSelector { match_labels, match_expressions })
}

fn requirement<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<LabelSelectorRequirement<'s>> {
    let [key, operator, values] = r.fields(at, &schema::REQUIREMENT)?;
    let key = r.required(at, key, "key", "write the key of a label");
    let hint = "write operator: In, NotIn, Exists or DoesNotExist";
    let operator = r.required(at, operator, "operator", hint);
    let (key, operator) = (r.maybe_text(key), r.maybe_text(operator));
    Some(LabelSelectorRequirement { key: key?, operator: operator?, values: r.texts(values) })
}
