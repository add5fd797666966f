//! The two phases of an apply, on an account that tells the health of targets.

use super::World;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Exchanges the Service behind /cart, which asks for another target group.
fn with_another_service(world: &World) {
    let backend =
        |name: &str| format!("backend: {{service: {{name: {name}, port: {{number: 80}}}}}}");
    world.folder.edit("shop.yaml", &backend("cart"), &backend("basket"));
    world.folder.edit("shop.yaml", "metadata: {name: cart,", "metadata: {name: basket,");
}

fn prepare(world: &World) {
    let flags = ["apply", "--phase", "prepare", "--auto-approve", "--manifests-out", "bindings"];
    world.run(&flags).exits(0);
}

fn cutover(world: &World, wait: &str) -> crate::folder::Run {
    world.run(&["apply", "--phase", "cutover", "--auto-approve", "--wait-healthy", wait])
}

/// The target group of the new Service.
fn target_group(world: &World) -> Value {
    let all = world.account.call("elbv2", "describe_target_groups", json!({}));
    let mut all = all["TargetGroups"].as_array().unwrap().iter();
    let named = |it: &&Value| it["TargetGroupName"].as_str().unwrap().contains("basket");
    all.find(named).unwrap()["TargetGroupArn"].clone()
}

#[test]
fn rules_are_moved_when_pods_are_registered_and_not_before() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    with_another_service(&world);
    cutover(&world, "1s").exits(1).says("ING1012");
    let before = world.account.changes().len();
    prepare(&world);
    let calls = world.account.changes()[before..].join(" ");
    assert_eq!(calls, "elbv2:CreateTargetGroup elbv2:ModifyTargetGroupAttributes");

    let start = Instant::now();
    let before = world.account.changes().len();
    cutover(&world, "2s").exits(1).says("ING1112").says("no target is healthy after 2 s");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(world.account.changes().len(), before);

    let target = json!({"TargetGroupArn": target_group(&world), "Targets": [{"Id": "10.0.0.7"}]});
    world.account.call("elbv2", "register_targets", target);
    cutover(&world, "10s").exits(0);
    let calls = world.account.changes()[before..].join(" ");
    assert_eq!(calls, "elbv2:ModifyRule elbv2:DeleteTargetGroup");
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}
