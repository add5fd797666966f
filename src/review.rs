//! Review files: one per stack in a folder, written, or held against what they should be.

use crate::error::Failure;
use crate::input::{reason, shown};
use crate::made::{self, unwritable};
use crate::view::review::{HEADER, text};
use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The review files of a compilation in a folder.
pub struct Reviews {
    folder: PathBuf,
    /// What the files should hold.
    wanted: BTreeMap<PathBuf, String>,
    /// Files of stacks that no longer exist.
    stale: Vec<PathBuf>,
}

/// A file that is not as it should be.
pub struct Difference {
    /// Its name.
    pub path: String,
    /// What it holds; empty if it is missing.
    pub before: String,
    /// What it should hold; empty if it should not be there.
    pub after: String,
}

impl Reviews {
    /// Of all stacks that were built. Files of refused groups stay as they are. Other files are
    /// stale only where the manifests are known to be `whole`.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn new(folder: &Path, compilation: &Compilation, whole: bool) -> Result<Reviews, Failure> {
        let mut wanted = BTreeMap::new();
        for (id, stack) in &compilation.stacks {
            let text = text(stack)
                .map_err(|error| unwritable(&path_of(folder, id), &io::Error::other(error)))?;
            wanted.insert(path_of(folder, id), text);
        }
        let frozen: BTreeSet<PathBuf> =
            compilation.refused.keys().map(|id| path_of(folder, id)).collect();
        let mut stale = Vec::new();
        if whole && !compilation.incomplete {
            stale = made::find(folder, HEADER).map_err(|error| {
                let message = format!("cannot read `{}`: {}", shown(folder), reason(&error));
                Diagnostic::error(&code::UNREADABLE, message)
            })?;
            stale.retain(|path| !wanted.contains_key(path) && !frozen.contains(path));
        }
        Ok(Reviews { folder: folder.to_owned(), wanted, stale })
    }

    /// All files that are not as they should be.
    pub fn differences(&self) -> Vec<Difference> {
        let read = |path: &Path| made::read(path).unwrap_or_default();
        let wanted = self.wanted.iter().map(|(path, text)| (path, text.as_str()));
        let stale = self.stale.iter().map(|path| (path, ""));
        let all = wanted.chain(stale).map(|(path, after)| Difference {
            path: shown(path),
            before: read(path),
            after: after.to_owned(),
        });
        all.filter(|difference| difference.before != difference.after).collect()
    }

    /// Writes what differs and removes what is stale.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self) -> Result<(), Failure> {
        for (path, text) in &self.wanted {
            if made::read(path).is_some_and(|before| before == *text) {
                continue;
            }
            made::write_below(&self.folder, path, text)?;
        }
        for path in &self.stale {
            fs::remove_file(path).map_err(|error| unwritable(path, &error))?;
        }
        Ok(())
    }
}

/// A name as a part of a path that leads nowhere else.
pub fn file_name(name: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    if name.chars().all(|c| c == '.') { "_".to_owned() } else { name }
}

/// `shop/web` is `shop/web.yaml`, the group `edge` is `edge.yaml`.
fn path_of(folder: &Path, stack: &str) -> PathBuf {
    let parts: Vec<String> = stack.split('/').map(file_name).collect();
    folder.join(parts.join("/") + ".yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_in_their_folder() {
        let check = |stack: &str, expected: &str| {
            assert_eq!(path_of(Path::new("out"), stack), Path::new(expected));
        };
        check("shop/web", "out/shop/web.yaml");
        check("edge.public", "out/edge.public.yaml");
        check("../../etc", "out/_/_/etc.yaml");
        check("/a", "out/_/a.yaml");
    }
}
