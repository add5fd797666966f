//! A look at the objects that a step is about to touch: somebody else may have changed them since
//! the plan was made.

use super::error::ApplyError;
use super::hand::Failure;
use super::step::Site;
use crate::account::Account;
use crate::error::Error;
use crate::refresh;
use crate::store::Store;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::{Action, Operation, Plan, Recorded, State};
use std::collections::{BTreeMap, BTreeSet};

/// What a run has touched already: from then on an object is as the run has made it, and no longer
/// as the plan found it.
pub(super) struct Looks<'p> {
    /// Changes whose objects were made, changed or deleted.
    touched: BTreeSet<usize>,
    /// Changes whose rules were given another number.
    renumbered: BTreeSet<usize>,
    /// The change of each rule, by the address of its entry at this moment.
    rules: BTreeMap<Address, usize>,
    /// What goes with each object that is deleted: addresses and changes.
    owned: BTreeMap<&'p Address, Vec<(&'p Address, usize)>>,
}

/// An object to look at: its change, its entry's address and, if it was set aside, its key.
pub(super) struct Object<'p> {
    change: usize,
    at: &'p Address,
    deposed: Option<&'p str>,
    /// This run has given the rule another number.
    renumbered: bool,
}

impl<'p> Looks<'p> {
    pub(super) fn new(plan: &'p Plan, state: &State) -> Looks<'p> {
        // An object that takes the place of the recorded one is not the one that was planned for.
        let taken_up = plan.steps.iter().filter(|step| {
            matches!(step.operation, Operation::Import { .. }) && state.get(&step.address).is_some()
        });
        let touched = taken_up.filter_map(|step| Some(step.change? as usize)).collect();
        let changes = plan.changes.iter().enumerate();
        let rules = changes.filter(|(_, change)| {
            change.address.kind == Kind::ListenerRule
                && change.action != Action::Create
                && change.deposed.is_none()
        });
        let rules = rules.map(|(index, change)| (change.address_before().clone(), index));
        let mut owned: BTreeMap<&Address, Vec<(&Address, usize)>> = BTreeMap::new();
        for step in &plan.steps {
            if let (Operation::GoneWith { owner, deposed: None }, Some(change)) =
                (&step.operation, step.change)
            {
                owned.entry(owner).or_default().push((&step.address, change as usize));
            }
        }
        Looks { touched, renumbered: BTreeSet::new(), rules: rules.collect(), owned }
    }

    /// The objects that a step is the first to touch.
    pub(super) fn first_touched(&self, plan: &'p Plan, index: usize) -> Vec<Object<'p>> {
        let step = &plan.steps[index];
        let own = step.change.map(|change| change as usize);
        let renumbered = |change: &usize| self.renumbered.contains(change);
        let whole = |change, at| {
            let renumbered = renumbered(&change);
            Object { change, at, deposed: None, renumbered }
        };
        let mut objects = Vec::new();
        match &step.operation {
            // A replacement's new object is this run's own.
            Operation::Update { .. } | Operation::Repoint { .. } => {
                let changed = own.filter(|change| {
                    let action = plan.changes.get(*change).map(|it| it.action);
                    !matches!(action, Some(Action::Create | Action::Replace))
                });
                objects.extend(changed.map(|change| whole(change, &step.address)));
            }
            Operation::Reorder { moves } => {
                let moved = moves.iter().filter(|it| it.priority_before != it.priority_after);
                objects.extend(
                    moved.filter_map(|it| Some(whole(*self.rules.get(&it.from)?, &it.from))),
                );
            }
            Operation::Delete => {
                objects.extend(own.map(|change| whole(change, &step.address)));
                let with_it = self.owned.get(&step.address).into_iter().flatten();
                objects.extend(with_it.map(|(at, change)| whole(*change, at)));
            }
            Operation::DeleteDeposed { key, .. } => {
                // What was set aside before the plan was made has no before to be held against.
                let replaced = own.filter(|change| {
                    plan.changes.get(*change).is_some_and(|it| it.deposed.is_none())
                });
                objects.extend(
                    replaced.map(|it| Object { deposed: Some(key), ..whole(it, &step.address) }),
                );
            }
            Operation::Create { .. }
            | Operation::GoneWith { .. }
            | Operation::Forget { .. }
            | Operation::Import { .. } => {}
        }
        objects.retain(|object| !self.touched.contains(&object.change));
        objects
    }

    /// Notes what a step that is done has touched.
    pub(super) fn note(&mut self, plan: &Plan, index: usize) {
        let step = &plan.steps[index];
        let own = step.change.map(|change| change as usize);
        match &step.operation {
            Operation::Create { .. } => {
                let Some(own) = own else { return };
                if plan.changes.get(own).is_some_and(|it| it.action != Action::Replace) {
                    self.touched.insert(own);
                }
                if step.address.kind == Kind::ListenerRule {
                    self.rules.insert(step.address.clone(), own);
                }
            }
            Operation::Reorder { moves } => {
                let taken: Vec<_> = moves.iter().map(|it| self.rules.remove(&it.from)).collect();
                for (rule, change) in moves.iter().zip(taken) {
                    let Some(change) = change else { continue };
                    self.rules.insert(rule.to.clone(), change);
                    self.renumbered.insert(change);
                }
            }
            Operation::Update { .. } | Operation::Repoint { .. } => self.touched.extend(own),
            _ => {}
        }
    }
}

/// Looks at objects that a step, and those that are done with it, are the first to touch.
///
/// # Errors
/// If one of the objects is not as it was when the plan was made: nothing is done to it then. Or
/// if AWS does not tell.
pub(super) async fn look<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    objects: &[Object<'_>],
) -> Result<(), Failure> {
    let entries: Vec<(&Object<'_>, Recorded)> = site.ledger.read(|state| {
        objects.iter().filter_map(|it| Some((it, entry(state, it)?.clone()))).collect()
    });
    if entries.is_empty() {
        return Ok(());
    }
    let asked: Vec<_> = entries.iter().map(|(object, entry)| (object.at, entry)).collect();
    let answers = refresh::read(site.account, &asked).await;
    let (_, answers) = answers.map_err(|error| refused(entries[0].0.at, error))?;
    for ((object, entry), now) in entries.iter().zip(answers) {
        let (Some(now), Some(change)) = (now, site.plan.changes.get(object.change)) else {
            continue;
        };
        // What is gone already need not be deleted.
        if now.is_none() && matches!(change.action, Action::Delete | Action::Replace) {
            continue;
        }
        let moved = site.ledger.read(|state| change.moved(state, Some(entry), now.as_ref()));
        let Some(mut moved) = moved else { continue };
        if object.renumbered {
            moved.fields.retain(|field| field.path != "priority");
        }
        if moved.gone || !moved.fields.is_empty() {
            let message = format!("since the plan was made it {}", moved.told());
            let next = "nothing was done to it; look at what has changed, and plan again";
            let error = ApplyError::new(object.at, &code::STALE_PLAN, message, next);
            return Err(Failure::Own(Box::new(error)));
        }
    }
    Ok(())
}

fn entry<'s>(state: &'s State, object: &Object<'_>) -> Option<&'s Recorded> {
    match object.deposed {
        None => state.get(object.at),
        Some(key) => Some(&state.stacks.get(object.at.stack.as_str())?.deposed.get(key)?.object),
    }
}

fn refused(address: &Address, error: Error) -> Failure {
    match error {
        Error::Refused { action, source } => {
            Failure::Own(Box::new(ApplyError::refused(address, action, &source)))
        }
        other => Failure::Store(Box::new(other)),
    }
}
