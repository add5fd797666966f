//! A simulated account is made from an inventory: what exists there and is not ours.

use super::certificate::Certificate;
use super::cloud::{Cloud, Subnet, Texts};
use super::load_balancer::{LoadBalancer, SubnetMapping};
use super::security_group::SecurityGroup;
use crate::account::Identity;
use crate::attribute;
use ingc_compiler::inventory::Inventory;
use ingc_compiler::tag;
use serde_json::json;

/// The version of the file's format.
pub(super) const VERSION: u32 = 1;

/// Which account an inventory is of. One that names none is AWS's example account.
pub(super) fn identity(inventory: &Inventory) -> Identity {
    let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
    Identity {
        account: or(&inventory.account_id, "123456789012"),
        region: or(&inventory.region, "us-east-1"),
        simulated: true,
    }
}

impl Cloud {
    /// A fresh account.
    pub(super) fn from_inventory(inventory: &Inventory) -> Cloud {
        let identity = identity(inventory);
        let partition = if inventory.partition.is_empty() { "aws" } else { &inventory.partition };
        let mut cloud = Cloud {
            version: VERSION,
            account_id: identity.account,
            region: identity.region,
            partition: partition.to_owned(),
            vpc_id: inventory.vpc.vpc_id.clone(),
            ..Cloud::default()
        };
        cloud.take_up(inventory, true);
        for balancer in &inventory.load_balancers {
            let subnets = balancer.subnet_ids.iter();
            let known = attribute::of_load_balancer(&balancer.load_balancer_type);
            let dns_name = format!("{}.{}.elb.amazonaws.com", balancer.name, cloud.region);
            cloud.load_balancers.insert(
                balancer.arn.clone(),
                LoadBalancer {
                    name: balancer.name.clone(),
                    load_balancer_type: balancer.load_balancer_type.clone(),
                    scheme: balancer.scheme.clone(),
                    dns_name,
                    vpc_id: cloud.vpc_id.clone(),
                    ip_address_type: "ipv4".to_owned(),
                    subnets: subnets
                        .map(|id| SubnetMapping { subnet_id: id.clone(), allocation_id: None })
                        .collect(),
                    security_groups: Vec::new(),
                    customer_owned_ipv4_pool: None,
                    ipv4_ipam_pool: None,
                    capacity_units: None,
                    attributes: super::defaults(&known),
                    tags: balancer.tags.clone().into(),
                },
            );
        }
        cloud.reindex();
        cloud
    }

    /// Adds what an inventory lists and the account lacks, as it does when somebody adds a subnet
    /// or a certificate. Nothing that is there changes. What carries a cluster's tag is only taken
    /// from the inventory that the account is made from: later on it may have been deleted since.
    pub(super) fn take_up(&mut self, inventory: &Inventory, fresh: bool) {
        let or_ours = |vpc_id: &str| {
            if vpc_id.is_empty() { inventory.vpc.vpc_id.clone() } else { vpc_id.to_owned() }
        };
        for subnet in &inventory.subnets {
            let zone_type = match (&subnet.outpost_arn, subnet.zone_type.as_str()) {
                (Some(_), _) => "outpost",
                (None, "") => "availability-zone",
                (None, zone_type) => zone_type,
            };
            // An inventory that does not tell how many addresses are free means that there are.
            let free = match subnet.available_ip_address_count {
                0 => 251,
                count => count,
            };
            self.subnets.entry(subnet.subnet_id.clone()).or_insert_with(|| Subnet {
                availability_zone: subnet.availability_zone.clone(),
                zone_type: zone_type.to_owned(),
                available_ip_address_count: free,
                ipv6: !subnet.ipv6_cidr_blocks.is_empty(),
            });
        }
        for group in &inventory.security_groups {
            if !fresh && group.tags.contains_key(tag::CLUSTER) {
                continue;
            }
            self.security_groups.entry(group.group_id.clone()).or_insert_with(|| SecurityGroup {
                group_name: group.group_name.clone(),
                vpc_id: or_ours(&group.vpc_id),
                tags: group.tags.clone().into(),
                ..SecurityGroup::default()
            });
        }
        for certificate in &inventory.certificates {
            let arn = certificate.certificate_arn.clone();
            self.certificates.entry(arn).or_insert_with(|| Certificate {
                domain_name: certificate.domain_name.clone(),
                subject_alternative_names: certificate.subject_alternative_names.clone(),
                status: certificate.status.clone(),
                certificate_type: certificate.certificate_type.clone(),
                key_algorithm: certificate.key_algorithm.clone(),
                certificate_authority_arn: certificate.certificate_authority_arn.clone(),
                ..Certificate::default()
            });
        }
        for acl in &inventory.web_acls {
            self.web_acls.entry(acl.arn.clone()).or_insert_with(|| acl.name.clone());
        }
        for store in &inventory.trust_stores {
            self.trust_stores.entry(store.arn.clone()).or_insert_with(|| store.name.clone());
        }
        self.elastic_ips.extend(inventory.elastic_ips.iter().map(|ip| ip.allocation_id.clone()));
        for group in &inventory.target_groups {
            if self.target_groups.contains_key(&group.arn) {
                continue;
            }
            let made = json!({
                "name": group.name,
                "protocol": "HTTP",
                "protocolVersion": "HTTP1",
                "port": 80,
                "vpcId": self.vpc_id,
                "targetType": "instance",
                "ipAddressType": "ipv4",
                "healthCheck": {},
                "attributes": super::defaults(&attribute::of_target_group("HTTP")),
                "tags": Texts::new(),
            });
            if let Ok(made) = serde_json::from_value(made) {
                self.target_groups.insert(group.arn.clone(), made);
            }
        }
    }
}
