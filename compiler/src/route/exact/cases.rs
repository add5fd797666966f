//! Changes as users see them.

use super::enumerated::{changes, listener};
use super::{Budget, Changes, Status};
use crate::resource::{Condition, Port, Rewrite};
use crate::route::{
    Authentication, FinalAction, Forward, ListenerTable, Outcome, Reply, Target, WeightedTarget,
};
use std::fmt::Write;

/// A listener of lines such as `a.example.com /cart,/cart/* X-Canary:1 ?v=2 GET 10.0.0.0/8 -> cart`.
/// A word behind `~` is a regular expression, `*` and `/*` ask for nothing.
pub(super) fn rules(text: &str) -> ListenerTable {
    let mut rules = Vec::new();
    let mut default = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (conditions, answer) = line.split_once("-> ").unwrap();
        let outcome = outcome(answer);
        match conditions.trim() {
            "default" => default = Some(outcome),
            conditions => {
                rules.push((conditions.split(' ').filter_map(condition).collect(), outcome));
            }
        }
    }
    let mut listener = listener(rules);
    listener.default.outcome = default.unwrap_or(listener.default.outcome);
    listener
}

fn condition(word: &str) -> Option<Condition> {
    let json = |field: &str, config: &str, value: String| {
        let text = format!(r#"{{"field":"{field}","{config}":{value}}}"#);
        Some(serde_json::from_str(&text).unwrap())
    };
    let values = |text: &str| match text.strip_prefix('~') {
        Some(regex) => format!(r#""regexValues":[{}]"#, serde_json::to_string(regex).unwrap()),
        None => {
            let values: Vec<_> = text.split(',').collect();
            format!(r#""values":{}"#, serde_json::to_string(&values).unwrap())
        }
    };
    let plain = |text: &str| format!("{{{}}}", values(text));
    if word == "*" || word == "/*" {
        return None;
    }
    if let Some(pair) = word.strip_prefix('?') {
        let (key, value) = pair.split_once('=').unwrap();
        let pair = format!(r#"{{"values":[{{"key":"{key}","value":"{value}"}}]}}"#);
        return json("query-string", "queryStringConfig", pair);
    }
    if let Some((name, value)) = word.split_once(':') {
        let header = format!(r#"{{"httpHeaderName":"{name}",{}}}"#, values(value));
        return json("http-header", "httpHeaderConfig", header);
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('/') {
        return json("source-ip", "sourceIPConfig", plain(word));
    }
    if word.bytes().all(|b| b.is_ascii_uppercase() || b == b',') {
        return json("http-request-method", "httpRequestMethodConfig", plain(word));
    }
    if word.contains('/') {
        return json("path-pattern", "pathPatternConfig", plain(word));
    }
    json("host-header", "hostHeaderConfig", plain(word))
}

/// `cart`, `cart url:REGEX=>REPLACEMENT`, or `https://HOST/PATH?QUERY`.
fn outcome(text: &str) -> Outcome {
    let (name, rewrite) = text.split_once(" url:").map_or((text, None), |(n, r)| (n, Some(r)));
    let action = match name.strip_prefix("https://") {
        Some(url) => {
            let (host, rest) = url.split_once('/').unwrap();
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            FinalAction::Redirect {
                status: 301,
                protocol: "https".to_owned(),
                host: host.to_owned(),
                port: "443".to_owned(),
                path: format!("/{path}"),
                query: query.to_owned(),
            }
        }
        None => {
            let service = format!("shop/{name}");
            let target = Target::Service { service, port: Port::Number(80) };
            FinalAction::Forward(Forward::new(vec![WeightedTarget {
                target,
                weight: 1,
                name: None,
            }]))
        }
    };
    let rewrites = rewrite.map(|rewrite| {
        let (regex, replace) = rewrite.split_once("=>").unwrap();
        Rewrite { regex: regex.to_owned(), replace: replace.to_owned() }
    });
    Outcome {
        authentication: Authentication::None,
        host_rewrites: Vec::new(),
        url_rewrites: rewrites.into_iter().collect(),
        action,
    }
}

fn answer(side: Option<&super::Side>) -> String {
    let Some(side) = side else { return "nothing".to_owned() };
    match &side.answer.reply {
        Reply::Forward { to, url, .. } => {
            let Target::Service { service, .. } = &to.targets()[0].target else { panic!() };
            let url = url.as_ref().map_or_else(String::new, |url| format!(" as {url}"));
            format!("{}{url}", service.trim_start_matches("shop/"))
        }
        Reply::Redirect { location, .. } => location.clone(),
        Reply::FixedResponse { status, .. } => status.to_string(),
    }
}

pub(super) fn written(changes: &Changes) -> String {
    let mut text = String::new();
    for change in &changes.changes {
        let example = &change.example;
        let mut request = format!("{}{}", example.host, example.path_and_query());
        if example.method != "GET" {
            request = format!("{} {request}", example.method);
        }
        for (name, value) in &example.headers {
            write!(request, " {name}:{value}").unwrap();
        }
        if example.source_ip.to_string() != "203.0.113.1" {
            write!(request, " from {}", example.source_ip).unwrap();
        }
        let (before, after) = (answer(change.before.as_ref()), answer(change.after.as_ref()));
        writeln!(text, "{}: {before} -> {after} ({request})", change.requests).unwrap();
    }
    for unproven in &changes.unproven {
        writeln!(text, "unproven: {:?}", unproven.reason).unwrap();
    }
    text
}

fn check(before: &str, after: &str, expected: &str) {
    let text = written(&changes(&rules(before), &rules(after)));
    let expected: Vec<_> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert_eq!(text.lines().collect::<Vec<_>>(), expected, "\n{text}");
}

#[test]
fn a_new_backend_is_a_change_of_its_requests() {
    check(
        "shop.example.com /cart,/cart/* -> cart
         shop.example.com /* -> web",
        "shop.example.com /cart,/cart/* -> cart-v2
         shop.example.com /* -> web",
        "shop.example.com{/cart, /cart/*}: cart -> cart-v2 (shop.example.com/cart)",
    );
}

#[test]
fn hosts_that_change_alike_are_one_class() {
    check(
        "a.example.com /api/* -> api
         b.example.com /api/* -> api
         *.example.com /* -> web",
        "a.example.com /api/* -> api-v2
         b.example.com /api/* -> api-v2
         *.example.com /* -> web",
        "{a.example.com, b.example.com}/api/*: api -> api-v2 (a.example.com/api/)",
    );
}

#[test]
fn what_rules_of_others_take_is_named_as_exceptions() {
    check(
        "*.example.com /* -> web",
        "shop.example.com /api/* -> api
         *.example.com /* -> web-v2",
        "*.example.com/* except hosts shop.example.com: web -> web-v2 (a.example.com/)
         shop.example.com/* except paths /api/*: web -> web-v2 (shop.example.com/)
         shop.example.com/api/*: web -> api (shop.example.com/api/)",
    );
}

#[test]
fn order_matters_only_where_rules_meet() {
    check(
        "* /a/* -> a
         * /b/* -> b
         * /*/x -> x",
        "* /b/* -> b
         * /*/x -> x
         * /a/* -> a",
        "*/*/x and /a/*: a -> x (example.com/a/x)",
    );
    check("* /a/* -> a\n* /b/* -> b", "* /b/* -> b\n* /a/* -> a", "");
    check("* /a/* -> a\n* /a/x -> x\n* /* -> w", "* /a/* -> a\n* /* -> w", "");
}

#[test]
fn other_parts_of_requests_are_named() {
    check(
        "a.example.com X-Canary:1 -> canary
         a.example.com -> web",
        "a.example.com X-Canary:1,2 -> canary
         a.example.com -> web",
        "a.example.com/* with header X-Canary: 2 without header X-Canary: 1: \
         web -> canary (a.example.com/ X-Canary:2)",
    );
    check(
        "a.example.com ?v=2 GET -> two
         a.example.com 10.0.0.0/8 -> inside
         a.example.com -> web",
        "a.example.com ?v=2 GET,POST -> two
         a.example.com 10.0.0.0/9 -> inside
         a.example.com -> web",
        "a.example.com/* from 10.0.0.0/8 except methods GET, POST and addresses 10.0.0.0/9: \
         inside -> web (PUT a.example.com/ from 10.128.0.0)
         GET, POST a.example.com/* from 10.0.0.0/8 without query v=2 except addresses 10.0.0.0/9: \
         inside -> web (POST a.example.com/ from 10.128.0.0)
         POST a.example.com/* with query v=2 except addresses 10.0.0.0/8: \
         web -> two (POST a.example.com/?v=2)
         POST a.example.com/* from 10.0.0.0/8 with query v=2: \
         inside -> two (POST a.example.com/?v=2 from 10.128.0.0)",
    );
}

#[test]
fn redirects_are_compared_where_they_lead() {
    let before = "www.example.com -> https://www.example.com/#{path}?#{query}
                  *.example.com -> https://www.example.com/#{path}?#{query}";
    check(
        before,
        "www.example.com -> https://#{host}/#{path}?#{query}
         *.example.com -> https://www.example.com/#{path}?#{query}",
        "",
    );
    check(
        before,
        "*.example.com -> https://#{host}/#{path}?#{query}",
        "some of *.example.com/* except hosts www.example.com: https://www.example.com:443/ -> \
         https://a.example.com:443/ (a.example.com/)",
    );
}

#[test]
fn rewrites_are_compared_by_what_they_do() {
    check(
        "* /api/* -> api url:^/api/(.*)$=>/$1",
        "* /api/* -> api url:^/api/(.*)$=>/v1/$1",
        "some of */api/*: api as / -> api as /v1/ (example.com/api/)",
    );
    check("* /api/* -> api url:^/web/(.*)$=>/$1", "* /api/* -> api", "");
    check(
        "* /api/* -> api url:^/api/(.*)$=>/$1",
        "* /api/* -> api url:^/api/(.*)=>/$1",
        "unproven: Templates",
    );
}

#[test]
fn a_listener_that_comes_or_goes_changes_what_it_answers() {
    let table = super::enumerated::table(rules("a.example.com /x -> x\ndefault -> web"));
    let nothing = super::super::RoutingTable::default();
    assert_eq!(
        written(&nothing.changes(&table, Budget::default())),
        "*/* except hosts a.example.com: nothing -> web (example.com/)\n\
         a.example.com/* except paths /x: nothing -> web (a.example.com/)\n\
         a.example.com/x: nothing -> x (a.example.com/x)\n"
    );
    assert_eq!(table.changes(&nothing, Budget::default()).changes.len(), 3);
}

#[test]
fn a_budget_that_is_too_small_is_said() {
    let (before, after) = (rules("* /a*b*c -> a\n* /b -> b"), rules("* /a*b*c -> c\n* /b -> b"));
    let table = super::enumerated::table;
    let small = Budget { states: 3, cells: 1000 };
    let found = table(before).changes(&table(after), small);
    assert_eq!(found.status(), Status::Unproven);
    let expected = "some of example.com/aabac: a -> c (example.com/aabac)\nunproven: Budget\n";
    assert_eq!(written(&found), expected);
}

/// 90 rules of 30 hosts as a group of teams would have them.
fn ninety(web: &str) -> String {
    (0..30).fold(String::new(), |mut text, i| {
        writeln!(text, "team{i}.example.com /api/v1,/api/v1/* -> api{i}").unwrap();
        writeln!(text, "team{i}.example.com /static/*.js,/static/*.css GET,HEAD -> static")
            .unwrap();
        writeln!(text, "team{i}.example.com /* -> {web}{i}").unwrap();
        text
    })
}

#[test]
fn a_refactoring_of_ninety_rules_is_proven_unchanged() {
    // Hosts in another order, prefixes split, methods apart.
    let after = (0..30).rev().fold(String::new(), |mut text, i| {
        writeln!(text, "team{i}.example.com /static/*.css GET -> static").unwrap();
        writeln!(text, "team{i}.example.com /static/*.css,/static/*.js HEAD,GET -> static")
            .unwrap();
        writeln!(text, "team{i}.example.com ~^/api/v1(/.*)?$ -> api{i}").unwrap();
        writeln!(text, "team{i}.example.com -> web{i}").unwrap();
        text
    });
    let found = changes(&rules(&ninety("web")), &rules(&after));
    assert_eq!((found.status(), written(&found).as_str()), (Status::Unchanged, ""));
    let broken =
        after.replace("team7.example.com ~^/api/v1(/.*)?$", "team7.example.com ~^/api/v1/?");
    let found = changes(&rules(&ninety("web")), &rules(&broken));
    assert_eq!(
        written(&found),
        "team7.example.com ~^/api/v1/? except paths /api/v1, /api/v1/*: web7 -> api7 (team7.example.com/api/v1a)\n"
    );
}

#[test]
fn most_hosts_come_first() {
    let after = ninety("web").replace("-> web3\n", "-> new\n").replace("-> static", "-> cdn");
    let found = changes(&rules(&ninety("web")), &rules(&after));
    let classes: Vec<_> = found.changes.iter().map(|c| c.requests.to_string()).collect();
    assert_eq!(
        classes,
        [
            "GET, HEAD {team0.example.com, team1.example.com, team2.example.com, team3.example.com \
             and 26 more hosts}{/static/*.js, /static/*.css}",
            "team3.example.com/* except paths /api/v1, /api/v1/*, /static/*.css, /static/*.js",
            "team3.example.com{/static/*.js, /static/*.css} except methods GET, HEAD",
        ]
    );
}

#[test]
fn expressions_that_may_be_empty_are_found_everywhere() {
    check("", "a.com ~a* -> a", "a.com/*: 404 -> a (a.com/)");
    check("", "a.com ~b*/x -> a", "a.com ~b*/x: 404 -> a (a.com/x)");
}

#[test]
fn rewrites_may_find_what_they_look_for_in_the_query() {
    check("a.com /a -> x", "a.com /a -> x url:b=>c", "some of a.com/a: x -> x as /a?c (a.com/a?b)");
    check("a.com /a -> x", "a.com /a -> x url:^/b=>/c", "");
}
