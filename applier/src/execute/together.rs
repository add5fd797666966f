//! Steps that wait for load balancers ask for each other: one question names all that are waited for.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// As many as a question may name. Source: `DescribeLoadBalancers`.
const MOST: usize = 20;

/// The load balancers that are waited for, by ARN, each with what was heard of it since its own step
/// looked last.
#[derive(Debug, Default)]
pub(super) struct Together(RefCell<BTreeMap<String, Option<Value>>>);

/// A step waits for a load balancer as long as this lives.
pub(super) struct Awaited<'t> {
    all: &'t Together,
    arn: &'t str,
}

impl Together {
    /// Waits for a load balancer.
    pub(super) fn wait<'t>(&'t self, arn: &'t str) -> Awaited<'t> {
        self.0.borrow_mut().insert(arn.to_owned(), None);
        Awaited { all: self, arn }
    }

    /// Questions that those who wait have to ask in one round.
    pub(super) fn questions(&self) -> usize {
        self.0.borrow().len().div_ceil(MOST)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Notes what was heard of load balancers, for all who wait for them.
    fn hear(&self, answer: &Value) {
        let mut all = self.0.borrow_mut();
        for balancer in answer["LoadBalancers"].as_array().into_iter().flatten() {
            let arn = balancer["LoadBalancerArn"].as_str().unwrap_or_default();
            if let Some(heard) = all.get_mut(arn) {
                *heard = Some(json!({"LoadBalancers": [balancer]}));
            }
        }
    }
}

impl Awaited<'_> {
    /// What was heard since the last look, be it asked by this step or by another.
    pub(super) fn heard(&self) -> Option<Value> {
        self.all.0.borrow_mut().get_mut(self.arn)?.take()
    }

    /// The load balancers to ask about: this one first, then those behind it in turn that nothing was
    /// heard of.
    pub(super) fn question(&self) -> Vec<String> {
        let all = self.all.0.borrow();
        let behind = all.range::<str, _>((Excluded(self.arn), Unbounded));
        let others = behind.chain(all.range::<str, _>((Unbounded, Excluded(self.arn))));
        let others = others.filter(|(_, heard)| heard.is_none()).map(|(arn, _)| arn.clone());
        std::iter::once(self.arn.to_owned()).chain(others).take(MOST).collect()
    }

    /// Notes an answer.
    pub(super) fn hear(&self, answer: &Value) {
        self.all.hear(answer);
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.all.0.borrow_mut().remove(self.arn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_for_all_and_each_hears_of_its_own_once() {
        let together = Together::default();
        let names: Vec<String> = (0..30).map(|n| format!("lb-{n:02}")).collect();
        let steps: Vec<_> = names.iter().map(|name| together.wait(name)).collect();
        assert_eq!((together.len(), together.questions()), (30, 2));
        let asked = steps[25].question();
        assert_eq!((asked.len(), &*asked[0], &*asked[19]), (20, "lb-25", "lb-14"));
        let told = asked.iter().map(|arn| json!({"LoadBalancerArn": arn})).collect::<Vec<_>>();
        steps[25].hear(&json!({"LoadBalancers": told}));
        assert_eq!(
            steps[14].heard(),
            Some(json!({"LoadBalancers": [{"LoadBalancerArn": "lb-14"}]}))
        );
        assert_eq!((steps[14].heard(), steps[15].heard()), (None, None));
        // Of those that it was not heard of.
        let next = steps[16].question();
        assert_eq!((next.len(), &*next[0], &*next[10]), (11, "lb-16", "lb-15"));
        drop(steps);
        assert_eq!((together.len(), together.questions()), (0, 0));
    }
}
