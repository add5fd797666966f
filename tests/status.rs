//! Runs of the real program that tell how Ingresses are doing.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Run, shows};
use serde_json::{Value, json};

fn status(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["status", "k8s", "--sandbox", "account.json"], arguments].concat())
}

fn applied() -> Folder {
    let folder = Folder::workshop();
    folder.run(&["apply", "k8s", "--sandbox", "account.json", "--auto-approve"]).exits(0);
    folder
}

#[test]
fn an_ingress_tells_its_name_its_listeners_and_its_targets() {
    let folder = Folder::workshop();
    status(&folder, &[]).exits(0).says("not applied yet: `alb-ing-01/alb-ing-01`");
    let folder = applied();
    let mut text = status(&folder, &[]).exits(0).out;
    // Nobody has applied the binding.
    let path = folder.path("account.json");
    let mut account: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    account["targetGroupBindings"] = json!({});
    folder.put("account.json", &account.to_string());
    text.push_str(&format!("\n{}", status(&folder, &[]).exits(0).out));
    let unasked = folder.run(&["status", "--config", "k8s/ingc.yaml"]).exits(0);
    assert!(unasked.err.contains("targets are not known"), "{}", unasked.err);
    text.push_str(&format!("\n{}", unasked.out));
    shows("status", &text);
}

#[test]
fn a_status_for_programs_has_everything_counted() {
    let folder = applied();
    let told = status(&folder, &["--output", "json"]).exits(0);
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told[0]["ingress"], "alb-ing-01/alb-ing-01");
    assert_eq!(told[0]["loadBalancer"], "active");
    assert_eq!(told[0]["listeners"], json!([{"port": 80, "protocol": "HTTP"}]));
    assert_eq!(told[0]["targetGroups"][0]["service"], "alb-ing-01:80");
    assert_eq!(told[0]["targetGroups"][0]["targets"], json!({"healthy": 1}));
}

#[test]
fn a_patch_tells_the_cluster_what_the_controller_would() {
    let folder = applied();
    let command = status(&folder, &["--patch"]).exits(0).out;
    let start = "kubectl patch ingress alb-ing-01 --namespace alb-ing-01 --subresource=status --type=merge --patch '";
    let patch = command.strip_prefix(start).unwrap().trim_end().strip_suffix('\'').unwrap();
    let patch: Value = serde_json::from_str(patch).unwrap();
    let objects = status(&folder, &["--patch", "--output", "json"]).exits(0);
    let objects: Value = serde_json::from_str(&objects.out).unwrap();
    assert_eq!(objects[0]["status"], patch["status"]);
    let hostname = patch["status"]["loadBalancer"]["ingress"][0]["hostname"].as_str().unwrap();
    assert!(hostname.ends_with(".elb.amazonaws.com"), "{hostname}");
    assert_eq!(objects[0]["kind"], "Ingress");
}

#[test]
fn members_of_a_group_have_their_own_targets() {
    let folder = applied();
    let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    let shared = "  annotations:\n    alb.ingress.kubernetes.io/group.name: edge\n";
    let text = text.replace(
        "  annotations:\n    alb.ingress.kubernetes.io/scheme",
        &format!("{shared}    alb.ingress.kubernetes.io/scheme"),
    );
    folder.put("k8s/alb-ing-01.yaml", &text);
    let ingress = &text[text.find("apiVersion: networking.k8s.io/v1\nkind: Ingress\n").unwrap()..];
    let second = ingress.replacen("name: alb-ing-01", "name: second", 1);
    folder.put(
        "k8s/second.yaml",
        &second.replace(
            "path: /\n            pathType: Prefix",
            "path: /x\n            pathType: Prefix",
        ),
    );
    let allowed = ["apply", "k8s", "--sandbox", "account.json", "--auto-approve", "--allow-delete"];
    folder.run(&allowed).exits(0);
    let told = status(&folder, &["--output", "json"]).exits(0);
    let told: Value = serde_json::from_str(&told.out).unwrap();
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|status| status["stack"] == "edge"));
    let groups = |n: usize| told[n]["targetGroups"].as_array().unwrap();
    assert_eq!((groups(0).len(), groups(1).len()), (1, 1));
    assert_ne!(groups(0), groups(1));
}
