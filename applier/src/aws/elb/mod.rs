//! Elastic Load Balancing, through the SDK's own client.

mod shape;

pub(crate) use shape::Unfit;

use super::error;
use crate::account::CallError;
use aws_sdk_elasticloadbalancingv2::Client;
use serde_json::{Map, Value};
use shape::{Shape, fields, unknown};

/// One arm per call: its parameters with the setters of the SDK's builder, and the fields of its
/// answer.
macro_rules! calls {
    ($($action:ident: $method:ident($($name:ident: $setter:ident),*) -> ($($out:ident: $field:ident),*);)*) => {
        /// Makes a call.
        pub(super) async fn call(
            client: &Client,
            action: &str,
            params: &Value,
        ) -> Result<Value, CallError> {
            match action {
                $(stringify!($action) => {
                    let mut request = client.$method();
                    for (name, value) in fields(params).map_err(error::unfit)? {
                        request = match name.as_str() {
                            $(stringify!($name) => {
                                request.$setter(Some(Shape::read(value).map_err(error::unfit)?))
                            })*
                            _ => return Err(error::unfit(unknown(name))),
                        };
                    }
                    // Each future is large, and only one of them is ever needed.
                    let answer = Box::pin(request.send()).await.map_err(|it| error::of_sdk(&it))?;
                    #[allow(unused_mut)]
                    let mut fields = Map::new();
                    $(if let Some(value) = &answer.$field {
                        fields.insert(stringify!($out).to_owned(), value.write());
                    })*
                    let _ = answer;
                    Ok(Value::Object(fields))
                })*
                _ => Err(error::unfit(Unfit(format!("`{action}` is not known")))),
            }
        }
    };
}

