//! Runs of the real program: exit codes, streams, files, and what is shown at 80 columns.
//!
//! Texts stand in `tests/cli/`; `INGC_BLESS=1 cargo test --test cli` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run, root, shows};
use std::fs;
use std::io::Write;
use std::process::Stdio;

#[test]
fn help_says_what_there_is() {
    let folder = Folder::empty();
    let mut text = folder.run(&["--help"]).exits(0).out;
    let commands =
        ["compile", "plan", "show", "apply", "destroy", "state list", "state show", "annotations"];
    let more = [
        "explain",
        "completions",
        "import",
        "refresh",
        "inventory pull",
        "iam policy",
        "rollback",
        "status",
        "state unlock",
        "state rm",
        "state mv",
    ];
    for command in commands.into_iter().chain(more) {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("-h");
        text.push_str(&format!("\n$ ingc {command} -h\n"));
        text.push_str(&folder.run(&arguments).exits(0).out);
    }
    shows("help", &text);
}

#[test]
fn what_makes_no_sense_is_an_error_that_changes_nothing() {
    let folder = Folder::workshop();
    folder.put("empty/ingc.yaml", "clusterName: c\n");
    folder.put("none/ingc.yaml", "clusterName: c\n");
    folder.put(
        "none/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n",
    );
    folder.put("broken/ingc.yaml", "clusterName: c\n");
    folder.put("broken/web.yaml", "kind: [Ingress\n");
    folder.put(
        "nameless/web.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: a}\n",
    );
    let before = folder.files();
    let mut text = String::new();
    let runs: [&[&str]; 9] = [
        &["plan", "empty"],
        &["plan", "none"],
        &["plan", "broken", "--out", "plan.json"],
        &["plan", "nameless"],
        &["plan", "nowhere"],
        &["apply", "k8s"],
        &["apply", "k8s", "--auto-approve"],
        &["apply", "k8s", "--sandbox", "account.json"],
        &["apply", "empty", "--sandbox", "account.json", "--auto-approve"],
    ];
    for arguments in runs {
        let run = folder.run(arguments).exits(1);
        text.push_str(&format!("$ ingc {}\n{}{}\n", arguments.join(" "), run.err, run.out));
    }
    shows("errors", &text);
    assert_eq!(folder.files(), before);
}

#[test]
fn usage_errors_exit_with_one() {
    let folder = Folder::empty();
    let runs: [&[&str]; 5] = [
        &[],
        &["frobnicate"],
        &["plan", "--no-such-flag"],
        &["plan", "--refresh-only", "--no-refresh"],
        &["compile", "--write", "a", "--check", "a"],
    ];
    for arguments in runs {
        folder.run(arguments).exits(1);
    }
}

#[test]
fn changes_are_told_by_the_exit_code_if_asked_for() {
    let folder = Folder::workshop();
    let plan = ["plan", "k8s", "--sandbox", "account.json", "--detailed-exitcode"];
    shows("plan", &folder.run(&plan).exits(2).out);
    assert!(!folder.path("account.json").exists());
    folder.run(&plan[..4]).exits(0);
    let run = folder.run(&["apply", "k8s", "--sandbox", "account.json", "--auto-approve"]).exits(0);
    let (_, done) = run.out.split_once("Plan: ").unwrap();
    shows("apply", &format!("{}Plan: {done}", run.err));
    folder.run(&plan).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: instance", "target-type: ip");
    shows("replacement", &folder.run(&plan).exits(2).out);
    shows("state-list", &folder.run(&["state", "list", "--config", "k8s/ingc.yaml"]).exits(0).out);
    folder.run(&["destroy", "k8s", "--sandbox", "account.json", "--auto-approve"]).exits(0);
    let list = folder.run(&["state", "list", "--state", "k8s/ingc.state.json"]).exits(0);
    assert_eq!(list.out, "");
}

