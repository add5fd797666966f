//! Load balancers of the simulated account.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::tag::{self, Tag};
use crate::account::CallError;
use crate::attribute;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LoadBalancer {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) load_balancer_type: String,
    pub(super) scheme: String,
    pub(super) dns_name: String,
    pub(super) vpc_id: String,
    pub(super) ip_address_type: String,
    pub(super) subnets: Vec<SubnetMapping>,
    pub(super) security_groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) customer_owned_ipv4_pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ipv4_ipam_pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) capacity_units: Option<i64>,
    pub(super) attributes: Texts,
    pub(super) tags: Texts,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SubnetMapping {
    pub(super) subnet_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) allocation_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IpamPools {
    ipv4_ipam_pool_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateLoadBalancer {
    name: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(default)]
    security_groups: Vec<String>,
    scheme: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(rename = "Type")]
    load_balancer_type: Option<String>,
    ip_address_type: Option<String>,
    customer_owned_ipv4_pool: Option<String>,
    ipam_pools: Option<IpamPools>,
}

/// Refuses what is not a name: letters, digits and hyphens, none at the edges, at most 32.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), CallError> {
    let shaped = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !shaped || (what == "load balancer" && name.starts_with("internal-")) {
        return refuse("ValidationError", format!("The {what} name '{name}' is not valid"));
    }
    Ok(())
}

impl Cloud {
    pub(super) fn create_load_balancer(&mut self, params: &Value) -> Answer {
        let asked: CreateLoadBalancer = read(params)?;
        check_name("load balancer", &asked.name)?;
        let load_balancer_type = asked.load_balancer_type.unwrap_or("application".to_owned());
        if !matches!(load_balancer_type.as_str(), "application" | "network") {
            return refuse(
                "ValidationError",
                format!("'{load_balancer_type}' is not a load balancer type"),
            );
        }
        let scheme = asked.scheme.unwrap_or("internet-facing".to_owned());
        if !matches!(scheme.as_str(), "internal" | "internet-facing") {
            return refuse("InvalidScheme", format!("The scheme '{scheme}' is not valid"));
        }
        let mut subnets = asked.subnet_mappings;
        subnets.extend(
            asked
                .subnets
                .into_iter()
                .map(|subnet_id| SubnetMapping { subnet_id, allocation_id: None }),
        );
        let ip_address_type = asked.ip_address_type.unwrap_or("ipv4".to_owned());
        let tags = tag::checked(asked.tags, &Texts::new(), self.quota("tags-per-resource"))?;
        self.check_subnets(&load_balancer_type, &scheme, &subnets)?;
        self.check_ip_address_type(&load_balancer_type, &scheme, &ip_address_type, &subnets)?;
        self.check_security_groups(&asked.security_groups)?;
        if let Some(arn) = self.index.names.get(&format!("lb/{}", asked.name)).cloned() {
            let there = &self.load_balancers[&arn];
            let ids = |subnets: &[SubnetMapping]| -> BTreeSet<String> {
                subnets.iter().map(|s| s.subnet_id.clone()).collect()
            };
            let groups = |groups: &[String]| groups.iter().cloned().collect::<BTreeSet<_>>();
            let same = there.load_balancer_type == load_balancer_type
                && there.scheme == scheme
                && there.ip_address_type == ip_address_type
                && ids(&there.subnets) == ids(&subnets)
                && groups(&there.security_groups) == groups(&asked.security_groups);
            return if same {
                Ok(json!({"LoadBalancers": [self.load_balancer(&arn)?]}))
            } else {
                refuse(
                    "DuplicateLoadBalancerName",
                    format!(
                        "A load balancer with the same name '{}' exists, but with different settings",
                        asked.name
                    ),
                )
            };
        }
        let hex = self.fresh_hex(&format!("loadbalancer/{}", asked.name), 16);
        let family = if load_balancer_type == "network" { "net" } else { "app" };
        let arn = self
            .arn("elasticloadbalancing", &format!("loadbalancer/{family}/{}/{hex}", asked.name));
        let dns_name = self.dns_name(&asked.name, family, &scheme, &hex);
        let attributes = attribute::of_load_balancer(&load_balancer_type);
        self.index.names.insert(format!("lb/{}", asked.name), arn.clone());
        self.load_balancers.insert(
            arn.clone(),
            LoadBalancer {
                name: asked.name,
                load_balancer_type,
                scheme,
                dns_name,
                vpc_id: self.vpc_id.clone(),
                ip_address_type,
                subnets,
                security_groups: asked.security_groups,
                customer_owned_ipv4_pool: asked.customer_owned_ipv4_pool,
                ipv4_ipam_pool: asked.ipam_pools.map(|pools| pools.ipv4_ipam_pool_id),
                capacity_units: None,
                attributes: super::defaults(&attributes),
                tags,
            },
        );
        let mut created = self.load_balancer(&arn)?;
        created["State"]["Code"] = json!("provisioning");
        Ok(json!({"LoadBalancers": [created]}))
    }

