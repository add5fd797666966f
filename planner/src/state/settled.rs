//! Stacks of which it is recorded that nothing is to do: so long as what they are made of and what is
//! recorded of them are the same, it need not be found out again.

use super::{Recorded, StackState, State};
use crate::{Desired, Options};
use ingc_compiler::tag::CLUSTER_STACK;
use ingc_compiler::{GroupInput, Known, KnownGroup};
use rustc_hash::FxHasher;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

/// That a plan of a stack, made of this input against these entries, had nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    /// What the stack was made of.
    pub input: GroupInput,
    /// A digest of what is recorded of it and of what the cluster shares. Somebody may have changed
    /// that since, a person with an editor too.
    pub entries: String,
}

impl State {
    /// What is known of the stacks before the manifests are compiled, for a plan that asks no account
    /// and takes in everything. `program` names the program.
    pub fn known<'k>(&'k self, program: &'k str) -> Known<'k> {
        let groups = self.stacks.iter().filter_map(|(name, stack)| {
            let settled = stack.settled.as_ref()?;
            let entries = self.entries_digest(stack)?;
            let known = || KnownGroup { input: &settled.input, uses_shared: stack.uses_shared() };
            (entries == settled.entries).then(|| (name.as_str(), known()))
        });
        Known { program: Some(program), groups: groups.collect() }
    }

    /// Notes that nothing is to do for a stack, if that is so: if a plan of it has neither changes nor
    /// anything to say.
    pub fn settle(&mut self, stack: &str, desired: Desired<'_>) {
        let settled = self.settled(stack, desired);
        if let Some(stack) = self.stacks.get_mut(stack) {
            stack.settled = settled;
        }
    }

    fn settled(&self, name: &str, desired: Desired<'_>) -> Option<Settled> {
        let input = desired.compilation.inputs.get(name)?.clone();
        let entries = self.entries_digest(self.stacks.get(name)?)?;
        // What is hidden is compared with values that are no part of the input.
        let stack = desired.compilation.stacks.get(name)?;
        if stack.resources.values().any(|resource| !resource.secrets.is_empty()) {
            return None;
        }
        let only = Some(BTreeSet::from([name.to_owned()]));
        let planned = crate::plan(desired, self, &Options { only, ..Options::default() });
        let is_quiet = planned.diagnostics.iter().next().is_none();
        let plan = planned.plan;
        let is_quiet = is_quiet && plan.is_empty() && plan.changes.is_empty();
        (is_quiet && plan.frozen.is_empty()).then_some(Settled { input, entries })
    }

    /// The digest of all that a plan of a stack reads of the state; none for one that is never
    /// without something to do.
    fn entries_digest(&self, stack: &StackState) -> Option<String> {
        if stack.unfinished || !stack.deposed.is_empty() {
            return None;
        }
        let mut hash = FxHasher::default();
        let shared = self.stacks.get(CLUSTER_STACK);
        shared.iter().for_each(|shared| entries(&mut hash, shared));
        for (ingress, member) in &stack.members {
            (ingress, &member.hosts).hash(&mut hash);
        }
        entries(&mut hash, stack);
        Some(format!("{:016x}", hash.finish()))
    }
}

impl StackState {
    /// True if something of it depends on what the cluster shares.
    pub(crate) fn uses_shared(&self) -> bool {
        let deposed = self.deposed.values().map(|deposed| &deposed.object);
        let depends = |key: &str| {
            let rest = key.strip_prefix(CLUSTER_STACK);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        self.resources
            .values()
            .chain(deposed)
            .any(|object| object.depends_on.iter().any(|(key, _)| depends(key)))
    }
}

/// Takes in every entry as a whole.
fn entries(hash: &mut FxHasher, stack: &StackState) {
    for (local, entry) in &stack.resources {
        let Recorded {
            spec,
            outputs,
            depends_on,
            generation,
            secrets,
            origins: _,
            tagged,
            unfinished,
        } = entry;
        (local, spec.as_str(), generation, secrets.len(), tagged, unfinished).hash(hash);
        for pairs in [outputs, depends_on] {
            pairs.iter().for_each(|pair| pair.hash(hash));
            hash.write_u8(0);
        }
    }
}
