//! Results of route tests: for people, for programs, and for CI.

use super::describe::counted;
use super::text::{safe, wrapped};
use super::{Style, paint};
use ingc_compiler::route::assertion::{Asked, RouteTest, Verdict};
use ingc_compiler::source::Position;
use serde_json::{Value, json};
use std::fmt::Write;

/// A test, where it stands, and what became of it.
pub struct Tested<'t> {
    /// The test.
    pub test: &'t RouteTest,
    /// Where it stands.
    pub position: Position,
    /// What became of it.
    pub verdict: Verdict<'t>,
}

/// A line for each test, more for those that failed, and their number.
pub fn text(results: &[Tested<'_>], style: Style) -> String {
    let mut out = String::new();
    for result in results {
        let name = safe(&result.test.name);
        if result.verdict.is_ok() {
            let _ = writeln!(out, "{}    {name}", paint::green("ok"));
            continue;
        }
        let _ = writeln!(out, "{}  {name}", paint::red("FAIL"));
        let _ = writeln!(out, "{}", wrapped(&result.position.to_string(), "      ", style.width));
        for line in problems(result) {
            let _ = writeln!(out, "{}", wrapped(&safe(&line), "      ", style.width));
        }
    }
    let failed = results.iter().filter(|result| !result.verdict.is_ok()).count();
    let passed = results.len() - failed;
    let sum = match failed {
        0 => format!("{} passed.", counted(passed, "route test")),
        _ => format!("{} failed, {passed} passed.", counted(failed, "route test")),
    };
    let sum = if failed == 0 { paint::green(&sum) } else { paint::red(&sum) };
    out + "\n" + &sum + "\n"
}

/// What is wrong, in lines.
fn problems(result: &Tested<'_>) -> Vec<String> {
    if result.verdict.asked.is_empty() {
        return vec![match &result.test.group {
            Some(group) => format!("there is no load balancer of group {group}"),
            None => "there is no load balancer".to_owned(),
        }];
    }
    let several = result.verdict.asked.len() > 1;
    let wrong = result.verdict.asked.iter().filter(|asked| !asked.mismatches.is_empty());
    wrong.flat_map(|asked| problems_of(asked, several)).collect()
}

fn problems_of(asked: &Asked<'_>, several: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if several {
        lines.push(format!("of group {}:", asked.balancer.group));
    }
    for mismatch in &asked.mismatches {
        let (field, expected, got) = (mismatch.field, &mismatch.expected, &mismatch.got);
        lines.push(format!("{field}: expected {expected}, got {got}"));
    }
    if let Ok(decision) = &asked.answer {
        lines.push(match &decision.route.place {
            Some(place) => format!(
                "by rule {} of Ingress {}, {}",
                decision.route.id, place.ingress, place.position
            ),
            None if decision.route.priority.is_none() => {
                format!("by the default action of port {}", decision.listener.port)
            }
            None => format!("by rule {}", decision.route.id),
        });
    }
    lines
}

/// All results as a document.
pub fn json(results: &[Tested<'_>]) -> Value {
    let failed = results.iter().filter(|result| !result.verdict.is_ok()).count();
    let one = |result: &Tested<'_>| {
        let failures = result.verdict.asked.iter().flat_map(|asked| {
            asked.mismatches.iter().map(|mismatch| {
                json!({
                    "group": asked.balancer.group,
                    "field": mismatch.field,
                    "expected": mismatch.expected,
                    "got": mismatch.got,
                })
            })
        });
        json!({
            "name": result.test.name,
            "url": result.test.text,
            "file": result.position.file,
            "line": result.position.line,
            "ok": result.verdict.is_ok(),
            "asked": result.verdict.asked.iter().map(|a| &a.balancer.group).collect::<Vec<_>>(),
            "failures": failures.collect::<Vec<_>>(),
        })
    };
    json!({
        "passed": results.len() - failed,
        "failed": failed,
        "tests": results.iter().map(one).collect::<Vec<_>>(),
    })
}

/// All results in the form that CI systems read.
pub fn junit(suite: &str, results: &[Tested<'_>]) -> String {
    let failed = results.iter().filter(|result| !result.verdict.is_ok()).count();
    let counts = format!("tests=\"{}\" failures=\"{failed}\"", results.len());
    let suite = escaped(suite);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  \
         <testsuite name=\"{suite}\" {counts} errors=\"0\" skipped=\"0\">\n"
    );
    for result in results {
        let position = &result.position;
        let case = format!(
            "    <testcase classname=\"{suite}\" name=\"{}\" file=\"{}\" line=\"{}\"",
            escaped(&result.test.name),
            escaped(&position.file),
            position.line
        );
        if result.verdict.is_ok() {
            let _ = writeln!(out, "{case}/>");
            continue;
        }
        let lines = problems(result);
        let first = lines.iter().find(|line| line.contains(": expected")).or(lines.first());
        let _ = writeln!(
            out,
            "{case}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
            escaped(first.map_or("", String::as_str)),
            escaped(&format!("{position}\n{}", lines.join("\n")))
        );
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// Text within XML. What XML cannot hold becomes a mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_holds_any_text() {
        assert_eq!(escaped("a<b> & \"c\"\u{1b}\n"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\n");
    }
}
