//! The SDK's types in AWS's own JSON names, both ways. A name that the SDK does not know is refused,
//! so that nothing that was planned is left out on the way.

use aws_sdk_elasticloadbalancingv2::types;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A value that does not fit a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(pub(crate) String);

/// A type with a JSON form.
pub(super) trait Shape: Sized {
    /// From a parameter.
    fn read(value: &Value) -> Result<Self, Unfit>;
    /// As part of an answer.
    fn write(&self) -> Value;
}

/// The fields of an object; no object has none.
pub(super) fn fields(value: &Value) -> Result<impl Iterator<Item = (&String, &Value)>, Unfit> {
    match value {
        Value::Object(fields) => Ok(fields.iter()),
        other => Err(Unfit(format!("`{other}` is no structure"))),
    }
}

pub(super) fn unknown(name: &str) -> Unfit {
    Unfit(format!("the SDK has no parameter `{name}`"))
}

impl Shape for String {
    fn read(value: &Value) -> Result<Self, Unfit> {
        value.as_str().map(str::to_owned).ok_or_else(|| Unfit(format!("`{value}` is no text")))
    }
    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl Shape for bool {
    fn read(value: &Value) -> Result<Self, Unfit> {
        value.as_bool().ok_or_else(|| Unfit(format!("`{value}` is neither true nor false")))
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Shape for $type {
            fn read(value: &Value) -> Result<Self, Unfit> {
                let number = value.as_i64().and_then(|number| number.try_into().ok());
                number.ok_or_else(|| Unfit(format!("`{value}` is no whole number")))
            }
            fn write(&self) -> Value {
                Value::from(*self)
            }
        }
    )*};
}
numbers!(i32, i64);

