//! One nondeterministic automaton for many chains, which share their common beginnings: of a hundred
//! patterns, few states are then reached by any one text.

use super::Exceeded;
use super::chain::{Chain, Link, covers, letters_of};
use super::letters::Letters;
use fixedbitset::FixedBitSet;
use regex_syntax::hir::{Hir, HirKind, Look, LookSet};
use rustc_hash::FxHashMap;

/// A state. It may read a letter and stay, or read one and go on.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Letters with which it stays.
    pub(super) loops: Letters,
    /// Letters with which it goes on.
    pub(super) reads: Vec<(Letters, u32)>,
    /// States it is in as well.
    pub(super) nexts: Vec<u32>,
    /// What must be so at this place in the text for those.
    pub(super) look: Option<Look>,
    /// Patterns that match if the text ends here.
    pub(super) ends: Vec<u32>,
    /// Chains that go through it.
    pub(super) leaves: FixedBitSet,
    /// Links of those chains that are behind it.
    behind: usize,
    /// True if some of the next link is, too.
    within: bool,
}

impl State {
    /// True if it stays whatever comes.
    pub(super) fn stays(&self) -> bool {
        self.loops == Letters::ALL
    }

    /// True if more than the states it leads to is told by it.
    pub(super) fn counts(&self) -> bool {
        self.look.is_some()
            || !self.loops.is_empty()
            || !self.reads.is_empty()
            || !self.ends.is_empty()
    }
}

/// The chains of some patterns.
#[derive(Debug)]
pub(super) struct Trie<'c> {
    /// The first one is the start.
    pub(super) states: Vec<State>,
    /// True if a pattern asks where words begin or end.
    pub(super) words: bool,
    pub(super) leaves: Vec<Leaf<'c>>,
    children: Vec<Vec<Child<'c>>>,
}

/// A chain of a pattern.
#[derive(Debug)]
pub(super) struct Leaf<'c> {
    /// The pattern.
    pub(super) owner: u32,
    chain: &'c [Link],
    /// By links that are behind: letters that any text must have from there on.
    least: Vec<usize>,
    /// By links that are behind: letters that stand in every text from there on; of sets that fold
    /// to one letter, that letter.
    needs: Vec<Letters>,
}

#[derive(Clone, Debug)]
struct Child<'c> {
    link: &'c Link,
    to: u32,
    /// States of a part: the first one, and the one behind the last.
    part: (u32, u32),
}

/// States that one part of a regular expression may have.
const LARGEST: usize = 20_000;

