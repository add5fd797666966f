//! The AWS Load Balancer Controller's own reconciler as the judge of hand-overs: what it would change
//! in what ingc made, and what ingc would change in what it made.
//!
//! Needs Go and a checkout of the controller's v3.5.0:
//! `INGC_CONTROLLER=DIR cargo test --test judge -- --ignored`
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod emulator;
#[path = "support/folder.rs"]
mod folder;

use emulator::{Account, CLUSTER, REGION, emulator};
use folder::{Folder, Run};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Three Ingresses of one group, with certificates, a web ACL, Shield and a redirect.
const SHOP: &str = include_str!("aws/shop.yaml");

/// Recorded inputs that need no settings of their own, one of each kind of resource and routing.
const CASES: &[&str] = &[
    "actions-forward-weighted",
    "addons-shield",
    "addons-wafv2",
    "auth-cognito",
    "group-cross-namespace",
    "listeners-three-ports",
    "nlb-basic",
    "nlb-name-of-long-alb",
    "sg-explicit-manage-backend-rules",
    "sg-prefix-lists",
    "tags-tracking-keys-allowed",
    "tg-instance-nodeport",
    "tls-ssl-policy",
    "transforms-rewrites",
];

/// The judge, built once.
fn judge() -> &'static Path {
    static JUDGE: OnceLock<PathBuf> = OnceLock::new();
    JUDGE.get_or_init(|| {
        let controller = std::env::var("INGC_CONTROLLER");
        let controller = controller.expect("INGC_CONTROLLER names a checkout of the controller");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let made = root.join("target/judge");
        fs::create_dir_all(&made).unwrap();
        // The program is built as a part of the controller, which is not written to.
        let within = Path::new(&controller).join("ingc-judge/main.go");
        let overlay = made.join("overlay.json");
        let within = within.to_str().unwrap();
        let replaced = json!({"Replace": {within: root.join("tests/judge/main.go")}});
        fs::write(&overlay, replaced.to_string()).unwrap();
        let program = made.join("judge");
        let built = Command::new("go")
            .args(["build", "-overlay"])
            .arg(&overlay)
            .arg("-o")
            .arg(&program)
            .arg("./ingc-judge")
            .current_dir(&controller)
            .status()
            .unwrap();
        assert!(built.success());
        program
    })
}

/// A repository, the account that it is for, and the cluster's objects.
struct World {
    folder: Folder,
    account: Account,
    vpc: String,
    region: String,
}

impl World {
    /// The shop, in an account of its own.
    fn shop() -> Option<World> {
        let account = emulator()?.account();
        let folder = Folder::empty();
        let acl = account.made["webAcl"].as_str().unwrap();
        folder.put("shop.yaml", &SHOP.replace("WEB_ACL", acl));
        folder.put(
            "ingc.yaml",
            &format!(
                "clusterName: {CLUSTER}\nregion: {REGION}\ningc: {{inventory: inventory.yaml}}\n"
            ),
        );
        let vpc = account.made["vpcId"].as_str().unwrap().to_owned();
        let world = World { folder, account, vpc, region: REGION.to_owned() };
        world.run(&["inventory", "pull"]).exits(0);
        Some(world)
    }

    /// A recorded input, in an account that holds what its inventory says.
    fn recorded(case: &str) -> Option<World> {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
        let own = cases.join(case).join("inventory.yaml");
        let inventory = if own.exists() { own } else { cases.join("inventory.yaml") };
        let inventory = fs::read_to_string(inventory).unwrap();
        let word = |key: &str| {
            let mut lines = inventory.lines().map(str::trim);
            lines.find_map(|line| line.strip_prefix(key)).unwrap().trim().to_owned()
        };
        let (region, vpc) = (word("region:"), word("vpcId:"));
        let account = emulator()?.account_with(&region, &inventory);
        account.call("shield", "create_subscription", json!({}));
        let folder = Folder::empty();
        let text = |text: &str| text.replace(emulator::ANY, &account.id);
        folder.put("inventory.yaml", &text(&inventory));
        for entry in fs::read_dir(cases.join(case).join("manifests")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            folder.put(&name, &text(&fs::read_to_string(&path).unwrap()));
        }
        folder.put(
            "ingc.yaml",
            &format!(
                "clusterName: {CLUSTER}\nregion: {region}\nvpcId: {vpc}\ningc: {{inventory: inventory.yaml}}\n"
            ),
        );
        Some(World { folder, account, vpc, region })
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.folder.command(arguments);
        self.account.lend(&mut command);
        Run::of(command.output().unwrap())
    }

