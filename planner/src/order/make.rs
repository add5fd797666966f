//! Steps that make and change, and what they wait for.

use super::{MAKE, Node, Order, make_rank, updates};
use crate::plan::{Action, Operation};
use crate::stack::{Draft, ListenerDraft, StackDraft};
use ingc_compiler::graph::{each_token, resolve_ref};
use ingc_compiler::resource::{Address, Kind, Spec};
use petgraph::stable_graph::NodeIndex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Steps that bind a target group of a stack, by the group's id.
type Bindings<'s> = FxHashMap<&'s str, Vec<NodeIndex>>;

impl<'s, 'a> Order<'s, 'a> {
    /// The steps of a stack, without edges except those within one draft or one listener.
    pub(super) fn make_nodes(&mut self, stack: usize) {
        let stacks = self.stacks;
        let listeners: &'s [ListenerDraft] = &stacks[stack].listeners;
        let scheduled: BTreeSet<usize> = listeners.iter().flat_map(scheduled).collect();
        for (index, draft) in stacks[stack].drafts.iter().enumerate() {
            if draft.action == Action::Forget {
                let operation = Operation::Forget { deposed: draft.deposed.clone() };
                let node = self.node(stack, index, operation);
                self.add(MAKE, stack, 0, 0, node);
                continue;
            }
            let import = self.import_node(stack, index);
            if scheduled.contains(&index) {
                continue;
            }
            let operation = if draft.makes() {
                Operation::Create { depose: draft.depose.clone(), priority: None }
            } else if updates(draft) {
                update(draft)
            } else {
                continue;
            };
            let node = self.node(stack, index, operation);
            let node = self.add(MAKE, stack, make_rank(draft.address.kind), number(draft), node);
            if let Some(import) = import {
                self.needs(node, import);
            }
            self.made.insert(&draft.address, node);
        }
    }

    fn node(&self, stack: usize, draft: usize, operation: Operation) -> Node {
        Node {
            address: Some(self.draft(stack, draft).address.clone()),
            operation: Some(operation),
            draft: Some((stack, draft)),
            ..Node::default()
        }
    }

    /// The step that takes up what exists already.
    fn import_node(&mut self, stack: usize, index: usize) -> Option<NodeIndex> {
        let draft = self.draft(stack, index);
        let outputs = draft.import.clone()?;
        let (deposed, tagged) = (draft.deposed.clone(), draft.tagged.clone());
        let mut node = self.node(stack, index, Operation::Import { outputs, deposed, tagged });
        if let Some(previous) = &draft.previous {
            node.address = Some(previous.clone());
        }
        let node = self.add(MAKE, stack, 0, 1, node);
        if draft.deposed.is_some() {
            // Another object may be made or changed at its address.
            self.strays.insert((stack, index), node);
            return Some(node);
        }
        self.made.insert(&draft.address, node);
        self.imports.insert(&draft.address, node);
        Some(node)
    }

    /// What the steps of a stack wait for.
    pub(super) fn make_edges(&mut self, stack: usize) {
        let stacks = self.stacks;
        let drafts = &stacks[stack].drafts;
        let made_of = |order: &Self, kind: Kind| -> Vec<NodeIndex> {
            let of = drafts.iter().filter(|draft| draft.address.kind == kind);
            of.filter_map(|draft| order.made.get(&draft.address).copied()).collect()
        };
        let security_groups = made_of(self, Kind::SecurityGroup);
        let bindings = self.bindings(stack);
        let new_groups: FxHashSet<&Address> = drafts
            .iter()
            .filter(|draft| draft.address.kind == Kind::TargetGroup && draft.makes())
            .map(|draft| &draft.address)
            .collect();
        for draft in drafts {
            let Some(&node) = self.made.get(&draft.address) else { continue };
            if draft.action == Action::Forget || draft.deposed.is_some() {
                continue;
            }
            self.references(draft, node, &bindings);
            if let Some(&import) = self.imports.get(&draft.address) {
                self.references(draft, import, &Bindings::default());
            }
            if draft.address.kind == Kind::Listener {
                for &group in &security_groups {
                    self.needs(node, group);
                }
                if !draft.makes() {
                    self.nodes[node.index()].awaits = awaited(draft, &new_groups);
                }
            }
        }
        for index in 0..stacks[stack].listeners.len() {
            self.listener(stack, index, &bindings, &new_groups);
        }
        self.redirects(stack);
        self.room(stack);
    }

