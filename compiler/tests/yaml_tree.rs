//! What the cursor gives, and where it says that it stands.

use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{Node, NodeKind, Text, Tree, documents, parts, read_json};

/// Reads the first document and looks at its root.
fn with_root<T>(stream: &str, look: impl FnOnce(&Sources, Node<'_, '_>) -> T) -> T {
    let mut sources = Sources::new();
    let file = sources.add("f", stream);
    let first = documents(&sources, file).next().and_then(Result::ok);
    look(&sources, first.as_ref().expect("the stream holds a document").root())
}

/// A node in one line, with merge keys and aliases resolved.
fn show(node: Node<'_, '_>) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match node.kind() {
        NodeKind::Mapping => {
            let entry = |(key, value): (Node<'_, '_>, Node<'_, '_>)| {
                format!("{}: {}", key.key().unwrap_or_default(), show(value))
            };
            format!("{{{}}}", list(node.entries().map(entry).collect()))
        }
        NodeKind::Sequence => format!("[{}]", list(node.items().map(show).collect())),
        kind => format!("{kind:?}({})", node.as_str().unwrap_or_default()),
    }
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    let check = |stream: &str, expected: &str| {
        assert_eq!(with_root(stream, |_, root| show(root)), expected, "{stream}");
    };
    check("a: &x [1]\nb: *x\nc: [*x]\n", "{a: [Int(1)], b: [Int(1)], c: [[Int(1)]]}");
    check("a: &x 1\n&y b: *x\nc: *y\n", "{a: Int(1), b: Int(1), c: String(b)}");
    check("a: &x 1\nb: &x 2\nc: *x\n", "{a: Int(1), b: Int(2), c: Int(2)}");
    let base = "a: &a {x: 1, k: 2}\nb: &b {k: 3, z: 4}\n";
    let merged = |body: &str| {
        with_root(&format!("{base}m:\n{body}"), |_, root| show(root.get("m").unwrap()))
    };
    assert_eq!(merged("  <<: *a\n"), "{x: Int(1), k: Int(2)}");
    assert_eq!(merged("  <<: *a\n  k: 9\n"), "{x: Int(1), k: Int(9)}");
    assert_eq!(merged("  <<: [*a, *b]\n"), "{x: Int(1), k: Int(2), z: Int(4)}");
    assert_eq!(merged("  <<: {x: 5}\n  w: 1\n"), "{x: Int(5), w: Int(1)}");
    assert_eq!(merged("  '<<': 1\n"), "{<<: Int(1)}");
    assert_eq!(merged("  !!merge <<: *a\n"), "{x: Int(1), k: Int(2)}");
    check(
        "a: &a {x: 1}\nb: &b {<<: *a, k: 2}\nc: {<<: *b, z: 3}\n",
        "{a: {x: Int(1)}, b: {x: Int(1), k: Int(2)}, c: {x: Int(1), k: Int(2), z: Int(3)}}",
    );
}

#[test]
fn numbers_and_booleans_are_what_kubernetes_makes_of_them() {
    let check = |text: &str, expected: (Option<bool>, Option<i64>, Option<f64>)| {
        let found = with_root(&format!("a: {text}\n"), |_, root| {
            let node = root.get("a").unwrap();
            (node.as_bool(), node.as_i64(), node.as_f64())
        });
        assert_eq!(found, expected, "{text}");
    };
    check("on", (Some(true), None, None));
    check("'on'", (None, None, None));
    check("8", (None, Some(8), Some(8.0)));
    check("08", (None, Some(8), Some(8.0)));
    check("0755", (None, Some(493), Some(493.0)));
    check("8.0", (None, Some(8), Some(8.0)));
    check("8.5", (None, None, Some(8.5)));
    check("1e3", (None, Some(1000), Some(1000.0)));
    check("1e21", (None, None, Some(1e21)));
    check("18446744073709551615", (None, None, Some(18446744073709551615.0)));
    check("!!float 3", (None, Some(3), Some(3.0)));
    check("!!int '3'", (None, Some(3), Some(3.0)));
    check("!!str 3", (None, None, None));
}

#[test]
fn keys_are_found_by_the_name_that_json_gives_them() {
    with_root("on: 1\n5: 2\n1.5: 3\nx: 4\n", |_, root| {
        let get = |key| root.get(key).and_then(Node::as_i64);
        assert_eq!([get("true"), get("5"), get("1.5"), get("x")], [1, 2, 3, 4].map(Some));
        assert_eq!(get("on"), None);
        assert!(root.get("x").unwrap().get("y").is_none());
    });
}

