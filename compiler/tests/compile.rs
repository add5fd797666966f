//! What a compilation says about groups, load balancers and what is wrong with them.

use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::group::Place;
use ingc_compiler::resource::{Kind, Spec};
use ingc_compiler::source::Sources;
use ingc_compiler::{Compilation, compile, inventory, settings};

const INVENTORY: &str = "
accountId: '123456789012'
region: eu-west-1
vpc: {vpcId: vpc-1}
subnets:
- {subnetId: subnet-a, availabilityZone: a, availableIpAddressCount: 99, tags: {kubernetes.io/role/internal-elb: '1', Name: first}}
- {subnetId: subnet-b, availabilityZone: b, availableIpAddressCount: 99, tags: {kubernetes.io/role/internal-elb: '1', Name: second}}
";

const CLASS: &str = "
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
";

struct Compiled {
    sources: Sources,
    compilation: Compilation,
}

impl Compiled {
    fn of(manifests: &str) -> Compiled {
        Self::with(manifests, "clusterName: demo\n", INVENTORY)
    }

    fn with(manifests: &str, values: &str, facts: &str) -> Compiled {
        let mut sources = Sources::new();
        let file = sources.add("shop.yaml", format!("{CLASS}{manifests}"));
        let values = sources.add("values.yaml", values);
        let facts = sources.add("inventory.yaml", facts);
        let mut diagnostics = Diagnostics::new();
        let settings = settings::read(&sources, &[values], &mut diagnostics);
        let inventory = inventory::read(&sources, facts, &mut diagnostics);
        let compilation = compile(&sources, &[file], &settings, &inventory, diagnostics);
        Compiled { sources, compilation }
    }

    /// Severity, code and marked text of each finding, with the marked texts of what is related.
    fn findings(&self) -> Vec<String> {
        let text = |span| self.sources.snippet(span).to_owned();
        let findings = self.compilation.diagnostics.iter().map(|finding| {
            let marked = finding.span.map(text).unwrap_or_default();
            let related = finding.related.iter().filter_map(|related| related.span.map(text));
            let related: String = related.map(|text| format!(" <- {text}")).collect();
            format!("{} {} {marked}{related}", finding.severity.as_str(), finding.code)
        });
        findings.collect()
    }

    fn stacks(&self) -> Vec<&str> {
        self.compilation.stacks.keys().map(String::as_str).collect()
    }

    fn place(&self, ingress: &str) -> &Place {
        &self.compilation.ingresses[ingress].place
    }
}

/// An Ingress of the namespace `shop` with short annotations, and other metadata.
fn ingress(name: &str, annotations: &[(&str, &str)], metadata: &str) -> String {
    let mut text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: shop\n{metadata}  annotations:\n    alb.ingress.kubernetes.io/target-type: ip\n"
    );
    for (key, value) in annotations {
        text.push_str(&format!("    alb.ingress.kubernetes.io/{key}: {value}\n"));
    }
    text.push_str(&format!(
        "spec:\n  ingressClassName: alb\n  rules:\n  - host: {name}.example.com\n    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}\n---\n"
    ));
    text
}

