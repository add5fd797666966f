//! Hand-overs between the controller and ingc, in both directions.

use super::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The class of the shop's Ingresses, by the controller's own value and by another one.
const CLASS: &str = "controller: ingress.k8s.aws/alb";

impl World {
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path(name)).unwrap()
    }

    /// Priorities of a listener's rules, each with the resource that its tags name.
    fn rules(&self, port: u64) -> BTreeMap<String, String> {
        let elb = |method: &str, params: Value| self.account.call("elbv2", method, params);
        let all = elb("describe_load_balancers", json!({}));
        let balancer = &all["LoadBalancers"][0]["LoadBalancerArn"];
        let listeners = elb("describe_listeners", json!({"LoadBalancerArn": balancer}));
        let mut listeners = listeners["Listeners"].as_array().unwrap().iter();
        let listener = &listeners.find(|it| it["Port"] == port).unwrap()["ListenerArn"];
        let rules = elb("describe_rules", json!({"ListenerArn": listener}));
        let rules = rules["Rules"].as_array().unwrap().iter();
        rules
            .filter(|rule| rule["IsDefault"] != true)
            .map(|rule| {
                let tags = elb("describe_tags", json!({"ResourceArns": [rule["RuleArn"]]}));
                let mut tags = tags["TagDescriptions"][0]["Tags"].as_array().unwrap().iter();
                let tag = tags.find(|tag| tag["Key"] == "ingress.k8s.aws/resource").unwrap();
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&rule["Priority"]), text(&tag["Value"]))
            })
            .collect()
    }

    /// Makes changes after which rules carry numbers and tags that are not the controller's.
    fn moved() -> Option<World> {
        let world = World::shop()?;
        world.apply().exits(0);
        let path = |name: &str| {
            format!(
                "          - path: /{name}\n            pathType: Exact\n            backend: {{service: {{name: web, port: {{number: 80}}}}}}\n"
            )
        };
        let cart = "          - path: /cart\n";
        let two = format!("{}{}{cart}", path("first"), path("second"));
        world.folder.edit("shop.yaml", cart, &two);
        world.apply().exits(0);
        world.folder.edit("shop.yaml", &path("first"), "");
        world.apply().exits(0);
        world.run(&["plan", "--detailed-exitcode"]).exits(0);
        Some(world)
    }
}

#[test]
fn a_released_stack_is_as_the_controller_would_have_it_and_then_nobodys() {
    let Some(world) = World::moved() else { return };
    let is_right = |rules: &BTreeMap<String, String>| {
        rules.iter().enumerate().all(|(i, (number, tag))| {
            *number == (i + 1).to_string() && *tag == format!("443:{number}")
        })
    };
    assert!(!is_right(&world.rules(443)), "{:?}", world.rules(443));
    world.run(&["release", "--forget", "--auto-approve"]).exits(1).says("ING1013");
    let before = world.account.changes().len();
    let flags = ["release", "--auto-approve", "--manifests-out", "bindings"];
    let run = world.run(&flags).exits(0);
    assert!(run.out.contains("ingc release --forget"), "{}", run.out);
    let calls = world.account.changes()[before..].join(" ");
    assert_eq!(calls, "elbv2:SetRulePriorities elbv2:AddTags elbv2:AddTags elbv2:AddTags");
    assert!(is_right(&world.rules(443)), "{:?}", world.rules(443));
    let files = world.folder.files();
    let binding = files.keys().find(|name| name.starts_with("bindings")).unwrap();
    let binding = world.text(binding);
    assert!(binding.contains("ingress.k8s.aws/stack: shop"), "{binding}");
    assert!(!binding.contains("managed-by"), "{binding}");

    let before = world.account.changes().len();
    let run = world.run(&["release", "--auto-approve"]).exits(0);
    assert!(run.out.starts_with("No changes"), "{}", run.out);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    let run = world.run(&["release", "--forget", "--auto-approve"]).exits(0);
    assert!(run.out.contains("no longer has `shop`"), "{}", run.out);
    world.run(&["state", "list"]).exits(0).says("holds nothing");
    world.run(&["plan"]).exits(1).says("ING1116");
    assert_eq!(world.account.changes().len(), before);
}

