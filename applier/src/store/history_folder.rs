//! The history of a local state: a folder beside it with a file for each past state.

use super::history::{self, Past, PastState};
use super::snapshot::{self, Durability, with_suffix};
use crate::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a state file's history.
fn folder(state: &Path) -> PathBuf {
    with_suffix(state, ".history")
}

/// Keeps a past state, and lets the oldest of its stack go.
pub(super) fn keep(state: &Path, past: &Past, kept: &PastState) -> Result<(), Error> {
    let path = folder(state).join(past.key());
    let failed = |source| Error::state_file(&path, source);
    let Some(of_stack) = path.parent() else { return Ok(()) };
    fs::create_dir_all(of_stack).map_err(failed)?;
    let text = serde_json::to_string(kept).map_err(|error| failed(error.into()))?;
    snapshot::replace(&path, &(text + "\n"), Durability::Process).map_err(failed)?;
    let mut all = Vec::new();
    list(&folder(state), of_stack, false, &mut all).map_err(failed)?;
    for old in history::surplus(all) {
        // Somebody may have tidied up already.
        let _ = fs::remove_file(folder(state).join(old.key()));
    }
    Ok(())
}

/// Takes away what a run has left that was killed while it kept a past state. Such files are written
/// under the state's lock alone, which the caller holds.
pub(super) fn sweep(state: &Path) {
    sweep_below(&folder(state), &folder(state));
}

fn sweep_below(root: &Path, folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep_below(root, &path);
        } else if let Ok(below) = path.with_extension("").strip_prefix(root)
            && path.extension().is_some_and(|extension| extension == "tmp")
            && past(below).is_some()
        {
            // What cannot be taken away does no harm.
            let _ = fs::remove_file(&path);
        }
    }
}

/// All past states of a state file, the latest first. Without a history there are none.
pub(super) fn all(state: &Path) -> Result<Vec<Past>, Error> {
    let folder = folder(state);
    let mut found = Vec::new();
    list(&folder, &folder, true, &mut found)
        .map_err(|source| Error::state_file(&folder, source))?;
    Ok(history::sorted(found))
}

/// What is kept of a past state.
pub(super) fn read(state: &Path, past: &Past, cluster: &str) -> Result<PastState, Error> {
    let path = folder(state).join(past.key());
    let text = fs::read_to_string(&path).map_err(|source| Error::state_file(&path, source))?;
    history::read(&path.display().to_string(), &text, cluster)
}

fn list(root: &Path, folder: &Path, deep: bool, found: &mut Vec<Past>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if deep && path.is_dir() {
            list(root, &path, deep, found)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            found.extend(past(below));
        }
    }
    Ok(())
}

/// The past state of a path below the folder.
fn past(below: &Path) -> Option<Past> {
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    Past::parse(&parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_killed_run_has_left_of_ours_goes() {
        let temporary = tempfile::tempdir().unwrap();
        let state = temporary.path().join("ingc.state.json");
        let of_stack = folder(&state).join("shop/web");
        fs::create_dir_all(&of_stack).unwrap();
        let kept = "@20.1795812746.9de2353a.unfinished.state";
        let half = "@21.1795812746.9de2353a.unfinished.state.tmp";
        for name in [kept, half, "notes.tmp", "notes"] {
            fs::write(of_stack.join(name), "").unwrap();
        }
        sweep(&state);
        let left = fs::read_dir(&of_stack).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, [kept, "notes", "notes.tmp"]);
    }
}
