//! Atoms in the words of the rules: a set of atoms as few cubes, each of predicates that hold and
//! predicates that do not.

use super::atom::Atom;

/// Texts for which the first predicates hold and the second do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cube {
    /// Sorted.
    pub(super) positive: Vec<u32>,
    /// Sorted.
    pub(super) negative: Vec<u32>,
}

/// Cubes that together hold exactly the selected atoms. `precise` says how much a predicate asks
/// for: where one of two can go, the more precise one does, so that cubes are large.
pub(super) fn cover(
    atoms: &[Atom],
    selected: &[bool],
    precise: &dyn Fn(u32) -> usize,
) -> Vec<Cube> {
    let chosen = |(atom, selected): (&Atom, &bool)| selected.then_some(()).map(|()| atom.clone());
    let mut open: Vec<Atom> = atoms.iter().zip(selected).filter_map(chosen).collect();
    let others: Vec<&Atom> =
        atoms.iter().zip(selected).filter(|(_, selected)| !**selected).map(|(a, _)| a).collect();
    open.sort_by_key(|atom| atom.holds.len());
    let mut cubes = Vec::new();
    while !open.is_empty() {
        let cube = widest(&open[0], &others, precise);
        open.retain(|atom| !cube.holds_all(atom));
        cubes.push(cube);
    }
    cubes.sort();
    cubes
}

impl Cube {
    /// True if every text of the atom is in the cube.
    fn holds_all(&self, atom: &Atom) -> bool {
        self.positive.iter().all(|id| atom.holds.binary_search(id).is_ok())
            && self.negative.iter().all(|id| atom.fails.contains(*id as usize))
    }
}

/// A cube with the whole atom and nothing of the others, from which no predicate can go.
fn widest(atom: &Atom, others: &[&Atom], precise: &dyn Fn(u32) -> usize) -> Cube {
    let mut negative: Vec<u32> =
        atom.fails.ones().map(|id| u32::try_from(id).unwrap_or(0)).collect();
    let mut positive = atom.holds.clone();
    negative.sort_by_key(|id| std::cmp::Reverse(precise(*id)));
    positive.sort_by_key(|id| std::cmp::Reverse(precise(*id)));
    // How many predicates keep each of the others out. It must stay above zero.
    let mut against: Vec<usize> = others
        .iter()
        .map(|other| {
            positive.iter().filter(|id| other.fails.contains(**id as usize)).count()
                + other.holds.iter().filter(|id| atom.fails.contains(**id as usize)).count()
        })
        .collect();
    negative.retain(|id| {
        let out = |other: &Atom| other.holds.binary_search(id).is_ok();
        keep(others, &mut against, &out)
    });
    positive.retain(|id| {
        let out = |other: &Atom| other.fails.contains(*id as usize);
        keep(others, &mut against, &out)
    });
    negative.sort_unstable();
    positive.sort_unstable();
    Cube { positive, negative }
}

/// Whether a predicate must stay, since it alone keeps out one of the others; if not, it goes.
fn keep(others: &[&Atom], against: &mut [usize], out: &dyn Fn(&Atom) -> bool) -> bool {
    let alone = others.iter().zip(&*against).any(|(other, count)| *count == 1 && out(other));
    if !alone {
        for (other, count) in others.iter().zip(against) {
            *count -= usize::from(out(other));
        }
    }
    alone
}
