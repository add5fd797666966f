//! Load balancers, listeners and target groups as the provider has them.

use super::{Converted, action, block, field, items};
use serde_json::{Map, Value, json};

/// An attribute with the provider's argument: text, number or boolean.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Number,
    Boolean,
}

/// Attributes of load balancers by their argument in the provider, and AWS's default.
const LOAD_BALANCER: &[(&str, &str, Form, &str)] = &[
    ("client_keep_alive.seconds", "client_keep_alive", Form::Number, "3600"),
    ("deletion_protection.enabled", "enable_deletion_protection", Form::Boolean, "false"),
    ("idle_timeout.timeout_seconds", "idle_timeout", Form::Number, "60"),
    ("routing.http.desync_mitigation_mode", "desync_mitigation_mode", Form::Text, "defensive"),
    (
        "routing.http.drop_invalid_header_fields.enabled",
        "drop_invalid_header_fields",
        Form::Boolean,
        "false",
    ),
    ("routing.http.preserve_host_header.enabled", "preserve_host_header", Form::Boolean, "false"),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "enable_tls_version_and_cipher_suite_headers",
        Form::Boolean,
        "false",
    ),
    ("routing.http.xff_client_port.enabled", "enable_xff_client_port", Form::Boolean, "false"),
    ("routing.http.xff_header_processing.mode", "xff_header_processing_mode", Form::Text, "append"),
    ("routing.http2.enabled", "enable_http2", Form::Boolean, "true"),
    ("waf.fail_open.enabled", "enable_waf_fail_open", Form::Boolean, "false"),
    ("zonal_shift.config.enabled", "enable_zonal_shift", Form::Boolean, "false"),
];

/// Attributes of target groups by their argument in the provider, and AWS's default.
const TARGET_GROUP: &[(&str, &str, Form, &str)] = &[
    ("deregistration_delay.timeout_seconds", "deregistration_delay", Form::Text, "300"),
    ("slow_start.duration_seconds", "slow_start", Form::Number, "0"),
    ("load_balancing.algorithm.type", "load_balancing_algorithm_type", Form::Text, "round_robin"),
    (
        "load_balancing.algorithm.anomaly_mitigation",
        "load_balancing_anomaly_mitigation",
        Form::Text,
        "off",
    ),
    (
        "load_balancing.cross_zone.enabled",
        "load_balancing_cross_zone_enabled",
        Form::Text,
        "use_load_balancer_configuration",
    ),
];

fn attribute<'v>(spec: &'v Value, list: &str, key: &str) -> Option<&'v str> {
    let entry = items(spec, list)
        .iter()
        .find(|entry| entry.get("key").and_then(Value::as_str) == Some(key))?;
    entry.get("value").and_then(Value::as_str)
}

fn argument(text: &str, form: Form) -> Value {
    match form {
        Form::Text => json!(text),
        Form::Number => text.parse::<i64>().map_or(json!(text), |number| json!(number)),
        Form::Boolean => json!(text == "true"),
    }
}

fn arguments(
    values: &mut Map<String, Value>,
    spec: &Value,
    list: &str,
    table: &[(&str, &str, Form, &str)],
) {
    for (key, name, form, default) in table {
        let text = attribute(spec, list, key).unwrap_or(default);
        values.insert((*name).to_owned(), argument(text, *form));
    }
}

/// `aws_lb`.
pub(super) fn load_balancer(spec: &Value, tags: &Map<String, Value>) -> Map<String, Value> {
    let logs = |kind: &str| -> Value {
        let text = |key: String| attribute(spec, "loadBalancerAttributes", &key);
        match text(format!("{kind}.s3.enabled")) {
            None => json!([]),
            Some(enabled) => block(json!({
                "enabled": enabled == "true",
                "bucket": text(format!("{kind}.s3.bucket")).unwrap_or(""),
                "prefix": text(format!("{kind}.s3.prefix")).unwrap_or(""),
            })),
        }
    };
    let subnets: Vec<Value> =
        items(spec, "subnetMapping").iter().map(|mapping| field(mapping, "subnetID")).collect();
    let mut values = Map::new();
    let mut put = |name: &str, value: Value| values.insert(name.to_owned(), value);
    put("name", field(spec, "name"));
    put("internal", json!(spec.get("scheme").and_then(Value::as_str) == Some("internal")));
    put("load_balancer_type", field(spec, "type"));
    put("ip_address_type", field(spec, "ipAddressType"));
    put("security_groups", field(spec, "securityGroups"));
    put("subnets", Value::Array(subnets));
    put("customer_owned_ipv4_pool", field(spec, "customerOwnedIPv4Pool"));
    put("access_logs", logs("access_logs"));
    put("connection_logs", logs("connection_logs"));
    if let Some(pool) = spec.get("ipv4IPAMPool") {
        put("ipam_pools", block(json!({"ipv4_ipam_pool_id": pool})));
    }
    if let Some(capacity) = spec.get("minimumLoadBalancerCapacity") {
        put(
            "minimum_load_balancer_capacity",
            block(json!({"capacity_units": field(capacity, "capacityUnits")})),
        );
    }
    put("tags", json!(tags));
    put("tags_all", json!(tags));
    if spec.get("type").and_then(Value::as_str) == Some("application") {
        arguments(&mut values, spec, "loadBalancerAttributes", LOAD_BALANCER);
    } else {
        arguments(&mut values, spec, "loadBalancerAttributes", &LOAD_BALANCER[1..2]);
        let cross_zone =
            attribute(spec, "loadBalancerAttributes", "load_balancing.cross_zone.enabled");
        values.insert(
            "enable_cross_zone_load_balancing".to_owned(),
            json!(cross_zone == Some("true")),
        );
    }
    values
}

