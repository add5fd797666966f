//! What the AWS Load Balancer Controller v3.5.0 needs to be allowed.
//!
//! Source: `docs/install/iam_policy.json` of the controller, and for targets alone the calls of its
//! reconciler of TargetGroupBindings.

use super::{Statement, document};
use crate::resource::PolicyDocument;

/// How much a controller does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permissions {
    /// Everything: load balancers of Ingresses, Services and Gateways, and targets.
    #[default]
    Full,
    /// It registers targets for TargetGroupBindings, and makes no load balancer.
    Targets,
}

/// The document of a controller.
pub fn controller(permissions: Permissions, partition: &str) -> PolicyDocument {
    match permissions {
        Permissions::Full => document(FULL, partition),
        Permissions::Targets => document(TARGETS, partition),
    }
}

const ALL: &[&str] = &["*"];
const SECURITY_GROUPS: &[&str] = &["arn:PARTITION:ec2:*:*:security-group/*"];
const TARGET_GROUPS: &[&str] = &["arn:PARTITION:elasticloadbalancing:*:*:targetgroup/*/*"];
const BALANCERS: &[&str] = &[
    "arn:PARTITION:elasticloadbalancing:*:*:loadbalancer/app/*/*",
    "arn:PARTITION:elasticloadbalancing:*:*:loadbalancer/net/*/*",
    "arn:PARTITION:elasticloadbalancing:*:*:targetgroup/*/*",
];
const LISTENERS: &[&str] = &[
    "arn:PARTITION:elasticloadbalancing:*:*:listener-rule/app/*/*/*",
    "arn:PARTITION:elasticloadbalancing:*:*:listener-rule/net/*/*/*",
    "arn:PARTITION:elasticloadbalancing:*:*:listener/app/*/*/*",
    "arn:PARTITION:elasticloadbalancing:*:*:listener/net/*/*/*",
];

type Condition = (&'static str, &'static str, &'static [&'static str]);

/// The request says whose it is going to be.
const ASKS_FOR_A_CLUSTER: Condition = ("Null", "aws:RequestTag/elbv2.k8s.aws/cluster", &["false"]);
/// The request leaves the cluster's tag alone.
const LEAVES_THE_CLUSTER: Condition = ("Null", "aws:RequestTag/elbv2.k8s.aws/cluster", &["true"]);
/// The object is a cluster's.
const IS_A_CLUSTERS: Condition = ("Null", "aws:ResourceTag/elbv2.k8s.aws/cluster", &["false"]);

const TARGETS: &[Statement<'static>] = &[
    Statement {
        actions: &[
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcPeeringConnections",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources: ALL,
        conditions: &[],
    },
    Statement {
        actions: &["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
        resources: ALL,
        conditions: &[],
    },
    REGISTER,
];

const REGISTER: Statement<'static> = Statement {
    actions: &["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
    resources: TARGET_GROUPS,
    conditions: &[],
};

const FULL: &[Statement<'static>] = &[
    Statement {
        actions: &["iam:CreateServiceLinkedRole"],
        resources: ALL,
        conditions: &[(
            "StringEquals",
            "iam:AWSServiceName",
            &["elasticloadbalancing.amazonaws.com"],
        )],
    },
    Statement {
        actions: &[
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeCoipPools",
            "ec2:DescribeInstances",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeIpamPools",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeTags",
            "ec2:DescribeVpcPeeringConnections",
            "ec2:DescribeVpcs",
            "ec2:GetCoipPoolUsage",
            "ec2:GetSecurityGroupsForVpc",
            "elasticloadbalancing:DescribeCapacityReservation",
            "elasticloadbalancing:DescribeListenerAttributes",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeSSLPolicies",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:DescribeTrustStores",
        ],
        resources: ALL,
        conditions: &[],
    },
    Statement {
        actions: &[
            "acm:DescribeCertificate",
            "acm:ListCertificates",
            "cognito-idp:DescribeUserPoolClient",
            "iam:GetServerCertificate",
            "iam:ListServerCertificates",
            "shield:CreateProtection",
            "shield:DeleteProtection",
            "shield:DescribeProtection",
            "shield:GetSubscriptionState",
            "waf-regional:AssociateWebACL",
            "waf-regional:DisassociateWebACL",
            "waf-regional:GetWebACL",
            "waf-regional:GetWebACLForResource",
            "wafv2:AssociateWebACL",
            "wafv2:DisassociateWebACL",
            "wafv2:GetWebACL",
            "wafv2:GetWebACLForResource",
        ],
        resources: ALL,
        conditions: &[],
    },
    Statement {
        actions: &[
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateSecurityGroup",
            "ec2:RevokeSecurityGroupIngress",
        ],
        resources: ALL,
        conditions: &[],
    },
    Statement {
        actions: &["ec2:CreateTags"],
        resources: SECURITY_GROUPS,
        conditions: &[
            ("StringEquals", "ec2:CreateAction", &["CreateSecurityGroup"]),
            ASKS_FOR_A_CLUSTER,
        ],
    },
    Statement {
        actions: &["ec2:CreateTags", "ec2:DeleteTags"],
        resources: SECURITY_GROUPS,
        conditions: &[LEAVES_THE_CLUSTER, IS_A_CLUSTERS],
    },
    Statement {
        actions: &["ec2:DeleteSecurityGroup"],
        resources: ALL,
        conditions: &[IS_A_CLUSTERS],
    },
    Statement {
        actions: &[
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateTargetGroup",
        ],
        resources: ALL,
        conditions: &[ASKS_FOR_A_CLUSTER],
    },
    Statement {
        actions: &[
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:RemoveListenerCertificates",
            "elasticloadbalancing:SetRulePriorities",
            "elasticloadbalancing:SetWebAcl",
        ],
        resources: ALL,
        conditions: &[],
    },
    Statement {
        actions: &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
        resources: BALANCERS,
        conditions: &[LEAVES_THE_CLUSTER, IS_A_CLUSTERS],
    },
    Statement {
        actions: &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
        resources: LISTENERS,
        conditions: &[],
    },
    Statement {
        actions: &[
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:ModifyCapacityReservation",
            "elasticloadbalancing:ModifyIpPools",
            "elasticloadbalancing:ModifyListenerAttributes",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:SetIpAddressType",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
        ],
        resources: ALL,
        conditions: &[IS_A_CLUSTERS],
    },
    Statement {
        actions: &["elasticloadbalancing:AddTags"],
        resources: BALANCERS,
        conditions: &[
            (
                "StringEquals",
                "elasticloadbalancing:CreateAction",
                &["CreateLoadBalancer", "CreateTargetGroup"],
            ),
            ASKS_FOR_A_CLUSTER,
        ],
    },
    REGISTER,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::allowed;

    /// Managed policies have at most so many characters, white space not counted.
    const MOST: usize = 6144;

    #[test]
    fn documents_are_within_iams_limits_and_the_small_one_is_within_the_large_one() {
        let (full, targets) =
            (controller(Permissions::Full, "aws"), controller(Permissions::Targets, "aws-us-gov"));
        for document in [&full, &targets] {
            assert!(document.value().to_string().len() <= MOST);
            assert!(!document.value().to_string().contains("PARTITION"));
        }
        assert_eq!(allowed(&full).len(), 80);
        assert_eq!(super::super::lacking(&targets, &full), [""; 0]);
        assert!(!allowed(&targets).iter().any(|action| action.contains(":Create")));
    }
}
