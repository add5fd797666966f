//! AWS's defaults of attributes: what an attribute that is no longer given goes back to.

use ingc_compiler::resource::Kind;

/// AWS's default of an attribute. None if there is no fixed one: then it keeps its value.
///
/// Source: LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute of the Elastic Load
/// Balancing API reference.
pub fn attribute_default(kind: Kind, key: &str) -> Option<&'static str> {
    let table: &[(&str, &str)] = match kind {
        Kind::LoadBalancer => &[
            ("access_logs.s3.bucket", ""),
            ("access_logs.s3.enabled", "false"),
            ("access_logs.s3.prefix", ""),
            ("client_keep_alive.seconds", "3600"),
            ("connection_logs.s3.bucket", ""),
            ("connection_logs.s3.enabled", "false"),
            ("connection_logs.s3.prefix", ""),
            ("deletion_protection.enabled", "false"),
            ("health_check_logs.s3.bucket", ""),
            ("health_check_logs.s3.enabled", "false"),
            ("health_check_logs.s3.prefix", ""),
            ("idle_timeout.timeout_seconds", "60"),
            ("routing.http.desync_mitigation_mode", "defensive"),
            ("routing.http.drop_invalid_header_fields.enabled", "false"),
            ("routing.http.preserve_host_header.enabled", "false"),
            ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
            ("routing.http.xff_client_port.enabled", "false"),
            ("routing.http.xff_header_processing.mode", "append"),
            ("routing.http2.enabled", "true"),
            ("waf.fail_open.enabled", "false"),
            ("zonal_shift.config.enabled", "false"),
        ],
        Kind::TargetGroup => &[
            ("deregistration_delay.timeout_seconds", "300"),
            ("load_balancing.algorithm.anomaly_mitigation", "off"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
            ("slow_start.duration_seconds", "0"),
            ("stickiness.app_cookie.cookie_name", ""),
            ("stickiness.app_cookie.duration_seconds", "86400"),
            ("stickiness.enabled", "false"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.type", "lb_cookie"),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
            ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
            (
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
                "off",
            ),
        ],
        Kind::Listener => &[("routing.http.response.server.enabled", "true")],
        _ => &[],
    };
    table.iter().find(|(name, _)| *name == key).map(|(_, default)| *default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_known_by_kind() {
        let idle = "idle_timeout.timeout_seconds";
        assert_eq!(attribute_default(Kind::LoadBalancer, idle), Some("60"));
        assert_eq!(attribute_default(Kind::TargetGroup, idle), None);
    }
}
