//! The way from a listener's rules to the desired ones, on which every request is answered as
//! before or as after, and no priority is ever asked for while another rule holds it.
//!
//! New rules are made below all others, where they take only what nothing else answers. Then one
//! SetRulePriorities brings all rules to their places at once, those that go below the rest. Then
//! they are deleted from the lowest up, so that none of them answers for one that went before.
//! Rules that change what they do do so before or after that moment, whichever cannot be felt
//! early or late; one that could be felt both ways is made anew instead.

use super::Content;
use super::overlap::may_overlap;
use std::collections::BTreeSet;

/// A rule that exists.
#[derive(Clone, Debug)]
pub(crate) struct Existing {
    pub(crate) priority: i32,
    pub(crate) content: Content,
}

/// A rule that shall exist.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) priority: i32,
    pub(crate) content: Content,
    /// The existing rule that it is.
    pub(crate) from: Option<usize>,
    /// It differs from that rule in more than its number.
    pub(crate) changed: bool,
}

/// What else bears on the listener.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    /// How many more rules the load balancer may have while the plan runs.
    pub(crate) rules: usize,
    /// The deletions have to come first.
    pub(crate) deletes_first: bool,
    /// Numbers of rules that are not ours.
    pub(crate) foreign: BTreeSet<i32>,
}

/// What to do, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// For every wanted rule the existing one that it is in the end.
    pub(crate) from: Vec<Option<usize>>,
    /// Wanted rules whose existing ones are changed first.
    pub(crate) before: Vec<usize>,
    /// Wanted rules to make, with the number to make them with.
    pub(crate) creates: Vec<(usize, i32)>,
    /// One reorder; empty if every rule has its number.
    pub(crate) moves: Vec<Move>,
    /// Wanted rules whose existing ones are changed now.
    pub(crate) after: Vec<usize>,
    /// Existing rules to delete, with the number that they then have.
    pub(crate) deletes: Vec<(usize, i32)>,
    /// There is no room for old and new rules at once: the deletions come first.
    pub(crate) deletes_first: bool,
    /// Rules that are changed in place although requests may feel it, for want of room.
    pub(crate) exposed: Vec<usize>,
    /// Desired numbers that rules of others hold.
    pub(crate) blocked: Vec<i32>,
}

/// A rule that gets another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) rule: Mover,
    pub(crate) from: i32,
    pub(crate) to: i32,
}

/// Who moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mover {
    /// An existing rule that a wanted one is.
    Kept { existing: usize, wanted: usize },
    /// A wanted rule that was made a moment ago.
    Made { wanted: usize },
    /// An existing rule that is going to be deleted.
    Leaving { existing: usize },
}

/// The highest priority number. Source: CreateRule of the Elastic Load Balancing API reference.
pub(super) const MAX_PRIORITY: i32 = 50_000;

/// Finds the way.
pub(crate) fn schedule(existing: &[Existing], wanted: &[Wanted], room: &Room) -> Schedule {
    let mut plan = Planner { existing, wanted, from: wanted.iter().map(|w| w.from).collect() };
    let mut schedule = plan.updates(room.rules);
    schedule.from = plan.from.clone();
    schedule.deletes_first = room.deletes_first;
    plan.numbers(&mut schedule, room);
    schedule.blocked =
        wanted.iter().map(|w| w.priority).filter(|n| room.foreign.contains(n)).collect();
    schedule
}

struct Planner<'r> {
    existing: &'r [Existing],
    wanted: &'r [Wanted],
    from: Vec<Option<usize>>,
}

/// When a changed rule may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Timing {
    before: bool,
    after: bool,
}

