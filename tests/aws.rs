//! Runs of the real program against an emulated AWS.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod emulator;
#[path = "support/folder.rs"]
mod folder;
#[path = "aws/full_disk.rs"]
mod full_disk;
#[path = "aws/hand_over.rs"]
mod hand_over;
#[path = "aws/killed.rs"]
mod killed;
#[path = "aws/permissions.rs"]
mod permissions;
#[path = "aws/phases.rs"]
mod phases;

use emulator::{Account, CLUSTER, REGION, emulator, is_required};
use folder::{Folder, Run};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Three Ingresses of one group, with a certificate, a web ACL, a login and a redirect.
const SHOP: &str = include_str!("aws/shop.yaml");

/// A repository and the account that it is for.
struct World {
    folder: Folder,
    account: Account,
}

impl World {
    /// A fresh account, its inventory, and the shop's manifests. None without an emulator.
    fn shop() -> Option<World> {
        let account = emulator()?.account();
        let folder = Folder::empty();
        folder.put(
            "ingc.yaml",
            &format!(
                "clusterName: {CLUSTER}\nregion: {REGION}\ningc: {{inventory: inventory.yaml}}\n"
            ),
        );
        let acl = account.made["webAcl"].as_str().unwrap();
        folder.put("shop.yaml", &SHOP.replace("WEB_ACL", acl));
        let world = World { folder, account };
        world.run(&["inventory", "pull"]).exits(0);
        Some(world)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.command(arguments);
        self.account.lend(&mut command);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve", "--json"])
    }

    /// Tags of all that the cluster has in the account, sorted: one line per object.
    fn holdings(&self) -> Vec<String> {
        let filters = json!([{"Key": "elbv2.k8s.aws/cluster", "Values": [CLUSTER]}]);
        let params = json!({"TagFilters": filters});
        let found = self.account.call("resourcegroupstaggingapi", "get_resources", params);
        let all = found["ResourceTagMappingList"].as_array().unwrap().iter();
        let mut all: Vec<String> = all
            .map(|it| {
                let arn = it["ResourceARN"].as_str().unwrap();
                let kind = arn.split(':').nth(5).unwrap().split('/').next().unwrap();
                let mut tags: Vec<String> =
                    it["Tags"].as_array().unwrap().iter().map(Value::to_string).collect();
                tags.sort();
                format!("{kind} {}", tags.join(" "))
            })
            .collect();
        all.sort();
        all
    }
}

