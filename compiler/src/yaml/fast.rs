//! A quick reader of what most manifests are made of: mappings and lists in lines, scalars and
//! brackets that end on their line, and `|`.
//!
//! It must give the very tree that [`super::compose`] gives, or none: whatever it is not sure of,
//! all errors included, is left to that reader.

use super::resolve::{Scalar, resolve};
use super::text::Style;
use super::tree::{Body, Entry, Form, NodeKind, Tree};
use super::{DEPTH, keys};
use crate::source::Span;
use std::borrow::Cow;

/// Reads a document, if it is simple enough.
pub(super) fn read<'s>(tree: Tree<'s>, span: Span) -> Option<Tree<'s>> {
    let bytes = tree.source.as_bytes().get(..span.hi as usize)?;
    // Tabs, carriage returns and byte order marks have rules of their own.
    if memchr::memchr3(b'\t', b'\r', 0xef, &bytes[span.lo as usize..]).is_some() {
        return None;
    }
    let mut reader = Reader {
        source: tree.source,
        bytes,
        tree,
        open: Vec::with_capacity(16),
        pending: None,
        last: span.lo,
    };
    reader.tree.nodes.reserve(bytes.len().saturating_sub(span.lo as usize) / 20 + 4);
    reader.document(span.lo as usize)?;
    (!reader.tree.nodes.is_empty()).then_some(reader.tree)
}

/// A mapping or list in lines whose end is not reached.
struct Open {
    node: u32,
    /// The column where its keys or dashes stand.
    indent: usize,
    kind: NodeKind,
}

struct Reader<'s> {
    source: &'s str,
    /// The source up to the end of the document.
    bytes: &'s [u8],
    tree: Tree<'s>,
    open: Vec<Open>,
    /// The place behind a key's colon or a dash, if its value is still to come.
    pending: Option<usize>,
    /// Where the last value ended.
    last: u32,
}

/// What ends a plain scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The colon behind a key.
    Colon(usize),
    Line,
}

