//! Security groups.

use super::*;

fn ec2(aws: &Asked, action: &'static str, params: Value) -> Value {
    aws.call(Service::Ec2, action, params).unwrap()
}

fn made(name: &str) -> Value {
    json!({"GroupName": name, "Description": "[k8s] Managed SecurityGroup for LoadBalancer", "VpcId": "vpc-1"})
}

fn create(aws: &Asked, name: &str) -> String {
    text(&ec2(aws, "CreateSecurityGroup", made(name))["GroupId"])
}

fn ports(from: i32, to: i32, cidrs: &[&str]) -> Value {
    let (v6, v4): (Vec<&str>, Vec<&str>) = cidrs.iter().partition(|cidr| cidr.contains(':'));
    json!({
        "IpProtocol": "tcp", "FromPort": from, "ToPort": to,
        "IpRanges": v4.iter().map(|c| json!({"CidrIp": c})).collect::<Vec<_>>(),
        "Ipv6Ranges": v6.iter().map(|c| json!({"CidrIpv6": c})).collect::<Vec<_>>(),
    })
}

#[test]
fn a_security_group_is_described_with_its_rules_and_tags() {
    let aws = Asked::new();
    let tags = json!([{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let id = text(
        &ec2(&aws, "CreateSecurityGroup", with(made("web"), json!({"TagSpecifications": tags})))["GroupId"],
    );
    let permissions =
        json!([ports(443, 443, &["0.0.0.0/0", "::/0"]), ports(80, 80, &["10.0.0.0/8"])]);
    ec2(
        &aws,
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": id, "IpPermissions": permissions}),
    );
    let pairs = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}], "PrefixListIds": [{"PrefixListId": "pl-1"}]}]);
    ec2(&aws, "AuthorizeSecurityGroupIngress", json!({"GroupId": id, "IpPermissions": pairs}));
    let found =
        &ec2(&aws, "DescribeSecurityGroups", json!({"GroupIds": [id]}))["SecurityGroups"][0];
    assert_eq!(found["Tags"], json!([{"Key": "a", "Value": "b"}]));
    let permissions = found["IpPermissions"].as_array().unwrap();
    assert_eq!(permissions.len(), 3);
    assert_eq!(permissions[0]["UserIdGroupPairs"][0]["GroupId"], "sg-1");
    assert_eq!(permissions[1]["IpRanges"], json!([{"CidrIp": "10.0.0.0/8"}]));
    assert_eq!(permissions[2]["Ipv6Ranges"], json!([{"CidrIpv6": "::/0"}]));
    let revoked = json!({"GroupId": id, "IpPermissions": [ports(443, 443, &["::/0"])]});
    ec2(&aws, "RevokeSecurityGroupIngress", revoked.clone());
    assert_eq!(
        aws.refused_by(Service::Ec2, "RevokeSecurityGroupIngress", revoked),
        "InvalidPermission.NotFound"
    );
    for (filter, values) in [("group-name", "web"), ("tag:a", "b")] {
        let filters = json!({"Filters": [{"Name": filter, "Values": [values]}, {"Name": "vpc-id", "Values": ["vpc-1"]}]});
        assert_eq!(
            ec2(&aws, "DescribeSecurityGroups", filters)["SecurityGroups"][0]["GroupId"],
            id.as_str()
        );
    }
}

