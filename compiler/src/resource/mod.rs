//! The target language: the AWS resources that a group becomes, one file per kind.
//!
//! Specs serialize to the controller's own stack JSON. Fields stand in the order of their JSON
//! names, so that serialized specs have sorted keys and equal specs have equal bytes.

mod address;
mod certificate;
mod field;
mod frontend_nlb;
mod iam;
mod listener;
mod listener_rule;
mod load_balancer;
mod protection;
mod security_group;
mod tags;
mod target_group;
mod target_group_binding;
mod token;
mod web_acl;

pub use address::{Address, AddressError, Kind};
pub use certificate::Certificate;
pub use field::{Field, Policy};
pub use frontend_nlb::{FrontendNlbTarget, FrontendNlbTargetGroups};
pub use iam::{ManagedPolicy, OidcProvider, PolicyDocument, Role};
pub use listener::{
    Action, ActionType, AdditionalClaim, AuthenticateCognito, AuthenticateOidc, FixedResponse,
    Forward, JwtValidation, Listener, ListenerAttribute, ListenerCertificate, MutualAuthentication,
    Redirect, Stickiness, TargetGroupTuple,
};
pub use listener_rule::{
    Condition, HttpHeaderCondition, ListenerRule, PatternCondition, QueryStringCondition,
    QueryStringPair, Rewrite, Rewrites, Transform, ValuesCondition,
};
pub use load_balancer::{LoadBalancer, MinimumCapacity, SubnetMapping};
pub use protection::Protection;
pub use security_group::{IpPermission, IpRange, Ipv6Range, PrefixList, SecurityGroup};
pub use tags::Tags;
pub use target_group::{HealthCheck, Matcher, TargetGroup};
pub use target_group_binding::{
    BindingMetadata, BindingSpec, BindingTemplate, MatchLabels, Networking, NetworkingPeer,
    NetworkingPort, NetworkingRule, SecurityGroupPeer, ServiceRef, TargetGroupBinding,
};
pub use token::{Output, Port, Ref, Token};
pub use web_acl::{WafRegionalWebAclAssociation, WebAclAssociation};

use serde::Serialize;

/// An attribute of a load balancer or target group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Attribute {
    /// Such as `idle_timeout.timeout_seconds`.
    pub key: String,
    /// Its value as text.
    pub value: String,
}

/// What a resource shall be: one variant per [`Kind`]. Rules are most of what there is, so what is
/// larger than a rule lies elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Spec {
    /// `AWS::ACM::Certificate`
    Certificate(Certificate),
    /// `AWS::EC2::SecurityGroup`
    SecurityGroup(SecurityGroup),
    /// `AWS::ElasticLoadBalancingV2::Listener`
    Listener(Box<Listener>),
    /// `AWS::ElasticLoadBalancingV2::ListenerRule`
    ListenerRule(ListenerRule),
    /// `AWS::ElasticLoadBalancingV2::LoadBalancer`
    LoadBalancer(Box<LoadBalancer>),
    /// `AWS::ElasticLoadBalancingV2::TargetGroup`
    TargetGroup(Box<TargetGroup>),
    /// `AWS::IAM::ManagedPolicy`
    ManagedPolicy(ManagedPolicy),
    /// `AWS::IAM::OIDCProvider`
    OidcProvider(OidcProvider),
    /// `AWS::IAM::Role`
    Role(Role),
    /// `AWS::Shield::Protection`
    Protection(Protection),
    /// `AWS::WAFRegional::WebACLAssociation`
    WafRegionalWebAclAssociation(WafRegionalWebAclAssociation),
    /// `AWS::WAFv2::WebACLAssociation`
    WebAclAssociation(WebAclAssociation),
    /// `FrontendNLBTargetGroup`
    FrontendNlbTargetGroups(FrontendNlbTargetGroups),
    /// `K8S::ElasticLoadBalancingV2::TargetGroupBinding`
    TargetGroupBinding(Box<TargetGroupBinding>),
}