#[test]
fn a_saved_plan_is_carried_out_once_and_exactly() {
    let folder = Folder::workshop();
    let out = ["plan", "k8s", "--sandbox", "account.json", "--out", "plan.json"];
    folder.run(&out).exits(0).says("`ingc apply plan.json`");
    let shown = folder.run(&["show", "plan.json"]).exits(0).out;
    shows("plan", &shown);
    // What is planned counts, not what the manifests say since.
    folder.edit("k8s/alb-ing-01.yaml", "scheme: internet-facing", "scheme: internal");
    let apply = ["apply", "plan.json", "--sandbox", "account.json"];
    let run = folder.run(&apply).exits(0).says("changed since the plan was made");
    assert!(run.out.contains("Done: 7 created"), "{}", run.out);
    folder.run(&apply).exits(1).says("ING1104");
    folder.run(&["show", "k8s/ingc.yaml"]).exits(1).says("ING1208");
}

#[test]
fn policies_are_for_manifests_for_exactly_a_plan_and_for_controllers() {
    let folder = Folder::workshop();
    let sandbox = ["--sandbox", "account.json"];
    folder.run(&[["apply", "k8s", "--auto-approve"].as_slice(), &sandbox].concat()).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "target-type: instance", "target-type: ip");
    folder.run(&[["plan", "k8s", "--out", "p.plan"].as_slice(), &sandbox].concat()).exits(0);
    let mut text = String::new();
    for arguments in [
        ["iam", "policy", "k8s", "--state", "s3://states/workshop/"].as_slice(),
        &["iam", "policy", "p.plan"],
        &["iam", "policy", "--controller"],
    ] {
        let run = folder.run(arguments);
        text.push_str(&format!("$ ingc {}\n{}{}\n", arguments.join(" "), run.out, run.err));
    }
    shows("iam-policy", &text);
    let full = folder.run(&["iam", "policy", "--controller", "--full"]).exits(0).out;
    assert!(full.contains("elasticloadbalancing:CreateLoadBalancer"));
    let alone = folder.run(&["iam", "policy", "--full"]).exits(1);
    assert!(alone.err.contains("--controller"), "{}", alone.err);
    let none = folder.run(&["iam", "policy", "missing.yaml"]).exits(1);
    assert_eq!(none.out, "");
}

#[test]
fn a_saved_plan_is_refused_when_somebody_has_changed_what_it_touches() {
    let folder = Folder::workshop();
    let sandbox = ["--sandbox", "account.json"];
    let ingc = |arguments: &[&str]| folder.run(&[arguments, &sandbox].concat());
    ingc(&["apply", "k8s", "--auto-approve"]).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", r#"interval-seconds: "15""#, r#"interval-seconds: "30""#);
    ingc(&["plan", "k8s", "--out", "read.json"]).exits(0);
    ingc(&["plan", "k8s", "--out", "unread.json", "--no-refresh"]).exits(0);
    // Not what the plan touches.
    folder.edit(
        "account.json",
        "idle_timeout.timeout_seconds\": \"60",
        "idle_timeout.timeout_seconds\": \"90",
    );
    folder.edit("account.json", "\"HealthCheckPath\": \"/\"", "\"HealthCheckPath\": \"/else\"");
    for plan in ["read.json", "unread.json"] {
        let before = folder.files();
        let run = ingc(&["apply", plan]).exits(1).says("ING1104");
        let run = run.says("was changed: `healthCheckConfig.path` from \"/\" to \"/else\"");
        run.says("nothing was done; plan again");
        assert_eq!(folder.files(), before, "{plan}");
    }
    folder.edit("account.json", "\"HealthCheckPath\": \"/else\"", "\"HealthCheckPath\": \"/\"");
    ingc(&["apply", "read.json"]).exits(0);
}