#[test]
fn what_ec2_refuses_is_refused() {
    let aws = Asked::new();
    let id = create(&aws, "web");
    let group = |over: Value| ("CreateSecurityGroup", with(made("other"), over));
    let authorize = |permission: Value| {
        ("AuthorizeSecurityGroupIngress", json!({"GroupId": id, "IpPermissions": [permission]}))
    };
    ec2(&aws, "AuthorizeSecurityGroupIngress", authorize(ports(80, 80, &["10.0.0.0/8"])).1);
    let many: Vec<String> = (0..60).map(|n| format!("10.1.{n}.0/24")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let cases = [
        (group(json!({"GroupName": "WEB"})), "InvalidGroup.Duplicate"),
        (group(json!({"GroupName": "sg-web"})), "InvalidParameterValue"),
        (group(json!({"GroupName": "a".repeat(256)})), "InvalidParameterValue"),
        (group(json!({"Description": "ä"})), "InvalidParameterValue"),
        (group(json!({"VpcId": "vpc-2"})), "InvalidVpcID.NotFound"),
        (
            group(json!({"TagSpecifications": [{"ResourceType": "vpc", "Tags": []}]})),
            "InvalidParameterValue",
        ),
        (authorize(ports(80, 80, &["10.0.0.0/8"])), "InvalidPermission.Duplicate"),
        (authorize(ports(80, 80, &["10.0.0.0"])), "InvalidParameterValue"),
        (authorize(ports(80, 80, &["10.0.0.0/40"])), "InvalidParameterValue"),
        (authorize(ports(80, 80, &[])), "InvalidParameterValue"),
        (authorize(ports(81, 80, &["10.0.0.0/8"])), "InvalidParameterValue"),
        (authorize(ports(0, 65536, &["10.0.0.0/8"])), "InvalidParameterValue"),
        (
            authorize(
                json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "PrefixListIds": [{"PrefixListId": "x"}]}),
            ),
            "InvalidPrefixListID.Malformed",
        ),
        (
            authorize(json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-9"}]})),
            "InvalidGroup.NotFound",
        ),
        (authorize(ports(81, 81, &many)), "RulesPerSecurityGroupLimitExceeded"),
        (
            ("AuthorizeSecurityGroupIngress", json!({"GroupId": id, "IpPermissions": []})),
            "MissingParameter",
        ),
        (("DeleteSecurityGroup", json!({"GroupId": "sg-9"})), "InvalidGroup.NotFound"),
        (("DescribeSecurityGroups", json!({"GroupIds": ["sg-9"]})), "InvalidGroup.NotFound"),
        (
            ("CreateTags", json!({"Resources": [id, "sg-9"], "Tags": [{"Key": "a", "Value": ""}]})),
            "InvalidGroup.NotFound",
        ),
    ];
    for ((action, params), code) in cases {
        assert_eq!(aws.refused_by(Service::Ec2, action, params.clone()), code, "{action} {params}");
    }
    ec2(&aws, "AuthorizeSecurityGroupIngress", authorize(ports(81, 81, &many[1..])).1);
    ec2(&aws, "AuthorizeSecurityGroupIngress", authorize(ports(81, 81, &["::/0"])).1);
}

#[test]
fn a_security_group_in_use_stays() {
    let aws = Asked::new();
    let [used, source] = ["used", "source"].map(|name| create(&aws, name));
    let balancer = with(balancer("web"), json!({"SecurityGroups": [used]}));
    let balancer =
        text(&aws.elb("CreateLoadBalancer", balancer)["LoadBalancers"][0]["LoadBalancerArn"]);
    let pair = json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": source}]});
    let permission = json!({"GroupId": used, "IpPermissions": [pair]});
    ec2(&aws, "AuthorizeSecurityGroupIngress", permission.clone());
    for id in [&used, &source] {
        let refused = aws.refused_by(Service::Ec2, "DeleteSecurityGroup", json!({"GroupId": id}));
        assert_eq!(refused, "DependencyViolation");
    }
    aws.elb("SetSecurityGroups", json!({"LoadBalancerArn": balancer, "SecurityGroups": ["sg-1"]}));
    ec2(&aws, "RevokeSecurityGroupIngress", permission);
    for id in [&source, &used] {
        ec2(&aws, "DeleteSecurityGroup", json!({"GroupId": id}));
    }
}

#[test]
fn tags_of_security_groups_change() {
    let aws = Asked::new();
    let id = create(&aws, "web");
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    ec2(&aws, "CreateTags", json!({"Resources": [id], "Tags": tags}));
    ec2(&aws, "DeleteTags", json!({"Resources": [id], "Tags": [{"Key": "a"}]}));
    let found = ec2(&aws, "DescribeSecurityGroups", json!({"GroupIds": [id]}));
    assert_eq!(found["SecurityGroups"][0]["Tags"], json!([{"Key": "b", "Value": "2"}]));
}
