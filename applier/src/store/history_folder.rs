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
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            found.extend(Past::parse(&parts.join("/")));
        }
    }
    Ok(())
}
