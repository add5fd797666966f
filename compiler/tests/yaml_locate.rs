//! Every character of a decoded scalar leads back to where the file holds it.

use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{Node, Style, Text, documents, read_json};
use proptest::prelude::*;

/// Checks all characters of a text, one after the other: each stands where it is said to stand, in
/// a spelling that can mean it, and none stands before the one that it follows.
fn check_text(sources: &Sources, text: &Text<'_>) {
    let mut from = text.span.lo;
    for (at, c) in text.value.char_indices() {
        let span = text.locate(at..at + c.len_utf8());
        assert!(from <= span.lo && span.hi <= text.span.hi, "{c:?} of {text:?} is at {span:?}");
        let found = sources.snippet(span);
        let means = found == c.to_string()
            || match text.style {
                Style::SingleQuoted if c == '\'' => found == "''",
                Style::DoubleQuoted if found.starts_with('\\') => unescape(found) == Some(c),
                _ => false,
            }
            || matches!(c, ' ' | '\n') && matches!(found, "\n" | "\r\n" | "\r")
            || c == '\n' && span.lo == text.span.hi;
        assert!(means, "{c:?} of {text:?} is said to be {found:?}");
        from = span.hi;
    }
    let end = text.locate(text.value.len()..text.value.len());
    assert!(from <= end.lo && end.lo == end.hi, "{text:?} ends at {end:?}");
}

fn unescape(escape: &str) -> Option<char> {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    Some(match escape {
        "\\n" => '\n',
        "\\t" => '\t',
        "\\\"" => '"',
        "\\\\" => '\\',
        "\\ " => ' ',
        "\\N" => '\u{85}',
        "\\P" => '\u{2029}',
        "\\ud83d\\ude00" => '😀',
        _ => hex(escape.get(2..)?)?,
    })
}

/// Reads a stream and checks all its scalars; says how many there are.
fn check_stream(stream: &str) -> usize {
    let mut sources = Sources::new();
    let file = sources.add("f", stream);
    let mut count = 0;
    for tree in documents(&sources, file).flatten() {
        let mut todo = vec![tree.root()];
        while let Some(node) = todo.pop() {
            todo.extend(node.items());
            todo.extend(node.entries().flat_map(|(key, value)| [key, value]));
            if let Some(text) = node.text() {
                check_text(&sources, &text);
                count += 1;
            }
        }
    }
    count
}

#[test]
fn characters_are_found_in_every_style() {
    let check = |stream: &str, decoded: &str, part: &str, place: &str| {
        let mut sources = Sources::new();
        let file = sources.add("f", stream);
        let tree = documents(&sources, file).next().unwrap().unwrap();
        let text = tree.root().get("a").unwrap().text().unwrap();
        assert_eq!(text.value, decoded, "{stream:?}");
        let at = text.value.find(part).unwrap();
        let span = text.locate(at..at + part.len());
        let found = sources.position(span).to_string();
        assert_eq!(found, format!("f:{place}"), "{:?}", sources.snippet(span));
        check_text(&sources, &text);
    };
    check("a: one two\n", "one two", "two", "1:8");
    check("a: one\n   two\n", "one two", "two", "2:4");
    check("a: one\n\n   two\n", "one\ntwo", "two", "3:4");
    check("a: 'it''s so'\n", "it's so", "so", "1:11");
    check("a: \"x\\u00e9\\ty z\"\n", "xé\ty z", "y", "1:14");
    check("a: \"x\\\n   y\"\n", "xy", "y", "2:4");
    check("a: |\n  x\n\n  y: z\n", "x\n\ny: z\n", "z", "4:6");
    check("a: |\r\n  x\r\n  y\r\n", "x\ny\n", "y", "3:3");
    check("a: |2\n    x\n   y\n", "  x\n y\n", "y", "3:4");
    check("a: >-\n  x\n  y\n\n  z\n", "x y\nz", "z", "5:3");
    check("a: >\n  x\n    y\n  z\n", "x\n  y\nz\n", "z", "4:3");
    check("a: |+ # c\n\n  x\n\n\nb: 1\n", "\nx\n\n\n", "x", "3:3");
}

