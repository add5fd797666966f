//! Which calls an edit makes: no more than it needs, in an order that harms nobody.

use super::*;
use ingc_compiler::resource::Kind;
use serde_json::json;

fn certificate(n: u32) -> Value {
    let arn = format!(
        "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-00000000000{n}"
    );
    json!({"certificateARN": arn})
}

/// A stack with one listener for TLS and one without, each with a rule.
fn stack() -> Desired {
    let arn = |kind: Kind, id: &str, output: &str| json!({"$ref": format!("#/resources/{}/{id}/status/{output}", kind.type_name())});
    let balancer = arn(Kind::LoadBalancer, "LoadBalancer", "loadBalancerARN");
    let not_found = json!([{"type": "fixed-response", "fixedResponseConfig": {"contentType": "text/plain", "statusCode": "404"}}]);
    let rule = |port: i32| {
        let group = arn(Kind::TargetGroup, "shop/web-cart:80", "targetGroupARN");
        json!({"spec": {
            "actions": [{"type": "forward", "forwardConfig": {"targetGroups": [{"targetGroupARN": group}]}}],
            "conditions": [{"field": "path-pattern", "pathPatternConfig": {"values": ["/cart"]}}],
            "listenerARN": arn(Kind::Listener, &port.to_string(), "listenerARN"),
            "priority": 1, "tags": {"team": "shop"},
        }})
    };
    let group = json!({
        "healthCheckConfig": {"path": "/", "port": "traffic-port", "intervalSeconds": 15, "timeoutSeconds": 5},
        "ipAddressType": "ipv4", "name": "k8s-shop-cart-0123456789", "port": 80, "protocol": "HTTP",
        "protocolVersion": "HTTP1", "targetType": "ip", "tags": {"team": "shop"},
    });
    let binding = json!({"template": {
        "metadata": {"name": "k8s-shop-cart-0123456789", "namespace": "shop"},
        "spec": {"serviceRef": {"name": "cart", "port": 80}, "targetType": "ip",
                 "targetGroupARN": arn(Kind::TargetGroup, "shop/web-cart:80", "targetGroupARN")},
    }});
    let mut resources = serde_json::Map::new();
    let mut add = |kind: Kind, id: &str, resource: Value| {
        let ids = resources.entry(kind.type_name()).or_insert_with(|| json!({}));
        ids[id] = resource;
    };
    add(
        Kind::SecurityGroup,
        "ManagedLBSecurityGroup",
        json!({"spec": {
            "description": "of the load balancer", "groupName": "k8s-shop-web", "tags": {"team": "shop"},
            "ingress": [{"fromPort": 80, "ipProtocol": "tcp", "ipRanges": [{"cidrIP": "0.0.0.0/0"}], "toPort": 80}],
        }}),
    );
    add(
        Kind::LoadBalancer,
        "LoadBalancer",
        json!({"spec": {
            "ipAddressType": "ipv4", "name": "k8s-shop-web-0123456789", "scheme": "internet-facing", "type": "application",
            "securityGroups": [arn(Kind::SecurityGroup, "ManagedLBSecurityGroup", "groupID")],
            "subnetMapping": [{"subnetID": "subnet-0aaa1111bbb2222c1"}, {"subnetID": "subnet-0aaa1111bbb2222c2"}],
            "loadBalancerAttributes": [{"key": "idle_timeout.timeout_seconds", "value": "90"}], "tags": {"team": "shop"},
        }}),
    );
    add(
        Kind::Listener,
        "80",
        json!({"spec": {
            "defaultActions": not_found, "loadBalancerARN": balancer, "port": 80, "protocol": "HTTP", "tags": {"team": "shop"},
        }}),
    );
    add(
        Kind::Listener,
        "443",
        json!({"spec": {
            "certificates": [certificate(1), certificate(2)], "defaultActions": not_found,
            "loadBalancerARN": balancer, "port": 443, "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-2016-08", "tags": {"team": "shop"},
        }}),
    );
    add(Kind::ListenerRule, "80:1", rule(80));
    add(Kind::ListenerRule, "443:1", rule(443));
    add(Kind::TargetGroup, "shop/web-cart:80", json!({"spec": group}));
    add(Kind::TargetGroupBinding, "shop/web-cart:80", json!({"spec": binding}));
    add(
        Kind::Protection,
        "LoadBalancer",
        json!({"spec": {"enabled": true, "resourceARN": balancer}}),
    );
    let acl = "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge-acl/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb";
    add(
        Kind::WebAclAssociation,
        "LoadBalancer",
        json!({"spec": {"resourceARN": balancer, "webACLARN": acl}}),
    );
    Desired::of_document(&json!({"stacks": {"shop/web": {"resources": resources}}}))
}

