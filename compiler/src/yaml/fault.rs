//! What is wrong with a text, in the user's words.

use crate::diagnostic::code::yaml as code;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use granit_parser::ErrorKind;

/// The span of the character at an offset; empty at the end of the text.
fn character(text: &str, base: u32, file: FileId, at: usize) -> Span {
    let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    // The end of a line is no character to mark.
    let length = if text[at.min(text.len())..].starts_with(['\n', '\r']) { 0 } else { length };
    let lo = base + at as u32;
    Span { file, lo, hi: lo + length as u32 }
}

/// A document that granit refuses at the given offset.
pub(super) fn syntax(
    kind: &ErrorKind,
    file: FileId,
    span: Span,
    text: &str,
    at: usize,
) -> Diagnostic {
    let (code, message, hint) = explain(kind);
    let finding = Diagnostic::error(code, message).at(character(text, span.lo, file, at));
    finding.maybe_hint(hint.map(str::to_owned))
}

fn explain(kind: &ErrorKind) -> (&'static Code, String, Option<&'static str>) {
    let (code, message, hint) = match kind {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("values are nested more than {} levels deep", super::DEPTH);
            return (&code::NESTING, message, None);
        }
        ErrorKind::UnknownAnchor => (
            &code::ALIAS,
            "the alias has no anchor before it",
            Some("define it with `&name`; a value that starts with `*` stands in quotes"),
        ),
        ErrorKind::MissingAnchorOrAliasName => (
            &code::SYNTAX,
            "`*` and `&` start an alias or anchor, but no name follows",
            Some("put the value in quotes, such as '*.example.com'"),
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("no value can start with `{}`", character.escape_default());
            return (&code::SYNTAX, message, Some("put the value in quotes"));
        }
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => (
            &code::SYNTAX,
            "a tab stands where only spaces may indent",
            Some("replace the tab with spaces"),
        ),
        ErrorKind::UnclosedQuotedScalar => {
            (&code::SYNTAX, "the quote is not closed", Some("add the closing quote"))
        }
        ErrorKind::MappingValueNotAllowed => (
            &code::SYNTAX,
            "a `:` makes a key here, where none can be",
            Some("indent the line like its neighbours, or put a value that holds `: ` in quotes"),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            &code::SYNTAX,
            "the key has no `:` behind it on the same line",
            Some("write `key: value`"),
        ),
        ErrorKind::DirectiveDisallowed => (
            &code::SYNTAX,
            "a line that starts with `%` is a directive, which Kubernetes does not read",
            Some("remove the line"),
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            &code::SYNTAX,
            "this does not continue the mapping: a key is expected",
            Some("check the indentation of this line and the one before it"),
        ),
        other => return (&code::SYNTAX, other.to_string(), None),
    };
    (code, message.to_owned(), hint)
}

/// Text behind the end of a document, which starts at `end`.
pub(super) fn trailing(
    file: FileId,
    span: Span,
    text: &str,
    end: Option<usize>,
) -> Option<Diagnostic> {
    let rest = text.get(end?..)?;
    let mut at = text.len() - rest.len();
    for line in rest.split_inclusive('\n') {
        let content = line.trim_ascii();
        let content = content.strip_prefix("...").map_or(content, str::trim_ascii_start);
        if !content.is_empty() && !content.starts_with('#') {
            let lo = span.lo + (at + line.find(content).unwrap_or(0)) as u32;
            let finding = Diagnostic::warning(
                &code::TRAILING,
                "text behind the end of the document is ignored",
            );
            let hint = "write `---` on a line before it to start another document";
            let place = Span { file, lo, hi: lo + content.len() as u32 };
            return Some(finding.at(place).hint(hint));
        }
        at += line.len();
    }
    None
}

/// Content on the line of a `---`.
pub(super) fn separator(junk: Span) -> Diagnostic {
    Diagnostic::error(&code::SEPARATOR, "text stands behind the document separator `---`")
        .at(junk)
        .hint("write it on a line of its own")
}

/// A second document where one is expected.
pub(super) fn second_document(span: Span) -> Diagnostic {
    Diagnostic::warning(&code::TRAILING, "only the first document of this file is read").at(span)
}

/// The first character that YAML does not allow anywhere.
pub(super) fn control_character(text: &str, span: Span) -> Option<Diagnostic> {
    // 0xc2 starts the C1 controls, 0xef the two characters behind U+FFFD.
    let suspicious = |b: &u8| {
        (*b < 0x20) & !matches!(*b, b'\t' | b'\n' | b'\r')
            | (*b == 0x7f)
            | (*b == 0xc2)
            | (*b == 0xef)
    };
    let mut at = 0;
    for chunk in text.as_bytes().chunks(256) {
        // Without an early exit the compiler looks at many bytes at once.
        if chunk.iter().fold(false, |found, b| found | suspicious(b))
            && let Some(finding) = control_character_in(text, at, at + chunk.len(), span)
        {
            return Some(finding);
        }
        at += chunk.len();
    }
    None
}

fn control_character_in(text: &str, lo: usize, hi: usize, span: Span) -> Option<Diagnostic> {
    let start = text.floor_char_boundary(lo);
    let end = text.ceil_char_boundary(hi);
    let refused = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}'
            | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
    };
    let (at, c) = text[start..end].char_indices().find(|&(_, c)| refused(c))?;
    let lo = span.lo + (start + at) as u32;
    let message = format!("the control character U+{:04X} is not allowed", u32::from(c));
    let place = Span { file: span.file, lo, hi: lo + c.len_utf8() as u32 };
    Some(Diagnostic::error(&code::ENCODING, message).at(place).hint("remove it"))
}
