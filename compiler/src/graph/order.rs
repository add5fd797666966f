//! A total order in which everything stands behind what it needs.

use petgraph::algo::tarjan_scc;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Display;

/// Nodes that need each other, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleError<N>(pub Vec<N>);

impl<N: Display> Display for CycleError<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "these need each other: {}", names.join(", "))
    }
}

/// All nodes, each behind what its edges lead to; ties are broken by the node's own order, so
/// that the same graph gives the same order however it was built.
pub fn order<N: Ord + Clone, E>(graph: &StableDiGraph<N, E>) -> Result<Vec<N>, CycleError<N>> {
    let bound = graph.node_indices().map(|node| node.index() + 1).max().unwrap_or(0);
    let mut waiting = vec![0usize; bound];
    let mut ready: BinaryHeap<Reverse<(&N, NodeIndex)>> = BinaryHeap::new();
    for node in graph.node_indices() {
        waiting[node.index()] = graph.neighbors(node).count();
        if waiting[node.index()] == 0 {
            ready.push(Reverse((&graph[node], node)));
        }
    }
    let mut ordered = Vec::with_capacity(graph.node_count());
    while let Some(Reverse((name, node))) = ready.pop() {
        ordered.push(name.clone());
        for edge in graph.edges_directed(node, petgraph::Direction::Incoming) {
            let count = &mut waiting[edge.source().index()];
            *count -= 1;
            if *count == 0 {
                ready.push(Reverse((&graph[edge.source()], edge.source())));
            }
        }
    }
    if ordered.len() == graph.node_count() {
        return Ok(ordered);
    }
    let cycle =
        tarjan_scc(graph).into_iter().find(|component| component.len() > 1).unwrap_or_default();
    let mut names: Vec<N> = cycle.into_iter().map(|node| graph[node].clone()).collect();
    names.sort();
    Err(CycleError(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first_and_ties_go_by_name() {
        let mut graph = StableDiGraph::new();
        let [c, b, a] = ["c", "b", "a"].map(|n| graph.add_node(n));
        graph.add_edge(a, c, ());
        assert_eq!(order(&graph), Ok(vec!["b", "c", "a"]));
        graph.add_edge(c, a, ());
        assert_eq!(order(&graph), Err(CycleError(vec!["a", "c"])));
        let _ = b;
    }
}
