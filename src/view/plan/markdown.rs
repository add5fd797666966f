//! Plans as comments on a pull request.

use super::moves::{self, Entry};
use super::{COLUMNS, change, count, last_line, notes, worst};
use crate::view::describe::counted;
use crate::view::text::{safe, short};
use crate::view::{Style, route_changes};
use ingc_planner::{Action, Plan};
use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};
use serde::Serialize;
use std::io;

const TEMPLATE: &str = include_str!("../templates/plan.md.j2");

/// Stacks, and notes of each kind, that are listed.
const STACKS: usize = 100;

/// What templates are called among themselves.
const NAME: &str = "plan";

/// A comment may have 65,536 characters at GitHub; the rest must fit as well.
const LONGEST: usize = 50_000;

#[derive(Serialize)]
struct Row {
    name: String,
    numbers: Vec<usize>,
    impact: &'static str,
}

/// A template that somebody else wrote is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct TemplateError {
    /// Its file, with the line if that is known.
    place: String,
    /// What is wrong, in a line.
    reason: String,
}

/// The built-in template.
pub fn template() -> &'static str {
    TEMPLATE
}

/// The plan as Markdown, by the built-in template.
pub fn markdown(plan: &Plan) -> String {
    // The template is part of the program; a plan must be readable all the same.
    markdown_by(plan, "plan.md.j2", TEMPLATE)
        .unwrap_or_else(|error| format!("{}\n\n<!-- {error} -->\n", title(plan)))
}

fn title(plan: &Plan) -> String {
    anstream::adapter::strip_str(&last_line(plan)).to_string()
}

/// The plan in the form of a template, which has the values of the built-in one and the whole
/// `plan` as `--output json` shows it.
///
/// # Errors
/// If the template is wrong.
pub fn markdown_by(plan: &Plan, name: &str, template: &str) -> Result<String, TemplateError> {
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
                address => short(&note.address),
                text => note.text.clone(),
                place => position.map(ToString::to_string),
            }
        })
        .collect();
    let routing = plan.routing.as_ref().map(|routing| {
        let changes = routing.changes.iter().take(STACKS).map(|change| {
            context! {
                requests => change.requests.clone(),
                answer => change.text.clone(),
                example => route_changes::request(&change.example),
                place => route_changes::places(change),
            }
        });
        let style = Style { colour: false, width: usize::MAX };
        let verdict = route_changes::verdict(routing, style);
        context! {
            verdict => anstream::adapter::strip_str(&verdict).to_string(),
            changes => changes.collect::<Vec<_>>(),
            more => routing.changes.len().saturating_sub(STACKS),
        }
    });
    let plain = |line: String| anstream::adapter::strip_str(&line).to_string();
    let lines = |lines: Vec<String>| lines.into_iter().take(STACKS).map(plain).collect::<Vec<_>>();
    let drift = lines(notes::drift_lines(plan).take(STACKS).collect()).join("\n");
    let changes = changes(plan);
    let mut page = Page(Vec::new());
    let rendered = environment(template).and_then(|environment| {
        environment.get_template(NAME)?.render_captured_to(context! {
            plan => Value::from(Serde(plan.clone())),
            title => title(plan),
            weaker => plan.security.iter().any(|note| note.weaker),
            frozen => Value::from(Serde(plan.frozen.iter().take(STACKS).cloned().collect::<Vec<_>>())),
            kept => Value::from(Serde(plan.kept.iter().take(STACKS).cloned().collect::<Vec<_>>())),
            guards => guards,
            routing => routing,
            security => security,
            columns => columns.iter().map(|(_, title)| capitalized(title)).collect::<Vec<_>>(),
            more_stacks => plan.stacks.len().saturating_sub(STACKS),
            stacks => Value::from(Serde(stacks)),
            touched => lines(notes::touched_lines(plan)),
            limits => lines(notes::quota_lines(plan)),
            drift_count => counted(plan.drift.len(), "resource"),
            drift_fence => fence(&drift),
            drift => drift,
            who => notes::who(plan),
            fence => fence(&changes),
            changes => changes,
        }, &mut page).map(drop)
    });
    let failed = |error: minijinja::Error| TemplateError {
        place: match error.line() {
            Some(line) => format!("{name}:{line}"),
            None => name.to_owned(),
        },
        reason: match (error.kind(), error.detail()) {
            (ErrorKind::OutOfFuel, _) => format!("it takes more than {STEPS} steps"),
            (ErrorKind::WriteFailure, _) => format!("it makes more than {LARGEST} bytes"),
            (kind, detail) => detail.map_or_else(|| kind.to_string(), str::to_owned),
        },
    };
    rendered.map_err(failed)?;
    Ok(tidy(&String::from_utf8_lossy(&page.0)))
}

