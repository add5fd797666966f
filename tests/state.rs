//! Runs of the real program on its state: what is kept of it, and the way back.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use serde_json::Value;

const SANDBOX: [&str; 3] = ["--sandbox", "account.json", "--auto-approve"];

fn with(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[arguments, &SANDBOX].concat())
}

fn apply(folder: &Folder) {
    with(folder, &["apply", "k8s"]).exits(0);
}

fn rollback(folder: &Folder, arguments: &[&str]) -> Run {
    with(folder, &[&["rollback", "--config", "k8s/ingc.yaml"], arguments].concat())
}

/// The history as `rollback --list` tells it: stack, serial, and whether it was there.
fn history(folder: &Folder) -> Vec<(String, u64, bool)> {
    let list = ["rollback", "--list", "--config", "k8s/ingc.yaml", "--output", "json"];
    let entries: Vec<Value> = serde_json::from_str(&folder.run(&list).exits(0).out).unwrap();
    let entry = |entry: &Value| {
        let stack = entry["stack"].as_str().unwrap().to_owned();
        (stack, entry["serial"].as_u64().unwrap(), entry["existed"].as_bool().unwrap())
    };
    entries.iter().map(entry).collect()
}

/// The interval of the one target group's health check, as the simulated account has it.
fn interval(folder: &Folder) -> u64 {
    let text = std::fs::read_to_string(folder.path("account.json")).unwrap();
    let at = text.find("HealthCheckIntervalSeconds\":").unwrap();
    let digits = text[at..].chars().skip_while(|c| !c.is_ascii_digit());
    digits.take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn edit_interval(folder: &Folder, from: &str, to: &str) {
    let line = |seconds: &str| format!("interval-seconds: \"{seconds}\"");
    folder.edit("k8s/alb-ing-01.yaml", &line(from), &line(to));
}

#[test]
fn a_rollback_leads_to_before_the_last_run() {
    let folder = Folder::workshop();
    let nothing = rollback(&folder, &[]).exits(1);
    assert!(nothing.err.contains("no run has changed this state yet"), "{}", nothing.err);
    apply(&folder);
    edit_interval(&folder, "15", "30");
    apply(&folder);
    assert_eq!(interval(&folder), 30);
    let run = rollback(&folder, &[]).exits(0);
    assert!(run.out.contains("healthCheckConfig.intervalSeconds: 30 → 15"), "{}", run.out);
    assert_eq!(interval(&folder), 15);
    // What the last run did was to go back: before it is forward.
    rollback(&folder, &[]).exits(0);
    assert_eq!(interval(&folder), 30);
    folder.run(&["plan", "k8s", "--sandbox", "account.json", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_state_is_named_by_its_serial_and_what_was_not_there_goes() {
    let folder = Folder::workshop();
    apply(&folder);
    edit_interval(&folder, "15", "30");
    apply(&folder);
    edit_interval(&folder, "30", "60");
    apply(&folder);
    let stack = "alb-ing-01/alb-ing-01";
    let of_stack: Vec<_> =
        history(&folder).into_iter().filter(|(name, ..)| name == stack).collect();
    let existed: Vec<bool> = of_stack.iter().map(|(.., existed)| *existed).collect();
    assert_eq!(existed, [true, true, false]);
    let first = of_stack[1].1.to_string();
    rollback(&folder, &[stack, "--to", &first]).exits(0);
    assert_eq!(interval(&folder), 15);
    let guarded = rollback(&folder, &[stack, "--to", "0"]).exits(1);
    assert!(guarded.err.contains("--allow-delete"), "{}", guarded.err);
    rollback(&folder, &[stack, "--to", "0", "--allow-delete"]).exits(0);
    let list = folder.run(&["state", "list", "--state", "k8s/ingc.state.json"]).exits(0);
    assert_eq!(list.out, "");
    // The whole stack comes back, with what the cluster shares.
    rollback(&folder, &[stack]).exits(0);
    assert_eq!(interval(&folder), 15);
}

#[test]
fn a_plan_of_the_way_back_may_be_saved_and_is_carried_out_once() {
    let folder = Folder::workshop();
    apply(&folder);
    edit_interval(&folder, "15", "30");
    apply(&folder);
    let files = folder.files();
    folder
        .run(&["rollback", "--config", "k8s/ingc.yaml", "--sandbox", "account.json"])
        .exits(1)
        .says("nobody can be asked");
    assert_eq!(folder.files(), files);
    let plan = ["rollback", "--config", "k8s/ingc.yaml", "--out", "back.plan"];
    folder.run(&plan).exits(0).says("`ingc apply back.plan` carries it out");
    folder.run(&["apply", "back.plan", "--sandbox", "account.json"]).exits(0);
    assert_eq!(interval(&folder), 15);
    folder
        .run(&["apply", "back.plan", "--sandbox", "account.json"])
        .exits(1)
        .says("error[ING1104]");
}

#[test]
fn what_there_is_no_way_back_to_is_told() {
    let folder = Folder::workshop();
    apply(&folder);
    rollback(&folder, &["alb-ing-1/alb-ing-01"])
        .exits(1)
        .says("did you mean `alb-ing-01/alb-ing-01`?");
    rollback(&folder, &["--to", "77"]).exits(1).says("no stack has a past state with serial 77");
    rollback(&folder, &["--to", "0"])
        .exits(1)
        .says("error[ING1209]: stack `alb-ing-01/alb-ing-01`");
    let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    let ingress = &text[text.find("apiVersion: networking.k8s.io/v1\nkind: Ingress\n").unwrap()..];
    folder.put("k8s/second.yaml", &ingress.replacen("name: alb-ing-01", "name: second", 1));
    apply(&folder);
    rollback(&folder, &["--to", "0"])
        .exits(1)
        .says("say which: `ingc rollback alb-ing-01/alb-ing-01 --to 0`");
}

fn state(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["state"], arguments, &["--state", "k8s/ingc.state.json"]].concat())
}

#[test]
fn what_is_forgotten_stays_in_the_account_and_is_found_again() {
    let folder = Folder::workshop();
    apply(&folder);
    let account = std::fs::read(folder.path("account.json")).unwrap();
    let group = "alb-ing-01/alb-ing-01/LoadBalancer/LoadBalancer";
    state(&folder, &["rm", group])
        .exits(1)
        .says("error[ING1117]")
        .says("ingc state rm alb-ing-01/alb-ing-01");
    state(&folder, &["rm", "alb-ing-01/alb-ing-1"])
        .exits(1)
        .says("did you mean `alb-ing-01/alb-ing-01`?");
    state(&folder, &["rm", "alb-ing-01/alb-ing-01"])
        .exits(0)
        .says("Forgot 6 resources; nothing of them was changed.")
        .says("k8s/ingc.state.json.backup");
    assert_eq!(std::fs::read(folder.path("account.json")).unwrap(), account);
    assert_eq!(state(&folder, &["list"]).exits(0).out.lines().count(), 3);
    assert_eq!(history(&folder)[0].0, "alb-ing-01/alb-ing-01");
}

#[test]
fn a_renamed_service_keeps_its_target_group_if_the_state_is_told() {
    let folder = Folder::workshop();
    apply(&folder);
    let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    let (before, service) = text.split_once("kind: Service").unwrap();
    let service = service.replacen("name: alb-ing-01", "name: shop", 1);
    let service = service.replace(
        "service:\n                name: alb-ing-01",
        "service:\n                name: shop",
    );
    folder.put("k8s/alb-ing-01.yaml", &format!("{before}kind: Service{service}"));
    let plan = ["plan", "k8s", "--sandbox", "account.json"];
    let anew = folder.run(&plan).exits(0);
    assert!(
        anew.out.contains("Plan: 2 to create, 1 to update, 0 to replace, 2 to delete"),
        "{}",
        anew.out
    );
    let stack = "alb-ing-01/alb-ing-01";
    for kind in ["TargetGroup", "TargetGroupBinding"] {
        let address = |service: &str| format!("{stack}/{kind}/{stack}-{service}:80");
        state(&folder, &["mv", &address("alb-ing-01"), &address("shop")]).exits(0);
    }
    let kept = folder.run(&plan).exits(0);
    assert!(
        kept.out.contains("0 to create, 1 to update, 0 to replace, 0 to delete"),
        "{}",
        kept.out
    );
    apply(&folder);
    folder.run(&[&plan[..], &["--detailed-exitcode"]].concat()).exits(0);
    let group = format!("{stack}/TargetGroup/{stack}-shop:80");
    state(&folder, &["mv", &group, "other/TargetGroup/x"]).exits(1).says("error[ING1117]");
    state(&folder, &["mv", &group, &group]).exits(1).says("already");
}
