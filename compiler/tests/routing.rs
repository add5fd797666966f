//! The evaluation of rules: the examples of AWS's documentation, and a slow evaluation by the words
//! of the same pages that must agree everywhere.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use ingc_compiler::resource::Condition;
use ingc_compiler::route::{
    Authentication, FinalAction, Forward, ListenerTable, Outcome, Protocol, Request, Route,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::net::IpAddr;

fn listener(rules: &[Vec<Value>]) -> ListenerTable {
    let route = |id: String, conditions: &[Value]| Route {
        id,
        priority: None,
        conditions: conditions
            .iter()
            .map(|condition| serde_json::from_value::<Condition>(condition.clone()).unwrap())
            .collect(),
        outcome: Outcome {
            authentication: Authentication::None,
            host_rewrites: Vec::new(),
            url_rewrites: Vec::new(),
            action: FinalAction::Forward(Forward::default()),
        },
        place: None,
    };
    ListenerTable {
        port: 80,
        protocol: Protocol::Http,
        certificates: Vec::new(),
        routes: (0..).zip(rules).map(|(i, rule): (u32, _)| route(i.to_string(), rule)).collect(),
        default: route("default".to_owned(), &[]),
    }
}

fn host(values: &[&str]) -> Value {
    json!({"field": "host-header", "hostHeaderConfig": {"values": values}})
}

fn path(values: &[&str]) -> Value {
    json!({"field": "path-pattern", "pathPatternConfig": {"values": values}})
}

fn header(name: &str, values: &[&str]) -> Value {
    json!({"field": "http-header", "httpHeaderConfig": {"httpHeaderName": name, "values": values}})
}

fn method(values: &[&str]) -> Value {
    json!({"field": "http-request-method", "httpRequestMethodConfig": {"values": values}})
}

fn query(pairs: &[(&str, &str)]) -> Value {
    let pair = |(key, value): &(&str, &str)| match *key {
        "" => json!({"value": value}),
        key => json!({"key": key, "value": value}),
    };
    let pairs: Vec<_> = pairs.iter().map(pair).collect();
    json!({"field": "query-string", "queryStringConfig": {"values": pairs}})
}

fn source(values: &[&str]) -> Value {
    json!({"field": "source-ip", "sourceIPConfig": {"values": values}})
}

fn matches(condition: Value, request: &Request) -> bool {
    listener(&[vec![condition]]).route(request).id == "0"
}

#[test]
fn conditions_match_as_documented() {
    let get = |url: &str| {
        let (host, path) = url.split_once('/').unwrap();
        Request::get(host, &format!("/{path}"))
    };
    let check = |condition: Value, request: Request, expected: bool| {
        assert_eq!(matches(condition.clone(), &request), expected, "{condition} {request:?}");
    };
    // Host conditions: not case sensitive; `*` is 0 or more characters, `?` exactly one.
    check(host(&["*.example.com"]), get("test.example.com/"), true);
    check(host(&["*.example.com"]), get("example.com/"), false);
    check(host(&["example.com"]), get("EXAMPLE.com/"), true);
    check(host(&["example.com"]), get("example.com:8080/"), true);
    check(host(&["test?.example.com"]), get("test.example.com/"), false);
    check(host(&["a.com", "b.com"]), get("b.com/"), true);
    // Path conditions: case sensitive, on the path and not on the query.
    check(path(&["/img/*"]), get("a.com/img/picture.jpg"), true);
    check(path(&["/img/*"]), get("a.com/img"), false);
    check(path(&["/img/*"]), get("a.com/IMG/picture.jpg"), false);
    check(path(&["/img/*/pics"]), get("a.com/img/2024/05/pics"), true);
    check(path(&["/img/*/pics"]), get("a.com/img/pics"), false);
    check(path(&["/img/*"]), get("a.com/?to=/img/x"), false);
    check(path(&["/a?c"]), get("a.com/abc"), true);
    check(path(&["/a/b"]), get("a.com/a%2Fb"), false);
    // Header conditions: name and value are not case sensitive, wildcards in values.
    let agents = || header("User-Agent", &["*Chrome*", "*Safari*"]);
    check(agents(), get("a.com/").header("user-agent", "Mozilla/5.0 chrome/99.0"), true);
    check(agents(), get("a.com/").header("User-Agent", "curl/8.5.0"), false);
    check(agents(), get("a.com/"), false);
    // Method conditions: case sensitive, no wildcards.
    check(method(&["CUSTOM-METHOD"]), get("a.com/").method("CUSTOM-METHOD"), true);
    check(method(&["GET"]), get("a.com/").method("get"), false);
    check(method(&["G*"]), get("a.com/"), false);
    // Query conditions: keys and values are not case sensitive, a key may be left out.
    let pairs = || query(&[("version", "v1"), ("", "*example*")]);
    check(pairs(), get("a.com/?version=v1"), true);
    check(pairs(), get("a.com/?x=1&Version=V1"), true);
    check(pairs(), get("a.com/?version=v2"), false);
    check(pairs(), get("a.com/?anything=an-example-of"), true);
    check(pairs(), get("a.com/version=v1"), false);
    check(query(&[("", r"\*")]), get("a.com/?x=*"), true);
    check(query(&[("", r"\*")]), get("a.com/?x=y"), false);
    // Source conditions: the peer, not what X-Forwarded-For says.
    let blocks = || source(&["192.0.2.0/24", "198.51.100.10/32"]);
    check(blocks(), get("a.com/").from("192.0.2.255".parse().unwrap()), true);
    check(blocks(), get("a.com/").from("198.51.100.11".parse().unwrap()), false);
    check(blocks(), get("a.com/").header("X-Forwarded-For", "192.0.2.1"), false);
    check(source(&["2001:db8::/32"]), get("a.com/").from("2001:db8::7".parse().unwrap()), true);
}

#[test]
fn rules_are_tried_in_order_and_all_conditions_must_hold() {
    let check = |rules: &[Vec<Value>], request: Request, expected: &str| {
        assert_eq!(listener(rules).route(&request).id, expected, "{request:?}");
    };
    let rules = [
        vec![host(&["shop.example.com"]), path(&["/cart", "/cart/*"]), method(&["GET", "HEAD"])],
        vec![header("X-A", &["1"]), header("X-A", &["2"])],
        vec![query(&[("a", "1")]), query(&[("b", "2")])],
        vec![host(&["*.example.com"])],
    ];
    let shop = |path: &str| Request::get("shop.example.com", path);
    check(&rules, shop("/cart/1"), "0");
    check(&rules, shop("/cart/1").method("POST"), "3");
    check(&rules, shop("/").header("X-A", "1"), "3");
    check(&rules, shop("/").header("X-A", "1").header("x-a", "2"), "1");
    check(&rules, shop("/?b=2&a=1"), "2");
    check(&rules, shop("/?b=2"), "3");
    check(&rules, Request::get("example.com", "/cart"), "default");
}

/// Whether a whole text matches a pattern, tried in every way.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['\\', c @ ('*' | '?'), rest @ ..] => text.first() == Some(c) && naive(rest, &text[1..]),
        ['*', rest @ ..] => (0..=text.len()).any(|i| naive(rest, &text[i..])),
        [c, rest @ ..] => {
            text.first().is_some_and(|t| *c == '?' || c == t) && naive(rest, &text[1..])
        }
    }
}

