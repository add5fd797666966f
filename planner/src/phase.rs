//! A plan in two phases: what pods register in is made first, and traffic is led there when they
//! have. Each phase is a selection of the plan's steps, and both together are the plan.

use crate::plan::{Operation, Plan, Step};
use crate::state::{State, as_ref};
use crate::{diag, target};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Which part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Target groups and their bindings, with what these need. Traffic feels nothing of it.
    Prepare,
    /// All the rest: rules are moved to what was prepared, and what is left over goes.
    Cutover,
}

/// Leaves the steps of a phase. A cutover waits for targets wherever requests are led to a target
/// group anew, and is refused while there is something to prepare.
pub(crate) fn select(plan: &mut Plan, phase: Phase, state: &State) -> Option<Diagnostic> {
    plan.phase = Some(phase);
    let first = prepares(plan);
    match phase {
        Phase::Prepare => {
            target::keep(plan, &first);
            None
        }
        Phase::Cutover if first.is_empty() => {
            for i in 0..plan.steps.len() {
                let awaited = awaited(plan, &plan.steps[i], state);
                plan.steps[i].awaits_targets.extend(awaited);
                plan.steps[i].awaits_targets.sort();
                plan.steps[i].awaits_targets.dedup();
            }
            None
        }
        Phase::Cutover => {
            let steps = first.iter().map(|&i| &plan.steps[i as usize]);
            let groups = steps.filter(|step| step.address.kind == Kind::TargetGroup);
            let names: Vec<String> = groups.map(|step| step.address.to_string()).collect();
            target::keep(plan, &BTreeSet::new());
            Some(diag::not_prepared(&names))
        }
    }
}

/// Steps that make target groups and bindings, and those that make what these need. What needs only
/// a change of an object that exists goes without it.
fn prepares(plan: &Plan) -> BTreeSet<u32> {
    let makes = |step: &Step| {
        matches!(step.operation, Operation::Create { .. } | Operation::Import { deposed: None, .. })
    };
    let wanted = |step: &Step| {
        makes(step) && matches!(step.address.kind, Kind::TargetGroup | Kind::TargetGroupBinding)
    };
    let mut found = BTreeSet::new();
    // Steps stand behind what they need, so one way back finds all.
    for (i, step) in plan.steps.iter().enumerate().rev() {
        if wanted(step) || found.contains(&(i as u32)) {
            found.insert(i as u32);
            let needs = step.needs.iter().filter(|need| makes(&plan.steps[**need as usize]));
            found.extend(needs.copied());
        }
    }
    found
}

/// Target groups that a step leads requests to, and that its object did not use before.
fn awaited(plan: &Plan, step: &Step, state: &State) -> Vec<Address> {
    let sends = matches!(step.address.kind, Kind::Listener | Kind::ListenerRule);
    let leads = matches!(
        step.operation,
        Operation::Create { .. } | Operation::Update { .. } | Operation::Repoint { .. }
    );
    let Some(change) = plan.change_of(step).filter(|_| sends && leads) else { return Vec::new() };
    let mut groups = Vec::new();
    if let Some(after) = &change.after {
        served(&change.address.stack, &after.value(), &mut groups);
    }
    let creates = matches!(step.operation, Operation::Create { .. });
    let before = change.previous_address.as_ref().unwrap_or(&change.address);
    let recorded = state.get(before).filter(|_| !creates);
    let uses = |group: &Address| {
        let arn = state.output(group, ingc_compiler::resource::Output::TargetGroupArn);
        recorded.is_some_and(|entry| entry.depends_on.iter().any(|(_, value)| Some(value) == arn))
    };
    groups.retain(|group| !uses(group));
    groups
}

/// Target groups that get a share of the requests.
fn served(stack: &str, value: &Value, found: &mut Vec<Address>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| served(stack, item, found)),
        Value::Object(fields) => {
            if let Some(Value::Object(group)) = fields.get("targetGroupARN") {
                let weightless = fields.get("weight").and_then(Value::as_i64) == Some(0);
                let reference = as_ref(group).filter(|_| !weightless);
                found.extend(reference.map(|reference| resolve_ref(stack, &reference)));
                return;
            }
            fields.values().for_each(|field| served(stack, field, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_target_group_without_a_share_is_not_waited_for() {
        let group = |name: &str, weight: i64| {
            let pointer = format!(
                "#/resources/AWS::ElasticLoadBalancingV2::TargetGroup/{name}/status/targetGroupARN"
            );
            json!({"targetGroupARN": {"$ref": pointer}, "weight": weight})
        };
        let known = json!({"targetGroupARN": "arn:aws:elasticloadbalancing:x"});
        let groups = json!([group("shop/web-a:80", 1), group("shop/web-b:80", 0), known]);
        let mut found = Vec::new();
        served(
            "shop/web",
            &json!({"actions": [{"forwardConfig": {"targetGroups": groups}}]}),
            &mut found,
        );
        assert_eq!(found, [Address::new("shop/web", Kind::TargetGroup, "shop/web-a:80")]);
    }
}