    /// Lets the controller reconcile, and tells what it has changed: calls of AWS, and objects of the
    /// cluster but for its finalizers on Ingresses.
    fn reconciled(&self) -> Vec<String> {
        let before = self.account.changes().len();
        let files = self.folder.files();
        let is_manifest = |name: &str| {
            name.ends_with(".yaml") && !["ingc.yaml", "inventory.yaml"].contains(&name)
        };
        let manifests = files.iter().filter(|(name, _)| is_manifest(name));
        let mut objects = Vec::new();
        for (_, text) in manifests {
            objects.extend(b"---\n");
            objects.extend(text);
            objects.push(b'\n');
        }
        let mut command = Command::new(judge());
        command.args(["--cluster-name", CLUSTER, "--aws-region", &self.region]);
        command.args(["--aws-vpc-id", &self.vpc, "--aws-max-retries", "3"]);
        self.account.lend(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&objects).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(verdict["errors"], json!({}));
        let cluster = verdict["cluster"].as_array().unwrap().iter();
        let cluster = cluster.map(|it| it.as_str().unwrap().to_owned());
        let cluster = cluster.filter(|it| !it.starts_with("patch Ingress "));
        self.account.changes().split_off(before).into_iter().chain(cluster).collect()
    }

    /// Hands over to the controller.
    fn release(&self) {
        self.run(&["release", "--auto-approve", "--manifests-out", "bindings"]).exits(0);
    }
}

#[test]
#[ignore = "needs Go and the controller: INGC_CONTROLLER=DIR cargo test --test judge -- --ignored"]
fn the_controller_finds_nothing_to_change_in_what_ingc_has_made_and_released() {
    let mut wrong = Vec::new();
    for case in CASES {
        let Some(world) = World::recorded(case) else { return };
        world.run(&["apply", "--auto-approve"]).exits(0);
        world.release();
        wrong.extend(world.reconciled().into_iter().map(|change| format!("{case}: {change}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs Go and the controller: INGC_CONTROLLER=DIR cargo test --test judge -- --ignored"]
fn ingc_finds_nothing_to_change_in_what_the_controller_has_made() {
    for case in CASES {
        let Some(world) = World::recorded(case) else { return };
        assert!(!world.reconciled().is_empty());
        let before = world.account.changes();
        world.run(&["import", "--controller-stopped"]).exits(0);
        let run = world.run(&["plan"]).exits(0);
        assert!(run.out.starts_with("No changes"), "{case}: {}", run.out);
        assert_eq!(world.account.changes(), before);
        // And back, without a change in between.
        world.release();
        assert_eq!(world.reconciled(), [""; 0], "{case}");
    }
}

#[test]
#[ignore = "needs Go and the controller: INGC_CONTROLLER=DIR cargo test --test judge -- --ignored"]
fn the_controller_finds_nothing_to_change_after_rules_have_moved_and_gone() {
    let Some(world) = World::shop() else { return };
    world.run(&["apply", "--auto-approve"]).exits(0);
    let path = |name: &str| {
        format!(
            "          - path: /{name}\n            pathType: Exact\n            backend: {{service: {{name: web, port: {{number: 80}}}}}}\n"
        )
    };
    let cart = "          - path: /cart\n";
    world.folder.edit("shop.yaml", cart, &format!("{}{}{cart}", path("first"), path("second")));
    world.run(&["apply", "--auto-approve"]).exits(0);
    world.folder.edit("shop.yaml", &path("first"), "");
    world.run(&["apply", "--auto-approve"]).exits(0);
    world.release();
    assert_eq!(world.reconciled(), [""; 0]);
    world.run(&["release", "--forget", "--auto-approve"]).exits(0);
}
