//! What rules of one listener do to each other: which can never match, which take requests of
//! others, and which could go.

use super::changes::request;
use super::listing::Listing;
use super::requests::Requests;
use super::solve::{Regions, SameWhere, Solver};
use super::space::{Field, Space, Test};
use super::{Budget, Exceeded};
use crate::route::exact::chain::Pattern;
use crate::route::{ListenerTable, Request};
use std::collections::BTreeSet;

/// What could be told of the rules of a listener. Rules are numbered from 0 in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// Rules that can never match.
    pub unreachable: Vec<Unreachable>,
    /// Requests of a rule that rules of other namespaces answer.
    pub takeovers: Vec<Takeover>,
    /// Rules without which every request is answered as it is.
    pub redundant: Vec<Redundant>,
    /// True if the budget did not suffice, so that there may be more.
    pub incomplete: bool,
}

/// A rule that can never match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The rule.
    pub rule: usize,
    /// The earlier rules that together take all its requests, each at least one. None if no request
    /// meets all its conditions.
    pub by: Vec<usize>,
}

/// Requests of a rule that a rule of another namespace answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Takeover {
    /// The rule that names a host.
    pub rule: usize,
    /// The rule that answers.
    pub by: usize,
    /// Which requests.
    pub requests: Requests,
    /// One of them.
    pub example: Request,
}

/// A rule without which every request is answered as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundant {
    /// The rule.
    pub rule: usize,
    /// Later rules that answer its requests in the same way; the number of rules stands for the
    /// default.
    pub by: Vec<usize>,
}

/// So many questions may exceed their budget before no more are asked: those about the other rules
/// are of the same kind.
pub(super) const GIVES_UP: usize = 2;

impl ListenerTable {
    /// Everything that can be said of the rules. The budget is for each question; all together have
    /// three times as much.
    pub fn claims(&self, ipv6: bool, budget: Budget) -> Claims {
        let mut claims = Claims::default();
        let Ok(mut rules) = Rules::new(self, ipv6, budget) else {
            return Claims { incomplete: true, ..claims };
        };
        let Ok(reachable) = rules.reachable() else {
            return Claims { incomplete: true, ..claims };
        };
        let mut exceeded = 0;
        for rule in 0..self.routes.len() {
            if exceeded >= GIVES_UP {
                break;
            }
            if !reachable.contains(&rule) {
                match rules.winners(rule) {
                    Ok(by) => claims.unreachable.push(Unreachable { rule, by }),
                    Err(Exceeded) => exceeded += 1,
                }
                continue;
            }
            match rules.takeovers(rule) {
                Ok(found) => claims.takeovers.extend(found),
                Err(Exceeded) => exceeded += 1,
            }
            match rules.redundant(rule) {
                Ok(found) => claims.redundant.extend(found),
                Err(Exceeded) => exceeded += 1,
            }
        }
        claims.incomplete = exceeded > 0;
        claims
    }

    /// The rules that can never match, with those that take their requests; none if the budget does
    /// not suffice.
    pub fn unreachable(&self, ipv6: bool, budget: Budget) -> Option<Vec<Unreachable>> {
        let mut rules = Rules::new(self, ipv6, budget).ok()?;
        let reachable = rules.reachable().ok()?;
        let dead = (0..self.routes.len()).filter(|rule| !reachable.contains(rule));
        dead.map(|rule| Some(Unreachable { rule, by: rules.winners(rule).ok()? })).collect()
    }
}

/// The rules of a listener, the default last, each with its clauses.
struct Rules<'t> {
    table: &'t ListenerTable,
    space: Space,
    clauses: Vec<Vec<u32>>,
    /// By rule: rules of the same number answer alike.
    answers: Vec<u32>,
    same_where: SameWhere,
    ipv6: bool,
    budget: Budget,
    /// What is left for all questions together.
    left: Budget,
}

/// The answer outside of what is asked about. The others are numbers of rules and one more, or of
/// outcomes.
const OUTSIDE: u32 = 0;

