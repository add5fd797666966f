//! What is wrong with a text, in the user's words.

use super::strict;
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

const TAB: Option<&str> = Some("replace the tab with spaces");

/// A document that granit refuses at the given offset.
pub(super) fn syntax(
    kind: &ErrorKind,
    file: FileId,
    span: Span,
    text: &str,
    at: usize,
) -> Diagnostic {
    let (code, message, hint) = explain(kind);
    // A tab is reported at what follows it.
    let after_tab = hint == TAB && text[..at].ends_with('\t');
    let at = if after_tab { at - 1 } else { at };
    // A bad escape is reported at the quote that opens its string.
    let escape = is_escape(kind).then(|| strict::bad_escape(text, at)).flatten();
    let place = match escape {
        Some(escape) => Span { file, lo: span.lo + escape.start, hi: span.lo + escape.end },
        None => character(text, span.lo, file, at),
    };
    Diagnostic::error(code, message).at(place).maybe_hint(hint.map(str::to_owned))
}

fn is_escape(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate
            | ErrorKind::InvalidUnicodeEscape
    )
}

fn explain(kind: &ErrorKind) -> (&'static Code, String, Option<&'static str>) {
    const INDENT: Option<&str> = Some("check the indentation of this line and of those before it");
    const BRACKET: Option<&str> = Some("check for a missing closing bracket, comma or quote");
    let (message, hint) = match kind {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("values are nested more than {} levels deep", super::DEPTH);
            return (&code::NESTING, message, None);
        }
        ErrorKind::UnknownAnchor => {
            let hint = "define it with `&name`; a value that starts with `*` stands in quotes";
            return (&code::ALIAS, "the alias has no anchor before it".to_owned(), Some(hint));
        }
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            ("no value can start with a backtick", Some("put the value in quotes"))
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("no value can start with `{}`", character.escape_default());
            return (&code::SYNTAX, message, Some("put the value in quotes"));
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            let message = format!("the bracket `{open}` is not closed");
            return (&code::SYNTAX, message, BRACKET);
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("`{close}` closes a bracket that `{open}` opens");
            return (&code::SYNTAX, message, BRACKET);
        }
        ErrorKind::MissingAnchorOrAliasName => (
            "`*` and `&` start an alias or anchor, but no name follows",
            Some("put the value in quotes, such as '*.example.com'"),
        ),
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => ("a tab stands where only spaces may indent", TAB),
        ErrorKind::UnclosedQuotedScalar => {
            ("the quote is not closed", Some("add the closing quote"))
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text follows the closing quote",
            Some("within single quotes, a quote is written twice: 'it''s'"),
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing quote",
            Some("within double quotes, a quote is written `\\\"`"),
        ),
        kind if is_escape(kind) => (
            "there is no such escape",
            Some("write a backslash as `\\\\`, or use single quotes, which know no escapes"),
        ),
        ErrorKind::MappingValueNotAllowed => (
            "a `:` makes a key here, where none can be",
            Some("indent the line like its neighbours, or put a value that holds `: ` in quotes"),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "the key has no `:` behind it on the same line",
            Some("write `key: value`, or indent the line if it belongs to the value before it"),
        ),
        ErrorKind::DirectiveDisallowed => (
            "a line that starts with `%` is a directive, which Kubernetes does not read",
            Some("remove the line"),
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::UnexpectedEofBlockMapping => {
            ("this does not continue the mapping: a key is expected", INDENT)
        }
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::UnexpectedEofBlockSequence => {
            ("this does not continue the list: `- ` is expected", INDENT)
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list cannot start here", Some("start the list on a line of its own"))
        }
        ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            ("within brackets, no value can start with `-`", Some("put it in quotes"))
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => ("`,` or `}` is expected", BRACKET),
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::UnexpectedEofFlowSequence => {
            ("`,` or `]` is expected", BRACKET)
        }
        ErrorKind::InvalidColonPlacement => ("a `:` cannot stand here", BRACKET),
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("no bracket is open that this one could close", Some("put the value in quotes"))
        }
        ErrorKind::CommentNotSeparated => {
            ("a space must stand before a comment", Some("write ` #`, or put the value in quotes"))
        }
        ErrorKind::CommentInterceptedScalar => {
            ("a comment ends the value, but the next line seems to continue it", INDENT)
        }
        ErrorKind::InvalidBlockScalarHeader => (
            "only a digit, `+` or `-` may follow a `|` or `>` that starts a text",
            Some("write the text on the lines below, or put the value in quotes"),
        ),
        ErrorKind::InvalidBlockScalarIndent => {
            ("a line of the text is indented less than its first line", INDENT)
        }
        ErrorKind::UndeclaredTagHandle | ErrorKind::UnclosedVerbatimTag => (
            "a value that starts with `!` is a tag, but this one is not complete",
            Some("put the value in quotes"),
        ),
        ErrorKind::BomInsideDocument => (
            "a byte order mark (U+FEFF) stands within the document",
            Some("remove the invisible character"),
        ),
        other => return (&code::SYNTAX, other.to_string(), None),
    };
    (&code::SYNTAX, message.to_owned(), hint)
}

/// Names the likely reason where the text still holds template syntax.
pub(super) fn hint_at_template(finding: &mut Diagnostic, source: &str) {
    let Some(span) = finding.span else { return };
    // Far enough for a line that people write.
    const NEAR: usize = 500;
    let at = source.floor_char_boundary(span.lo as usize);
    let before = &source[source.ceil_char_boundary(at.saturating_sub(NEAR))..at];
    let after = &source[at..source.floor_char_boundary(at + NEAR)];
    let start = at - before.len() + before.rfind('\n').map_or(0, |end| end + 1);
    let end = at + after.find('\n').unwrap_or(after.len());
    let line = &source[start..end];
    if line.contains("{{") {
        let hint = "this looks like a template: render it first, such as with `helm template`";
        finding.hint = Some(hint.to_owned());
    }
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

/// The first character that YAML does not allow anywhere, or that only YAML 1.1 takes for a line
/// break: it would end a comment or a value unseen.
pub(super) fn control_character(text: &str, span: Span) -> Option<Diagnostic> {
    // 0xc2 starts U+0080 to U+009F, 0xe2 the line and paragraph separators, 0xef what is behind
    // U+FFFD.
    let suspicious = |b: &u8| {
        (*b < 0x20) & !matches!(*b, b'\t' | b'\n' | b'\r') | matches!(*b, 0x7f | 0xc2 | 0xe2 | 0xef)
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
    let is_break = |c: char| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    let refused = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
            | '\u{fffe}' | '\u{ffff}')
            || is_break(c)
    };
    let (at, c) = text[start..end].char_indices().find(|&(_, c)| refused(c))?;
    let lo = span.lo + (start + at) as u32;
    let point = u32::from(c);
    let (message, hint) = if is_break(c) {
        let message = format!("Kubernetes takes the character U+{point:04X} for a line break");
        (message, format!("remove it, or write \"\\u{point:04x}\" in double quotes"))
    } else {
        (format!("the control character U+{point:04X} is not allowed"), "remove it".to_owned())
    };
    let place = Span { file: span.file, lo, hi: lo + c.len_utf8() as u32 };
    Some(Diagnostic::error(&code::ENCODING, message).at(place).hint(hint))
}
