//! Numbers as Go's `strconv` reads and writes them.

/// Bytes that numbers are made of: digits, signs, points, underscores, prefixes and exponents.
pub(super) fn may_be_in_number(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
        || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'x' | b'X' | b'o' | b'O')
}

/// A whole number with Go's prefixes, where a leading zero means octal, within `i64` or `u64`.
pub(super) fn integer(text: &str) -> Option<i128> {
    let (negative, digits, signed) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..], true),
        b'+' => (false, &text[1..], true),
        _ => (false, text, false),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // A second sign is none of the digits, but `from_str_radix` would take it.
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -value } else { value };
    let limit = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=limit).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` that a float can hold.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(rest);
    rest = &rest[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole + fraction == 0 {
            return None;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return None;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['+', '-']).unwrap_or(after);
        let exponent = digits(after);
        rest = &after[exponent..];
        if exponent == 0 {
            return None;
        }
    }
    let value: f64 = text.parse().ok()?;
    (rest.is_empty() && value.is_finite()).then_some(value)
}

/// A decimal that starts with its point; an underscore may stand between two digits.
pub(super) fn fraction(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let between_digits = |at: usize| {
        bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    let underscores = || bytes.iter().enumerate().filter(|&(_, &b)| b == b'_').map(|(at, _)| at);
    if underscores().next().is_none() {
        return decimal(text);
    }
    // The text starts with a point, so that no underscore stands at its start.
    underscores().all(between_digits).then(|| decimal(&text.replace('_', ""))).flatten()
}

/// go-yaml's second reading of `0b`: a sign may follow the prefix.
pub(super) fn binary(text: &str) -> Option<i128> {
    let digits = text.strip_prefix("0b")?;
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|b| matches!(b, b'0' | b'1')) {
        return None;
    }
    i64::from_str_radix(digits, 2).ok().map(i128::from)
}

/// The name that a number has as a key: `FormatFloat(value, 'g', -1, 32)`.
pub(super) fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_follow_go() {
        let check = |text, expected| assert_eq!(integer(text), expected, "{text:?}");
        check("0", Some(0));
        check("00", Some(0));
        check("-9223372036854775808", Some(i64::MIN.into()));
        check("-9223372036854775809", None);
        check("18446744073709551615", Some(u64::MAX.into()));
        check("+18446744073709551615", None);
        check("0X1f", Some(31));
        check("0b", None);
        check("08", None);
        check("0x-1", None);
        check("", None);
        check("-", None);
    }

    #[test]
    fn a_float_key_is_written_as_go_writes_it() {
        let check = |value, expected| assert_eq!(float_key(value), expected);
        check(1.5, "1.5");
        check(0.0, "0");
        check(100_000.0, "100000");
        check(1e6, "1e+06");
        check(0.0001, "0.0001");
        check(0.00001, "1e-05");
        check(123_456_789.5, "1.2345679e+08");
        check(16_777_217.0, "1.6777216e+07");
        check(f64::NEG_INFINITY, "-.inf");
    }

    #[test]
    fn fractions_take_underscores_between_digits_only() {
        let check = |text, expected| assert_eq!(fraction(text), expected, "{text:?}");
        check(".5", Some(0.5));
        check(".5_0e1", Some(5.0));
        check("._5", None);
        check(".5_", None);
        check(".5__0", None);
        check(".", None);
        check(".5x", None);
    }
}
