//! Rules of a stack's listeners: those of a listener that stays are matched by what they do.

use super::side::{EntryOf, Side};
use super::{Draft, ListenerDraft, Live, Planner};
use crate::diag;
use crate::plan::{Action, FieldChange, RuleMove};
use crate::rule::{Mover, Room, Schedule, schedule};
use crate::state::{Recorded, SpecText, dependency_key, local_address};
use ingc_compiler::graph::Resource;
use ingc_compiler::resource::{Address, Kind, Output, Spec};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Planner<'_, 'a> {
    pub(super) fn rules(&mut self) {
        if let Some(count) = self.all_equal() {
            self.out.unchanged += count;
            return;
        }
        let mut wanted: BTreeMap<&'a str, Vec<(&'a Address, &'a Resource)>> = BTreeMap::new();
        for (address, resource) in self.wanted(Kind::ListenerRule) {
            wanted.entry(listener_of(resource)).or_default().push((address, resource));
        }
        let mut existing: BTreeMap<&'a str, Vec<(&'a String, &'a Recorded)>> = BTreeMap::new();
        for (_, local, recorded) in self.existing(Kind::ListenerRule) {
            existing.entry(recorded_listener(local, recorded)).or_default().push((local, recorded));
        }
        let mut ids: BTreeSet<&str> = wanted.keys().chain(existing.keys()).copied().collect();
        // An interrupted run may have made the only rules that a listener has.
        let unrecorded = self.cx.options.live.into_iter().flat_map(|live| &live.rules);
        let ours = unrecorded.filter(|(listener, rules)| {
            listener.stack == self.name && rules.iter().any(|rule| rule.ours)
        });
        ids.extend(ours.map(|(listener, _)| listener.id.as_str()));
        let mut sides = Vec::new();
        for id in ids {
            let wanted = wanted.remove(id).unwrap_or_default();
            let existing = existing.remove(id).unwrap_or_default();
            let listener = self.address(Kind::Listener, id);
            if !self.stays(&listener) {
                self.rules_anew(wanted, existing);
                continue;
            }
            let of_this = |(_, it): &(&String, &Recorded)| !self.is_left_behind(&listener, it);
            let (existing, left): (Vec<_>, Vec<_>) = existing.into_iter().partition(of_this);
            if left.is_empty() && self.equal(&listener, &wanted, &existing) {
                self.out.unchanged += wanted.len();
                continue;
            }
            let address = |(local, _): &(&String, &Recorded)| local_address(self.name, local);
            let addresses: BTreeSet<Address> = left.iter().filter_map(address).collect();
            for (local, recorded) in left {
                let address = local_address(self.name, local);
                let goes = |address: &Address| wanted.iter().all(|(wanted, _)| *wanted != address);
                if let Some(address) = address.filter(goes) {
                    self.unwanted(address, recorded);
                }
            }
            sides.push(self.side(listener, wanted, existing, addresses));
        }
        self.schedules(sides);
    }

    /// True for a rule of the listener that this one has replaced, in a run that was interrupted
    /// before it made the rule anew.
    fn is_left_behind(&self, listener: &Address, recorded: &Recorded) -> bool {
        let of = recorded.depends_on.get(&dependency_key(self.name, listener));
        let now = self.cx.state.output(listener, Output::ListenerArn);
        matches!((of, now), (Some(of), Some(now)) if of != now)
    }

    /// How many rules there are, if all of them are the recorded ones on listeners that stay, so
    /// that there is nothing to understand.
    fn all_equal(&mut self) -> Option<usize> {
        if self.cx.options.live.is_some()
            || self.cx.options.hand_over
            || !self.out.drafts.is_empty()
        {
            return None;
        }
        let mut existing = self.existing(Kind::ListenerRule);
        let mut count = 0;
        for (address, resource) in self.wanted(Kind::ListenerRule) {
            let (id, _, recorded) = existing.next()?;
            if id != address.id || !self.is_equal(resource, recorded) {
                return None;
            }
            count += 1;
        }
        existing.next().is_none().then_some(count)
    }

    /// True if the listener exists and goes on to.
    fn stays(&self, listener: &Address) -> bool {
        let wanted = self.desired.is_some_and(|stack| stack.resources.contains_key(listener));
        let made = self.out.drafts.iter().any(|d| d.address == *listener && d.makes());
        wanted && !made
    }

    /// True if there is nothing to understand: every text is the recorded one.
    fn equal(
        &mut self,
        listener: &Address,
        wanted: &[(&'a Address, &'a Resource)],
        existing: &[(&'a String, &'a Recorded)],
    ) -> bool {
        let live = self.cx.options.live;
        let unread = live.is_none_or(|live| !live.rules.contains_key(listener));
        unread
            && !self.cx.options.hand_over
            && wanted.len() == existing.len()
            && wanted.iter().all(|(address, resource)| {
                matches!(self.cx.live(address), Live::Unread)
                    && self.entry(address).is_some_and(|recorded| self.is_equal(resource, recorded))
            })
    }

    /// Rules of a listener that is made, replaced or deleted: they come and go with it.
    fn rules_anew(
        &mut self,
        wanted: Vec<(&'a Address, &'a Resource)>,
        existing: Vec<(&'a String, &'a Recorded)>,
    ) {
        let addresses: BTreeSet<&Address> = wanted.iter().map(|(address, _)| *address).collect();
        for (address, resource) in wanted {
            let recorded = self.entry(address);
            self.resource(address, resource, recorded);
        }
        for (local, recorded) in existing {
            if let Some(address) = local_address(self.name, local)
                && !addresses.contains(&address)
            {
                self.unwanted(address, recorded);
            }
        }
    }

    /// Sets a rule of a replaced listener aside when the one that was made last is recorded.
    fn replace_left_behind(&mut self, address: &Address, recorded: &'a Recorded) {
        let key = self.depose_key(&address.local());
        self.exchange(address, recorded);
        if let Some(draft) = self.out.drafts.last_mut() {
            draft.action = Action::Replace;
            draft.depose = Some(key);
            draft.before = Some(recorded.spec.clone());
            draft.recorded = Some(recorded);
        }
    }

    /// Finds the way for all listeners, and where old and new rules have no room together, the
    /// way on which the old ones go first.
    fn schedules(&mut self, sides: Vec<Side<'a>>) {
        let limit = self.cx.options.limits.rules as usize;
        // Some are there that nobody has recorded: of others, and what an interrupted run has made.
        let live = self.cx.options.live.into_iter().flat_map(|live| &live.rules);
        let unrecorded = live.filter(|(listener, _)| listener.stack == self.name);
        let unrecorded: usize = unrecorded.map(|(_, rules)| rules.len()).sum();
        let there = self.existing(Kind::ListenerRule).count() + unrecorded;
        let anew = |draft: &&Draft<'_>| {
            draft.address.kind == Kind::ListenerRule && draft.action == Action::Create
        };
        let elsewhere = self.out.drafts.iter().filter(anew).count();
        let find = |room: &Room| -> Vec<Schedule> {
            let room = |side: &Side<'_>| Room { foreign: side.foreign.clone(), ..room.clone() };
            sides.iter().map(|side| schedule(&side.existing, &side.wanted, &room(side))).collect()
        };
        let rules = limit.saturating_sub(there + elsewhere);
        let mut found = find(&Room { rules, ..Room::default() });
        let count =
            |found: &[Schedule], of: fn(&Schedule) -> usize| found.iter().map(of).sum::<usize>();
        if there + elsewhere + count(&found, |it| it.creates.len()) > limit {
            found = find(&Room { deletes_first: true, ..Room::default() });
            let most = there + elsewhere + count(&found, |it| it.creates.len());
            if most - count(&found, |it| it.deletes.len()) > limit {
                self.out.leaves_first = self.leaving_listeners();
            }
        }
        for (side, schedule) in sides.into_iter().zip(found) {
            self.listener(side, schedule);
        }
    }

    /// Drafts of the listeners that go while their load balancer stays.
    fn leaving_listeners(&self) -> Vec<usize> {
        let drafts = &self.out.drafts;
        let of_balancer = |draft: &&Draft<'_>| draft.address.kind == Kind::LoadBalancer;
        if drafts.iter().filter(of_balancer).any(|draft| draft.makes() || draft.removes()) {
            return Vec::new();
        }
        let leaves = |draft: &Draft<'_>| {
            draft.address.kind == Kind::Listener && draft.action == Action::Delete
        };
        drafts.iter().enumerate().filter(|(_, it)| leaves(it)).map(|(index, _)| index).collect()
    }

    /// Turns a listener's schedule into drafts.
    fn listener(&mut self, side: Side<'a>, schedule: Schedule) {
        for number in &schedule.blocked {
            self.cx.refused.push(diag::foreign_rule(&side.listener, *number));
        }
        if self.cx.options.hand_over && !side.foreign.is_empty() {
            let numbers: Vec<i32> = side.foreign.iter().copied().collect();
            self.cx.refused.push(diag::foreign_at_hand_over(&side.listener, &numbers));
        }
        let addresses: BTreeSet<Address> =
            side.entries.iter().map(|entry| entry.address.clone()).collect();
        let goals: BTreeSet<&Address> = side.resources.iter().map(|(address, _)| address).collect();
        let mut taken: BTreeSet<Address> = addresses.clone();
        taken.extend(goals.iter().map(|address| (*address).clone()));
        taken.extend(side.left.iter().cloned());
        let mut park = |number: i32| {
            let address = free_address(&side.listener, number, |a| taken.contains(a));
            taken.insert(address.clone());
            address
        };
        let mut out =
            ListenerDraft { deletes_first: schedule.deletes_first, ..ListenerDraft::default() };
        let moved: BTreeMap<Mover, (i32, i32)> =
            schedule.moves.iter().map(|step| (step.rule, (step.from, step.to))).collect();
        let mut drafts: Vec<Option<usize>> = vec![None; side.wanted.len()];
        let mut verdicts = side.verdicts;
        // Rules of which only the tag is renewed, which can be done at any time.
        let mut renamed: Vec<usize> = Vec::new();
        for (w, (address, resource)) in side.resources.iter().enumerate() {
            let Some(e) = schedule.from[w] else {
                self.create(address, resource, None);
                drafts[w] = Some(self.out.drafts.len() - 1);
                let lost =
                    self.entry(address).filter(|_| matches!(self.cx.live(address), Live::Gone));
                if let Some(draft) = self.out.drafts.last_mut() {
                    draft.after = Some(numbered(resource, side.wanted[w].priority));
                    draft.lost = lost;
                }
                let left = self.entry(address);
                if let Some(left) = left.filter(|it| self.is_left_behind(&side.listener, it)) {
                    self.replace_left_behind(address, left);
                }
                continue;
            };
            let entry = &side.entries[e];
            let number = side.existing[e].priority;
            let to = side.wanted[w].priority;
            if number != to || entry.address != *address {
                out.moves.push(RuleMove {
                    from: entry.address.clone(),
                    to: address.clone(),
                    priority_before: number,
                    priority_after: to,
                });
            }
            let verdict = verdicts[w].take();
            let tag = self.misleading_tag(&entry.address, entry.recorded(), address);
            if verdict.is_none() && tag.is_none() && number == to && entry.import.is_none() {
                self.out.unchanged += 1;
                continue;
            }
            let action = match (&verdict, &tag, &entry.import) {
                (_, _, Some(_)) => Action::Import,
                (None, None, None) => Action::Reorder,
                _ => Action::Update,
            };
            let mut draft = Draft::new(address.clone(), action);
            draft.previous = (entry.address != *address).then(|| entry.address.clone());
            draft.import.clone_from(&entry.import);
            draft.tagged = entry.import.as_ref().and(entry.recorded().tagged.clone());
            draft.before = Some(entry.recorded().spec.clone());
            draft.after = Some(numbered(resource, to));
            draft.resource = Some(resource);
            draft.secrets = self.secrets(address, resource, Some(entry.recorded()));
            if let EntryOf::State(recorded) = entry.recorded {
                draft.recorded = Some(recorded);
            }
            if let Some((fields, repoint)) = verdict {
                draft.fields = fields;
                draft.repoint = repoint;
            }
            if let Some(tag) = tag {
                if !schedule.before.contains(&w) && !schedule.after.contains(&w) {
                    renamed.push(w);
                }
                draft.fields.push(tag);
            }
            if number != to {
                draft.fields.push(FieldChange {
                    before: Some(number.into()),
                    after: Some(to.into()),
                    ..FieldChange::at("priority".to_owned())
                });
            }
            self.out.drafts.push(draft);
            drafts[w] = Some(self.out.drafts.len() - 1);
        }
        let draft_of = |w: usize| drafts[w].unwrap_or_default();
        for (w, number) in &schedule.creates {
            let goal = side.resources[*w].0.clone();
            let moves = moved.contains_key(&Mover::Made { wanted: *w });
            // What is set aside is set aside from the address at which the new one is recorded.
            let sets_aside = self.out.drafts[draft_of(*w)].depose.is_some();
            let parked = (moves || addresses.contains(&goal)) && !sets_aside;
            let at = if parked { park(*number) } else { goal.clone() };
            if parked || moves {
                let priority_after = side.wanted[*w].priority;
                out.moves.push(RuleMove {
                    from: at.clone(),
                    to: goal,
                    priority_before: *number,
                    priority_after,
                });
            }
            out.creates.push((draft_of(*w), at, *number));
        }
        for (e, number) in &schedule.deletes {
            let entry = &side.entries[*e];
            let mut at = entry.address.clone();
            let parked = moved.contains_key(&Mover::Leaving { existing: *e });
            if !schedule.deletes_first && (parked || goals.contains(&at)) {
                at = park(*number);
                out.moves.push(RuleMove {
                    from: entry.address.clone(),
                    to: at.clone(),
                    priority_before: side.existing[*e].priority,
                    priority_after: *number,
                });
            }
            let mut draft = Draft::new(entry.address.clone(), Action::Delete);
            draft.before = Some(entry.recorded().spec.clone());
            draft.import.clone_from(&entry.import);
            if let EntryOf::State(recorded) = entry.recorded {
                draft.recorded = Some(recorded);
            }
            self.out.drafts.push(draft);
            out.deletes.push((self.out.drafts.len() - 1, at));
        }
        out.moves.sort_by_key(|step| step.priority_after);
        let entry_of = |w: usize| {
            let entry = schedule.from[w].map(|e| side.entries[e].address.clone());
            entry.unwrap_or_else(|| side.resources[w].0.clone())
        };
        out.before = schedule.before.iter().map(|w| (draft_of(*w), entry_of(*w))).collect();
        out.after = schedule
            .after
            .iter()
            .chain(&renamed)
            .map(|w| (draft_of(*w), side.resources[*w].0.clone()))
            .collect();
        out.exposed = schedule.exposed.iter().map(|w| draft_of(*w)).collect();
        out.listener = Some(side.listener);
        self.out.listeners.push(out);
    }
}

