//! The quick reader gives the tree of the other one, or none.

use super::tree::{Body, Tree};
use super::{compose, fast, fault};
use crate::source::{FileId, Span};
use proptest::prelude::*;

/// Reads a document in both ways; says whether the quick one could.
fn check(text: &str) -> bool {
    let span = Span { file: FileId(0), lo: 0, hi: text.len() as u32 };
    if fault::control_character(text, span).is_some() {
        return false;
    }
    let Some(fast) = fast::read(Tree::new(span.file, text), span) else { return false };
    let composed = compose::compose(Tree::new(span.file, text), span);
    let findings: Vec<_> = composed.findings.iter().map(|f| &f.message).collect();
    assert!(findings.is_empty(), "{findings:?} in {text:?}");
    let slow = composed.tree.expect("a document without findings is read");
    assert_eq!(fast.nodes.len(), slow.nodes.len(), "{text:?}\n{fast:#?}\n{slow:#?}");
    for (a, b) in fast.nodes.iter().zip(&slow.nodes) {
        let same = (a.lo, a.hi, a.next, a.kind, a.form) == (b.lo, b.hi, b.next, b.kind, b.form);
        let same_body = match (&a.body, &b.body) {
            (Body::Text(a), Body::Text(b)) => a == b,
            (Body::Children, Body::Children) => true,
            _ => false,
        };
        assert!(same && same_body, "{text:?}\n{a:?}\n{b:?}");
    }
    true
}

#[test]
fn usual_documents_take_the_quick_way() {
    let quick = [
        "a: 1\n",
        "a: 1",
        "a:\nb:\n",
        "# c\na: b # c\n\n  # c\nb: 'it''s' # c\n",
        "a:\n- 1\n- 2\nb: 3\n",
        "a:\n  - 1\n  -\n  - x: 1\n    y:\n      - z\n  - - 1\n    - 2\n",
        "- a\n-\n  b: 1\n- -1\n",
        "a: [1, 'b', \"c\", [], {x: y, \"z\": {}}]\n",
        "a: |\n  x\n   y\n\n  z\n\nb: |-\n  x\nc: |+ # c\n\n  x\n\nd: 1\n",
        "a: |\n  x",
        "a: \"x\\\"y\\\\z\\n\"\n'on': x\n\"b\": y\n",
        "a:   b   # c\n-x: y\n",
        "a: arn:aws:acm:x:y#z\nb: -1\nc: ~\n",
    ];
    for text in quick {
        assert!(check(text), "{text:?}");
    }
}

#[test]
fn what_is_unusual_is_left_to_the_other_reader() {
    let slow = [
        "",
        "# c\n",
        "a",
        "a: b\n  c\n",
        "a: *x\n",
        "a: &x 1\n",
        "<<: {}\n",
        "a: !!str 1\n",
        "? a\n",
        "a: [1,\n  2]\n",
        "a: 'x\n  y'\n",
        "a: >-\n  x\n",
        "a: |2\n  x\n",
        "a: |\nb: 1\n",
        "a: \"\\x41\"\n",
        "a: b: c\n",
        "a: 1\n b: 2\n",
        "a: 1\na: 2\n",
        "a:\tb\n",
        "a: b\r\n",
        "...\n",
        "%YAML 1.1\n",
        "a: [b: c]\n",
        "a: [b?]\n",
        "a: {b}\n",
        "a: [b, ]\n",
        "a: .inf\n",
        "null: 1\n",
        "- a\nb: 1\n",
        "a:\n  b\n",
        "a: |\n   x\n  y\n",
        "a: |\n    \n  x\n",
        "a: 'b' c\n",
        "'a' b: c\n",
        "[a]: b\n",
        "a: - b\n",
        "{a: b}\n",
        "a: 1\n...\n",
        "a: \u{feff}\n",
    ];
    for text in slow {
        assert!(!check(text), "{text:?}");
    }
}

/// Cases per test: more with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases.max(4000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

const WORDS: &[&str] = &[
    "a",
    "b",
    "c: ",
    "d:",
    "- ",
    "-",
    "'e'",
    "\"f\"",
    "'g': ",
    "[h, i]",
    "{j: k}",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "|\n",
    "|-\n",
    "|+\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n\n",
    "\n ",
    "\n- ",
    "\n  - ",
    " ",
    "  ",
    "# l",
    " # m",
    "#",
    "1",
    "08",
    "true",
    "~",
    ":",
    ": ",
    "é",
    "😀",
    "''",
    "\\n",
    "\\\"",
    "\\",
    "?",
    "? ",
    "&n ",
    "*n",
    "!o ",
    "<<",
    "<<: ",
    ">",
    ">-\n",
    "%",
    "@",
    "`",
    "...",
    "\n...\n",
    "=",
    ".5",
    ".inf",
    "null",
    "-1",
    "--",
    "x:y",
    "http://p/q?r=s",
    "key:\n",
    "v: |\n    text\n",
    "\t",
    "\r\n",
];

const DOCUMENT: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web   # the name
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]'
    quoted: \"a \\\"b\\\" \\\\ c\"
    actions: |
      {\"type\": \"forward\",

       \"x\": 1}
    other: |-
      one line

spec:
  rules:
  - host: \"*.example.com\"
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {service: {name: web, port: {number: 80}}}
      -
        path: /x
      - - nested
        - 'it''s'
  empty:
  tls: []
  # the end
last: ~
";

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_in_any_order_are_the_same(words in prop::collection::vec(prop::sample::select(WORDS), 0..16)) {
        check(&words.concat());
    }

    #[test]
    fn words_in_lines_are_the_same(lines in prop::collection::vec(
        (0..4_usize, prop::collection::vec(prop::sample::select(WORDS), 0..5)), 0..10,
    )) {
        let line = |(indent, words): &(usize, Vec<&str>)| {
            format!("{:1$}{2}\n", "", 2 * indent, words.concat())
        };
        check(&lines.iter().map(line).collect::<String>());
    }

    #[test]
    fn changed_documents_are_the_same(edits in prop::collection::vec(
        (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(WORDS)), 0..4,
    )) {
        let mut text = DOCUMENT.to_owned();
        for (at, remove, insert) in edits {
            let at = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((at + remove).min(text.len()));
            text.replace_range(at..end.max(at), insert);
        }
        check(&text);
    }
}
