//! Where the resources of a stack stand in a drawing: a column per step of a request's way, in each
//! column as near to what they belong to as the others allow.

use ingc_compiler::resource::{Address, Kind};
use std::collections::BTreeMap;

/// Distance of two resources in a column, from top to top.
pub(super) const PITCH: f64 = 58.0;

/// The column of a kind, on the way of a request from left to right.
pub(super) fn column(kind: Kind) -> usize {
    match kind {
        Kind::SecurityGroup | Kind::Certificate | Kind::OidcProvider | Kind::ManagedPolicy => 0,
        Kind::LoadBalancer | Kind::Role => 1,
        Kind::Listener
        | Kind::WebAclAssociation
        | Kind::WafRegionalWebAclAssociation
        | Kind::Protection => 2,
        Kind::ListenerRule => 3,
        Kind::TargetGroup => 4,
        Kind::TargetGroupBinding | Kind::FrontendNlbTargetGroups => 5,
    }
}

/// The column that sets the order: rules are read from top to bottom.
const RULES: usize = 3;

/// The columns in which places are found, each with the one that it follows.
const FOLLOW: [(usize, usize); 5] = [(4, RULES), (5, 4), (2, RULES), (1, 2), (0, 1)];

/// The tops of all resources, the first at 0. Edges join neighbours.
pub(super) fn tops(nodes: &[Address], edges: &[(usize, usize)]) -> BTreeMap<usize, f64> {
    let mut tops: BTreeMap<usize, f64> = BTreeMap::new();
    let of = |wanted: usize| {
        let mut found: Vec<usize> =
            (0..nodes.len()).filter(|node| column(nodes[*node].kind) == wanted).collect();
        found.sort_by_key(|node| rank(&nodes[*node]));
        found
    };
    for (index, node) in of(RULES).into_iter().enumerate() {
        tops.insert(node, index as f64 * PITCH);
    }
    for (wanted, followed) in FOLLOW {
        let wishes = of(wanted).into_iter().enumerate().map(|(index, node)| {
            let near = edges.iter().filter_map(|&(a, b)| match (a == node, b == node) {
                (true, false) => Some(b),
                (false, true) => Some(a),
                _ => None,
            });
            let near: Vec<f64> = near
                .filter(|other| column(nodes[*other].kind) == followed)
                .filter_map(|other| tops.get(&other).copied())
                .collect();
            let own = index as f64 * PITCH;
            let wish = if near.is_empty() { own } else { mean(&near) };
            (node, wish)
        });
        let placed = place(wishes.collect());
        tops.extend(placed);
    }
    let top = tops.values().copied().fold(f64::INFINITY, f64::min);
    tops.values_mut().for_each(|place| *place -= top);
    tops
}

/// Rules by listener and number, all else by its id.
fn rank(address: &Address) -> (String, u32) {
    match address.id.rsplit_once(':').map(|(head, number)| (head, number.parse())) {
        Some((head, Ok(number))) if address.kind == Kind::ListenerRule => (head.to_owned(), number),
        _ => (address.id.to_string(), 0),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Places as near to the wishes as the distance allows, without preferring those above.
fn place(mut wishes: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    wishes.sort_by(|(a, x), (b, y)| x.total_cmp(y).then(a.cmp(b)));
    // Resources that touch are one block, which stands where its members wish on average.
    let mut blocks: Vec<(Vec<usize>, f64)> = Vec::new();
    for (node, wish) in wishes {
        blocks.push((vec![node], wish));
        while let [.., (above, top), (below, next)] = blocks.as_slice() {
            let height = above.len() as f64 * PITCH;
            if top + height <= *next {
                break;
            }
            let (m, n) = (above.len() as f64, below.len() as f64);
            let joined = (m * top + n * (next - height)) / (m + n);
            let (below, _) = blocks.pop().unwrap_or_default();
            if let Some((above, top)) = blocks.last_mut() {
                above.extend(below);
                *top = joined;
            }
        }
    }
    let placed = blocks.into_iter().flat_map(|(nodes, top)| {
        nodes.into_iter().enumerate().map(move |(i, node)| (node, top + i as f64 * PITCH))
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_near_their_wishes_and_never_overlap() {
        let check = |wishes: &[f64], expected: &[f64]| {
            let placed = place(wishes.iter().copied().enumerate().collect());
            let places: Vec<f64> = placed.into_iter().map(|(_, place)| place).collect();
            assert_eq!(places, expected);
        };
        check(&[], &[]);
        check(&[0.0, 200.0], &[0.0, 200.0]);
        check(&[100.0, 100.0], &[100.0 - PITCH / 2.0, 100.0 + PITCH / 2.0]);
        check(&[0.0, 0.0, 0.0], &[-PITCH, 0.0, PITCH]);
    }

    #[test]
    fn rules_stand_in_their_order_and_target_groups_beside_them() {
        let node = |kind, id: &str| Address::new("edge", kind, id);
        let nodes = [
            node(Kind::ListenerRule, "443:10"),
            node(Kind::ListenerRule, "443:2"),
            node(Kind::TargetGroup, "a"),
            node(Kind::TargetGroup, "b"),
            node(Kind::Listener, "443"),
        ];
        let tops = tops(&nodes, &[(0, 2), (1, 3), (4, 0), (4, 1)]);
        assert_eq!((tops[&1], tops[&0]), (0.0, PITCH));
        assert_eq!((tops[&3], tops[&2]), (0.0, PITCH));
        assert_eq!(tops[&4], PITCH / 2.0);
    }
}
