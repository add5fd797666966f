//! A scalar as decoded text that still knows its place in the file.

use crate::source::{FileId, Span};
use std::borrow::Cow;
use std::ops::Range;

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
}

impl<'s> Text<'s> {
    /// A text that no file holds, such as a default.
    pub fn synthetic(value: impl Into<Cow<'s, str>>) -> Self {
        let span = Span { file: FileId(0), lo: 0, hi: 0 };
        Text { value: value.into(), raw: "", span, style: Style::Plain }
    }

    /// The decoded text.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Where the given bytes of the decoded text stand in the file.
    pub fn locate(&self, decoded: Range<usize>) -> Span {
        let quotes = usize::from(matches!(self.style, Style::SingleQuoted | Style::DoubleQuoted));
        if self.raw.len() == self.value.len() + 2 * quotes && !self.raw.contains('\\') {
            let at = |offset: usize| self.span.lo + (quotes + offset.min(self.value.len())) as u32;
            return Span { file: self.span.file, lo: at(decoded.start), hi: at(decoded.end) };
        }
        self.span
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.value == other
    }
}
