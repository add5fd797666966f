//! The book of `examples/docs`: what it shows is what happens.
//!
//! `cargo test --test docs -- --ignored` also builds it, which needs mdBook.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/document.rs"]
mod document;
mod emulator;
mod offline;

use document::{Stage, check, check_on, root};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn book() -> PathBuf {
    root().join("examples/docs")
}

/// The chapters that the summary lists.
fn listed() -> BTreeSet<String> {
    let summary = fs::read_to_string(book().join("src/SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.map(str::to_owned).collect()
}

#[test]
fn the_summary_lists_every_chapter() {
    let files = fs::read_dir(book().join("src")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let chapters: BTreeSet<String> = names.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(listed(), chapters);
}

#[test]
fn every_command_of_the_book_prints_what_is_shown() {
    let chapters = listed();
    assert!(chapters.len() > 8);
    chapters.iter().for_each(|chapter| check(&book().join("src").join(chapter)));
}

/// The account that the workshop's inventory is of.
const WORKSHOP: &str = "111122223333";

#[test]
fn the_workshop_can_be_followed_on_an_emulated_aws() {
    let inventory =
        fs::read_to_string(root().join("examples/eks-workshop/inventory.yaml")).unwrap();
    let Some(emulator) = emulator::emulator() else { return };
    let given = inventory.replace(WORKSHOP, emulator::ANY);
    let account = emulator.account_with("ap-northeast-2", &given);
    let cluster = json!({
        "name": "eksworkshop",
        "roleArn": "arn:aws:iam::123456789012:role/eks",
        "resourcesVpcConfig": {"subnetIds": ["subnet-1"]},
    });
    account.call_in("ap-northeast-2", "eks", "create_cluster", cluster);
    check_on(
        &book().join("src/workshop.md"),
        &Stage {
            prepare: &|folder| {
                let path = folder.join("examples/eks-workshop/inventory.yaml");
                fs::write(path, inventory.replace(WORKSHOP, &account.id)).unwrap();
            },
            rewrite: &|command| command.replace(" --sandbox account.json", ""),
            lend: &|command| {
                account.lend(command);
            },
        },
    );
    let left = account.call("iam", "list_roles", json!({}));
    assert_eq!(left["Roles"], json!([]));
}

#[test]
#[ignore = "needs mdBook: cargo test --test docs -- --ignored"]
fn the_book_can_be_built() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("mdbook")
        .args(["build", "--dest-dir", folder.path().to_str().unwrap()])
        .arg(book())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(folder.path().join("first-plan.html")).unwrap();
    assert!(page.contains("Plan: 7 to create"));
}
