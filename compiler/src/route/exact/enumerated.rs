//! The exact method against all requests of small alphabets, one by one.

use super::chain::Pattern;
use super::cover::Cube;
use super::listing::Listing;
use super::solve::{Region, Solver};
use super::space::{Clause, Field, Space, Test};
use super::{Budget, Changes, Status, takers};
use crate::resource::{
    Condition, HttpHeaderCondition, PatternCondition, QueryStringCondition, QueryStringPair,
    ValuesCondition,
};
use crate::route::expression::found;
use crate::route::{
    Authentication, Balancer, FinalAction, ListenerTable, Outcome, Protocol, Request, Route,
    RoutingTable, first_unmatched, wildcard,
};
use proptest::prelude::*;

pub(super) fn fixed(status: u16) -> Outcome {
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

pub(super) fn listener(rules: Vec<(Vec<Condition>, Outcome)>) -> ListenerTable {
    let route = |id: String, priority, (conditions, outcome)| Route {
        id,
        priority,
        conditions,
        outcome,
        place: None,
    };
    ListenerTable {
        port: 80,
        protocol: Protocol::Http,
        certificates: Vec::new(),
        routes: (1..)
            .zip(rules)
            .map(|(priority, rule)| route(format!("80:{priority}"), Some(priority), rule))
            .collect(),
        default: route("default".to_owned(), None, (Vec::new(), fixed(404))),
    }
}

pub(super) fn table(listener: ListenerTable) -> RoutingTable {
    let balancer = Balancer {
        group: "shop".to_owned(),
        ipv6: true,
        listeners: [(listener.port, listener)].into(),
        ..Balancer::default()
    };
    RoutingTable { balancers: [("shop".to_owned(), balancer)].into() }
}

pub(super) fn changes(before: &ListenerTable, after: &ListenerTable) -> Changes {
    table(before.clone()).changes(&table(after.clone()), Budget::default())
}

/// Whether a request is in a region, by the definition of predicates.
fn contains(space: &Space, region: &Region, request: &Request) -> bool {
    let in_cube = |cube: &Cube| {
        cube.positive.iter().all(|id| asked(space, *id, request))
            && !cube.negative.iter().any(|id| asked(space, *id, request))
    };
    region.parts.iter().all(|(_, cubes)| cubes.iter().any(in_cube))
        && region.facts.iter().all(|(clause, held)| {
            let clause: &Clause = &space.clauses[*clause as usize];
            clause.predicates.iter().any(|id| asked(space, *id, request)) == *held
        })
}

fn asked(space: &Space, id: u32, request: &Request) -> bool {
    let predicate = &space.predicates[id as usize];
    match (&predicate.test, predicate.field) {
        (Test::Method(method), _) => *method == request.method,
        (Test::Block(block), _) => block.contains(&request.source_ip),
        (Test::Pair { key, value }, _) => request
            .parameters()
            .any(|(k, v)| key.is_none_or(|key| text(space, key, k)) && text(space, *value, v)),
        (Test::Text(_), Field::Host) => text(space, id, &request.host),
        (Test::Text(_), Field::Path) => text(space, id, &request.path),
        (Test::Text(_), Field::Header(name)) => request
            .headers
            .iter()
            .filter(|(sent, _)| sent.eq_ignore_ascii_case(&space.headers[name as usize]))
            .any(|(_, value)| text(space, id, value)),
        (Test::Text(_), _) => false,
    }
}

fn text(space: &Space, id: u32, text: &str) -> bool {
    match &space.predicates[id as usize].test {
        Test::Text(Pattern::Wildcard { pattern, case, escapes }) => {
            wildcard(pattern, text, *case, *escapes)
        }
        Test::Text(Pattern::Regex { regex, case }) => found(regex, text, *case),
        Test::Text(Pattern::Text(whole)) => whole == text,
        _ => false,
    }
}

/// Holds the exact method against every one of the requests.
fn check(before: &ListenerTable, after: &ListenerTable, requests: impl Iterator<Item = Request>) {
    let requests: Vec<_> = requests.collect();
    // Once as usual, and as with automata that are too large to tell everything: each differing rule
    // by itself, and all together.
    for (cheap, few) in [(usize::MAX, 0), (0, usize::MAX), (0, 0)] {
        check_all(before, after, (cheap, few), &requests);
    }
}

fn check_all(
    before: &ListenerTable,
    after: &ListenerTable,
    (cheap, few): (usize, usize),
    requests: &[Request],
) {
    let mut listing = Listing::new(Some(before), Some(after)).unwrap();
    let (old, new) = (listing.before.clone(), listing.after.clone());
    let mut solver = Solver::new(&mut listing.space, Budget::default(), true, &listing.same_where);
    (solver.cheap, solver.few) = (cheap, few);
    let regions = solver.differences(&old, &new).unwrap();
    for request in requests {
        let (one, other) = (&before.route(request).outcome, &after.route(request).outcome);
        let holding: Vec<_> =
            regions.iter().filter(|(r, _)| contains(&listing.space, r, request)).collect();
        if one.answer(request) == other.answer(request) {
            assert!(one != other || holding.is_empty(), "{request:?} does not change: {holding:?}");
            continue;
        }
        assert!(!holding.is_empty(), "{request:?} changes, and no region has it: {regions:?}");
        for (region, _) in holding {
            let outcomes = |answer: u32| listing.outcomes[answer as usize];
            assert_eq!(
                (outcomes(region.before), outcomes(region.after)),
                (Some(one), Some(other)),
                "{request:?}"
            );
        }
    }
    let found = changes(before, after);
    assert_eq!(found.unproven, [], "{found:?}");
    assert_eq!(found.status() == Status::Unchanged, regions.is_empty());
}

/// All words of these letters up to a length.
fn words(letters: &str, longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let end = all.len();
        for i in from..end {
            all.extend(
                letters.chars().map(|letter| format!("{}{letter}", all[i])).collect::<Vec<_>>(),
            );
        }
        from = end;
    }
    all
}

