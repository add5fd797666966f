//! The table of calls, for what IAM itself holds.

use super::call::{Row, rows};

pub(super) const TABLE: &[Row] = rows! {
    ManagedPolicy Read (|_| true): "iam:GetPolicy" "iam:GetPolicyVersion";
    ManagedPolicy Create (|_| true): "iam:CreatePolicy" "iam:GetPolicy";
    ManagedPolicy Update (|_| true): "iam:GetPolicy";
    ManagedPolicy Update (|it| it.sends("policyDocument")):
        "iam:CreatePolicyVersion" "iam:DeletePolicyVersion" "iam:GetPolicyVersion"
        "iam:ListPolicyVersions";
    ManagedPolicy Update (|it| it.adds_tags()): "iam:TagPolicy";
    ManagedPolicy Update (|it| it.removes_tags()): "iam:UntagPolicy";
    ManagedPolicy Delete (|_| true):
        "iam:DeletePolicy" "iam:DeletePolicyVersion" "iam:GetPolicy" "iam:ListPolicyVersions";
    OidcProvider Read (|_| true): "iam:GetOpenIDConnectProvider";
    OidcProvider Create (|_| true):
        "iam:CreateOpenIDConnectProvider" "iam:GetOpenIDConnectProvider";
    OidcProvider Update (|_| true): "iam:GetOpenIDConnectProvider";
    OidcProvider Update (|it| it.gains("clientIDs")): "iam:AddClientIDToOpenIDConnectProvider";
    OidcProvider Update (|it| it.loses("clientIDs")): "iam:RemoveClientIDFromOpenIDConnectProvider";
    OidcProvider Update (|it| it.sends("thumbprints")):
        "iam:UpdateOpenIDConnectProviderThumbprint";
    OidcProvider Update (|it| it.adds_tags()): "iam:TagOpenIDConnectProvider";
    OidcProvider Update (|it| it.removes_tags()): "iam:UntagOpenIDConnectProvider";
    OidcProvider Delete (|_| true):
        "iam:DeleteOpenIDConnectProvider" "iam:GetOpenIDConnectProvider" "iam:ListRoles";
    Role Read (|_| true): "iam:GetRole" "iam:ListAttachedRolePolicies";
    Role Create (|_| true): "iam:CreateRole" "iam:GetRole";
    Role Create (|it| it.has("managedPolicyARNs")): "iam:AttachRolePolicy";
    Role Update (|_| true): "iam:GetRole";
    Role Update (|it| it.sends("assumeRolePolicyDocument")): "iam:UpdateAssumeRolePolicy";
    Role Update (|it| it.sends("description")): "iam:UpdateRole";
    Role Update (|it| it.sends("permissionsBoundary") && it.has("permissionsBoundary")):
        "iam:PutRolePermissionsBoundary";
    Role Update (|it| it.sends("permissionsBoundary") && !it.has("permissionsBoundary")):
        "iam:DeleteRolePermissionsBoundary";
    Role Update (|it| it.sends("managedPolicyARNs")): "iam:ListAttachedRolePolicies";
    Role Update (|it| it.gains("managedPolicyARNs")): "iam:AttachRolePolicy";
    Role Update (|it| it.loses("managedPolicyARNs")): "iam:DetachRolePolicy";
    Role Update (|it| it.adds_tags()): "iam:TagRole";
    Role Update (|it| it.removes_tags()): "iam:UntagRole";
    Role Delete (|_| true): "iam:DeleteRole" "iam:GetRole" "iam:ListAttachedRolePolicies";
    Role Delete (|it| it.had("managedPolicyARNs")): "iam:DetachRolePolicy";
};
