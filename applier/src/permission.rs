//! Asks IAM beforehand whether the caller may make the calls of a run.

use crate::account::{Account, Call, Service};
use crate::aws::Aws;
use crate::error::Error;
use crate::kind::{items, text};
use ingc_planner::iam::Checked;
use serde_json::{Value, json};

/// An action that the caller may not take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// Such as `elasticloadbalancing:CreateRule`.
    pub action: String,
    /// What it was asked for: an ARN as it could be, or `*`.
    pub resource: String,
}

/// How many actions IAM is asked for at once.
const AT_ONCE: usize = 50;

/// The actions that the caller's policies do not allow.
///
/// # Errors
/// If IAM refuses the question, for which `iam:SimulatePrincipalPolicy` is needed.
pub async fn denied(aws: &Aws, questions: &[Checked]) -> Result<Vec<Denied>, Error> {
    let Some(principal) = principal(aws).await else { return Ok(Vec::new()) };
    let mut denied = Vec::new();
    for question in questions {
        let entry = |(key, value): &(String, String)| json!({"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"});
        let context: Vec<Value> = question.context.iter().map(entry).collect();
        for actions in question.actions.chunks(AT_ONCE) {
            let params = json!({
                "PolicySourceArn": principal,
                "ActionNames": actions,
                "ResourceArns": [question.resource],
                "ContextEntries": context,
            });
            let call = Call::new(Service::Iam, "SimulatePrincipalPolicy", params);
            let answer = aws.call(&call).await.map_err(|source| Error::Refused {
                action: format!("{}:{}", call.service, call.action),
                source,
            })?;
            let results = items(&answer["EvaluationResults"]);
            let refused = results.iter().filter(|it| text(&it["EvalDecision"]) != "allowed");
            denied.extend(refused.map(|it| Denied {
                action: text(&it["EvalActionName"]).to_owned(),
                resource: question.resource.clone(),
            }));
        }
    }
    denied.sort();
    denied.dedup();
    Ok(denied)
}

/// Whose policies count: of a session those of its role. None for the account's root, who may do
/// everything.
async fn principal(aws: &Aws) -> Option<String> {
    let caller = aws.caller();
    if caller.ends_with(":root") {
        return None;
    }
    let session = caller.split_once(":assumed-role/");
    let Some((start, rest)) = session else { return Some(caller.to_owned()) };
    let name = rest.split('/').next().unwrap_or_default();
    // The session does not tell the role's path, which belongs to its ARN.
    let get = Call::new(Service::Iam, "GetRole", json!({"RoleName": name}));
    if let Ok(answer) = aws.call(&get).await
        && let Some(arn) = answer["Role"]["Arn"].as_str()
    {
        return Some(arn.to_owned());
    }
    Some(format!("{}:role/{name}", start.replacen(":sts:", ":iam:", 1)))
}
