//! A stack as a text for a review: what stands in it changes only when the load balancer does.
//!
//! Positions in files and priorities of rules are left out, so that a moved line or a new rule
//! above others is no noise.

use ingc_compiler::graph::Stack;
use ingc_compiler::resource::{Kind, Ref, Spec};
use ingc_compiler::yaml::{Order, to_yaml};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What every review file starts with, and by which it is known.
pub const HEADER: &str =
    "# Made by `ingc compile --write`. Commit it with the manifests; edits are overwritten.\n";

#[derive(Serialize)]
struct Review<'s> {
    stack: &'s str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ingresses: Vec<&'s str>,
    resources: BTreeMap<&'static str, BTreeMap<&'s str, Value>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<&'s str, Vec<Value>>,
}

/// The review of a stack.
///
/// # Errors
/// If a spec is no JSON.
pub fn text(stack: &Stack) -> Result<String, serde_json::Error> {
    let mut review = Review {
        stack: &stack.id,
        ingresses: stack.members.iter().map(|member| member.ingress.as_str()).collect(),
        resources: BTreeMap::new(),
        rules: BTreeMap::new(),
    };
    let mut rules: BTreeMap<&str, Vec<(i64, Value)>> = BTreeMap::new();
    for (address, resource) in &stack.resources {
        if matches!(&resource.spec, Spec::FrontendNlbTargetGroups(it) if it.target_groups.is_empty())
        {
            continue;
        }
        let mut spec = readable(serde_json::to_value(&resource.spec)?);
        if address.kind == Kind::ListenerRule {
            // The id is the listener's with the priority behind a colon.
            let listener = address.id.rsplit_once(':').map_or(address.id.as_str(), |(id, _)| id);
            let priority = spec["priority"].as_i64().unwrap_or_default();
            if let Some(fields) = spec.as_object_mut() {
                fields.remove("priority");
                fields.remove("listenerARN");
            }
            rules.entry(listener).or_default().push((priority, spec));
        } else {
            let of_kind = review.resources.entry(address.kind.short_name()).or_default();
            of_kind.insert(&address.id, spec);
        }
    }
    for (listener, mut rules) in rules {
        rules.sort_by_key(|(priority, _)| *priority);
        review.rules.insert(listener, rules.into_iter().map(|(_, rule)| rule).collect());
    }
    Ok(format!("{HEADER}{}", to_yaml(&review, Order::Given)?))
}

/// A value with references in the form `${Kind/id.output}`.
fn readable(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let pointer = fields.get("$ref").and_then(Value::as_str).filter(|_| fields.len() == 1);
            if let Some(Ref { kind, id, output }) = pointer.and_then(Ref::parse) {
                return Value::String(format!("${{{kind}/{id}.{}}}", output.name()));
            }
            let fields = fields.into_iter().map(|(name, value)| (name, readable(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(readable).collect()),
        other => other,
    }
}
