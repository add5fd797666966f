//! `AWS::Shield::Protection`.

use super::Token;
use super::field::{Field, in_place, replace};
use serde::{Deserialize, Serialize};

/// Shield Advanced on a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Protection {
    /// On or off.
    #[serde(rename = "enabled")]
    pub enabled: bool,
    /// The load balancer.
    #[serde(rename = "resourceARN")]
    pub resource_arn: Token,
}

impl Protection {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[in_place("enabled"), replace("resourceARN")];
}