fn hosts() -> Vec<String> {
    let is_host = |host: &String| host.split('.').all(|label| !label.is_empty());
    words("ab.", 3).into_iter().filter(is_host).collect()
}

fn paths(longest: usize) -> Vec<String> {
    words("ab/", longest).into_iter().map(|rest| format!("/{rest}")).collect()
}

fn patterns(values: Vec<String>, regex_values: Vec<String>) -> PatternCondition {
    PatternCondition { values, regex_values }
}

fn host(config: PatternCondition) -> Condition {
    Condition { field: "host-header".into(), host_header: Some(config), ..Condition::default() }
}

fn path(config: PatternCondition) -> Condition {
    Condition { field: "path-pattern".into(), path_pattern: Some(config), ..Condition::default() }
}

fn any_host() -> impl Strategy<Value = Condition> {
    let value = prop::collection::vec("[abB.*?]{1,4}", 1..3);
    let regex = prop::collection::vec(regex("[ab.]"), 1..3);
    prop_oneof![
        3 => value.prop_map(|values| host(patterns(values, Vec::new()))),
        1 => regex.prop_map(|values| host(patterns(Vec::new(), values))),
    ]
}

fn regex(letter: &'static str) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => letter.prop_map(|letter| if letter == "." { "\\.".to_owned() } else { letter }),
        1 => Just(".".to_owned()),
        1 => Just("[^a]".to_owned()),
        1 => Just("\\w".to_owned()),
        1 => Just("\\b".to_owned()),
    ];
    let inner = leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            (inner.clone(), "[*+?]|\\{1,2\\}|\\{2\\}").prop_map(|(a, b)| format!("(?:{a}){b}")),
        ]
    });
    ("\\^?", inner, "\\$?").prop_map(|(start, inner, end)| format!("{start}{inner}{end}"))
}

