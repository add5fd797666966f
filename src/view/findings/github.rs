//! Workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

use super::{Findings, message};
use crate::view::text::safe;

pub(super) fn text(findings: &Findings<'_>) -> String {
    let lines = findings.all.iter().map(|finding| {
        let region = findings.region(finding.span);
        let (start, end) = (region.start, region.end);
        let mut place = format!("file={},line={}", property(&start.file), start.line);
        place.push_str(&format!(",endLine={},col={}", end.line, start.column));
        if end.line == start.line {
            place.push_str(&format!(",endColumn={}", end.column));
        }
        let title = property(&format!("{}: {}", finding.code.id, finding.code.title));
        let text = data(&message(finding));
        format!("::{} {place},title={title}::{text}\n", finding.severity.as_str())
    });
    lines.collect()
}

/// Text behind the command.
fn data(text: &str) -> String {
    safe(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_another_command() {
        assert_eq!(data("100%\n::error::x"), "100%25%0A?:error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
        assert_eq!(data("\u{1b}[2J\u{202e}"), "?[2J???");
    }
}