#[test]
fn a_conflict_is_found_once_at_the_second_place_and_names_the_first() {
    let check = |annotation: &str, first: &str, second: &str, extra: &[(&str, &str)]| {
        let member = |value: &str, name| {
            let mut annotations = vec![("group.name", "shared"), (annotation, value)];
            annotations.extend_from_slice(extra);
            ingress(name, &annotations, "")
        };
        let compiled = Compiled::of(&(member(first, "one") + &member(second, "two")));
        let expected = format!("error ING0405 {second} <- {first}");
        assert_eq!(compiled.findings(), [expected], "{annotation}");
        assert!(compiled.stacks().is_empty(), "{annotation}");
    };
    let ports = ("listen-ports", r#"'[{"HTTP": 80}, {"HTTP": 81}]'"#);
    check("scheme", "internal", "internet-facing", &[]);
    check("load-balancer-name", "left", "right", &[]);
    check("inbound-cidrs", "10.0.0.0/8", "10.0.0.0/9", &[ports]);
    check("security-group-prefix-lists", "pl-1", "pl-2", &[ports]);
    check("tags", "Owner=sales", "Owner=finance", &[ports]);
    check(
        "load-balancer-attributes",
        "waf.fail_open.enabled=true",
        "waf.fail_open.enabled=false",
        &[],
    );
    check("subnets", "subnet-a,subnet-b", "first", &[("scheme", "internal")]);
    check("wafv2-acl-arn", "arn:1", "arn:2", &[]);
    check("shield-advanced-protection", "'true'", "'false'", &[]);
    check("frontend-nlb-healthcheck-path", "/a", "/b", &[("enable-frontend-nlb", "'true'"), ports]);
}

#[test]
fn members_that_say_the_same_in_other_words_agree() {
    let check = |annotation: &str, first: &str, second: &str| {
        let member =
            |value: &str, name| ingress(name, &[("group.name", "shared"), (annotation, value)], "");
        let compiled = Compiled::of(&(member(first, "one") + &member(second, "two")));
        assert_eq!(compiled.findings(), [""; 0], "{annotation}");
    };
    check("subnets", "subnet-a,subnet-b", "'subnet-b, subnet-a'");
    check("inbound-cidrs", "'10.0.0.0/8,11.0.0.0/8'", "'11.0.0.0/8 , 10.0.0.0/8'");
    check("shield-advanced-protection", "'true'", "'1'");
}

#[test]
fn all_findings_of_all_groups_are_found_and_the_others_are_compiled() {
    let compiled = Compiled::of(
        &[
            ingress(
                "bad",
                &[("scheme", "public"), ("ip-address-type", "ipv5"), ("ssl-redirect", "nowhere")],
                "",
            ),
            ingress("good", &[], ""),
            ingress("lost", &[("group.name", "Upper")], ""),
            ingress("member", &[("group.name", "team"), ("group.order", "'1001'")], ""),
            ingress("other", &[("group.name", "team")], ""),
        ]
        .concat(),
    );
    assert_eq!(
        compiled.findings(),
        [
            "error ING0401 public",
            "error ING0401 ipv5",
            "error ING0401 nowhere",
            "error ING0507 Upper",
            "error ING0508 '1001'",
        ]
    );
    assert_eq!(compiled.stacks(), ["_cluster", "shop/good"]);
    let refused: Vec<_> = compiled.compilation.refused.keys().collect();
    assert_eq!(refused, ["shop/bad", "team"]);
    let team = &compiled.compilation.refused["team"].members;
    assert_eq!(team.iter().map(|m| &*m.ingress).collect::<Vec<_>>(), ["shop/member", "shop/other"]);
    assert_eq!(compiled.place("shop/lost"), &Place::Unplaced);
    assert_eq!(compiled.place("shop/other"), &Place::Member("team".to_owned()));
    assert_eq!(compiled.compilation.ingresses_seen, 5);
}

#[test]
fn a_member_that_is_deleted_leaves_and_is_not_read() {
    let deleted =
        "  deletionTimestamp: '2026-01-15T10:00:00Z'\n  finalizers: [group.ingress.k8s.aws/team]\n";
    let compiled = Compiled::of(
        &[
            ingress("stays", &[("group.name", "team")], ""),
            ingress("leaves", &[("group.name", "team"), ("scheme", "public")], deleted),
        ]
        .concat(),
    );
    assert_eq!(compiled.findings(), [""; 0]);
    assert_eq!(compiled.place("shop/leaves"), &Place::Leaving);
    assert_eq!(compiled.compilation.ingresses["shop/leaves"].held_by, ["team"]);
    assert_eq!(compiled.compilation.stacks["team"].members.len(), 1);
}

#[test]
fn a_group_stays_as_it_is_while_the_class_of_a_held_member_is_unknown() {
    let held = "  finalizers: [group.ingress.k8s.aws/team]\n";
    let lost = ingress("lost", &[], held).replace("ingressClassName: alb", "ingressClassName: abl");
    let compiled = Compiled::of(&(ingress("stays", &[("group.name", "team")], "") + &lost));
    assert_eq!(compiled.findings(), ["error ING0501 abl"]);
    assert_eq!(compiled.place("shop/lost"), &Place::Unplaced);
    assert!(compiled.compilation.refused.contains_key("team"));
    let hint = compiled.compilation.diagnostics.iter().next().and_then(|d| d.hint.clone());
    assert_eq!(hint.as_deref(), Some("did you mean `alb`?"));
}

#[test]
fn a_group_stays_as_it_is_while_an_object_of_it_has_errors() {
    let broken = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: many}]}\n";
    let compiled = Compiled::of(&(ingress("site", &[], "") + broken));
    assert!(compiled.compilation.refused.contains_key("shop/site"), "{:?}", compiled.findings());
}

