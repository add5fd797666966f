//! The real program where nothing more can be written: a file system that is full, and files that
//! may not grow. Nothing is left half-written, no call is made that could not be recorded, and the
//! next run, with room, finds what was made.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use std::fs;
use std::path::Path;
use std::process::Command;

const SANDBOX: [&str; 2] = ["--sandbox", "account.json"];

fn with(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[arguments, &SANDBOX].concat())
}

/// A run through a shell that sets something up before.
fn through(folder: &Folder, setup: &str, arguments: &[&str]) -> Run {
    let plain = folder.command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{setup}; exec \"$0\" \"$@\"")]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.current_dir(folder.0.path()).stdin(std::process::Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Run::of(command.output().unwrap())
}

/// A run whose files may have one block, which is half of what it would write.
fn squeezed(folder: &Folder, arguments: &[&str]) -> Run {
    through(folder, "trap '' XFSZ; ulimit -f 1", arguments)
}

/// Enough routes for a report of more than a block.
fn routes() -> String {
    let route = "  - {url: http://any.example/, service: alb-ing-01/alb-ing-01}\n";
    "routes:\n".to_owned() + &route.repeat(20)
}

#[test]
fn what_is_asked_for_is_written_whole_or_not_at_all() {
    let folder = Folder::workshop();
    with(&folder, &["apply", "k8s", "--auto-approve"]).exits(0);
    with(&folder, &["plan", "k8s", "--out", "saved"]).exits(0);
    folder.put("routes.yaml", &routes());
    folder.put("unwise/ingress.yaml", "kind: Ingress\n");
    let sandbox = SANDBOX.as_slice();
    let outputs: [(&[&str], &str); 7] = [
        (&[&["plan", "k8s", "--out", "out"], sandbox].concat(), "out"),
        (&[&["refresh", "k8s", "--out", "out"], sandbox].concat(), "out"),
        (&["report", "saved", "--html", "out"], "out"),
        (&["compile", "k8s", "--write", "golden"], "golden/alb-ing-01/alb-ing-01.yaml"),
        (&["compile", "unwise", "--config", "k8s/ingc.yaml", "--diagnostics", "sarif=out"], "out"),
        (
            &[&["apply", "k8s", "--auto-approve", "--manifests-out", "made"], sandbox].concat(),
            "made/alb-ing-01/k8s-albing01-albing01-9a4f841dc2.yaml",
        ),
        (&["routes", "test", "routes.yaml", "k8s", "--junit", "out"], "out"),
    ];
    for (arguments, file) in outputs {
        // What else belongs to it is there already.
        let run = folder.run(arguments);
        assert!(folder.path(file).is_file(), "{arguments:?}: {}", run.err);
        fs::remove_file(folder.path(file)).unwrap();
        // First there is none, then there is one of before.
        for before in [None, Some("precious")] {
            if let Some(text) = before {
                folder.put(file, text);
            }
            let there = folder.files();
            let run = squeezed(&folder, arguments);
            let name = Path::new(file).file_name().unwrap().to_string_lossy();
            assert_eq!(run.code, 1, "{arguments:?}: {}{}", run.out, run.err);
            assert!(run.err.contains("cannot write `") && run.err.contains(&*name), "{}", run.err);
            assert!(run.err.contains("error[ING1205]"), "{arguments:?}: {}", run.err);
            let after = folder.files();
            let changed = after.iter().filter(|(name, text)| there.get(*name) != Some(*text));
            let changed: Vec<_> = changed.map(|(name, _)| name).collect();
            assert!(changed.is_empty() && after.len() == there.len(), "{arguments:?}: {changed:?}");
        }
        fs::remove_file(folder.path(file)).unwrap();
    }
}

#[test]
fn an_output_that_is_cut_short_is_an_error() {
    let folder = Folder::workshop();
    let setup = "trap '' XFSZ; ulimit -f 1; exec > out";
    let run = through(&folder, setup, &["compile", "k8s", "--output", "json"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("the output cannot be written"), "{}", run.err);
}

/// A file system of so many kilobytes with the manifests and the state on it, in a name space of this
/// run's own; the account is elsewhere.
fn on_small_disk(folder: &Folder, kilobytes: u32, arguments: &[&str]) -> Run {
    let keep = folder.path("kept");
    fs::create_dir_all(&keep).unwrap();
    let (disk, kept) = (folder.path("disk"), keep.display());
    fs::create_dir_all(&disk).unwrap();
    let disk = disk.display();
    let script = format!(
        "mount -t tmpfs -o size={kilobytes}k tmpfs {disk} && cp -r {kept}/. {disk}/ && \
         \"$0\" \"$@\"; code=$?; rm -rf {kept} && cp -r {disk} {kept}; exit $code"
    );
    let plain = folder.command(arguments);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(folder.0.path()).stdin(std::process::Stdio::null());
    Run::of(command.output().unwrap())
}

#[test]
fn a_full_disk_stops_a_run_before_its_next_call_and_the_next_run_finds_all() {
    if !Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|it| it.success()) {
        return eprintln!("SKIPPED: no name spaces for file systems of one's own");
    }
    let apply = [
        "apply",
        "k8s",
        "--auto-approve",
        "--state",
        "disk/state.json",
        "--sandbox",
        "account.json",
    ];
    let made = |folder: &Folder| {
        let text = fs::read_to_string(folder.path("account.json")).unwrap_or("{}".to_owned());
        let account: serde_json::Value = serde_json::from_str(&text).unwrap();
        account["creations"].as_u64().unwrap_or(0)
    };
    let mut stopped = Vec::new();
    for kilobytes in (12..=40).step_by(4) {
        let folder = Folder::workshop();
        let run = on_small_disk(&folder, kilobytes, &apply);
        assert!(!run.err.contains("panicked"), "{}", run.err);
        let before = made(&folder);
        if run.code == 1 {
            assert!(run.err.contains("error[ING1101]"), "{kilobytes} kB: {}", run.err);
            assert!(run.err.contains("No space left"), "{kilobytes} kB: {}", run.err);
            stopped.push(before);
        }
        // With room the same command goes on, and makes nothing twice.
        on_small_disk(&folder, 1000, &apply).exits(0);
        assert_eq!(made(&folder), 7, "{kilobytes} kB");
        let plan = [&["plan"], &apply[1..2], &["--detailed-exitcode"], &apply[3..]].concat();
        on_small_disk(&folder, 1000, &plan).exits(0);
    }
    stopped.dedup();
    assert!(stopped.len() > 1, "runs stop at different moments: {stopped:?}");
}
