//! The table of calls: which ones each kind makes, for which operation, and when.

use super::case::Case;
use ingc_compiler::resource::Kind;

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It is looked at.
    Read,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

/// Some calls of a kind.
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) doing: Doing,
    /// When they are made.
    pub(super) when: fn(&Case<'_>) -> bool,
    /// IAM's names of their actions.
    pub(super) actions: &'static [&'static str],
}

/// Rows as `Kind Operation (when): "call" …;`.
macro_rules! rows {
    ($($kind:ident $doing:ident ($when:expr): $($action:literal)+;)+) => {
        &[$($crate::iam::call::Row {
            kind: ingc_compiler::resource::Kind::$kind,
            doing: $crate::iam::call::Doing::$doing,
            when: $when,
            actions: &[$($action),+],
        }),+]
    };
}
pub(super) use rows;

/// The calls of a kind for an operation.
pub(super) fn of<'c>(
    kind: Kind,
    doing: Doing,
    case: &'c Case<'_>,
) -> impl Iterator<Item = &'static str> + 'c {
    let rows = TABLES.iter().flat_map(|table| table.iter());
    let rows = rows.filter(move |row| row.kind == kind && row.doing == doing && (row.when)(case));
    rows.flat_map(|row| row.actions.iter().copied())
}

/// All calls that a kind can ever make.
pub(super) fn all(kind: Kind) -> impl Iterator<Item = &'static str> {
    let rows = TABLES.iter().flat_map(|table| table.iter());
    rows.filter(move |row| row.kind == kind).flat_map(|row| row.actions.iter().copied())
}

/// The calls by which a kind is looked at, whatever it is.
pub(super) fn reads(kind: Kind) -> impl Iterator<Item = &'static str> {
    let rows = TABLES.iter().flat_map(|table| table.iter());
    let rows = rows.filter(move |row| row.kind == kind && row.doing == Doing::Read);
    rows.flat_map(|row| row.actions.iter().copied())
}

const TABLES: [&[Row]; 5] = [BALANCERS, LISTENERS, GROUPS, OTHERS, super::call_iam::TABLE];

const BALANCERS: &[Row] = rows! {
    LoadBalancer Read (|_| true):
        "elasticloadbalancing:DescribeLoadBalancers" "elasticloadbalancing:DescribeTags";
    LoadBalancer Read (|it| it.has("loadBalancerAttributes")):
        "elasticloadbalancing:DescribeLoadBalancerAttributes";
    LoadBalancer Read (|it| it.has("minimumLoadBalancerCapacity")):
        "elasticloadbalancing:DescribeCapacityReservation";
    LoadBalancer Create (|_| true):
        "elasticloadbalancing:CreateLoadBalancer" "elasticloadbalancing:DescribeTags";
    LoadBalancer Create (|it| it.has("loadBalancerAttributes")):
        "elasticloadbalancing:ModifyLoadBalancerAttributes";
    LoadBalancer Create (|it| it.has("minimumLoadBalancerCapacity")):
        "elasticloadbalancing:DescribeLoadBalancers"
        "elasticloadbalancing:ModifyCapacityReservation";
    LoadBalancer Update (|it| it.sends("securityGroups") && it.has("securityGroups")):
        "elasticloadbalancing:SetSecurityGroups";
    LoadBalancer Update (|it| it.sends("subnetMapping")): "elasticloadbalancing:SetSubnets";
    LoadBalancer Update (|it| it.sends("ipAddressType") && !it.sends("subnetMapping")):
        "elasticloadbalancing:SetIpAddressType";
    LoadBalancer Update (|it| it.sends("ipv4IPAMPool") && (it.has("ipv4IPAMPool") || it.had("ipv4IPAMPool"))):
        "elasticloadbalancing:ModifyIpPools";
    LoadBalancer Update (|it| it.sends("loadBalancerAttributes")):
        "elasticloadbalancing:ModifyLoadBalancerAttributes";
    LoadBalancer Update (|it| it.sends("minimumLoadBalancerCapacity")):
        "elasticloadbalancing:ModifyCapacityReservation";
    LoadBalancer Update (|it| it.sends("tags")): "elasticloadbalancing:DescribeTags";
    LoadBalancer Update (|it| it.adds_tags()): "elasticloadbalancing:AddTags";
    LoadBalancer Update (|it| it.removes_tags()): "elasticloadbalancing:RemoveTags";
    LoadBalancer Delete (|_| true): "elasticloadbalancing:DeleteLoadBalancer";
};

