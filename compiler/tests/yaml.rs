//! Reads every probe of `yaml/` and compares with what Kubernetes' own reader made of it.
#![expect(clippy::unwrap_used, reason = "a probe that cannot be read fails the test")]

use ingc_compiler::diagnostic::Severity;
use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{Node, NodeKind, Text, Tree, decode, documents, parts, read_json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yaml")
}

/// What stands between two documents, of which neither needs recursion to compare.
fn same(ours: Node<'_, '_>, theirs: Node<'_, '_>) -> Result<(), String> {
    let mut todo = vec![(ours, theirs)];
    while let Some((a, b)) = todo.pop() {
        match b.kind() {
            NodeKind::Mapping if a.kind() == NodeKind::Mapping => {
                if a.entries().count() != b.entries().count() {
                    return Err(format!("{a:?} and {b:?} have different numbers of keys"));
                }
                for (key, value) in b.entries() {
                    let name = key.as_str().unwrap();
                    let Some(found) = a.get(name) else { return Err(format!("no key {name:?}")) };
                    todo.push((found, value));
                }
            }
            NodeKind::Sequence if a.kind() == NodeKind::Sequence => {
                if a.items().count() != b.items().count() {
                    return Err(format!("{a:?} and {b:?} have different lengths"));
                }
                todo.extend(a.items().zip(b.items()));
            }
            NodeKind::Int | NodeKind::Float => {
                let exact = (a.as_i64(), b.as_i64());
                let equal = match exact {
                    (Some(a), Some(b)) => a == b,
                    _ => a.as_f64().is_some() && a.as_f64() == b.as_f64(),
                };
                if !equal {
                    return Err(format!("{:?} is not {:?}", a.as_f64(), b.as_f64()));
                }
            }
            kind => {
                let equal = a.kind() == kind
                    && match kind {
                        NodeKind::String => a.as_str() == b.as_str(),
                        _ => a.as_bool() == b.as_bool(),
                    };
                if !equal {
                    return Err(format!("{:?} {:?} is not {:?}", a.kind(), a.as_str(), b.as_str()));
                }
            }
        }
    }
    Ok(())
}

/// Differences that stay, with the reason.
const DIFFERENCES: &[(&str, &str)] = &[
    ("comment_nospace.yaml", "granit wants a space before a comment"),
    ("comment_nospace2.yaml", "granit wants a space before a comment"),
    ("dash_flow.yaml", "granit refuses a lone dash in a flow sequence"),
    ("dupkey_norm.yaml", "1 and '1' are the same key in JSON; Kubernetes loses one at random"),
    ("json_stream.yaml", "kubectl reads a stream that starts with `{` as JSON: two documents"),
    ("json_unicode.yaml", "kubectl reads a stream that starts with `{` as JSON"),
    ("ls.yaml", "U+2028 is refused: Kubernetes takes it for a line break, people do not see it"),
    ("merge.yaml", "a key after a merge key overrides it in every reader; only strict ones refuse"),
    ("merge_list_over.yaml", "the first of a list counts in every reader; only strict ones refuse"),
    ("nel.yaml", "U+0085 is refused: Kubernetes takes it for a line break, people do not see it"),
    ("sep_glued.yaml", "the document before a broken separator is read as well"),
    ("tab_in_flow.yaml", "granit refuses a tab that indents a flow mapping in a block mapping"),
];

/// What is different between our reading of a probe and Kubernetes'.
fn difference(case: &str, expected: Node<'_, '_>) -> Option<String> {
    let bytes = std::fs::read(folder().join("cases").join(case)).unwrap();
    let expected: Vec<_> = expected.items().collect();
    let refused =
        |document: &Node<'_, '_>| document.get("err").is_some() || document.get("strict").is_some();
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(_) => return (!expected.iter().all(refused)).then(|| "is not UTF-8".to_owned()),
    };
    let mut sources = Sources::new();
    let file = sources.add(case, text);
    let mut found: Vec<Result<Tree<'_>, String>> = Vec::new();
    for part in parts(&sources, file) {
        let mut errors = Vec::new();
        for item in part.read() {
            match item {
                Ok(tree) => found.push(Ok(tree)),
                Err(finding) if finding.severity == Severity::Warning => {}
                Err(finding) => errors.push(finding.message),
            }
        }
        if !errors.is_empty() {
            found.push(Err(errors.join("; ")));
        }
    }
    // Kubernetes reads nothing behind a broken separator.
    let stops = expected.iter().any(|d| {
        d.get("err").and_then(Node::as_str).is_some_and(|error| error.starts_with("READ"))
    });
    if stops {
        found.truncate(expected.len());
    }
    if found.len() != expected.len() {
        let found: Vec<_> = found.iter().map(|d| d.as_ref().map(|_| ())).collect();
        return Some(format!("{} documents, expected {}: {found:?}", found.len(), expected.len()));
    }
    for (ours, theirs) in found.iter().zip(&expected) {
        match ours {
            Ok(_) if refused(theirs) => return Some("accepts what Kubernetes refuses".to_owned()),
            Ok(tree) => {
                if let Err(why) = same(tree.root(), theirs.get("json").unwrap()) {
                    return Some(why);
                }
            }
            Err(message) if !refused(theirs) => return Some(message.clone()),
            Err(_) => {}
        }
    }
    None
}

#[test]
fn probes_are_read_as_kubernetes_reads_them() {
    let expected = std::fs::read_to_string(folder().join("expected.jsonl")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in expected.lines().filter(|line| !line.contains("deep_flow_10k")) {
        let text = Text::synthetic(line);
        let tree = read_json(&text).unwrap_or_else(|finding| panic!("{}", finding.message));
        let case = tree.root().get("case").unwrap().as_str().unwrap().to_owned();
        let reason = DIFFERENCES.iter().find(|(name, _)| *name == case);
        match (difference(&case, tree.root().get("docs").unwrap()), reason) {
            (Some(why), None) => wrong.push(format!("{case}: {why}")),
            (None, Some((_, reason))) => wrong.push(format!("{case} is equal now, not: {reason}")),
            _ => count += 1,
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 141);
}

#[test]
fn nesting_is_bounded() {
    let bytes = std::fs::read(folder().join("cases/deep_flow_10k.yaml")).unwrap();
    let mut sources = Sources::new();
    let file = sources.add("deep", decode(bytes).unwrap());
    let found: Vec<_> = documents(&sources, file).map(|d| d.unwrap_err().code.id).collect();
    assert_eq!(found, ["ING0004"]);
}
