//! Classes of requests in words.

use super::chain::Pattern;
use super::cover::Cube;
use super::solve::Region;
use super::space::{Field, Space, Test};
use std::fmt;

/// A class of requests: those that have one of the words of every part. A part without words is
/// any.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requests {
    /// Methods.
    pub methods: Vec<Words>,
    /// Hosts.
    pub hosts: Vec<Words>,
    /// Paths.
    pub paths: Vec<Words>,
    /// Blocks of source addresses.
    pub sources: Vec<Words>,
    /// Headers and query, such as `with header X-Canary: 1`; all must hold.
    pub others: Vec<String>,
    /// False if answers depend on more than the words say: then only some of the requests change.
    pub all: bool,
}

/// What one text of a request is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Words {
    /// It matches all of these.
    pub matches: Vec<Word>,
    /// And none of these.
    pub except: Vec<Word>,
}

/// A pattern or such.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// A pattern with `*` and `?`, a method or a block.
    Pattern(String),
    /// A regular expression.
    Regex(String),
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Pattern(text) => f.write_str(text),
            Word::Regex(text) => write!(f, "~{text}"),
        }
    }
}

/// How many of a list are named.
const NAMED: usize = 4;

fn listed<T: fmt::Display>(items: &[T], what: &str) -> String {
    let named: Vec<_> = items.iter().take(NAMED).map(ToString::to_string).collect();
    let more = items.len() - named.len();
    match more {
        0 => named.join(", "),
        _ => format!("{} and {more} more {what}", named.join(", ")),
    }
}

impl Words {
    /// Exceptions are named behind all parts where there is one.
    fn main(&self, any: &str) -> String {
        let matched: Vec<_> = self.matches.iter().map(ToString::to_string).collect();
        if matched.is_empty() { any.to_owned() } else { matched.join(" and ") }
    }
}

/// A part of the text, and its exceptions.
fn part(words: &[Words], any: &str, what: &str) -> (String, Option<String>) {
    match words {
        [] => (any.to_owned(), None),
        [one] => {
            let except = &one.except;
            let except = (!except.is_empty()).then(|| format!("{what} {}", listed(except, what)));
            (one.main(any), except)
        }
        several => {
            let texts: Vec<String> = several
                .iter()
                .map(|words| match words.except.is_empty() {
                    true => words.main(any),
                    false => format!("{} except {}", words.main(any), listed(&words.except, what)),
                })
                .collect();
            (format!("{{{}}}", listed(&texts, what)), None)
        }
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.all {
            f.write_str("some of ")?;
        }
        let (methods, except_methods) = part(&self.methods, "", "methods");
        let (hosts, except_hosts) = part(&self.hosts, "*", "hosts");
        let (paths, except_paths) = part(&self.paths, "/*", "paths");
        let (sources, except_sources) = part(&self.sources, "", "addresses");
        if !methods.is_empty() {
            write!(f, "{} ", methods.trim_start_matches('{').trim_end_matches('}'))?;
        }
        let space = if paths.starts_with('/') || paths.starts_with("{/") { "" } else { " " };
        write!(f, "{hosts}{space}{paths}")?;
        if !sources.is_empty() {
            write!(f, " from {sources}")?;
        }
        for other in &self.others {
            write!(f, " {other}")?;
        }
        let excepts = [except_methods, except_hosts, except_paths, except_sources];
        let excepts: Vec<_> = excepts.into_iter().flatten().collect();
        if !excepts.is_empty() {
            write!(f, " except {}", excepts.join(" and "))?;
        }
        Ok(())
    }
}

impl Requests {
    pub(super) fn new(space: &Space, region: &Region, all: bool) -> Requests {
        let mut requests = Requests { all, ..Requests::default() };
        for (field, cubes) in &region.parts {
            let words = cubes.iter().map(|cube| words(space, cube)).collect();
            match field {
                Field::Host => requests.hosts = words,
                Field::Path => requests.paths = words,
                Field::Method => requests.methods = words,
                Field::Source => requests.sources = words,
                Field::Header(_) | Field::Query => {}
            }
        }
        let of = |held: bool| region.facts.iter().filter(move |fact| fact.1 == held);
        let clause = |id: u32| &space.clauses[id as usize];
        let denied: Vec<u32> =
            of(false).flat_map(|(id, _)| clause(*id).predicates.iter().copied()).collect();
        for (id, held) in of(true).chain(of(false)) {
            let clause = clause(*id);
            let asked = clause.predicates.iter().filter(|id| !*held || !denied.contains(id));
            let values: Vec<_> = asked.map(|id| word(space, *id).to_string()).collect();
            let what = match clause.field {
                Field::Header(name) => format!("header {}: ", space.headers[name as usize]),
                _ => "query ".to_owned(),
            };
            let with = if *held { "with" } else { "without" };
            requests.others.push(format!("{with} {what}{}", values.join(" or ")));
        }
        requests
    }

    /// How much of the hosts a class touches: any, then by patterns, then by names.
    pub(super) fn reach(&self) -> (bool, usize, usize) {
        let any = self.hosts.is_empty() || self.hosts.iter().any(|words| words.matches.is_empty());
        let is_name = |words: &&Words| {
            let name = |word: &Word| matches!(word, Word::Pattern(t) if !t.contains(['*', '?']));
            words.matches.iter().any(name)
        };
        let names = self.hosts.iter().filter(is_name).count();
        (any, self.hosts.len() - names, names)
    }
}

fn words(space: &Space, cube: &Cube) -> Words {
    let all = |ids: &[u32]| {
        let mut words: Vec<_> = ids.iter().map(|id| word(space, *id)).collect();
        words.sort();
        words
    };
    Words { matches: all(&cube.positive), except: all(&cube.negative) }
}

fn word(space: &Space, predicate: u32) -> Word {
    let predicate = &space.predicates[predicate as usize];
    let text = predicate.text.clone();
    match &predicate.test {
        Test::Text(Pattern::Regex { .. } | Pattern::Rewritten { .. }) => Word::Regex(text),
        _ => Word::Pattern(text),
    }
}
