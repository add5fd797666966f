//! What is said about manifests, and what is read of them.

use super::read;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::{ClusterFacts, ServiceFacts};
use crate::manifest::{IntOrString, Manifests, NamespacedName, Refusal};
use crate::source::Sources;
use std::collections::BTreeMap;

fn with<T>(
    texts: &[&str],
    facts: &ClusterFacts,
    then: impl Fn(Manifests<'_>, Vec<Diagnostic>, &Sources) -> T,
) -> T {
    let mut sources = Sources::new();
    let files: Vec<_> =
        texts.iter().enumerate().map(|(i, text)| sources.add(format!("{i}.yaml"), *text)).collect();
    let mut diagnostics = Diagnostics::new();
    let manifests = read(&sources, &files, facts, &mut diagnostics);
    then(manifests, diagnostics.into_vec(), &sources)
}

fn shown(finding: &Diagnostic, sources: &Sources) -> String {
    let place = finding.span.map(|span| sources.position(span)).unwrap();
    let path = finding.path.as_deref().unwrap_or("-");
    let hint = finding.hint.as_deref().unwrap_or("-");
    format!(
        "{}:{} {} {path} | {} | {hint}",
        place.line, place.column, finding.code, finding.message
    )
}

/// The findings about one file.
fn check(text: &str, expected: &[&str]) {
    with(&[text], &ClusterFacts::default(), |_, findings, sources| {
        let found: Vec<_> = findings.iter().map(|finding| shown(finding, sources)).collect();
        assert_eq!(found, expected, "{text}");
    });
}

/// The findings about an Ingress with the given annotations and rules, in flow style.
fn check_ingress(annotations: &str, paths: &str, expected: &[&str]) {
    let text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n    {annotations}\nspec:\n  rules:\n  - http:\n      paths:\n      - {paths}\n"
    );
    check(&text, expected);
}

const GOOD: &str = "{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}";

#[test]
fn an_annotation_that_is_no_string_is_shown_in_quotes() {
    let check = |annotation: &str, expected: &str| check_ingress(annotation, GOOD, &[expected]);
    check(
        "x.io/a: true",
        "6:13 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` is a boolean, not a string | quote it: x.io/a: \"true\"",
    );
    check(
        "x.io/a: 443",
        "6:13 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` is a number, not a string | quote it: x.io/a: \"443\"",
    );
    check(
        "x.io/a: on",
        "6:13 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` is a boolean, not a string | quote it: x.io/a: \"on\"",
    );
    check(
        "x.io/a:",
        "6:12 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` has no value | write x.io/a: \"\" for an empty one, or remove it",
    );
    check(
        "x.io/a: [{\"HTTP\": 80}]",
        "6:13 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` is a list, not a string | quote it: x.io/a: '[{\"HTTP\": 80}]'",
    );
    check(
        "x.io/a:\n      b: c",
        "7:7 ING0108 metadata.annotations[x.io/a] | annotation `x.io/a` is a mapping, not a string | write the text below x.io/a: |",
    );
    check(
        "a/b/c: x",
        "6:5 ING0115 metadata.annotations[a/b/c] | `a/b/c` cannot be the name of an annotation | -",
    );
}

#[test]
fn what_the_api_server_refuses_of_a_path_is_an_error_at_the_field() {
    let check = |path: &str, expected: &[&str]| {
        check_ingress("x.io/a: b", path, expected);
    };
    check(GOOD, &[]);
    check(
        "{path: /, pathType: prefix, backend: {service: {name: a, port: {number: 80}}}}",
        &[
            "11:29 ING0112 spec.rules[0].http.paths[0].pathType | `prefix` is not a path type | did you mean `Prefix`?",
        ],
    );
    check(
        "{path: /, backend: {service: {name: a, port: {name: use-annotation}}}}",
        &[
            "11:10 ING0107 spec.rules[0].http.paths[0].pathType | field `pathType` is missing | write pathType: Prefix, Exact or ImplementationSpecific",
        ],
    );
    check(
        "{path: shop, pathType: Exact, backend: {service: {name: a, port: {number: 80}}}}",
        &[
            "11:16 ING0112 spec.rules[0].http.paths[0].path | the path `shop` does not start with `/` | write /shop",
        ],
    );
    check(
        "{pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}",
        &[
            "11:9 ING0112 spec.rules[0].http.paths[0] | this path type needs a path | write path: /, or pathType: ImplementationSpecific for any path",
        ],
    );
    check(
        "{path: /a//b, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}",
        &[
            "11:16 ING0112 spec.rules[0].http.paths[0].path | a path of this type cannot have `//` in it | take it out, or use pathType: ImplementationSpecific",
        ],
    );
    check(
        "{path: /a//b, pathType: ImplementationSpecific, backend: {service: {name: a, port: {number: 80}}}}",
        &[],
    );
    check(
        "{path: /, pathType: Prefix}",
        &[
            "11:10 ING0107 spec.rules[0].http.paths[0].backend | field `backend` is missing | write backend: {service: {name: NAME, port: {number: 80}}}",
        ],
    );
}

