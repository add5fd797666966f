//! On an emulated AWS.

use super::emulator::{Account, REGION, emulator};
use super::folder::{Folder, Run};
use super::told;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CLUSTER: &str = "workshop";
const ROLE: &str = "AWSLoadBalancerController-workshop";

/// A repository and an account with a cluster.
struct World {
    folder: Folder,
    account: Account,
}

impl World {
    /// None without an emulator.
    fn new() -> Option<World> {
        let account = emulator()?.account();
        let folder = Folder::empty();
        folder.put("ingc.yaml", &format!("clusterName: {CLUSTER}\nregion: {REGION}\n"));
        let vpc = json!({"subnetIds": ["subnet-1", "subnet-2"]});
        let given = json!({"name": CLUSTER, "roleArn": "arn:aws:iam::123456789012:role/eks", "resourcesVpcConfig": vpc});
        account.call("eks", "create_cluster", given);
        Some(World { folder, account })
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.folder.command(&[&["bootstrap"], arguments].concat());
        Run::of(self.account.lend(&mut command).output().unwrap())
    }

    fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve", "--json"])
    }

    fn is_settled(&self) {
        let run = self.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }

    /// What of the account's IAM is ours, as IAM tells it.
    fn holdings(&self) -> Value {
        let roles = self.account.call("iam", "list_roles", json!({}))["Roles"].clone();
        let mut roles: Vec<Value> = roles.as_array().unwrap().clone();
        for role in &mut roles {
            let named = json!({"RoleName": role["RoleName"]});
            role["Attached"] = self.account.call(
                "iam",
                "list_attached_role_policies",
                named.clone(),
            )["AttachedPolicies"]
                .clone();
            role["Tags"] = self.account.call("iam", "list_role_tags", named)["Tags"].clone();
            for varies in ["RoleId", "CreateDate", "RoleLastUsed"] {
                role.as_object_mut().unwrap().remove(varies);
            }
        }
        let policies = self.account.call("iam", "list_policies", json!({"Scope": "Local"}));
        let mut policies = policies["Policies"].as_array().unwrap().clone();
        for policy in &mut policies {
            for varies in ["PolicyId", "CreateDate", "UpdateDate"] {
                policy.as_object_mut().unwrap().remove(varies);
            }
        }
        let providers = self.account.call("iam", "list_open_id_connect_providers", json!({}));
        json!({"roles": roles, "policies": policies, "providers": providers["OpenIDConnectProviderList"]})
    }

    fn role(&self) -> Value {
        self.account.call("iam", "get_role", json!({"RoleName": ROLE}))["Role"].clone()
    }

    fn provider_arn(&self) -> String {
        let cluster = self.account.call("eks", "describe_cluster", json!({"name": CLUSTER}));
        let issuer = cluster["cluster"]["identity"]["oidc"]["issuer"].as_str().unwrap();
        let id = &self.account.id;
        format!("arn:aws:iam::{id}:oidc-provider/{}", issuer.trim_start_matches("https://"))
    }
}

