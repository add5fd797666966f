//! Manifests as text, applied to a simulated account in memory.

use ingc_applier::{
    Account, Call, CallError, Error, Event, Facts, Identity, Run, Sandbox, Service, Store, apply,
    refresh,
};
use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::settings::Settings;
use ingc_compiler::source::Sources;
use ingc_planner::{Desired, Destroy, Options, Plan, Scope, State, plan};
use serde_json::Value;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Waker};

/// The answer of a future that never waits, as those of a simulated account never do.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("a simulated account answers at once"),
    }
}

fn inventory_of(text: &str) -> Inventory {
    let mut sources = Sources::new();
    let file = sources.add("inventory.yaml", text);
    let mut findings = Diagnostics::new();
    let inventory = inventory::read(&sources, file, &mut findings);
    assert!(!findings.has_errors(), "{findings:?}");
    inventory
}

fn settings(inventory: &Inventory) -> Settings {
    Settings {
        cluster_name: "fleet".to_owned(),
        region: inventory.region.clone(),
        vpc_id: inventory.vpc.vpc_id.clone(),
        ..Settings::default()
    }
}

fn compile_sources(sources: &mut Sources, manifests: &str, inventory: &Inventory) -> Compilation {
    let file = sources.add("manifests.yaml", manifests);
    let compiled = ingc_compiler::compile(
        sources,
        &[file],
        &settings(inventory),
        inventory,
        Diagnostics::new(),
    );
    let errors: Vec<_> =
        compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{manifests}");
    compiled
}

/// Compiles manifests that have no mistakes.
#[allow(dead_code, reason = "not every test that has an account compiles beside it")]
pub(crate) fn compile(manifests: &str, inventory: &str) -> Compilation {
    compile_sources(&mut Sources::new(), manifests, &inventory_of(inventory))
}

/// Keeps nothing: the state of the bench is the state.
struct Forgetful;

impl Store for Forgetful {
    fn save(&mut self, _state: &State, _stack: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// A simulated account that somebody looks at after every mutating call.
struct Watched<'s, F> {
    sandbox: &'s Sandbox,
    look: F,
}

impl<F: Fn(&Sandbox, &Call) + Sync> Account for Watched<'_, F> {
    fn identity(&self) -> Identity {
        self.sandbox.identity()
    }

    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send {
        let answer = ready(self.sandbox.call(call));
        if call.mutates() && answer.is_ok() {
            (self.look)(self.sandbox, call);
        }
        std::future::ready(answer)
    }
}

/// A simulated account that notes every call of AWS, reads included.
#[allow(dead_code, reason = "not every test that has an account asks for all calls")]
struct Noted<'s> {
    sandbox: &'s Sandbox,
    calls: Mutex<BTreeSet<String>>,
}

impl Account for Noted<'_> {
    fn identity(&self) -> Identity {
        self.sandbox.identity()
    }

    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send {
        let service = match call.service {
            Service::Kubernetes => None,
            Service::Tagging => Some("tag"),
            service => Some(service.name()),
        };
        let name = service.map(|service| format!("{service}:{}", call.action));
        self.calls.lock().unwrap().extend(name);
        std::future::ready(ready(self.sandbox.call(call)))
    }
}

/// An account, its inventory and the state of what was applied to it.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    inventory: Inventory,
    pub(crate) state: State,
}

impl Bench {
    pub(crate) fn new(inventory: &str) -> Bench {
        let inventory = inventory_of(inventory);
        Bench { sandbox: Sandbox::in_memory(&inventory), inventory, state: State::empty("fleet") }
    }

    /// The plan of manifests, with what the account holds now.
    ///
    /// # Errors
    /// What the planner finds wrong.
    pub(crate) fn plan(&self, manifests: &str) -> Result<Plan, String> {
        self.plan_for(manifests, None)
    }

    /// The plan that deletes it all.
    ///
    /// # Errors
    /// What the planner finds wrong.
    #[allow(dead_code, reason = "not every test deletes")]
    pub(crate) fn plan_destroy(&self, manifests: &str) -> Result<Plan, String> {
        self.plan_for(manifests, Some(Destroy::Scope))
    }

    fn plan_for(&self, manifests: &str, destroy: Option<Destroy>) -> Result<Plan, String> {
        let mut sources = Sources::new();
        let compilation = compile_sources(&mut sources, manifests, &self.inventory);
        let live = ready(refresh(&self.sandbox, &self.state, |_| true)).unwrap();
        let desired = Desired {
            cluster: "fleet",
            region: &self.inventory.region,
            compilation: &compilation,
            sources: &sources,
            recalled: None,
        };
        let options = Options {
            scope: Scope::Cluster,
            live: Some(&live),
            salt: "salt".to_owned(),
            destroy,
            ..Options::default()
        };
        let planned = plan(desired, &self.state, &options);
        let errors: Vec<_> =
            planned.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        match errors.is_empty() {
            true => Ok(planned.plan),
            false => Err(format!("{errors:#?}")),
        }
    }

    /// Looks at what the plan's stacks have, carries the plan out, and tells the actions of all calls.
    #[allow(dead_code, reason = "not every test that has an account asks for all calls")]
    pub(crate) fn watched(&mut self, plan: &Plan) -> BTreeSet<String> {
        let noted = Noted { sandbox: &self.sandbox, calls: Mutex::default() };
        ready(refresh(&noted, &self.state, |stack| plan.stacks.contains_key(stack))).unwrap();
        carry_out(&noted, &self.inventory, plan, &mut self.state);
        noted.calls.into_inner().unwrap()
    }

    /// Carries a plan out to its end; `look` sees the account after every mutating call.
    pub(crate) fn apply(&mut self, plan: &Plan, look: impl Fn(&Sandbox, &Call) + Sync) {
        let watched = Watched { sandbox: &self.sandbox, look };
        carry_out(&watched, &self.inventory, plan, &mut self.state);
    }
}

/// Carries a plan out to its end.
fn carry_out<A: Account>(account: &A, inventory: &Inventory, plan: &Plan, state: &mut State) {
    let run = Run {
        account,
        store: &mut Forgetful,
        secrets: &Default::default(),
        desired: None,
        facts: Facts {
            vpc_id: inventory.vpc.vpc_id.clone(),
            looks_first: true,
            ..Facts::default()
        },
        cancelled: &AtomicBool::new(false),
        observer: &mut |_: &Event<'_>| {},
    };
    let report = ready(apply(run, plan, state)).unwrap();
    assert!(report.is_complete(), "{report:#?}");
}