#[test]
fn what_the_api_server_refuses_of_a_backend_is_an_error_at_the_field() {
    let at = "spec.rules[0].http.paths[0].backend";
    let check = |backend: &str, expected: &[&str]| {
        let path = format!("{{path: /, pathType: Prefix, backend: {backend}}}");
        let expected: Vec<_> = expected.iter().map(|line| line.replace("AT", at)).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check_ingress("x.io/a: b", &path, &expected);
    };
    check("{resource: {kind: Bucket, name: b}}", &[]);
    check("{service: {name: a, port: {number: 80.0}}}", &[]);
    check("{service: {name: a, port: {number: 80, name: \"\"}}}", &[]);
    check("{service: {name: a, port: {number: 0, name: http}}}", &[]);
    check(
        "{}",
        &[
            "11:46 ING0113 AT | a backend names no Service | write service: {name: NAME, port: {number: 80}}",
        ],
    );
    check(
        "{service: {name: a, port: {numbr: 80}}}",
        &[
            "11:73 ING0105 AT.service.port.numbr | field `numbr` is not known in `AT.service.port` and has no effect | did you mean `number`?",
            "11:72 ING0113 AT.service.port | a port has neither `name` nor `number` | write port: {number: 80} or port: {name: http}",
        ],
    );
    check(
        "{service: {name: a, port: {name: http, number: 80}}}",
        &[
            "11:93 ING0113 AT.service.port.number | a port has both `name` and `number` | remove one of the two",
        ],
    );
    check(
        "{service: {name: a, port: {number: \"80\"}}}",
        &[
            "11:81 ING0106 AT.service.port.number | `AT.service.port.number` must be a whole number, not a string | write number: 80 without quotes",
        ],
    );
    check(
        "{service: {name: a, port: {number: 70000}}}",
        &[
            "11:81 ING0106 AT.service.port.number | `AT.service.port.number` must be from 1 to 65535, not 70000 | -",
        ],
    );
    check(
        "{service: {name: a, port: 80}}",
        &[
            "11:72 ING0113 AT.service.port | a port is a mapping with `name` or `number` | write port: {number: 80}",
        ],
    );
    check(
        "{service: {port: {name: \"80\"}}}",
        &[
            "11:57 ING0107 AT.service.name | field `name` is missing | write the Service's name, or the action's name of an annotation",
            "11:70 ING0113 AT.service.port.name | `80` cannot be the name of a port | write number: 80",
        ],
    );
    check(
        "{serviceName: a, servicePort: http}",
        &[
            "11:47 ING0113 AT | `serviceName` is of an older version | write service: {name: a, port: {name: http}}",
        ],
    );
}

