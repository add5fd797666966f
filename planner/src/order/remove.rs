//! Steps that delete, and what they wait for: everything that used the object.

use super::make::goes_along;
use super::{MAKE, Node, Order, REMOVE, remove_rank, updates};
use crate::plan::{Action, Operation};
use crate::stack::Draft;
use crate::state::{Recorded, SpecText, goes_with};
use ingc_compiler::resource::{Address, Kind};
use petgraph::stable_graph::NodeIndex;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// An object that goes.
struct Leaving<'s> {
    node: NodeIndex,
    stack: usize,
    kind: Kind,
    address: Address,
    recorded: Option<&'s Recorded>,
    /// Its deletion is the first of a chain, or stands alone.
    first: bool,
    /// It makes room for one of its name, and waits for nothing.
    early: bool,
}

/// Why a load balancer goes before the one that takes its place is there.
const NAME_TAKEN: &str =
    "an interrupted replacement has left a load balancer of the name that is wanted again";

impl<'s> Order<'s, '_> {
    /// Adds the deletions of all stacks.
    pub(super) fn remove(&mut self) {
        let mut leaving = Vec::new();
        for stack in 0..self.stacks.len() {
            self.leaving(stack, &mut leaving);
        }
        let mut by_value: FxHashMap<&'s str, usize> = FxHashMap::default();
        for (i, object) in leaving.iter().enumerate() {
            for (_, value) in object.recorded.iter().flat_map(|recorded| recorded.outputs.iter()) {
                by_value.insert(value, i);
            }
        }
        if leaving.is_empty() {
            return;
        }
        let users = self.users(&leaving, &by_value);
        for i in 0..leaving.len() {
            self.dependencies(&leaving, i, &by_value, &users);
        }
        self.shared_last(&leaving);
    }

    /// What the cluster shares goes when stacks of runs that did not come to their end are done: what
    /// these have made and not recorded may use it.
    fn shared_last(&mut self, leaving: &[Leaving<'s>]) {
        let stacks = self.stacks;
        let shared = leaving.iter().filter(|it| crate::state::is_shared(stacks[it.stack].name));
        for shared in shared {
            let unsure = (0..stacks.len()).filter(|&stack| stacks[stack].unfinished);
            for stack in unsure.filter(|stack| *stack != shared.stack) {
                if !self.makes[stack].is_empty() {
                    let barrier = self.barrier(stack);
                    self.needs(shared.node, barrier);
                }
                let gone = leaving.iter().filter(|it| it.stack == stack);
                gone.for_each(|it| self.needs(shared.node, it.node));
            }
        }
    }

    /// The deletions of a stack.
    fn leaving(&mut self, stack: usize, leaving: &mut Vec<Leaving<'s>>) {
        let stacks = self.stacks;
        let mut at: BTreeMap<usize, (&'s Address, bool)> = BTreeMap::new();
        let mut early = BTreeSet::new();
        let mut chained = Vec::new();
        for way in &stacks[stack].listeners {
            if way.deletes_first {
                early.extend(way.deletes.iter().map(|(draft, _)| *draft));
                continue;
            }
            for (i, (draft, address)) in way.deletes.iter().enumerate() {
                at.insert(*draft, (address, i == 0));
            }
            chained.push(way);
        }
        for &index in &stacks[stack].leaves_first {
            let listener = &stacks[stack].drafts[index].address;
            let rules = stacks[stack].drafts.iter().enumerate();
            early.extend(rules.filter(|(_, it)| goes_along(it, listener)).map(|(rule, _)| rule));
            early.insert(index);
        }
        let mut nodes: BTreeMap<usize, NodeIndex> = BTreeMap::new();
        let kept = self.keep_replaced && replaces_balancer(&stacks[stack].drafts);
        for (index, draft) in stacks[stack].drafts.iter().enumerate() {
            if !draft.removes() || early.contains(&index) {
                continue;
            }
            // What an earlier run has set aside may serve the load balancer that stays.
            let serves = draft.deposed.is_some() && draft.address.kind != Kind::LoadBalancer;
            if kept && (draft.action == Action::Replace || serves) {
                continue;
            }
            let (address, first) = at.get(&index).copied().unwrap_or((&draft.address, true));
            let key = draft.depose.clone().or_else(|| draft.deposed.clone());
            let balancer = draft.address.kind == Kind::LoadBalancer;
            let operation = match key {
                Some(key) => {
                    Operation::DeleteDeposed { key, drain: balancer && draft.import.is_none() }
                }
                None => Operation::Delete,
            };
            let node = Node {
                address: Some(address.clone()),
                operation: Some(operation),
                draft: Some((stack, index)),
                awaits: self.new_groups(stack, draft),
                ..Node::default()
            };
            let kind = draft.address.kind;
            let successor = successor(draft, &stacks[stack].drafts);
            let early = successor.is_some();
            let node = match successor.and_then(|made| self.made.get(&made.address).copied()) {
                Some(made) => {
                    let node = Node { gap: Some(NAME_TAKEN.to_owned()), ..node };
                    let node = self.add(MAKE, stack, 0, 2, node);
                    self.needs(made, node);
                    node
                }
                None => self.add(REMOVE, stack, remove_rank(kind), 0, node),
            };
            let stray = self.strays.get(&(stack, index));
            let import = stray.or_else(|| self.made.get(&draft.address)).copied();
            if let Some(import) = import.filter(|_| draft.import.is_some()) {
                self.needs(node, import);
            }
            nodes.insert(index, node);
            leaving.push(Leaving {
                node,
                stack,
                kind,
                address: address.clone(),
                recorded: draft.recorded,
                first,
                early,
            });
        }
        for way in chained {
            let mut last = None;
            for node in way.deletes.iter().filter_map(|(draft, _)| nodes.get(draft)) {
                self.chain(&mut last, *node);
            }
        }
    }

    /// Target groups that must have targets before a replaced load balancer goes.
    fn new_groups(&self, stack: usize, draft: &Draft<'_>) -> Vec<Address> {
        if draft.address.kind != Kind::LoadBalancer || draft.action != Action::Replace {
            return Vec::new();
        }
        let drafts = self.stacks[stack].drafts.iter();
        let groups = drafts.filter(|d| d.address.kind == Kind::TargetGroup && d.makes());
        groups.map(|draft| draft.address.clone()).collect()
    }

    /// Steps after which an object that goes is no longer used by one that stays, and deletions of
    /// what sends traffic to it, by its value.
    fn users(
        &self,
        leaving: &[Leaving<'s>],
        by_value: &FxHashMap<&'s str, usize>,
    ) -> FxHashMap<&'s str, Vec<NodeIndex>> {
        let mut users: FxHashMap<&'s str, Vec<NodeIndex>> = FxHashMap::default();
        let stacks = self.stacks;
        for draft in stacks.iter().flat_map(|stack| &stack.drafts).filter(|draft| updates(draft)) {
            let (Some(recorded), Some(&node)) = (draft.recorded, self.made.get(&draft.address))
            else {
                continue;
            };
            for value in used(recorded) {
                if by_value.contains_key(value) {
                    users.entry(value).or_default().push(node);
                }
            }
        }
        for object in leaving {
            if !matches!(object.kind, Kind::Listener | Kind::ListenerRule) {
                continue;
            }
            for value in object.recorded.into_iter().flat_map(used) {
                if by_value.get(value).is_some_and(|&i| leaving[i].kind == Kind::TargetGroup) {
                    users.entry(value).or_default().push(object.node);
                }
            }
        }
        users
    }

    /// What a deletion waits for.
    fn dependencies(
        &mut self,
        leaving: &[Leaving<'s>],
        i: usize,
        by_value: &FxHashMap<&'s str, usize>,
        users: &FxHashMap<&'s str, Vec<NodeIndex>>,
    ) {
        let object = &leaving[i];
        if object.early {
            return;
        }
        let mut owner = None;
        for value in object.recorded.into_iter().flat_map(used) {
            let Some(&used) = by_value.get(value) else { continue };
            let used = &leaving[used];
            if goes_with(object.kind, used.kind) {
                owner = Some(used);
            } else {
                self.needs(used.node, object.node);
            }
            if object.kind == Kind::TargetGroupBinding && used.kind == Kind::TargetGroup {
                for &user in users.get(value).into_iter().flatten() {
                    self.needs(object.node, user);
                }
            }
        }
        for (_, value) in object.recorded.iter().flat_map(|recorded| recorded.outputs.iter()) {
            for &user in users.get(value).into_iter().flatten() {
                self.needs(object.node, user);
            }
        }
        if let Some(owner) = owner {
            self.needs(object.node, owner.node);
            let node = &mut self.nodes[object.node.index()];
            let deposed = match node.operation.take() {
                Some(Operation::DeleteDeposed { key, .. }) => Some(key),
                _ => None,
            };
            node.operation = Some(Operation::GoneWith { deposed, owner: owner.address.clone() });
        } else if object.first && carries_traffic(object.kind) {
            let heirs = self.heirs[object.stack].clone();
            for stack in heirs.into_iter().chain([object.stack]) {
                if !self.makes[stack].is_empty() {
                    let barrier = self.barrier(stack);
                    self.needs(object.node, barrier);
                }
            }
        }
    }
}

/// What an object uses: what its references led to, and what its spec names by ARN or id, which may
/// be another stack's.
fn used(recorded: &Recorded) -> impl Iterator<Item = &str> {
    let named = recorded.spec.as_str().split('"');
    let named = named.filter(|text| text.starts_with("arn:") || text.starts_with("sg-"));
    recorded.depends_on.iter().map(|(_, value)| value).chain(named)
}

/// The load balancer that is made with the name of one that an earlier run has set aside.
fn successor<'d, 'a>(draft: &Draft<'a>, drafts: &'d [Draft<'a>]) -> Option<&'d Draft<'a>> {
    let name = |spec: &SpecText| spec.value()["name"].as_str().map(str::to_owned);
    if draft.address.kind != Kind::LoadBalancer || draft.deposed.is_none() {
        return None;
    }
    let taken = draft.before.as_ref().and_then(name)?;
    drafts.iter().find(|made| {
        made.address.kind == Kind::LoadBalancer
            && made.makes()
            && made.after.as_ref().and_then(name).as_ref() == Some(&taken)
    })
}

/// Kinds whose deletion takes answers away, and so waits until all others are there.
fn carries_traffic(kind: Kind) -> bool {
    matches!(kind, Kind::ListenerRule | Kind::Listener | Kind::LoadBalancer)
}

fn replaces_balancer(drafts: &[Draft<'_>]) -> bool {
    let mut drafts = drafts.iter();
    drafts.any(|d| d.address.kind == Kind::LoadBalancer && d.action == Action::Replace)
}
