//! `examples/argocd`: what Argo CD and a container build would make of the files there.
//!
//! `cargo test --test argocd -- --ignored` also runs the health check in Argo CD's own Lua, which
//! needs Go.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use ingc::generate::{PARAMETERS, announcement};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the image has the program.
const PROGRAM: &str = "/usr/local/bin/ingc";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argocd")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn yaml(name: &str) -> Value {
    serde_yaml::from_str(&text(name)).unwrap()
}

/// Runs a command of the plugin in the application's folder.
fn run(command: &Value) -> String {
    let mut words =
        command["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    assert_eq!(words.next(), Some(PROGRAM));
    let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args(words)
        .current_dir(folder().join("app"))
        .env("ARGOCD_APP_NAME", "shop")
        .env("ARGOCD_APP_NAMESPACE", "shop")
        .env("ARGOCD_APP_SOURCE_PATH", "examples/argocd/app")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_plugin_has_only_fields_that_argo_cd_knows_and_its_commands_work() {
    let plugin = yaml("plugin.yaml");
    assert_eq!(plugin["kind"], "ConfigManagementPlugin");
    assert_eq!(keys(&plugin["metadata"]), ["name"]);
    assert_eq!(keys(&plugin["spec"]), ["discover", "generate", "parameters"]);
    assert_eq!(keys(&plugin["spec"]["discover"]["find"]), ["command"]);
    assert_eq!(run(&plugin["spec"]["discover"]["find"]), "ingc.yaml\n");
    let printed = run(&plugin["spec"]["generate"]);
    assert!(printed.contains("kind: TargetGroupBinding"), "{printed}");
    let announced: Value =
        serde_json::from_str(&run(&plugin["spec"]["parameters"]["dynamic"])).unwrap();
    let named = |name: &str| {
        let all = announced.as_array().unwrap();
        all.iter().find(|parameter| parameter["name"] == name).unwrap().clone()
    };
    assert_eq!(named("cluster-name")["string"], "prod");
    assert_eq!(named("inventory")["string"], "inventory.yaml");
    assert_eq!(named("values")["collectionType"], "array");
    for fixed in plugin["spec"]["parameters"]["static"].as_array().unwrap() {
        assert_eq!(*fixed, named(fixed["name"].as_str().unwrap()));
    }
}

#[test]
fn every_parameter_is_a_flag() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_ingc")).args(["generate", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for parameter in PARAMETERS {
        assert!(help.contains(&format!("--{}", parameter.name)), "{}", parameter.name);
    }
    assert_eq!(announcement(&[], |_| Vec::new()).as_array().unwrap().len(), PARAMETERS.len());
}

#[test]
fn the_application_gives_parameters_that_exist() {
    let application = yaml("application.yaml");
    let plugin = &application["spec"]["source"]["plugin"];
    assert_eq!(plugin["name"], yaml("plugin.yaml")["metadata"]["name"]);
    for given in plugin["parameters"].as_array().unwrap() {
        let known = PARAMETERS.iter().any(|parameter| given["name"] == parameter.name);
        assert!(known && given["string"].is_string(), "{given}");
    }
    assert!(
        folder()
            .join("../../")
            .join(application["spec"]["source"]["path"].as_str().unwrap())
            .is_dir()
    );
}

#[test]
fn the_image_has_what_the_plugin_names_and_runs_as_argo_cds_user() {
    let dockerfile = text("Dockerfile");
    let lines = || dockerfile.lines().filter(|line| !line.starts_with('#'));
    let last: Vec<&str> = lines().skip_while(|line| *line != "FROM scratch").collect();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut held = Vec::new();
    for copy in last.iter().filter(|line| line.starts_with("COPY ")) {
        let words = words(copy);
        if words[1] != "--from=build" {
            let from = folder().join("../..").join(&words[1]);
            assert!(from.is_file(), "{copy}");
        }
        held.push(words.last().unwrap().clone());
    }
    assert!(held.contains(&PROGRAM.to_owned()));
    assert!(held.contains(&"/home/argocd/cmp-server/config/plugin.yaml".to_owned()));
    assert!(last.contains(&"USER 999:999"));
    assert!(last.contains(&format!("ENTRYPOINT [\"{PROGRAM}\"]").as_str()));
    assert!(lines().any(|line| line == "RUN cargo build --release --locked --bin ingc"));
    let sidecar = &yaml("repo-server-patch.yaml")["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(sidecar["command"], json!(["/var/run/argocd/argocd-cmp-server"]));
    assert_eq!(sidecar["securityContext"]["runAsUser"], 999);
}

#[test]
fn argo_cd_gets_the_health_check_that_is_tested() {
    let data = &yaml("argocd-cm.yaml")["data"];
    let key = "resource.customizations.health.elbv2.k8s.aws_TargetGroupBinding";
    assert_eq!(data[key], text("health.lua"));
}

/// What Argo CD says of a binding.
fn health(binding: &Value) -> String {
    let lua = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd/lua");
    let mut child = Command::new("go")
        .args(["run", ".", folder().join("health.lua").to_str().unwrap()])
        .current_dir(lua)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(binding.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
#[ignore = "needs Go: cargo test --test argocd -- --ignored"]
fn a_binding_is_healthy_once_the_controller_has_seen_it() {
    let check = |binding: Value, expected: &str| assert_eq!(health(&binding), expected);
    let new = json!({"metadata": {"generation": 2}});
    check(new, "Progressing: waiting for the AWS Load Balancer Controller");
    let seen = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}});
    check(seen, "Progressing: the controller has not seen this generation yet");
    let done = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 2}});
    check(done, "Healthy: targets are registered");
    let condition = json!({"type": "Ready", "status": "False", "message": "TargetGroupNotFound"});
    let failed = json!({
        "metadata": {"generation": 2},
        "status": {"observedGeneration": 2, "conditions": [condition]},
    });
    check(failed, "Degraded: TargetGroupNotFound");
    let leaving = json!({
        "metadata": {"generation": 2, "deletionTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"observedGeneration": 2},
    });
    check(leaving, "Progressing: targets are being deregistered");
}
