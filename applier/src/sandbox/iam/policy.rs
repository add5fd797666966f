//! Policies and their versions.

use super::super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::super::tag::{Tag, listed};
use super::{check_document, check_name, checked, no_such_entity};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct Policy {
    name: String,
    #[serde(default)]
    description: String,
    /// Documents by the number of their version.
    versions: BTreeMap<u32, String>,
    /// The version that counts.
    default: u32,
    /// Versions so far, those that are gone included.
    made: u32,
    #[serde(default)]
    pub(super) tags: Texts,
}

/// IAM's longest managed policy, in characters.
const LONGEST: usize = 6144;
/// So many versions a policy may have.
const MOST: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    policy_arn: String,
    version_id: Option<String>,
}

impl Named {
    fn version(&self) -> u32 {
        let id = self.version_id.as_deref().unwrap_or_default();
        id.trim_start_matches('v').parse().unwrap_or_default()
    }
}

impl Cloud {
    pub(super) fn create_policy(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            policy_name: String,
            policy_document: String,
            #[serde(default)]
            description: String,
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        check_name(&asked.policy_name, 128)?;
        check_document(&asked.policy_document, LONGEST)?;
        let arn = self.iam_arn(&format!("policy/{}", asked.policy_name));
        if self.iam.policies.contains_key(&arn) {
            let message = format!("A policy called {} already exists.", asked.policy_name);
            return refuse("EntityAlreadyExists", message);
        }
        let policy = Policy {
            name: asked.policy_name,
            description: asked.description,
            versions: BTreeMap::from([(1, asked.policy_document)]),
            default: 1,
            made: 1,
            tags: checked(asked.tags, &Texts::new())?,
        };
        self.iam.policies.insert(arn.clone(), policy);
        self.get_policy(&json!({"PolicyArn": arn}))
    }

    fn policy_mut(&mut self, arn: &str) -> Result<&mut Policy, CallError> {
        match self.iam.policies.get_mut(arn) {
            Some(policy) => Ok(policy),
            None => no_such_entity(&format!("Policy {arn}")),
        }
    }

    fn attachments(&self, arn: &str) -> usize {
        self.iam.roles.values().filter(|role| role.attached.contains(arn)).count()
    }

    pub(super) fn get_policy(&mut self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.policy_arn;
        let attachments = self.attachments(&arn);
        let policy = self.policy_mut(&arn)?;
        Ok(json!({"Policy": {
            "Arn": arn,
            "PolicyName": policy.name,
            "Description": policy.description,
            "DefaultVersionId": format!("v{}", policy.default),
            "AttachmentCount": attachments,
            "Tags": listed(&policy.tags),
        }}))
    }

    pub(super) fn get_policy_version(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        let policy = self.policy_mut(&asked.policy_arn)?;
        match policy.versions.get(&asked.version()) {
            Some(document) => Ok(json!({"PolicyVersion": {
                "Document": document,
                "VersionId": asked.version_id,
                "IsDefaultVersion": asked.version() == policy.default,
            }})),
            None => no_such_entity("Policy version"),
        }
    }

    pub(super) fn list_policy_versions(&mut self, params: &Value) -> Answer {
        let policy = self.policy_mut(&read::<Named>(params)?.policy_arn)?;
        let listed = policy.versions.keys().rev().map(|version| {
            json!({"VersionId": format!("v{version}"), "IsDefaultVersion": *version == policy.default})
        });
        Ok(json!({"Versions": listed.collect::<Vec<_>>(), "IsTruncated": false}))
    }

    pub(super) fn create_policy_version(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            policy_arn: String,
            policy_document: String,
            #[serde(default)]
            set_as_default: bool,
        }
        let asked: Asked = read(params)?;
        check_document(&asked.policy_document, LONGEST)?;
        let policy = self.policy_mut(&asked.policy_arn)?;
        if policy.versions.len() >= MOST {
            return refuse(
                "LimitExceeded",
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
            );
        }
        policy.made += 1;
        policy.versions.insert(policy.made, asked.policy_document);
        if asked.set_as_default {
            policy.default = policy.made;
        }
        let id = format!("v{}", policy.made);
        Ok(json!({"PolicyVersion": {"VersionId": id, "IsDefaultVersion": asked.set_as_default}}))
    }

    pub(super) fn delete_policy_version(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        let policy = self.policy_mut(&asked.policy_arn)?;
        if asked.version() == policy.default {
            return refuse("DeleteConflict", "Cannot delete the default version of a policy.");
        }
        match policy.versions.remove(&asked.version()) {
            Some(_) => Ok(json!({})),
            None => no_such_entity("Policy version"),
        }
    }

    pub(super) fn delete_policy(&mut self, params: &Value) -> Answer {
        let arn = read::<Named>(params)?.policy_arn;
        let attachments = self.attachments(&arn);
        let versions = self.policy_mut(&arn)?.versions.len();
        if attachments > 0 {
            return refuse("DeleteConflict", "Cannot delete a policy attached to entities.");
        }
        if versions > 1 {
            let message = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.";
            return refuse("DeleteConflict", message);
        }
        self.iam.policies.remove(&arn);
        Ok(json!({}))
    }
}
