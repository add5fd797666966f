//! Puts everything into one order: what is needed is made first, traffic is led over in between,
//! and deletions come last.
//!
//! The order is built, not declared by users: every edge comes from a reference, or from one of
//! the few rules of [`make`] and [`remove`] that tell what traffic would feel.

mod make;
mod remove;

use crate::diag;
use crate::plan::{Action, Operation, Step};
use crate::stack::{Draft, StackDraft};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::resource::{Address, Kind};
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::BTreeMap;

/// What breaks ties: making before removing, then stack, kind, number of a rule, and the order of
/// drafts, which is that of addresses.
type Key = (u8, u32, u8, i64, u32);

const MAKE: u8 = 0;
const REMOVE: u8 = 1;

/// A step in the making. Without an operation it only stands for others having been done.
#[derive(Debug, Default)]
struct Node {
    address: Option<Address>,
    operation: Option<Operation>,
    /// Stack and draft.
    draft: Option<(usize, usize)>,
    awaits: Vec<Address>,
    gap: Option<String>,
}

/// The steps of all stacks.
struct Order<'s, 'a> {
    stacks: &'s [StackDraft<'a>],
    nodes: Vec<Node>,
    graph: StableDiGraph<Key, ()>,
    /// Steps after which an address holds its object.
    made: FxHashMap<&'s Address, NodeIndex>,
    /// Steps that take up what exists already.
    imports: FxHashMap<&'s Address, NodeIndex>,
    /// Steps that take up what goes again, by stack and draft.
    strays: FxHashMap<(usize, usize), NodeIndex>,
    /// Steps that make or change something, by stack.
    makes: Vec<Vec<NodeIndex>>,
    /// "Everything of this stack is made."
    barriers: BTreeMap<usize, NodeIndex>,
    /// Where the Ingresses of a stack have gone: other stacks, as indices.
    heirs: Vec<Vec<usize>>,
    /// Replaced load balancers, and all that serves them, stay until the next plan.
    keep_replaced: bool,
}

