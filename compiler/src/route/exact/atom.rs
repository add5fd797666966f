//! Atoms of a dimension: the finest classes of texts that the predicates at hand tell apart.

use super::Exceeded;
use super::product::{Product, Relevant};
use super::space::{Field, Space, Test};
use super::universe::{HOST, PATH, Universe};
use fixedbitset::FixedBitSet;
use ipnet::IpNet;
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

/// Texts for which the same predicates hold. Predicates that are neither here nor there do not
/// matter for any of them.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// Predicates that hold; sorted.
    pub(super) holds: Vec<u32>,
    /// Predicates that do not.
    pub(super) fails: FixedBitSet,
    /// One such text; none if it does not matter what becomes of them.
    pub(super) witness: Option<String>,
}

/// What a dimension is split by.
pub(super) struct Split<'f> {
    pub(super) field: Field,
    /// Predicates; sorted.
    pub(super) predicates: &'f [u32],
    /// Predicates that matter where these are known to hold.
    pub(super) relevant: &'f dyn Fn(&FixedBitSet) -> FixedBitSet,
    /// True if texts for which these are known to hold are of no interest.
    pub(super) settled: &'f dyn Fn(&FixedBitSet) -> bool,
    /// Predicates that do not matter where one of these holds.
    pub(super) dominated: &'f FxHashMap<u32, FixedBitSet>,
    /// Predicates of which one must hold: all other texts are of no interest, and neither are those
    /// for which one of `takers` holds.
    pub(super) required: &'f [u32],
    pub(super) takers: &'f FixedBitSet,
    /// True if requests come over IPv6 too.
    pub(super) ipv6: bool,
}

impl Split<'_> {
    /// The atoms, each with a witness.
    pub(super) fn atoms(&self, space: &Space, budget: &mut usize) -> Result<Vec<Atom>, Exceeded> {
        match self.field {
            Field::Host => self.texts(space, &HOST, budget),
            Field::Path => self.texts(space, &PATH, budget),
            Field::Source => Ok(self.addresses(space)),
            _ => Ok(self.methods(space)),
        }
    }

    fn texts(
        &self,
        space: &Space,
        universe: &'static Universe,
        budget: &mut usize,
    ) -> Result<Vec<Atom>, Exceeded> {
        let mut atoms = Atoms::default();
        let mut settled = Vec::new();
        let relevant: &mut Relevant<'_> = &mut |known| {
            let relevant = (self.relevant)(known);
            if (self.settled)(known) {
                settled.push(relevant.intersection(known).collect::<Vec<_>>());
                return None;
            }
            Some(relevant)
        };
        let mut product = Product::new(space.chains(self.predicates.iter().copied()), universe)?
            .dominated(self.dominated)
            .required(self.required);
        product.explore(relevant, budget, &mut |matched, text| {
            atoms.add(self, &matched, text);
            ControlFlow::Continue(())
        })?;
        for text in universe.preferred.iter().rev() {
            let matched = product.matching(text);
            atoms.prefer(self, &matched, text);
        }
        // Texts that were left out are atoms of which no more is known: a predicate holds that
        // settles it, or nothing that is required does.
        let number = |id: usize| u32::try_from(id).unwrap_or(0);
        let mut left_out: Vec<(Vec<u32>, FixedBitSet)> = Vec::new();
        left_out.extend(
            settled
                .into_iter()
                .map(|holds| (holds.into_iter().map(number).collect(), FixedBitSet::new())),
        );
        if let Some(takers) = product.lost {
            let takers = takers.intersection(self.takers).collect::<Vec<_>>();
            left_out.extend(takers.into_iter().map(|id| (vec![number(id)], FixedBitSet::new())));
            let required = self.required.iter().map(|id| *id as usize);
            left_out.push((Vec::new(), required.collect()));
        }
        let left_out =
            left_out.into_iter().map(|(holds, fails)| Atom { holds, fails, witness: None });
        atoms.list.extend(left_out);
        Ok(atoms.list)
    }

    fn methods(&self, space: &Space) -> Vec<Atom> {
        let mut atoms = Atoms::default();
        let named: Vec<(u32, &str)> = self
            .predicates
            .iter()
            .filter_map(|id| match &space.predicates[*id as usize].test {
                Test::Method(method) => Some((*id, method.as_str())),
                _ => None,
            })
            .collect();
        for (id, method) in &named {
            if is_token(method) {
                atoms.add(self, &FixedBitSet::from_iter([*id as usize]), &|| (*method).to_owned());
            }
        }
        let usual = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"];
        let free = |method: &&str| !named.iter().any(|(_, name)| name == method);
        let other = usual.into_iter().find(free).map_or_else(
            || {
                let longest = named.iter().map(|(_, name)| name.len()).max().unwrap_or(0);
                "X".repeat(longest + 1)
            },
            str::to_owned,
        );
        atoms.add(self, &FixedBitSet::new(), &|| other.clone());
        atoms.list
    }

    /// Blocks lie within each other or apart, so that classes are blocks without smaller ones.
    fn addresses(&self, space: &Space) -> Vec<Atom> {
        let mut atoms = Atoms::default();
        let blocks: Vec<(u32, IpNet)> = self
            .predicates
            .iter()
            .filter_map(|id| match &space.predicates[*id as usize].test {
                Test::Block(block) => Some((*id, *block)),
                _ => None,
            })
            .collect();
        let mut families = vec![(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(DOCUMENTATION))];
        if self.ipv6 {
            families.push((IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(DOCUMENTATION_6)));
        }
        for (lowest, preferred) in families {
            // Whatever block an address is in starts or ends somewhere at or before it.
            let after = blocks.iter().filter_map(|(_, block)| next(block.broadcast()));
            let starts = blocks.iter().map(|(_, block)| block.network());
            let inner = blocks.iter().filter_map(|(_, block)| block.hosts().next());
            let borders = starts.chain(after).filter(|a| a.is_ipv4() == lowest.is_ipv4());
            let inner = inner.filter(|a| a.is_ipv4() == lowest.is_ipv4());
            let mut candidates: Vec<_> = borders.collect();
            candidates.sort();
            candidates.dedup();
            for address in [preferred].into_iter().chain(inner).chain([lowest]).chain(candidates) {
                let held = blocks.iter().filter(|(_, block)| block.contains(&address));
                let held = FixedBitSet::from_iter(held.map(|(id, _)| *id as usize));
                atoms.add(self, &held, &|| address.to_string());
            }
        }
        atoms.list
    }
}

