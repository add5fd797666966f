//! Compiled stacks for people: a table per stack, and the graph for Graphviz.

use super::describe::{self, counted};
use super::table::{self, Columns};
use super::text::safe;
use super::{Style, paint};
use ingc_compiler::graph::{ResourceGraph, Stack};
use ingc_compiler::resource::{Address, Kind, Spec};
use ingc_compiler::tag;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Beyond so many resources a stack is a line.
const MOST: usize = 400;

/// A table per stack, or a line per stack where there are many.
pub fn tables(stacks: &BTreeMap<String, Stack>, style: Style) -> String {
    let resources: usize = stacks.values().map(|stack| stack.resources.len()).sum();
    if resources > MOST {
        return folded(stacks, style);
    }
    stacks.values().map(|stack| one(stack, style)).collect::<Vec<_>>().join("\n")
}

fn one(stack: &Stack, style: Style) -> String {
    let mut text = format!("{}\n", paint::bold(&safe(&stack.id)));
    if stack.id == tag::CLUSTER_STACK {
        text.push_str("  shared by all groups of the cluster\n");
    }
    for member in &stack.members {
        let hosts = match member.hosts.as_slice() {
            [] => String::new(),
            hosts => format!(" ({})", hosts.join(", ")),
        };
        let line = format!("  Ingress {}{hosts}, {}\n", member.ingress, member.position);
        text.push_str(&safe(&line));
    }
    let rows: Vec<_> = stack
        .resources
        .iter()
        .filter(|(_, resource)| !is_empty(&resource.spec))
        .map(|(address, resource)| {
            let spec = serde_json::to_value(&resource.spec).unwrap_or_default();
            let what = describe::resource(address.kind, &spec);
            (address.kind.to_string(), address.id.to_string(), what)
        })
        .collect();
    text + &table::resources(&rows, style)
}

/// The record that the controller keeps in every stack says nothing where there is no frontend NLB.
fn is_empty(spec: &Spec) -> bool {
    matches!(spec, Spec::FrontendNlbTargetGroups(record) if record.target_groups.is_empty())
}

fn folded(stacks: &BTreeMap<String, Stack>, style: Style) -> String {
    let titles = ["STACK", "INGRESSES", "LISTENERS", "RULES", "TARGET GROUPS"];
    let mut table = Columns::new(&titles, style).numbers(1..5).whole(0);
    for stack in stacks.values() {
        let count = |kind| stack.resources.keys().filter(|address| address.kind == kind).count();
        let numbers = [
            stack.members.len(),
            count(Kind::Listener),
            count(Kind::ListenerRule),
            count(Kind::TargetGroup),
        ];
        let cells = std::iter::once(safe(&stack.id).into_owned());
        table.row(cells.chain(numbers.map(|number| number.to_string())).collect());
    }
    let resources = stacks.values().map(|stack| stack.resources.len()).sum();
    let sum = format!("{}, {}", counted(stacks.len(), "stack"), counted(resources, "resource"));
    table.render() + "\n" + &sum + "\n"
}

/// The graph in Graphviz's language: an arrow leads to what must exist before.
pub fn dot(stacks: &BTreeMap<String, Stack>) -> String {
    let graph = ResourceGraph::new(stacks.values().cloned());
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "digraph ingc {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for (number, stack) in stacks.values().enumerate() {
        let _ = writeln!(text, "  subgraph cluster_{number} {{");
        let _ = writeln!(text, "    label={};", quoted(&stack.id));
        for address in stack.resources.keys() {
            let label = format!("{}\n{}", address.kind, address.id);
            let label = quoted(&label).replace('\n', "\\n");
            let _ = writeln!(text, "    {} [label={label}];", quoted(&address.to_string()));
        }
        text.push_str("  }\n");
    }
    let addresses: Vec<&Address> = graph.resources().keys().collect();
    for address in addresses {
        for needed in graph.dependencies(address) {
            let (from, to) = (quoted(&address.to_string()), quoted(&needed.to_string()));
            let _ = writeln!(text, "  {from} -> {to};");
        }
    }
    text + "}\n"
}
