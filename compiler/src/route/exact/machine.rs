//! Patterns and regular expressions as one nondeterministic automaton.

use super::Exceeded;
use super::letters::Letters;
use crate::route::expression::parsed;
use crate::route::pattern::{Case, Step, steps};
use fixedbitset::FixedBitSet;
use regex_syntax::hir::{Class, Hir, HirKind, Look, LookSet};

/// What a text must match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pattern {
    /// A pattern with `*` and `?`.
    Wildcard {
        /// The pattern.
        pattern: String,
        /// How letters compare.
        case: Case,
        /// True if a backslash takes a wildcard as it is.
        escapes: bool,
    },
    /// A regular expression to be found somewhere in the text.
    Regex {
        /// The expression.
        regex: String,
        /// How letters compare.
        case: Case,
    },
    /// This very text.
    Text(String),
    /// A path where a rewrite's expression may be found in path and query, whatever the query is.
    /// It may also hold for a path where the expression is never found.
    Rewritten {
        /// The expression.
        regex: String,
    },
}

/// A state. The automaton of a pattern has matched when it is in a `Match`.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Reads one of these letters and goes on; if it stays, it also reads any letter and stays.
    Read { letters: Letters, next: u32, stays: bool },
    /// Is in all of these at once.
    Split(Vec<u32>),
    /// Goes on if the place in the text is such.
    Look(Look, u32),
    /// Has matched; if it stays, whatever follows.
    Match { stays: bool },
}

/// The states of many patterns.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) states: Vec<State>,
    /// The pattern of each state.
    pub(super) owner: Vec<u32>,
    /// Of two states of a pattern of which one stays, the one of the higher rank accepts all that
    /// the other does.
    pub(super) rank: Vec<u32>,
    /// Letters that stand in every text which is matched from a state of a chain on; of sets that
    /// fold to one letter, that letter.
    pub(super) needs: Vec<Letters>,
    /// True if a pattern asks where words begin or end.
    pub(super) words: bool,
    /// Patterns of which the states are one chain.
    chains: FixedBitSet,
}

/// What a chain matches next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// Any number of any letters.
    Any,
    /// One of these letters.
    One(Letters),
}

/// States that one regular expression may have.
const LARGEST: usize = 20_000;

impl Machine {
    fn push(&mut self, owner: u32, rank: usize, state: State) -> u32 {
        let id = index(self.states.len());
        self.states.push(state);
        self.owner.push(owner);
        self.rank.push(index(rank));
        self.needs.push(Letters::NONE);
        id
    }

    /// Adds a pattern and returns where it starts; none if it matches nothing.
    pub(super) fn add(&mut self, owner: u32, pattern: &Pattern) -> Result<Option<u32>, Exceeded> {
        match pattern {
            Pattern::Wildcard { pattern, case, escapes } => {
                Ok(Some(self.wildcard(owner, steps(pattern, *escapes), *case)))
            }
            Pattern::Text(text) => {
                let steps = text.chars().map(Step::Literal).collect();
                Ok(Some(self.wildcard(owner, steps, Case::Sensitive)))
            }
            Pattern::Regex { regex, case } => self.regex(owner, regex, *case),
            Pattern::Rewritten { regex } => {
                let first = self.states.len();
                let start = self.regex(owner, regex, Case::Sensitive)?;
                self.end_before_query(owner, first);
                if self.chains.contains(owner as usize) {
                    self.chains.remove(owner as usize);
                }
                Ok(start)
            }
        }
    }

