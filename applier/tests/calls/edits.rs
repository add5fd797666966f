//! Edits as teams make them, each with the fewest calls that can carry it out.

use super::manifests::{Ingress, class, services};

/// Manifests before and after, and the calls that lead from one to the other, in any order.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) calls: Vec<(&'static str, usize)>,
}

fn thirty() -> Ingress {
    (0..30).fold(Ingress::new("web"), |ingress, i| {
        ingress.path(&format!("/p{i:02}"), ["a", "b", "c"][i % 3])
    })
}

fn twelve() -> Ingress {
    (0..12).fold(Ingress::new("web"), |ingress, i| {
        ingress.path(&format!("/p{i:02}"), ["a", "b", "c"][i % 3])
    })
}

fn four() -> Ingress {
    Ingress::new("web").path("/a1", "a").path("/a2", "a").path("/b", "b").path("/c", "c")
}

fn one_service(service: &str) -> Ingress {
    ["/a1", "/a2", "/b", "/c"].iter().fold(Ingress::new("web"), |it, path| it.path(path, service))
}

fn hundred(path: &str, service: &str) -> Ingress {
    (0..100).fold(Ingress::new("web"), |it, i| it.path(&format!("{path}{i:03}"), service))
}

fn https(ingress: &Ingress) -> Ingress {
    ingress.clone().annotation("listen-ports", r#"[{"HTTPS": 443}]"#).certificate(1)
}

const COGNITO: &str = r#"{"userPoolARN":"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_x","userPoolClientID":"c","userPoolDomain":"d"}"#;

fn all(ingresses: &[&Ingress]) -> String {
    let ingresses = ingresses.iter().map(|ingress| ingress.text());
    std::iter::once(class()).chain(ingresses).chain([services(&["a", "b", "c", "d"])]).collect()
}

fn edit(
    name: &'static str,
    before: &Ingress,
    after: &Ingress,
    calls: &[(&'static str, usize)],
) -> Edit {
    Edit { name, before: all(&[before]), after: all(&[after]), calls: calls.to_vec() }
}

/// Paths, their order and what answers them.
pub(crate) fn of_rules() -> Vec<Edit> {
    let (thirty, twelve, four) = (thirty(), twelve(), four());
    vec![
        Edit {
            name: "nothing but the order of documents",
            before: class() + &thirty.text() + &services(&["a", "b", "c", "d"]),
            after: services(&["d", "c", "b", "a"]) + &thirty.text() + &class(),
            calls: vec![],
        },
        edit(
            "a path added behind 30",
            &thirty,
            &thirty.clone().path("/z", "a"),
            &[("CreateRule", 1)],
        ),
        edit(
            "a path added before 30",
            &thirty,
            &thirty.clone().path_at(0, "/first", "a"),
            &[("CreateRule", 1), ("SetRulePriorities", 1)],
        ),
        edit(
            "two of 12 rules trade places",
            &twelve,
            &twelve.clone().swap(3, 8),
            &[("SetRulePriorities", 1)],
        ),
        edit(
            "the 15th of 30 rules removed",
            &thirty,
            &thirty.clone().without(14),
            &[("DeleteRule", 1)],
        ),
        edit(
            "another Service behind one rule of four",
            &four,
            &four.clone().backend(3, "d"),
            &[("CreateTargetGroup", 1), ("ModifyRule", 1), ("DeleteTargetGroup", 1)],
        ),
        edit(
            "a path added where one was removed",
            &thirty.clone().without(14),
            &thirty,
            &[("CreateRule", 1), ("SetRulePriorities", 1)],
        ),
        edit(
            "another Service behind all four rules",
            &one_service("a"),
            &one_service("d"),
            &[("CreateTargetGroup", 1), ("ModifyRule", 4), ("DeleteTargetGroup", 1)],
        ),
        edit(
            "a path added before 30, and other Services behind two",
            &thirty,
            &thirty.clone().backend(3, "d").backend(7, "d").path_at(0, "/first", "a"),
            &[
                ("CreateTargetGroup", 1),
                ("CreateRule", 1),
                ("SetRulePriorities", 1),
                ("ModifyRule", 2),
            ],
        ),
        edit(
            "all 100 rules replaced by others of the same host",
            &hundred("/old", "a"),
            &hundred("/new", "b"),
            &[("CreateTargetGroup", 1), ("ModifyRule", 100), ("DeleteTargetGroup", 1)],
        ),
        edit(
            "logins on four rules",
            &https(&four),
            &https(&four)
                .annotation("auth-type", "cognito")
                .annotation("auth-idp-cognito", COGNITO),
            &[("ModifyRule", 4)],
        ),
        edit(
            "a canary moves from 90/10 to 50/50",
            &four.clone().canary("a", "b", 90, 10),
            &four.clone().canary("a", "b", 50, 50),
            &[("ModifyRule", 1)],
        ),
    ]
}

/// Target groups.
pub(crate) fn of_target_groups() -> Vec<Edit> {
    let four = four();
    vec![
        edit(
            "pods instead of nodes as targets",
            &four,
            &four.clone().annotation("target-type", "ip"),
            &[("CreateTargetGroup", 3), ("ModifyRule", 4), ("DeleteTargetGroup", 3)],
        ),
        edit(
            "gRPC instead of HTTP/1 for one Service",
            &https(&one_service("a")),
            &https(&one_service("a")).annotation("backend-protocol-version", "GRPC"),
            &[("CreateTargetGroup", 1), ("ModifyRule", 4), ("DeleteTargetGroup", 1)],
        ),
        edit(
            "tags added, changed and removed",
            &four.clone().annotation("tags", "team=shop,stage=test,old=yes"),
            &four.clone().annotation("tags", "team=shop,stage=live,new=yes"),
            &[("AddTags", 1), ("RemoveTags", 1), ("CreateTags", 1), ("DeleteTags", 1)],
        ),
        edit(
            "another health check of three target groups",
            &four,
            &four.clone().annotation("healthcheck-interval-seconds", "20"),
            &[("ModifyTargetGroup", 3)],
        ),
    ]
}

/// The load balancer, its listeners and its security group.
pub(crate) fn of_load_balancers() -> Vec<Edit> {
    let four = four();
    let https = https(&four);
    vec![
        edit(
            "a load balancer attribute changed",
            &four.clone().annotation("load-balancer-attributes", "idle_timeout.timeout_seconds=60"),
            &four
                .clone()
                .annotation("load-balancer-attributes", "idle_timeout.timeout_seconds=120"),
            &[("ModifyLoadBalancerAttributes", 1)],
        ),
        edit(
            "another TLS policy",
            &https,
            &https.clone().annotation("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
            &[("ModifyListener", 1)],
        ),
        edit(
            "a certificate for SNI added",
            &https,
            &https.clone().certificate(2),
            &[("AddListenerCertificates", 1)],
        ),
        edit(
            "a listener added",
            &four,
            &four.clone().annotation("listen-ports", r#"[{"HTTP": 80}, {"HTTP": 8080}]"#),
            &[("AuthorizeSecurityGroupIngress", 1), ("CreateListener", 1), ("CreateRule", 4)],
        ),
        edit(
            "a listener removed",
            &four.clone().annotation("listen-ports", r#"[{"HTTP": 80}, {"HTTP": 8080}]"#),
            &four,
            &[("RevokeSecurityGroupIngress", 1), ("DeleteListener", 1)],
        ),
        edit(
            "other sources admitted",
            &four.clone().annotation("inbound-cidrs", "192.0.2.0/24"),
            &four.clone().annotation("inbound-cidrs", "198.51.100.0/24"),
            &[("AuthorizeSecurityGroupIngress", 1), ("RevokeSecurityGroupIngress", 1)],
        ),
        edit(
            "the default certificate traded for the other one",
            &https.clone().certificates(&[1, 2]),
            &https.clone().certificates(&[2, 1]),
            &[("ModifyListener", 1)],
        ),
        edit(
            "the default certificate replaced",
            &https.clone().certificates(&[1]),
            &https.clone().certificates(&[2]),
            &[
                ("ModifyListener", 1),
                ("AddListenerCertificates", 1),
                ("RemoveListenerCertificates", 1),
            ],
        ),
        edit(
            "HTTPS, and HTTP redirects to it",
            &four,
            &four
                .clone()
                .annotation("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#)
                .annotation("ssl-redirect", "443")
                .certificate(1),
            &[
                ("AuthorizeSecurityGroupIngress", 1),
                ("CreateListener", 1),
                ("AddListenerCertificates", 1),
                ("CreateRule", 4),
                ("ModifyListener", 1),
                ("DeleteRule", 4),
            ],
        ),
        edit(
            "security groups of others instead of our own",
            &four,
            &four
                .clone()
                .annotation("security-groups", "sg-0123456789abcdef0")
                .annotation("manage-backend-security-group-rules", "false"),
            &[("SetSecurityGroups", 1), ("DeleteSecurityGroup", 2)],
        ),
        edit(
            "an attribute that is no longer given",
            &four.clone().annotation(
                "load-balancer-attributes",
                "idle_timeout.timeout_seconds=60,routing.http2.enabled=false",
            ),
            &four
                .clone()
                .annotation("load-balancer-attributes", "idle_timeout.timeout_seconds=120"),
            &[("ModifyLoadBalancerAttributes", 1)],
        ),
        edit(
            "another scheme",
            &four,
            &four.clone().annotation("scheme", "internal"),
            &[
                ("CreateTargetGroup", 3),
                ("CreateLoadBalancer", 1),
                ("CreateListener", 1),
                ("CreateRule", 4),
                ("DeleteLoadBalancer", 1),
                ("DeleteTargetGroup", 3),
            ],
        ),
        edit(
            "a web ACL that is no longer given",
            &four.clone().annotation("wafv2-acl-arn", super::manifests::WEB_ACL),
            &four,
            &[("DisassociateWebACL", 1)],
        ),
        edit(
            "no web ACL in so many words",
            &four.clone().annotation("wafv2-acl-arn", super::manifests::WEB_ACL),
            &four.clone().annotation("wafv2-acl-arn", "none"),
            &[("DisassociateWebACL", 1)],
        ),
        edit(
            "a web ACL added",
            &four,
            &four.clone().annotation("wafv2-acl-arn", super::manifests::WEB_ACL),
            &[("AssociateWebACL", 1)],
        ),
    ]
}

/// Groups of several Ingresses.
pub(crate) fn of_groups() -> Vec<Edit> {
    let team = |name: &str, order: &str, from: usize, count: usize, service: &str| {
        let ingress =
            Ingress::new(name).annotation("group.name", "shared").annotation("group.order", order);
        (from..from + count).fold(ingress, |ingress, i| ingress.path(&format!("/p{i:02}"), service))
    };
    let (one, two) = (team("one", "1", 0, 20, "a"), team("two", "2", 20, 20, "b"));
    let three = team("three", "3", 40, 4, "c");
    let alone = four();
    let joins = alone.clone().annotation("group.name", "shared").annotation("group.order", "9");
    vec![
        Edit {
            name: "two members of 20 rules trade places",
            before: all(&[&one, &two]),
            after: all(&[
                &one.clone().annotation("group.order", "2"),
                &two.clone().annotation("group.order", "1"),
            ]),
            calls: vec![("SetRulePriorities", 1)],
        },
        Edit {
            name: "a member deleted",
            before: all(&[&one, &two, &three]),
            after: all(&[&one, &three]),
            calls: vec![("DeleteRule", 20), ("DeleteTargetGroup", 1)],
        },
        Edit {
            name: "an Ingress of its own joins the group",
            before: all(&[&one, &alone]),
            after: all(&[&one, &joins]),
            calls: vec![
                ("CreateTargetGroup", 3),
                ("CreateRule", 4),
                ("DeleteLoadBalancer", 1),
                ("DeleteTargetGroup", 3),
                ("DeleteSecurityGroup", 1),
            ],
        },
        Edit {
            name: "an Ingress leaves the group",
            before: all(&[&one, &joins]),
            after: all(&[&one, &alone]),
            calls: vec![
                ("CreateSecurityGroup", 1),
                ("AuthorizeSecurityGroupIngress", 1),
                ("CreateTargetGroup", 3),
                ("CreateLoadBalancer", 1),
                ("CreateListener", 1),
                ("CreateRule", 4),
                ("DeleteRule", 4),
                ("DeleteTargetGroup", 3),
            ],
        },
        Edit {
            name: "a member added at the end",
            before: all(&[&one, &two]),
            after: all(&[&one, &two, &three]),
            calls: vec![("CreateTargetGroup", 1), ("CreateRule", 4)],
        },
    ]
}

/// A whole Ingress.
pub(crate) fn of_ingresses() -> Vec<Edit> {
    let (four, other) = (four(), Ingress::new("other").path("/", "d"));
    vec![Edit {
        name: "an Ingress deleted beside another",
        before: all(&[&four, &other]),
        after: all(&[&other]),
        calls: vec![
            ("DeleteLoadBalancer", 1),
            ("DeleteTargetGroup", 3),
            ("DeleteSecurityGroup", 1),
        ],
    }]
}
