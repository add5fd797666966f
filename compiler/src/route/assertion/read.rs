//! Reading a file of expected answers. Whatever is misspelt is an error: a test that tests nothing
//! must not pass.

use super::{Expected, ExpectedTarget, RouteTest};
use crate::diagnostic::code::routing as code;
use crate::diagnostic::{Diagnostics, Severity};
use crate::route::{Request, Url};
use crate::schema::{At, Codes, Reader};
use crate::source::{FileId, Sources};
use crate::yaml::{self, Node, NodeKind};
use std::net::IpAddr;

static CODES: Codes = Codes {
    unknown_field: &code::UNKNOWN_FIELD,
    wrong_type: &code::WRONG_TYPE,
    missing: &code::MISSING,
};

const FILE: [&str; 1] = ["routes"];
pub(super) const TEST: [&str; 15] = [
    "name",
    "url",
    "method",
    "headers",
    "sourceIp",
    "group",
    "service",
    "services",
    "targetGroup",
    "redirect",
    "status",
    "auth",
    "rewritten",
    "ingress",
    "refused",
];
const REWRITTEN: [&str; 2] = ["host", "url"];
pub(super) const GUARDS: [&str; 4] = ["none", "cognito", "oidc", "jwt"];

/// True if a document that is no Kubernetes object is a file of expected answers.
pub fn is_routes_file(root: Node<'_, '_>) -> bool {
    let routes = root.get("routes").filter(|routes| routes.kind() == NodeKind::Sequence);
    routes.is_some_and(|routes| routes.items().any(|test| test.get("url").is_some()))
}