fn number(rule: usize) -> u32 {
    u32::try_from(rule + 1).unwrap_or(u32::MAX)
}

impl<'t> Rules<'t> {
    fn new(table: &'t ListenerTable, ipv6: bool, budget: Budget) -> Result<Self, Exceeded> {
        let listing = Listing::new(Some(table), None)?;
        let entries = listing.before.iter().map(|entry| &listing.space.entries[*entry as usize]);
        let (clauses, answers) = entries.map(|e| (e.clauses.clone(), e.answer)).unzip();
        let (space, same_where) = (listing.space, listing.same_where);
        let left = Budget { states: 3 * budget.states, cells: 3 * budget.cells };
        Ok(Rules { table, space, clauses, answers, same_where, ipv6, budget, left })
    }

    /// The differences between two lists. Only requests that meet the conditions of `guard` count,
    /// if there is one.
    fn differences(
        &mut self,
        guard: Option<usize>,
        lists: [&[(usize, u32)]; 2],
        same_where: &SameWhere,
        describe: bool,
    ) -> Result<Regions, Exceeded> {
        let lists = lists.map(|list| {
            let mut entries = Vec::new();
            for (rule, answer) in list {
                let mut clauses = self.clauses[*rule].clone();
                if let Some(guard) = guard {
                    if self.apart(*rule, guard) {
                        continue;
                    }
                    clauses.extend(&self.clauses[guard]);
                }
                entries.push(self.space.rule(&clauses, *answer));
            }
            entries.push(self.space.rule(&[], OUTSIDE));
            entries
        });
        let given = Budget {
            states: self.budget.states.min(self.left.states),
            cells: self.budget.cells.min(self.left.cells),
        };
        let mut solver = Solver::new(&mut self.space, given, self.ipv6, same_where);
        solver.describe = describe;
        let found = solver.differences(&lists[0], &lists[1]);
        self.left.states -= given.states - solver.budget.states;
        self.left.cells -= given.cells - solver.budget.cells;
        Ok(found?.to_vec())
    }

    fn apart(&self, one: usize, other: usize) -> bool {
        apart(&self.space, &self.clauses[one], &self.clauses[other])
    }

    /// The rules that answer some request.
    fn reachable(&mut self) -> Result<BTreeSet<usize>, Exceeded> {
        let all: Vec<_> = (0..self.clauses.len()).map(|rule| (rule, number(rule))).collect();
        let regions = self.differences(None, [&all, &[]], &SameWhere::new(), false)?;
        Ok(rules_of(&regions))
    }

    /// The earlier rules that answer some request that meets the conditions of a rule.
    fn winners(&mut self, rule: usize) -> Result<Vec<usize>, Exceeded> {
        let earlier: Vec<_> = (0..rule).map(|rule| (rule, number(rule))).collect();
        let regions = self.differences(Some(rule), [&earlier, &[]], &SameWhere::new(), false)?;
        Ok(rules_of(&regions).into_iter().collect())
    }