impl<'s> Reader<'s> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn skip_spaces(&self, mut at: usize) -> usize {
        while self.byte(at) == Some(b' ') {
            at += 1;
        }
        at
    }

    /// The next line's start.
    fn next_line(&self, at: usize) -> usize {
        let rest = &self.bytes[at.min(self.bytes.len())..];
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |end| at + end + 1)
    }

    /// The next line's start, if nothing but a comment stands before it.
    fn end_of_line(&self, at: usize) -> Option<usize> {
        let to = self.skip_spaces(at);
        match self.byte(to) {
            None => Some(to),
            Some(b'\n') => Some(to + 1),
            Some(b'#') if to > at => Some(self.next_line(to)),
            Some(_) => None,
        }
    }

    fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && matches!(self.byte(at + 1), None | Some(b' ' | b'\n'))
    }

    fn push(&mut self, body: Body<'s>, kind: NodeKind, form: Form, lo: usize, hi: usize) -> u32 {
        let node = self.tree.nodes.len() as u32;
        let (lo, hi) = (lo as u32, hi as u32);
        self.last = hi;
        self.tree.nodes.push(Entry { body, lo, hi, next: node + 1, kind, form });
        node
    }

    fn document(&mut self, start: usize) -> Option<()> {
        let mut at = start;
        while at < self.bytes.len() {
            let from = self.skip_spaces(at);
            match self.byte(from) {
                None => break,
                Some(b'\n') => at = from + 1,
                Some(b'#') => at = self.next_line(from),
                // The end of a document, or a directive.
                Some(b'.' | b'%') if from == at => return None,
                Some(_) => {
                    self.settle(from, from - at)?;
                    at = self.line(at, from)?;
                }
            }
        }
        while !self.open.is_empty() {
            self.close()?;
        }
        Some(())
    }

    /// Closes what a line at a column does not belong to.
    fn settle(&mut self, from: usize, column: usize) -> Option<()> {
        while let Some(top) = self.open.last() {
            if column > top.indent {
                // Without a value to come, the line would continue a scalar.
                return self.pending.map(|_| ());
            }
            if column == top.indent {
                match (top.kind, self.is_dash(from)) {
                    (NodeKind::Mapping, true) => return self.pending.map(|_| ()),
                    (NodeKind::Mapping, false) | (_, true) => {
                        self.nothing();
                        return Some(());
                    }
                    // A list that stands at the column of its key ends at the next key.
                    (_, false) => {}
                }
            }
            self.close()?;
        }
        // A second value behind the first.
        self.tree.nodes.is_empty().then_some(())
    }

    /// Writes an empty value where one is still to come.
    fn nothing(&mut self) {
        if let Some(place) = self.pending.take() {
            let (text, form) = (Body::Text(Cow::Borrowed("")), Form::Scalar(Style::Plain));
            self.push(text, NodeKind::Null, form, place, place);
        }
    }

    /// Closes the innermost collection.
    fn close(&mut self) -> Option<()> {
        self.nothing();
        let top = self.open.pop()?;
        let next = self.tree.nodes.len() as u32;
        let entry = &mut self.tree.nodes[top.node as usize];
        (entry.next, entry.hi) = (next, self.last.max(entry.lo));
        self.check_keys(top.node)
    }

    fn check_keys(&mut self, node: u32) -> Option<()> {
        let mut findings = Vec::new();
        if self.tree.nodes[node as usize].kind == NodeKind::Mapping {
            keys::close(&mut self.tree, node, &mut findings);
        }
        findings.is_empty().then_some(())
    }

    /// Opens a collection, unless the innermost one continues at this column.
    fn open(&mut self, kind: NodeKind, at: usize, column: usize) -> Option<()> {
        if self.open.last().is_some_and(|top| top.kind == kind && top.indent == column) {
            return Some(());
        }
        if self.open.len() >= DEPTH {
            return None;
        }
        self.pending = None;
        let node = self.push(Body::Children, kind, Form::Block, at, at);
        self.open.push(Open { node, indent: column, kind });
        Some(())
    }

    /// Reads the line that starts at `start` and has its first character at `from`; gives the start
    /// of the next one.
    fn line(&mut self, start: usize, from: usize) -> Option<usize> {
        let mut at = from;
        while self.is_dash(at) {
            self.open(NodeKind::Sequence, at, at - start)?;
            let next = self.skip_spaces(at + 1);
            self.pending = Some(at + 1);
            if let Some(end) = self.end_of_line(at + 1) {
                return Some(end);
            }
            at = next;
        }
        let (key, kind, form, hi, colon) = match self.byte(at)? {
            quote @ (b'"' | b'\'') => {
                let (text, style, hi) = self.quoted(at, quote)?;
                let colon = (self.byte(hi) == Some(b':')).then_some(hi);
                (text, NodeKind::String, Form::Scalar(style), hi, colon)
            }
            b'[' | b'{' | b'|' => return self.value(at, at > from),
            _ => {
                let (text, stop) = self.plain(at)?;
                let hi = at + text.len();
                let colon = match stop {
                    Stop::Colon(colon) => Some(colon),
                    Stop::Line => None,
                };
                (Cow::Borrowed(text), plain_kind(text)?, Form::Scalar(Style::Plain), hi, colon)
            }
        };
        let Some(colon) = colon else {
            // A scalar of its own may only be an item of a list here.
            let end = self.end_of_line(hi)?;
            self.pending.take().filter(|_| at > from)?;
            self.push(Body::Text(key), kind, form, at, hi);
            return Some(end);
        };
        if !matches!(self.byte(colon + 1), None | Some(b' ' | b'\n')) || hi - at > LONGEST_KEY {
            return None;
        }
        self.open(NodeKind::Mapping, at, at - start)?;
        self.push(Body::Text(key), kind, form, at, hi);
        self.pending = Some(colon + 1);
        match self.end_of_line(colon + 1) {
            Some(end) => Some(end),
            None => self.value(self.skip_spaces(colon + 1), true),
        }
    }

    /// A value behind a key or a dash on the same line; gives the start of the next line.
    fn value(&mut self, at: usize, expected: bool) -> Option<usize> {
        self.pending.take().filter(|_| expected)?;
        match self.byte(at)? {
            quote @ (b'"' | b'\'') => {
                let (text, style, hi) = self.quoted(at, quote)?;
                self.push(Body::Text(text), NodeKind::String, Form::Scalar(style), at, hi);
                self.end_of_line(hi)
            }
            b'[' | b'{' => {
                let hi = self.flow(at, 0)?;
                self.end_of_line(hi)
            }
            b'|' => self.literal(at),
            _ => {
                let (text, stop) = self.plain(at)?;
                if stop != Stop::Line {
                    return None;
                }
                let hi = at + text.len();
                let kind = plain_kind(text)?;
                let form = Form::Scalar(Style::Plain);
                self.push(Body::Text(Cow::Borrowed(text)), kind, form, at, hi);
                self.end_of_line(hi)
            }
        }
    }

    /// A plain scalar up to the end of the line, a comment, or the colon behind a key.
    fn plain(&self, at: usize) -> Option<(&'s str, Stop)> {
        let second = self.byte(at + 1);
        match self.byte(at)? {
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
            | b'"' | b'%' | b'@' | b'`' | b'?' | b':' => return None,
            b'-' if !second.is_some_and(|b| b.is_ascii_alphanumeric()) => return None,
            _ => {}
        }
        let mut to = at;
        let stop = loop {
            to += match memchr::memchr3(b':', b'#', b'\n', &self.bytes[to..]) {
                Some(found) => found,
                None => {
                    to = self.bytes.len();
                    break Stop::Line;
                }
            };
            match (self.bytes[to], self.byte(to + 1)) {
                (b':', None | Some(b' ' | b'\n')) => break Stop::Colon(to),
                (b'#', _) if self.bytes[to - 1] == b' ' => break Stop::Line,
                (b'\n', _) => break Stop::Line,
                _ => to += 1,
            }
        };
        Some((self.source.get(at..to)?.trim_end_matches(' '), stop))
    }

    /// A quoted scalar that ends on its line: its text, style and end.
    fn quoted(&self, at: usize, quote: u8) -> Option<(Cow<'s, str>, Style, usize)> {
        let from = at + 1;
        let single = quote == b'\'';
        let mut to = from;
        let mut escaped = false;
        loop {
            to += memchr::memchr3(quote, b'\\', b'\n', self.bytes.get(to..)?)?;
            match (self.bytes[to], self.byte(to + 1)) {
                (b'\n', _) => return None,
                (b'\\', _) if single => to += 1,
                (b'\\', Some(b'"' | b'\\' | b'n' | b't')) => {
                    escaped = true;
                    to += 2;
                }
                (b'\\', _) => return None,
                (_, Some(b'\'')) if single => {
                    escaped = true;
                    to += 2;
                }
                _ => break,
            }
        }
        let raw = self.source.get(from..to)?;
        let text = match (escaped, single) {
            (false, _) => Cow::Borrowed(raw),
            (true, true) => Cow::Owned(raw.replace("''", "'")),
            (true, false) => Cow::Owned(unescape(raw)),
        };
        Some((text, if single { Style::SingleQuoted } else { Style::DoubleQuoted }, to + 1))
    }

    /// A collection in brackets that ends on its line; gives its end.
    fn flow(&mut self, at: usize, depth: usize) -> Option<usize> {
        if depth > 16 || self.open.len() + depth >= DEPTH {
            return None;
        }
        let (kind, end) = match self.byte(at)? {
            b'[' => (NodeKind::Sequence, b']'),
            _ => (NodeKind::Mapping, b'}'),
        };
        let node = self.push(Body::Children, kind, Form::Flow, at, at);
        let mut at = self.skip_spaces(at + 1);
        let mut first = true;
        while self.byte(at)? != end || !first {
            first = false;
            if kind == NodeKind::Mapping {
                at = self.flow_scalar(at)?;
                if self.byte(at) != Some(b':') || self.byte(at + 1) != Some(b' ') {
                    return None;
                }
                at = self.skip_spaces(at + 1);
            }
            at = match self.byte(at)? {
                b'[' | b'{' => self.flow(at, depth + 1)?,
                _ => self.flow_scalar(at)?,
            };
            at = self.skip_spaces(at);
            match self.byte(at)? {
                b',' => at = self.skip_spaces(at + 1),
                other if other == end => break,
                _ => return None,
            }
        }
        let next = self.tree.nodes.len() as u32;
        let entry = &mut self.tree.nodes[node as usize];
        self.last = at as u32 + 1;
        (entry.next, entry.hi) = (next, self.last);
        self.check_keys(node)?;
        Some(at + 1)
    }

    /// A scalar in brackets; gives its end.
    fn flow_scalar(&mut self, at: usize) -> Option<usize> {
        if let quote @ (b'"' | b'\'') = self.byte(at)? {
            let (text, style, hi) = self.quoted(at, quote)?;
            self.push(Body::Text(text), NodeKind::String, Form::Scalar(style), at, hi);
            return Some(hi);
        }
        // What may not start a plain scalar is the same as in lines.
        self.plain(at)?;
        let mut to = at;
        loop {
            match (self.byte(to)?, self.byte(to + 1)?) {
                (b',' | b']' | b'}', _) | (b':', b' ') => break,
                (b'\n' | b'[' | b'{' | b'?' | b'#', _) => return None,
                (b':', b',' | b'[' | b']' | b'{' | b'}' | b'\n') => return None,
                _ => to += 1,
            }
        }
        let text = self.source.get(at..to)?.trim_end_matches(' ');
        let kind = plain_kind(text)?;
        let form = Form::Scalar(Style::Plain);
        self.push(Body::Text(Cow::Borrowed(text)), kind, form, at, at + text.len());
        // A colon stands at once behind its key, or it is left to the other reader.
        Some(if self.bytes[to] == b':' { to } else { at + text.len() })
    }

    /// The lines below a `|`; gives the start of the line behind them.
    fn literal(&mut self, at: usize) -> Option<usize> {
        let (chomp, header) = match self.byte(at + 1) {
            Some(chomp @ (b'-' | b'+')) => (chomp, at + 2),
            _ => (b' ', at + 1),
        };
        let parent = self.open.last()?.indent;
        let mut line = self.end_of_line(header)?;
        // Behind the last line with text.
        let mut hi = at;
        let mut text = String::new();
        let mut indent = 0;
        let mut single = None;
        let mut breaks = 0;
        while line < self.bytes.len() {
            let from = self.skip_spaces(line);
            let end = self.next_line(from);
            let spaces = from - line;
            if matches!(self.byte(from), None | Some(b'\n')) {
                // Spaces beyond the indentation are text; before the first line they are an error.
                let most = if hi == at { parent } else { indent };
                if spaces > most || from == self.bytes.len() {
                    return None;
                }
                breaks += 1;
                line = end;
                continue;
            }
            if hi == at {
                if spaces <= parent {
                    return None;
                }
                indent = spaces;
            }
            if spaces < indent {
                // A line between the two indentations is an error.
                if spaces > parent {
                    return None;
                }
                break;
            }
            let content = self.source.get(line + indent..end)?.trim_end_matches('\n');
            if content.ends_with(' ') {
                return None;
            }
            single = (hi == at && breaks == 0).then_some(content);
            text.extend(std::iter::repeat_n('\n', breaks));
            text.push_str(content);
            breaks = 1;
            hi = line + indent + content.len();
            line = end;
        }
        if hi == at {
            return None;
        }
        match chomp {
            b'-' => {}
            b'+' => text.extend(std::iter::repeat_n('\n', breaks)),
            _ => text.push('\n'),
        }
        let text = match single {
            Some(line) if chomp == b'-' => Cow::Borrowed(line),
            _ => Cow::Owned(text),
        };
        self.push(Body::Text(text), NodeKind::String, Form::Scalar(Style::Literal), at, hi);
        Some(line)
    }
}

/// Longer keys need a mark of their own.
const LONGEST_KEY: usize = 1000;

/// The kind of a plain scalar; none if it takes more than a look at the scalar itself.
fn plain_kind(text: &str) -> Option<NodeKind> {
    Some(match resolve(text) {
        Scalar::Null => NodeKind::Null,
        Scalar::Bool(_) => NodeKind::Bool,
        Scalar::Int(_) => NodeKind::Int,
        Scalar::Float(value) if value.is_finite() => NodeKind::Float,
        Scalar::Float(_) => return None,
        Scalar::String if text == "<<" => return None,
        Scalar::String => NodeKind::String,
    })
}

/// Resolves the escapes that [`Reader::quoted`] lets through.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        text.push(match rest.as_bytes().get(at + 1) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'"') => '"',
            _ => '\\',
        });
        rest = rest.get(at + 2..).unwrap_or("");
    }
    text.push_str(rest);
    text
}
