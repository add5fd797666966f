//! Which step comes next: stacks go on side by side, each in the order of its steps.

use super::report::{Progressed, Stand};
use ingc_planner::Plan;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The steps that are not settled yet, by stack.
pub(super) struct Schedule {
    /// Steps of each stack, in the order of the plan. The first one is under way, or is the next.
    queues: Vec<VecDeque<usize>>,
    /// The queue of each step.
    queue_of: Vec<usize>,
    /// First steps of queues that are neither under way nor known to wait for another stack.
    open: BTreeSet<usize>,
    /// First steps that wait for a step of another stack, by that step.
    waiting: BTreeMap<usize, Vec<usize>>,
}

impl Schedule {
    pub(super) fn new(plan: &Plan) -> Schedule {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut queues: Vec<VecDeque<usize>> = Vec::new();
        let mut queue_of = Vec::with_capacity(plan.steps.len());
        for (index, step) in plan.steps.iter().enumerate() {
            let number = *numbers.entry(step.address.stack.as_str()).or_insert_with(|| {
                queues.push(VecDeque::new());
                queues.len() - 1
            });
            queues[number].push_back(index);
            queue_of.push(number);
        }
        let open = queues.iter().filter_map(|queue| queue.front().copied()).collect();
        Schedule { queues, queue_of, open, waiting: BTreeMap::new() }
    }

    /// True if nothing can be begun before something that is under way is settled.
    pub(super) fn is_waiting(&self) -> bool {
        self.open.is_empty()
    }

    /// The first step of the plan that may be begun. Those that cannot be done any more are left
    /// out on the way. A step needs only earlier ones, so that there is always one that may be
    /// begun, or one under way.
    pub(super) fn next(&mut self, plan: &Plan, progressed: &mut Progressed) -> Option<usize> {
        while let Some(index) = self.open.pop_first() {
            match progressed.stand(plan, index) {
                Stand::Ready => return Some(index),
                Stand::Waits(need) => self.waiting.entry(need).or_default().push(index),
                Stand::Blocked(obstacle) => {
                    progressed.leave_out(index, Some(obstacle));
                    self.settle(index, progressed);
                }
            }
        }
        None
    }

    /// Notes that a step is settled: its stack goes on, and so do those that have waited for it.
    pub(super) fn settle(&mut self, index: usize, progressed: &Progressed) {
        self.open.extend(self.waiting.remove(&index).into_iter().flatten());
        let Some(queue) = self.queue_of.get(index).and_then(|queue| self.queues.get_mut(*queue))
        else {
            return;
        };
        if queue.front() != Some(&index) {
            return;
        }
        while queue.front().is_some_and(|first| progressed.is_settled(*first)) {
            queue.pop_front();
        }
        self.open.extend(queue.front());
    }

    /// The later steps of a step's stack.
    pub(super) fn behind(&self, index: usize) -> impl Iterator<Item = usize> {
        let queue = self.queue_of.get(index).and_then(|queue| self.queues.get(*queue));
        queue.into_iter().flatten().copied().filter(move |later| *later > index)
    }
}
