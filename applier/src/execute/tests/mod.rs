//! Runs against the simulated account: what they make, and what is left when they are cut short.

mod cases;
mod distance;
mod errors;
mod faults;
mod plans;
mod side_by_side;
mod updates;

use super::{Event, Facts, Report, Run, apply};
use crate::account::{Account, Call, CallError, Identity};
use crate::error::Error;
use crate::refresh::refresh;
use crate::sandbox::Sandbox;
use crate::store::Store;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::resource::Address;
use ingc_compiler::source::Sources;
use ingc_planner::state::Secrets;
use ingc_planner::{Live, Plan, State};
use plans::{Desired, plan_of};
use serde_json::Value;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs a future to its end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(future)
}

/// The recorded cases of the controller.
fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance")
}

/// The inventory of a case, or the one that all share.
fn inventory_of(case: &str) -> Inventory {
    let own = conformance().join(case).join("inventory.yaml");
    let path = if own.exists() { own } else { conformance().join("inventory.yaml") };
    let mut sources = Sources::new();
    let file = sources.add("inventory.yaml", std::fs::read_to_string(path).unwrap());
    let mut findings = Diagnostics::new();
    let inventory = inventory::read(&sources, file, &mut findings);
    assert!(!findings.has_errors(), "{case}: {findings:?}");
    inventory
}

/// Keeps what was saved last, as a file would, unless it is dead.
#[derive(Default)]
struct Memory<'d> {
    saved: Option<State>,
    saves: usize,
    dead: Option<&'d AtomicBool>,
}

impl Store for Memory<'_> {
    fn save(&mut self, state: &State, _stack: &str) -> Result<(), Error> {
        if self.dead.is_none_or(|dead| !dead.load(Ordering::SeqCst)) {
            self.saves += 1;
            self.saved = Some(state.clone());
        }
        Ok(())
    }
}

/// A simulated account that writes down the calls that it is asked for.
struct Watched<'s> {
    sandbox: &'s Sandbox,
    calls: Mutex<Vec<Call>>,
    /// After so many mutating calls nothing comes through any more: the process is dead.
    dies_after: usize,
    mutations: AtomicUsize,
    dead: AtomicBool,
}

impl<'s> Watched<'s> {
    fn new(sandbox: &'s Sandbox) -> Self {
        Watched {
            sandbox,
            calls: Mutex::new(Vec::new()),
            dies_after: usize::MAX,
            mutations: AtomicUsize::new(0),
            dead: AtomicBool::new(false),
        }
    }

    /// The names of the mutating calls, without those of the cluster.
    fn names(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        let aws = calls.iter().filter(|c| c.service != crate::account::Service::Kubernetes);
        aws.filter(|call| call.mutates()).map(|call| call.action.to_owned()).collect()
    }
}

impl Account for Watched<'_> {
    fn identity(&self) -> Identity {
        self.sandbox.identity()
    }

    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send {
        self.calls.lock().unwrap().push(call.clone());
        if self.dead.load(Ordering::SeqCst) {
            return std::future::ready(Err(CallError::unanswered("the process is dead")));
        }
        if call.mutates() && self.mutations.fetch_add(1, Ordering::SeqCst) + 1 == self.dies_after {
            self.dead.store(true, Ordering::SeqCst);
        }
        std::future::ready(wait_now(self.sandbox.call(call)))
    }
}

/// The simulated account answers at once.
fn wait_now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("the simulated account does not answer at once"),
    }
}

/// An account, its state, and what happened.
struct World {
    sandbox: Sandbox,
    state: State,
    vpc_id: String,
    secrets: Secrets,
    news: Vec<String>,
}

impl World {
    fn new(inventory: &Inventory) -> World {
        World {
            sandbox: Sandbox::in_memory(inventory),
            state: State::empty("eksworkshop"),
            vpc_id: inventory.vpc.vpc_id.clone(),
            secrets: Secrets::new(),
            news: Vec::new(),
        }
    }

    fn facts(&self) -> Facts {
        Facts { vpc_id: self.vpc_id.clone(), ..Facts::default() }
    }

    /// Carries out a plan and keeps what the store has of the state then.
    fn apply(&mut self, plan: &Plan) -> (Report, Vec<String>) {
        self.apply_until(plan, usize::MAX)
    }

    /// As [`World::apply`], in a process that dies after so many mutating calls.
    fn apply_until(&mut self, plan: &Plan, dies_after: usize) -> (Report, Vec<String>) {
        let facts = self.facts();
        let watched = Watched { dies_after, ..Watched::new(&self.sandbox) };
        let mut state = self.state.clone();
        let mut store = Memory { dead: Some(&watched.dead), ..Memory::default() };
        let news = &mut self.news;
        news.clear();
        let run = Run {
            account: &watched,
            store: &mut store,
            secrets: &self.secrets,
            desired: None,
            facts,
            cancelled: &AtomicBool::new(false),
            observer: &mut |event| news.push(headline(event)),
        };
        let report = wait(apply(run, plan, &mut state)).unwrap();
        if !watched.dead.load(Ordering::SeqCst) && store.saves > 0 {
            assert_eq!(store.saved.as_ref(), Some(&state), "the state in memory is the one stored");
        }
        if let Some(saved) = store.saved {
            self.state = saved;
        }
        (report, watched.names())
    }

    /// Plans and applies; everything must be done.
    fn converge(&mut self, desired: &Desired) -> Vec<String> {
        let plan = plan_of(&self.state, desired);
        let (report, calls) = self.apply(&plan);
        assert!(report.is_complete(), "{:#?}", report.errors);
        self.state.check().unwrap();
        calls
    }

    fn refresh(&self) -> Live {
        wait(refresh(&self.sandbox, &self.state, |_| true)).unwrap()
    }

    /// What the account holds, without the counter that makes ids.
    fn holdings(&self) -> Value {
        let mut all: Value = serde_json::from_str(&self.sandbox.text()).unwrap();
        all.as_object_mut().unwrap().remove("creations");
        all
    }
}

fn headline(event: &Event<'_>) -> String {
    match event {
        Event::ApplyStart { address, action } => format!("start {} {address}", action.as_str()),
        Event::AwsCall { action, addresses, .. } => {
            let all: Vec<_> = addresses.iter().map(Address::to_string).collect();
            format!("call {action} {}", all.join(" "))
        }
        Event::KubernetesCall { action, address } => format!("kubernetes {action} {address}"),
        Event::ApplyComplete { address, action, .. } => {
            format!("done {} {address}", action.as_str())
        }
        Event::ApplyErrored { error, .. } => format!("error {} {}", error.code, error.address),
        other => format!("{other:?}"),
    }
}
