//! Carries out the steps of a plan, one after the other, and records each call before the next.

mod batch;
mod error;
mod event;
mod hand;
mod look;
mod report;
mod step;
#[cfg(test)]
mod tests;
mod unfinished;

pub use error::ApplyError;
pub use event::Event;
pub use hand::{Facts, Patience};
pub(crate) use hand::{Failure, Hand};
pub use report::{LeftOut, Report};
pub(crate) use step::applied;

use crate::account::Account;
use crate::error::Error;
use crate::store::Store;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_planner::state::Secrets;
use ingc_planner::{Operation, Plan, State};
use look::Looks;
use report::Progressed;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What a run works with.
pub struct Run<'r, A, S> {
    /// Who answers calls.
    pub account: &'r A,
    /// Who keeps the state.
    pub store: &'r mut S,
    /// The values of secrets that the plan holds hashes of.
    pub secrets: &'r Secrets,
    /// What the plan does not say.
    pub facts: Facts,
    /// Set by somebody who wants the run to end: it ends before the next call.
    pub cancelled: &'r AtomicBool,
    /// Hears what happens.
    pub observer: &'r mut dyn FnMut(&Event<'_>),
}

/// Carries out a plan.
///
/// A step that fails stops its stack and takes along what needs it elsewhere; other stacks go on.
/// The state
/// is true after every call: what was done stands in it and in its store, and planning again
/// gives what is left.
///
/// # Errors
/// If the plan is for another state or account, of which nothing is done then, or if the state
/// cannot be written, at which the run stops at once.
pub async fn apply<A: Account, S: Store>(
    mut run: Run<'_, A, S>,
    plan: &Plan,
    state: &mut State,
) -> Result<Report, Error> {
    plan.is_for(state)?;
    let identity = run.account.identity();
    state.is_for(&plan.cluster, &identity.name(), &identity.region).map_err(Error::OtherState)?;
    if plan.is_empty() && state.stacks.iter().all(|(name, stack)| same_members(plan, name, stack)) {
        return Ok(Report::default());
    }
    state.account = identity.name();
    state.region = identity.region;
    close_unchanged(&mut run, plan, state)?;
    run.store.prepare()?;
    let known: BTreeSet<String> = state.stacks.keys().cloned().collect();
    state.begin(plan, |_| random_hex());

    let mut to_claim = touched(plan);
    let mut progressed = Progressed::new(plan);
    let mut looks = run.facts.looks_first.then(|| Looks::new(plan, state));
    for index in 0..plan.steps.len() {
        if progressed.is_settled(index) {
            continue;
        }
        if run.cancelled.load(Ordering::SeqCst) {
            progressed.interrupt();
            break;
        }
        let step = &plan.steps[index];
        if let Some(obstacle) = progressed.obstacle(plan, index) {
            progressed.leave_out(index, Some(obstacle));
            continue;
        }
        if to_claim.remove(step.address.stack.as_str()) {
            run.store.save(state, &step.address.stack)?;
        }
        let group = batch::companions(plan, &progressed, index);
        let started = Instant::now();
        let action = step::action(plan, step);
        (run.observer)(&Event::ApplyStart { address: &step.address, action });
        let mut at = step::Site { run: &mut run, plan, state };
        let looked = match &looks {
            Some(looks) => look::look(&at, looks, index, &group).await,
            None => Ok(()),
        };
        let done = match (looked, group.as_slice()) {
            (Err(failure), _) => Err(failure),
            (Ok(()), []) => step::perform(&mut at, index).await,
            (Ok(()), more) => batch::perform(&mut at, index, more).await,
        };
        let elapsed = started.elapsed();
        match done {
            Ok(()) => {
                for index in std::iter::once(index).chain(group) {
                    progressed.finish(plan, index);
                    if let Some(looks) = &mut looks {
                        looks.note(plan, index);
                    }
                    let address = &plan.steps[index].address;
                    let action = step::action(plan, &plan.steps[index]);
                    (run.observer)(&Event::ApplyComplete { address, action, elapsed });
                }
            }
            Err(Failure::Interrupted) => {
                progressed.interrupt();
                break;
            }
            Err(failure) => {
                let error = failure.into_error(&step.address)?;
                (run.observer)(&Event::ApplyErrored { error: &error, action, elapsed });
                let ends = ends_everything(&error);
                progressed.fail(plan, index, error);
                if ends {
                    progressed.interrupt();
                    break;
                }
            }
        }
        if progressed.is_stack_done(&step.address.stack) {
            state.finish(plan, &step.address.stack);
            run.store.save(state, &step.address.stack)?;
        }
    }
    // A stack that nothing was recorded of is no stack, unless something may be there that could not
    // be recorded. One that another run has just begun with is none of this run's business.
    let planned = state.stacks.iter().filter(|(name, _)| plan.stacks.contains_key(*name));
    let is_sure = |name: &str| {
        let is_open = known.contains(name) && progressed.is_stack_open(name);
        !is_open && !progressed.is_unsure(name)
    };
    let empty = planned.filter(|(name, stack)| stack.is_empty() && is_sure(name));
    for stack in empty.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
        state.stacks.remove(&stack);
        run.store.save(state, &stack)?;
    }
    Ok(progressed.report(plan))
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

/// Records new members of stacks for which there is nothing else to do.
fn close_unchanged<A: Account, S: Store>(
    run: &mut Run<'_, A, S>,
    plan: &Plan,
    state: &mut State,
) -> Result<(), Error> {
    let busy: BTreeSet<&str> = plan.steps.iter().map(|step| step.address.stack.as_str()).collect();
    let changed: Vec<String> = state
        .stacks
        .iter()
        .filter(|(name, stack)| !busy.contains(name.as_str()) && !same_members(plan, name, stack))
        .map(|(name, _)| name.clone())
        .collect();
    for stack in changed {
        state.finish(plan, &stack);
        run.store.save(state, &stack)?;
    }
    Ok(())
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
