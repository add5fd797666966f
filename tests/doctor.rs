//! `ingc doctor` and `ingc gc`, against a simulated account.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run};
use std::fs;

/// A repository that was applied to a simulated account.
fn applied() -> Folder {
    let folder = Folder::workshop();
    with(&folder, &["apply", "k8s", "--auto-approve"]).exits(0);
    folder
}

fn with(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[arguments, &["--sandbox", "account.json"]].concat())
}

const BINDINGS: &str = "apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: {name: old, namespace: shop}
spec:
  targetGroupARN: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/k8s-gone/0123456789abcdef
---
";

#[test]
fn a_healthy_repository_has_nothing_to_say() {
    let folder = applied();
    let run = with(&folder, &["doctor", "k8s"]).exits(0);
    assert!(run.out.contains("1 Ingress") && run.out.ends_with("nothing to say.\n"), "{}", run.out);
    folder.run(&["doctor", "k8s"]).exits(0).says("no account was asked");
}

#[test]
fn findings_come_with_the_command_that_helps() {
    let folder = applied();
    folder.put("dump.yaml", BINDINGS);
    let run = with(&folder, &["doctor", "k8s", "dump.yaml"]).exits(0);
    let run = run.says("warning[ING1508]").says("dump.yaml:5:19");
    run.says("kubectl delete targetgroupbinding --namespace shop old");

    // A limit of one's own, which AWS tells.
    let account = fs::read_to_string(folder.path("account.json")).unwrap();
    let mut account: serde_json::Value = serde_json::from_str(&account).unwrap();
    account["quotas"]["target-groups-per-application-load-balancer"] = 1.into();
    folder.put("account.json", &account.to_string());
    with(&folder, &["doctor", "k8s"])
        .exits(0)
        .says("warning[ING1509]")
        .says("1 of 1 target groups");

    // What only the routes tell may change with them.
    let inventory = fs::read_to_string(folder.path("k8s/inventory.yaml")).unwrap();
    folder.put("k8s/inventory.yaml", &inventory.replace("kubernetes.io/role/elb", "other"));
    let run = with(&folder, &["doctor", "k8s"]).exits(0);
    run.says("warning[ING1501]").says("aws ec2 create-tags --resources subnet-");
}

#[test]
fn what_another_controller_serves_is_somebodys() {
    let folder = applied();
    // The controller's own group, which ingc reads about and passes over.
    let text = fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    let group = "  annotations:\n    alb.ingress.kubernetes.io/group.name: edge\n";
    let theirs = text.replace("alb-ing-01", "theirs").replace("  annotations:\n", group);
    folder.put("old/theirs.yaml", &theirs);
    for name in ["ingc.yaml", "inventory.yaml"] {
        let text = fs::read_to_string(folder.path(&format!("k8s/{name}"))).unwrap();
        folder.put(&format!("old/{name}"), &text);
    }
    with(&folder, &["apply", "old", "--auto-approve"]).exits(0);
    fs::remove_file(folder.path("old/ingc.state.json")).unwrap();
    let stack = "stack `edge` has";
    with(&folder, &["doctor", "k8s"]).exits(0).says(stack);

    let other = "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: other}\nspec: {controller: example.com/other}\n";
    let passed_over = theirs.replace("ingressClassName: alb", "ingressClassName: other") + other;
    let passed_over = passed_over.replace("name: alb\n", "name: alb2\n");
    folder.put("k8s/theirs.yaml", &passed_over);
    let run = with(&folder, &["doctor", "k8s"]).exits(0);
    assert!(!run.err.contains(stack), "{}", run.err);
    let gc = ["gc", "k8s", "--auto-approve", "--stack", "edge"];
    with(&folder, &gc).exits(0).says("no stack `edge` that is nobody's");
    assert!(fs::read_to_string(folder.path("account.json")).unwrap().contains("theirs"));
}

#[test]
fn what_is_nobodys_is_found_shown_and_removed_and_nothing_else() {
    let folder = applied();
    // The same cluster had another Ingress, whose state is lost.
    let text = fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    folder.put("old/old.yaml", &text.replace("alb-ing-01", "old-ing"));
    for name in ["ingc.yaml", "inventory.yaml"] {
        let text = fs::read_to_string(folder.path(&format!("k8s/{name}"))).unwrap();
        folder.put(&format!("old/{name}"), &text);
    }
    with(&folder, &["apply", "old", "--auto-approve"]).exits(0);
    fs::remove_file(folder.path("old/ingc.state.json")).unwrap();
    let kept = with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0).out;

    let run = with(&folder, &["doctor", "k8s"]).exits(0);
    run.says("warning[ING1510]").says("stack `old-ing/old-ing` has").says("`ingc gc` removes it");

    // A path may not name all manifests of the cluster.
    let before = folder.files();
    with(&folder, &["gc", "k8s/alb-ing-01.yaml", "--dry-run"]).exits(1).says("--stack STACK");
    let stack = ["--stack", "old-ing/old-ing"];
    let run = with(&folder, &[&["gc", "k8s", "--dry-run"], &stack[..]].concat()).exits(0);
    assert!(run.out.contains("- LoadBalancer LoadBalancer"), "{}", run.out);
    assert!(!run.out.contains("alb-ing-01"), "{}", run.out);
    assert_eq!(folder.files(), before);

    let gc = ["gc", "k8s", "--auto-approve"];
    // What is somebody's is not taken, even by its name.
    let theirs = [&gc[..], &["--stack", "alb-ing-01/alb-ing-01"]].concat();
    with(&folder, &theirs).exits(0).says("no stack `alb-ing-01/alb-ing-01` that is nobody's");
    let run = with(&folder, &[&gc[..], &stack[..]].concat()).exits(0);
    assert!(run.out.contains("0 created") && run.out.contains("deleted"), "{}", run.out);
    let account = fs::read_to_string(folder.path("account.json")).unwrap();
    assert!(!account.contains("old-ing"), "{account}");
    assert_eq!(with(&folder, &["plan", "k8s", "--detailed-exitcode"]).exits(0).out, kept);
    with(&folder, &["doctor", "k8s"]).exits(0);
    assert!(!folder.run(&["state", "list", "--config", "k8s/ingc.yaml"]).out.contains("old-ing"));
}
