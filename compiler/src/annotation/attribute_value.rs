//! What AWS takes as attributes of load balancers and listeners. The controller passes all on.

use super::{Pair, Value};
use crate::diagnostic::code::limit;
use crate::diagnostic::{Diagnostic, nearest};

/// What AWS takes as the value of an attribute.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// `true` or `false`.
    Boolean,
    /// A number between two.
    Number(i64, i64),
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// Any text.
    Text,
}

/// Keys with what AWS takes for each.
pub type Table = &'static [(&'static str, Takes)];

/// Of Application Load Balancers.
pub const LOAD_BALANCER: Table = &[
    ("access_logs.s3.bucket", Takes::Text),
    ("access_logs.s3.enabled", Takes::Boolean),
    ("access_logs.s3.prefix", Takes::Text),
    ("client_keep_alive.seconds", Takes::Number(60, 604_800)),
    ("connection_logs.s3.bucket", Takes::Text),
    ("connection_logs.s3.enabled", Takes::Boolean),
    ("connection_logs.s3.prefix", Takes::Text),
    ("deletion_protection.enabled", Takes::Boolean),
    ("health_check_logs.s3.bucket", Takes::Text),
    ("health_check_logs.s3.enabled", Takes::Boolean),
    ("health_check_logs.s3.prefix", Takes::Text),
    ("idle_timeout.timeout_seconds", Takes::Number(1, 4000)),
    ("ipv6.deny_all_igw_traffic", Takes::Boolean),
    ("load_balancing.cross_zone.enabled", Takes::OneOf(&["true"])),
    ("routing.http.desync_mitigation_mode", Takes::OneOf(&["monitor", "defensive", "strictest"])),
    ("routing.http.drop_invalid_header_fields.enabled", Takes::Boolean),
    ("routing.http.preserve_host_header.enabled", Takes::Boolean),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", Takes::Boolean),
    ("routing.http.xff_client_port.enabled", Takes::Boolean),
    ("routing.http.xff_header_processing.mode", Takes::OneOf(&["append", "preserve", "remove"])),
    ("routing.http2.enabled", Takes::Boolean),
    ("waf.fail_open.enabled", Takes::Boolean),
    ("zonal_shift.config.enabled", Takes::Boolean),
];

/// Of Network Load Balancers. The routing policy is the controller's own to check.
pub const NETWORK_LOAD_BALANCER: Table = &[
    ("access_logs.s3.bucket", Takes::Text),
    ("access_logs.s3.enabled", Takes::Boolean),
    ("access_logs.s3.prefix", Takes::Text),
    ("deletion_protection.enabled", Takes::Boolean),
    ("dns_record.client_routing_policy", Takes::Text),
    ("ipv6.deny_all_igw_traffic", Takes::Boolean),
    ("load_balancing.cross_zone.enabled", Takes::Boolean),
    ("secondary_ips.auto_assigned.per_subnet", Takes::Number(0, 7)),
    ("zonal_shift.config.enabled", Takes::Boolean),
];

/// Of listeners of Application Load Balancers.
pub const LISTENER: Table = &[
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", Takes::Text),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", Takes::Text),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", Takes::Text),
    ("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", Takes::Text),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", Takes::Text),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", Takes::Text),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", Takes::Text),
    ("routing.http.request.x_amzn_tls_version.header_name", Takes::Text),
    ("routing.http.response.access_control_allow_credentials.header_value", Takes::Text),
    ("routing.http.response.access_control_allow_headers.header_value", Takes::Text),
    ("routing.http.response.access_control_allow_methods.header_value", Takes::Text),
    ("routing.http.response.access_control_allow_origin.header_value", Takes::Text),
    ("routing.http.response.access_control_expose_headers.header_value", Takes::Text),
    ("routing.http.response.access_control_max_age.header_value", Takes::Text),
    ("routing.http.response.content_security_policy.header_value", Takes::Text),
    ("routing.http.response.server.enabled", Takes::Boolean),
    ("routing.http.response.strict_transport_security.header_value", Takes::Text),
    ("routing.http.response.x_content_type_options.header_value", Takes::Text),
    ("routing.http.response.x_frame_options.header_value", Takes::Text),
];

impl Takes {
    /// Why a text is not taken: what to write.
    fn refuses(self, text: &str) -> Option<String> {
        match self {
            Takes::Boolean if !matches!(text, "true" | "false") => Some("true or false".to_owned()),
            Takes::Number(low, high) => {
                let within = text.parse().is_ok_and(|number| (low..=high).contains(&number));
                (!within).then(|| format!("a number from {low} to {high}"))
            }
            Takes::OneOf(words) if !words.contains(&text) => Some(words.join(" or ")),
            _ => None,
        }
    }
}

/// A warning about a pair that AWS refuses.
pub fn doubt(table: Table, value: &Value<'_, '_>, pair: &Pair) -> Option<Diagnostic> {
    let Some((_, takes)) = table.iter().find(|(key, _)| *key == pair.key) else {
        let hint = match nearest(&pair.key, table.iter().map(|(key, _)| *key)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see AWS's list of attributes, or remove it".to_owned(),
        };
        let message = format!("AWS knows no attribute `{}` here", pair.key);
        let finding = value.warning_at(pair.range.clone(), &limit::UNKNOWN_ATTRIBUTE, message);
        return Some(finding.hint(hint));
    };
    let write = takes.refuses(&pair.value)?;
    let message = format!("AWS refuses `{}` for `{}`", pair.value, pair.key);
    let finding = value.warning_at(pair.range.clone(), &limit::REFUSED_VALUE, message);
    Some(finding.hint(format!("write {write}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_judged_by_what_the_attribute_takes() {
        let check = |takes: Takes, text: &str, expected: Option<&str>| {
            assert_eq!(takes.refuses(text).as_deref(), expected, "{text}");
        };
        check(Takes::Boolean, "true", None);
        check(Takes::Boolean, "yes", Some("true or false"));
        check(Takes::Number(1, 4000), "60", None);
        check(Takes::Number(1, 4000), "0", Some("a number from 1 to 4000"));
        check(Takes::Number(1, 4000), "1m", Some("a number from 1 to 4000"));
        check(Takes::OneOf(&["append", "remove"]), "keep", Some("append or remove"));
        check(Takes::Text, "anything", None);
    }

    #[test]
    fn tables_are_sorted() {
        for table in [LOAD_BALANCER, NETWORK_LOAD_BALANCER, LISTENER] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
