//! JSON as Go's `encoding/json` reads it, into the same tree.

use super::text::{Outer, Place, Style, Text};
use super::tree::{Body, Entry, Form, NodeKind, Tree};
use super::{DEPTH, keys};
use crate::diagnostic::code::yaml as code;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::borrow::Cow;
use std::sync::Arc;

/// Why a text is not JSON, at a byte range of the text.
struct Fault {
    code: &'static Code,
    at: (usize, usize),
    message: String,
    hint: Option<&'static str>,
}

struct Reader<'a, 's, F> {
    text: &'a str,
    /// The text again, if the file holds it byte by byte: strings need no copy then.
    borrowed: Option<&'s str>,
    at: usize,
    /// From offsets in the text to offsets in the file.
    place: F,
    tree: Tree<'s>,
    /// The range of every node in the text, if it is asked for.
    ranges: Option<Vec<(u32, u32)>>,
    /// Collections that are not closed yet.
    open: Vec<u32>,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value or the `]` of an empty array.
    ValueOrEnd,
    /// A key or the `}` of an empty object.
    KeyOrEnd,
    Key,
    CommaOrEnd,
    Nothing,
}

impl<'s, F: FnMut(usize, usize) -> (u32, u32)> Reader<'_, 's, F> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fault(&self, at: usize, message: impl Into<String>) -> Fault {
        let length = self.text[at..].chars().next().map_or(0, char::len_utf8);
        Fault { code: &code::JSON, at: (at, at + length), message: message.into(), hint: None }
    }

    /// A complaint about what stands here instead of what is expected.
    fn unexpected(&self, expected: &str) -> Fault {
        let found = self.text[self.at..].chars().next();
        let message = match found {
            None => format!("the JSON ends where {expected} is expected"),
            Some(c) if c.is_control() => {
                format!("`{}` stands where {expected} is expected", c.escape_default())
            }
            Some(c) => format!("`{c}` stands where {expected} is expected"),
        };
        let hint = match found {
            Some('\'') => Some("JSON strings and keys stand in double quotes"),
            Some('}' | ']') if self.text[..self.at].trim_end().ends_with(',') => {
                Some("remove the comma before the closing bracket")
            }
            Some('/' | '#') => Some("JSON has no comments"),
            _ => None,
        };
        Fault { hint, ..self.fault(self.at, message) }
    }

    fn push(&mut self, body: Body<'s>, kind: NodeKind, form: Form, lo: usize, hi: usize) {
        let next = self.tree.nodes.len() as u32 + 1;
        if let Some(ranges) = &mut self.ranges {
            ranges.push((lo as u32, hi as u32));
        }
        let (lo, hi) = (self.place)(lo, hi);
        self.tree.nodes.push(Entry { body, lo, hi, next, kind, form });
    }

    /// Reads one value from here.
    fn value(&mut self) -> Result<(), Fault> {
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            expect = match (expect, self.peek()) {
                (Expect::Nothing, _) => return Ok(()),
                (Expect::Value | Expect::ValueOrEnd, Some(b'{')) => {
                    self.start(NodeKind::Mapping)?;
                    Expect::KeyOrEnd
                }
                (Expect::Value | Expect::ValueOrEnd, Some(b'[')) => {
                    self.start(NodeKind::Sequence)?;
                    Expect::ValueOrEnd
                }
                (Expect::ValueOrEnd, Some(b']')) | (Expect::KeyOrEnd, Some(b'}')) => self.end(),
                (Expect::Value | Expect::ValueOrEnd, _) => {
                    self.scalar()?;
                    self.after_value()
                }
                (Expect::KeyOrEnd | Expect::Key, Some(b'"')) => {
                    self.string()?;
                    self.skip_space();
                    if self.peek() != Some(b':') {
                        return Err(self.unexpected("`:`"));
                    }
                    self.at += 1;
                    Expect::Value
                }
                (Expect::KeyOrEnd, _) => return Err(self.unexpected("a key in quotes or `}`")),
                (Expect::Key, _) => return Err(self.unexpected("a key in quotes")),
                (Expect::CommaOrEnd, found) => match (self.innermost(), found) {
                    (NodeKind::Mapping, Some(b',')) => {
                        self.at += 1;
                        Expect::Key
                    }
                    (_, Some(b',')) => {
                        self.at += 1;
                        Expect::Value
                    }
                    (NodeKind::Mapping, Some(b'}')) | (NodeKind::Sequence, Some(b']')) => {
                        self.end()
                    }
                    (NodeKind::Mapping, _) => return Err(self.unexpected("`,` or `}`")),
                    _ => return Err(self.unexpected("`,` or `]`")),
                },
            };
        }
    }

    fn innermost(&self) -> NodeKind {
        self.open.last().map_or(NodeKind::Null, |&node| self.tree.nodes[node as usize].kind)
    }

    fn after_value(&self) -> Expect {
        if self.open.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd }
    }

    fn start(&mut self, kind: NodeKind) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            let message = format!("values are nested more than {DEPTH} levels deep");
            return Err(Fault { code: &code::NESTING, ..self.fault(self.at, message) });
        }
        self.open.push(self.tree.nodes.len() as u32);
        self.push(Body::Children, kind, Form::Flow, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Expect {
        self.at += 1;
        let next = self.tree.nodes.len() as u32;
        let (_, hi) = (self.place)(self.at - 1, self.at);
        if let Some(node) = self.open.pop() {
            let entry = &mut self.tree.nodes[node as usize];
            (entry.next, entry.hi) = (next, hi);
        }
        self.after_value()
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", NodeKind::Bool),
            Some(b'f') => self.word("false", NodeKind::Bool),
            Some(b'n') => self.word("null", NodeKind::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn slice(&self, lo: usize, hi: usize) -> Cow<'s, str> {
        match self.borrowed {
            Some(text) => Cow::Borrowed(&text[lo..hi]),
            None => Cow::Owned(self.text[lo..hi].to_owned()),
        }
    }

    fn word(&mut self, word: &str, kind: NodeKind) -> Result<(), Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("a value"));
        }
        let lo = self.at;
        self.at += word.len();
        let text = self.slice(lo, self.at);
        self.push(Body::Text(text), kind, Form::Scalar(Style::Plain), lo, self.at);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return Err(self.unexpected("a digit"));
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let lo = self.at;
        let mut kind = NodeKind::Int;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|b| b.is_ascii_digit()) {
                return Err(self.fault(lo, "a number in JSON has no leading zero"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            kind = NodeKind::Float;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
            kind = NodeKind::Float;
        }
        let text = self.slice(lo, self.at);
        self.push(Body::Text(text), kind, Form::Scalar(Style::Plain), lo, self.at);
        Ok(())
    }

    /// A string with its quotes.
    fn string(&mut self) -> Result<(), Fault> {
        let lo = self.at;
        let bytes = self.text.as_bytes();
        let mut decoded: Option<String> = None;
        let mut from = lo + 1;
        self.at = from;
        loop {
            match bytes.get(self.at) {
                None => return Err(self.not_closed(lo, "the string is not closed")),
                Some(b'\n' | b'\r') => {
                    return Err(self.not_closed(lo, "the string is not closed on its line"));
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    let out = decoded.get_or_insert_default();
                    out.push_str(&self.text[from..self.at]);
                    let c = self.escape()?;
                    decoded.get_or_insert_default().push(c);
                    from = self.at;
                }
                Some(0..=0x1f) => {
                    let message = "a control character stands in a JSON string";
                    let hint = Some("write it as an escape, such as `\\t`");
                    return Err(Fault { hint, ..self.fault(self.at, message) });
                }
                Some(_) => self.at += 1,
            }
        }
        let text = match decoded {
            None => self.slice(from, self.at),
            Some(mut text) => {
                text.push_str(&self.text[from..self.at]);
                Cow::Owned(text)
            }
        };
        self.at += 1;
        let form = Form::Scalar(Style::DoubleQuoted);
        self.push(Body::Text(text), NodeKind::String, form, lo, self.at);
        Ok(())
    }

    fn not_closed(&self, quote: usize, message: &str) -> Fault {
        let hint = Some("add the closing quote; a line break is written `\\n`");
        Fault { hint, ..self.fault(quote, message) }
    }

    /// The character of an escape, which starts here.
    fn escape(&mut self) -> Result<char, Fault> {
        let lo = self.at;
        self.at += 2;
        Ok(match self.text.as_bytes().get(lo + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = self.hex(lo)?;
                self.at = lo + 6;
                match char::from_u32(unit) {
                    Some(c) => c,
                    // Go writes U+FFFD for half of a pair.
                    None => self.low_half(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                }
            }
            _ => {
                let message = "JSON has no such escape";
                let hint = Some("a backslash itself is written `\\\\`");
                let mut fault = self.fault(lo, message);
                let next = self.text[lo + 1..].chars().next().map_or(0, char::len_utf8);
                fault.at.1 += next;
                return Err(Fault { hint, ..fault });
            }
        })
    }

    /// Four hexadecimal digits behind `\u`.
    fn hex(&self, lo: usize) -> Result<u32, Fault> {
        let digits = self.text.as_bytes().get(lo + 2..lo + 6).unwrap_or_default();
        let text = std::str::from_utf8(digits).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            let fault = self.fault(lo, "`\\u` takes four hexadecimal digits");
            return Err(Fault { at: (lo, lo + 2), ..fault });
        }
        Ok(u32::from_str_radix(text, 16).unwrap_or_default())
    }

    /// The character that a high surrogate makes with the escape behind it.
    fn low_half(&mut self, high: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&high) || !self.text[self.at..].starts_with("\\u") {
            return None;
        }
        let low = self.hex(self.at).ok().filter(|unit| (0xdc00..0xe000).contains(unit))?;
        self.at += 6;
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }
}

