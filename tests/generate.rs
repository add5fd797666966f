//! `ingc generate`, as Argo CD runs it: manifests on standard output or nothing.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "support/application.rs"]
mod application;

use application::{HOOKS, Repository, named, objects, of_kind};
use serde_json::{Value, json};
use std::fs;

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

    repository.refuses(&[("PARAM_STATE", "none.json")], "there is no state `none.json`");
    repository.refuses(&[("PARAM_STATE", "s3://states/shop")], "the state at hand is a file");

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
}

#[test]
fn pods_are_reached_from_the_subnets_while_the_security_group_is_not_known() {
    let repository = Repository::new();
    let from = |output: &std::process::Output| {
        let objects = objects(output);
        let bindings = of_kind(&objects, "TargetGroupBinding");
        bindings[0]["spec"]["networking"]["ingress"][0]["from"].clone()
    };
    repository.edit("apps/shop/inventory.yaml", "resource: backend-sg", "resource: other");
    let output = repository.argo(&["generate"], &[]);
    assert_eq!(
        from(&output),
        json!([{"ipBlock": {"cidr": "10.20.0.0/20"}}, {"ipBlock": {"cidr": "10.20.16.0/20"}}])
    );
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("warning[ING1401]") && error.contains("10.20.16.0/20"), "{error}");

    // Neither the group nor the subnets.
    repository.edit("apps/shop/inventory.yaml", "    cidrBlock: 10.20.16.0/20\n", "");
    repository.refuses(&[], "error[ING1401]");
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
fn what_the_plugin_decides_no_application_changes() {
    let repository = Repository::new();
    let plugin = ["generate", "--cluster-name", "prod", "--refuse", "hooks", "--refuse", "image"];
    let output = repository.argo(&plugin, &[("PARAM_HOOKS", "true"), ("PARAM_IMAGE", "evil")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && output.stdout.is_empty(), "{said}");
    assert!(said.contains("`hooks` may not be set") && said.contains("`image`"), "{said}");
    // Flags of the plugin hold against parameters that are not refused.
    let plugin = ["generate", "--cluster-name", "prod"];
    let set = [HOOKS, &[("PARAM_CLUSTER_NAME", "evil")]];
    let output = repository.argo(&plugin, &set.concat());
    let made = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && made.contains("prod") && !made.contains("evil"), "{made}");
    // No parameter becomes a flag, a command or another object.
    let hostile = "$(id)\n---\nkind: Secret";
    let set = [HOOKS, &[("PARAM_CLUSTER_NAME", hostile), ("PARAM_SERVICE_ACCOUNT", hostile)]];
    let output = repository.argo(&["generate"], &set.concat());
    let made = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!made.lines().any(|line| line.starts_with("kind: Secret")), "{made}");
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
