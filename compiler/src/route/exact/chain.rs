//! Patterns and regular expressions as chains of links: nearly all that are written are one chain or
//! a few, and what is none is a link of its own.

use super::letters::Letters;
use crate::route::expression::parsed;
use crate::route::pattern::{Case, Step, steps};
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

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

/// What a chain matches next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Any number of these letters.
    Loop(Letters),
    /// One of these letters.
    One(Letters),
    /// What this part of a regular expression matches.
    Part(Hir),
    /// As [`Link::Part`], or the start of what it matches up to a `?`.
    BeforeQuery(Hir),
}

/// Links behind one another; the text ends with the last one.
pub(super) type Chain = Vec<Link>;

/// Chains that one regular expression may become before parts of it stay as they are.
const CHAINS: usize = 8;
/// Letters that a repetition may become.
const REPEATED: u32 = 64;

impl Pattern {
    /// The chains of which one must match.
    pub(super) fn chains(&self) -> Vec<Chain> {
        match self {
            Pattern::Wildcard { pattern, case, escapes } => {
                vec![wildcard(&steps(pattern, *escapes), *case)]
            }
            Pattern::Text(text) => {
                let steps: Vec<_> = text.chars().map(Step::Literal).collect();
                vec![wildcard(&steps, Case::Sensitive)]
            }
            Pattern::Regex { regex, case } => {
                parsed(regex, *case).map_or_else(Vec::new, |hir| expression(&hir))
            }
            Pattern::Rewritten { regex } => match parsed(regex, Case::Sensitive) {
                // What may start anywhere may start in the query.
                Some(hir) if !hir.properties().look_set_prefix().contains(Look::Start) => {
                    vec![vec![Link::Loop(Letters::ALL)]]
                }
                Some(hir) => vec![around(Link::BeforeQuery(hir))],
                None => Vec::new(),
            },
        }
    }
}

fn wildcard(steps: &[Step], case: Case) -> Chain {
    let links = steps.iter().map(|step| match step {
        Step::Any => Link::Loop(Letters::ALL),
        Step::One => Link::One(Letters::ALL),
        Step::Literal(c) => Link::One(literal(*c, case)),
    });
    tidy(links)
}

/// A link that may be found anywhere.
fn around(link: Link) -> Chain {
    vec![Link::Loop(Letters::ALL), link, Link::Loop(Letters::ALL)]
}

/// Loops over all letters stand behind the single letters next to them, and without other loops
/// next to them: where a state stays whatever comes, what follows it then needs a letter or a part,
/// or is the end. [`super::trie::Trie::idle`] relies on that.
fn tidy(links: impl IntoIterator<Item = Link>) -> Chain {
    let any = Link::Loop(Letters::ALL);
    let mut chain = Chain::new();
    for link in links {
        match link {
            Link::Loop(_) if matches!(chain.last(), Some(last) if *last == any || *last == link) => {
            }
            Link::Loop(Letters::ALL) => {
                while let Some(Link::Loop(_)) = chain.last() {
                    chain.pop();
                }
                chain.push(link);
            }
            Link::One(Letters::ALL) if chain.last() == Some(&any) => {
                chain.insert(chain.len() - 1, link);
            }
            _ => chain.push(link),
        }
    }
    chain
}

fn expression(hir: &Hir) -> Vec<Chain> {
    let anchored: Option<Vec<_>> = expanded(hir, CHAINS).into_iter().map(chain).collect();
    anchored.unwrap_or_else(|| vec![around(Link::Part(hir.clone()))])
}

/// A link, or a place where a text starts or ends.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Link(Link),
    Start,
    End,
}

/// The items as a chain; none if the text starts or ends in their midst.
fn chain(items: Vec<Item>) -> Option<Chain> {
    let starts = items.iter().take_while(|item| **item == Item::Start).count();
    let ends = items[starts..].iter().rev().take_while(|item| **item == Item::End).count();
    let any = || Item::Link(Link::Loop(Letters::ALL));
    let links = &items[starts..items.len() - ends];
    let before = (starts == 0).then(any);
    let after = (ends == 0).then(any);
    let all = before.into_iter().chain(links.iter().cloned()).chain(after);
    let links = all.map(|item| match item {
        Item::Link(link) => Some(link),
        Item::Start | Item::End => None,
    });
    links.collect::<Option<Chain>>().map(tidy)
}

