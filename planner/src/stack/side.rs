//! The rules of one listener that stays: those that exist beside those that are asked for.

use super::compare::Verdict;
use super::rules::{free_address, number_of, priority};
use super::{Live, Planner};
use crate::live::{LiveObject, LiveRule};
use crate::plan::FieldChange;
use crate::rule::{Content, Existing, Wanted, keep_numbers, pair};
use crate::state::{Pairs, Recorded, local_address};
use ingc_compiler::graph::Resource;
use ingc_compiler::resource::{Address, Kind, Output};
use serde_json::Value;
use std::collections::BTreeSet;

/// A rule that exists on a listener that stays.
pub(super) struct Entry<'a> {
    pub(super) address: Address,
    pub(super) recorded: EntryOf<'a>,
    /// Outputs of a rule that is taken up.
    pub(super) import: Option<Pairs>,
}

/// A recorded rule, or one that is about to be.
pub(super) enum EntryOf<'a> {
    State(&'a Recorded),
    Live(Box<Recorded>),
}

impl Entry<'_> {
    pub(super) fn recorded(&self) -> &Recorded {
        match &self.recorded {
            EntryOf::State(recorded) => recorded,
            EntryOf::Live(recorded) => recorded,
        }
    }
}

/// The rules of one listener that stays.
pub(super) struct Side<'a> {
    pub(super) listener: Address,
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) existing: Vec<Existing>,
    /// What is asked for, with the addresses that the rules shall have.
    pub(super) resources: Vec<(Address, &'a Resource)>,
    pub(super) wanted: Vec<Wanted>,
    /// For every wanted rule what a comparison with the existing one found.
    pub(super) verdicts: Vec<Option<(Vec<FieldChange>, bool)>>,
    pub(super) foreign: BTreeSet<i32>,
    /// Addresses at which rules of a listener are recorded that this one has replaced.
    pub(super) left: BTreeSet<Address>,
}

