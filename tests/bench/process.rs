//! What whole runs of the program take, from the first file to the last line:
//! `cargo bench --bench process`.
#![expect(clippy::unwrap_used, reason = "a measurement, not a product")]

#[path = "../../planner/benches/support/repository.rs"]
mod repository;

use divan::Bencher;
use repository::{Repository, fleet};
use std::path::Path;
use std::process::{Command, Stdio};

const SIZES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

/// A folder with so many Ingresses and Services.
fn folder(size: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in fleet::files(size) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The same when it has been applied.
fn applied(size: usize) -> tempfile::TempDir {
    let folder = folder(size);
    run(folder.path(), &["apply", ".", "--sandbox", "account.json", "--auto-approve"]);
    folder
}

/// The same with the state of another version, which notes nothing that this one trusts.
fn applied_by_another(size: usize) -> tempfile::TempDir {
    let folder = folder(size);
    let it = Repository::new(size);
    let state = it.state(&it.compile()).write().unwrap();
    std::fs::write(folder.path().join("ingc.state.json"), state).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{arguments:?}");
}

#[divan::bench(args = SIZES)]
fn compile(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    bencher.bench_local(|| run(folder.path(), &["compile", ".", "--output", "json"]));
}

#[divan::bench(args = SIZES)]
fn plan_of_everything(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    bencher.bench_local(|| run(folder.path(), &["plan", "."]));
}

/// Against a state of the same size, in which nothing differs.
#[divan::bench(args = SIZES)]
fn plan_of_nothing(bencher: Bencher<'_, '_>, size: usize) {
    let folder = applied(size);
    bencher.bench_local(|| run(folder.path(), &["plan", ".", "--no-refresh"]));
}

/// Against a state of the same size, when one path of one Ingress is another.
#[divan::bench(args = SIZES)]
fn plan_of_one_change(bencher: Bencher<'_, '_>, size: usize) {
    let folder = applied(size);
    let file = folder.path().join("group-00000.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replacen("path: /", "path: /changed/", 1);
    assert_ne!(text, changed);
    std::fs::write(&file, changed).unwrap();
    bencher.bench_local(|| run(folder.path(), &["plan", ".", "--no-refresh"]));
}

/// Against a state of the same size, in which nothing differs and nothing is known to.
#[divan::bench(args = SIZES)]
fn plan_of_nothing_by_a_new_version(bencher: Bencher<'_, '_>, size: usize) {
    let folder = applied_by_another(size);
    bencher.bench_local(|| run(folder.path(), &["plan", ".", "--no-refresh"]));
}

/// To a simulated account with nothing in it.
#[divan::bench(args = SIZES, sample_count = 3)]
fn apply_to_a_sandbox(bencher: Bencher<'_, '_>, size: usize) {
    bencher.with_inputs(|| folder(size)).bench_local_values(|folder| {
        run(folder.path(), &["apply", ".", "--sandbox", "account.json", "--auto-approve"]);
        folder
    });
}

#[divan::bench(args = SIZES)]
fn route(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    let url = "https://service-000042-0.zone1.example.com/api/v0";
    bencher.bench_local(|| run(folder.path(), &["route", url, "--manifests", "."]));
}

#[divan::bench(args = SIZES)]
fn generate(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    bencher.bench_local(|| run(folder.path(), &["generate", "."]));
}

/// The text of a plan that makes everything.
#[divan::bench(args = SIZES)]
fn render(bencher: Bencher<'_, '_>, size: usize) {
    let it = Repository::new(size);
    let plan = it.plan(&it.compile(), &ingc_planner::State::empty("fleet"));
    let style = ingc::view::Style { colour: false, width: 120 };
    bencher.bench_local(|| ingc::view::plan::text(&plan, style));
}