/// Lists of items of which one is met where the expression is; at most `limit`.
fn expanded(hir: &Hir, limit: usize) -> Vec<Vec<Item>> {
    let part = |hir: &Hir| vec![vec![Item::Link(Link::Part(hir.clone()))]];
    let one = |letters| Item::Link(Link::One(letters));
    match hir.kind() {
        HirKind::Empty => vec![Vec::new()],
        HirKind::Literal(literal) => {
            vec![literal.0.iter().map(|byte| one(Letters::one(*byte))).collect()]
        }
        HirKind::Class(class) => vec![vec![one(letters_of(class))]],
        HirKind::Look(Look::Start | Look::StartLF | Look::StartCRLF) => vec![vec![Item::Start]],
        HirKind::Look(Look::End | Look::EndLF | Look::EndCRLF) => vec![vec![Item::End]],
        HirKind::Look(_) => part(hir),
        HirKind::Capture(capture) => expanded(&capture.sub, limit),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(expanded(part, limit));
            }
            if all.len() > limit { part(hir) } else { all }
        }
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for hir in parts {
                let more = expanded(hir, limit / all.len());
                let more = if all.len() * more.len() > limit { part(hir) } else { more };
                let joined = |front: &Vec<Item>| {
                    more.iter().map(|back| [&front[..], back].concat()).collect::<Vec<_>>()
                };
                all = all.iter().flat_map(joined).collect();
            }
            all
        }
        HirKind::Repetition(repetition) => repeated(repetition, limit).unwrap_or_else(|| part(hir)),
    }
}

fn repeated(repetition: &Repetition, limit: usize) -> Option<Vec<Vec<Item>>> {
    let Repetition { min, max, sub, .. } = repetition;
    if (*min, *max) == (0, Some(1)) {
        let mut all = expanded(sub, limit);
        all.push(Vec::new());
        return (all.len() <= limit).then_some(all);
    }
    let letters = match sub.kind() {
        HirKind::Class(class) => letters_of(class),
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => Letters::one(byte),
            _ => return None,
        },
        _ => return None,
    };
    let least = usize::try_from(*min).ok().filter(|_| *min <= REPEATED)?;
    let mut items = vec![Item::Link(Link::One(letters)); least];
    match max {
        None if Letters::TEXT.minus(letters).is_empty() => {
            items.push(Item::Link(Link::Loop(Letters::ALL)));
        }
        None => items.push(Item::Link(Link::Loop(letters))),
        Some(max) if max == min => {}
        Some(max) => {
            let rest = Repetition { min: 0, max: Some(max - min), ..repetition.clone() };
            items.push(Item::Link(Link::Part(Hir::repetition(rest))));
        }
    }
    Some(vec![items])
}

/// True if it is plain that one chain matches all that another one does. `within` says that some of
/// the narrow one's first link may be behind.
pub(super) fn covers(wide: &[Link], narrow: &[Link], within: bool) -> bool {
    // By how much of the narrow one is left: whether what is left of the wide one covers it.
    let mut row = vec![false; narrow.len() + 1];
    row[narrow.len()] = true;
    for link in wide.iter().rev() {
        match link {
            Link::Loop(letters) => {
                for at in (0..narrow.len()).rev() {
                    let taken = match &narrow[at] {
                        Link::Loop(some) | Link::One(some) => some.minus(*letters).is_empty(),
                        _ => *letters == Letters::ALL,
                    };
                    row[at] |= taken && row[at + 1];
                }
            }
            Link::One(letters) => step(
                &mut row,
                |at| matches!(&narrow[at], Link::One(some) if some.minus(*letters).is_empty()),
            ),
            Link::Part(_) | Link::BeforeQuery(_) => {
                step(&mut row, |at| narrow[at] == *link && !(within && at == 0));
            }
        }
    }
    row[0]
}

/// A link that takes exactly one of the narrow chain.
fn step(row: &mut [bool], taken: impl Fn(usize) -> bool) {
    for at in 0..row.len() - 1 {
        row[at] = row[at + 1] && taken(at);
    }
    row[row.len() - 1] = false;
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

pub(super) fn letters_of(class: &Class) -> Letters {
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
