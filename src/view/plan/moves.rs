//! Rules that only get other numbers: however many, they move in one call per listener.

use super::change::{hanging, reason};
use crate::view::describe::{self, counted};
use crate::view::text::safe;
use crate::view::{Style, paint};
use ingc_compiler::resource::{Address, Kind};
use ingc_planner::plan::{Action, Change};

/// Longer runs of rules are told by their ends.
const SHORT_RUN: usize = 2;

/// As many runs of a listener are listed.
const RUNS: usize = 12;

/// Changes that are told together, or one.
pub(super) enum Entry<'p> {
    /// A change of its own.
    One(&'p Change),
    /// Rules of one listener that move, by their number of before.
    Moves(Vec<&'p Change>),
}

/// The changes of a stack in the order in which they are told: rules by their numbers, and those
/// that move together at the place of the first of them.
pub(super) fn entries(changes: &[Change]) -> Vec<Entry<'_>> {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_cached_key(|change| {
        let (port, number) = place(&change.address).unwrap_or_default();
        (change.address.kind, port, number)
    });
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut moving: Vec<(&str, usize)> = Vec::new();
    for change in sorted {
        if change.action != Action::Reorder {
            entries.push(Entry::One(change));
            continue;
        }
        let listener = listener(&change.address);
        match moving.iter().find(|(name, _)| *name == listener) {
            Some(&(_, at)) => {
                if let Entry::Moves(moves) = &mut entries[at] {
                    moves.push(change);
                }
            }
            None => {
                moving.push((listener, entries.len()));
                entries.push(Entry::Moves(vec![change]));
            }
        }
    }
    for entry in &mut entries {
        if let Entry::Moves(moves) = entry {
            moves.sort_by_key(|change| numbers(change).0);
        }
    }
    entries
}

/// How many calls move rules.
pub(super) fn calls(changes: &[Change]) -> usize {
    let moved = changes.iter().filter(|change| change.action == Action::Reorder);
    let mut listeners: Vec<_> =
        moved.map(|change| (&change.address.stack, listener(&change.address))).collect();
    listeners.sort();
    listeners.dedup();
    listeners.len()
}

/// Rules of one listener that move, in a few lines.
pub(super) fn text(moves: &[&Change], style: Style) -> String {
    let listener = moves.first().map_or("", |change| listener(&change.address));
    let count = counted(moves.len(), "rule");
    let verb = if moves.len() == 1 { "moves" } else { "move, in one call" };
    let name = paint::bold(&safe(listener));
    let mut lines = vec![format!("  {} Listener {name}: {count} {verb}", paint::cyan("↕"))];
    let runs = runs(moves);
    for run in runs.iter().take(RUNS) {
        if run.len() > SHORT_RUN {
            let ends = [run[0], run[run.len() - 1]].map(numbers);
            let [(first, to_first), (last, to_last)] = ends;
            lines.push(format!("      {first}…{last} → {to_first}…{to_last}"));
            continue;
        }
        for change in *run {
            let (before, after) = numbers(change);
            let spec = change.after.as_ref().or(change.before.as_ref()).map(|spec| spec.value());
            let what = describe::resource(Kind::ListenerRule, &spec.unwrap_or_default());
            lines.extend(hanging(&safe(&format!("{before} → {after}  ({what})")), style));
        }
    }
    if runs.len() > RUNS {
        let rest: usize = runs.iter().skip(RUNS).map(|run| run.len()).sum();
        lines.push(format!("      and {}", counted(rest, "more rule")));
    }
    if let Some(why) = moves.iter().flat_map(|change| &change.reasons).next() {
        lines.extend(reason(why, style));
    }
    lines.join("\n") + "\n"
}

/// Rules that stand one behind the other and go on doing so.
fn runs<'m, 'p>(moves: &'m [&'p Change]) -> Vec<&'m [&'p Change]> {
    let together = |a: &&Change, b: &&Change| {
        let ((a, to_a), (b, to_b)) = (numbers(a), numbers(b));
        b == a + 1 && to_b == to_a + 1
    };
    moves.chunk_by(together).collect()
}

/// The rule's number before and after.
fn numbers(change: &Change) -> (i64, i64) {
    let field = change.fields.iter().find(|field| field.path == "priority");
    let number = |value: Option<&serde_json::Value>| value.and_then(|value| value.as_i64());
    let before = field.and_then(|field| number(field.before.as_ref()));
    let after = field.and_then(|field| number(field.after.as_ref()));
    (before.unwrap_or_default(), after.unwrap_or_default())
}

/// Listener and number of a rule.
fn place(address: &Address) -> Option<(u32, u32)> {
    let (port, number) = address.id.split_once(':')?;
    Some((port.parse().ok()?, number.parse().ok()?)).filter(|_| address.kind == Kind::ListenerRule)
}

fn listener(address: &Address) -> &str {
    address.id.split(':').next().unwrap_or_default()
}
