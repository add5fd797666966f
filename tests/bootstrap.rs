//! `ingc bootstrap`: what the cluster and CI need of IAM, in a simulated account and on an emulated
//! AWS.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "bootstrap/aws.rs"]
mod aws;
mod emulator;
#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run, shows};
use serde_json::{Value, json};

const ISSUER: &str =
    "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const SETTINGS: &str = "clusterName: prod\nregion: eu-central-1\nvpcId: vpc-1\ningc: {controller: ingc/alb, bootstrap: {issuer: ISSUER}}\n";
const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const POLICY: &str = "arn:aws:iam::123456789012:policy/AWSLoadBalancerControllerIAMPolicy";
const ROLE: &str = "AWSLoadBalancerController-prod";

/// A repository with a simulated account.
struct World(Folder);

impl World {
    fn new() -> World {
        let folder = Folder::empty();
        folder.put("ingc.yaml", &SETTINGS.replace("ISSUER", ISSUER));
        World(folder)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let all = [&["bootstrap"], arguments, &["--sandbox", "account.json"]].concat();
        self.0.run(&all)
    }

    fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve", "--json"])
    }

    fn destroy(&self) -> Run {
        self.run(&["destroy", "--auto-approve", "--json"])
    }

    fn account(&self) -> Value {
        serde_json::from_slice(&self.0.files()["account.json"]).unwrap()
    }

    /// Somebody else does something in the account.
    fn meddle(&self, what: impl FnOnce(&mut Value)) {
        let mut account = self.account();
        what(&mut account);
        self.0.put("account.json", &account.to_string());
    }

    fn is_settled(&self) {
        self.run(&["plan", "--detailed-exitcode"]).exits(0);
    }
}

/// The calls of a run, by their names.
fn told(run: &Run) -> Vec<String> {
    let events = run.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let calls = events.filter(|event| event["type"] == "aws_call");
    calls
        .map(|it| format!("{}:{}", it["service"].as_str().unwrap(), it["action"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_plan_shows_what_is_made_and_a_second_one_nothing() {
    let world = World::new();
    shows("bootstrap", &world.run(&["plan"]).exits(0).out);
    let run = world.apply().exits(0);
    let calls = [
        "iam:CreateOpenIDConnectProvider",
        "iam:CreatePolicy",
        "iam:CreateRole",
        "iam:AttachRolePolicy",
    ];
    assert_eq!(told(&run), calls);
    world.is_settled();
    let status = world.run(&["status"]).exits(0).out;
    assert_eq!(status.matches("as it shall be").count(), 3, "{status}");
    assert!(status.contains(&format!("arn:aws:iam::123456789012:role/{ROLE}")), "{status}");
    // Without an account the state is all there is to compare with.
    world
        .0
        .run(&["bootstrap", "plan", "--detailed-exitcode"])
        .exits(0)
        .says("no account was asked");

    let run = world.destroy().exits(0);
    let calls = [
        "iam:DetachRolePolicy",
        "iam:DeleteRole",
        "iam:DeletePolicy",
        "iam:DeleteOpenIDConnectProvider",
    ];
    assert_eq!(told(&run), calls);
    assert_eq!(world.account()["iam"], Value::Null);
    world.destroy().exits(0).says("Nothing is recorded");
}

#[test]
fn whatever_call_is_disturbed_the_next_run_ends_where_an_undisturbed_one_does() {
    let undisturbed = World::new();
    undisturbed.apply().exits(0);
    let expected = undisturbed.account();
    for when in ["before", "after", "kill"] {
        for skip in 0..4 {
            let world = World::new();
            // The account is there before the run.
            world.0.put("account.json", &{
                let mut fresh = expected.clone();
                fresh.as_object_mut().unwrap().remove("iam");
                fresh["faults"] = json!([{"action": "*", "skip": skip, "when": when}]);
                fresh.to_string()
            });
            let all =
                ["bootstrap", "apply", "--auto-approve", "--json", "--sandbox", "account.json"];
            let disturbed = world.0.command(&all).output().unwrap();
            assert!(!disturbed.status.success(), "{when} {skip}");
            world.apply().exits(0);
            assert_eq!(world.account(), expected, "{when} {skip}");
            world.is_settled();
        }
    }
}

#[test]
fn what_is_somebody_elses_is_used_as_it_is_and_stays() {
    let world = World::new();
    world.apply().exits(0);
    world.destroy().exits(0);
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["ec2:*", "elasticloadbalancing:*"], "Resource": "*"}]});
    let theirs = json!({
        "providers": {PROVIDER: {
            "url": ISSUER.trim_start_matches("https://"), "clientIds": ["vault"],
            "thumbprints": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"], "tags": {"team": "platform"}}},
        "policies": {POLICY: {
            "name": "AWSLoadBalancerControllerIAMPolicy", "versions": {"1": document.to_string()},
            "default": 1, "made": 1, "tags": {}}},
        "roles": {},
    });
    world.meddle(|account| account["iam"] = theirs.clone());
    let plan = world.run(&["plan"]).exits(0).says("ING0212").says("shield:CreateProtection");
    assert!(
        plan.out.contains("1 to create, 0 to update, 0 to replace, 0 to delete, 2 to import"),
        "{}",
        plan.out
    );
    let run = world.apply().exits(0);
    let calls =
        ["iam:AddClientIDToOpenIDConnectProvider", "iam:CreateRole", "iam:AttachRolePolicy"];
    assert_eq!(told(&run), calls);
    world.is_settled();
    world.0.run(&["bootstrap", "plan", "--detailed-exitcode"]).exits(0);
    let status = world.run(&["status"]).exits(0).out;
    assert_eq!(status.matches("somebody else's, used as it is").count(), 2, "{status}");

    let run = world.destroy().exits(0);
    assert_eq!(told(&run), ["iam:DetachRolePolicy", "iam:DeleteRole"]);
    let left = world.account()["iam"].clone();
    let mut expected = theirs;
    expected["providers"][PROVIDER]["clientIds"] = json!(["sts.amazonaws.com", "vault"]);
    expected["policies"][POLICY]["description"] = json!("");
    assert_eq!(left, expected);
}

#[test]
fn a_role_of_somebody_else_is_an_error_until_its_tags_say_that_it_is_ours() {
    let world = World::new();
    world.apply().exits(0);
    std::fs::remove_file(world.0.path("ingc.state.json")).unwrap();
    let tags = world.account()["iam"]["roles"][ROLE]["tags"].clone();
    world.meddle(|account| account["iam"]["roles"][ROLE]["tags"] = json!({"team": "platform"}));
    let before = world.account();
    let hint = format!(
        "aws iam tag-role --role-name {ROLE} --tags Key=elbv2.k8s.aws/cluster,Value=prod Key=ingress.k8s.aws/resource,Value={ROLE} Key=ingress.k8s.aws/stack,Value=_bootstrap"
    );
    for command in [&["plan"][..], &["apply", "--auto-approve"], &["status"]] {
        let run = world.run(command).exits(1).says("ING1110").says("is not ours");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&run.err).contains(&hint), "{}", run.err);
    }
    assert_eq!(world.account(), before);
    world.meddle(|account| account["iam"]["roles"][ROLE]["tags"] = tags);
    let run = world.apply().exits(0);
    assert_eq!(told(&run), [""; 0]);
    world.is_settled();
    // Whoever has the name now keeps it.
    world.meddle(|account| account["iam"]["roles"][ROLE]["tags"] = json!({"team": "platform"}));
    let run = world.destroy().exits(0);
    assert!(!told(&run).contains(&"iam:DeleteRole".to_owned()), "{}", run.out);
    assert!(world.account()["iam"]["roles"][ROLE].is_object());
}

