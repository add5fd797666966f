//! Writing Kubernetes objects as YAML that every reader of Kubernetes takes for the same values.
//!
//! A string stands without quotes only where [`resolve`] gives it back as a string.

use super::resolve::{Scalar, is_timestamp, resolve};
use super::tree::{Node, NodeKind};
use super::{Text, read_json};
use serde::Serialize;
use serde::ser::Error as _;

/// In which order the keys of a mapping are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they are given: the order of a struct's fields.
    Given,
    /// By their names.
    Sorted,
}

/// Writes a value as one document.
pub fn to_yaml<T: Serialize>(value: &T, order: Order) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    let text = Text::synthetic(json.as_str());
    let tree = read_json(&text).map_err(|finding| serde_json::Error::custom(finding.message))?;
    Ok(emit(tree.root(), order))
}

/// Writes values as the documents of one stream.
pub fn to_yaml_stream<T: Serialize>(
    values: impl IntoIterator<Item = T>,
    order: Order,
) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    for value in values {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        out.push_str(&to_yaml(&value, order)?);
    }
    Ok(out)
}

/// Writes a node as one document: in lines, lists not indented below their key, as kubectl does.
pub fn emit(node: Node<'_, '_>, order: Order) -> String {
    let mut emitter = Emitter { out: String::new(), order };
    match node.kind() {
        NodeKind::Mapping if node.entries().next().is_some() => emitter.mapping(node, 0, false),
        NodeKind::Sequence if node.items().next().is_some() => emitter.sequence(node, 0, false),
        _ => emitter.scalar(node, 0),
    }
    emitter.out
}

struct Emitter {
    out: String,
    order: Order,
}

/// Spaces of one level.
const STEP: usize = 2;

impl Emitter {
    fn indent(&mut self, spaces: usize) {
        self.out.extend(std::iter::repeat_n(' ', spaces));
    }

    /// A mapping that is not empty. Behind a dash its first key stands on the same line.
    fn mapping(&mut self, node: Node<'_, '_>, indent: usize, behind_dash: bool) {
        let mut entries: Vec<_> = node.entries().collect();
        if self.order == Order::Sorted {
            entries.sort_by(|(a, _), (b, _)| a.key().cmp(&b.key()));
        }
        for (i, (key, value)) in entries.into_iter().enumerate() {
            if i > 0 || !behind_dash {
                self.indent(indent);
            }
            let name = key.key().unwrap_or_default();
            let name = if is_plain(&name) { name.into_owned() } else { quoted(&name) };
            // A longer key needs a mark of its own; this bound is below that of every reader.
            if name.len() > 900 {
                self.out.push_str("? ");
                self.out.push_str(&name);
                self.out.push('\n');
                self.indent(indent);
            } else {
                self.out.push_str(&name);
            }
            self.out.push(':');
            match value.kind() {
                NodeKind::Mapping if value.entries().next().is_some() => {
                    self.out.push('\n');
                    self.mapping(value, indent + STEP, false);
                }
                NodeKind::Sequence if value.items().next().is_some() => {
                    self.out.push('\n');
                    self.sequence(value, indent, false);
                }
                _ => {
                    self.out.push(' ');
                    self.scalar(value, indent + STEP);
                }
            }
        }
    }

    /// A sequence that is not empty. Behind a dash its own first dash stands on the same line.
    fn sequence(&mut self, node: Node<'_, '_>, indent: usize, behind_dash: bool) {
        for (i, item) in node.items().enumerate() {
            if i > 0 || !behind_dash {
                self.indent(indent);
            }
            self.out.push_str("- ");
            match item.kind() {
                NodeKind::Mapping if item.entries().next().is_some() => {
                    self.mapping(item, indent + STEP, true);
                }
                NodeKind::Sequence if item.items().next().is_some() => {
                    self.sequence(item, indent + STEP, true);
                }
                _ => self.scalar(item, indent + STEP),
            }
        }
    }

    /// A scalar or an empty collection, with the line's end.
    fn scalar(&mut self, node: Node<'_, '_>, indent: usize) {
        let text = node.as_str().unwrap_or_default();
        match node.kind() {
            NodeKind::Mapping => self.out.push_str("{}"),
            NodeKind::Sequence => self.out.push_str("[]"),
            NodeKind::Null => self.out.push_str("null"),
            NodeKind::Bool => {
                self.out.push_str(if node.as_bool() == Some(true) { "true" } else { "false" });
            }
            NodeKind::Int => self.out.push_str(text),
            NodeKind::Float => {
                self.out.push_str(text);
                if matches!(resolve(text), Scalar::Int(_)) {
                    self.out.push_str(".0");
                }
            }
            NodeKind::String if is_plain(text) => self.out.push_str(text),
            NodeKind::String if is_literal(text) => return self.literal(text, indent),
            NodeKind::String => self.out.push_str(&quoted(text)),
        }
        self.out.push('\n');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        let body = text.trim_end_matches('\n');
        let indicator = match text.len() - body.len() {
            0 => "|-\n",
            1 => "|\n",
            _ => "|+\n",
        };
        self.out.push_str(indicator);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(indent.max(STEP));
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
        let empty = (text.len() - body.len()).saturating_sub(1);
        self.out.extend(std::iter::repeat_n('\n', empty));
    }
}