/// The `aws_call` events of a run, as the emulator lists calls.
fn told(run: &Run) -> Vec<String> {
    let events = run.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["type"] == "aws_call")
        .map(|event| {
            let service = match event["service"].as_str().unwrap() {
                "elasticloadbalancing" => "elbv2",
                other => other,
            };
            format!("{service}:{}", event["action"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn what_is_applied_is_told_call_by_call_and_leaves_nothing_to_plan() {
    let Some(world) = World::shop() else { return };
    // Calls of several stacks reach the account in any order.
    let in_turn = |command| world.run(&[command, "--auto-approve", "--json", "--parallelism", "1"]);
    let run = in_turn("apply").exits(0);
    assert_eq!(told(&run), world.account.changes());
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    // An inventory that lists what was made changes nothing.
    world.run(&["inventory", "pull"]).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);

    world.folder.edit("shop.yaml", "path: /cart", "path: /basket");
    let before = world.account.changes().len();
    let run = in_turn("apply").exits(0);
    assert_eq!(told(&run), world.account.changes()[before..]);
    assert!(told(&run).len() < 4, "{:?}", told(&run));

    let before = world.account.changes().len();
    let run = in_turn("destroy").exits(0);
    assert_eq!(told(&run), world.account.changes()[before..]);
    assert_eq!(world.holdings(), [""; 0]);
}

#[test]
fn a_state_that_was_lost_is_taken_up_again_without_a_change() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    std::fs::remove_file(world.folder.path("ingc.state.json")).unwrap();
    let before = world.account.changes();
    for command in [&["plan"][..], &["apply", "--auto-approve"], &["destroy", "--auto-approve"]] {
        world.run(command).exits(1).says("ING1116").says("ingc import");
    }
    world.run(&["import", "--controller-stopped"]).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert_eq!(world.account.changes(), before);
}

#[test]
fn an_ingress_that_the_controller_holds_is_refused_with_the_steps_of_a_hand_over() {
    let Some(world) = World::shop() else { return };
    let held = "metadata:\n  finalizers: [group.ingress.k8s.aws/shop]\n  name: web";
    world.folder.edit("shop.yaml", "metadata:\n  name: web", held);
    for command in [&["apply", "--auto-approve"][..], &["import"]] {
        world.run(command).exits(1).says("ING1007").says("scale the controller to zero");
    }
    assert_eq!(world.account.changes(), [""; 0]);
}

#[test]
fn what_somebody_else_has_changed_is_shown_and_put_right() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    let balancers = world.account.call("elbv2", "describe_load_balancers", json!({}));
    let arn = &balancers["LoadBalancers"][0]["LoadBalancerArn"];
    let attributes = json!([{"Key": "idle_timeout.timeout_seconds", "Value": "7"}]);
    let params = json!({"LoadBalancerArn": arn, "Attributes": attributes});
    world.account.call("elbv2", "modify_load_balancer_attributes", params);
    let listeners =
        world.account.call("elbv2", "describe_listeners", json!({"LoadBalancerArn": arn}));
    let https = listeners["Listeners"].as_array().unwrap().iter().find(|it| it["Port"] == 443);
    let on = json!({"ListenerArn": https.unwrap()["ListenerArn"]});
    let rules = world.account.call("elbv2", "describe_rules", on);
    let rule = rules["Rules"][0]["RuleArn"].clone();
    world.account.call("elbv2", "delete_rule", json!({"RuleArn": rule}));

    let plan = world.run(&["plan", "--refresh-only"]).exits(0).out;
    assert!(plan.contains("idle_timeout.timeout_seconds"), "{plan}");
    assert!(plan.contains("  who it was: aws cloudtrail lookup-events "), "{plan}");
    let run = world.apply().exits(0);
    assert_eq!(told(&run), ["elbv2:ModifyLoadBalancerAttributes", "elbv2:CreateRule"]);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn credentials_come_from_profiles_and_roles_and_are_held_against_the_inventory() {
    let Some(world) = World::shop() else { return };
    let role = format!("arn:aws:iam::{}:role/deployer", world.account.id);
    world.folder.put(
        "aws/config",
        &format!(
            "[profile deploy]\nrole_arn = {role}\nsource_profile = base\nregion = {REGION}\n\
             [profile base]\naws_access_key_id = AKIA999999999999TEST\naws_secret_access_key = s\n"
        ),
    );
    let with = |profile: &str| {
        let mut command = world.folder.command(&["plan"]);
        command
            .env("AWS_ENDPOINT_URL", world.account.url())
            .env("AWS_CONFIG_FILE", world.folder.path("aws/config"))
            .env("AWS_PROFILE", profile);
        Run::of(command.output().unwrap())
    };
    with("deploy").exits(0);
    with("base").exits(1).says("ING1103").says("999999999999");
    with("nobody").exits(1).says("ING1114").says("`nobody`");
}

#[test]
fn an_inventory_is_written_whole_or_not_at_all() {
    let Some(world) = World::shop() else { return };
    let inventory = || std::fs::read_to_string(world.folder.path("inventory.yaml")).unwrap();
    let before = inventory();
    let denied = json!({"action": "ListWebACLs", "code": "AccessDeniedException", "status": 400});
    world.account.fail(denied.clone());
    world.run(&["inventory", "pull"]).exits(1).says("wafv2:ListWebACLs").says("--allow-missing");
    assert_eq!(inventory(), before);
    world.account.fail(denied);
    world.run(&["inventory", "pull", "--allow-missing"]).exits(0).says("wafv2:ListWebACLs");
    assert!(!inventory().contains("webAcls"));

    let service =
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, uid: u-1}}";
    world.folder.put("dump.yaml", service);
    world.run(&["inventory", "pull", "--cluster-dump", "dump.yaml"]).exits(0);
    let with_facts = inventory();
    assert!(with_facts.contains("uid: u-1"), "{with_facts}");
    // What AWS does not know stays, and nothing else has changed.
    world.run(&["inventory", "pull"]).exits(0);
    assert_eq!(inventory(), with_facts);
}

#[test]
fn what_aws_does_not_tell_is_an_error_that_changes_nothing() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    let before = world.folder.files();
    let denied =
        json!({"action": "DescribeSecurityGroups", "code": "UnauthorizedOperation", "status": 403});
    world.account.fail(denied);
    world.run(&["plan"]).exits(1).says("ec2:DescribeSecurityGroups").says("--no-refresh");
    world.run(&["plan", "--no-refresh", "--detailed-exitcode"]).exits(0);
    // A question is asked again before it counts as refused.
    world.account.fail(
        json!({"action": "DescribeListeners", "code": "Throttling", "status": 400, "times": 2}),
    );
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(world.folder.files() == before);
}

#[test]
fn what_aws_has_ended_is_refused_before_anything_is_done() {
    let Some(world) = World::shop() else { return };
    let tags = "alb.ingress.kubernetes.io/tags: team=shop";
    let classic = format!("alb.ingress.kubernetes.io/web-acl-id: edge\n    {tags}");
    world.folder.edit("shop.yaml", tags, &classic);
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        world.run(command).exits(1).says("ING1111").says("shop.yaml:").says("wafv2-acl-arn");
    }
    assert_eq!(world.account.changes(), [""; 0]);
    // Without one there is nothing to do.
    world.folder.edit("shop.yaml", "web-acl-id: edge", "web-acl-id: none");
    world.apply().exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