/// Reads all tests of a file. One with an error is reported and left out.
pub fn read(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Vec<RouteTest> {
    let mut r = Reader::new(&CODES);
    let (tree, findings) = yaml::document(sources, file);
    findings.into_iter().for_each(|finding| r.push(finding));
    let mut tests = Vec::new();
    if let Some(tree) = tree {
        let root = At::root(tree.root());
        if let Some([routes]) = r.fields(&root, &FILE) {
            let hint = "write routes: [{url: https://shop.example.com/, service: shop/web}]";
            if let Some(routes) = r.required(&root, routes, "routes", hint) {
                let items = r.items(&routes);
                let mut findings = r.take();
                for item in items {
                    let read = test(&item, &mut r);
                    let wrong = r.take();
                    tests.extend(read.filter(|_| wrong.is_empty()));
                    findings.extend(wrong);
                }
                findings.into_iter().for_each(|finding| r.push(finding));
                if routes.node.kind() == NodeKind::Sequence && tests.is_empty() {
                    let nothing = r.take();
                    if nothing.is_empty() {
                        r.error(&routes, &code::MISSING, "there is no test in this file", hint);
                    }
                    nothing.into_iter().for_each(|finding| r.push(finding));
                }
            }
        }
    }
    for mut finding in r.take() {
        finding.severity = Severity::Error;
        finding.message = finding.message.replace(" and has no effect", "");
        diagnostics.push(finding);
    }
    tests
}

fn test(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<RouteTest> {
    let [
        name,
        url,
        method,
        headers,
        source_ip,
        group,
        service,
        services,
        target_group,
        redirect,
        status,
        auth,
        rewritten,
        ingress,
        refused,
    ] = r.fields(at, &TEST)?;
    let url_at = r.required(at, url, "url", "write url: https://shop.example.com/cart");
    let url = url_at.and_then(|at| self::url(&at, r));
    let text = url_at.and_then(|at| at.node.as_str()).unwrap_or_default().to_owned();
    let mut request = url.as_ref().map_or_else(|| Request::get("", "/"), Url::request);
    if let Some(method) = r.maybe_text(method) {
        request = request.method(method.as_str());
    }
    if let Some(at) = headers {
        for (name, value) in r.map(&at) {
            let is_list = value.kind() == NodeKind::Sequence;
            let values = if is_list { value.items().collect() } else { vec![value] };
            for node in values {
                if let Some(value) = r.text(&At { node, ..at }) {
                    request = request.header(name.as_str(), value.as_str());
                }
            }
        }
    }
    if let Some(at) = source_ip
        && let Some(text) = r.text(&at)
    {
        match text.as_str().parse::<IpAddr>() {
            Ok(ip) => request.source_ip = ip,
            Err(_) => {
                let message = format!("`{}` is no IP address", text.as_str());
                r.error(&at, &code::BAD_EXPECTATION, message, "write sourceIp: 192.0.2.7");
            }
        }
    }
    let owned = |text: Option<yaml::Text<'_>>| text.map(|text| text.value.into_owned());
    let mut expected = Expected { ingress: owned(r.maybe_text(ingress)), ..Expected::default() };
    expected.targets = targets(service, services, target_group, r);
    expected.redirect = redirect.and_then(|at| self::url(&at, r));
    expected.status = status
        .and_then(|at| r.int(&at, 200..=599))
        .and_then(|status| u16::try_from(status.value).ok());
    if let Some(at) = auth
        && let Some(text) = r.text(&at)
    {
        if GUARDS.contains(&text.as_str()) {
            expected.auth = Some(text.as_str().to_owned());
        } else {
            let message = format!("`{}` is no way to authenticate", text.as_str());
            let hint = format!("write auth: one of {}", GUARDS.join(", "));
            r.error(&at, &code::BAD_EXPECTATION, message, hint);
        }
    }
    if let Some(at) = rewritten
        && let Some([host, url]) = r.fields(&at, &REWRITTEN)
    {
        expected.seen_host = owned(r.maybe_text(host));
        expected.seen_url = owned(r.maybe_text(url));
    }
    expected.refused = refused.and_then(|at| r.bool(&at)).unwrap_or(false);
    contradictions(at, &expected, r);
    let name = owned(r.maybe_text(name));
    let group = owned(r.maybe_text(group));
    let name = name.unwrap_or_else(|| format!("{} {text}", request.method));
    Some(RouteTest { name, span: at.head(), text, url: url?, request, group, expected })
}

fn url(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<Url> {
    let text = r.text(at)?;
    match text.as_str().parse() {
        Ok(url) => Some(url),
        Err(error) => {
            let message = format!("`{}` is no URL: {error}", text.as_str());
            let hint = match text.as_str().contains("://") {
                true => "write a whole URL, such as https://shop.example.com/cart".to_owned(),
                false => format!("write {}: https://{}", at.path.last(), text.as_str()),
            };
            r.error(at, &code::BAD_URL, message, hint);
            None
        }
    }
}

fn targets(
    service: Option<At<'_, '_, '_>>,
    services: Option<At<'_, '_, '_>>,
    target_group: Option<At<'_, '_, '_>>,
    r: &mut Reader,
) -> Option<Vec<ExpectedTarget>> {
    let given: Vec<_> = [service, services, target_group].into_iter().flatten().collect();
    if let [_, second, ..] = given.as_slice() {
        let message = "what a request is forwarded to is said twice";
        let hint = "leave one of service, services and targetGroup";
        r.error(second, &code::BAD_EXPECTATION, message, hint);
        return None;
    }
    if let Some(at) = target_group {
        let name = r.text(&at)?.value.into_owned();
        return Some(vec![ExpectedTarget { name, port: None, is_target_group: true, weight: 1 }]);
    }
    if let Some(at) = service {
        let text = r.text(&at)?;
        return Some(vec![service_of(text.as_str(), 1, &at, r)?]);
    }
    let at = services?;
    let mut targets = Vec::new();
    for (name, weight) in r.map(&at) {
        let weight = r.int(&At { node: weight, ..at }, 0..=999).map_or(1, |weight| weight.value);
        let weight = u32::try_from(weight).unwrap_or(0);
        targets.extend(service_of(name.as_str(), weight, &at, r));
    }
    Some(targets)
}

/// `namespace/name`, or that with `:port`.
fn service_of(
    text: &str,
    weight: u32,
    at: &At<'_, '_, '_>,
    r: &mut Reader,
) -> Option<ExpectedTarget> {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port.to_owned())),
        None => (text, None),
    };
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
        let message = format!("`{text}` does not say which namespace the Service is in");
        let hint = "write NAMESPACE/NAME or NAMESPACE/NAME:PORT";
        r.error(at, &code::BAD_EXPECTATION, message, hint);
        return None;
    }
    Some(ExpectedTarget { name: name.to_owned(), port, is_target_group: false, weight })
}

