//! What a step does to the state, once AWS has answered.

use super::{
    Deposed, Pairs, Recorded, SpecText, StackState, State, dependency_key, each_ref, local_address,
};
use crate::phase::Phase;
use crate::plan::{Change, Operation, Plan, RuleMove, Step};
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is known when a step, or a part of one, has been done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What AWS answered, by the names of outputs. Earlier outputs stay.
    pub outputs: Pairs,
    /// What the references were resolved to: [`super::Resolved::depends_on`].
    pub depends_on: Pairs,
    /// Fields of the spec that are still to be sent. A step of several calls is recorded after
    /// each, so that an interrupted one is finished by the next plan.
    pub unfinished: Vec<String>,
}

impl State {
    /// Prepares the state for a plan: stacks get a lineage, and the members of before and after.
    pub fn begin(&mut self, plan: &Plan, mut new_lineage: impl FnMut(&str) -> String) {
        for (name, planned) in &plan.stacks {
            let stack = self.stacks.entry(name.clone()).or_default();
            if stack.lineage.is_empty() {
                stack.lineage = planned.lineage.clone().unwrap_or_else(|| new_lineage(name));
            }
            stack.unfinished = true;
            stack.settled = None;
            for (ingress, member) in &planned.members {
                stack.members.insert(ingress.clone(), member.clone());
            }
        }
    }

    /// Closes a stack all of whose steps have been done: only the members of after are left, and
    /// a stack that holds nothing any more goes.
    pub fn finish(&mut self, plan: &Plan, stack: &str) {
        let Some(recorded) = self.stacks.get_mut(stack) else { return };
        if plan.phase == Some(Phase::Prepare) && !recorded.is_empty() {
            // The other phase brings the stack to its end.
            recorded.serial += 1;
        } else if recorded.is_empty() {
            self.stacks.remove(stack);
        } else if let Some(planned) = plan.stacks.get(stack) {
            recorded.members = planned.members.clone();
            recorded.unfinished = false;
            recorded.serial += 1;
        }
    }

    /// Records what a step has done. Afterwards the state is to be written.
    pub fn record(&mut self, plan: &Plan, step: &Step, outcome: Outcome) {
        let stack = self.stacks.entry(step.address.stack.to_string()).or_default();
        stack.serial += 1;
        let local = step.address.local();
        match &step.operation {
            Operation::Create { depose, priority } => {
                let Some(change) = plan.change_of(step) else { return };
                let aside = depose.clone().filter(|key| !stack.deposed.contains_key(key));
                if let Some(key) = aside
                    && let Some(object) = stack.resources.remove(&local)
                {
                    stack.deposed.insert(key, Deposed { address: local.clone(), object });
                }
                let mut created = recorded(change, outcome);
                if let Some(priority) = priority {
                    created.spec = with_priority(&created.spec, *priority);
                }
                if change.address != step.address {
                    created.tagged = Some(change.address.id.to_string());
                }
                stack.resources.insert(local, created);
            }
            Operation::Update { .. } | Operation::Repoint { .. } => {
                let Some(change) = plan.change_of(step) else { return };
                let Some(before) = stack.resources.get(&local) else { return };
                let mut updated = recorded(change, outcome);
                for (name, value) in before.outputs.iter() {
                    if updated.outputs.get(name).is_none() {
                        updated.outputs.insert(name, value);
                    }
                }
                updated.tagged = match change.renews_resource_tag() {
                    true => (change.address != step.address).then(|| change.address.id.to_string()),
                    false => before.tagged.clone(),
                };
                // Only a reorder changes the number that a rule has.
                if let Some(priority) = priority_of(&step.address, &before.spec) {
                    updated.spec = with_priority(&updated.spec, priority);
                }
                stack.resources.insert(local, updated);
            }
            Operation::Reorder { moves } => reorder(stack, moves),
            Operation::Delete
            | Operation::GoneWith { deposed: None, .. }
            | Operation::Forget { deposed: None } => {
                if let Some(object) = stack.resources.remove(&local) {
                    drop_owned(stack, step.address.kind, &object);
                }
            }
            Operation::DeleteDeposed { key, .. }
            | Operation::GoneWith { deposed: Some(key), .. }
            | Operation::Forget { deposed: Some(key) } => {
                if let Some(deposed) = stack.deposed.remove(key) {
                    drop_owned(stack, step.address.kind, &deposed.object);
                }
            }
            Operation::Import { outputs, deposed, tagged } => {
                let Some(change) = plan.change_of(step) else { return };
                let mut imported = recorded(change, outcome);
                imported.outputs = outputs.clone();
                (imported.spec, imported.depends_on) = self.refer(change);
                if change.address != step.address {
                    imported.tagged = Some(change.address.id.to_string());
                }
                if tagged.is_some() {
                    imported.tagged = tagged.clone().filter(|tag| *tag != step.address.id);
                }
                let stack = self.stacks.entry(step.address.stack.to_string()).or_default();
                if let Some(key) = deposed {
                    let object = Deposed { address: local, object: imported };
                    stack.deposed.insert(key.clone(), object);
                } else {
                    stack.resources.insert(local, imported);
                }
            }
        }
    }

