//! What a stack is made of: whatever could make another one of it counts, and nothing else.

use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::source::Sources;
use ingc_compiler::{Compilation, Known, KnownGroup, compile_knowing, inventory, settings};
use std::collections::BTreeMap;

/// The texts of a run.
#[derive(Clone)]
struct Texts {
    program: &'static str,
    settings: String,
    inventory: String,
    manifests: Vec<String>,
}

const OBJECTS: [&str; 2] = [
    "apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec:
  controller: ingress.k8s.aws/alb
  parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: alb}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: alb}
spec: {scheme: internal}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: any, namespace: shop}
",
    "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/actions.split: '{\"type\": \"forward\", \"forwardConfig\": {\"targetGroups\": [{\"serviceName\": \"two\", \"servicePort\": 80}]}}'
spec:
  ingressClassName: alb
  rules:
  - host: web.test
    http:
      paths:
      - {path: /one, pathType: Prefix, backend: {service: {name: one, port: {name: http}}}}
      - {path: /two, pathType: Prefix, backend: {service: {name: split, port: {name: use-annotation}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other, namespace: shop}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: node, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: shop}
spec: {ports: [{port: 80, targetPort: 8082}]}
---
apiVersion: v1
kind: Service
metadata: {name: node, namespace: shop}
spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}
",
];

fn texts() -> Texts {
    Texts {
        program: "one",
        settings: "clusterName: c\nregion: eu-central-1\nvpcId: vpc-1\n".to_owned(),
        inventory: "region: eu-central-1\naccountId: \"123456789012\"\nvpc: {vpcId: vpc-1, cidrBlocks: [10.0.0.0/16]}\nsubnets:\n- {subnetId: subnet-1, availabilityZone: a, tags: {kubernetes.io/role/internal-elb: \"1\"}}\n- {subnetId: subnet-2, availabilityZone: b, tags: {kubernetes.io/role/internal-elb: \"1\"}}\n".to_owned(),
        manifests: OBJECTS.iter().map(|&text| text.to_owned()).collect(),
    }
}

fn compiled(texts: &Texts, before: Option<&Compilation>) -> Compilation {
    let mut sources = Sources::new();
    let values = sources.add("values.yaml", texts.settings.clone());
    let listed = sources.add("inventory.yaml", texts.inventory.clone());
    let manifests = texts.manifests.iter().enumerate();
    let manifests: Vec<_> =
        manifests.map(|(n, text)| sources.add(format!("{n}.yaml"), text.clone())).collect();
    let mut findings = Diagnostics::new();
    let settings = settings::read(&sources, &[values], &mut findings);
    let inventory = inventory::read(&sources, listed, &mut findings);
    let groups = before.into_iter().flat_map(|before| &before.inputs);
    let groups: BTreeMap<&str, KnownGroup<'_>> = groups
        .map(|(name, input)| (name.as_str(), KnownGroup { input, uses_shared: true }))
        .collect();
    let known = Known { program: Some(texts.program), groups };
    compile_knowing(&known, &sources, &manifests, &settings, &inventory, findings)
}

/// Which stacks are made anew after an edit; all others are as they were.
fn check(edit: impl Fn(&mut Texts), anew: &[&str]) {
    let before = compiled(&texts(), None);
    let messages: Vec<_> = before.diagnostics.iter().map(|it| it.message.clone()).collect();
    assert_eq!(before.inputs.len(), 2, "{messages:?}");
    let mut texts = texts();
    edit(&mut texts);
    let whole = compiled(&texts, None);
    let partly = compiled(&texts, Some(&before));
    let own = |names: Vec<&String>| -> Vec<String> {
        names.into_iter().filter(|name| *name != "_cluster").cloned().collect()
    };
    assert_eq!(own(partly.stacks.keys().collect()), anew);
    // What is shared is there, whoever asks for it.
    assert_eq!(partly.stacks.contains_key("_cluster"), whole.stacks.contains_key("_cluster"));
    let specs = |compilation: &Compilation, name: &str| -> Vec<String> {
        let resources = compilation.stacks[name].resources.iter();
        resources.map(|(address, it)| format!("{address} {:?}", it.spec)).collect()
    };
    for name in &partly.unchanged {
        assert_eq!(specs(&whole, name), specs(&before, name), "{name}");
    }
    for name in anew {
        assert_eq!(specs(&whole, name), specs(&partly, name), "{name}");
    }
    let all = partly.unchanged.iter().chain(partly.stacks.keys());
    assert_eq!(own(all.collect()).len(), own(whole.stacks.keys().collect()).len());
}

