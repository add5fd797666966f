//! Load balancers.

use super::*;

#[test]
fn a_load_balancer_is_described_as_it_was_asked_for() {
    let aws = Asked::new();
    let made = &aws.elb("CreateLoadBalancer", balancer("web"))["LoadBalancers"][0];
    assert_eq!(made["State"]["Code"], "provisioning");
    let arn = text(&made["LoadBalancerArn"]);
    assert!(arn.starts_with(
        "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/"
    ));
    assert!(text(&made["DNSName"]).starts_with("internal-web-"), "{made}");
    assert!(text(&made["DNSName"]).ends_with(".eu-central-1.elb.amazonaws.com"));
    let found = &aws.elb("DescribeLoadBalancers", json!({"Names": ["web"]}))["LoadBalancers"][0];
    assert_eq!(found["LoadBalancerArn"], arn.as_str());
    assert_eq!(found["State"]["Code"], "active");
    assert_eq!(found["AvailabilityZones"][1]["SubnetId"], "subnet-b");
    assert_eq!(found["SecurityGroups"], json!(["sg-1"]));
    let public = aws.elb("CreateLoadBalancer", with(balancer("pub"), json!({"Scheme": null})));
    assert_eq!(public["LoadBalancers"][0]["Scheme"], "internet-facing");
    assert!(text(&public["LoadBalancers"][0]["DNSName"]).starts_with("pub-"));
}

#[test]
fn the_same_calls_give_the_same_arns() {
    let [one, two] = [Asked::new(), Asked::new()];
    assert_eq!(one.balancer("web"), two.balancer("web"));
    assert_ne!(one.balancer("api"), one.balancer("www"));
    let first = two.balancer("api");
    two.elb("DeleteLoadBalancer", json!({"LoadBalancerArn": first}));
    assert_ne!(two.balancer("api"), first, "a name that is used again gives another ARN");
}

#[test]
fn a_creation_with_equal_settings_is_the_same_one_and_otherwise_a_duplicate() {
    let aws = Asked::new();
    let arn = aws.balancer("web");
    assert_eq!(aws.balancer("web"), arn);
    for over in [
        json!({"Scheme": "internet-facing"}),
        json!({"Subnets": ["subnet-a", "subnet-c"]}),
        json!({"SecurityGroups": ["sg-2"]}),
        json!({"IpAddressType": "dualstack"}),
    ] {
        let refused = aws.refused("CreateLoadBalancer", with(balancer("web"), over));
        assert_eq!(refused, "DuplicateLoadBalancerName");
    }
}

#[test]
fn what_aws_refuses_at_creation_is_refused() {
    let aws = Asked::new();
    let tags =
        |n: usize| Value::from_iter((0..n).map(|i| json!({"Key": format!("k{i}"), "Value": "v"})));
    let cases = [
        (json!({"Name": "-web"}), "ValidationError"),
        (json!({"Name": "web_1"}), "ValidationError"),
        (json!({"Name": "internal-web"}), "ValidationError"),
        (json!({"Name": "a".repeat(33)}), "ValidationError"),
        (json!({"Scheme": "public"}), "InvalidScheme"),
        (json!({"Type": "gateway"}), "ValidationError"),
        (json!({"Subnets": ["subnet-a"]}), "ValidationError"),
        (json!({"Subnets": []}), "ValidationError"),
        (json!({"Subnets": ["subnet-b", "subnet-b2"]}), "InvalidConfigurationRequest"),
        (json!({"Subnets": ["subnet-a", "subnet-x"]}), "SubnetNotFound"),
        (json!({"Subnets": ["subnet-a", "subnet-full"]}), "InvalidSubnet"),
        (
            json!({"IpAddressType": "dualstack", "Subnets": ["subnet-a", "subnet-c"]}),
            "InvalidSubnet",
        ),
        (json!({"IpAddressType": "ipv6"}), "InvalidConfigurationRequest"),
        (json!({"IpAddressType": "dualstack-without-public-ipv4"}), "InvalidConfigurationRequest"),
        (json!({"SecurityGroups": ["sg-9"]}), "InvalidSecurityGroup"),
        (
            json!({"SecurityGroups": ["sg-1", "sg-1", "sg-1", "sg-1", "sg-1", "sg-1"]}),
            "InvalidConfigurationRequest",
        ),
        (json!({"Tags": tags(51)}), "TooManyTags"),
        (json!({"Tags": [{"Key": "aws:x", "Value": ""}]}), "ValidationError"),
        (
            json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
            "DuplicateTagKeys",
        ),
        (json!({"Tags": [{"Key": "k".repeat(129), "Value": ""}]}), "ValidationError"),
        (json!({"Tags": [{"Key": "k", "Value": "a,b"}]}), "ValidationError"),
        (json!({"Colour": "blue"}), "ValidationError"),
        (
            json!({"Subnets": null, "SubnetMappings": [{"SubnetId": "subnet-a", "AllocationId": "e"}, {"SubnetId": "subnet-b"}]}),
            "InvalidConfigurationRequest",
        ),
    ];
    for (over, code) in cases {
        let asked = with(balancer("web"), over.clone());
        assert_eq!(aws.refused("CreateLoadBalancer", asked), code, "{over}");
    }
    aws.elb("CreateLoadBalancer", with(balancer("web"), json!({"Tags": tags(50)})));
}