    fn dns_name(&self, name: &str, family: &str, scheme: &str, hex: &str) -> String {
        let suffix = if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        if family == "net" {
            return format!("{name}-{hex}.elb.{}.{suffix}", self.region);
        }
        let number = u64::from_str_radix(&hex[..8], 16).unwrap_or_default() % 1_000_000_000;
        let prefix = if scheme == "internal" { "internal-" } else { "" };
        format!("{prefix}{name}-{number:09}.{}.elb.{suffix}", self.region)
    }

    fn check_subnets(
        &self,
        load_balancer_type: &str,
        scheme: &str,
        subnets: &[SubnetMapping],
    ) -> Result<(), CallError> {
        let mut zones = BTreeSet::new();
        let mut single = load_balancer_type == "network";
        for mapping in subnets {
            let id = &mapping.subnet_id;
            let Some(subnet) = self.subnets.get(id) else {
                return refuse("SubnetNotFound", format!("The subnet ID '{id}' does not exist"));
            };
            single |= subnet.zone_type != "availability-zone";
            if !zones.insert(&subnet.availability_zone) {
                return refuse(
                    "InvalidConfigurationRequest",
                    "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
                );
            }
            if subnet.available_ip_address_count < 8 {
                return refuse(
                    "InvalidSubnet",
                    format!(
                        "Not enough IP space available in {id}. ELB requires at least 8 free IP addresses in each subnet"
                    ),
                );
            }
            if let Some(allocation) = &mapping.allocation_id {
                if load_balancer_type != "network" || scheme == "internal" {
                    return refuse(
                        "InvalidConfigurationRequest",
                        "Elastic IPs are for internet-facing Network Load Balancers only",
                    );
                }
                if !self.elastic_ips.contains(allocation) {
                    return refuse(
                        "AllocationIdNotFound",
                        format!("The allocation ID '{allocation}' does not exist"),
                    );
                }
            }
        }
        if subnets.is_empty() || (subnets.len() < 2 && !single) {
            return refuse(
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            );
        }
        Ok(())
    }

    fn check_ip_address_type(
        &self,
        load_balancer_type: &str,
        scheme: &str,
        ip_address_type: &str,
        subnets: &[SubnetMapping],
    ) -> Result<(), CallError> {
        match ip_address_type {
            "ipv4" => return Ok(()),
            "dualstack" => {}
            "dualstack-without-public-ipv4"
                if load_balancer_type == "application" && scheme == "internet-facing" => {}
            other => {
                return refuse(
                    "InvalidConfigurationRequest",
                    format!(
                        "The IP address type '{other}' is not valid for this {scheme} {load_balancer_type} load balancer"
                    ),
                );
            }
        }
        let bare = subnets.iter().find(|s| !self.subnets.get(&s.subnet_id).is_some_and(|s| s.ipv6));
        match bare {
            Some(bare) => refuse(
                "InvalidSubnet",
                format!(
                    "You must specify subnets with an associated IPv6 CIDR block; '{}' has none",
                    bare.subnet_id
                ),
            ),
            None => Ok(()),
        }
    }

    fn check_security_groups(&self, groups: &[String]) -> Result<(), CallError> {
        if let Some(unknown) = groups.iter().find(|id| !self.security_groups.contains_key(*id)) {
            return refuse(
                "InvalidSecurityGroup",
                format!("Security group '{unknown}' does not exist"),
            );
        }
        let limit = self.quota("security-groups-per-load-balancer");
        if groups.len() > limit {
            return refuse(
                "InvalidConfigurationRequest",
                format!("A load balancer can have at most {limit} security groups"),
            );
        }
        Ok(())
    }

    /// The load balancer as AWS describes it.
    pub(super) fn load_balancer(&self, arn: &str) -> Answer {
        let balancer = self.find_load_balancer(arn)?;
        let zones: Vec<Value> = balancer
            .subnets
            .iter()
            .map(|mapping| {
                let zone = self.subnets.get(&mapping.subnet_id).map(|s| s.availability_zone.as_str());
                let addresses: Vec<Value> =
                    mapping.allocation_id.iter().map(|id| json!({"AllocationId": id})).collect();
                json!({"ZoneName": zone, "SubnetId": mapping.subnet_id, "LoadBalancerAddresses": addresses})
            })
            .collect();
        let mut described = json!({
            "LoadBalancerArn": arn,
            "LoadBalancerName": balancer.name,
            "DNSName": balancer.dns_name,
            "CanonicalHostedZoneId": if balancer.load_balancer_type == "network" { "Z18D5FSROUN65G" } else { "Z1H1FL5HABSF5" },
            "Scheme": balancer.scheme,
            "Type": balancer.load_balancer_type,
            "VpcId": balancer.vpc_id,
            "State": {"Code": "active"},
            "AvailabilityZones": zones,
            "SecurityGroups": balancer.security_groups,
            "IpAddressType": balancer.ip_address_type,
        });
        if let Some(pool) = &balancer.customer_owned_ipv4_pool {
            described["CustomerOwnedIpv4Pool"] = json!(pool);
        }
        if let Some(pool) = &balancer.ipv4_ipam_pool {
            described["IpamPools"] = json!({"Ipv4IpamPoolId": pool});
        }
        Ok(described)
    }

