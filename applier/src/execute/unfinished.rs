//! What is recorded of fields that an update has not sent to its end: all that may be there.

use ingc_planner::Recorded;
use ingc_planner::state::SpecText;
use serde_json::{Map, Value};

/// Puts what unfinished fields were before into an entry that says already what they shall be, so
/// that a later run knows what it may have to take away.
pub(super) fn keep(entry: &mut Recorded, before: &Recorded, unfinished: &[String]) {
    let (mut spec, old) = (entry.spec.value(), before.spec.value());
    let Some(fields) = spec.as_object_mut() else { return };
    for name in unfinished {
        match (old.get(name), fields.get_mut(name)) {
            (Some(old), Some(new)) => merge(new, old),
            (Some(old), None) => drop(fields.insert(name.clone(), old.clone())),
            (None, _) => {
                // Tags and attributes that are new may be there; other new values may not.
                if !fields.get(name).is_some_and(is_set) {
                    fields.remove(name);
                }
            }
        }
    }
    entry.spec = SpecText::from_value(&spec);
    for (key, value) in before.depends_on.iter() {
        if entry.depends_on.get(key).is_none() {
            entry.depends_on.insert(key, value);
        }
    }
}

/// True for tags and for lists of attributes.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().all(Value::is_string),
        Value::Array(items) => items.iter().all(|item| key(item).is_some()),
        _ => false,
    }
}

/// The key of an attribute.
fn key(item: &Value) -> Option<&str> {
    item.get("key").or_else(|| item.get("Key"))?.as_str()
}

/// Adds to tags and attributes what stood there before; anything else becomes what it was.
fn merge(new: &mut Value, old: &Value) {
    if !is_set(new) || !is_set(old) {
        new.clone_from(old);
        return;
    }
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            let mut all: Map<String, Value> = old.clone();
            all.append(new);
            *new = all;
        }
        (Value::Array(new), Value::Array(old)) => {
            for item in old {
                if !new.iter().any(|other| key(other) == key(item)) {
                    new.push(item.clone());
                }
            }
        }
        (new, old) => new.clone_from(old),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingc_planner::state::Pairs;
    use serde_json::json;

    fn entry(spec: Value, depends_on: &[(&str, &str)]) -> Recorded {
        let recorded = json!({"spec": spec});
        let mut recorded: Recorded = serde_json::from_value(recorded).unwrap();
        recorded.depends_on = depends_on.iter().copied().collect::<Pairs>();
        recorded
    }

    #[test]
    fn an_entry_knows_all_that_may_be_there() {
        let before = json!({
            "tags": {"old": "x", "team": "one"},
            "loadBalancerAttributes": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
            "scheme": "internal", "name": "n",
        });
        let after = json!({
            "tags": {"team": "two"},
            "loadBalancerAttributes": [{"key": "a", "value": "9"}],
            "scheme": "internet-facing", "name": "m", "ipv4IPAMPool": "pool",
        });
        let before = entry(before, &[("a", "1"), ("b", "2")]);
        let mut now = entry(after, &[("b", "3")]);
        let unfinished = ["tags", "loadBalancerAttributes", "scheme", "ipv4IPAMPool"];
        keep(&mut now, &before, &unfinished.map(str::to_owned));
        assert_eq!(
            now.spec.value(),
            json!({
                "tags": {"old": "x", "team": "two"},
                "loadBalancerAttributes": [{"key": "a", "value": "9"}, {"key": "b", "value": "2"}],
                "scheme": "internal", "name": "m",
            })
        );
        assert_eq!(now.depends_on.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "3")]);
    }
}
