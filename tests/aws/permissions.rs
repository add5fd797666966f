//! Whether the caller may do what a plan needs, asked before it is done.

use super::World;
use super::folder::Run;
use serde_json::{Value, json};

impl World {
    /// Runs as a role that has a policy and nothing else.
    fn run_as(&self, policy: &str, arguments: &[&str]) -> Run {
        let account = &self.account;
        let named = json!({"RoleName": "deploy", "Path": "/ci/", "AssumeRolePolicyDocument": "{}"});
        if self.deploy().is_none() {
            account.call("iam", "create_role", named);
        }
        let inline = json!({"RoleName": "deploy", "PolicyName": "all", "PolicyDocument": policy});
        account.call("iam", "put_role_policy", inline);
        let arn = format!("arn:aws:iam::{}:role/ci/deploy", account.id);
        let session = json!({"RoleArn": arn, "RoleSessionName": "job"});
        let session = account.call("sts", "assume_role", session)["Credentials"].clone();
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        let mut command = self.command(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", text("AccessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))
            .env("AWS_SESSION_TOKEN", text("SessionToken"));
        Run::of(command.output().unwrap())
    }

    fn deploy(&self) -> Option<Value> {
        let roles = self.account.call("iam", "list_roles", json!({}))["Roles"].clone();
        roles.as_array().unwrap().iter().find(|it| it["RoleName"] == "deploy").cloned()
    }
}

#[test]
fn missing_permissions_are_told_before_the_first_change() {
    let Some(world) = World::shop() else { return };
    let saves = ["plan", "--out", "p.plan"];
    world.run(&saves).exits(0);
    let policy = world.run(&["iam", "policy", "p.plan"]).exits(0).out;
    let plan = ["plan", "--check-permissions"];
    let apply = ["apply", "p.plan", "--check-permissions"];
    world.run_as(&policy, &plan).exits(0);
    let lacking = policy.replace("elasticloadbalancing:CreateRule", "elasticloadbalancing:None");
    assert_ne!(lacking, policy);
    for arguments in [plan.as_slice(), &apply, &["apply", "--auto-approve", "--check-permissions"]]
    {
        let run = world.run_as(&lacking, arguments).exits(1).says("ING1119");
        assert_eq!(run.err.matches("ING1119").count(), 1, "{}", run.err);
        assert!(run.err.contains("elasticloadbalancing:CreateRule"), "{}", run.err);
    }
    // Of another cluster's resources nothing may be changed.
    let other = policy.replace(super::CLUSTER, "another");
    world.run_as(&other, &plan).exits(1).says("elasticloadbalancing:CreateLoadBalancer");
    assert_eq!(world.holdings(), [""; 0]);
    world.run_as(&policy, &apply).exits(0);
}
