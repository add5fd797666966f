//! What granit reads but Kubernetes' YAML 1.1 reader refuses or reads as something else.

use super::place;
use super::text::Style;
use super::tree::{Body, Entry, Form};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::yaml as code;
use crate::source::{FileId, Span};
use std::ops::Range;

/// A range of the file, what is wrong there and what to do.
pub(super) struct Refusal {
    range: (u32, u32),
    message: &'static str,
    hint: &'static str,
}

impl Refusal {
    pub(super) fn diagnostic(&self, file: FileId) -> Diagnostic {
        let (lo, hi) = self.range;
        Diagnostic::error(&code::SYNTAX, self.message).at(Span { file, lo, hi }).hint(self.hint)
    }
}

/// A plain scalar in brackets: `?` and `:` are indicators there, even within a word.
pub(super) fn plain_in_flow(source: &str, lo: u32, hi: u32) -> Option<Refusal> {
    let raw = source.get(lo as usize..hi as usize)?.as_bytes();
    if let Some(at) = memchr::memchr(b'?', raw) {
        let at = lo + at as u32;
        return Some(Refusal {
            range: (at, at + 1),
            message: "within brackets, a `?` cannot stand in a value without quotes",
            hint: "put the value in quotes",
        });
    }
    let rest = &source.as_bytes()[hi as usize..];
    let glued = matches!(rest, [b':', next, ..] if !next.is_ascii_whitespace());
    let at = if raw.first() == Some(&b':') { lo } else { hi };
    (at == lo || glued).then_some(Refusal {
        range: (at, at + 1),
        message: "within brackets, a space must follow the `:` of a key without quotes",
        hint: "write `key: value`, or put a value that holds a `:` in quotes",
    })
}

/// A key in brackets, which must stand on one line.
pub(super) fn key_in_flow(source: &str, lo: u32, hi: u32) -> Option<Refusal> {
    let raw = source.get(lo as usize..hi as usize)?.as_bytes();
    let broken = memchr::memchr2(b'\n', b'\r', raw).is_some();
    (broken && place::after(source, hi, b':') > hi).then_some(Refusal {
        range: (lo, hi),
        message: "the key does not stand on one line",
        hint: "check for a missing comma or quote before it",
    })
}

/// An escape that came with YAML 1.2 or JSON.
pub(super) fn escape(source: &str, lo: u32, hi: u32) -> Option<Refusal> {
    let raw = source.get(lo as usize..hi as usize)?;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &raw.as_bytes()[at..]) {
        at += found;
        let rest = &raw[at + 1..];
        let surrogate = rest.strip_prefix('u').is_some_and(|digits| {
            digits.starts_with(['d', 'D'])
                && matches!(digits.as_bytes().get(1), Some(b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'))
        });
        let from = lo + at as u32;
        if surrogate {
            return Some(Refusal {
                range: (from, (from + 6).min(hi)),
                message: "Kubernetes' YAML reader refuses the halves of a surrogate pair",
                hint: "write the character itself, or \\U and eight hexadecimal digits",
            });
        }
        if rest.starts_with('/') {
            return Some(Refusal {
                range: (from, from + 2),
                message: "Kubernetes' YAML reader knows no escape `\\/`",
                hint: "write `/`",
            });
        }
        at += 1 + rest.chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// The first escape that YAML does not know, in a double-quoted text that starts at `from`.
pub(super) fn bad_escape(text: &str, from: usize) -> Option<Range<u32>> {
    let mut at = from;
    loop {
        at += memchr::memchr(b'\\', text.as_bytes().get(at..)?)?;
        let rest = &text.as_bytes()[at + 1..];
        let length = match rest.first()? {
            b'0' | b'a' | b'b' | b't' | b'\t' | b'n' | b'v' | b'f' | b'r' | b'e' | b' ' | b'"'
            | b'\\' | b'N' | b'_' | b'L' | b'P' | b'\n' | b'\r' => 1,
            b'x' => 3,
            b'u' => 5,
            b'U' => 9,
            _ => 0,
        };
        let digits = rest.get(1..length.max(1))?;
        let value = digits
            .iter()
            .try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?));
        if length == 0 || value.and_then(char::from_u32).is_none() {
            let next = text[at + 1..].chars().next()?.len_utf8();
            return Some(at as u32..(at + 1 + next) as u32);
        }
        at += 1 + length;
    }
}

/// The name of an anchor or alias, which stands with its `&` or `*` at the given range.
pub(super) fn name(source: &str, lo: u32, hi: u32) -> Option<Refusal> {
    let raw = source.get(lo as usize + 1..hi as usize)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (!raw.bytes().all(allowed)).then_some(Refusal {
        range: (lo, hi),
        message: "the name of an anchor or alias holds more than letters, digits, `_` and `-`",
        hint: "put a value that starts with `&` or `*` in quotes",
    })
}

/// A tab that indents a line of a block, or follows a dash. Within a scalar or brackets it may stand.
pub(super) fn tab(text: &str, base: u32, nodes: &[Entry<'_>]) -> Option<Refusal> {
    let bytes = text.as_bytes();
    memchr::memchr(b'\t', bytes)?;
    let mut after = 0;
    let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes).map(|at| at + 1);
    std::iter::once(0).chain(breaks).find_map(|line| {
        let indent = bytes[line..].iter().take_while(|b| matches!(b, b' ' | b'-' | b'?')).count();
        if bytes.get(line + indent) != Some(&b'\t') {
            return None;
        }
        let at = base + (line + indent) as u32;
        // Nodes stand in the order of the text, and what cannot hold a block ends before the next.
        while after < nodes.len() && (nodes[after].hi <= at || nodes[after].form == Form::Block) {
            after += 1;
        }
        let within = nodes.get(after).is_some_and(|node| node.lo <= at);
        (!within).then_some(Refusal {
            range: (at, at + 1),
            message: "a tab stands where only spaces may indent",
            hint: "replace the tab with spaces",
        })
    })
}

/// Checks one scalar that was just read.
pub(super) fn scalar(source: &str, node: &Entry<'_>, in_flow: bool) -> Option<Refusal> {
    match node.form {
        Form::Scalar(Style::Plain) | Form::Merge if in_flow && node.lo < node.hi => {
            plain_in_flow(source, node.lo, node.hi)
        }
        // A text without escapes is borrowed from the file.
        Form::Scalar(Style::DoubleQuoted)
            if matches!(node.body, Body::Text(std::borrow::Cow::Owned(_))) =>
        {
            escape(source, node.lo, node.hi)
        }
        _ => None,
    }
}
