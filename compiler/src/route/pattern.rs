//! ALB's patterns: `*` is any number of characters, `?` exactly one, and the whole text must match.

/// How letters compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// As they are: paths and methods.
    Sensitive,
    /// Upper and lower case are the same: hosts, headers, query strings.
    Insensitive,
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `*`
    Any,
    /// `?`
    One,
    /// The character itself.
    Literal(char),
}

pub(super) fn steps(pattern: &str, escapes: bool) -> Vec<Step> {
    let mut chars = pattern.chars().peekable();
    let mut steps = Vec::with_capacity(pattern.len());
    while let Some(c) = chars.next() {
        steps.push(match c {
            '\\' if escapes && matches!(chars.peek(), Some('*' | '?' | '\\')) => {
                Step::Literal(chars.next().unwrap_or(c))
            }
            '*' => Step::Any,
            '?' => Step::One,
            c => Step::Literal(c),
        });
    }
    steps
}

/// True if the whole text matches. With `escapes`, a backslash takes a following `*`, `?` or
/// backslash as it is, as in query strings. Time grows with pattern × text at the worst.
pub fn wildcard(pattern: &str, text: &str, case: Case, escapes: bool) -> bool {
    if pattern.is_ascii() && text.is_ascii() && !(escapes && pattern.contains('\\')) {
        let same = |a: &u8, b: &u8| match case {
            Case::Sensitive => a == b,
            Case::Insensitive => a.eq_ignore_ascii_case(b),
        };
        let takes = |step: &u8, byte: &u8| matches!(step, b'?' | b'*') || same(step, byte);
        return whole(pattern.as_bytes(), text.as_bytes(), |step| *step == b'*', takes);
    }
    let steps = steps(pattern, escapes);
    let text: Vec<char> = text.chars().collect();
    let same = |a: char, b: char| match case {
        Case::Sensitive => a == b,
        Case::Insensitive => a == b || a.to_lowercase().eq(b.to_lowercase()),
    };
    let takes = |step: &Step, c: &char| match step {
        Step::Literal(literal) => same(*literal, *c),
        Step::One | Step::Any => true,
    };
    whole(&steps, &text, |step| *step == Step::Any, takes)
}

/// True if steps match a whole text, of which `any` ones take any number of letters and all others
/// take one that they `take`. Time grows with steps × letters at the worst.
pub(crate) fn whole<S, T>(
    steps: &[S],
    text: &[T],
    any: impl Fn(&S) -> bool,
    takes: impl Fn(&S, &T) -> bool,
) -> bool {
    // Greedy with one way back, to the last `*`: enough, since a later `*` covers what an earlier
    // one could still take.
    let (mut step, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match steps.get(step) {
            Some(s) if any(s) => {
                back = Some((step, at));
                step += 1;
            }
            Some(s) if takes(s, &text[at]) => {
                step += 1;
                at += 1;
            }
            _ => {
                let Some((last, from)) = back else { return false };
                back = Some((last, from + 1));
                step = last + 1;
                at = from + 1;
            }
        }
    }
    steps[step..].iter().all(any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_whole_texts() {
        let check = |pattern, text, expected| {
            assert_eq!(
                wildcard(pattern, text, Case::Sensitive, false),
                expected,
                "{pattern} {text}"
            );
        };
        check("/*", "/", true);
        check("/*", "/a/b", true);
        check("/cart", "/cart/1", false);
        check("/cart/*", "/cart", false);
        check("/c?rt", "/cart", true);
        check("/c?rt", "/crt", false);
        check("*.example.com", "example.com", false);
        check("*.example.com", "a.b.example.com", true);
        check("/a*b*c", "/axxbyybzc", true);
        check("/a*b*c", "/axxbyybz", false);
        check("/Cart", "/cart", false);
        check("", "", true);
        check("*", "", true);
        check("?", "", false);
    }

    #[test]
    fn case_and_escapes_are_options() {
        assert!(wildcard("WWW.Example.com", "www.example.COM", Case::Insensitive, false));
        assert!(wildcard(r"a\*b", "a*b", Case::Insensitive, true));
        assert!(!wildcard(r"a\*b", "axb", Case::Insensitive, true));
        assert!(wildcard(r"a\b", r"a\b", Case::Insensitive, true));
    }

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|i| naive(rest, &text[i..])),
            Some((c, rest)) => text
                .split_first()
                .is_some_and(|(t, more)| (*c == '?' || c == t) && naive(rest, more)),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab?*]{0,8}", text in "[ab]{0,8}") {
            let chars = |s: &str| s.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                wildcard(&pattern, &text, Case::Sensitive, false),
                naive(&chars(&pattern), &chars(&text))
            );
        }
    }
}
