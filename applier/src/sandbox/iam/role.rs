//! Roles.

use super::super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::super::tag::{Tag, listed};
use super::{check_document, check_name, checked, no_such_entity};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct Role {
    trust: String,
    #[serde(default)]
    description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boundary: Option<String>,
    /// ARNs of policies.
    #[serde(default)]
    pub(super) attached: BTreeSet<String>,
    #[serde(default)]
    pub(super) tags: Texts,
}

/// IAM's longest trust policy, in characters.
const LONGEST: usize = 2048;
/// So many managed policies a role may have.
const MOST: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    role_name: String,
    policy_arn: Option<String>,
    policy_document: Option<String>,
    permissions_boundary: Option<String>,
    description: Option<String>,
}

impl Cloud {
    pub(super) fn create_role(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            role_name: String,
            assume_role_policy_document: String,
            #[serde(default)]
            description: String,
            permissions_boundary: Option<String>,
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        check_name(&asked.role_name, 64)?;
        check_trust(&asked.assume_role_policy_document)?;
        if self.iam.roles.contains_key(&asked.role_name) {
            let message = format!("Role with name {} already exists.", asked.role_name);
            return refuse("EntityAlreadyExists", message);
        }
        let role = Role {
            trust: asked.assume_role_policy_document,
            description: asked.description,
            boundary: asked.permissions_boundary,
            attached: BTreeSet::new(),
            tags: checked(asked.tags, &Texts::new())?,
        };
        self.iam.roles.insert(asked.role_name.clone(), role);
        Ok(json!({"Role": self.described(&asked.role_name)}))
    }

    fn described(&self, name: &str) -> Value {
        let Some(role) = self.iam.roles.get(name) else { return Value::Null };
        let mut described = json!({
            "RoleName": name,
            "Arn": self.iam_arn(&format!("role/{name}")),
            "AssumeRolePolicyDocument": role.trust,
            "Description": role.description,
            "Tags": listed(&role.tags),
        });
        if let Some(boundary) = &role.boundary {
            described["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": boundary});
        }
        described
    }

    fn role_mut(&mut self, name: &str) -> Result<&mut Role, CallError> {
        match self.iam.roles.get_mut(name) {
            Some(role) => Ok(role),
            None => no_such_entity(&format!("The role with name {name}")),
        }
    }

    pub(super) fn get_role(&mut self, params: &Value) -> Answer {
        let name = read::<Named>(params)?.role_name;
        self.role_mut(&name)?;
        Ok(json!({"Role": self.described(&name)}))
    }

    pub(super) fn list_roles(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Asked {}
        read::<Asked>(params)?;
        let roles: Vec<Value> = self.iam.roles.keys().map(|name| self.described(name)).collect();
        Ok(json!({"Roles": roles, "IsTruncated": false}))
    }

    pub(super) fn update_role(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        let role = self.role_mut(&asked.role_name)?;
        role.description = asked.description.unwrap_or_default();
        Ok(json!({}))
    }

    pub(super) fn update_assume_role_policy(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        let document = asked.policy_document.unwrap_or_default();
        check_trust(&document)?;
        self.role_mut(&asked.role_name)?.trust = document;
        Ok(json!({}))
    }

    pub(super) fn put_boundary(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        self.role_mut(&asked.role_name)?.boundary = asked.permissions_boundary;
        Ok(json!({}))
    }

    pub(super) fn delete_boundary(&mut self, params: &Value) -> Answer {
        self.role_mut(&read::<Named>(params)?.role_name)?.boundary = None;
        Ok(json!({}))
    }

    pub(super) fn list_attached(&mut self, params: &Value) -> Answer {
        let role = self.role_mut(&read::<Named>(params)?.role_name)?;
        let policies = role
            .attached
            .iter()
            .map(|arn| json!({"PolicyArn": arn, "PolicyName": arn.rsplit('/').next()}));
        let policies: Vec<Value> = policies.collect();
        Ok(json!({"AttachedPolicies": policies, "IsTruncated": false}))
    }

    pub(super) fn attach(&mut self, params: &Value, attach: bool) -> Answer {
        let asked: Named = read(params)?;
        let arn = asked.policy_arn.unwrap_or_default();
        // AWS's own policies are in every account.
        let exists = self.iam.policies.contains_key(&arn) || arn.contains(":iam::aws:policy/");
        let role = self.role_mut(&asked.role_name)?;
        if !exists || (!attach && !role.attached.contains(&arn)) {
            return no_such_entity(&format!("Policy {arn}"));
        }
        if !attach {
            role.attached.remove(&arn);
        } else if role.attached.len() >= MOST && !role.attached.contains(&arn) {
            return refuse(
                "LimitExceeded",
                format!("Cannot exceed quota for PoliciesPerRole: {MOST}"),
            );
        } else {
            role.attached.insert(arn);
        }
        Ok(json!({}))
    }

    pub(super) fn delete_role(&mut self, params: &Value) -> Answer {
        let name = read::<Named>(params)?.role_name;
        if !self.role_mut(&name)?.attached.is_empty() {
            return refuse(
                "DeleteConflict",
                "Cannot delete entity, must detach all policies first.",
            );
        }
        self.iam.roles.remove(&name);
        Ok(json!({}))
    }
}

/// A trust policy names whom it trusts in every statement.
fn check_trust(text: &str) -> Result<(), CallError> {
    check_document(text, LONGEST)?;
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let mut statements = document["Statement"].as_array().into_iter().flatten();
    if statements.any(|statement| statement["Principal"].is_null()) {
        return refuse("MalformedPolicyDocument", "AssumeRole policy must contain a principal");
    }
    Ok(())
}
