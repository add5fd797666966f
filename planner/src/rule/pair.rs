//! Which recorded rule a desired one is: by what it does, not by its number.

use super::Content;
use std::collections::BTreeMap;

/// A rule with its number.
type Numbered<'c> = (i32, &'c Content);

/// For every desired rule the index of the recorded one that it is, if it is one.
///
/// Equal rules are the same, wherever they stand. Of the others those pair that take the same
/// requests, and then those that serve the same hosts: an update in place answers without a gap
/// and needs no second rule.
pub(crate) fn pair(recorded: &[Numbered<'_>], desired: &[Numbered<'_>]) -> Vec<Option<usize>> {
    let mut pairs = Pairs { found: vec![None; desired.len()], used: vec![false; recorded.len()] };
    let number = |a: Numbered<'_>, b: Numbered<'_>| a.0 == b.0;
    let path = |a: &Content, b: &Content| a.paths.iter().any(|path| b.paths.contains(path));
    type Likeness<'l> = &'l dyn Fn(Numbered<'_>, Numbered<'_>) -> bool;
    let likenesses: [Likeness<'_>; 7] = [
        &|a, b| a.1.all == b.1.all && number(a, b),
        &|a, b| a.1.all == b.1.all,
        &|a, b| a.1.requests == b.1.requests && number(a, b),
        &|a, b| a.1.requests == b.1.requests,
        &|a, b| a.1.hosts == b.1.hosts && a.1.answer == b.1.answer && path(a.1, b.1),
        &|a, b| a.1.hosts == b.1.hosts && path(a.1, b.1),
        &|a, b| a.1.hosts == b.1.hosts && !a.1.hosts.is_empty(),
    ];
    for alike in likenesses {
        pairs.take(recorded, desired, alike);
    }
    pairs.untwist(recorded, desired);
    pairs.found
}

struct Pairs {
    found: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl Pairs {
    /// Pairs what is alike and still alone, both sides in their order.
    fn take(
        &mut self,
        recorded: &[Numbered<'_>],
        desired: &[Numbered<'_>],
        alike: impl Fn(Numbered<'_>, Numbered<'_>) -> bool,
    ) {
        for (i, wanted) in
            desired.iter().enumerate().filter(|(i, _)| self.found[*i].is_none()).collect::<Vec<_>>()
        {
            let partner =
                (0..recorded.len()).find(|&k| !self.used[k] && alike(recorded[k], *wanted));
            if let Some(k) = partner {
                self.found[i] = Some(k);
                self.used[k] = true;
            }
        }
    }
}

impl Pairs {
    /// Of rules that are equal to each other the upper ones are the upper ones: they are not moved
    /// past one another.
    fn untwist(&mut self, recorded: &[Numbered<'_>], desired: &[Numbered<'_>]) {
        let mut equal: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, (_, rule)) in desired.iter().enumerate() {
            if self.found[i].is_some_and(|k| recorded[k].1.all == rule.all) {
                equal.entry(&rule.all).or_default().push(i);
            }
        }
        for mut places in equal.into_values().filter(|places| places.len() > 1) {
            let mut partners: Vec<usize> = places.iter().filter_map(|&i| self.found[i]).collect();
            partners.sort_by_key(|&k| recorded[k].0);
            places.sort_by_key(|&i| desired[i].0);
            for (i, k) in places.into_iter().zip(partners) {
                self.found[i] = Some(k);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(host: &str, path: &str, service: &str) -> Content {
        Content::new(&json!({
            "conditions": [
                {"field": "host-header", "hostHeaderConfig": {"values": [host]}},
                {"field": "path-pattern", "pathPatternConfig": {"values": [path]}},
            ],
            "actions": [{"type": "forward", "forwardConfig": {"targetGroups": [{"targetGroupARN": service}]}}],
        }))
    }

    fn check(recorded: &[Content], desired: &[Content], expected: &[Option<usize>]) {
        let number = |rules: &[Content]| -> Vec<(i32, Content)> {
            rules.iter().enumerate().map(|(i, rule)| (i as i32 + 1, rule.clone())).collect()
        };
        let (recorded, desired) = (number(recorded), number(desired));
        let refer = |rules: &'_ [(i32, Content)]| -> Vec<(i32, Content)> { rules.to_vec() };
        let (recorded, desired) = (refer(&recorded), refer(&desired));
        let recorded: Vec<_> = recorded.iter().map(|(n, c)| (*n, c)).collect();
        let desired: Vec<_> = desired.iter().map(|(n, c)| (*n, c)).collect();
        assert_eq!(pair(&recorded, &desired), expected);
    }

    #[test]
    fn a_rule_inserted_at_the_top_leaves_the_others_what_they_are() {
        let old = [rule("a", "/1", "x"), rule("a", "/2", "y")];
        let new = [rule("a", "/0", "z"), rule("a", "/1", "x"), rule("a", "/2", "y")];
        check(&old, &new, &[None, Some(0), Some(1)]);
    }

    #[test]
    fn requests_pair_before_hosts_do() {
        let old = [rule("a", "/1", "x"), rule("b", "/1", "x")];
        let new = [rule("b", "/2", "x"), rule("b", "/1", "y"), rule("a", "/3", "z")];
        check(&old, &new, &[None, Some(1), Some(0)]);
    }

    #[test]
    fn equal_rules_pair_one_to_one() {
        let old = [rule("a", "/1", "x"), rule("a", "/1", "x")];
        let new = [rule("a", "/1", "x")];
        check(&old, &new, &[Some(0)]);
    }

    #[test]
    fn equal_rules_are_not_moved_past_one_another() {
        let same = rule("a", "/1", "x");
        let (old, new) = ([(2, &same), (3, &same)], [(1, &same), (2, &same)]);
        assert_eq!(pair(&old, &new), [Some(0), Some(1)]);
    }
}
