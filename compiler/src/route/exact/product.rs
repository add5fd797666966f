//! Products of automata: which patterns can hold together for one text, each with a text for which
//! they do. Subsets are built breadth first, so that the first text found is a shortest one.

use super::Exceeded;
use super::chain::Chain;
use super::letters::{Letters, split};
use super::trie::Trie;
use super::universe::Universe;
use fixedbitset::FixedBitSet;
use regex_syntax::hir::Look;
use rustc_hash::{FxHashMap, FxHashSet};
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
    trie: Trie<'m>,
    universe: &'static Universe,
    nodes: Vec<Node>,
    /// Nodes by their states, and by the states before some were left out.
    seen: FxHashSet<Key>,
    queue: VecDeque<u32>,
    /// Marks of the last closure, by state.
    marks: Vec<u32>,
    mark: u32,
    /// By patterns that are known to match: the chains that matter.
    relevant: FxHashMap<FixedBitSet, Option<Rc<FixedBitSet>>>,
    /// By pattern: those of which it matters no more whether it matches once they do.
    dominated: &'m FxHashMap<u32, FixedBitSet>,
    /// Patterns of which one must match, or none if nothing must, and their chains.
    required: (FixedBitSet, FixedBitSet),
    /// Patterns that may match where it is sure that none is of interest which is required; none if
    /// there is no such text.
    pub(super) lost: Option<FixedBitSet>,
    /// Chains that are idle in the second state where the first one is.
    idle: FxHashMap<(u32, u32), Option<Rc<FixedBitSet>>>,
    /// Pairs of states that were looked at since the last node.
    pairs: usize,
}

/// So many pairs of states cost as much as a node.
const PAIRS: usize = 64;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    place: u8,
    /// Only told where a state asks.
    around: Around,
    states: Rc<[u32]>,
}

