//! Narrows a plan to what was named, and to what that needs.

use crate::check::covers;
use crate::plan::{Action, Change, GuardKind, Plan};
use crate::stack::Cx;
use crate::state::local_address;
use ingc_compiler::resource::Address;
use std::collections::BTreeSet;

/// True if a target is the address, its stack, or a pattern of them.
fn is(target: &str, address: &Address) -> bool {
    target.parse().as_ref() == Ok(address) || covers(target, address)
}

/// Targets that nothing has as its address, be it changed or not.
pub(crate) fn unknown<'t>(cx: &Cx<'_>, plan: &Plan, targets: &'t [String]) -> Vec<&'t String> {
    let stacks = cx.desired.compilation.stacks.values();
    let desired = || stacks.clone().flat_map(|stack| stack.resources.keys().cloned());
    let recorded = || {
        cx.state.stacks.iter().flat_map(|(name, stack)| {
            stack.resources.keys().filter_map(|local| local_address(name, local))
        })
    };
    let changed = || plan.changes.iter().map(|change| change.address.clone());
    let known = |target: &str| {
        changed().chain(desired()).chain(recorded()).any(|address| is(target, &address))
    };
    targets.iter().filter(|target| !known(target)).collect()
}

/// Leaves the steps of the targets and all that these wait for.
pub(crate) fn narrow(plan: &mut Plan, targets: &[String]) {
    let wanted = |address: &Address| targets.iter().any(|target| is(target, address));
    let mut kept: BTreeSet<u32> = BTreeSet::new();
    for (i, step) in plan.steps.iter().enumerate() {
        let change = plan.change_of(step).map_or(&step.address, |change| &change.address);
        if wanted(change) {
            kept.insert(i as u32);
        }
    }
    // Steps stand behind what they wait for, so one way back finds all.
    for i in (0..plan.steps.len() as u32).rev().filter(|i| kept.contains(i)).collect::<Vec<_>>() {
        follow(plan, i, &mut kept);
    }
    keep(plan, &kept);
}

/// Leaves these steps, and what belongs to them.
pub(crate) fn keep(plan: &mut Plan, kept: &BTreeSet<u32>) {
    let places: Vec<u32> = kept.iter().copied().collect();
    let place = |old: u32| places.binary_search(&old).ok().map(|new| new as u32);
    let used: BTreeSet<u32> =
        places.iter().filter_map(|&i| plan.steps[i as usize].change).collect();
    let changes: Vec<u32> = used.into_iter().collect();
    let mut old = 0..;
    plan.steps.retain(|_| old.next().is_some_and(|i| kept.contains(&i)));
    for step in &mut plan.steps {
        step.needs = step.needs.iter().filter_map(|&need| place(need)).collect();
        step.change = step
            .change
            .and_then(|change| changes.binary_search(&change).ok())
            .map(|change| change as u32);
    }
    let mut old = 0..;
    plan.changes.retain(|_| old.next().is_some_and(|i: u32| changes.binary_search(&i).is_ok()));
    let stacks: BTreeSet<&str> =
        plan.steps.iter().map(|step| step.address.stack.as_str()).collect();
    plan.stacks.retain(|name, _| stacks.contains(name.as_str()));
    plan.quotas.retain(|quota| stacks.contains(quota.address.stack.as_str()));
    let changed: BTreeSet<&Address> = plan.changes.iter().map(|change| &change.address).collect();
    plan.security.retain(|note| changed.contains(&note.address));
    let (steps, changes) = (&plan.steps, &plan.changes);
    plan.guards.retain(|guard| match guard.kind {
        GuardKind::Gap => steps.iter().any(|step| step.gap.as_ref() == Some(&guard.text)),
        GuardKind::Delete => {
            let deletes = |change: &Change| change.action == Action::Delete;
            changes.iter().any(|change| change.address.stack == guard.stack && deletes(change))
        }
    });
}

fn follow(plan: &Plan, step: u32, kept: &mut BTreeSet<u32>) {
    let mut open = vec![step];
    while let Some(step) = open.pop() {
        for &need in &plan.steps[step as usize].needs {
            if kept.insert(need) {
                open.push(need);
            }
        }
    }
}
