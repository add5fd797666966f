//! Where two lists of rules differ: the space is split dimension by dimension, each time by what
//! the rules that are still alive ask for, until both lists are decided or the same.

use super::atom::{Atom, Split};
use super::cover::{Cube, cover};
use super::relevance::{Asked, dominated, relevant, settled, takers};
use super::space::{Clause, Field, Space, Test};
use super::{Budget, Exceeded};
use crate::route::exact::chain::Pattern;
use fixedbitset::FixedBitSet;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Rules in the order in which they are tried; the last one takes what is left.
pub(super) type List = Vec<u32>;

/// See [`Solver::cheap`].
const CHEAP: usize = 5_000;

/// See [`Solver::few`].
const FEW: usize = 16;

/// Predicates and clauses that are decided.
pub(super) type Facts = Vec<(u32, bool)>;

/// A class of requests that the lists answer differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Region {
    /// By dimension; any text in the others.
    pub(super) parts: Vec<(Field, Vec<Cube>)>,
    /// Clauses of plural dimensions; sorted.
    pub(super) facts: Facts,
    pub(super) before: u32,
    pub(super) after: u32,
}

/// A request of a region: what must be said of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Example {
    pub(super) singular: BTreeMap<Field, String>,
    /// Headers with their numbers, and pairs of the query.
    pub(super) headers: Vec<(u32, String)>,
    pub(super) query: Vec<(String, String)>,
}

pub(super) type Regions = Vec<(Region, Example)>;

/// A pair of the query, or a header's value behind an empty text.
pub(super) type PluralText = (String, String);

/// Pairs of answers that are the same where all these predicates are so.
pub(super) type SameWhere = BTreeMap<(u32, u32), Facts>;

pub(super) struct Solver<'s> {
    pub(super) space: &'s mut Space,
    pub(super) budget: Budget,
    pub(super) ipv6: bool,
    /// True if regions are put into words.
    pub(super) describe: bool,
    /// Differing rules up to which each is looked at by itself.
    pub(super) few: usize,
    /// True where lists are of requests that one rule takes.
    pub(super) focused: bool,
    /// States up to which an automaton tells everything, and not only what matters.
    pub(super) cheap: usize,
    pub(super) same_where: &'s SameWhere,
    memo: FxHashMap<(List, List, Facts, Facts), Rc<Regions>>,
    /// Texts of plural dimensions that were looked for: a clause that holds, predicates that do not.
    pub(super) texts: FxHashMap<(u32, Vec<u32>), Option<PluralText>>,
}

impl<'s> Solver<'s> {
    pub(super) fn new(
        space: &'s mut Space,
        budget: Budget,
        ipv6: bool,
        same_where: &'s SameWhere,
    ) -> Self {
        Solver {
            space,
            budget,
            ipv6,
            describe: true,
            few: FEW,
            focused: false,
            cheap: CHEAP,
            same_where,
            memo: FxHashMap::default(),
            texts: FxHashMap::default(),
        }
    }

    /// The regions where the lists differ. Together they are all such requests, and no other.
    pub(super) fn differences(
        &mut self,
        before: &[u32],
        after: &[u32],
    ) -> Result<Rc<Regions>, Exceeded> {
        let (before, after) = (self.shortened(before.to_vec()), self.shortened(after.to_vec()));
        self.solve(before, after, Vec::new(), Vec::new())
    }

    /// `facts` are clauses of the plural dimension that is being split, `special` the predicates on
    /// which it depends whether two answers are the same.
    pub(super) fn solve(
        &mut self,
        before: List,
        after: List,
        facts: Facts,
        special: Facts,
    ) -> Result<Rc<Regions>, Exceeded> {
        if before == after {
            return Ok(Rc::default());
        }
        let key = (before, after, facts, special);
        if let Some(known) = self.memo.get(&key) {
            return Ok(Rc::clone(known));
        }
        self.budget.cells = self.budget.cells.checked_sub(1).ok_or(Exceeded)?;
        let (before, after, facts, special) = &key;
        let open = self.open_special(before, after, special);
        let entries = before.iter().chain(after);
        let clauses = entries.flat_map(|entry| &self.space.entries[*entry as usize].clauses);
        let fields = clauses.map(|id| self.space.clauses[*id as usize].field);
        let specials = open.iter().map(|id| self.space.predicates[*id as usize].field);
        // Where texts are intricate it is better to know methods and addresses before: each leaves
        // fewer rules that differ in more than their texts.
        let few_atoms = |field: &Field| matches!(field, Field::Method | Field::Source);
        let order = |field: &Field| (self.focused && !few_atoms(field), *field);
        let regions = match fields.chain(specials).min_by_key(order) {
            None => self.decided(before[0], after[0], special),
            Some(field) if field.is_plural() => {
                self.branch(field, before, after, facts, special)?
            }
            Some(field) => self.split(field, before, after, special, &open)?,
        };
        let regions = Rc::new(regions);
        self.memo.insert(key, Rc::clone(&regions));
        Ok(regions)
    }

