//! Carries out the steps of a plan: stacks side by side, the steps of each one after the other, and
//! each call recorded before the next one of its stack.

mod batch;
mod course;
mod error;
mod event;
mod hand;
mod ledger;
mod look;
mod report;
mod schedule;
mod signals;
mod step;
#[cfg(test)]
mod tests;
mod together;
mod unfinished;

pub use error::ApplyError;
pub use event::Event;
pub use hand::{Facts, PARALLELISM, Patience};
pub(crate) use hand::{Failure, Hand};
pub use report::{LeftOut, Report};
pub(crate) use step::applied;

use crate::account::Account;
use crate::error::Error;
use crate::store::Store;
use course::Course;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_planner::state::Secrets;
use ingc_planner::{Desired, Operation, Plan, State};
use ledger::Ledger;
use signals::Signals;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::AtomicBool;

/// What a run works with.
pub struct Run<'r, A, S> {
    /// Who answers calls.
    pub account: &'r A,
    /// Who keeps the state.
    pub store: &'r mut S,
    /// The values of secrets that the plan holds hashes of.
    pub secrets: &'r Secrets,
    /// What the plan was made for: of stacks that come to it that is noted, so that the next plan need
    /// not find it out.
    pub desired: Option<Desired<'r>>,
    /// What the plan does not say.
    pub facts: Facts,
    /// Set by somebody who wants the run to end: it ends before the next call.
    pub cancelled: &'r AtomicBool,
    /// Hears what happens.
    pub observer: &'r mut dyn FnMut(&Event<'_>),
}

/// Carries out a plan.
///
/// Stacks are worked on side by side, up to [`Facts::parallelism`] of them and those that wait for
/// AWS; the steps of a stack follow each other, and wait for what they need of other stacks. An
/// account that answers at once is worked on in the order of the plan.
///
/// A step that fails stops its stack and takes along what needs it elsewhere; other stacks go on.
/// The state is true after every call: what was done stands in it and in its store, and planning
/// again gives what is left.
///
/// # Errors
/// If the plan is for another state or account, of which nothing is done then, or if the state
/// cannot be written: no call is begun from then on, and what calls under way have done is recorded
/// or named.
pub async fn apply<A: Account, S: Store>(
    run: Run<'_, A, S>,
    plan: &Plan,
    state: &mut State,
) -> Result<Report, Error> {
    plan.is_for(state)?;
    let identity = run.account.identity();
    state.is_for(&plan.cluster, &identity.name(), &identity.region).map_err(Error::OtherState)?;
    if plan.is_empty() && state.stacks.iter().all(|(name, stack)| same_members(plan, name, stack)) {
        return Ok(Report::default());
    }
    let Run { account, store, secrets, desired, facts, cancelled, observer } = run;
    state.account = identity.name();
    state.region = identity.region;
    let unchanged = unchanged(plan, state);
    let signals = Signals::new(cancelled);
    let ledger = Ledger::new(state, store, desired, observer, &signals);
    for stack in &unchanged {
        ledger.finish(plan, stack)?;
    }
    ledger.prepare()?;
    let mut course = Course::begin(plan, &ledger, &signals, &facts);
    let site =
        step::Site { account, secrets, facts: &facts, signals: &signals, ledger: &ledger, plan };
    let mut under_way = FuturesUnordered::new();
    loop {
        while course.has_room(under_way.len())
            && let Some(work) = course.next()
        {
            under_way.push(course::carry_out(&site, work));
            // What is done at once is settled before more is begun.
            if let Some(Some(done)) = under_way.next().now_or_never() {
                course.settle(done);
            }
        }
        tokio::select! {
            biased;
            done = under_way.next() => match done {
                Some(done) => course.settle(done),
                None => break,
            },
            () = signals.rests() => {}
        }
    }
    drop(under_way);
    course.end()
}

/// True if the members recorded of a stack are those that a plan without steps for it has.
fn same_members(plan: &Plan, name: &str, stack: &ingc_planner::StackState) -> bool {
    plan.stacks.get(name).is_none_or(|planned| planned.members == stack.members)
}

/// Stacks of which something is made, changed or deleted. They are recorded as begun before the first
/// call, so that a run that dies in it leaves a stack that is known to be ours and unfinished: the
/// next run looks for what was made, and records what was changed. Nor is a call made where nothing
/// can be recorded.
fn touched(plan: &Plan) -> BTreeSet<&str> {
    let calls = |step: &&ingc_planner::Step| {
        !matches!(
            step.operation,
            Operation::Import { .. } | Operation::Forget { .. } | Operation::GoneWith { .. }
        )
    };
    plan.steps.iter().filter(calls).map(|step| step.address.stack.as_str()).collect()
}

/// Stacks that get new members, and for which there is nothing else to do.
fn unchanged(plan: &Plan, state: &State) -> Vec<String> {
    let busy: BTreeSet<&str> = plan.steps.iter().map(|step| step.address.stack.as_str()).collect();
    let changed = state
        .stacks
        .iter()
        .filter(|(name, stack)| !busy.contains(name.as_str()) && !same_members(plan, name, stack));
    changed.map(|(name, _)| name.clone()).collect()
}

/// True for errors that every other step would meet as well.
fn ends_everything(error: &ApplyError) -> bool {
    let of_credentials = [
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "AuthFailure",
    ];
    error.code == &code::REFUSED && of_credentials.contains(&error.aws_code.as_str())
}

/// 32 hexadecimal digits that nobody can foresee: lineages of stacks, salts of secrets.
pub fn random_hex() -> String {
    // The standard library seeds these with the operating system's randomness.
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// How many steps each stack has.
fn steps_per_stack(plan: &Plan) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for step in &plan.steps {
        *counts.entry(step.address.stack.as_str()).or_default() += 1;
    }
    counts
}