#[test]
fn json_in_an_annotation_is_matched_as_go_matches_it() {
    let text = Text::synthetic(r#"{"weight": 1, "Weight": 2, "WEIGHT": 1.0, "x": 1, "x": 2}"#);
    let json = read_json(&text).unwrap();
    let weight = json.root().get_ignore_case("weight").unwrap();
    assert_eq!(weight.text().unwrap().as_str(), "1.0");
    assert_eq!(
        (weight.kind(), weight.as_i64(), weight.as_f64()),
        (NodeKind::Float, None, Some(1.0))
    );
    assert_eq!(json.root().get("weight").and_then(Node::as_i64), Some(1));
    assert_eq!(json.root().get("x").and_then(Node::as_i64), Some(2));
}

#[test]
fn spans_cover_what_was_written() {
    let check = |stream: &str, expected: &str| {
        let found = with_root(stream, |sources, root| {
            let span = root.get("a").unwrap().span();
            format!("{}+{:?}", span.lo, sources.snippet(span))
        });
        assert_eq!(found, expected, "{stream:?}");
    };
    check("a: b # c\n", "3+\"b\"");
    check("a: 'b'\n", "3+\"'b'\"");
    check("a:\nb: 1\n", "2+\"\"");
    check("a: # c\n", "2+\"\"");
    check("? a\n: b\n", "6+\"b\"");
    check("a: &x !!str b\n", "12+\"b\"");
    check("a: b\n  c\n\nd: 1\n", "3+\"b\\n  c\"");
    check("a: |\n  x\n\n  y\n\nb: 1\n", "3+\"|\\n  x\\n\\n  y\"");
    check("a: !!str >- # c\n  x\n", "9+\">- # c\\n  x\"");
    check("a: [1, 2] # c\n", "3+\"[1, 2]\"");
    check("a: [b: c , d]\n", "3+\"[b: c , d]\"");
    check("a: {b: [c]}\n", "3+\"{b: [c]}\"");
    check("a:\n- 1\n- b: 2\nc: 3\n", "3+\"- 1\\n- b: 2\"");
    check("a:\n  - - 1\n    - 2\n", "5+\"- - 1\\n    - 2\"");
    check("a:\n  # c\n  b: 1\n  d:\n\n", "11+\"b: 1\\n  d:\"");
    check("a:\n- x: 1\n-\n", "3+\"- x: 1\\n-\"");
    check("b: &x\n  c: 1\na: *x\n", "8+\"c: 1\"");
    check("{\"a\": {\"b\": []}}", "6+\"{\\\"b\\\": []}\"");
}

#[test]
fn streams_are_split_as_kubernetes_splits_them() {
    let check = |stream: &str, expected: &[&str]| {
        let mut sources = Sources::new();
        let file = sources.add("f", stream);
        let found: Vec<_> = documents(&sources, file)
            .filter_map(Result::ok)
            .map(|tree: Tree<'_>| show(tree.root()))
            .collect();
        assert_eq!(found, expected, "{stream:?}");
        let by_parts: Vec<_> = parts(&sources, file).flat_map(|part| part.read()).collect();
        assert_eq!(by_parts.iter().filter(|item| item.is_ok()).count(), expected.len());
    };
    check("", &[]);
    check("---\n---\n# c\n---", &[]);
    check("null\n---\n~\n", &[]);
    check("\u{feff}a: 1\n--- # c\n\u{feff}b: 2\n", &["{a: Int(1)}", "{b: Int(2)}"]);
    check("a: |\n  ---\n---   \nb: 1", &["{a: String(---\n)}", "{b: Int(1)}"]);
    check("a: 1\r\n---\r\nb: 2\r\n", &["{a: Int(1)}", "{b: Int(2)}"]);
    check(
        "{\"a\":1}\n{\"b\":2} {}\n---\n{c: 3}",
        &["{a: Int(1)}", "{b: Int(2)}", "{}", "{c: Int(3)}"],
    );
    check("{\"a\":1}\n# c\n", &["{a: Int(1)}"]);
    check("a: 1\n...\nb: 2\n---\nc: 3\n", &["{a: Int(1)}", "{c: Int(3)}"]);
}

#[test]
fn trees_may_be_read_by_many_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Tree<'_>>();
    is_shared::<Text<'_>>();
}
