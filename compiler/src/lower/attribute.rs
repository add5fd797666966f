//! Attributes of load balancers and listeners: the first member's class over all annotations.

use super::Cx;
use super::merge::conflict_of;
use crate::annotation::attribute_value::{self, LISTENER, LOAD_BALANCER, Table};
use crate::annotation::attributes::{LISTENER_ATTRIBUTES, LOAD_BALANCER_ATTRIBUTES};
use crate::annotation::{Pair, Value};
use crate::graph::Origin;
use crate::group::Member;
use crate::manifest::{Attribute as ClassAttribute, IngressClassParams};
use crate::resource::{Attribute, ListenerAttribute};
use std::collections::BTreeMap;

/// Attributes of the load balancer, and who says so.
pub(super) fn of_load_balancer(cx: &mut Cx<'_, '_>) -> (Vec<Attribute>, Vec<Origin>) {
    let class = cx.group.members.first().and_then(|member| member.class_params);
    let class_attributes = class.map_or(&[][..], |params| &params.load_balancer_attributes);
    let members = cx.group.members.iter();
    let said: Vec<_> =
        members.filter_map(|member| LOAD_BALANCER_ATTRIBUTES.on_ingress(member.ingress)).collect();
    let field = "loadBalancerAttributes";
    let mut origins = class_origin(class, class_attributes, field, "loadBalancerAttributes");
    let attributes = merge(cx, class_attributes, said, field, LOAD_BALANCER, &mut origins);
    let mut attributes: Vec<_> =
        attributes.into_iter().map(|(key, value)| Attribute { key, value }).collect();
    super::json_text::sort(&mut attributes);
    (attributes, origins)
}

/// Attributes of a listener, and who says so.
pub(super) fn of_listener<'a, 's>(
    cx: &mut Cx<'a, 's>,
    port: i32,
    protocol: &str,
    members: &[Member<'a, 's>],
) -> (Vec<ListenerAttribute>, Vec<Origin>) {
    let class = members.first().and_then(|member| member.class_params);
    let listeners = class.map_or(&[][..], |params| &params.listeners);
    let of_port = listeners
        .iter()
        .find(|listener| listener.protocol.as_str() == protocol && listener.port.value == port);
    let class_attributes = of_port.map_or(&[][..], |listener| &listener.attributes);
    let name = format!("{protocol}-{port}");
    let said: Vec<_> = members
        .iter()
        .filter_map(|member| LISTENER_ATTRIBUTES.member_on_ingress(member.ingress, &name))
        .collect();
    let field = "listenerAttributes";
    let mut origins = class_origin(class, class_attributes, field, "listeners");
    let attributes = merge(cx, class_attributes, said, field, LISTENER, &mut origins);
    let mut attributes: Vec<_> =
        attributes.into_iter().map(|(key, value)| ListenerAttribute { key, value }).collect();
    super::json_text::sort(&mut attributes);
    (attributes, origins)
}

fn class_origin(
    class: Option<&IngressClassParams<'_>>,
    attributes: &[ClassAttribute<'_>],
    field: &'static str,
    source: &'static str,
) -> Vec<Origin> {
    let origin = class
        .zip(attributes.first())
        .map(|(params, first)| Cx::origin(field, &params.metadata, source, first.key.span));
    origin.into_iter().collect()
}

/// One value per key. Members may disagree on what the class says, since that wins anyway.
fn merge<'a, 's>(
    cx: &mut Cx<'a, 's>,
    class: &[ClassAttribute<'_>],
    said: Vec<Value<'a, 's>>,
    field: &'static str,
    table: Table,
    origins: &mut Vec<Origin>,
) -> BTreeMap<String, String> {
    let in_class = |key: &str| class.iter().any(|attribute| attribute.key.as_str() == key);
    let mut merged: BTreeMap<String, (Pair, Value<'a, 's>)> = BTreeMap::new();
    for value in said {
        origins.push(value.origin(field));
        for pair in cx.accept(value.map()).unwrap_or_default() {
            attribute_value::doubt(table, &value, &pair).into_iter().for_each(|d| cx.report(d));
            match merged.get(&pair.key) {
                Some((first, other)) if first.value != pair.value && !in_class(&pair.key) => {
                    let text = |pair: &Pair| format!("{}={}", pair.key, pair.value);
                    let mut finding = conflict_of((other, &text(first)), (&value, &text(&pair)));
                    finding.span = Some(value.text.locate(pair.range.clone()));
                    if let Some(related) = finding.related.first_mut() {
                        related.span = Some(other.text.locate(first.range.clone()));
                    }
                    cx.report(finding);
                }
                Some(_) => {}
                None => {
                    merged.insert(pair.key.clone(), (pair, value));
                }
            }
        }
    }
    let mut attributes: BTreeMap<String, String> =
        merged.into_iter().map(|(key, (pair, _))| (key, pair.value)).collect();
    for attribute in class {
        attributes.insert(attribute.key.as_str().to_owned(), attribute.value.as_str().to_owned());
    }
    attributes
}
