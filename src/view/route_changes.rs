//! Which requests are answered differently, for people.

use super::text::{safe, wrapped};
use super::{Style, paint};
use ingc_compiler::route::{Request, RequestExample, RoutingChange, RoutingReport, RuleOfChange};
use serde_json::Value;
use std::fmt::Write;

/// Classes that are shown.
const MOST: usize = 60;

/// All changes, and what is proven.
pub fn text(report: &RoutingReport, style: Style) -> String {
    let mut out = listed(report, style);
    if !out.is_empty() {
        out.push('\n');
    }
    out + &verdict(report, style) + "\n"
}

/// The changes: together for each listener, those of the listener with the widest change first.
fn listed(report: &RoutingReport, style: Style) -> String {
    let mut listeners: Vec<(&str, i32)> = Vec::new();
    for change in &report.changes {
        let place = (change.group.as_str(), change.listener);
        if !listeners.contains(&place) {
            listeners.push(place);
        }
    }
    let mut out = String::new();
    let mut shown = 0;
    for (group, port) in listeners {
        let of_listener = report.changes.iter().filter(|c| c.group == group && c.listener == port);
        for (index, change) in of_listener.enumerate() {
            if shown == MOST {
                let more = report.changes.len() - MOST;
                let _ = writeln!(out, "\n… and {more} more: `--output json` has them all");
                return out;
            }
            if index == 0 {
                let title = format!("Routing of {group}, {} {port}", change.protocol);
                let space = if shown == 0 { "" } else { "\n" };
                let _ = writeln!(out, "{space}{}", paint::bold(&safe(&title)));
            }
            out.push_str(&one(change, style));
            shown += 1;
        }
    }
    out
}

fn one(change: &RoutingChange, style: Style) -> String {
    let line = |text: &str| wrapped(&safe(text), "      ", style.width);
    let sign = match (&change.before, &change.after) {
        (None, _) => paint::green("+"),
        (_, None) => paint::red("-"),
        _ => paint::yellow("~"),
    };
    let title = wrapped(&safe(&change.requests), "    ", style.width);
    let mut out = format!("  {sign} {}\n", title.trim_start());
    let _ = writeln!(out, "{}", paint::bold(&line(&change.text)));
    let _ =
        writeln!(out, "{}", paint::dim(&line(&format!("such as {}", request(&change.example)))));
    if let Some(places) = places(change) {
        let _ = writeln!(out, "{}", paint::dim(&line(&format!("# {places}"))));
    }
    out
}

/// The Ingresses and lines that the answers come from.
pub fn places(change: &RoutingChange) -> Option<String> {
    let place = |rule: &Option<RuleOfChange>| rule.as_ref().and_then(place);
    match (place(&change.rules.before), place(&change.rules.after)) {
        (Some(before), Some(after)) if before != after => Some(format!("{before} → {after}")),
        (before, after) => after.or(before),
    }
}

/// A request as `ingc route` takes it.
pub fn request(example: &RequestExample) -> String {
    let mut words = String::new();
    if example.method != "GET" {
        let _ = write!(words, "-X {} ", example.method);
    }
    let _ = write!(words, "{}", example.url);
    for (name, value) in &example.headers {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let _ = write!(words, " -H '{name}: {}'", value.as_str().unwrap_or_default());
        }
    }
    if example.source_ip != Request::get("", "/").source_ip.to_string() {
        let _ = write!(words, " --source-ip {}", example.source_ip);
    }
    words
}

fn place(rule: &RuleOfChange) -> Option<String> {
    let (ingress, file, line) = (rule.ingress.as_ref()?, rule.file.as_ref()?, rule.line?);
    Some(format!("{ingress} {file}:{line}"))
}

/// What is proven, in a line or more.
pub fn verdict(report: &RoutingReport, style: Style) -> String {
    let whole = report.not_compared.is_empty();
    let classes = match report.changes.len() {
        1 => "1 class of requests is answered differently".to_owned(),
        count => format!("{count} classes of requests are answered differently"),
    };
    let others = if whole { "all others" } else { "all others of these groups" };
    let proven = report.unproven.is_empty();
    let line = match report.changes.is_empty() {
        true if proven && whole => paint::green("Routing proven unchanged."),
        true if proven => {
            paint::green("Routing of the groups that were compared proven unchanged.")
        }
        true => paint::yellow("No change of routing was found, but not all is proven."),
        false if proven => paint::yellow(&format!("{classes}; {others} are proven unchanged.")),
        false => paint::yellow(&format!("{classes}; there may be more.")),
    };
    let mut out = line;
    for unproven in &report.unproven {
        let why = format!("{}, port {}: {}", unproven.group, unproven.listener, unproven.reason);
        let _ = write!(out, "\n{}", wrapped(&safe(&why), "  ", style.width));
    }
    out
}
