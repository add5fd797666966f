//! An account, its state, and a repository of manifests.

use ingc_applier::sandbox::{Fault, Sandbox};
use ingc_applier::{
    Account, Error, Event, Facts, Patience, Report, Run, Store, apply, discover, refresh,
};
use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::settings::{self, Settings};
use ingc_compiler::source::Sources;
use ingc_compiler::{Compilation, Known, compile_knowing};
use ingc_planner::{Desired, Destroy, Live, Options, Plan, Planned, Scope, State, plan};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Who compiles.
pub(crate) const PROGRAM: &str = "these tests";

/// The recorded cases.
pub(crate) fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance")
}

/// All files of a folder and the folders in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// The inventory of a case.
pub(crate) fn inventory_of(case: &str) -> PathBuf {
    let own = conformance().join(case).join("inventory.yaml");
    if own.is_file() { own } else { conformance().join("inventory.yaml") }
}

/// Manifests, compiled.
pub(crate) struct Compiled {
    pub(crate) sources: Sources,
    pub(crate) compilation: Compilation,
    pub(crate) settings: Settings,
}

/// Compiles texts with the settings of a case.
pub(crate) fn compiled(case: &str, manifests: &[(String, String)]) -> (Compiled, Inventory) {
    compiled_for(case, manifests, |text| text)
}

/// Compiles texts with the settings of a case, each of them edited before.
pub(crate) fn compiled_for(
    case: &str,
    manifests: &[(String, String)],
    edit: impl Fn(String) -> String,
) -> (Compiled, Inventory) {
    let known = Known { program: Some(PROGRAM), ..Known::default() };
    compiled_knowing(&known, case, manifests, edit)
}

/// Compiles as [`compiled_for`] does, save for what is known.
pub(crate) fn compiled_knowing(
    known: &Known<'_>,
    case: &str,
    manifests: &[(String, String)],
    edit: impl Fn(String) -> String,
) -> (Compiled, Inventory) {
    let mut sources = Sources::new();
    let mut add = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        sources.add(path.display().to_string(), edit(text))
    };
    let shared = conformance();
    let own = shared.join(case);
    let values = [shared.join("values.yaml"), own.join("values.yaml")];
    let values: Vec<_> =
        values.iter().filter(|path| path.is_file()).map(|path| add(path)).collect();
    let listed = add(&inventory_of(case));
    let mut diagnostics = Diagnostics::new();
    let settings = settings::read(&sources, &values, &mut diagnostics);
    let inventory = inventory::read(&sources, listed, &mut diagnostics);
    let files: Vec<_> = manifests
        .iter()
        .map(|(name, text)| sources.add(name.clone(), edit(text.clone())))
        .collect();
    let compilation = compile_knowing(known, &sources, &files, &settings, &inventory, diagnostics);
    (Compiled { sources, compilation, settings }, inventory)
}

/// The manifests of a case.
pub(crate) fn manifests_of(case: &str) -> Vec<(String, String)> {
    let all = files(&conformance().join(case).join("manifests")).into_iter();
    all.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
}

/// Keeps what was saved last, until the process is dead.
#[derive(Default)]
struct Memory {
    saved: Option<State>,
}

impl Store for Memory {
    fn save(&mut self, state: &State, _stack: &str) -> Result<(), Error> {
        self.saved = Some(state.clone());
        Ok(())
    }
}

/// An account and its state.
pub(crate) struct World<A = Sandbox> {
    pub(crate) account: A,
    pub(crate) state: State,
    pub(crate) vpc_id: String,
    pub(crate) patience: Patience,
    pub(crate) calls: Vec<String>,
}

impl World {
    pub(crate) fn new(inventory: &Inventory, cluster: &str) -> World {
        World::with(Sandbox::in_memory(inventory), &inventory.vpc.vpc_id, cluster)
    }

    /// What the account holds, without the counter that makes ids.
    pub(crate) fn holdings(&self) -> Value {
        let mut all: Value = serde_json::from_str(&self.account.text()).unwrap();
        all.as_object_mut().unwrap().remove("creations");
        all
    }

    pub(crate) fn fail(&self, fault: Fault) {
        self.account.fail(fault);
    }
}

impl<A: Account> World<A> {
    pub(crate) fn with(account: A, vpc_id: &str, cluster: &str) -> World<A> {
        World {
            account,
            state: State::empty(cluster),
            vpc_id: vpc_id.to_owned(),
            patience: Patience::default(),
            calls: Vec::new(),
        }
    }

    pub(crate) fn live(&self) -> Live {
        wait(refresh(&self.account, &self.state, |_| true)).unwrap()
    }

    /// Plans against what AWS has.
    pub(crate) fn plan(&self, compiled: &Compiled, destroy: Option<Destroy>) -> Planned {
        self.plan_with(compiled, destroy, true)
    }

    /// Plans to take up what the state does not know.
    pub(crate) fn plan_import(&self, compiled: &Compiled) -> Planned {
        let live = wait(discover(&self.account, &self.state, |_| true)).unwrap();
        plan_for(
            compiled,
            &self.state,
            Options { import: true, live: Some(&live), ..Options::default() },
        )
    }

    pub(crate) fn plan_with(
        &self,
        compiled: &Compiled,
        destroy: Option<Destroy>,
        read: bool,
    ) -> Planned {
        let live = read.then(|| self.live());
        plan_for(
            compiled,
            &self.state,
            Options { destroy, live: live.as_ref(), ..Options::default() },
        )
    }

    pub(crate) fn apply(&mut self, compiled: &Compiled, plan: &Plan) -> Report {
        let desired = Desired {
            cluster: &self.state.cluster,
            region: &compiled.settings.region,
            compilation: &compiled.compilation,
            sources: &compiled.sources,
            recalled: None,
        };
        let secrets = desired.secrets();
        let calls = &mut self.calls;
        calls.clear();
        let mut store = Memory::default();
        let run = Run {
            account: &self.account,
            store: &mut store,
            secrets: &secrets,
            desired: None,
            facts: Facts {
                vpc_id: self.vpc_id.clone(),
                patience: self.patience,
                looks_first: true,
                ..Facts::default()
            },
            cancelled: &AtomicBool::new(false),
            observer: &mut |event| {
                if let Event::AwsCall { action, .. } | Event::KubernetesCall { action, .. } = event
                {
                    calls.push((*action).to_owned());
                }
            },
        };
        let mut state = self.state.clone();
        let report = wait(apply(run, plan, &mut state)).unwrap();
        self.state = store.saved.unwrap_or(state);
        self.state.check().unwrap();
        report
    }
}

/// The messages of errors.
pub(crate) fn errors(diagnostics: &Diagnostics) -> Vec<String> {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| format!("{} {}", d.code, d.message)).collect()
}

/// Runs a future to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Plans for a state.
pub(crate) fn plan_in(compiled: &Compiled, state: &State, live: Option<&Live>) -> Planned {
    plan_for(compiled, state, Options { live, ..Options::default() })
}

/// Plans with the whole cluster in scope.
pub(crate) fn plan_for(compiled: &Compiled, state: &State, options: Options<'_>) -> Planned {
    let desired = Desired {
        cluster: &state.cluster,
        region: &compiled.settings.region,
        compilation: &compiled.compilation,
        sources: &compiled.sources,
        recalled: None,
    };
    let options =
        Options { scope: Scope::Cluster, prune: true, salt: "salt".to_owned(), ..options };
    plan(desired, state, &options)
}
