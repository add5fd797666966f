//! Reads what AWS has of what the state holds, so that a plan can tell drift from intent.

mod bootstrap;
mod discover;
mod fetch;
mod iam;
mod object;
mod stray;
mod unrecorded;

pub use bootstrap::{EksCluster, Existing, eks_cluster, find_bootstrap};
pub use discover::discover;
pub(crate) use fetch::Ask;
pub use unrecorded::{stacks_in_aws, unknown_listeners};

use crate::account::Account;
use crate::error::Error;
use crate::execute::applied;
use crate::kind::{listener_live, tags, text};
use fetch::{Found, at_once};
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_compiler::tag;
use ingc_planner::state::{SpecText, local_address};
use ingc_planner::{Live, LiveRule, Recorded, State};
use object::Read;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the recorded objects of some stacks, those set aside as well, and finds rules of
/// recorded listeners that the state does not know, and what interrupted runs have left.
///
/// # Errors
/// If AWS refuses a question; what does not exist is no error.
pub async fn refresh<A: Account>(
    account: &A,
    state: &State,
    wanted: impl Fn(&str) -> bool,
) -> Result<Live, Error> {
    let mut objects: Vec<(Address, Option<&str>, &Recorded)> = Vec::new();
    for (name, stack) in state.stacks.iter().filter(|(name, _)| wanted(name)) {
        for (local, recorded) in &stack.resources {
            objects.extend(local_address(name, local).map(|address| (address, None, recorded)));
        }
        for (key, deposed) in &stack.deposed {
            let address = local_address(name, &deposed.address);
            objects.extend(address.map(|it| (it, Some(key.as_str()), &deposed.object)));
        }
    }
    let entries = objects.iter().map(|(address, _, recorded)| (address, *recorded));
    let (found, answers) = read(account, &entries.collect::<Vec<_>>()).await?;
    let mut live = Live::default();
    for ((address, key, _), object) in objects.iter().zip(answers) {
        let Some(object) = object else { continue };
        match key {
            None => drop(live.objects.insert(address.clone(), object)),
            Some(key) => {
                let deposed = live.deposed.entry(address.stack.to_string()).or_default();
                deposed.insert((*key).to_owned(), object.is_some());
            }
        }
    }
    live.rules = unknown_rules(&state.cluster, &found, &objects);
    live.strays = stray::strays(&Ask::new(account), state, &wanted).await?;
    Ok(live)
}

/// Reads objects by their addresses and entries, and tells of each in the same order.
pub(crate) async fn read<A: Account>(
    account: &A,
    entries: &[(&Address, &Recorded)],
) -> Result<(Found, Vec<Read>), Error> {
    let ask = Ask::new(account);
    let found = ask.fetch(entries.iter().copied()).await?;
    let answers = at_once(entries.iter().map(async |(address, recorded)| {
        let spec = applied(address, recorded);
        object::read(&ask, &found, address, &spec, recorded).await
    }));
    let answers = answers.await?;
    Ok((found, answers))
}

/// Rules of recorded listeners that no entry is.
fn unknown_rules(
    cluster: &str,
    found: &Found,
    objects: &[(Address, Option<&str>, &Recorded)],
) -> BTreeMap<Address, Vec<LiveRule>> {
    let arn = |recorded: &Recorded, output: Output| {
        recorded.outputs.get(output.name()).unwrap_or_default().to_owned()
    };
    let known: BTreeSet<String> = objects
        .iter()
        .filter(|(address, ..)| address.kind == Kind::ListenerRule)
        .map(|(_, _, recorded)| arn(recorded, Output::RuleArn))
        .collect();
    let mut unknown = BTreeMap::new();
    let listeners =
        objects.iter().filter(|(it, key, _)| it.kind == Kind::Listener && key.is_none());
    for (address, _, recorded) in listeners {
        let listener = arn(recorded, Output::ListenerArn);
        let rules = found.rules_of.get(&listener).into_iter().flatten();
        let theirs: Vec<LiveRule> = rules
            .filter(|rule| rule["IsDefault"] != true && !known.contains(text(&rule["RuleArn"])))
            .map(|rule| {
                let arn = text(&rule["RuleArn"]);
                let has = found.tags.get(arn).cloned().unwrap_or_default();
                let ours = has.get(tag::CLUSTER).map(String::as_str) == Some(cluster)
                    && has.get(tag::STACK).is_some_and(|has| *has == address.stack);
                let tagged = has.get(tag::RESOURCE).filter(|_| ours).cloned();
                let spec = listener_live::unknown(rule, &listener, tags::of_user(has));
                LiveRule { arn: arn.to_owned(), spec: spec_text(&spec), ours, tagged }
            })
            .collect();
        if !theirs.is_empty() {
            unknown.insert(address.clone(), theirs);
        }
    }
    unknown
}

/// A spec in its canonical text.
fn spec_text(spec: &impl serde::Serialize) -> SpecText {
    SpecText::new(serde_json::to_string(spec).unwrap_or_default())
}
