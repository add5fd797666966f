//! A state that may not grow: what is on AWS and could not be recorded is named, and found.

use super::World;
use crate::folder::Run;
use std::process::{Command, Stdio};

/// A run whose files may have so many blocks of 512 bytes.
fn squeezed(world: &World, blocks: u32, arguments: &[&str]) -> Run {
    let plain = world.command(arguments);
    let mut command = Command::new("sh");
    let setup = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &setup]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(world.folder.0.path()).stdin(Stdio::null());
    Run::of(command.output().unwrap())
}

#[test]
fn a_state_that_may_not_grow_stops_the_run_and_the_next_one_goes_on() {
    let Some(undisturbed) = World::shop() else { return };
    undisturbed.apply().exits(0);
    let wanted = undisturbed.holdings();
    let mut unrecorded = 0;
    for blocks in [0, 1, 2, 4, 6, 9, 14] {
        let world = World::shop().unwrap();
        let run = squeezed(&world, blocks, &["apply", "--auto-approve"]);
        let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(run.code, 1, "{blocks}: {said}");
        assert!(said.contains("error[ING1101]") && said.contains("File too large"), "{said}");
        let changes = world.account.changes();
        // The last call is the one that is named, and none came after it.
        match said.split("on AWS and not in the state").next().filter(|it| *it != said) {
            Some(before) => {
                let called = before.rsplit('(').next().unwrap().split(')').next().unwrap();
                let last = changes.last().unwrap().rsplit(':').next().unwrap();
                assert_eq!(called.split(", ").last(), Some(last), "{blocks}: {said}");
                unrecorded += 1;
            }
            None => assert!(!said.contains("not in the state"), "{said}"),
        }
        if blocks == 0 {
            assert_eq!(changes, Vec::<String>::new());
        }
        world.apply().exits(0);
        world.run(&["plan", "--detailed-exitcode"]).exits(0);
        assert_eq!(world.holdings(), wanted, "{blocks}");
    }
    assert!(unrecorded > 2, "{unrecorded}");
}
