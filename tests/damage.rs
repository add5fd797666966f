//! States that are damaged, and disks that take no more: nothing is made worse, and the message says
//! the way back in commands that can be typed.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use std::fs;
use std::path::Path;
use std::process::Command;

const STATE: &str = "k8s/ingc.state.json";
const SANDBOX: [&str; 2] = ["--sandbox", "account.json"];

fn with(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[arguments, &SANDBOX].concat())
}

fn apply(folder: &Folder) -> Run {
    with(folder, &["apply", "k8s", "--auto-approve"])
}

/// A folder whose Ingress was applied twice, so that there is a backup.
fn applied() -> Folder {
    let folder = Folder::workshop();
    apply(&folder).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    apply(&folder).exits(0);
    folder
}

/// Types a command of a hint.
fn type_in(folder: &Folder, command: &str) {
    let folder_of_ingc = Path::new(env!("CARGO_BIN_EXE_ingc")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let command = match command.strip_prefix("ingc import") {
        // As in all commands of this folder.
        Some(_) => format!("{command} k8s --sandbox account.json"),
        None => command.to_owned(),
    };
    let done = Command::new("sh")
        .args(["-c", &command])
        .current_dir(folder.0.path())
        .env("PATH", format!("{}:{path}", folder_of_ingc.display()))
        .output()
        .unwrap();
    assert!(done.status.success(), "`{command}`: {}", String::from_utf8_lossy(&done.stderr));
}

/// The commands of a hint, whose lines may be broken anywhere.
fn commands(said: &str) -> Vec<String> {
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let quoted = said.split('`').skip(1).step_by(2);
    let typed = |text: &&str| ["cp ", "mv ", "ingc "].iter().any(|it| text.starts_with(it));
    quoted.filter(typed).map(str::to_owned).collect()
}

/// A state, what was done to it, the code, and a word of what is said.
type Damage = (&'static str, fn(&[u8]) -> Vec<u8>, &'static str, &'static str);

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

/// Damages that another text must take the place of.
const DAMAGES: [Damage; 9] = [
    ("cut at its end", |it| it[..it.len() - 3].to_vec(), "ING1101", "ends in the middle"),
    ("cut in its middle", |it| it[..it.len() / 2].to_vec(), "ING1101", "ends in the middle"),
    ("emptied", |_| Vec::new(), "ING1101", "is empty"),
    ("not UTF-8", |it| [it, b"\xff"].concat(), "ING1101", "not UTF-8"),
    ("another text", |_| b"hello: world\n".to_vec(), "ING1101", "cannot be read"),
    ("a merge conflict", |it| [b"<<<<<<< HEAD\n", it].concat(), "ING1101", "cannot be read"),
    ("no version", |it| replaced(it, "\"version\": 1", "\"version\": 0"), "ING1101", "version 0"),
    (
        "another type",
        |it| replaced(it, "\"serial\": ", "\"serial\": -"),
        "ING1101",
        "cannot be read",
    ),
    (
        "an entry renamed",
        |it| replaced(it, "AWS::EC2::SecurityGroup/backend-sg", "AWS::EC2::SecurityGroup"),
        "ING1101",
        "contradicts itself",
    ),
];

/// Sound states that serve something else.
const OTHERS: [Damage; 4] = [
    (
        "a later version",
        |it| replaced(it, "\"version\": 1", "\"version\": 2"),
        "ING1101",
        "use the ingc that wrote it",
    ),
    (
        "another cluster's",
        |it| replaced(it, "\"cluster\": \"", "\"cluster\": \"x"),
        "ING1103",
        "clusterName",
    ),
    (
        "another account's",
        |it| replaced(it, "\"account\": \"", "\"account\": \"x"),
        "ING1103",
        "--state",
    ),
    (
        "another region's",
        |it| replaced(it, "\"region\": \"", "\"region\": \"x"),
        "ING1103",
        "--state",
    ),
];

/// Damages a state, and demands that no command touches anything and that each says the same.
fn refused(folder: &Folder, (name, damage, code, word): Damage) -> String {
    let state = folder.path(STATE);
    fs::write(&state, damage(&fs::read(&state).unwrap())).unwrap();
    let before = folder.files();
    let mut said = String::new();
    for command in [
        &["plan", "k8s"][..],
        &["apply", "k8s", "--auto-approve"],
        &["destroy", "k8s", "--auto-approve"],
        &["import", "k8s"],
        &["rollback", "--config", "k8s/ingc.yaml", "--auto-approve"],
    ] {
        said = with(folder, command).exits(1).err;
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(code) && flat.contains(word), "{name}: {command:?} says {said}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
    let after = folder.files();
    let changed: Vec<_> =
        before.iter().filter(|(key, text)| after.get(*key) != Some(*text)).collect();
    assert!(changed.is_empty(), "{name}: {:?}", changed.iter().map(|it| it.0).collect::<Vec<_>>());
    said
}

#[test]
fn a_damaged_state_is_left_alone_and_the_way_back_can_be_typed() {
    let folder = applied();
    let whole = fs::read(folder.path(STATE)).unwrap();
    for (n, damage) in DAMAGES.into_iter().enumerate() {
        fs::write(folder.path(STATE), &whole).unwrap();
        let _ = fs::remove_file(folder.path(&format!("{STATE}.damaged")));
        let hint = commands(&refused(&folder, damage));
        assert_eq!(hint.len(), 3, "{}: {hint:?}", damage.0);
        // By turns the backup, which is older, and the account's own word.
        let typed = if n % 2 == 0 { &hint[..1] } else { &hint[1..] };
        typed.iter().for_each(|command| type_in(&folder, command));
        apply(&folder).exits(0);
        with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    }
}

#[test]
fn a_state_of_something_else_is_left_alone() {
    let folder = applied();
    let whole = fs::read(folder.path(STATE)).unwrap();
    for damage in OTHERS {
        fs::write(folder.path(STATE), &whole).unwrap();
        refused(&folder, damage);
    }
}

#[test]
fn a_folder_in_the_place_of_a_state_is_told() {
    let folder = Folder::workshop();
    fs::create_dir(folder.path(STATE)).unwrap();
    with(&folder, &["plan", "k8s"]).exits(1).says("ING1101");
    apply(&folder).exits(1).says("ING1101");
    assert!(folder.path(STATE).is_dir());
}

/// The account as its file has it.
fn account(folder: &Folder) -> Vec<u8> {
    fs::read(folder.path("account.json")).unwrap()
}

#[test]
fn a_run_whose_state_cannot_be_written_makes_no_call() {
    let folder = applied();
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"30\"", "interval-seconds: \"60\"");
    let (state, before) = (fs::read(folder.path(STATE)).unwrap(), account(&folder));
    // In its place stands what no file can replace, whoever runs this.
    let backup = folder.path(&format!("{STATE}.backup"));
    fs::remove_file(&backup).unwrap();
    fs::create_dir_all(backup.join("x")).unwrap();
    let run = apply(&folder).exits(1).says("ING1101");
    assert!(!run.out.contains("modified"), "{}", run.out);
    assert!(account(&folder) == before && fs::read(folder.path(STATE)).unwrap() == state);
    fs::remove_dir_all(&backup).unwrap();
    apply(&folder).exits(0);
}

#[test]
fn a_run_that_was_killed_before_it_could_record_is_recorded_by_the_next() {
    let folder = applied();
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"30\"", "interval-seconds: \"60\"");
    let mut account: serde_json::Value = serde_json::from_slice(&account(&folder)).unwrap();
    account["faults"] = serde_json::json!([{"action": "ModifyTargetGroup", "when": "kill"}]);
    folder.put("account.json", &account.to_string());
    let arguments = ["apply", "k8s", "--auto-approve", "--sandbox", "account.json"];
    assert!(folder.command(&arguments).output().unwrap().status.code().is_none());
    assert!(!recorded(&folder).contains("\"intervalSeconds\":60"));
    apply(&folder).exits(0);
    assert!(recorded(&folder).contains("\"intervalSeconds\":60"));
    with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
}

#[test]
fn what_a_killed_run_has_left_is_looked_for_before_anything_is_made() {
    let folder = Folder::workshop();
    apply(&folder).exits(0);
    folder.edit("k8s/alb-ing-01.yaml", "path: /\n", "path: /moved\n");
    let mut account: serde_json::Value = serde_json::from_slice(&account(&folder)).unwrap();
    account["faults"] = serde_json::json!([{"action": "*", "when": "kill"}]);
    folder.put("account.json", &account.to_string());
    let arguments = ["apply", "k8s", "--auto-approve", "--sandbox", "account.json"];
    assert!(folder.command(&arguments).output().unwrap().status.code().is_none());
    let files = || [fs::read_to_string(folder.path("account.json")).unwrap(), recorded(&folder)];
    let before = files();
    // The warning of a plan names the command, and a run that would not look leaves the stack alone.
    let plan = with(&folder, &["plan", "k8s", "--no-refresh"]).exits(0);
    plan.says("warning[ING1014]").says("`ingc plan --refresh`");
    let blind = with(&folder, &["apply", "k8s", "--auto-approve", "--no-refresh"]).exits(1);
    blind.says("error[ING1014]").says("without --no-refresh");
    with(&folder, &["destroy", "k8s", "--auto-approve", "--no-refresh"]).exits(1);
    assert_eq!(files(), before);
    apply(&folder).exits(0);
    with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    with(&folder, &["apply", "k8s", "--auto-approve", "--no-refresh"]).exits(0);
}

#[test]
fn a_state_that_leads_to_an_object_of_another_cluster_touches_nothing() {
    let folder = applied();
    let mut account: serde_json::Value = serde_json::from_slice(&account(&folder)).unwrap();
    let balancers = account["loadBalancers"].as_object_mut().unwrap();
    let (ours, mut theirs) = balancers.iter().next().map(|(k, v)| (k.clone(), v.clone())).unwrap();
    let arn = ours.replace("k8s-albing01", "k8s-theirs01");
    theirs["name"] = "theirs".into();
    theirs["tags"]["elbv2.k8s.aws/cluster"] = "another".into();
    balancers.insert(arn.clone(), theirs);
    folder.put("account.json", &account.to_string());
    folder.put(STATE, &recorded(&folder).replace(&ours, &arn));
    let files = || -> [serde_json::Value; 2] {
        [fs::read(folder.path("account.json")).unwrap(), fs::read(folder.path(STATE)).unwrap()]
            .map(|bytes| serde_json::from_slice(&bytes).unwrap())
    };
    let before = files();
    folder.edit("k8s/alb-ing-01.yaml", "scheme: internet-facing", "scheme: internal");
    for command in [
        &["plan", "k8s"][..],
        &["apply", "k8s", "--auto-approve", "--allow-delete", "--allow-gap"],
        &["destroy", "k8s", "--auto-approve"],
    ] {
        with(&folder, command).exits(1).says("error[ING1015]").says("`ingc state rm ");
        assert_eq!(files(), before, "{command:?}");
    }
}

fn recorded(folder: &Folder) -> String {
    fs::read_to_string(folder.path(STATE)).unwrap()
}

#[test]
fn a_run_that_cannot_keep_what_was_makes_no_call() {
    let folder = applied();
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"30\"", "interval-seconds: \"60\"");
    let (state, before) = (fs::read(folder.path(STATE)).unwrap(), account(&folder));
    // What the stack was is kept before its first change is written.
    let history = folder.path(&format!("{STATE}.history"));
    let aside = folder.path("aside");
    fs::rename(&history, &aside).unwrap();
    fs::write(&history, "").unwrap();
    let run = apply(&folder).exits(1);
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("ING1101") && said.contains("history"), "{said}");
    assert!(account(&folder) == before && fs::read(folder.path(STATE)).unwrap() == state);
    fs::remove_file(&history).unwrap();
    fs::rename(&aside, &history).unwrap();
    apply(&folder).exits(0);
    with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
}