    /// Lets the automaton from `first` on match also where a query can bring it to its end.
    fn end_before_query(&mut self, owner: u32, first: usize) {
        let last = self.states.len();
        let mut ends = vec![false; last - first];
        let at = |state: u32| state as usize - first;
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..ends.len() {
                let reached = match &self.states[first + i] {
                    State::Match { .. } => true,
                    State::Read { letters, next, .. } => !letters.is_empty() && ends[at(*next)],
                    State::Split(to) => to.iter().any(|to| ends[at(*to)]),
                    State::Look(_, to) => ends[at(*to)],
                };
                changed |= reached && !ends[i];
                ends[i] |= reached;
            }
        }
        for i in first..last {
            let State::Read { letters, next, .. } = &self.states[i] else { continue };
            if letters.meets(Letters::one(b'?')) && ends[at(*next)] {
                let read = self.states[i].clone();
                let read = self.push(owner, 0, read);
                let end = self.push(owner, 0, State::Match { stays: false });
                self.states[i] = State::Split(vec![read, end]);
            }
        }
    }

    fn wildcard(&mut self, owner: u32, steps: Vec<Step>, case: Case) -> u32 {
        let links = steps.into_iter().map(|step| match step {
            Step::Any => Link::Any,
            Step::One => Link::One(Letters::range(0, 127)),
            Step::Literal(c) => Link::One(literal(c, case)),
        });
        self.chain(owner, links)
    }

    /// A pattern that is one chain of states.
    fn chain(&mut self, owner: u32, links: impl IntoIterator<Item = Link>) -> u32 {
        let first = index(self.states.len());
        self.chains.grow_and_insert(owner as usize);
        let mut stays = false;
        for (rank, link) in links.into_iter().enumerate() {
            let letters = match link {
                Link::Any => {
                    stays = true;
                    continue;
                }
                Link::One(letters) => letters,
            };
            let next = index(self.states.len() + 1);
            self.push(owner, rank, State::Read { letters, next, stays });
            stays = false;
        }
        self.push(owner, usize::MAX, State::Match { stays });
        let mut needs = Letters::NONE;
        for i in (first as usize..self.states.len()).rev() {
            if let State::Read { letters, .. } = &self.states[i] {
                needs = needs.or(letters.single());
            }
            self.needs[i] = needs;
        }
        first
    }

    /// True if it is plain that one state matches all that another does, both being of chains.
    pub(super) fn covers(&self, wide: u32, narrow: u32) -> bool {
        let chain = |state: u32| self.chains.contains(self.owner[state as usize] as usize);
        if !chain(wide) || !chain(narrow) {
            return false;
        }
        let (wide, narrow) = (self.rest(wide), self.rest(narrow));
        let (mut step, mut at) = (0, 0);
        let mut back = None;
        while at < narrow.len() {
            let taken = match (wide.get(step), narrow[at]) {
                (Some(Link::Any), _) => {
                    back = Some((step, at));
                    step += 1;
                    continue;
                }
                (Some(Link::One(wide)), Link::One(narrow)) => narrow.minus(*wide).is_empty(),
                _ => false,
            };
            if taken {
                step += 1;
                at += 1;
            } else if let Some((any, from)) = back {
                back = Some((any, from + 1));
                step = any + 1;
                at = from + 1;
            } else {
                return false;
            }
        }
        wide[step..].iter().all(|link| *link == Link::Any)
    }

    /// What is left to be matched from a state of a chain on.
    fn rest(&self, mut state: u32) -> Vec<Link> {
        let mut links = Vec::new();
        loop {
            match &self.states[state as usize] {
                State::Read { letters, next, stays } => {
                    links.extend(stays.then_some(Link::Any));
                    links.push(Link::One(*letters));
                    state = *next;
                }
                State::Match { stays: true } => {
                    links.push(Link::Any);
                    return links;
                }
                _ => return links,
            }
        }
    }

    fn regex(&mut self, owner: u32, regex: &str, case: Case) -> Result<Option<u32>, Exceeded> {
        let Some(hir) = parsed(regex, case) else { return Ok(None) };
        if let Some(links) = links(&hir) {
            return Ok(Some(self.chain(owner, links)));
        }
        let limit = self.states.len() + LARGEST;
        let end = self.push(owner, 1, State::Match { stays: true });
        let body = self.compile(owner, &hir, end, limit)?;
        self.end_early(end);
        if hir.properties().look_set_prefix().contains(Look::Start) {
            return Ok(Some(body));
        }
        let start = index(self.states.len());
        self.push(owner, 0, State::Split(vec![start + 1, body]));
        let letters = Letters::range(0, 127);
        self.push(owner, 0, State::Read { letters, next: start, stays: false });
        Ok(Some(start))
    }

    /// Lets all states from `end` on that match whatever follows, such as those of `.*$`, match at
    /// once: what is sure then needs no more states.
    fn end_early(&mut self, end: u32) {
        let first = end as usize;
        let mut sure = vec![true; self.states.len() - first];
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..sure.len() {
                if sure[i] && !self.goes_on(end, end + index(i), &sure) {
                    sure[i] = false;
                    changed = true;
                }
            }
        }
        for (i, sure) in sure.into_iter().enumerate().skip(1) {
            if sure {
                self.states[first + i] = State::Split(vec![end]);
            }
        }
    }

    /// True if a state matches where the text ends, and whatever letter comes it reads it and gets
    /// to a state that is thought to match whatever follows.
    fn goes_on(&self, end: u32, state: u32, sure: &[bool]) -> bool {
        let (mut stack, mut seen) = (vec![state], vec![state]);
        let (mut ends, mut letters) = (false, Letters::NONE);
        while let Some(state) = stack.pop() {
            let to = match &self.states[state as usize] {
                State::Match { .. } => return true,
                State::Read { letters: some, next, .. } => {
                    if sure[(*next - end) as usize] {
                        letters = letters.or(*some);
                    }
                    continue;
                }
                State::Look(Look::End | Look::EndLF | Look::EndCRLF, to) => {
                    ends |= *to == end;
                    continue;
                }
                State::Look(..) => continue,
                State::Split(to) => to,
            };
            for to in to {
                if !seen.contains(to) {
                    seen.push(*to);
                    stack.push(*to);
                }
            }
        }
        ends && Letters::TEXT.minus(letters).is_empty()
    }

    /// Adds what matches `hir` and goes on to `next`; returns where that starts.
    fn compile(&mut self, owner: u32, hir: &Hir, next: u32, limit: usize) -> Result<u32, Exceeded> {
        if self.states.len() > limit {
            return Err(Exceeded);
        }
        let read = |letters| State::Read { letters, next, stays: false };
        Ok(match hir.kind() {
            HirKind::Empty => next,
            HirKind::Literal(literal) => literal.0.iter().rev().fold(next, |next, byte| {
                let letters = Letters::one(*byte);
                self.push(owner, 0, State::Read { letters, next, stays: false })
            }),
            HirKind::Class(class) => self.push(owner, 0, read(letters_of(class))),
            HirKind::Look(look) => {
                self.words |= LookSet::singleton(*look).contains_word();
                self.push(owner, 0, State::Look(*look, next))
            }
            HirKind::Capture(capture) => self.compile(owner, &capture.sub, next, limit)?,
            HirKind::Concat(parts) => {
                let mut next = next;
                for part in parts.iter().rev() {
                    next = self.compile(owner, part, next, limit)?;
                }
                next
            }
            HirKind::Alternation(parts) => {
                let starts: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.compile(owner, part, next, limit)).collect();
                self.push(owner, 0, State::Split(starts?))
            }
            HirKind::Repetition(repetition) => {
                let mut start = next;
                match repetition.max {
                    None => {
                        let again = self.push(owner, 0, State::Split(Vec::new()));
                        let body = self.compile(owner, &repetition.sub, again, limit)?;
                        self.states[again as usize] = State::Split(vec![body, next]);
                        start = again;
                    }
                    Some(max) => {
                        for _ in repetition.min..max {
                            let body = self.compile(owner, &repetition.sub, start, limit)?;
                            start = self.push(owner, 0, State::Split(vec![body, next]));
                        }
                    }
                }
                for _ in 0..repetition.min {
                    start = self.compile(owner, &repetition.sub, start, limit)?;
                }
                start
            }
        })
    }
}

