//! GitLab's code quality report, a subset of Code Climate's format.

use super::{Findings, message};
use ingc_compiler::diagnostic::Severity;
use serde_json::{Value, json};

pub(super) fn text(findings: &Findings<'_>) -> String {
    let issues = findings.all.iter().zip(findings.fingerprints()).map(|(finding, fingerprint)| {
        let start = findings.region(finding.span).start;
        json!({
            "description": message(finding),
            "check_name": finding.code.id,
            "fingerprint": fingerprint,
            "severity": match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
            },
            "location": {"path": start.file, "lines": {"begin": start.line}},
        })
    });
    let issues = Value::Array(issues.collect());
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}