#[test]
fn it_is_made_of_an_issuer_that_eks_tells_changed_and_deleted_call_by_call() {
    let Some(world) = World::new() else { return };
    let run = world.apply().exits(0);
    let calls = [
        "iam:CreateOpenIDConnectProvider",
        "iam:CreatePolicy",
        "iam:CreateRole",
        "iam:AttachRolePolicy",
    ];
    assert_eq!(told(&run), calls);
    assert_eq!(world.account.changes(), calls);
    world.is_settled();

    // The documented form of a role for a ServiceAccount.
    let arn = world.provider_arn();
    let name = arn.split_once("oidc-provider/").unwrap().1;
    let expected = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            (format!("{name}:sub")): "system:serviceaccount:kube-system:aws-load-balancer-controller",
            (format!("{name}:aud")): "sts.amazonaws.com"}}}]});
    assert_eq!(world.role()["AssumeRolePolicyDocument"], expected);
    let tags = world.account.call("iam", "list_role_tags", json!({"RoleName": ROLE}));
    assert!(tags["Tags"].to_string().contains("_bootstrap"), "{tags}");

    // Drift.
    let anything = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let admin = json!({"PolicyName": "admin", "PolicyDocument": anything.to_string()});
    let admin = world.account.call("iam", "create_policy", admin)["Policy"]["Arn"].clone();
    let attached = json!({"RoleName": ROLE, "PolicyArn": admin});
    world.account.call("iam", "attach_role_policy", attached);
    world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert_eq!(told(&world.apply().exits(0)), ["iam:DetachRolePolicy"]);
    world.account.call("iam", "delete_policy", json!({"PolicyArn": admin}));
    world.is_settled();

    // A change of the settings.
    world.folder.put(
        "ingc.yaml",
        &format!("clusterName: {CLUSTER}\nregion: {REGION}\ndefaultTags: {{team: web}}\ningc: {{bootstrap: {{permissions: targets}}}}\n"),
    );
    let before = world.account.changes().len();
    let run = world.apply().exits(0);
    let calls =
        ["iam:TagOpenIDConnectProvider", "iam:CreatePolicyVersion", "iam:TagPolicy", "iam:TagRole"];
    assert_eq!(told(&run), calls);
    assert_eq!(world.account.changes()[before..], calls);
    world.is_settled();

    let before = world.account.changes().len();
    let run = world.run(&["destroy", "--auto-approve", "--json"]).exits(0);
    assert_eq!(told(&run), world.account.changes()[before..]);
    assert_eq!(world.holdings(), json!({"roles": [], "policies": [], "providers": []}));

    // The book lists what a caller must be allowed.
    let page = include_str!("../../examples/docs/src/workshop.md");
    let listed: Vec<&str> = page.split_whitespace().filter(|word| word.contains(':')).collect();
    let mut calls = world.account.calls();
    calls.retain(|call| call.starts_with("iam:") || call.starts_with("eks:"));
    assert!(calls.len() > 20);
    let missing: Vec<&String> = calls.iter().filter(|it| !listed.contains(&it.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_exists_is_taken_up_and_what_is_shared_stays() {
    let Some(world) = World::new() else { return };
    let url = format!("https://{}", world.provider_arn().split_once("oidc-provider/").unwrap().1);
    world.account.call(
        "iam",
        "create_open_id_connect_provider",
        json!({"Url": url, "ClientIDList": ["vault"]}),
    );
    let run = world.apply().exits(0);
    assert_eq!(told(&run)[0], "iam:AddClientIDToOpenIDConnectProvider");
    world.is_settled();
    // A state that was lost is no loss.
    std::fs::remove_file(world.folder.path("ingc.state.json")).unwrap();
    assert_eq!(told(&world.apply().exits(0)), [""; 0]);
    world.is_settled();
    world.run(&["destroy", "--auto-approve", "--json"]).exits(0);
    let left = world.holdings();
    assert_eq!(left["roles"], json!([]));
    assert_eq!(left["providers"], json!([{"Arn": world.provider_arn()}]));
}

#[test]
fn a_missing_permission_is_named_and_the_next_run_goes_on() {
    let Some(world) = World::new() else { return };
    let denied = json!({"action": "CreateRole", "code": "AccessDenied", "status": 403,
        "message": "User: arn:aws:iam::1:user/ci is not authorized to perform: iam:CreateRole"});
    world.account.fail(denied);
    let run = world.run(&["apply", "--auto-approve"]).exits(1);
    run.says("`iam:CreateRole` was refused: AccessDenied").says("allow `iam:CreateRole`");
    world.account.fail(json!({"action": "GetRole", "code": "AccessDenied", "status": 403}));
    world.run(&["plan"]).exits(1).says("`iam:GetRole` was refused").says("allow `iam:GetRole`");
    world.account.heal();
    let calls = ["iam:CreateRole", "iam:AttachRolePolicy"];
    assert_eq!(told(&world.apply().exits(0)), calls);
    world.is_settled();
    world
        .account
        .fail(json!({"action": "DescribeCluster", "code": "AccessDeniedException", "status": 403}));
    world.run(&["plan"]).exits(1).says("allow `eks:DescribeCluster`");
}

#[test]
fn whatever_call_is_disturbed_the_next_run_ends_where_an_undisturbed_one_does() {
    let Some(undisturbed) = World::new() else { return };
    undisturbed.apply().exits(0);
    let expected = undisturbed.holdings().to_string().replace(&undisturbed.account.id, "ACCOUNT");
    for skip in 0..4 {
        for fault in [
            json!({"after": true}),
            json!({"code": "ServiceFailure"}),
            json!({"code": "AccessDenied", "status": 403}),
        ] {
            let Some(world) = World::new() else { return };
            let mut fault = fault;
            fault["action"] = json!("*");
            fault["changes"] = json!(true);
            fault["skip"] = json!(skip);
            world.account.fail(fault.clone());
            world.apply();
            world.account.heal();
            world.apply().exits(0);
            let got = world.holdings().to_string().replace(&world.account.id, "ACCOUNT");
            // The id of a cluster's issuer is made of its ARN.
            let same = |text: &str, world: &World| {
                text.replace(world.provider_arn().rsplit('/').next().unwrap(), "ID")
            };
            assert_eq!(same(&got, &world), same(&expected, &undisturbed), "{skip} {fault}");
            world.is_settled();
        }
    }
}

#[test]
fn a_cluster_that_eks_does_not_know_is_an_error_that_names_it() {
    let Some(world) = World::new() else { return };
    world.folder.put("ingc.yaml", &format!("clusterName: warkshop\nregion: {REGION}\n"));
    world.run(&["plan"]).exits(1).says("ING1118").says("EKS knows no cluster `warkshop`");
    assert_eq!(world.account.changes(), [""; 0]);
}

#[test]
fn the_policy_of_a_plan_is_what_its_calls_need() {
    let Some(world) = World::new() else { return };
    world.run(&["plan", "--out", "p.plan"]).exits(0);
    let run = |arguments: &[&str]| {
        let mut command = world.folder.command(arguments);
        Run::of(world.account.lend(&mut command).output().unwrap()).exits(0)
    };
    let policy: Value = serde_json::from_str(&run(&["iam", "policy", "p.plan"]).out).unwrap();
    let before = world.account.calls().len();
    run(&["apply", "p.plan"]);
    let calls = world.account.calls().into_iter().skip(before);
    let called: BTreeSet<String> = calls.filter(|it| !it.starts_with("sts:")).collect();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    });
    // Tags are given at creation, which AWS checks and no call is made for.
    let actions = actions.map(|it| it.as_str().unwrap().to_owned());
    let allowed: BTreeSet<String> = actions.filter(|it| !it.starts_with("iam:Tag")).collect();
    assert_eq!(called, allowed);
}
