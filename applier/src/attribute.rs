//! The attributes that AWS knows on load balancers, target groups and listeners, with its defaults.

/// What an attribute's value may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Domain {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number within bounds, or `off`.
    IntOrOff(i64, i64),
    /// 0, or a whole number within bounds.
    ZeroOr(i64, i64),
    /// Anything.
    Text,
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    /// Its key.
    pub(crate) key: &'static str,
    /// What AWS sets it to on a fresh resource.
    pub(crate) default: &'static str,
    /// What it may be.
    pub(crate) domain: Domain,
}

impl Attribute {
    /// True if AWS takes the value.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        let within = |lo: i64, hi: i64| value.parse::<i64>().is_ok_and(|n| (lo..=hi).contains(&n));
        match self.domain {
            Domain::Bool => matches!(value, "true" | "false"),
            Domain::Int(lo, hi) => within(lo, hi),
            Domain::OneOf(words) => words.contains(&value),
            Domain::IntOrOff(lo, hi) => value == "off" || within(lo, hi),
            Domain::ZeroOr(lo, hi) => value == "0" || within(lo, hi),
            Domain::Text => value.len() <= 1024,
        }
    }
}

const fn attribute(key: &'static str, default: &'static str, domain: Domain) -> Attribute {
    Attribute { key, default, domain }
}

use Domain::{Bool, Int, IntOrOff, OneOf, Text, ZeroOr};

/// Application load balancers.
pub(crate) const APPLICATION: &[Attribute] = &[
    attribute("access_logs.s3.bucket", "", Text),
    attribute("access_logs.s3.enabled", "false", Bool),
    attribute("access_logs.s3.prefix", "", Text),
    attribute("client_keep_alive.seconds", "3600", Int(60, 604_800)),
    attribute("connection_logs.s3.bucket", "", Text),
    attribute("connection_logs.s3.enabled", "false", Bool),
    attribute("connection_logs.s3.prefix", "", Text),
    attribute("deletion_protection.enabled", "false", Bool),
    attribute("health_check_logs.s3.bucket", "", Text),
    attribute("health_check_logs.s3.enabled", "false", Bool),
    attribute("health_check_logs.s3.prefix", "", Text),
    attribute("idle_timeout.timeout_seconds", "60", Int(1, 4000)),
    attribute("ipv6.deny_all_igw_traffic", "false", Bool),
    attribute("load_balancing.cross_zone.enabled", "true", OneOf(&["true"])),
    attribute(
        "routing.http.desync_mitigation_mode",
        "defensive",
        OneOf(&["monitor", "defensive", "strictest"]),
    ),
    attribute("routing.http.drop_invalid_header_fields.enabled", "false", Bool),
    attribute("routing.http.preserve_host_header.enabled", "false", Bool),
    attribute("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Bool),
    attribute("routing.http.xff_client_port.enabled", "false", Bool),
    attribute(
        "routing.http.xff_header_processing.mode",
        "append",
        OneOf(&["append", "preserve", "remove"]),
    ),
    attribute("routing.http2.enabled", "true", Bool),
    attribute("waf.fail_open.enabled", "false", Bool),
    attribute("zonal_shift.config.enabled", "false", Bool),
];

/// Network load balancers.
pub(crate) const NETWORK: &[Attribute] = &[
    attribute("access_logs.s3.bucket", "", Text),
    attribute("access_logs.s3.enabled", "false", Bool),
    attribute("access_logs.s3.prefix", "", Text),
    attribute("deletion_protection.enabled", "false", Bool),
    attribute(
        "dns_record.client_routing_policy",
        "any_availability_zone",
        OneOf(&[
            "any_availability_zone",
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
        ]),
    ),
    attribute("ipv6.deny_all_igw_traffic", "false", Bool),
    attribute("load_balancing.cross_zone.enabled", "false", Bool),
    attribute("secondary_ips.auto_assigned.per_subnet", "0", Int(0, 7)),
    attribute("zonal_shift.config.enabled", "false", Bool),
];

/// Target groups behind an application load balancer.
pub(crate) const TARGET_GROUP_HTTP: &[Attribute] = &[
    attribute("deregistration_delay.timeout_seconds", "300", Int(0, 3600)),
    attribute("load_balancing.algorithm.anomaly_mitigation", "off", OneOf(&["on", "off"])),
    attribute(
        "load_balancing.algorithm.type",
        "round_robin",
        OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    attribute(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    attribute("slow_start.duration_seconds", "0", ZeroOr(30, 900)),
    attribute("stickiness.app_cookie.cookie_name", "", Text),
    attribute("stickiness.app_cookie.duration_seconds", "86400", Int(1, 604_800)),
    attribute("stickiness.enabled", "false", Bool),
    attribute("stickiness.lb_cookie.duration_seconds", "86400", Int(1, 604_800)),
    attribute("stickiness.type", "lb_cookie", OneOf(&["lb_cookie", "app_cookie"])),
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        IntOrOff(1, 1000),
    ),
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        IntOrOff(1, 100),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Int(1, 1000),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        IntOrOff(1, 100),
    ),
];

/// Target groups behind a network load balancer.
pub(crate) const TARGET_GROUP_TCP: &[Attribute] = &[
    attribute("deregistration_delay.connection_termination.enabled", "false", Bool),
    attribute("deregistration_delay.timeout_seconds", "300", Int(0, 3600)),
    attribute(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    attribute("preserve_client_ip.enabled", "true", Bool),
    attribute("proxy_protocol_v2.enabled", "false", Bool),
    attribute("stickiness.enabled", "false", Bool),
    attribute("stickiness.type", "source_ip", OneOf(&["source_ip"])),
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        IntOrOff(1, 1000),
    ),
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        IntOrOff(1, 100),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Int(1, 1000),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        IntOrOff(1, 100),
    ),
    attribute("target_health_state.unhealthy.connection_termination.enabled", "true", Bool),
    attribute("target_health_state.unhealthy.draining_interval_seconds", "0", Int(0, 360_000)),
];

