//! Conditions: all of a rule's must hold, and of each one any value suffices.

use super::expression::found;
use super::pattern::{Case, wildcard};
use super::request::Request;
use crate::resource::{Condition, ListenerRule};
use ipnet::IpNet;

/// The first condition of a rule that a request does not meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unmatched<'r>(pub &'r Condition);

/// Whether a request meets all conditions of a rule, or which one it does not.
pub fn matches<'r>(rule: &'r ListenerRule, request: &Request) -> Result<(), Unmatched<'r>> {
    first_unmatched(&rule.conditions, request).map_or(Ok(()), |c| Err(Unmatched(c)))
}

/// The first of these conditions that a request does not meet.
pub fn first_unmatched<'r>(
    conditions: &'r [Condition],
    request: &Request,
) -> Option<&'r Condition> {
    conditions.iter().find(|condition| !holds(condition, request))
}

/// A condition without a configuration that fits its field holds for nothing.
pub(super) fn holds(condition: &Condition, request: &Request) -> bool {
    match condition.field.as_str() {
        "host-header" => condition.host_header.as_ref().is_some_and(|config| {
            any(&config.values, |value| wildcard(value, &request.host, Case::Insensitive, false))
                || any(&config.regex_values, |regex| found(regex, &request.host, Case::Insensitive))
        }),
        "path-pattern" => condition.path_pattern.as_ref().is_some_and(|config| {
            any(&config.values, |value| wildcard(value, &request.path, Case::Sensitive, false))
                || any(&config.regex_values, |regex| found(regex, &request.path, Case::Sensitive))
        }),
        "http-header" => condition.http_header.as_ref().is_some_and(|config| {
            let sent = request
                .headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(&config.http_header_name));
            sent.into_iter().any(|(_, sent)| {
                any(&config.values, |value| wildcard(value, sent, Case::Insensitive, false))
                    || any(&config.regex_values, |regex| found(regex, sent, Case::Insensitive))
            })
        }),
        "http-request-method" => condition
            .http_request_method
            .as_ref()
            .is_some_and(|config| any(&config.values, |m| *m == request.method)),
        "query-string" => condition.query_string.as_ref().is_some_and(|config| {
            config.values.iter().any(|wanted| {
                request.parameters().any(|(key, value)| {
                    let key_fits = wanted
                        .key
                        .as_ref()
                        .is_none_or(|k| wildcard(k, key, Case::Insensitive, true));
                    key_fits && wildcard(&wanted.value, value, Case::Insensitive, true)
                })
            })
        }),
        "source-ip" => condition.source_ip.as_ref().is_some_and(|config| {
            any(&config.values, |block| {
                block.parse::<IpNet>().is_ok_and(|net| net.contains(&request.source_ip))
            })
        }),
        _ => false,
    }
}

fn any(values: &[String], holds: impl Fn(&String) -> bool) -> bool {
    values.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{Matched, first_match};

    fn rule(priority: i32, conditions: &str) -> ListenerRule {
        let conditions = serde_json::from_str(conditions).unwrap();
        ListenerRule { priority, conditions, ..ListenerRule::default() }
    }

    fn check(conditions: &str, request: Request, expected: bool) {
        assert_eq!(
            matches(&rule(1, conditions), &request).is_ok(),
            expected,
            "{conditions} {request:?}"
        );
    }

    #[test]
    fn hosts_ignore_case_and_port() {
        let host = r#"[{"field":"host-header","hostHeaderConfig":{"values":["*.Example.com"]}}]"#;
        check(host, Request::get("shop.example.com:8443", "/"), true);
        check(host, Request::get("SHOP.EXAMPLE.COM", "/"), true);
        check(host, Request::get("example.com", "/"), false);
    }

    #[test]
    fn paths_keep_case_and_leave_out_the_query() {
        let path =
            r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/Cart","/Cart/*"]}}]"#;
        check(path, Request::get("a.b", "/Cart?x=1"), true);
        check(path, Request::get("a.b", "/Cart/1"), true);
        check(path, Request::get("a.b", "/cart"), false);
    }

    #[test]
    fn all_conditions_must_hold_and_any_value_suffices() {
        let both = r#"[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET","HEAD"]}},
                       {"field":"source-ip","sourceIPConfig":{"values":["192.0.2.0/24","2001:db8::/32"]}}]"#;
        let from = |ip: &str| Request::get("a.b", "/").from(ip.parse().unwrap());
        check(both, from("192.0.2.7"), true);
        check(both, from("2001:db8::1"), true);
        check(both, from("198.51.100.1"), false);
        check(both, from("192.0.2.7").method("get"), false);
    }

    #[test]
    fn headers_and_queries_ignore_case_and_take_any_occurrence() {
        let header = r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["al*"]}}]"#;
        check(
            header,
            Request::get("a.b", "/").header("x-canary", "never").header("X-CANARY", "Always"),
            true,
        );
        check(header, Request::get("a.b", "/"), false);
        let query = r#"[{"field":"query-string","queryStringConfig":{"values":[{"key":"v","value":"2*"},{"value":"b?ta"}]}}]"#;
        check(query, Request::get("a.b", "/?V=20"), true);
        check(query, Request::get("a.b", "/?x=BETA"), true);
        check(query, Request::get("a.b", "/?x=20"), false);
    }

    #[test]
    fn regular_expressions_are_searched_for() {
        let regex =
            r#"[{"field":"path-pattern","pathPatternConfig":{"regexValues":["/v[0-9]+/"]}}]"#;
        check(regex, Request::get("a.b", "/api/v12/x"), true);
        check(regex, Request::get("a.b", "/api/vx/"), false);
        check(
            r#"[{"field":"path-pattern","pathPatternConfig":{"regexValues":["("]}}]"#,
            Request::get("a.b", "/("),
            false,
        );
    }

    #[test]
    fn the_lowest_priority_that_matches_answers_and_else_the_default() {
        let all = r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/*"]}}]"#;
        let one = r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/a"]}}]"#;
        let rules = [rule(2, all), rule(1, one)];
        let priority = |path| match first_match(&rules, &[], &Request::get("a.b", path)) {
            Matched::Rule(rule) => Some(rule.priority),
            Matched::Default(_) => None,
        };
        assert_eq!(priority("/a"), Some(1));
        assert_eq!(priority("/b"), Some(2));
        assert_eq!(first_match(&[], &[], &Request::get("a.b", "/")), Matched::Default(&[]));
    }
}