    /// The spec of an object as it was found, with references where the wanted spec has them and
    /// the object uses what is recorded there.
    fn refer(&self, change: &Change) -> (SpecText, Pairs) {
        let Some(found) = &change.before else { return (SpecText::new("null"), Pairs::new()) };
        let mut text = found.as_str().to_owned();
        let mut depends_on = Pairs::new();
        let mut wanted = change.after.as_ref().map_or(Value::Null, SpecText::value);
        each_ref(&mut wanted, &mut |reference| {
            let target = resolve_ref(&change.address.stack, reference);
            let value = self.output(&target, reference.output)?;
            let literal = Value::from(value).to_string();
            if text.contains(&literal) {
                let pointer = Value::from(reference.pointer());
                text = text.replace(&literal, &format!("{{\"$ref\":{pointer}}}"));
                depends_on.insert(dependency_key(&change.address.stack, &target), value);
            }
            None
        });
        (SpecText::new(text), depends_on)
    }
}

/// The entry of a change's spec.
fn recorded(change: &Change, outcome: Outcome) -> Recorded {
    Recorded {
        spec: change.after.clone().unwrap_or_else(|| SpecText::new("null")),
        outputs: outcome.outputs,
        depends_on: outcome.depends_on,
        generation: change.generation,
        secrets: change.secrets.clone(),
        origins: change.origins.clone(),
        tagged: None,
        unfinished: outcome.unfinished,
    }
}

/// Drops the entries of what AWS has deleted together with an object.
fn drop_owned(stack: &mut StackState, kind: Kind, object: &Recorded) {
    if !Kind::ALL.iter().any(|owned| goes_with(*owned, kind)) {
        return;
    }
    let is_owned = |local: &str, owned: &Recorded| {
        let uses = |(_, value): (&str, &str)| object.outputs.iter().any(|(_, own)| own == value);
        owned.depends_on.iter().any(uses)
            && local_address("", local).is_some_and(|address| goes_with(address.kind, kind))
    };
    let mut lost: Vec<(Kind, Recorded)> = Vec::new();
    let mut lose = |local: &str, object: &Recorded| {
        let owned = is_owned(local, object);
        if let (true, Some(address)) = (owned, local_address("", local)) {
            lost.push((address.kind, object.clone()));
        }
        !owned
    };
    stack.resources.retain(|local, object| lose(local, object));
    stack.deposed.retain(|_, deposed| lose(&deposed.address, &deposed.object));
    for (kind, object) in lost {
        drop_owned(stack, kind, &object);
    }
}

/// True if AWS deletes the one together with the other.
pub(crate) fn goes_with(kind: Kind, owner: Kind) -> bool {
    match kind {
        Kind::ListenerRule => owner == Kind::Listener,
        Kind::Listener | Kind::WebAclAssociation | Kind::WafRegionalWebAclAssociation => {
            owner == Kind::LoadBalancer
        }
        _ => false,
    }
}

/// Takes all moved entries out before it puts any in, since they trade places.
fn reorder(stack: &mut StackState, moves: &[RuleMove]) {
    let mut taken: BTreeMap<usize, Recorded> = BTreeMap::new();
    for (i, rule) in moves.iter().enumerate() {
        let object = stack.resources.remove(&rule.from.local());
        taken.extend(object.map(|object| (i, object)));
    }
    for (i, mut object) in taken {
        let rule = &moves[i];
        object.spec = with_priority(&object.spec, rule.priority_after);
        if rule.to.id != rule.from.id && object.tagged.is_none() {
            object.tagged = Some(rule.from.id.to_string());
        }
        if object.tagged.as_deref() == Some(&*rule.to.id) {
            object.tagged = None;
        }
        stack.resources.insert(rule.to.local(), object);
    }
}

/// The number that a recorded rule has.
fn priority_of(address: &Address, spec: &SpecText) -> Option<i32> {
    if address.kind != Kind::ListenerRule {
        return None;
    }
    spec.value().get("priority")?.as_i64()?.try_into().ok()
}

/// A rule's spec with another number.
fn with_priority(spec: &SpecText, priority: i32) -> SpecText {
    let mut value = spec.value();
    match value.get_mut("priority") {
        Some(number) if *number != priority => *number = Value::from(priority),
        _ => return spec.clone(),
    }
    SpecText::from_value(&value)
}