const LISTENERS: &[Row] = rows! {
    Listener Read (|_| true):
        "elasticloadbalancing:DescribeListeners" "elasticloadbalancing:DescribeRules"
        "elasticloadbalancing:DescribeTags";
    Listener Read (|it| it.has("listenerAttributes")):
        "elasticloadbalancing:DescribeListenerAttributes";
    Listener Read (|it| it.is_https()): "elasticloadbalancing:DescribeListenerCertificates";
    Listener Create (|_| true):
        "elasticloadbalancing:CreateListener" "elasticloadbalancing:DescribeTags";
    Listener Create (|it| it.is_https()): "elasticloadbalancing:DescribeListenerCertificates";
    Listener Create (|it| it.is_https() && it.has("certificates")):
        "elasticloadbalancing:AddListenerCertificates";
    Listener Create (|it| it.has("listenerAttributes")):
        "elasticloadbalancing:ModifyListenerAttributes";
    Listener Update (modifies): "elasticloadbalancing:ModifyListener";
    Listener Update (|it| it.sends("certificates") && it.is_https()):
        "elasticloadbalancing:DescribeListenerCertificates";
    Listener Update (|it| it.gains("certificates") && it.is_https()):
        "elasticloadbalancing:AddListenerCertificates";
    Listener Update (|it| it.loses("certificates") && it.is_https()):
        "elasticloadbalancing:RemoveListenerCertificates";
    Listener Update (|it| it.sends("listenerAttributes")):
        "elasticloadbalancing:ModifyListenerAttributes";
    Listener Update (|it| it.sends("tags")): "elasticloadbalancing:DescribeTags";
    Listener Update (|it| it.adds_tags()): "elasticloadbalancing:AddTags";
    Listener Update (|it| it.removes_tags()): "elasticloadbalancing:RemoveTags";
    Listener Delete (|_| true): "elasticloadbalancing:DeleteListener";
    ListenerRule Read (|_| true):
        "elasticloadbalancing:DescribeRules" "elasticloadbalancing:DescribeTags";
    ListenerRule Create (|_| true): "elasticloadbalancing:CreateRule";
    ListenerRule Update (|it| ["actions", "conditions", "transforms"].iter().any(|f| it.sends(f))):
        "elasticloadbalancing:ModifyRule";
    ListenerRule Update (|it| it.sends("tags")): "elasticloadbalancing:DescribeTags";
    ListenerRule Update (|it| it.adds_tags()): "elasticloadbalancing:AddTags";
    ListenerRule Update (|it| it.removes_tags()): "elasticloadbalancing:RemoveTags";
    ListenerRule Delete (|_| true): "elasticloadbalancing:DeleteRule";
};

/// True if ModifyListener has something to send.
fn modifies(case: &Case<'_>) -> bool {
    let becomes_tls = case.is_https() && case.before["protocol"] != "HTTPS";
    ["port", "protocol", "defaultActions"].iter().any(|field| case.sends(field))
        || case.is_https()
            && (becomes_tls
                || case.has_other_default()
                || case.sends("sslPolicy") && case.has("sslPolicy")
                || case.sends("mutualAuthentication")
                    && (case.has("mutualAuthentication") || case.had("mutualAuthentication")))
}

/// The field of a frontend NLB's targets.
const TARGETS: &str = "TargetGroups";

