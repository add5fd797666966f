//! Patterns and regular expressions as one nondeterministic automaton.

use super::Exceeded;
use super::letters::Letters;
use crate::route::expression::parsed;
use crate::route::pattern::{Case, Step, steps};
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
    /// True if a pattern asks where words begin or end.
    pub(super) words: bool,
}

/// States that one regular expression may have.
const LARGEST: usize = 20_000;

impl Machine {
    fn push(&mut self, owner: u32, rank: usize, state: State) -> u32 {
        let id = index(self.states.len());
        self.states.push(state);
        self.owner.push(owner);
        self.rank.push(index(rank));
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
        let first = index(self.states.len());
        let mut stays = false;
        for (rank, step) in steps.into_iter().enumerate() {
            let letters = match step {
                Step::Any => {
                    stays = true;
                    continue;
                }
                Step::One => Letters::range(0, 127),
                Step::Literal(c) => literal(c, case),
            };
            let next = index(self.states.len() + 1);
            self.push(owner, rank, State::Read { letters, next, stays });
            stays = false;
        }
        self.push(owner, usize::MAX, State::Match { stays });
        first
    }

    fn regex(&mut self, owner: u32, regex: &str, case: Case) -> Result<Option<u32>, Exceeded> {
        let Some(hir) = parsed(regex, case) else { return Ok(None) };
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
