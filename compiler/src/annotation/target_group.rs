//! Target groups: where the traffic of a backend goes and how.

use super::{Annotation, Location, Merge, Set, Value};
use crate::diagnostic::code::limit;
use crate::diagnostic::{Diagnostics, nearest};
use crate::resource::{Attribute, TargetGroup};

super::rows! {
    // The controller's `defaultTargetType` stands before the default.
    TARGET_TYPE = Annotation {
        name: "target-type",
        parameter: "",
        form: "instance | ip",
        default: Some("instance"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: Some("targetType"),
        summary: "Whether traffic goes to nodes (`instance`, through a node port) or to pods (`ip`).",
        sets: "TargetGroup.targetType",
        example: "ip",
        set: Set::TargetGroup(|value, group| {
            group.target_type = value.one_of(&["instance", "ip"])?.to_owned();
            Ok(())
        }),
    };
    BACKEND_PROTOCOL = Annotation {
        name: "backend-protocol",
        parameter: "",
        form: "HTTP | HTTPS",
        default: Some("HTTP"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The protocol between load balancer and targets.",
        sets: "TargetGroup.protocol",
        example: "HTTPS",
        set: Set::TargetGroup(|value, group| {
            group.protocol = value.one_of(&["HTTP", "HTTPS"])?.to_owned();
            Ok(())
        }),
    };
    BACKEND_PROTOCOL_VERSION = Annotation {
        name: "backend-protocol-version",
        parameter: "",
        form: "HTTP1 | HTTP2 | GRPC",
        default: Some("HTTP1"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The version of HTTP that the targets speak.",
        sets: "TargetGroup.protocolVersion",
        example: "GRPC",
        set: Set::TargetGroup(|value, group| {
            group.protocol_version = Some(value.one_of(&["HTTP1", "HTTP2", "GRPC"])?.to_owned());
            Ok(())
        }),
    };
    ATTRIBUTES = Annotation {
        name: "target-group-attributes",
        parameter: "",
        form: "stringMap",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Attributes of the target group, such as stickiness and deregistration delay.",
        sets: "TargetGroup.targetGroupAttributes",
        example: "deregistration_delay.timeout_seconds=30,stickiness.enabled=true",
        set: Set::TargetGroup(set_attributes),
    };
    // Read for the TargetGroupBinding of nodes only.
    TARGET_NODE_LABELS = Annotation {
        name: "target-node-labels",
        parameter: "",
        form: "stringMap",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Labels of the nodes that become targets where the target type is `instance`.",
        sets: "TargetGroupBinding.template.spec.nodeSelector",
        example: "node.kubernetes.io/pool=web",
        set: Set::Structure,
    };
    // True if Ingress or Service says so.
    MULTI_CLUSTER = Annotation {
        name: "multi-cluster-target-group",
        parameter: "",
        form: "boolean",
        default: Some("false"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The target group is shared with other clusters: only targets of ours are removed.",
        sets: "TargetGroupBinding.template.spec.multiClusterTargetGroup",
        example: "true",
        set: Set::Structure,
    };
    TARGET_CONTROL_PORT = Annotation {
        name: "target-control-port.",
        parameter: "${serviceName}.${servicePort}",
        form: "integer",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The port of the target optimizer's agent for one Service port, target type `ip` only.",
        sets: "TargetGroup.targetControlPort",
        example: "3000",
        set: Set::Structure,
    };
}

/// The attributes that AWS knows for target groups of Application Load Balancers.
const KNOWN: &[&str] = &[
    "deregistration_delay.timeout_seconds",
    "load_balancing.algorithm.anomaly_mitigation",
    "load_balancing.algorithm.type",
    "load_balancing.cross_zone.enabled",
    "slow_start.duration_seconds",
    "stickiness.app_cookie.cookie_name",
    "stickiness.app_cookie.duration_seconds",
    "stickiness.enabled",
    "stickiness.lb_cookie.duration_seconds",
    "stickiness.type",
    "target_group_health.dns_failover.minimum_healthy_targets.count",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
];

fn set_attributes(value: Value<'_, '_>, group: &mut TargetGroup) -> Result<(), Diagnostics> {
    let pairs = value.map()?;
    let mut findings = Diagnostics::new();
    for pair in &pairs {
        let allowed = match pair.key.as_str() {
            key if !KNOWN.contains(&key) => {
                findings.push(
                    value
                        .warning_at(
                            pair.range.clone(),
                            &limit::UNKNOWN_ATTRIBUTE,
                            format!("AWS knows no target group attribute `{key}`"),
                        )
                        .hint(match nearest(key, KNOWN.iter().copied()) {
                            Some(known) => format!("did you mean `{known}`?"),
                            None => format!("remove it; known are {}", KNOWN.join(", ")),
                        }),
                );
                continue;
            }
            key => allowed_attribute(key, &pair.value),
        };
        if let Err(allowed) = allowed {
            findings.push(
                value
                    .warning_at(
                        pair.range.clone(),
                        &limit::REFUSED_VALUE,
                        format!("AWS refuses `{}` for `{}`", pair.value, pair.key),
                    )
                    .hint(format!("write {allowed}")),
            );
        }
    }
    group.attributes =
        pairs.into_iter().map(|pair| Attribute { key: pair.key, value: pair.value }).collect();
    crate::lower::json_text::sort(&mut group.attributes);
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Whether AWS takes the value of a known attribute, or what it takes.
fn allowed_attribute(key: &str, value: &str) -> Result<(), String> {
    let number = |low: i64, high: i64| match super::parse_int(value, low, high) {
        Some(_) => Ok(()),
        None => Err(format!("a number from {low} to {high}")),
    };
    let word = |allowed: &[&str]| match allowed.contains(&value) {
        true => Ok(()),
        false => Err(format!("one of {}", allowed.join(", "))),
    };
    match key {
        "deregistration_delay.timeout_seconds" => number(0, 3600),
        "load_balancing.algorithm.anomaly_mitigation" => word(&["on", "off"]),
        "load_balancing.algorithm.type" => {
            word(&["round_robin", "least_outstanding_requests", "weighted_random"])
        }
        "load_balancing.cross_zone.enabled" => {
            word(&["true", "false", "use_load_balancer_configuration"])
        }
        "slow_start.duration_seconds" if value == "0" => Ok(()),
        "slow_start.duration_seconds" => number(30, 900),
        "stickiness.app_cookie.duration_seconds" | "stickiness.lb_cookie.duration_seconds" => {
            number(1, 604_800)
        }
        "stickiness.enabled" => word(&["true", "false"]),
        "stickiness.type" => word(&["lb_cookie", "app_cookie"]),
        _ => Ok(()),
    }
}