impl Spec {
    /// Every field of the kind with what its change asks for.
    pub fn fields(kind: Kind) -> &'static [Field] {
        match kind {
            Kind::Certificate => Certificate::FIELDS,
            Kind::SecurityGroup => SecurityGroup::FIELDS,
            Kind::Listener => Listener::FIELDS,
            Kind::ListenerRule => ListenerRule::FIELDS,
            Kind::LoadBalancer => LoadBalancer::FIELDS,
            Kind::TargetGroup => TargetGroup::FIELDS,
            Kind::ManagedPolicy => ManagedPolicy::FIELDS,
            Kind::OidcProvider => OidcProvider::FIELDS,
            Kind::Role => Role::FIELDS,
            Kind::Protection => Protection::FIELDS,
            Kind::WafRegionalWebAclAssociation => WafRegionalWebAclAssociation::FIELDS,
            Kind::WebAclAssociation => WebAclAssociation::FIELDS,
            Kind::FrontendNlbTargetGroups => FrontendNlbTargetGroups::FIELDS,
            Kind::TargetGroupBinding => TargetGroupBinding::FIELDS,
        }
    }

    /// Reads a spec that was written as JSON.
    ///
    /// # Errors
    /// If the text is no spec of the kind.
    pub fn read(kind: Kind, json: &str) -> Result<Spec, serde_json::Error> {
        Ok(match kind {
            Kind::Certificate => Spec::Certificate(serde_json::from_str(json)?),
            Kind::SecurityGroup => Spec::SecurityGroup(serde_json::from_str(json)?),
            Kind::Listener => Spec::Listener(serde_json::from_str(json)?),
            Kind::ListenerRule => Spec::ListenerRule(serde_json::from_str(json)?),
            Kind::LoadBalancer => Spec::LoadBalancer(serde_json::from_str(json)?),
            Kind::TargetGroup => Spec::TargetGroup(serde_json::from_str(json)?),
            Kind::ManagedPolicy => Spec::ManagedPolicy(serde_json::from_str(json)?),
            Kind::OidcProvider => Spec::OidcProvider(serde_json::from_str(json)?),
            Kind::Role => Spec::Role(serde_json::from_str(json)?),
            Kind::Protection => Spec::Protection(serde_json::from_str(json)?),
            Kind::WafRegionalWebAclAssociation => {
                Spec::WafRegionalWebAclAssociation(serde_json::from_str(json)?)
            }
            Kind::WebAclAssociation => Spec::WebAclAssociation(serde_json::from_str(json)?),
            Kind::FrontendNlbTargetGroups => {
                Spec::FrontendNlbTargetGroups(serde_json::from_str(json)?)
            }
            Kind::TargetGroupBinding => Spec::TargetGroupBinding(serde_json::from_str(json)?),
        })
    }

    /// The kind that it is a spec of.
    pub fn kind(&self) -> Kind {
        match self {
            Spec::Certificate(_) => Kind::Certificate,
            Spec::SecurityGroup(_) => Kind::SecurityGroup,
            Spec::Listener(_) => Kind::Listener,
            Spec::ListenerRule(_) => Kind::ListenerRule,
            Spec::LoadBalancer(_) => Kind::LoadBalancer,
            Spec::TargetGroup(_) => Kind::TargetGroup,
            Spec::ManagedPolicy(_) => Kind::ManagedPolicy,
            Spec::OidcProvider(_) => Kind::OidcProvider,
            Spec::Role(_) => Kind::Role,
            Spec::Protection(_) => Kind::Protection,
            Spec::WafRegionalWebAclAssociation(_) => Kind::WafRegionalWebAclAssociation,
            Spec::WebAclAssociation(_) => Kind::WebAclAssociation,
            Spec::FrontendNlbTargetGroups(_) => Kind::FrontendNlbTargetGroups,
            Spec::TargetGroupBinding(_) => Kind::TargetGroupBinding,
        }
    }

    /// Reads the JSON that a spec of the kind serializes to.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_json(kind: Kind, json: &str) -> serde_json::Result<Spec> {
        use serde_json::from_str as read;
        Ok(match kind {
            Kind::Certificate => Spec::Certificate(read(json)?),
            Kind::SecurityGroup => Spec::SecurityGroup(read(json)?),
            Kind::Listener => Spec::Listener(read(json)?),
            Kind::ListenerRule => Spec::ListenerRule(read(json)?),
            Kind::LoadBalancer => Spec::LoadBalancer(read(json)?),
            Kind::TargetGroup => Spec::TargetGroup(read(json)?),
            Kind::ManagedPolicy => Spec::ManagedPolicy(read(json)?),
            Kind::OidcProvider => Spec::OidcProvider(read(json)?),
            Kind::Role => Spec::Role(read(json)?),
            Kind::Protection => Spec::Protection(read(json)?),
            Kind::WafRegionalWebAclAssociation => Spec::WafRegionalWebAclAssociation(read(json)?),
            Kind::WebAclAssociation => Spec::WebAclAssociation(read(json)?),
            Kind::FrontendNlbTargetGroups => Spec::FrontendNlbTargetGroups(read(json)?),
            Kind::TargetGroupBinding => Spec::TargetGroupBinding(read(json)?),
        })
    }
}
