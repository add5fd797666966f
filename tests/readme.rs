//! What README.md and those of the examples show is what happens.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "support/document.rs"]
mod document;
mod offline;

use document::{check, root};
use std::fs;
use std::process::Command;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn every_command_prints_what_is_shown() {
    check(&root().join("README.md"));
}

#[test]
fn every_command_of_the_examples_prints_what_is_shown() {
    let examples = fs::read_dir(root().join("examples")).unwrap();
    let documents: Vec<_> = examples.map(|entry| entry.unwrap().path().join("README.md")).collect();
    assert!(documents.len() > 3);
    documents.iter().for_each(|document| check(document));
}

#[test]
fn the_table_of_annotations_is_the_compilers() {
    let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args(["annotations", "--output", "markdown"])
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let readme = readme();
    let shown = readme
        .split("<!-- annotations -->\n")
        .nth(1)
        .and_then(|rest| rest.split("<!-- /annotations -->").next());
    assert!(
        shown == Some(table.as_str()),
        "put what `ingc annotations --output markdown` prints between the marks in README.md"
    );
}
