//! The real program, killed by SIGKILL again and again while it carries out random edits, until each
//! edit is done: the account is what an undisturbed run gives, and nothing is left over.
//!
//! `INGC_KILLS=1000 cargo test --test killed` kills so often, `INGC_SEED=7` in another way.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "killed/account.rs"]
mod account;
#[path = "killed/edit.rs"]
mod edit;
#[path = "support/folder.rs"]
mod folder;

use edit::{Dice, Fleet};
use folder::{Folder, Run};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// So often where nobody says how often.
const FEW: u64 = 40;
/// Kills of one edit, after which it is left alone: else what takes long would never end.
const MOST: usize = 12;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

const SANDBOX: [&str; 2] = ["--sandbox", "account.json"];
const APPLY: [&str; 6] =
    ["apply", "k8s", "--auto-approve", "--allow-delete", "--allow-gap", "--close-gaps"];

fn with(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[arguments, &SANDBOX].concat())
}

/// Files of a folder, but for those that every run leaves.
fn left_over(folder: &Folder) -> Vec<String> {
    let is_kept = |name: &String| {
        let state = name.strip_prefix("k8s/ingc.state.json");
        name == "account.json"
            || state.is_some_and(|rest| {
                rest.is_empty() || rest == ".backup" || rest.starts_with(".history/")
            })
            || ["k8s/ingc.yaml", "k8s/inventory.yaml", "k8s/fleet.yaml"].contains(&name.as_str())
    };
    folder.files().into_keys().filter(|name| !is_kept(name) || name.ends_with(".tmp")).collect()
}

/// A folder with a fleet's manifests beside settings that have all of the cluster in scope.
fn repository(fleet: &Fleet) -> Folder {
    let folder = Folder::workshop();
    std::fs::remove_file(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    folder.put("k8s/fleet.yaml", &fleet.manifests());
    folder
}

/// How long a run takes that nobody disturbs, and what the account holds then.
fn undisturbed(fleet: &Fleet) -> (Duration, Vec<String>) {
    let folder = repository(fleet);
    let started = Instant::now();
    with(&folder, &APPLY).exits(0);
    let took = started.elapsed();
    // A load balancer whose Ingresses have left may go with the next run.
    with(&folder, &APPLY).exits(0);
    (took, account::told(&folder.path("account.json")))
}

#[test]
fn edits_that_are_killed_at_any_moment_come_to_the_same_end() {
    let (kills, mut dice) = (number("INGC_KILLS", FEW), Dice(number("INGC_SEED", 1)));
    let mut fleet = Fleet::default();
    let folder = repository(&fleet);
    let (mut killed, mut edits) = (0, 0);
    while killed < kills {
        edits += 1;
        let edit = fleet.edit(&mut dice);
        folder.put("k8s/fleet.yaml", &fleet.manifests());
        let (took, wanted) = undisturbed(&fleet);
        let mut of_this = 0;
        loop {
            let mut command = folder.command(&[&APPLY[..], &SANDBOX].concat());
            let mut run = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            if of_this < MOST {
                std::thread::sleep(took.mul_f64(dice.share() * 1.2));
                run.kill().unwrap();
            }
            let output = run.wait_with_output().unwrap();
            match output.status.code() {
                Some(code) => {
                    let said = String::from_utf8_lossy(&output.stderr);
                    assert_eq!(code, 0, "edit {edits}, {edit}, after {of_this} kills: {said}");
                    break;
                }
                None => of_this += 1,
            }
        }
        killed += of_this as u64;
        let what = format!("edit {edits}, {edit}, {of_this} kills");
        with(&folder, &APPLY).exits(0);
        let plan = ["plan", "k8s", "--detailed-exitcode"];
        let plan = with(&folder, &plan);
        assert_eq!(plan.code, 0, "{what}: {}{}", plan.out, plan.err);
        let told = account::told(&folder.path("account.json"));
        let surplus: Vec<_> = told.iter().filter(|it| !wanted.contains(it)).collect();
        let missing: Vec<_> = wanted.iter().filter(|it| !told.contains(it)).collect();
        assert!(surplus.is_empty() && missing.is_empty(), "{what}: {surplus:#?}\nnot {missing:#?}");
        assert_eq!(told.len(), wanted.len(), "{what}: something is there twice");
        assert_eq!(left_over(&folder), Vec::<String>::new(), "{what}");
    }
    eprintln!("{killed} kills in {edits} edits");
}
