//! Snapshots: what exists of the recorded resources, kept in a file.

use crate::error::Failure;
use crate::input::{reason, shown};
use crate::made;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_planner::{Live, Snapshot, State};
use std::fs;
use std::path::Path;

/// Writes what was read of a state's resources.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, state: &State, live: Live) -> Result<(), Failure> {
    let snapshot = Snapshot::new(state, live);
    let text = serde_json::to_string_pretty(&snapshot).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        Diagnostic::error(&code::UNWRITABLE, message)
    })?;
    made::write(path, &(text + "\n"))
}

/// Reads what exists, to plan a state with it.
///
/// # Errors
/// If the file cannot be read, is no snapshot, or is of another state.
pub fn read(path: &Path, state: &State) -> Result<Live, Failure> {
    let name = shown(path);
    let bad = |message: String| -> Failure {
        let hint = "make one with `ingc refresh --out FILE`";
        Diagnostic::error(&code::BAD_SNAPSHOT, message).hint(hint).into()
    };
    let text = fs::read_to_string(path)
        .map_err(|error| bad(format!("cannot read `{name}`: {}", reason(&error))))?;
    let snapshot = Snapshot::read(&text).map_err(|why| bad(format!("`{name}` {why}")))?;
    snapshot.is_of(state).map_err(|why| bad(format!("`{name}` is of another state: {why}")))?;
    Ok(snapshot.live)
}