    fn namespace(&self, rule: usize) -> Option<&'t str> {
        let place = self.table.routes.get(rule)?.place.as_ref()?;
        place.ingress.split_once('/').map(|(namespace, _)| namespace)
    }

    /// What rules of other namespaces take of a rule that names its host.
    fn takeovers(&mut self, rule: usize) -> Result<Vec<Takeover>, Exceeded> {
        let names_host = |id: &u32| self.space.clauses[*id as usize].field == Field::Host;
        let namespace = self.namespace(rule);
        let others = |other: &usize| {
            let theirs = self.namespace(*other);
            theirs.is_some() && theirs != namespace && !self.apart(*other, rule)
        };
        let some = namespace.is_some()
            && self.clauses[rule].iter().any(names_host)
            && (0..rule).any(|other| others(&other));
        if !some {
            return Ok(Vec::new());
        }
        // Where a rule of its own namespace answers, nothing is taken.
        let answer = |other: usize| match self.namespace(other) == namespace {
            true => OUTSIDE,
            false => number(other),
        };
        let earlier: Vec<_> = (0..rule).map(|other| (other, answer(other))).collect();
        let regions = self.differences(Some(rule), [&earlier, &[]], &SameWhere::new(), true)?;
        let mut found = Vec::with_capacity(regions.len());
        for (region, example) in &regions {
            let (by, example) = (region.before as usize - 1, request(&self.space, example));
            // What is claimed was tried out.
            if self.table.routes.get(by).map(|r| &r.id) != Some(&self.table.route(&example).id) {
                return Err(Exceeded);
            }
            let requests = Requests::new(&self.space, region, true);
            found.push(Takeover { rule, by, requests, example });
        }
        Ok(found)
    }

    /// Whether later rules answer the requests of a rule as it does.
    fn redundant(&mut self, rule: usize) -> Result<Option<Redundant>, Exceeded> {
        let end = self.clauses.len();
        let earlier = || (0..rule).map(|rule| (rule, OUTSIDE));
        let alike = |other: &usize| self.answers[*other] == self.answers[rule];
        if !(rule + 1..end).filter(alike).any(|other| !self.apart(other, rule)) {
            return Ok(None);
        }
        let with: Vec<_> = earlier().chain([(rule, self.answers[rule])]).collect();
        let without: Vec<_> =
            earlier().chain((rule + 1..end).map(|rule| (rule, self.answers[rule]))).collect();
        let same_where = self.same_where.clone();
        if !self.differences(Some(rule), [&with, &without], &same_where, false)?.is_empty() {
            return Ok(None);
        }
        let later: Vec<_> =
            earlier().chain((rule + 1..end).map(|rule| (rule, number(rule)))).collect();
        let regions = self.differences(Some(rule), [&later, &[]], &SameWhere::new(), false)?;
        Ok(Some(Redundant { rule, by: rules_of(&regions).into_iter().collect() }))
    }
}

/// True if it is plain that no request meets the clauses of both rules.
pub(super) fn apart(space: &Space, one: &[u32], other: &[u32]) -> bool {
    one.iter().any(|a| {
        other.iter().any(|b| {
            let (a, b) = (&space.clauses[*a as usize], &space.clauses[*b as usize]);
            let pairs = || a.predicates.iter().map(|a| b.predicates.iter().map(move |b| (a, b)));
            a.field == b.field
                && !a.field.is_plural()
                && pairs().flatten().all(|(a, b)| predicates_apart(space, *a, *b))
        })
    })
}

fn predicates_apart(space: &Space, a: u32, b: u32) -> bool {
    let test = |id: u32| &space.predicates[id as usize].test;
    match (test(a), test(b)) {
        (Test::Method(a), Test::Method(b)) => a != b,
        (Test::Block(a), Test::Block(b)) => !a.contains(b) && !b.contains(a),
        (
            Test::Text(Pattern::Wildcard { pattern: a, .. }),
            Test::Text(Pattern::Wildcard { pattern: b, .. }),
        ) => {
            let differs = |a: &mut dyn Iterator<Item = u8>, b: &mut dyn Iterator<Item = u8>| {
                let wild = |byte: u8| matches!(byte, b'*' | b'?');
                let mut pairs = a.zip(b).take_while(|(a, b)| !wild(*a) && !wild(*b));
                pairs.any(|(a, b)| a != b)
            };
            let plain = |text: &str| !text.contains(['*', '?']);
            differs(&mut a.bytes(), &mut b.bytes())
                || differs(&mut a.bytes().rev(), &mut b.bytes().rev())
                || (plain(a) && plain(b) && a != b)
        }
        _ => false,
    }
}