#[test]
fn the_shared_security_group_is_a_stack_of_its_own_until_it_exists() {
    let site = ingress("site", &[], "");
    let made = Compiled::of(&site);
    let shared = made.compilation.stacks["_cluster"].resources.values().next();
    let Some(Spec::SecurityGroup(spec)) = shared.map(|resource| &resource.spec) else {
        panic!("the shared group is a security group: {shared:?}");
    };
    // The name's end is the start of sha256("demo").
    assert_eq!(spec.group_name, "k8s-traffic-demo-2a97516c35");
    let document = serde_json::to_value(made.compilation.document(&made.sources)).unwrap();
    let printed: Vec<_> = document["stacks"].as_object().unwrap().keys().collect();
    assert_eq!(printed, ["shop/site"]);

    let tags = "{elbv2.k8s.aws/cluster: demo, elbv2.k8s.aws/resource: backend-sg}";
    let facts =
        format!("{INVENTORY}securityGroups:\n- {{groupId: sg-7, groupName: x, tags: {tags}}}\n");
    let there = Compiled::with(&site, "clusterName: demo\n", &facts);
    assert_eq!(there.stacks(), ["shop/site"]);
}

#[test]
fn every_resource_has_an_origin_and_fields_name_who_says_them() {
    let annotations =
        [("scheme", "internal"), ("tags", "Team=shop"), ("inbound-cidrs", "10.0.0.0/8")];
    let compiled = Compiled::of(&ingress("site", &annotations, ""));
    let stack = &compiled.compilation.stacks["shop/site"];
    for (address, resource) in &stack.resources {
        let first = resource.origins.first().unwrap_or_else(|| panic!("{address} has no origin"));
        assert_eq!(first.field, "", "{address}");
    }
    let origins = |kind: Kind| {
        let resource = stack.resources.iter().find(|(address, _)| address.kind == kind);
        let origins = resource.map(|(_, resource)| &resource.origins).into_iter().flatten();
        let text = |span| compiled.sources.snippet(span).to_owned();
        origins.map(|o| format!("{} {} {}", o.field, o.source, text(o.span))).collect::<Vec<_>>()
    };
    assert_eq!(
        origins(Kind::LoadBalancer),
        [" metadata.name site", "scheme scheme internal", "tags tags Team=shop"]
    );
    assert_eq!(
        origins(Kind::SecurityGroup),
        [" metadata.name site", "ingress inbound-cidrs 10.0.0.0/8", "tags tags Team=shop"]
    );
}

#[test]
fn a_class_wins_over_the_annotation_and_findings_about_it_name_its_user() {
    let class = "
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: params}
spec: {scheme: internal, loadBalancerAttributes: [{key: idle_timeout.timeout_seconds, value: '30'}], wafv2AclName: nobody}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: strict}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: params}}
---
";
    let site = ingress("site", &[("scheme", "public")], "").replace("Name: alb", "Name: strict");
    let compiled = Compiled::of(&format!("{class}{site}"));
    assert_eq!(compiled.findings(), ["error ING0640 nobody <- strict"]);
}

#[test]
fn unknown_annotations_are_warnings_with_the_nearest_name() {
    let compiled = Compiled::of(&ingress("site", &[("shceme", "internal")], ""));
    let finding = compiled.compilation.diagnostics.iter().next().unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.hint.as_deref(), Some("did you mean `alb.ingress.kubernetes.io/scheme`?"));
    assert_eq!(compiled.stacks(), ["_cluster", "shop/site"]);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let manifests: String = (0..40)
        .map(|i| {
            let group = ["red", "blue", "green"][i % 3];
            let order = format!("'{}'", i % 5);
            ingress(
                &format!("i{i}"),
                &[("group.name", group), ("group.order", &order), ("tgas", "x")],
                "",
            )
        })
        .collect();
    let print = || {
        let compiled = Compiled::of(&manifests);
        serde_json::to_string(&compiled.compilation.document(&compiled.sources)).unwrap()
    };
    let first = print();
    for _ in 0..5 {
        assert_eq!(print(), first);
    }
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let check = |annotations: &[(&str, &str)], expected: &[&str]| {
        let compiled = Compiled::of(&ingress("site", annotations, ""));
        assert_eq!(compiled.findings(), expected, "{annotations:?}");
        assert!(compiled.stacks().contains(&"shop/site"), "{annotations:?}");
    };
    let tls = ("listen-ports", r#"'[{"HTTPS": 443}]'"#);
    check(&[("frontend-nlb-scheme", "internal")], &["warning ING0625 internal"]);
    check(&[("listener-attributes.HTTPS-80", "a=b")], &["warning ING0625 a=b"]);
    check(&[("manage-backend-security-group-rules", "'true'")], &["warning ING0625 'true'"]);
    check(&[("inbound-cidrs", "fd00::/8")], &["warning ING0626 fd00::/8"]);
    check(&[("create-acm-cert", "'true'")], &["warning ING0625 'true'"]);
    check(
        &[("load-balancer-attributes", "waf.fail_open.enable=true")],
        &["warning ING0905 waf.fail_open.enable=true"],
    );
    check(&[("certificate-arn", "arn:1"), tls], &[]);
}
