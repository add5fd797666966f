//! The law of histories: whatever teams write, whatever fails on the way, and whoever else works in
//! the same account, in the end the account is what the manifests say, and nothing of others was
//! touched at any moment.
//!
//! `INGC_HISTORIES=10000` sets how many histories are lived through.

mod event;
mod fleet;
mod graph;
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

fn lived(events: &[Event]) -> Result<(), String> {
    let mut life = Life::new();
    for (n, event) in events.iter().enumerate() {
        life.live(event).map_err(|why| format!("event {n}, {event:?}: {why}"))?;
    }
    life.ends_well()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn every_history_ends_with_what_the_manifests_say(events in history()) {
        prop_assert_eq!(lived(&events), Ok(()));
    }
}
