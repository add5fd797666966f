//! Policies, of which IAM keeps up to five versions.

use super::super::part::{Parts, Wanted};
use super::super::{items, tags, text};
use super::{arn, call, check_deletable, document, tag_change};
use crate::account::{Account, Call, Identity};
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::{ManagedPolicy, Output};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};

/// So many versions of a policy IAM keeps.
const MOST_VERSIONS: usize = 5;

/// The question for a policy.
pub(crate) fn get(arn: &str) -> Call {
    call("GetPolicy", json!({"PolicyArn": arn}))
}

/// The question for the version of a policy that counts.
pub(crate) fn get_document(policy: &Value) -> Call {
    let params = json!({"PolicyArn": policy["Arn"], "VersionId": policy["DefaultVersionId"]});
    call("GetPolicyVersion", params)
}

/// The ARN of a policy without a path.
pub(crate) fn arn_of(identity: &Identity, name: &str) -> String {
    arn(identity, &format!("policy/{name}"))
}

/// The spec of a policy that was read, and what its creation would have answered.
pub(crate) fn from_aws(policy: &Value, version: &Value) -> (ManagedPolicy, Pairs) {
    let spec = ManagedPolicy {
        description: text(&policy["Description"]).to_owned(),
        name: text(&policy["PolicyName"]).to_owned(),
        document: document(&version["PolicyVersion"]["Document"]),
        shared: false,
        tags: tags::of_user(tags::read(&policy["Tags"])),
    };
    (spec, outputs(text(&policy["Arn"])))
}

fn outputs(arn: &str) -> Pairs {
    [(Output::PolicyArn.name(), arn)].into_iter().collect()
}

pub(in super::super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &ManagedPolicy,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &spec.name);
    let found = match hand.call(get(&arn)).await {
        Err(failure) if failure.is_not_found() => None,
        other => Some(other?["Policy"].clone()),
    };
    if let Some(there) = found {
        let what = format!("a policy named `{}`", spec.name);
        tags::check_ours(hand, &what, &tags::read(&there["Tags"]))?;
        let (before, outputs) = from_aws(&there, &Value::Null);
        let all = Wanted::all(ManagedPolicy::FIELDS);
        return update(hand, &before, spec, &all, &outputs).await;
    }
    let params = json!({
        "PolicyName": spec.name,
        "PolicyDocument": spec.document.value().to_string(),
        "Description": spec.description,
        "Tags": tags::listed(&tags::wanted(hand.cluster, hand.identity, &spec.tags)),
    });
    hand.call(call("CreatePolicy", params)).await?;
    hand.record(&outputs(&arn), &[])
}

pub(in super::super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &ManagedPolicy,
    after: &ManagedPolicy,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &after.name);
    let there = hand.call(get(&arn)).await?["Policy"].clone();
    let what = format!("a policy named `{}`", after.name);
    tags::check_ours(hand, &what, &tags::read(&there["Tags"]))?;
    let mut parts = Parts::new();
    if wanted.has("policyDocument") {
        let version = hand.call(get_document(&there)).await?;
        if document(&version["PolicyVersion"]["Document"]) != after.document {
            if let Some(oldest) = superfluous(hand, &arn).await? {
                let params = json!({"PolicyArn": arn, "VersionId": oldest});
                let call = call("DeletePolicyVersion", params);
                parts.push_lenient(&["policyDocument"], call, &["NoSuchEntity"]);
            }
            let text = after.document.value().to_string();
            let params = json!({"PolicyArn": arn, "PolicyDocument": text, "SetAsDefault": true});
            parts.push(&["policyDocument"], call("CreatePolicyVersion", params));
        }
    }
    if wanted.has("tags") {
        let change = tag_change(hand, &there["Tags"], &before.tags, &after.tags);
        if !change.add.is_empty() {
            let params = json!({"PolicyArn": arn, "Tags": tags::listed(&change.add)});
            parts.push(&["tags"], call("TagPolicy", params));
        }
        if !change.remove.is_empty() {
            let params = json!({"PolicyArn": arn, "TagKeys": change.remove});
            parts.push(&["tags"], call("UntagPolicy", params));
        }
    }
    parts.carry_out(hand, outputs).await
}

/// The version that makes room for another one, if there is no room: the oldest that does not
/// count.
async fn superfluous<A: Account>(
    hand: &mut Hand<'_, A>,
    arn: &str,
) -> Result<Option<String>, Failure> {
    let versions = hand.call(call("ListPolicyVersions", json!({"PolicyArn": arn}))).await?;
    let versions = items(&versions["Versions"]);
    if versions.len() < MOST_VERSIONS {
        return Ok(None);
    }
    let number = |version: &&Value| {
        text(&version["VersionId"]).trim_start_matches('v').parse::<u64>().unwrap_or(u64::MAX)
    };
    let others = versions.iter().filter(|version| version["IsDefaultVersion"] != true);
    Ok(others.min_by_key(number).map(|version| text(&version["VersionId"]).to_owned()))
}

pub(in super::super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &ManagedPolicy,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &spec.name);
    let there = hand.call(get(&arn)).await?["Policy"].clone();
    let what = format!("the policy `{}`", spec.name);
    check_deletable(hand, &what, spec.shared, &tags::read(&there["Tags"]))?;
    let versions = hand.call(call("ListPolicyVersions", json!({"PolicyArn": arn}))).await?;
    for version in items(&versions["Versions"]) {
        if version["IsDefaultVersion"] != true {
            let params = json!({"PolicyArn": arn, "VersionId": version["VersionId"]});
            match hand.call(call("DeletePolicyVersion", params)).await {
                Err(failure) if failure.is_not_found() => {}
                other => drop(other?),
            }
        }
    }
    hand.call(call("DeletePolicy", json!({"PolicyArn": arn}))).await.map(drop)
}
