//! Manifests as tests write them, compiled.

use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::settings::{self, Settings};
use ingc_compiler::source::Sources;
use ingc_compiler::{Compilation, Known, compile_knowing};
use ingc_planner::{Desired, Options, Planned, Scope, State};
use std::path::PathBuf;

/// Who compiles.
pub(crate) const PROGRAM: &str = "these tests";

/// A compilation with the texts it was made of.
pub(crate) struct Given {
    pub(crate) sources: Sources,
    pub(crate) settings: Settings,
    pub(crate) compilation: Compilation,
}

/// The folder of the recorded cases.
pub(crate) fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance")
}

impl Given {
    /// Compiles manifests for the recorded cases' account.
    pub(crate) fn new(manifests: &str) -> Given {
        let given = Given::whatever(manifests, &[], None);
        let errors: Vec<_> = given
            .compilation
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.message.clone())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        given
    }

    /// Compiles what may have errors, with more settings and another inventory.
    pub(crate) fn whatever(manifests: &str, values: &[String], inventory: Option<String>) -> Given {
        let known = Known { program: Some(PROGRAM), ..Known::default() };
        Given::knowing(&known, manifests, values, inventory)
    }

    /// Compiles what is not known.
    pub(crate) fn knowing(
        known: &Known<'_>,
        manifests: &str,
        values: &[String],
        inventory: Option<String>,
    ) -> Given {
        let read = |name: &str| std::fs::read_to_string(cases().join(name)).unwrap();
        let mut sources = Sources::new();
        let mut findings = Diagnostics::new();
        let mut files = vec![sources.add("values.yaml", read("values.yaml"))];
        files.extend(values.iter().map(|text| sources.add("values.yaml", text.clone())));
        let inventory = inventory.unwrap_or_else(|| read("inventory.yaml"));
        let inventory = sources.add("inventory.yaml", inventory);
        let manifests = sources.add("manifests.yaml", manifests);
        let settings = settings::read(&sources, &files, &mut findings);
        let inventory: Inventory = inventory::read(&sources, inventory, &mut findings);
        let compilation =
            compile_knowing(known, &sources, &[manifests], &settings, &inventory, findings);
        Given { sources, settings, compilation }
    }

    pub(crate) fn desired(&self) -> Desired<'_> {
        Desired {
            cluster: &self.settings.cluster_name,
            region: &self.settings.region,
            compilation: &self.compilation,
            sources: &self.sources,
            recalled: None,
        }
    }

    /// Plans with the whole cluster in scope.
    pub(crate) fn plan(&self, state: &State) -> Planned {
        self.plan_with(state, &all())
    }

    pub(crate) fn plan_with(&self, state: &State, options: &Options<'_>) -> Planned {
        ingc_planner::plan(self.desired(), state, options)
    }
}

/// Options of a run that sees the whole cluster.
pub(crate) fn all() -> Options<'static> {
    Options { scope: Scope::Cluster, salt: "salt".to_owned(), ..Options::default() }
}

/// An Ingress with annotations (without their prefix) and rules `host/path -> service`.
pub(crate) fn ingress(name: &str, annotations: &[(&str, &str)], rules: &[&str]) -> String {
    let (namespace, name) = name.split_once('/').unwrap();
    let mut text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  annotations:\n    kubernetes.io/description: test\n"
    );
    for (key, value) in annotations {
        text += &format!("    alb.ingress.kubernetes.io/{key}: {value:?}\n");
    }
    text += "spec:\n  ingressClassName: alb\n";
    if !rules.is_empty() {
        text += "  rules:\n";
    }
    for rule in rules {
        let (request, service) = rule.split_once(" -> ").unwrap();
        let (host, path) = request.split_once('/').unwrap();
        text += &format!(
            "    - host: {host:?}\n      http:\n        paths:\n          - path: /{path}\n            pathType: Prefix\n            backend: {{service: {{name: {service}, port: {{number: 80}}}}}}\n"
        );
    }
    text + "---\n"
}

/// The class, and Services of these names in a namespace.
pub(crate) fn services(namespace: &str, names: &[&str]) -> String {
    let mut text = String::from(
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\n",
    );
    for name in names {
        text += &format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  type: NodePort\n  ports: [{{name: http, port: 80, targetPort: 8080, nodePort: 30080}}]\n---\n"
        );
    }
    text
}