/// Characters that stand for themselves in every style.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}'
        | '\u{10000}'..)
}

/// Whether a string may stand without quotes, as a key or a value.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return false };
    // Some of these may start a plain scalar before certain characters; quotes are never wrong.
    let indicator = b" -?:,[]{}#&*!|>'\"%@`=~<".contains(first);
    !indicator
        && text.chars().all(is_printable)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("...")
        && resolve(text) == Scalar::String
        && !is_timestamp(text)
        && !is_base_60(text)
}

/// Numbers of YAML 1.1 such as `12:30`, which other readers of YAML take for 750.
fn is_base_60(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = text.trim_start_matches(['+', '-']).split(':');
    parts.next().is_some_and(|part| digits(&part.replace('_', "")))
        && text.contains(':')
        && parts.all(|part| digits(&part.replace(['.', '_'], "")))
}

/// Whether a string may stand as lines below `|`, where the first word tells the indentation.
fn is_literal(text: &str) -> bool {
    let body = text.trim_start_matches('\n');
    text.contains('\n')
        && !body.is_empty()
        && !body.starts_with(' ')
        && text.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t'))
        && text.split('\n').all(|line| {
            line.is_empty() || !line.starts_with('\t') && !line.trim_matches([' ', '\t']).is_empty()
        })
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    if text.chars().all(is_printable) {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
        return out;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => match u32::from(c) {
                point @ 0..=0xffff => out.push_str(&format!("\\u{point:04x}")),
                point => out.push_str(&format!("\\U{point:08x}")),
            },
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_look_as_kubectl_writes_them() {
        let value = json!({
            "kind": "Ingress",
            "metadata": {
                "annotations": {
                    "alb.ingress.kubernetes.io/scheme": "internal",
                    "alb.ingress.kubernetes.io/listen-ports": "[{\"HTTPS\": 443}]",
                    "x": "y",
                    "on": "on",
                    "script": "a\n  b\n\nc\n",
                    "note": "it's",
                },
                "labels": {},
            },
            "spec": {"rules": [{"host": "*.example.com", "http": {"paths": []}}, [1, [2.5]], null]},
        });
        let expected = "\
kind: Ingress
metadata:
  annotations:
    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\": 443}]'
    alb.ingress.kubernetes.io/scheme: internal
    note: it's
    'on': 'on'
    script: |
      a
        b

      c
    x: 'y'
  labels: {}
spec:
  rules:
  - host: '*.example.com'
    http:
      paths: []
  - - 1
    - - 2.5
  - null
";
        assert_eq!(to_yaml(&value, Order::Sorted).unwrap(), expected);
    }

    #[test]
    fn a_struct_keeps_the_order_of_its_fields_unless_sorted() {
        #[derive(Serialize)]
        struct Port {
            port: u16,
            name: &'static str,
        }
        let port = Port { port: 80, name: "http" };
        assert_eq!(to_yaml(&port, Order::Given).unwrap(), "port: 80\nname: http\n");
        assert_eq!(to_yaml(&port, Order::Sorted).unwrap(), "name: http\nport: 80\n");
        let stream = to_yaml_stream([1, 2], Order::Given).unwrap();
        assert_eq!(stream, "1\n---\n2\n");
    }

    #[test]
    fn strings_are_quoted_where_they_would_be_something_else() {
        let check = |text: &str, expected: &str| {
            assert_eq!(to_yaml(&text, Order::Given).unwrap(), format!("{expected}\n"));
        };
        check("plain text", "plain text");
        check("arn:aws:acm:us-west-2:1:certificate/x", "arn:aws:acm:us-west-2:1:certificate/x");
        check("10.0.0.0/16", "10.0.0.0/16");
        check("a, b", "a, b");
        for text in [
            "",
            "on",
            "y",
            "No",
            "null",
            "~",
            "1",
            "0x1F",
            "1_000",
            "1e3",
            ".5",
            "08",
            "12:30",
            "<<",
            "=",
            "2024-01-02",
            "- a",
            "-",
            "?x",
            "a: b",
            "a:",
            "a #b",
            " a",
            "a ",
            "#a",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "@a",
            "%a",
            "`a",
            "[a",
            "{a",
            "'a",
            "\"a",
            "---",
            "...",
            "+1",
            "-.inf",
        ] {
            check(text, &format!("'{}'", text.replace('\'', "''")));
        }
        check("a\tb", "\"a\\tb\"");
        check("\n", "\"\\n\"");
        check("a\r\nb", "\"a\\r\\nb\"");
        check("\u{feff}\u{2028}\u{1f600}\0", "\"\\ufeff\\u2028\u{1f600}\\u0000\"");
        check(" a\nb", "\" a\\nb\"");
        check("\ta\nb", "\"\\ta\\nb\"");
        check("a\n \nb", "\"a\\n \\nb\"");
        check("a\nb", "|-\n  a\n  b");
        check("\na\n\n", "|+\n\n  a\n");
    }
}
