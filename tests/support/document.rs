//! Documents whose commands are run.
#![allow(dead_code, reason = "every test uses what it needs")]

use super::offline::offline;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

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

/// A stand-in for load balancers, which answers everything: where it is.
fn stand_in() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        address
    })
}

/// Where a document's commands are run.
pub(crate) struct Stage<'s> {
    /// Makes the folder ready, which has a copy of the examples.
    pub(crate) prepare: &'s dyn Fn(&Path),
    /// The command as it is run.
    pub(crate) rewrite: &'s dyn Fn(&str) -> String,
    /// Gives the command what it needs.
    pub(crate) lend: &'s dyn Fn(&mut Command),
}

/// Runs the commands of a document beside a copy of the examples.
pub(crate) fn check(document: &Path) {
    check_on(document, &Stage { prepare: &|_| {}, rewrite: &str::to_owned, lend: &|_| {} });
}

/// Runs the commands of a document on a stage. Load balancers that they ask are a stand-in.
pub(crate) fn check_on(document: &Path, stage: &Stage<'_>) {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples"), &folder.path().join("examples"));
    (stage.prepare)(folder.path());
    let binaries = Path::new(env!("CARGO_BIN_EXE_ingc")).parent().unwrap().to_owned();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let commands = commands(&fs::read_to_string(document).unwrap());
    assert!(commands.len() > 2, "{} shows nothing", document.display());
    let mut broken = Vec::new();
    for (command, expected) in commands {
        let mut run = (stage.rewrite)(&command);
        if run.ends_with(" --live") {
            run = format!("{run} --connect-to {}", stand_in());
        }
        let mut shell = Command::new("sh");
        offline(&mut shell);
        (stage.lend)(&mut shell);
        let output = shell
            .args(["-c", &run])
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
