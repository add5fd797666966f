//! What the simulated account does and refuses, one test per rule of AWS's.

mod addons;
mod files;
mod listeners;
mod load_balancers;
mod rules;
mod security_groups;
mod target_groups;

use super::{Fault, Sandbox, When};
use crate::account::{Call, CallError, Service};
use ingc_compiler::inventory::{
    Certificate, Inventory, SecurityGroup, Subnet, TargetGroup, TrustStore, Vpc, WebAcl,
};
use serde_json::{Value, json};

/// An account with three zones, two security groups, and one of everything else.
pub(crate) fn inventory() -> Inventory {
    let subnet = |id: &str, zone: &str, free: i64, ipv6: bool| Subnet {
        subnet_id: id.to_owned(),
        availability_zone: zone.to_owned(),
        available_ip_address_count: free,
        ipv6_cidr_blocks: if ipv6 { vec!["2600::/64".to_owned()] } else { Vec::new() },
        ..Subnet::default()
    };
    let group = |id: &str, name: &str| SecurityGroup {
        group_id: id.to_owned(),
        group_name: name.to_owned(),
        ..SecurityGroup::default()
    };
    let certificate = |n: u32, status: &str| Certificate {
        certificate_arn: certificate(n),
        status: status.to_owned(),
        domain_name: format!("n{n}.example.com"),
        ..Certificate::default()
    };
    let local =
        Subnet { zone_type: "local-zone".to_owned(), ..subnet("subnet-lax", "lax-1", 99, false) };
    Inventory {
        region: "eu-central-1".to_owned(),
        account_id: "111122223333".to_owned(),
        partition: "aws".to_owned(),
        vpc: Vpc { vpc_id: "vpc-1".to_owned(), ..Vpc::default() },
        subnets: vec![
            subnet("subnet-a", "a", 99, true),
            subnet("subnet-b", "b", 99, true),
            subnet("subnet-b2", "b", 99, true),
            subnet("subnet-c", "c", 99, false),
            subnet("subnet-full", "d", 5, false),
            local,
        ],
        security_groups: vec![group("sg-1", "one"), group("sg-2", "two")],
        certificates: (0..40)
            .map(|n| certificate(n, "ISSUED"))
            .chain([certificate(99, "EXPIRED")])
            .collect(),
        web_acls: vec![WebAcl { name: "acl".to_owned(), arn: "arn:acl".to_owned() }],
        target_groups: vec![TargetGroup {
            name: "theirs".to_owned(),
            arn: "arn:theirs".to_owned(),
        }],
        trust_stores: vec![TrustStore { name: "store".to_owned(), arn: "arn:store".to_owned() }],
        ..Inventory::default()
    }
}

/// The ARN of a certificate of [`inventory`].
pub(crate) fn certificate(n: u32) -> String {
    format!("arn:aws:acm:eu-central-1:111122223333:certificate/{n}")
}

/// An account to ask.
pub(super) struct Asked(pub(super) Sandbox);

impl Asked {
    pub(super) fn new() -> Asked {
        Asked(Sandbox::in_memory(&inventory()))
    }

    pub(super) fn call(
        &self,
        service: Service,
        action: &'static str,
        params: Value,
    ) -> Result<Value, CallError> {
        self.0.answer(&Call::new(service, action, params))
    }

    /// What Elastic Load Balancing answers.
    pub(super) fn elb(&self, action: &'static str, params: Value) -> Value {
        self.call(Service::ElasticLoadBalancing, action, params).unwrap()
    }

    /// With which code Elastic Load Balancing refuses; a refusal must not change anything.
    pub(super) fn refused(&self, action: &'static str, params: Value) -> String {
        self.refused_by(Service::ElasticLoadBalancing, action, params)
    }

    /// With which code a service refuses.
    pub(super) fn refused_by(
        &self,
        service: Service,
        action: &'static str,
        params: Value,
    ) -> String {
        let without_counter = |text: String| {
            text.lines().filter(|l| !l.contains("\"creations\"")).collect::<Vec<_>>().join("\n")
        };
        let before = without_counter(self.0.text());
        let error = self.call(service, action, params).expect_err("it should be refused");
        assert_eq!(without_counter(self.0.text()), before, "{error}");
        error.code
    }

    /// A load balancer.
    pub(super) fn balancer(&self, name: &str) -> String {
        let made = self.elb("CreateLoadBalancer", balancer(name));
        text(&made["LoadBalancers"][0]["LoadBalancerArn"])
    }

    /// A target group.
    pub(super) fn group(&self, name: &str) -> String {
        let made = self.elb("CreateTargetGroup", group(name));
        text(&made["TargetGroups"][0]["TargetGroupArn"])
    }

    /// A listener that answers 404.
    pub(super) fn listener(&self, balancer: &str, port: i32) -> String {
        let made = self.elb("CreateListener", http(balancer, port));
        text(&made["Listeners"][0]["ListenerArn"])
    }

    /// A TLS listener that answers 404.
    pub(super) fn tls(&self, balancer: &str, port: i32) -> String {
        let made = self.elb("CreateListener", https(balancer, port));
        text(&made["Listeners"][0]["ListenerArn"])
    }

    /// A rule for a path.
    pub(super) fn rule(&self, listener: &str, priority: i32) -> String {
        let made = self.elb("CreateRule", path_rule(listener, priority, &[not_found()]));
        text(&made["Rules"][0]["RuleArn"])
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// `base` with the fields of `over`; null takes a field away.
pub(super) fn with(mut base: Value, over: Value) -> Value {
    for (key, value) in over.as_object().expect("an object") {
        match value {
            Value::Null => base.as_object_mut().expect("an object").remove(key),
            value => base.as_object_mut().expect("an object").insert(key.clone(), value.clone()),
        };
    }
    base
}

pub(super) fn balancer(name: &str) -> Value {
    json!({"Name": name, "Subnets": ["subnet-a", "subnet-b"], "SecurityGroups": ["sg-1"], "Scheme": "internal"})
}

pub(super) fn group(name: &str) -> Value {
    json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip"})
}

pub(super) fn http(balancer: &str, port: i32) -> Value {
    json!({"LoadBalancerArn": balancer, "Port": port, "Protocol": "HTTP", "DefaultActions": [not_found()]})
}

pub(super) fn https(balancer: &str, port: i32) -> Value {
    json!({
        "LoadBalancerArn": balancer, "Port": port, "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": certificate(0)}], "DefaultActions": [not_found()],
    })
}

pub(super) fn not_found() -> Value {
    json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}})
}

pub(super) fn forward(groups: &[&str]) -> Value {
    let groups: Vec<_> = groups.iter().map(|arn| json!({"TargetGroupArn": arn})).collect();
    json!({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})
}

pub(super) fn path(pattern: &str) -> Value {
    json!({"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}})
}

pub(super) fn path_rule(listener: &str, priority: i32, actions: &[Value]) -> Value {
    let pattern = format!("/{priority}");
    json!({"ListenerArn": listener, "Priority": priority, "Conditions": [path(&pattern)], "Actions": actions})
}
