//! Booleans and integers as Go reads them, since the controller does.

/// `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseInt(text, 10, bits)` within `min..=max`: a sign and ASCII digits, nothing else.
pub fn parse_int(text: &str, min: i64, max: i64) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = text.parse::<i64>().ok()?;
    (min..=max).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_go_reads_them() {
        let check = |text, expected| assert_eq!(parse_int(text, -10, 100), expected, "{text:?}");
        check("42", Some(42));
        check("+7", Some(7));
        check("-3", Some(-3));
        check("007", Some(7));
        check("", None);
        check("+", None);
        check(" 1", None);
        check("1_0", None);
        check("101", None);
        check("1h", None);
    }
}
