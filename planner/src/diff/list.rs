//! Lists that AWS keeps as sets, and maps that others may write to as well.

use super::permission;
use crate::state::as_ref;
use ingc_compiler::resource::Kind;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a list is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Its order means something.
    Ordered,
    /// Entries are known by a key, whatever their order. `partial` lists have entries of AWS's own.
    Entries { partial: bool },
}

/// The shape of the list at a path.
pub(super) fn shape(kind: Kind, path: &str) -> Shape {
    match path {
        "loadBalancerAttributes" | "targetGroupAttributes" | "listenerAttributes" => {
            Shape::Entries { partial: true }
        }
        "securityGroups"
        | "subnetMapping"
        | "certificates"
        | "subjectAlternativeNames"
        | "clientIDs"
        | "managedPolicyARNs"
        | "thumbprints"
        | "conditions"
        | "template.spec.networking.ingress" => Shape::Entries { partial: false },
        "ingress" if kind == Kind::SecurityGroup => Shape::Entries { partial: false },
        _ if path.ends_with(".forwardConfig.targetGroups") => Shape::Entries { partial: false },
        _ => Shape::Ordered,
    }
}

/// True if entries that both sides have are compared field by field, and not as a whole.
pub(super) fn descends(path: &str) -> bool {
    path == "subnetMapping" || path.ends_with(".forwardConfig.targetGroups")
}

/// True for maps in which every key stands for itself.
pub(super) fn is_map(path: &str) -> bool {
    matches!(path, "tags" | "template.metadata.annotations" | "template.metadata.labels")
        || path.ends_with(".authenticationRequestExtraParams")
}

/// The entries of a list by their key.
pub(super) fn entries(kind: Kind, path: &str, list: Option<&Value>) -> BTreeMap<String, Value> {
    let items = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match path {
        "loadBalancerAttributes" | "targetGroupAttributes" => by(items, "key", Some("value")),
        "listenerAttributes" => by(items, "Key", Some("Value")),
        "subnetMapping" => by(items, "subnetID", None),
        "certificates" => certificates(items),
        "conditions" => conditions(items),
        "ingress" if kind == Kind::SecurityGroup => permission::entries(items),
        _ if path.ends_with(".targetGroups") => by(items, "targetGroupARN", None),
        _ => items.iter().map(|item| (name(item), item.clone())).collect(),
    }
}

/// Entries under one of their fields, reduced to another one if asked.
fn by(items: &[Value], key: &str, value: Option<&str>) -> BTreeMap<String, Value> {
    let reduced = |item: &Value| match value {
        Some(value) => item.get(value).cloned().unwrap_or(Value::Null),
        None => item.clone(),
    };
    items.iter().map(|item| (item.get(key).map(name).unwrap_or_default(), reduced(item))).collect()
}

/// The first certificate is the default, the others are a set. That the default stands in it too
/// says nothing: it is always listed for its names as well.
fn certificates(items: &[Value]) -> BTreeMap<String, Value> {
    let arn = |item: &Value| item.get("certificateARN").cloned().unwrap_or(Value::Null);
    let first = items.first().map(arn);
    let others = items.iter().skip(1).map(arn).filter(|arn| Some(arn) != first.as_ref());
    let others: Vec<_> = others.map(|arn| (name(&arn), arn)).collect();
    first.into_iter().map(|arn| ("default".to_owned(), arn)).chain(others).collect()
}

/// All conditions on one part of a request, with what has no order sorted.
fn conditions(items: &[Value]) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for item in items {
        let field = item.get("field").and_then(Value::as_str).unwrap_or_default();
        let config = item.as_object().and_then(|map| map.iter().find(|(k, _)| *k != "field"));
        let mut config = config.map_or(Value::Null, |(_, config)| config.clone());
        sort_values(&mut config);
        let header = config.get("httpHeaderName").and_then(Value::as_str);
        let key = header.map_or(field.to_owned(), |header| format!("{field} {header}"));
        found.entry(key).or_default().push(config);
    }
    let single = |mut configs: Vec<Value>| {
        configs.sort_by_key(Value::to_string);
        if configs.len() == 1 { configs.remove(0) } else { Value::Array(configs) }
    };
    found.into_iter().map(|(key, configs)| (key, single(configs))).collect()
}

/// Sorts the values that a condition accepts.
pub(crate) fn sort_values(config: &mut Value) {
    for key in ["values", "regexValues"] {
        if let Some(Value::Array(values)) = config.get_mut(key) {
            values.sort_by_key(Value::to_string);
        }
    }
}

/// A value as a key: text as it is, a reference by what it leads to.
pub(super) fn name(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) => reference(map).unwrap_or_else(|| value.to_string()),
        other => other.to_string(),
    }
}

fn reference(map: &Map<String, Value>) -> Option<String> {
    let reference = as_ref(map)?;
    Some(format!("{}/{}", reference.kind.short_name(), reference.id))
}
