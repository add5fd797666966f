//! What it takes to tell exactly what changes between two listeners of 100 rules.
//!
//! `cargo bench -p ingc-compiler --bench routing`

use ingc_compiler::resource::{Condition, PatternCondition, ValuesCondition};
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
