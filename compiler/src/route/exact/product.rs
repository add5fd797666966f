//! Products of automata: which patterns can hold together for one text, each with a text for which
//! they do. Subsets are built breadth first, so that the first text found is a shortest one.

use super::Exceeded;
use super::letters::{Letters, split};
use super::machine::{Machine, State};
use super::universe::Universe;
use fixedbitset::FixedBitSet;
use regex_syntax::hir::Look;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

/// What is left to be known when these patterns are known to match whatever follows; none if the
/// text is of no interest any more.
pub(super) type Relevant<'f> = dyn FnMut(&FixedBitSet) -> Option<FixedBitSet> + 'f;

/// Gets the patterns that match some texts, and can ask for a shortest of them.
pub(super) type Visit<'f> = dyn FnMut(FixedBitSet, &dyn Fn() -> String) -> ControlFlow<()> + 'f;

/// The subset automaton of some patterns over the texts of a universe.
pub(super) struct Product<'m> {
    machine: &'m Machine,
    universe: &'static Universe,
    nodes: Vec<Node>,
    seen: FxHashMap<Key, u32>,
    queue: VecDeque<u32>,
    /// Marks of the last closure, by state.
    marks: Vec<u32>,
    mark: u32,
    relevant: FxHashMap<FixedBitSet, Option<FixedBitSet>>,
    /// By pattern: those of which it matters no more whether it matches once they do.
    dominated: &'m FxHashMap<u32, FixedBitSet>,
    covers: FxHashMap<(u32, u32), bool>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    place: u8,
    /// Only told where a state asks.
    around: Around,
    states: Rc<[u32]>,
}

struct Node {
    key: Key,
    from: Option<(u32, char)>,
}

/// What lies before a place in a text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Around {
    /// Nothing.
    start: bool,
    /// A letter of a word.
    after_word: bool,
}

impl<'m> Product<'m> {
    pub(super) fn new(machine: &'m Machine, universe: &'static Universe) -> Self {
        static NONE: std::sync::LazyLock<FxHashMap<u32, FixedBitSet>> =
            std::sync::LazyLock::new(FxHashMap::default);
        Product {
            dominated: &NONE,
            covers: FxHashMap::default(),
            machine,
            universe,
            nodes: Vec::new(),
            seen: FxHashMap::default(),
            queue: VecDeque::new(),
            marks: vec![0; machine.states.len()],
            mark: 0,
            relevant: FxHashMap::default(),
        }
    }

    /// Leaves out what is dominated: a pattern needs no state that matches nothing which a state of
    /// one of these patterns does not match.
    pub(super) fn dominated(self, dominated: &'m FxHashMap<u32, FixedBitSet>) -> Self {
        Product { dominated, ..self }
    }

    /// Visits the patterns that match at every node where a text may end, shortest texts first.
    /// `budget` is what nodes are taken from.
    pub(super) fn explore(
        mut self,
        starts: &[u32],
        relevant: &mut Relevant<'_>,
        budget: &mut usize,
        visit: &mut Visit<'_>,
    ) -> Result<(), Exceeded> {
        let around = Around { start: true, after_word: false };
        self.enter(self.universe.start, starts, around, None, relevant);
        while let Some(node) = self.queue.pop_front() {
            let states = self.nodes[node as usize].key.states.len();
            *budget = budget.checked_sub(1 + states / 16).ok_or(Exceeded)?;
            let place = self.nodes[node as usize].key.place;
            if self.universe.accepts(place) {
                let matched = self.matched(node);
                if visit(matched, &|| self.text(node)).is_break() {
                    return Ok(());
                }
            }
            self.leave(node, relevant);
        }
        Ok(())
    }

    /// The patterns that match one text.
    pub(super) fn matching(&mut self, starts: &[u32], text: &str) -> FixedBitSet {
        let key = |around, states: Vec<u32>| Key { place: 0, around, states: states.into() };
        let around = Around { start: true, after_word: false };
        let mut at = key(around, self.close(starts, around, None));
        for letter in text.bytes().map(Letters::one) {
            let word = letter.meets(Letters::WORD);
            let states = self.resolve(&at, Some(word));
            let around = Around { start: false, after_word: word };
            let read = self.read(&states, letter);
            at = key(around, self.close(&read, around, None));
        }
        self.owners_matched(&at)
    }

