//! The reference of the annotations.

use super::table::Columns;
use super::text::wrapped;
use super::{Style, paint};
use ingc_compiler::annotation::{Annotation, Location, Merge, TOPICS};
use serde_json::json;

/// All annotations, a line each, by topic.
pub fn table(style: Style) -> String {
    let mut text =
        "All names start with `alb.ingress.kubernetes.io/`. `ingc annotations NAME` says more.\n"
            .to_owned();
    for (topic, rows) in TOPICS {
        text.push_str(&format!("\n{}\n", paint::bold(topic)));
        let titles = ["NAME", "TYPE", "DEFAULT", "ON", "IN A GROUP"];
        let mut table = Columns::indented("  ", &titles, style).whole(0);
        for row in *rows {
            table.row(vec![
                name(row),
                row.form.to_owned(),
                row.default.unwrap_or_default().to_owned(),
                location(row).to_owned(),
                merge(row).to_owned(),
            ]);
        }
        text.push_str(&table.render());
    }
    text
}

/// One annotation.
pub fn one(row: &Annotation, style: Style) -> String {
    let mut text = format!("{}\n\n", paint::bold(&full(row)));
    text.push_str(&wrapped(row.summary, "", style.width));
    text.push_str("\n\n");
    let mut lines = vec![
        ("type", row.form.to_owned()),
        ("default", row.default.unwrap_or("none").to_owned()),
        ("stands on", location(row).to_owned()),
        ("in a group", merge(row).to_owned()),
        ("sets", row.sets.to_owned()),
    ];
    if let Some(field) = row.class_field {
        lines.push(("overridden by", format!("`{field}` of IngressClassParams")));
    }
    for (title, value) in lines {
        text.push_str(&format!("  {title:<14} {value}\n"));
    }
    text.push_str(&format!("\n  {}: {}\n", full(row).replace('$', ""), quoted(row.example)));
    text
}

/// The table of the documentation.
pub fn markdown(rows: &[&Annotation]) -> String {
    let mut text = "| Annotation | Type | Default | Stands on | In a group | Sets |\n|---|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let default = row.default.map(|default| format!("`{default}`")).unwrap_or_default();
        let cells = [
            format!("`{}`", name(row)),
            row.form.to_owned(),
            default,
            location(row).to_owned(),
            merge(row).to_owned(),
            format!("`{}`", row.sets),
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

/// The rows for programs.
pub fn json(rows: &[&Annotation]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "name": full(row),
                "type": row.form,
                "default": row.default,
                "location": location(row),
                "merge": merge(row),
                "classField": row.class_field,
                "summary": row.summary,
                "sets": row.sets,
                "example": row.example,
            })
        })
        .collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
}

fn name(row: &Annotation) -> String {
    format!("{}{}", row.name, row.parameter)
}

fn full(row: &Annotation) -> String {
    format!("{}{}", row.full_name(), row.parameter)
}

fn location(row: &Annotation) -> &'static str {
    match row.location {
        Location::Ingress => "Ingress",
        Location::IngressOrService => "Ingress, Service",
    }
}

fn merge(row: &Annotation) -> &'static str {
    match row.merge {
        Merge::Exclusive => "must agree",
        Merge::Merge => "merged",
        Merge::PerIngress => "own rules only",
    }
}

/// A value as it stands in YAML.
fn quoted(value: &str) -> String {
    if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") }
}
