//! Annotations of the topic frontend NLB: a network load balancer in front of the ALB.

use super::{Annotation, Location, Merge, Set, Value};
use crate::diagnostic::Diagnostics;
use crate::diagnostic::code::load_balancer as code;
use crate::resource::{HealthCheck, Matcher, Port, TargetGroup};

/// The value of a health check port that means the port of the traffic.
pub const TRAFFIC_PORT: &str = "traffic-port";

/// A row of this topic: on an Ingress, without a field of IngressClassParams.
const fn row(
    name: &'static str,
    form: &'static str,
    default: Option<&'static str>,
    example: &'static str,
    sets: &'static str,
    summary: &'static str,
    set: Set,
) -> Annotation {
    Annotation {
        name,
        parameter: "",
        form,
        default,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary,
        sets,
        example,
        set,
    }
}

fn health_check(group: &mut TargetGroup) -> &mut HealthCheck {
    group.health_check.get_or_insert_default()
}

fn port(value: Value<'_, '_>, group: &mut TargetGroup) -> Result<(), Diagnostics> {
    health_check(group).port = Some(match value.as_str() {
        TRAFFIC_PORT => Port::Name(TRAFFIC_PORT.to_owned()),
        text => match super::parse_int(text, i64::from(i32::MIN), i64::from(i32::MAX)) {
            Some(number) => Port::Number(number as i32),
            None => {
                let message = format!("`{text}` of `{}` is not a port", value.name);
                let hint = format!("write a number, or '{TRAFFIC_PORT}'");
                return Err(value.error(&code::NLB_HEALTH_CHECK_PORT, message).hint(hint).into());
            }
        },
    });
    Ok(())
}

