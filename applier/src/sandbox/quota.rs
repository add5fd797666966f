//! AWS's default quotas, by the names that DescribeAccountLimits gives them.

use super::cloud::{Answer, Cloud};
use serde_json::json;

/// What a fresh account may have. How many load balancers and target groups a region holds is
/// not limited here: accounts that need more have had these raised.
pub(super) const DEFAULTS: &[(&str, usize)] = &[
    ("certificates-per-application-load-balancer", 25),
    ("certificates-per-network-load-balancer", 25),
    ("condition-values-per-alb-rule", 5),
    ("condition-wildcards-per-alb-rule", 6),
    ("listeners-per-application-load-balancer", 50),
    ("listeners-per-network-load-balancer", 50),
    ("rules-per-application-load-balancer", 100),
    ("security-groups-per-load-balancer", 5),
    ("security-group-rules", 60),
    ("tags-per-resource", 50),
    ("target-groups-per-action-on-application-load-balancer", 5),
    ("target-groups-per-action-on-network-load-balancer", 1),
    ("target-groups-per-application-load-balancer", 100),
];

impl Cloud {
    pub(super) fn describe_account_limits(&self) -> Answer {
        let limits: Vec<_> = DEFAULTS
            .iter()
            .map(|(name, _)| json!({"Name": name, "Max": self.quota(name).to_string()}))
            .collect();
        Ok(json!({"Limits": limits}))
    }
}
