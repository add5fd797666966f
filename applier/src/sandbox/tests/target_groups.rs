//! Target groups and targets.

use super::*;
use crate::account::Service;

#[test]
fn a_target_group_has_awss_defaults() {
    let aws = Asked::new();
    let made = &aws.elb("CreateTargetGroup", group("shop"))["TargetGroups"][0];
    for (field, value) in [
        ("ProtocolVersion", json!("HTTP1")),
        ("IpAddressType", json!("ipv4")),
        ("HealthCheckProtocol", json!("HTTP")),
        ("HealthCheckPort", json!("traffic-port")),
        ("HealthCheckPath", json!("/")),
        ("HealthCheckIntervalSeconds", json!(30)),
        ("HealthCheckTimeoutSeconds", json!(5)),
        ("HealthyThresholdCount", json!(5)),
        ("UnhealthyThresholdCount", json!(2)),
        ("Matcher", json!({"HttpCode": "200"})),
        ("LoadBalancerArns", json!([])),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let grpc =
        aws.elb("CreateTargetGroup", with(group("grpc"), json!({"ProtocolVersion": "GRPC"})));
    assert_eq!(grpc["TargetGroups"][0]["HealthCheckPath"], "/AWS.ALB/healthcheck");
    assert_eq!(grpc["TargetGroups"][0]["Matcher"], json!({"GrpcCode": "12"}));
}

#[test]
fn a_creation_with_equal_settings_is_the_same_one_and_otherwise_a_duplicate() {
    let aws = Asked::new();
    assert_eq!(aws.group("shop"), aws.group("shop"));
    for over in [
        json!({"Port": 81}),
        json!({"Protocol": "HTTPS"}),
        json!({"TargetType": "instance"}),
        json!({"ProtocolVersion": "HTTP2"}),
        json!({"HealthCheckPath": "/health"}),
        json!({"TargetControlPort": 3000}),
    ] {
        let refused = aws.refused("CreateTargetGroup", with(group("shop"), over.clone()));
        assert_eq!(refused, "DuplicateTargetGroupName", "{over}");
    }
}

#[test]
fn what_aws_refuses_is_refused_at_creation_and_at_modification() {
    let aws = Asked::new();
    for over in [
        json!({"Name": "a".repeat(33)}),
        json!({"Name": "shop-"}),
        json!({"Protocol": "FTP"}),
        json!({"Port": 0}),
        json!({"Port": 65536}),
        json!({"VpcId": "vpc-2"}),
        json!({"TargetType": "lambda"}),
        json!({"TargetType": "alb"}),
        json!({"ProtocolVersion": "HTTP3"}),
        json!({"IpAddressType": "dualstack"}),
        json!({"Colour": "blue"}),
        json!({"Tags": [{"Key": "aws:x", "Value": ""}]}),
    ] {
        let refused = aws.refused("CreateTargetGroup", with(group("shop"), over.clone()));
        assert_eq!(refused, "ValidationError", "{over}");
    }
    let arn = aws.group("shop");
    for over in [
        json!({"HealthCheckIntervalSeconds": 4}),
        json!({"HealthCheckIntervalSeconds": 301}),
        json!({"HealthCheckTimeoutSeconds": 1}),
        json!({"HealthCheckTimeoutSeconds": 121, "HealthCheckIntervalSeconds": 300}),
        json!({"HealthCheckTimeoutSeconds": 10, "HealthCheckIntervalSeconds": 10}),
        json!({"HealthyThresholdCount": 1}),
        json!({"HealthyThresholdCount": 11}),
        json!({"UnhealthyThresholdCount": 1}),
        json!({"UnhealthyThresholdCount": 11}),
        json!({"HealthCheckPort": "70000"}),
        json!({"HealthCheckPort": "http"}),
        json!({"HealthCheckPath": "health"}),
        json!({"Matcher": {"HttpCode": "teapot"}}),
        json!({"Matcher": {"HttpCode": "199"}}),
        json!({"Matcher": {"HttpCode": "200-500"}}),
        json!({"Matcher": {"GrpcCode": "12"}}),
    ] {
        let create = aws.refused("CreateTargetGroup", with(group("other"), over.clone()));
        assert_eq!(create, "ValidationError", "{over}");
        let modify = with(json!({"TargetGroupArn": arn}), over.clone());
        assert_eq!(aws.refused("ModifyTargetGroup", modify), "ValidationError", "{over}");
    }
    let immutable = json!({"TargetGroupArn": arn, "Port": 81});
    assert_eq!(aws.refused("ModifyTargetGroup", immutable), "ValidationError");
    let modified = json!({"TargetGroupArn": arn, "HealthCheckPath": "/ok", "Matcher": {"HttpCode": "200,202-204"}});
    let modified = aws.elb("ModifyTargetGroup", modified);
    assert_eq!(modified["TargetGroups"][0]["HealthCheckPath"], "/ok");
    assert_eq!(modified["TargetGroups"][0]["HealthCheckIntervalSeconds"], 30);
    assert_eq!(
        aws.refused("ModifyTargetGroup", json!({"TargetGroupArn": "arn:x"})),
        "TargetGroupNotFound"
    );
}

#[test]
fn attributes_depend_on_the_protocol() {
    let aws = Asked::new();
    let http = aws.group("shop");
    let tcp =
        json!({"Name": "tcp", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip"});
    let tcp = text(&aws.elb("CreateTargetGroup", tcp)["TargetGroups"][0]["TargetGroupArn"]);
    let set = |arn: &str, key: &str, value: &str| json!({"TargetGroupArn": arn, "Attributes": [{"Key": key, "Value": value}]});
    for (arn, key, value) in [
        (&http, "proxy_protocol_v2.enabled", "true"),
        (&http, "made.up.attribute", "1"),
        (&http, "slow_start.duration_seconds", "29"),
        (&http, "deregistration_delay.timeout_seconds", "3601"),
        (&http, "load_balancing.algorithm.type", "fastest"),
        (&tcp, "slow_start.duration_seconds", "30"),
    ] {
        let refused = aws.refused("ModifyTargetGroupAttributes", set(arn, key, value));
        assert_eq!(refused, "ValidationError", "{key}");
    }
    aws.elb("ModifyTargetGroupAttributes", set(&http, "slow_start.duration_seconds", "30"));
    aws.elb("ModifyTargetGroupAttributes", set(&tcp, "proxy_protocol_v2.enabled", "true"));
    let read = aws.elb("DescribeTargetGroupAttributes", json!({"TargetGroupArn": http}));
    let slow = json!({"Key": "slow_start.duration_seconds", "Value": "30"});
    assert!(read["Attributes"].as_array().unwrap().contains(&slow));
}

#[test]
fn a_target_group_in_use_stays_and_one_that_is_gone_is_gone_again() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let listener = aws.listener(&balancer, 80);
    let group = aws.group("shop");
    let rule = aws.elb("CreateRule", path_rule(&listener, 1, &[forward(&[&group])]));
    let rule = text(&rule["Rules"][0]["RuleArn"]);
    let on = json!({"TargetGroupArn": group});
    assert_eq!(aws.refused("DeleteTargetGroup", on.clone()), "ResourceInUse");
    let found = aws.elb("DescribeTargetGroups", json!({"LoadBalancerArn": balancer}));
    assert_eq!(found["TargetGroups"][0]["LoadBalancerArns"], json!([balancer]));
    aws.elb("ModifyRule", json!({"RuleArn": rule, "Actions": [not_found()]}));
    aws.elb("DeleteTargetGroup", on.clone());
    aws.elb("DeleteTargetGroup", on);
    assert_eq!(
        aws.refused("DescribeTargetGroups", json!({"Names": ["shop"]})),
        "TargetGroupNotFound"
    );
}

#[test]
fn a_target_group_serves_one_load_balancer() {
    let aws = Asked::new();
    let group = aws.group("shop");
    let [one, two] = ["one", "two"].map(|name| aws.listener(&aws.balancer(name), 80));
    let rule = aws.elb("CreateRule", path_rule(&one, 1, &[forward(&[&group])]));
    let asked = path_rule(&two, 1, &[forward(&[&group])]);
    assert_eq!(aws.refused("CreateRule", asked.clone()), "TargetGroupAssociationLimit");
    aws.elb("DeleteRule", json!({"RuleArn": rule["Rules"][0]["RuleArn"]}));
    aws.elb("CreateRule", asked);
}

#[test]
fn targets_are_registered_by_id_and_port() {
    let aws = Asked::new();
    let arn = aws.group("shop");
    let targets = |targets: Value| json!({"TargetGroupArn": arn, "Targets": targets});
    aws.elb(
        "RegisterTargets",
        targets(json!([{"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.1", "Port": 81}])),
    );
    aws.elb("DeregisterTargets", targets(json!([{"Id": "10.0.0.1", "Port": 80}])));
    let health = aws.elb("DescribeTargetHealth", json!({"TargetGroupArn": arn}));
    assert_eq!(
        health["TargetHealthDescriptions"][0]["Target"],
        json!({"Id": "10.0.0.1", "Port": 81})
    );
    assert_eq!(health["TargetHealthDescriptions"].as_array().unwrap().len(), 1);
    assert_eq!(health["TargetHealthDescriptions"][0]["TargetHealth"]["State"], "unused");
}

#[test]
fn a_bound_target_group_has_a_target() {
    let aws = Asked::new();
    let arn = aws.group("shop");
    let health = || aws.elb("DescribeTargetHealth", json!({"TargetGroupArn": arn}));
    assert_eq!(health()["TargetHealthDescriptions"], json!([]));
    let named = json!({"namespace": "shop", "name": "k8s-shop"});
    let binding = json!({"metadata": named, "spec": {"targetGroupARN": arn}});
    aws.call(Service::Kubernetes, "CreateTargetGroupBinding", binding).unwrap();
    let target = &health()["TargetHealthDescriptions"][0];
    assert_eq!(target["TargetHealth"]["Reason"], "Target.NotInUse");
    aws.call(Service::Kubernetes, "DeleteTargetGroupBinding", named).unwrap();
    assert_eq!(health()["TargetHealthDescriptions"], json!([]));
}

#[test]
fn a_load_balancer_is_a_target_on_a_port_it_listens_on() {
    let aws = Asked::new();
    let front = json!({"Name": "front", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1", "TargetType": "alb"});
    let front = text(&aws.elb("CreateTargetGroup", front)["TargetGroups"][0]["TargetGroupArn"]);
    let targets = |id: &str| json!({"TargetGroupArn": front, "Targets": [{"Id": id, "Port": 80}]});
    assert_eq!(aws.refused("RegisterTargets", targets("arn:x")), "InvalidTarget");
    let balancer = aws.balancer("web");
    assert_eq!(aws.refused("RegisterTargets", targets(&balancer)), "InvalidTarget");
    aws.listener(&balancer, 80);
    aws.elb("RegisterTargets", targets(&balancer));
}