#[test]
fn json_in_a_scalar_is_found_at_its_line_and_column() {
    let check = |stream: &str, place: &str| {
        let mut sources = Sources::new();
        let file = sources.add("f", stream);
        let tree = documents(&sources, file).next().unwrap().unwrap();
        let text = tree.root().get("a").unwrap().text().unwrap();
        let json = read_json(&text).unwrap();
        let node = json.root().get("k").unwrap().items().nth(1).unwrap();
        assert_eq!(node.as_str(), Some("x\"y z"));
        assert_eq!(sources.position(node.span()).to_string(), format!("f:{place}"));
        let inner = node.text().unwrap();
        let word = inner.locate(4..5);
        assert_eq!(sources.snippet(word), "z", "{word:?}");
        let quote = inner.locate(1..2);
        assert_eq!(sources.snippet(quote).trim_start_matches('\\'), "\"");
    };
    check(r#"a: '{"k": [1, "x\"y z"]}'"#, "1:15");
    check("a: |\n  {\n    \"k\": [1,\n      \"x\\\"y z\"]\n  }\n", "4:7");
    check("a: >-\r\n  {\"k\":\r\n   [1,\r\n  \"x\\\"y z\"]}\r\n", "4:3");
    check(r#"a: "{\"k\": [1, \"x\\\"y z\"]}""#, "1:17");
    check("a: '{\"k\": [1, \"x\\\"y\n  z\"]}'", "1:15");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn characters_of_flow_scalars_lead_back_to_the_file(
        quote in prop::sample::select(vec!["", "'", "\""]),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "b ", "  ", " c", "\n  ", "\n\n   ", " \n  ", "\n \n  ", "''", "\\n", "\\x41", "ü",
            "\\u00e9", "\\ud83d\\ude00", "\\\n  ", "\\\n\n  ", "\\ ", "\\P", "\\N", "😀", "#", ":",
            "\t", "\\\"", "\\\\",
        ]), 0..12),
    ) {
        let raw = pieces.concat();
        check_stream(&format!("a: {quote}{raw}{quote}\nb: 1\n").replace('\n', end));
    }

    #[test]
    fn characters_of_block_scalars_lead_back_to_the_file(
        header in prop::sample::select(vec![
            "|", "|-", "|+", "|2", "|2-", "|1+", ">", ">-", ">+", ">2", ">1-", "> # c", "|- # c",
        ]),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        lines in prop::collection::vec((0..5_usize, prop::sample::select(vec![
            "", "", "a", "b c", "ü ", "x  ", "\ty", "z\t", "# d", "'", "- e", "😀: 1",
        ])), 0..8),
    ) {
        let body: String = lines.iter().map(|(n, text)| format!("{:n$}{text}\n", "")).collect();
        check_stream(&format!("a: {header}\n{body}b: 1\n").replace('\n', end));
        check_stream(&format!("- {header}\n{body}").replace('\n', end));
    }

    #[test]
    fn characters_of_json_lead_back_to_the_file(
        style in 0..5,
        words in prop::collection::vec(prop::sample::select(vec![
            "a", "b", "'", " ", "  ", "\\\"", "\\n", "\\u00e9", "ü", "😀", "\\/", "\\\\",
        ]), 0..8),
        space in prop::sample::select(vec!["", " ", "\n", "\n\n ", "\n  "]),
    ) {
        let string = words.concat();
        let json = format!("{{{space}\"k\":{space}[1,{space}\"{string}\"{space}]}}");
        let indented = json.replace('\n', "\n  ");
        let stream = match style {
            0 => format!("a: |\n  {indented}\n"),
            1 => format!("a: >-\n  {indented}\n"),
            2 => format!("a: '{}'\n", indented.replace('\'', "''")),
            3 => format!("a: \"{}\"\n", indented.replace('\\', "\\\\").replace('"', "\\\"")),
            _ => format!("a: {}\n", serde_json::to_string(&json).unwrap()),
        };
        let mut sources = Sources::new();
        let file = sources.add("f", stream.clone());
        let tree = documents(&sources, file).next().unwrap().unwrap();
        let text = tree.root().get("a").unwrap().text().unwrap();
        let read = read_json(&text).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&text.value).unwrap();
        let node = read.root().get("k").unwrap().items().nth(1).unwrap();
        prop_assert_eq!(node.as_str(), expected["k"][1].as_str());
        let number = read.root().get("k").and_then(|k: Node<'_, '_>| k.items().next()).unwrap();
        prop_assert_eq!(sources.snippet(number.span()), "1");
        let inner = node.text().unwrap();
        let mut from = inner.span.lo;
        for (at, c) in inner.value.char_indices() {
            let span = inner.locate(at..at + c.len_utf8());
            prop_assert!(from <= span.lo && span.hi < inner.span.hi, "{c:?} in {stream:?}");
            if c.is_alphabetic() && c != 'é' || c == '😀' {
                prop_assert_eq!(sources.snippet(span), c.to_string());
            }
            from = span.hi;
        }
    }
}
