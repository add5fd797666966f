//! `ingc generate`, as Argo CD runs it: manifests on standard output or nothing.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use clap::Parser;
use ingc::command::Cli;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with the example's application in `apps/shop`.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Repository {
        let repository = Repository(tempfile::tempdir().unwrap());
        for name in ["ingc.yaml", "inventory.yaml", "shop.yaml"] {
            let text = fs::read_to_string(root().join("examples/argocd/app").join(name)).unwrap();
            repository.put(&format!("apps/shop/{name}"), &text);
        }
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.put(name, &text.replace(from, to));
    }

    /// Runs in the application's folder, with the environment that Argo CD gives.
    fn argo(&self, arguments: &[&str], parameters: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ingc"));
        command.args(arguments).current_dir(self.path("apps/shop")).env("NO_COLOR", "1");
        command.env("ARGOCD_APP_NAME", "shop").env("ARGOCD_APP_NAMESPACE", "shop");
        command.env("ARGOCD_APP_SOURCE_PATH", "apps/shop").env("ARGOCD_APP_REVISION", "0a1b2c3");
        command.envs(parameters.iter().copied());
        command.output().unwrap()
    }

    fn objects(&self, parameters: &[(&str, &str)]) -> Vec<Value> {
        objects(&self.argo(&["generate"], parameters))
    }

    /// Nothing on standard output, and the expected text on standard error.
    fn refuses(&self, parameters: &[(&str, &str)], expected: &str) {
        let output = self.argo(&["generate"], parameters);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.as_slice()),
            (Some(1), &b""[..]),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
    }
}

/// What Argo CD reads.
fn objects(output: &Output) -> Vec<Value> {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    documents(&String::from_utf8(output.stdout.clone()).unwrap())
}

