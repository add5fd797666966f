//! Target groups of the simulated account, and what is registered with them.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::health_check::{HEALTH_CHECK, HealthCheck};
use super::load_balancer::check_name;
use super::load_balancer_setting::{KeyValue, changed, listed};
use super::tag::{self, Tag};
use crate::account::CallError;
use crate::attribute;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TargetGroup {
    pub(super) name: String,
    pub(super) protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) protocol_version: Option<String>,
    pub(super) port: i32,
    pub(super) vpc_id: String,
    pub(super) target_type: String,
    pub(super) ip_address_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target_control_port: Option<i32>,
    pub(super) health_check: HealthCheck,
    pub(super) attributes: Texts,
    pub(super) tags: Texts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) targets: Vec<Target>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) port: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateTargetGroup {
    name: String,
    protocol: String,
    protocol_version: Option<String>,
    port: i32,
    vpc_id: String,
    target_type: Option<String>,
    ip_address_type: Option<String>,
    target_control_port: Option<i32>,
    #[serde(default)]
    tags: Vec<Tag>,
}

const CREATE: &[&str] = &[
    "Name",
    "Protocol",
    "ProtocolVersion",
    "Port",
    "VpcId",
    "TargetType",
    "IpAddressType",
    "TargetControlPort",
    "Tags",
];
/// Refuses parameters of other names; serde cannot where two types share one object.
fn check_known(params: &Value, known: &[&[&str]]) -> Result<(), CallError> {
    let keys = params.as_object().into_iter().flat_map(|object| object.keys());
    match keys.into_iter().find(|key| !known.iter().any(|list| list.contains(&key.as_str()))) {
        Some(unknown) => refuse("ValidationError", format!("unknown field `{unknown}`")),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    target_group_arn: String,
}

impl Cloud {
    pub(super) fn create_target_group(&mut self, params: &Value) -> Answer {
        check_known(params, &[CREATE, HEALTH_CHECK])?;
        let asked: CreateTargetGroup = read(params)?;
        let health_check: HealthCheck = read(params)?;
        check_name("target group", &asked.name)?;
        let http = matches!(asked.protocol.as_str(), "HTTP" | "HTTPS");
        let target_type = asked.target_type.unwrap_or("instance".to_owned());
        if !http && asked.protocol != "TCP" {
            return refuse(
                "ValidationError",
                format!("Protocol '{}' is not supported", asked.protocol),
            );
        }
        if !matches!(target_type.as_str(), "instance" | "ip" | "alb")
            || (target_type == "alb" && http)
        {
            return refuse(
                "ValidationError",
                format!(
                    "Target type '{target_type}' is not valid with protocol '{}'",
                    asked.protocol
                ),
            );
        }
        let protocol_version = match asked.protocol_version {
            None if http => Some("HTTP1".to_owned()),
            Some(version) if http && ["HTTP1", "HTTP2", "GRPC"].contains(&version.as_str()) => {
                Some(version)
            }
            None => None,
            Some(version) => {
                return refuse(
                    "ValidationError",
                    format!("Protocol version '{version}' is not valid"),
                );
            }
        };
        if !(1..=65535).contains(&asked.port) {
            return refuse("ValidationError", format!("Port {} is not valid", asked.port));
        }
        if asked.vpc_id != self.vpc_id {
            return refuse(
                "ValidationError",
                format!("The VPC ID '{}' is not found", asked.vpc_id),
            );
        }
        let ip_address_type = asked.ip_address_type.unwrap_or("ipv4".to_owned());
        if !matches!(ip_address_type.as_str(), "ipv4" | "ipv6") {
            return refuse(
                "ValidationError",
                format!("IP address type '{ip_address_type}' is not valid"),
            );
        }
        let grpc = protocol_version.as_deref() == Some("GRPC");
        let health_check =
            HealthCheck::defaults(&asked.protocol, protocol_version.as_deref(), &target_type)
                .with(health_check);
        health_check.check(grpc)?;
        let tags = tag::checked(asked.tags, &Texts::new(), self.quota("tags-per-resource"))?;
        let group = TargetGroup {
            name: asked.name.clone(),
            attributes: super::defaults(&attribute::of_target_group(&asked.protocol)),
            protocol: asked.protocol,
            protocol_version,
            port: asked.port,
            vpc_id: asked.vpc_id,
            target_type,
            ip_address_type,
            target_control_port: asked.target_control_port,
            health_check,
            tags,
            targets: Vec::new(),
        };
        if let Some(arn) = self.index.names.get(&format!("tg/{}", group.name)).cloned() {
            let there = &self.target_groups[&arn];
            let same = (&there.protocol, &there.protocol_version, there.port, &there.target_type)
                == (&group.protocol, &group.protocol_version, group.port, &group.target_type)
                && (&there.ip_address_type, there.target_control_port, &there.health_check)
                    == (&group.ip_address_type, group.target_control_port, &group.health_check);
            return if same {
                Ok(json!({"TargetGroups": [self.target_group(&arn)?]}))
            } else {
                refuse(
                    "DuplicateTargetGroupName",
                    format!(
                        "A target group with the same name '{}' exists, but with different settings",
                        group.name
                    ),
                )
            };
        }
        let hex = self.fresh_hex(&format!("targetgroup/{}", group.name), 16);
        let arn = self.arn("elasticloadbalancing", &format!("targetgroup/{}/{hex}", group.name));
        self.index.names.insert(format!("tg/{}", group.name), arn.clone());
        self.target_groups.insert(arn.clone(), group);
        Ok(json!({"TargetGroups": [self.target_group(&arn)?]}))
    }

    pub(super) fn find_target_group(&self, arn: &str) -> Result<&TargetGroup, CallError> {
        self.target_groups.get(arn).ok_or_else(|| not_found(arn))
    }

    fn find_target_group_mut(&mut self, arn: &str) -> Result<&mut TargetGroup, CallError> {
        self.target_groups.get_mut(arn).ok_or_else(|| not_found(arn))
    }

    /// The target group as AWS describes it.
    fn target_group(&self, arn: &str) -> Answer {
        let group = self.find_target_group(arn)?;
        let mut described = json!({
            "TargetGroupArn": arn,
            "TargetGroupName": group.name,
            "Protocol": group.protocol,
            "Port": group.port,
            "VpcId": group.vpc_id,
            "TargetType": group.target_type,
            "IpAddressType": group.ip_address_type,
            "HealthCheckEnabled": true,
            "LoadBalancerArns": self.index.load_balancers_of(arn),
        });
        let health_check = serde_json::to_value(&group.health_check).unwrap_or_default();
        if let (Some(target), Value::Object(fields)) = (described.as_object_mut(), health_check) {
            target.extend(fields);
            if let Some(version) = &group.protocol_version {
                target.insert("ProtocolVersion".to_owned(), json!(version));
            }
            if let Some(port) = group.target_control_port {
                target.insert("TargetControlPort".to_owned(), json!(port));
            }
        }
        Ok(described)
    }

    pub(super) fn describe_target_groups(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            target_group_arns: Option<Vec<String>>,
            names: Option<Vec<String>>,
            load_balancer_arn: Option<String>,
        }
        let asked: Asked = read(params)?;
        let arns: Vec<String> =
            match (asked.target_group_arns, asked.names, asked.load_balancer_arn) {
                (Some(arns), ..) => arns,
                (_, Some(names), _) => names
                    .iter()
                    .map(|name| {
                        self.index
                            .names
                            .get(&format!("tg/{name}"))
                            .cloned()
                            .ok_or_else(|| not_found(name))
                    })
                    .collect::<Result<_, _>>()?,
                (.., Some(balancer)) => {
                    self.find_load_balancer(&balancer)?;
                    self.index
                        .served
                        .get(&balancer)
                        .into_iter()
                        .flat_map(|s| s.keys().cloned())
                        .collect()
                }
                _ => self.target_groups.keys().cloned().collect(),
            };
        let found = arns.iter().map(|arn| self.target_group(arn)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"TargetGroups": found}))
    }

    pub(super) fn modify_target_group(&mut self, params: &Value) -> Answer {
        check_known(params, &[&["TargetGroupArn"], HEALTH_CHECK])?;
        let arn = read::<Named>(params)?.target_group_arn;
        let over: HealthCheck = read(params)?;
        let group = self.find_target_group_mut(&arn)?;
        let health_check = group.health_check.clone().with(over);
        health_check.check(group.protocol_version.as_deref() == Some("GRPC"))?;
        group.health_check = health_check;
        Ok(json!({"TargetGroups": [self.target_group(&arn)?]}))
    }

    pub(super) fn describe_target_group_attributes(&self, params: &Value) -> Answer {
        Ok(listed(&self.find_target_group(&read::<Named>(params)?.target_group_arn)?.attributes))
    }

    pub(super) fn modify_target_group_attributes(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            target_group_arn: String,
            attributes: Vec<KeyValue>,
        }
        let asked: Asked = read(params)?;
        let group = self.find_target_group_mut(&asked.target_group_arn)?;
        let known = attribute::of_target_group(&group.protocol);
        group.attributes = changed("Target group", &known, &group.attributes, &asked.attributes)?;
        Ok(listed(&group.attributes))
    }

    pub(super) fn delete_target_group(&mut self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.target_group_arn;
        if self.index.users.contains_key(&arn) {
            return refuse(
                "ResourceInUse",
                format!("Target group '{arn}' is currently in use by a listener or a rule"),
            );
        }
        if let Some(group) = self.target_groups.remove(&arn) {
            self.index.names.remove(&format!("tg/{}", group.name));
        }
        Ok(json!({}))
    }

    pub(super) fn register_targets(&mut self, params: &Value) -> Answer {
        let (arn, targets) = read_targets(params)?;
        let group = self.find_target_group(&arn)?;
        if group.target_type == "alb" {
            for target in &targets {
                self.find_load_balancer(&target.id).map_err(|_| {
                    CallError::new(
                        "InvalidTarget",
                        format!("The target '{}' is not found", target.id),
                    )
                })?;
                let port = target.port.unwrap_or(group.port);
                let listening =
                    self.listeners_of(&target.id).iter().any(|l| self.listeners[l].port == port);
                if !listening {
                    return refuse(
                        "InvalidTarget",
                        format!("The load balancer '{}' has no listener on port {port}", target.id),
                    );
                }
            }
        }
        let group = self.find_target_group_mut(&arn)?;
        for target in targets {
            if !group.targets.contains(&target) {
                group.targets.push(target);
            }
        }
        Ok(json!({}))
    }

    pub(super) fn deregister_targets(&mut self, params: &Value) -> Answer {
        let (arn, targets) = read_targets(params)?;
        let group = self.find_target_group_mut(&arn)?;
        group.targets.retain(|there| {
            !targets.iter().any(|t| t.id == there.id && (t.port.is_none() || t.port == there.port))
        });
        Ok(json!({}))
    }

    pub(super) fn describe_target_health(&self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.target_group_arn;
        let group = self.find_target_group(&arn)?;
        // A bound Service has a pod on a node, and its health is checked while somebody uses it.
        let bound = self.is_bound(&arn);
        let pod = bound.then(|| Target { id: "i-0123456789abcdef0".to_owned(), port: None });
        let is_used = self.index.users.get(&arn).is_some_and(|users| !users.is_empty());
        let health = if is_used || group.target_type == "alb" {
            json!({"State": "healthy"})
        } else {
            json!({
                "State": "unused",
                "Reason": "Target.NotInUse",
                "Description": "Target group is not configured to receive traffic from the load balancer",
            })
        };
        let targets: Vec<_> = group
            .targets
            .iter()
            .chain(&pod)
            .map(|target| {
                json!({
                    "Target": {"Id": target.id, "Port": target.port.unwrap_or(group.port)},
                    "TargetHealth": health,
                })
            })
            .collect();
        Ok(json!({"TargetHealthDescriptions": targets}))
    }
}

fn read_targets(params: &Value) -> Result<(String, Vec<Target>), CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Asked {
        target_group_arn: String,
        targets: Vec<Target>,
    }
    let asked: Asked = read(params)?;
    Ok((asked.target_group_arn, asked.targets))
}

fn not_found(arn: &str) -> CallError {
    CallError::new("TargetGroupNotFound", format!("Target group '{arn}' not found"))
}
