//! The targets of a frontend NLB: the load balancer behind it, on each of its ports.

use super::part::{Parts, Wanted};
use super::{items, literal, text};
use crate::account::{Account, Call};
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::{FrontendNlbTarget, FrontendNlbTargetGroups};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};

const FIELD: &str = "TargetGroups";

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &FrontendNlbTargetGroups,
) -> Result<(), Failure> {
    let mut parts = Parts::new();
    for target in spec.target_groups.values() {
        changes(hand, &mut parts, target).await?;
    }
    hand.record(&Pairs::new(), &parts.unfinished())?;
    parts.carry_out(hand, &Pairs::new()).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &FrontendNlbTargetGroups,
    after: &FrontendNlbTargetGroups,
    _wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let mut parts = Parts::new();
    for target in after.target_groups.values() {
        changes(hand, &mut parts, target).await?;
    }
    let kept: Vec<&str> = after.target_groups.values().map(|t| literal(&t.arn)).collect();
    for target in before.target_groups.values().filter(|t| !kept.contains(&literal(&t.arn))) {
        // The target group itself may be gone already.
        let call = Call::elb("DeregisterTargets", targets(target, own(target)));
        parts.push_lenient(&[FIELD], call, &["TargetGroupNotFound"]);
    }
    parts.carry_out(hand, outputs).await
}

/// Adds the calls that make the load balancer the only target of one target group.
async fn changes<A: Account>(
    hand: &mut Hand<'_, A>,
    parts: &mut Parts,
    target: &FrontendNlbTarget,
) -> Result<(), Failure> {
    let params = json!({"TargetGroupArn": literal(&target.arn)});
    let there = hand.call(Call::elb("DescribeTargetHealth", params)).await?;
    let there: Vec<Value> = items(&there["TargetHealthDescriptions"])
        .iter()
        .filter(|it| text(&it["TargetHealth"]["State"]) != "draining")
        .map(|it| json!({"Id": it["Target"]["Id"], "Port": it["Target"]["Port"]}))
        .collect();
    let own = own(target);
    if !there.contains(&own) {
        parts.push(&[FIELD], Call::elb("RegisterTargets", targets(target, own.clone())));
    }
    for other in there.into_iter().filter(|it| *it != own) {
        parts.push(&[FIELD], Call::elb("DeregisterTargets", targets(target, other)));
    }
    Ok(())
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &FrontendNlbTargetGroups,
) -> Result<(), Failure> {
    for target in spec.target_groups.values() {
        let call = Call::elb("DeregisterTargets", targets(target, own(target)));
        match hand.call(call).await {
            Err(failure) if failure.is_not_found() => {}
            other => drop(other?),
        }
    }
    Ok(())
}

fn own(target: &FrontendNlbTarget) -> Value {
    json!({"Id": literal(&target.target_arn), "Port": target.target_port})
}

fn targets(target: &FrontendNlbTarget, which: Value) -> Value {
    json!({"TargetGroupArn": literal(&target.arn), "Targets": [which]})
}
