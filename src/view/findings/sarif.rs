//! SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS.

use super::{Findings, Region, message};
use ingc_compiler::diagnostic::{Code, Diagnostic, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<'static>,
    full_description: Text<'static>,
    help: Text<'static>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: OwnText,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct OwnText {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Lines,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

pub(super) fn text(findings: &Findings<'_>) -> String {
    let mut codes: Vec<&'static Code> = findings.all.iter().map(|finding| finding.code).collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup_by_key(|code| code.id);
    let index = |code: &Code| codes.iter().position(|known| *known == code).unwrap_or_default();
    let results = findings.all.iter().zip(findings.fingerprints());
    let results = results.map(|(finding, fingerprint)| Outcome {
        rule_id: finding.code.id,
        rule_index: index(finding.code),
        level: finding.severity.as_str(),
        message: OwnText { text: message(finding) },
        locations: [main(findings, finding)],
        related_locations: related(findings, finding),
        partial_fingerprints: BTreeMap::from([("ingcFinding/v1", fingerprint)]),
    });
    let rule = |code: &&'static Code| Rule {
        id: code.id,
        short_description: Text { text: code.title },
        full_description: Text { text: code.explanation },
        help: Text { text: code.explanation },
    };
    let failed = findings.all.iter().any(|finding| finding.severity == Severity::Error);
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "ingc",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: codes.iter().map(rule).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation { execution_successful: !failed }],
            results: results.collect(),
        }],
    };
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn main<'a>(findings: &Findings<'a>, finding: &'a Diagnostic) -> Location<'a> {
    let object = finding.object.as_deref().into_iter();
    let logical = object.map(|name| LogicalLocation { fully_qualified_name: name, kind: "object" });
    Location {
        id: None,
        physical_location: physical(&findings.region(finding.span)),
        logical_locations: logical.collect(),
        message: None,
    }
}

fn related<'a>(findings: &Findings<'a>, finding: &'a Diagnostic) -> Vec<Location<'a>> {
    let placed = finding.related.iter().filter(|related| related.span.is_some());
    let location = |(index, related): (usize, &'a ingc_compiler::diagnostic::Related)| Location {
        id: Some(index + 1),
        physical_location: physical(&findings.region(related.span)),
        logical_locations: Vec::new(),
        message: Some(Text { text: &related.message }),
    };
    placed.enumerate().map(location).collect()
}

fn physical(region: &Region) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: ArtifactLocation { uri: uri(&region.start.file) },
        region: Lines {
            start_line: region.start.line,
            start_column: region.start.column,
            end_line: region.end.line,
            end_column: region.end.column,
        },
    }
}

/// A path as a URI: relative to where the program ran, or absolute.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let check = |path: &str, expected: &str| assert_eq!(uri(path), expected);
        check("k8s/web.yaml", "k8s/web.yaml");
        check("../a b#ä.yaml", "../a%20b%23%C3%A4.yaml");
        check("/srv/a.yaml", "file:///srv/a.yaml");
        check("<stdin>", "%3Cstdin%3E");
    }
}
