//! Listeners as lists of rules over one space.

use super::Exceeded;
use super::chain::Pattern;
use super::solve::{Facts, SameWhere};
use super::space::{Entry, Field, Space, Test};
use crate::route::pattern::Case;
use crate::route::{FinalAction, ListenerTable, Outcome, Route};
use std::collections::BTreeMap;

/// The answer where nothing listens.
pub(super) const NOTHING: u32 = 0;

/// Two listeners of which one may be absent, ready to be compared.
pub(super) struct Listing<'t> {
    pub(super) space: Space,
    pub(super) before: Vec<u32>,
    pub(super) after: Vec<u32>,
    /// By answer; none for [`NOTHING`].
    pub(super) outcomes: Vec<Option<&'t Outcome>>,
    pub(super) same_where: SameWhere,
}

impl<'t> Listing<'t> {
    pub(super) fn new(
        before: Option<&'t ListenerTable>,
        after: Option<&'t ListenerTable>,
    ) -> Result<Self, Exceeded> {
        let mut listing = Listing {
            space: Space::default(),
            before: Vec::new(),
            after: Vec::new(),
            outcomes: vec![None],
            same_where: SameWhere::new(),
        };
        let mut answers = BTreeMap::new();
        listing.before = listing.list(before, &mut answers)?;
        listing.after = listing.list(after, &mut answers)?;
        listing.compare_outcomes()?;
        Ok(listing)
    }

    fn list(
        &mut self,
        listener: Option<&'t ListenerTable>,
        answers: &mut BTreeMap<&'t Outcome, u32>,
    ) -> Result<Vec<u32>, Exceeded> {
        let Some(listener) = listener else {
            return Ok(vec![self.space.entry(Entry { clauses: Vec::new(), answer: NOTHING })]);
        };
        let mut list = Vec::new();
        for route in listener.all_routes() {
            let new = u32::try_from(self.outcomes.len()).map_err(|_| Exceeded)?;
            let answer = *answers.entry(&route.outcome).or_insert(new);
            if answer == new {
                self.outcomes.push(Some(&route.outcome));
            }
            list.push(entry(&mut self.space, route, answer)?);
        }
        Ok(list)
    }

    fn compare_outcomes(&mut self) -> Result<(), Exceeded> {
        let ids = || (0..).zip(&self.outcomes);
        let varying = |(_, outcome): &(u32, &Option<&Outcome>)| {
            outcome.is_some_and(|outcome| match &outcome.action {
                FinalAction::Redirect { .. } => true,
                FinalAction::Forward(_) => {
                    !outcome.host_rewrites.is_empty() || !outcome.url_rewrites.is_empty()
                }
                FinalAction::FixedResponse { .. } => false,
            })
        };
        let mut pairs = Vec::new();
        for (a, one) in ids().filter(varying) {
            for (b, other) in ids().filter(|(b, _)| *b != a) {
                if let (Some(one), Some(other)) = (one, other)
                    && let Some(where_same) = same_where(one, other)
                {
                    pairs.push((a, b, where_same));
                }
            }
        }
        for (a, b, where_same) in pairs {
            let mut facts = Facts::new();
            for (field, pattern, held) in where_same {
                let text = match &pattern {
                    Pattern::Text(text) | Pattern::Wildcard { pattern: text, .. } => text.clone(),
                    Pattern::Regex { regex, .. } | Pattern::Rewritten { regex } => regex.clone(),
                };
                facts.push((self.space.predicate(field, Test::Text(pattern), &text)?, held));
            }
            self.same_where.insert((a, b), facts.clone());
            self.same_where.insert((b, a), facts);
        }
        Ok(())
    }
}

/// A route as a rule of the space.
pub(super) fn entry(space: &mut Space, route: &Route, answer: u32) -> Result<u32, Exceeded> {
    let clauses = space.clauses_of(&route.conditions)?;
    Ok(space.rule(&clauses, answer))
}

/// True if two outcomes never give the same answer. Otherwise they may for some requests.
pub(super) fn always_differ(a: Option<&Outcome>, b: Option<&Outcome>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    if a.authentication != b.authentication {
        return true;
    }
    match (&a.action, &b.action) {
        (FinalAction::Forward(a), FinalAction::Forward(b)) => a != b,
        (FinalAction::Redirect { .. }, FinalAction::Redirect { .. }) => false,
        _ => true,
    }
}

/// What must be so for two outcomes that differ to give the same answer; none if they never do, or
/// if that cannot be told.
fn same_where(a: &Outcome, b: &Outcome) -> Option<Vec<(Field, Pattern, bool)>> {
    if a.authentication != b.authentication {
        return None;
    }
    match (&a.action, &b.action) {
        (
            FinalAction::Redirect { host: a_host, path: a_path, .. },
            FinalAction::Redirect { host: b_host, path: b_path, .. },
        ) => {
            if rest(&a.action) != rest(&b.action) {
                return None;
            }
            let mut found = Vec::new();
            filled(a_host, b_host, "#{host}", Field::Host, &mut found)?;
            filled(a_path, b_path, "/#{path}", Field::Path, &mut found)?;
            Some(found)
        }
        (FinalAction::Forward(one), FinalAction::Forward(other)) if one == other => {
            let mut found = Vec::new();
            if a.host_rewrites != b.host_rewrites {
                for rewrite in a.host_rewrites.iter().chain(&b.host_rewrites) {
                    let regex = rewrite.regex.clone();
                    let pattern = Pattern::Regex { regex, case: Case::Sensitive };
                    found.push((Field::Host, pattern, false));
                }
            }
            if a.url_rewrites != b.url_rewrites {
                for rewrite in a.url_rewrites.iter().chain(&b.url_rewrites) {
                    let pattern = Pattern::Rewritten { regex: rewrite.regex.clone() };
                    found.push((Field::Path, pattern, false));
                }
            }
            Some(found)
        }
        _ => None,
    }
}

/// What of a redirect must be the same word for word.
fn rest(action: &FinalAction) -> Option<(u16, &str, &str, &str)> {
    match action {
        FinalAction::Redirect { status, protocol, port, query, .. } => {
            Some((*status, protocol, port, query))
        }
        _ => None,
    }
}

/// Where two parts of redirects are filled in to the same text: everywhere, or where the request
/// has what one of them says.
fn filled(
    a: &str,
    b: &str,
    whole: &str,
    field: Field,
    found: &mut Vec<(Field, Pattern, bool)>,
) -> Option<()> {
    let said = match (a, b) {
        _ if a == b => return Some(()),
        _ if a == whole => b,
        _ if b == whole => a,
        _ => return None,
    };
    if said.contains("#{") || said.contains(['*', '?']) {
        return None;
    }
    let pattern = match field {
        // Hosts that differ in case only are the same to clients.
        Field::Host => Pattern::Wildcard {
            pattern: said.to_ascii_lowercase(),
            case: Case::Insensitive,
            escapes: false,
        },
        _ => Pattern::Text(said.to_owned()),
    };
    found.push((field, pattern, true));
    Some(())
}
