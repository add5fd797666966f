//! States on S3 that are damaged, locks that are no locks, and buckets that take nothing: nothing is
//! made worse, and the message says the way back.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod emulator;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/states.rs"]
mod states;

use emulator::Account;
use folder::Folder;
use serde_json::json;
use states::{account, bucket, keys, request, run, s3, team};
use std::collections::BTreeMap;

const APPLY: [&str; 3] = ["apply", "k8s", "--auto-approve"];
const IMPORT: [&str; 3] = ["import", "k8s", "--controller-stopped"];
const SHOP: &str = "prod/state/shop/shop.json";

fn path(account: &Account, key: &str) -> String {
    format!("{}/{key}", bucket(account))
}

fn put(account: &Account, key: &str, bytes: &[u8]) {
    request(account, "PUT", &path(account, key), bytes);
}

fn get(account: &Account, key: &str) -> Vec<u8> {
    request(account, "GET", &path(account, key), b"").1
}

fn delete(account: &Account, key: &str) {
    request(account, "DELETE", &path(account, key), b"");
}

/// All objects, with their tags, which differ after every write, and what they hold.
fn objects(account: &Account) -> BTreeMap<String, (String, Vec<u8>)> {
    let object = |key: String| {
        let (head, body) = request(account, "GET", &path(account, &key), b"");
        let tag = |line: &&str| {
            ["etag:", "last-modified:"].iter().any(|it| line.to_ascii_lowercase().starts_with(it))
        };
        (key, (head.lines().filter(tag).collect(), body))
    };
    keys(account).into_iter().map(object).collect()
}

/// An account and a team that has applied its Ingress.
fn applied() -> Option<(Account, Folder)> {
    let account = account()?;
    let folder = team(&account, "shop");
    run(&account, &folder, &APPLY).exits(0);
    Some((account, folder))
}

fn flat(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Demands that every command is refused with a code and these words, that no object is written and
/// that no call changes anything.
#[track_caller]
fn refused(account: &Account, folder: &Folder, what: &str, code: &str, words: &[&str]) -> String {
    let (before, calls) = (objects(account), account.changes().len());
    let mut said = String::new();
    for command in [
        &["plan", "k8s"][..],
        &APPLY,
        &["destroy", "k8s", "--auto-approve"],
        &IMPORT,
        &["rollback", "--config", "k8s/ingc.yaml", "--auto-approve"],
    ] {
        let run = run(account, folder, command).exits(1);
        said = flat(&run.err);
        assert!(said.contains(&format!("error[{code}]")), "{what}: {command:?} says {said}");
        for word in words {
            assert!(said.contains(word), "{what}: {command:?} says {said} without `{word}`");
        }
        assert!(!said.contains("panicked"), "{what}: {said}");
    }
    assert!(objects(account) == before, "{what}: objects were written");
    assert_eq!(account.changes().len(), calls, "{what}: {:?}", account.changes());
    said
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1).into_bytes()
}

type Damage = (&'static str, fn(&[u8]) -> Vec<u8>, &'static str);

const DAMAGES: [Damage; 9] = [
    ("cut at its end", |it| it[..it.len() - 3].to_vec(), "ends in the middle"),
    ("cut in its middle", |it| it[..it.len() / 2].to_vec(), "ends in the middle"),
    ("emptied", |_| Vec::new(), "is empty"),
    ("an empty object", |_| b"{}".to_vec(), "cannot be read"),
    ("not UTF-8", |it| [it, b"\xff"].concat(), "not UTF-8"),
    (
        "an answer of a proxy",
        |_| b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec(),
        "cannot be read",
    ),
    ("no version", |it| replaced(it, "\"version\": 1", "\"version\": 0"), "version 0"),
    (
        "an entry renamed",
        |it| replaced(it, "AWS::EC2::SecurityGroup/Managed", "AWS::EC2::SecurityGroup"),
        "contradicts itself",
    ),
    ("another stack's", |it| replaced(it, "\"shop/shop\": {", "\"cart/cart\": {"), "`cart/cart`"),
];

