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

/// Lines around what differs in a long value.
const CONTEXT: usize = 2;

/// Two values that differ, as lines: on one if they fit. Long texts stand below each other with the
/// words that differ in colour, long collections as a diff.
pub fn change(before: &Value, after: &Value, width: usize) -> Vec<String> {
    let (old, new) = (flow(before), flow(after));
    if old.chars().count() + new.chars().count() + 3 <= width.max(SHORT) {
        return vec![format!("{} → {}", paint::red(&old), paint::green(&new))];
    }
    let is_collection = |value: &Value| {
        value.is_array() || value.as_object().is_some_and(|map| !map.contains_key("$ref"))
    };
    if is_collection(before) && is_collection(after) {
        return lines_diff(&block(before, width), &block(after, width));
    }
    words_diff(&old, &new)
}

/// A collection in lines.
fn block(value: &Value, width: usize) -> String {
    let mut lines = Vec::new();
    match value {
        Value::Array(items) => items.iter().for_each(|item| put("- ", item, 0, width, &mut lines)),
        value => lines = self::lines(value, 0, width),
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn lines_diff(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (i, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if i > 0 {
            lines.push("…".to_owned());
        }
        for part in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = part.value().trim_end_matches('\n');
            lines.push(match part.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paint::red(&format!("- {line}")),
                ChangeTag::Insert => paint::green(&format!("+ {line}")),
            });
        }
    }
    lines
}

fn words_diff(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_words(before, after);
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
        assert_eq!(
            plain(change(&json!("one and two"), &json!("one and three"), 20)),
            [r#"- "one and two""#, r#"+ "one and three""#]
        );
        let (before, after) = (json!(["a", "b", "c", "d"]), json!(["a", "b", "c", "e"]));
        let expected = [r#"  - "b""#, r#"  - "c""#, r#"- - "d""#, r#"+ - "e""#];
        assert_eq!(plain(change(&before, &after, 20)), expected);
    }
}
