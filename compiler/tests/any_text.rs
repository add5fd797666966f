//! Readers never panic, whatever the text, and point into it.

use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::inventory::ClusterFacts;
use ingc_compiler::source::Sources;
use ingc_compiler::{inventory, manifest, settings};
use proptest::prelude::*;

/// Pieces that make odd documents likely.
const PIECES: [&str; 60] = [
    "apiVersion: networking.k8s.io/v1\n",
    "apiVersion: v1\n",
    "apiVersion: elbv2.k8s.aws/v1beta1\n",
    "apiVersion: extensions/v1beta1\n",
    "kind: Ingress\n",
    "kind: Service\n",
    "kind: List\n",
    "kind: IngressClassParams\n",
    "kind: IngressClass\n",
    "kind: Secret\n",
    "kind: Namespace\n",
    "metadata: {name: a}\n",
    "metadata:\n  name: b\n  annotations:\n",
    "metadata: &m {name: é, labels: {a: 1}}\n",
    "    alb.ingress.kubernetes.io/scheme: internal\n",
    "    alb.ingress.kubernetes.io/listen-ports: [{\"HTTP\": 80}]\n",
    "spec:\n",
    "spec: {rules: [{host: \"*.x\", http: {paths: [",
    "spec: {ports: [{port: 80, targetPort: ",
    "items:\n",
    "- ",
    "  ",
    "    ",
    "\n",
    "---\n",
    "...\n",
    "]}}]}\n",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "&a ",
    "*a",
    "<<: ",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "null",
    "true",
    "-0x1F",
    "1e999",
    "9223372036854775808",
    ".nan",
    "name",
    "port: {number: 80}",
    "service: {name: x, ",
    "clusterName: x\n",
    "defaultTags: {a: 1.10, b: yes}\n",
    "controllerConfig: {featureGates: {A: 1}}\n",
    "ingc: {codes: {ING0101: error}, secrets: {a/b: {env: X}}}\n",
    "subnets: [{subnetId: s, cidrBlock: 1.2.3.4/40}]\n",
    "cluster: {services: {a/b: {nodePorts: {99999: 1}}}}\n",
    "vpc: {vpcId: v}\n",
    "data: {a: =}\nstringData: {b: }\n",
    "\u{feff}",
    "ſK\u{0301}",
    "\t",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24);
    prop_oneof![3 => pieces.prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// Every finding stands somewhere within its file, at characters' borders.
fn well_placed(sources: &Sources, findings: &Diagnostics) -> bool {
    findings.iter().all(|finding| {
        let related = finding.related.iter().map(|related| related.span);
        let mut spans = std::iter::once(finding.span).chain(related).flatten();
        spans.all(|span| sources.file(span.file).text().get(span.range()).is_some())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_read_without_a_panic(first in text(), second in text()) {
        let mut sources = Sources::new();
        let files = [sources.add("a.yaml", first), sources.add("b.yaml", second)];
        let mut findings = Diagnostics::new();
        let manifests = manifest::read(&sources, &files, &ClusterFacts::default(), &mut findings);
        let facts = ClusterFacts::of(&manifests);
        prop_assert_eq!(facts.services.len(), manifests.services.len());
        settings::read(&sources, &files, &mut findings);
        inventory::read(&sources, files[0], &mut findings);
        prop_assert!(well_placed(&sources, &findings));
    }
}
