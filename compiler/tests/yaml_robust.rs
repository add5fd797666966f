//! No input makes the reader panic, recurse without bound or take long.

use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{Node, decode, documents, read_json};
use proptest::prelude::*;

/// Reads a stream, walks all of it, and reads every string as JSON.
fn read(bytes: Vec<u8>) {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => error.text,
    };
    let len = text.len() as u32;
    let mut sources = Sources::new();
    let file = sources.add("f", text);
    for item in documents(&sources, file) {
        match item {
            Ok(tree) => walk(&sources, tree.root(), len),
            Err(finding) => {
                let places = finding.related.iter().map(|related| related.span);
                for span in places.chain([finding.span]).flatten() {
                    assert!(span.lo <= span.hi && span.hi <= len, "{span:?} {}", finding.message);
                    assert!(sources.file(file).text().get(span.range()).is_some(), "{span:?}");
                }
            }
        }
    }
}

fn walk(sources: &Sources, root: Node<'_, '_>, len: u32) {
    let mut todo = vec![root];
    while let Some(node) = todo.pop() {
        let span = node.span();
        assert!(span.lo <= span.hi && span.hi <= len, "{node:?}");
        assert!(sources.file(span.file).text().get(span.range()).is_some(), "{node:?}");
        todo.extend(node.items());
        todo.extend(node.entries().flat_map(|(key, value)| [key, value]));
        if let Some(text) = node.text() {
            let place = text.locate(0..text.value.len());
            assert!(span.lo <= place.lo && place.hi <= span.hi, "{text:?} is at {place:?}");
            if let Ok(json) = read_json(&text) {
                for (_, value) in json.root().entries() {
                    let inner = value.span();
                    assert!(span.lo <= inner.lo && inner.hi <= span.hi, "{value:?} in {node:?}");
                }
            }
        }
        let _ = (node.as_bool(), node.as_i64(), node.as_f64(), node.key());
    }
}

/// The probes, to be broken.
fn probes() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yaml/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the probes are there")
        .map(|entry| entry.expect("the probes can be listed").path())
        .collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("a probe can be read");
    paths.into_iter().map(read).filter(|bytes: &Vec<u8>| bytes.len() < 2000).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(bytes);
    }

    #[test]
    fn any_words_are_read_without_panic(words in prop::collection::vec(prop::sample::select(vec![
        " ", "  ", "\n", "\n  ", "\n- ", "- ", ": ", ":", "a", "b: ", "[", "]", "{", "}", ",", "'",
        "\"", "#", "|\n", ">-\n", "|2", "&a ", "*a", "<<: ", "!!int ", "? ", "1", "~", "\\n", "\\",
        "\t", "\r\n", "\r", "\n...\n", "\n---\n", "é", "😀", "@", "%", "\u{feff}", "\u{85}", "\\u00",
        "!", "!<", "\\\n",
    ]), 0..30)) {
        read(words.concat().into_bytes());
    }

    #[test]
    fn broken_probes_are_read_without_panic(
        probe in prop::sample::select(probes()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, any::<u8>()), 1..5),
    ) {
        let mut bytes = probe;
        for (at, remove, insert) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, [insert]);
        }
        read(bytes);
    }
}

/// Each of these took seconds or overflowed the stack in some reader of YAML. A quadratic reader
/// would need hours for them.
#[test]
fn hostile_inputs_are_read_in_no_time() {
    let many = 20_000;
    let lines = |line: &str| line.repeat(many);
    let deep = |open: &str| open.repeat(100_000);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    let mut merges = "a0: &a0 {k: 1}\n".to_owned();
    for level in 1..2000 {
        merges.push_str(&format!("a{level}: &a{level} {{<<: *a{}, k{level}: 1}}\n", level - 1));
    }
    let inputs = [
        bomb,
        merges,
        deep("["),
        deep("{"),
        deep("{a: "),
        deep("- "),
        deep("? "),
        lines("&a "),
        lines("!!a "),
        deep("[") + &deep("]"),
        format!("{{\"a\":{}", lines("[")),
        format!("{{\"a\":{}", lines("{\"a\":")),
        format!("a: {}", "x".repeat(1_000_000)),
        format!("a: '{}'", "x".repeat(1_000_000)),
        format!("a: \"{}\"", "\\n".repeat(200_000)),
        format!("a: \"{}", "\\n".repeat(200_000)),
        format!("a: |\n{}", lines("  x y\n")),
        format!("a: >\n{}", lines("  x y\n")),
        format!("a: x\n{}", lines("  x y\n")),
        format!("a: \"x\n{}\"", lines("  x y\n")),
        format!("a: x{}\nb: 1\n", lines("\t")),
        format!("a: |\n  {}\nb: 1\n", lines("\t")),
        format!("a: x\n{}b: 1\n", lines("  # c\n")),
        format!("a:\n{}", lines("\n")),
        format!("a: [{}]", lines("1, ")),
        format!("a: {{{}}}", lines("b: 1, ")),
        (0..many).map(|i| format!("k{i}: 1\n")).collect(),
        (0..many).map(|i| format!("k{i}: |\n  x\n")).collect(),
        (0..many).map(|i| format!("- &a{i}\n- *a{i}\n")).collect(),
        lines("k: 1\n"),
        lines("- \n"),
        lines("---\na: 1\n"),
        lines("--- x\n"),
        lines("{}\n"),
        lines("'a' "),
        lines("\u{2019}"),
        lines("a: b: "),
        "1".repeat(1_000_000),
        format!("1{}", "_1".repeat(500_000)),
        format!("a: {}\n", "&".repeat(1_000_000)),
    ];
    let start = std::time::Instant::now();
    for input in inputs {
        read(input.into_bytes());
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
