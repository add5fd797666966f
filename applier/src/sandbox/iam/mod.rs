//! IAM and EKS of the simulated account: issuers of tokens, policies, roles, and a cluster by
//! whatever name one asks for.

mod policy;
mod provider;
mod role;

pub(super) use policy::Policy;
pub(super) use provider::Provider;
pub(super) use role::Role;

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::tag::{self, Tag};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What IAM holds, which belongs to no region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Iam {
    /// By ARN.
    pub(super) providers: BTreeMap<String, Provider>,
    /// By ARN.
    pub(super) policies: BTreeMap<String, Policy>,
    /// By name.
    pub(super) roles: BTreeMap<String, Role>,
}

impl Iam {
    /// True if there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Iam::default()
    }
}

/// A resource may have so many tags in IAM.
const TAGS: usize = 50;

impl Cloud {
    pub(super) fn iam(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "CreateOpenIDConnectProvider" => self.create_provider(params),
            "GetOpenIDConnectProvider" => self.get_provider(params),
            "AddClientIDToOpenIDConnectProvider" => self.change_client_ids(params, true),
            "RemoveClientIDFromOpenIDConnectProvider" => self.change_client_ids(params, false),
            "UpdateOpenIDConnectProviderThumbprint" => self.update_thumbprint(params),
            "DeleteOpenIDConnectProvider" => self.delete_provider(params),
            "CreatePolicy" => self.create_policy(params),
            "GetPolicy" => self.get_policy(params),
            "GetPolicyVersion" => self.get_policy_version(params),
            "ListPolicyVersions" => self.list_policy_versions(params),
            "CreatePolicyVersion" => self.create_policy_version(params),
            "DeletePolicyVersion" => self.delete_policy_version(params),
            "DeletePolicy" => self.delete_policy(params),
            "CreateRole" => self.create_role(params),
            "GetRole" => self.get_role(params),
            "ListRoles" => self.list_roles(params),
            "UpdateRole" => self.update_role(params),
            "UpdateAssumeRolePolicy" => self.update_assume_role_policy(params),
            "PutRolePermissionsBoundary" => self.put_boundary(params),
            "DeleteRolePermissionsBoundary" => self.delete_boundary(params),
            "ListAttachedRolePolicies" => self.list_attached(params),
            "AttachRolePolicy" => self.attach(params, true),
            "DetachRolePolicy" => self.attach(params, false),
            "DeleteRole" => self.delete_role(params),
            "TagRole" | "TagPolicy" | "TagOpenIDConnectProvider" => self.tag_iam(params),
            "UntagRole" | "UntagPolicy" | "UntagOpenIDConnectProvider" => self.untag_iam(params),
            _ => return None,
        })
    }

    pub(super) fn eks(&self, action: &str, params: &Value) -> Option<Answer> {
        (action == "DescribeCluster").then(|| self.describe_cluster(params))
    }

    /// Whoever simulates an account has a cluster there, whose issuer follows from its name.
    fn describe_cluster(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            name: String,
        }
        let name = read::<Asked>(params)?.name;
        let id = self.hex_of(&name, 32).to_ascii_uppercase();
        let suffix = if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(json!({"cluster": {
            "name": name,
            "arn": self.arn("eks", &format!("cluster/{name}")),
            "status": "ACTIVE",
            "identity": {"oidc": {"issuer": format!("https://oidc.eks.{}.{suffix}/id/{id}", self.region)}},
            "resourcesVpcConfig": {"vpcId": self.vpc_id},
        }}))
    }

    /// An ARN of this account, without a region.
    fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account_id)
    }

    fn iam_tags_mut(&mut self, params: &Value) -> Result<&mut Texts, CallError> {
        let name = |field: &str| params[field].as_str().unwrap_or_default();
        let tags = match params {
            _ if params["RoleName"].is_string() => {
                self.iam.roles.get_mut(name("RoleName")).map(|it| &mut it.tags)
            }
            _ if params["PolicyArn"].is_string() => {
                self.iam.policies.get_mut(name("PolicyArn")).map(|it| &mut it.tags)
            }
            _ => {
                let arn = name("OpenIDConnectProviderArn");
                self.iam.providers.get_mut(arn).map(|it| &mut it.tags)
            }
        };
        tags.ok_or_else(|| CallError::new("NoSuchEntity", "The entity to be tagged does not exist"))
    }

    fn tag_iam(&mut self, params: &Value) -> Answer {
        let asked: Vec<Tag> = read(&params["Tags"])?;
        let tags = self.iam_tags_mut(params)?;
        *tags = checked(asked, tags)?;
        Ok(json!({}))
    }

    fn untag_iam(&mut self, params: &Value) -> Answer {
        let keys: Vec<String> = read(&params["TagKeys"])?;
        let tags = self.iam_tags_mut(params)?;
        tags.retain(|key, _| !keys.contains(key));
        Ok(json!({}))
    }
}

/// Tags with the asked ones over them, as IAM takes them.
fn checked(asked: Vec<Tag>, current: &Texts) -> Result<Texts, CallError> {
    tag::checked(asked, current, TAGS).map_err(|error| {
        let code = if error.code == "TooManyTags" { "LimitExceeded" } else { "InvalidInput" };
        CallError::new(code, error.message)
    })
}

/// Refuses a name that IAM does not take.
fn check_name(name: &str, most: usize) -> Result<(), CallError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if name.is_empty() || name.len() > most || !name.chars().all(plain) {
        return refuse("ValidationError", format!("The name '{name}' is not valid"));
    }
    Ok(())
}

/// Refuses a document that is none, or one that is too long. White space does not count.
fn check_document(text: &str, most: usize) -> Result<(), CallError> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = document["Statement"].as_array();
    let whole = |statement: &Value| {
        matches!(statement["Effect"].as_str(), Some("Allow" | "Deny"))
            && !(statement["Action"].is_null() && statement["NotAction"].is_null())
    };
    if document["Version"] != "2012-10-17" || !statements.is_some_and(|it| it.iter().all(whole)) {
        return refuse("MalformedPolicyDocument", "Syntax errors in policy.");
    }
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    if length > most {
        return refuse("LimitExceeded", format!("Cannot exceed quota for PolicySize: {most}"));
    }
    Ok(())
}

fn no_such_entity<T>(what: &str) -> Result<T, CallError> {
    refuse("NoSuchEntity", format!("{what} cannot be found."))
}
