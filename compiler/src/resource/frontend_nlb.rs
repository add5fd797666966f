//! `FrontendNLBTargetGroup`: the controller's record of the targets of the NLB in front of the ALB.

use super::Token;
use super::field::{Field, in_place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All of a stack; it stands in the stack document without a `spec` around it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontendNlbTargetGroups {
    /// By target group name.
    #[serde(rename = "TargetGroups")]
    pub target_groups: BTreeMap<String, FrontendNlbTarget>,
}

impl FrontendNlbTargetGroups {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[in_place("TargetGroups")];
}

/// The ALB as a target of an NLB target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontendNlbTarget {
    /// The target group.
    #[serde(rename = "ARN")]
    pub arn: Token,
    /// Its name.
    #[serde(rename = "Name")]
    pub name: String,
    /// Port of the NLB.
    #[serde(rename = "Port")]
    pub port: i32,
    /// The ALB.
    #[serde(rename = "TargetARN")]
    pub target_arn: Token,
    /// Port of the ALB.
    #[serde(rename = "TargetPort")]
    pub target_port: i32,
}