fn like(pattern: &Value, text: &str, fold: bool) -> bool {
    let fold = |text: &str| if fold { text.to_lowercase() } else { text.to_owned() };
    let chars = |text: &str| fold(text).chars().collect::<Vec<_>>();
    naive(&chars(pattern.as_str().unwrap()), &chars(text))
}

fn in_block(block: &str, address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(a) => {
            a.octets().iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect()
        }
        IpAddr::V6(a) => a
            .octets()
            .iter()
            .flat_map(|b| (0..8).rev().map(move |i| b >> i & 1))
            .collect::<Vec<_>>(),
    };
    let (network, length) = block.split_once('/').unwrap();
    let (network, length): (IpAddr, usize) = (network.parse().unwrap(), length.parse().unwrap());
    network.is_ipv4() == address.is_ipv4() && bits(network)[..length] == bits(address)[..length]
}

fn holds(condition: &Value, request: &Request) -> bool {
    let any = |config: &str, test: &dyn Fn(&Value) -> bool| {
        condition[config]["values"].as_array().unwrap().iter().any(test)
    };
    match condition["field"].as_str().unwrap() {
        "host-header" => any("hostHeaderConfig", &|v| like(v, &request.host, true)),
        "path-pattern" => any("pathPatternConfig", &|v| like(v, &request.path, false)),
        "http-request-method" => any("httpRequestMethodConfig", &|v| *v == request.method),
        "source-ip" => any("sourceIPConfig", &|v| in_block(v.as_str().unwrap(), request.source_ip)),
        "http-header" => any("httpHeaderConfig", &|v| {
            let name = condition["httpHeaderConfig"]["httpHeaderName"].as_str().unwrap();
            let mut sent = request.headers.iter();
            sent.any(|(n, value)| n.to_lowercase() == name.to_lowercase() && like(v, value, true))
        }),
        _ => any("queryStringConfig", &|pair| {
            request.query.split('&').filter(|part| !part.is_empty()).any(|part| {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                (pair["key"].is_null() || like(&pair["key"], key, true))
                    && like(&pair["value"], value, true)
            })
        }),
    }
}

