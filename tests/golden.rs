//! The golden cases: a folder each, with what goes in and one file for each stage that comes out.
//!
//! `cargo golden [FILTER]` checks, `cargo bless [FILTER]` rewrites. A case has `input.yaml`, and
//! `before.yaml` if something was applied before; `ingc.yaml` and `inventory.yaml` of its own, or
//! those of the folder above. Out come `diagnostics.txt` if there is something to say, `stack.json`
//! for what compiles, `plan.txt` for what can be planned, and `calls.txt` for what that does. Every
//! plan is also carried out in a simulated account, and a plan after that must be empty; where the
//! account refuses something, `apply.txt` says how. Of a case with `routes.yaml` that file must
//! hold, and those below `route` have what `ingc check` says in `check.txt`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail and says how")]

mod offline;

use libtest_mimic::{Arguments, Failed, Trial};
use offline::offline;
use similar::TextDiff;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const INPUTS: [&str; 6] =
    ["input.yaml", "before.yaml", "ingc.yaml", "inventory.yaml", "routes.yaml", "README.md"];

fn main() {
    let (own, others): (Vec<_>, Vec<_>) =
        std::env::args().partition(|argument| argument == "--bless");
    let bless = !own.is_empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut cases = Vec::new();
    find(&root, &mut cases);
    cases.sort();
    assert!(!cases.is_empty(), "no golden cases in {}", root.display());
    let trials = cases.into_iter().map(|case| {
        let name = case.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let root = root.clone();
        Trial::test(name, move || run(&root, &case, bless))
    });
    libtest_mimic::run(&Arguments::from_iter(others), trials.collect()).exit();
}

fn find(folder: &Path, cases: &mut Vec<PathBuf>) {
    if folder.join("input.yaml").exists() {
        cases.push(folder.to_owned());
        return;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, cases);
        }
    }
}

/// A case in a folder of its own, so that what is shown has short names and nothing is left behind.
struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    fn new(root: &Path, case: &Path) -> Workshop {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("case")).unwrap();
        for name in ["ingc.yaml", "inventory.yaml"] {
            let own = case.join(name);
            let from = if own.exists() { own } else { root.join(name) };
            fs::copy(from, folder.path().join("case").join(name)).unwrap();
        }
        Workshop { folder }
    }

    fn put(&self, from: &Path) {
        fs::copy(from, self.folder.path().join("case/input.yaml")).unwrap();
    }

    fn ingc(&self, arguments: &[&str]) -> Output {
        offline(&mut Command::new(env!("CARGO_BIN_EXE_ingc")))
            .args(arguments)
            .current_dir(self.folder.path().join("case"))
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// What is printed says what is wrong.
    fn holds(&self, arguments: &[&str]) -> Result<(), Failed> {
        let output = self.ingc(arguments);
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{}{}", text(&output.stderr), text(&output.stdout)).into())
    }

    fn ok(&self, arguments: &[&str]) -> Result<String, Failed> {
        let output = self.ingc(arguments);
        if output.status.code() == Some(0) {
            return Ok(text(&output.stdout));
        }
        Err(format!("ingc {}: {}\n{}", arguments.join(" "), output.status, text(&output.stderr))
            .into())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const APPLY: [&str; 7] = [
    "apply",
    "--sandbox",
    "../account.json",
    "--auto-approve",
    "--allow-delete",
    "--allow-gap",
    "--json",
];
const PLAN: [&str; 3] = ["plan", "--sandbox", "../account.json"];

fn run(root: &Path, case: &Path, bless: bool) -> Result<(), Failed> {
    let workshop = Workshop::new(root, case);
    let before = case.join("before.yaml");
    if before.exists() {
        workshop.put(&before);
        workshop.ok(&APPLY)?;
    }
    workshop.put(&case.join("input.yaml"));

    let routes = case.join("routes.yaml");
    if routes.exists() {
        fs::copy(&routes, workshop.folder.path().join("case/routes.yaml")).unwrap();
        workshop.holds(&["routes", "test", "routes.yaml", "--output", "text"])?;
    }

    let mut made = BTreeMap::new();
    let compiled = workshop.ingc(&["compile", "--output", "json"]);
    if compiled.status.success() {
        let document: serde_json::Value = serde_json::from_slice(&compiled.stdout)?;
        made.insert("stack.json", serde_json::to_string_pretty(&document["stacks"])? + "\n");
    }
    if case.starts_with(root.join("route")) {
        let checked = workshop.ingc(&["check"]);
        made.insert("check.txt", text(&checked.stderr) + &text(&checked.stdout));
    }
    let planned = workshop.ingc(&PLAN);
    if !planned.stderr.is_empty() {
        made.insert("diagnostics.txt", text(&planned.stderr));
    }
    if !planned.stdout.is_empty() {
        made.insert("plan.txt", text(&planned.stdout));
        let applied = workshop.ingc(&APPLY);
        let calls = calls(&text(&applied.stdout));
        if !calls.is_empty() {
            made.insert("calls.txt", calls);
        }
        let refused = errors(&text(&applied.stdout));
        if !refused.is_empty() {
            made.insert("apply.txt", refused);
            return compare(case, &made, bless);
        }
        if applied.status.success() != planned.status.success() {
            return Err(format!("apply: {}", applied.status).into());
        }
        let again = text(&workshop.ingc(&PLAN).stdout);
        if !again.contains("No changes") {
            return Err(format!("a plan after the apply is not empty:\n{again}").into());
        }
    }
    compare(case, &made, bless)
}

fn events(text: &str) -> impl Iterator<Item = serde_json::Value> + '_ {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// What the account refused, and what to do about it.
fn errors(text: &str) -> String {
    let mut out = String::new();
    for event in
        events(text).filter(|event| event["type"] == "diagnostic" && event["@level"] == "error")
    {
        let finding = &event["diagnostic"];
        // What the account refuses; what is found before stands in `diagnostics.txt`.
        if !finding["code"].as_str().is_some_and(|code| code.starts_with("ING11")) {
            continue;
        }
        for name in ["code", "object", "message", "hint"] {
            let _ = writeln!(out, "{name}: {}", finding[name].as_str().unwrap_or_default());
        }
    }
    out
}

/// The mutating calls of an apply, in order.
fn calls(text: &str) -> String {
    let mut out = String::new();
    for event in events(text) {
        if event["type"] == "aws_call" {
            let _ = writeln!(
                out,
                "{} {}",
                event["action"].as_str().unwrap_or_default(),
                event["address"].as_str().unwrap_or_default()
            );
        }
    }
    out
}

fn compare(case: &Path, made: &BTreeMap<&str, String>, bless: bool) -> Result<(), Failed> {
    let mut wrong = String::new();
    for (name, now) in made {
        let path = case.join(name);
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected == *now {
            continue;
        }
        if bless {
            fs::write(&path, now)?;
        } else {
            let diff = TextDiff::from_lines(&expected, now);
            let _ = writeln!(wrong, "{}", diff.unified_diff().header(name, "now"));
        }
    }
    for entry in fs::read_dir(case)? {
        let path = entry?.path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if INPUTS.contains(&&*name) || made.contains_key(&*name) {
            continue;
        }
        if bless {
            fs::remove_file(&path)?;
        } else {
            let _ = writeln!(wrong, "{name} is not made any more");
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    println!("{wrong}");
    Err("what comes out has changed; if it should have, run `cargo bless`".into())
}
