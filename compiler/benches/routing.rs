//! What it takes to tell exactly what changes between two listeners of 100 rules.
//!
//! `cargo bench -p ingc-compiler --bench routing`

use ingc_compiler::resource::{
    Condition, HttpHeaderCondition, PatternCondition, QueryStringCondition, QueryStringPair,
    ValuesCondition,
};
use ingc_compiler::route::exact::{Budget, Status};
use ingc_compiler::route::{
    Authentication, Balancer, FinalAction, ListenerTable, Outcome, Protocol, Route, RoutingTable,
};

fn main() {
    divan::main();
}

fn outcome(status: u16) -> Outcome {
    Outcome {
        authentication: Authentication::None,
        host_rewrites: Vec::new(),
        url_rewrites: Vec::new(),
        action: FinalAction::FixedResponse {
            status,
            content_type: String::new(),
            body: String::new(),
        },
    }
}

fn patterns(values: &[String], regex_values: &[String]) -> PatternCondition {
    PatternCondition { values: values.to_vec(), regex_values: regex_values.to_vec() }
}

fn host(host: String) -> Condition {
    let config = patterns(&[host], &[]);
    Condition { field: "host-header".into(), host_header: Some(config), ..Condition::default() }
}

fn path(config: PatternCondition) -> Condition {
    Condition { field: "path-pattern".into(), path_pattern: Some(config), ..Condition::default() }
}

fn prefix(text: &str) -> PatternCondition {
    patterns(&[text.to_owned(), format!("{text}/*")], &[])
}

fn methods(values: &[&str]) -> Condition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Condition {
        field: "http-request-method".into(),
        http_request_method: Some(ValuesCondition { values }),
        ..Condition::default()
    }
}

fn header(name: &str, values: &[&str]) -> Condition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let http_header_name = name.to_owned();
    let config = HttpHeaderCondition { http_header_name, values, ..HttpHeaderCondition::default() };
    Condition {
        field: "http-header".into(),
        http_header: Some(config.into()),
        ..Condition::default()
    }
}

fn query(key: &str, value: &str) -> Condition {
    let values = vec![QueryStringPair { key: Some(key.to_owned()), value: value.to_owned() }];
    let query_string = Some(QueryStringCondition { values });
    Condition { field: "query-string".into(), query_string, ..Condition::default() }
}

fn source(block: &str) -> Condition {
    let source_ip = Some(ValuesCondition { values: vec![block.to_owned()] });
    Condition { field: "source-ip".into(), source_ip, ..Condition::default() }
}

fn regex(text: &str) -> Condition {
    path(patterns(&[], &[text.to_owned()]))
}

/// What becomes of a listener.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// One rule answers something else.
    One,
    /// Every rule answers something else.
    All,
}

impl Edit {
    fn of(self, rules: &[(Vec<Condition>, u16)]) -> RoutingTable {
        let mut rules = rules.to_vec();
        match self {
            Edit::One => rules[55].1 = 299,
            Edit::All => rules.iter_mut().for_each(|(_, status)| *status += 200),
        }
        table(rules)
    }
}

/// A hundred rules of every kind on few hosts, some of them for all subdomains: services below their
/// prefixes, canaries by header, versions by query and by regular expressions, offices by address.
fn mixed() -> Vec<(Vec<Condition>, u16)> {
    let rule = |i: usize| {
        let service = format!("/service-{}", i / 10);
        let team = format!("team{}.example.com", i % 3);
        let mut rule = match i % 10 {
            0 => vec![host(team), path(prefix(&service)), header("X-Canary", &["always", "1"])],
            1 => vec![host(team), path(prefix(&service)), query("version", "2*")],
            2 => vec![host("*.example.com".into()), regex(&format!("^{service}/v[0-9]+/items$"))],
            3 => vec![host("*.example.com".into()), path(prefix(&format!("{service}/admin")))],
            4 => vec![path(patterns(&[format!("/*/{i}/*.js"), format!("/*/{i}/*.css")], &[]))],
            5 => vec![host(team), regex(&format!("(?i)/export-{i}[.](csv|pdf)$"))],
            6 => vec![path(patterns(&[format!("{service}/?/x")], &[])), methods(&["GET"])],
            7 => vec![host("api.*".into()), regex(&format!("{service}/[a-z0-9-]+/(edit|new)"))],
            8 => vec![host(team), path(prefix(&service))],
            _ => vec![host(format!("shop-{i}.example.com"))],
        };
        if i % 10 == 3 {
            rule.push(source(&format!("10.{i}.0.0/16")));
        }
        (rule, 200 + u16::try_from(i).unwrap_or(0) % 50)
    };
    (0..100).map(rule).collect()
}

/// A hundred rules of one host with wildcards within, of which half is for a method, a header or an address.
fn narrowed() -> Vec<(Vec<Condition>, u16)> {
    let rule = |i: usize| {
        let mut rule = vec![path(patterns(&[format!("/*/service-{i}/*")], &[]))];
        match i % 6 {
            0 => rule.push(methods(&["GET", "HEAD"])),
            2 => rule.push(header("X-Tenant", &["gold"])),
            4 => rule.push(source("10.0.0.0/8")),
            _ => {}
        }
        (rule, 200 + u16::try_from(i).unwrap_or(0) % 50)
    };
    (0..100).map(rule).collect()
}

/// A hundred rules of one host, each with five patterns that overlap with those of others.
fn overlapping() -> Vec<(Vec<Condition>, u16)> {
    let rule = |i: usize| {
        let values = [
            format!("/s{i}"),
            format!("/s{i}/*"),
            format!("/*/s{i}"),
            format!("/*/s{i}/*"),
            format!("*.s{i}"),
        ];
        (vec![path(patterns(&values, &[]))], 200 + u16::try_from(i).unwrap_or(0) % 50)
    };
    (0..100).map(rule).collect()
}