/// What an edit of [`stack`] calls. Afterwards the account has what was asked for.
fn check(edit: impl Fn(&mut Desired), expected: &[&str]) {
    let mut world = World::new(&inventory_of(""));
    let mut desired = stack();
    world.converge(&desired);
    edit(&mut desired);
    let calls = world.converge(&desired);
    assert_eq!(calls, expected);
    assert!(plan_of(&world.state, &desired).is_empty());
    for (address, live) in world.refresh().objects {
        let applied = super::super::applied(&address, world.state.get(&address).unwrap());
        assert_eq!(live.expect("it is there").spec.value(), applied, "{address}");
    }
}

#[test]
fn a_stack_is_made_with_one_call_for_each_thing() {
    let mut world = World::new(&inventory_of(""));
    assert_eq!(
        world.converge(&stack()),
        [
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupIngress",
            "CreateLoadBalancer",
            "ModifyLoadBalancerAttributes",
            "CreateListener",
            "AddListenerCertificates",
            "CreateListener",
            "CreateTargetGroup",
            "CreateRule",
            "CreateRule",
            "CreateProtection",
            "AssociateWebACL",
        ]
    );
    assert!(world.news.contains(&"kubernetes CreateTargetGroupBinding shop/web/K8S::ElasticLoadBalancingV2::TargetGroupBinding/shop/web-cart:80".to_owned()));
    assert!(world.converge(&stack()).is_empty());
}

#[test]
fn load_balancers_change_in_place() {
    let set = |field: &'static str, value: Value| {
        move |it: &mut Desired| it.spec(Kind::LoadBalancer, "LoadBalancer")[field] = value.clone()
    };
    let attribute = |key: &str, value: &str| json!([{"key": key, "value": value}]);
    let capacity = json!({"capacityUnits": 500});
    check(
        set("loadBalancerAttributes", attribute("idle_timeout.timeout_seconds", "30")),
        &["ModifyLoadBalancerAttributes"],
    );
    check(
        set("loadBalancerAttributes", attribute("routing.http2.enabled", "false")),
        &["ModifyLoadBalancerAttributes"],
    );
    check(
        set("securityGroups", json!(["sg-0aa11bb22cc33dd44", "sg-0bb22cc33dd44ee55"])),
        &["SetSecurityGroups"],
    );
    check(set("ipAddressType", json!("dualstack")), &["SetIpAddressType"]);
    check(set("minimumLoadBalancerCapacity", capacity), &["ModifyCapacityReservation"]);
    check(set("ipv4IPAMPool", json!("ipam-pool-1")), &["ModifyIpPools"]);
    let both = |it: &mut Desired| {
        let spec = it.spec(Kind::LoadBalancer, "LoadBalancer");
        spec["ipAddressType"] = json!("dualstack");
        spec["subnetMapping"][1] = json!({"subnetID": "subnet-0ddd3333eee4444f2"});
    };
    check(both, &["SetSubnets"]);
}

#[test]
fn an_attribute_that_is_no_longer_given_is_awss_default_again() {
    let mut world = World::new(&inventory_of(""));
    let mut desired = stack();
    world.converge(&desired);
    let text = |world: &World| world.sandbox.text();
    assert!(text(&world).contains("\"idle_timeout.timeout_seconds\": \"90\""));
    desired.spec(Kind::LoadBalancer, "LoadBalancer")["loadBalancerAttributes"] = json!([]);
    assert_eq!(world.converge(&desired), ["ModifyLoadBalancerAttributes"]);
    assert!(text(&world).contains("\"idle_timeout.timeout_seconds\": \"60\""));
}

#[test]
fn target_groups_change_in_place() {
    let set = |field: &'static str, value: Value| {
        move |it: &mut Desired| {
            it.spec(Kind::TargetGroup, "shop/web-cart:80")[field] = value.clone()
        }
    };
    let check_config = json!({"path": "/health", "port": 8080, "intervalSeconds": 30, "timeoutSeconds": 10, "matcher": {"httpCode": "200-299"}});
    check(set("healthCheckConfig", check_config), &["ModifyTargetGroup"]);
    let attributes = json!([{"key": "slow_start.duration_seconds", "value": "30"}]);
    check(set("targetGroupAttributes", attributes), &["ModifyTargetGroupAttributes"]);
}