#[test]
fn what_others_use_as_well_is_not_deleted() {
    let world = World::new();
    world.apply().exits(0);
    world.meddle(|account| {
        let mut other = account["iam"]["roles"][ROLE].clone();
        other["tags"] = json!({});
        account["iam"]["roles"]["external-dns"] = other;
    });
    let plan = world.run(&["plan", "--destroy"]).exits(0).out;
    assert!(plan.contains("other roles trust it: external-dns"), "{plan}");
    assert!(plan.contains("1 others have it attached"), "{plan}");
    let run = world.destroy().exits(0);
    assert_eq!(told(&run), ["iam:DetachRolePolicy", "iam:DeleteRole"]);
    let left = &world.account()["iam"];
    assert!(left["providers"][PROVIDER].is_object() && left["policies"][POLICY].is_object());
}

#[test]
fn what_somebody_else_changes_is_seen_and_put_back() {
    let world = World::new();
    world.apply().exits(0);
    let before = world.account();
    world.meddle(|account| {
        let role = &mut account["iam"]["roles"][ROLE];
        let trust = role["trust"].as_str().unwrap().replace("kube-system:aws", "default:aws");
        role["trust"] = json!(trust);
        role["attached"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
        account["iam"]["providers"][PROVIDER]["clientIds"] = json!([]);
    });
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2).out;
    assert!(plan.contains("changed by somebody else"), "{plan}");
    let run = world.apply().exits(0);
    let calls = [
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:UpdateAssumeRolePolicy",
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
    ];
    assert_eq!(told(&run), calls);
    assert_eq!(world.account(), before);

    world.meddle(|account| account["iam"]["roles"] = json!({}));
    assert_eq!(told(&world.apply().exits(0)), ["iam:CreateRole", "iam:AttachRolePolicy"]);
    assert_eq!(world.account(), before);
}

