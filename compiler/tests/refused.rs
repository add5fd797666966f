//! What has errors refuses its own group and nothing else, and what is unclear changes nothing.

use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::group::Place;
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::settings::{self, Settings};
use ingc_compiler::source::Sources;
use ingc_compiler::{Compilation, compile};

const CLASS: &str = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: alb\n  annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}\nspec: {controller: ingress.k8s.aws/alb}\n";

const INVENTORY: &str = "region: eu-central-1\naccountId: \"123456789012\"\nvpc: {vpcId: vpc-1, cidrBlocks: [10.0.0.0/16]}\nsubnets:\n- {subnetId: subnet-1, availabilityZone: a, tags: {kubernetes.io/role/internal-elb: \"1\"}}\n- {subnetId: subnet-2, availabilityZone: b, tags: {kubernetes.io/role/internal-elb: \"1\"}}\n";

fn service(name: &str, port: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec: {{ports: [{{port: {port}}}]}}\n"
    )
}

fn ingress(name: &str, metadata: &str, service: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  annotations: {{alb.ingress.kubernetes.io/target-type: ip{metadata}}}\nspec:\n  defaultBackend: {{service: {{name: {service}, port: {{number: 80}}}}}}\n"
    )
}

fn compiled(manifests: &str, own_settings: &str) -> Compilation {
    let mut sources = Sources::new();
    let manifests = sources.add("m.yaml", manifests);
    let values = sources.add(
        "v.yaml",
        format!("clusterName: c\nregion: eu-central-1\nvpcId: vpc-1\n{own_settings}"),
    );
    let inventory = sources.add("i.yaml", INVENTORY);
    let mut diagnostics = Diagnostics::new();
    let settings: Settings = settings::read(&sources, &[values], &mut diagnostics);
    let inventory: Inventory = inventory::read(&sources, inventory, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    compile(&sources, &[manifests], &settings, &inventory, diagnostics)
}

/// Which groups are built and which are refused.
fn check(manifests: &str, built: &[&str], refused: &[&str]) -> Compilation {
    let compilation = compiled(manifests, "");
    let stacks = compilation.stacks.keys().filter(|id| *id != "_cluster");
    let findings: Vec<_> =
        compilation.diagnostics.iter().map(|finding| finding.message.clone()).collect();
    assert_eq!(stacks.collect::<Vec<_>>(), built, "{findings:?}");
    assert_eq!(compilation.refused.keys().collect::<Vec<_>>(), refused, "{findings:?}");
    compilation
}

#[test]
fn an_ingress_with_an_error_refuses_its_group() {
    let group = ", alb.ingress.kubernetes.io/group.name: g";
    let text = [
        CLASS.to_owned(),
        service("s", "80"),
        ingress("good", "", "s"),
        ingress("bad", ", x: 1", "s"),
        ingress("member", group, "s"),
        ingress("other", &format!("{group}, x: 1"), "s"),
    ];
    check(&text.concat(), &["default/good"], &["default/bad", "g"]);
}

#[test]
fn a_service_with_an_error_refuses_the_groups_that_use_it() {
    let text = [
        CLASS.to_owned(),
        service("good", "80"),
        service("bad", "\"80\""),
        service("broken", "[[["),
        ingress("a", "", "good"),
        ingress("b", "", "bad"),
        ingress("c", "", "broken"),
    ];
    check(&text.concat(), &["default/a"], &["default/b", "default/c"]);
}

#[test]
fn a_service_that_may_stand_in_a_broken_text_is_not_answered_with_503() {
    let text = [CLASS.to_owned(), ingress("a", "", "missing")].concat();
    check(&text, &["default/a"], &[]);
    let compilation = check(&format!("{text}---\na: [\n"), &[], &["default/a"]);
    assert!(compilation.incomplete);
}

#[test]
fn an_ingress_stays_as_it_is_if_its_class_may_stand_in_a_broken_text() {
    let place = |text: &str| {
        let compilation = compiled(text, "");
        compilation.ingresses["default/a"].place.clone()
    };
    let text = [service("s", "80"), ingress("a", "", "s")].concat();
    assert_eq!(place(&text), Place::Ignored);
    assert_eq!(place(&format!("{text}---\na: [\n")), Place::Unplaced);
    assert_eq!(place(&format!("{}---\n{text}", CLASS.replace("}\n", "\n"))), Place::Unplaced);
    let named = text.replace("spec:\n", "spec: [\n");
    assert_eq!(place(&named), Place::Unplaced);
}

#[test]
fn settings_say_what_becomes_of_warnings() {
    let text = [CLASS.to_owned(), service("s", "80"), ingress("a", "", "s")].concat();
    let text = text.replace("  defaultBackend", "  tlss: []\n  defaultBackend");
    let outcome = |level: &str| {
        let compilation = compiled(&text, &format!("ingc: {{codes: {{ING0105: {level}}}}}\n"));
        let found = compilation.diagnostics.iter().find(|finding| finding.code.id == "ING0105");
        (found.map(|finding| finding.severity), compilation.refused.len())
    };
    assert_eq!(outcome("warning"), (Some(Severity::Warning), 0));
    assert_eq!(outcome("error"), (Some(Severity::Error), 1));
    assert_eq!(outcome("silent"), (None, 0));
}
