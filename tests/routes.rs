//! Runs of `ingc route` and `ingc routes`: what is shown, in which form, and how runs end.
//!
//! Texts stand in `tests/cli/`; `INGC_BLESS=1 cargo test --test routes` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn ingc(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ingc"));
    command.args(arguments).current_dir(root().join("examples")).stdin(Stdio::null());
    command.env("COLUMNS", "80").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs commands and holds what they show against a file.
#[track_caller]
fn shows(name: &str, runs: &[(i32, &[&str])]) {
    let mut shown = String::new();
    for (code, arguments) in runs {
        let output = ingc(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}\n{out}{err}");
        let quoted: Vec<_> = arguments
            .iter()
            .map(|a| if a.contains([' ', '&']) { format!("'{a}'") } else { (*a).to_owned() })
            .collect();
        shown.push_str(&format!("$ ingc {}\n{err}{out}\n", quoted.join(" ")));
    }
    let path = root().join("tests/cli").join(format!("{name}.txt"));
    if std::env::var_os("INGC_BLESS").is_some() {
        return fs::write(path, shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(expected.as_str(), &shown);
    assert!(expected == shown, "{}:\n{}", path.display(), diff.unified_diff());
}

#[test]
fn route_says_what_answers_and_why() {
    let orders = "https://orders.backoffice.orchard.example";
    shows(
        "route",
        &[
            (0, &["route", "https://orchard.example/cart/42?x=1", "--manifests", "shared-alb"]),
            (0, &["route", &format!("{orders}/next/1"), "auth-canary", "--explain"]),
            (0, &["route", &format!("{orders}/next/1"), "auth-canary", "-H", "X-Orders-Next: YES"]),
            (0, &["route", &format!("{orders}/reports/x?y"), "auth-canary", "--output", "json"]),
            (0, &["route", "https://nowhere.example/", "auth-canary", "--output", "json"]),
            (0, &["route", "https://orchard.example:8443/", "shared-alb"]),
            (0, &["route", "https://orchard.example:8443/", "shared-alb", "--output", "json"]),
        ],
    );
}

#[test]
fn routes_are_listed_where_they_fit() {
    shows(
        "routes-list",
        &[(0, &["routes", "list", "shared-alb"]), (0, &["routes", "list", "eks-workshop"])],
    );
}

#[test]
fn what_cannot_be_asked_is_an_error() {
    shows(
        "route-errors",
        &[
            (1, &["route", "orchard.example/cart", "shared-alb"]),
            (1, &["route", "https://orchard.example:port/", "ftp://a.b/", "shared-alb"]),
            (1, &["route", "shared-alb"]),
            (1, &["route", "https://orchard.example/", "shared-alb", "--group", "egde"]),
            (1, &["route", "https://orchard.example/", "shared-alb/platform"]),
            (1, &["route", "https://a.b/", "--state", "nowhere.json"]),
            (1, &["route", "https://a.b/", "-H", "X-Canary", "shared-alb"]),
            (1, &["routes", "test", "nowhere.yaml"]),
            (1, &["routes", "diff", "shared-alb", "auth-canary", "--group", "egde"]),
            (1, &["routes", "diff", "shared-alb/platform", "shared-alb/platform"]),
            (1, &["routes", "diff", "shared-alb"]),
        ],
    );
}

#[test]
fn the_tests_of_the_examples_pass() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path().join("routes.yaml");
        if path.exists() {
            seen += 1;
            let output = ingc(&["routes", "test", path.to_str().unwrap()]);
            assert!(output.status.success(), "{}{}", path.display(), text(&output.stdout));
        }
    }
    assert!(seen > 3);
}

#[test]
fn a_test_that_fails_says_so_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.yaml");
    fs::write(
        &routes,
        "routes:\n\
         - {url: 'https://orchard.example/cart', service: shop/storefront, auth: oidc}\n\
         - {url: 'https://orchard.example/', service: shop/storefront}\n\
         - {name: 'a <b> & \"c\"', url: 'http://orchard.example/', status: 404}\n\
         - {url: 'https://orchard.example/', group: nobody, status: 404}\n",
    )
    .unwrap();
    let junit = folder.path().join("junit.xml");
    let (routes, file) = (routes.to_str().unwrap(), junit.to_str().unwrap());
    let output = ingc(&["routes", "test", routes, "shared-alb", "--junit", file]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout).replace(routes, "routes.yaml");
    let shown: Vec<&str> = shown.lines().collect();
    assert_eq!(
        shown,
        [
            "FAIL  GET https://orchard.example/cart",
            "      routes.yaml:2:4",
            "      service: expected shop/storefront, got shop/cart:http",
            "      auth: expected oidc, got none",
            "      by rule 443:5 of Ingress shop/storefront, shared-alb/shop/shop.yaml:20:13",
            "ok    GET https://orchard.example/",
            "FAIL  a <b> & \"c\"",
            "      routes.yaml:4:4",
            "      status: expected 404, got 301 to https://orchard.example:443/",
            "      by the default action of port 80",
            "FAIL  GET https://orchard.example/",
            "      routes.yaml:5:4",
            "      there is no load balancer of group nobody",
            "",
            "3 route tests failed, 1 passed.",
        ]
    );
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("tests=\"4\" failures=\"3\""), "{xml}");
    assert!(xml.contains("name=\"a &lt;b&gt; &amp; &quot;c&quot;\""), "{xml}");

    let output = ingc(&["routes", "test", routes, "shared-alb", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&document["passed"], &document["failed"]), (&1.into(), &3.into()));
    assert_eq!(document["tests"][0]["failures"][0]["got"], "shop/cart:http");
}

