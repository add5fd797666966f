//! What is said about rules, actions, target groups and Services, and what stands behind them.

use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::inventory::{Certificate, Inventory, Subnet, TargetGroup};
use ingc_compiler::resource::{Address, Kind, Spec};
use ingc_compiler::settings::Settings;
use ingc_compiler::source::Sources;

const CLASS: &str = "
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
";

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: web, port: 80, targetPort: 8080}]}
";

fn inventory() -> Inventory {
    let subnet = |zone: &str| Subnet {
        subnet_id: format!("subnet-{zone}"),
        vpc_id: "vpc-1".to_owned(),
        availability_zone: zone.to_owned(),
        availability_zone_id: zone.to_owned(),
        zone_type: "availability-zone".to_owned(),
        available_ip_address_count: 100,
        tags: [("kubernetes.io/role/internal-elb".to_owned(), "1".to_owned())].into(),
        ..Subnet::default()
    };
    Inventory {
        vpc: ingc_compiler::inventory::Vpc { vpc_id: "vpc-1".to_owned(), ..Default::default() },
        subnets: vec![subnet("a"), subnet("b")],
        certificates: vec![Certificate {
            certificate_arn: "arn:cert".to_owned(),
            status: "ISSUED".to_owned(),
            domain_name: "*.example.com".to_owned(),
            subject_alternative_names: vec!["*.example.com".to_owned()],
            ..Certificate::default()
        }],
        target_groups: vec![TargetGroup {
            name: "legacy-web".to_owned(),
            arn: "arn:tg".to_owned(),
        }],
        ..Inventory::default()
    }
}

/// Compiles one file beside a class and the Service `shop/cart`.
fn compile(text: &str) -> (Compilation, Sources) {
    let settings = Settings {
        cluster_name: "test".to_owned(),
        region: "eu-west-1".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        default_target_type: "ip".to_owned(),
        ..Settings::default()
    };
    let mut sources = Sources::new();
    let files = [
        sources.add("class.yaml", CLASS),
        sources.add("service.yaml", SERVICE),
        sources.add("shop.yaml", text.trim_start()),
    ];
    let compilation =
        ingc_compiler::compile(&sources, &files, &settings, &inventory(), Diagnostics::new());
    (compilation, sources)
}

/// Findings as `severity CODE file:line:column message`.
fn findings(text: &str) -> Vec<String> {
    let (compilation, sources) = compile(text);
    let line = |finding: &ingc_compiler::diagnostic::Diagnostic| {
        let place = finding.span.map(|span| sources.position(span).to_string());
        let (severity, code) = (finding.severity.as_str(), finding.code);
        format!("{severity} {code} {} {}", place.unwrap_or_default(), finding.message)
    };
    compilation.diagnostics.iter().map(line).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(findings(text), expected, "{text}");
}

/// An Ingress `shop/NAME` with annotations and paths, each a line of YAML in flow style.
fn ingress(name: &str, annotations: &[&str], paths: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: shop\n  annotations:\n    {PREFIX}group.name: shop\n"
    );
    annotations.iter().for_each(|line| text.push_str(&format!("    {PREFIX}{line}\n")));
    text.push_str("spec:\n  ingressClassName: alb\n  rules:\n  - host: shop.example.com\n    http:\n      paths:\n");
    paths.iter().for_each(|line| text.push_str(&format!("      - {line}\n")));
    text
}

const PREFIX: &str = "alb.ingress.kubernetes.io/";
const CART: &str =
    "{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}";

#[test]
fn a_service_is_looked_for_near_and_far() {
    let path = |service: &str| {
        format!(
            "{{path: /, pathType: Prefix, backend: {{service: {{name: {service}, port: {{name: wbe}}}}}}}}"
        )
    };
    check(
        &ingress("web", &[], &[&path("cart")]),
        &[
            "error ING0802 shop.yaml:14:82 the Service `shop/cart` has no port `wbe`: it has only `web` (80)",
        ],
    );
    check(
        &ingress("web", &[], &[&path("crt")]),
        &[
            "warning ING0801 shop.yaml:14:63 there is no Service `shop/crt` among the manifests, so every request is answered with 503",
        ],
    );
    let elsewhere =
        ingress("web", &[], &[&path("cart")]).replace("namespace: shop", "namespace: shop-2");
    let (compilation, sources) = compile(&elsewhere);
    let finding = compilation.diagnostics.iter().next().unwrap();
    let place = finding.related[0].span.map(|span| sources.position(span).to_string());
    assert_eq!(place.as_deref(), Some("service.yaml:4:18"));
}

