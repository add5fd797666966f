//! The course of a run: what is begun next, and what has become of what was begun.

use super::hand::{Facts, Failure};
use super::ledger::Ledger;
use super::look::{self, Looks, Object};
use super::report::{Progressed, Report};
use super::schedule::Schedule;
use super::signals::Signals;
use super::step::{self, Site};
use super::{Event, batch, ends_everything, random_hex, touched};
use crate::account::Account;
use crate::error::Error;
use crate::store::Store;
use ingc_planner::{Action, Plan};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// Where a run stands.
pub(super) struct Course<'c, 'r, S> {
    plan: &'c Plan,
    ledger: &'c Ledger<'r, S>,
    signals: &'c Signals<'c>,
    facts: &'c Facts,
    schedule: Schedule,
    progressed: Progressed,
    looks: Option<Looks<'c>>,
    /// Stacks that were recorded before the run.
    known: BTreeSet<String>,
    /// Stacks that are to be recorded as begun.
    to_claim: BTreeSet<&'c str>,
    /// Why the state cannot be written.
    lost: Option<Error>,
}

/// A step to carry out, with those that are done in the same calls.
pub(super) struct Work<'c> {
    index: usize,
    group: Vec<usize>,
    objects: Vec<Object<'c>>,
}

/// What has become of it.
pub(super) struct Done {
    index: usize,
    group: Vec<usize>,
    elapsed: Duration,
    result: Result<(), Failure>,
}

/// Carries a step out, with those that are done in the same calls.
pub(super) async fn carry_out<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    Work { index, group, objects }: Work<'_>,
) -> Done {
    let started = Instant::now();
    let result = match (look::look(site, &objects).await, group.as_slice()) {
        (Err(failure), _) => Err(failure),
        (Ok(()), []) => step::perform(site, index).await,
        (Ok(()), more) => batch::perform(site, index, more).await,
    };
    Done { index, group, elapsed: started.elapsed(), result }
}

impl<'c, 'r, S: Store> Course<'c, 'r, S> {
    pub(super) fn begin(
        plan: &'c Plan,
        ledger: &'c Ledger<'r, S>,
        signals: &'c Signals<'c>,
        facts: &'c Facts,
    ) -> Self {
        Course {
            plan,
            ledger,
            signals,
            facts,
            schedule: Schedule::new(plan),
            progressed: Progressed::new(plan),
            looks: facts.looks_first.then(|| ledger.read(|state| Looks::new(plan, state))),
            known: ledger.begin(plan, |_| random_hex()),
            to_claim: touched(plan),
            lost: None,
        }
    }

    /// True if a step more may be begun beside those under way.
    pub(super) fn has_room(&self, under_way: usize) -> bool {
        let limit = self.facts.parallelism.get();
        let resting = if limit > 1 { self.signals.resting() } else { 0 };
        under_way.saturating_sub(resting) < limit
    }

    /// The next step to carry out; none if all others wait, or if the run ends.
    pub(super) fn next(&mut self) -> Option<Work<'c>> {
        if self.progressed.is_interrupted() || self.schedule.is_waiting() {
            return None;
        }
        if self.signals.is_ending() {
            self.progressed.interrupt();
            return None;
        }
        let plan = self.plan;
        let index = self.schedule.next(plan, &mut self.progressed)?;
        let step = &plan.steps[index];
        let stack = step.address.stack.as_str();
        if self.to_claim.remove(stack)
            && let Err(error) = self.ledger.write(stack, |_| {})
        {
            self.lose(error);
            return None;
        }
        let action = step::action(plan, step);
        self.ledger.tell(&Event::ApplyStart { address: &step.address, action });
        let group = batch::companions(plan, &self.progressed, &self.schedule, index);
        let objects = self.looks.iter().flat_map(|looks| {
            std::iter::once(&index).chain(&group).flat_map(|step| looks.first_touched(plan, *step))
        });
        let objects = objects.collect();
        Some(Work { index, group, objects })
    }

    /// Notes what has become of a step.
    pub(super) fn settle(&mut self, Done { index, group, elapsed, result }: Done) {
        let plan = self.plan;
        let step = &plan.steps[index];
        match result {
            Ok(()) => {
                let all = || std::iter::once(index).chain(group.iter().copied());
                for index in all() {
                    self.progressed.finish(plan, index);
                    if let Some(looks) = &mut self.looks {
                        looks.note(plan, index);
                    }
                    let step = &plan.steps[index];
                    let (address, action) = (&step.address, step::action(plan, step));
                    self.ledger.tell(&Event::ApplyComplete { address, action, elapsed });
                }
                all().for_each(|index| self.schedule.settle(index, &self.progressed));
            }
            Err(Failure::Interrupted) => self.progressed.interrupt(),
            Err(failure) => match failure.into_error(&step.address) {
                Ok(error) => self.fail(index, error, step::action(plan, step), elapsed),
                Err(error) => self.lose(error),
            },
        }
        let stack = &step.address.stack;
        if self.progressed.is_stack_done(stack)
            && let Err(error) = self.ledger.finish(plan, stack)
        {
            self.lose(error);
        }
    }

    fn fail(&mut self, index: usize, error: super::ApplyError, action: Action, elapsed: Duration) {
        self.ledger.tell(&Event::ApplyErrored { error: &error, action, elapsed });
        let ends = ends_everything(&error);
        self.progressed.fail(self.plan, index, error);
        self.schedule.settle(index, &self.progressed);
        if ends {
            self.progressed.interrupt();
        }
    }

    /// Notes that the state cannot be written: nothing more is begun.
    fn lose(&mut self, error: Error) {
        self.progressed.interrupt();
        self.signals.lose();
        self.lost = Some(match self.lost.take() {
            Some(first) => first.and(error),
            None => error,
        });
    }

    /// What has become of the plan, when nothing is under way any more.
    pub(super) fn end(self) -> Result<Report, Error> {
        if let Some(error) = self.lost {
            return Err(error);
        }
        // A stack that nothing was recorded of is no stack, unless something may be there that could
        // not be recorded. One that another run has just begun with is none of this run's business.
        let is_sure = |name: &str| {
            let is_open = self.known.contains(name) && self.progressed.is_stack_open(name);
            !is_open && !self.progressed.is_unsure(name)
        };
        let empty: Vec<String> = self.ledger.read(|state| {
            let planned = state.stacks.iter().filter(|(it, _)| self.plan.stacks.contains_key(*it));
            let empty = planned.filter(|(name, stack)| stack.is_empty() && is_sure(name));
            empty.map(|(name, _)| name.clone()).collect()
        });
        for stack in empty {
            self.ledger.write(&stack, |state| drop(state.stacks.remove(&stack)))?;
        }
        Ok(self.progressed.report(self.plan))
    }
}
