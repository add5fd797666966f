//! One change: what happens to a resource, field by field, and why.

use super::notes;
use crate::view::describe;
use crate::view::text::safe;
use crate::view::value;
use crate::view::{Style, paint};
use ingc_compiler::resource::Kind;
use ingc_planner::plan::{Action, Change, FieldChange, ImpactLevel, Reason};
use serde_json::Value;

/// What stands before fields, and before the further lines of a field.
const FIELD: &str = "      ";
const HANGING: &str = "          ";

/// A longer key of a list's entry is not shown: it stands in the entry.
const KEY: usize = 60;

/// The change, with its reasons.
pub(super) fn text(change: &Change, style: Style) -> String {
    let mut lines = vec![title(change, style)];
    match change.action {
        Action::Create | Action::Import => {
            let mut spec = change.after.as_ref().map(|spec| spec.value()).unwrap_or_default();
            // What a policy allows fills pages; `ingc bootstrap plan --output json` has it all.
            if let Some(document) = spec.get_mut("policyDocument") {
                *document = Value::from(describe::document(document));
            }
            lines.extend(value::lines(&spec, FIELD.len(), style.width));
        }
        Action::NoOp | Action::Delete | Action::Forget => {}
        Action::Update | Action::Replace | Action::Reorder => {
            for field in &change.fields {
                lines.extend(self::field(field, style));
            }
        }
    }
    for reason in &change.reasons {
        lines.extend(self::reason(reason, style));
    }
    if change.impact.level != ImpactLevel::None {
        let line = format!("{FIELD}impact: {}", safe(&change.impact.text));
        lines.push(notes::coloured(change.impact.level, &line));
    }
    lines.join("\n") + "\n"
}

fn title(change: &Change, style: Style) -> String {
    let address = &change.address;
    let (symbol, words, colour) = symbol(change.action);
    let mut title =
        format!("  {} {} {}", colour(symbol), address.kind, paint::bold(&safe(&address.id)));
    if !words.is_empty() {
        title.push_str(&format!(" {words}"));
    }
    if change.deposed.is_some() {
        title.push_str(", which an earlier plan has set aside");
    }
    if let Some(before) = &change.previous_address {
        title.push_str(&format!(", until now {}", safe(&before.id)));
    }
    if change.action != Action::Create || address.kind == Kind::ListenerRule {
        let spec = change.after.as_ref().or(change.before.as_ref()).map(|spec| spec.value());
        let what = describe::resource(address.kind, &spec.unwrap_or_default());
        let what = format!("({})", safe(&what));
        let plain = anstream::adapter::strip_str(&title).to_string();
        let fits = plain.chars().count() + 2 + what.chars().count() <= style.width;
        if fits && what != "()" {
            title.push_str(&format!("  {}", paint::dim(&what)));
        } else if what != "()" {
            let lines: Vec<_> = hanging(&what, style).iter().map(|line| paint::dim(line)).collect();
            title.push_str(&format!("\n{}", lines.join("\n")));
        }
    }
    title
}

fn symbol(action: Action) -> (&'static str, &'static str, fn(&str) -> String) {
    match action {
        Action::NoOp => (" ", "stays", paint::dim),
        Action::Create => ("+", "", paint::green),
        Action::Update => ("~", "", paint::yellow),
        Action::Replace => ("±", "is replaced: new first, old last", paint::alarm),
        Action::Reorder => ("↕", "moves", paint::cyan),
        Action::Delete => ("-", "", paint::red),
        Action::Forget => ("×", "is forgotten", paint::dim),
        Action::Import => ("=", "is taken up", paint::cyan),
    }
}

fn field(field: &FieldChange, style: Style) -> Vec<String> {
    let path = short_path(&safe(&field.path));
    let mut remarks = Vec::new();
    if field.forces_replacement {
        remarks.push(paint::alarm("forces replacement"));
    }
    if field.drifted {
        remarks.push(paint::yellow("changed by somebody else"));
    }
    let remarks = match remarks.is_empty() {
        true => String::new(),
        false => format!("  # {}", remarks.join(", ")),
    };
    if field.sensitive {
        return vec![format!("{FIELD}{path}: (hidden) → (hidden){remarks}")];
    }
    match (&field.before, &field.after) {
        (None, Some(after)) => added(&path, "+", after, &remarks, style),
        (Some(before), None) => added(&path, "-", before, &remarks, style),
        (before, after) => {
            let null = Value::Null;
            let (before, after) =
                (before.as_ref().unwrap_or(&null), after.as_ref().unwrap_or(&null));
            let room = style.width.saturating_sub(FIELD.len() + path.chars().count() + 2);
            match value::change(before, after, room).as_slice() {
                [line] => vec![format!("{FIELD}{path}: {line}{remarks}")],
                lines => {
                    let mut all = vec![format!("{FIELD}{path}:{remarks}")];
                    all.extend(lines.iter().map(|line| format!("{HANGING}{line}")));
                    all
                }
            }
        }
    }
}

/// A path without keys that are whole values.
fn short_path(path: &str) -> String {
    let mut short = String::new();
    let mut depth = 0_usize;
    let mut key = String::new();
    for c in path.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (depth, c) {
            (0, ']') => {
                key.push(c);
                let is_long = key.chars().count() > KEY || key.starts_with("[{");
                short.push_str(if is_long { "[…]" } else { &key });
                key.clear();
            }
            (0, _) => short.push(c),
            _ => key.push(c),
        }
    }
    short + &key
}

/// A value that comes or goes.
fn added(path: &str, sign: &str, value: &Value, remarks: &str, style: Style) -> Vec<String> {
    let colour = if sign == "+" { paint::green } else { paint::red };
    let name = format!("{sign} {path}");
    let lines = value::named(&name, value, FIELD.len(), style.width);
    let lines = lines.into_iter().enumerate();
    lines.map(|(i, line)| if i == 0 { colour(&line) + remarks } else { colour(&line) }).collect()
}

pub(super) fn reason(reason: &Reason, style: Style) -> Vec<String> {
    let place = reason.position.as_ref().map(|position| format!(" ({position})"));
    let line = format!("# {}{}", reason.text, place.unwrap_or_default());
    hanging(&safe(&line), style).iter().map(|line| paint::dim(line)).collect()
}

/// A text in lines that fit, all but the first indented further. Breaks stand behind spaces.
pub(super) fn hanging(text: &str, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = FIELD.to_owned();
    let mut is_fresh = true;
    for word in text.split_inclusive(' ') {
        let fits = line.chars().count() + word.trim_end().chars().count() <= style.width;
        if !fits && !is_fresh {
            lines.push(line.trim_end().to_owned());
            line = HANGING.to_owned();
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_whole_values_are_left_out_of_paths() {
        let check = |path: &str, expected: &str| assert_eq!(short_path(path), expected);
        check("a.b[0].c", "a.b[0].c");
        check(
            "attributes[idle_timeout.timeout_seconds]",
            "attributes[idle_timeout.timeout_seconds]",
        );
        check(r#"ingress[{"from":[{"x":1}]}].ports"#, "ingress[…].ports");
        check("broken[", "broken[");
    }
}