#[test]
fn one_mistake_is_one_finding_however_many_rules_and_listeners_read_it() {
    let annotations = [
        "listen-ports: '[{\"HTTP\":80},{\"HTTPS\":443}]'",
        "healthcheck-interval-seconds: 15s",
        "conditions.cart: '[{\"field\":\"source-ip\"}]'",
        "jwt-validation: '{}'",
    ];
    let second = "{path: /a, pathType: Exact, backend: {service: {name: cart, port: {name: web}}}}";
    check(
        &ingress("web", &annotations, &[CART, second]),
        &[
            "error ING0401 shop.yaml:9:61 `15s` of `healthcheck-interval-seconds` is not a whole number",
            "error ING0706 shop.yaml:10:50 `sourceIPConfig` of `conditions.cart` is missing",
            "error ING0712 shop.yaml:11:48 `issuer` of `jwt-validation` is missing",
            "error ING0712 shop.yaml:11:48 `jwksEndpoint` of `jwt-validation` is missing",
        ],
    );
}

#[test]
fn rules_that_cannot_match_are_named_with_the_one_that_answers() {
    let first = ingress("a", &[], &[CART]);
    let second = ingress("b", &[], &[CART]);
    check(
        &format!("{first}---\n{second}"),
        &[
            "warning ING0908 shop.yaml:29:9 `shop/b` and `shop/a` have the same host and path, and `shop/a` answers",
        ],
    );
    let below = "{path: /a, pathType: Exact, backend: {service: {name: cart, port: {number: 80}}}}";
    let third = ingress("c", &["group.order: '1'"], &[below]);
    check(
        &format!("{first}---\n{third}"),
        &[
            "warning ING0907 shop.yaml:30:9 the rule can never match: an earlier one takes all its requests",
        ],
    );
    check(&ingress("a", &[], &[CART, below]), &[]);
}

#[test]
fn what_aws_refuses_is_a_warning_and_compiles() {
    let values = "conditions.cart: '[{\"field\":\"host-header\",\"hostHeaderConfig\":{\"values\":[\"a*\",\"b*\",\"c*\",\"d*\",\"e*\"]}}]'";
    let annotations = [
        values,
        "healthcheck-timeout-seconds: '15'",
        "target-group-attributes: slow_start.duration_seconds=10,stickiness.enable=true",
        "success-codes: 200-600",
    ];
    let text = ingress("web", &annotations, &[CART]);
    check(
        &text,
        &[
            "warning ING0904 shop.yaml:9:60 AWS refuses a health check with a timeout of 15 s and an interval of 15 s",
            "warning ING0904 shop.yaml:10:56 AWS refuses `10` for `slow_start.duration_seconds`",
            "warning ING0905 shop.yaml:10:87 AWS knows no target group attribute `stickiness.enable`",
            "warning ING0904 shop.yaml:11:46 AWS refuses the success codes `200-600`",
            "warning ING0901 shop.yaml:18:16 the rule has 7 condition values, and AWS accepts 5",
            "warning ING0902 shop.yaml:18:16 the rule has 6 wildcards, and AWS accepts 5",
        ],
    );
    assert!(compile(&text).0.stacks.contains_key("shop"));
}

