//! Plans as comments on a pull request.

use super::{COLUMNS, change, count, last_line, notes, worst};
use crate::view::Style;
use crate::view::text::safe;
use ingc_planner::Plan;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/plan.md.j2");

/// Stacks, and notes of each kind, that are listed.
const STACKS: usize = 100;

/// Hosts that are listed.
const HOSTS: usize = 20;

/// A comment may have 65,536 characters at GitHub; the rest must fit as well.
const LONGEST: usize = 50_000;

#[derive(Serialize)]
struct Row {
    name: String,
    numbers: Vec<usize>,
    impact: &'static str,
}

/// The plan as Markdown.
pub fn markdown(plan: &Plan) -> String {
    let columns: Vec<_> =
        COLUMNS.iter().filter(|(action, _)| count(&plan.summary, *action) > 0).collect();
    let worst = worst(plan);
    let stacks: Vec<Row> = plan
        .stacks
        .iter()
        .take(STACKS)
        .map(|(name, stack)| {
            let worst = worst.get(name.as_str()).copied().unwrap_or_default();
            let numbers = columns.iter().map(|(action, _)| count(&stack.summary, *action));
            Row { name: name.clone(), numbers: numbers.collect(), impact: notes::level(worst) }
        })
        .collect();
    let guards: Vec<_> = plan
        .guards
        .iter()
        .take(STACKS)
        .map(|guard| context! { text => guard.text.clone(), flag => guard.kind.flag() })
        .collect();
    let security: Vec<_> = plan
        .security
        .iter()
        .take(STACKS)
        .map(|note| {
            let position = note.reason.as_ref().and_then(|reason| reason.position.as_ref());
            context! {
                weaker => note.weaker,
                address => note.address.to_string(),
                text => note.text.clone(),
                place => position.map(ToString::to_string),
            }
        })
        .collect();
    let hosts = &plan.blast_radius.hosts;
    let changes = changes(plan);
    let title = last_line(plan);
    let title = anstream::adapter::strip_str(&title).to_string();
    let rendered = environment().and_then(|environment| {
        environment.get_template("plan")?.render(context! {
            title => title.clone(),
            weaker => plan.security.iter().any(|note| note.weaker),
            frozen => Value::from(Serde(plan.frozen.iter().take(STACKS).cloned().collect::<Vec<_>>())),
            kept => Value::from(Serde(plan.kept.iter().take(STACKS).cloned().collect::<Vec<_>>())),
            guards => guards,
            security => security,
            columns => columns.iter().map(|(_, title)| capitalized(title)).collect::<Vec<_>>(),
            more_stacks => plan.stacks.len().saturating_sub(STACKS),
            stacks => Value::from(Serde(stacks)),
            hosts => hosts.iter().take(HOSTS).cloned().collect::<Vec<_>>(),
            more_hosts => hosts.len().saturating_sub(HOSTS),
            fence => fence(&changes),
            changes => changes,
        })
    });
    match rendered {
        Ok(text) => tidy(&text),
        // The template is part of the program; a plan must be readable all the same.
        Err(error) => format!("{title}\n\n<!-- {error} -->\n"),
    }
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?,
    );
    environment.add_filter("code", |text: String| code(&text));
    environment.add_filter("cell", |text: String| cell(&text));
    environment.add_template("plan", TEMPLATE)?;
    Ok(environment)
}

/// Text as code, whatever stands in it.
fn code(text: &str) -> String {
    let text = safe(text).replace('|', "\\|").replace('\n', " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Text that neither ends a cell nor becomes HTML or a mention.
fn cell(text: &str) -> String {
    let text = safe(text).replace('|', "\\|").replace('\n', " ").replace('<', "&lt;");
    text.replace('@', "@\u{2060}")
}

/// The changes as a diff that GitHub colours: the symbols in the first column.
fn changes(plan: &Plan) -> String {
    let style = Style { colour: false, width: 120 };
    let mut out = String::new();
    for change in &plan.changes {
        let text = change::text(change, style);
        let text = anstream::adapter::strip_str(&text).to_string();
        let symbol = match change.action {
            ingc_planner::Action::Create => "+",
            ingc_planner::Action::Delete => "-",
            ingc_planner::Action::Forget | ingc_planner::Action::NoOp => " ",
            _ => "!",
        };
        // The change's own symbol is the first character.
        let text = text.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
        out.push_str(&format!("{symbol} [{}] {text}", safe(&change.address.stack)));
        if out.len() > LONGEST {
            out.truncate(out.floor_char_boundary(LONGEST));
            out.push_str("\n… and more: see the output of the run");
            break;
        }
    }
    out.trim_end().to_owned()
}

/// A fence that is longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + &rest.to_lowercase()
}

/// No more than one empty line in a row, and none at the end.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim_end().to_owned() + "\n"
}
