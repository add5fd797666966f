//! Rules of listeners.

use super::part::{Parts, Wanted};
use super::{actions, conditions, items, literal, output, tags, text};
use crate::account::{Account, Call};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{ListenerRule, Output};
use ingc_compiler::tag;
use ingc_planner::state::Pairs;
use serde_json::{Value, json};

/// The listener of a rule, by the rule's ARN.
pub(crate) fn listener_of(rule: &str) -> String {
    let listener = rule.replacen(":listener-rule/", ":listener/", 1);
    listener.rsplit_once('/').map_or_else(String::new, |(listener, _)| listener.to_owned())
}

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &ListenerRule,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let listener = literal(&spec.listener_arn);
    let mut params = json!({
        "ListenerArn": listener,
        "Priority": spec.priority,
        "Conditions": conditions::to_aws(&spec.conditions),
        "Actions": actions::to_aws(&spec.actions),
        "Tags": tags::listed(&wanted),
    });
    if !spec.transforms.is_empty() {
        params["Transforms"] = conditions::transforms_to_aws(&spec.transforms);
    }
    match hand.call(Call::elb("CreateRule", params)).await {
        Ok(answer) => hand.record(&outputs(&answer["Rules"][0]), &[]),
        Err(failure) if failure.is(&["PriorityInUse"]) => take_over(hand, spec, failure).await,
        Err(failure) => Err(failure),
    }
}

/// Takes the rule that an earlier run has made and could not record. A rule's tags are all that
/// tells it from another's: its number is nobody's.
async fn take_over<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &ListenerRule,
    failure: Failure,
) -> Result<(), Failure> {
    let all = json!({"ListenerArn": literal(&spec.listener_arn)});
    let all = hand.call(Call::elb("DescribeRules", all)).await?;
    let priority = spec.priority.to_string();
    let Some(there) = items(&all["Rules"]).iter().find(|rule| text(&rule["Priority"]) == priority)
    else {
        return Err(failure);
    };
    let outputs = outputs(there);
    let arn = output(hand, &outputs, Output::RuleArn.name())?.to_owned();
    let has = tags::of_elb(hand, &arn).await?;
    let ours = has.get(tag::CLUSTER).map(String::as_str) == Some(hand.cluster)
        && has.get(tag::STACK).is_some_and(|has| *has == hand.address.stack);
    if hand.is_recorded(&arn) || !ours {
        return Err(hand.failure(
            &code::NOT_OURS,
            format!("priority {priority} of the listener is another rule's, `{arn}`"),
            "plan again, which shows the rules that ingc does not know, and delete them or give them higher numbers",
        ));
    }
    let mut parts = parts(hand, None, spec, &Wanted::all(ListenerRule::FIELDS), &arn).await?;
    if has.get(tag::RESOURCE).is_none_or(|has| *has != hand.identity.id) {
        let tags = json!([{"Key": tag::RESOURCE, "Value": hand.identity.id}]);
        parts.push(&["tags"], Call::elb("AddTags", json!({"ResourceArns": [arn], "Tags": tags})));
    }
    hand.record(&outputs, &parts.unfinished())?;
    parts.carry_out(hand, &outputs).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &ListenerRule,
    after: &ListenerRule,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::RuleArn.name())?.to_owned();
    let parts = parts(hand, Some(before), after, wanted, &arn).await?;
    parts.carry_out(hand, outputs).await
}

/// One ModifyRule for all that it can send; priorities are set for all rules of a listener at once.
async fn parts<A: Account>(
    hand: &mut Hand<'_, A>,
    before: Option<&ListenerRule>,
    after: &ListenerRule,
    wanted: &Wanted,
    arn: &str,
) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    let mut params = json!({"RuleArn": arn});
    let mut fields = Vec::new();
    if wanted.has("conditions") {
        params["Conditions"] = conditions::to_aws(&after.conditions);
        fields.push("conditions");
    }
    if wanted.has("actions") {
        params["Actions"] = actions::to_aws(&after.actions);
        fields.push("actions");
    }
    if wanted.has("transforms") {
        if after.transforms.is_empty() {
            params["ResetTransforms"] = json!(true);
        } else {
            params["Transforms"] = conditions::transforms_to_aws(&after.transforms);
        }
        fields.push("transforms");
    }
    if !fields.is_empty() {
        parts.push(&fields, Call::elb("ModifyRule", params));
    }
    if wanted.has("tags") {
        let before = before.map(|before| before.tags.clone()).unwrap_or_default();
        tags::change_elb(hand, &mut parts, arn, &before, &after.tags).await?;
    }
    Ok(parts)
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::RuleArn.name())?;
    hand.call(Call::elb("DeleteRule", json!({"RuleArn": arn}))).await.map(drop)
}

/// What a creation answers, and a description.
pub(crate) fn outputs(described: &Value) -> Pairs {
    let arn = described["RuleArn"].as_str();
    arn.map(|arn| (Output::RuleArn.name(), arn)).into_iter().collect()
}
