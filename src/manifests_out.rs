//! TargetGroupBindings as files in a folder.

use crate::error::Failure;
use crate::input::shown;
use crate::made::{self, unwritable};
use crate::review::file_name;
use crate::view::describe::counted;
use ingc_applier::{BindingManifest, binding_manifests};
use ingc_compiler::yaml::{Order, to_yaml};
use ingc_planner::State;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What every file starts with, and by which it is known.
const HEADER: &str = "# Made by `ingc apply --manifests-out`. Edits are overwritten.\n";

/// What was done to the folder.
pub struct Written {
    /// Files that hold a binding.
    count: usize,
    /// Files of bindings that are gone.
    removed: usize,
}

impl Written {
    /// In a line.
    pub fn told(&self, folder: &Path) -> String {
        let count = counted(self.count, "TargetGroupBinding");
        let folder = shown(folder);
        let removed = match self.removed {
            0 => String::new(),
            removed => format!(", and {removed} removed"),
        };
        format!("{count} in `{folder}`{removed}: `kubectl apply --recursive -f {folder}`")
    }
}

/// Writes the bindings of a state, a file each, and removes the files of those that are gone. They
/// carry ingc's label, or those by which the controller takes them for its own.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, state: &State, for_controller: bool) -> Result<Written, Failure> {
    let manifests = binding_manifests(state, for_controller);
    let mut kept = BTreeSet::new();
    for manifest in &manifests {
        let path = path_of(folder, manifest);
        let body = to_yaml(&manifest.object, Order::Sorted)
            .map_err(|error| unwritable(&path, &io::Error::other(error)))?;
        let text = format!("{HEADER}{body}");
        kept.insert(path.clone());
        if made::read(&path).is_some_and(|before| before == text) {
            continue;
        }
        made::write_below(folder, &path, &text)?;
    }
    let mut ours = made::find(folder, HEADER).map_err(|error| unwritable(folder, &error))?;
    ours.retain(|path| !kept.contains(path));
    for path in &ours {
        fs::remove_file(path).map_err(|error| unwritable(path, &error))?;
    }
    Ok(Written { count: manifests.len(), removed: ours.len() })
}

fn path_of(folder: &Path, manifest: &BindingManifest) -> PathBuf {
    // A state that was tampered with names no file elsewhere.
    let (namespace, name) = (file_name(&manifest.namespace), file_name(&manifest.name));
    folder.join(namespace).join(format!("{name}.yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_stay_in_their_folder() {
        let check = |namespace: &str, name: &str, expected: &str| {
            let (namespace, name) = (namespace.to_owned(), name.to_owned());
            let manifest = BindingManifest { namespace, name, object: serde_json::Value::Null };
            assert_eq!(path_of(Path::new("out"), &manifest), Path::new(expected));
        };
        check("shop", "k8s-shop-web", "out/shop/k8s-shop-web.yaml");
        check("..", "../../etc/passwd", "out/_/.._.._etc_passwd.yaml");
        check("/etc", "cron", "out/_etc/cron.yaml");
    }
}