/// The id of the listener that a desired rule belongs to.
fn listener_of(resource: &Resource) -> &str {
    match &resource.spec {
        Spec::ListenerRule(rule) => rule.listener_arn.as_ref().map_or("", |r| &*r.id),
        _ => "",
    }
}

/// The id of the listener that a recorded rule belongs to.
fn recorded_listener<'r>(local: &'r str, recorded: &'r Recorded) -> &'r str {
    let of = |key: &'r str| {
        key.strip_prefix(Kind::Listener.type_name()).and_then(|rest| rest.strip_prefix('/'))
    };
    let known = recorded.depends_on.iter().find_map(|(key, _)| of(key));
    let id = local.rsplit_once('/').map_or(local, |(_, id)| id);
    known.unwrap_or_else(|| id.split(':').next().unwrap_or(id))
}

pub(super) fn priority(resource: &Resource) -> i32 {
    match &resource.spec {
        Spec::ListenerRule(rule) => rule.priority,
        _ => 0,
    }
}

/// The spec of a rule with the number that it shall have.
fn numbered(resource: &Resource, number: i32) -> SpecText {
    if number == priority(resource) {
        return SpecText::new(resource.spec_json());
    }
    let mut resource = Resource::new(resource.spec.clone());
    if let Spec::ListenerRule(rule) = &mut resource.spec {
        rule.priority = number;
    }
    SpecText::new(resource.spec_json())
}

pub(super) fn number_of(spec: &Value) -> Option<i32> {
    spec.get("priority")?.as_i64()?.try_into().ok()
}

/// The address of a rule by its number, or the next one like it that is free.
pub(super) fn free_address(
    listener: &Address,
    number: i32,
    used: impl Fn(&Address) -> bool,
) -> Address {
    let mut id = format!("{}:{number}", listener.id);
    loop {
        let address = Address::new(listener.stack.clone(), Kind::ListenerRule, id);
        if !used(&address) {
            return address;
        }
        id = format!("{}+", address.id);
    }
}
