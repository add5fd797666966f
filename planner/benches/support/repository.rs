//! A generated repository, for measurements.

#[path = "../../../compiler/examples/gen/fleet.rs"]
pub(crate) mod fleet;

use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::resource::Kind;
use ingc_compiler::settings::{self, Settings};
use ingc_compiler::source::{FileId, Sources};
use ingc_compiler::{Compilation, compile};
use ingc_planner::state::{Outcome, Pairs};
use ingc_planner::{Desired, Operation, Options, Plan, Scope, State, plan};

/// A repository, read.
pub(crate) struct Repository {
    pub(crate) sources: Sources,
    pub(crate) manifests: Vec<FileId>,
    pub(crate) settings: Settings,
    pub(crate) inventory: Inventory,
}

impl Repository {
    pub(crate) fn new(size: usize) -> Repository {
        let mut sources = Sources::new();
        let files = fleet::files(size).into_iter().map(|(name, text)| sources.add(name, text));
        let files: Vec<_> = files.collect();
        let mut findings = Diagnostics::new();
        let settings = settings::read(&sources, &files[..1], &mut findings);
        let inventory = inventory::read(&sources, files[1], &mut findings);
        assert!(!findings.has_errors(), "{findings:?}");
        Repository { sources, manifests: files[2..].to_vec(), settings, inventory }
    }

    pub(crate) fn compile(&self) -> Compilation {
        let Repository { sources, manifests, settings, inventory } = self;
        compile(sources, manifests, settings, inventory, Diagnostics::new())
    }

    pub(crate) fn plan(&self, compilation: &Compilation, state: &State) -> Plan {
        let desired = Desired {
            cluster: &self.settings.cluster_name,
            region: &self.settings.region,
            compilation,
            sources: &self.sources,
            recalled: None,
        };
        let options =
            Options { scope: Scope::Cluster, salt: "salt".to_owned(), ..Options::default() };
        plan(desired, state, &options).plan
    }

    /// The state after an apply.
    pub(crate) fn state(&self, compilation: &Compilation) -> State {
        let mut state = State::empty(&self.settings.cluster_name);
        let plan = self.plan(compilation, &state);
        state.begin(&plan, |stack| format!("lineage of {stack}"));
        for (number, step) in plan.steps.iter().enumerate() {
            assert!(matches!(step.operation, Operation::Create { .. }));
            let mut outputs = Pairs::new();
            for output in outputs_of(step.address.kind) {
                outputs.insert(*output, format!("{output} of object {number}"));
            }
            let spec = plan.change_of(step).and_then(|change| change.after.as_ref()).unwrap();
            let depends_on = state.resolve(&step.address, spec).unwrap().depends_on;
            state.record(&plan, step, Outcome { outputs, depends_on, ..Outcome::default() });
        }
        for stack in plan.stacks.keys() {
            state.finish(&plan, stack);
        }
        assert!(self.plan(compilation, &state).is_empty());
        state
    }
}

fn outputs_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::LoadBalancer => &["loadBalancerARN", "dnsName"],
        Kind::TargetGroup => &["targetGroupARN"],
        Kind::Listener => &["listenerARN"],
        Kind::ListenerRule => &["ruleARN"],
        Kind::SecurityGroup => &["groupID"],
        Kind::Certificate => &["certificateARN"],
        _ => &[],
    }
}
