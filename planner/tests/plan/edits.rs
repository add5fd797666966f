//! Edits that teams make: how many calls they take, and that no request feels them.

use crate::given::{Given, all, ingress, services};
use crate::traffic::{Way, way};
use crate::world::World;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::state::SpecText;
use ingc_planner::{LiveRule, Options};

const CERTIFICATE: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/11111111-1111-4111-8111-111111111111";

fn web(annotations: &[(&str, &str)], rules: &[&str]) -> String {
    services("shop", &["a", "b", "c", "d"]) + &ingress("shop/web", annotations, rules)
}

const RULES: [&str; 4] = ["x.test/a -> a", "x.test/b -> b", "y.test/ -> c", "x.test/ -> d"];

/// Asks for all that the rules serve, and for what they do not, on these ports.
fn asked(ports: &[i64]) -> Vec<(i64, &'static str, &'static str)> {
    let requests =
        [("x.test", "/a"), ("x.test", "/b/1"), ("y.test", "/q"), ("x.test", "/z"), ("z.test", "/")];
    ports.iter().flat_map(|port| requests.map(|(host, path)| (*port, host, path))).collect()
}

/// An edit of annotations, with the calls that it takes.
fn edit(before: &[(&str, &str)], after: &[(&str, &str)], calls: &[&str]) -> Way {
    let way = way(&web(before, &RULES), &web(after, &RULES), &asked(&[80]));
    assert_eq!(way.wrong, Vec::<String>::new());
    assert_eq!(way.calls, calls);
    way
}

#[test]
fn settings_change_in_place() {
    let health = [("healthcheck-path", "/ok")];
    edit(
        &[],
        &health,
        &[
            "Modify TargetGroup/shop/web-a:80",
            "Modify TargetGroup/shop/web-b:80",
            "Modify TargetGroup/shop/web-c:80",
            "Modify TargetGroup/shop/web-d:80",
        ],
    );
    let idle = [("load-balancer-attributes", "idle_timeout.timeout_seconds=90")];
    edit(&[], &idle, &["Modify LoadBalancer/LoadBalancer"]);
    let way = edit(&idle, &[], &["Modify LoadBalancer/LoadBalancer"]);
    let field = &way.plan.changes[0].fields[0];
    assert_eq!(field.path, "loadBalancerAttributes[idle_timeout.timeout_seconds]");
    assert_eq!(field.after.as_ref().unwrap(), "60");
    let reason = &way.plan.changes[0].reasons[0];
    assert_eq!(reason.text, "annotation `load-balancer-attributes` of Ingress `shop/web` is gone");
    let open = [("inbound-cidrs", "10.0.0.0/8,192.0.2.0/24")];
    let closed = [("inbound-cidrs", "10.0.0.0/8")];
    let group = "Modify SecurityGroup/ManagedLBSecurityGroup";
    let way = edit(&open, &closed, &[group]);
    assert_eq!(way.plan.changes[0].fields[0].path, "ingress[tcp 80 from 192.0.2.0/24]");
    assert!(edit(&closed, &[], &[group]).plan.security.iter().any(|note| note.weaker));
}

#[test]
fn a_web_acl_that_is_no_longer_named_is_taken_off_and_that_is_said() {
    let acl = "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge/11111111-2222-3333-4444-555555555555";
    let on = [("wafv2-acl-arn", acl)];
    edit(&[], &on, &["Create WebACLAssociation/LoadBalancer"]);
    let way = edit(&on, &[], &["Delete WebACLAssociation/LoadBalancer"]);
    assert!(
        way.plan.security.iter().any(|n| n.weaker && n.text == "is no longer behind a web ACL")
    );
}

