//! What must hold of a state, whatever happened to the run that wrote it.

use super::{State, StateError, dependency_address, local_address};
use std::collections::BTreeSet;

impl State {
    /// Checks that keys are addresses, that everything depended on is there or set aside, and
    /// that no two entries are the same object.
    pub fn check(&self) -> Result<(), StateError> {
        let mut problems = self.problems();
        for (name, stack) in &self.stacks {
            let deposed = stack.deposed.values().map(|it| (&it.address, &it.object));
            for (local, object) in stack.resources.iter().chain(deposed) {
                for (key, _) in object.depends_on.iter() {
                    let found = dependency_address(name, key).is_some_and(|dependency| {
                        self.get(&dependency).is_some() || self.is_deposed(&dependency)
                    });
                    if !found {
                        problems.push(format!(
                            "`{name}/{local}` depends on `{key}`, which is not there"
                        ));
                    }
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(StateError::Inconsistent { problems }) }
    }

    /// Checks what a run relies on: that keys are addresses, and that no two entries are the same
    /// object, of which one might be deleted.
    pub fn check_entries(&self) -> Result<(), StateError> {
        let problems = self.problems();
        if problems.is_empty() { Ok(()) } else { Err(StateError::Inconsistent { problems }) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        // Files are named after stacks.
        let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
        let strange = |name: &&String| {
            !name.split('/').all(is_name) || name.contains(|c: char| c == '\\' || c.is_control())
        };
        let strange = self.stacks.keys().filter(strange);
        problems.extend(strange.map(|name| format!("`{name}` is no name of a stack")));
        let mut identities: BTreeSet<&str> = BTreeSet::new();
        for (name, stack) in &self.stacks {
            let current = stack.resources.iter().map(|(local, object)| (local, local, object));
            let deposed =
                stack.deposed.iter().map(|(key, deposed)| (key, &deposed.address, &deposed.object));
            for (entry, local, object) in current.chain(deposed) {
                let Some(address) = local_address(name, local) else {
                    problems.push(format!("`{entry}` of stack `{name}` is not TYPE/ID"));
                    continue;
                };
                for (output, value) in object.outputs.iter() {
                    let identity = output.ends_with("ARN") || output == "groupID";
                    if identity && !identities.insert(value) {
                        problems.push(format!("`{address}` is `{value}`, and so is another entry"));
                    }
                }
            }
        }
        problems
    }

    fn is_deposed(&self, address: &ingc_compiler::resource::Address) -> bool {
        let local = address.local();
        self.stacks
            .get(address.stack.as_str())
            .is_some_and(|stack| stack.deposed.values().any(|deposed| deposed.address == local))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StackState;

    #[test]
    fn names_of_stacks_lead_to_no_file_elsewhere() {
        for (name, is_one) in [
            ("shop/web", true),
            ("_cluster", true),
            ("edge.public", true),
            ("../../etc/cron.d/x", false),
            ("/etc/x", false),
            ("shop/..", false),
            ("a\\b", false),
            ("a\nb", false),
        ] {
            let mut state = State::empty("prod");
            state.stacks.insert(name.to_owned(), StackState::default());
            assert_eq!(state.check_entries().is_ok(), is_one, "{name:?}");
        }
    }
}
