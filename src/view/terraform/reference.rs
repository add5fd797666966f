//! References: unknown values in the plan, expressions in the configuration.

use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Output, Ref};
use serde_json::{Map, Value, json};

/// Terraform's address of one of our resources, for expressions.
pub(super) type Names<'n> = dyn Fn(&Address) -> Option<String> + 'n;

/// A value with references split into what Terraform shows of it.
pub(super) struct Split {
    /// The value with null for what is unknown.
    pub(super) known: Value,
    /// True for what is unknown, in the same shape; `false` if nothing is.
    pub(super) unknown: Value,
}

/// The reference that a value is, and Terraform's name for what it refers to.
fn referenced(value: &Value, stack: &str, names: &Names<'_>) -> Option<String> {
    let pointer = value.as_object().filter(|fields| fields.len() == 1)?.get("$ref")?.as_str()?;
    let reference = Ref::parse(pointer)?;
    let name = names(&resolve_ref(stack, &reference))?;
    Some(format!("{name}.{}", attribute(&reference)))
}

/// The provider's name of an output.
fn attribute(reference: &Ref) -> &'static str {
    match reference.output {
        Output::GroupId => "id",
        Output::DnsName => "dns_name",
        Output::CertificateArn
        | Output::ListenerArn
        | Output::LoadBalancerArn
        | Output::PolicyArn
        | Output::ProviderArn
        | Output::RoleArn
        | Output::RuleArn
        | Output::TargetGroupArn => "arn",
    }
}

fn is_reference(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("$ref"))
}

/// Splits a value; references that `outputs` knows are known.
pub(super) fn split(value: &Value, outputs: &dyn Fn(&str) -> Option<String>) -> Split {
    match value {
        Value::Object(fields) if is_reference(value) => {
            let pointer = fields.get("$ref").and_then(Value::as_str).unwrap_or_default();
            match outputs(pointer) {
                Some(text) => Split { known: Value::String(text), unknown: json!(false) },
                None => Split { known: Value::Null, unknown: json!(true) },
            }
        }
        Value::Object(fields) => {
            let (mut known, mut unknown) = (Map::new(), Map::new());
            for (name, value) in fields {
                let part = split(value, outputs);
                known.insert(name.clone(), part.known);
                if part.unknown != json!(false) {
                    unknown.insert(name.clone(), part.unknown);
                }
            }
            let unknown = if unknown.is_empty() { json!(false) } else { Value::Object(unknown) };
            Split { known: Value::Object(known), unknown }
        }
        Value::Array(values) => {
            let parts: Vec<Split> = values.iter().map(|value| split(value, outputs)).collect();
            let unknown = if parts.iter().any(|part| part.unknown != json!(false)) {
                parts.iter().map(|part| part.unknown.clone()).collect()
            } else {
                json!(false)
            };
            Split { known: parts.into_iter().map(|part| part.known).collect(), unknown }
        }
        other => Split { known: other.clone(), unknown: json!(false) },
    }
}

/// The configuration's expression of a value: a constant, references, or blocks of expressions.
pub(super) fn expression(value: &Value, stack: &str, names: &Names<'_>) -> Value {
    if let Some(reference) = referenced(value, stack, names) {
        let resource = reference.rsplit_once('.').map_or("", |(resource, _)| resource).to_owned();
        return json!({"references": [reference, resource]});
    }
    match value {
        Value::Array(values) if values.iter().any(is_reference) => {
            let references: Vec<String> =
                values.iter().filter_map(|value| referenced(value, stack, names)).collect();
            let with_resources: Vec<Value> = references
                .iter()
                .flat_map(|r| {
                    [json!(r), json!(r.rsplit_once('.').map_or("", |(resource, _)| resource))]
                })
                .collect();
            json!({"references": with_resources})
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            values.iter().map(|value| block(value, stack, names)).collect()
        }
        other => json!({"constant_value": other}),
    }
}

/// The expressions of a block's arguments.
pub(super) fn block(value: &Value, stack: &str, names: &Names<'_>) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), expression(value, stack, names)))
            .collect::<Map<_, _>>()
            .into(),
        other => json!({"constant_value": other}),
    }
}