#[test]
fn what_the_controller_would_delete_stands_in_the_way_of_a_release() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    let elb = |method: &str, params: Value| world.account.call("elbv2", method, params);
    let all = elb("describe_load_balancers", json!({}));
    let balancer = &all["LoadBalancers"][0]["LoadBalancerArn"];
    let fixed = json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]);
    let made = elb(
        "create_listener",
        json!({"LoadBalancerArn": balancer, "Port": 8080, "Protocol": "HTTP", "DefaultActions": fixed}),
    );
    let before = world.account.changes();
    let release = || world.run(&["release", "--auto-approve"]);
    release().exits(1).says("ING1013").says("port 8080");
    let listener = &made["Listeners"][0]["ListenerArn"];
    elb("delete_listener", json!({"ListenerArn": listener}));
    let listeners = elb("describe_listeners", json!({"LoadBalancerArn": balancer}));
    let mut listeners = listeners["Listeners"].as_array().unwrap().iter();
    let https = listeners.find(|it| it["Port"] == 443).unwrap();
    let host = json!([{"Field": "host-header", "Values": ["else.example.com"]}]);
    elb(
        "create_rule",
        json!({"ListenerArn": https["ListenerArn"], "Priority": 900, "Conditions": host, "Actions": fixed}),
    );
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    release().exits(1).says("ING1013").says("priority `900`");
    world.run(&["release", "--forget", "--auto-approve"]).exits(1).says("900");
    assert_eq!(world.account.changes(), before);
}

#[test]
fn tags_that_somebody_took_away_are_put_back() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    let all = world.account.call("elbv2", "describe_load_balancers", json!({}));
    let arn = &all["LoadBalancers"][0]["LoadBalancerArn"];
    let gone = json!({"ResourceArns": [arn], "TagKeys": ["elbv2.k8s.aws/cluster"]});
    let holdings = world.holdings();
    world.account.call("elbv2", "remove_tags", gone);
    let plan = world.run(&["plan"]).exits(0);
    assert!(plan.out.contains("tags[elbv2.k8s.aws/cluster]"), "{}", plan.out);
    world.apply().exits(0);
    assert_eq!(world.holdings(), holdings);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn what_the_controller_still_serves_is_not_imported() {
    let Some(world) = World::shop() else { return };
    world.apply().exits(0);
    std::fs::remove_file(world.folder.path("ingc.state.json")).unwrap();
    world.run(&["import"]).exits(1).says("ING1007").says("class `alb`").says("--replicas=0");

    // The cluster is asked what Git does not know.
    let shop = world.text("shop.yaml");
    let own = shop.replace(CLASS, "controller: example.com/ingc");
    world.folder.put("shop.yaml", &own);
    let settings = world.text("ingc.yaml");
    let settings = settings.replace("{inventory:", "{controller: example.com/ingc, inventory:");
    world.folder.put("ingc.yaml", &settings);
    let dump = |text: &str| {
        world.folder.put("cluster.dump", text);
        world.run(&["import", "--cluster-dump", "cluster.dump"])
    };
    dump(&shop).exits(1).says("class `alb`");
    let held = "metadata:\n  finalizers: [group.ingress.k8s.aws/shop]\n  name: web";
    dump(&own.replace("metadata:\n  name: web", held))
        .exits(1)
        .says("kubectl patch ingress -n shop web");
    let binding = "apiVersion: elbv2.k8s.aws/v1beta1\nkind: TargetGroupBinding\nmetadata:\n  name: k8s-shop-web\n  namespace: shop\n  labels: {ingress.k8s.aws/stack: shop}\n";
    dump(&format!("{own}---\n{binding}"))
        .exits(1)
        .says("kubectl label -n shop targetgroupbinding k8s-shop-web ingress.k8s.aws/stack-");
    dump(&own).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}
