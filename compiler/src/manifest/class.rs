//! IngressClass and the controller's own IngressClassParams (`elbv2.k8s.aws/v1beta1`).

use super::Metadata;
use crate::source::Spanned;
use crate::yaml::Text;

/// An IngressClass.
#[derive(Clone, Debug)]
pub struct IngressClass<'s> {
    /// `metadata`; `ingressclass.kubernetes.io/is-default-class` among its annotations.
    pub metadata: Metadata<'s>,
    /// `spec.controller`.
    pub controller: Text<'s>,
    /// `spec.parameters`.
    pub parameters: Option<ParametersRef<'s>>,
}

/// `spec.parameters` of an IngressClass.
#[derive(Clone, Debug)]
pub struct ParametersRef<'s> {
    /// `apiGroup`.
    pub api_group: Option<Text<'s>>,
    /// `kind`.
    pub kind: Text<'s>,
    /// `name`.
    pub name: Text<'s>,
    /// `namespace`.
    pub namespace: Option<Text<'s>>,
    /// `scope`.
    pub scope: Option<Text<'s>>,
}

/// `IngressClassParams.spec`, field by field as in the controller's CRD.
#[derive(Clone, Debug)]
pub struct IngressClassParams<'s> {
    /// `metadata`.
    pub metadata: Metadata<'s>,
    /// `certificateArn`.
    pub certificate_arn: Vec<Text<'s>>,
    /// `namespaceSelector`.
    pub namespace_selector: Option<LabelSelector<'s>>,
    /// `group.name`.
    pub group: Option<Text<'s>>,
    /// `scheme`.
    pub scheme: Option<Text<'s>>,
    /// `inboundCIDRs`.
    pub inbound_cidrs: Vec<Text<'s>>,
    /// `sslPolicy`.
    pub ssl_policy: Option<Text<'s>>,
    /// `sslRedirectPort`.
    pub ssl_redirect_port: Option<Text<'s>>,
    /// `subnets`.
    pub subnets: Option<ClassSubnets<'s>>,
    /// `ipAddressType`.
    pub ip_address_type: Option<Text<'s>>,
    /// `tags`.
    pub tags: Vec<Attribute<'s>>,
    /// `targetType`.
    pub target_type: Option<Text<'s>>,
    /// `loadBalancerAttributes`.
    pub load_balancer_attributes: Vec<Attribute<'s>>,
    /// `listeners`.
    pub listeners: Vec<ClassListener<'s>>,
    /// `minimumLoadBalancerCapacity.capacityUnits`.
    pub capacity_units: Option<Spanned<i64>>,
    /// `ipamConfiguration.ipv4IPAMPoolId`; the outer option is the presence of `ipamConfiguration`.
    pub ipam_configuration: Option<Option<Text<'s>>>,
    /// `prefixListsIDs`, or the older spelling `PrefixListsIDs`.
    pub prefix_lists_ids: Vec<Text<'s>>,
    /// `PrefixListsIDs` where both spellings may stand.
    pub prefix_lists_ids_legacy: Vec<Text<'s>>,
    /// `loadBalancerName`.
    pub load_balancer_name: Option<Text<'s>>,
    /// `wafv2AclArn`.
    pub wafv2_acl_arn: Option<Text<'s>>,
    /// `wafv2AclName`.
    pub wafv2_acl_name: Option<Text<'s>>,
}

/// A key with a value: an attribute or a tag.
#[derive(Clone, Debug)]
pub struct Attribute<'s> {
    /// `key`.
    pub key: Text<'s>,
    /// `value`.
    pub value: Text<'s>,
}

/// One entry of `listeners`.
#[derive(Clone, Debug)]
pub struct ClassListener<'s> {
    /// `protocol`.
    pub protocol: Text<'s>,
    /// `port`.
    pub port: Spanned<i32>,
    /// `listenerAttributes`.
    pub attributes: Vec<Attribute<'s>>,
}

/// `subnets`.
#[derive(Clone, Debug)]
pub struct ClassSubnets<'s> {
    /// `ids`.
    pub ids: Vec<Text<'s>>,
    /// `tags`: key to accepted values; none where the field is absent.
    pub tags: Option<Vec<(Text<'s>, Vec<Text<'s>>)>>,
    /// Where `subnets` stands.
    pub span: crate::source::Span,
}

/// A Kubernetes label selector.
#[derive(Clone, Debug)]
pub struct LabelSelector<'s> {
    /// `matchLabels`.
    pub match_labels: Vec<(Text<'s>, Text<'s>)>,
    /// `matchExpressions`.
    pub match_expressions: Vec<LabelSelectorRequirement<'s>>,
}

/// One entry of `matchExpressions`.
#[derive(Clone, Debug)]
pub struct LabelSelectorRequirement<'s> {
    /// `key`.
    pub key: Text<'s>,
    /// `operator`: In, NotIn, Exists or DoesNotExist.
    pub operator: Text<'s>,
    /// `values`.
    pub values: Vec<Text<'s>>,
}