/// Orders the drafts. `change` gives the index of a draft's change.
///
/// # Errors
/// If changes wait for each other.
pub(crate) fn order(
    stacks: &[StackDraft<'_>],
    heirs: Vec<Vec<usize>>,
    keep_replaced: bool,
    change: impl Fn(usize, usize) -> Option<u32>,
) -> Result<Vec<Step>, Box<Diagnostic>> {
    let drafts = stacks.iter().map(|stack| stack.drafts.len()).sum();
    let mut order = Order {
        stacks,
        nodes: Vec::with_capacity(drafts),
        graph: StableDiGraph::with_capacity(drafts, drafts * 3),
        made: FxHashMap::with_capacity_and_hasher(drafts, FxBuildHasher),
        imports: FxHashMap::default(),
        strays: FxHashMap::default(),
        makes: vec![Vec::new(); stacks.len()],
        barriers: BTreeMap::new(),
        heirs,
        keep_replaced,
    };
    for stack in 0..stacks.len() {
        order.make_nodes(stack);
    }
    for stack in 0..stacks.len() {
        order.make_edges(stack);
    }
    order.remove();
    order.steps(change)
}

impl<'s, 'a> Order<'s, 'a> {
    fn draft(&self, stack: usize, draft: usize) -> &'s Draft<'a> {
        let stacks: &'s [StackDraft<'a>] = self.stacks;
        &stacks[stack].drafts[draft]
    }

    fn add(&mut self, phase: u8, stack: usize, rank: u8, number: i64, node: Node) -> NodeIndex {
        let shared = crate::state::is_shared(self.stacks[stack].name);
        let place = match (shared, phase) {
            (true, REMOVE) => u32::MAX,
            (true, _) => 0,
            (false, _) => stack as u32 + 1,
        };
        let id = self.nodes.len() as u32;
        self.nodes.push(node);
        let index = self.graph.add_node((phase, place, rank, number, id));
        if phase == MAKE {
            self.makes[stack].push(index);
        }
        index
    }

    /// The first waits for the second.
    fn needs(&mut self, later: NodeIndex, earlier: NodeIndex) {
        if later != earlier {
            self.graph.add_edge(later, earlier, ());
        }
    }

    fn chain(&mut self, last: &mut Option<NodeIndex>, next: NodeIndex) {
        if let Some(last) = *last {
            self.needs(next, last);
        }
        *last = Some(next);
    }

    /// A node that comes behind everything that a stack makes.
    fn barrier(&mut self, stack: usize) -> NodeIndex {
        if let Some(known) = self.barriers.get(&stack) {
            return *known;
        }
        let makes = self.makes[stack].clone();
        let barrier = self.add(MAKE, stack, u8::MAX, 0, Node::default());
        self.barriers.insert(stack, barrier);
        for node in makes {
            self.needs(barrier, node);
        }
        barrier
    }

    /// The graph as a list.
    fn steps(
        mut self,
        change: impl Fn(usize, usize) -> Option<u32>,
    ) -> Result<Vec<Step>, Box<Diagnostic>> {
        let keys = ingc_compiler::graph::order(&self.graph).map_err(|cycle| {
            let names: Vec<String> = cycle
                .0
                .iter()
                .filter_map(|key| self.nodes[key.4 as usize].address.as_ref())
                .map(ToString::to_string)
                .collect();
            Box::new(diag::cycle(&names))
        })?;
        let mut place: Vec<Option<u32>> = vec![None; self.nodes.len()];
        let mut next = 0;
        for key in &keys {
            if self.nodes[key.4 as usize].operation.is_some() {
                place[key.4 as usize] = Some(next);
                next += 1;
            }
        }
        let mut steps = Vec::with_capacity(next as usize);
        for key in keys {
            let id = key.4 as usize;
            if place[id].is_none() {
                continue;
            }
            let needs = self.places_of(NodeIndex::new(id), &place);
            let node = std::mem::take(&mut self.nodes[id]);
            let (Some(address), Some(operation)) = (node.address, node.operation) else { continue };
            steps.push(Step {
                address,
                operation,
                change: node.draft.and_then(|(stack, draft)| change(stack, draft)),
                needs,
                awaits_targets: node.awaits,
                gap: node.gap,
            });
        }
        Ok(steps)
    }

    /// Places of the steps that a node waits for, through those that are none themselves.
    fn places_of(&self, node: NodeIndex, place: &[Option<u32>]) -> Vec<u32> {
        let mut found = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for earlier in self.graph.neighbors(node) {
                match place[earlier.index()] {
                    Some(at) => found.push(at),
                    None => open.push(earlier),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// What is made earlier within a stack, if nothing else decides.
fn make_rank(kind: Kind) -> u8 {
    match kind {
        Kind::Certificate => 1,
        Kind::SecurityGroup => 2,
        Kind::TargetGroup => 3,
        Kind::TargetGroupBinding => 4,
        Kind::LoadBalancer => 5,
        Kind::Listener => 6,
        Kind::ListenerRule => 7,
        Kind::FrontendNlbTargetGroups => 8,
        Kind::WebAclAssociation | Kind::WafRegionalWebAclAssociation => 9,
        Kind::Protection => 10,
        Kind::OidcProvider => 11,
        Kind::ManagedPolicy => 12,
        Kind::Role => 13,
    }
}

/// What is removed earlier within a stack, if nothing else decides.
fn remove_rank(kind: Kind) -> u8 {
    match kind {
        Kind::WebAclAssociation | Kind::WafRegionalWebAclAssociation => 1,
        Kind::Protection => 2,
        Kind::FrontendNlbTargetGroups => 3,
        Kind::ListenerRule => 4,
        Kind::Listener => 5,
        Kind::LoadBalancer => 6,
        Kind::TargetGroupBinding => 7,
        Kind::TargetGroup => 8,
        Kind::SecurityGroup => 9,
        Kind::Certificate => 10,
        Kind::Role => 11,
        Kind::ManagedPolicy => 12,
        Kind::OidcProvider => 13,
    }
}

/// True if the draft changes an object that stays.
fn updates(draft: &Draft<'_>) -> bool {
    match draft.action {
        Action::Update => true,
        Action::Import => draft.fields.iter().any(|field| field.path != "priority"),
        _ => false,
    }
}