    fn answer(&self, entry: u32) -> u32 {
        self.space.entries[entry as usize].answer
    }

    fn decided(&self, before: u32, after: u32, special: &Facts) -> Regions {
        let (before, after) = (self.answer(before), self.answer(after));
        let same = self.same_where.get(&(before, after));
        if before == after || same.is_some_and(|facts| facts.iter().all(|f| special.contains(f))) {
            return Vec::new();
        }
        let region = Region { parts: Vec::new(), facts: Vec::new(), before, after };
        vec![(region, Example::default())]
    }

    /// Undecided predicates on which it depends whether answers of these lists are the same.
    fn open_special(&self, before: &List, after: &List, decided: &Facts) -> Vec<u32> {
        let mut open: Vec<u32> = self
            .special(before, after)
            .into_iter()
            .filter(|id| !decided.iter().any(|(known, _)| known == id))
            .collect();
        open.sort_unstable();
        open.dedup();
        open
    }

    fn special(&self, before: &List, after: &List) -> Vec<u32> {
        let answers = |list: &List| list.iter().map(|e| self.answer(*e)).collect::<Vec<_>>();
        if self.same_where.is_empty() {
            return Vec::new();
        }
        let (before, after) = (answers(before), answers(after));
        let of_pair = |((a, b), _): &(&(u32, u32), &Facts)| before.contains(a) && after.contains(b);
        let pairs = self.same_where.iter().filter(of_pair);
        pairs.flat_map(|(_, facts)| facts.iter().map(|(id, _)| *id)).collect()
    }

    /// Splits a dimension of which a request has one text.
    fn split(
        &mut self,
        field: Field,
        before: &List,
        after: &List,
        special: &Facts,
        open: &[u32],
    ) -> Result<Regions, Exceeded> {
        let of_field = |id: &u32| self.space.predicates[*id as usize].field == field;
        let open: Vec<u32> = open.iter().copied().filter(of_field).collect();
        let atoms = match self.whole_atoms(field, before, after, &open) {
            Some(atoms) => atoms,
            None => match self.focus(field, before, after) {
                Some(pairs) => return self.focused_regions(field, pairs, special),
                None => self.atoms(field, before, after, &open)?,
            },
        };
        self.budget.cells = self.budget.cells.checked_sub(atoms.len()).ok_or(Exceeded)?;
        let mut groups: BTreeMap<(List, List, Facts), Vec<usize>> = BTreeMap::new();
        for (i, atom) in atoms.iter().enumerate() {
            if atom.witness.is_none() {
                continue;
            }
            let (before, after) = (self.left(before, field, atom), self.left(after, field, atom));
            let mut special = special.clone();
            special.extend(open.iter().map(|id| (*id, atom.holds.binary_search(id).is_ok())));
            let wanted = self.special(&before, &after);
            special.retain(|(id, _)| wanted.contains(id));
            special.sort_unstable();
            groups.entry((before, after, special)).or_default().push(i);
        }
        let mut found: BTreeMap<Region, (Vec<bool>, Example)> = BTreeMap::new();
        for ((before, after, special), members) in groups {
            for (region, example) in self.solve(before, after, Vec::new(), special)?.iter() {
                let (selected, _) = found.entry(region.clone()).or_insert_with(|| {
                    let mut example = example.clone();
                    example
                        .singular
                        .extend(atoms[members[0]].witness.clone().map(|text| (field, text)));
                    (vec![false; atoms.len()], example)
                });
                members.iter().for_each(|member| selected[*member] = true);
            }
        }
        let regions = found.into_iter().map(|(mut region, (selected, example))| {
            if self.describe && selected.contains(&false) {
                let cubes = cover(&atoms, &selected, &|id| self.precision(id));
                region.parts.insert(0, (field, cubes));
            }
            (region, example)
        });
        Ok(regions.collect())
    }

