//! What a call may depend on: one operation on one resource.

use crate::plan::{Change, FieldChange};
use serde_json::Value;
use std::collections::BTreeSet;

/// One operation on one resource, as far as its calls depend on it.
#[derive(Debug, Default)]
pub(super) struct Case<'c> {
    /// The spec before, as AWS has it if that was read; null for a creation.
    pub(super) before: Value,
    /// The spec after; null for a deletion.
    pub(super) after: Value,
    /// The fields that an update sends.
    pub(super) sends: BTreeSet<&'c str>,
    /// What differs.
    pub(super) fields: &'c [FieldChange],
    /// What is sent is the same in the manifests, and names an object that was replaced.
    pub(super) repoints: bool,
}

impl<'c> Case<'c> {
    /// What is made, or read.
    pub(super) fn of(after: Value) -> Case<'c> {
        Case { after, ..Case::default() }
    }

    /// What is deleted.
    pub(super) fn without(before: Value) -> Case<'c> {
        Case { before, ..Case::default() }
    }

    /// What is changed.
    pub(super) fn update(change: &'c Change, fields: &'c [String], repoints: bool) -> Case<'c> {
        let spec = |text: Option<&crate::state::SpecText>| text.map(|it| it.value());
        let drifted = change.fields.iter().any(|field| field.drifted);
        let live = change.live.as_ref().filter(|_| drifted);
        Case {
            before: spec(live.or(change.before.as_ref())).unwrap_or_default(),
            after: spec(change.after.as_ref()).unwrap_or_default(),
            sends: fields.iter().map(String::as_str).collect(),
            fields: &change.fields,
            repoints,
        }
    }

    pub(super) fn sends(&self, field: &str) -> bool {
        self.sends.contains(field)
    }

    /// True if the spec after says something for a field.
    pub(super) fn has(&self, field: &str) -> bool {
        says(&self.after[field])
    }

    /// True if the spec before says something for a field.
    pub(super) fn had(&self, field: &str) -> bool {
        says(&self.before[field])
    }

    pub(super) fn differs(&self, field: &str) -> bool {
        self.sends(field) && self.before[field] != self.after[field]
    }

    /// True if a list after has entries that the one before lacks.
    pub(super) fn gains(&self, field: &str) -> bool {
        self.sends(field) && (self.repoints || lacks(&self.before[field], &self.after[field]))
    }

    /// True if a list before has entries that the one after lacks.
    pub(super) fn loses(&self, field: &str) -> bool {
        self.sends(field) && (self.repoints || lacks(&self.after[field], &self.before[field]))
    }

    pub(super) fn adds_tags(&self) -> bool {
        self.tags(|field| field.after.is_some())
    }

    pub(super) fn removes_tags(&self) -> bool {
        self.tags(|field| field.after.is_none())
    }

    fn tags(&self, is: impl Fn(&FieldChange) -> bool) -> bool {
        let changed = self.fields.iter().filter(|field| field.path.starts_with("tags["));
        self.sends("tags") && changed.into_iter().any(is)
    }

    /// True if it serves, or begins to serve, TLS.
    pub(super) fn is_https(&self) -> bool {
        self.after["protocol"] == "HTTPS"
    }

    /// True if another certificate becomes the default one.
    pub(super) fn has_other_default(&self) -> bool {
        self.sends("certificates")
            && (self.repoints || self.before["certificates"][0] != self.after["certificates"][0])
    }
}

fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// True if `all` has entries, of a list or by key, that `some` lacks.
fn lacks(some: &Value, all: &Value) -> bool {
    match all {
        Value::Array(items) => {
            let known = some.as_array().map_or(&[][..], Vec::as_slice);
            items.iter().any(|item| !known.contains(item))
        }
        Value::Object(fields) => fields.iter().any(|(key, value)| some.get(key) != Some(value)),
        _ => false,
    }
}
