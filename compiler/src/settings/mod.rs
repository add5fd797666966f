//! The controller's settings: the values of its own Helm chart, and ingc's beside them.

mod bootstrap;
mod chart;
mod gate;
mod ingc;
mod layer;
mod number;
mod read;
mod schema;
mod start;
#[cfg(test)]
mod tests;

pub(crate) use bootstrap::STS;
pub use bootstrap::{Bootstrap, CiRole, Issuer, ServiceAccount};
pub use ingc::{Ingc, Level, MissingSecrets, Scope, SecretSource};
pub use read::{SUBCHART, read};
pub use schema::{has_meaning, schema};

use crate::resource::Tags;
use crate::source::Span;

/// What the Helm values say, after merging and defaults. Names are the chart's.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `clusterName`; empty if nobody said, which is an error.
    pub cluster_name: String,
    /// `region`; empty if nobody said.
    pub region: String,
    /// `vpcId`; empty if nobody said.
    pub vpc_id: String,
    /// `ingressClass`: the value of `kubernetes.io/ingress.class` that is ours.
    pub ingress_class: String,
    /// `defaultTags`.
    pub default_tags: Tags,
    /// `externalManagedTags`: tag keys that the controller never touches.
    pub external_managed_tags: Vec<String>,
    /// `defaultTargetType`: `instance` or `ip`.
    pub default_target_type: String,
    /// `defaultLoadBalancerScheme`: `internal` or `internet-facing`.
    pub default_load_balancer_scheme: String,
    /// `defaultSSLPolicy`.
    pub default_ssl_policy: String,
    /// `enableBackendSecurityGroup`.
    pub enable_backend_security_group: bool,
    /// `backendSecurityGroup`: the id of a shared group made by others.
    pub backend_security_group: Option<String>,
    /// `enableManageBackendSecurityGroupRules`.
    pub enable_manage_backend_security_group_rules: bool,
    /// `disableRestrictedSecurityGroupRules`.
    pub disable_restricted_security_group_rules: bool,
    /// `disableIngressClassAnnotation`.
    pub disable_ingress_class_annotation: bool,
    /// `disableIngressGroupNameAnnotation`.
    pub disable_ingress_group_name_annotation: bool,
    /// `tolerateNonExistentBackendService`.
    pub tolerate_non_existent_backend_service: bool,
    /// `tolerateNonExistentBackendAction`.
    pub tolerate_non_existent_backend_action: bool,
    /// `certDiscovery.allowedCertificateAuthorityARNs`.
    pub allowed_certificate_authority_arns: Vec<String>,
    /// `certManagement.defaultPCAARN`.
    pub default_pca_arn: Option<String>,
    /// `controllerConfig.featureGates`.
    pub feature_gates: FeatureGates,
    /// `ingc.controller`: a controller value that counts as ours beside `ingress.k8s.aws/alb`.
    pub controller: Option<String>,
    /// `ingc`: what is not the controller's.
    pub ingc: Ingc,
    /// Where the first settings file starts, for findings about what is missing.
    pub span: Option<Span>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            cluster_name: String::new(),
            region: String::new(),
            vpc_id: String::new(),
            ingress_class: "alb".to_owned(),
            default_tags: Tags::new(),
            external_managed_tags: Vec::new(),
            default_target_type: "instance".to_owned(),
            default_load_balancer_scheme: "internal".to_owned(),
            default_ssl_policy: "ELBSecurityPolicy-2016-08".to_owned(),
            enable_backend_security_group: true,
            backend_security_group: None,
            enable_manage_backend_security_group_rules: false,
            disable_restricted_security_group_rules: false,
            disable_ingress_class_annotation: false,
            disable_ingress_group_name_annotation: false,
            tolerate_non_existent_backend_service: true,
            tolerate_non_existent_backend_action: true,
            allowed_certificate_authority_arns: Vec::new(),
            default_pca_arn: None,
            feature_gates: FeatureGates::default(),
            controller: None,
            ingc: Ingc::default(),
            span: None,
        }
    }
}

/// The gates that change what is built; all others are known by name and have no effect here.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureGates {
    /// `ALBSingleSubnet`
    pub alb_single_subnet: bool,
    /// `EnableCertificateManagement`
    pub enable_certificate_management: bool,
    /// `EnableDefaultTagsLowPriority`
    pub enable_default_tags_low_priority: bool,
    /// `EnableIPTargetType`
    pub enable_ip_target_type: bool,
    /// `LBCapacityReservation`
    pub lb_capacity_reservation: bool,
    /// `SubnetDiscoveryByReachability`
    pub subnet_discovery_by_reachability: bool,
    /// `SubnetsClusterTagCheck`
    pub subnets_cluster_tag_check: bool,
}

impl Default for FeatureGates {
    fn default() -> Self {
        FeatureGates {
            alb_single_subnet: false,
            enable_certificate_management: false,
            enable_default_tags_low_priority: false,
            enable_ip_target_type: true,
            lb_capacity_reservation: true,
            subnet_discovery_by_reachability: true,
            subnets_cluster_tag_check: true,
        }
    }
}
