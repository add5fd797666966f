//! What is wrong with a text is said where it is wrong, in words that help, and all of it.

use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{decode, documents, read_json};

/// All findings of a stream, as `line:column code message`.
fn findings(stream: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("f", stream);
    let found: Vec<Diagnostic> = documents(&sources, file).filter_map(Result::err).collect();
    let line = |finding: &Diagnostic| {
        let at = sources.position(finding.span.expect("every finding of the reader has a place"));
        format!("{}:{} {} {}", at.line, at.column, &finding.code.id[3..], finding.message)
    };
    found.iter().map(line).collect()
}

#[test]
fn mistakes_are_named_where_they_stand() {
    let check =
        |stream: &str, expected: &str| assert_eq!(findings(stream), [expected], "{stream:?}");
    check("a: \"x\nb: 1\n", "1:4 0001 the quote is not closed");
    check("a: 'x\n", "1:4 0001 the quote is not closed");
    check("a: 'it's'\n", "1:8 0001 text follows the closing quote");
    check("a: \"x\" y\n", "1:8 0001 text follows the closing quote");
    check("a: \"x\\q\"\n", "1:6 0001 there is no such escape");
    check("a: \"\\\\ \\x4\"\n", "1:8 0001 there is no such escape");
    check("a: \"é\\ud83d\"\n", "1:6 0001 there is no such escape");
    check("a: \"x\\/\"\n", "1:6 0001 Kubernetes' YAML reader knows no escape `\\/`");
    check("a:\n  b: 1\n c: 2\n", "3:2 0001 this does not continue the mapping: a key is expected");
    check("a:\n  - x\n - y\n", "3:2 0001 this does not continue the mapping: a key is expected");
    check("- a\nb: 1\n", "2:1 0001 this does not continue the list: `- ` is expected");
    check("a: 1\n  b: 2\n", "2:4 0001 a `:` makes a key here, where none can be");
    check("a: b: c\n", "1:5 0001 a `:` makes a key here, where none can be");
    check("a: 1\nother\n", "2:1 0001 the key has no `:` behind it on the same line");
    check("a:\n\tb: 1\n", "2:1 0001 a tab stands where only spaces may indent");
    check("a: 1\n \t\nb: 2\n", "2:2 0001 a tab stands where only spaces may indent");
    check("a:\n  -\tb\n", "2:4 0001 a tab stands where only spaces may indent");
    check("host: *.example.com\n", "1:7 0003 the alias has no anchor before it");
    check("a: &a [*a]\n", "1:8 0003 an alias stands within the value that it repeats");
    check(
        "a: &a.b 1\n",
        "1:4 0001 the name of an anchor or alias holds more than letters, digits, `_` and `-`",
    );
    check("a: {x: 1\nb: 2\n", "2:2 0001 `,` or `}` is expected");
    check("a: [x]]\n", "1:7 0001 no bracket is open that this one could close");
    check("{a: 1\n", "1:1 0001 the bracket `{` is not closed");
    check(
        "a: [http://x?y]\n",
        "1:13 0001 within brackets, a `?` cannot stand in a value without quotes",
    );
    check(
        "a: {b:, c: 1}\n",
        "1:6 0001 within brackets, a space must follow the `:` of a key without quotes",
    );
    check("{a: 1, b\n c: 2}\n", "1:8 0001 the key does not stand on one line");
    check("a: %x\n", "1:4 0001 no value can start with `%`");
    check("a: `x`\n", "1:4 0001 no value can start with a backtick");
    check(
        "%YAML 1.1\n",
        "1:1 0001 a line that starts with `%` is a directive, which Kubernetes does not read",
    );
    check("a: x\0\n", "1:5 0005 the control character U+0000 is not allowed");
    check("# é\u{2028}\n", "1:4 0005 Kubernetes takes the character U+2028 for a line break");
    check("--- {a: 1}\n", "1:5 0006 text stands behind the document separator `---`");
    check("a: 1\n...\nb: 2\n", "3:1 0007 text behind the end of the document is ignored");
    check("a: .inf\n", "1:4 0009 `.inf` is not a finite number, and JSON has no other");
    check("a: !!int x\n", "1:10 0009 a value of type `!!str` cannot be read as `!!int`");
    check("null: 1\n", "1:1 0009 nothing (null) cannot be a key");
    check(
        "<<: 1\n",
        "1:5 0009 a merge key `<<` takes a mapping, an alias of one, or a sequence of them",
    );
    check("{}\n{}\n{\"b\": 1,}\n", "3:9 0008 `}` stands where a key in quotes is expected");
}