impl<'c> Trie<'c> {
    pub(super) fn new(
        patterns: impl IntoIterator<Item = (u32, &'c [Chain])>,
    ) -> Result<Self, Exceeded> {
        let mut trie = Trie {
            states: vec![State::default()],
            words: false,
            leaves: Vec::new(),
            children: vec![Vec::new()],
        };
        for (owner, chains) in patterns {
            for chain in chains {
                trie.insert(owner, chain)?;
            }
        }
        Ok(trie)
    }

    fn push(&mut self, state: State) -> u32 {
        let id = index(self.states.len());
        self.states.push(state);
        self.children.push(Vec::new());
        id
    }

    fn insert(&mut self, owner: u32, chain: &'c [Link]) -> Result<(), Exceeded> {
        let leaf = self.leaves.len();
        self.leaves.push(Leaf::new(owner, chain));
        let mut at = 0;
        self.states[0].leaves.grow_and_insert(leaf);
        for (behind, link) in chain.iter().enumerate() {
            let known = self.children[at as usize].iter().find(|child| child.link == link);
            let child = match known {
                Some(child) => child.clone(),
                None => self.grow(at, behind, link)?,
            };
            for state in child.part.0..child.part.1 {
                let state = &mut self.states[state as usize];
                state.leaves.grow_and_insert(leaf);
                let asks = |(letters, _): &(Letters, u32)| letters.meets(Letters::one(b'?'));
                if matches!(link, Link::BeforeQuery(_)) && state.reads.iter().any(asks) {
                    state.ends.push(owner);
                }
            }
            at = child.to;
            self.states[at as usize].leaves.grow_and_insert(leaf);
        }
        self.states[at as usize].ends.push(owner);
        Ok(())
    }

    fn grow(&mut self, at: u32, behind: usize, link: &'c Link) -> Result<Child<'c>, Exceeded> {
        let to = self.push(State { behind: behind + 1, ..State::default() });
        let from = index(self.states.len());
        match link {
            Link::Loop(letters) => {
                // The loop is still to be met where it may go on.
                self.states[to as usize].loops = *letters;
                self.states[to as usize].behind = behind;
                self.states[at as usize].nexts.push(to);
            }
            Link::One(letters) => self.states[at as usize].reads.push((*letters, to)),
            Link::Part(hir) | Link::BeforeQuery(hir) => {
                let mut part = Part { limit: self.states.len() + LARGEST, behind, trie: self };
                let start = part.compile(hir, to)?;
                self.states[at as usize].nexts.push(start);
            }
        }
        let child = Child { link, to, part: (from, index(self.states.len())) };
        self.children[at as usize].push(child.clone());
        Ok(child)
    }

    /// The chains of a state that need not be followed from there on where another state is that
    /// stays: those of a pattern of which it matters no more whether it matches once a pattern of
    /// that other state does, and of which every text is matched by that other one.
    pub(super) fn idle(
        &self,
        wide: u32,
        narrow: u32,
        dominated: &FxHashMap<u32, FixedBitSet>,
    ) -> Option<FixedBitSet> {
        let mut idle = FixedBitSet::new();
        let (from, at) = (&self.states[wide as usize], &self.states[narrow as usize]);
        let shortest = from.leaves.ones().map(|by| self.leaves[by].least[from.behind]).min();
        let long_enough = |leaf: &usize| Some(self.leaves[*leaf].least[at.behind]) >= shortest;
        for leaf in at.leaves.ones().filter(long_enough) {
            let by = |by: usize| {
                let (other, this) = ((wide, by), (narrow, leaf));
                // What a chain reaches without reading says whether it ends, so that of its own
                // states only a later one will do.
                (by != leaf || from.behind > at.behind)
                    && self.dominates(other, this, dominated)
                    // Of two that say the same, the first one stays.
                    && (by <= leaf || !at.stays() || !self.dominates(this, other, dominated))
            };
            if from.leaves.ones().any(by) {
                idle.grow_and_insert(leaf);
            }
        }
        (!idle.is_clear()).then_some(idle)
    }

    fn dominates(
        &self,
        (wide, by): (u32, usize),
        (narrow, leaf): (u32, usize),
        dominated: &FxHashMap<u32, FixedBitSet>,
    ) -> bool {
        let (by, leaf) = (&self.leaves[by], &self.leaves[leaf]);
        let within = self.states[narrow as usize].within;
        let (wide, narrow) =
            (self.states[wide as usize].behind, self.states[narrow as usize].behind);
        let matters_less = || {
            by.owner == leaf.owner
                || dominated.get(&leaf.owner).is_some_and(|all| all.contains(by.owner as usize))
        };
        by.least[wide] <= leaf.least[narrow]
            && by.needs[wide].minus(leaf.needs[narrow]).is_empty()
            && matters_less()
            && covers(&by.chain[wide..], &leaf.chain[narrow..], within)
    }
}

impl<'c> Leaf<'c> {
    fn new(owner: u32, chain: &'c [Link]) -> Self {
        let (mut least, mut needs) =
            (vec![0; chain.len() + 1], vec![Letters::NONE; chain.len() + 1]);
        for (i, link) in chain.iter().enumerate().rev() {
            let (letters, single) = match link {
                Link::One(letters) => (1, letters.single()),
                _ => (0, Letters::NONE),
            };
            least[i] = least[i + 1] + letters;
            needs[i] = needs[i + 1].or(single);
        }
        Leaf { owner, chain, least, needs }
    }
}

/// A part of a regular expression on its way to states.
struct Part<'t, 'c> {
    trie: &'t mut Trie<'c>,
    /// States that there may be.
    limit: usize,
    behind: usize,
}

impl Part<'_, '_> {
    fn push(&mut self, state: State) -> u32 {
        self.trie.push(State { behind: self.behind, within: true, ..state })
    }

    fn read(&mut self, letters: Letters, next: u32) -> u32 {
        self.push(State { reads: vec![(letters, next)], ..State::default() })
    }

    fn split(&mut self, nexts: Vec<u32>) -> u32 {
        self.push(State { nexts, ..State::default() })
    }

    /// Adds what matches `hir` and goes on to `next`; returns where that starts.
    fn compile(&mut self, hir: &Hir, next: u32) -> Result<u32, Exceeded> {
        if self.trie.states.len() > self.limit {
            return Err(Exceeded);
        }
        Ok(match hir.kind() {
            HirKind::Empty => next,
            HirKind::Literal(literal) => {
                let letters = literal.0.iter().rev().map(|byte| Letters::one(*byte));
                letters.fold(next, |next, letters| self.read(letters, next))
            }
            HirKind::Class(class) => self.read(letters_of(class), next),
            HirKind::Look(look) => {
                self.trie.words |= LookSet::singleton(*look).contains_word();
                self.push(State { look: Some(*look), nexts: vec![next], ..State::default() })
            }
            HirKind::Capture(capture) => self.compile(&capture.sub, next)?,
            HirKind::Concat(parts) => {
                let mut next = next;
                for part in parts.iter().rev() {
                    next = self.compile(part, next)?;
                }
                next
            }
            HirKind::Alternation(parts) => {
                let starts: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.compile(part, next)).collect();
                self.split(starts?)
            }
            HirKind::Repetition(repetition) => {
                let mut start = next;
                match repetition.max {
                    None => {
                        let again = self.split(Vec::new());
                        let body = self.compile(&repetition.sub, again)?;
                        self.trie.states[again as usize].nexts = vec![body, next];
                        start = again;
                    }
                    Some(max) => {
                        for _ in repetition.min..max {
                            let body = self.compile(&repetition.sub, start)?;
                            start = self.split(vec![body, next]);
                        }
                    }
                }
                for _ in 0..repetition.min {
                    start = self.compile(&repetition.sub, start)?;
                }
                start
            }
        })
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
