//! What is read of settings and what is said about them.

use super::{Level, MissingSecrets, SecretSource, Settings, read};
use crate::diagnostic::{Diagnostics, Severity};
use crate::source::Sources;

fn settings(texts: &[&str]) -> (Settings, Vec<String>) {
    let mut sources = Sources::new();
    let files: Vec<_> =
        texts.iter().enumerate().map(|(i, text)| sources.add(format!("{i}.yaml"), *text)).collect();
    let mut diagnostics = Diagnostics::new();
    let settings = read(&sources, &files, &mut diagnostics);
    let shown = diagnostics.iter().map(|finding| {
        let place = finding.span.map(|span| sources.position(span).to_string());
        let path = finding.path.as_deref().unwrap_or("-");
        let hint = finding.hint.as_deref().unwrap_or("-");
        let mark = if finding.severity == Severity::Error { "" } else { "?" };
        let place = place.unwrap_or_default();
        format!("{place} {}{mark} {path} | {} | {hint}", finding.code, finding.message)
    });
    let shown = shown.collect();
    (settings, shown)
}

/// The findings about settings that have a cluster's name beside the given text.
fn check(text: &str, expected: &[&str]) {
    let (_, found) = settings(&[text, "clusterName: c\n"]);
    assert_eq!(found, expected, "{text}");
}

#[test]
fn files_merge_as_in_helm() {
    let check = |texts: &[&str], expected: &[(&str, &str)]| {
        let (settings, found) = settings(texts);
        assert!(found.is_empty(), "{found:?}");
        let tags = settings.default_tags.iter();
        let tags: Vec<_> = tags.map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, expected, "{texts:?}");
    };
    let base = "clusterName: c\ndefaultTags: {a: x, b: x2}\n";
    check(&[base], &[("a", "x"), ("b", "x2")]);
    check(&[base, "defaultTags: {b: z, c: w}"], &[("a", "x"), ("b", "z"), ("c", "w")]);
    check(&[base, "defaultTags: {a: null}"], &[("b", "x2")]);
    check(&[base, "defaultTags: null"], &[]);
    check(&[base, "defaultTags: null", "defaultTags: {d: v}"], &[("d", "v")]);
    check(&[base, "# nothing\n", "region: r\n"], &[("a", "x"), ("b", "x2")]);
    check(
        &["x: {}\n".replace("x: {}", base).as_str(), "defaultTags: {}"],
        &[("a", "x"), ("b", "x2")],
    );
}

#[test]
fn defaults_are_the_charts_and_the_controllers() {
    let (read, found) =
        settings(&["clusterName: c\ningressClass: \"\"\ndefaultTargetType:\nregion:\n"]);
    assert!(found.is_empty(), "{found:?}");
    let expected =
        Settings { cluster_name: "c".to_owned(), span: read.span, ..Settings::default() };
    assert_eq!(read, expected);
}

#[test]
fn a_run_without_a_cluster_name_is_told_what_to_write() {
    let check = |texts: &[&str], place: &str| {
        let (_, found) = settings(texts);
        let text = "ING0204 clusterName | the cluster's name is not given | write clusterName: NAME in ingc.yaml, or give --values FILE or --cluster-name NAME";
        assert_eq!(found, [format!("{place} {text}")]);
    };
    check(&[], "");
    check(&["region: r\n", "vpcId: v\n"], "0.yaml:1:1");
    check(&["clusterName: \"\"\n"], "0.yaml:1:1");
    check(&["clusterName: c\n", "clusterName: null\n"], "0.yaml:1:1");
}

#[test]
fn misspelt_keys_and_wrong_types_stand_out() {
    check(
        "defaultTag: {}",
        &[
            "0.yaml:1:1 ING0201? defaultTag | field `defaultTag` is not known and has no effect | did you mean `defaultTags`?",
        ],
    );
    check(
        "controllerConfig: {featureGate: {}}",
        &[
            "0.yaml:1:20 ING0201? controllerConfig.featureGate | field `featureGate` is not known in `controllerConfig` and has no effect | did you mean `featureGates`?",
        ],
    );
    check(
        "ingc: {stat: x}",
        &[
            "0.yaml:1:8 ING0201? ingc.stat | field `stat` is not known in `ingc` and has no effect | did you mean `state`?",
        ],
    );
    check(
        "enableBackendSecurityGroup: \"false\"",
        &[
            "0.yaml:1:29 ING0202 enableBackendSecurityGroup | `enableBackendSecurityGroup` must be true or false, not a string | write enableBackendSecurityGroup: false without quotes",
        ],
    );
    check(
        "region: 5",
        &[
            "0.yaml:1:9 ING0202 region | `region` must be a string, not a number | quote it: region: \"5\"",
        ],
    );
    check(
        "defaultTags: [a]",
        &["0.yaml:1:14 ING0202 defaultTags | `defaultTags` must be a mapping, not a list | -"],
    );
    check(
        "certDiscovery: {allowedCertificateAuthorityARNs: [a]}",
        &[
            "0.yaml:1:50 ING0202 certDiscovery.allowedCertificateAuthorityARNs | `certDiscovery.allowedCertificateAuthorityARNs` must be a string, not a list | write one string, with commas between its parts",
        ],
    );
    check(
        "awsMaxRetries: \"10\"\nreplicaCount: 2\nresources: {limits: {cpu: 1}}\nserviceAccount: {create: false}\n",
        &[],
    );
    check("- a", &["0.yaml:1:1 ING0202 - | this must be a mapping of settings, not a list | -"]);
}