#[test]
fn drift_stands_in_terraforms_document_in_the_providers_words() {
    let folder = Folder::workshop();
    let ingc = |arguments: &[&str]| {
        folder.run(&[arguments, &["--sandbox", "account.json"]].concat()).exits(0)
    };
    ingc(&["apply", "k8s", "--auto-approve"]);
    folder.edit("account.json", "\"HealthCheckPath\": \"/\"", "\"HealthCheckPath\": \"/else\"");
    let out = ingc(&["plan", "k8s", "--refresh-only", "--output", "terraform"]).out;
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let drift = document["resource_drift"].as_array().unwrap();
    assert_eq!(drift.len(), 1, "{drift:#?}");
    assert_eq!(drift[0]["type"], "aws_lb_target_group");
    let change = &drift[0]["change"];
    assert_eq!(change["actions"], serde_json::json!(["update"]));
    assert_eq!(change["before"]["health_check"][0]["path"], "/");
    assert_eq!(change["after"]["health_check"][0]["path"], "/else");
}

#[test]
fn secrets_come_from_elsewhere_and_are_the_planned_ones() {
    let folder = Folder::empty();
    for name in ["backoffice.yaml", "ingc.yaml", "inventory.yaml"] {
        let text = fs::read_to_string(root().join("examples/auth-canary").join(name)).unwrap();
        folder.put(&format!("k8s/{name}"), &text);
    }
    folder.edit("k8s/backoffice.yaml", "  name: partner-login\n", "  name: other\n");
    folder.run(&["plan", "k8s"]).exits(1).says("ING0710");
    let ingc = fs::read_to_string(folder.path("k8s/ingc.yaml")).unwrap();
    let secrets = "  secrets: {backoffice/partner-login: {env: PARTNER}}\n";
    folder.put("k8s/ingc.yaml", &(ingc + secrets));
    folder.run(&["plan", "k8s"]).exits(1).says("the environment has no such variable");
    let with = |secret: &str, arguments: &[&str]| {
        let value = format!("{{clientID: portal, clientSecret: {secret}}}");
        Run::of(folder.command(arguments).env("PARTNER", value).output().unwrap())
    };
    with("hunter2", &["plan", "k8s", "--out", "plan.json"]).exits(0);
    let apply = ["apply", "plan.json", "--sandbox", "account.json"];
    with("hunter3", &apply).exits(1).says("is not the one that was planned");
    assert!(!folder.path("account.json").exists());
    with("hunter2", &apply).exits(0);
    for (name, text) in folder.files() {
        assert!(!String::from_utf8(text).unwrap().contains("hunter"), "{name}");
    }
}

