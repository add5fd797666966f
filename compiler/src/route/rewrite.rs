//! Transforms: what a regular expression finds first is replaced.
//!
//! `$1` to `$9` of the replacement stand for groups; where several digits follow, as many as name a
//! group of the expression.

use crate::resource::Rewrite;
use regex::{Captures, RegexBuilder};

/// The text after all rewrites. Without a match, and with an expression that cannot be read, it
/// stays as it is.
pub(super) fn rewritten(rewrites: &[Rewrite], text: &str) -> String {
    let mut text = text.to_owned();
    for rewrite in rewrites {
        let regex = RegexBuilder::new(&rewrite.regex).size_limit(1 << 20).build();
        let Some(found) = regex.as_ref().ok().and_then(|regex| regex.captures(&text)) else {
            continue;
        };
        let range = found.get(0).map_or(0..0, |whole| whole.range());
        let new = expanded(&rewrite.replace, &found);
        text = [&text[..range.start], &new, &text[range.end..]].concat();
    }
    text
}

fn expanded(replace: &str, found: &Captures<'_>) -> String {
    let mut out = String::with_capacity(replace.len());
    let mut rest = replace;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let group = (1..=digits).rev().find_map(|length| {
            let number: usize = rest[..length].parse().ok()?;
            (number < found.len()).then_some((number, length))
        });
        match group {
            Some((number, length)) => {
                out.push_str(found.get(number).map_or("", |group| group.as_str()));
                rest = &rest[length..];
            }
            None => out.push('$'),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_match_is_replaced() {
        let check = |regex: &str, replace: &str, text: &str, expected: &str| {
            let rewrite = Rewrite { regex: regex.to_owned(), replace: replace.to_owned() };
            assert_eq!(rewritten(&[rewrite], text), expected, "{regex} {replace} {text}");
        };
        check("^/dp/([A-Z0-9]+)$", "/product.php?id=$1", "/dp/B09G", "/product.php?id=B09G");
        check("a", "b", "/aa", "/ba");
        check("(a)(b)", "$2$1_$10$3$", "/ab", "/ba_a0$3$");
        check("(x)?y", "[$1]", "/y", "/[]");
        check("(", "never", "/(", "/(");
        check("é", "e", "/é/", "/e/");
    }
}
