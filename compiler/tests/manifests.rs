//! What the recorded cases hold must be read without a finding.
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::inventory::ClusterFacts;
use ingc_compiler::manifest;
use ingc_compiler::source::{FileId, Sources};
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let mut cases: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml" || ext == "json")
        {
            out.push(path);
        }
    }
}

fn show(sources: &Sources, diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    diagnostics
        .iter()
        .filter(|d| d.severity == severity)
        .map(|d| {
            let place = d.span.map(|span| sources.position(span).to_string()).unwrap_or_default();
            format!("{place} {} {} [{:?}]", d.code, d.message, d.path)
        })
        .collect()
}

#[test]
fn all_recorded_manifests_are_accepted() {
    let cases = cases();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let mut paths = Vec::new();
        files(&case.join("manifests"), &mut paths);
        let mut sources = Sources::new();
        let files: Vec<FileId> = paths
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                sources.add(path.display().to_string(), text)
            })
            .collect();
        let mut diagnostics = Diagnostics::new();
        let manifests =
            manifest::read(&sources, &files, &ClusterFacts::default(), &mut diagnostics);
        assert!(manifests.refused.is_empty());
        wrong.extend(show(&sources, &diagnostics, Severity::Error));
        let twice = case.ends_with("input-duplicate-objects");
        if !twice {
            wrong.extend(show(&sources, &diagnostics, Severity::Warning));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
