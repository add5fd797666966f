//! Whether earlier rules together take everything that a rule would, cheaply where they do not.

use super::claims::apart;
use super::sample::requests_for;
use super::solve::{SameWhere, Solver};
use super::space::Space;
use super::universe::{HOST, PATH};
use super::{Budget, Exceeded};
use crate::resource::Condition;
use crate::route::first_unmatched;

/// What one rule may cost. A group has many rules, and this runs with every compilation.
const BUDGET: Budget = Budget { states: 5_000, cells: 2_000 };

/// The earlier rules that together take every request which meets the conditions of a rule; empty
/// if no request does. None if the rule can match, or if that took too long to tell.
pub(crate) fn takers(earlier: &[&[Condition]], rule: &[Condition]) -> Option<Vec<usize>> {
    // Nearly all rules have a request of their own that is easily found.
    let own = requests_for(rule, "q7q").any(|request| {
        let takes = |conditions: &[Condition]| first_unmatched(conditions, &request).is_none();
        let sent = HOST.contains(&request.host) && PATH.contains(&request.path);
        sent && takes(rule) && !earlier.iter().any(|conditions| takes(conditions))
    });
    if own { None } else { decided(earlier, rule).ok()? }
}

fn decided(earlier: &[&[Condition]], rule: &[Condition]) -> Result<Option<Vec<usize>>, Exceeded> {
    let mut space = Space::default();
    let guard = space.clauses_of(rule)?;
    let mut taken = Vec::new();
    for (i, conditions) in earlier.iter().enumerate() {
        let mut clauses = space.clauses_of(conditions)?;
        if apart(&space, &clauses, &guard) {
            continue;
        }
        clauses.extend(&guard);
        let answer = u32::try_from(i).map_err(|_| Exceeded)? + 2;
        taken.push(space.rule(&clauses, answer));
    }
    // The rule answers 1, what it would not take 0.
    taken.push(space.rule(&guard, 1));
    taken.push(space.rule(&[], 0));
    let nothing = [space.rule(&[], 0)];
    let same_where = SameWhere::new();
    let mut solver = Solver::new(&mut space, BUDGET, true, &same_where);
    solver.describe = false;
    let mut by = Vec::new();
    for (region, _) in solver.differences(&taken, &nothing)?.iter() {
        match usize::try_from(region.before).ok().and_then(|answer| answer.checked_sub(2)) {
            Some(rule) => by.push(rule),
            None => return Ok(None),
        }
    }
    by.sort_unstable();
    by.dedup();
    Ok(Some(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::exact::cases::rules;

    #[test]
    fn several_rules_may_take_all_that_one_would() {
        let check = |text: &str, expected: Option<&[usize]>| {
            let listener = rules(text);
            let all: Vec<&[Condition]> =
                listener.routes.iter().map(|route| route.conditions.as_slice()).collect();
            let (rule, earlier) = all.split_last().unwrap();
            assert_eq!(takers(earlier, rule).as_deref(), expected, "{text}");
        };
        check("a.com /x -> a\na.com /y -> b\na.com /x/* -> c\na.com /x,/x/* -> d", Some(&[0, 2]));
        check("a.com /x -> a\na.com /x/* -> c\na.com /x* -> d", None);
        check("* GET -> a\n* POST,PUT -> b\na.com GET,PUT /x -> c", Some(&[0, 1]));
        check("* ~^/[0-9]+$ -> a\na.com ~^/4[0-9]$ -> b", Some(&[0]));
        check("a.com X:1 -> a\na.com -> b\na.com /x -> c", Some(&[0, 1]));
        check("a.com /x -> a\nb.com a.com -> b", Some(&[]));
    }
}