const DOCUMENTATION: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const DOCUMENTATION_6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => u32::from(a).checked_add(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(a) => u128::from(a).checked_add(1).map(|next| Ipv6Addr::from(next).into()),
    }
}

/// What a method may be, as HTTP says it.
fn is_token(text: &str) -> bool {
    let other = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || other.contains(&b))
}

#[derive(Default)]
struct Atoms {
    list: Vec<Atom>,
    seen: FxHashMap<(Vec<u32>, Vec<u32>), usize>,
    /// What was matched before, which most texts do.
    matched: FxHashSet<FixedBitSet>,
}

impl Atoms {
    fn add(&mut self, split: &Split<'_>, matched: &FixedBitSet, witness: &dyn Fn() -> String) {
        if self.matched.contains(matched) {
            return;
        }
        self.matched.insert(matched.clone());
        let key = signature(split, matched);
        if self.seen.contains_key(&key) {
            return;
        }
        let fails = FixedBitSet::from_iter(key.1.iter().map(|id| *id as usize));
        self.list.push(Atom { holds: key.0.clone(), fails, witness: Some(witness()) });
        self.seen.insert(key, self.list.len() - 1);
    }

    /// Takes a text for the witness of its atom, unless that is a pattern's.
    fn prefer(&mut self, split: &Split<'_>, matched: &FixedBitSet, witness: &str) {
        let (holds, fails) = signature(split, matched);
        let atom = self.seen.get(&(holds, fails)).map(|at| &mut self.list[*at]);
        if let Some(atom) = atom.filter(|atom| atom.holds.is_empty()) {
            atom.witness = Some(witness.to_owned());
        }
    }
}

/// What holds and what does not, of what matters.
fn signature(split: &Split<'_>, matched: &FixedBitSet) -> (Vec<u32>, Vec<u32>) {
    let meets = |id: &u32| matched.contains(*id as usize);
    if !split.required.is_empty() && !split.required.iter().any(meets) {
        return (Vec::new(), split.required.to_vec());
    }
    let relevant = (split.relevant)(matched);
    let ids = || split.predicates.iter().filter(|id| relevant.contains(**id as usize)).copied();
    ids().partition(|id| matched.contains(*id as usize))
}
