//! The Jobs of `ingc generate --hooks`: when they run, and that they carry out what was rendered.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/application.rs"]
mod application;

use application::{HOOKS, Repository, documents, named, of_kind, root};
use clap::Parser;
use ingc::command::Cli;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn jobs_say_what_they_lack() {
    let repository = Repository::new();
    repository.refuses(&[("PARAM_HOOKS", "true")], "give --image IMAGE");
    repository.refuses(&[("PARAM_HOOKS", "true")], "give --hook-state s3://BUCKET/PREFIX");
}

#[test]
fn manifests_that_no_config_map_holds_are_refused() {
    let repository = Repository::new();
    let service = |n: usize| {
        let note = "x".repeat(900);
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s{n}, annotations: {{a: {note}}}}}\nspec: {{ports: [{{port: 80}}]}}\n---\n"
        )
    };
    let many = |range: std::ops::Range<usize>| range.map(service).collect::<String>();
    repository.put("apps/shop/many.yaml", &many(0..500));
    repository.put("apps/shop/more.yaml", &many(500..1000));
    let objects = repository.objects(HOOKS);
    let inputs = of_kind(&objects, "ConfigMap");
    let inputs = inputs
        .iter()
        .filter(|map| map["metadata"]["name"].as_str().unwrap().starts_with("ingc-shop-input"));
    assert_eq!(inputs.count(), 2);
    repository.put("apps/shop/many.yaml", &many(0..1000));
    fs::remove_file(repository.path("apps/shop/more.yaml")).unwrap();
    repository.refuses(HOOKS, "`many.yaml` is larger than a ConfigMap");
    assert_eq!(of_kind(&repository.objects(&[]), "Service").len(), 1001);
}

#[test]
fn jobs_run_around_the_sync_and_before_the_deletion() {
    let repository = Repository::new();
    repository.put("apps/shop/routes.yaml", "[]\n");
    let more = [("PARAM_ROUTES", "routes.yaml"), ("PARAM_ALLOW_DELETE", "true")];
    let objects = repository
        .objects(&[HOOKS, &more, &[("PARAM_ROLE_ARN", "arn:aws:iam::1:role/x")]].concat());
    let account = named(&objects, "ServiceAccount", "ingc-shop");
    let annotations = &account["metadata"]["annotations"];
    assert_eq!(annotations["eks.amazonaws.com/role-arn"], "arn:aws:iam::1:role/x");
    let check = |name: &str, hook: &str, wave: &str, arguments: &[&str]| {
        let job = named(&objects, "Job", name);
        let annotations = &job["metadata"]["annotations"];
        assert_eq!(annotations["argocd.argoproj.io/hook"], hook);
        assert_eq!(annotations["argocd.argoproj.io/sync-wave"], wave);
        assert_eq!(annotations["ingc/revision"], "0a1b2c3");
        let pod = &job["spec"]["template"]["spec"];
        assert_eq!(pod["serviceAccountName"], "ingc-shop");
        assert_eq!(pod["securityContext"]["runAsUser"], 65532);
        assert_eq!(job["metadata"]["namespace"], "shop");
        assert_eq!(pod["containers"][0]["args"], json!(arguments));
        // The program takes them.
        let words = [&["ingc"], arguments].concat();
        assert!(Cli::try_parse_from(words).is_ok(), "{arguments:?}");
        assert_eq!(pod["containers"][0]["image"], "registry.example.com/ingc:1");
    };
    let input = ["--namespace", "shop", "--state", "s3://states/shop"];
    let apply = |phase| {
        let words = [
            "apply",
            "--phase",
            phase,
            "--auto-approve",
            "--lock-timeout",
            "15m",
            "--allow-delete",
        ];
        [&words, &input[..]].concat()
    };
    check("ingc-shop-prepare", "PreSync", "0", &apply("prepare"));
    check("ingc-shop-cutover", "PostSync", "0", &apply("cutover"));
    let test = [&["routes", "test", "routes.yaml", "--live"], &input[..]].concat();
    check("ingc-shop-test", "PostSync", "1", &test);
    check(
        "ingc-shop-destroy",
        "PreDelete",
        "0",
        &[&["destroy", "--auto-approve", "--lock-timeout", "15m"], &input[..]].concat(),
    );
    // The rules still lead to the old target group while a sync prunes its binding.
    let binding = of_kind(&objects, "TargetGroupBinding")[0];
    let options = &binding["metadata"]["annotations"]["argocd.argoproj.io/sync-options"];
    assert_eq!(*options, "Prune=false");
}

