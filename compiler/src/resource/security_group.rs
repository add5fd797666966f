//! `AWS::EC2::SecurityGroup`.

use super::Tags;
use super::field::{Field, in_place, replace};
use serde::{Deserialize, Serialize};

/// A security group. AWS changes neither name nor description.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Free text.
    #[serde(rename = "description")]
    pub description: String,
    /// Unique in the VPC.
    #[serde(rename = "groupName")]
    pub group_name: String,
    /// Inbound rules, sorted by their JSON text.
    #[serde(rename = "ingress", default, skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<IpPermission>,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl SecurityGroup {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] =
        &[replace("description"), replace("groupName"), in_place("ingress"), in_place("tags")];
}

/// One inbound rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IpPermission {
    /// First port.
    #[serde(rename = "fromPort", default, skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// `tcp`, `udp`, `icmp`, or `-1`.
    #[serde(rename = "ipProtocol")]
    pub ip_protocol: String,
    /// IPv4 sources.
    #[serde(rename = "ipRanges", default, skip_serializing_if = "Vec::is_empty")]
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 sources.
    #[serde(rename = "ipv6Ranges", default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Managed prefix lists as sources.
    #[serde(rename = "prefixLists", default, skip_serializing_if = "Vec::is_empty")]
    pub prefix_lists: Vec<PrefixList>,
    /// Last port.
    #[serde(rename = "toPort", default, skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
}

/// An IPv4 source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IpRange {
    /// The block.
    #[serde(rename = "cidrIP")]
    pub cidr_ip: String,
}

/// An IPv6 source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ipv6Range {
    /// The block.
    #[serde(rename = "cidrIPv6")]
    pub cidr_ipv6: String,
}

/// A managed prefix list as a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PrefixList {
    /// Such as `pl-0123`.
    #[serde(rename = "listID")]
    pub list_id: String,
}
