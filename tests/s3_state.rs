//! The real program with its state on S3, several processes at once, against an emulated AWS.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod emulator;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/states.rs"]
mod states;

use folder::{Folder, Run};
use serde_json::json;
use states::{account, bucket, keys, run, s3, start, team};
use std::process::Child;

const APPLY: [&str; 5] =
    ["apply", "k8s/alb-ing-01.yaml", "--auto-approve", "--lock-timeout", "90s"];

#[test]
fn teams_work_side_by_side_below_one_prefix() {
    let Some(account) = account() else { return };
    let teams: Vec<Folder> = (0..4).map(|n| team(&account, &format!("team-{n}"))).collect();
    let runs: Vec<Child> = teams.iter().map(|team| start(&account, team, &APPLY)).collect();
    for child in runs {
        Run::of(child.wait_with_output().unwrap()).exits(0);
    }
    let keys = keys(&account);
    let states: Vec<&String> = keys.iter().filter(|key| key.starts_with("prod/state/")).collect();
    let mut wanted: Vec<String> =
        (0..4).map(|n| format!("prod/state/team-{n}/team-{n}.json")).collect();
    wanted.insert(0, "prod/state/_cluster.json".to_owned());
    assert_eq!(states, wanted.iter().collect::<Vec<_>>());
    assert!(!keys.iter().any(|key| key.starts_with("prod/lock/")), "{keys:?}");
    let made = account.changes();
    let balancers = made.iter().filter(|made| made.ends_with(":CreateLoadBalancer"));
    assert_eq!(balancers.count(), 4, "{made:?}");
    for team in &teams {
        let plan = ["plan", "k8s/alb-ing-01.yaml", "--detailed-exitcode"];
        run(&account, team, &plan).exits(0);
    }
}

#[test]
fn of_two_applies_of_one_stack_the_second_waits_and_finds_all_done() {
    let Some(account) = account() else { return };
    let folder = team(&account, "shop");
    let runs: Vec<Child> = (0..3).map(|_| start(&account, &folder, &APPLY)).collect();
    let runs: Vec<Run> =
        runs.into_iter().map(|child| Run::of(child.wait_with_output().unwrap())).collect();
    for run in runs {
        run.exits(0);
    }
    let made = account.changes();
    let balancers = made.iter().filter(|made| made.ends_with(":CreateLoadBalancer"));
    assert_eq!(balancers.count(), 1, "{made:?}");
    assert!(!keys(&account).iter().any(|key| key.starts_with("prod/lock/")));
}

#[test]
fn a_lock_that_was_left_behind_is_named_and_taken_away() {
    let Some(account) = account() else { return };
    let folder = team(&account, "shop");
    let lock = r#"{"id":"0123456789ab","pid":4711,"user":"ci","host":"runner-7","command":"apply","since":1}"#;
    s3(&account, "PUT", &format!("{}/prod/lock/shop/shop.json", bucket(&account)), lock);
    let apply = ["apply", "k8s/alb-ing-01.yaml", "--auto-approve"];
    run(&account, &folder, &apply)
        .exits(1)
        .says("error[ING1102]: stack `shop/shop` is in use by process 4711 (`ingc apply`) of ci@runner-7")
        .says("`ingc state unlock 0123456789ab`");
    let made = account.changes();
    assert!(!made.iter().any(|call| call.contains(":Create")), "{made:?}");
    let list = run(&account, &folder, &["state", "unlock"]).exits(0);
    assert!(list.out.contains("0123456789ab  shop/shop"), "{}", list.out);
    run(&account, &folder, &["state", "unlock", "ffff"]).exits(1).says("error[ING1204]");
    run(&account, &folder, &["state", "unlock", "0123456789ab"])
        .exits(0)
        .says("Unlocked `shop/shop`.");
    run(&account, &folder, &apply).exits(0);
}

