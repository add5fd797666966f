//! The page: what the template is given.

use super::drawing::{self, Node};
use crate::view::plan::{impact_word, last_line, quota_lines, touched_lines};
use crate::view::text::{safe, short};
use crate::view::{Style, describe, route_changes, value};
use ingc_compiler::resource::Address;
use ingc_compiler::route::{RoutingChange, RoutingReport, RoutingStatus};
use ingc_planner::plan::{Action, Change, FieldChange, ImpactLevel, Reason, Summary};
use ingc_planner::state::{StackState, local_address};
use ingc_planner::{Plan, State};
use minijinja::value::{Serde, Value as Safe};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TEMPLATE: &str = include_str!("../templates/report.html.j2");

#[derive(Serialize)]
struct Page {
    cluster: String,
    account: String,
    region: String,
    verdict: String,
    counts: Vec<(&'static str, usize)>,
    notes: Vec<Note>,
    routing: Option<Routing>,
    stacks: Vec<Stack>,
    actions: Vec<&'static str>,
    steps: Vec<(String, String, Option<String>)>,
    version: &'static str,
}

/// Which requests are answered differently.
#[derive(Serialize)]
struct Routing {
    status: RoutingStatus,
    verdict: String,
    not_compared: Vec<String>,
    changes: Vec<Route>,
}

#[derive(Serialize)]
struct Route {
    listener: String,
    action: &'static str,
    requests: String,
    answers: String,
    example: String,
    places: Option<String>,
}

#[derive(Serialize)]
struct Stack {
    id: String,
    anchor: String,
    ingresses: Vec<String>,
    counts: Vec<(&'static str, usize)>,
    drawing: Option<Safe>,
    changes: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    anchor: String,
    action: &'static str,
    kind: &'static str,
    id: String,
    was: Option<String>,
    what: String,
    fields: Vec<Row>,
    spec: Vec<String>,
    reasons: Vec<(Safe, String)>,
    impact: Option<(&'static str, String)>,
}

#[derive(Serialize)]
struct Row {
    path: String,
    before: String,
    after: String,
    remarks: Vec<&'static str>,
}

#[derive(Serialize)]
struct Note {
    level: &'static str,
    title: &'static str,
    lines: Vec<(Safe, String)>,
}

/// The page. The state is the one that the plan was made for: what stays as it is stands there.
///
/// # Errors
/// If the template does not fit, which a test excludes.
pub fn html(plan: &Plan, state: &State) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", TEMPLATE)?;
    let stacks: Vec<Stack> = stacks(plan, state);
    let actions: Vec<&'static str> = ACTIONS
        .iter()
        .map(|action| action.as_str())
        .filter(|action| {
            stacks.iter().flat_map(|stack| &stack.changes).any(|c| c.action == *action)
        })
        .collect();
    let steps = plan.steps.iter().map(|step| {
        let operation = serde_json::to_value(&step.operation).unwrap_or_default();
        let verb = operation["do"].as_str().unwrap_or_default().replace('-', " ");
        let gap = step.gap.as_ref().map(|gap| safe(gap).into_owned());
        (verb, short(&step.address), gap)
    });
    let page = Page {
        cluster: safe(&plan.cluster).into_owned(),
        account: safe(&plan.account).into_owned(),
        region: safe(&plan.region).into_owned(),
        verdict: anstream::adapter::strip_str(&last_line(plan)).to_string(),
        counts: counts(&plan.summary),
        notes: notes(plan),
        routing: plan.routing.as_ref().map(routing),
        stacks,
        actions,
        steps: steps.collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    environment.get_template("report.html")?.render(Serde(&page))
}

const ACTIONS: [Action; 7] = [
    Action::Create,
    Action::Update,
    Action::Replace,
    Action::Reorder,
    Action::Delete,
    Action::Import,
    Action::Forget,
];

fn counts(summary: &Summary) -> Vec<(&'static str, usize)> {
    let counts = [
        ("create", summary.create),
        ("update", summary.update),
        ("replace", summary.replace),
        ("reorder", summary.reorder),
        ("delete", summary.delete),
        ("import", summary.import),
        ("forget", summary.forget),
        ("unchanged", summary.unchanged),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn stacks(plan: &Plan, state: &State) -> Vec<Stack> {
    let mut by_stack: BTreeMap<&str, Vec<(usize, &Change)>> = BTreeMap::new();
    for (index, change) in plan.changes.iter().enumerate() {
        by_stack.entry(&change.address.stack).or_default().push((index, change));
    }
    let stack = |(id, changes): (&str, Vec<(usize, &Change)>)| {
        let planned = plan.stacks.get(id);
        let drawing = drawing::svg(&nodes(id, &changes, state.stacks.get(id)));
        Stack {
            id: safe(id).into_owned(),
            anchor: anchor("stack", changes.first().map_or(0, |(index, _)| *index)),
            ingresses: planned
                .map(|stack| stack.members.keys().map(|name| safe(name).into_owned()).collect())
                .unwrap_or_default(),
            counts: planned.map(|stack| counts(&stack.summary)).unwrap_or_default(),
            drawing: drawing.map(Safe::from_safe_string),
            changes: changes.iter().map(|(index, change)| entry(*index, change)).collect(),
        }
    };
    by_stack.into_iter().map(stack).collect()
}

fn anchor(what: &str, index: usize) -> String {
    format!("{what}-{index}")
}

/// All resources of a stack: those that change, and those that the state alone has.
fn nodes(stack: &str, changes: &[(usize, &Change)], recorded: Option<&StackState>) -> Vec<Node> {
    let changes: Vec<_> = changes.iter().filter(|(_, change)| change.deposed.is_none()).collect();
    let addresses = changes.iter().flat_map(|(_, change)| {
        [Some(&change.address), change.previous_address.as_ref()].into_iter().flatten()
    });
    let changing: BTreeSet<&Address> = addresses.collect();
    let unchanged = recorded.iter().flat_map(|stack| &stack.resources);
    let unchanged = unchanged.filter_map(|(local, recorded)| {
        let address = local_address(stack, local).filter(|it| !changing.contains(it))?;
        Some(Node { address, action: Action::NoOp, spec: recorded.spec.value(), anchor: None })
    });
    let changed = changes.iter().map(|(index, change)| {
        let spec = change.after.as_ref().or(change.before.as_ref()).map(|spec| spec.value());
        Node {
            address: change.address.clone(),
            action: change.action,
            spec: spec.unwrap_or_default(),
            anchor: Some(anchor("change", *index)),
        }
    });
    unchanged.chain(changed).collect()
}

fn entry(index: usize, change: &Change) -> Entry {
    let spec = change.after.as_ref().or(change.before.as_ref()).map(|spec| spec.value());
    let spec = spec.unwrap_or_default();
    let whole = matches!(change.action, Action::Create | Action::Import | Action::Delete);
    let level = change.impact.level;
    Entry {
        anchor: anchor("change", index),
        action: change.action.as_str(),
        kind: change.address.kind.short_name(),
        id: safe(&change.address.id).into_owned(),
        was: change.previous_address.as_ref().map(|before| safe(&before.id).into_owned()),
        what: describe::resource(change.address.kind, &spec),
        fields: change.fields.iter().map(row).collect(),
        spec: if whole { plain(value::lines(&spec, 0, 96)) } else { Vec::new() },
        reasons: change.reasons.iter().map(reason).collect(),
        impact: (level != ImpactLevel::None)
            .then(|| (impact_word(level), safe(&change.impact.text).into_owned())),
    }
}

/// Lines without colours.
fn plain(lines: Vec<String>) -> Vec<String> {
    lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
}

fn row(field: &FieldChange) -> Row {
    let side = |side: &Option<Value>| match side {
        _ if field.sensitive => "(hidden)".to_owned(),
        Some(value) => value::flow(value),
        None => "none".to_owned(),
    };
    let remarks = [
        (field.forces_replacement, "forces replacement"),
        (field.drifted, "changed by somebody else"),
        (field.known_after_apply, "known after apply"),
    ];
    Row {
        path: safe(&field.path).into_owned(),
        before: side(&field.before),
        after: side(&field.after),
        remarks: remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text).collect(),
    }
}

fn reason(reason: &Reason) -> (Safe, String) {
    let place = reason.position.as_ref().map(ToString::to_string).unwrap_or_default();
    (marked(&reason.text), safe(&place).into_owned())
}

/// Text in which names in backticks stand out.
fn marked(text: &str) -> Safe {
    let text = drawing::escaped(&safe(text));
    let mut html = String::with_capacity(text.len());
    let mut parts = text.split('`').peekable();
    let mut is_name = false;
    while let Some(part) = parts.next() {
        match is_name && parts.peek().is_some() {
            true => html.push_str(&format!("<code>{part}</code>")),
            false if is_name => html.push_str(&format!("`{part}")),
            false => html.push_str(part),
        }
        is_name = !is_name;
    }
    Safe::from_safe_string(html)
}

fn routing(report: &RoutingReport) -> Routing {
    let text = |text: &str| safe(text).into_owned();
    let route = |change: &RoutingChange| Route {
        listener: text(&format!("{}, {} {}", change.group, change.protocol, change.listener)),
        action: match (&change.before, &change.after) {
            (None, _) => "create",
            (_, None) => "delete",
            _ => "update",
        },
        requests: text(&change.requests),
        answers: text(&change.text),
        example: text(&route_changes::request(&change.example)),
        places: route_changes::places(change).map(|places| text(&places)),
    };
    let style = Style { colour: false, width: usize::MAX };
    let verdict = route_changes::verdict(report, style);
    Routing {
        status: report.status,
        verdict: anstream::adapter::strip_str(&verdict).to_string(),
        not_compared: report.not_compared.iter().map(|group| text(group)).collect(),
        changes: report.changes.iter().map(route).collect(),
    }
}

/// What a reader must know before the changes.
fn notes(plan: &Plan) -> Vec<Note> {
    let text = |text: &str| safe(text).into_owned();
    let guards = plan.guards.iter().map(|guard| {
        (text(&guard.text), format!("{}, needs {}", text(&guard.stack), guard.kind.flag()))
    });
    let security = |weaker: bool| {
        let notes = plan.security.iter().filter(move |note| note.weaker == weaker);
        notes.map(|note| {
            let place = note.reason.as_ref().and_then(|reason| reason.position.as_ref());
            let place = place.map(ToString::to_string).unwrap_or_default();
            (format!("{} {}", short(&note.address), text(&note.text)), text(&place))
        })
    };
    let drift = plan.drift.iter().flat_map(|drift| {
        let gone = drift.gone.then(|| (short(&drift.address), "no longer exists".to_owned()));
        let fields = drift.fields.iter().map(|field| {
            let Row { path, before, after, .. } = row(field);
            (format!("{} {path}", short(&drift.address)), format!("{before} → {after}"))
        });
        gone.into_iter().chain(fields)
    });
    let frozen = plan.frozen.iter().map(|frozen| (text(&frozen.stack), frozen.reasons.join("; ")));
    let kept = plan.kept.iter().map(|kept| (text(&kept.stack), kept.members.join(", ")));
    let lines = |lines: Vec<String>| lines.into_iter().map(|line| (line, String::new()));
    let note = |level, title, lines: Vec<(String, String)>| Note {
        level,
        title,
        lines: lines.into_iter().map(|(text, place)| (marked(&text), place)).collect(),
    };
    let all = [
        note("alarm", "Needs a flag", guards.collect()),
        note("alarm", "Less protection", security(true).collect()),
        note("warning", "Refused: nothing of it changes", frozen.collect()),
        note("warning", "Changed by somebody else since it was applied", drift.collect()),
        note("warning", "Not given, and kept", kept.collect()),
        note("good", "More protection", security(false).collect()),
        note("plain", "Limits of AWS", lines(plain(quota_lines(plan))).collect()),
        note("plain", "Touches", lines(plain(touched_lines(plan))).collect()),
    ];
    all.into_iter().filter(|note| !note.lines.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_backticks_stand_out_and_nothing_is_markup() {
        let check = |text: &str, expected: &str| assert_eq!(marked(text).to_string(), expected);
        check("`a` and `b`", "<code>a</code> and <code>b</code>");
        check("no name", "no name");
        check("open `a", "open `a");
        check("`<b>`", "<code>&lt;b&gt;</code>");
    }

    #[test]
    fn no_text_of_others_is_markup_in_the_page() {
        let hostile = "</style><script>alert(1)</script><img src=x onerror=alert(1)>";
        let text = || hostile.to_owned();
        let mut plan = Plan { cluster: text(), account: text(), region: text(), ..Plan::default() };
        plan.stacks.insert(text(), Default::default());
        plan.blast_radius.hosts.push(text());
        let page = html(&plan, &State::empty("prod")).unwrap();
        assert!(page.contains("&lt;script&gt;alert(1)"), "it is shown as it is written");
        assert!(!page.contains("<script>alert(1)") && !page.contains("<img src=x"));
        assert!(page.contains("Content-Security-Policy") && page.contains("default-src 'none'"));
    }
}