#[test]
fn documents_that_are_no_objects_are_told_apart_from_misspelt_ones() {
    check("apiVersion: apps/v1\nkind: Deployment\nspec: 5\n", &[]);
    check("apiVersion: serving.knative.dev/v1\nkind: Service\n", &[]);
    check("apiVersion: v1\nkind: ServiceAccount\nmetadata: 5\n", &[]);
    check(
        "replicas: 2\n",
        &[
            "1:1 ING0101 - | this document has neither `apiVersion` nor `kind` | keep files that are no manifests out of the folder",
        ],
    );
    check("- a\n", &["1:1 ING0101 - | a list is no Kubernetes object | -"]);
    check(
        "kind: Ingress\n",
        &[
            "1:1 ING0102 apiVersion | this Ingress has no `apiVersion` | write apiVersion: networking.k8s.io/v1",
        ],
    );
    check(
        "apiVersion: networking.k8s.io/v1\n",
        &[
            "1:1 ING0102 kind | this object of `networking.k8s.io/v1` has no `kind` | write kind: Ingress",
        ],
    );
    check(
        "apiVersion: networking.k8s.io/v1\nkind: Ingres\n",
        &["2:7 ING0104 kind | `networking.k8s.io` has no kind `Ingres` | did you mean `Ingress`?"],
    );
    check(
        "apiVersion: elbv2.k8s.aws/v1beta1\nkind: IngressClassParam\n",
        &[
            "2:7 ING0104 kind | `elbv2.k8s.aws` has no kind `IngressClassParam` | did you mean `IngressClassParams`?",
        ],
    );
    check(
        "apiVersion: v1\nkind: Service\nmetadata: {generateName: a-}\n",
        &[
            "3:12 ING0107 metadata.name | field `name` is missing | give it a name of its own: a generated one is another one every time",
        ],
    );
}

#[test]
fn an_old_ingress_is_refused_but_its_group_can_be_told() {
    let text = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a, annotations: {alb.ingress.kubernetes.io/group.name: g}}\nspec: {backend: {serviceName: a, servicePort: 80}}\n";
    with(&[text], &ClusterFacts::default(), |manifests, findings, _| {
        let name = NamespacedName::new("default", "a");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code.id, "ING0103");
        assert_eq!(findings[0].ingress.as_deref(), Some("default/a"));
        assert_eq!(manifests.refusal("Ingress", &name), Some(Refusal { unplaced: false }));
        let annotations = &manifests.ingresses[&name].metadata.annotations;
        assert_eq!(annotations.get("alb.ingress.kubernetes.io/group.name").unwrap().as_str(), "g");
    });
}

#[test]
fn an_ingress_is_placed_by_what_could_be_read() {
    let check = |metadata: &str, spec: &str, unplaced: bool| {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, {metadata}}}\nspec: {spec}\n"
        );
        with(&[&text], &ClusterFacts::default(), |manifests, _, _| {
            let refusal = manifests.refusal("Ingress", &NamespacedName::new("default", "a"));
            assert_eq!(refusal, Some(Refusal { unplaced }), "{text}");
        });
    };
    let group = "alb.ingress.kubernetes.io/group.name";
    check("annotations: {a: 1}", "{}", false);
    check(&format!("annotations: {{{group}: 7}}"), "{}", false);
    check(&format!("annotations: {{{group}: [a]}}"), "{}", true);
    check(&format!("annotations: {{{group}: null}}"), "{}", true);
    check("annotations: [a]", "{}", true);
    check("labels: [a]", "{}", false);
    check("annotations: {}", "{ingressClassName: 5}", false);
    check("annotations: {}", "{ingressClassName: [a]}", true);
    check("annotations: {}", "[]", true);
}