/// A hundred extensions and languages, each anywhere.
fn endings() -> Vec<(Vec<Condition>, u16)> {
    let rule = |i: usize| {
        let values = if i.is_multiple_of(2) { [format!("*.x{i}")] } else { [format!("*/l{i}/*")] };
        (vec![path(patterns(&values, &[]))], 200 + u16::try_from(i).unwrap_or(0) % 50)
    };
    (0..100).map(rule).collect()
}

/// A hundred regular expressions of one host that share little: identifiers, versions, words.
fn identifiers() -> Vec<(Vec<Condition>, u16)> {
    let rule = |i: usize| {
        let text = match i % 4 {
            0 => format!("^/v[0-9]+/r{i}/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$"),
            1 => format!(r"^/[^/]+/r{i}/\d{{1,6}}(/|$)"),
            2 => format!(r"\br{i}\b"),
            _ => format!("^/(de|en|fr)(-[a-z]{{2}})?/r{i}/.*[.](html?|json)$"),
        };
        (vec![regex(&text)], 200 + u16::try_from(i).unwrap_or(0) % 50)
    };
    (0..100).map(rule).collect()
}

fn table(rules: Vec<(Vec<Condition>, u16)>) -> RoutingTable {
    let routes = (1..).zip(rules).map(|(priority, (conditions, status))| Route {
        id: format!("443:{priority}"),
        priority: Some(priority),
        conditions,
        outcome: outcome(status),
        place: None,
    });
    let default = Route {
        id: "default".into(),
        priority: None,
        conditions: Vec::new(),
        outcome: outcome(404),
        place: None,
    };
    let listener = ListenerTable {
        port: 443,
        protocol: Protocol::Https,
        certificates: Vec::new(),
        routes: routes.collect(),
        default,
    };
    let balancer = Balancer { listeners: [(443, listener)].into(), ..Balancer::default() };
    RoutingTable { balancers: [("shop".to_owned(), balancer)].into() }
}

/// A hundred rules: of `hosts` hosts, with prefixes.
fn prefixes(hosts: usize, changed: usize) -> RoutingTable {
    let rules = (0..100).map(|i| {
        let rule = vec![
            host(format!("team{}.example.com", i % hosts)),
            path(prefix(&format!("/api/service-{i}/v1"))),
        ];
        (rule, if i == changed { 299 } else { 200 + u16::try_from(i).unwrap_or(0) % 50 })
    });
    table(rules.collect())
}

/// A hundred rules of one host with regular expressions that may be found anywhere.
fn expressions(changed: usize) -> RoutingTable {
    let rules = (0..100).map(|i| {
        let regex = format!("api/v[0-9]+/service-{i}(/.*)?$");
        let rule = vec![host("api.example.com".into()), path(patterns(&[], &[regex]))];
        (rule, if i == changed { 299 } else { 200 + u16::try_from(i).unwrap_or(0) % 50 })
    });
    table(rules.collect())
}

/// A hundred rules of one host with wildcards within.
fn wildcards(changed: usize) -> RoutingTable {
    let rules = (0..100).map(|i| {
        let pattern = patterns(&[format!("/*/service-{i}/*.js")], &[]);
        let rule = vec![methods(&["GET", "HEAD"]), path(pattern)];
        (rule, if i == changed { 299 } else { 200 + u16::try_from(i).unwrap_or(0) % 50 })
    });
    table(rules.collect())
}

fn edit(bencher: divan::Bencher<'_, '_>, rules: Vec<(Vec<Condition>, u16)>, edit: Edit) {
    let after = edit.of(&rules);
    compare(bencher, table(rules), after);
}

fn compare(bencher: divan::Bencher<'_, '_>, before: RoutingTable, after: RoutingTable) {
    let changes = before.changes(&after, Budget::default());
    assert_eq!(changes.status(), Status::Changed);
    bencher.bench(|| before.changes(&after, Budget::default()));
}

#[divan::bench(args = [1, 10, 100])]
fn prefixes_of_hosts(bencher: divan::Bencher<'_, '_>, hosts: usize) {
    compare(bencher, prefixes(hosts, 100), prefixes(hosts, 55));
}

#[divan::bench]
fn regular_expressions_of_one_host(bencher: divan::Bencher<'_, '_>) {
    compare(bencher, expressions(100), expressions(55));
}

#[divan::bench]
fn inner_wildcards_of_one_host(bencher: divan::Bencher<'_, '_>) {
    compare(bencher, wildcards(100), wildcards(55));
}

#[divan::bench(args = [Edit::One])]
fn mixed_rules(bencher: divan::Bencher<'_, '_>, what: Edit) {
    edit(bencher, mixed(), what);
}

#[divan::bench(args = [Edit::One])]
fn narrowed_rules(bencher: divan::Bencher<'_, '_>, what: Edit) {
    edit(bencher, narrowed(), what);
}

#[divan::bench(args = [Edit::One, Edit::All])]
fn overlapping_rules(bencher: divan::Bencher<'_, '_>, what: Edit) {
    edit(bencher, overlapping(), what);
}

#[divan::bench(args = [Edit::One, Edit::All])]
fn endings_rules(bencher: divan::Bencher<'_, '_>, what: Edit) {
    edit(bencher, endings(), what);
}

#[divan::bench(args = [Edit::One])]
fn identifiers_rules(bencher: divan::Bencher<'_, '_>, what: Edit) {
    edit(bencher, identifiers(), what);
}
