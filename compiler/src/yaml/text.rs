//! A scalar as decoded text that still knows its place in the file.

use super::locate::{Runs, runs};
use crate::source::{FileId, Span};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: may resolve to a number, a boolean or null.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes, or a JSON string.
    DoubleQuoted,
    /// `|`: lines are kept.
    Literal,
    /// `>`: lines are folded.
    Folded,
}

/// The decoded text of a scalar. Offsets into `value` can be mapped back to the file.
#[derive(Clone, Debug)]
pub struct Text<'s> {
    /// The text after escapes and folding.
    pub value: Cow<'s, str>,
    /// The bytes of the file that `span` covers, quotes included.
    pub raw: &'s str,
    /// Where it stands, quotes included.
    pub span: Span,
    /// How it was written.
    pub style: Style,
    /// For JSON in another scalar: that scalar.
    within: Option<Box<Within>>,
    /// Where the decoded text stands, when it was asked for.
    place: OnceLock<Box<Place>>,
}

/// Where a JSON value stands in the decoded text that it was read from.
#[derive(Clone, Debug)]
struct Within {
    outer: Arc<Outer>,
    range: (u32, u32),
}

/// A scalar that JSON was read from, where its decoded text is not in the file byte by byte.
#[derive(Debug)]
pub(super) struct Outer {
    value: Box<str>,
    place: Place,
    /// The decoded ranges of the nodes.
    pub(super) ranges: Vec<(u32, u32)>,
}

/// From a decoded text to the file.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// The file holds the text from this offset on, byte by byte.
    Same {
        /// The offset in the file of the first decoded byte.
        at: u32,
        /// The length of the text.
        len: u32,
    },
    /// The text stands there in pieces, from this offset on.
    Runs(u32, Runs),
    /// The text stands in pieces in another decoded text, from this offset on.
    Within(u32, Runs, Arc<Outer>),
    /// All that is known is where the scalar stands.
    Whole(u32, u32),
}

impl Place {
    /// First byte in the file, and one past the last.
    pub(super) fn locate(&self, decoded: Range<usize>) -> (u32, u32) {
        match self {
            Place::Same { at, len } => {
                let offset = |decoded: usize| at + (decoded as u32).min(*len);
                (offset(decoded.start), offset(decoded.end.max(decoded.start)))
            }
            Place::Runs(from, runs) => {
                let raw = runs.locate(decoded);
                (from + raw.start, from + raw.end)
            }
            Place::Within(from, runs, outer) => {
                let raw = runs.locate(decoded);
                outer.place.locate((from + raw.start) as usize..(from + raw.end) as usize)
            }
            Place::Whole(lo, hi) => (*lo, *hi),
        }
    }
}

impl<'s> Text<'s> {
    pub(super) fn new(value: Cow<'s, str>, raw: &'s str, span: Span, style: Style) -> Self {
        Text { value, raw, span, style, within: None, place: OnceLock::new() }
    }

    /// A text that no file holds, such as a default.
    pub fn synthetic(value: impl Into<Cow<'s, str>>) -> Self {
        Text::new(value.into(), "", Span::start_of(FileId(0)), Style::Plain)
    }

    /// Says that the text stands in the decoded text of another scalar.
    pub(super) fn within(mut self, outer: &Arc<Outer>, node: u32) -> Self {
        let range = outer.ranges.get(node as usize).copied().unwrap_or((0, 0));
        self.within = Some(Box::new(Within { outer: Arc::clone(outer), range }));
        self
    }

    /// The decoded text.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Where the given bytes of the decoded text stand in the file: the characters themselves, or
    /// the escapes and line breaks that they are written as.
    pub fn locate(&self, decoded: Range<usize>) -> Span {
        let place = self.place.get_or_init(|| Box::new(self.place()));
        let (lo, hi) = place.locate(decoded);
        Span { file: self.span.file, lo, hi }
    }

    /// Maps offsets in the decoded text to the file.
    pub(super) fn place(&self) -> Place {
        let quotes = match self.style {
            Style::SingleQuoted | Style::DoubleQuoted => 1,
            _ => 0,
        };
        let whole = Place::Whole(self.span.lo, self.span.hi);
        if let Some(within) = &self.within {
            let Within { outer, range: (lo, hi) } = &**within;
            let raw = outer.value.get(*lo as usize..*hi as usize).unwrap_or("");
            return match runs(raw, &self.value, self.style) {
                Some(runs) => Place::Within(*lo, runs, Arc::clone(outer)),
                None => whole,
            };
        }
        let len = self.value.len();
        // Folding and quotes only ever make a text shorter; escapes can also make it longer.
        if self.raw.len() == len + 2 * quotes
            && !matches!(self.style, Style::Literal | Style::Folded)
            && !(self.style == Style::DoubleQuoted && self.raw.contains('\\'))
        {
            return Place::Same { at: self.span.lo + quotes as u32, len: len as u32 };
        }
        match runs(self.raw, &self.value, self.style) {
            Some(runs) => Place::Runs(self.span.lo, runs),
            None => whole,
        }
    }
}

impl Outer {
    pub(super) fn new(value: &str, place: Place, ranges: Vec<(u32, u32)>) -> Self {
        Outer { value: value.into(), place, ranges }
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.value == other
    }
}
