//! `K8S::ElasticLoadBalancingV2::TargetGroupBinding`: the object that makes the controller register pods.

use super::field::{Field, in_place};
use super::{Port, Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A TargetGroupBinding as the controller makes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetGroupBinding {
    /// The object.
    #[serde(rename = "template")]
    pub template: BindingTemplate,
}

impl TargetGroupBinding {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[in_place("template")];
}

/// The object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BindingTemplate {
    /// `metadata`.
    #[serde(rename = "metadata")]
    pub metadata: BindingMetadata,
    /// `spec`.
    #[serde(rename = "spec")]
    pub spec: BindingSpec,
}

/// `metadata`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BindingMetadata {
    /// Annotations.
    #[serde(rename = "annotations", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Labels.
    #[serde(rename = "labels", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The target group's name.
    #[serde(rename = "name")]
    pub name: String,
    /// The Service's namespace.
    #[serde(rename = "namespace")]
    pub namespace: String,
}

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BindingSpec {
    /// `ipv4` or `ipv6`.
    #[serde(rename = "ipAddressType", default, skip_serializing_if = "Option::is_none")]
    pub ip_address_type: Option<String>,
    /// Shared with other clusters.
    #[serde(
        rename = "multiClusterTargetGroup",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub multi_cluster_target_group: bool,
    /// Who may reach the pods.
    #[serde(rename = "networking", default, skip_serializing_if = "Option::is_none")]
    pub networking: Option<Networking>,
    /// Which nodes are registered.
    #[serde(rename = "nodeSelector", default, skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<MatchLabels>,
    /// The Service.
    #[serde(rename = "serviceRef")]
    pub service_ref: ServiceRef,
    /// The target group.
    #[serde(rename = "targetGroupARN")]
    pub target_group_arn: Token,
    /// Its protocol.
    #[serde(rename = "targetGroupProtocol", default, skip_serializing_if = "Option::is_none")]
    pub target_group_protocol: Option<String>,
    /// `instance` or `ip`.
    #[serde(rename = "targetType", default, skip_serializing_if = "Option::is_none")]
    pub target_type: Option<String>,
    /// The VPC.
    #[serde(rename = "vpcID", default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
}

/// A Service and its port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceRef {
    /// The Service.
    #[serde(rename = "name")]
    pub name: String,
    /// By name or number, as the Ingress wrote it.
    #[serde(rename = "port")]
    pub port: Port,
}

/// A label selector.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchLabels {
    /// Labels that must be equal.
    #[serde(rename = "matchLabels", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
}

/// Who may reach the pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Networking {
    /// Allowed sources.
    #[serde(rename = "ingress", default, skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<NetworkingRule>,
}

/// Peers and ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkingRule {
    /// Peers.
    #[serde(rename = "from")]
    pub from: Vec<NetworkingPeer>,
    /// Ports.
    #[serde(rename = "ports")]
    pub ports: Vec<NetworkingPort>,
}

/// A peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkingPeer {
    /// A security group.
    #[serde(rename = "securityGroup")]
    pub security_group: SecurityGroupPeer,
}

/// A security group as a peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupPeer {
    /// Its id.
    #[serde(rename = "groupID")]
    pub group_id: Token,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkingPort {
    /// By name or number.
    #[serde(rename = "port", default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// `TCP` or `UDP`.
    #[serde(rename = "protocol", default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
}