fn any_path() -> impl Strategy<Value = Condition> {
    let value = prop::collection::vec("/[abA/*?]{0,4}", 1..3);
    let regexes = prop::collection::vec(regex("[ab/]"), 1..3);
    prop_oneof![
        2 => value.prop_map(|values| path(patterns(values, Vec::new()))),
        1 => regexes.prop_map(|values| path(patterns(Vec::new(), values))),
    ]
}

fn any_method() -> impl Strategy<Value = Condition> {
    prop::collection::vec("GET|PUT|get", 1..3).prop_map(|values| Condition {
        field: "http-request-method".into(),
        http_request_method: Some(ValuesCondition { values }),
        ..Condition::default()
    })
}

fn any_source() -> impl Strategy<Value = Condition> {
    let block = r"0\.0\.0\.0/0|10\.0\.0\.0/8|10\.0\.0\.0/9|10\.1\.2\.3/32|128\.0\.0\.0/1|::/0|2001:db8::/32|bad";
    prop::collection::vec(block, 1..3).prop_map(|values| Condition {
        field: "source-ip".into(),
        source_ip: Some(ValuesCondition { values }),
        ..Condition::default()
    })
}

fn any_header() -> impl Strategy<Value = Condition> {
    let value = prop::collection::vec("[abB*?]{1,2}", 1..3);
    let regexes = prop::collection::vec(regex("[ab]"), 1..2);
    let values = prop_oneof![
        3 => value.prop_map(|values| (values, Vec::new())),
        1 => regexes.prop_map(|regexes| (Vec::new(), regexes)),
    ];
    ("X|x|Y", values).prop_map(|(http_header_name, (values, regex_values))| Condition {
        field: "http-header".into(),
        http_header: Some(HttpHeaderCondition { http_header_name, regex_values, values }.into()),
        ..Condition::default()
    })
}

fn any_query() -> impl Strategy<Value = Condition> {
    let pair = (prop::option::of("[ab*]{1,2}"), r"[abB*?]{1,2}|\\\*|")
        .prop_map(|(key, value)| QueryStringPair { key, value });
    prop::collection::vec(pair, 1..3).prop_map(|values| Condition {
        field: "query-string".into(),
        query_string: Some(QueryStringCondition { values }),
        ..Condition::default()
    })
}

type Rules = Vec<(Vec<Condition>, Outcome)>;

fn rules(conditions: impl Strategy<Value = Vec<Condition>>) -> impl Strategy<Value = Rules> {
    let rule = (conditions, 200..204_u16).prop_map(|(c, status)| (c, fixed(status)));
    prop::collection::vec(rule, 0..6)
}

