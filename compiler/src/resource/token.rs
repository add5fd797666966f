//! Values that may be another resource's output.

use super::Kind;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::fmt;

/// What AWS answers when a resource is made, by the controller's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// `certificateARN`
    CertificateArn,
    /// `groupID`
    GroupId,
    /// `listenerARN`
    ListenerArn,
    /// `loadBalancerARN`
    LoadBalancerArn,
    /// `dnsName`
    DnsName,
    /// `policyARN`
    PolicyArn,
    /// `providerARN`
    ProviderArn,
    /// `roleARN`
    RoleArn,
    /// `ruleARN`
    RuleArn,
    /// `targetGroupARN`
    TargetGroupArn,
}

impl Output {
    /// All outputs.
    pub const ALL: [Output; 10] = [
        Output::CertificateArn,
        Output::GroupId,
        Output::ListenerArn,
        Output::LoadBalancerArn,
        Output::DnsName,
        Output::PolicyArn,
        Output::ProviderArn,
        Output::RoleArn,
        Output::RuleArn,
        Output::TargetGroupArn,
    ];

    /// The name in `$ref`s and in state.
    pub fn name(self) -> &'static str {
        match self {
            Output::CertificateArn => "certificateARN",
            Output::GroupId => "groupID",
            Output::ListenerArn => "listenerARN",
            Output::LoadBalancerArn => "loadBalancerARN",
            Output::DnsName => "dnsName",
            Output::PolicyArn => "policyARN",
            Output::ProviderArn => "providerARN",
            Output::RoleArn => "roleARN",
            Output::RuleArn => "ruleARN",
            Output::TargetGroupArn => "targetGroupARN",
        }
    }

    /// The output of that name.
    pub fn from_name(name: &str) -> Option<Output> {
        Output::ALL.into_iter().find(|output| output.name() == name)
    }
}

/// "Output X of resource Y", in the same stack unless Y is the cluster's shared security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    /// The kind of the resource.
    pub kind: Kind,
    /// Its id within the stack.
    pub id: SmolStr,
    /// Which output.
    pub output: Output,
}

impl Ref {
    /// The output of a resource.
    pub fn new(kind: Kind, id: impl Into<SmolStr>, output: Output) -> Self {
        Ref { kind, id: id.into(), output }
    }

    /// `#/resources/<type>/<id>/status/<field>`, as the controller writes it.
    pub fn pointer(&self) -> String {
        let parts =
            ["#/resources/", self.kind.type_name(), "/", &self.id, "/status/", self.output.name()];
        parts.concat()
    }

    /// Reads what [`Ref::pointer`] wrote. Ids may contain slashes.
    pub fn parse(pointer: &str) -> Option<Ref> {
        let rest = pointer.strip_prefix("#/resources/")?;
        let (rest, output) = rest.rsplit_once("/status/")?;
        let (kind, id) = rest.split_once('/')?;
        Some(Ref::new(Kind::from_type_name(kind)?, id, Output::from_name(output)?))
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("$ref", &self.pointer())?;
        map.end()
    }
}

/// A string that is known, or an output of another resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// Known when compiling.
    Literal(String),
    /// Known when the other resource exists.
    Ref(Ref),
}

impl Token {
    /// The reference, if it is one.
    pub fn as_ref(&self) -> Option<&Ref> {
        match self {
            Token::Literal(_) => None,
            Token::Ref(reference) => Some(reference),
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Token::Literal(String::new())
    }
}

impl From<Ref> for Token {
    fn from(reference: Ref) -> Self {
        Token::Ref(reference)
    }
}

impl From<String> for Token {
    fn from(literal: String) -> Self {
        Token::Literal(literal)
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Token::Literal(text) => serializer.serialize_str(text),
            Token::Ref(reference) => reference.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TokenVisitor;
        impl<'de> Visitor<'de> for TokenVisitor {
            type Value = Token;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or {\"$ref\": …}")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Token, E> {
                Ok(Token::Literal(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Token, A::Error> {
                let Some((key, pointer)) = map.next_entry::<String, String>()? else {
                    return Err(de::Error::missing_field("$ref"));
                };
                match Ref::parse(&pointer) {
                    Some(reference) if key == "$ref" => Ok(Token::Ref(reference)),
                    _ => Err(de::Error::custom(format!("`{pointer}` is not a reference"))),
                }
            }
        }
        deserializer.deserialize_any(TokenVisitor)
    }
}

/// A port by number or by name (`traffic-port`, or a Service port's name).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Port {
    /// A number.
    Number(i32),
    /// A name.
    Name(String),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Name(name) => f.write_str(name),
        }
    }
}

impl Default for Port {
    fn default() -> Self {
        Port::Number(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_read_back() {
        let reference = Ref::new(Kind::TargetGroup, "shop/cart-cart:80", Output::TargetGroupArn);
        assert_eq!(
            reference.pointer(),
            "#/resources/AWS::ElasticLoadBalancingV2::TargetGroup/shop/cart-cart:80/status/targetGroupARN"
        );
        assert_eq!(Ref::parse(&reference.pointer()), Some(reference.clone()));
        let json = serde_json::to_string(&Token::Ref(reference.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Token>(&json).unwrap(), Token::Ref(reference));
    }
}