impl<'a> Planner<'_, 'a> {
    /// Gathers what is needed to compare a listener's rules.
    pub(super) fn side(
        &mut self,
        listener: Address,
        mut resources: Vec<(&'a Address, &'a Resource)>,
        recorded: Vec<(&'a String, &'a Recorded)>,
        left: BTreeSet<Address>,
    ) -> Side<'a> {
        resources.sort_by_key(|(_, resource)| priority(resource));
        let mut entries = Vec::new();
        let mut existing = Vec::new();
        for (local, recorded) in recorded {
            let Some(address) = local_address(self.name, local) else { continue };
            let spec = recorded.spec.value();
            let number = match self.cx.live(&address) {
                Live::Gone => {
                    self.unwanted(address, recorded);
                    continue;
                }
                Live::Found(object) => number_of(&object.spec.value()),
                Live::Unread => None,
            };
            let priority = number.or(number_of(&spec)).unwrap_or(0);
            existing.push(Existing { priority, content: Content::new(&spec) });
            entries.push(Entry { address, recorded: EntryOf::State(recorded), import: None });
        }
        let live = self.cx.options.live.and_then(|live| live.rules.get(&listener));
        let mut foreign = BTreeSet::new();
        let mut ours = BTreeSet::new();
        for rule in live.into_iter().flatten() {
            if self.cx.options.import || rule.ours {
                if rule.ours {
                    ours.insert(entries.len());
                }
                let (entry, rule) = self.imported(&listener, rule, &entries, &left);
                entries.push(entry);
                existing.push(rule);
            } else {
                foreign.extend(number_of(&rule.spec.value()));
            }
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&e| existing[e].priority);
        let ours: BTreeSet<usize> =
            order.iter().enumerate().filter(|(_, e)| ours.contains(e)).map(|(k, _)| k).collect();
        let (mut entries, mut existing) = sorted(order, entries, existing);
        let contents: Vec<(i32, Content)> = resources
            .iter()
            .map(|(_, resource)| {
                let value = serde_json::to_value(&resource.spec).unwrap_or(Value::Null);
                (priority(resource), Content::new(&value))
            })
            .collect();
        let old: Vec<_> = existing.iter().map(|rule| (rule.priority, &rule.content)).collect();
        let new: Vec<_> = contents.iter().map(|(number, content)| (*number, content)).collect();
        let mut pairs = pair(&old, &new);
        // Rules of others that nobody wants stay what they are.
        let kept: Vec<bool> = entries
            .iter()
            .enumerate()
            .map(|(e, entry)| {
                entry.import.is_none() || ours.contains(&e) || pairs.contains(&Some(e))
            })
            .collect();
        let index = |e: usize| kept[..e].iter().filter(|kept| **kept).count();
        pairs.iter_mut().for_each(|pair| *pair = pair.map(index));
        foreign.extend(existing.iter().zip(&kept).filter(|(_, k)| !**k).map(|(e, _)| e.priority));
        let mut keep = kept.iter();
        entries.retain(|_| keep.next() == Some(&true));
        let mut keep = kept.iter();
        existing.retain(|_| keep.next() == Some(&true));
        let mut verdicts = Vec::new();
        let mut wanted = Vec::new();
        for (((priority, content), from), (address, resource)) in
            contents.into_iter().zip(pairs).zip(&resources)
        {
            let verdict = from.and_then(|e| {
                let entry = &entries[e];
                let live = self.cx.live(&entry.address);
                let after = resource.spec_json();
                match self.compare(address, resource, &after, entry.recorded(), live) {
                    Verdict::Same => None,
                    Verdict::Differs { fields, .. } => {
                        let same = existing[e].content.is(&content);
                        let sent = entry.recorded().unfinished.is_empty();
                        let repoint = same && sent && !fields.iter().any(|field| field.sensitive);
                        Some((fields, repoint && matches!(live, Live::Unread)))
                    }
                }
            });
            wanted.push(Wanted { priority, content, from, changed: verdict.is_some() });
            verdicts.push(verdict);
        }
        if !self.cx.options.close_gaps && !self.cx.options.hand_over {
            keep_numbers(&existing, &mut wanted, &foreign);
        }
        let goal = |(rule, (address, resource)): (&Wanted, (&Address, &'a Resource))| {
            let own = rule.priority == priority(resource);
            let id = format!("{}:{}", listener.id, rule.priority);
            let moved = || Address::new(address.stack.clone(), Kind::ListenerRule, id);
            (if own { address.clone() } else { moved() }, resource)
        };
        let resources = wanted.iter().zip(resources).map(goal).collect();
        Side { listener, entries, existing, resources, wanted, verdicts, foreign, left }
    }

    /// A rule that AWS has and nobody recorded, as an entry under its number.
    fn imported(
        &mut self,
        listener: &Address,
        rule: &'a LiveRule,
        entries: &[Entry<'a>],
        left: &BTreeSet<Address>,
    ) -> (Entry<'a>, Existing) {
        let literals = self.literals.get_or_insert_with(|| self.cx.identities.literals(self.name));
        let mut spec = rule.spec.value();
        self.cx.identities.refer(literals, &mut spec);
        let priority = number_of(&spec).unwrap_or(0);
        let used = |address: &Address| {
            left.contains(address) || entries.iter().any(|entry| entry.address == *address)
        };
        let address = free_address(listener, priority, used);
        let outputs: Pairs = [(Output::RuleArn.name(), rule.arn.as_str())].into_iter().collect();
        let object =
            LiveObject { spec: rule.spec.clone(), outputs: outputs.clone(), tracking: None };
        let mut recorded = Recorded::of(&object);
        recorded.tagged = rule.tagged.clone().filter(|id| *id != address.id);
        let recorded = EntryOf::Live(Box::new(recorded));
        let content = Content::new(&spec);
        (Entry { address, recorded, import: Some(outputs) }, Existing { priority, content })
    }
}

/// Two lists in one order.
fn sorted<A, B>(order: Vec<usize>, a: Vec<A>, b: Vec<B>) -> (Vec<A>, Vec<B>) {
    let mut both: Vec<Option<(A, B)>> = a.into_iter().zip(b).map(Some).collect();
    order.into_iter().filter_map(|i| both[i].take()).unzip()
}