#[test]
fn events_are_lines_of_json_that_count_every_call() {
    let folder = Folder::workshop();
    let run = folder
        .run(&["apply", "k8s", "--sandbox", "account.json", "--auto-approve", "--json"])
        .exits(0);
    let events: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!(of("version"), 1);
    assert_eq!(of("planned_change"), 7);
    assert_eq!((of("apply_start"), of("apply_complete")), (7, 7));
    assert_eq!((of("change_summary"), of("outputs")), (2, 1));
    let calls: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "aws_call")
        .map(|event| {
            assert!(event["address"].as_str().unwrap().contains("/AWS::"));
            format!("{}:{}", event["service"].as_str().unwrap(), event["action"].as_str().unwrap())
        })
        .collect();
    shows("calls", &(calls.join("\n") + "\n"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::workshop();
    let mut command = folder.command(&["compile", "k8s", "--output", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let folder = Folder::workshop();
    let escapes = |arguments: &[&str], name: &str, value: &str| {
        let output = folder.command(arguments).env(name, value).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!escapes(&["plan", "k8s"], "X", ""));
    assert!(escapes(&["plan", "k8s", "--color", "always"], "X", ""));
    assert!(escapes(&["plan", "k8s"], "CLICOLOR_FORCE", "1"));
    assert!(!escapes(&["plan", "k8s", "--color", "never"], "CLICOLOR_FORCE", "1"));
    let both =
        folder.command(&["plan", "k8s"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output();
    assert!(!both.unwrap().stdout.contains(&0x1b));
}

#[test]
fn manifests_come_from_standard_input_too() {
    let folder = Folder::workshop();
    let manifests = fs::read(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    let mut command = folder.command(&["compile", "-", "--config", "k8s/ingc.yaml"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&manifests).unwrap();
    let run = Run::of(child.wait_with_output().unwrap()).exits(0);
    assert!(run.out.contains("<stdin>:57:9"), "{}", run.out);
}

#[test]
fn texts_that_are_no_text_are_findings() {
    let folder = Folder::workshop();
    fs::write(folder.path("k8s/latin.yaml"), b"name: Stra\xdfe\n").unwrap();
    fs::write(folder.path("k8s/wide.yaml"), b"\xff\xfea\x00").unwrap();
    folder.run(&["compile", "k8s"]).exits(1).says("ING0005").says("k8s/latin.yaml:1:11");
}

#[test]
fn review_files_are_written_once_and_checked() {
    let folder = Folder::workshop();
    let check = ["compile", "k8s", "--check", "k8s/review"];
    folder.run(&check).exits(1).says("2 review files are out of date");
    folder.run(&["compile", "k8s", "--write", "k8s/review"]).exits(0);
    let written = folder.files();
    assert!(written.contains_key("k8s/review/alb-ing-01/alb-ing-01.yaml"));
    // They lie among the manifests and are none; comments and moved lines are no change.
    folder.edit("k8s/alb-ing-01.yaml", "kind: Ingress\n", "# moved\nkind: Ingress\n");
    folder.run(&check).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "scheme: internet-facing", "scheme: internal");
    let run = folder.run(&check).exits(1);
    for line in ["-      scheme: internet-facing", "+      scheme: internal"] {
        assert!(run.out.lines().any(|it| it == line), "{}", run.out);
    }
    // A refused group's file stays, a group that is gone takes its file along.
    folder.edit("k8s/alb-ing-01.yaml", "scheme: internal", "scheme: public");
    folder.run(&["compile", "k8s", "--write", "k8s/review"]).exits(1);
    assert_eq!(
        folder.files()["k8s/review/alb-ing-01/alb-ing-01.yaml"],
        written["k8s/review/alb-ing-01/alb-ing-01.yaml"]
    );
    fs::remove_file(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    folder.run(&["compile", "k8s", "--write", "k8s/review"]).exits(0);
    assert!(!folder.files().keys().any(|name| name.starts_with("k8s/review")));
}

#[test]
fn names_that_do_not_exist_are_led_to_the_nearest() {
    let folder = Folder::workshop();
    folder.run(&["explain", "ING9999"]).exits(1).says("ING1204");
    folder.run(&["annotations", "shceme"]).exits(1).says("`ingc annotations scheme`");
    folder.run(&["apply", "k8s", "--sandbox", "account.json", "--auto-approve"]).exits(0);
    let show = ["state", "show", "--config", "k8s/ingc.yaml"];
    let near = [&show[..], &["alb-ing-01/alb-ing-01/Listener/81"]].concat();
    folder
        .run(&near)
        .exits(1)
        .says("did you mean `ingc state show alb-ing-01/alb-ing-01/Listener/80`?");
    let exact = [&show[..], &["alb-ing-01/alb-ing-01/Listener/80"]].concat();
    shows("state-show", &folder.run(&exact).exits(0).out);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = Folder::workshop();
    for arguments in [&["compile", "k8s", "--output", "json"][..], &["plan", "k8s"]] {
        assert_eq!(folder.run(arguments).exits(0).out, folder.run(arguments).exits(0).out);
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::empty();
    folder.run(&["man", "share/man1"]).exits(0);
    let page = fs::read_to_string(folder.path("share/man1/ingc-routes-test.1")).unwrap();
    assert!(page.starts_with(".ie ") || page.contains(".TH "), "{page}");
    assert!(
        folder.path("share/man1/ingc.1").exists() && folder.path("share/man1/ingc-plan.1").exists()
    );
    folder.put("file", "");
    folder.run(&["man", "file"]).exits(1).says("cannot write `file`");
}
