//! Text from users on a terminal, and text that fits its width.

use ingc_compiler::resource::Address;
use std::borrow::Cow;

/// The text with a visible mark of the same length in place of each control character, so that
/// offsets into it stay valid. Tabs and line feeds stay. No line is one that a CI system takes for
/// its own command.
pub fn safe(text: &str) -> Cow<'_, str> {
    let steers_ci = text.lines().any(is_command);
    if !steers_ci && !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let text = text.split('\n').map(untold).collect::<Vec<_>>().join("\n");
    let shown = text.chars().flat_map(|c| {
        let (mark, times) = if is_hidden(c) { ('?', c.len_utf8()) } else { (c, 1) };
        std::iter::repeat_n(mark, times)
    });
    Cow::Owned(shown.collect())
}

/// A JSON document in which what steers a terminal is escaped, which changes nothing for a reader.
pub fn escaped(json: &str) -> Cow<'_, str> {
    // Most documents are plain, and long.
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    if json.bytes().all(plain) || !json.chars().any(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        // Only strings hold such characters, and all of them lie in the first plane.
        match is_hidden(c) {
            true => shown += &format!("\\u{:04x}", u32::from(c)),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A line that no CI system takes for its own command. Where text was broken into lines anew, this
/// is for each of them.
pub fn untold(line: &str) -> String {
    match is_command(line) {
        true => line.replacen("::", "?:", 1),
        false => line.to_owned(),
    }
}

/// True for a line such as `::error::`, which a CI system carries out wherever it comes from.
fn is_command(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix("::");
    rest.is_some_and(|it| it.starts_with(|c: char| c.is_alphabetic()) && it.contains("::"))
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
        .map(|line| untold(format!("{indent}{line}").trim_end()))
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
    fn no_text_gives_commands_to_ci() {
        for (text, shown) in [
            ("a\n  ::error::x", "a\n  ?:error::x"),
            ("::stop-commands::x", "?:stop-commands::x"),
            ("a ::error::x", "a ::error::x"),
            ("::ffff:192.0.2.1/128", "::ffff:192.0.2.1/128"),
        ] {
            assert_eq!(safe(text), shown);
        }
        // Breaking a line makes new ones.
        assert_eq!(
            wrapped("a name of some length ::error::x", "  ", 24),
            "  a name of some length\n  ?:error::x"
        );
    }

    #[test]
    fn documents_hold_the_same_and_steer_nothing() {
        let json = serde_json::to_string(&["\u{9b}31m\u{202e}\u{7f}", "é\n"]).unwrap();
        let escaped = escaped(&json);
        assert_eq!(escaped, "[\"\\u009b31m\\u202e\\u007f\",\"é\\n\"]");
        let read = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap();
        assert_eq!(read(&escaped), read(&json));
    }

    #[test]
    fn long_text_is_broken_between_words() {
        let text = "one two three four five six seven";
        assert_eq!(wrapped(text, "  ", 24), "  one two three four\n  five six seven");
        assert_eq!(wrapped("", "  ", 24), "");
    }
}
