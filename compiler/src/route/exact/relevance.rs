//! Which predicates of a dimension matter, where others are known to hold.

use super::space::{Clause, Field, Space};
use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

/// What a rule asks of one dimension, and of the others.
pub(super) struct Asked<'s> {
    entry: u32,
    pub(super) clauses: Vec<&'s Clause>,
    /// Clauses of the other dimensions; sorted.
    others: Vec<u32>,
}

impl<'s> Asked<'s> {
    /// What is `required` anyhow is not asked for.
    pub(super) fn new(space: &'s Space, entry: u32, field: Field, required: Option<u32>) -> Self {
        let all = space.entries[entry as usize].clauses.iter().copied();
        let clause = |id: u32| &space.clauses[id as usize];
        let (own, others): (Vec<u32>, Vec<u32>) = all.partition(|id| clause(*id).field == field);
        let asked = own.into_iter().filter(|id| Some(*id) != required);
        Asked { entry, clauses: asked.map(clause).collect(), others }
    }

    /// True if this rule takes what the other one would, as soon as it has what it asks of the
    /// dimension.
    fn precedes(&self, later: &Asked<'_>) -> bool {
        self.others.iter().all(|clause| later.others.contains(clause))
    }
}

/// The predicates that matter where some are known to hold: none of rules of which an earlier one
/// takes all requests, and no second one of a clause that holds.
pub(super) fn relevant(
    lists: &[Vec<Asked<'_>>],
    open: &[u32],
    required: &[u32],
    known: &FixedBitSet,
) -> FixedBitSet {
    let mut relevant = FixedBitSet::new();
    let mut insert = |id: usize| relevant.grow_and_insert(id);
    open.iter().for_each(|id| insert(*id as usize));
    match required.iter().find(|id| known.contains(**id as usize)) {
        Some(id) => insert(*id as usize),
        None => required.iter().for_each(|id| insert(*id as usize)),
    }
    for list in lists {
        let mut taking: Vec<&Asked<'_>> = Vec::new();
        for asked in list {
            if taking.iter().any(|earlier| earlier.precedes(asked)) {
                continue;
            }
            let mut all = true;
            for clause in &asked.clauses {
                let ids = || clause.predicates.iter().map(|id| *id as usize);
                match ids().find(|id| known.contains(*id)) {
                    Some(id) => insert(id),
                    None => {
                        ids().for_each(&mut insert);
                        all = false;
                    }
                }
            }
            if all {
                taking.push(asked);
            }
        }
    }
    relevant
}

/// True if what is known leaves the same rules of both lists, so that nothing can differ.
pub(super) fn settled(lists: &[Vec<Asked<'_>>; 2], known: &FixedBitSet) -> bool {
    let [before, after] = lists.each_ref().map(|list| {
        let mut left: Vec<u32> = Vec::with_capacity(list.len());
        let mut taking: Vec<&Asked<'_>> = Vec::new();
        for asked in list {
            if taking.iter().any(|earlier| earlier.precedes(asked)) {
                continue;
            }
            left.push(asked.entry);
            let holds =
                |clause: &&Clause| clause.predicates.iter().any(|id| known.contains(*id as usize));
            if asked.clauses.iter().all(holds) {
                taking.push(asked);
            }
        }
        left
    });
    before == after
}

/// Predicates of rules that both lists begin with: where one holds nothing differs, since either
/// those rules answer, or no later one does.
pub(super) fn takers(lists: &[Vec<Asked<'_>>; 2]) -> FixedBitSet {
    let [before, after] = lists;
    let mut takers = FixedBitSet::new();
    let common = before.iter().zip(after).take_while(|(a, b)| a.entry == b.entry);
    for (i, (asked, _)) in common.enumerate() {
        let [clause] = asked.clauses.as_slice() else { continue };
        let later = |list: &[Asked<'_>]| {
            let (_, rules) = list.split_last()?;
            rules.get(i + 1..)?.iter().all(|later| asked.precedes(later)).then_some(())
        };
        if later(before).is_some() && later(after).is_some() {
            clause.predicates.iter().for_each(|id| takers.grow_and_insert(*id as usize));
        }
    }
    takers
}

/// By predicate, those of which each makes it irrelevant.
pub(super) fn dominated(
    lists: &[Vec<Asked<'_>>],
    open: &[u32],
    required: &[u32],
    takers: &FixedBitSet,
) -> FxHashMap<u32, FixedBitSet> {
    let mut dominated: FxHashMap<u32, FixedBitSet> = FxHashMap::default();
    for id in required {
        let mut by = takers.clone();
        required
            .iter()
            .filter(|other| *other != id)
            .for_each(|id| by.grow_and_insert(*id as usize));
        dominated.insert(*id, by);
    }
    for list in lists {
        for (i, asked) in list.iter().enumerate() {
            // One of these is enough for an earlier rule to take what this one would.
            let earlier = list[..i].iter().filter(|earlier| earlier.precedes(asked));
            let single = earlier.filter(|earlier| earlier.clauses.len() == 1);
            let mut taking = FixedBitSet::new();
            for id in single.flat_map(|earlier| &earlier.clauses[0].predicates) {
                taking.grow_and_insert(*id as usize);
            }
            for clause in &asked.clauses {
                for id in &clause.predicates {
                    let mut by = taking.clone();
                    for other in clause.predicates.iter().filter(|other| *other != id) {
                        by.grow_and_insert(*other as usize);
                    }
                    dominated.entry(*id).and_modify(|all| all.intersect_with(&by)).or_insert(by);
                }
            }
        }
    }
    dominated.retain(|id, by| !open.contains(id) && !by.is_clear());
    dominated
}