fn contradictions(at: &At<'_, '_, '_>, expected: &Expected, r: &mut Reader) {
    let forwards = expected.targets.is_some();
    let replies = expected.redirect.is_some() || expected.status.is_some();
    let sees = expected.seen_host.is_some() || expected.seen_url.is_some();
    let answered =
        forwards || replies || sees || expected.auth.is_some() || expected.ingress.is_some();
    let place = At { node: at.node, path: at.path };
    let problem = if expected.refused && answered {
        "nothing shall answer, and yet an answer is expected"
    } else if forwards && replies {
        "a request is either forwarded, or answered with a redirect or a status"
    } else if sees && replies {
        "only what is forwarded is rewritten"
    } else if !answered && !expected.refused {
        let hint = "say what is expected: service, services, targetGroup, redirect, status, auth, \
            rewritten, ingress or refused: true";
        r.missing(&place, "service", hint);
        return;
    } else {
        return;
    };
    let finding = crate::diagnostic::Diagnostic::error(&code::BAD_EXPECTATION, problem)
        .at(at.head())
        .path(at.path.to_string())
        .hint("split it into two tests");
    r.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> (usize, Vec<String>) {
        let mut sources = Sources::new();
        let file = sources.add("routes.yaml", text);
        let mut diagnostics = Diagnostics::new();
        let tests = read(&sources, file, &mut diagnostics);
        let found = diagnostics.iter().map(|finding| {
            let position = finding.span.map(|span| sources.position(span));
            let (line, column) = position.map_or((0, 0), |p| (p.line, p.column));
            assert_eq!(finding.severity, Severity::Error);
            format!("{line}:{column} {} {}", finding.code, finding.message)
        });
        (tests.len(), found.collect())
    }

    #[test]
    fn tests_are_read() {
        let mut sources = Sources::new();
        let text = "\
routes:
- url: https://shop.example.com/cart?x=1
  method: POST
  headers: {X-Canary: always, Cookie: [a=1, b=2], Host: other.example.com:8443}
  sourceIp: 192.0.2.7
  group: edge
  services: {shop/cart:http: 90, shop/next: 10}
  auth: oidc
- name: moved
  url: http://shop.example.com/
  redirect: https://shop.example.com/
  status: 301
";
        let file = sources.add("routes.yaml", text);
        let mut diagnostics = Diagnostics::new();
        let tests = read(&sources, file, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let [first, second] = &tests[..] else { panic!("{tests:?}") };
        assert_eq!(first.name, "POST https://shop.example.com/cart?x=1");
        assert_eq!(first.request.host, "other.example.com");
        assert_eq!(first.request.headers.len(), 3);
        assert_eq!(first.group.as_deref(), Some("edge"));
        let targets = first.expected.targets.as_ref().unwrap();
        assert_eq!((targets[0].port.as_deref(), targets[0].weight), (Some("http"), 90));
        assert_eq!((targets[1].port.as_deref(), targets[1].weight), (None, 10));
        assert_eq!(second.name, "moved");
        assert_eq!(second.expected.status, Some(301));
    }

    #[test]
    fn what_tests_nothing_is_an_error_at_its_place() {
        let check = |text: &str, expected: &[&str]| {
            let (tests, found) = findings(text);
            assert_eq!(found, expected, "{text}");
            assert_eq!(tests, 0, "{text}");
        };
        check("routes: []\n", &["1:9 ING1305 there is no test in this file"]);
        check(
            "tests: []\n",
            &["1:1 ING1303 field `tests` is not known", "1:1 ING1305 field `routes` is missing"],
        );
        check("routes:\n- url: https://a.b/\n", &["2:3 ING1305 field `service` is missing"]);
        check(
            "routes:\n- url: https://a.b/\n  servcie: a/b\n  status: 200\n",
            &["3:3 ING1303 field `servcie` is not known in `routes[0]`"],
        );
        check(
            "routes:\n- url: a.b/\n  status: 404\n",
            &["2:8 ING1301 `a.b/` is no URL: it starts with neither `https://` nor `http://`"],
        );
        check(
            "routes:\n- url: https://a.b/\n  service: web\n  ingress: a/b\n",
            &["3:12 ING1306 `web` does not say which namespace the Service is in"],
        );
        check(
            "routes:\n- url: https://a.b/\n  service: a/b\n  status: 200\n",
            &["2:3 ING1306 a request is either forwarded, or answered with a redirect or a status"],
        );
        check(
            "routes:\n- url: https://a.b/\n  status: \"404\"\n  auth: basic\n",
            &[
                "3:11 ING1304 `routes[0].status` must be a whole number, not a string",
                "4:9 ING1306 `basic` is no way to authenticate",
                "2:3 ING1305 field `service` is missing",
            ],
        );
    }
}
