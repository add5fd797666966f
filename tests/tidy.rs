//! The repository's own rules.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a source file may have, its tests included.
const LONGEST_FILE: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !name.starts_with("target") {
                walk(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn files(extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(root(), &mut found);
    found
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            (name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())
        })
        .collect()
}

fn check(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn source_files_are_about_one_thing_and_short() {
    let long = files("rs")
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(name, lines)| format!("{name}: {lines} lines, at most {LONGEST_FILE}"));
    check(long.collect());
}

#[test]
fn source_files_start_with_what_they_hold() {
    let silent = files("rs").into_iter().filter(|(_, text)| !text.starts_with("//! "));
    check(silent.map(|(name, _)| format!("{name}: no `//!` line first")).collect());
}

#[test]
fn source_files_hold_no_unfinished_work() {
    let marks = ["todo!", "unimplemented!", "TODO", "FIXME", "XXX", "#[ignore]", "dbg!("];
    let unfinished = files("rs").into_iter().filter(|(name, _)| name != "tests/tidy.rs").flat_map(
        |(name, text)| {
            let found: Vec<_> = marks.iter().filter(|mark| text.contains(**mark)).collect();
            found.into_iter().map(|mark| format!("{name}: `{mark}`")).collect::<Vec<_>>()
        },
    );
    check(unfinished.collect());
}

#[test]
fn files_are_named_after_what_they_hold() {
    let empty = ["common", "helper", "helpers", "manager", "misc", "util", "utils"];
    let vague = files("rs").into_iter().filter(|(name, _)| {
        Path::new(name).file_stem().is_some_and(|stem| empty.iter().any(|word| stem == *word))
    });
    check(vague.map(|(name, _)| format!("{name}: say what it holds")).collect());
}

#[test]
fn every_code_is_reported_somewhere() {
    let (tables, sources): (Vec<_>, Vec<_>) =
        files("rs").into_iter().partition(|(name, _)| name.contains("/diagnostic/code/"));
    let mut unused = Vec::new();
    for line in tables.iter().flat_map(|(_, text)| text.lines()) {
        let Some((name, id)) = line.trim().split_once(" = \"ING") else { continue };
        let used = format!("::{name}");
        if !sources.iter().any(|(_, text)| text.contains(&used)) {
            unused.push(format!("ING{}: {name} is reported nowhere", &id[..4]));
        }
    }
    check(unused);
}

#[test]
fn every_annotation_stands_in_a_recorded_or_golden_case() {
    let inputs: Vec<_> = ["yaml", "yml", "json"]
        .into_iter()
        .flat_map(files)
        .filter(|(name, _)| name.starts_with("golden/") || name.starts_with("tests/conformance/"))
        .collect();
    let missing = ingc_compiler::annotation::annotations().filter(|row| {
        let name = row.full_name();
        !inputs.iter().any(|(_, text)| text.contains(&name))
    });
    check(missing.map(|row| format!("{} is in no case", row.full_name())).collect());
}

/// Which of our crates a crate may name, itself aside.
const LINE: &[(&str, &[&str])] = &[
    ("compiler/Cargo.toml", &[]),
    ("planner/Cargo.toml", &["ingc-compiler"]),
    ("applier/Cargo.toml", &["ingc-compiler", "ingc-planner"]),
    ("Cargo.toml", &["ingc-compiler", "ingc-planner", "ingc-applier"]),
];

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    text.lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn crates_depend_in_one_line() {
    for (manifest, allowed) in LINE {
        let ours: Vec<_> =
            dependencies(manifest).into_iter().filter(|name| name.starts_with("ingc-")).collect();
        let allowed: BTreeSet<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(BTreeSet::from_iter(ours), allowed, "{manifest}");
    }
}

#[test]
fn only_the_applier_and_the_command_line_know_the_world_outside() {
    for manifest in ["compiler/Cargo.toml", "planner/Cargo.toml"] {
        let outside: Vec<_> = dependencies(manifest)
            .into_iter()
            .filter(|name| {
                name == "tokio" || name.starts_with("aws-") || name == "tempfile" || name == "clap"
            })
            .collect();
        assert_eq!(outside, Vec::<String>::new(), "{manifest}");
    }
    for library in ["compiler/src/lib.rs", "planner/src/lib.rs"] {
        let text = fs::read_to_string(root().join(library)).unwrap();
        assert!(
            text.contains("#![deny(clippy::disallowed_methods)]"),
            "{library} is not held to be pure"
        );
    }
}

#[test]
fn documents_lead_to_files_that_exist() {
    let mut broken = Vec::new();
    for (name, text) in files("md") {
        if name.starts_with("tests/conformance/") {
            continue;
        }
        let folder = root().join(&name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") && !folder.join(path).exists() {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    check(broken);
}

#[test]
fn the_code_map_names_folders_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut broken = Vec::new();
    for path in text.split('`').skip(1).step_by(2) {
        let is_path = path.contains('/')
            && !path.contains(' ')
            && !path.contains("::")
            && !path.contains('<');
        let generic =
            path.contains("KIND") || path.starts_with("stack/") || path.starts_with("type/");
        if is_path && !generic {
            let inside = ["", "src/", "compiler/src/", "compiler/src/diagnostic/"]
                .iter()
                .any(|base| root().join(base).join(path).exists());
            if !inside {
                broken.push(path.to_owned());
            }
        }
    }
    check(broken);
}

#[test]
fn threats_are_held_by_tests_that_exist() {
    let model = fs::read_to_string(root().join(".github/SECURITY.md")).unwrap();
    let rows = model.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat"));
    let sources = files("rs");
    let fuzzed = &sources.iter().find(|(name, _)| name == "tests/fuzz/main.rs").unwrap().1;
    let readers = fuzzed.split("readers!(").last().unwrap().split(')').next().unwrap();
    let mut broken = Vec::new();
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            broken.push(format!("no test: {row}"));
        }
        for name in names {
            let is_test = |text: &str| {
                let definition = text.find(&format!("fn {name}("));
                definition.is_some_and(|at| {
                    text[..at].rfind("#[test]").is_some_and(|test| at - test < 200)
                })
            };
            let is_reader = readers.split(", ").any(|reader| reader == name);
            if !is_reader && !sources.iter().any(|(_, text)| is_test(text)) {
                broken.push(format!("`{name}` is no test"));
            }
        }
    }
    check(broken);
}
