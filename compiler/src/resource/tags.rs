//! User tags.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

type Map = BTreeMap<String, String>;

static EMPTY: Map = Map::new();

/// User tags of a resource, without the tracking tags (see [`crate::tag`]). What a cluster or an
/// Ingress tags bears the same tags: they are counted, not copied, until one of them is changed.
#[derive(Clone, Default)]
pub struct Tags(Option<Arc<Map>>);

impl Tags {
    /// No tags.
    pub const fn new() -> Tags {
        Tags(None)
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        (**self).is_empty()
    }
}

impl Deref for Tags {
    type Target = Map;

    fn deref(&self) -> &Map {
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for Tags {
    fn deref_mut(&mut self) -> &mut Map {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl From<Map> for Tags {
    fn from(map: Map) -> Tags {
        Tags((!map.is_empty()).then(|| Arc::new(map)))
    }
}

impl From<Tags> for Map {
    fn from(tags: Tags) -> Map {
        tags.0.map(Arc::unwrap_or_clone).unwrap_or_default()
    }
}

impl<const N: usize> From<[(String, String); N]> for Tags {
    fn from(pairs: [(String, String); N]) -> Tags {
        Map::from(pairs).into()
    }
}

impl FromIterator<(String, String)> for Tags {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Tags {
        Map::from_iter(pairs).into()
    }
}

impl Extend<(String, String)> for Tags {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, pairs: I) {
        let mut pairs = pairs.into_iter().peekable();
        // Nothing is copied for nothing.
        if pairs.peek().is_some() {
            (**self).extend(pairs);
        }
    }
}

impl IntoIterator for Tags {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        Map::from(self).into_iter()
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a String, &'a String);
    type IntoIter = std::collections::btree_map::Iter<'a, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Tags {
    fn eq(&self, other: &Tags) -> bool {
        let same = |(one, other): (&Arc<Map>, &Arc<Map>)| Arc::ptr_eq(one, other);
        self.0.as_ref().zip(other.0.as_ref()).is_some_and(same) || **self == **other
    }
}

impl Eq for Tags {}

impl PartialOrd for Tags {
    fn partial_cmp(&self, other: &Tags) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tags {
    fn cmp(&self, other: &Tags) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tags, D::Error> {
        Map::deserialize(deserializer).map(Tags::from)
    }
}

impl JsonSchema for Tags {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Map::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_changed_copy_leaves_the_others_alone() {
        let first = tags(&[("team", "shop")]);
        let mut second = first.clone();
        assert_eq!(first, second);
        second.insert("env".to_owned(), "prod".to_owned());
        assert_eq!(first, tags(&[("team", "shop")]));
        assert_eq!(second, tags(&[("env", "prod"), ("team", "shop")]));
    }

    #[test]
    fn none_and_emptied_are_equal() {
        let mut emptied = tags(&[("team", "shop")]);
        emptied.clear();
        assert_eq!(emptied, Tags::new());
        assert_eq!(serde_json::to_string(&emptied).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Tags>("{}").unwrap(), Tags::default());
    }
}
