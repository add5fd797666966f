//! Files that ingc makes, and folders of them, which are kept apart from all others by their first
//! line.

use crate::error::Failure;
use crate::input::{reason, shown};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use std::fs::{self, File};
use std::io::{self, Read, Write};
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
        let entry = entry?;
        // Links are nothing that ingc has made, and may lead in circles or to files of others.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), header, found)?;
        } else if kind.is_file() && starts_with(&entry.path(), header) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(())
}

fn starts_with(path: &Path, header: &str) -> bool {
    let mut start = vec![0; header.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == header.as_bytes()
}

/// The text of a file that ingc may have made; none of a link, a device or what else is there.
pub fn read(path: &Path) -> Option<String> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if is_file { fs::read_to_string(path).ok() } else { None }
}

/// Writes a file as a whole or not at all; into a device or a pipe it is just written.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    put(path, text).map_err(|error| unwritable(path, &error))
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return fs::write(path, text);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut beside = tempfile::Builder::new();
    // As any file that is made, whatever the process's mask leaves of it.
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = beside.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    beside.as_file_mut().write_all(text.as_bytes())?;
    beside.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file somewhere below a folder, and makes the folders that lead there. Below the folder
/// no link is followed.
///
/// # Errors
/// If it cannot be written.
pub fn write_below(folder: &Path, path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        let below = parent.ancestors().take_while(|it| *it != folder);
        let link = below.into_iter().find(|it| it.is_symlink());
        if let Some(link) = link {
            let error = io::Error::other("it is a link, and leads elsewhere");
            return Err(unwritable(link, &error));
        }
        fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
    }
    if path.is_symlink() {
        fs::remove_file(path).map_err(|error| unwritable(path, &error))?;
    }
    write(path, text)
}

/// A file or folder that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write `{}`: {}", shown(path), reason(error));
    Diagnostic::error(&code::UNWRITABLE, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(folder.path(), "x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_folder_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (made, other) = (folder.path().join("made"), folder.path().join("other"));
        fs::create_dir_all(&made).unwrap();
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("x.yaml"), "# made\nprecious").unwrap();
        symlink(&made, made.join("circle")).unwrap();
        symlink(&made, made.join("another")).unwrap();
        symlink("/dev/zero", made.join("endless")).unwrap();
        symlink(&other, made.join("shop")).unwrap();
        symlink(other.join("x.yaml"), made.join("y.yaml")).unwrap();
        assert_eq!(find(&made, "# made").unwrap(), Vec::<PathBuf>::new());
        assert_eq!(read(&made.join("endless")), None);
        assert!(write_below(&made, &made.join("shop/x.yaml"), "no").is_err());
        // A link in the place of a file is replaced, also one to a device.
        write_below(&made, &made.join("endless"), "an end").unwrap();
        assert!(fs::symlink_metadata(made.join("endless")).unwrap().is_file());
        write_below(&made, &made.join("y.yaml"), "# made").unwrap();
        assert_eq!(fs::read_to_string(other.join("x.yaml")).unwrap(), "# made\nprecious");
        assert_eq!(find(&made, "# made").unwrap(), [made.join("y.yaml")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_stays_a_device() {
        write(Path::new("/dev/null"), "x").unwrap();
        assert!(write(Path::new("/dev/full"), "x").is_err() || !Path::new("/dev/full").exists());
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
