//! Runs that are killed at any moment, again and again.

use super::{World, told};
use std::process::Stdio;
use std::time::Duration;

#[test]
fn runs_that_are_killed_at_any_moment_come_to_the_same_end() {
    let Some(undisturbed) = World::shop() else { return };
    let calls = told(&undisturbed.apply().exits(0)).len();
    let wanted = undisturbed.holdings();
    let world = World::shop().unwrap();
    let mut killed = 0;
    // Moments that lie anywhere, and are the same in every run of the test.
    let mut moment: u64 = 7;
    loop {
        moment =
            moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut command = world.command(&["apply", "--auto-approve"]);
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(200 + (moment >> 33) % 1500));
        if let Some(status) = run.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        run.kill().unwrap();
        run.wait().unwrap();
        killed += 1;
        assert!(killed < 60, "it does not come forward");
    }
    // What a killed run has asked for may still be under way.
    std::thread::sleep(Duration::from_millis(300));
    eprintln!("{killed} killed, {} calls instead of {calls}", world.account.changes().len());
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert_eq!(world.holdings(), wanted);
}