/// HTTP listeners; HTTPS listeners know [`LISTENER_TLS`] as well.
pub(crate) const LISTENER_HTTP: &[Attribute] = &[
    attribute("routing.http.response.access_control_allow_credentials.header_value", "", Text),
    attribute("routing.http.response.access_control_allow_headers.header_value", "", Text),
    attribute("routing.http.response.access_control_allow_methods.header_value", "", Text),
    attribute("routing.http.response.access_control_allow_origin.header_value", "", Text),
    attribute("routing.http.response.access_control_expose_headers.header_value", "", Text),
    attribute("routing.http.response.access_control_max_age.header_value", "", Text),
    attribute("routing.http.response.content_security_policy.header_value", "", Text),
    attribute("routing.http.response.server.enabled", "true", Bool),
    attribute("routing.http.response.strict_transport_security.header_value", "", Text),
    attribute("routing.http.response.x_content_type_options.header_value", "", Text),
    attribute("routing.http.response.x_frame_options.header_value", "", Text),
];

/// What HTTPS listeners know beyond [`LISTENER_HTTP`].
pub(crate) const LISTENER_TLS: &[Attribute] = &[
    attribute("routing.http.request.x_amzn_mtls_clientcert.header_name", "", Text),
    attribute("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "", Text),
    attribute("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "", Text),
    attribute("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", "", Text),
    attribute("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "", Text),
    attribute("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", "", Text),
    attribute("routing.http.request.x_amzn_tls_cipher_suite.header_name", "", Text),
    attribute("routing.http.request.x_amzn_tls_version.header_name", "", Text),
];

/// TCP listeners.
pub(crate) const LISTENER_TCP: &[Attribute] =
    &[attribute("tcp.idle_timeout.seconds", "350", Int(60, 6000))];

/// What a load balancer of that type knows.
pub(crate) fn of_load_balancer(load_balancer_type: &str) -> Vec<Attribute> {
    if load_balancer_type == "network" { NETWORK.to_vec() } else { APPLICATION.to_vec() }
}

/// What a target group of that protocol knows.
pub(crate) fn of_target_group(protocol: &str) -> Vec<Attribute> {
    if matches!(protocol, "HTTP" | "HTTPS") {
        TARGET_GROUP_HTTP.to_vec()
    } else {
        TARGET_GROUP_TCP.to_vec()
    }
}

/// What a listener of that protocol knows.
pub(crate) fn of_listener(protocol: &str) -> Vec<Attribute> {
    match protocol {
        "HTTP" => LISTENER_HTTP.to_vec(),
        "HTTPS" => [LISTENER_HTTP, LISTENER_TLS].concat(),
        _ => LISTENER_TCP.to_vec(),
    }
}

/// AWS's default of a key among those known.
pub(crate) fn default_of(known: &[Attribute], key: &str) -> Option<&'static str> {
    known.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_but_the_empty_one_is_within_its_domain() {
        let tables = [
            APPLICATION,
            NETWORK,
            TARGET_GROUP_HTTP,
            TARGET_GROUP_TCP,
            LISTENER_HTTP,
            LISTENER_TLS,
            LISTENER_TCP,
        ];
        for attribute in tables.into_iter().flatten() {
            assert!(attribute.accepts(attribute.default), "{}", attribute.key);
        }
        assert!(!APPLICATION[3].accepts("59") && !APPLICATION[1].accepts("yes"));
    }
}
