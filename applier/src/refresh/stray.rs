//! Objects that an interrupted run has made and could not record. Their tags say whose they are.

use super::discover::{entry, recorded_ids};
use super::fetch::Ask;
use super::object;
use crate::account::Account;
use crate::error::Error;
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_planner::live::Stray;
use ingc_planner::state::{SpecText, local_address};
use ingc_planner::{Recorded, State};

/// What carries the tags of stacks that a run has left unfinished, and is not recorded. AWS is
/// asked only if there are such stacks.
pub(super) async fn strays<A: Account>(
    ask: &Ask<'_, A>,
    state: &State,
    wanted: &impl Fn(&str) -> bool,
) -> Result<Vec<Stray>, Error> {
    let unfinished =
        |name: &str| wanted(name) && state.stacks.get(name).is_some_and(|it| it.unfinished);
    if !state.stacks.keys().any(|name| unfinished(name)) {
        return Ok(Vec::new());
    }
    let mut tagged = ask.unrecorded(state, &unfinished).await?;
    let known = recorded_ids(state);
    for (stack, arn) in balancers(state, &unfinished) {
        let listeners = ask.listeners_on(&state.cluster, stack, arn).await?;
        tagged.extend(listeners.into_iter().filter(|(_, arn)| !known.contains(arn.as_str())));
    }
    let mut entries: Vec<(Address, Recorded)> =
        tagged.into_iter().map(|(address, id)| (address.clone(), entry(&address, &id))).collect();
    let found = ask.fetch(entries.iter().map(|(address, recorded)| (address, recorded))).await?;
    let mut strays = Vec::new();
    for (address, recorded) in &mut entries {
        let Some(basis) = ask.basis(address, recorded, &found).await? else { continue };
        recorded.spec = SpecText::from_value(&basis);
        if let Some(Some(object)) = object::read(ask, &found, address, &basis, recorded).await? {
            strays.push(Stray { address: address.clone(), object });
        }
    }
    Ok(strays)
}

/// ARNs of the recorded load balancers of some stacks.
fn balancers<'s>(state: &'s State, wanted: &impl Fn(&str) -> bool) -> Vec<(&'s str, &'s str)> {
    let stacks = state.stacks.iter().filter(|(name, _)| wanted(name));
    let objects = stacks.flat_map(|(name, stack)| {
        stack.resources.iter().filter_map(move |(local, object)| {
            let address = local_address(name, local)?;
            let arn = object.outputs.get(Output::LoadBalancerArn.name());
            Some((name.as_str(), arn.filter(|_| address.kind == Kind::LoadBalancer)?))
        })
    });
    objects.collect()
}