#[test]
fn own_security_groups_take_the_managed_one_away_after_the_change() {
    let way = way(
        &web(&[], &RULES),
        &web(&[("security-groups", "sg-0aa11bb22cc33dd44")], &RULES),
        &asked(&[80]),
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    assert!(way.at("Modify LoadBalancer") < way.at("Delete SecurityGroup"));
    assert_eq!(way.count("Delete SecurityGroup"), 2, "the shared one goes too: {:?}", way.calls);
}

#[test]
fn http_becomes_https_with_a_redirect_when_the_new_listener_answers() {
    let after = [
        ("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#),
        ("ssl-redirect", "443"),
        ("certificate-arn", CERTIFICATE),
    ];
    let way = way(&web(&[], &RULES), &web(&after, &RULES), &asked(&[80]));
    assert_eq!(way.wrong, Vec::<String>::new());
    let redirects = way.at("Modify Listener/80");
    assert!(way.at("Create Listener/443") < redirects);
    let rules = |i: usize, verb: &str| way.calls[i].starts_with(&format!("{verb} ListenerRule/"));
    assert!((0..way.calls.len()).filter(|i| rules(*i, "Create")).all(|i| i < redirects));
    assert!((0..way.calls.len()).filter(|i| rules(*i, "Delete")).all(|i| i > redirects));
    let deleted: Vec<_> = way.calls.iter().filter(|c| c.starts_with("Delete Listener")).collect();
    assert_eq!(
        deleted,
        [
            "Delete ListenerRule/80:4",
            "Delete ListenerRule/80:3",
            "Delete ListenerRule/80:2",
            "Delete ListenerRule/80:1"
        ],
        "the catch-all goes first"
    );
    assert_eq!(way.calls.len(), 1 + 1 + 4 + 1 + 4);
    assert_eq!(way.plan.guards, [], "nothing is lost");
}

#[test]
fn a_listener_that_goes_takes_its_rules_along() {
    let two = [("listen-ports", r#"[{"HTTP":80},{"HTTP":8080}]"#)];
    let way = way(&web(&two, &RULES), &web(&[], &RULES), &asked(&[80]));
    assert_eq!(way.wrong, Vec::<String>::new());
    assert_eq!(way.calls, ["Modify SecurityGroup/ManagedLBSecurityGroup", "Delete Listener/8080"]);
}

fn team(name: &str, group: Option<&str>, rules: &[&str]) -> String {
    let annotations: Vec<_> = group.map(|group| ("group.name", group)).into_iter().collect();
    ingress(name, &annotations, rules)
}

#[test]
fn joining_a_group_serves_there_before_the_own_load_balancer_goes() {
    let shared = services("shop", &["a", "b"]) + &team("shop/one", Some("edge"), &["y.test/ -> b"]);
    let way = way(
        &(shared.clone() + &team("shop/web", None, &["x.test/a -> a"])),
        &(shared + &team("shop/web", Some("edge"), &["x.test/a -> a"])),
        &[(80, "x.test", "/a"), (80, "y.test", "/")],
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    assert!(way.at("Create ListenerRule") < way.at("Delete LoadBalancer"));
    assert!(way.plan.guards.iter().any(|guard| guard.text.contains("load balancer")));
    let gone = way.plan.changes.iter().find(|c| c.address.id == "LoadBalancer").unwrap();
    assert_eq!(gone.reasons[0].text, "Ingress `shop/web` is now in group `edge`");
}

#[test]
fn leaving_a_group_keeps_its_rules_until_the_own_load_balancer_serves() {
    let shared = services("shop", &["a", "b"]) + &team("shop/one", Some("edge"), &["y.test/ -> b"]);
    let way = way(
        &(shared.clone() + &team("shop/web", Some("edge"), &["x.test/a -> a"])),
        &(shared + &team("shop/web", None, &["x.test/a -> a"])),
        &[(80, "x.test", "/a"), (80, "y.test", "/")],
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    assert!(way.at("Create ListenerRule") < way.at("Delete ListenerRule"));
}

#[test]
fn a_member_that_goes_takes_exactly_its_resources() {
    let shared =
        services("shop", &["a", "b", "c"]) + &team("shop/one", Some("edge"), &["y.test/ -> b"]);
    let way = way(
        &(shared.clone() + &team("shop/web", Some("edge"), &["x.test/a -> a", "x.test/ -> c"])),
        &shared,
        &[(80, "x.test", "/a"), (80, "x.test", "/z"), (80, "y.test", "/")],
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    assert_eq!(
        way.calls,
        [
            "Delete ListenerRule/80:3",
            "Delete ListenerRule/80:2",
            "Delete TargetGroupBinding/shop/web-a:80",
            "Delete TargetGroupBinding/shop/web-c:80",
            "Delete TargetGroup/shop/web-a:80",
            "Delete TargetGroup/shop/web-c:80",
        ]
    );
    assert_eq!(way.plan.blast_radius.ingresses, ["shop/web"]);
    assert_eq!(way.plan.blast_radius.hosts, ["x.test"]);
}

#[test]
fn a_whole_ingress_goes_with_few_calls() {
    let other = services("shop", &["a", "b"]) + &team("shop/one", None, &["y.test/ -> b"]);
    let way = way(
        &(other.clone() + &team("shop/web", None, &["x.test/a -> a"])),
        &other,
        &[(80, "y.test", "/")],
    );
    assert_eq!(
        way.calls,
        [
            "Delete LoadBalancer/LoadBalancer",
            "Delete TargetGroupBinding/shop/web-a:80",
            "Delete TargetGroup/shop/web-a:80",
            "Delete SecurityGroup/ManagedLBSecurityGroup",
        ]
    );
    let reason = &way.plan.changes[0].reasons[0];
    assert_eq!(reason.text, "Ingress `shop/web` is no longer among the manifests");
    assert!(reason.position.as_ref().is_some_and(|position| position.line > 1));
}

/// Many rules, each of a host of its own.
fn many(count: usize, service: impl Fn(usize) -> &'static str, shift: usize) -> Vec<String> {
    (0..count)
        .map(|i| (i + shift) % count)
        .map(|i| format!("h{i}.test/ -> {}", service(i)))
        .collect()
}

fn refer(rules: &[String]) -> Vec<&str> {
    rules.iter().map(String::as_str).collect()
}

#[test]
fn a_hundred_rules_change_in_place_where_there_is_no_room_for_more() {
    let old = many(100, |i| ["a", "b"][i % 2], 0);
    let new = many(100, |i| ["c", "d"][i % 2], 50);
    let way = way(
        &web(&[], &refer(&old)),
        &web(&[], &refer(&new)),
        &[(80, "h7.test", "/"), (80, "h93.test", "/")],
    );
    assert_eq!(way.wrong, Vec::<String>::new());
    assert_eq!((way.count("Modify ListenerRule"), way.count("Reorder")), (100, 1));
    assert_eq!(way.count("Create ListenerRule"), 0);
    let quota = way.plan.quotas.iter().find(|quota| quota.what == "rules").unwrap();
    assert_eq!((quota.before, quota.after, quota.peak, quota.limit), (100, 100, 100, 100));
    assert_eq!(way.plan.guards, []);
}

#[test]
fn without_room_for_two_listeners_the_plan_says_that_there_is_a_gap() {
    let rules = many(60, |_| "a", 0);
    let redirect = [
        ("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#),
        ("ssl-redirect", "443"),
        ("certificate-arn", CERTIFICATE),
    ];
    let way = way(&web(&[], &refer(&rules)), &web(&redirect, &refer(&rules)), &[]);
    assert!(way.plan.guards.iter().any(|guard| guard.kind.flag() == "--allow-gap"));
    assert!(way.at("Delete ListenerRule") < way.at("Create ListenerRule"));
}

#[test]
fn a_listener_that_leaves_makes_room_for_the_rules_of_the_one_that_comes() {
    let ports = |ports: &'static str| [("listen-ports", ports)];
    let (http, other) = (ports(r#"[{"HTTP":80}]"#), ports(r#"[{"HTTP":8080}]"#));
    let gap = |way: &Way| way.plan.guards.iter().any(|guard| guard.kind.flag() == "--allow-gap");
    let rules = many(60, |i| ["a", "b"][i % 2], 0);
    let full = way(&web(&http, &refer(&rules)), &web(&other, &refer(&rules)), &[]);
    assert!(gap(&full));
    assert_eq!(full.count("Delete Listener"), 1, "{:?}", full.calls);
    assert!(full.at("Delete Listener") < full.at("Create ListenerRule"), "{:?}", full.calls);
    let rules = many(50, |_| "a", 0);
    let roomy = way(&web(&http, &refer(&rules)), &web(&other, &refer(&rules)), &[]);
    assert!(!gap(&roomy));
    assert!(roomy.at("Create ListenerRule") < roomy.at("Delete Listener"), "{:?}", roomy.calls);
    // One rule that nobody has recorded takes the last place.
    let (before, after) =
        (Given::new(&web(&http, &refer(&rules))), Given::new(&web(&other, &refer(&rules))));
    let mut world = World::new();
    world.apply(&before.plan(&world.state).plan);
    let mut live = world.refresh();
    let rule = LiveRule {
        arn: "arn:rule".to_owned(),
        spec: SpecText::new(r#"{"actions":[],"conditions":[],"priority":77}"#),
        ours: true,
        tagged: None,
    };
    live.rules.insert(Address::new("shop/web", Kind::Listener, "80"), vec![rule]);
    let plan = after.plan_with(&world.state, &Options { live: Some(&live), ..all() }).plan;
    assert!(plan.guards.iter().any(|guard| guard.kind.flag() == "--allow-gap"));
    // A load balancer that is replaced has room of its own.
    let rules = many(60, |_| "a", 0);
    let scheme = [http[0], ("scheme", "internal")];
    let moved = [other[0], ("scheme", "internet-facing")];
    let replaced = way(&web(&scheme, &refer(&rules)), &web(&moved, &refer(&rules)), &[]);
    assert!(!gap(&replaced));
}
