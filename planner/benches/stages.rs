//! What each stage of a plan takes, of 1,000 and of 10,000 Ingresses with their Services:
//! `cargo bench -p ingc-planner`.
#![expect(clippy::unwrap_used, reason = "a measurement, not a product")]

#[path = "support/repository.rs"]
mod repository;

use divan::Bencher;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::graph::ResourceGraph;
use ingc_compiler::{compile_manifests, group, lower, manifest, yaml};
use ingc_planner::State;
use repository::Repository;

const SIZES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn a_parse(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    bencher.bench_local(|| {
        let files = it.manifests.iter();
        files.map(|file| yaml::documents(&it.sources, *file).flatten().count()).sum::<usize>()
    });
}

#[divan::bench(args = SIZES)]
fn b_read_manifests(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    bencher.bench_local(|| {
        let mut findings = Diagnostics::new();
        let cluster = &it.inventory.cluster;
        let manifests = manifest::read(&it.sources, &it.manifests, cluster, &mut findings);
        assert!(!findings.has_errors());
        manifests.ingresses.len()
    });
}

#[divan::bench(args = SIZES)]
fn c_group(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let mut findings = Diagnostics::new();
    let cluster = &it.inventory.cluster;
    let manifests = manifest::read(&it.sources, &it.manifests, cluster, &mut findings);
    bencher.bench_local(|| group::group(&manifests, &it.settings, &it.inventory).0.groups.len());
}

#[divan::bench(args = SIZES)]
fn d_lower(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let mut findings = Diagnostics::new();
    let cluster = &it.inventory.cluster;
    let manifests = manifest::read(&it.sources, &it.manifests, cluster, &mut findings);
    let (groups, _) = group::group(&manifests, &it.settings, &it.inventory);
    bencher.bench_local(|| {
        let groups = groups.groups.values();
        let stacks = groups.map(|group| {
            lower::lower(lower::Cx::new(&it.settings, &it.inventory, &manifests, group))
        });
        stacks.map(|lowered| lowered.stack.resources.len()).sum::<usize>()
    });
}

#[divan::bench(args = SIZES)]
fn e_compile(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let mut findings = Diagnostics::new();
    let cluster = &it.inventory.cluster;
    let manifests = manifest::read(&it.sources, &it.manifests, cluster, &mut findings);
    bencher.bench_local(|| {
        let findings = Diagnostics::new();
        compile_manifests(&it.sources, &manifests, &it.settings, &it.inventory, findings)
    });
}

#[divan::bench(args = SIZES)]
fn f_graph(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let compiled = it.compile();
    let stacks = || compiled.stacks.values().cloned().collect::<Vec<_>>();
    bencher.with_inputs(stacks).bench_local_values(ResourceGraph::new);
}

#[divan::bench(args = SIZES)]
fn g_document(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let compiled = it.compile();
    bencher.bench_local(|| serde_json::to_vec(&compiled.document(&it.sources)).unwrap());
}

#[divan::bench(args = SIZES)]
fn h_diff_and_order_everything(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let compiled = it.compile();
    let state = State::empty(&it.settings.cluster_name);
    bencher.bench_local(|| it.plan(&compiled, &state));
}

#[divan::bench(args = SIZES)]
fn i_diff_where_nothing_changes(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let compiled = it.compile();
    let state = it.state(&compiled);
    bencher.bench_local(|| it.plan(&compiled, &state));
}

#[divan::bench(args = SIZES)]
fn j_read_state(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let text = it.state(&it.compile()).write().unwrap();
    bencher.bench_local(|| State::read(&text).unwrap());
}