/// `aws_lb_listener`, and an `aws_lb_listener_certificate` for each certificate behind the first.
pub(super) fn listener(spec: &Value, tags: &Map<String, Value>) -> Vec<Converted> {
    let certificates = items(spec, "certificates");
    let mut values = Map::new();
    let mut put = |name: &str, value: Value| values.insert(name.to_owned(), value);
    put("load_balancer_arn", field(spec, "loadBalancerARN"));
    put("port", field(spec, "port"));
    put("protocol", field(spec, "protocol"));
    put("ssl_policy", field(spec, "sslPolicy"));
    put(
        "certificate_arn",
        certificates.first().map_or(Value::Null, |c| field(c, "certificateARN")),
    );
    put("default_action", action::actions(items(spec, "defaultActions")));
    if let Some(mutual) = spec.get("mutualAuthentication") {
        put(
            "mutual_authentication",
            block(json!({
                "mode": field(mutual, "mode"),
                "trust_store_arn": field(mutual, "trustStoreArn"),
                "ignore_client_certificate_expiry": field(mutual, "ignoreClientCertificateExpiry"),
                "advertise_trust_store_ca_names": field(mutual, "advertiseTrustStoreCaNames"),
            })),
        );
    }
    for entry in items(spec, "listenerAttributes") {
        if let (Some(key), Some(text)) =
            (entry.get("Key").and_then(Value::as_str), entry.get("Value").and_then(Value::as_str))
        {
            let boolean = matches!(text, "true" | "false").then(|| json!(text == "true"));
            put(&key.replace('.', "_"), boolean.unwrap_or_else(|| json!(text)));
        }
    }
    put("tags", json!(tags));
    put("tags_all", json!(tags));
    let further = certificates.iter().skip(1).enumerate().map(|(i, certificate)| {
        let mut values = Map::new();
        values.insert("listener_arn".to_owned(), json!({"$listener": true}));
        values.insert("certificate_arn".to_owned(), field(certificate, "certificateARN"));
        Converted {
            resource_type: "aws_lb_listener_certificate",
            suffix: format!("certificate_{}", i + 1),
            values,
        }
    });
    std::iter::once(Converted { resource_type: "aws_lb_listener", suffix: String::new(), values })
        .chain(further)
        .collect()
}

/// `aws_lb_target_group`.
pub(super) fn target_group(
    spec: &Value,
    vpc_id: &str,
    tags: &Map<String, Value>,
) -> Map<String, Value> {
    let check = field(spec, "healthCheckConfig");
    let matcher = check.get("matcher").map_or(Value::Null, |m| match m.get("grpcCode") {
        Some(code) => code.clone(),
        None => field(m, "httpCode"),
    });
    let port = match field(&check, "port") {
        Value::Number(number) => Value::String(number.to_string()),
        other => other,
    };
    let mut values = Map::new();
    let mut put = |name: &str, value: Value| values.insert(name.to_owned(), value);
    put("name", field(spec, "name"));
    put("port", field(spec, "port"));
    put("protocol", field(spec, "protocol"));
    put("protocol_version", field(spec, "protocolVersion"));
    put("target_type", field(spec, "targetType"));
    put("ip_address_type", field(spec, "ipAddressType"));
    put("target_control_port", field(spec, "targetControlPort"));
    put("vpc_id", json!(vpc_id));
    put(
        "health_check",
        block(json!({
            "enabled": true,
            "protocol": field(&check, "protocol"),
            "port": port,
            "path": field(&check, "path"),
            "interval": field(&check, "intervalSeconds"),
            "timeout": field(&check, "timeoutSeconds"),
            "healthy_threshold": field(&check, "healthyThresholdCount"),
            "unhealthy_threshold": field(&check, "unhealthyThresholdCount"),
            "matcher": matcher,
        })),
    );
    let text = |key| attribute(spec, "targetGroupAttributes", key);
    if let Some(enabled) = text("stickiness.enabled") {
        let seconds =
            text("stickiness.lb_cookie.duration_seconds").and_then(|s| s.parse::<i64>().ok());
        put(
            "stickiness",
            block(json!({
                "enabled": enabled == "true",
                "type": text("stickiness.type").unwrap_or("lb_cookie"),
                "cookie_duration": seconds.unwrap_or(86400),
                "cookie_name": text("stickiness.app_cookie.cookie_name"),
            })),
        );
    }
    put("tags", json!(tags));
    put("tags_all", json!(tags));
    arguments(&mut values, spec, "targetGroupAttributes", TARGET_GROUP);
    values
}