#[test]
fn every_broken_document_is_reported_and_the_others_are_read() {
    let stream =
        "a: 1\n---\nb: [\n---\nc: 1\nc: 2\nd: .inf\nc: 3\n---\ne: 1\n---x\nf: 1\n---\ng: 1\n";
    let mut sources = Sources::new();
    let file = sources.add("f", stream);
    let read = documents(&sources, file).flatten().count();
    assert_eq!(read, 3);
    assert_eq!(
        findings(stream),
        [
            "3:4 0001 the bracket `[` is not closed",
            "7:4 0009 `.inf` is not a finite number, and JSON has no other",
            "6:1 0002 the key `c` stands twice in one mapping",
            "8:1 0002 the key `c` stands twice in one mapping",
            "11:4 0006 text stands behind the document separator `---`",
        ]
    );
}

#[test]
fn a_duplicate_key_names_both_places() {
    let mut sources = Sources::new();
    let file = sources.add("f", "a:\n  b: 1\n  'b': 2\n");
    let finding = documents(&sources, file).find_map(Result::err).unwrap();
    let at = |span| sources.position(span).to_string();
    assert_eq!(finding.span.map(at).as_deref(), Some("f:3:3"));
    assert_eq!(finding.related[0].span.map(at).as_deref(), Some("f:2:3"));
}

#[test]
fn an_open_bracket_is_named_beside_the_place_where_the_reader_gave_up() {
    let related = |stream: &str| {
        let mut sources = Sources::new();
        let file = sources.add("f", stream);
        let finding = documents(&sources, file).find_map(Result::err).unwrap();
        let spans = finding.related.iter().filter_map(|related| related.span);
        spans.map(|span| sources.position(span).to_string()).collect::<Vec<_>>()
    };
    assert_eq!(related("a: {x: 1\nb: 2\n"), ["f:1:4"]);
    assert_eq!(related("a: [é: b, @\n"), ["f:1:4"]);
    assert!(related("a: [é: b\n").is_empty());
}

#[test]
fn a_template_that_was_not_rendered_is_recognised() {
    for stream in ["name: {{ .Release.Name }}\n", "{{- if .Values.x }}\na: 1\n{{- end }}\n"] {
        let mut sources = Sources::new();
        let file = sources.add("f", stream);
        let finding = documents(&sources, file).find_map(Result::err).unwrap();
        assert!(finding.hint.unwrap().contains("helm template"), "{stream:?}");
    }
}

#[test]
fn json_is_refused_as_go_refuses_it_at_the_right_column() {
    let check = |json: &str, column: u32, expected: &str| {
        let mut sources = Sources::new();
        let file = sources.add("f", format!("a: |\n  {json}\n"));
        let tree = documents(&sources, file).next().unwrap().unwrap();
        let text = tree.root().get("a").unwrap().text().unwrap();
        let finding = read_json(&text).expect_err(json);
        let at = sources.position(finding.span.unwrap());
        assert_eq!((finding.message.as_str(), at.column), (expected, column + 2), "{json}");
        assert_eq!(finding.code.id, "ING0008");
    };
    check("{'a': 1}", 2, "`'` stands where a key in quotes or `}` is expected");
    check("{\"a\": 'x'}", 7, "`'` stands where a value is expected");
    check("{\"a\": 1,}", 9, "`}` stands where a key in quotes is expected");
    check("[1, 2,]", 7, "`]` stands where a value is expected");
    check("{\"a\" 1}", 6, "`1` stands where `:` is expected");
    check("{\"a\": 1 \"b\": 2}", 9, "`\"` stands where `,` or `}` is expected");
    check("[1 2]", 4, "`2` stands where `,` or `]` is expected");
    check("{\"a\": 1} x", 10, "`x` stands where the end of the JSON is expected");
    check("{\"a\": [1, 2}", 12, "`}` stands where `,` or `]` is expected");
    check("{\"a\": tru}", 7, "`t` stands where a value is expected");
    check("{\"a\": True}", 7, "`T` stands where a value is expected");
    check("{\"a\": 01}", 7, "a number in JSON has no leading zero");
    check("{\"a\": .5}", 7, "`.` stands where a value is expected");
    check("{\"a\": 1.}", 9, "`}` stands where a digit is expected");
    check("{\"a\": +1}", 7, "`+` stands where a value is expected");
    check("{\"a\": \"x\\q\"}", 9, "JSON has no such escape");
    check("{\"a\": \"\\u12\"}", 8, "`\\u` takes four hexadecimal digits");
    check("{\"a\": \"x}", 7, "the string is not closed on its line");
    check("{\"a\": // c", 7, "`/` stands where a value is expected");
    check("{\"a\": \"x\ty\"}", 9, "a control character stands in a JSON string");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let error = decode(b"a: 1\nb: \xe9t\xe9\n".to_vec()).unwrap_err();
    let mut sources = Sources::new();
    let file = sources.add("f", error.text.clone());
    let finding = error.diagnostic(file);
    assert_eq!(sources.position(finding.span.unwrap()).to_string(), "f:2:4");
    assert_eq!(finding.message, "byte 8 (0xe9) is not valid UTF-8");
}
