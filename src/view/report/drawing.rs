//! The graph of a stack as SVG.

use super::layout::{PITCH, column, tops};
use crate::view::describe;
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::plan::Action;
use ingc_planner::state::each_ref;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const WIDTH: f64 = 208.0;
const HEIGHT: f64 = 44.0;
const GAP: f64 = 48.0;
const MARGIN: f64 = 12.0;
/// Room for the columns' titles.
const HEAD: f64 = 26.0;
/// Characters that fit into a resource's box, in bold and below.
const FITTING: (usize, usize) = (25, 27);
/// The columns' titles.
const TITLES: [&str; 6] =
    ["Security groups", "Load balancers", "Listeners", "Rules", "Target groups", "Bindings"];
/// More than this nobody can read in a drawing.
const MOST: usize = 400;

/// A resource of the drawing.
pub(super) struct Node {
    /// Its address. A rule that is deleted may have that of another one.
    pub(super) address: Address,
    /// What happens to it.
    pub(super) action: Action,
    /// Its spec.
    pub(super) spec: Value,
    /// The element on the page that tells more.
    pub(super) anchor: Option<String>,
}

/// The drawing; none where there is nothing to see, or too much.
pub(super) fn svg(nodes: &[Node]) -> Option<String> {
    let addresses: Vec<Address> = nodes.iter().map(|node| node.address.clone()).collect();
    if addresses.len() < 2 || addresses.len() > MOST {
        return None;
    }
    let edges = edges(nodes);
    let tops = tops(&addresses, &edges);
    let used: BTreeSet<usize> = addresses.iter().map(|address| column(address.kind)).collect();
    let x = |node: usize| {
        let own = column(addresses[node].kind);
        let before = used.iter().filter(|column| **column < own).count();
        MARGIN + before as f64 * (WIDTH + GAP)
    };
    let y = |node: usize| MARGIN + HEAD + tops.get(&node).copied().unwrap_or_default();
    let width = 2.0 * MARGIN + used.len() as f64 * (WIDTH + GAP) - GAP;
    let lowest = (0..addresses.len()).map(y).fold(0.0, f64::max);
    let height = lowest + HEIGHT + MARGIN;
    let mut out = format!(
        "<svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"Resources and what leads to what\">\n"
    );
    for (index, column) in used.iter().enumerate() {
        let x = MARGIN + index as f64 * (WIDTH + GAP);
        let title = TITLES.get(*column).copied().unwrap_or_default();
        let _ = writeln!(
            out,
            "<text class=\"column\" x=\"{x:.0}\" y=\"{:.0}\">{title}</text>",
            MARGIN + 12.0
        );
    }
    for &(from, to) in &edges {
        let (from, to) = if x(from) <= x(to) { (from, to) } else { (to, from) };
        let far = x(to) - x(from) > WIDTH + GAP + 1.0;
        let (x1, y1) = (x(from) + WIDTH, y(from) + HEIGHT / 2.0);
        let (x2, y2) = (x(to), y(to) + HEIGHT / 2.0);
        let bend = ((x2 - x1) / 2.0).max(GAP / 2.0);
        let class = if far { "edge far" } else { "edge" };
        let _ = writeln!(
            out,
            "<path class=\"{class}\" d=\"M{x1:.0} {y1:.0}C{:.0} {y1:.0} {:.0} {y2:.0} {x2:.0} {y2:.0}\"/>",
            x1 + bend,
            x2 - bend
        );
    }
    for (index, node) in nodes.iter().enumerate() {
        draw(node, x(index), y(index), &mut out);
    }
    out.push_str("</svg>");
    Some(out)
}

fn draw(node: &Node, x: f64, y: f64, out: &mut String) {
    let address = &node.address;
    let what = describe::resource(address.kind, &node.spec);
    let (title, below) = match address.kind {
        Kind::LoadBalancer => {
            (text(&node.spec, "name", &address.id), text(&node.spec, "scheme", ""))
        }
        Kind::SecurityGroup => (text(&node.spec, "groupName", &address.id), address.id.to_string()),
        Kind::ListenerRule => {
            (describe::conditions(&node.spec["conditions"]), format!("rule {}", address.id))
        }
        Kind::Listener | Kind::TargetGroup | Kind::TargetGroupBinding => {
            (address.id.to_string(), what.clone())
        }
        _ => (address.kind.to_string(), what.clone()),
    };
    let action = node.action.as_str();
    if let Some(anchor) = &node.anchor {
        let _ = write!(out, "<a href=\"#{anchor}\">");
    }
    let _ = write!(
        out,
        "<g class=\"node {action}\"><title>{}</title><rect x=\"{x:.0}\" y=\"{y:.0}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>",
        escaped(&format!("{} {}: {what} ({action})", address.kind, address.id)),
    );
    let lines = [("name", cut(&title, FITTING.0), 18.0), ("what", cut(&below, FITTING.1), 34.0)];
    for (class, line, down) in lines {
        let _ = write!(
            out,
            "<text class=\"{class}\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            x + 10.0,
            y + down,
            escaped(&line)
        );
    }
    out.push_str("</g>");
    if node.anchor.is_some() {
        out.push_str("</a>");
    }
    out.push('\n');
}

fn text(spec: &Value, field: &str, otherwise: &str) -> String {
    spec[field].as_str().unwrap_or(otherwise).to_owned()
}

/// Long texts lose their middle: ids differ at both ends.
fn cut(text: &str, fitting: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= fitting {
        return text.to_owned();
    }
    let tail = fitting / 3;
    let (head, rest) = characters.split_at(fitting - 1 - tail);
    let end = rest.len() - tail;
    head.iter().chain(&['…']).chain(&rest[end..]).collect()
}

/// Text for HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What leads to what, by the references in specs.
fn edges(nodes: &[Node]) -> Vec<(usize, usize)> {
    let mut index: BTreeMap<&Address, usize> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        if node.action != Action::Delete || !index.contains_key(&node.address) {
            index.insert(&node.address, at);
        }
    }
    let mut found = BTreeSet::new();
    for (at, node) in nodes.iter().enumerate() {
        let mut spec = node.spec.clone();
        each_ref(&mut spec, &mut |reference| {
            let needed = resolve_ref(&node.address.stack, reference);
            found.extend(index.get(&needed).map(|from| (*from, at)));
            None
        });
    }
    found.into_iter().collect()
}

const _: () = assert!(PITCH > HEIGHT);
