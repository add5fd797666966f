//! Plans for people.

mod change;
mod markdown;
mod moves;
mod notes;

pub(super) use notes::{level as impact_word, quota_lines, touched_lines};

pub use markdown::{TemplateError, markdown, markdown_by, template};

use super::describe::counted;
use super::table::Columns;
use super::text::safe;
use super::{Style, paint, route_changes};
use ingc_planner::Plan;
use ingc_planner::plan::{Action, Change, ImpactLevel, Summary};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Beyond so many changes a stack is a line.
const MOST: usize = 300;

/// The whole plan.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    let stacks: Vec<&[Change]> =
        plan.changes.chunk_by(|a, b| a.address.stack == b.address.stack).collect();
    if stacks.len() > 1 {
        out.push_str(&table(plan, style));
        out.push('\n');
    }
    if plan.changes.len() <= MOST {
        for changes in stacks {
            let _ = writeln!(out, "{}\n", paint::bold(&safe(&changes[0].address.stack)));
            for entry in moves::entries(changes) {
                out.push_str(&match entry {
                    moves::Entry::One(change) => change::text(change, style),
                    moves::Entry::Moves(moved) => moves::text(&moved, style),
                });
                out.push('\n');
            }
        }
    } else {
        let _ = writeln!(out, "Every change: `--target STACK`, or `--output json`.\n");
    }
    if let Some(routing) = &plan.routing {
        let _ = writeln!(out, "{}", route_changes::text(routing, style));
    }
    out.push_str(&notes::text(plan));
    out.push_str(&last_line(plan));
    out.push('\n');
    out
}

/// A line per stack.
fn table(plan: &Plan, style: Style) -> String {
    let columns: Vec<&(Action, &str)> =
        COLUMNS.iter().filter(|(action, _)| count(&plan.summary, *action) > 0).collect();
    let mut titles = vec!["STACK"];
    titles.extend(columns.iter().map(|(_, title)| *title));
    titles.extend(["UNCHANGED", "IMPACT"]);
    let numbers = 1..titles.len() - 1;
    let mut table = Columns::new(&titles, style).whole(0).numbers(numbers);
    let worst = worst(plan);
    for (name, stack) in &plan.stacks {
        let mut row = vec![safe(name).into_owned()];
        let shown = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        row.extend(columns.iter().map(|(action, _)| shown(count(&stack.summary, *action))));
        row.push(shown(stack.summary.unchanged));
        row.push(notes::level(worst.get(name.as_str()).copied().unwrap_or_default()).to_owned());
        table.row(row);
    }
    table.render()
}

/// The worst that traffic feels of each stack's changes.
fn worst(plan: &Plan) -> BTreeMap<&str, ImpactLevel> {
    let mut worst: BTreeMap<&str, ImpactLevel> = BTreeMap::new();
    for change in &plan.changes {
        let level = worst.entry(&change.address.stack).or_default();
        *level = change.impact.level.max(*level);
    }
    worst
}

/// Titles of the columns.
const COLUMNS: [(Action, &str); 7] = [
    (Action::Create, "CREATE"),
    (Action::Update, "UPDATE"),
    (Action::Replace, "REPLACE"),
    (Action::Reorder, "REORDER"),
    (Action::Delete, "DELETE"),
    (Action::Forget, "FORGET"),
    (Action::Import, "IMPORT"),
];

fn count(summary: &Summary, action: Action) -> usize {
    match action {
        Action::NoOp => summary.unchanged,
        Action::Create => summary.create,
        Action::Update => summary.update,
        Action::Replace => summary.replace,
        Action::Reorder => summary.reorder,
        Action::Delete => summary.delete,
        Action::Forget => summary.forget,
        Action::Import => summary.import,
    }
}

/// `Plan: 3 to create, …`, or that there is nothing to do.
pub fn last_line(plan: &Plan) -> String {
    let summary = &plan.summary;
    if plan.is_empty() {
        let what = match plan.frozen.is_empty() {
            true => "No changes.",
            false => "No changes but for what is frozen.",
        };
        return match summary.unchanged {
            0 => what.to_owned(),
            1 => format!("{what} 1 resource is as it shall be."),
            n => format!("{what} {n} resources are as they shall be."),
        };
    }
    let mut parts = vec![
        format!("{} to create", summary.create),
        format!("{} to update", summary.update),
        format!("{} to replace", summary.replace),
    ];
    if summary.reorder > 0 {
        let calls = counted(moves::calls(&plan.changes), "call");
        parts.push(format!("{} to reorder in {calls}", summary.reorder));
    }
    parts.push(format!("{} to delete", summary.delete));
    if summary.forget > 0 {
        parts.push(format!("{} to forget", summary.forget));
    }
    if summary.import > 0 {
        parts.push(format!("{} to import", summary.import));
    }
    let unchanged = match summary.unchanged {
        0 => String::new(),
        n => format!(" {} unchanged.", counted(n, "resource")),
    };
    format!("{} {}.{unchanged}", paint::bold("Plan:"), parts.join(", "))
}