#[test]
fn a_damaged_object_is_left_alone_and_the_way_back_can_be_typed() {
    let Some((account, folder)) = applied() else { return };
    let whole = get(&account, SHOP);
    let url = format!("s3://{}/{SHOP}", bucket(&account));
    for (n, (name, damage, word)) in DAMAGES.into_iter().enumerate() {
        put(&account, SHOP, &damage(&whole));
        let said = refused(&account, &folder, name, "ING1101", &[word, &url]);
        let aside = format!("`aws s3 mv {url} .` puts it aside, and `ingc import` rebuilds");
        assert!(said.contains(&aside), "{name}: {said}");
        let versions = format!("list-object-versions --bucket {}", bucket(&account));
        assert!(said.contains(&versions), "{name}: {said}");
        // By turns the object of before, and AWS's own word.
        if n % 2 == 0 {
            put(&account, SHOP, &whole);
        } else {
            delete(&account, SHOP);
            run(&account, &folder, &IMPORT).exits(0);
        }
        run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    }
}

#[test]
fn an_object_of_something_else_is_left_alone() {
    let Some((account, folder)) = applied() else { return };
    let whole = get(&account, SHOP);
    let own = format!("\"account\": \"{}\"", account.id);
    let others = [
        ("later", replaced(&whole, "\"version\": 1", "\"version\": 2"), "ING1101", "wrote it"),
        ("cluster", replaced(&whole, "\"cluster\": \"", "\"cluster\": \"x"), "ING1103", "cluster"),
        ("account", replaced(&whole, &own, "\"account\": \"210987654321\""), "ING1103", "210987"),
        ("region", replaced(&whole, "\"region\": \"", "\"region\": \"x"), "ING1103", "region"),
    ];
    for (name, bytes, code, word) in others {
        put(&account, SHOP, &bytes);
        refused(&account, &folder, name, code, &[word]);
    }
    // All damaged objects are told at once.
    put(&account, SHOP, b"");
    put(&account, "prod/state/_cluster.json", b"<html>");
    let words = ["shop/shop.json", "is empty", "_cluster.json", "cannot be read"];
    refused(&account, &folder, "two objects", "ING1101", &words);
}

#[test]
fn a_lost_object_is_not_made_twice() {
    let Some((account, folder)) = applied() else { return };
    // What a console leaves for a folder is no state.
    put(&account, "prod/state/", b"");
    put(&account, "prod/state/shop/", b"");
    run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    delete(&account, SHOP);
    let calls = account.changes().len();
    for command in [&["plan", "k8s"][..], &APPLY] {
        run(&account, &folder, command).exits(1).says("error[ING1116]").says("`ingc import`");
    }
    assert!(!account.changes()[calls..].iter().any(|call| call.contains(":Create")));
    run(&account, &folder, &IMPORT).exits(0);
    run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    // What all stacks share is found by its name and tags, by an import and by a run.
    for command in [IMPORT, APPLY] {
        delete(&account, "prod/state/_cluster.json");
        run(&account, &folder, &command).exits(0);
        run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    }
    let named =
        json!({"Filters": [{"Name": "tag:elbv2.k8s.aws/resource", "Values": ["backend-sg"]}]});
    let shared = account.call("ec2", "describe_security_groups", named);
    assert_eq!(shared["SecurityGroups"].as_array().unwrap().len(), 1, "{shared}");
}

#[test]
fn a_plan_for_another_lineage_is_not_carried_out() {
    let Some((account, folder)) = applied() else { return };
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    run(&account, &folder, &["plan", "k8s", "--out", "plan.json"]).exits(0);
    let whole = get(&account, SHOP);
    let text = String::from_utf8(whole.clone()).unwrap();
    let lineage = text.split("\"lineage\": \"").nth(1).unwrap().split('"').next().unwrap();
    put(&account, SHOP, &replaced(&whole, lineage, "0123456789abcdef0123456789abcdef"));
    let (before, calls) = (objects(&account), account.changes().len());
    run(&account, &folder, &["apply", "plan.json"]).exits(1).says("error[ING1104]");
    assert!(objects(&account) == before);
    let made: Vec<String> = account.changes().split_off(calls);
    assert!(made.iter().all(|call| call.starts_with("s3:")), "{made:?}");
    put(&account, SHOP, &whole);
    run(&account, &folder, &["apply", "plan.json"]).exits(0);
}

