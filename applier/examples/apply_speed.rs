//! How long it takes to apply a repository to a simulated account in files, and to plan it again.
//!
//! `cargo run --release -p ingc-applier --example apply_speed -- INVENTORY VALUES MANIFESTS…`
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, not a product")]

use ingc_applier::{Event, Facts, Run, Sandbox, StateFile, apply, refresh};
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::source::Sources;
use ingc_compiler::{compile, inventory, settings};
use ingc_planner::{Desired, Options, Scope, plan};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let mut sources = Sources::new();
    let mut files =
        paths.iter().map(|path| sources.add(path.clone(), std::fs::read_to_string(path).unwrap()));
    let (listed, values) = (files.next().unwrap(), files.next().unwrap());
    let manifests: Vec<_> = files.collect();
    let mut diagnostics = Diagnostics::new();
    let settings = settings::read(&sources, &[values], &mut diagnostics);
    let inventory = inventory::read(&sources, listed, &mut diagnostics);
    let compilation = compile(&sources, &manifests, &settings, &inventory, diagnostics);
    let desired = Desired {
        cluster: &settings.cluster_name,
        region: &settings.region,
        compilation: &compilation,
        sources: &sources,
        recalled: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ingc.state.json");
    let sandbox = Sandbox::open(&folder.path().join("aws.json"), &inventory).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (mut store, mut state) = StateFile::open(&path, &settings.cluster_name, false).unwrap();
    for round in ["first", "again"] {
        let started = Instant::now();
        let live = runtime.block_on(refresh(&sandbox, &state, |_| true)).unwrap();
        println!("{round}: refresh of {} objects {:.2?}", live.objects.len(), started.elapsed());
        let started = Instant::now();
        let options = Options { scope: Scope::Cluster, live: Some(&live), ..Options::default() };
        let planned = plan(desired, &state, &options);
        println!("{round}: plan of {} steps {:.2?}", planned.plan.steps.len(), started.elapsed());
        let started = Instant::now();
        let mut calls = 0;
        let run = Run {
            account: &sandbox,
            store: &mut store,
            secrets: &desired.secrets(),
            desired: None,
            facts: Facts { vpc_id: inventory.vpc.vpc_id.clone(), ..Facts::default() },
            cancelled: &AtomicBool::new(false),
            observer: &mut |event| {
                calls += usize::from(matches!(
                    event,
                    Event::AwsCall { .. } | Event::KubernetesCall { .. }
                ));
            },
        };
        let report = runtime.block_on(apply(run, &planned.plan, &mut state)).unwrap();
        println!(
            "{round}: {calls} calls, {} steps done, {} errors {:.2?}",
            report.done.len(),
            report.errors.len(),
            started.elapsed()
        );
        for error in report.errors.iter().take(3) {
            println!("  {error}");
        }
    }
    store.close(&state).unwrap();
}