#[test]
fn states_and_plans_are_asked_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (state, account, plan) = (path("state.json"), path("account.json"), path("plan.json"));
    let url = "https://orchard.example/cart/1";
    let done =
        ingc(&["apply", "shared-alb", "--state", &state, "--sandbox", &account, "--auto-approve"]);
    assert!(done.status.success(), "{}", text(&done.stderr));

    let line = |output: Output| -> Vec<serde_json::Value> {
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let manifests = line(ingc(&["route", url, "shared-alb", "--output", "json"]));
    let recorded = line(ingc(&[
        "route",
        url,
        "--state",
        &state,
        "--output",
        "json",
        "--config",
        "shared-alb/ingc.yaml",
    ]));
    assert_eq!(manifests, recorded);

    let whole = root().join("examples/shared-alb");
    copy(&whole, Path::new(&path("k8s")));
    let changed = path("k8s/shop/shop.yaml");
    let text = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, text.replacen("name: cart\n", "name: storefront\n", 1)).unwrap();
    let planned =
        ingc(&["plan", &path("k8s"), "--state", &state, "--sandbox", &account, "--out", &plan]);
    assert!(planned.status.success(), "{}", self::text(&planned.stderr));
    let sides = line(ingc(&["route", url, "--plan", &plan, "--output", "json"]));
    let services: Vec<_> = sides
        .iter()
        .map(|line| (line["side"].clone(), line["answer"]["targets"][0]["service"].clone()))
        .collect();
    assert_eq!(
        services,
        [("before".into(), "shop/cart".into()), ("after".into(), "shop/storefront".into())]
    );
}

#[test]
fn diff_says_which_requests_change() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    copy(&root().join("examples/shared-alb"), &new);
    let new = new.to_str().unwrap();
    let same = ingc(&["routes", "diff", "shared-alb", new, "--detailed-exitcode"]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
    assert_eq!(text(&same.stdout), "Routing proven unchanged.\n");

    let manifest = format!("{new}/shop/shop.yaml");
    let edited = fs::read_to_string(&manifest).unwrap().replacen("/cart\n", "/basket\n", 1);
    fs::write(&manifest, edited).unwrap();
    let changed = ingc(&["routes", "diff", "shared-alb", new, "--detailed-exitcode"]);
    assert_eq!(changed.status.code(), Some(2), "{}", text(&changed.stderr));
    let shown = text(&changed.stdout);
    assert!(shown.contains("shop/cart:http → shop/storefront:http"), "{shown}");
    assert!(shown.contains("such as https://orchard.example/cart\n"), "{shown}");
    assert!(shown.ends_with("answered differently; all others are proven unchanged.\n"), "{shown}");

    let json = ingc(&["routes", "diff", "shared-alb", new, "--output", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["status"], "changed");
    let example = &document["changes"][0]["example"];
    assert_eq!((&example["method"], &example["headers"]), (&"GET".into(), &serde_json::json!({})));
    let answers: Vec<_> = document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (&change["before"]["targets"][0]["service"], &change["after"]["auth"]))
        .collect();
    assert_eq!(
        answers,
        [(&"shop/cart".into(), &"none".into()), (&"shop/storefront".into(), &"none".into())]
    );
}

#[test]
fn what_is_refused_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    copy(&root().join("examples/auth-canary"), &new);
    let manifest = new.join("backoffice.yaml");
    let edited = fs::read_to_string(&manifest).unwrap().replacen(
        "scheme: internal\n",
        "scheme: inside\n",
        1,
    );
    fs::write(&manifest, edited).unwrap();
    let output = ingc(&["routes", "diff", "auth-canary", new.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let err = text(&output.stderr);
    assert!(err.contains("group backoffice/orders was not compared"), "{err}");
    assert_eq!(
        text(&output.stdout),
        "Routing of the groups that were compared proven unchanged.\n"
    );
    let new = new.to_str().unwrap();
    let output = ingc(&["routes", "diff", "auth-canary", new, "--output", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["status"], "unproven", "{report}");
    let output = ingc(&["routes", "diff", "auth-canary", new, "--group", "backoffice/orders"]);
    assert_eq!(text(&output.stdout), "Nothing was compared.\n");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}
