//! What the recorded cases hold is read without a finding, but for what the controller refuses.
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::inventory::ClusterFacts;
use ingc_compiler::source::{FileId, Sources};
use ingc_compiler::{inventory, manifest, settings};
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
        let warned = ["input-duplicate-objects", "class-legacy-annotation"];
        if !warned.iter().any(|name| case.ends_with(name)) {
            wrong.extend(show(&sources, &diagnostics, Severity::Warning));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads the shared settings with a case's own over them.
fn read_settings(case: &Path, sources: &mut Sources) -> Diagnostics {
    let shared = case.parent().unwrap().join("values.yaml");
    let own = case.join("values.yaml");
    let mut files = Vec::new();
    for path in [shared, own].into_iter().filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&path).unwrap();
        files.push(sources.add(path.display().to_string(), text));
    }
    let mut diagnostics = Diagnostics::new();
    let settings = settings::read(sources, &files, &mut diagnostics);
    assert!(!settings.cluster_name.is_empty());
    diagnostics
}

#[test]
fn recorded_settings_are_refused_where_the_controller_does_not_start() {
    let refused = [
        "error-controller-config",
        "error-controller-config-target-type",
        "error-feature-gate-unknown",
    ];
    for case in cases() {
        let mut sources = Sources::new();
        let diagnostics = read_settings(&case, &mut sources);
        let errors = show(&sources, &diagnostics, Severity::Error);
        let name = case.file_name().unwrap().to_str().unwrap();
        assert_eq!(errors.len(), usize::from(refused.contains(&name)), "{name}: {errors:?}");
        assert_eq!(show(&sources, &diagnostics, Severity::Warning), Vec::<String>::new());
    }
}

#[test]
fn all_recorded_inventories_are_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/inventory.yaml");
    let own = cases().into_iter().map(|case| case.join("inventory.yaml"));
    for path in std::iter::once(root).chain(own.filter(|path| path.is_file())) {
        let mut sources = Sources::new();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = sources.add(path.display().to_string(), text);
        let mut diagnostics = Diagnostics::new();
        let inventory = inventory::read(&sources, file, &mut diagnostics);
        assert_eq!(show(&sources, &diagnostics, Severity::Error), Vec::<String>::new());
        assert_eq!(show(&sources, &diagnostics, Severity::Warning), Vec::<String>::new());
        assert!(inventory.vpc.vpc_id.starts_with("vpc-") && !inventory.subnets.is_empty());
        assert!(inventory.subnets.iter().all(|subnet| subnet.vpc_id.starts_with("vpc-")));
    }
}