#[test]
fn a_policy_at_its_limit_of_versions_loses_its_oldest() {
    let world = World::new();
    world.apply().exits(0);
    world.meddle(|account| {
        let policy = &mut account["iam"]["policies"][POLICY];
        let document = policy["versions"]["1"].clone();
        policy["versions"] =
            json!({"2": document, "3": document, "4": document, "5": document, "6": document});
        policy["default"] = json!(2);
        policy["made"] = json!(6);
    });
    world.0.edit("ingc.yaml", "{issuer:", "{permissions: targets, issuer:");
    let run = world.apply().exits(0);
    assert_eq!(told(&run), ["iam:DeletePolicyVersion", "iam:CreatePolicyVersion"]);
    let policy = world.account()["iam"]["policies"][POLICY].clone();
    let versions: Vec<&String> = policy["versions"].as_object().unwrap().keys().collect();
    assert_eq!(versions, ["2", "4", "5", "6", "7"]);
    assert_eq!(policy["default"], 7);
    world.is_settled();
    let deleted = told(&world.destroy().exits(0));
    assert_eq!(deleted.iter().filter(|call| *call == "iam:DeletePolicyVersion").count(), 4);
}

#[test]
fn roles_of_ci_come_and_go_with_their_settings() {
    let world = World::new();
    let alone = SETTINGS.replace("ISSUER", ISSUER);
    let ci = "ci: {deploy: {github: 'repo:acme/shop:ref:refs/heads/main', policies: [arn:aws:iam::aws:policy/ReadOnlyAccess], policyFile: ci.json}}";
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]});
    world.0.put("ci.json", &document.to_string());
    world.0.put("ingc.yaml", &alone.replace("{issuer:", &format!("{{{ci}, issuer:")));
    world.apply().exits(0);
    world.is_settled();
    let roles = world.account()["iam"]["roles"].clone();
    assert_eq!(
        roles["deploy"]["attached"],
        json!([
            "arn:aws:iam::123456789012:policy/deploy",
            "arn:aws:iam::aws:policy/ReadOnlyAccess"
        ])
    );
    world.0.put("ci.json", "{]");
    world.run(&["plan"]).exits(1).says("`ci.json` is not JSON").says("ingc.yaml:4:");
    assert!(
        roles["deploy"]["trust"].as_str().unwrap().contains("repo:acme/shop:ref:refs/heads/main")
    );
    world.0.put("ingc.yaml", &alone);
    let run = world.apply().exits(0);
    assert_eq!(
        told(&run),
        [
            "iam:DetachRolePolicy",
            "iam:DetachRolePolicy",
            "iam:DeleteRole",
            "iam:DeletePolicy",
            "iam:DeleteOpenIDConnectProvider"
        ]
    );
    world.is_settled();
}

#[test]
fn plans_of_ingresses_leave_it_alone() {
    let folder = Folder::workshop();
    folder.edit("k8s/ingc.yaml", "  inventory:", "  manifests: [alb-ing-01.yaml]\n  inventory:");
    let run = |arguments: &[&str]| {
        let all = [arguments, &["--config", "k8s/ingc.yaml", "--sandbox", "account.json"]].concat();
        folder.run(&all).exits(0)
    };
    run(&["bootstrap", "apply", "--auto-approve"]);
    run(&["apply", "--auto-approve"]);
    run(&["bootstrap", "plan", "--detailed-exitcode"]);
    let out = run(&["destroy", "--auto-approve"]).out;
    assert!(out.contains("7 deleted") && !out.contains("_bootstrap"), "{out}");
    run(&["bootstrap", "plan", "--detailed-exitcode"]);
    // A plan that was saved is carried out as any other.
    run(&["bootstrap", "plan", "--destroy", "--out", "plan.json"]);
    folder.run(&["apply", "plan.json", "--sandbox", "account.json", "--allow-delete"]).exits(0);
    run(&["bootstrap", "plan", "--out", "plan.json"]);
}

#[test]
fn mistakes_are_told_before_anything_is_asked() {
    let world = World::new();
    world.0.edit("ingc.yaml", "https://", "http://");
    let run = world.apply().exits(1).says("ING0211").says("ingc.yaml:4:");
    assert!(
        run.err.contains("is no issuer") && !world.0.path("account.json").exists(),
        "{}",
        run.err
    );
    world.0.put("ingc.yaml", "clusterName: prod\nregion: eu-west-1\n");
    world.0.run(&["bootstrap", "plan"]).exits(1).says("ING1118").says("aws eks describe-cluster");
    world.0.put(
        "ingc.yaml",
        &SETTINGS.replace("ISSUER", ISSUER).replace("region: eu-central-1", "region: eu-west-1"),
    );
    world.run(&["plan"]).exits(1).says("the issuer is of a cluster in eu-central-1");
}

#[test]
fn the_clusters_side_keeps_the_controller_from_the_ingresses_or_hands_them_over() {
    let world = World::new();
    world.run(&["manifests"]).exits(1).says("`ingc bootstrap apply`");
    world.apply().exits(0);
    let ours = world.run(&["manifests"]).exits(0).out;
    shows("bootstrap-manifests", &ours);
    let theirs = world.run(&["manifests", "--hand-over"]).exits(0).out;
    let diff = similar::TextDiff::from_lines(&ours, &theirs);
    shows("bootstrap-hand-over", &diff.unified_diff().context_radius(1).to_string());
    // Of the objects themselves ingc reads the class: its own counts, the controller's does too.
    world.0.edit("ingc.yaml", "controller: ingc/alb, ", "");
    world.run(&["manifests"]).exits(1).says("ING0203").says("controller: ingc/alb");
}
