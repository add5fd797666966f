//! What a plain scalar means: go-yaml v2's table, as every Kubernetes client reads it.

use super::number;

/// The meaning of a scalar. Timestamps stay strings, as in Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number; `i128` holds both `i64` and `u64`.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Everything else.
    String,
}

impl Scalar {
    /// The type's name in a tag.
    pub fn tag(self) -> &'static str {
        match self {
            Scalar::Null => "!!null",
            Scalar::Bool(_) => "!!bool",
            Scalar::Int(_) => "!!int",
            Scalar::Float(_) => "!!float",
            Scalar::String => "!!str",
        }
    }
}

/// The meaning of a plain scalar without a tag.
pub fn resolve(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => number::fraction(text).map_or(Scalar::String, Scalar::Float),
        },
        b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ => numeric(text),
        },
        b'0'..=b'9' => numeric(text),
        _ => Scalar::String,
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::String,
    }
}

fn numeric(text: &str) -> Scalar {
    if !text.bytes().all(number::may_be_in_number) {
        return Scalar::String;
    }
    let plain;
    let text = if text.contains('_') {
        plain = text.replace('_', "");
        &plain
    } else {
        text
    };
    if let Some(int) = number::integer(text) {
        return Scalar::Int(int);
    }
    match number::decimal(text) {
        Some(float) => Scalar::Float(float),
        None => number::binary(text).map_or(Scalar::String, Scalar::Int),
    }
}

/// The meaning of a scalar with one of YAML's own tags, such as `!!int`; `None` if the text does
/// not fit the tag. Other tags mean a string.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Option<Scalar> {
    let scalar = match tag {
        "null" | "bool" | "int" | "float" => resolve(text),
        "timestamp" => return is_timestamp(text).then_some(Scalar::String),
        _ => return Some(Scalar::String),
    };
    match (tag, scalar) {
        ("null", Scalar::Null)
        | ("bool", Scalar::Bool(_))
        | ("int", Scalar::Int(_))
        | ("float", Scalar::Float(_)) => Some(scalar),
        ("float", Scalar::Int(int)) if i64::try_from(int).is_ok() => {
            Some(Scalar::Float(int as f64))
        }
        _ => None,
    }
}

/// `2001-2-3`, optionally with a time after `T`, `t` (a zone must follow) or a space (none may).
pub(super) fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((text.as_bytes()[at], &text[at + 1..]))),
        None => (text, None),
    };
    is_date(date)
        && match time {
            None => true,
            Some((b' ', clock)) => is_clock(clock),
            Some((_, clock)) => match clock.strip_suffix('Z') {
                Some(clock) => is_clock(clock),
                None => clock.rfind(['+', '-']).is_some_and(|at| {
                    is_clock(&clock[..at])
                        && matches!(clock[at + 1..].split_once(':'), Some((h, m))
                            if h.len() == 2 && m.len() == 2
                                && within(h, 0, 24) && within(m, 0, 60))
                }),
            },
        }
}

fn within(digits: &str, min: u32, max: u32) -> bool {
    digits.len() <= 2
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse().is_ok_and(|n: u32| (min..=max).contains(&n))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Ok(number) = year.parse::<u32>() else { return false };
    let leap = number % 4 == 0 && (number % 100 != 0 || number % 400 == 0);
    let last = match month.trim_start_matches('0') {
        "2" if leap => 29,
        "2" => 28,
        "4" | "6" | "9" | "11" => 30,
        _ => 31,
    };
    year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && within(month, 1, 12)
        && within(day, 1, last)
}

fn is_clock(text: &str) -> bool {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    matches!((parts.next(), parts.next(), parts.next(), parts.next()), (Some(h), Some(m), Some(s), None)
        if within(h, 0, 23) && within(m, 0, 59) && within(s, 0, 59))
        && fraction.is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_kubernetes_reads() {
        let check = |text, expected| assert_eq!(resolve(text), expected, "{text:?}");
        for yes in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"] {
            check(yes, Scalar::Bool(true));
        }
        for no in ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"] {
            check(no, Scalar::Bool(false));
        }
        for null in ["", "~", "null", "Null", "NULL"] {
            check(null, Scalar::Null);
        }
        for text in ["tRuE", "yEs", "oN", "nUll", "none", "nil", "<<", "=", "a", "_1", "yes "] {
            check(text, Scalar::String);
        }
        check("0755", Scalar::Int(493));
        check("0o755", Scalar::Int(493));
        check("08", Scalar::Float(8.0));
        check("0080", Scalar::Float(80.0));
        check("1_000", Scalar::Int(1000));
        check("1__0", Scalar::Int(10));
        check("0x1F", Scalar::Int(31));
        check("0b101", Scalar::Int(5));
        check("0b-1", Scalar::Int(-1));
        check("-010", Scalar::Int(-8));
        check("+5", Scalar::Int(5));
        check("18446744073709551615", Scalar::Int(u64::MAX.into()));
        check("18446744073709551616", Scalar::Float(18446744073709551616.0));
        check("1.", Scalar::Float(1.0));
        check(".5", Scalar::Float(0.5));
        check("1e3", Scalar::Float(1000.0));
        check("1_0.5", Scalar::Float(10.5));
        check("-.inf", Scalar::Float(f64::NEG_INFINITY));
        for text in [
            "1e999",
            "0x",
            "0xG",
            "0o8",
            "+",
            "-",
            ".",
            "..",
            "1.2.3",
            "12:30",
            "1e",
            "--1",
            "+-1",
            "2024-01-02",
            "1 0",
            ".e1",
            "inf",
            "Infinity",
            "nan",
            "0b2",
            "-0b-1",
            "0x1p4",
            "1,000",
        ] {
            check(text, Scalar::String);
        }
        assert!(matches!(resolve(".nan"), Scalar::Float(f) if f.is_nan()));
    }

    #[test]
    fn a_tag_refuses_what_does_not_fit() {
        let check = |tag, text, expected| assert_eq!(resolve_tagged(tag, text), expected, "{text}");
        check("int", "5", Some(Scalar::Int(5)));
        check("int", "x", None);
        check("int", "1.5", None);
        check("float", "1", Some(Scalar::Float(1.0)));
        check("float", "true", None);
        check("bool", "yes", Some(Scalar::Bool(true)));
        check("null", "", Some(Scalar::Null));
        check("null", "x", None);
        check("str", "5", Some(Scalar::String));
        check("timestamp", "2024-01-02", Some(Scalar::String));
        check("timestamp", "2024-1-2T3:4:5Z", Some(Scalar::String));
        check("timestamp", "2024-01-02 03:04:05.5", Some(Scalar::String));
        check("timestamp", "2024-01-02T03:04:05+01:00", Some(Scalar::String));
        check("timestamp", "2023-02-29", None);
        check("timestamp", "2024-02-29", Some(Scalar::String));
        check("timestamp", "2024-13-02", None);
        check("timestamp", "soon", None);
    }
}