/// What a regular expression matches as a chain, if it is one: letters, classes and `.*`.
fn links(hir: &Hir) -> Option<Vec<Link>> {
    let parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    let is = |part: Option<&Hir>, look| part.is_some_and(|p| *p.kind() == HirKind::Look(look));
    let (start, end) = (is(parts.first(), Look::Start), is(parts.last(), Look::End));
    let mut links = Vec::new();
    if !start {
        links.push(Link::Any);
    }
    for part in &parts[usize::from(start)..parts.len() - usize::from(end)] {
        match part.kind() {
            HirKind::Literal(literal) => {
                links.extend(literal.0.iter().map(|byte| Link::One(Letters::one(*byte))));
            }
            HirKind::Class(class) => links.push(Link::One(letters_of(class))),
            HirKind::Repetition(repetition) if repetition.max.is_none() => {
                let HirKind::Class(class) = repetition.sub.kind() else { return None };
                let letters = letters_of(class);
                if !Letters::TEXT.minus(letters).is_empty() {
                    return None;
                }
                let least = usize::try_from(repetition.min).ok().filter(|least| *least < 64)?;
                links.extend(std::iter::repeat_n(Link::One(letters), least));
                links.push(Link::Any);
            }
            _ => return None,
        }
    }
    if !end {
        links.push(Link::Any);
    }
    Some(links)
}

fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The ASCII letters that compare equal to a character of a pattern.
fn literal(c: char, case: Case) -> Letters {
    match (u8::try_from(c), case) {
        (Ok(byte), Case::Sensitive) => Letters::one(byte),
        (Ok(byte), Case::Insensitive) => Letters::one(byte).folded(),
        (Err(_), Case::Sensitive) => Letters::NONE,
        (Err(_), Case::Insensitive) => (0..128_u8)
            .filter(|byte| char::from(*byte).to_lowercase().eq(c.to_lowercase()))
            .fold(Letters::NONE, |set, byte| set.or(Letters::one(byte))),
    }
}

fn letters_of(class: &Class) -> Letters {
    let ascii = |c: u32| u8::try_from(c.min(127)).unwrap_or(127);
    let range = |(first, last): (u32, u32)| match first < 128 {
        true => Letters::range(ascii(first), ascii(last)),
        false => Letters::NONE,
    };
    let ranges: Vec<_> = match class {
        Class::Unicode(class) => class.iter().map(|r| (r.start().into(), r.end().into())).collect(),
        Class::Bytes(class) => class.iter().map(|r| (r.start().into(), r.end().into())).collect(),
    };
    ranges.into_iter().map(range).fold(Letters::NONE, Letters::or)
}