/// An edit of the manifests.
fn replace(from: &'static str, to: &'static str) -> impl Fn(&mut Texts) {
    move |texts| {
        let all = texts.manifests.join("\u{0}");
        assert!(all.contains(from), "{from}");
        texts.manifests = all.replace(from, to).split('\u{0}').map(str::to_owned).collect();
    }
}

const ALL: [&str; 2] = ["shop/other", "shop/web"];

#[test]
fn a_stack_is_made_anew_if_its_objects_change() {
    check(|_| {}, &[]);
    check(replace("/one,", "/uno,"), &["shop/web"]);
    check(replace("targetPort: 8080", "targetPort: 8081"), &["shop/web"]);
    // A Service that only an annotation names.
    check(replace("targetPort: 8082", "targetPort: 8083"), &["shop/web"]);
    check(replace("nodePort: 30080", "nodePort: 30081"), &["shop/other"]);
    check(
        |texts| {
            let service = "apiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n";
            texts.manifests.push(service.to_owned());
        },
        &["shop/web"],
    );
}

#[test]
fn what_is_nobodys_business_changes_nothing() {
    check(replace("name: any,", "name: another,"), &[]);
    check(|texts| texts.manifests.reverse(), &[]);
    check(|texts| texts.manifests.insert(0, "# a comment\n".to_owned()), &[]);
    let unused = "apiVersion: v1\nkind: Service\nmetadata: {name: new, namespace: shop}\nspec: {ports: [{port: 1}]}\n";
    check(|texts| texts.manifests.push(unused.to_owned()), &[]);
}

#[test]
fn all_are_made_anew_if_what_all_depend_on_changes() {
    check(|texts| texts.program = "another", &ALL);
    check(|texts| texts.settings += "defaultTags: {a: b}\n", &ALL);
    check(|texts| texts.inventory = texts.inventory.replace("subnet-2", "subnet-3"), &ALL);
    check(
        replace(
            "scheme: internal",
            "scheme: internet-facing, subnets: {ids: [subnet-1, subnet-2]}",
        ),
        &ALL,
    );
    check(replace("metadata: {name: shop}", "metadata: {name: shop, labels: {a: b}}"), &ALL);
    // What cannot be read may be anything.
    check(|texts| texts.manifests.push("a: [\n".to_owned()), &ALL);
}

#[test]
fn a_stack_with_findings_is_made_anew_every_time() {
    let mut noisy = texts();
    replace(
        "\n  annotations:",
        "\n  annotations:\n    alb.ingress.kubernetes.io/actions.unused: '{\"type\": \"redirect\", \"redirectConfig\": {\"statusCode\": \"HTTP_301\"}}'",
    )(&mut noisy);
    let before = compiled(&noisy, None);
    assert!(before.diagnostics.iter().next().is_some());
    assert_eq!(before.inputs.keys().collect::<Vec<_>>(), ["shop/other"]);
    let again = compiled(&noisy, Some(&before));
    let messages = |it: &Compilation| -> Vec<String> {
        it.diagnostics.iter().map(|finding| finding.message.clone()).collect()
    };
    assert_eq!(messages(&again), messages(&before));
}

#[test]
fn an_error_elsewhere_in_a_known_group_refuses_it() {
    let before = compiled(&texts(), None);
    let mut broken = texts();
    // Another object of the same name, which cannot be read.
    broken.manifests.push("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {ingressClassName: alb, rules: 7}\n".to_owned());
    let (whole, partly) = (compiled(&broken, None), compiled(&broken, Some(&before)));
    assert!(whole.refused.contains_key("shop/web"));
    assert_eq!(partly.refused["shop/web"].members.len(), whole.refused["shop/web"].members.len());
    assert!(!partly.asks_for("shop/web"));
}
