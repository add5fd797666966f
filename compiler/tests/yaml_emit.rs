//! What is written is read back as the same value.

use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{Node, NodeKind, Order, documents, to_yaml};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn value(node: Node<'_, '_>) -> Value {
    let number = || match node.as_i64() {
        Some(whole) if node.kind() == NodeKind::Int => Some(json!(whole)),
        _ => node.as_f64().map(|float| json!(float)),
    };
    match node.kind() {
        NodeKind::Null => Value::Null,
        NodeKind::Bool => json!(node.as_bool()),
        NodeKind::Int | NodeKind::Float => number().unwrap_or_default(),
        NodeKind::String => json!(node.as_str()),
        NodeKind::Sequence => node.items().map(value).collect(),
        NodeKind::Mapping => {
            let entry = |(key, item): (Node<'_, '_>, Node<'_, '_>)| {
                (key.as_str().unwrap_or_default().to_owned(), value(item))
            };
            Value::Object(node.entries().map(entry).collect::<Map<_, _>>())
        }
    }
}

/// Writes a value twice in a stream and reads it back; null documents are passed over.
fn check(written: &Value) {
    let yaml = to_yaml(written, Order::Given).expect("a JSON value can be written");
    let mut sources = Sources::new();
    let file = sources.add("f", format!("{yaml}---\n{yaml}"));
    let read: Vec<Value> = documents(&sources, file)
        .map(|tree| value(tree.unwrap_or_else(|e| panic!("{}: {yaml}", e.message)).root()))
        .collect();
    let expected = if written.is_null() { 0 } else { 2 };
    assert_eq!(read, vec![written.clone(); expected], "{yaml}");
}

fn string() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "'",
        "\"",
        "\\",
        ": ",
        ":",
        " #",
        "#",
        "- ",
        "-",
        "?",
        "*",
        "&",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "[",
        "]",
        "{",
        "}",
        ",",
        "~",
        "=",
        "<<",
        "on",
        "no",
        "y",
        "null",
        "1",
        "0x",
        "0",
        "_",
        ".",
        "e",
        "+",
        "---",
        "...",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\0",
        "\u{7f}",
        "é",
        "😀",
        "\u{fffe}",
        "2024-01-02",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
        any::<String>(),
        "[0-9a-fxob_.+:-]{1,6}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        4 => string().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    scalar.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(string(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn values_survive_writing_and_reading(written in any_value()) {
        check(&written);
    }
}

#[test]
fn long_keys_and_deep_values_survive() {
    check(&json!({"k".repeat(5000): {"'".repeat(2000): [1]}, "b": "x".repeat(1_000_000)}));
    let deep = (0..400).fold(json!(1), |inner, _| json!([{ "a": inner }]));
    check(&deep);
}