#[test]
fn what_the_controller_does_not_start_with_is_an_error() {
    check(
        "defaultTargetType: pod",
        &[
            "0.yaml:1:20 ING0205 defaultTargetType | `pod` cannot be `defaultTargetType` | write defaultTargetType: instance or ip",
        ],
    );
    check(
        "defaultTargetType: \"\"",
        &[
            "0.yaml:1:20 ING0205 defaultTargetType | `defaultTargetType` is empty | write defaultTargetType: instance or ip",
        ],
    );
    check(
        "defaultLoadBalancerScheme: internet",
        &[
            "0.yaml:1:28 ING0205 defaultLoadBalancerScheme | `internet` cannot be `defaultLoadBalancerScheme` | did you mean `internal`?",
        ],
    );
    check(
        "backendSecurityGroup: web",
        &[
            "0.yaml:1:23 ING0205 backendSecurityGroup | `web` is not the id of a security group | write an id such as sg-0123456789abcdef0; names are not looked up",
        ],
    );
    check(
        "{enableManageBackendSecurityGroupRules: true, enableBackendSecurityGroup: false}",
        &[
            "0.yaml:1:41 ING0205 enableManageBackendSecurityGroupRules | `enableManageBackendSecurityGroupRules` needs `enableBackendSecurityGroup` | write enableBackendSecurityGroup: true, or remove the other",
        ],
    );
    check(
        "defaultTags: {ingress.k8s.aws/stack: x}",
        &[
            "0.yaml:1:15 ING0205 defaultTags[ingress.k8s.aws/stack] | the tag `ingress.k8s.aws/stack` belongs to the controller itself | remove it",
        ],
    );
    check(
        "{defaultTags: {Owner: x}, externalManagedTags: [a, Owner]}",
        &[
            "0.yaml:1:52 ING0205 externalManagedTags[1] | the tag `Owner` is in `externalManagedTags` and in `defaultTags` | remove it from one of them",
        ],
    );
    check(
        "{defaultTags: {Owner: x}, externalManagedTags: \"a,Owner\"}",
        &[
            "0.yaml:1:51 ING0205 externalManagedTags | the tag `Owner` is in `externalManagedTags` and in `defaultTags` | remove it from one of them",
        ],
    );
    check(
        "controllerConfig: {featureGates: {TurboMode: true}}",
        &[
            "0.yaml:1:46 ING0206 controllerConfig.featureGates[TurboMode] | the controller knows no feature gate `TurboMode` | remove it",
        ],
    );
    check(
        "controllerConfig: {featureGates: {enableIPTargetType: true}}",
        &[
            "0.yaml:1:55 ING0206 controllerConfig.featureGates[enableIPTargetType] | the controller knows no feature gate `enableIPTargetType` | did you mean `EnableIPTargetType`?",
        ],
    );
    check(
        "controllerConfig: {featureGates: {NLBGatewayAPI: maybe}}",
        &[
            "0.yaml:1:50 ING0205 controllerConfig.featureGates[NLBGatewayAPI] | the feature gate `NLBGatewayAPI` is `maybe`, not true or false | write NLBGatewayAPI: true or NLBGatewayAPI: false",
        ],
    );
    check("defaultTags: {a: \"x,y\"}", &[]);
    check(
        "defaultTags: {a: \"x,y\", b: z}",
        &[
            "0.yaml:1:18 ING0205 defaultTags[a] | `a` cannot be handed to the controller, whose flag is a list of KEY=VALUE with commas | take the comma or quote out of the tag",
        ],
    );
    check(
        "region: \"{{ .Values.global.region }}\"",
        &[
            "0.yaml:1:9 ING0207 region | `region` is a template, which only Helm can evaluate | write region: VALUE in ingc.yaml",
        ],
    );
}

#[test]
fn tags_have_the_text_that_helm_writes() {
    let text = "clusterName: c\ndefaultTags: {a: 42, b: 1.10, c: true, d: 1000000, e: \"1.10\"}\n";
    let (read, found) = settings(&[text]);
    let tags: Vec<_> = read.default_tags.values().map(String::as_str).collect();
    assert_eq!(tags, ["42", "1.1", "true", "1e+06", "1.10"]);
    assert_eq!(
        found,
        [
            "0.yaml:2:25 ING0208? defaultTags[b] | Helm writes this value as `1.1` | quote it: b: \"1.10\"",
            "0.yaml:2:43 ING0208? defaultTags[d] | Helm writes this value as `1e+06` | quote it: d: \"1000000\"",
        ]
    );
}

