//! Edits of a repository, each carried out whole and cut short at every call.

use crate::world::{Compiled, World, compiled, compiled_knowing, errors};
use ingc_applier::sandbox::{Fault, When};
use ingc_compiler::Known;
use ingc_compiler::inventory::Inventory;
use ingc_planner::{Operation, State};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Two Ingresses of a group and one of its own.
pub(crate) const BASE: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30081}]}
---
apiVersion: v1
kind: Service
metadata: {name: blog, namespace: shop}
spec: {type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30082}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: one
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/group.name: edge
    alb.ingress.kubernetes.io/group.order: "10"
    alb.ingress.kubernetes.io/scheme: internal
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}]'
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=90
spec:
  ingressClassName: alb
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /cart, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
          - {path: /api, pathType: Exact, backend: {service: {name: api, port: {number: 80}}}}
          - {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: two
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/group.name: edge
    alb.ingress.kubernetes.io/group.order: "20"
    alb.ingress.kubernetes.io/target-type: ip
spec:
  ingressClassName: alb
  rules:
    - host: api.example.com
      http:
        paths:
          - {path: /v1, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
          - {path: /v2, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: blog
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/scheme: internal
    alb.ingress.kubernetes.io/target-type: ip
spec:
  ingressClassName: alb
  rules:
    - host: blog.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: blog, port: {number: 80}}}}
"#;

pub(crate) fn compile(text: &str) -> (Compiled, Inventory) {
    compiled("", &[("ingress.yaml".to_owned(), text.to_owned())])
}

/// Compiles what is not known.
pub(crate) fn compile_knowing(known: &Known<'_>, text: &str) -> (Compiled, Inventory) {
    compiled_knowing(known, "", &[("ingress.yaml".to_owned(), text.to_owned())], |text| text)
}

/// The base with a text in the place of another, everywhere.
fn edited_base(replacements: &[(&str, &str)]) -> String {
    edited(BASE, replacements)
}

/// A text with a part in the place of another, everywhere.
pub(crate) fn edited(text: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// What an account holds, with addresses in the place of ids.
pub(crate) fn by_address(state: &State, holdings: &Value) -> Vec<String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, stack) in &state.stacks {
        let current = stack.resources.iter();
        let deposed = stack.deposed.values().map(|it| (&it.address, &it.object));
        for (local, object) in current.chain(deposed) {
            let outputs =
                object.outputs.iter().filter(|(output, _)| *output != "canonicalHostedZoneID");
            pairs.extend(outputs.map(|(o, v)| (v.to_owned(), format!("<{o} of {name}/{local}>"))));
            // Which of its names a target group got depends on what stood beside it.
            if let (true, Some(chosen)) =
                (local.contains("::TargetGroup/"), object.spec.value()["name"].as_str())
            {
                pairs.push((chosen.to_owned(), format!("<name of {name}/{local}>")));
            }
        }
    }
    pairs.sort_by_key(|(value, _)| Reverse(value.len()));
    let mut text = holdings.to_string();
    for (value, address) in pairs {
        text = text.replace(&value, &address);
    }
    let mut value: Value = serde_json::from_str(&text).unwrap();
    for listener in value["listeners"].as_object_mut().unwrap().values_mut() {
        listener["defaultRule"] = json!("");
    }
    // A rule keeps the tag of the address that it was made at, which a cut may change.
    for rule in value["rules"].as_object_mut().unwrap().values_mut() {
        rule["tags"]["ingress.k8s.aws/resource"] = json!("");
    }
    serde_json::to_string_pretty(&value).unwrap().lines().map(str::to_owned).collect()
}

/// Plans and applies until nothing is left, which is at most twice: a load balancer that was
/// replaced may go with the next run.
fn converge(world: &mut World, to: &Compiled, what: &str) {
    for _ in 0..2 {
        let planned = world.plan(to, None);
        assert_eq!(errors(&planned.diagnostics), Vec::<String>::new(), "{what}");
        if planned.plan.is_empty() {
            return;
        }
        let report = world.apply(to, &planned.plan);
        assert!(report.is_complete(), "{what}: {:?} {:?}", report.errors, report.left_out);
    }
    let left = world.plan(to, None).plan;
    assert!(left.is_empty(), "{what}: {:?}", left.steps);
}