super::rows! {
    ENABLE_FRONTEND_NLB = row(
        "enable-frontend-nlb",
        "boolean",
        Some("false"),
        "true",
        "LoadBalancer FrontendNlb with its listeners and target groups",
        "Puts a network load balancer in front of the ALB, for static addresses or PrivateLink.",
        Set::Structure,
    );
    FRONTEND_NLB_SCHEME = row(
        "frontend-nlb-scheme",
        "internal | internet-facing",
        Some("internal"),
        "internet-facing",
        "LoadBalancer.scheme of the NLB",
        "Whether the NLB is reached from the internet. Where nobody says, the controller's default scheme holds, not the ALB's.",
        Set::Structure,
    );
    FRONTEND_NLB_SUBNETS = row(
        "frontend-nlb-subnets",
        "stringList",
        None,
        "subnet-0a1b2c3d, public-us-west-2b",
        "LoadBalancer.subnetMapping of the NLB",
        "The NLB's subnets by id or by their `Name` tag. Where nobody says, they are found by the role tags of its scheme.",
        Set::Structure,
    );
    FRONTEND_NLB_SECURITY_GROUPS = row(
        "frontend-nlb-security-groups",
        "stringList",
        None,
        "sg-0a1b2c3d, edge-web",
        "LoadBalancer.securityGroups of the NLB",
        "The NLB's security groups by id or by their `Name` tag. Where nobody says, it has those of the ALB.",
        Set::Structure,
    );
    FRONTEND_NLB_LISTENER_PORT_MAPPING = Annotation {
        merge: Merge::Merge,
        ..row(
            "frontend-nlb-listener-port-mapping",
            "stringMap",
            None,
            "8443=443",
            "Listener.port of the NLB, TargetGroup.port",
            "Ports of the NLB with the port of the ALB that each leads to. Where nobody says, the NLB listens on the ports of the ALB.",
            Set::Structure,
        )
    };
    FRONTEND_NLB_HEALTHCHECK_PORT = row(
        "frontend-nlb-healthcheck-port",
        "integer | traffic-port",
        Some(TRAFFIC_PORT),
        "80",
        "TargetGroup.healthCheckConfig.port of the NLB",
        "The port of the ALB that the NLB probes.",
        Set::FrontendTargetGroup(port),
    );
    FRONTEND_NLB_HEALTHCHECK_PROTOCOL = row(
        "frontend-nlb-healthcheck-protocol",
        "HTTP | HTTPS",
        Some("HTTP"),
        "HTTPS",
        "TargetGroup.healthCheckConfig.protocol of the NLB",
        "The protocol of the NLB's probes. An HTTPS listener answers to HTTPS only.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).protocol = Some(value.one_of(&["HTTP", "HTTPS"])?.to_owned());
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_PATH = row(
        "frontend-nlb-healthcheck-path",
        "string",
        Some("/"),
        "/healthz",
        "TargetGroup.healthCheckConfig.path of the NLB",
        "The path that the NLB's probes ask for.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).path = Some(value.as_str().to_owned());
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_INTERVAL_SECONDS = row(
        "frontend-nlb-healthcheck-interval-seconds",
        "integer",
        Some("15"),
        "30",
        "TargetGroup.healthCheckConfig.intervalSeconds of the NLB",
        "Seconds between two probes of the ALB by the NLB.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).interval_seconds = Some(value.int32()?);
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_TIMEOUT_SECONDS = row(
        "frontend-nlb-healthcheck-timeout-seconds",
        "integer",
        Some("5"),
        "10",
        "TargetGroup.healthCheckConfig.timeoutSeconds of the NLB",
        "Seconds without an answer until a probe of the NLB fails.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).timeout_seconds = Some(value.int32()?);
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_HEALTHY_THRESHOLD_COUNT = row(
        "frontend-nlb-healthcheck-healthy-threshold-count",
        "integer",
        Some("2"),
        "3",
        "TargetGroup.healthCheckConfig.healthyThresholdCount of the NLB",
        "Probes in a row that must succeed until the NLB sends traffic to the ALB.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).healthy_threshold_count = Some(value.int32()?);
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_UNHEALTHY_THRESHOLD_COUNT = row(
        "frontend-nlb-healthcheck-unhealthy-threshold-count",
        "integer",
        Some("2"),
        "3",
        "TargetGroup.healthCheckConfig.unhealthyThresholdCount of the NLB",
        "Probes in a row that must fail until the NLB stops sending traffic to the ALB.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).unhealthy_threshold_count = Some(value.int32()?);
            Ok(())
        }),
    );
    FRONTEND_NLB_HEALTHCHECK_SUCCESS_CODES = row(
        "frontend-nlb-healthcheck-success-codes",
        "string",
        Some("200"),
        "200-399",
        "TargetGroup.healthCheckConfig.matcher of the NLB",
        "HTTP status codes that count as healthy. Only one member of a group may say it for a port.",
        Set::FrontendTargetGroup(|value, group| {
            health_check(group).matcher =
                Some(Matcher { http_code: Some(value.as_str().to_owned()), grpc_code: None });
            Ok(())
        }),
    );
    FRONTEND_NLB_TAGS = row(
        "frontend-nlb-tags",
        "stringMap",
        None,
        "Team=network",
        "tags of the NLB, its listeners and target groups",
        "Tags of the NLB and what belongs to it, in place of the ALB's tags and the controller's default tags.",
        Set::Structure,
    );
    FRONTEND_NLB_EIP_ALLOCATIONS = row(
        "frontend-nlb-eip-allocations",
        "stringList",
        None,
        "eipalloc-0a1b2c3d, eipalloc-4e5f6071",
        "LoadBalancer.subnetMapping.allocationID of the NLB",
        "Elastic IPs of an internet-facing NLB, one per subnet in the same order.",
        Set::Structure,
    );
    FRONTEND_NLB_ATTRIBUTES = row(
        "frontend-nlb-attributes",
        "stringMap",
        None,
        "load_balancing.cross_zone.enabled=true",
        "LoadBalancer.loadBalancerAttributes of the NLB",
        "Attributes of the NLB. Once a member of a group says them, every later member must repeat them.",
        Set::Structure,
    );
}
