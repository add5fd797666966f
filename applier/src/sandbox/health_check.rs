//! Health checks of the target groups of the simulated account.

use super::cloud::refuse;
use crate::account::CallError;
use serde::{Deserialize, Serialize};

/// The parameters of health checks.
pub(super) const HEALTH_CHECK: &[&str] = &[
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
];

/// What CreateTargetGroup and ModifyTargetGroup say of health checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HealthCheck {
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_interval_seconds: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_timeout_seconds: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthy_threshold_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unhealthy_threshold_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matcher: Option<Matcher>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Matcher {
    #[serde(skip_serializing_if = "Option::is_none")]
    grpc_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_code: Option<String>,
}

impl HealthCheck {
    /// AWS's defaults for a target group of that protocol.
    pub(super) fn defaults(
        protocol: &str,
        version: Option<&str>,
        target_type: &str,
    ) -> HealthCheck {
        let http = matches!(protocol, "HTTP" | "HTTPS");
        let grpc = version == Some("GRPC");
        let probe = if http || target_type == "alb" { "HTTP" } else { "TCP" };
        HealthCheck {
            health_check_protocol: Some(probe.to_owned()),
            health_check_port: Some("traffic-port".to_owned()),
            health_check_path: (probe == "HTTP")
                .then(|| if grpc { "/AWS.ALB/healthcheck" } else { "/" }.to_owned()),
            health_check_interval_seconds: Some(30),
            health_check_timeout_seconds: Some(if http { 5 } else { 10 }),
            healthy_threshold_count: Some(5),
            unhealthy_threshold_count: Some(2),
            matcher: (probe == "HTTP").then(|| match grpc {
                true => Matcher { grpc_code: Some("12".to_owned()), http_code: None },
                false => Matcher {
                    grpc_code: None,
                    http_code: Some(if http { "200" } else { "200-399" }.to_owned()),
                },
            }),
        }
    }

    /// This one with what another says over it.
    pub(super) fn with(mut self, over: HealthCheck) -> HealthCheck {
        macro_rules! take { ($($field:ident),*) => { $(if over.$field.is_some() { self.$field = over.$field; })* } }
        take!(
            health_check_protocol,
            health_check_port,
            health_check_path,
            health_check_interval_seconds,
            health_check_timeout_seconds,
            healthy_threshold_count,
            unhealthy_threshold_count,
            matcher
        );
        if self.health_check_protocol.as_deref() == Some("TCP") {
            (self.health_check_path, self.matcher) = (None, None);
        }
        self
    }

    pub(super) fn check(&self, grpc: bool) -> Result<(), CallError> {
        let within = |what: &str, value: Option<i32>, lo: i32, hi: i32| match value {
            Some(n) if !(lo..=hi).contains(&n) => {
                refuse("ValidationError", format!("{what} must be between {lo} and {hi}, not {n}"))
            }
            _ => Ok(()),
        };
        within("Health check interval", self.health_check_interval_seconds, 5, 300)?;
        within("Health check timeout", self.health_check_timeout_seconds, 2, 120)?;
        within("Healthy threshold", self.healthy_threshold_count, 2, 10)?;
        within("Unhealthy threshold", self.unhealthy_threshold_count, 2, 10)?;
        if self.health_check_timeout_seconds >= self.health_check_interval_seconds {
            return refuse(
                "ValidationError",
                "Health check interval must be greater than the timeout.",
            );
        }
        if let Some(port) = &self.health_check_port
            && port != "traffic-port"
            && !port.parse::<u32>().is_ok_and(|n| (1..=65535).contains(&n))
        {
            return refuse("ValidationError", format!("Health check port '{port}' is not valid"));
        }
        if let Some(path) = &self.health_check_path
            && (!path.starts_with('/') || path.len() > 1024)
        {
            return refuse(
                "ValidationError",
                format!("Health check path '{path}' must begin with a '/' character"),
            );
        }
        let Some(matcher) = &self.matcher else { return Ok(()) };
        let (codes, lo, hi) = match (grpc, &matcher.grpc_code, &matcher.http_code) {
            (true, Some(codes), None) => (codes, 0, 99),
            (false, None, Some(codes)) => (codes, 200, 499),
            _ => return refuse("ValidationError", "The matcher does not fit the protocol version"),
        };
        let code = |text: &str| text.parse::<i32>().is_ok_and(|n| (lo..=hi).contains(&n));
        let valid = codes.split(',').all(|part| match part.split_once('-') {
            Some((from, to)) => code(from) && code(to),
            None => code(part),
        });
        if valid {
            Ok(())
        } else {
            refuse("ValidationError", format!("Health check matcher '{codes}' is not valid"))
        }
    }
}
