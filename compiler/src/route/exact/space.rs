//! The space of requests: its dimensions, the predicates that rules ask of them, and rules as lists
//! of conditions with an answer.

use super::Exceeded;
use super::chain::{Chain, Pattern};
use crate::resource::Condition;
use crate::route::pattern::Case;
use ipnet::IpNet;
use rustc_hash::FxHashMap;

/// A dimension. A request has one text in each of the first four, and any number in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Host,
    Path,
    Method,
    Source,
    /// A header, by its number.
    Header(u32),
    Query,
}

impl Field {
    /// True if a request may have several or none.
    pub(super) fn is_plural(self) -> bool {
        matches!(self, Field::Header(_) | Field::Query)
    }
}

/// What can be asked of one text, address or pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Test {
    /// A host, path or header matches.
    Text(Pattern),
    /// The method is this one.
    Method(String),
    /// The source address lies in this block.
    Block(IpNet),
    /// The key, if one is asked for, and the value match.
    Pair {
        /// Predicate of the key.
        key: Option<u32>,
        /// Predicate of the value.
        value: u32,
    },
}

/// A predicate of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Predicate {
    pub(super) field: Field,
    pub(super) test: Test,
    /// As a rule has it.
    pub(super) text: String,
}

/// A condition holds if one of its predicates does; in a plural dimension, for any of its texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Clause {
    pub(super) field: Field,
    /// Sorted.
    pub(super) predicates: Vec<u32>,
}

/// A rule, or what is left of it where some dimensions are decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// All must hold; sorted by dimension.
    pub(super) clauses: Vec<u32>,
    /// What it answers.
    pub(super) answer: u32,
}

/// Everything that rules ask for, each once.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) predicates: Vec<Predicate>,
    pub(super) clauses: Vec<Clause>,
    pub(super) entries: Vec<Entry>,
    pub(super) headers: Vec<String>,
    /// By predicate, the chains of which one must match.
    chains: Vec<Vec<Chain>>,
    predicate_ids: FxHashMap<(Field, Test), u32>,
    clause_ids: FxHashMap<Clause, u32>,
    entry_ids: FxHashMap<Entry, u32>,
}

fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Space {
    pub(super) fn predicate(
        &mut self,
        field: Field,
        test: Test,
        text: &str,
    ) -> Result<u32, Exceeded> {
        if let Some(id) = self.predicate_ids.get(&(field, test.clone())) {
            return Ok(*id);
        }
        let id = index(self.predicates.len());
        self.chains.push(match &test {
            Test::Text(pattern) => pattern.chains(),
            _ => Vec::new(),
        });
        self.predicate_ids.insert((field, test.clone()), id);
        self.predicates.push(Predicate { field, test, text: text.to_owned() });
        Ok(id)
    }

    fn clause(&mut self, field: Field, mut predicates: Vec<u32>) -> u32 {
        predicates.sort_unstable();
        predicates.dedup();
        let clause = Clause { field, predicates };
        if let Some(id) = self.clause_ids.get(&clause) {
            return *id;
        }
        let id = index(self.clauses.len());
        self.clause_ids.insert(clause.clone(), id);
        self.clauses.push(clause);
        id
    }

    pub(super) fn entry(&mut self, entry: Entry) -> u32 {
        if let Some(id) = self.entry_ids.get(&entry) {
            return *id;
        }
        let id = index(self.entries.len());
        self.entry_ids.insert(entry.clone(), id);
        self.entries.push(entry);
        id
    }

    /// Predicates with their chains.
    pub(super) fn chains<'s>(
        &'s self,
        predicates: impl IntoIterator<Item = u32> + 's,
    ) -> impl Iterator<Item = (u32, &'s [Chain])> + 's {
        predicates.into_iter().map(|id| (id, self.chains[id as usize].as_slice()))
    }

    /// A rule with all these clauses.
    pub(super) fn rule(&mut self, clauses: &[u32], answer: u32) -> u32 {
        let mut clauses = clauses.to_vec();
        clauses.sort_by_key(|clause| (self.clauses[*clause as usize].field, *clause));
        clauses.dedup();
        self.entry(Entry { clauses, answer })
    }

    /// A rule without those of its clauses that are decided to hold.
    pub(super) fn without(&mut self, entry: u32, holds: impl Fn(&Clause, u32) -> bool) -> u32 {
        let Entry { clauses, answer } = &self.entries[entry as usize];
        let left: Vec<u32> = clauses
            .iter()
            .filter(|id| !holds(&self.clauses[**id as usize], **id))
            .copied()
            .collect();
        let answer = *answer;
        if left.len() == clauses.len() {
            entry
        } else {
            self.entry(Entry { clauses: left, answer })
        }
    }

    /// The dimension of the first undecided clause.
    pub(super) fn first_field(&self, entry: u32) -> Option<Field> {
        let clause = self.entries[entry as usize].clauses.first()?;
        Some(self.clauses[*clause as usize].field)
    }

    /// The clauses of a rule, without those that every request meets.
    pub(super) fn clauses_of(&mut self, conditions: &[Condition]) -> Result<Vec<u32>, Exceeded> {
        let mut clauses = Vec::with_capacity(conditions.len());
        for condition in conditions {
            let (field, predicates) = self.read(condition)?;
            let all = |id: &u32| match (&self.predicates[*id as usize].test, field) {
                (Test::Text(Pattern::Wildcard { pattern, .. }), Field::Path) => {
                    pattern == "/*" || pattern == "*"
                }
                (Test::Text(Pattern::Wildcard { pattern, .. }), Field::Host) => pattern == "*",
                _ => false,
            };
            if !predicates.iter().any(all) {
                clauses.push(self.clause(field, predicates));
            }
        }
        Ok(clauses)
    }

    /// A condition without a configuration that fits its field has no predicates and never holds.
    fn read(&mut self, condition: &Condition) -> Result<(Field, Vec<u32>), Exceeded> {
        let none = Vec::new();
        let mut found = Vec::new();
        let field = match condition.field.as_str() {
            "host-header" => {
                let config = condition.host_header.as_ref();
                let values = config.map_or(&none, |c| &c.values);
                let regexes = config.map_or(&none, |c| &c.regex_values);
                self.texts(Field::Host, values, regexes, Case::Insensitive, &mut found)?;
                Field::Host
            }
            "path-pattern" => {
                let config = condition.path_pattern.as_ref();
                let values = config.map_or(&none, |c| &c.values);
                let regexes = config.map_or(&none, |c| &c.regex_values);
                self.texts(Field::Path, values, regexes, Case::Sensitive, &mut found)?;
                Field::Path
            }
            "http-header" => match &condition.http_header {
                Some(config) => {
                    let field = self.header(&config.http_header_name);
                    let (values, regexes) = (&config.values, &config.regex_values);
                    self.texts(field, values, regexes, Case::Insensitive, &mut found)?;
                    field
                }
                None => Field::Method,
            },
            "query-string" => {
                let pairs = condition.query_string.as_ref().map(|config| &config.values);
                for pair in pairs.into_iter().flatten() {
                    let key = match &pair.key {
                        Some(key) => Some(self.query_text(key)?),
                        None => None,
                    };
                    let value = self.query_text(&pair.value)?;
                    let text = match &pair.key {
                        Some(key) => format!("{key}={}", pair.value),
                        None => pair.value.clone(),
                    };
                    found.push(self.predicate(Field::Query, Test::Pair { key, value }, &text)?);
                }
                Field::Query
            }
            "source-ip" => {
                let blocks = condition.source_ip.as_ref().map_or(&none, |config| &config.values);
                for text in blocks {
                    if let Ok(block) = text.parse::<IpNet>() {
                        let test = Test::Block(block.trunc());
                        found.push(self.predicate(Field::Source, test, text)?);
                    }
                }
                Field::Source
            }
            _ => {
                let methods = condition
                    .http_request_method
                    .as_ref()
                    .filter(|_| condition.field == "http-request-method");
                for method in methods.map_or(&none, |config| &config.values) {
                    let test = Test::Method(method.clone());
                    found.push(self.predicate(Field::Method, test, method)?);
                }
                Field::Method
            }
        };
        Ok((field, found))
    }

    fn texts(
        &mut self,
        field: Field,
        values: &[String],
        regexes: &[String],
        case: Case,
        found: &mut Vec<u32>,
    ) -> Result<(), Exceeded> {
        for value in values {
            let pattern = match case {
                Case::Sensitive => value.clone(),
                Case::Insensitive => value.to_ascii_lowercase(),
            };
            let test = Test::Text(Pattern::Wildcard { pattern, case, escapes: false });
            found.push(self.predicate(field, test, value)?);
        }
        for regex in regexes {
            let test = Test::Text(Pattern::Regex { regex: regex.clone(), case });
            found.push(self.predicate(field, test, regex)?);
        }
        Ok(())
    }

    fn query_text(&mut self, text: &str) -> Result<u32, Exceeded> {
        let pattern = text.to_ascii_lowercase();
        let pattern = Pattern::Wildcard { pattern, case: Case::Insensitive, escapes: true };
        self.predicate(Field::Query, Test::Text(pattern), text)
    }

    fn header(&mut self, name: &str) -> Field {
        let known = self.headers.iter().position(|known| known.eq_ignore_ascii_case(name));
        Field::Header(index(known.unwrap_or_else(|| {
            self.headers.push(name.to_owned());
            self.headers.len() - 1
        })))
    }
}