fn documents(text: &str) -> Vec<Value> {
    use serde::Deserialize;
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

fn of_kind<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

fn named<'o>(objects: &'o [Value], kind: &str, name: &str) -> &'o Value {
    let found = objects.iter().find(|o| o["kind"] == kind && o["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("there is no {kind} `{name}`"))
}

const HOOKS: &[(&str, &str)] = &[
    ("PARAM_HOOKS", "true"),
    ("PARAM_IMAGE", "registry.example.com/ingc:1"),
    ("PARAM_HOOK_STATE", "s3://states/shop"),
];

#[test]
fn given_manifests_are_printed_as_they_were_written() {
    let repository = Repository::new();
    let json =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n\t\"metadata\": {\"name\": \"tabs\"}}";
    repository.put("apps/shop/map.json", json);
    repository.put("apps/shop/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [shop.yaml]\n");
    repository.put("apps/shop/values.yaml", "replicas: 2\n");
    let output = repository.argo(&["generate"], &[]);
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let given = fs::read_to_string(repository.path("apps/shop/shop.yaml")).unwrap();
    for document in given.split("---\n") {
        assert!(printed.contains(document), "{document}\nis not in\n{printed}");
    }
    let objects = objects(&output);
    assert_eq!(named(&objects, "ConfigMap", "tabs")["apiVersion"], "v1");
    assert!(of_kind(&objects, "Kustomization").is_empty());
    assert!(objects.iter().all(|object| object["kind"].is_string()), "{printed}");
}

#[test]
fn bindings_name_target_groups_by_name_until_a_state_knows_their_arns() {
    let repository = Repository::new();
    let check = |objects: &[Value]| {
        let bindings = of_kind(objects, "TargetGroupBinding");
        assert_eq!(bindings.len(), 1);
        let binding = bindings[0].clone();
        assert_eq!(binding["metadata"]["namespace"], "shop");
        assert_eq!(binding["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "ingc"}));
        assert_eq!(binding["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"], "1");
        let from = &binding["spec"]["networking"]["ingress"][0]["from"];
        assert_eq!(*from, json!([{"securityGroup": {"groupID": "sg-0a1b2c3d4e5f60718"}}]));
        binding
    };
    let binding = check(&repository.objects(&[]));
    let name = binding["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("k8s-shop-web-"));
    assert_eq!(binding["spec"]["targetGroupName"], name);
    assert!(binding["spec"]["targetGroupARN"].is_null());

    let apply =
        ["apply", "--sandbox", "../account.json", "--state", "state.json", "--auto-approve"];
    assert!(
        repository.argo(&[&apply[..], &["--namespace", "shop"]].concat(), &[]).status.success()
    );
    let binding = check(&repository.objects(&[("PARAM_STATE", "state.json")]));
    let arn = binding["spec"]["targetGroupARN"].as_str().unwrap();
    assert!(arn.contains(&format!("targetgroup/{name}/")), "{arn}");
    assert!(binding["spec"]["targetGroupName"].is_null());

    // A target group that is about to be replaced is not the one that pods go to.
    repository.edit(
        "apps/shop/shop.yaml",
        "healthcheck-path: /healthz",
        "backend-protocol-version: HTTP2",
    );
    let binding = check(&repository.objects(&[("PARAM_STATE", "state.json")]));
    assert!(binding["spec"]["targetGroupARN"].is_null());
    assert_ne!(binding["spec"]["targetGroupName"], name);
}

#[test]
fn a_change_in_aws_shows_in_the_stacks_config_map_and_only_there() {
    let repository = Repository::new();
    let map = |objects: &[Value]| {
        let maps = of_kind(objects, "ConfigMap");
        assert_eq!(maps.len(), 1);
        assert_eq!(maps[0]["metadata"]["annotations"]["ingc/stack"], "shop/web");
        (
            maps[0]["data"]["stack.yaml"].as_str().unwrap().to_owned(),
            maps[0]["metadata"]["annotations"]["ingc/hash"].clone(),
        )
    };
    let before = map(&repository.objects(&[]));
    assert!(before.0.starts_with("stack: shop/web\n") && before.0.contains("path: /healthz"));
    repository.edit("apps/shop/shop.yaml", "replicas: 2", "replicas: 3");
    assert_eq!(map(&repository.objects(&[("ARGOCD_APP_REVISION", "ffff")])), before);
    repository.edit("apps/shop/shop.yaml", "/healthz", "/ready");
    let after = map(&repository.objects(&[]));
    assert!(after.0.contains("path: /ready") && after.1 != before.1);
}

#[test]
fn with_any_error_nothing_is_printed() {
    let check = |file: &str, from: &str, to: &str, expected: &str| {
        let repository = Repository::new();
        repository.edit(&format!("apps/shop/{file}"), from, to);
        repository.refuses(&[], expected);
    };
    check("shop.yaml", "internet-facing", "internet-faced", "shop.yaml:14:39");
    check("shop.yaml", "kind: Ingress\n", "kind: Ingres\n", "ING");
    check("shop.yaml", "spec:\n  replicas: 2", "spec: {\n  replicas: 2", "shop.yaml");
    check("ingc.yaml", "clusterName: prod", "clusterName: [prod]", "ingc.yaml:2");
    check("inventory.yaml", "resource: backend-sg", "resource: other", "ING1401");
}

#[test]
fn without_an_ingress_nothing_is_printed() {
    let repository = Repository::new();
    repository.put("apps/shop/shop.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    repository.refuses(&[], "ING1001");
    repository.put("apps/shop/shop.yaml", "");
    repository.refuses(&[], "ING1001");
}

#[test]
fn parameters_that_do_not_exist_are_refused() {
    let repository = Repository::new();
    let given = r#"[{"name": "inventary", "string": "inventory.yaml"}]"#;
    repository.refuses(&[("ARGOCD_APP_PARAMETERS", given)], "did you mean `inventory`?");
    repository.refuses(&[("PARAM_HOOKS", "maybe")], "ING1402");
    repository.refuses(&[("PARAM_INVENTORY", "none.yaml")], "there is no such file");
}

#[test]
fn nothing_outside_the_repository_is_read() {
    let repository = Repository::new();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("token.yaml");
    fs::write(&secret, "subnets: hunter2\n").unwrap();
    let path = secret.to_str().unwrap();
    repository.refuses(&[("PARAM_INVENTORY", path)], "ING1403");
    repository.refuses(&[("PARAM_VALUES_0", path)], "ING1403");
    repository.refuses(&[("PARAM_STATE", path)], "ING1403");
    repository.refuses(&[HOOKS, &[("PARAM_ROUTES", path)]].concat(), "ING1403");
    std::os::unix::fs::symlink(&secret, repository.path("apps/shop/link.yaml")).unwrap();
    repository.refuses(&[], "ING1403");
    let output = repository.argo(&["generate"], &[("PARAM_INVENTORY", "link.yaml")]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
    // What the repository shares between applications is inside.
    fs::remove_file(repository.path("apps/shop/link.yaml")).unwrap();
    fs::rename(repository.path("apps/shop/inventory.yaml"), repository.path("inventory.yaml"))
        .unwrap();
    repository.edit(
        "apps/shop/ingc.yaml",
        "inventory: inventory.yaml",
        "inventory: ../../inventory.yaml",
    );
    assert_eq!(of_kind(&repository.objects(&[]), "TargetGroupBinding").len(), 1);
}

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
        let words = words.iter().filter(|word| **word != "--live");
        assert!(Cli::try_parse_from(words).is_ok(), "{arguments:?}");
        assert_eq!(pod["containers"][0]["image"], "registry.example.com/ingc:1");
    };
    let input = ["--namespace", "shop", "--state", "s3://states/shop"];
    let apply = |phase| {
        [&["apply", "--phase", phase, "--auto-approve", "--allow-delete"], &input[..]].concat()
    };
    check("ingc-shop-prepare", "PreSync", "0", &apply("prepare"));
    check("ingc-shop-cutover", "PostSync", "0", &apply("cutover"));
    let test = [&["routes", "test", "routes.yaml", "--live"], &input[..]].concat();
    check("ingc-shop-test", "PostSync", "1", &test);
    check(
        "ingc-shop-destroy",
        "PreDelete",
        "0",
        &[&["destroy", "--auto-approve"], &input[..]].concat(),
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
            arguments.skip_while(|it| *it != "--auto-approve").skip(1).collect();
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

#[test]
fn a_folder_is_an_applications_if_it_has_settings_and_an_ingress() {
    let repository = Repository::new();
    let discover = || {
        let output = repository.argo(&["generate", "--discover"], &[]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(discover(), "ingc.yaml\n");
    fs::rename(repository.path("apps/shop/ingc.yaml"), repository.path("ingc.yaml")).unwrap();
    assert_eq!(discover(), "../../ingc.yaml\n");
    fs::remove_file(repository.path("ingc.yaml")).unwrap();
    assert_eq!(discover(), "");
    repository.put("ingc.yaml", "clusterName: prod\n");
    repository.put("apps/shop/shop.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    assert_eq!(discover(), "");
}
