//! `AWS::ElasticLoadBalancingV2::LoadBalancer`.

use super::field::{Field, ignore, in_place, replace};
use super::{Attribute, Tags, Token};
use serde::{Deserialize, Serialize};

/// An ALB, or the NLB in front of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// CoIP pool, on Outposts.
    #[serde(rename = "customerOwnedIPv4Pool", default, skip_serializing_if = "Option::is_none")]
    pub customer_owned_ipv4_pool: Option<String>,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    #[serde(rename = "ipAddressType")]
    pub ip_address_type: String,
    /// IPAM pool of the public addresses.
    #[serde(rename = "ipv4IPAMPool", default, skip_serializing_if = "Option::is_none")]
    pub ipv4_ipam_pool: Option<String>,
    /// Attributes, sorted by their JSON text.
    #[serde(rename = "loadBalancerAttributes", default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_attributes: Vec<Attribute>,
    /// Reserved capacity.
    #[serde(
        rename = "minimumLoadBalancerCapacity",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub minimum_load_balancer_capacity: Option<MinimumCapacity>,
    /// Unique in account and region; at most 32 characters.
    #[serde(rename = "name")]
    pub name: String,
    /// `internal` or `internet-facing`.
    #[serde(rename = "scheme")]
    pub scheme: String,
    /// Security groups in order.
    #[serde(rename = "securityGroups", default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<Token>,
    /// One subnet per zone.
    #[serde(rename = "subnetMapping", default, skip_serializing_if = "Vec::is_empty")]
    pub subnet_mapping: Vec<SubnetMapping>,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// `application` or `network`.
    #[serde(rename = "type")]
    pub load_balancer_type: String,
}

impl LoadBalancer {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        replace("customerOwnedIPv4Pool"),
        in_place("ipAddressType"),
        in_place("ipv4IPAMPool"),
        in_place("loadBalancerAttributes"),
        in_place("minimumLoadBalancerCapacity"),
        ignore("name"),
        replace("scheme"),
        in_place("securityGroups"),
        in_place("subnetMapping"),
        in_place("tags"),
        replace("type"),
    ];
}

/// Reserved capacity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MinimumCapacity {
    /// LCUs; 0 releases it.
    #[serde(rename = "capacityUnits")]
    pub capacity_units: i64,
}

/// A subnet of the load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubnetMapping {
    /// Elastic IP (NLB).
    #[serde(rename = "allocationID", default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<String>,
    /// The subnet.
    #[serde(rename = "subnetID")]
    pub subnet_id: String,
}