/// What AWS finishes later is waited for, and every attempt is told.
#[test]
fn what_is_not_ready_yet_is_waited_for() {
    let Some(world) = World::shop() else { return };
    let not_ready = |action: &str, code: &str| {
        let times = 2;
        world.account.fail(json!({"action": action, "code": code, "status": 400, "times": times}));
    };
    not_ready("CreateRule", "ListenerNotFound");
    not_ready("AssociateWebACL", "WAFUnavailableEntityException");
    let in_turn = ["apply", "--auto-approve", "--json", "--parallelism", "1"];
    let run = world.run(&in_turn).exits(0);
    assert_eq!(told(&run), world.account.changes());
    let of = |action: &str| told(&run).iter().filter(|call| call.ends_with(action)).count();
    assert_eq!((of(":CreateRule"), of(":AssociateWebACL")), (4 + 2, 1 + 2));
    not_ready("DeleteSecurityGroup", "DependencyViolation");
    not_ready("DeleteTargetGroup", "ResourceInUse");
    world.run(&["destroy", "--auto-approve"]).exits(0);
    assert_eq!(world.holdings(), [""; 0]);
}

#[test]
fn an_interrupt_ends_a_run_behind_its_call_and_a_second_one_at_once() {
    let Some(world) = World::shop() else { return };
    let interrupted = |times: u32| {
        world.account.fail(json!({
            "action": "CreateRule", "code": "ListenerNotFound", "status": 400, "times": 100,
        }));
        let mut command = world.command(&["apply", "--auto-approve"]);
        let run = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // It rests for seconds by now, before it tries again.
        let tries = || {
            let changes = world.account.changes();
            changes.iter().filter(|call| call.ends_with(":CreateRule")).count()
        };
        let before = tries();
        while tries() < before + 5 {
            std::thread::sleep(Duration::from_millis(50));
        }
        let signalled = std::time::Instant::now();
        for _ in 0..times {
            let pid = run.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(300));
        }
        let run = Run::of(run.wait_with_output().unwrap()).exits(1);
        let run = run.says("Interrupted: calls under way are brought to their end.");
        world.account.heal();
        (run, signalled.elapsed())
    };
    let (run, _) = interrupted(1);
    run.says("run the same command again to continue");
    let (_, elapsed) = interrupted(2);
    assert!(elapsed < Duration::from_secs(2), "it took {elapsed:?}");
    world.apply().exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

/// How a call fails.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// AWS says that there are too many.
    Throttled,
    /// AWS fails, and nothing was done.
    Broken,
    /// It is done, and nobody says so.
    AnswerLost,
    /// The program is killed before anything is done.
    KilledBefore,
    /// The program is killed when it is done.
    KilledAfter,
}

/// Every call of an apply meets every fault once. Running it again gives what an undisturbed run
/// gives: nothing is missing, nothing is there twice.
#[test]
fn a_run_that_is_disturbed_anywhere_is_finished_by_the_next_one() {
    let Some(undisturbed) = World::shop() else { return };
    let calls = told(&undisturbed.apply().exits(0));
    assert!(calls.len() > 12, "{calls:?}");
    let wanted = undisturbed.holdings();
    let all = [
        Fault::Throttled,
        Fault::Broken,
        Fault::AnswerLost,
        Fault::KilledBefore,
        Fault::KilledAfter,
    ];
    let step = if is_required() { 1 } else { 7 };
    let tries = calls.iter().enumerate().flat_map(|(i, call)| all.map(|fault| (i, call, fault)));
    for (i, call, fault) in tries.step_by(step) {
        let world = World::shop().unwrap();
        disturb(&world, i, fault);
        let again = world.apply().exits(0);
        eprintln!("{fault:?} at {i} ({call}): {} calls to repair", told(&again).len());
        assert_eq!(world.holdings(), wanted, "{fault:?} at {i}, {call}");
        world.run(&["plan", "--detailed-exitcode"]).exits(0);
    }
}

/// Applies, with a fault at one of the changing calls.
fn disturb(world: &World, at: usize, fault: Fault) {
    let after = matches!(fault, Fault::AnswerLost | Fault::KilledAfter);
    let mut meets = json!({"action": "*", "changes": true, "skip": at, "after": after});
    match fault {
        Fault::Throttled => {
            meets["code"] = json!("Throttling");
            meets["status"] = json!(400);
        }
        Fault::Broken | Fault::AnswerLost => meets["status"] = json!(503),
        Fault::KilledBefore | Fault::KilledAfter => meets["hold"] = json!(1),
    }
    let before = world.account.changes().len();
    world.account.fail(meets);
    match fault {
        Fault::Throttled | Fault::Broken | Fault::AnswerLost => drop(world.apply().exits(0)),
        Fault::KilledBefore | Fault::KilledAfter => {
            let mut command = world.command(&["apply", "--auto-approve"]);
            let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            while world.account.changes().len() <= before + at {
                std::thread::sleep(Duration::from_millis(10));
            }
            if matches!(fault, Fault::KilledAfter) {
                std::thread::sleep(Duration::from_millis(300));
            }
            run.kill().unwrap();
            run.wait().unwrap();
            // A call that is held is answered after all, to nobody.
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}
