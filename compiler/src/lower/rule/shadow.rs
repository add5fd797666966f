//! Whether an earlier rule takes every request that a later one would take. The answer is yes only
//! where it is certain; a rule that several earlier ones cover together is not found.

use crate::resource::{Condition, QueryStringPair};
use crate::route::{Case, whole};
use ipnet::IpNet;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// What a rule takes.
pub(crate) struct Reach<'r> {
    conditions: &'r [Condition],
    /// The hash of its only host, if it has no wildcard: rules of different hosts, which are most
    /// of a group's, are told apart at once.
    host: Option<u64>,
}

impl<'r> Reach<'r> {
    /// The reach of a rule with all these conditions.
    pub(crate) fn of(conditions: &'r [Condition]) -> Self {
        let hosts = conditions.iter().find_map(|condition| condition.host_header.as_ref());
        let host = match hosts.map(|hosts| (&hosts.values[..], &hosts.regex_values[..])) {
            Some(([host], [])) if !host.contains(['*', '?']) => {
                let mut hasher = FxHasher::default();
                host.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
                Some(hasher.finish())
            }
            _ => None,
        };
        Reach { conditions, host }
    }

    /// False if no request can be for both rules, since they have different hosts.
    pub(crate) fn meets(&self, later: &Reach<'_>) -> bool {
        !matches!((self.host, later.host), (Some(ours), Some(theirs)) if ours != theirs)
    }

    /// True if every request that a later rule would take meets the conditions of this one.
    pub(crate) fn covers(&self, later: &Reach<'_>) -> bool {
        self.meets(later)
            && self.conditions.iter().all(|wide| {
                let narrow = &mut later.conditions.iter();
                takes_all_paths(wide) || narrow.any(|narrow| covers_condition(wide, narrow))
            })
    }
}

/// Every path starts with `/`.
fn takes_all_paths(condition: &Condition) -> bool {
    let path = condition.path_pattern.as_ref();
    path.is_some_and(|path| path.values.iter().any(|value| value == "/*" || value == "*"))
}

fn covers_condition(wide: &Condition, narrow: &Condition) -> bool {
    if let (Some(wide), Some(narrow)) = (&wide.host_header, &narrow.host_header) {
        return all_covered(&wide.values, &narrow.values, Case::Insensitive)
            && subset(&narrow.regex_values, &wide.regex_values);
    }
    if let (Some(wide), Some(narrow)) = (&wide.path_pattern, &narrow.path_pattern) {
        return all_covered(&wide.values, &narrow.values, Case::Sensitive)
            && subset(&narrow.regex_values, &wide.regex_values);
    }
    if let (Some(wide), Some(narrow)) = (&wide.http_header, &narrow.http_header) {
        return wide.http_header_name.eq_ignore_ascii_case(&narrow.http_header_name)
            && all_covered(&wide.values, &narrow.values, Case::Insensitive)
            && subset(&narrow.regex_values, &wide.regex_values);
    }
    if let (Some(wide), Some(narrow)) = (&wide.http_request_method, &narrow.http_request_method) {
        return subset(&narrow.values, &wide.values);
    }
    if let (Some(wide), Some(narrow)) = (&wide.query_string, &narrow.query_string) {
        return narrow
            .values
            .iter()
            .all(|pair| wide.values.iter().any(|other| covers_pair(other, pair)));
    }
    if let (Some(wide), Some(narrow)) = (&wide.source_ip, &narrow.source_ip) {
        return narrow
            .values
            .iter()
            .all(|block| wide.values.iter().any(|other| covers_block(other, block)));
    }
    false
}

fn subset(few: &[String], many: &[String]) -> bool {
    few.iter().all(|text| many.contains(text))
}

fn all_covered(wide: &[String], narrow: &[String], case: Case) -> bool {
    narrow.iter().all(|text| wide.iter().any(|pattern| covers_pattern(pattern, text, case)))
}

fn covers_pair(wide: &QueryStringPair, narrow: &QueryStringPair) -> bool {
    let key = match (&wide.key, &narrow.key) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => covers_query(wide, narrow),
        (Some(_), None) => false,
    };
    key && covers_query(&wide.value, &narrow.value)
}

/// A backslash takes the next character as it is, which makes patterns with one hard to compare.
fn covers_query(wide: &str, narrow: &str) -> bool {
    wide == narrow
        || !(wide.contains('\\') || narrow.contains('\\'))
            && covers_pattern(wide, narrow, Case::Insensitive)
}

fn covers_block(wide: &str, narrow: &str) -> bool {
    match (wide.parse::<IpNet>(), narrow.parse::<IpNet>()) {
        (Ok(wide), Ok(narrow)) => wide.trunc().contains(&narrow.trunc()),
        _ => wide == narrow,
    }
}

