//! Whether a request can match two rules. In doubt it can.

use ingc_compiler::resource::{Condition, PatternCondition};

/// False only if no request fulfils both lists of conditions.
pub(super) fn may_overlap(a: &[Condition], b: &[Condition]) -> bool {
    !a.iter().any(|one| b.iter().any(|other| exclude(one, other)))
}

/// True if no request fulfils both conditions.
fn exclude(a: &Condition, b: &Condition) -> bool {
    let patterns = |a: &Option<PatternCondition>, b: &Option<PatternCondition>, fold: bool| matches!((a, b), (Some(a), Some(b)) if patterns_exclude(a, b, fold));
    if patterns(&a.host_header, &b.host_header, true)
        || patterns(&a.path_pattern, &b.path_pattern, false)
    {
        return true;
    }
    match (&a.http_request_method, &b.http_request_method) {
        (Some(a), Some(b)) => !a.values.iter().any(|method| b.values.contains(method)),
        _ => false,
    }
}

fn patterns_exclude(a: &PatternCondition, b: &PatternCondition, fold: bool) -> bool {
    let regular = !a.regex_values.is_empty() || !b.regex_values.is_empty();
    if regular || a.values.is_empty() || b.values.is_empty() {
        return false;
    }
    !a.values.iter().any(|one| b.values.iter().any(|other| meet(one, other, fold)))
}

/// True if some text matches both patterns: `*` is any text, `?` any one character.
fn meet(a: &str, b: &str, fold: bool) -> bool {
    let chars = |text: &str| -> Vec<char> {
        text.chars().map(|c| if fold { c.to_ascii_lowercase() } else { c }).collect()
    };
    let (a, b) = (chars(a), chars(b));
    let wild = |pattern: &[char]| pattern.iter().any(|c| matches!(c, '*' | '?'));
    if !wild(&a) && !wild(&b) {
        return a == b;
    }
    // Whether the rests from each position of `b` can meet the rest of `a` that is looked at.
    let mut below = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            row[j] = match (a.get(i), b.get(j)) {
                (None, None) => true,
                (Some('*'), _) if below[j] => true,
                (_, Some('*')) if row[j + 1] => true,
                (Some('*'), Some(_)) => row[j + 1],
                (Some(_), Some('*')) => below[j],
                (Some(x), Some(y)) => (x == y || *x == '?' || *y == '?') && below[j + 1],
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_if_some_text_matches_both() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(meet(a, b, true), expected, "{a} {b}");
            assert_eq!(meet(b, a, true), expected, "{b} {a}");
        };
        check("a.example.com", "A.example.com", true);
        check("a.example.com", "b.example.com", false);
        check("*.example.com", "b.example.com", true);
        check("*.example.com", "example.com", false);
        check("*.example.com", "b.*", true);
        check("/a/*", "/b/*", false);
        check("/a/*", "/*/b", true);
        check("/a?", "/ab", true);
        check("/a?", "/a", false);
        check("*", "", true);
        check("a*b", "a*c", false);
        check("?*", "*?", true);
    }
}
