//! The part of a plan that only takes what exists into the state.

use super::{Action, Plan, Summary};
use crate::plan::step::Operation;
use ingc_compiler::resource::Kind;
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// The plan without everything that changes AWS: what exists is recorded as it is, and the next
    /// plan shows how it differs from what the manifests ask for. The binding of a target group is
    /// taken to exist with it: where no cluster can be asked, whoever applies manifests knows.
    #[must_use]
    pub fn only_imports(self) -> Plan {
        let mut changes = Vec::new();
        let mut places = BTreeMap::new();
        let mut steps = Vec::new();
        let mut bound = BTreeSet::new();
        for mut step in self.steps {
            let Some(index) = step.change else { continue };
            let Some(change) = self.changes.get(index as usize) else { continue };
            let place = (step.address.stack.clone(), step.address.id.clone());
            match (&step.operation, step.address.kind) {
                (Operation::Import { deposed: None, .. }, Kind::TargetGroup) => {
                    bound.insert(place);
                }
                (Operation::Import { deposed: None, .. }, _) => {}
                (Operation::Create { .. }, Kind::TargetGroupBinding) if bound.contains(&place) => {}
                _ => continue,
            }
            let place = *places.entry(index).or_insert_with(|| {
                let mut change = change.clone();
                change.action = Action::Import;
                change.fields.clear();
                changes.push(change);
                changes.len() as u32 - 1
            });
            step.change = Some(place);
            step.needs.clear();
            step.awaits_targets.clear();
            step.gap = None;
            steps.push(step);
        }
        let mut stacks = self.stacks;
        for (name, stack) in &mut stacks {
            let of = changes.iter().filter(|change| change.address.stack == *name);
            stack.summary = Summary { import: of.count(), ..Summary::default() };
        }
        stacks.retain(|_, stack| stack.summary.import > 0);
        let summary = Summary { import: changes.len(), ..Summary::default() };
        Plan {
            version: self.version,
            cluster: self.cluster,
            account: self.account,
            region: self.region,
            stacks,
            changes,
            steps,
            frozen: self.frozen,
            summary,
            ..Plan::default()
        }
    }
}
