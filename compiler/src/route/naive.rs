//! The evaluation against one that is written differently: patterns become regular expressions, and
//! all rules that match are found before the first of them is taken.

use super::{Authentication, FinalAction, ListenerTable, Outcome, Protocol, Request, Route};
use crate::resource::{
    Condition, HttpHeaderCondition, PatternCondition, QueryStringCondition, QueryStringPair,
    ValuesCondition,
};
use proptest::prelude::*;
use regex::RegexBuilder;

fn fits(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let pattern: String = pattern
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        })
        .collect();
    let regex = format!("^(?:{pattern})$");
    let regex = RegexBuilder::new(&regex).case_insensitive(ignore_case).build().unwrap();
    regex.is_match(text)
}

fn holds(condition: &Condition, request: &Request) -> bool {
    if let Some(host) = &condition.host_header {
        return host.values.iter().any(|v| fits(v, &request.host, true));
    }
    if let Some(path) = &condition.path_pattern {
        return path.values.iter().any(|v| fits(v, &request.path, false));
    }
    if let Some(method) = &condition.http_request_method {
        return method.values.contains(&request.method);
    }
    if let Some(header) = &condition.http_header {
        let is_sent = |name: &str| name.to_lowercase() == header.http_header_name.to_lowercase();
        return request
            .headers
            .iter()
            .filter(|(name, _)| is_sent(name))
            .any(|(_, sent)| header.values.iter().any(|value| fits(value, sent, true)));
    }
    if let Some(query) = &condition.query_string {
        let pairs = request.query.split('&').filter(|pair| !pair.is_empty());
        let sent: Vec<Vec<&str>> = pairs.map(|pair| pair.splitn(2, '=').collect()).collect();
        return query.values.iter().any(|wanted| {
            sent.iter().any(|pair| {
                let key = wanted.key.as_ref().is_none_or(|key| fits(key, pair[0], true));
                key && fits(&wanted.value, pair.get(1).unwrap_or(&""), true)
            })
        });
    }
    let sources = condition.source_ip.as_ref().map_or(&[][..], |sources| &sources.values);
    let std::net::IpAddr::V4(sent) = request.source_ip else { return false };
    sources.iter().any(|block| {
        let (address, length) = block.split_once('/').unwrap();
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        let length: u32 = length.parse().unwrap();
        let rest = 32 - length;
        (0..length).all(|bit| {
            let of = |address: std::net::Ipv4Addr| u32::from(address) >> (rest + bit) & 1;
            of(address) == of(sent)
        })
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let patterns = |of: &'static str| prop::collection::vec(of, 1..3);
    let field = |field: &str| Condition { field: field.to_owned(), ..Condition::default() };
    let config = |values| PatternCondition { values, ..PatternCondition::default() };
    prop_oneof![
        patterns("[aB.*?]{1,4}").prop_map(move |values| Condition {
            host_header: Some(config(values)),
            ..field("host-header")
        }),
        patterns("/[aB*?]{0,3}").prop_map(move |values| Condition {
            path_pattern: Some(config(values)),
            ..field("path-pattern")
        }),
        patterns("GET|get|PUT").prop_map(move |values| Condition {
            http_request_method: Some(ValuesCondition { values }),
            ..field("http-request-method")
        }),
        patterns("[xY*?]{1,2}").prop_map(move |values| Condition {
            http_header: Some(
                HttpHeaderCondition {
                    http_header_name: "X-A".to_owned(),
                    values,
                    ..HttpHeaderCondition::default()
                }
                .into()
            ),
            ..field("http-header")
        }),
        (prop::option::of("[aB*]{1,2}"), "[xY*?]{0,2}").prop_map(move |(key, value)| Condition {
            query_string: Some(QueryStringCondition {
                values: vec![QueryStringPair { key, value }],
            }),
            ..field("query-string")
        }),
        patterns("192\\.0\\.2\\.(0|64|128)/(24|25|26|32)|0\\.0\\.0\\.0/0").prop_map(
            move |values| Condition {
                source_ip: Some(ValuesCondition { values }),
                ..field("source-ip")
            }
        ),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let headers = prop::collection::vec(("x-a|X-A|X-B", "[xy]{1,2}"), 0..3);
    ("[ab.]{1,4}", "/[aBb]{0,3}", "([aB]{0,1}=?[xY]{0,2}&?){0,2}", "GET|PUT", headers, 0..=255u8)
        .prop_map(|(host, path, query, method, headers, last)| {
            let mut request = Request { host, path, query, ..Request::get("", "/") };
            request.headers = headers;
            request.method(method).from([192, 0, 2, last].into())
        })
}

fn listener(rules: Vec<Vec<Condition>>) -> ListenerTable {
    let outcome = Outcome {
        authentication: Authentication::None,
        host_rewrites: Vec::new(),
        url_rewrites: Vec::new(),
        action: FinalAction::FixedResponse {
            status: 200,
            content_type: String::new(),
            body: String::new(),
        },
    };
    let route = |priority: Option<i32>, conditions| Route {
        id: priority.map_or_else(|| "default".to_owned(), |p| p.to_string()),
        priority,
        conditions,
        outcome: outcome.clone(),
        place: None,
    };
    ListenerTable {
        port: 80,
        protocol: Protocol::Http,
        certificates: Vec::new(),
        routes: (1..).zip(rules).map(|(p, rule)| route(Some(p), rule)).collect(),
        default: route(None, Vec::new()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn evaluations_agree(
        rules in prop::collection::vec(prop::collection::vec(condition(), 0..3), 0..5),
        request in request(),
    ) {
        let table = listener(rules.clone());
        let matching: Vec<_> = (1..)
            .zip(&rules)
            .filter(|(_, conditions)| !conditions.iter().any(|c| !holds(c, &request)))
            .map(|(priority, _)| priority)
            .collect();
        prop_assert_eq!(table.route(&request).priority, matching.iter().min().copied());
    }
}