/// Steps that a template may take. The built-in one takes some thousands.
const STEPS: u64 = 1_000_000;

/// Bytes that a template may make: a comment on a pull request may have 65,536 characters.
const LARGEST: usize = 4_000_000;

/// What a template has made so far.
struct Page(Vec<u8>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment(template: &str) -> Result<Environment<'_>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(STEPS));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?,
    );
    environment.add_filter("code", |text: String| code(&text));
    environment.add_filter("cell", |text: String| cell(&text));
    environment.add_template(NAME, template)?;
    Ok(environment)
}

/// Text as code, whatever stands in it.
fn code(text: &str) -> String {
    let text = safe(text).replace('|', "\\|").replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// Text that neither ends a cell nor becomes HTML, a link or a mention.
fn cell(text: &str) -> String {
    let text = safe(text).replace('|', "\\|").replace('\n', " ").replace('<', "&lt;");
    text.replace('@', "@\u{2060}").replace("](", "]\u{2060}(")
}

/// The changes as a diff that GitHub colours: the symbols in the first column.
fn changes(plan: &Plan) -> String {
    let style = Style { colour: false, width: 120 };
    let mut out = String::new();
    let stacks = plan.changes.chunk_by(|a, b| a.address.stack == b.address.stack);
    for entry in stacks.flat_map(moves::entries) {
        let (text, first) = match &entry {
            Entry::One(change) => (change::text(change, style), *change),
            Entry::Moves(moved) => (moves::text(moved, style), moved[0]),
        };
        let text = anstream::adapter::strip_str(&text).to_string();
        let symbol = match first.action {
            Action::Create => "+",
            Action::Delete => "-",
            Action::Forget | Action::NoOp => " ",
            _ => "!",
        };
        // The change's own symbol is the first character.
        let text = text.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
        out.push_str(&format!("{symbol} [{}] {text}", safe(&first.address.stack)));
        if out.len() > LONGEST {
            out.truncate(out.floor_char_boundary(LONGEST));
            out.push_str("\n… and more: see the output of the run");
            break;
        }
    }
    // Nothing in it ends the fence around it.
    out.trim_end().replace("```", "``\u{2060}`")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markdown() {
        let check_code = |text: &str, expected: &str| assert_eq!(code(text), expected);
        check_code("shop/web", "`shop/web`");
        check_code("a`b", "`` a`b ``");
        check_code("a``b|c\n", "``` a``b\\|c  ```");
        let check_cell = |text: &str, expected: &str| assert_eq!(cell(text), expected);
        check_cell("a | b\nc", "a \\| b c");
        check_cell("</details><img src=x>", "&lt;/details>&lt;img src=x>");
        check_cell("@team ![x](https://y)", "@\u{2060}team ![x]\u{2060}(https://y)");
        check_cell("\u{1b}[31m\u{202e}", "?[31m???");
    }

    /// What a template ends with, of an empty plan.
    fn ended(template: &str) -> String {
        let error = markdown_by(&Plan::default(), "team.md", template).unwrap_err();
        format!("{}: {}", error.place, error.reason)
    }

    #[test]
    fn a_template_comes_to_an_end_and_reads_nothing() {
        let endless =
            "{% for a in range(9999) %}\n{% for b in range(9999) %}{% endfor %}{% endfor %}";
        assert!(ended(endless).contains("takes more than 1000000 steps"), "{}", ended(endless));
        let long = "{% for a in range(9999) %}{{ \"x\" * 9999 }}{% endfor %}";
        assert!(ended(long).contains("makes more than 4000000 bytes"), "{}", ended(long));
        assert!(ended("{% include \"/etc/passwd\" %}").starts_with("team.md:1"));
    }
}
