//! What README.md and those of the examples show is what happens.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod offline;

use offline::offline;
use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// The commands of all `console` blocks, each with the lines that it shall print.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), Vec::new())),
                None => commands.last_mut().unwrap().1.push(line.to_owned()),
            },
        }
    }
    commands
}

/// True if the lines are as expected; `[...]` stands for any number of lines.
fn fits(expected: &[String], got: &[&str]) -> bool {
    match expected.split_first() {
        None => got.is_empty(),
        Some((line, rest)) if line == "[...]" => {
            (0..=got.len()).any(|skip| fits(rest, &got[skip..]))
        }
        Some((line, rest)) => {
            got.split_first().is_some_and(|(first, more)| first == line && fits(rest, more))
        }
    }
}

/// Runs the commands of a document beside a copy of the examples.
fn check(document: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples"), &folder.path().join("examples"));
    let binaries = Path::new(env!("CARGO_BIN_EXE_ingc")).parent().unwrap().to_owned();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let commands = commands(&fs::read_to_string(document).unwrap());
    assert!(commands.len() > 2, "{} shows nothing", document.display());
    for (command, expected) in commands {
        let output = offline(&mut Command::new("sh"))
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let got: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
        assert!(
            fits(&expected, &got),
            "{}\n$ {command}\n{printed}\n{}",
            document.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
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
