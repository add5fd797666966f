//! Issuers of tokens that roles can trust: one of each in an account, whoever uses it.

use super::super::part::{Parts, Wanted};
use super::super::{items, tags, text};
use super::{arn, call, check_deletable, document, tag_change, trusts};
use crate::account::{Account, Call, Identity};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{OidcProvider, Output, Tags};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The question for an issuer.
pub(crate) fn get(arn: &str) -> Call {
    call("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn}))
}

/// The question for all roles of the account, with whom they trust.
pub(crate) fn list_roles() -> Call {
    call("ListRoles", json!({}))
}

/// The ARN of an issuer, whose name is its URL without `https://`.
pub(crate) fn arn_of(identity: &Identity, name: &str) -> String {
    arn(identity, &format!("oidc-provider/{}", name.trim_start_matches("https://")))
}

/// The spec of an issuer that was read, and what its creation would have answered.
pub(crate) fn from_aws(arn: &str, answer: &Value) -> (OidcProvider, Pairs) {
    let sorted = |list: &Value| {
        let mut texts: Vec<String> = items(list).iter().map(|it| text(it).to_owned()).collect();
        texts.sort();
        texts
    };
    let spec = OidcProvider {
        client_ids: sorted(&answer["ClientIDList"]),
        shared: false,
        tags: tags::of_user(tags::read(&answer["Tags"])),
        thumbprints: sorted(&answer["ThumbprintList"]),
        url: format!("https://{}", text(&answer["Url"]).trim_start_matches("https://")),
    };
    (spec, outputs(arn))
}

/// Roles that trust an issuer, by name, out of an answer to [`list_roles`].
pub(crate) fn users(arn: &str, roles: &Value) -> Vec<String> {
    let roles = items(&roles["Roles"]).iter();
    let users = roles.filter(|role| trusts(&document(&role["AssumeRolePolicyDocument"]), arn));
    users.map(|role| text(&role["RoleName"]).to_owned()).collect()
}

fn outputs(arn: &str) -> Pairs {
    [(Output::ProviderArn.name(), arn)].into_iter().collect()
}

pub(in super::super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &OidcProvider,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &spec.url);
    let found = match hand.call(get(&arn)).await {
        Err(failure) if failure.is_not_found() => None,
        other => Some(other?),
    };
    if let Some(there) = found {
        let what = format!("an OIDC provider for `{}`", spec.url);
        tags::check_ours(hand, &what, &tags::read(&there["Tags"]))?;
        let (before, outputs) = from_aws(&arn, &there);
        let all = Wanted::all(OidcProvider::FIELDS);
        return update(hand, &before, spec, &all, &outputs).await;
    }
    let mut params = json!({
        "Url": spec.url,
        "ClientIDList": spec.client_ids,
        "Tags": tags::listed(&tags::wanted(hand.cluster, hand.identity, &spec.tags)),
    });
    if !spec.thumbprints.is_empty() {
        params["ThumbprintList"] = json!(spec.thumbprints);
    }
    hand.call(call("CreateOpenIDConnectProvider", params)).await?;
    hand.record(&outputs(&arn), &[])
}

pub(in super::super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &OidcProvider,
    after: &OidcProvider,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &after.url);
    let there = hand.call(get(&arn)).await?;
    let (now, _) = from_aws(&arn, &there);
    let mut parts = Parts::new();
    if wanted.has("clientIDs") {
        let has: BTreeSet<&String> = now.client_ids.iter().collect();
        let shall: BTreeSet<&String> = after.client_ids.iter().collect();
        for (action, ids) in [
            ("AddClientIDToOpenIDConnectProvider", shall.difference(&has)),
            ("RemoveClientIDFromOpenIDConnectProvider", has.difference(&shall)),
        ] {
            for id in ids.filter(|_| !after.shared || action.starts_with("Add")) {
                let params = json!({"OpenIDConnectProviderArn": arn, "ClientID": id});
                parts.push(&["clientIDs"], call(action, params));
            }
        }
    }
    if wanted.has("thumbprints")
        && !after.thumbprints.is_empty()
        && now.thumbprints != after.thumbprints
    {
        let params = json!({"OpenIDConnectProviderArn": arn, "ThumbprintList": after.thumbprints});
        parts.push(&["thumbprints"], call("UpdateOpenIDConnectProviderThumbprint", params));
    }
    if wanted.has("tags") && !after.shared {
        let change = tag_change(hand, &there["Tags"], &before.tags, &after.tags);
        if !change.add.is_empty() {
            let params =
                json!({"OpenIDConnectProviderArn": arn, "Tags": tags::listed(&change.add)});
            parts.push(&["tags"], call("TagOpenIDConnectProvider", params));
        }
        if !change.remove.is_empty() {
            let params = json!({"OpenIDConnectProviderArn": arn, "TagKeys": change.remove});
            parts.push(&["tags"], call("UntagOpenIDConnectProvider", params));
        }
    }
    parts.carry_out(hand, outputs).await
}

pub(in super::super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &OidcProvider,
) -> Result<(), Failure> {
    let arn = arn_of(&hand.account_identity(), &spec.url);
    let there = hand.call(get(&arn)).await?;
    let what = format!("the OIDC provider for `{}`", spec.url);
    let has: Tags = tags::read(&there["Tags"]);
    check_deletable(hand, &what, spec.shared, &has)?;
    let users = users(&arn, &hand.call(list_roles()).await?);
    if !users.is_empty() {
        return Err(hand.failure(
            &code::NOT_OURS,
            format!("{what} is trusted by other roles: {}", users.join(", ")),
            "`ingc bootstrap destroy` lets the state go of it",
        ));
    }
    let params = json!({"OpenIDConnectProviderArn": arn});
    hand.call(call("DeleteOpenIDConnectProvider", params)).await.map(drop)
}
