//! Scalars as Helm writes them into the controller's flags.

use crate::yaml::{Node, NodeKind};

/// From this exponent on numbers are written with an exponent. Source: Go's `strconv`, format `g`
/// with the shortest precision.
const EXPONENTS: std::ops::Range<i32> = -4..6;

/// A scalar as Helm prints it; none for null and for collections.
pub(super) fn printed(node: Node<'_, '_>) -> Option<String> {
    match node.kind() {
        NodeKind::String => node.as_str().map(str::to_owned),
        NodeKind::Bool => node.as_bool().map(|value| value.to_string()),
        NodeKind::Int | NodeKind::Float => node.as_f64().map(float),
        NodeKind::Null | NodeKind::Mapping | NodeKind::Sequence => None,
    }
}

/// A number as Go prints a float.
fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    if EXPONENTS.contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_writes_floats() {
        let check = |value: f64, expected: &str| assert_eq!(float(value), expected);
        check(0.0, "0");
        check(42.0, "42");
        check(1.10, "1.1");
        check(999_999.0, "999999");
        check(1_000_000.0, "1e+06");
        check(123_456_789_012.0, "1.23456789012e+11");
        check(0.0001, "0.0001");
        check(0.00001, "1e-05");
        check(-2_500_000.0, "-2.5e+06");
        check(f64::INFINITY, "inf");
    }
}