#[test]
fn what_is_wrong_with_a_text_is_told_of_the_object_that_stands_there() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\nspec: [\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec: [\n";
    let unclear = "a: [\n";
    with(&[ingress, unclear], &ClusterFacts::default(), |manifests, findings, _| {
        let found = findings.iter().map(|f| (f.object.as_deref(), f.ingress.as_deref()));
        let found: Vec<_> = found.collect();
        let expected = [
            (Some("Ingress/default/a"), Some("default/a")),
            (Some("Deployment/default/a"), None),
            (None, None),
        ];
        assert_eq!(found, expected);
        let refusal = manifests.refusal("Ingress", &NamespacedName::new("default", "a"));
        assert_eq!(refusal, Some(Refusal { unplaced: true }));
        assert!(manifests.unread);
    });
    with(&[ingress], &ClusterFacts::default(), |manifests, _, _| assert!(!manifests.unread));
}

#[test]
fn defaults_are_those_of_the_api_server() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - {port: 80}\n  - {port: 81, targetPort: 0, nodePort: 0, name: \"\"}\n  - {port: 82, targetPort: web, protocol: UDP}\n";
    with(&[text], &ClusterFacts::default(), |manifests, findings, _| {
        assert!(findings.is_empty());
        let service = &manifests.services[&NamespacedName::new("default", "a")];
        assert_eq!(service.service_type.as_str(), "ClusterIP");
        let ports = service.ports.iter().map(|port| {
            let target = match &port.target_port {
                IntOrString::Int(number) => number.value.to_string(),
                IntOrString::String(name) => name.as_str().to_owned(),
            };
            (port.port.value, target, port.protocol.as_str(), port.node_port.is_some())
        });
        let ports: Vec<_> = ports.collect();
        let expected = [
            (80, "80".to_owned(), "TCP", false),
            (81, "81".to_owned(), "TCP", false),
            (82, "web".to_owned(), "UDP", false),
        ];
        assert_eq!(ports, expected);
    });
}

#[test]
fn facts_of_the_cluster_complete_a_service_and_never_overrule_it() {
    let service = |metadata: &str, spec: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a{metadata}}}\nspec: {spec}\n")
    };
    let node_ports = BTreeMap::from([(80, 30080), (81, 30081)]);
    let facts = ServiceFacts { uid: Some("from-cluster".to_owned()), node_ports };
    let services = BTreeMap::from([("default/a".to_owned(), facts)]);
    let facts = ClusterFacts { services, ..ClusterFacts::default() };
    let check = |text: String, uid: &str, node_ports: &[Option<i32>]| {
        with(&[&text], &facts, |manifests, findings, _| {
            assert!(findings.is_empty());
            let service = &manifests.services[&NamespacedName::new("default", "a")];
            assert_eq!(service.metadata.uid.as_ref().unwrap().as_str(), uid);
            let found = service.ports.iter().map(|port| Some(port.node_port?.value));
            assert_eq!(found.collect::<Vec<_>>(), node_ports);
        });
    };
    let ports =
        "{type: NodePort, ports: [{port: 80, name: a}, {port: 81, nodePort: 31000, name: b}]}";
    check(service("", ports), "from-cluster", &[Some(30080), Some(31000)]);
    check(service(", uid: own", ports), "own", &[Some(30080), Some(31000)]);
    check(service("", "{ports: [{port: 80}]}"), "from-cluster", &[None]);
}

#[test]
fn an_object_given_twice_is_a_warning_and_the_later_one_counts() {
    let service = |port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: {port}}}]}}\n"
        )
    };
    with(
        &[&service(80), &service(81)],
        &ClusterFacts::default(),
        |manifests, findings, sources| {
            let [finding] = findings.as_slice() else { panic!("{findings:?}") };
            assert_eq!(
                shown(finding, sources),
                "3:18 ING0110 metadata.name | Service `default/a` is given twice; this one counts | remove one of the two"
            );
            assert_eq!(finding.object.as_deref(), Some("Service/default/a"));
            let earlier = finding.related[0].span.unwrap();
            assert_eq!(sources.position(earlier).to_string(), "0.yaml:3:18");
            let service = &manifests.services[&NamespacedName::new("default", "a")];
            assert_eq!(service.ports[0].port.value, 81);
        },
    );
}

#[test]
fn lists_hold_objects_of_their_kind_or_of_any() {
    let text = "{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: a}}, {metadata: {name: b}}]}\n---\n{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: ns}}]}, {kind: Ingress}]}\n";
    with(&[text], &ClusterFacts::default(), |manifests, findings, sources| {
        assert_eq!(manifests.services.len(), 2);
        assert_eq!(manifests.namespaces.len(), 1);
        let found: Vec<_> = findings.iter().map(|finding| shown(finding, sources)).collect();
        assert_eq!(
            found,
            [
                "3:135 ING0102 apiVersion | this Ingress has no `apiVersion` | write apiVersion: networking.k8s.io/v1"
            ]
        );
    });
}

