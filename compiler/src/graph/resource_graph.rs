//! The dependency graph over all stacks, with edges made from references and from nothing else.

use super::{Resource, Stack, resolve_ref};
use crate::resource::Address;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use std::collections::BTreeMap;

/// Every resource with what it needs. An edge leads from a resource to what must exist before it.
#[derive(Debug, Default)]
pub struct ResourceGraph {
    graph: StableDiGraph<Address, ()>,
    nodes: BTreeMap<Address, NodeIndex>,
    resources: BTreeMap<Address, Resource>,
}

impl ResourceGraph {
    /// From the stacks of a compilation.
    pub fn new(stacks: impl IntoIterator<Item = Stack>) -> Self {
        let mut graph = ResourceGraph::default();
        for stack in stacks {
            for (address, resource) in stack.resources {
                let node = graph.graph.add_node(address.clone());
                graph.nodes.insert(address.clone(), node);
                graph.resources.insert(address, resource);
            }
        }
        let edges: Vec<_> = graph
            .resources
            .iter()
            .flat_map(|(address, resource)| {
                resource
                    .refs()
                    .into_iter()
                    .map(|r| (address.clone(), resolve_ref(&address.stack, &r)))
            })
            .collect();
        for (from, to) in edges {
            if let (Some(&from), Some(&to)) = (graph.nodes.get(&from), graph.nodes.get(&to)) {
                graph.graph.update_edge(from, to, ());
            }
        }
        graph
    }

    /// The resource of an address.
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        self.resources.get(address)
    }

    /// All resources by address.
    pub fn resources(&self) -> &BTreeMap<Address, Resource> {
        &self.resources
    }

    /// What a resource needs, sorted.
    pub fn dependencies(&self, address: &Address) -> Vec<&Address> {
        let Some(&node) = self.nodes.get(address) else { return Vec::new() };
        let mut found: Vec<_> = self.graph.neighbors(node).map(|n| &self.graph[n]).collect();
        found.sort();
        found
    }

    /// The graph itself, for its algorithms and for `dot`.
    pub fn petgraph(&self) -> &StableDiGraph<Address, ()> {
        &self.graph
    }
}