calls! {
    CreateLoadBalancer: create_load_balancer(Name: set_name, Subnets: set_subnets, SubnetMappings: set_subnet_mappings, SecurityGroups: set_security_groups, Scheme: set_scheme, Tags: set_tags, Type: set_type, IpAddressType: set_ip_address_type, CustomerOwnedIpv4Pool: set_customer_owned_ipv4_pool, EnablePrefixForIpv6SourceNat: set_enable_prefix_for_ipv6_source_nat, IpamPools: set_ipam_pools) -> (LoadBalancers: load_balancers);
    DescribeLoadBalancers: describe_load_balancers(LoadBalancerArns: set_load_balancer_arns, Names: set_names, Marker: set_marker, PageSize: set_page_size) -> (LoadBalancers: load_balancers, NextMarker: next_marker);
    DeleteLoadBalancer: delete_load_balancer(LoadBalancerArn: set_load_balancer_arn) -> ();
    SetSecurityGroups: set_security_groups(LoadBalancerArn: set_load_balancer_arn, SecurityGroups: set_security_groups) -> (SecurityGroupIds: security_group_ids);
    SetSubnets: set_subnets(LoadBalancerArn: set_load_balancer_arn, Subnets: set_subnets, SubnetMappings: set_subnet_mappings, IpAddressType: set_ip_address_type, EnablePrefixForIpv6SourceNat: set_enable_prefix_for_ipv6_source_nat) -> (AvailabilityZones: availability_zones, IpAddressType: ip_address_type, EnablePrefixForIpv6SourceNat: enable_prefix_for_ipv6_source_nat);
    SetIpAddressType: set_ip_address_type(LoadBalancerArn: set_load_balancer_arn, IpAddressType: set_ip_address_type) -> (IpAddressType: ip_address_type);
    ModifyIpPools: modify_ip_pools(LoadBalancerArn: set_load_balancer_arn, IpamPools: set_ipam_pools, RemoveIpamPools: set_remove_ipam_pools) -> (IpamPools: ipam_pools);
    DescribeLoadBalancerAttributes: describe_load_balancer_attributes(LoadBalancerArn: set_load_balancer_arn) -> (Attributes: attributes);
    ModifyLoadBalancerAttributes: modify_load_balancer_attributes(LoadBalancerArn: set_load_balancer_arn, Attributes: set_attributes) -> (Attributes: attributes);
    DescribeCapacityReservation: describe_capacity_reservation(LoadBalancerArn: set_load_balancer_arn) -> (LastModifiedTime: last_modified_time, DecreaseRequestsRemaining: decrease_requests_remaining, MinimumLoadBalancerCapacity: minimum_load_balancer_capacity, CapacityReservationState: capacity_reservation_state);
    ModifyCapacityReservation: modify_capacity_reservation(LoadBalancerArn: set_load_balancer_arn, MinimumLoadBalancerCapacity: set_minimum_load_balancer_capacity, ResetCapacityReservation: set_reset_capacity_reservation) -> (LastModifiedTime: last_modified_time, DecreaseRequestsRemaining: decrease_requests_remaining, MinimumLoadBalancerCapacity: minimum_load_balancer_capacity, CapacityReservationState: capacity_reservation_state);
    CreateTargetGroup: create_target_group(Name: set_name, Protocol: set_protocol, ProtocolVersion: set_protocol_version, Port: set_port, VpcId: set_vpc_id, HealthCheckProtocol: set_health_check_protocol, HealthCheckPort: set_health_check_port, HealthCheckEnabled: set_health_check_enabled, HealthCheckPath: set_health_check_path, HealthCheckIntervalSeconds: set_health_check_interval_seconds, HealthCheckTimeoutSeconds: set_health_check_timeout_seconds, HealthyThresholdCount: set_healthy_threshold_count, UnhealthyThresholdCount: set_unhealthy_threshold_count, Matcher: set_matcher, TargetType: set_target_type, Tags: set_tags, IpAddressType: set_ip_address_type, TargetControlPort: set_target_control_port) -> (TargetGroups: target_groups);
    DescribeTargetGroups: describe_target_groups(LoadBalancerArn: set_load_balancer_arn, TargetGroupArns: set_target_group_arns, Names: set_names, Marker: set_marker, PageSize: set_page_size) -> (TargetGroups: target_groups, NextMarker: next_marker);
    ModifyTargetGroup: modify_target_group(TargetGroupArn: set_target_group_arn, HealthCheckProtocol: set_health_check_protocol, HealthCheckPort: set_health_check_port, HealthCheckPath: set_health_check_path, HealthCheckEnabled: set_health_check_enabled, HealthCheckIntervalSeconds: set_health_check_interval_seconds, HealthCheckTimeoutSeconds: set_health_check_timeout_seconds, HealthyThresholdCount: set_healthy_threshold_count, UnhealthyThresholdCount: set_unhealthy_threshold_count, Matcher: set_matcher) -> (TargetGroups: target_groups);
    DeleteTargetGroup: delete_target_group(TargetGroupArn: set_target_group_arn) -> ();
    DescribeTargetGroupAttributes: describe_target_group_attributes(TargetGroupArn: set_target_group_arn) -> (Attributes: attributes);
    ModifyTargetGroupAttributes: modify_target_group_attributes(TargetGroupArn: set_target_group_arn, Attributes: set_attributes) -> (Attributes: attributes);
    RegisterTargets: register_targets(TargetGroupArn: set_target_group_arn, Targets: set_targets) -> ();
    DeregisterTargets: deregister_targets(TargetGroupArn: set_target_group_arn, Targets: set_targets) -> ();
    DescribeTargetHealth: describe_target_health(TargetGroupArn: set_target_group_arn, Targets: set_targets, Include: set_include) -> (TargetHealthDescriptions: target_health_descriptions);
    CreateListener: create_listener(LoadBalancerArn: set_load_balancer_arn, Protocol: set_protocol, Port: set_port, SslPolicy: set_ssl_policy, Certificates: set_certificates, DefaultActions: set_default_actions, AlpnPolicy: set_alpn_policy, Tags: set_tags, MutualAuthentication: set_mutual_authentication) -> (Listeners: listeners);
    DescribeListeners: describe_listeners(LoadBalancerArn: set_load_balancer_arn, ListenerArns: set_listener_arns, Marker: set_marker, PageSize: set_page_size) -> (Listeners: listeners, NextMarker: next_marker);
    ModifyListener: modify_listener(ListenerArn: set_listener_arn, Port: set_port, Protocol: set_protocol, SslPolicy: set_ssl_policy, Certificates: set_certificates, DefaultActions: set_default_actions, AlpnPolicy: set_alpn_policy, MutualAuthentication: set_mutual_authentication) -> (Listeners: listeners);
    DeleteListener: delete_listener(ListenerArn: set_listener_arn) -> ();
    DescribeListenerAttributes: describe_listener_attributes(ListenerArn: set_listener_arn) -> (Attributes: attributes);
    ModifyListenerAttributes: modify_listener_attributes(ListenerArn: set_listener_arn, Attributes: set_attributes) -> (Attributes: attributes);
    DescribeListenerCertificates: describe_listener_certificates(ListenerArn: set_listener_arn, Marker: set_marker, PageSize: set_page_size) -> (Certificates: certificates, NextMarker: next_marker);
    AddListenerCertificates: add_listener_certificates(ListenerArn: set_listener_arn, Certificates: set_certificates) -> (Certificates: certificates);
    RemoveListenerCertificates: remove_listener_certificates(ListenerArn: set_listener_arn, Certificates: set_certificates) -> ();
    CreateRule: create_rule(ListenerArn: set_listener_arn, Conditions: set_conditions, Priority: set_priority, Actions: set_actions, Tags: set_tags, Transforms: set_transforms) -> (Rules: rules);
    DescribeRules: describe_rules(ListenerArn: set_listener_arn, RuleArns: set_rule_arns, Marker: set_marker, PageSize: set_page_size) -> (Rules: rules, NextMarker: next_marker);
    ModifyRule: modify_rule(RuleArn: set_rule_arn, Conditions: set_conditions, Actions: set_actions, Transforms: set_transforms, ResetTransforms: set_reset_transforms) -> (Rules: rules);
    DeleteRule: delete_rule(RuleArn: set_rule_arn) -> ();
    SetRulePriorities: set_rule_priorities(RulePriorities: set_rule_priorities) -> (Rules: rules);
    AddTags: add_tags(ResourceArns: set_resource_arns, Tags: set_tags) -> ();
    RemoveTags: remove_tags(ResourceArns: set_resource_arns, TagKeys: set_tag_keys) -> ();
    DescribeTags: describe_tags(ResourceArns: set_resource_arns) -> (TagDescriptions: tag_descriptions);
    DescribeTrustStores: describe_trust_stores(TrustStoreArns: set_trust_store_arns, Names: set_names, Marker: set_marker, PageSize: set_page_size) -> (TrustStores: trust_stores, NextMarker: next_marker);
    DescribeSSLPolicies: describe_ssl_policies(Names: set_names, Marker: set_marker, PageSize: set_page_size, LoadBalancerType: set_load_balancer_type) -> (SslPolicies: ssl_policies, NextMarker: next_marker);
    DescribeAccountLimits: describe_account_limits(Marker: set_marker, PageSize: set_page_size) -> (Limits: limits, NextMarker: next_marker);
}