#[test]
fn more_rules_than_aws_accepts_are_counted_over_all_listeners() {
    let paths: Vec<String> = (0..51)
        .map(|i| format!("{{path: /{i}, pathType: Exact, backend: {{service: {{name: cart, port: {{number: 80}}}}}}}}"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    check(
        &ingress("web", &["listen-ports: '[{\"HTTP\":80},{\"HTTPS\":443}]'"], &paths),
        &[
            "warning ING0903 shop.yaml:4:9 the load balancer has 102 rules, and AWS accepts 100 unless the quota was raised",
        ],
    );
}

#[test]
fn a_login_that_http_listeners_leave_out_is_a_warning() {
    let cognito = "auth-idp-cognito: '{\"userPoolARN\":\"a\",\"userPoolClientID\":\"b\",\"userPoolDomain\":\"c\"}'";
    let both = "listen-ports: '[{\"HTTP\":80},{\"HTTPS\":443}]'";
    let expected = [
        "warning ING0716 shop.yaml:10:42 `auth-type` has no effect on the HTTP listeners of the Ingress",
    ];
    check(&ingress("web", &[both, cognito, "auth-type: cognito"], &[CART]), &expected);
    let redirected = [both, cognito, "auth-type: cognito", "ssl-redirect: '443'"];
    check(&ingress("web", &redirected, &[CART]), &[]);
}

#[test]
fn annotations_that_nothing_reads_are_named() {
    let action = "'{\"type\":\"fixed-response\",\"fixedResponseConfig\":{\"statusCode\":\"200\"}}'";
    check(
        &ingress(
            "web",
            &[&format!("actions.cart: {action}"), "conditions.crat: '[]'", "transforms.cart: '[]'"],
            &[CART],
        ),
        &[
            "warning ING0715 shop.yaml:8:45 `actions.cart` has no effect: no backend of the Ingress reads it",
            "warning ING0715 shop.yaml:9:48 `conditions.crat` has no effect: no backend of the Ingress reads it",
        ],
    );
}

#[test]
fn rules_and_target_groups_know_where_they_come_from() {
    let (compilation, sources) =
        compile(&ingress("web", &["healthcheck-path: /up", "tags: Team=shop"], &[CART]));
    let stack = &compilation.stacks["shop"];
    let origins = |kind, id: &str| -> Vec<String> {
        let resource = &stack.resources[&Address::new("shop", kind, id)];
        let line = |origin: &ingc_compiler::graph::Origin| {
            let place = sources.position(origin.span);
            format!("{} < {} {} {place}", origin.field, origin.object, origin.source)
        };
        resource.origins.iter().map(line).collect()
    };
    assert_eq!(
        origins(Kind::ListenerRule, "80:1"),
        [
            " < Ingress/shop/web spec.rules[0].http.paths[0] shop.yaml:16:9",
            "conditions < Ingress/shop/web spec.rules[0].host shop.yaml:13:11",
            "conditions < Ingress/shop/web spec.rules[0].http.paths[0].path shop.yaml:16:16",
            "actions < Ingress/shop/web spec.rules[0].http.paths[0].backend shop.yaml:16:46",
            "tags < Ingress/shop/web tags shop.yaml:9:37",
        ]
    );
    assert_eq!(
        origins(Kind::TargetGroup, "shop/web-cart:80"),
        [
            " < Ingress/shop/web spec.rules[0].http.paths[0].backend shop.yaml:16:46",
            "healthCheckConfig.path < Ingress/shop/web healthcheck-path shop.yaml:8:49",
            "tags < Ingress/shop/web tags shop.yaml:9:37",
            "port < Service/shop/cart spec.ports[0].targetPort service.yaml:5:50",
        ]
    );
}

#[test]
fn secrets_of_a_login_are_kept_out_of_specs() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: idp, namespace: shop}\nstringData: {clientID: 'my-id ', clientSecret: hunter2}\n";
    let idp = "auth-idp-oidc: '{\"issuer\":\"https://i\",\"secretName\":\"idp\"}'";
    let annotations = ["listen-ports: '[{\"HTTPS\":443}]'", "auth-type: oidc", idp];
    let text = format!(
        "{}  defaultBackend: {{service: {{name: cart, port: {{number: 80}}}}}}\n---\n{secret}",
        ingress("web", &annotations, &[CART])
    );
    let (compilation, _) = compile(&text);
    let stack = &compilation.stacks["shop"];
    for (kind, id, list) in
        [(Kind::ListenerRule, "443:1", "/actions"), (Kind::Listener, "443", "/defaultActions")]
    {
        let resource = &stack.resources[&Address::new("shop", kind, id)];
        let secrets: Vec<_> = resource
            .secrets
            .iter()
            .map(|secret| (secret.pointer.clone(), secret.secret.as_str(), secret.value.as_str()))
            .collect();
        let pointer = |field| format!("{list}/0/authenticateOIDCConfig/{field}");
        assert_eq!(
            secrets,
            [
                (pointer("clientID"), "shop/idp", "my-id"),
                (pointer("clientSecret"), "shop/idp", "hunter2")
            ]
        );
        let json: serde_json::Value = serde_json::from_str(&resource.spec_json()).unwrap();
        for (pointer, _, _) in secrets {
            assert_eq!(json.pointer(&pointer), Some(&"[REDACTED]".into()));
        }
        assert!(!format!("{resource:?}").contains("hunter2"));
    }
}

#[test]
fn a_target_group_is_made_once_and_can_get_another_name() {
    let second =
        "{path: /a, pathType: Exact, backend: {service: {name: cart, port: {number: 80}}}}";
    let (compilation, _) = compile(&ingress(
        "web",
        &["listen-ports: '[{\"HTTP\":80},{\"HTTPS\":443}]'"],
        &[CART, second],
    ));
    let stack = &compilation.stacks["shop"];
    let groups: Vec<_> =
        stack.resources.iter().filter(|(address, _)| address.kind == Kind::TargetGroup).collect();
    let [(address, resource)] = &groups[..] else { panic!("{groups:?}") };
    assert_eq!(address.id, "shop/web-cart:80");
    let Spec::TargetGroup(group) = &resource.spec else { panic!("{resource:?}") };
    let seed = resource.name_seed.as_ref().unwrap();
    assert_eq!(seed.name(0), group.name);
    assert_ne!(seed.name(1), group.name);
    assert!(seed.name(1).len() <= 32);
}

#[test]
fn an_id_that_two_backends_share_is_named() {
    let service = |name: &str| SERVICE.replace("cart", name);
    let path = |name: &str| CART.replace("cart", name);
    let text = [
        ingress("a", &[], &[&path("b-c")]),
        ingress("a-b", &[], &[&path("c").replace("/,", "/x,")]),
        service("b-c"),
        service("c"),
    ]
    .join("---\n");
    let findings = findings(&text);
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings.iter().any(|line| line.contains("ING0808")), "{findings:?}");
}