#[test]
fn what_a_secret_holds_is_never_shown() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {bad: hunter2-is-no-base64, good: Zm9v, both: Zm9v}\nstringData: {both: bar, number: 424242}\n";
    with(&[text], &ClusterFacts::default(), |manifests, findings, sources| {
        let found: Vec<_> = findings.iter().map(|finding| shown(finding, sources)).collect();
        assert_eq!(
            found,
            [
                "4:8 ING0117 data[bad] | the value of `bad` is not base64 | move bad to stringData if it is plain text",
                "5:25 ING0106 stringData[number] | the value of `number` is not a string | quote the value",
            ]
        );
        let pointed = findings.iter().map(|finding| sources.snippet(finding.span.unwrap()));
        assert_eq!(pointed.collect::<Vec<_>>(), ["bad", "number"]);
        let secret = &manifests.secrets[&NamespacedName::new("default", "a")];
        let expected = [("good".to_owned(), b"foo".to_vec()), ("both".to_owned(), b"bar".to_vec())];
        assert_eq!(secret.data, expected);
    });
}

#[test]
fn hosts_and_classes_are_checked_where_they_stand() {
    let check = |spec: &str, expected: &[&str]| {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a}}\nspec: {spec}\n"
        );
        super::tests::check(&text, expected);
    };
    let backend = "defaultBackend: {service: {name: a, port: {number: 80}}}";
    check(
        &format!(
            "{{{backend}, tls: [{{hosts: [\"*.a.b\"], secretName: x}}], rules: [{{host: a.b}}]}}"
        ),
        &[],
    );
    check(
        &format!("{{{backend}, ingressClassName: ALB}}"),
        &[
            "4:84 ING0109 spec.ingressClassName | `ALB` cannot be the name of an IngressClass | write the name of an IngressClass, or leave the field out",
        ],
    );
    check(
        &format!("{{{backend}, tls: [{{hosts: [\"a.b:443\"]}}]}}"),
        &[
            "4:81 ING0111 spec.tls[0].hosts[0] | `a.b:443` is not a host: it is more than a DNS name in lower case | write a.b",
        ],
    );
    check(
        "{rules: []}",
        &[
            "4:15 ING0114 spec.rules | an Ingress has neither `rules` nor `defaultBackend` | write spec.rules or spec.defaultBackend",
        ],
    );
    check(
        "{rules: [{http: {paths: []}}]}",
        &[
            "4:24 ING0107 spec.rules[0].http.paths | field `paths` is missing | give at least one path, or leave `http` out",
        ],
    );
}

#[test]
fn findings_and_objects_come_in_the_order_of_the_text() {
    let one = |i: usize| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: s{i}, a: b}}\n");
    let text: Vec<_> = (0..200).map(one).collect();
    let text = text.join("---\n");
    with(&[&text], &ClusterFacts::default(), |manifests, findings, sources| {
        assert_eq!(manifests.services.len(), 200);
        let lines = findings.iter().map(|f| sources.position(f.span.unwrap()).line);
        assert!(lines.eq((0..200).map(|i| i * 4 + 3)));
    });
}

#[test]
fn a_class_that_is_named_twice_is_a_warning() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, annotations: {kubernetes.io/ingress.class: alb}}\nspec:\n  ingressClassName: alb\n  defaultBackend: {service: {name: a, port: {number: 80}}}\n";
    check(
        text,
        &[
            "5:21 ING0120 spec.ingressClassName | the class is named here and by an annotation, which counts | keep one of the two: a new Ingress with both is refused",
        ],
    );
    check(&text.replace("  ingressClassName: alb\n", ""), &[]);
}

#[test]
fn objects_without_a_namespace_are_in_the_one_that_is_told() {
    let object = |kind: &str, rest: &str| {
        format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: a\n{rest}---\n")
    };
    let text = object("Service", "spec: {ports: [{port: 80}]}\n")
        + &object("Service", "  namespace: b\nspec: {ports: [{port: 80}]}\n")
        + &object("Namespace", "")
        + &object("Secret", "data: [\n");
    let facts = ClusterFacts { namespace: Some("shop".to_owned()), ..ClusterFacts::default() };
    with(&[&text], &facts, |manifests, _, _| {
        let names: Vec<String> = manifests.services.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["b/a", "shop/a"]);
        assert!(manifests.namespaces.contains_key("a"));
        assert!(manifests.refusal("Secret", &NamespacedName::new("shop", "a")).is_some());
    });
}