#[test]
fn a_local_zone_and_a_network_load_balancer_need_one_subnet_only() {
    let aws = Asked::new();
    aws.elb("CreateLoadBalancer", with(balancer("lax"), json!({"Subnets": ["subnet-lax"]})));
    let network = json!({"Type": "network", "Subnets": ["subnet-a"]});
    let made = aws.elb("CreateLoadBalancer", with(balancer("nlb"), network));
    assert!(text(&made["LoadBalancers"][0]["LoadBalancerArn"]).contains(":loadbalancer/net/nlb/"));
}

#[test]
fn elastic_ips_are_for_public_network_load_balancers_and_must_exist() {
    let aws = Asked::new();
    let nlb = |scheme: &str| {
        let mapping = json!([{"SubnetId": "subnet-a", "AllocationId": "eipalloc-1"}]);
        with(
            balancer("nlb"),
            json!({"Type": "network", "Scheme": scheme, "Subnets": null, "SubnetMappings": mapping}),
        )
    };
    assert_eq!(aws.refused("CreateLoadBalancer", nlb("internal")), "InvalidConfigurationRequest");
    assert_eq!(aws.refused("CreateLoadBalancer", nlb("internet-facing")), "AllocationIdNotFound");
}

#[test]
fn settings_change_within_the_same_limits() {
    let aws = Asked::new();
    let arn = aws.balancer("web");
    let on = |over: Value| with(json!({"LoadBalancerArn": arn}), over);
    aws.elb("SetSubnets", on(json!({"Subnets": ["subnet-a", "subnet-c"]})));
    aws.elb("SetSecurityGroups", on(json!({"SecurityGroups": ["sg-2", "sg-1"]})));
    let found =
        &aws.elb("DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]}))["LoadBalancers"][0];
    assert_eq!(found["AvailabilityZones"][1]["SubnetId"], "subnet-c");
    assert_eq!(found["SecurityGroups"], json!(["sg-2", "sg-1"]));
    let cases = [
        ("SetIpAddressType", json!({"IpAddressType": "dualstack"}), "InvalidSubnet"),
        ("SetSubnets", json!({"Subnets": ["subnet-a"]}), "ValidationError"),
        (
            "SetSubnets",
            json!({"Subnets": ["subnet-a", "subnet-c"], "IpAddressType": "dualstack"}),
            "InvalidSubnet",
        ),
        ("SetSecurityGroups", json!({"SecurityGroups": []}), "ValidationError"),
        ("SetSecurityGroups", json!({"SecurityGroups": ["sg-9"]}), "InvalidSecurityGroup"),
        (
            "ModifyIpPools",
            json!({"IpamPools": {"Ipv4IpamPoolId": "pool"}}),
            "InvalidConfigurationRequest",
        ),
        (
            "ModifyCapacityReservation",
            json!({"MinimumLoadBalancerCapacity": {"CapacityUnits": 1}}),
            "InvalidConfigurationRequest",
        ),
        ("ModifyCapacityReservation", json!({}), "ValidationError"),
    ];
    for (action, over, code) in cases {
        assert_eq!(aws.refused(action, on(over.clone())), code, "{action} {over}");
    }
    aws.elb(
        "SetSubnets",
        on(json!({"Subnets": ["subnet-a", "subnet-b"], "IpAddressType": "dualstack"})),
    );
    aws.elb(
        "ModifyCapacityReservation",
        on(json!({"MinimumLoadBalancerCapacity": {"CapacityUnits": 300}})),
    );
    let capacity = aws.elb("DescribeCapacityReservation", on(json!({})));
    assert_eq!(capacity["MinimumLoadBalancerCapacity"]["CapacityUnits"], 300);
    aws.elb("ModifyCapacityReservation", on(json!({"ResetCapacityReservation": true})));
    assert_eq!(aws.elb("DescribeCapacityReservation", on(json!({}))), json!({}));
}

#[test]
fn attributes_have_awss_defaults_keys_and_values() {
    let aws = Asked::new();
    let arn = aws.balancer("web");
    let set = |key: &str, value: &str| json!({"LoadBalancerArn": arn, "Attributes": [{"Key": key, "Value": value}]});
    let all = aws.elb("DescribeLoadBalancerAttributes", json!({"LoadBalancerArn": arn}));
    let timeout = json!({"Key": "idle_timeout.timeout_seconds", "Value": "60"});
    assert!(all["Attributes"].as_array().unwrap().contains(&timeout));
    for (key, value, code) in [
        ("deletion_protection.enable", "true", "ValidationError"),
        ("deletion_protection.enabled", "yes", "ValidationError"),
        ("idle_timeout.timeout_seconds", "4001", "ValidationError"),
        ("dns_record.client_routing_policy", "any_availability_zone", "ValidationError"),
        ("access_logs.s3.enabled", "true", "InvalidConfigurationRequest"),
    ] {
        assert_eq!(aws.refused("ModifyLoadBalancerAttributes", set(key, value)), code, "{key}");
    }
    aws.elb("ModifyLoadBalancerAttributes", set("idle_timeout.timeout_seconds", "4000"));
}

#[test]
fn deletion_protection_and_targets_hold_a_load_balancer_and_a_deleted_one_takes_all_along() {
    let aws = Asked::new();
    let arn = aws.balancer("web");
    let listener = aws.listener(&arn, 80);
    let group = aws.group("shop");
    aws.elb("CreateRule", path_rule(&listener, 1, &[forward(&[&group])]));
    let on = json!({"LoadBalancerArn": arn});
    let protect = |value: &str| {
        with(
            on.clone(),
            json!({"Attributes": [{"Key": "deletion_protection.enabled", "Value": value}]}),
        )
    };
    aws.elb("ModifyLoadBalancerAttributes", protect("true"));
    assert_eq!(aws.refused("DeleteLoadBalancer", on.clone()), "OperationNotPermitted");
    aws.elb("ModifyLoadBalancerAttributes", protect("false"));

    let front = json!({"Name": "front", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1", "TargetType": "alb"});
    let front = text(&aws.elb("CreateTargetGroup", front)["TargetGroups"][0]["TargetGroupArn"]);
    let targets = json!({"TargetGroupArn": front, "Targets": [{"Id": arn, "Port": 80}]});
    aws.elb("RegisterTargets", targets.clone());
    assert_eq!(aws.refused("DeleteLoadBalancer", on.clone()), "ResourceInUse");
    aws.elb("DeregisterTargets", targets);

    assert_eq!(aws.refused("DeleteTargetGroup", json!({"TargetGroupArn": group})), "ResourceInUse");
    aws.elb("DeleteLoadBalancer", on.clone());
    aws.elb("DeleteLoadBalancer", on);
    assert_eq!(
        aws.refused("DescribeListeners", json!({"ListenerArns": [listener]})),
        "ListenerNotFound"
    );
    assert_eq!(
        aws.refused("DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]})),
        "LoadBalancerNotFound"
    );
    assert_eq!(
        aws.refused("DescribeLoadBalancers", json!({"Names": ["web"]})),
        "LoadBalancerNotFound"
    );
    aws.elb("DeleteTargetGroup", json!({"TargetGroupArn": group}));
}

#[test]
fn tags_are_added_removed_read_and_found() {
    let aws = Asked::new();
    let [one, two] = ["one", "two"].map(|name| aws.balancer(name));
    let tags = json!([{"Key": "team", "Value": "shop"}, {"Key": "stage", "Value": "prod"}]);
    aws.elb("AddTags", json!({"ResourceArns": [one, two], "Tags": tags}));
    aws.elb("RemoveTags", json!({"ResourceArns": [two], "TagKeys": ["team", "none"]}));
    let read = aws.elb("DescribeTags", json!({"ResourceArns": [one, two]}));
    assert_eq!(
        read["TagDescriptions"][0]["Tags"],
        json!([{"Key": "stage", "Value": "prod"}, {"Key": "team", "Value": "shop"}])
    );
    assert_eq!(read["TagDescriptions"][1]["Tags"], json!([{"Key": "stage", "Value": "prod"}]));
    let find = |filters: Value| {
        let found =
            aws.call(Service::Tagging, "GetResources", json!({"TagFilters": filters})).unwrap();
        found["ResourceTagMappingList"].as_array().unwrap().len()
    };
    assert_eq!(find(json!([{"Key": "stage"}])), 2);
    assert_eq!(
        find(json!([{"Key": "stage", "Values": ["prod"]}, {"Key": "team", "Values": ["shop"]}])),
        1
    );
    assert_eq!(find(json!([{"Key": "stage", "Values": ["dev"]}])), 0);
    let unknown = format!("{one}x");
    let cases = [
        (
            "AddTags",
            json!({"ResourceArns": [one, unknown], "Tags": [{"Key": "a", "Value": ""}]}),
            "LoadBalancerNotFound",
        ),
        (
            "RemoveTags",
            json!({"ResourceArns": [unknown], "TagKeys": ["a"]}),
            "LoadBalancerNotFound",
        ),
        ("DescribeTags", json!({"ResourceArns": ["arn:aws:s3:::bucket"]}), "ValidationError"),
        ("DescribeTags", json!({"ResourceArns": vec![one.clone(); 21]}), "ValidationError"),
        (
            "AddTags",
            json!({"ResourceArns": [one], "Tags": (0..49).map(|n| json!({"Key": n.to_string(), "Value": ""})).collect::<Vec<_>>()}),
            "TooManyTags",
        ),
    ];
    for (action, params, code) in cases {
        assert_eq!(aws.refused(action, params), code, "{action}");
    }
}

#[test]
fn an_action_that_aws_does_not_have_is_refused() {
    assert_eq!(Asked::new().refused("CreateRules", json!({})), "InvalidAction");
}