    /// Bindings that are made or changed, by the id of the target group that they bind.
    fn bindings(&self, stack: usize) -> Bindings<'s> {
        let mut found = Bindings::default();
        let stacks: &'s [StackDraft<'a>] = self.stacks;
        for draft in &stacks[stack].drafts {
            let Some(resource) = draft.resource else { continue };
            if let Spec::TargetGroupBinding(binding) = &resource.spec
                && let Some(reference) = binding.template.spec.target_group_arn.as_ref()
                && let Some(&node) = self.made.get(&draft.address)
            {
                found.entry(&reference.id).or_default().push(node);
            }
        }
        found
    }

    /// Every reference is an edge; and who sends traffic to a target group waits for its targets
    /// to be bound.
    fn references(&mut self, draft: &Draft<'_>, node: NodeIndex, bindings: &Bindings<'_>) {
        let sends = matches!(draft.address.kind, Kind::Listener | Kind::ListenerRule);
        let Some(resource) = draft.resource else { return };
        each_token(&resource.spec, &mut |token| {
            let Some(reference) = token.as_ref() else { return };
            let target = resolve_ref(&draft.address.stack, reference);
            let earlier = self.made.get(&target).copied();
            // A rule waits for a listener that is made; one that changes waits for its rules.
            let changes = |node: NodeIndex| {
                let operation = &self.nodes[node.index()].operation;
                matches!(operation, Some(Operation::Update { .. } | Operation::Repoint { .. }))
            };
            let earlier = earlier.filter(|node| target.kind != Kind::Listener || !changes(*node));
            if let Some(earlier) = earlier {
                self.needs(node, earlier);
            }
            if sends && target.kind == Kind::TargetGroup {
                for &binding in bindings.get(target.id.as_str()).into_iter().flatten() {
                    self.needs(node, binding);
                }
            }
        });
    }

    /// The chain of a listener whose rules change.
    fn listener(
        &mut self,
        stack: usize,
        index: usize,
        bindings: &Bindings<'_>,
        new_groups: &FxHashSet<&Address>,
    ) {
        let stacks = self.stacks;
        let way: &'s ListenerDraft = &stacks[stack].listeners[index];
        let Some(listener) = &way.listener else { return };
        let alone = way.creates.is_empty() && way.moves.is_empty() && way.deletes.is_empty();
        // One that is only taken up does not change.
        let taken_up = self.imports.get(listener).copied();
        let own = self.made.get(listener).copied().filter(|node| Some(*node) != taken_up);
        let opens = own.is_some() && self.becomes_https(stack, listener);
        let mut last = if opens { own } else { None };
        let mut firsts = Vec::new();
        let changes = |(draft, address): &(usize, Address)| (*draft, address.clone(), None);
        let before = way.before.iter().map(changes);
        let creates =
            way.creates.iter().map(|(draft, at, number)| (*draft, at.clone(), Some(*number)));
        for (draft, address, number) in before.chain(creates) {
            let node = self.rule(stack, way, draft, address, number, bindings, new_groups);
            self.chain(&mut last, node);
            firsts.push(node);
        }
        if !way.moves.is_empty() {
            let node = Node {
                address: Some(listener.clone()),
                operation: Some(Operation::Reorder { moves: way.moves.clone() }),
                ..Node::default()
            };
            let node = self.add(MAKE, stack, make_rank(Kind::ListenerRule), i64::MAX - 1, node);
            self.imports_first(stack, node);
            self.chain(&mut last, node);
        }
        for (draft, address) in &way.after {
            let node = self.rule(stack, way, *draft, address.clone(), None, bindings, new_groups);
            if alone && !opens {
                if let Some(own) = own {
                    self.needs(own, node);
                }
                continue;
            }
            self.chain(&mut last, node);
        }
        // What answers when no rule does changes when the new rules are there, and before the old
        // ones go.
        if let (Some(own), Some(last), false) = (own, last, opens) {
            self.needs(own, last);
        }
    }

    /// A step of a rule on a listener that stays.
    #[allow(clippy::too_many_arguments)]
    fn rule(
        &mut self,
        stack: usize,
        way: &ListenerDraft,
        index: usize,
        address: Address,
        number: Option<i32>,
        bindings: &Bindings<'_>,
        new_groups: &FxHashSet<&Address>,
    ) -> NodeIndex {
        let draft = self.draft(stack, index);
        let operation = match number {
            Some(number) => Operation::Create {
                depose: draft.depose.clone(),
                priority: (Some(i64::from(number)) != wanted_number(draft)).then_some(number),
            },
            None => update(draft),
        };
        let mut node = self.node(stack, index, operation);
        node.address = Some(address);
        node.awaits = awaited(draft, new_groups);
        if way.exposed.contains(&index) {
            node.gap = Some(
                "the load balancer has no room for another rule, and this one takes over requests of others"
                    .to_owned(),
            );
        }
        let node = self.add(MAKE, stack, make_rank(Kind::ListenerRule), self::number(draft), node);
        self.references(draft, node, bindings);
        if let Some(&import) = self.made.get(&draft.address) {
            self.needs(node, import);
        }
        self.made.insert(&draft.address, node);
        node
    }

    /// A reorder moves entries, and so those that are taken up have to be there.
    fn imports_first(&mut self, stack: usize, reorder: NodeIndex) {
        for node in self.makes[stack].clone() {
            let operation = &self.nodes[node.index()].operation;
            if matches!(operation, Some(Operation::Import { .. } | Operation::Forget { .. })) {
                self.needs(reorder, node);
            }
        }
    }

    /// True if a listener changes to HTTPS in place: its rules may log in only then.
    fn becomes_https(&self, stack: usize, listener: &Address) -> bool {
        let draft = self.stacks[stack].drafts.iter().find(|draft| draft.address == *listener);
        draft.is_some_and(|draft| {
            draft.fields.iter().any(|field| {
                field.path == "protocol"
                    && field.after.as_ref().is_some_and(|after| after == "HTTPS")
            })
        })
    }

    /// A listener begins to redirect to another one when that one's rules are there.
    fn redirects(&mut self, stack: usize) {
        let stacks = self.stacks;
        let drafts = &stacks[stack].drafts;
        let begins = |draft: &Draft<'_>| {
            let has = |spec: &Option<crate::state::SpecText>| {
                spec.as_ref().is_some_and(|spec| spec.as_str().contains(r#""type":"redirect""#))
            };
            has(&draft.after) && !has(&draft.before)
        };
        let made: BTreeSet<&str> = drafts
            .iter()
            .filter(|draft| draft.address.kind == Kind::Listener && draft.makes())
            .map(|draft| draft.address.id.as_str())
            .collect();
        let steps: Vec<(&str, &Draft<'_>, NodeIndex)> = drafts
            .iter()
            .filter_map(|draft| Some((listener_of(draft)?, draft)))
            .filter_map(|(id, draft)| Some((id, draft, *self.made.get(&draft.address)?)))
            .collect();
        let begin = |(id, draft, _): &&(&str, &Draft<'_>, _)| !made.contains(id) && begins(draft);
        let beginning: Vec<_> = steps.iter().filter(begin).collect();
        if beginning.is_empty() {
            return;
        }
        let listeners: BTreeSet<&str> = beginning.iter().map(|(id, ..)| *id).collect();
        for (_, _, later) in beginning {
            for (_, _, earlier) in steps.iter().filter(|(id, ..)| !listeners.contains(id)) {
                self.needs(*later, *earlier);
            }
        }
    }

    /// A listener leaves with its rules, to make room for others.
    fn leave_first(&mut self, stack: usize, index: usize, last: &mut Option<NodeIndex>) {
        let stacks = self.stacks;
        let listener = &self.draft(stack, index).address;
        let mut node = self.node(stack, index, Operation::Delete);
        node.gap = Some(NO_ROOM.to_owned());
        let owner = self.add(MAKE, stack, 0, 2, node);
        self.chain(last, owner);
        for (rule, draft) in stacks[stack].drafts.iter().enumerate() {
            if goes_along(draft, listener) {
                let owner = listener.clone();
                let node = self.node(stack, rule, Operation::GoneWith { deposed: None, owner });
                let node = self.add(MAKE, stack, 0, 3, node);
                self.chain(last, node);
            }
        }
    }

    /// Where old and new rules have no room together, all new ones wait for the old ones to go;
    /// those deletions are made by [`super::remove`] and marked here by their listeners.
    fn room(&mut self, stack: usize) {
        let stacks = self.stacks;
        let first: Vec<&'s ListenerDraft> =
            stacks[stack].listeners.iter().filter(|way| way.deletes_first).collect();
        let mut last = None;
        for way in first {
            for (index, address) in &way.deletes {
                let mut node = self.node(stack, *index, Operation::Delete);
                node.address = Some(address.clone());
                node.gap = Some(NO_ROOM.to_owned());
                let node = self.add(MAKE, stack, 0, 2, node);
                self.chain(&mut last, node);
            }
        }
        for &index in &stacks[stack].leaves_first {
            self.leave_first(stack, index, &mut last);
        }
        let Some(last) = last else { return };
        for draft in stacks[stack].drafts.iter().filter(|d| d.address.kind == Kind::ListenerRule) {
            if let Some(&node) = self.made.get(&draft.address)
                && (draft.makes() || updates(draft))
            {
                self.needs(node, last);
            }
        }
    }
}

const NO_ROOM: &str = "the load balancer has no room for old and new rules at once";

/// True for a recorded rule that goes with a listener.
pub(super) fn goes_along(draft: &Draft<'_>, listener: &Address) -> bool {
    let key = listener.local();
    draft.address.kind == Kind::ListenerRule
        && draft.action == Action::Delete
        && draft.recorded.is_some_and(|it| it.depends_on.get(&key).is_some())
}

/// Drafts whose steps a listener's chain makes.
fn scheduled(way: &ListenerDraft) -> impl Iterator<Item = usize> + '_ {
    let changed = way.before.iter().chain(&way.after).chain(&way.deletes).map(|(draft, _)| *draft);
    changed.chain(way.creates.iter().map(|(draft, _, _)| *draft))
}

/// The step that changes an object in place.
fn update(draft: &Draft<'_>) -> Operation {
    let mut fields = draft.field_names();
    if draft.address.kind == Kind::ListenerRule {
        fields.retain(|field| field != "priority");
    }
    if draft.repoint { Operation::Repoint { fields } } else { Operation::Update { fields } }
}

/// New target groups that a step sends traffic to.
fn awaited(draft: &Draft<'_>, new_groups: &FxHashSet<&Address>) -> Vec<Address> {
    let refs = draft.resource.iter().flat_map(|resource| resource.refs());
    let targets = refs.map(|reference| resolve_ref(&draft.address.stack, &reference));
    targets.filter(|target| new_groups.contains(target)).collect()
}

/// The id of the listener that a draft is of, or is.
fn listener_of<'d>(draft: &'d Draft<'_>) -> Option<&'d str> {
    match (&draft.resource?.spec, draft.address.kind) {
        (_, Kind::Listener) => Some(&draft.address.id),
        (Spec::ListenerRule(rule), _) => Some(&rule.listener_arn.as_ref()?.id),
        _ => None,
    }
}

/// The number that a rule shall have: it stands in its address.
fn wanted_number(draft: &Draft<'_>) -> Option<i64> {
    if draft.address.kind != Kind::ListenerRule {
        return None;
    }
    draft.address.id.rsplit(':').next()?.parse().ok()
}

/// Rules are made in the order of their numbers.
fn number(draft: &Draft<'_>) -> i64 {
    wanted_number(draft).unwrap_or(0)
}
