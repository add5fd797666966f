//! What makes two things the same: addresses and objects, not names, texts or who wrote them down.

use crate::given::{Given, cases, ingress, services};
use crate::world::World;
use ingc_compiler::resource::{Address, Kind, Output};

fn web(annotations: &[(&str, &str)]) -> String {
    services("shop", &["a"]) + &ingress("shop/web", annotations, &["x.test/ -> a"])
}

fn applied(given: &Given) -> World {
    let mut world = World::new();
    world.apply(&given.plan(&world.state).plan);
    world
}

#[test]
fn the_shared_security_group_in_an_inventory_changes_nothing_and_keeps_it() {
    let before = Given::new(&web(&[]));
    let mut world = applied(&before);
    let shared = Address::new("_cluster", Kind::SecurityGroup, "backend-sg");
    let id = world.state.output(&shared, Output::GroupId).unwrap().to_owned();
    let inventory = std::fs::read_to_string(cases().join("inventory.yaml")).unwrap();
    let entry = format!(
        "securityGroups:\n  - groupId: {id}\n    groupName: k8s-traffic-eksworkshop-0000000000\n    vpcId: vpc-0a1b2c3d4e5f60718\n    tags: {{elbv2.k8s.aws/cluster: eksworkshop, elbv2.k8s.aws/resource: backend-sg}}\n"
    );
    let inventory = inventory.replacen("securityGroups:\n", &entry, 1);
    let given = |manifests: &str| Given::whatever(manifests, &[], Some(inventory.clone()));
    let after = given(&web(&[]));
    assert!(!after.compilation.stacks.contains_key("_cluster"), "the inventory names it");
    assert!(after.plan(&world.state).plan.is_empty());
    // What is changed then still depends on it, so that it does not go.
    let changed = given(&web(&[("load-balancer-attributes", "idle_timeout.timeout_seconds=90")]));
    world.apply(&changed.plan(&world.state).plan);
    let balancer = world.state.get(&Address::new("shop/web", Kind::LoadBalancer, "LoadBalancer"));
    assert_eq!(balancer.unwrap().depends_on.get(&shared.to_string()), Some(&*id));
    assert!(changed.plan(&world.state).plan.is_empty());
}

fn login(secret: &str) -> String {
    let idp = r#"{"issuer":"https://id.test","authorizationEndpoint":"https://id.test/a","tokenEndpoint":"https://id.test/t","userInfoEndpoint":"https://id.test/u","secretName":"login"}"#;
    let annotations = [
        ("listen-ports", r#"[{"HTTPS":443}]"#),
        (
            "certificate-arn",
            "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000001",
        ),
        ("auth-type", "oidc"),
        ("auth-idp-oidc", idp),
    ];
    web(&annotations)
        + &format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: login, namespace: shop}}\nstringData: {{clientID: me, clientSecret: {secret}}}\n"
        )
}

#[test]
fn a_changed_secret_is_an_update_that_shows_nothing() {
    let before = Given::new(&login("hunter2"));
    let mut world = applied(&before);
    let text = world.state.write().unwrap();
    assert!(!text.contains("hunter2") && text.contains("\"secret\":\"shop/login\""));
    assert!(before.plan(&world.state).plan.is_empty());
    let after = Given::new(&login("hunter3"));
    let plan = after.plan(&world.state).plan;
    assert_eq!(plan.summary.update, 1);
    let field = &plan.changes[0].fields[0];
    assert_eq!(field.path, "actions[0].authenticateOIDCConfig.clientSecret");
    assert!(field.sensitive && field.before.is_none() && field.after.is_none());
    assert!(!plan.write().unwrap().contains("hunter3"));
    let secrets = after.desired().secrets();
    let hash = plan.changes[0].secrets.values().find(|hash| hash.key == "clientSecret").unwrap();
    assert_eq!(secrets.reveal(hash), Ok("hunter3"));
    world.apply(&plan);
    assert!(after.plan(&world.state).plan.is_empty());
}

#[test]
fn a_login_that_is_dropped_is_a_loss_of_security() {
    let with = login("hunter2");
    let mut without = with.clone();
    for line in with.lines().filter(|line| line.contains("/auth-")) {
        without = without.replace(&format!("{line}\n"), "");
    }
    let world = applied(&Given::new(&with));
    let plan = Given::new(&without).plan(&world.state).plan;
    assert!(
        plan.security.iter().any(|note| note.weaker && note.text == "no longer asks for a login")
    );
}

#[test]
fn equal_names_of_target_groups_are_told_apart_for_good() {
    // LBC's names have eight letters of the Service's, and a hash that is blind to the rest.
    let given = |rules: &[&str]| {
        let names = ["checkout-eu", "checkout-us"];
        Given::new(&(services("shop", &names) + &ingress("shop/web", &[], rules)))
    };
    let both = given(&["x.test/ -> checkout-eu", "y.test/ -> checkout-us"]);
    let mut world = applied(&both);
    assert!(both.plan(&world.state).plan.is_empty());
    let generation = |world: &World, service: &str| {
        let address = Address::new("shop/web", Kind::TargetGroup, format!("shop/web-{service}:80"));
        world.state.get(&address).unwrap().generation
    };
    let of = |service: &str| generation(&world, service);
    assert_eq!((of("checkout-eu"), of("checkout-us")), (0, 1));
    // The one with the compiled name goes, and the other keeps the name that it was given.
    let named = given(&["y.test/ -> checkout-us"]);
    world.apply(&named.plan(&world.state).plan);
    assert!(world.calls.iter().all(|call| !call.starts_with("Create")), "{:?}", world.calls);
    assert_eq!(generation(&world, "checkout-us"), 1);
    assert!(named.plan(&world.state).plan.is_empty());
}

#[test]
fn a_security_group_goes_when_other_stacks_no_longer_name_it_by_its_id() {
    let base = services("shop", &["a"]);
    let one = ingress("shop/one", &[], &["x.test/ -> a"]);
    let mut world = applied(&Given::new(&(base.clone() + &one)));
    let group = Address::new("shop/one", Kind::SecurityGroup, "ManagedLBSecurityGroup");
    let id = world.state.output(&group, Output::GroupId).unwrap().to_owned();
    let inventory = std::fs::read_to_string(cases().join("inventory.yaml")).unwrap();
    let entry = format!(
        "securityGroups:\n  - {{groupId: {id}, groupName: one, vpcId: vpc-0a1b2c3d4e5f60718}}\n"
    );
    let inventory = inventory.replacen("securityGroups:\n", &entry, 1);
    let given = |manifests: &str| Given::whatever(manifests, &[], Some(inventory.clone()));
    let zzz = |groups: &str| ingress("shop/zzz", &[("security-groups", groups)], &["y.test/ -> a"]);
    world.apply(&given(&(base.clone() + &one + &zzz(&id))).plan(&world.state).plan);
    for after in [zzz("sg-0aa11bb22cc33dd44"), ingress("shop/other", &[], &["z.test/ -> a"])] {
        let plan = given(&(base.clone() + &after)).plan(&world.state).plan;
        let step = |kind: Kind, stack: &str| {
            let mut steps = plan.steps.iter();
            let is = |step: &ingc_planner::Step| {
                step.address.kind == kind && step.address.stack == stack
            };
            steps.position(is).unwrap()
        };
        let deleted = &plan.steps[step(Kind::SecurityGroup, "shop/one")];
        let user = step(Kind::LoadBalancer, "shop/zzz") as u32;
        assert!(deleted.needs.contains(&user), "{user} {deleted:?}");
        world.clone().apply(&plan);
    }
}
