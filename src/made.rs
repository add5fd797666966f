//! Folders of files that ingc makes, and keeps apart from all others by their first line.

use crate::error::Failure;
use crate::input::{reason, shown};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files below a folder that start with a header, sorted within each folder. A folder that does not
/// exist has none.
///
/// # Errors
/// If a folder cannot be read.
pub fn find(folder: &Path, header: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(folder, header, &mut found)?;
    Ok(found)
}

fn walk(folder: &Path, header: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, header, found)?;
        } else if fs::read_to_string(&path).is_ok_and(|text| text.starts_with(header)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

/// A file or folder that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write `{}`: {}", shown(path), reason(error));
    Diagnostic::error(&code::UNWRITABLE, message).into()
}