impl Fault {
    fn diagnostic(self, span: Span) -> Diagnostic {
        Diagnostic::error(self.code, self.message).at(span).maybe_hint(self.hint.map(str::to_owned))
    }
}

/// Reads the JSON that an annotation holds. All spans lead into the file.
#[expect(clippy::result_large_err, reason = "a finding is given on once, at the end of reading")]
pub fn read_json<'s>(text: &Text<'s>) -> Result<Tree<'s>, Diagnostic> {
    let place = text.place();
    let same = matches!(place, Place::Same { .. });
    let mut tree = Tree::new(text.span.file, text.raw);
    tree.origin = text.span.lo;
    let borrowed = match text.value {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    };
    let mut reader = Reader {
        text: &text.value,
        borrowed,
        at: 0,
        place: |lo, hi| place.locate(lo..hi),
        tree,
        ranges: (!same).then(Vec::new),
        open: Vec::new(),
    };
    let result = reader.value().and_then(|()| {
        if reader.at < reader.text.len() {
            Err(reader.unexpected("the end of the JSON"))
        } else {
            Ok(())
        }
    });
    match result {
        Ok(()) => {
            let Reader { mut tree, ranges, .. } = reader;
            tree.json = true;
            tree.outer = ranges.map(|ranges| Arc::new(Outer::new(&text.value, place, ranges)));
            Ok(tree)
        }
        Err(fault) => {
            let span = text.locate(fault.at.0..fault.at.1);
            Err(fault.diagnostic(span))
        }
    }
}

