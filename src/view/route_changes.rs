//! Which requests are answered differently, for people.

use super::text::{safe, wrapped};
use super::{Style, paint, route};
use ingc_compiler::route::Answer;
use ingc_compiler::route::exact::{Change, Changes, Reason, Side, Status};
use std::fmt::Write;

/// Classes that are shown.
const MOST: usize = 60;

/// All changes, and what is proven; `whole` if everything could be compared.
pub fn text(changes: &Changes, whole: bool, style: Style) -> String {
    let mut out = listed(changes, style);
    if !out.is_empty() {
        out.push('\n');
    }
    out + &verdict(changes, whole) + "\n"
}

/// The changes: together for each listener, those of the listener with the widest change first.
pub fn listed(changes: &Changes, style: Style) -> String {
    let mut listeners: Vec<(&str, i32)> = Vec::new();
    for change in &changes.changes {
        let place = (change.group.as_str(), change.listener);
        if !listeners.contains(&place) {
            listeners.push(place);
        }
    }
    let mut out = String::new();
    let mut shown = 0;
    for (group, port) in listeners {
        let of_listener = changes.changes.iter().filter(|c| c.group == group && c.listener == port);
        for (index, change) in of_listener.enumerate() {
            if shown == MOST {
                let more = changes.changes.len() - MOST;
                let _ = writeln!(out, "\n… and {more} more: `--output json` has them all");
                return out;
            }
            if index == 0 {
                let title = format!("{group}, {} {port}", change.protocol.as_str());
                let space = if shown == 0 { "" } else { "\n" };
                let _ = writeln!(out, "{space}{}", paint::bold(&safe(&title)));
            }
            out.push_str(&one(change, style));
            shown += 1;
        }
    }
    out
}

fn one(change: &Change, style: Style) -> String {
    let line = |indent: &str, text: &str| wrapped(&safe(text), indent, style.width) + "\n";
    let sign = match (&change.before, &change.after) {
        (None, _) => paint::green("+"),
        (_, None) => paint::red("-"),
        _ => paint::yellow("~"),
    };
    let title = line("    ", &change.requests.to_string());
    let mut out = format!("  {sign} {}", title.trim_start());
    let both = in_words(change);
    out.push_str(&paint::bold(line("      ", &both).trim_end()));
    out.push('\n');
    out.push_str(&paint::dim(line("      ", &format!("such as {}", example(change))).trim_end()));
    out.push('\n');
    let places: Vec<String> =
        [&change.before, &change.after].into_iter().filter_map(place).collect();
    if let [first, rest @ ..] = places.as_slice() {
        let places = match rest.first().filter(|second| *second != first) {
            Some(second) => format!("# {first} → {second}"),
            None => format!("# {first}"),
        };
        out.push_str(&paint::dim(line("      ", &places).trim_end()));
        out.push('\n');
    }
    out
}

/// Both answers: as they are for the whole class where their words differ, else for the example.
fn in_words(change: &Change) -> String {
    let words = |answer: &dyn Fn(&Side) -> Answer| {
        let words = |side: &Option<Side>| match side {
            Some(side) => route::answer(&answer(side)),
            None => "nothing listens".to_owned(),
        };
        (words(&change.before), words(&change.after))
    };
    let mut both = words(&|side| side.outcome.template());
    if both.0 == both.1 {
        both = words(&|side| side.answer.clone());
    }
    match both {
        (before, after) if before == after => format!("{before}, {}", hidden(change)),
        (before, after) => format!("{before} → {after}"),
    }
}

/// What differs where the words of both answers are the same.
fn hidden(change: &Change) -> String {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return String::new() };
    if before.answer.authentication != after.answer.authentication {
        match (
            route::login(&before.answer.authentication),
            route::login(&after.answer.authentication),
        ) {
            (Some(before), Some(after)) if before != after => format!("login {before} → {after}"),
            _ => "with other terms of the login".to_owned(),
        }
    } else {
        "with another body or content type".to_owned()
    }
}

fn example(change: &Change) -> String {
    let request = &change.example;
    let mut words = String::new();
    if request.method != "GET" {
        let _ = write!(words, "{} ", request.method);
    }
    let _ = write!(words, "{}", change.url());
    for (name, value) in &request.headers {
        let _ = write!(words, " -H '{name}: {value}'");
    }
    let usual = ingc_compiler::route::Request::get("", "/").source_ip;
    if request.source_ip != usual {
        let _ = write!(words, " from {}", request.source_ip);
    }
    words
}

fn place(side: &Option<Side>) -> Option<String> {
    let side = side.as_ref()?;
    let place = side.place.as_ref()?;
    let position = &place.position;
    Some(format!("{} {}:{}", place.ingress, position.file, position.line))
}

/// What is proven, in a line or more.
pub fn verdict(changes: &Changes, whole: bool) -> String {
    let count = changes.changes.len();
    let classes = match count {
        1 => "1 class of requests is answered differently".to_owned(),
        _ => format!("{count} classes of requests are answered differently"),
    };
    let mut out = match changes.status() {
        Status::Unchanged if whole => return paint::green("Routing proven unchanged."),
        Status::Unchanged => {
            return paint::yellow("Routing of the other groups proven unchanged.");
        }
        Status::Changed => format!("{classes}; all others are proven unchanged."),
        Status::Unproven if count == 0 => "No change was found, but not all is proven.".to_owned(),
        Status::Unproven => format!("{classes}; there may be more."),
    };
    out = paint::yellow(&out);
    for unproven in &changes.unproven {
        let why = match unproven.reason {
            Reason::Budget => {
                "its rules are too many or too intricate to decide; requests made from the rules \
                 were tried instead"
            }
            Reason::Templates => {
                "redirects or rewrites are written differently, and no request was found for which \
                 that matters"
            }
            Reason::Evaluation => "evaluating an example did not confirm what was decided",
        };
        let _ = write!(out, "\n  {}, port {}: {why}", safe(&unproven.group), unproven.listener);
    }
    out
}