#[test]
fn listeners_change_in_place_and_no_name_is_without_a_certificate() {
    let set = |field: &'static str, value: Value| {
        move |it: &mut Desired| it.spec(Kind::Listener, "443")[field] = value.clone()
    };
    check(set("sslPolicy", json!("ELBSecurityPolicy-TLS13-1-2-2021-06")), &["ModifyListener"]);
    check(
        set("certificates", json!([certificate(1), certificate(2), certificate(3)])),
        &["AddListenerCertificates"],
    );
    check(set("certificates", json!([certificate(1)])), &["RemoveListenerCertificates"]);
    check(set("certificates", json!([certificate(2), certificate(1)])), &["ModifyListener"]);
    check(
        set("certificates", json!([certificate(3), certificate(2)])),
        &["AddListenerCertificates", "ModifyListener", "RemoveListenerCertificates"],
    );
    let attributes = json!([{"Key": "routing.http.response.server.enabled", "Value": "false"}]);
    check(set("listenerAttributes", attributes), &["ModifyListenerAttributes"]);
    let store = "arn:aws:elasticloadbalancing:us-west-2:123456789012:truststore/partner-ca/0123456789abcdef";
    let verify =
        json!({"mode": "verify", "trustStoreArn": store, "ignoreClientCertificateExpiry": false});
    check(set("mutualAuthentication", verify), &["ModifyListener"]);
    let several = |it: &mut Desired| {
        let spec = it.spec(Kind::Listener, "443");
        spec["sslPolicy"] = json!("ELBSecurityPolicy-TLS13-1-2-2021-06");
        spec["certificates"] = json!([certificate(2), certificate(1)]);
        spec["defaultActions"][0]["fixedResponseConfig"]["statusCode"] = json!("503");
    };
    check(several, &["ModifyListener"]);
    let to_tls = |it: &mut Desired| {
        let spec = it.spec(Kind::Listener, "80");
        spec["protocol"] = json!("HTTPS");
        spec["certificates"] = json!([certificate(1)]);
        spec["sslPolicy"] = json!("ELBSecurityPolicy-2016-08");
    };
    check(to_tls, &["ModifyListener", "AddListenerCertificates"]);
    let to_plain = |it: &mut Desired| {
        let spec = it.spec(Kind::Listener, "443").as_object_mut().unwrap();
        spec.insert("protocol".to_owned(), json!("HTTP"));
        spec.retain(|field, _| field != "certificates" && field != "sslPolicy");
    };
    check(to_plain, &["ModifyListener"]);
}