impl Planner<'_> {
    fn made(&self) -> Vec<usize> {
        let mut made: Vec<_> = (0..self.wanted.len()).filter(|&w| self.from[w].is_none()).collect();
        made.sort_by_key(|&w| self.wanted[w].priority);
        made
    }

    fn leaving(&self) -> Vec<usize> {
        let mut leaving: Vec<_> =
            (0..self.existing.len()).filter(|e| !self.from.contains(&Some(*e))).collect();
        leaving.sort_by_key(|&e| self.existing[e].priority);
        leaving
    }

    /// Wanted rules that exist, with what they are.
    fn kept(&self) -> impl Iterator<Item = (usize, usize)> {
        self.from.iter().enumerate().filter_map(|(w, from)| Some((w, (*from)?)))
    }

    fn changed(&self) -> Vec<(usize, usize)> {
        let mut changed: Vec<_> = self.kept().filter(|(w, _)| self.wanted[*w].changed).collect();
        changed.sort_by_key(|&(w, _)| self.wanted[w].priority);
        changed
    }

    fn takes_others(&self, (w, e): (usize, usize)) -> bool {
        self.wanted[w].content.requests != self.existing[e].content.requests
    }

    /// Sorts the changed rules into those that change before the reorder and those that do after,
    /// and gives up on keeping those that cannot wait and cannot hurry.
    fn updates(&mut self, room: usize) -> Schedule {
        let mut exposed: BTreeSet<usize> = BTreeSet::new();
        loop {
            let changed = self.changed();
            let quiet = changed.iter().all(|&pair| !self.takes_others(pair))
                && self.made().is_empty()
                && self.leaving().is_empty()
                && self.order_is_kept();
            if quiet {
                let after = changed.iter().map(|(w, _)| *w).collect();
                return Schedule { after, ..Schedule::default() };
            }
            let mut stages: [Vec<(usize, usize)>; 2] = Default::default();
            let mut torn = Vec::new();
            for &pair in &changed {
                let timing = self.timing(pair);
                if timing.before && timing.after && !exposed.contains(&pair.0) {
                    torn.push(pair.0);
                }
                stages[usize::from(!timing.before || timing.after)].push(pair);
            }
            let sorted = stages.each_ref().map(|stage| self.hand_over(stage));
            if torn.is_empty() {
                torn.extend(
                    sorted.iter().filter_map(|(_, stuck)| *stuck).find(|w| !exposed.contains(w)),
                );
                torn.extend(self.crossing(&stages).filter(|w| !exposed.contains(w)));
                torn.truncate(1);
            }
            if torn.is_empty() {
                let [before, after] = sorted.map(|(order, _)| order);
                let exposed = exposed.into_iter().collect();
                return Schedule { before, after, exposed, ..Schedule::default() };
            }
            for w in torn {
                if self.made().len() < room {
                    self.from[w] = None;
                } else {
                    exposed.insert(w);
                }
            }
        }
    }

    fn order_is_kept(&self) -> bool {
        let mut kept: Vec<_> = self.kept().collect();
        kept.sort_by_key(|&(w, _)| self.wanted[w].priority);
        kept.windows(2)
            .all(|pair| self.existing[pair[0].1].priority < self.existing[pair[1].1].priority)
    }

    /// When a changed rule must change for no request to feel it.
    fn timing(&self, (w, e): (usize, usize)) -> Timing {
        let (new, old) = (&self.wanted[w], &self.existing[e]);
        let takes_others = self.takes_others((w, e));
        let meets = |other: &Content| {
            may_overlap(&old.content.conditions, &other.conditions)
                || (takes_others && may_overlap(&new.content.conditions, &other.conditions))
        };
        let mut timing = Timing::default();
        for (other_w, other_e) in self.kept().filter(|(other, _)| *other != w) {
            let (other_new, other_old) = (&self.wanted[other_w], &self.existing[other_e]);
            let was_above = other_old.priority < old.priority;
            let is_above = other_new.priority < new.priority;
            if was_above != is_above && (meets(&other_old.content) || meets(&other_new.content)) {
                timing.before |= was_above;
                timing.after |= is_above;
            }
        }
        let stays_put = self.stays_put();
        for d in self.leaving() {
            let leaving = &self.existing[d];
            let covers = leaving.priority < old.priority || takes_others;
            timing.before |= !stays_put && covers && meets(&leaving.content);
            // What this rule lets go would fall to one that is on its way out.
            let falls = takes_others
                && leaving.priority > old.priority
                && may_overlap(&old.content.conditions, &leaving.content.conditions);
            if falls {
                return Timing { before: true, after: true };
            }
        }
        for f in self.made() {
            let made = &self.wanted[f];
            let above = made.priority < new.priority;
            if above && meets(&made.content) {
                timing.after = true;
            } else if takes_others {
                let conditions = &made.content.conditions;
                timing.after |= may_overlap(&old.content.conditions, conditions);
                timing.before |= may_overlap(&new.content.conditions, conditions);
            }
        }
        timing
    }

    /// Orders rules that take others' requests over: who takes comes before who lets go, and who
    /// stands above comes first. Tells one that cannot be ordered, if there is one.
    fn hand_over(&self, stage: &[(usize, usize)]) -> (Vec<usize>, Option<usize>) {
        let mut rest: Vec<_> = stage.to_vec();
        let mut order = Vec::new();
        let mut stuck = None;
        while !rest.is_empty() {
            let free = rest.iter().position(|&pair| {
                !rest.iter().any(|&other| other != pair && self.must_precede(other, pair))
            });
            if free.is_none() {
                stuck = stuck.or(Some(rest[0].0));
            }
            order.push(rest.remove(free.unwrap_or(0)).0);
        }
        (order, stuck)
    }

    /// A rule that changes before the reorder although one that must precede it changes after.
    fn crossing<'s>(
        &'s self,
        [before, after]: &'s [Vec<(usize, usize)>; 2],
    ) -> impl Iterator<Item = usize> + 's {
        let late = |pair| after.iter().any(|&other| self.must_precede(other, pair));
        before.iter().filter(move |pair| late(**pair)).map(|(w, _)| *w)
    }

    /// True if a request could feel it that the second rule changes before the first.
    fn must_precede(&self, a: (usize, usize), b: (usize, usize)) -> bool {
        let new = |(w, _): (usize, usize)| &self.wanted[w];
        let old = |(_, e): (usize, usize)| &self.existing[e];
        let meet = |a: &Content, b: &Content| may_overlap(&a.conditions, &b.conditions);
        let (a_takes, b_takes) = (self.takes_others(a), self.takes_others(b));
        let above = new(a).priority < new(b).priority;
        let takes_from = a_takes && (b_takes || above) && meet(&new(a).content, &old(b).content);
        let steals = a_takes && b_takes && above && meet(&new(a).content, &new(b).content);
        let falls_to =
            b_takes && old(a).priority > old(b).priority && meet(&old(a).content, &old(b).content);
        takes_from || steals || falls_to
    }

    /// True if no rule that stays needs another number and no new one needs a number that is held.
    fn stays_put(&self) -> bool {
        let held: BTreeSet<i32> = self.existing.iter().map(|e| e.priority).collect();
        self.kept().all(|(w, e)| self.wanted[w].priority == self.existing[e].priority)
            && self.made().iter().all(|&w| !held.contains(&self.wanted[w].priority))
    }

    /// Gives numbers to what is made, moved and deleted.
    fn numbers(&self, schedule: &mut Schedule, room: &Room) {
        let (made, leaving) = (self.made(), self.leaving());
        let gone = |e: &usize| schedule.deletes_first && leaving.contains(e);
        let held: BTreeSet<i32> = (0..self.existing.len())
            .filter(|e| !gone(e))
            .map(|e| self.existing[e].priority)
            .collect();
        let own: Vec<_> = leaving.iter().map(|&e| (e, self.existing[e].priority)).collect();
        schedule.deletes = own.iter().rev().copied().collect();
        let settled =
            self.kept().all(|(w, e)| self.wanted[w].priority == self.existing[e].priority)
                && made.iter().all(|&w| !held.contains(&self.wanted[w].priority));
        if settled {
            schedule.creates = made.iter().map(|&w| (w, self.wanted[w].priority)).collect();
            return;
        }
        let last = self.wanted.iter().map(|w| w.priority).max().unwrap_or(0);
        let park = !schedule.deletes_first && own.iter().any(|(_, number)| *number <= last);
        let mut taken: BTreeSet<i32> = held;
        taken.extend(self.wanted.iter().map(|w| w.priority));
        taken.extend(&room.foreign);
        let parked = if park { own.len() } else { 0 };
        let mut free = free_below(&taken, made.len() + parked).into_iter();
        for &w in &made {
            let Some(number) = free.next() else { break };
            schedule.creates.push((w, number));
            let to = self.wanted[w].priority;
            schedule.moves.push(Move { rule: Mover::Made { wanted: w }, from: number, to });
        }
        for (w, e) in self.kept() {
            let (from, to) = (self.existing[e].priority, self.wanted[w].priority);
            let rule = Mover::Kept { existing: e, wanted: w };
            schedule.moves.extend((from != to).then_some(Move { rule, from, to }));
        }
        if park {
            schedule.deletes.clear();
            for ((e, from), to) in own.into_iter().zip(free) {
                let rule = Mover::Leaving { existing: e };
                schedule.moves.push(Move { rule, from, to });
                schedule.deletes.insert(0, (e, to));
            }
        }
        schedule.moves.sort_by_key(|step| (step.to, step.rule));
    }
}

/// Free numbers below all that are taken, in order; where the end is too near, the last free ones.
fn free_below(taken: &BTreeSet<i32>, count: usize) -> Vec<i32> {
    let start = taken.last().map_or(1, |last| last + 1);
    let end = start.saturating_add(i32::try_from(count).unwrap_or(i32::MAX));
    if end <= MAX_PRIORITY + 1 {
        return (start..end).collect();
    }
    let mut free: Vec<i32> =
        (1..=MAX_PRIORITY).rev().filter(|number| !taken.contains(number)).take(count).collect();
    free.reverse();
    free
}
