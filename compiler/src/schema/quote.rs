//! Values as they can be typed into a manifest, for hints.

use crate::yaml::{Node, NodeKind};

/// A hint shows at most this much of a value.
const MAX_SHOWN: usize = 120;

/// A text as a quoted scalar that any YAML reader takes for a string.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c != '"' && c != '\\' && !c.is_control();
    if text.chars().all(plain) {
        return format!("\"{text}\"");
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    format!("{text:?}")
}

/// The quoted form of a value that should have been a string: of a scalar, or of a collection in
/// brackets that stands on one line. None if there is no short one.
pub(crate) fn flow(node: Node<'_, '_>, source: &str) -> Option<String> {
    let text = match node.kind() {
        NodeKind::Mapping | NodeKind::Sequence => {
            let written = source.trim_end();
            if !written.starts_with(['[', '{']) {
                return None;
            }
            written
        }
        _ => node.as_str()?,
    };
    (text.len() <= MAX_SHOWN && !text.contains('\n')).then(|| quoted(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_chosen_by_what_stands_between_them() {
        let check = |text: &str, expected: &str| assert_eq!(quoted(text), expected);
        check("443", "\"443\"");
        check("it's", "\"it's\"");
        check("[{\"HTTP\": 80}]", "'[{\"HTTP\": 80}]'");
        check("say \"it's\"", "'say \"it''s\"'");
        check("a\nb", "\"a\\nb\"");
    }
}
