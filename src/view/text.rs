//! Text from users on a terminal, and text that fits its width.

use ingc_compiler::resource::Address;
use std::borrow::Cow;

/// The text with a visible mark of the same length in place of each control character, so that
/// offsets into it stay valid. Tabs and line feeds stay.
pub fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().flat_map(|c| {
        let (mark, times) = if is_hidden(c) { ('?', c.len_utf8()) } else { (c, 1) };
        std::iter::repeat_n(mark, times)
    });
    Cow::Owned(shown.collect())
}

/// True for what steers a terminal, or reorders or hides what it shows.
fn is_hidden(c: char) -> bool {
    let steers = c.is_control() && !matches!(c, '\t' | '\n');
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}');
    let is_invisible = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    steers || reorders || is_invisible
}

/// An address with the short name of its kind, as flags take it too.
pub fn short(address: &Address) -> String {
    let Address { stack, kind, id } = address;
    safe(&format!("{stack}/{kind}/{id}")).into_owned()
}

/// The text in lines of at most `width` columns, each behind the indent.
pub fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let most = width.saturating_sub(indent.len()).max(20);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
        .iter()
        .map(|line| format!("{indent}{line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_lengths_stay() {
        let text = "a\u{1b}[31mb\u{202e}c\tö";
        assert_eq!(safe(text), "a?[31mb???c\tö");
        assert_eq!(safe(text).len(), text.len());
        assert_eq!(safe("\u{9b}31m\r"), "??31m?");
    }

    #[test]
    fn long_text_is_broken_between_words() {
        let text = "one two three four five six seven";
        assert_eq!(wrapped(text, "  ", 24), "  one two three four\n  five six seven");
        assert_eq!(wrapped("", "  ", 24), "");
    }
}
