//! What others have in the same account, and the calls that would touch it.

use crate::world::wait;
use ingc_applier::{Account, Call, Sandbox, Service};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The parts of an account in which objects have owners.
const PARTS: [&str; 8] = [
    "loadBalancers",
    "listeners",
    "rules",
    "targetGroups",
    "securityGroups",
    "webAclAssociations",
    "protections",
    "targetGroupBindings",
];

/// Objects of others, as they are.
#[derive(Default)]
pub(super) struct Others {
    objects: BTreeMap<(&'static str, String), Value>,
    /// Those that were there from the first, and stay.
    first: BTreeSet<(&'static str, String)>,
}

/// Tags as load balancers take them.
fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Makes a call on behalf of somebody else.
pub(super) fn send(account: &Sandbox, call: &Call) -> Result<Value, String> {
    wait(account.call(call)).map_err(|error| error.to_string())
}

fn arn(answer: &Value, list: &str, field: &str) -> String {
    answer[list][0][field].as_str().unwrap().to_owned()
}

/// Tags that look like ours and are not.
const OWNERS: [&[(&str, &str)]; 4] = [
    &[],
    &[
        ("elbv2.k8s.aws/cluster", "another"),
        ("ingress.k8s.aws/stack", "edge"),
        ("ingress.k8s.aws/resource", "LoadBalancer"),
    ],
    &[
        ("elbv2.k8s.aws/cluster", "eksworkshop"),
        ("ingress.k8s.aws/stack", "shop/of-the-controller"),
        ("ingress.k8s.aws/resource", "LoadBalancer"),
    ],
    &[("elbv2.k8s.aws/cluster", "eksworkshop"), ("service.k8s.aws/stack", "edge")],
];

impl Others {
    /// Fills an account beside what the inventory has: load balancers with a listener, a rule, a target group, a security group,
    /// a web ACL and protection each, and a binding.
    pub(super) fn settle(account: &Sandbox, vpc_id: &str) -> Others {
        for (n, owner) in OWNERS.iter().enumerate() {
            let owner = tags(owner);
            let made = send(
                account,
                &Call::elb(
                    "CreateLoadBalancer",
                    json!({"Name": format!("theirs-{n}"), "Scheme": "internal", "Type": "application",
                        "Subnets": ["subnet-0ddd3333eee4444f1", "subnet-0ddd3333eee4444f2"],
                        "SecurityGroups": ["sg-0aa11bb22cc33dd44"], "Tags": owner}),
                ),
            );
            let balancer = arn(&made.unwrap(), "LoadBalancers", "LoadBalancerArn");
            let name = format!("theirs-{n}");
            let group = target_group(account, &name, vpc_id, &owner);
            let forward = json!([{"Type": "forward", "TargetGroupArn": group}]);
            let listener = json!({"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP",
                "DefaultActions": forward, "Tags": owner});
            let made = send(account, &Call::elb("CreateListener", listener)).unwrap();
            let listener = arn(&made, "Listeners", "ListenerArn");
            let rule = json!({"ListenerArn": listener, "Priority": 1, "Actions": forward, "Tags": owner,
                "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}]});
            send(account, &Call::elb("CreateRule", rule)).unwrap();
            security_group(account, &name, vpc_id, &owner);
            let on = json!({"ResourceArn": balancer,
                "WebACLArn": "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge-acl/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb"});
            send(account, &Call::new(Service::Wafv2, "AssociateWebACL", on)).unwrap();
            let on = json!({"Name": name, "ResourceArn": balancer});
            send(account, &Call::new(Service::Shield, "CreateProtection", on)).unwrap();
        }
        let mut others = Others::default();
        others.adopt(account, &Parts::new());
        others.first = others.objects.keys().cloned().collect();
        others
    }

    /// Takes what was made since under protection.
    fn adopt(&mut self, account: &Sandbox, before: &Parts) {
        for (key, value) in parts(account) {
            if !before.contains_key(&key) {
                self.objects.insert(key, value);
            }
        }
    }

    /// Makes something of somebody's, which is theirs from now on.
    pub(super) fn make(&mut self, account: &Sandbox, make: impl FnOnce(&Sandbox) -> bool) -> bool {
        let before = parts(account);
        let made = make(account);
        self.adopt(account, &before);
        made
    }

    /// Their objects that are no longer as they were. What stood on a listener went with it.
    pub(super) fn touched(&mut self, account: &Sandbox) -> Vec<String> {
        let now = parts(account);
        let is_there = |rule: &str| {
            let listener = rule.replace(":listener-rule/", ":listener/");
            let listener = listener.rsplit_once('/').map(|(listener, _)| listener.to_owned());
            listener.is_some_and(|it| now.contains_key(&("listeners", it)))
        };
        self.objects.retain(|(part, id), _| *part != "rules" || is_there(id));
        let wrong = self.objects.iter().filter(|(key, value)| now.get(*key) != Some(*value));
        wrong.map(|((part, id), was)| format!("{part} {id} of others was {was}")).collect()
    }

    /// Deletes what they made in the meantime: all but what was there from the first.
    pub(super) fn leave(&mut self, account: &Sandbox) {
        let mut left = Vec::new();
        for (part, id) in self.objects.keys().filter(|key| !self.first.contains(*key)) {
            let call = match *part {
                "rules" => Call::elb("DeleteRule", json!({"RuleArn": id})),
                "targetGroups" => Call::elb("DeleteTargetGroup", json!({"TargetGroupArn": id})),
                "loadBalancers" => Call::elb("DeleteLoadBalancer", json!({"LoadBalancerArn": id})),
                "securityGroups" => Call::ec2("DeleteSecurityGroup", json!({"GroupId": id})),
                _ => continue,
            };
            // A rule may have gone with its listener.
            let _ = send(account, &call);
            left.push((*part, id.clone()));
        }
        left.iter().for_each(|key| drop(self.objects.remove(key)));
    }

    /// Ids that no mutating call may aim at.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.objects.keys().map(|(_, id)| id.clone()).collect()
    }

    /// An account's objects without theirs.
    pub(super) fn without(&self, holdings: &mut Value) {
        for (part, id) in self.objects.keys() {
            if let Some(part) = holdings[*part].as_object_mut() {
                part.remove(id);
            }
        }
    }
}

type Parts = BTreeMap<(&'static str, String), Value>;

/// All objects that have owners.
fn parts(account: &Sandbox) -> Parts {
    let mut all: Value = serde_json::from_str(&account.text()).unwrap();
    let mut found = Parts::new();
    for part in PARTS {
        if let Some(Value::Object(objects)) = all.get_mut(part).map(Value::take) {
            found.extend(objects.into_iter().map(|(id, object)| ((part, id), object)));
        }
    }
    found
}

/// What a mutating call changes; what it only names (certificates, subnets, target groups that
/// requests are led to) is not among it.
pub(super) fn aims(call: &Call) -> Vec<String> {
    let mut aims = Vec::new();
    let one = |name: &str| call.params[name].as_str().map(str::to_owned);
    for name in
        ["LoadBalancerArn", "ListenerArn", "RuleArn", "TargetGroupArn", "GroupId", "ResourceArn"]
    {
        aims.extend(one(name));
    }
    for name in ["ResourceArns", "Resources", "ResourceARNList"] {
        let all = call.params[name].as_array().into_iter().flatten();
        aims.extend(all.filter_map(Value::as_str).map(str::to_owned));
    }
    let moves = call.params["RulePriorities"].as_array().into_iter().flatten();
    aims.extend(moves.filter_map(|it| it["RuleArn"].as_str()).map(str::to_owned));
    aims
}

/// A target group of somebody's: its ARN.
pub(super) fn target_group(account: &Sandbox, name: &str, vpc_id: &str, tags: &Value) -> String {
    let params = json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc_id,
        "TargetType": "ip", "Tags": tags});
    let made = send(account, &Call::elb("CreateTargetGroup", params)).unwrap();
    arn(&made, "TargetGroups", "TargetGroupArn")
}

fn security_group(account: &Sandbox, name: &str, vpc_id: &str, tags: &Value) {
    let params = json!({"GroupName": name, "Description": "theirs", "VpcId": vpc_id,
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}]});
    send(account, &Call::ec2("CreateSecurityGroup", params)).unwrap();
}

