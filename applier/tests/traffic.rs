//! The law that matters most: while a plan is carried out, every request is answered by what
//! answered it before or by what answers it after; never by a third one, and never by none.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "support/account.rs"]
mod account;
#[path = "traffic/answer.rs"]
mod answer;
#[path = "traffic/fleet.rs"]
mod fleet;

use account::{Bench, compile};
use answer::{Balancer, Question, Seen, compiled, live, questions};
use fleet::{Fleet, INVENTORY, edit};
use ingc_planner::plan::GuardKind;
use proptest::prelude::*;
use std::sync::Mutex;

/// What is wrong with a load balancer's answers at a moment; none if each is one of the two.
fn wrong(
    now: &Balancer,
    before: &Balancer,
    after: &Balancer,
    asked: &[Question],
) -> Option<String> {
    asked.iter().find_map(|question| {
        let seen = now.asked(question);
        let (old, new) = (before.asked(question), after.asked(question));
        // AWS makes a listener before its rules: where nothing listened, its default may come first.
        let begins = old == Seen::Refused && matches!(seen, Seen::Fixed(_));
        if seen != old && seen != new && !begins {
            return Some(format!("{question:?}: {seen:?}, before {old:?}, after {new:?}"));
        }
        // A client follows a redirect, and must find there what was or will be there.
        let followed = (443, question.1.clone());
        let found = now.asked(&followed);
        let known = [before.asked(&followed), after.asked(&followed)].contains(&found);
        if seen == Seen::Redirect && (found == Seen::Refused || !known) {
            return Some(format!("{question:?}: is redirected to where {found:?} answers"));
        }
        None
    })
}

fn check(before: &Fleet, after: &Fleet) -> Result<(), TestCaseError> {
    let mut bench = Bench::new(INVENTORY);
    let both = before.manifests() + "=====\n" + &after.manifests();
    let failed = |why: String| TestCaseError::fail(format!("{why}\n{both}"));
    let first = bench.plan(&before.manifests()).map_err(failed)?;
    bench.apply(&first, |_, _| {});
    let says = |fleet: &Fleet| compiled(&compile(&fleet.manifests(), INVENTORY).stacks["shop"]);
    let (old, new) = (says(before), says(after));
    let asked = questions();
    let plan = bench.plan(&after.manifests()).map_err(failed)?;
    let gap = plan.guards.iter().any(|guard| guard.kind == GuardKind::Gap);
    let found: Mutex<Vec<String>> = Mutex::default();
    bench.apply(&plan, |sandbox, call| {
        // Clients know one load balancer: the old one as long as the new one is not complete.
        let faults: Vec<_> =
            live(sandbox).iter().map(|now| wrong(now, &old, &new, &asked)).collect();
        if faults.iter().all(Option::is_some) {
            let fault = faults
                .into_iter()
                .flatten()
                .next()
                .unwrap_or_else(|| "no load balancer".to_owned());
            found.lock().unwrap().push(format!("after {}: {fault}", call.action));
        }
    });
    let found = found.into_inner().unwrap();
    prop_assert!(gap || found.is_empty(), "{}\n{both}", found.join("\n"));
    let end = live(&bench.sandbox);
    prop_assert_eq!(end.len(), 1);
    prop_assert_eq!(wrong(&end[0], &new, &new, &asked), None);
    let again = bench.plan(&after.manifests()).map_err(failed)?;
    prop_assert!(again.is_empty(), "left to do: {:#?}\n{both}", again.steps);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_at_every_moment((before, after) in edit()) {
        check(&before, &after)?;
    }
}
