//! Why a recorded resource was as it was, as JSON text that is read only when somebody asks.

use ingc_compiler::source::Position;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Why a recorded resource, or a field of it, was as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedOrigin {
    /// Path within the spec; empty for the resource as a whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// `Ingress/namespace/name`, `Service/namespace/name`, or such.
    pub object: String,
    /// An annotation's short name or a field's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Where it stood.
    pub position: Position,
}

/// A list of origins; the first one stands for the resource as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Option<Box<str>>);

impl Origins {
    /// From what serializes as [`RecordedOrigin`]s do.
    pub(crate) fn new<O: Serialize>(origins: &[O]) -> Self {
        Origins(serde_json::to_string(origins).ok().filter(|_| !origins.is_empty()).map(Into::into))
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
        let position = Position { file: "a.yaml".to_owned(), line: 3, column: 1 };
        let origin = RecordedOrigin {
            field: String::new(),
            object: "Ingress/shop/web".to_owned(),
            source: "scheme".to_owned(),
            position,
        };
        let origins = Origins::new(std::slice::from_ref(&origin));
        let text = serde_json::to_string(&origins).unwrap();
        let again: Origins = serde_json::from_str(&text).unwrap();
        assert_eq!((again.read(), &again), (vec![origin], &origins));
        assert_eq!(serde_json::from_str::<Origins>("7").unwrap().read(), vec![]);
        assert!(Origins::new::<RecordedOrigin>(&[]).is_empty());
    }
}
