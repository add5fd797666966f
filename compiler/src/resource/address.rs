//! Kinds and addresses: `stack/type/id`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// The kinds of resources, in the order in which their type names sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A certificate that is requested for the group.
    Certificate,
    /// A managed security group, or the cluster's shared one.
    SecurityGroup,
    /// A port of a load balancer.
    Listener,
    /// A rule of a listener.
    ListenerRule,
    /// An ALB, or the NLB in front of it.
    LoadBalancer,
    /// A target group.
    TargetGroup,
    /// A policy of IAM that roles can have.
    ManagedPolicy,
    /// An issuer of tokens that roles can trust.
    OidcProvider,
    /// A role that pods or CI jobs take.
    Role,
    /// Shield Advanced on a load balancer.
    Protection,
    /// WAF Classic on a load balancer.
    WafRegionalWebAclAssociation,
    /// WAFv2 on a load balancer.
    WebAclAssociation,
    /// The controller's record of the frontend NLB's targets.
    FrontendNlbTargetGroups,
    /// The object that makes the controller register pods.
    TargetGroupBinding,
}

impl Kind {
    /// All kinds in order.
    pub const ALL: [Kind; 14] = [
        Kind::Certificate,
        Kind::SecurityGroup,
        Kind::Listener,
        Kind::ListenerRule,
        Kind::LoadBalancer,
        Kind::TargetGroup,
        Kind::ManagedPolicy,
        Kind::OidcProvider,
        Kind::Role,
        Kind::Protection,
        Kind::WafRegionalWebAclAssociation,
        Kind::WebAclAssociation,
        Kind::FrontendNlbTargetGroups,
        Kind::TargetGroupBinding,
    ];

    /// The type's name in stack documents and addresses (CloudFormation's, where it has one).
    pub fn type_name(self) -> &'static str {
        match self {
            Kind::Certificate => "AWS::ACM::Certificate",
            Kind::SecurityGroup => "AWS::EC2::SecurityGroup",
            Kind::Listener => "AWS::ElasticLoadBalancingV2::Listener",
            Kind::ListenerRule => "AWS::ElasticLoadBalancingV2::ListenerRule",
            Kind::LoadBalancer => "AWS::ElasticLoadBalancingV2::LoadBalancer",
            Kind::TargetGroup => "AWS::ElasticLoadBalancingV2::TargetGroup",
            Kind::ManagedPolicy => "AWS::IAM::ManagedPolicy",
            Kind::OidcProvider => "AWS::IAM::OIDCProvider",
            Kind::Role => "AWS::IAM::Role",
            Kind::Protection => "AWS::Shield::Protection",
            Kind::WafRegionalWebAclAssociation => "AWS::WAFRegional::WebACLAssociation",
            Kind::WebAclAssociation => "AWS::WAFv2::WebACLAssociation",
            Kind::FrontendNlbTargetGroups => "FrontendNLBTargetGroup",
            Kind::TargetGroupBinding => "K8S::ElasticLoadBalancingV2::TargetGroupBinding",
        }
    }

    /// The short name that addresses on the command line may use, and that plans show.
    pub fn short_name(self) -> &'static str {
        match self {
            Kind::Certificate => "Certificate",
            Kind::SecurityGroup => "SecurityGroup",
            Kind::Listener => "Listener",
            Kind::ListenerRule => "ListenerRule",
            Kind::LoadBalancer => "LoadBalancer",
            Kind::TargetGroup => "TargetGroup",
            Kind::ManagedPolicy => "ManagedPolicy",
            Kind::OidcProvider => "OIDCProvider",
            Kind::Role => "Role",
            Kind::Protection => "Protection",
            Kind::WafRegionalWebAclAssociation => "WafRegionalWebACLAssociation",
            Kind::WebAclAssociation => "WebACLAssociation",
            Kind::FrontendNlbTargetGroups => "FrontendNLBTargetGroup",
            Kind::TargetGroupBinding => "TargetGroupBinding",
        }
    }

    /// The kind of a type name.
    pub fn from_type_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.type_name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short_name())
    }
}

/// The identity of a resource. Ordered by stack, kind and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The stack: `namespace/name` of an Ingress of its own, a group's name, `_cluster` or `_bootstrap`.
    pub stack: SmolStr,
    /// The kind.
    pub kind: Kind,
    /// The id within stack and kind; may contain slashes.
    pub id: SmolStr,
}

impl Address {
    /// From its parts.
    pub fn new(stack: impl Into<SmolStr>, kind: Kind, id: impl Into<SmolStr>) -> Self {
        Address { stack: stack.into(), kind, id: id.into() }
    }

    /// `type/id`, the address within its stack.
    pub fn local(&self) -> String {
        format!("{}/{}", self.kind.type_name(), self.id)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.stack, self.kind.type_name(), self.id)
    }
}

/// A text that is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not an address: write STACK/TYPE/ID, such as `shop/web/LoadBalancer/LoadBalancer`",
            self.0
        )
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    /// Splits at the type segment, since stacks and ids contain slashes; short kinds are accepted.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let segments: Vec<&str> = text.split('/').collect();
        let kind_at = |exact: bool| {
            segments.iter().enumerate().skip(1).find_map(|(i, segment)| {
                let kind = Kind::ALL.into_iter().find(|kind| {
                    if exact { kind.type_name() == *segment } else { kind.short_name() == *segment }
                })?;
                (i + 1 < segments.len()).then_some((i, kind))
            })
        };
        let (i, kind) = kind_at(true)
            .or_else(|| kind_at(false))
            .ok_or_else(|| AddressError(text.to_owned()))?;
        Ok(Address {
            stack: segments[..i].join("/").into(),
            kind,
            id: segments[i + 1..].join("/").into(),
        })
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The identity of a resource: `STACK/TYPE/ID`. Stacks and ids may contain slashes, types do not.",
            "type": "string",
            "pattern": format!("^.+/({})/.+$", Kind::ALL.map(Kind::type_name).join("|"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_with_slashes_in_stack_and_id() {
        let address = Address::new("shop/web", Kind::TargetGroup, "shop/web-cart:80");
        assert_eq!(address.to_string().parse(), Ok(address.clone()));
        assert_eq!("shop/web/TargetGroup/shop/web-cart:80".parse(), Ok(address));
        assert!("shop/web".parse::<Address>().is_err());
        assert!("shop/web/TargetGroup".parse::<Address>().is_err());
    }

    #[test]
    fn kinds_sort_as_their_type_names() {
        assert!(Kind::ALL.windows(2).all(|w| w[0].type_name() < w[1].type_name() && w[0] < w[1]));
    }
}
