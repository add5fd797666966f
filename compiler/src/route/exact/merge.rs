//! Rules that could be one: their values together, at the place of the first, change no answer.

use super::claims::GIVES_UP;
use super::{Budget, Status};
use crate::resource::{Condition, PatternCondition};
use crate::route::{Balancer, ListenerTable, RoutingTable};
use std::collections::BTreeMap;

/// Values that all conditions of a rule may have together. Source: quotas of the Application Load
/// Balancer user guide.
const VALUES: usize = 5;

/// Wildcards that all values of a rule may have together. Source: as above.
const WILDCARDS: usize = 5;

/// Rules that could be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mergeable {
    /// The rules, by their number from 0; the merged one stands at the place of the first.
    pub rules: Vec<usize>,
    /// The conditions of the merged rule.
    pub conditions: Vec<Condition>,
}

impl ListenerTable {
    /// Rules that answer alike and could be one rule, each set proven to change no answer, also all
    /// of them together. What cannot be told within the budget is none.
    pub fn mergeable(&self, ipv6: bool, budget: Budget) -> Vec<Mergeable> {
        let mut table = self.clone();
        let mut number: Vec<usize> = (0..self.routes.len()).collect();
        let mut found: Vec<Mergeable> = Vec::new();
        let (mut first, mut exceeded) = (0, 0);
        while first < table.routes.len() && exceeded < GIVES_UP {
            let mut rules = vec![number[first]];
            let mut next = first + 1;
            while next < table.routes.len() && exceeded < GIVES_UP {
                let merged = merged(&table, first, next).filter(|merged| {
                    let status = compared(&table, merged, ipv6, budget);
                    exceeded += usize::from(status == Status::Unproven);
                    status == Status::Unchanged
                });
                match merged {
                    Some(merged) => {
                        table = merged;
                        rules.push(number.remove(next));
                    }
                    None => next += 1,
                }
            }
            if rules.len() > 1 {
                let conditions = table.routes[first].conditions.clone();
                found.push(Mergeable { rules, conditions });
            }
            first += 1;
        }
        found
    }
}

/// The table with one rule in the place of two, if their conditions can be joined.
fn merged(table: &ListenerTable, first: usize, second: usize) -> Option<ListenerTable> {
    let (one, other) = (&table.routes[first], &table.routes[second]);
    if one.outcome != other.outcome {
        return None;
    }
    let conditions = joined(&one.conditions, &other.conditions)?;
    let mut table = table.clone();
    table.routes[first].conditions = conditions;
    table.routes.remove(second);
    Some(table)
}

/// Conditions that hold where either list does: lists that differ in the values of one host or path
/// condition only.
fn joined(one: &[Condition], other: &[Condition]) -> Option<Vec<Condition>> {
    let sorted = |list: &[Condition]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let (mut one, other) = (sorted(one), sorted(other));
    let fields = |list: &[Condition]| list.iter().map(|c| c.field.clone()).collect::<Vec<_>>();
    if fields(&one) != fields(&other) {
        return None;
    }
    let mut differing = (0..one.len()).filter(|&i| one[i] != other[i]);
    let (at, None) = (differing.next()?, differing.next()) else { return None };
    let condition = &mut one[at];
    let sides = match (&mut condition.host_header, &other[at].host_header) {
        (Some(into), Some(from)) => Some((into, from)),
        _ => condition.path_pattern.as_mut().zip(other[at].path_pattern.as_ref()),
    };
    let (into, from) = sides?;
    if !into.regex_values.is_empty() || !from.regex_values.is_empty() {
        return None;
    }
    let new: Vec<String> =
        from.values.iter().filter(|value| !into.values.contains(value)).cloned().collect();
    into.values.extend(new);
    let (values, wildcards) = one.iter().map(size).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (values <= VALUES && wildcards <= WILDCARDS).then_some(one)
}

/// Values of a condition, and wildcards in them.
fn size(condition: &Condition) -> (usize, usize) {
    let pattern = |pattern: &PatternCondition| {
        let wild = |text: &String| text.matches(['*', '?']).count();
        let values = pattern.values.len() + pattern.regex_values.len();
        (values, pattern.values.iter().map(wild).sum::<usize>())
    };
    let patterns = [&condition.host_header, &condition.path_pattern];
    let mut count =
        patterns.into_iter().flatten().map(pattern).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    count.0 += condition.http_header.as_ref().map_or(0, |c| c.values.len() + c.regex_values.len());
    count.0 += condition.http_request_method.as_ref().map_or(0, |c| c.values.len());
    count.0 += condition.query_string.as_ref().map_or(0, |c| c.values.len());
    count.0 += condition.source_ip.as_ref().map_or(0, |c| c.values.len());
    count
}

/// Whether both answer every request alike.
fn compared(before: &ListenerTable, after: &ListenerTable, ipv6: bool, budget: Budget) -> Status {
    let of = |listener: &ListenerTable| RoutingTable {
        balancers: BTreeMap::from([(
            String::new(),
            Balancer {
                ipv6,
                listeners: BTreeMap::from([(listener.port, listener.clone())]),
                ..Balancer::default()
            },
        )]),
    };
    of(before).changes(&of(after), budget).status()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::exact::cases::rules;

    fn check(text: &str, expected: &[&[usize]]) {
        let listener = rules(text);
        let found = listener.mergeable(true, Budget::default());
        let found: Vec<_> = found.into_iter().map(|merge| merge.rules).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn rules_that_answer_alike_could_be_one() {
        check("a.example.com /a -> x\na.example.com /b -> x", &[&[0, 1]]);
        check("a.example.com /a -> x\nb.example.com /a -> x\nc.example.com /a -> x", &[&[0, 1, 2]]);
        check("a.example.com /a -> x\na.example.com /b -> y", &[]);
        check("a.example.com /a -> x\nb.example.com /b -> x", &[]);
    }

    #[test]
    fn a_rule_between_that_takes_requests_keeps_them_apart() {
        check("a.example.com /a -> x\n* /b* -> y\na.example.com /b -> x", &[]);
        check("a.example.com /a -> x\n* /c* -> y\na.example.com /b -> x", &[&[0, 2]]);
    }

    #[test]
    fn five_values_are_all_that_a_rule_may_have() {
        check("* /1,/2,/3 -> x\n* /4,/5 -> x\n* /6 -> x", &[&[0, 1]]);
        check("a.example.com /1/*,/2/* -> x\na.example.com /3/*,/4/*,/5 -> x", &[]);
    }
}
