//! Reads a file of manifests many times and prints how fast: `read_speed FILE [TIMES]`.
#![expect(clippy::print_stdout, reason = "it prints its measurement")]

use ingc_compiler::source::Sources;
use ingc_compiler::yaml::{decode, documents, parts};
use std::time::Instant;

/// Seconds that this thread has run, on Linux; elsewhere those that have passed.
fn seconds(start: Instant) -> f64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedstat.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |n| n / 1e9)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which file?")?;
    let times: usize = args.next().map_or(Ok(5), |times| times.parse())?;
    let text = decode(std::fs::read(&path)?).map_err(|error| error.hint)?;
    let megabytes = text.len() as f64 / 1e6;
    let mut sources = Sources::new();
    let file = sources.add(path, text);
    let start = Instant::now();
    let measure = |what: &str, run: &dyn Fn() -> usize| {
        let mut best = f64::INFINITY;
        let mut count = 0;
        for _ in 0..times {
            let before = seconds(start);
            count = run();
            best = best.min(seconds(start) - before);
        }
        println!("{what}: {count} in {best:.3} s, {:.0} MB/s", megabytes / best);
    };
    measure("parts", &|| parts(&sources, file).count());
    measure("trees", &|| documents(&sources, file).flatten().count());
    measure("keys", &|| {
        let trees = documents(&sources, file).flatten();
        trees.map(|tree| tree.root().entries().count()).sum()
    });
    Ok(())
}
