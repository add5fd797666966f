//! Where `ingc.yaml` and the manifests are when nobody says.

use super::InputArgs;
use super::files::canonical;
use ingc_compiler::settings::Ingc;
use ingc_compiler::source::Sources;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The name that is looked for.
pub(super) const NAME: &str = "ingc.yaml";

/// The `ingc.yaml` of the run: the one that is given, else the first one in the folder of the first
/// path or above it. The search ends at a repository's root.
pub fn config(args: &InputArgs) -> Option<PathBuf> {
    if let Some(path) = &args.config {
        return Some(path.clone());
    }
    let start = match args.paths.iter().find(|path| path.as_os_str() != "-") {
        Some(path) if path.is_dir() => path,
        Some(path) => path.parent()?,
        None => Path::new(""),
    };
    let here = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    if here.join(NAME).is_file() {
        return Some(start.join(NAME));
    }
    let absolute = std::fs::canonicalize(here).ok()?;
    let found = above(&absolute)?;
    let working = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    Some(working.map_or_else(|| found.clone(), |working| relative(&found, &working)))
}

fn above(folder: &Path) -> Option<PathBuf> {
    let is_below_root = |folder: &&Path| !folder.join(".git").exists();
    // The folder itself was looked into already, and may be the repository's root.
    let below_root = folder.ancestors().take_while(is_below_root).count();
    let folders = folder.ancestors().skip(1).take(below_root);
    folders.map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

/// The repository that a folder is in.
pub(super) fn repository(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    folder.ancestors().find(|it| it.join(".git").exists()).map(Path::to_owned)
}

/// A path as seen from a folder, both absolute and without links.
fn relative(path: &Path, from: &Path) -> PathBuf {
    let common = path.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(path.components().skip(common)).collect()
}

/// A path that was written into a file.
pub(super) fn beside(file: Option<&Path>, written: &str) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(folder) if !folder.as_os_str().is_empty() => folder.join(written),
        _ => PathBuf::from(written),
    }
}

/// The manifests' paths where the command line names none.
pub(super) fn configured(ingc: &Ingc, sources: &Sources, config: Option<&Path>) -> Vec<PathBuf> {
    if !ingc.manifests.is_empty() {
        return ingc.manifests.iter().map(|path| super::path_of(sources, path)).collect();
    }
    let folder = config.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    vec![folder.unwrap_or(Path::new(".")).to_owned()]
}

/// True if two lists name the same files and folders.
pub(super) fn same(one: &[PathBuf], other: &[PathBuf]) -> bool {
    let set = |paths: &[PathBuf]| paths.iter().map(|path| canonical(path)).collect::<BTreeSet<_>>();
    set(one) == set(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_search_for_a_config_goes_up_to_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let deep = root.join("repository/team/web");
        fs::create_dir_all(&deep).unwrap();
        fs::write(root.join(NAME), "").unwrap();
        assert_eq!(above(&deep), Some(root.join(NAME)));
        fs::create_dir(root.join("repository/.git")).unwrap();
        assert_eq!(above(&deep), None);
        assert_eq!(above(&root.join("repository")), None);
        fs::write(root.join("repository").join(NAME), "").unwrap();
        assert_eq!(above(&deep), Some(root.join("repository").join(NAME)));
    }

    #[test]
    fn paths_are_shown_as_seen_from_here() {
        let check = |path: &str, from: &str, expected: &str| {
            assert_eq!(relative(Path::new(path), Path::new(from)), Path::new(expected));
        };
        check("/a/b/ingc.yaml", "/a/b", "ingc.yaml");
        check("/a/ingc.yaml", "/a/b/c", "../../ingc.yaml");
        check("/x/ingc.yaml", "/a", "../x/ingc.yaml");
    }
}