#[test]
fn gates_and_lists_are_read_as_the_flags_are() {
    let text = "clusterName: c\ncontrollerConfig: {featureGates: {ALBSingleSubnet: true, LBCapacityReservation: \"f\", SubnetsClusterTagCheck: 0, EnableRGTAPI: true}}\nexternalManagedTags: [a, \"b,c\"]\ncertDiscovery: {allowedCertificateAuthorityARNs: \"arn:1,arn:2\"}\n";
    let (read, found) = settings(&[text]);
    assert!(found.is_empty(), "{found:?}");
    let gates = &read.feature_gates;
    assert!(gates.alb_single_subnet && gates.enable_ip_target_type);
    assert!(!gates.lb_capacity_reservation && !gates.subnets_cluster_tag_check);
    assert_eq!(read.external_managed_tags, ["a", "b", "c"]);
    assert_eq!(read.allowed_certificate_authority_arns, ["arn:1", "arn:2"]);
}

#[test]
fn the_values_of_a_chart_around_the_controllers_count() {
    let (read, found) =
        settings(&["nginx: {replicas: 2}\naws-load-balancer-controller: {clusterName: inner}\n"]);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(read.cluster_name, "inner");
}

#[test]
fn own_settings_stand_beside_the_charts() {
    let text = "clusterName: c\ningc:\n  inventory: inventory.yaml\n  manifests: k8s\n  scope: {namespaces: [a, b]}\n  controller: example.com/alb\n  missingSecrets: unknown\n  secrets: {a/b: {file: b.yaml}, a/c: {env: C}}\n  protect: [\"*/AWS::*\"]\n  codes: {ing0105: error, ING0101: silent}\n";
    let (read, found) = settings(&[text, "ingc: {inventory: other.yaml, manifests: [x, z]}\n"]);
    assert!(found.is_empty(), "{found:?}");
    let ingc = read.ingc;
    assert_eq!(read.controller.as_deref(), Some("example.com/alb"));
    let inventory = ingc.inventory.unwrap();
    assert_eq!((inventory.value.as_str(), inventory.span.file.0), ("other.yaml", 1));
    let manifests: Vec<_> = ingc.manifests.iter().map(|path| path.value.as_str()).collect();
    assert_eq!(manifests, ["x", "z"]);
    let scope = ingc.scope.unwrap();
    assert_eq!((scope.namespaces.len(), scope.groups.len()), (2, 0));
    assert_eq!(ingc.missing_secrets, MissingSecrets::Unknown);
    let SecretSource::File(file) = &ingc.secrets["a/b"] else { panic!() };
    let SecretSource::Variable(variable) = &ingc.secrets["a/c"] else { panic!() };
    assert_eq!((file.value.as_str(), variable.value.as_str()), ("b.yaml", "C"));
    assert_eq!(ingc.protect[0].value, "*/AWS::*");
    assert_eq!(ingc.codes["ING0105"], Level::Error);
    assert_eq!(ingc.codes["ING0101"], Level::Silent);
}

#[test]
fn own_settings_that_make_no_sense_are_errors() {
    check(
        "ingc: {missingSecrets: unknwon}",
        &[
            "0.yaml:1:24 ING0202 ingc.missingSecrets | `unknwon` cannot be `ingc.missingSecrets` | did you mean `unknown`?",
        ],
    );
    check(
        "ingc: {codes: {ING0105: off}}",
        &[
            "0.yaml:1:25 ING0202 ingc.codes[ING0105] | `off` cannot be `ingc.codes[ING0105]` | write one of error, warning, silent",
        ],
    );
    check(
        "ingc: {codes: {ING105: error}}",
        &[
            "0.yaml:1:16 ING0209 ingc.codes[ING105] | there is no code `ING105` | did you mean `ING0105`?",
        ],
    );
    check(
        "ingc: {secrets: {a: {file: x}}}",
        &[
            "0.yaml:1:18 ING0202 ingc.secrets[a] | `a` is not the name of a Secret | write NAMESPACE/NAME",
        ],
    );
    check(
        "ingc: {secrets: {a/b: {file: x, env: E}}}",
        &[
            "0.yaml:1:23 ING0210 ingc.secrets[a/b] | the Secret `a/b` has both a file and a variable | write {file: PATH} or {env: NAME}",
        ],
    );
    check(
        "ingc: {secrets: {a/b: {}}}",
        &[
            "0.yaml:1:23 ING0210 ingc.secrets[a/b] | the Secret `a/b` has no source | write {file: PATH} or {env: NAME}",
        ],
    );
    check("ingc: x", &["0.yaml:1:7 ING0202 ingc | `ingc` must be a mapping, not a string | -"]);
}

#[test]
fn a_namespace_is_one_that_kubernetes_takes() {
    check("ingc: {namespace: shop}\n", &[]);
    check(
        "ingc: {namespace: Shop_1}\n",
        &[
            "0.yaml:1:19 ING0202 ingc.namespace | `Shop_1` cannot be a namespace | use lower case letters, digits and `-`, with a letter or digit at both ends",
        ],
    );
}