/// Two lists of which the second is another one, or the first with something exchanged.
fn pair(
    conditions: impl Strategy<Value = Vec<Condition>> + Clone,
) -> impl Strategy<Value = (Rules, Rules)> {
    (rules(conditions.clone()), rules(conditions), any::<(bool, usize, usize)>()).prop_map(
        |(one, other, (related, i, j))| {
            if !related || one.is_empty() {
                return (one, other);
            }
            let mut changed = one.clone();
            let length = changed.len();
            changed.swap(i % length, j % length);
            if let Some(rule) = other.into_iter().next() {
                changed.insert(i % length, rule);
            }
            (one, changed)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn hosts_paths_and_methods((one, other) in pair(prop_oneof![
        any_path().prop_map(|c| vec![c]),
        (any_host(), any_path()).prop_map(|(a, b)| vec![a, b]),
        (any_host(), any_method()).prop_map(|(a, b)| vec![b, a]),
        (any_path(), any_path()).prop_map(|(a, b)| vec![b, a]),
    ].boxed())) {
        let requests = hosts().into_iter().flat_map(|host| {
            let of_host = move |path: String| {
                let get = Request::get(host.clone(), &path);
                [get.clone(), get.clone().method("PUT"), get.method("POST")]
            };
            paths(3).into_iter().flat_map(of_host)
        });
        check(&listener(one), &listener(other), requests);
    }

    #[test]
    fn what_is_claimed_of_rules_holds_for_every_request((rules, _) in pair(prop_oneof![
        any_path().prop_map(|c| vec![c]),
        (any_host(), any_path()).prop_map(|(a, b)| vec![a, b]),
        (any_path(), any_method()).prop_map(|(a, b)| vec![b, a]),
    ].boxed())) {
        let listener = listener(rules);
        let claims = listener.claims(true, Budget::default());
        prop_assert!(!claims.incomplete);
        let without = |rule: usize| {
            let mut less = listener.clone();
            less.routes.remove(rule);
            less
        };
        let redundant: Vec<_> = claims.redundant.iter().map(|r| (r, without(r.rule))).collect();
        for host in hosts() {
            for path in paths(3) {
                for method in ["GET", "PUT", "POST"] {
                    let request = Request::get(host.clone(), &path).method(method);
                    let route = listener.route(&request);
                    for dead in &claims.unreachable {
                        prop_assert_ne!(&listener.routes[dead.rule].id, &route.id);
                        let meant = first_unmatched(&listener.routes[dead.rule].conditions, &request);
                        let by = dead.by.iter().any(|by| listener.routes[*by].id == route.id);
                        prop_assert!(meant.is_some() || by, "{:?} {:?}", dead, request);
                    }
                    for (_, less) in &redundant {
                        prop_assert_eq!(&less.route(&request).outcome, &route.outcome);
                    }
                }
            }
        }
        let conditions: Vec<&[Condition]> =
            listener.routes.iter().map(|route| route.conditions.as_slice()).collect();
        for (i, rule) in conditions.iter().enumerate() {
            let dead = claims.unreachable.iter().find(|dead| dead.rule == i);
            let expected = dead.map(|dead| dead.by.as_slice());
            let found = takers(&conditions[..i], rule);
            prop_assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn headers_queries_and_sources((one, other) in pair(prop_oneof![
        (any_header(), any_header()).prop_map(|(a, b)| vec![a, b]),
        (any_query(), any_query()).prop_map(|(a, b)| vec![a, b]),
        any_header().prop_map(|a| vec![a]),
        any_query().prop_map(|a| vec![a]),
        any_source().prop_map(|a| vec![a]),
        (any_header(), any_query(), any_source()).prop_map(|(a, b, c)| vec![a, b, c]),
        (any_path(), any_query(), any_header()).prop_map(|(a, b, c)| vec![a, b, c]),
    ].boxed())) {
        let queries = ["", "a", "a=a", "b=a", "a=b", "ab=ab", "a=*", "a=a&b=b", "b=&aa=B"];
        let headers: [&[(&str, &str)]; 9] = [
            &[], &[("x", "a")], &[("X", "A")], &[("x", "b"), ("X", "aa")], &[("y", "ab")],
            &[("x", "ba"), ("y", "b")], &[("x", "a"), ("x", "b")], &[("x", "")], &[("x", "c")],
        ];
        let sources = ["9.255.255.255", "10.0.0.0", "10.1.2.3", "10.200.0.1", "200.0.0.1", "::1", "2001:db8::9"];
        let requests = queries.into_iter().flat_map(move |query| {
            headers.into_iter().flat_map(move |headers| {
                sources.into_iter().flat_map(move |source| {
                    ["/", "/a"].into_iter().map(move |path| {
                        let request = Request::get("a", path).from(source.parse().unwrap());
                        let request = headers.iter().fold(request, |r, (k, v)| r.header(*k, *v));
                        Request { query: query.to_owned(), ..request }
                    })
                })
            })
        });
        check(&listener(one), &listener(other), requests);
    }
}

#[test]
fn several_conditions_on_one_part() {
    let both = [
        path(patterns(vec!["/".to_owned()], Vec::new())),
        path(patterns(Vec::new(), vec!["(?:/|(?:/)*)$".to_owned(), ".".to_owned()])),
    ];
    let requests = || paths(3).into_iter().map(|path| Request::get("a", &path));
    let after = listener(vec![(both.to_vec(), fixed(200))]);
    check(&listener(Vec::new()), &after, requests());
}
