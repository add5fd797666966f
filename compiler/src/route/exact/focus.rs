//! Lists that differ in few rules: only requests that one of those takes are answered differently,
//! so that each of them can be looked at by itself, with what stands before it.

use super::Exceeded;
use super::claims::apart;
use super::cover::Cube;
use super::solve::{Example, Facts, List, Region, Regions, Solver};
use super::space::Field;
use std::collections::{BTreeMap, BTreeSet};

/// What answers requests that are of no interest: the same on both sides.
const ELSEWHERE: u32 = u32::MAX;

/// Two lists of which the one takes something as the other does not.
pub(super) type Focus = Vec<(List, List)>;

impl Solver<'_> {
    /// The clause of a dimension that all rules have, save the last ones, which answer alike.
    pub(super) fn required(&self, field: Field, before: &List, after: &List) -> Option<u32> {
        let ((one, before), (other, after)) = (before.split_last()?, after.split_last()?);
        let clauses = |entry: &u32| &self.space.entries[*entry as usize].clauses;
        let first = before.iter().chain(after).next()?;
        let of_field = |id: &&u32| self.space.clauses[**id as usize].field == field;
        let shared = |id: &&u32| before.iter().chain(after).all(|e| clauses(e).contains(id));
        let found = clauses(first).iter().filter(of_field).find(shared).copied();
        found.filter(|_| one == other && clauses(one).is_empty())
    }

    /// The pairs of lists into which two lists come apart, each of the requests that one differing
    /// rule takes; none if that are too many, or if one of them asks nothing of the dimension.
    pub(super) fn focus(&mut self, field: Field, before: &List, after: &List) -> Option<Focus> {
        if self.focused {
            return None;
        }
        let (one, other) = differing(before, after);
        let asks = |entry: &u32| {
            let mut clauses = self.space.entries[*entry as usize].clauses.iter();
            clauses.any(|id| self.space.clauses[*id as usize].field == field)
        };
        if one.len() + other.len() > self.few || !one.iter().chain(&other).all(asks) {
            return None;
        }
        let mut pairs = Focus::new();
        for rule in &one {
            pairs.push(self.taken(*rule, before, after, &BTreeSet::new()));
        }
        // What a differing rule of the first list takes is told above.
        let told = one.into_iter().collect();
        for rule in &other {
            let (after, before) = self.taken(*rule, after, before, &told);
            pairs.push((before, after));
        }
        Some(pairs)
    }

    /// Both lists for the requests that a rule takes in its own one. Rules that are told answer as
    /// this one does.
    fn taken(&mut self, rule: u32, own: &List, other: &List, told: &BTreeSet<u32>) -> (List, List) {
        let guard = self.space.entries[rule as usize].clauses.clone();
        let answer = self.space.entries[rule as usize].answer;
        let guarded = |solver: &mut Self, entry: u32, answer: u32| {
            let mut clauses = solver.space.entries[entry as usize].clauses.clone();
            let disjoint = apart(solver.space, &clauses, &guard);
            clauses.extend(&guard);
            (!disjoint).then(|| solver.space.rule(&clauses, answer))
        };
        let mut earlier = List::new();
        for entry in own.iter().take_while(|entry| **entry != rule) {
            earlier.extend(guarded(self, *entry, ELSEWHERE));
        }
        let elsewhere = self.space.rule(&[], ELSEWHERE);
        let mut one = earlier.clone();
        one.push(self.space.rule(&guard, answer));
        one.push(elsewhere);
        let mut two = earlier;
        for entry in other {
            let theirs = match told.contains(entry) {
                true => answer,
                false => self.space.entries[*entry as usize].answer,
            };
            two.extend(guarded(self, *entry, theirs));
        }
        two.push(elsewhere);
        (self.shortened(one), self.shortened(two))
    }

    /// The regions of all pairs; those that change alike are one.
    pub(super) fn focused_regions(
        &mut self,
        field: Field,
        pairs: Focus,
        special: &Facts,
    ) -> Result<Regions, Exceeded> {
        self.focused = true;
        let found = pairs.into_iter().try_fold(Vec::new(), |mut found, (before, after)| {
            let regions = self.solve(before, after, Vec::new(), special.clone())?;
            found.extend(regions.iter().cloned());
            Ok(found)
        });
        self.focused = false;
        let mut alike: BTreeMap<Region, (BTreeSet<Cube>, Example)> = BTreeMap::new();
        for (mut region, example) in found? {
            let at = region.parts.iter().position(|(part, _)| *part == field);
            let cubes = at.map(|at| std::mem::take(&mut region.parts[at].1));
            let known = alike.entry(region).or_insert_with(|| (BTreeSet::new(), example));
            known.0.extend(cubes.into_iter().flatten());
        }
        let regions = alike.into_iter().map(|(mut region, (cubes, example))| {
            if let Some((_, part)) = region.parts.iter_mut().find(|(part, _)| *part == field) {
                *part = cubes.into_iter().collect();
            }
            (region, example)
        });
        Ok(regions.collect())
    }
}

/// What of each list is not in a longest list that both contain.
fn differing(before: &List, after: &List) -> (List, List) {
    let (rows, columns) = (before.len(), after.len());
    // By what is left of both: the length of a longest common list.
    let mut longest = vec![vec![0_u32; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            longest[i][j] = match before[i] == after[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut one, mut other) = (List::new(), List::new());
    while i < rows || j < columns {
        if i < rows && j < columns && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == columns || (i < rows && longest[i + 1][j] >= longest[i][j + 1]) {
            one.push(before[i]);
            i += 1;
        } else {
            other.push(after[j]);
            j += 1;
        }
    }
    (one, other)
}
