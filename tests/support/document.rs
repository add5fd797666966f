//! Documents whose commands are run.

use super::offline::offline;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
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

/// True if the lines are as expected; `[...]` stands for any number of lines, and at the end of a
/// line for its rest.
fn fits(expected: &[String], got: &[&str]) -> bool {
    match expected.split_first() {
        None => got.is_empty(),
        Some((line, rest)) if line == "[...]" => {
            (0..=got.len()).any(|skip| fits(rest, &got[skip..]))
        }
        Some((line, rest)) => got.split_first().is_some_and(|(first, more)| {
            let same = match line.strip_suffix("[...]") {
                Some(start) => first.starts_with(start),
                None => first == line,
            };
            same && fits(rest, more)
        }),
    }
}

/// Runs the commands of a document beside a copy of the examples.
pub(crate) fn check(document: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples"), &folder.path().join("examples"));
    let binaries = Path::new(env!("CARGO_BIN_EXE_ingc")).parent().unwrap().to_owned();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let commands = commands(&fs::read_to_string(document).unwrap());
    assert!(commands.len() > 2, "{} shows nothing", document.display());
    let mut broken = Vec::new();
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
        if !fits(&expected, &got) {
            let error = String::from_utf8_lossy(&output.stderr);
            broken.push(format!("$ {command}\n{printed}\n{error}"));
        }
    }
    assert!(broken.is_empty(), "{}\n{}", document.display(), broken.join("\n"));
}