    fn text(&self, node: u32) -> String {
        let mut letters = Vec::new();
        let mut at = node;
        while let Some((from, letter)) = self.nodes[at as usize].from {
            letters.push(letter);
            at = from;
        }
        letters.into_iter().rev().collect()
    }

    /// The patterns that match if the text ends here.
    fn matched(&mut self, node: u32) -> FixedBitSet {
        let key = self.nodes[node as usize].key.clone();
        self.owners_matched(&key)
    }

    fn owners_matched(&mut self, key: &Key) -> FixedBitSet {
        let resolved = self.resolve(key, None);
        let mut matched = FixedBitSet::new();
        for state in resolved.iter().copied() {
            if let State::Match { .. } = self.machine.states[state as usize] {
                matched.grow_and_insert(self.machine.owner[state as usize] as usize);
            }
        }
        matched
    }

    /// The states with those that stand behind looks which hold before `next`, or before the end.
    fn resolve(&mut self, key: &Key, next: Option<bool>) -> Rc<[u32]> {
        let waits = |s: &u32| matches!(self.machine.states[*s as usize], State::Look(..));
        if !key.states.iter().any(waits) {
            return Rc::clone(&key.states);
        }
        self.close(&key.states, key.around, Some(next)).into()
    }

    /// All states that are reached without reading. `next` is `None` as long as what follows is
    /// not known: then looks at it stay.
    fn close(&mut self, from: &[u32], around: Around, next: Option<Option<bool>>) -> Vec<u32> {
        let last = |s: &u32| {
            matches!(self.machine.states[*s as usize], State::Read { .. } | State::Match { .. })
        };
        if from.iter().all(last) {
            return from.to_vec();
        }
        self.mark += 1;
        let mut stack: Vec<u32> = from.iter().rev().copied().collect();
        let mut states = Vec::with_capacity(from.len());
        while let Some(state) = stack.pop() {
            if std::mem::replace(&mut self.marks[state as usize], self.mark) == self.mark {
                continue;
            }
            match &self.machine.states[state as usize] {
                State::Split(to) => stack.extend(to.iter().rev()),
                State::Look(look, to) => match holds(*look, around, next) {
                    Some(true) => stack.push(*to),
                    Some(false) => {}
                    None => states.push(state),
                },
                State::Read { .. } | State::Match { .. } => states.push(state),
            }
        }
        states
    }

    fn enter(
        &mut self,
        place: u8,
        from: &[u32],
        around: Around,
        origin: Option<(u32, char)>,
        relevant: &mut Relevant<'_>,
    ) {
        let machine = self.machine;
        let mut states = self.close(from, around, None);
        // Owners lie in one piece each, so that sorting brings them together.
        states.sort_unstable();
        states.dedup();
        let stays = |state: u32| {
            matches!(
                machine.states[state as usize],
                State::Read { stays: true, .. } | State::Match { stays: true }
            )
        };
        let mut known = FixedBitSet::new();
        let mut kept = Vec::with_capacity(states.len());
        for group in
            states.chunk_by(|a, b| machine.owner[*a as usize] == machine.owner[*b as usize])
        {
            let ranks = group.iter().filter(|s| stays(**s)).map(|s| machine.rank[*s as usize]);
            let least = ranks.max().unwrap_or(0);
            kept.extend(group.iter().filter(|s| machine.rank[**s as usize] >= least));
            let sure =
                |s: &&u32| matches!(machine.states[**s as usize], State::Match { stays: true });
            if let Some(state) = group.iter().find(sure) {
                known.grow_and_insert(machine.owner[*state as usize] as usize);
            }
        }
        let wanted = self.relevant.entry(known).or_insert_with_key(|known| relevant(known));
        let Some(wanted) = wanted else { return };
        kept.retain(|state| wanted.contains(machine.owner[*state as usize] as usize));
        let parent = origin.map(|(node, _)| Rc::clone(&self.nodes[node as usize].key.states));
        self.leave_out_dominated(&mut kept, parent.as_deref().unwrap_or_default());
        let waits = |s: &u32| matches!(machine.states[*s as usize], State::Look(..));
        let around = if kept.iter().any(waits) { around } else { Around::default() };
        let key = Key { place, around, states: kept.into() };
        let new = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if !self.seen.contains_key(&key) {
            self.seen.insert(key.clone(), new);
            self.nodes.push(Node { key, from: origin });
            self.queue.push_back(new);
        }
    }

