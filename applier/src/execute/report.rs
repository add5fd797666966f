//! What became of each step.

use super::error::ApplyError;
use super::steps_per_stack;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::Plan;
use std::collections::BTreeMap;

/// What a run has done and what it has not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Indices of the steps that are done, in the order of the plan.
    pub done: Vec<usize>,
    /// What has failed.
    pub errors: Vec<ApplyError>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// True if the run ended before its time.
    pub interrupted: bool,
}

impl Report {
    /// True if everything was done.
    pub fn is_complete(&self) -> bool {
        self.errors.is_empty() && self.left_out.is_empty() && !self.interrupted
    }
}

/// A step that was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its index in the plan.
    pub step: usize,
    /// Its resource.
    pub address: Address,
    /// What it needs and did not get, or what its stack has stopped at; none if the run ended
    /// before it.
    pub needs: Option<Address>,
}

/// Where each step stands while a run goes on.
pub(super) struct Progressed {
    steps: Vec<Standing>,
    errors: Vec<ApplyError>,
    /// Steps of each stack that are not done.
    left_per_stack: BTreeMap<String, usize>,
    /// Stacks that have stopped, with the step at which they did.
    stopped: BTreeMap<String, usize>,
    interrupted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Done,
    Failed,
    LeftOut(Option<usize>),
}

/// Whether a step may be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It may.
    Ready,
    /// It waits for this step, which may still be done.
    Waits(usize),
    /// It cannot be done without this one: a step that it needs, or the one at which its stack has
    /// stopped.
    Blocked(usize),
}

impl Progressed {
    pub(super) fn new(plan: &Plan) -> Progressed {
        let left = steps_per_stack(plan).into_iter();
        Progressed {
            steps: vec![Standing::Waiting; plan.steps.len()],
            errors: Vec::new(),
            left_per_stack: left.map(|(stack, count)| (stack.to_owned(), count)).collect(),
            stopped: BTreeMap::new(),
            interrupted: false,
        }
    }

    /// True if nothing is to be done for the step any more.
    pub(super) fn is_settled(&self, index: usize) -> bool {
        self.steps[index] != Standing::Waiting
    }

    /// The steps that this one needs and that are not done.
    pub(super) fn unmet_needs(&self, plan: &Plan, index: usize) -> impl Iterator<Item = usize> {
        let needs = plan.steps[index].needs.iter().map(|need| *need as usize);
        needs.filter(|need| self.steps.get(*need) != Some(&Standing::Done))
    }

    /// Notes that a step is done.
    pub(super) fn finish(&mut self, plan: &Plan, index: usize) {
        self.steps[index] = Standing::Done;
        if let Some(left) = self.left_per_stack.get_mut(plan.steps[index].address.stack.as_str()) {
            *left = left.saturating_sub(1);
        }
    }

    /// Notes that a step has failed. Its stack stops there, so that what is done of a stack is
    /// always a first part of its steps, which is what plans are made to be continued from. Only
    /// a certificate may come late: what needs it waits, and all else goes on.
    pub(super) fn fail(&mut self, plan: &Plan, index: usize, error: ApplyError) {
        self.steps[index] = Standing::Failed;
        self.errors.push(error);
        let address = &plan.steps[index].address;
        if address.kind != Kind::Certificate {
            self.stopped.insert(address.stack.to_string(), index);
        }
    }

    /// Whether a step, the next one of its stack, may be begun.
    pub(super) fn stand(&self, plan: &Plan, index: usize) -> Stand {
        let stopped = self.stopped.get(plan.steps[index].address.stack.as_str()).copied();
        let mut unmet = self.unmet_needs(plan, index);
        // Steps stand behind what they need: what does not will never be done.
        let never = |need: &usize| *need >= index || self.is_settled(*need);
        match (unmet.next(), stopped) {
            (None, None) => Stand::Ready,
            (Some(need), None) => match std::iter::once(need).chain(unmet).find(never) {
                Some(obstacle) => Stand::Blocked(obstacle),
                None => Stand::Waits(need),
            },
            (Some(need), Some(_)) if never(&need) => Stand::Blocked(need),
            (_, Some(stopped)) => Stand::Blocked(stopped),
        }
    }

    /// True if steps of a stack are left.
    pub(super) fn is_stack_open(&self, stack: &str) -> bool {
        self.left_per_stack.get(stack).is_some_and(|left| *left > 0)
    }

    /// True if a call of a stack was not answered, so that it may have had its effect.
    pub(super) fn is_unsure(&self, stack: &str) -> bool {
        let mut of_stack = self.errors.iter().filter(|error| error.address.stack == stack);
        of_stack.any(|error| error.code == &code::UNANSWERED)
    }

    pub(super) fn leave_out(&mut self, index: usize, need: Option<usize>) {
        self.steps[index] = Standing::LeftOut(need);
    }

    /// Ends the run: what waits is left out.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// True if the run ends before its time.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// True if every step of a stack is done.
    pub(super) fn is_stack_done(&self, stack: &str) -> bool {
        self.left_per_stack.get(stack) == Some(&0)
    }

    pub(super) fn report(self, plan: &Plan) -> Report {
        let mut report =
            Report { errors: self.errors, interrupted: self.interrupted, ..Report::default() };
        for (index, standing) in self.steps.into_iter().enumerate() {
            let needs = match standing {
                Standing::Done => {
                    report.done.push(index);
                    continue;
                }
                Standing::Failed => continue,
                Standing::Waiting => None,
                Standing::LeftOut(need) => {
                    need.and_then(|need| plan.steps.get(need)).map(|need| need.address.clone())
                }
            };
            let address = plan.steps[index].address.clone();
            report.left_out.push(LeftOut { step: index, address, needs });
        }
        report
    }
}
