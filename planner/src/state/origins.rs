//! Why a recorded resource was as it was, as JSON text that is read only when somebody asks.

use ingc_compiler::source::Position;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Why a recorded resource, or a field of it, was as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedOrigin {
    /// Path within the spec; empty for the resource as a whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// `Ingress/namespace/name`, `Service/namespace/name`, or such.
    pub object: String,
    /// An annotation's short name or a field's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Where it stood, as `file:line:column`.
    #[serde(rename = "at", with = "at")]
    #[schemars(with = "String")]
    pub position: Position,
}

/// A position as one text.
mod at {
    use super::{Deserialize, Deserializer, Position, Serializer};
    use serde::de::Error;

    pub(super) fn serialize<S: Serializer>(
        at: &Position,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Position, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        let mut parts = text.rsplitn(3, ':');
        let mut number = || parts.next().and_then(|number| number.parse().ok());
        let (column, line) = (number(), number());
        match (parts.next(), line, column) {
            (Some(file), Some(line), Some(column)) => {
                Ok(Position { file: file.into(), line, column })
            }
            _ => Err(D::Error::custom(format!("`{text}` is not FILE:LINE:COLUMN"))),
        }
    }
}

/// A list of origins; the first one stands for the resource as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "Vec<RecordedOrigin>")]
pub struct Origins(Option<Box<str>>);

impl Origins {
    /// From field, object, source and place of each. Written by hand, since it is done for every
    /// resource of a plan.
    pub(crate) fn new<'o>(
        origins: impl IntoIterator<Item = (&'o str, &'o str, &'o str, Position)>,
    ) -> Self {
        let mut out = String::with_capacity(160);
        for (field, object, source, position) in origins {
            out.push_str(if out.is_empty() { "[{" } else { ",{" });
            for (name, text) in [("field", field), ("object", object), ("source", source)] {
                if !text.is_empty() {
                    member(&mut out, name, text);
                    out.push(',');
                }
            }
            let Position { file, line, column } = position;
            member(&mut out, "at", &file);
            out.pop();
            for number in [line, column] {
                out.push(':');
                out.push_str(itoa::Buffer::new().format(number));
            }
            out.push_str("\"}");
        }
        Origins((!out.is_empty()).then(|| (out + "]").into()))
    }

    /// The list; empty if nothing was recorded, or somebody has spoilt it.
    pub fn read(&self) -> Vec<RecordedOrigin> {
        self.0.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// True if nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// `"name":"text"`.
fn member(out: &mut String, name: &str, text: &str) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
    // Without an early end many bytes are looked at at once.
    let plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.as_deref().unwrap_or("[]");
        let raw: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Origins(Some(Box::<RawValue>::deserialize(deserializer)?.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_read_back_and_nonsense_is_none() {
        let origin = |field: &str, file: &str| RecordedOrigin {
            field: field.to_owned(),
            object: "Ingress/shop/web".to_owned(),
            source: "scheme".to_owned(),
            position: Position { file: file.into(), line: 3, column: 1 },
        };
        let list = [origin("", "a.yaml"), origin("tags", "C:\\a \"b\".yaml")];
        let origins = Origins::new(
            list.iter().map(|o| (&*o.field, &*o.object, &*o.source, o.position.clone())),
        );
        assert_eq!(origins.0.as_deref(), Some(&*serde_json::to_string(&list).unwrap()));
        let text = serde_json::to_string(&origins).unwrap();
        let again: Origins = serde_json::from_str(&text).unwrap();
        assert_eq!((again.read(), &again), (list.to_vec(), &origins));
        assert_eq!(serde_json::from_str::<Origins>("7").unwrap().read(), vec![]);
        assert!(Origins::new([]).is_empty());
    }
}
