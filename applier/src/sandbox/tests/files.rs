//! The file that keeps an account, and failures that are asked for.

use super::*;
use std::fs;
use std::path::Path;

fn open(path: &Path) -> Asked {
    Asked(Sandbox::open(path, &inventory()).unwrap())
}

#[test]
fn an_account_survives_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    let aws = open(&path);
    let balancer = aws.balancer("web");
    let listener = aws.listener(&balancer, 80);
    let group = aws.group("shop");
    aws.elb("CreateRule", path_rule(&listener, 1, &[forward(&[&group])]));
    let text = aws.0.text();
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "it is on disk before it is answered");
    drop(aws);
    let again = open(&path);
    assert_eq!(again.0.text(), text);
    assert_eq!(again.balancer("web"), balancer);
    assert_eq!(
        again.refused("DeleteTargetGroup", json!({"TargetGroupArn": group})),
        "ResourceInUse"
    );
    assert_eq!(again.refused("CreateListener", https(&balancer, 80)), "DuplicateListener");
    drop(again);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_large_account_survives_calls_that_only_its_journal_tells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    let aws = open(&path);
    for n in 0..150 {
        aws.group(&format!("g{n}"));
    }
    let journal = folder.path().join("aws.json.journal");
    assert!(journal.exists(), "the file should be large enough for a journal");
    let text = aws.0.text();
    assert_ne!(fs::read_to_string(&path).unwrap(), text);
    // As a process that was killed leaves it: nothing was closed, and the last line is cut.
    let killed = folder.path().join("killed.json");
    fs::copy(&path, &killed).unwrap();
    let mut lines = fs::read(&journal).unwrap();
    lines.extend(b"{\"service\":\"ec");
    fs::write(folder.path().join("killed.json.journal"), lines).unwrap();
    assert_eq!(open(&killed).0.text(), text);
    drop(aws);
    assert!(!journal.exists());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn no_secret_is_in_a_file_or_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    let aws = open(&path);
    for n in 0..150 {
        aws.group(&format!("g{n}"));
    }
    let tls = aws.tls(&aws.balancer("web"), 443);
    let config = json!({
        "Issuer": "https://i", "AuthorizationEndpoint": "https://a", "TokenEndpoint": "https://t",
        "UserInfoEndpoint": "https://u", "ClientId": "id", "ClientSecret": "hunter2",
    });
    let oidc = json!({"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": config});
    aws.elb("CreateRule", path_rule(&tls, 1, &[oidc, with(not_found(), json!({"Order": 2}))]));
    let text = aws.0.text();
    for file in fs::read_dir(folder.path()).unwrap() {
        assert!(!fs::read_to_string(file.unwrap().path()).unwrap().contains("hunter2"));
    }
    drop(aws);
    assert_eq!(open(&path).0.text(), text);
}

#[test]
fn what_is_new_in_the_inventory_is_taken_up_and_nothing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    let mut inventory = inventory();
    let ours = SecurityGroup {
        group_id: "sg-ours".to_owned(),
        group_name: "ours".to_owned(),
        tags: [(ingc_compiler::tag::CLUSTER.to_owned(), "prod".to_owned())].into(),
        ..SecurityGroup::default()
    };
    inventory.security_groups.push(ours);
    let aws = Asked(Sandbox::open(&path, &inventory).unwrap());
    aws.call(Service::Ec2, "DeleteSecurityGroup", json!({"GroupId": "sg-ours"})).unwrap();
    drop(aws);
    inventory.subnets.push(Subnet {
        subnet_id: "subnet-new".to_owned(),
        availability_zone: "e".to_owned(),
        ..Subnet::default()
    });
    let aws = Asked(Sandbox::open(&path, &inventory).unwrap());
    aws.elb(
        "CreateLoadBalancer",
        with(balancer("web"), json!({"Subnets": ["subnet-a", "subnet-new"]})),
    );
    let gone = json!({"GroupIds": ["sg-ours"]});
    assert_eq!(
        aws.refused_by(Service::Ec2, "DescribeSecurityGroups", gone),
        "InvalidGroup.NotFound"
    );
}

#[test]
fn a_file_that_is_none_or_is_another_accounts_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    fs::write(&path, "{\"version\": 1").unwrap();
    let error = Sandbox::open(&path, &inventory()).err().unwrap();
    assert_eq!(error.code().id, "ING1105");
    assert!(error.to_string().contains("aws.json"), "{error}");
    fs::remove_file(&path).unwrap();
    drop(open(&path));
    let other = Inventory { account_id: "999999999999".to_owned(), ..inventory() };
    let error = Sandbox::open(&path, &other).err().unwrap();
    assert_eq!(error.code().id, "ING1105");
    assert!(error.to_string().contains("111122223333"), "{error}");
    let missing = folder.path().join("no/such/aws.json");
    assert!(Sandbox::open(&missing, &inventory()).is_err());
}

#[test]
fn a_fault_comes_before_or_after_the_effect_and_is_over_then() {
    let aws = Asked::new();
    aws.0.fail(Fault::nth(0, When::Before));
    let create = || aws.call(Service::ElasticLoadBalancing, "CreateTargetGroup", group("shop"));
    assert!(create().unwrap_err().unanswered);
    assert_eq!(
        aws.refused("DescribeTargetGroups", json!({"Names": ["shop"]})),
        "TargetGroupNotFound"
    );
    aws.0.fail(Fault { code: Some("Throttling".to_owned()), ..Fault::nth(0, When::After) });
    let error = create().unwrap_err();
    assert!(error.is(&["Throttling"]) && error.retryable && !error.unanswered);
    let there = aws.elb("DescribeTargetGroups", json!({"Names": ["shop"]}));
    let again = create().unwrap();
    assert_eq!(
        again["TargetGroups"][0]["TargetGroupArn"],
        there["TargetGroups"][0]["TargetGroupArn"]
    );
}

#[test]
fn faults_may_stand_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    drop(open(&path));
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["faults"] =
        json!([{"action": "CreateTargetGroup", "when": "before", "code": "AccessDenied"}]);
    fs::write(&path, file.to_string()).unwrap();
    let aws = open(&path);
    let refused = aws.call(Service::ElasticLoadBalancing, "CreateTargetGroup", group("shop"));
    assert_eq!(refused.unwrap_err().code, "AccessDenied");
    drop(aws);
    open(&path).group("shop");
}

#[test]
fn quotas_may_be_raised_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    drop(open(&path));
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["quotas"] = json!({"rules-per-application-load-balancer": 1});
    fs::write(&path, file.to_string()).unwrap();
    let aws = open(&path);
    let listener = aws.listener(&aws.balancer("web"), 80);
    aws.rule(&listener, 1);
    assert_eq!(aws.refused("CreateRule", path_rule(&listener, 2, &[not_found()])), "TooManyRules");
    let limits = aws.elb("DescribeAccountLimits", json!({}));
    let rules = json!({"Name": "rules-per-application-load-balancer", "Max": "1"});
    assert!(limits["Limits"].as_array().unwrap().contains(&rules));
}