fn condition() -> impl Strategy<Value = Value> {
    let values = |pattern: &'static str| prop::collection::vec(pattern, 1..3);
    let refs =
        |values: &[String]| values.iter().map(|v| Value::from(v.as_str())).collect::<Vec<_>>();
    let made = move |field: &'static str, config: &'static str, values: Vec<String>| json!({"field": field, config: {"values": refs(&values)}});
    prop_oneof![
        values("[aB*?]{1,3}").prop_map(move |v| made("host-header", "hostHeaderConfig", v)),
        values("/[aB*?]{0,3}").prop_map(move |v| made("path-pattern", "pathPatternConfig", v)),
        values("GET|PUT|get")
            .prop_map(move |v| made("http-request-method", "httpRequestMethodConfig", v)),
        values(r"10\.0\.0\.0/8|10\.128\.0\.0/9|0\.0\.0\.0/0|::/0|2001:db8::/33")
            .prop_map(move |v| made("source-ip", "sourceIPConfig", v)),
        ("X|Y", values("[aB*?]{1,2}")).prop_map(|(name, values)| {
            json!({"field": "http-header", "httpHeaderConfig": {"httpHeaderName": name, "values": values}})
        }),
        prop::collection::vec((prop::option::of("[aB*]{1,2}"), r"[aB*?]{0,2}|\\\*"), 1..3).prop_map(
            |pairs| {
                let pair = |(key, value): &(Option<String>, String)| match key {
                    Some(key) => json!({"key": key, "value": value}),
                    None => json!({"value": value}),
                };
                let pairs: Vec<_> = pairs.iter().map(pair).collect();
                json!({"field": "query-string", "queryStringConfig": {"values": pairs}})
            }
        ),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let headers = prop::collection::vec(("[xXyY]", "[aAbB*]{0,2}"), 0..3);
    let address = "10\\.0\\.0\\.1|10\\.200\\.0\\.1|9\\.1\\.1\\.1|2001:db8::1|2001:db8:ffff::1";
    let query = "([aAbB*=]{0,3}&){0,2}[aB=]{0,3}";
    ("[abAB]{1,3}", "/[aAbB]{0,3}", query, "GET|PUT", headers, address).prop_map(
        |(host, path, query, method, headers, address)| Request {
            query,
            headers,
            ..Request::get(host, &path).method(method).from(address.parse().unwrap())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluation_agrees_with_the_definition(
        rules in prop::collection::vec(prop::collection::vec(condition(), 1..4), 0..6),
        requests in prop::collection::vec(request(), 1..8),
    ) {
        let listener = listener(&rules);
        for request in requests {
            let first = rules.iter().position(|rule| rule.iter().all(|c| holds(c, &request)));
            let expected = first.map_or_else(|| "default".to_owned(), |i| i.to_string());
            prop_assert_eq!(&listener.route(&request).id, &expected, "{:?}", request);
        }
    }
}