    pub(super) fn find_load_balancer(&self, arn: &str) -> Result<&LoadBalancer, CallError> {
        self.load_balancers.get(arn).ok_or_else(|| not_found(arn))
    }

    pub(super) fn find_load_balancer_mut(
        &mut self,
        arn: &str,
    ) -> Result<&mut LoadBalancer, CallError> {
        self.load_balancers.get_mut(arn).ok_or_else(|| not_found(arn))
    }

    pub(super) fn describe_load_balancers(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arns: Option<Vec<String>>,
            names: Option<Vec<String>>,
        }
        let asked: Asked = read(params)?;
        let arns: Vec<String> = match (asked.load_balancer_arns, asked.names) {
            (Some(arns), _) => arns,
            (None, Some(names)) => names
                .iter()
                .map(|name| {
                    self.index
                        .names
                        .get(&format!("lb/{name}"))
                        .cloned()
                        .ok_or_else(|| not_found(name))
                })
                .collect::<Result<_, _>>()?,
            (None, None) => self.load_balancers.keys().cloned().collect(),
        };
        let found =
            arns.iter().map(|arn| self.load_balancer(arn)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"LoadBalancers": found}))
    }

    pub(super) fn set_subnets(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            #[serde(default)]
            subnets: Vec<String>,
            #[serde(default)]
            subnet_mappings: Vec<SubnetMapping>,
            ip_address_type: Option<String>,
        }
        let asked: Asked = read(params)?;
        let there = self.find_load_balancer(&asked.load_balancer_arn)?.clone();
        let mut subnets = asked.subnet_mappings;
        subnets.extend(
            asked
                .subnets
                .into_iter()
                .map(|subnet_id| SubnetMapping { subnet_id, allocation_id: None }),
        );
        let ip_address_type = asked.ip_address_type.unwrap_or(there.ip_address_type);
        let (kind, scheme) = (&there.load_balancer_type, &there.scheme);
        self.check_subnets(kind, scheme, &subnets)?;
        self.check_ip_address_type(kind, scheme, &ip_address_type, &subnets)?;
        let balancer = self.find_load_balancer_mut(&asked.load_balancer_arn)?;
        (balancer.subnets, balancer.ip_address_type) = (subnets, ip_address_type);
        let described = self.load_balancer(&asked.load_balancer_arn)?;
        Ok(
            json!({"AvailabilityZones": described["AvailabilityZones"], "IpAddressType": described["IpAddressType"]}),
        )
    }

    pub(super) fn set_security_groups(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            security_groups: Vec<String>,
        }
        let asked: Asked = read(params)?;
        let there = self.find_load_balancer(&asked.load_balancer_arn)?;
        if asked.security_groups.is_empty() && there.load_balancer_type == "application" {
            return refuse("ValidationError", "At least one security group must be specified");
        }
        if there.load_balancer_type == "network"
            && there.security_groups.is_empty() != asked.security_groups.is_empty()
        {
            return refuse(
                "InvalidConfigurationRequest",
                "Security groups of a Network Load Balancer can neither be added later nor all be removed",
            );
        }
        self.check_security_groups(&asked.security_groups)?;
        self.find_load_balancer_mut(&asked.load_balancer_arn)?.security_groups =
            asked.security_groups.clone();
        Ok(json!({"SecurityGroupIds": asked.security_groups}))
    }

    pub(super) fn set_ip_address_type(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            ip_address_type: String,
        }
        let asked: Asked = read(params)?;
        let there = self.find_load_balancer(&asked.load_balancer_arn)?;
        self.check_ip_address_type(
            &there.load_balancer_type,
            &there.scheme,
            &asked.ip_address_type,
            &there.subnets,
        )?;
        self.find_load_balancer_mut(&asked.load_balancer_arn)?.ip_address_type =
            asked.ip_address_type.clone();
        Ok(json!({"IpAddressType": asked.ip_address_type}))
    }

    pub(super) fn delete_load_balancer(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
        }
        let arn = read::<Asked>(params)?.load_balancer_arn;
        let Some(balancer) = self.load_balancers.get(&arn) else { return Ok(json!({})) };
        if balancer.attributes.get("deletion_protection.enabled").is_some_and(|v| v == "true") {
            return refuse(
                "OperationNotPermitted",
                format!(
                    "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
                ),
            );
        }
        let target_of = self.target_groups.iter().find(|(_, group)| {
            group.target_type == "alb" && group.targets.iter().any(|t| t.id == arn)
        });
        if let Some((group, _)) = target_of {
            return refuse(
                "ResourceInUse",
                format!(
                    "Load balancer '{arn}' cannot be deleted because it is a target of '{group}'"
                ),
            );
        }
        let name = format!("lb/{}", balancer.name);
        for listener in self.listeners_of(&arn) {
            self.drop_listener(&listener);
        }
        self.index.names.remove(&name);
        self.index.served.remove(&arn);
        self.load_balancers.remove(&arn);
        self.web_acl_associations.remove(&arn);
        self.protections.remove(&arn);
        Ok(json!({}))
    }
}

fn not_found(arn: &str) -> CallError {
    CallError::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found"))
}