/// Takes a name that somebody else will want.
pub(super) fn squat(account: &Sandbox, kind: &str, name: &str, vpc_id: &str, owner: usize) -> bool {
    let tags = tags(OWNERS[owner % OWNERS.len()]);
    let taken = |call: Call| send(account, &call).is_ok();
    match kind {
        "LoadBalancer" => taken(Call::elb(
            "CreateLoadBalancer",
            json!({"Name": name, "Scheme": "internal", "Type": "application", "Tags": tags,
                "Subnets": ["subnet-0ddd3333eee4444f1", "subnet-0ddd3333eee4444f2"],
                "SecurityGroups": ["sg-0aa11bb22cc33dd44"]}),
        )),
        "TargetGroup" => {
            let named = Call::elb("DescribeTargetGroups", json!({"Names": [name]}));
            if send(account, &named).is_ok() {
                return false;
            }
            target_group(account, name, vpc_id, &tags);
            true
        }
        _ => taken(Call::ec2(
            "CreateSecurityGroup",
            json!({"GroupName": name, "Description": "theirs", "VpcId": vpc_id,
                "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}]}),
        )),
    }
}

/// Adds a rule of somebody's to a listener.
pub(super) fn rule(account: &Sandbox, listener: &str, number: u16) -> bool {
    let params = json!({"ListenerArn": listener, "Priority": number,
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}],
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/maintenance"]}}]});
    send(account, &Call::elb("CreateRule", params)).is_ok()
}
