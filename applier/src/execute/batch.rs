//! Tags of many resources in few calls: AWS takes up to twenty resources in one.

use super::hand::Failure;
use super::report::Progressed;
use super::schedule::Schedule;
use super::step::{self, Site};
use crate::account::{Account, Call};
use crate::kind::tags::{self, TagChange};
use crate::store::Store;
use ingc_compiler::resource::{Address, Kind, Tags};
use ingc_planner::state::{Outcome, Pairs};
use ingc_planner::{Operation, Plan, Step};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many resources AWS takes in one call.
const AT_ONCE: usize = 20;

/// True for a step that changes tags of Elastic Load Balancing and nothing else.
fn is_tags_only(step: &Step) -> bool {
    let tags = matches!(&step.operation, Operation::Update { fields } if *fields == ["tags"]);
    let elb = matches!(
        step.address.kind,
        Kind::LoadBalancer | Kind::TargetGroup | Kind::Listener | Kind::ListenerRule
    );
    tags && elb
}

/// The later steps of the same stack that can be done in the same calls as this one.
pub(super) fn companions(
    plan: &Plan,
    progressed: &Progressed,
    schedule: &Schedule,
    index: usize,
) -> Vec<usize> {
    if !is_tags_only(&plan.steps[index]) {
        return Vec::new();
    }
    // What a companion needs is done, or done with it.
    let mut group = vec![index];
    for other in schedule.behind(index) {
        if is_tags_only(&plan.steps[other])
            && !progressed.is_settled(other)
            && progressed.unmet_needs(plan, other).all(|need| group.contains(&need))
        {
            group.push(other);
        }
    }
    group.split_off(1)
}

/// One resource of a batch.
struct Entry {
    step: usize,
    arn: String,
    before: Tags,
    after: Tags,
    depends_on: Pairs,
}

/// Changes the tags of several resources.
pub(super) async fn perform<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    index: usize,
    more: &[usize],
) -> Result<(), Failure> {
    let mut entries = Vec::new();
    for step in std::iter::once(index).chain(more.iter().copied()) {
        entries.push(entry(site, step)?);
    }
    let first = &site.plan.steps[index];
    let mut has: BTreeMap<String, Tags> = BTreeMap::new();
    for chunk in entries.chunks(AT_ONCE) {
        let arns: Vec<&str> = chunk.iter().map(|entry| entry.arn.as_str()).collect();
        let call = Call::elb("DescribeTags", json!({"ResourceArns": arns}));
        let answer = step::call_for(site, first, call, &[]).await?;
        for described in answer["TagDescriptions"].as_array().into_iter().flatten() {
            let arn = described["ResourceArn"].as_str().unwrap_or_default();
            has.insert(arn.to_owned(), tags::read(&described["Tags"]));
        }
    }
    let none = Tags::new();
    let mut adds: BTreeMap<Tags, Vec<usize>> = BTreeMap::new();
    let mut removes: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (i, entry) in entries.iter().enumerate() {
        let address = &site.plan.steps[entry.step].address;
        let wanted = tags::wanted(&site.plan.cluster, address, &entry.after);
        let has = has.get(&entry.arn).unwrap_or(&none);
        let change = TagChange::new(address, has, &entry.before, &wanted);
        if !change.add.is_empty() {
            adds.entry(change.add).or_default().push(i);
        }
        if !change.remove.is_empty() {
            removes.entry(change.remove).or_default().push(i);
        }
    }
    for (add, which) in &adds {
        let list: Vec<_> = add.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
        send(site, first, &entries, which, "AddTags", "Tags", &json!(list)).await?;
    }
    for (keys, which) in &removes {
        send(site, first, &entries, which, "RemoveTags", "TagKeys", &json!(keys)).await?;
    }
    let written = site.ledger.write(&first.address.stack, |state| {
        for entry in entries {
            let step = &site.plan.steps[entry.step];
            let outcome = Outcome { depends_on: entry.depends_on, ..Outcome::default() };
            state.record(site.plan, step, outcome);
        }
    });
    written.map_err(|error| {
        let calls = [("AddTags", adds.is_empty()), ("RemoveTags", removes.is_empty())];
        let made = calls.into_iter().filter(|(_, none)| !none);
        let made = made.map(|(action, _)| action.to_owned()).collect();
        step::unrecorded(&first.address, made, error)
    })
}

fn entry<A: Account, S: Store>(site: &Site<'_, '_, A, S>, index: usize) -> Result<Entry, Failure> {
    let step = &site.plan.steps[index];
    let change = step::change_of(site.plan, step)?;
    let (after, depends_on) = step::resolved(site, step, change, Some(&["tags".to_owned()]))?;
    let recorded = site.ledger.read(|state| state.get(&step.address).cloned());
    let recorded = recorded.ok_or_else(|| step::unknown(&step.address))?;
    let mut before = step::applied(&step.address, &recorded);
    step::add_live_tags(&mut before, change);
    let of = |spec: &Value| serde_json::from_value(spec["tags"].clone()).unwrap_or_default();
    let arn = recorded.outputs.iter().find(|(name, _)| name.ends_with("ARN"));
    let arn = arn.map(|(_, arn)| arn.to_owned()).ok_or_else(|| step::unknown(&step.address))?;
    Ok(Entry { step: index, arn, before: of(&before), after: of(&after), depends_on })
}

/// Sends one change to all resources that need it. Where AWS does not take several at once they
/// are sent one by one, so that the error names the one at fault.
async fn send<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    first: &Step,
    entries: &[Entry],
    which: &[usize],
    action: &'static str,
    field: &str,
    value: &Value,
) -> Result<(), Failure> {
    let addresses = |which: &[usize], plan: &Plan| -> Vec<Address> {
        which.iter().map(|i| plan.steps[entries[*i].step].address.clone()).collect()
    };
    for chunk in which.chunks(AT_ONCE) {
        let call = |which: &[usize]| {
            let arns: Vec<&str> = which.iter().map(|i| entries[*i].arn.as_str()).collect();
            Call::elb(action, json!({"ResourceArns": arns, field: value}))
        };
        let of = addresses(chunk, site.plan);
        let sent = step::call_for(site, first, call(chunk), &of).await;
        match sent {
            Err(failure)
                if chunk.len() > 1 && failure.is(&["ValidationError", "InvalidParameter"]) =>
            {
                for i in chunk {
                    let one = &site.plan.steps[entries[*i].step];
                    let of = std::slice::from_ref(&one.address);
                    step::call_for(site, one, call(&[*i]), of).await?;
                }
            }
            other => drop(other?),
        }
    }
    Ok(())
}
