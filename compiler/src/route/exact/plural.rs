//! Dimensions of which a request has several texts or none: headers and the query. A clause holds if
//! any text meets it, so that clauses are decided one by one, each way that is possible.

use super::Exceeded;
use super::product::Product;
use super::solve::{Example, Facts, List, Region, Regions, Solver};
use super::space::{Field, Test};
use super::universe::{HEADER, QUERY_KEY, QUERY_VALUE, Universe};
use fixedbitset::FixedBitSet;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

impl Solver<'_> {
    /// Decides the first clause of the dimension, both ways.
    pub(super) fn branch(
        &mut self,
        field: Field,
        before: &List,
        after: &List,
        facts: &Facts,
        special: &Facts,
    ) -> Result<Regions, Exceeded> {
        let clauses = before.iter().chain(after);
        let mut clauses = clauses.flat_map(|entry| &self.space.entries[*entry as usize].clauses);
        let of_field = |id: &&u32| self.space.clauses[**id as usize].field == field;
        let Some(clause) = clauses.find(of_field).copied() else { return Ok(Vec::new()) };
        let mut found: BTreeMap<Region, (bool, bool, Example)> = BTreeMap::new();
        let mut possible = [false; 2];
        for held in [true, false] {
            let mut facts = facts.clone();
            facts.push((clause, held));
            facts.sort_unstable();
            let Some(example) = self.example(field, &facts)? else { continue };
            possible[usize::from(held)] = true;
            let before = self.assume(before, clause, held);
            let after = self.assume(after, clause, held);
            let more = |list: &List| {
                list.iter().any(|entry| self.space.first_field(*entry) == Some(field))
            };
            let goes_on = more(&before) || more(&after);
            let facts = if goes_on { facts } else { Vec::new() };
            for (region, rest) in self.solve(before, after, facts, special.clone())?.iter() {
                let entry = found.entry(region.clone()).or_default();
                if held {
                    entry.0 = true
                } else {
                    entry.1 = true
                }
                // Where it makes no difference, the example of less words is the later one.
                entry.2 = rest.clone();
                if !goes_on {
                    entry.2.headers.extend(example.headers.iter().cloned());
                    entry.2.query.extend(example.query.iter().cloned());
                }
            }
        }
        let both = possible == [true; 2];
        let regions = found.into_iter().map(|(mut region, (with, without, example))| {
            if both && with != without {
                region.facts.push((clause, with));
                region.facts.sort_unstable();
            }
            (region, example)
        });
        Ok(regions.collect())
    }

    /// The rules that are left where a clause holds or does not.
    fn assume(&mut self, list: &List, clause: u32, held: bool) -> List {
        let mut left = List::with_capacity(list.len());
        for entry in list {
            if !self.space.entries[*entry as usize].clauses.contains(&clause) {
                left.push(*entry);
            } else if held {
                left.push(self.space.without(*entry, |_, id| id == clause));
            }
        }
        self.shortened(left)
    }

    /// Texts with which the clauses of a dimension hold or do not hold as said; none if there are
    /// no such texts.
    fn example(&mut self, field: Field, facts: &Facts) -> Result<Option<Example>, Exceeded> {
        let denied = facts.iter().filter(|(_, held)| !held);
        let denied = denied.flat_map(|(id, _)| &self.space.clauses[*id as usize].predicates);
        let mut denied: Vec<u32> = denied.copied().collect();
        denied.sort_unstable();
        denied.dedup();
        let mut example = Example::default();
        for (clause, _) in facts.iter().filter(|(_, held)| *held) {
            let key = (*clause, denied.clone());
            let known = self.texts.get(&key).cloned();
            let text = match known {
                Some(text) => text,
                None => {
                    let wanted = self.space.clauses[*clause as usize].predicates.clone();
                    let text = match field {
                        Field::Header(_) => self
                            .text(&HEADER, &wanted, &denied)?
                            .map(|value| (String::new(), value)),
                        _ => self.pair(&wanted, &denied)?,
                    };
                    self.texts.insert(key, text.clone());
                    text
                }
            };
            let Some((key, value)) = text else { return Ok(None) };
            match field {
                Field::Header(name) => {
                    let header = (name, value);
                    if !example.headers.contains(&header) {
                        example.headers.push(header);
                    }
                }
                _ => {
                    let pair = (key, value);
                    if !example.query.contains(&pair) {
                        example.query.push(pair);
                    }
                }
            }
        }
        Ok(Some(example))
    }

    /// A shortest text that meets a wanted predicate and no denied one.
    fn text(
        &mut self,
        universe: &'static Universe,
        wanted: &[u32],
        denied: &[u32],
    ) -> Result<Option<String>, Exceeded> {
        let set = |ids: &[u32]| FixedBitSet::from_iter(ids.iter().map(|id| *id as usize));
        let (wanted, denied) = (set(wanted), set(denied));
        let all = &wanted | &denied;
        let ids: Vec<u32> = all.ones().filter_map(|id| u32::try_from(id).ok()).collect();
        let mut found = None;
        Product::new(self.space.chains(ids), universe)?.explore(
            &mut |known| (known.is_disjoint(&denied)).then(|| all.clone()),
            &mut self.budget.states,
            &mut |matched, text| {
                if matched.is_disjoint(&denied) && !matched.is_disjoint(&wanted) {
                    found = Some(text());
                }
                // An empty text is hard to send: any other one is better.
                match found.as_ref().is_some_and(|text| !text.is_empty()) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            },
        )?;
        Ok(found)
    }

    /// A pair of a query that meets a wanted predicate and no denied one.
    fn pair(
        &mut self,
        wanted: &[u32],
        denied: &[u32],
    ) -> Result<Option<(String, String)>, Exceeded> {
        let pairs = |solver: &Self, ids: &[u32]| -> Vec<(Option<u32>, u32)> {
            ids.iter()
                .filter_map(|id| match solver.space.predicates[*id as usize].test {
                    Test::Pair { key, value } => Some((key, value)),
                    _ => None,
                })
                .collect()
        };
        let (wanted, denied) = (pairs(self, wanted), pairs(self, denied));
        let keys = wanted.iter().chain(&denied).filter_map(|(key, _)| *key);
        let mut keys: Vec<u32> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        let all = FixedBitSet::from_iter(keys.iter().map(|id| *id as usize));
        let mut classes: BTreeMap<Vec<usize>, String> = BTreeMap::new();
        Product::new(self.space.chains(keys), &QUERY_KEY)?.explore(
            &mut |_| Some(all.clone()),
            &mut self.budget.states,
            &mut |matched, text| {
                classes.entry(matched.ones().collect()).or_insert_with(text);
                ControlFlow::Continue(())
            },
        )?;
        let mut best: Option<(String, String)> = None;
        for (held, key) in classes {
            let of_key = |list: &[(Option<u32>, u32)]| -> Vec<u32> {
                let fits = |key: &Option<u32>| key.is_none_or(|key| held.contains(&(key as usize)));
                list.iter().filter(|(key, _)| fits(key)).map(|(_, value)| *value).collect()
            };
            let (wanted, denied) = (of_key(&wanted), of_key(&denied));
            if wanted.is_empty() {
                continue;
            }
            if let Some(value) = self.text(&QUERY_VALUE, &wanted, &denied)? {
                let shorter =
                    best.as_ref().is_none_or(|(k, v)| key.len() + value.len() < k.len() + v.len());
                if shorter {
                    best = Some((key, value));
                }
            }
        }
        Ok(best)
    }
}