/// Mounts what a Job's pod gets as the kubelet does: behind links, so that all changes at once.
fn mount(objects: &[Value], job: &Value, at: &Path) {
    let volumes = job["spec"]["template"]["spec"]["volumes"].as_array().unwrap();
    let input = volumes.iter().find(|volume| volume["name"] == "input").unwrap();
    let data = at.join("..2026_11_27");
    for source in input["projected"]["sources"].as_array().unwrap() {
        let map = named(objects, "ConfigMap", source["configMap"]["name"].as_str().unwrap());
        for item in source["configMap"]["items"].as_array().unwrap() {
            let text = map["data"][item["key"].as_str().unwrap()].as_str().unwrap();
            let path = data.join(item["path"].as_str().unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    std::os::unix::fs::symlink("..2026_11_27", at.join("..data")).unwrap();
    for entry in fs::read_dir(&data).unwrap() {
        let name = entry.unwrap().file_name();
        std::os::unix::fs::symlink(Path::new("..data").join(&name), at.join(&name)).unwrap();
    }
}

/// The plan of a Job's pod, by its own arguments, is the plan of the repository.
fn check_jobs_plan(repository: &Repository, parameters: &[(&str, &str)], plan: &[&str]) {
    let objects = repository.objects(&[HOOKS, parameters].concat());
    for name in ["ingc-shop-prepare", "ingc-shop-destroy"] {
        let job = named(&objects, "Job", name);
        let pod = tempfile::tempdir().unwrap();
        mount(&objects, job, pod.path());
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        let folder = container["workingDir"].as_str().unwrap().strip_prefix("/etc/ingc").unwrap();
        let folder = pod.path().join(folder.trim_start_matches('/'));
        let arguments = container["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        let mut arguments: Vec<&str> =
            arguments.skip_while(|it| *it != "--lock-timeout").skip(2).collect();
        let state = arguments.iter().position(|it| *it == "--state").unwrap();
        arguments.drain(state..state + 2);
        let run = |folder: &Path, arguments: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
                .args(["plan", "--output", "json", "--state", "/nonexistent/state.json"])
                .args(arguments)
                .current_dir(folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
            let hashes = plan["changes"].as_array().unwrap();
            assert!(hashes.len() > 3 && hashes.iter().any(|change| change["origins"].is_array()));
            // Secrets are salted at random.
            let changes = hashes.iter().map(|change| {
                let mut change = change.clone();
                change.as_object_mut().unwrap().remove("secrets");
                change
            });
            json!([changes.collect::<Vec<_>>(), plan["steps"], plan["stacks"]])
        };
        assert_eq!(run(&folder, &arguments), run(&repository.path("apps/shop"), plan));
    }
}

#[test]
fn jobs_carry_out_what_was_rendered() {
    let repository = Repository::new();
    check_jobs_plan(&repository, &[], &["--namespace", "shop"]);
    // Settings of all applications above, values beside, other objects in the same file.
    fs::rename(repository.path("apps/shop/ingc.yaml"), repository.path("ingc.yaml")).unwrap();
    repository.edit(
        "ingc.yaml",
        "inventory: inventory.yaml",
        "inventory: apps/shop/inventory.yaml",
    );
    repository.edit("ingc.yaml", "clusterName: prod\n", "webhookTLS: {key: hunter2}\n");
    repository.put("values/prod.yaml", "clusterName: prod\nimage: {tag: x}\n");
    repository.put(
        "apps/shop/list.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n  stringData: {a: hunter2}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: other}\n  spec: {ports: [{port: 80}]}\n",
    );
    let values = [("PARAM_VALUES_0", "../../values/prod.yaml")];
    check_jobs_plan(
        &repository,
        &values,
        &[".", "--namespace", "shop", "--values", "../../values/prod.yaml"],
    );
    let objects = repository.objects(&[HOOKS, &values].concat());
    for map in of_kind(&objects, "ConfigMap") {
        assert!(!map.to_string().contains("hunter2"), "{map}");
    }
}

#[test]
fn jobs_get_secrets_as_secrets() {
    let repository = Repository::new();
    let example = root().join("examples/auth-canary");
    for name in ["ingc.yaml", "inventory.yaml", "backoffice.yaml"] {
        repository
            .put(&format!("apps/shop/{name}"), &fs::read_to_string(example.join(name)).unwrap());
    }
    fs::remove_file(repository.path("apps/shop/shop.yaml")).unwrap();
    let state = repository.path("state.json");
    let apply = [
        "apply",
        "--sandbox",
        "../account.json",
        "--state",
        state.to_str().unwrap(),
        "--auto-approve",
    ];
    assert!(repository.argo(&apply, &[]).status.success());
    let known = [("PARAM_STATE", "../../state.json")];
    repository.refuses(
        &[HOOKS, &known].concat(),
        "the Secret `backoffice/partner-login` cannot be given to Jobs in the namespace `shop`",
    );
    let here = [("ARGOCD_APP_NAMESPACE", "backoffice")];
    let objects = repository.objects(&[HOOKS, &known, &here].concat());
    for map in of_kind(&objects, "ConfigMap") {
        assert!(!map.to_string().contains("not-a-real-secret"), "{map}");
    }
    let job = named(&objects, "Job", "ingc-shop-prepare");
    let pod = &job["spec"]["template"]["spec"];
    let volumes: BTreeMap<&str, &Value> = pod["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|volume| (volume["name"].as_str().unwrap(), volume))
        .collect();
    assert_eq!(volumes["secret-0"]["secret"]["secretName"], "partner-login");
    // With the Secret mounted, a pod plans.
    let place = tempfile::tempdir().unwrap();
    mount(&objects, job, place.path());
    let secret = place.path().join("secret");
    fs::create_dir(&secret).unwrap();
    let text = fs::read_to_string(example.join("backoffice.yaml")).unwrap();
    let data = documents(&text).into_iter().find(|object| object["kind"] == "Secret").unwrap();
    for (key, value) in data["stringData"].as_object().unwrap() {
        fs::write(secret.join(key), value.as_str().unwrap()).unwrap();
    }
    let folder = place.path().join("apps/shop");
    let folder = if folder.exists() { folder } else { place.path().to_owned() };
    let overlay = fs::read_to_string(folder.join("ingc-secrets.yaml")).unwrap();
    let mounted = "/etc/ingc-secrets/backoffice/partner-login";
    assert!(overlay.contains(mounted));
    let values = secret.join("values.yaml");
    fs::write(&values, overlay.replace(mounted, secret.to_str().unwrap())).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args(["plan", "--state", state.to_str().unwrap(), "--values", values.to_str().unwrap()])
        .current_dir(folder)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.starts_with("No changes."),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
