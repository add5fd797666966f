//! The law of histories: whatever teams write, whatever fails on the way, and whoever else works in
//! the same account, in the end the account is what the manifests say, and nothing of others was
//! touched at any moment.
//!
//! `INGC_HISTORIES=10000` sets how many histories are lived through.

mod disk;
mod event;
mod fleet;
mod graph;
mod known;
mod life;
mod others;

use event::{Event, history};
use life::Life;
use proptest::prelude::*;

/// So many where nobody says how many.
const FEW: u32 = 48;

fn cases() -> u32 {
    std::env::var("INGC_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW)
}

fn lived(turns: u64, events: &[Event]) -> Result<(), String> {
    let mut life = Life::new(turns);
    for (n, event) in events.iter().enumerate() {
        life.live(event).map_err(|why| format!("event {n}, {event:?}: {why}"))?;
    }
    life.ends_well()
}

/// What decides in which turns calls of several stacks are answered; 0 if each is answered at once.
fn turns() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 2 => 1..u64::MAX]
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn every_history_ends_with_what_the_manifests_say(turns in turns(), events in history()) {
        prop_assert_eq!(lived(turns, &events), Ok(()));
    }
}
