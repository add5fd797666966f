//! A spec as JSON text, understood only when somebody has to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Canonical JSON text of a spec. Equal texts are equal specs; unequal texts may be equal too, if
/// somebody has formatted the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecText(Box<str>);

impl SpecText {
    /// From text that is known to be JSON, such as a serializer's.
    pub fn new(json: impl Into<Box<str>>) -> Self {
        SpecText(json.into())
    }

    /// From a parsed spec.
    pub fn from_value(value: &Value) -> Self {
        SpecText(value.to_string().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parsed spec; null if the text is no JSON.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
    }
}

impl Serialize for SpecText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SpecText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: Box<str> = Box::<RawValue>::deserialize(deserializer)?.into();
        if text.starts_with('{') || &*text == "null" {
            return Ok(SpecText(text));
        }
        Err(serde::de::Error::custom("a spec is an object"))
    }
}

impl schemars::JsonSchema for SpecText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Spec".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A resource's spec, in the controller's own JSON. `{\"$ref\": \"#/resources/TYPE/ID/status/OUTPUT\"}` stands for what another resource answers; secrets are `[REDACTED]`.",
            "type": ["object", "null"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_in_json_as_it_is() {
        let text: SpecText = serde_json::from_str(r#"{"b":1,"a":[]}"#).unwrap();
        assert_eq!(text.as_str(), r#"{"b":1,"a":[]}"#);
        assert_eq!(serde_json::to_string(&text).unwrap(), r#"{"b":1,"a":[]}"#);
        assert_eq!(text.value()["b"], 1);
        assert!(serde_json::to_string(&SpecText::new("{")).is_err());
        for no_spec in ["[]", "\"x\"", "1", "true"] {
            assert!(serde_json::from_str::<SpecText>(no_spec).is_err(), "{no_spec}");
        }
    }
}
