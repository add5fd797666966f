//! Patterns of EC2's filters: `*` stands for any text, `?` for one character.

/// True if the whole text matches the pattern. A backslash takes the next character as it is.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let (literal, width) = match (pattern.get(p), pattern.get(p + 1)) {
            (Some('\\'), Some(next)) => (Some(*next), 2),
            (Some('*'), _) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            (Some('?'), _) => (Some(text[t]), 1),
            (next, _) => (next.copied(), 1),
        };
        if literal == Some(text[t]) {
            p += width;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        let check = |pattern, text, expected| {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        };
        check("app", "app", true);
        check("app", "apps", false);
        check("private-*", "private-us-west-2a", true);
        check("*-2?", "private-us-west-2a", true);
        check("*a*b", "xaxxb", true);
        check("*a*b", "xaxxbc", false);
        check("\\*", "*", true);
        check("\\*", "x", false);
        check("", "", true);
        check("*", "", true);
    }
}