/// Goes from the base to an edit, whole and in every way in which it can be cut short.
fn check(name: &str, text: &str, first_call: &[&str]) {
    let (base, inventory) = compile(BASE);
    let (edit, _) = compile(text);
    let start = || {
        let mut world = World::new(&inventory, "eksworkshop");
        converge(&mut world, &base, name);
        world
    };
    let mut whole = start();
    let plan = whole.plan(&edit, None).plan;
    assert!(whole.apply(&edit, &plan).is_complete(), "{name}");
    let calls = whole.calls.clone();
    assert_eq!(
        calls.iter().map(String::as_str).take(first_call.len()).collect::<Vec<_>>(),
        first_call,
        "{name}"
    );
    converge(&mut whole, &edit, name);
    let expected = by_address(&whole.state, &whole.holdings());
    let reads = plan.steps.iter().any(|s| matches!(s.operation, Operation::Reorder { .. }));
    for (when, n) in
        [When::Before, When::After].into_iter().flat_map(|w| (0..calls.len()).map(move |n| (w, n)))
    {
        let what = format!("{name}: {} {when:?} (reorders: {reads})", calls[n]);
        let mut world = start();
        let plan = world.plan(&edit, None).plan;
        world.fail(Fault::nth(n as u32, when));
        let report = world.apply(&edit, &plan);
        assert!(!report.is_complete(), "{what}");
        world.account.heal();
        converge(&mut world, &edit, &what);
        let got = by_address(&world.state, &world.holdings());
        let differs = got.iter().zip(&expected).find(|(a, b)| a != b);
        assert_eq!(differs, None, "{what}");
        assert_eq!(got.len(), expected.len(), "{what}");
    }
}

#[test]
fn a_path_at_the_top_moves_the_others_at_once() {
    let top = "          - {path: /new, pathType: Exact, backend: {service: {name: api, port: {number: 80}}}}\n";
    let at = "          - {path: /cart, pathType: Prefix";
    check("path at the top", &edited_base(&[(at, &format!("{top}{at}"))]), &[]);
}

#[test]
fn members_that_trade_places_cost_one_call() {
    let swapped = edited_base(&[("group.order: \"10\"", "group.order: \"30\"")]);
    check("members trade places", &swapped, &["SetRulePriorities"]);
}

#[test]
fn a_path_and_a_member_go() {
    let gone = "          - {path: /api, pathType: Exact, backend: {service: {name: api, port: {number: 80}}}}\n";
    check("a path goes", &edited_base(&[(gone, "")]), &[]);
    check(
        "an Ingress goes",
        &edited_base(&[(
            "kind: Ingress\nmetadata:\n  name: two",
            "kind: Other\nmetadata:\n  name: two",
        )]),
        &[],
    );
}

#[test]
fn a_target_type_changes_with_new_target_groups_first() {
    check(
        "target type",
        &edited_base(&[("target-type: ip", "target-type: instance")]),
        &["CreateTargetGroup"],
    );
}

#[test]
fn a_scheme_changes_with_a_new_load_balancer_first() {
    check("scheme", &edited_base(&[("scheme: internal", "scheme: internet-facing")]), &[]);
}

#[test]
fn an_ingress_joins_and_leaves_a_group() {
    let joins = (
        "    alb.ingress.kubernetes.io/scheme: internal\n    alb.ingress.kubernetes.io/target-type: ip\nspec:",
        "    alb.ingress.kubernetes.io/group.name: edge\n    alb.ingress.kubernetes.io/target-type: ip\nspec:",
    );
    check("joins", &edited_base(&[joins]), &[]);
    let leaves = (
        "    alb.ingress.kubernetes.io/group.name: edge\n    alb.ingress.kubernetes.io/group.order: \"20\"\n",
        "    alb.ingress.kubernetes.io/scheme: internal\n",
    );
    check("leaves", &edited_base(&[leaves]), &[]);
}

#[test]
fn settings_of_everything_change_in_place() {
    let edits = [
        ("idle_timeout.timeout_seconds=90", "routing.http2.enabled=false"),
        (
            "target-type: ip\n",
            "target-type: ip\n    alb.ingress.kubernetes.io/healthcheck-path: /ok\n    alb.ingress.kubernetes.io/tags: team=shop\n    alb.ingress.kubernetes.io/inbound-cidrs: 10.0.0.0/8\n",
        ),
    ];
    check("settings", &edited_base(&edits), &[]);
}

#[test]
fn a_listener_for_tls_takes_over() {
    let edits = [(
        "listen-ports: '[{\"HTTP\": 80}]'",
        "listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]'\n    alb.ingress.kubernetes.io/ssl-redirect: \"443\"\n    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000001",
    )];
    check("TLS", &edited_base(&edits), &[]);
}