fn rules_of(regions: &Regions) -> BTreeSet<usize> {
    let answers = regions.iter().map(|(region, _)| region.before as usize);
    answers.filter(|answer| *answer != OUTSIDE as usize).map(|answer| answer - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Place;
    use crate::route::exact::cases::rules;

    fn claims(text: &str) -> Claims {
        let claims = rules(text).claims(true, Budget::default());
        assert!(!claims.incomplete);
        claims
    }

    #[test]
    fn all_questions_share_a_budget() {
        // Each rule of these six makes a question of its own, which takes 8,500 states at most.
        let all = |count: usize| {
            let rule = |n: usize| format!("a.example.com /*x{n}*y*z{n}* -> {}\n", n % 2);
            rules((0..count).map(rule).collect::<String>().trim_end())
        };
        let each = Budget { states: 10_000, cells: 10_000 };
        assert!(!all(3).claims(true, each).incomplete);
        assert!(all(6).claims(true, each).incomplete);
        assert!(!all(6).claims(true, Budget::default()).incomplete);
    }

    #[test]
    fn rules_that_never_match_name_all_that_shadow_them() {
        let check = |text: &str, expected: &[(usize, &[usize])]| {
            let found: Vec<_> =
                claims(text).unreachable.into_iter().map(|u| (u.rule, u.by)).collect();
            let expected: Vec<_> = expected.iter().map(|(r, by)| (*r, by.to_vec())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("a.example.com /* -> a\n*.example.com /x -> x\na.example.com /y -> y", &[(2, &[0])]);
        check(
            "a.example.com /x -> a\na.example.com /x/* -> b\n*.com /z -> z\na.example.com /x,/x/* -> c",
            &[(3, &[0, 1])],
        );
        check(
            "* GET -> a\n* ~^/[a-m] -> b\n* ~^/[^a-m] -> c\n* / -> d\n* X:1 -> e",
            &[(4, &[0, 1, 2, 3])],
        );
        check("a.example.com b.example.com -> a\n* /a ~^/b -> b", &[(0, &[]), (1, &[])]);
        check(
            "* 10.0.0.0/9 -> a\n* 10.128.0.0/9 -> b\n* 10.0.0.0/8 -> c\n* ?v=1 -> d",
            &[(2, &[0, 1])],
        );
        check("* X:1,2 -> a\n* X:1 X:2 -> b\n* X:?* -> c\n* X:3 -> d", &[(1, &[0]), (3, &[0, 2])]);
    }

    #[test]
    fn rules_that_change_nothing_are_redundant() {
        let check = |text: &str, expected: &[(usize, &[usize])]| {
            let found: Vec<_> =
                claims(text).redundant.into_iter().map(|u| (u.rule, u.by)).collect();
            let expected: Vec<_> = expected.iter().map(|(r, by)| (*r, by.to_vec())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("a.example.com /x/y -> a\na.example.com /x/* -> a", &[(0, &[1])]);
        check("a.example.com /x/y -> a\n* /x/y GET -> b\na.example.com /x/* -> a", &[]);
        check("* /a -> a\n* /b -> b", &[]);
        check("* /a -> a\n* /b -> b\ndefault -> a", &[(0, &[2])]);
        check("* /a,/b -> x\n* /a -> x\n* /b -> x", &[(0, &[1, 2])]);
    }

    #[test]
    fn requests_for_the_host_of_another_namespace_are_takeovers() {
        let mut listener = rules(
            "* /health -> health
             shop.example.com /cart -> cart
             *.example.com /api/* -> api
             shop.example.com -> web",
        );
        for (route, ingress) in
            listener.routes.iter_mut().zip(["ops/a", "shop/b", "ops/c", "shop/d"])
        {
            let position = crate::source::Position { file: "a.yaml".into(), line: 1, column: 1 };
            route.place = Some(Place { ingress: ingress.to_owned(), position });
        }
        let found: Vec<_> = listener
            .claims(true, Budget::default())
            .takeovers
            .into_iter()
            .map(|t| (t.rule, t.by, t.requests.to_string(), t.example.path))
            .collect();
        let taken = |by, text: &str, path: &str| (3, by, text.to_owned(), path.to_owned());
        assert_eq!(
            found,
            [
                taken(0, "shop.example.com/health", "/health"),
                taken(2, "shop.example.com/api/*", "/api/"),
            ]
        );
    }
}