#[test]
fn a_lock_that_is_no_lock_can_be_taken_away() {
    let Some((account, folder)) = applied() else { return };
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    let key = "prod/lock/shop/shop.json";
    let hostile =
        br#"{"id":"`rm -rf ~`","pid":1,"user":"\u001b[2J","host":"h","command":"c","since":1}"#;
    for garbage in [&b""[..], b"<html>", b"\xff\xfe", b"{}", hostile] {
        put(&account, key, garbage);
        let said = run(&account, &folder, &APPLY).exits(1).says("error[ING1102]").err;
        assert!(!said.contains("rm -rf") && !said.contains('\u{1b}'), "{said}");
        assert_eq!(get(&account, key), garbage);
        let said = flat(&said);
        let id = said.split("`ingc state unlock ").nth(1).unwrap().split('`').next().unwrap();
        let list = run(&account, &folder, &["state", "unlock"]).exits(0).out;
        assert!(list.contains(id) && !list.contains("rm -rf"), "{list}");
        run(&account, &folder, &["state", "unlock", id]).exits(0).says("Unlocked `shop/shop`.");
    }
    run(&account, &folder, &APPLY).exits(0);
}

#[test]
fn a_run_whose_state_cannot_be_written_makes_no_call_of_aws() {
    let Some((account, folder)) = applied() else { return };
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    let denied = |action: &str, skip: usize| {
        account.fail(json!({"action": action, "skip": skip, "times": 1000,
            "code": "AccessDenied", "status": 403}));
    };
    // The lock, the probe, the past state, the record that the stack was begun with.
    for (action, skip) in
        [("s3:PUT", 0), ("s3:PUT", 1), ("s3:PUT", 2), ("s3:PUT", 3), ("s3:DELETE", 0)]
    {
        let (state, calls) = (get(&account, SHOP), account.changes().len());
        denied(action, skip);
        let run = run(&account, &folder, &APPLY).exits(1).says("error[ING1101]");
        assert!(flat(&run.err).contains("s3:DeleteObject"), "{}", run.err);
        let made = account.changes().split_off(calls);
        assert!(made.iter().all(|call| call.starts_with("s3:")), "{action} {skip}: {made:?}");
        account.heal();
        assert_eq!(get(&account, SHOP), state, "{action} {skip}");
        unlock(&account, &folder);
    }
    run(&account, &folder, &APPLY).exits(0);
    run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
}

/// Takes away what runs have left that could not delete it.
fn unlock(account: &Account, folder: &Folder) {
    let list = run(account, folder, &["state", "unlock"]).exits(0).out;
    if let Some(row) = list.lines().find(|line| line.contains("shop/shop")) {
        let id = row.split_whitespace().next().unwrap();
        run(account, folder, &["state", "unlock", id]).exits(0);
    }
}

#[test]
fn what_is_done_and_cannot_be_written_is_named_and_found() {
    let Some((account, folder)) = applied() else { return };
    folder.edit("k8s/alb-ing-01.yaml", "interval-seconds: \"15\"", "interval-seconds: \"30\"");
    // Lock, probe, past state and begun record are written; what the first call has done is not.
    account.fail(json!({"action": "s3:PUT", "skip": 4, "times": 1000,
        "code": "AccessDenied", "status": 403}));
    let calls = account.changes().len();
    let said = flat(&run(&account, &folder, &APPLY).exits(1).says("error[ING1101]").err);
    assert!(said.contains("on AWS and not in the state"), "{said}");
    assert!(said.contains("ModifyTargetGroup"), "{said}");
    account.heal();
    let made = account.changes().split_off(calls);
    let of_aws = made.iter().filter(|call| !call.starts_with("s3:"));
    assert_eq!(of_aws.collect::<Vec<_>>(), ["elbv2:ModifyTargetGroup"]);
    unlock(&account, &folder);
    run(&account, &folder, &APPLY).exits(0);
    run(&account, &folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0);
    assert!(s3(&account, "GET", &path(&account, SHOP), "").contains("\"intervalSeconds\":30"));
}
