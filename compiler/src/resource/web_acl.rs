//! `AWS::WAFv2::WebACLAssociation` and `AWS::WAFRegional::WebACLAssociation`.

use super::Token;
use super::field::{Field, in_place, replace};
use serde::{Deserialize, Serialize};

/// WAFv2 on a load balancer; an empty ARN takes it off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WebAclAssociation {
    /// The load balancer.
    #[serde(rename = "resourceARN")]
    pub resource_arn: Token,
    /// The web ACL.
    #[serde(rename = "webACLARN")]
    pub web_acl_arn: String,
}

impl WebAclAssociation {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[replace("resourceARN"), in_place("webACLARN")];
}

/// WAF Classic on a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WafRegionalWebAclAssociation {
    /// The load balancer.
    #[serde(rename = "resourceARN")]
    pub resource_arn: Token,
    /// The web ACL.
    #[serde(rename = "webACLID")]
    pub web_acl_id: String,
}

impl WafRegionalWebAclAssociation {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[replace("resourceARN"), in_place("webACLID")];
}
