//! Requests made from rules, to be tried where the exact method gives up.

use super::requests::{Requests, Word, Words};
use crate::resource::{Condition, QueryStringPair};
use crate::route::{ListenerTable, Request};
use std::collections::BTreeSet;

/// Requests that are tried, at most.
const TRIED: usize = 2_000;
/// Changes that are shown, at most.
const SHOWN: usize = 50;

/// Requests with a different answer, one for each pair of rules that answer them.
pub(super) fn differing(
    before: Option<&ListenerTable>,
    after: Option<&ListenerTable>,
) -> Vec<Request> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let listeners = [before, after];
    let routes = listeners.into_iter().flatten().flat_map(ListenerTable::all_routes);
    let mut requests: BTreeSet<Request> = BTreeSet::new();
    for route in routes {
        requests.extend(requests_for(&route.conditions, "a"));
    }
    for request in requests.into_iter().take(TRIED) {
        let route = |listener: Option<&'_ ListenerTable>| {
            listener.map(|listener| {
                let route = listener.route(&request);
                (route.id.clone(), route.outcome.answer(&request))
            })
        };
        let (before, after) = (route(before), route(after));
        let answer = |side: &Option<(String, _)>| side.as_ref().map(|(_, answer)| answer).cloned();
        let id = |side: &Option<(String, _)>| side.as_ref().map(|(id, _)| id.clone());
        if answer(&before) != answer(&after) && seen.insert((id(&before), id(&after))) {
            found.push(request);
            if found.len() == SHOWN {
                break;
            }
        }
    }
    found
}

/// The class of one host and path.
pub(super) fn only(request: &Request) -> Requests {
    let word = |text: &str| {
        vec![Words { matches: vec![Word::Pattern(text.to_owned())], except: Vec::new() }]
    };
    Requests { hosts: word(&request.host), paths: word(&request.path), ..Requests::default() }
}

/// Requests that likely meet the conditions, two for each host and path that they name. `star` is
/// what stands for a `*`.
pub(super) fn requests_for(
    conditions: &[Condition],
    star: &str,
) -> impl Iterator<Item = Request> + use<> {
    let mut hosts = vec!["example.com".to_owned()];
    let mut paths = vec!["/".to_owned()];
    let mut request = Request::get("example.com", "/");
    for condition in conditions {
        if let Some(config) = &condition.host_header {
            hosts = texts(&config.values, &config.regex_values, star);
        }
        if let Some(config) = &condition.path_pattern {
            paths = texts(&config.values, &config.regex_values, "");
            paths.extend(texts(&config.values, &config.regex_values, star));
        }
        if let Some(config) = &condition.http_header
            && let Some(value) = texts(&config.values, &config.regex_values, star).pop()
        {
            request = request.header(config.http_header_name.clone(), value);
        }
        if let Some(method) = condition.http_request_method.as_ref().and_then(|c| c.values.first())
        {
            request = request.method(method.clone());
        }
        if let Some(pair) = condition.query_string.as_ref().and_then(|c| c.values.first()) {
            let mark = if request.query.is_empty() { "" } else { "&" };
            request.query = [&request.query, mark, &query(pair)].concat();
        }
        if let Some(block) = condition.source_ip.as_ref().and_then(|c| c.values.first())
            && let Ok(block) = block.parse::<ipnet::IpNet>()
        {
            request = request.from(block.network());
        }
    }
    (0..hosts.len() * paths.len()).map(move |i| Request {
        host: hosts[i / paths.len()].clone(),
        path: paths[i % paths.len()].clone(),
        ..request.clone()
    })
}

fn query(pair: &QueryStringPair) -> String {
    let fill = |text: &str| text.replace('\\', "").replace(['*', '?'], "a");
    format!("{}={}", fill(pair.key.as_deref().unwrap_or("x")), fill(&pair.value))
}

/// A pattern with something in the place of its wildcards.
fn filled(pattern: &str, star: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + star.len());
    for c in pattern.chars() {
        match c {
            '*' => text.push_str(star),
            '?' => text.push('a'),
            c => text.push(c),
        }
    }
    text
}

/// Texts that match patterns, and for regular expressions what is left of them without operators,
/// which matches simple ones.
fn texts(values: &[String], regexes: &[String], star: &str) -> Vec<String> {
    let filled = values.iter().map(|value| filled(value, star));
    let plain = regexes.iter().map(|regex| {
        let plain: String = regex.chars().filter(|c| !r"\^$()[]{}+*?|".contains(*c)).collect();
        if plain.starts_with('/') { plain } else { format!("/{plain}") }
    });
    filled.chain(plain).collect()
}
