//! Which number each rule shall have. What counts is the order: rules that stand in it already
//! keep their numbers, and new ones go into gaps, so that nothing has to be moved.

use super::schedule::{Existing, MAX_PRIORITY, Wanted};
use std::collections::BTreeSet;

/// Gives the wanted rules, which are sorted, numbers with which no existing rule moves. Where that
/// cannot be done they keep those that they were compiled with: one reorder is needed anyway, and
/// it closes all gaps.
pub(crate) fn keep_numbers(existing: &[Existing], wanted: &mut [Wanted], foreign: &BTreeSet<i32>) {
    if let Some(numbers) = kept(existing, wanted, foreign) {
        wanted.iter_mut().zip(numbers).for_each(|(rule, number)| rule.priority = number);
    }
}

fn kept(existing: &[Existing], wanted: &[Wanted], foreign: &BTreeSet<i32>) -> Option<Vec<i32>> {
    let held: BTreeSet<i32> =
        existing.iter().map(|rule| rule.priority).chain(foreign.iter().copied()).collect();
    let mut numbers = Vec::with_capacity(wanted.len());
    let mut last = 0;
    let mut rest = wanted;
    while let Some(first) = rest.first() {
        let (run, behind) = match first.from {
            Some(e) => {
                let number = existing[e].priority;
                if number <= last {
                    return None;
                }
                numbers.push(number);
                last = number;
                rest = &rest[1..];
                continue;
            }
            None => rest.split_at(rest.iter().take_while(|rule| rule.from.is_none()).count()),
        };
        let end = behind.first().and_then(|rule| rule.from);
        let end = end.map_or(MAX_PRIORITY + 1, |e| existing[e].priority);
        numbers.extend(gap(run, last, end, &held)?);
        last = *numbers.last()?;
        rest = behind;
    }
    Some(numbers)
}

/// Free numbers between two, one for each rule: their own if all of those fit.
fn gap(run: &[Wanted], after: i32, before: i32, held: &BTreeSet<i32>) -> Option<Vec<i32>> {
    let free = |number: &i32| after < *number && *number < before && !held.contains(number);
    let own: Vec<i32> = run.iter().map(|rule| rule.priority).collect();
    if own.iter().all(free) {
        return Some(own);
    }
    let found: Vec<i32> = (after + 1..before).filter(free).take(run.len()).collect();
    (found.len() == run.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `wanted` has for every rule the number of the existing one that it is, or none.
    fn check(existing: &[i32], wanted: &[Option<i32>], foreign: &[i32], expected: &[i32]) {
        let rule = |priority| Existing { priority, content: Default::default() };
        let there: Vec<Existing> = existing.iter().copied().map(rule).collect();
        let of = |number: i32| existing.iter().position(|held| *held == number);
        let mut rules: Vec<Wanted> = (1..)
            .zip(wanted)
            .map(|(priority, number)| Wanted {
                priority,
                content: Default::default(),
                from: number.and_then(of),
                changed: false,
            })
            .collect();
        keep_numbers(&there, &mut rules, &foreign.iter().copied().collect());
        let numbers: Vec<i32> = rules.iter().map(|rule| rule.priority).collect();
        assert_eq!(numbers, expected, "{existing:?} {wanted:?}");
    }

    #[test]
    fn rules_in_order_keep_their_numbers() {
        check(&[1, 2, 3], &[Some(1), Some(3)], &[], &[1, 3]);
        check(&[1, 4, 9], &[Some(1), Some(4), Some(9)], &[], &[1, 4, 9]);
    }

    #[test]
    fn new_rules_go_into_gaps_and_behind() {
        check(&[1, 4], &[Some(1), None, None, Some(4)], &[], &[1, 2, 3, 4]);
        check(&[1, 9], &[Some(1), None, Some(9), None], &[], &[1, 2, 9, 10]);
        check(&[5], &[None, Some(5)], &[], &[1, 5]);
        check(&[1, 4], &[Some(1), None, Some(4)], &[2], &[1, 3, 4]);
        check(&[], &[None, None], &[], &[1, 2]);
    }

    #[test]
    fn a_rule_that_is_deleted_holds_its_number_until_then() {
        check(&[1, 2, 3], &[Some(1), None, Some(3)], &[], &[1, 2, 3]);
    }

    #[test]
    fn what_has_to_move_gets_the_compiled_numbers() {
        check(&[1, 3], &[Some(3), Some(1)], &[], &[1, 2]);
        check(&[1, 2, 7], &[None, Some(1), Some(2), Some(7)], &[], &[1, 2, 3, 4]);
    }
}