    /// Of states that both were there before, it is known that none is dominated.
    fn leave_out_dominated(&mut self, states: &mut Vec<u32>, before: &[u32]) {
        if self.dominated.is_empty() {
            return;
        }
        let machine = self.machine;
        let stays =
            |s: &u32| matches!(machine.states[*s as usize], State::Read { stays: true, .. });
        let owner = |state: u32| machine.owner[state as usize];
        let is_new = |state: u32| before.binary_search(&state).is_err();
        let of = |state: u32| (state, is_new(state), machine.needs[state as usize]);
        let mut wide: Vec<_> = states.iter().copied().filter(stays).map(of).collect();
        let some_new = wide.iter().any(|(_, new, _)| *new);
        let mut gone = Vec::new();
        for (narrow, new, needs) in states.iter().copied().map(of) {
            if !new && !some_new {
                continue;
            }
            let Some(by) = self.dominated.get(&owner(narrow)) else { continue };
            let covered = wide.iter().any(|(wide, wide_new, wide_needs)| {
                (new || *wide_new)
                    && wide_needs.minus(needs).is_empty()
                    && by.contains(owner(*wide) as usize)
                    && *wide != narrow
                    && *self
                        .covers
                        .entry((*wide, narrow))
                        .or_insert_with(|| machine.covers(*wide, narrow))
            });
            if covered {
                wide.retain(|(state, ..)| *state != narrow);
                gone.push(narrow);
            }
        }
        states.retain(|state| gone.binary_search(state).is_err());
    }

    fn leave(&mut self, node: u32, relevant: &mut Relevant<'_>) {
        let key = self.nodes[node as usize].key.clone();
        let mut edges = Vec::new();
        for (letters, to) in self.universe.steps(key.place) {
            // Words begin and end between letters of these two kinds.
            let mut kinds = vec![*letters];
            if self.machine.words {
                split(&mut kinds, Letters::WORD);
            }
            for kind in kinds {
                let word = kind.meets(Letters::WORD);
                let states = self.resolve(&key, Some(word));
                let read = states.iter().filter_map(|s| match &self.machine.states[*s as usize] {
                    State::Read { letters, .. } => Some(*letters),
                    _ => None,
                });
                let mut borders: Vec<Letters> = read.collect();
                borders.sort_unstable();
                borders.dedup();
                let mut parts = vec![kind];
                borders.into_iter().for_each(|letters| split(&mut parts, letters));
                for part in parts {
                    let Some(nicest) = part.nicest() else { continue };
                    edges.push((nicest, *to, word, self.read(&states, part)));
                }
            }
        }
        edges.sort_by_key(|(letter, ..)| *letter);
        for ((_, letter), to, word, states) in edges {
            let around = Around { start: false, after_word: word };
            self.enter(to, &states, around, Some((node, letter)), relevant);
        }
    }

    fn read(&self, states: &[u32], part: Letters) -> Vec<u32> {
        let mut after = Vec::with_capacity(states.len());
        for state in states {
            match &self.machine.states[*state as usize] {
                State::Read { letters, next, stays } => {
                    after.extend(letters.meets(part).then_some(*next));
                    after.extend(stays.then_some(*state));
                }
                State::Match { stays: true } => after.push(*state),
                _ => {}
            }
        }
        after
    }
}

/// Whether a look holds; none if that depends on what follows. Line ends are in no text, so that
/// lines are texts.
fn holds(look: Look, around: Around, next: Option<Option<bool>>) -> Option<bool> {
    let before = around.after_word;
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF => return Some(around.start),
        Look::WordStartHalfAscii | Look::WordStartHalfUnicode => return Some(!before),
        _ => {}
    }
    let next = next?;
    let after = next == Some(true);
    Some(match look {
        Look::End | Look::EndLF | Look::EndCRLF => next.is_none(),
        Look::WordAscii | Look::WordUnicode => before != after,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => before == after,
        Look::WordStartAscii | Look::WordStartUnicode => !before && after,
        Look::WordEndAscii | Look::WordEndUnicode => before && !after,
        Look::WordEndHalfAscii | Look::WordEndHalfUnicode => !after,
        _ => around.start,
    })
}