const GROUPS: &[Row] = rows! {
    TargetGroup Read (|_| true):
        "elasticloadbalancing:DescribeTags" "elasticloadbalancing:DescribeTargetGroups";
    TargetGroup Read (|it| it.has("targetGroupAttributes")):
        "elasticloadbalancing:DescribeTargetGroupAttributes";
    TargetGroup Create (|_| true):
        "elasticloadbalancing:CreateTargetGroup" "elasticloadbalancing:DescribeTags";
    TargetGroup Create (|it| it.has("targetGroupAttributes")):
        "elasticloadbalancing:ModifyTargetGroupAttributes";
    TargetGroup Update (|it| it.sends("healthCheckConfig") && it.has("healthCheckConfig")):
        "elasticloadbalancing:ModifyTargetGroup";
    TargetGroup Update (|it| it.sends("targetGroupAttributes")):
        "elasticloadbalancing:ModifyTargetGroupAttributes";
    TargetGroup Update (|it| it.sends("tags")): "elasticloadbalancing:DescribeTags";
    TargetGroup Update (|it| it.adds_tags()): "elasticloadbalancing:AddTags";
    TargetGroup Update (|it| it.removes_tags()): "elasticloadbalancing:RemoveTags";
    TargetGroup Delete (|_| true): "elasticloadbalancing:DeleteTargetGroup";
    SecurityGroup Read (|_| true): "ec2:DescribeSecurityGroups";
    SecurityGroup Create (|_| true): "ec2:CreateSecurityGroup";
    SecurityGroup Create (|it| it.has("ingress")): "ec2:AuthorizeSecurityGroupIngress";
    SecurityGroup Update (|_| true): "ec2:DescribeSecurityGroups";
    SecurityGroup Update (|it| it.gains("ingress")): "ec2:AuthorizeSecurityGroupIngress";
    SecurityGroup Update (|it| it.loses("ingress")): "ec2:RevokeSecurityGroupIngress";
    SecurityGroup Update (|it| it.adds_tags()): "ec2:CreateTags";
    SecurityGroup Update (|it| it.removes_tags()): "ec2:DeleteTags";
    SecurityGroup Delete (|_| true): "ec2:DeleteSecurityGroup";
    FrontendNlbTargetGroups Read (|it| it.has(TARGETS)):
        "elasticloadbalancing:DescribeTargetHealth";
    FrontendNlbTargetGroups Create (|it| it.has(TARGETS)):
        "elasticloadbalancing:DescribeTargetHealth" "elasticloadbalancing:RegisterTargets";
    FrontendNlbTargetGroups Update (|it| it.has(TARGETS)):
        "elasticloadbalancing:DescribeTargetHealth";
    FrontendNlbTargetGroups Update (|it| it.gains(TARGETS)): "elasticloadbalancing:RegisterTargets";
    FrontendNlbTargetGroups Update (|it| it.loses(TARGETS)):
        "elasticloadbalancing:DeregisterTargets";
    FrontendNlbTargetGroups Delete (|it| it.had(TARGETS)): "elasticloadbalancing:DeregisterTargets";
};

const OTHERS: &[Row] = rows! {
    Certificate Read (|_| true): "acm:DescribeCertificate" "acm:ListTagsForCertificate";
    Certificate Create (|_| true):
        "acm:DescribeCertificate" "acm:RequestCertificate" "tag:GetResources";
    Certificate Update (|_| true): "acm:DescribeCertificate";
    Certificate Update (|it| it.sends("tags")): "acm:ListTagsForCertificate";
    Certificate Update (|it| it.adds_tags()): "acm:AddTagsToCertificate";
    Certificate Update (|it| it.removes_tags()): "acm:RemoveTagsFromCertificate";
    Certificate Delete (|_| true): "acm:DeleteCertificate";
    Protection Read (|_| true): "shield:DescribeProtection";
    Protection Create (|_| true): "shield:DescribeProtection";
    Protection Create (|it| it.after["enabled"] == true): "shield:CreateProtection";
    Protection Update (|_| true): "shield:DescribeProtection";
    Protection Update (|it| it.differs("enabled") && it.after["enabled"] == true):
        "shield:CreateProtection";
    Protection Update (|it| it.differs("enabled") && it.after["enabled"] == false):
        "shield:DeleteProtection";
    Protection Delete (|it| it.before["enabled"] == true):
        "shield:DeleteProtection" "shield:DescribeProtection";
    WebAclAssociation Read (|_| true): "wafv2:GetWebACLForResource";
    WebAclAssociation Create (|_| true): "wafv2:GetWebACLForResource";
    WebAclAssociation Create (|it| it.has("webACLARN")):
        "elasticloadbalancing:DescribeLoadBalancers" "wafv2:AssociateWebACL";
    WebAclAssociation Update (|_| true): "wafv2:GetWebACLForResource";
    WebAclAssociation Update (|it| it.differs("webACLARN")):
        "elasticloadbalancing:DescribeLoadBalancers";
    WebAclAssociation Update (|it| it.differs("webACLARN") && it.has("webACLARN")):
        "wafv2:AssociateWebACL";
    WebAclAssociation Update (|it| it.differs("webACLARN") && !it.has("webACLARN")):
        "wafv2:DisassociateWebACL";
    WebAclAssociation Delete (|it| it.had("webACLARN")):
        "wafv2:DisassociateWebACL" "wafv2:GetWebACLForResource";
};