    /// Atoms of which everything is told, which makes better words; none if that is not cheap.
    fn whole_atoms(
        &mut self,
        field: Field,
        before: &List,
        after: &List,
        open: &[u32],
    ) -> Option<Vec<Atom>> {
        if self.focused {
            return None;
        }
        let space = &*self.space;
        let clauses = before.iter().chain(after).flat_map(|e| &space.entries[*e as usize].clauses);
        let clauses = clauses.map(|id| &space.clauses[*id as usize]).filter(|c| c.field == field);
        let predicates = sorted(clauses.flat_map(|clause| &clause.predicates).chain(open).copied());
        let all = FixedBitSet::from_iter(predicates.iter().map(|id| *id as usize));
        let split = Split {
            field,
            predicates: &predicates,
            relevant: &|_| all.clone(),
            settled: &|_| false,
            dominated: &FxHashMap::default(),
            required: &[],
            takers: &FixedBitSet::new(),
            ipv6: self.ipv6,
        };
        let given = self.cheap.min(self.budget.states);
        let mut left = given;
        let atoms = split.atoms(space, &mut left).ok()?;
        self.budget.states -= given - left;
        Some(atoms)
    }

    /// Atoms of which is told what matters.
    fn atoms(
        &mut self,
        field: Field,
        before: &List,
        after: &List,
        open: &[u32],
    ) -> Result<Vec<Atom>, Exceeded> {
        let required = self.required(field, before, after);
        let space = &*self.space;
        let asked = |list: &List| -> Vec<Asked<'_>> {
            list.iter().map(|entry| Asked::new(space, *entry, field, required)).collect()
        };
        let lists = [asked(before), asked(after)];
        let required = match required {
            Some(clause) => space.clauses[clause as usize].predicates.as_slice(),
            None => &[],
        };
        let clauses = lists.iter().flatten().flat_map(|asked| &asked.clauses);
        let asked = clauses.flat_map(|clause| &clause.predicates);
        let predicates = sorted(asked.chain(required).chain(open).copied());
        let takers = if required.is_empty() { FixedBitSet::new() } else { takers(&lists) };
        let split = Split {
            field,
            predicates: &predicates,
            relevant: &|known| relevant(&lists, open, required, known),
            settled: &|known| settled(&lists, known),
            dominated: &dominated(&lists, open, required, &takers),
            required,
            takers: &takers,
            ipv6: self.ipv6,
        };
        split.atoms(space, &mut self.budget.states)
    }

    /// The rules that an atom leaves, without what it decides.
    fn left(&mut self, list: &List, field: Field, atom: &Atom) -> List {
        let mut left = List::with_capacity(list.len());
        for entry in list {
            let held = |clause: &Clause| {
                clause.predicates.iter().any(|id| atom.holds.binary_search(id).is_ok())
            };
            let clauses = self.space.entries[*entry as usize].clauses.iter();
            let clauses = clauses.map(|id| &self.space.clauses[*id as usize]);
            if clauses.filter(|clause| clause.field == field).all(held) {
                left.push(self.space.without(*entry, |clause, _| clause.field == field));
                if self.space.entries[left[left.len() - 1] as usize].clauses.is_empty() {
                    break;
                }
            }
        }
        self.shortened(left)
    }

    /// The same list without rules that change nothing: those that ask for all that an earlier one
    /// asks for, and those that answer as all that come after do.
    pub(super) fn shortened(&self, list: List) -> List {
        let mut short = List::with_capacity(list.len());
        let mut asked = FxHashSet::default();
        for entry in list {
            let clauses = self.space.entries[entry as usize].clauses.as_slice();
            if some_part(clauses, &asked) {
                continue;
            }
            asked.insert(clauses);
            short.push(entry);
            if clauses.is_empty() {
                break;
            }
        }
        while let [.., earlier, last] = short[..] {
            if self.answer(earlier) != self.answer(last) {
                break;
            }
            short.remove(short.len() - 2);
        }
        short
    }

    fn precision(&self, predicate: u32) -> usize {
        let predicate = &self.space.predicates[predicate as usize];
        match &predicate.test {
            Test::Text(Pattern::Text(text)) => text.len() + 1000,
            Test::Text(Pattern::Wildcard { pattern, .. }) if !pattern.contains(['*', '?']) => {
                pattern.len() + 1000
            }
            Test::Block(block) => usize::from(block.prefix_len()),
            _ => predicate.text.bytes().filter(|b| !matches!(b, b'*' | b'?')).count(),
        }
    }
}

fn sorted(ids: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut ids: Vec<u32> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// True if some of these clauses, or all, are a known list. Longer lists than rules have are only
/// looked for as a whole.
fn some_part(clauses: &[u32], known: &FxHashSet<&[u32]>) -> bool {
    if known.contains(clauses) {
        return true;
    }
    if !(2..=6).contains(&clauses.len()) {
        return false;
    }
    (1..(1_u32 << clauses.len()) - 1).any(|some| {
        let part = clauses.iter().enumerate().filter(|(i, _)| some & (1 << i) != 0);
        let part: Vec<u32> = part.map(|(_, clause)| *clause).collect();
        known.contains(part.as_slice())
    })
}