#[test]
fn rules_change_with_one_call() {
    let edit = |it: &mut Desired| {
        let rule = it.spec(Kind::ListenerRule, "80:1");
        rule["conditions"][0]["pathPatternConfig"]["values"] = json!(["/cart", "/cart/*"]);
        rule["actions"][0]["forwardConfig"]["targetGroups"][0]["weight"] = json!(5);
        rule["transforms"] = json!([{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/cart", "replace": "/"}]}}]);
    };
    check(edit, &["ModifyRule"]);
    check(|it| it.remove(Kind::ListenerRule, "80:1"), &["DeleteRule"]);
}

#[test]
fn security_groups_let_in_before_they_shut_out() {
    let edit = |it: &mut Desired| {
        let rule = |cidr: &str| json!({"fromPort": 80, "ipProtocol": "tcp", "ipRanges": [{"cidrIP": cidr}], "toPort": 80});
        it.spec(Kind::SecurityGroup, "ManagedLBSecurityGroup")["ingress"] =
            json!([rule("10.0.0.0/8"), rule("172.16.0.0/12")]);
    };
    check(edit, &["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);
}

#[test]
fn tags_of_a_whole_stack_change_with_four_calls() {
    let edit = |it: &mut Desired| {
        for (address, spec) in &mut it.specs {
            if spec.get("tags").is_some() {
                assert_ne!(address.kind, Kind::TargetGroupBinding);
                spec["tags"] = json!({"owner": "platform"});
            }
        }
    };
    check(edit, &["CreateTags", "DeleteTags", "AddTags", "RemoveTags"]);
}

#[test]
fn a_tag_call_takes_twenty_resources_and_names_all_of_them() {
    let mut world = World::new(&inventory_of(""));
    let mut desired = Desired::of_case("real-city-portal-many-paths");
    let rules = |desired: &Desired| {
        desired.specs.keys().filter(|a| a.kind == Kind::ListenerRule).cloned().collect::<Vec<_>>()
    };
    for address in rules(&desired).into_iter().skip(30) {
        desired.specs.remove(&address);
    }
    world.converge(&desired);
    for address in rules(&desired) {
        desired.specs.get_mut(&address).unwrap()["tags"] = json!({"owner": "platform"});
    }
    assert_eq!(world.converge(&desired), ["AddTags", "AddTags"]);
    let call = world.news.iter().find(|news| news.starts_with("call AddTags")).unwrap();
    assert_eq!(call.split(' ').count(), 22);
    assert_eq!(world.news.iter().filter(|news| news.starts_with("done update")).count(), 30);
}

#[test]
fn add_ons_change_and_go() {
    let acl = |arn: &'static str| {
        move |it: &mut Desired| {
            it.spec(Kind::WebAclAssociation, "LoadBalancer")["webACLARN"] = json!(arn)
        }
    };
    check(
        acl(
            "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/strict-acl/cccccccc-1111-4222-8333-dddddddddddd",
        ),
        &["AssociateWebACL"],
    );
    check(acl(""), &["DisassociateWebACL"]);
    check(|it| it.remove(Kind::WebAclAssociation, "LoadBalancer"), &["DisassociateWebACL"]);
    check(
        |it| it.spec(Kind::Protection, "LoadBalancer")["enabled"] = json!(false),
        &["DeleteProtection"],
    );
    check(|it| it.remove(Kind::Protection, "LoadBalancer"), &["DeleteProtection"]);
}

#[test]
fn a_binding_changes_in_the_cluster_and_calls_nothing_of_aws() {
    let port = |it: &mut Desired| {
        it.spec(Kind::TargetGroupBinding, "shop/web-cart:80")["template"]["spec"]["serviceRef"]["port"] =
            json!("http");
    };
    check(port, &[]);
    let immutable = |it: &mut Desired| {
        it.spec(Kind::TargetGroupBinding, "shop/web-cart:80")["template"]["spec"]["vpcID"] =
            json!("vpc-0a1b2c3d4e5f60718");
    };
    check(immutable, &[]);
    let renamed = |it: &mut Desired| {
        it.spec(Kind::TargetGroupBinding, "shop/web-cart:80")["template"]["metadata"]["name"] =
            json!("other");
    };
    check(renamed, &[]);
}

#[test]
fn what_somebody_else_changed_is_read_back() {
    let mut world = World::new(&inventory_of(""));
    world.converge(&stack());
    let output = |kind: Kind, id: &str, name: &str| {
        let address = Address::new("shop/web", kind, id);
        world.state.get(&address).unwrap().outputs.get(name).unwrap().to_owned()
    };
    let call = |call: Call| wait(world.sandbox.call(&call)).unwrap();
    let balancer = output(Kind::LoadBalancer, "LoadBalancer", "loadBalancerARN");
    let listener = output(Kind::Listener, "443", "listenerARN");
    let rule = output(Kind::ListenerRule, "80:1", "ruleARN");
    let group = output(Kind::SecurityGroup, "ManagedLBSecurityGroup", "groupID");
    call(Call::elb(
        "SetIpAddressType",
        json!({"LoadBalancerArn": balancer, "IpAddressType": "dualstack"}),
    ));
    call(Call::elb(
        "AddTags",
        json!({"ResourceArns": [balancer], "Tags": [{"Key": "x", "Value": "y"}]}),
    ));
    call(Call::elb(
        "ModifyListener",
        json!({"ListenerArn": listener, "SslPolicy": "ELBSecurityPolicy-TLS-1-1-2017-01"}),
    ));
    call(Call::elb("DeleteRule", json!({"RuleArn": rule})));
    let open = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
    call(Call::ec2(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": group, "IpPermissions": [open]}),
    ));
    let foreign = json!({
        "ListenerArn": listener, "Priority": 77,
        "Conditions": [{"Field": "path-pattern", "Values": ["/theirs"]}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    });
    call(Call::elb("CreateRule", foreign));

    let live = world.refresh();
    let at = |kind: Kind, id: &str| live.objects[&Address::new("shop/web", kind, id)].as_ref();
    let spec = |kind: Kind, id: &str| at(kind, id).unwrap().spec.value();
    assert_eq!(spec(Kind::LoadBalancer, "LoadBalancer")["ipAddressType"], "dualstack");
    assert_eq!(spec(Kind::LoadBalancer, "LoadBalancer")["tags"], json!({"team": "shop", "x": "y"}));
    assert_eq!(spec(Kind::Listener, "443")["sslPolicy"], "ELBSecurityPolicy-TLS-1-1-2017-01");
    assert_eq!(spec(Kind::SecurityGroup, "ManagedLBSecurityGroup")["ingress"][0]["fromPort"], 22);
    assert!(at(Kind::ListenerRule, "80:1").is_none(), "a deleted rule is gone");
    assert!(at(Kind::ListenerRule, "443:1").is_some());
    let unknown = &live.rules[&Address::new("shop/web", Kind::Listener, "443")];
    assert_eq!(unknown.len(), 1);
    assert_eq!(
        unknown[0].spec.value()["conditions"][0]["pathPatternConfig"]["values"],
        json!(["/theirs"])
    );
    assert_eq!(live.rules.len(), 1);
}

#[test]
fn a_stack_that_another_run_has_just_begun_with_is_left_alone() {
    let (inventory, desired) = (inventory_of(""), stack());
    let mut world = World::new(&inventory);
    let begun = ingc_planner::StackState { unfinished: true, ..Default::default() };
    world.state.stacks.insert("other/web".to_owned(), begun);
    let plan = plan_of(&world.state, &desired);
    world.apply(&plan);
    assert!(world.state.stacks.contains_key("other/web"));
}