#[test]
fn the_way_back_leads_over_s3_as_well() {
    let Some(account) = account() else { return };
    let folder = team(&account, "shop");
    let apply = |seconds: &str| {
        let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
        let at = text.find("interval-seconds: \"").unwrap() + "interval-seconds: \"".len();
        let end = at + text[at..].find('"').unwrap();
        folder.put("k8s/alb-ing-01.yaml", &format!("{}{seconds}{}", &text[..at], &text[end..]));
        run(&account, &folder, &APPLY).exits(0);
    };
    apply("15");
    apply("30");
    let config = ["--config", "k8s/ingc.yaml"];
    let list = run(&account, &folder, &[&["rollback", "--list"][..], &config].concat()).exits(0);
    assert_eq!(
        list.out.lines().filter(|line| line.contains("shop/shop")).count(),
        2,
        "{}",
        list.out
    );
    let back = [&["rollback", "--auto-approve"][..], &config].concat();
    let back = run(&account, &folder, &back).exits(0);
    assert!(back.out.contains("healthCheckConfig.intervalSeconds: 30 → 15"), "{}", back.out);
    let moved = ["state", "rm", "shop/shop/ListenerRule/80:1"];
    run(&account, &folder, &moved).exits(0).says("Forgot 1 resource");
    run(&account, &folder, &["destroy", "k8s/alb-ing-01.yaml", "--auto-approve"]).exits(0);
    let left: Vec<String> =
        keys(&account).into_iter().filter(|key| !key.contains("/history/")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn shards_divide_a_fleet_over_runners() {
    let Some(account) = account() else { return };
    let folder = team(&account, "team-0");
    let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    for n in 1..6 {
        folder.put(&format!("k8s/team-{n}.yaml"), &text.replace("team-0", &format!("team-{n}")));
    }
    let shards = ["1/3", "2/3", "3/3"];
    let runs: Vec<Child> = shards
        .iter()
        .map(|shard| {
            let apply =
                ["apply", "k8s", "--auto-approve", "--lock-timeout", "90s", "--shard", shard];
            start(&account, &folder, &apply)
        })
        .collect();
    for child in runs {
        Run::of(child.wait_with_output().unwrap()).exits(0);
    }
    let made = account.changes();
    let balancers = made.iter().filter(|made| made.ends_with(":CreateLoadBalancer"));
    assert_eq!(balancers.count(), 6, "{made:?}");
    run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
}

#[test]
fn what_s3_says_is_told() {
    let Some(account) = account() else { return };
    let folder = team(&account, "shop");
    let plan = |state: &str| {
        let mut command = folder.command(&["plan", "k8s", "--state", state]);
        Run::of(account.lend(&mut command).output().unwrap()).exits(1)
    };
    plan("s3://no-such-bucket-there/x").says("there is no such bucket");
    plan("s3://").says("error[ING1101]");
}

#[test]
fn a_killed_run_leaves_a_lock_and_what_it_has_done() {
    let Some(account) = account() else { return };
    let folder = team(&account, "shop");
    // It will not get further than to its listener.
    let throttled =
        json!({"action": "CreateListener", "code": "Throttling", "status": 400, "times": 1000});
    account.fail(throttled);
    let mut child = start(&account, &folder, &APPLY);
    let made = |what: &str| account.changes().iter().filter(|call| call.ends_with(what)).count();
    while made(":CreateListener") == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it made anything");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    account.heal();
    let locks = run(&account, &folder, &["state", "unlock"]).exits(0).out;
    let row = locks.lines().find(|line| line.contains("shop/shop")).unwrap();
    let id = row.split_whitespace().next().unwrap();
    let apply = ["apply", "k8s/alb-ing-01.yaml", "--auto-approve"];
    run(&account, &folder, &apply).exits(1).says("error[ING1102]");
    run(&account, &folder, &["state", "unlock", id]).exits(0);
    run(&account, &folder, &apply).exits(0);
    let plan = ["plan", "k8s/alb-ing-01.yaml", "--detailed-exitcode"];
    run(&account, &folder, &plan).exits(0);
    assert_eq!(made(":CreateLoadBalancer"), 1);
}
