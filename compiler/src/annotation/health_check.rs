//! Health checks: how the load balancer probes its targets.

use super::{Annotation, Location, Merge, Set, Value};
use crate::diagnostic::Diagnostics;
use crate::diagnostic::code::limit;
use crate::resource::{HealthCheck, Matcher, Port, TargetGroup};

/// The port that receives the traffic, whichever it is.
pub const TRAFFIC_PORT: &str = "traffic-port";

super::rows! {
    PORT = Annotation {
        name: "healthcheck-port",
        parameter: "",
        form: "integer | traffic-port | name of a Service port",
        default: Some(TRAFFIC_PORT),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The port that is probed. A name is one of the Service's ports.",
        sets: "TargetGroup.healthCheckConfig.port",
        example: "8081",
        set: Set::TargetGroup(|value, group| {
            let text = value.as_str();
            probe(group).port = Some(match super::parse_int(text, i32::MIN.into(), i32::MAX.into()) {
                Some(number) => Port::Number(number as i32),
                None => Port::Name(text.to_owned()),
            });
            match &probe(group).port {
                Some(Port::Number(number)) => value.within(*number, 1, 65535),
                _ => Ok(()),
            }
        }),
    };
    // What `backend-protocol` says where nobody says more.
    PROTOCOL = Annotation {
        name: "healthcheck-protocol",
        parameter: "",
        form: "HTTP | HTTPS",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The protocol of the probes; the backend protocol by default.",
        sets: "TargetGroup.healthCheckConfig.protocol",
        example: "HTTPS",
        set: Set::TargetGroup(|value, group| {
            probe(group).protocol = Some(value.one_of(&["HTTP", "HTTPS"])?.to_owned());
            Ok(())
        }),
    };
    // Its default depends on the protocol version.
    PATH = Annotation {
        name: "healthcheck-path",
        parameter: "",
        form: "string",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The path that is asked for: `/` by default, `/AWS.ALB/healthcheck` for gRPC.",
        sets: "TargetGroup.healthCheckConfig.path",
        example: "/healthz",
        set: Set::TargetGroup(|value, group| {
            let path = value.as_str();
            probe(group).path = Some(path.to_owned());
            if !path.starts_with('/') {
                return value.doubt(
                    &limit::REFUSED_VALUE,
                    format!("AWS refuses the health check path `{path}`: it starts with `/`"),
                    format!("write '/{path}'"),
                );
            }
            value.at_most(path, 1024, "a health check path")
        }),
    };
    INTERVAL = Annotation {
        name: "healthcheck-interval-seconds",
        parameter: "",
        form: "integer",
        default: Some("15"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Seconds between two probes of one target: 5 to 300.",
        sets: "TargetGroup.healthCheckConfig.intervalSeconds",
        example: "10",
        set: Set::TargetGroup(|value, group| {
            let seconds = value.int32()?;
            probe(group).interval_seconds = Some(seconds);
            value.within(seconds, 5, 300)
        }),
    };
    TIMEOUT = Annotation {
        name: "healthcheck-timeout-seconds",
        parameter: "",
        form: "integer",
        default: Some("5"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Seconds until a probe without an answer has failed: 2 to 120, less than the interval.",
        sets: "TargetGroup.healthCheckConfig.timeoutSeconds",
        example: "3",
        set: Set::TargetGroup(|value, group| {
            let seconds = value.int32()?;
            probe(group).timeout_seconds = Some(seconds);
            value.within(seconds, 2, 120)
        }),
    };
    HEALTHY_THRESHOLD = Annotation {
        name: "healthy-threshold-count",
        parameter: "",
        form: "integer",
        default: Some("2"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Probes in a row until a target is healthy: 2 to 10.",
        sets: "TargetGroup.healthCheckConfig.healthyThresholdCount",
        example: "3",
        set: Set::TargetGroup(|value, group| {
            let count = value.int32()?;
            probe(group).healthy_threshold_count = Some(count);
            value.within(count, 2, 10)
        }),
    };
    UNHEALTHY_THRESHOLD = Annotation {
        name: "unhealthy-threshold-count",
        parameter: "",
        form: "integer",
        default: Some("2"),
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Failed probes in a row until a target is unhealthy: 2 to 10.",
        sets: "TargetGroup.healthCheckConfig.unhealthyThresholdCount",
        example: "3",
        set: Set::TargetGroup(|value, group| {
            let count = value.int32()?;
            probe(group).unhealthy_threshold_count = Some(count);
            value.within(count, 2, 10)
        }),
    };
    // Its default and its place in the matcher depend on the protocol version.
    SUCCESS_CODES = Annotation {
        name: "success-codes",
        parameter: "",
        form: "string",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Answers that count as healthy: `200` by default, gRPC status `12` for gRPC.",
        sets: "TargetGroup.healthCheckConfig.matcher",
        example: "200,301-302",
        set: Set::TargetGroup(|value, group| {
            let codes = value.as_str().to_owned();
            probe(group).matcher = Some(if group.protocol_version.as_deref() == Some("GRPC") {
                Matcher { grpc_code: Some(codes), http_code: None }
            } else {
                Matcher { grpc_code: None, http_code: Some(codes) }
            });
            check_codes(value, group.protocol_version.as_deref() == Some("GRPC"))
        }),
    };
}

/// The health check, which the first row that has something to say about it makes.
fn probe(group: &mut TargetGroup) -> &mut HealthCheck {
    group.health_check.get_or_insert_default()
}

/// AWS takes single codes, lists and ranges: `200`, `200,202`, `200-299`.
fn check_codes(value: Value<'_, '_>, grpc: bool) -> Result<(), Diagnostics> {
    let (low, high) = if grpc { (0, 99) } else { (200, 499) };
    let code = |text: &str| super::parse_int(text, low, high);
    let accepted = value.as_str().split(',').all(|piece| match piece.split_once('-') {
        Some((from, to)) => matches!((code(from), code(to)), (Some(from), Some(to)) if from <= to),
        None => code(piece).is_some(),
    });
    if accepted {
        return Ok(());
    }
    let protocol = if grpc { "gRPC" } else { "HTTP" };
    value.doubt(
        &limit::REFUSED_VALUE,
        format!("AWS refuses the success codes `{}`", value.as_str()),
        format!("write {protocol} codes from {low} to {high}, such as '{low},{}-{high}'", low + 1),
    )
}
