//! What a rule does, apart from its number.

use crate::diff::sort_values;
use ingc_compiler::resource::Condition;
use serde::Deserialize;
use serde_json::Value;

/// A rule in forms that can be compared. Equal texts do the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    /// Conditions, actions, transforms and tags.
    pub(super) all: String,
    /// The conditions only: which requests it takes.
    pub(super) requests: String,
    /// The actions and transforms only: what becomes of them.
    pub(super) answer: String,
    /// Patterns of hosts, sorted.
    pub(super) hosts: Vec<String>,
    /// Patterns of paths, sorted.
    pub(super) paths: Vec<String>,
    /// The conditions themselves.
    pub(super) conditions: Vec<Condition>,
}

impl Content {
    /// Reads a rule's spec with `$ref`s.
    pub(crate) fn new(spec: &Value) -> Self {
        let field = |name: &str| spec.get(name).unwrap_or(&Value::Null);
        let conditions: Vec<Condition> = Vec::deserialize(field("conditions")).unwrap_or_default();
        let requests = requests(field("conditions"));
        let answer = answer(field("actions")) + &field("transforms").to_string();
        let patterns = |of: fn(&Condition) -> Option<&Vec<String>>| {
            let mut found: Vec<String> =
                conditions.iter().filter_map(of).flatten().cloned().collect();
            found.sort();
            found.dedup();
            found
        };
        let hosts = patterns(|c| c.host_header.as_ref().map(|config| &config.values));
        let paths = patterns(|c| c.path_pattern.as_ref().map(|config| &config.values));
        let all = format!("{requests}\n{answer}\n{}", field("tags"));
        Content { all, requests, answer, hosts, paths, conditions }
    }

    /// True if both do the same.
    pub(crate) fn is(&self, other: &Content) -> bool {
        self.all == other.all
    }
}

/// Conditions hold in any order, and so do the values of each.
fn requests(conditions: &Value) -> String {
    let mut texts: Vec<String> = conditions
        .as_array()
        .into_iter()
        .flatten()
        .map(|condition| {
            let mut condition = condition.clone();
            if let Some(fields) = condition.as_object_mut() {
                fields.values_mut().for_each(sort_values);
            }
            condition.to_string()
        })
        .collect();
    texts.sort();
    texts.join("\n")
}

/// Actions in their order; the target groups of one in any.
fn answer(actions: &Value) -> String {
    let mut actions = actions.clone();
    for action in actions.as_array_mut().into_iter().flatten() {
        if let Some(Value::Array(groups)) = action.pointer_mut("/forwardConfig/targetGroups") {
            groups.sort_by_key(Value::to_string);
        }
    }
    actions.to_string()
}