/// Documents read from a stream, and where what is left of it starts.
pub(super) type Stream<'s> = (Vec<Result<Tree<'s>, Diagnostic>>, Option<u32>);

/// Reads a part of a file as a stream of JSON documents, as kubectl does where it starts with `{`.
/// What is not JSON may still be YAML, as long as no more than one document was read.
pub(super) fn stream<'s>(empty: &Tree<'s>, span: Span) -> Stream<'s> {
    let text = empty.source.get(span.range()).unwrap_or("");
    let mut out = Vec::new();
    let mut at = 0;
    let mut count = 0;
    while !text[at..].trim_ascii().is_empty() {
        let place = |lo: usize, hi: usize| (span.lo + lo as u32, span.lo + hi as u32);
        let (borrowed, tree, open) = (Some(text), empty.clone(), Vec::new());
        let mut reader = Reader { text, borrowed, at, place, tree, ranges: None, open };
        if let Err(fault) = reader.value() {
            if count <= 1 {
                return (out, Some(span.lo + at as u32));
            }
            let (lo, hi) = place(fault.at.0, fault.at.1);
            out.push(Err(fault.diagnostic(Span { lo, hi, ..span })));
            break;
        }
        at = reader.at;
        count += 1;
        let mut findings = Vec::new();
        for node in 0..reader.tree.nodes.len() as u32 {
            if reader.tree.nodes[node as usize].kind == NodeKind::Mapping {
                keys::close(&mut reader.tree, node, &mut findings);
            }
        }
        if findings.is_empty() {
            out.push(Ok(reader.tree));
        }
        out.extend(findings.into_iter().map(Err));
    }
    (out, None)
}