struct Node {
    key: Key,
    /// Chains that matter.
    wanted: Rc<FixedBitSet>,
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
    /// Of these patterns, each with its chains.
    pub(super) fn new(
        patterns: impl IntoIterator<Item = (u32, &'m [Chain])>,
        universe: &'static Universe,
    ) -> Result<Self, Exceeded> {
        static NONE: std::sync::LazyLock<FxHashMap<u32, FixedBitSet>> =
            std::sync::LazyLock::new(FxHashMap::default);
        let trie = Trie::new(patterns)?;
        Ok(Product {
            dominated: &NONE,
            required: (FixedBitSet::new(), FixedBitSet::new()),
            lost: None,
            idle: FxHashMap::default(),
            pairs: 0,
            universe,
            nodes: Vec::new(),
            seen: FxHashSet::default(),
            queue: VecDeque::new(),
            marks: vec![0; trie.states.len()],
            mark: 0,
            relevant: FxHashMap::default(),
            trie,
        })
    }

    /// Leaves out what is dominated: a pattern needs no state that matches nothing which a state of
    /// one of these patterns does not match.
    pub(super) fn dominated(self, dominated: &'m FxHashMap<u32, FixedBitSet>) -> Self {
        Product { dominated, ..self }
    }

    /// Leaves out texts for which none of these patterns matches, and those for which one does only
    /// if a pattern does that it is dominated by.
    pub(super) fn required(mut self, patterns: &[u32]) -> Self {
        let owners: FixedBitSet = patterns.iter().map(|id| *id as usize).collect();
        let leaves = (0..).zip(&self.trie.leaves);
        let leaves = leaves.filter(|(_, leaf)| owners.contains(leaf.owner as usize));
        let leaves: FixedBitSet = leaves.map(|(id, _): (usize, _)| id).collect();
        self.required = (owners, leaves);
        self
    }

    /// Visits the patterns that match at every node where a text may end, shortest texts first.
    /// `budget` is what nodes are taken from.
    pub(super) fn explore(
        &mut self,
        relevant: &mut Relevant<'_>,
        budget: &mut usize,
        visit: &mut Visit<'_>,
    ) -> Result<(), Exceeded> {
        let around = Around { start: true, after_word: false };
        self.enter(self.universe.start, &[0], around, None, relevant);
        while let Some(node) = self.queue.pop_front() {
            let states = self.nodes[node as usize].key.states.len();
            let pairs = std::mem::take(&mut self.pairs) / PAIRS;
            *budget = budget.checked_sub(1 + states / 8 + pairs).ok_or(Exceeded)?;
            let place = self.nodes[node as usize].key.place;
            if self.universe.accepts(place) {
                let key = self.nodes[node as usize].key.clone();
                let matched = self.matched(&key);
                if visit(matched, &|| self.text(node)).is_break() {
                    return Ok(());
                }
            }
            self.leave(node, relevant);
        }
        Ok(())
    }

    /// The patterns that match one text.
    pub(super) fn matching(&mut self, text: &str) -> FixedBitSet {
        let key = |around, states: Vec<u32>| Key { place: 0, around, states: states.into() };
        let around = Around { start: true, after_word: false };
        let mut at = key(around, self.close(&[0], around, None));
        for letter in text.bytes().map(Letters::one) {
            let word = letter.meets(Letters::WORD);
            let states = self.resolve(&at, Some(word));
            let around = Around { start: false, after_word: word };
            let read = self.read(&states, letter, None);
            at = key(around, self.close(&read, around, None));
        }
        self.matched(&at)
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
    fn matched(&mut self, key: &Key) -> FixedBitSet {
        let resolved = self.resolve(key, None);
        let mut matched = FixedBitSet::new();
        for state in resolved.iter() {
            for owner in &self.trie.states[*state as usize].ends {
                matched.grow_and_insert(*owner as usize);
            }
        }
        matched
    }

    fn waits(&self, state: u32) -> bool {
        self.trie.states[state as usize].look.is_some()
    }

    /// The states with those that stand behind looks which hold before `next`, or before the end.
    fn resolve(&mut self, key: &Key, next: Option<bool>) -> Rc<[u32]> {
        if !key.states.iter().any(|state| self.waits(*state)) {
            return Rc::clone(&key.states);
        }
        self.close(&key.states, key.around, Some(next)).into()
    }

    /// All states that are reached without reading, sorted. `next` is `None` as long as what follows
    /// is not known: then looks at it stay.
    fn close(&mut self, from: &[u32], around: Around, next: Option<Option<bool>>) -> Vec<u32> {
        self.mark += 1;
        let mut stack: Vec<u32> = from.to_vec();
        let mut states = Vec::with_capacity(from.len() + 2);
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut self.marks[id as usize], self.mark) == self.mark {
                continue;
            }
            let state = &self.trie.states[id as usize];
            let passes = match state.look {
                None => Some(true),
                Some(look) => holds(look, around, next),
            };
            if passes == Some(true) {
                stack.extend(&state.nexts);
            }
            let stays = if state.look.is_some() { passes.is_none() } else { state.counts() };
            if stays {
                states.push(id);
            }
        }
        states.sort_unstable();
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
        let mut states = self.close(from, around, None);
        let waits = states.iter().any(|state| self.waits(*state));
        let around = if waits { around } else { Around::default() };
        let raw = Key { place, around, states: states.as_slice().into() };
        if !self.seen.insert(raw) {
            return;
        }
        let before = states.len();
        let Some(wanted) = self.leave_out(&mut states, relevant) else { return };
        let waits = states.iter().any(|state| self.waits(*state));
        let around = if waits { around } else { Around::default() };
        let key = Key { place, around, states: states.into() };
        if key.states.len() < before && !self.seen.insert(key.clone()) {
            return;
        }
        let new = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { key, wanted, from: origin });
        self.queue.push_back(new);
    }

    /// Leaves only states of which a chain matters, and returns the chains that do; none if the text
    /// is of no interest.
    fn leave_out(
        &mut self,
        states: &mut Vec<u32>,
        relevant: &mut Relevant<'_>,
    ) -> Option<Rc<FixedBitSet>> {
        let trie = &self.trie;
        let wide: Vec<u32> =
            states.iter().copied().filter(|s| trie.states[*s as usize].stays()).collect();
        let mut known = FixedBitSet::new();
        for owner in wide.iter().flat_map(|state| &trie.states[*state as usize].ends) {
            known.grow_and_insert(*owner as usize);
        }
        let (owners, leaves) = &self.required;
        let mut lost = !owners.is_clear() && owners.is_disjoint(&known);
        let wanted = self.relevant.entry(known).or_insert_with_key(|known| {
            let wanted = relevant(known)?;
            let leaves = (0..).zip(&trie.leaves);
            let leaves = leaves.filter(|(_, leaf)| wanted.contains(leaf.owner as usize));
            Some(Rc::new(leaves.map(|(id, _): (usize, _)| id).collect()))
        });
        let wanted = Rc::clone(wanted.as_ref()?);
        self.pairs += wide.len() * states.len();
        let mut left = FixedBitSet::new();
        let (idle, dominated) = (&mut self.idle, self.dominated);
        states.retain(|narrow| {
            left.clone_from(&trie.states[*narrow as usize].leaves);
            left.intersect_with(&wanted);
            for wide in &wide {
                if left.is_clear() {
                    break;
                }
                let idle = idle
                    .entry((*wide, *narrow))
                    .or_insert_with(|| trie.idle(*wide, *narrow, dominated).map(Rc::new));
                if let Some(idle) = idle {
                    left.difference_with(idle);
                }
            }
            lost &= left.is_disjoint(leaves);
            !left.is_clear()
        });
        if lost {
            let takers = self.lost.get_or_insert_default();
            for leaf in wide.iter().flat_map(|state| trie.states[*state as usize].leaves.ones()) {
                takers.grow_and_insert(trie.leaves[leaf].owner as usize);
            }
            return None;
        }
        Some(wanted)
    }

    fn leave(&mut self, node: u32, relevant: &mut Relevant<'_>) {
        let Node { key, wanted, .. } = &self.nodes[node as usize];
        let (key, wanted) = (key.clone(), Rc::clone(wanted));
        let mut edges = Vec::new();
        for (letters, to) in self.universe.steps(key.place) {
            // Words begin and end between letters of these two kinds.
            let mut kinds = vec![*letters];
            if self.trie.words {
                split(&mut kinds, Letters::WORD);
            }
            for kind in kinds {
                let word = kind.meets(Letters::WORD);
                let states = self.resolve(&key, Some(word));
                for part in self.parts(&states, kind, &wanted) {
                    let Some(nicest) = part.nicest() else { continue };
                    edges.push((nicest, *to, word, self.read(&states, part, Some(&wanted))));
                }
            }
        }
        edges.sort_by_key(|(letter, ..)| *letter);
        for ((_, letter), to, word, states) in edges {
            let around = Around { start: false, after_word: word };
            self.enter(to, &states, around, Some((node, letter)), relevant);
        }
    }

    /// The letters split so that all letters of a part lead to the same states.
    fn parts(&self, states: &[u32], kind: Letters, wanted: &FixedBitSet) -> Vec<Letters> {
        let mut borders = Vec::new();
        for state in states {
            let state = &self.trie.states[*state as usize];
            if !state.stays() && !state.loops.is_empty() {
                borders.push(state.loops);
            }
            let reads = state.reads.iter();
            let reads = reads.filter(|(_, to)| self.matters(*to, wanted));
            borders.extend(reads.map(|(letters, _)| *letters));
        }
        borders.sort_unstable();
        borders.dedup();
        let mut parts = vec![kind];
        borders.into_iter().for_each(|letters| split(&mut parts, letters));
        parts
    }

    fn matters(&self, state: u32, wanted: &FixedBitSet) -> bool {
        !self.trie.states[state as usize].leaves.is_disjoint(wanted)
    }

    fn read(&self, states: &[u32], part: Letters, wanted: Option<&FixedBitSet>) -> Vec<u32> {
        let mut after = Vec::with_capacity(states.len() + 1);
        for id in states {
            let state = &self.trie.states[*id as usize];
            if state.loops.meets(part) {
                after.push(*id);
            }
            for (letters, to) in &state.reads {
                let matters = || wanted.is_none_or(|wanted| self.matters(*to, wanted));
                if letters.meets(part) && matters() {
                    after.push(*to);
                }
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
