//! Values of specs on a line, and what differs between two of them.

use super::paint;
use super::text::safe;
use ingc_compiler::resource::Ref;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// A value in one line: JSON with bare keys, and references as `${Kind/id.output}`.
pub fn flow(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str).and_then(Ref::parse);
            if let Some(reference) = reference.filter(|_| map.len() == 1) {
                let Ref { kind, id, output } = &reference;
                out.push_str(&safe(&format!("${{{kind}/{id}.{}}}", output.name())));
                return;
            }
            out.push('{');
            for (i, (key, value)) in map.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(&safe(key));
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(item, out);
            }
            out.push(']');
        }
        // JSON escapes control characters; what is left is what reorders text.
        other => out.push_str(&safe(&other.to_string())),
    }
}

/// A spec as lines: fields that fit on one stand on one, others are broken up below their name.
/// Lists of attributes have a line per attribute.
pub fn lines(spec: &Value, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in spec.as_object().into_iter().flatten() {
        match attributes(value) {
            Some(attributes) => {
                for (key, value) in attributes {
                    put(&format!("{name}[{key}]: "), value, indent, width, &mut lines);
                }
            }
            None => put(&format!("{name}: "), value, indent, width, &mut lines),
        }
    }
    lines
}

/// A named value.
pub fn named(name: &str, value: &Value, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    put(&format!("{name}: "), value, indent, width, &mut lines);
    lines
}

fn put(lead: &str, value: &Value, indent: usize, width: usize, lines: &mut Vec<String>) {
    let lead = safe(lead);
    let flow = flow(value);
    let space = " ".repeat(indent);
    if indent + lead.chars().count() + flow.chars().count() <= width {
        lines.push(format!("{space}{lead}{flow}"));
        return;
    }
    match value {
        Value::Object(map) if !map.is_empty() && !map.contains_key("$ref") => {
            // Behind a dash the first field stands on the same line.
            let behind_dash = lead == "- ";
            if !behind_dash {
                lines.push(format!("{space}{}", lead.trim_end()));
            }
            for (i, (name, value)) in map.iter().enumerate() {
                let at = lines.len();
                put(&format!("{name}: "), value, indent + 2, width, lines);
                if behind_dash && i == 0 {
                    lines[at].replace_range(indent..indent + 2, "- ");
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            lines.push(format!("{space}{}", lead.trim_end()));
            for item in items {
                put("- ", item, indent + 2, width, lines);
            }
        }
        _ => lines.push(format!("{space}{lead}{flow}")),
    }
}

/// The pairs of a list that has nothing but keys with values.
fn attributes(value: &Value) -> Option<Vec<(&str, &Value)>> {
    let items = value.as_array().filter(|items| !items.is_empty())?;
    let pair = |item: &'_ Value| -> Option<(String, String)> {
        let map = item.as_object().filter(|map| map.len() == 2)?;
        let name = |wanted: &str| map.keys().find(|key| key.eq_ignore_ascii_case(wanted)).cloned();
        Some((name("key")?, name("value")?))
    };
    items
        .iter()
        .map(|item| {
            let (key, value) = pair(item)?;
            Some((item[&key].as_str()?, &item[&value]))
        })
        .collect()
}

/// Values as short as this stand on one line, be the line too long.
const SHORT: usize = 24;

/// Two values that differ, as lines: on one if they fit, else below each other with the parts that
/// differ made bright.
pub fn change(before: &Value, after: &Value, width: usize) -> Vec<String> {
    let (before, after) = (flow(before), flow(after));
    if before.chars().count() + after.chars().count() + 3 <= width.max(SHORT) {
        return vec![format!("{} → {}", paint::red(&before), paint::green(&after))];
    }
    let diff = TextDiff::from_words(&before, &after);
    let side = |tag: ChangeTag, colour: fn(&str) -> String| {
        let parts = diff.iter_all_changes().filter(|part| part.tag() != opposite(tag));
        let parts = parts.map(|part| match part.tag() {
            ChangeTag::Equal => part.value().to_owned(),
            _ => colour(part.value()),
        });
        parts.collect::<String>()
    };
    vec![
        format!("{} {}", paint::red("-"), side(ChangeTag::Delete, paint::red)),
        format!("{} {}", paint::green("+"), side(ChangeTag::Insert, paint::green)),
    ]
}

fn opposite(tag: ChangeTag) -> ChangeTag {
    match tag {
        ChangeTag::Delete => ChangeTag::Insert,
        _ => ChangeTag::Delete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_stand_on_one_line() {
        let check = |value: Value, expected: &str| assert_eq!(flow(&value), expected);
        check(json!({"path": "/", "port": 80}), r#"{path: "/", port: 80}"#);
        check(
            json!([{"$ref": "#/resources/AWS::EC2::SecurityGroup/backend-sg/status/groupID"}]),
            "[${SecurityGroup/backend-sg.groupID}]",
        );
        check(json!("\u{1b}[31m"), r#""\u001b[31m""#);
    }

    #[test]
    fn attributes_have_a_line_each() {
        let spec =
            json!({"a": [{"key": "x.y", "value": "1"}, {"key": "z", "value": "2"}], "b": []});
        assert_eq!(lines(&spec, 1, 80), [r#" a[x.y]: "1""#, r#" a[z]: "2""#, " b: []"]);
    }

    #[test]
    fn what_does_not_fit_on_a_line_is_broken_up() {
        let spec = json!({"a": {"b": [{"c": "long enough", "d": [1, 2]}], "e": 3}});
        let expected = ["a:", "  b:", r#"    - c: "long enough""#, "      d: [1, 2]", "  e: 3"];
        assert_eq!(lines(&spec, 0, 24), expected);
        assert_eq!(lines(&spec, 0, 80).len(), 1);
    }

    #[test]
    fn long_values_stand_below_each_other() {
        let plain = |lines: Vec<String>| {
            lines.iter().map(|l| anstream::adapter::strip_str(l).to_string()).collect::<Vec<_>>()
        };
        assert_eq!(plain(change(&json!(15), &json!(30), 80)), ["15 → 30"]);
        let (before, after) = (json!(["one", "two"]), json!(["one", "three"]));
        assert_eq!(
            plain(change(&before, &after, 20)),
            [r#"- ["one", "two"]"#, r#"+ ["one", "three"]"#]
        );
    }
}
