//! `AWS::ElasticLoadBalancingV2::TargetGroup`.

use super::field::{Field, ignore, in_place, replace};
use super::{Attribute, Port, Tags};
use serde::{Deserialize, Serialize};

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// How targets are probed.
    #[serde(rename = "healthCheckConfig", default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// `ipv4` or `ipv6`.
    #[serde(rename = "ipAddressType")]
    pub ip_address_type: String,
    /// Unique in account and region; at most 32 characters.
    #[serde(rename = "name")]
    pub name: String,
    /// Default port; 1 where the Service's target port is named.
    #[serde(rename = "port")]
    pub port: i32,
    /// `HTTP`, `HTTPS` or `TCP`.
    #[serde(rename = "protocol")]
    pub protocol: String,
    /// `HTTP1`, `HTTP2` or `GRPC`; none for TCP.
    #[serde(rename = "protocolVersion", default, skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<String>,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Port of the target optimizer's agent.
    #[serde(rename = "targetControlPort", default, skip_serializing_if = "Option::is_none")]
    pub target_control_port: Option<i32>,
    /// Attributes, sorted by their JSON text.
    #[serde(rename = "targetGroupAttributes", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// `instance`, `ip` or `alb`.
    #[serde(rename = "targetType")]
    pub target_type: String,
}

impl TargetGroup {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        in_place("healthCheckConfig"),
        replace("ipAddressType"),
        ignore("name"),
        ignore("port"),
        replace("protocol"),
        replace("protocolVersion"),
        in_place("tags"),
        replace("targetControlPort"),
        in_place("targetGroupAttributes"),
        replace("targetType"),
    ];
}

/// How targets are probed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Probes until healthy.
    #[serde(rename = "healthyThresholdCount", default, skip_serializing_if = "Option::is_none")]
    pub healthy_threshold_count: Option<i32>,
    /// Seconds between two probes.
    #[serde(rename = "intervalSeconds", default, skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<i32>,
    /// Which answers count as healthy.
    #[serde(rename = "matcher", default, skip_serializing_if = "Option::is_none")]
    pub matcher: Option<Matcher>,
    /// Path that is asked for.
    #[serde(rename = "path", default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `traffic-port` or a number.
    #[serde(rename = "port", default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// `HTTP`, `HTTPS` or `TCP`.
    #[serde(rename = "protocol", default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Seconds until a probe fails.
    #[serde(rename = "timeoutSeconds", default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i32>,
    /// Probes until unhealthy.
    #[serde(rename = "unhealthyThresholdCount", default, skip_serializing_if = "Option::is_none")]
    pub unhealthy_threshold_count: Option<i32>,
}

/// Which answers count as healthy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matcher {
    /// gRPC status codes.
    #[serde(rename = "grpcCode", default, skip_serializing_if = "Option::is_none")]
    pub grpc_code: Option<String>,
    /// HTTP status codes.
    #[serde(rename = "httpCode", default, skip_serializing_if = "Option::is_none")]
    pub http_code: Option<String>,
}