/// True if a pattern matches all that another one matches. The other's wildcards count as letters
/// that only a wildcard of the first can match: its `*` only a `*`, its `?` a `*` or a `?`.
fn covers_pattern(wide: &str, narrow: &str, case: Case) -> bool {
    let fold = |byte: u8| match case {
        Case::Sensitive => byte,
        Case::Insensitive => byte.to_ascii_lowercase(),
    };
    let takes = |wide: &u8, narrow: &u8| match wide {
        b'?' => *narrow != b'*' && narrow.is_ascii(),
        wide => !matches!(narrow, b'*' | b'?') && fold(*wide) == fold(*narrow),
    };
    // Most patterns differ before their first wildcard, which is found without a list of steps.
    let literal = wide.bytes().take_while(|byte| !matches!(byte, b'*' | b'?'));
    if !literal.zip(narrow.bytes()).all(|(wide, narrow)| takes(&wide, &narrow)) {
        return false;
    }
    whole(wide.as_bytes(), narrow.as_bytes(), |byte| *byte == b'*', takes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::wildcard;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_covers_another_only_where_that_is_certain() {
        let check = |wide, narrow, expected| {
            assert_eq!(covers_pattern(wide, narrow, Case::Sensitive), expected, "{wide} {narrow}");
        };
        check("/*", "/a/*", true);
        check("/a/*", "/a/b/*", true);
        check("/a/*", "/a", false);
        check("/a", "/a", true);
        check("/a*", "/a", true);
        check("/a?", "/a*", false);
        check("/a?", "/a?", true);
        check("/a*", "/a?", true);
        check("/a?c", "/a*c", false);
        check("*.example.com", "*.shop.example.com", true);
        check("*.shop.example.com", "*.example.com", false);
    }

    fn conditions(json: &str) -> Vec<Condition> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_condition_of_the_earlier_rule_must_follow_from_one_of_the_later() {
        let check = |earlier: &str, later: &str, expected| {
            let (wide, narrow) = (conditions(earlier), conditions(later));
            assert_eq!(Reach::of(&wide).covers(&Reach::of(&narrow)), expected, "{earlier}");
        };
        let host = r#"{"field":"host-header","hostHeaderConfig":{"values":["*.example.com"]}}"#;
        let shop = r#"{"field":"host-header","hostHeaderConfig":{"values":["Shop.Example.com"]}}"#;
        let all = r#"{"field":"path-pattern","pathPatternConfig":{"values":["/*"]}}"#;
        let cart = r#"{"field":"path-pattern","pathPatternConfig":{"values":["/cart","/cart/*"]}}"#;
        let get = r#"{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}"#;
        check(&format!("[{all}]"), &format!("[{shop},{cart}]"), true);
        check(&format!("[{all}]"), &format!("[{shop}]"), true);
        check(&format!("[{host},{cart}]"), &format!("[{shop},{cart}]"), true);
        check(&format!("[{host},{cart}]"), &format!("[{shop}]"), false);
        check(&format!("[{host},{cart},{get}]"), &format!("[{shop},{cart}]"), false);
        check(&format!("[{host},{cart}]"), &format!("[{get},{shop},{cart}]"), true);
        let same = shop.to_lowercase().replace("hostheaderconfig", "hostHeaderConfig");
        check(&format!("[{same}]"), &format!("[{shop},{cart}]"), true);
        check(&format!("[{}]", same.replace("shop", "cart")), &format!("[{shop}]"), false);
        let block = |block: &str| {
            format!(r#"[{{"field":"source-ip","sourceIPConfig":{{"values":["{block}"]}}}}]"#)
        };
        check(&block("10.0.0.0/8"), &block("10.1.0.0/16"), true);
        check(&block("10.1.0.0/16"), &block("10.0.0.0/8"), false);
        let query = |key: &str| {
            format!(
                r#"[{{"field":"query-string","queryStringConfig":{{"values":[{{{key}"value":"1"}}]}}}}]"#
            )
        };
        check(&query(""), &query(r#""key":"a","#), true);
        check(&query(r#""key":"a","#), &query(""), false);
    }

    proptest! {
        #[test]
        fn what_the_covered_pattern_matches_the_covering_one_matches(
            wide in "[ab?*]{0,6}", narrow in "[ab?*]{0,6}", text in "[ab]{0,6}"
        ) {
            if covers_pattern(&wide, &narrow, Case::Sensitive)
                && wildcard(&narrow, &text, Case::Sensitive, false)
            {
                prop_assert!(wildcard(&wide, &text, Case::Sensitive, false));
            }
        }
    }
}
