//! JSON Schemas of what users write, for their editors.

use serde_json::{Map, Value, json};

/// A mapping of known fields; a misspelt one stands out.
pub(crate) fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    let properties: Map<String, Value> = fields.into_iter().collect();
    json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}

/// A map of names to values of one form.
pub(crate) fn map(values: &Value) -> Value {
    json!({"type": ["object", "null"], "additionalProperties": values})
}

/// A list.
pub(crate) fn list(items: &Value) -> Value {
    json!({"type": ["array", "null"], "items": items})
}

/// One of a few words.
pub(crate) fn word(words: &[&str]) -> Value {
    let words = words.iter().map(|word| Value::from(*word)).chain([Value::Null]);
    json!({"enum": words.collect::<Vec<_>>()})
}

/// A schema with a description.
pub(crate) fn described(mut schema: Value, text: &str) -> Value {
    if let (Some(schema), false) = (schema.as_object_mut(), text.is_empty()) {
        schema.insert("description".to_owned(), text.into());
    }
    schema
}