impl Shape for f64 {
    fn read(value: &Value) -> Result<Self, Unfit> {
        value.as_f64().ok_or_else(|| Unfit(format!("`{value}` is no number")))
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Shape for DateTime {
    fn read(value: &Value) -> Result<Self, Unfit> {
        Err(Unfit(format!("`{value}`: times are only ever read")))
    }
    fn write(&self) -> Value {
        self.fmt(Format::DateTime).map_or(Value::Null, Value::from)
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn read(value: &Value) -> Result<Self, Unfit> {
        let list = value.as_array().ok_or_else(|| Unfit(format!("`{value}` is no list")))?;
        list.iter().map(T::read).collect()
    }
    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }
}

#[expect(clippy::disallowed_types, reason = "the SDK's type; it leaves here sorted")]
impl Shape for std::collections::HashMap<String, String> {
    fn read(value: &Value) -> Result<Self, Unfit> {
        fields(value)?.map(|(key, value)| Ok((key.clone(), String::read(value)?))).collect()
    }
    fn write(&self) -> Value {
        let sorted: BTreeMap<&String, &String> = self.iter().collect();
        sorted.into_iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()
    }
}

macro_rules! enums {
    ($($type:ident),* $(,)?) => {$(
        impl Shape for types::$type {
            fn read(value: &Value) -> Result<Self, Unfit> {
                String::read(value).map(|text| types::$type::from(text.as_str()))
            }
            fn write(&self) -> Value {
                Value::from(self.as_str())
            }
        }
    )*};
}

macro_rules! structures {
    ($($type:ident { $($name:ident: $field:ident),* $(,)? })*) => {$(
        impl Shape for types::$type {
            fn read(value: &Value) -> Result<Self, Unfit> {
                let mut shape = types::$type::builder().build();
                for (name, value) in fields(value)? {
                    match name.as_str() {
                        $(stringify!($name) => shape.$field = Some(Shape::read(value)?),)*
                        _ => return Err(unknown(name)),
                    }
                }
                Ok(shape)
            }
            fn write(&self) -> Value {
                let mut fields = Map::new();
                $(if let Some(value) = &self.$field {
                    fields.insert(stringify!($name).to_owned(), value.write());
                })*
                Value::Object(fields)
            }
        }
    )*};
}

enums! {
ActionTypeEnum, AdvertiseTrustStoreCaNamesEnum, AnomalyResultEnum, AuthenticateCognitoActionConditionalBehaviorEnum, AuthenticateOidcActionConditionalBehaviorEnum, CapacityReservationStateEnum, DescribeTargetHealthInputIncludeEnum, EnablePrefixForIpv6SourceNatEnum, IpAddressType, JwtValidationActionAdditionalClaimFormatEnum, LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum, MitigationInEffectEnum, ProtocolEnum, RedirectActionStatusCodeEnum, RemoveIpamPoolEnum, SourceIpAddressTypeEnum, TargetAdministrativeOverrideReasonEnum, TargetAdministrativeOverrideStateEnum, TargetGroupIpAddressTypeEnum, TargetHealthReasonEnum, TargetHealthStateEnum, TargetTypeEnum, TransformTypeEnum, TrustStoreAssociationStatusEnum, TrustStoreStatus
}

structures! {
    Action { Type: r#type, TargetGroupArn: target_group_arn, AuthenticateOidcConfig: authenticate_oidc_config, AuthenticateCognitoConfig: authenticate_cognito_config, Order: order, RedirectConfig: redirect_config, FixedResponseConfig: fixed_response_config, ForwardConfig: forward_config, JwtValidationConfig: jwt_validation_config }
    AdministrativeOverride { State: state, Reason: reason, Description: description }
    AnomalyDetection { Result: result, MitigationInEffect: mitigation_in_effect }
    AuthenticateCognitoActionConfig { UserPoolArn: user_pool_arn, UserPoolClientId: user_pool_client_id, UserPoolDomain: user_pool_domain, SessionCookieName: session_cookie_name, Scope: scope, SessionTimeout: session_timeout, AuthenticationRequestExtraParams: authentication_request_extra_params, OnUnauthenticatedRequest: on_unauthenticated_request }
    AuthenticateOidcActionConfig { Issuer: issuer, AuthorizationEndpoint: authorization_endpoint, TokenEndpoint: token_endpoint, UserInfoEndpoint: user_info_endpoint, ClientId: client_id, ClientSecret: client_secret, SessionCookieName: session_cookie_name, Scope: scope, SessionTimeout: session_timeout, AuthenticationRequestExtraParams: authentication_request_extra_params, OnUnauthenticatedRequest: on_unauthenticated_request, UseExistingClientSecret: use_existing_client_secret }
    AvailabilityZone { ZoneName: zone_name, SubnetId: subnet_id, OutpostId: outpost_id, LoadBalancerAddresses: load_balancer_addresses, SourceNatIpv6Prefixes: source_nat_ipv6_prefixes }
    CapacityReservationStatus { Code: code, Reason: reason }
    Certificate { CertificateArn: certificate_arn, IsDefault: is_default }
    Cipher { Name: name, Priority: priority }
    FixedResponseActionConfig { MessageBody: message_body, StatusCode: status_code, ContentType: content_type }
    ForwardActionConfig { TargetGroups: target_groups, TargetGroupStickinessConfig: target_group_stickiness_config }
    HostHeaderConditionConfig { Values: values, RegexValues: regex_values }
    HostHeaderRewriteConfig { Rewrites: rewrites }
    HttpHeaderConditionConfig { HttpHeaderName: http_header_name, Values: values, RegexValues: regex_values }
    HttpRequestMethodConditionConfig { Values: values }
    IpamPools { Ipv4IpamPoolId: ipv4_ipam_pool_id }
    JwtValidationActionAdditionalClaim { Format: format, Name: name, Values: values }
    JwtValidationActionConfig { JwksEndpoint: jwks_endpoint, Issuer: issuer, AdditionalClaims: additional_claims }
    Limit { Name: name, Max: max }
    Listener { ListenerArn: listener_arn, LoadBalancerArn: load_balancer_arn, Port: port, Protocol: protocol, Certificates: certificates, SslPolicy: ssl_policy, DefaultActions: default_actions, AlpnPolicy: alpn_policy, MutualAuthentication: mutual_authentication }
    ListenerAttribute { Key: key, Value: value }
    LoadBalancer { LoadBalancerArn: load_balancer_arn, DNSName: dns_name, CanonicalHostedZoneId: canonical_hosted_zone_id, CreatedTime: created_time, LoadBalancerName: load_balancer_name, Scheme: scheme, VpcId: vpc_id, State: state, Type: r#type, AvailabilityZones: availability_zones, SecurityGroups: security_groups, IpAddressType: ip_address_type, CustomerOwnedIpv4Pool: customer_owned_ipv4_pool, EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforce_security_group_inbound_rules_on_private_link_traffic, EnablePrefixForIpv6SourceNat: enable_prefix_for_ipv6_source_nat, IpamPools: ipam_pools }
    LoadBalancerAddress { IpAddress: ip_address, AllocationId: allocation_id, PrivateIPv4Address: private_ipv4_address, IPv6Address: ipv6_address }
    LoadBalancerAttribute { Key: key, Value: value }
    LoadBalancerState { Code: code, Reason: reason }
    Matcher { HttpCode: http_code, GrpcCode: grpc_code }
    MinimumLoadBalancerCapacity { CapacityUnits: capacity_units }
    MutualAuthenticationAttributes { Mode: mode, TrustStoreArn: trust_store_arn, IgnoreClientCertificateExpiry: ignore_client_certificate_expiry, TrustStoreAssociationStatus: trust_store_association_status, AdvertiseTrustStoreCaNames: advertise_trust_store_ca_names }
    PathPatternConditionConfig { Values: values, RegexValues: regex_values }
    QueryStringConditionConfig { Values: values }
    QueryStringKeyValuePair { Key: key, Value: value }
    RedirectActionConfig { Protocol: protocol, Port: port, Host: host, Path: path, Query: query, StatusCode: status_code }
    RewriteConfig { Regex: regex, Replace: replace }
    Rule { RuleArn: rule_arn, Priority: priority, Conditions: conditions, Actions: actions, IsDefault: is_default, Transforms: transforms }
    RuleCondition { Field: field, Values: values, HostHeaderConfig: host_header_config, PathPatternConfig: path_pattern_config, HttpHeaderConfig: http_header_config, QueryStringConfig: query_string_config, HttpRequestMethodConfig: http_request_method_config, SourceIpConfig: source_ip_config, RegexValues: regex_values }
    RulePriorityPair { RuleArn: rule_arn, Priority: priority }
    RuleTransform { Type: r#type, HostHeaderRewriteConfig: host_header_rewrite_config, UrlRewriteConfig: url_rewrite_config }
    SourceIpConditionConfig { Values: values, IpAddressType: ip_address_type }
    SslPolicy { SslProtocols: ssl_protocols, Ciphers: ciphers, Name: name, SupportedLoadBalancerTypes: supported_load_balancer_types }
    SubnetMapping { SubnetId: subnet_id, AllocationId: allocation_id, PrivateIPv4Address: private_ipv4_address, IPv6Address: ipv6_address, SourceNatIpv6Prefix: source_nat_ipv6_prefix }
    Tag { Key: key, Value: value }
    TagDescription { ResourceArn: resource_arn, Tags: tags }
    TargetDescription { Id: id, Port: port, AvailabilityZone: availability_zone, QuicServerId: quic_server_id }
    TargetGroup { TargetGroupArn: target_group_arn, TargetGroupName: target_group_name, Protocol: protocol, Port: port, VpcId: vpc_id, HealthCheckProtocol: health_check_protocol, HealthCheckPort: health_check_port, HealthCheckEnabled: health_check_enabled, HealthCheckIntervalSeconds: health_check_interval_seconds, HealthCheckTimeoutSeconds: health_check_timeout_seconds, HealthyThresholdCount: healthy_threshold_count, UnhealthyThresholdCount: unhealthy_threshold_count, HealthCheckPath: health_check_path, Matcher: matcher, LoadBalancerArns: load_balancer_arns, TargetType: target_type, ProtocolVersion: protocol_version, IpAddressType: ip_address_type, TargetControlPort: target_control_port }
    TargetGroupAttribute { Key: key, Value: value }
    TargetGroupStickinessConfig { Enabled: enabled, DurationSeconds: duration_seconds }
    TargetGroupTuple { TargetGroupArn: target_group_arn, Weight: weight }
    TargetHealth { State: state, Reason: reason, Description: description }
    TargetHealthDescription { Target: target, HealthCheckPort: health_check_port, TargetHealth: target_health, AnomalyDetection: anomaly_detection, AdministrativeOverride: administrative_override }
    TrustStore { Name: name, TrustStoreArn: trust_store_arn, Status: status, NumberOfCaCertificates: number_of_ca_certificates, TotalRevokedEntries: total_revoked_entries }
    UrlRewriteConfig { Rewrites: rewrites }
    ZonalCapacityReservationState { State: state, AvailabilityZone: availability_zone, EffectiveCapacityUnits: effective_capacity_units }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_sent_is_what_was_asked_for() {
        let action = json!({
            "Type": "forward", "Order": 2,
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": "arn:a", "Weight": 90}],
                "TargetGroupStickinessConfig": {"Enabled": true, "DurationSeconds": 60},
            },
        });
        let oidc = json!({
            "Type": "authenticate-oidc",
            "AuthenticateOidcConfig": {
                "Issuer": "https://i", "ClientId": "c", "ClientSecret": "s", "SessionTimeout": 7200,
                "AuthenticationRequestExtraParams": {"display": "page", "a": "b"},
            },
        });
        for given in [action, oidc] {
            assert_eq!(types::Action::read(&given).map(|it| it.write()), Ok(given));
        }
    }

    #[test]
    fn what_the_sdk_does_not_know_is_refused() {
        for (given, says) in [
            (json!({"Type": "forward", "Typo": 1}), "the SDK has no parameter `Typo`"),
            (json!({"Order": "2"}), "`\"2\"` is no whole number"),
            (json!([]), "`[]` is no structure"),
        ] {
            assert_eq!(types::Action::read(&given).map_err(|it| it.0), Err(says.to_owned()));
        }
    }
}
