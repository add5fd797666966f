//! Every reader, given inputs that are wrong somewhere: none makes the program panic, take long, print
//! without bound, or send control characters to a terminal.
//!
//! `INGC_FUZZ_SECONDS=600 cargo test --test fuzz READER` goes on for as long as it is told;
//! `INGC_FUZZ_SEED` begins elsewhere. What has failed once belongs into `tests/fuzz/corpus/READER/`,
//! which every run reads first.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that panics has failed, and tells how far it came"
)]

mod hostile;
mod mutate;
mod reader;

use mutate::Dice;
use reader::Reader;
use std::time::{Duration, Instant};

/// A short burst where nobody says how long.
const BURST: Duration = Duration::from_millis(700);
/// A reader that takes longer for a small input takes too long, in a debug build on a busy machine.
const SLOW: Duration = Duration::from_secs(20);

fn time() -> Duration {
    let seconds = std::env::var("INGC_FUZZ_SECONDS").ok().and_then(|it| it.parse().ok());
    seconds.map_or(BURST, Duration::from_secs)
}

fn seed() -> u64 {
    std::env::var("INGC_FUZZ_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(1)
}

/// Tries one input, which is kept where it fails.
fn tried(reader: &Reader, input: &[u8], dice: &mut Dice) {
    let started = Instant::now();
    let wrong = reader.read(input, dice).err();
    let slow = (started.elapsed() > SLOW).then(|| format!("it took {:?}", started.elapsed()));
    if let Some(wrong) = wrong.or(slow) {
        let kept = std::env::temp_dir().join(format!("ingc-fuzz-{}", reader.name));
        std::fs::write(&kept, input).unwrap();
        panic!("{}: {wrong}\nthe input is kept in {}", reader.name, kept.display());
    }
}

fn fuzz(name: &'static str) {
    let reader = Reader::new(name);
    let mut dice = Dice::new(seed());
    let corpus = reader.corpus();
    assert!(!corpus.is_empty(), "{name} has no corpus");
    // What is whole is read first, and what has failed once.
    corpus.iter().take(20).for_each(|input| tried(&reader, input, &mut dice));
    let until = Instant::now() + time();
    let mut count = 0;
    while Instant::now() < until {
        let (whole, other) = (dice.one(&corpus), dice.one(&corpus));
        let input = reader.mutated(&mut dice, whole, other);
        tried(&reader, &input, &mut dice);
        count += 1;
    }
    println!("{name}: {count} inputs");
}

macro_rules! readers {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            fuzz(stringify!($name));
        }
    )*};
}

readers!(manifests, annotations, settings, inventory, routes, state, plan, account, snapshot);
