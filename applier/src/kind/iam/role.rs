//! Roles.

use super::super::part::{Parts, Wanted};
use super::super::{items, literal, tags, text};
use super::{arn, call, check_deletable, document, tag_change};
use crate::account::{Account, Call, Identity};
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::{Output, Role, Token};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The question for a role.
pub(crate) fn get(name: &str) -> Call {
    call("GetRole", json!({"RoleName": name}))
}

/// The question for the policies of a role.
pub(crate) fn list_policies(name: &str) -> Call {
    call("ListAttachedRolePolicies", json!({"RoleName": name}))
}

/// The ARN of a role without a path.
pub(crate) fn arn_of(identity: &Identity, name: &str) -> String {
    arn(identity, &format!("role/{name}"))
}

/// The spec of a role that was read, and what its creation would have answered.
pub(crate) fn from_aws(role: &Value, policies: &Value) -> (Role, Pairs) {
    let mut attached: Vec<String> = items(&policies["AttachedPolicies"])
        .iter()
        .map(|policy| text(&policy["PolicyArn"]).to_owned())
        .collect();
    attached.sort();
    let boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str();
    let spec = Role {
        trust: document(&role["AssumeRolePolicyDocument"]),
        description: text(&role["Description"]).to_owned(),
        managed_policies: attached.into_iter().map(Token::Literal).collect(),
        permissions_boundary: boundary.map(str::to_owned),
        name: text(&role["RoleName"]).to_owned(),
        tags: tags::of_user(tags::read(&role["Tags"])),
    };
    (spec, outputs(text(&role["Arn"])))
}

fn outputs(arn: &str) -> Pairs {
    [(Output::RoleArn.name(), arn)].into_iter().collect()
}

pub(in super::super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Role,
) -> Result<(), Failure> {
    let found = match hand.call(get(&spec.name)).await {
        Err(failure) if failure.is_not_found() => None,
        other => Some(other?["Role"].clone()),
    };
    if let Some(there) = found {
        let what = format!("a role named `{}`", spec.name);
        tags::check_ours(hand, &what, &tags::read(&there["Tags"]))?;
        let policies = hand.call(list_policies(&spec.name)).await?;
        let (before, outputs) = from_aws(&there, &policies);
        let all = Wanted::all(Role::FIELDS);
        return update(hand, &before, spec, &all, &outputs).await;
    }
    let mut params = json!({
        "RoleName": spec.name,
        "AssumeRolePolicyDocument": spec.trust.value().to_string(),
        "Description": spec.description,
        "Tags": tags::listed(&tags::wanted(hand.cluster, hand.identity, &spec.tags)),
    });
    if let Some(boundary) = &spec.permissions_boundary {
        params["PermissionsBoundary"] = json!(boundary);
    }
    hand.call(call("CreateRole", params)).await?;
    let outputs = outputs(&arn_of(&hand.account_identity(), &spec.name));
    let mut parts = Parts::new();
    for policy in &spec.managed_policies {
        parts.push(&["managedPolicyARNs"], attach("AttachRolePolicy", &spec.name, literal(policy)));
    }
    hand.record(&outputs, &parts.unfinished())?;
    parts.carry_out(hand, &outputs).await
}

fn attach(action: &'static str, role: &str, policy: &str) -> Call {
    call(action, json!({"RoleName": role, "PolicyArn": policy}))
}

pub(in super::super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &Role,
    after: &Role,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let name = &after.name;
    let there = hand.call(get(name)).await?["Role"].clone();
    let what = format!("a role named `{name}`");
    tags::check_ours(hand, &what, &tags::read(&there["Tags"]))?;
    let policies = match wanted.has("managedPolicyARNs") {
        true => hand.call(list_policies(name)).await?,
        false => Value::Null,
    };
    let (now, _) = from_aws(&there, &policies);
    let mut parts = Parts::new();
    if wanted.has("assumeRolePolicyDocument") && now.trust != after.trust {
        let document = after.trust.value().to_string();
        let params = json!({"RoleName": name, "PolicyDocument": document});
        parts.push(&["assumeRolePolicyDocument"], call("UpdateAssumeRolePolicy", params));
    }
    if wanted.has("description") && now.description != after.description {
        let params = json!({"RoleName": name, "Description": after.description});
        parts.push(&["description"], call("UpdateRole", params));
    }
    if wanted.has("permissionsBoundary") && now.permissions_boundary != after.permissions_boundary {
        let call = match &after.permissions_boundary {
            Some(boundary) => {
                let params = json!({"RoleName": name, "PermissionsBoundary": boundary});
                call("PutRolePermissionsBoundary", params)
            }
            None => call("DeleteRolePermissionsBoundary", json!({"RoleName": name})),
        };
        parts.push(&["permissionsBoundary"], call);
    }
    if wanted.has("managedPolicyARNs") {
        let has: BTreeSet<&str> = now.managed_policies.iter().map(literal).collect();
        let shall: BTreeSet<&str> = after.managed_policies.iter().map(literal).collect();
        // What the role needs comes before what it no longer needs goes.
        for policy in shall.difference(&has) {
            parts.push(&["managedPolicyARNs"], attach("AttachRolePolicy", name, policy));
        }
        for policy in has.difference(&shall) {
            let call = attach("DetachRolePolicy", name, policy);
            parts.push_lenient(&["managedPolicyARNs"], call, &["NoSuchEntity"]);
        }
    }
    if wanted.has("tags") {
        let change = tag_change(hand, &there["Tags"], &before.tags, &after.tags);
        if !change.add.is_empty() {
            let params = json!({"RoleName": name, "Tags": tags::listed(&change.add)});
            parts.push(&["tags"], call("TagRole", params));
        }
        if !change.remove.is_empty() {
            let params = json!({"RoleName": name, "TagKeys": change.remove});
            parts.push(&["tags"], call("UntagRole", params));
        }
    }
    parts.carry_out(hand, outputs).await
}

pub(in super::super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Role,
) -> Result<(), Failure> {
    let there = hand.call(get(&spec.name)).await?["Role"].clone();
    let what = format!("the role `{}`", spec.name);
    check_deletable(hand, &what, false, &tags::read(&there["Tags"]))?;
    let attached = hand.call(list_policies(&spec.name)).await?;
    let (now, _) = from_aws(&there, &attached);
    let ours: BTreeSet<&str> = spec.managed_policies.iter().map(literal).collect();
    // What somebody else has attached keeps AWS from deleting the role, and tells so.
    for policy in now.managed_policies.iter().map(literal).filter(|policy| ours.contains(policy)) {
        match hand.call(attach("DetachRolePolicy", &spec.name, policy)).await {
            Err(failure) if failure.is_not_found() => {}
            other => drop(other?),
        }
    }
    hand.call(call("DeleteRole", json!({"RoleName": spec.name}))).await.map(drop)
}
