//! A file that is put in place as a whole, or grows by lines in a journal beside it while it is
//! too large to be written anew for every change.

use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The end of the process.
    Process,
    /// The end of the machine as well.
    Machine,
}

/// Files up to this many bytes are always written as a whole.
const SMALL: u64 = 128 * 1024;

/// A file and its journal. A journal belongs to exactly one text of the file, whose hash is its
/// first line, so that one that was left behind is never taken for a newer file's.
pub(crate) struct Snapshot {
    path: PathBuf,
    durability: Durability,
    len: u64,
    hash: String,
    journal: Option<(File, u64)>,
    /// A line may stand in the journal in part: nothing can be put behind it.
    broken: bool,
}

impl Snapshot {
    /// Opens a file, which need not exist: with it come its text and the whole lines of its
    /// journal. A line that was cut short says nothing.
    pub(crate) fn open(
        path: &Path,
        durability: Durability,
    ) -> io::Result<(Snapshot, Option<String>, Vec<String>)> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (text, lines) = read(&path)?;
        let len = text.as_ref().map_or(0, |text| text.len() as u64);
        let hash = hash(text.as_deref().unwrap_or_default());
        Ok((Snapshot { path, durability, len, hash, journal: None, broken: false }, text, lines))
    }

    /// True if a change is cheaper told as a line.
    pub(crate) fn prefers_lines(&self) -> bool {
        let is_short = self.journal.as_ref().is_none_or(|(_, written)| *written < self.len);
        self.len > SMALL && is_short && !self.broken
    }

    /// True if the journal holds what the file does not.
    pub(crate) fn has_lines(&self) -> bool {
        self.journal.is_some()
    }

    /// Adds a line to the journal. If that fails, the next change is told as a whole.
    pub(crate) fn append(&mut self, line: &str) -> io::Result<()> {
        self.broken = true;
        self.add(line)?;
        self.broken = false;
        Ok(())
    }

    fn add(&mut self, line: &str) -> io::Result<()> {
        if self.journal.is_none() {
            no_link(&journal(&self.path))?;
            let mut file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .open(journal(&self.path))?;
            restrict(&file, &self.path)?;
            file.write_all(format!("{}\n", self.hash).as_bytes())?;
            self.journal = Some((file, 0));
        }
        if let Some((file, written)) = &mut self.journal {
            let line = format!("{line}\n");
            file.write_all(line.as_bytes())?;
            if self.durability == Durability::Machine {
                file.sync_data()?;
            }
            *written += line.len() as u64;
        }
        Ok(())
    }

    /// Puts a text in the place of the file and of its journal.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        replace(&self.path, text, self.durability)?;
        self.hash = hash(text);
        self.len = text.len() as u64;
        self.journal = None;
        self.broken = false;
        match fs::remove_file(journal(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A file's text, if it exists, and the whole lines of the journal that belongs to it.
pub(crate) fn read(path: &Path) -> io::Result<(Option<String>, Vec<String>)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, Vec::new())),
        Err(error) => return Err(error),
    };
    // A cut may fall within a character, and the lines before it are good all the same.
    let journal = match fs::read(journal(path)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
    let mut lines = whole.lines();
    let ours = lines.next() == Some(hash(&text).as_str());
    let lines = if ours { lines.map(str::to_owned).collect() } else { Vec::new() };
    Ok((Some(text), lines))
}

/// Puts a text in the place of a file, which at no moment holds anything but the old or the new.
/// Whoever does holds a lock, and so the new one has the same name every time: what a run leaves
/// that is killed in between is gone with the next.
pub(crate) fn replace(path: &Path, text: &str, durability: Durability) -> io::Result<()> {
    let mut beside = Beside::new(path)?;
    beside.file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(path) {
        beside.file.set_permissions(metadata.permissions())?;
    }
    if durability == Durability::Machine {
        beside.file.sync_all()?;
    }
    fs::rename(&beside.path, path)?;
    if durability == Durability::Machine
        && cfg!(unix)
        && let Ok(folder) = File::open(folder(path))
    {
        folder.sync_all()?;
    }
    Ok(())
}

/// A file beside another one, which goes if it does not take that one's place.
struct Beside {
    path: PathBuf,
    file: File,
}

impl Beside {
    fn new(path: &Path) -> io::Result<Beside> {
        let path = with_suffix(path, ".tmp");
        // Made anew, so that no link that lies there is followed.
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Beside { path, file })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Nothing is there any more after it was moved.
        let _ = fs::remove_file(&self.path);
    }
}

/// Refuses to write through a link to a file that somebody has put in the place of one of ours.
pub(crate) fn no_link(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            Err(io::Error::other("it is a link, and what it leads to would be overwritten"))
        }
        _ => Ok(()),
    }
}

/// Makes sure that a file beside this one can be written.
pub(crate) fn probe(path: &Path) -> io::Result<()> {
    Beside::new(path)?.file.write_all(b"\n")
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The journal's path.
fn journal(path: &Path) -> PathBuf {
    with_suffix(path, ".journal")
}

/// The path with something after its whole name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The journal is readable to whom the file is.
fn restrict(journal: &File, path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) => journal.set_permissions(metadata.permissions()),
        Err(_) => Ok(()),
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> (Snapshot, Option<String>, Vec<String>) {
        Snapshot::open(path, Durability::Process).unwrap()
    }

    #[test]
    fn a_missing_file_is_no_text_and_a_written_one_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let (mut file, text, lines) = open(&path);
        assert_eq!((text, lines.len()), (None, 0));
        file.write("one").unwrap();
        file.write("two").unwrap();
        assert_eq!(open(&path).1.as_deref(), Some("two"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn lines_belong_to_the_text_that_they_were_written_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let (mut file, ..) = open(&path);
        file.write("one").unwrap();
        file.append("a").unwrap();
        file.append("b").unwrap();
        assert_eq!(open(&path).2, ["a", "b"]);
        let left = fs::read(journal(&path)).unwrap();
        file.write("two").unwrap();
        assert!(open(&path).2.is_empty());
        fs::write(journal(&path), left).unwrap();
        assert!(open(&path).2.is_empty(), "a journal of an earlier text counts for nothing");
    }

    #[test]
    fn a_line_that_was_cut_short_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let (mut file, ..) = open(&path);
        file.write("one").unwrap();
        file.append("a").unwrap();
        file.append("é").unwrap();
        let whole = fs::read(journal(&path)).unwrap();
        for cut in 0..whole.len() {
            fs::write(journal(&path), &whole[..cut]).unwrap();
            let lines = open(&path).2;
            assert!(lines.is_empty() || lines == ["a"], "cut at {cut}: {lines:?}");
        }
    }

    #[test]
    fn nothing_is_put_behind_a_line_that_could_not_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let (mut file, ..) = open(&path);
        file.write(&"x".repeat(200_000)).unwrap();
        file.append("a").unwrap();
        let (kept, _) = file.journal.replace((File::open(&path).unwrap(), 1)).unwrap();
        assert!(file.append("b").is_err() && !file.prefers_lines());
        file.journal = Some((kept, 1));
        assert!(!file.prefers_lines(), "it is written as a whole next");
        file.write(&"y".repeat(200_000)).unwrap();
        assert!(file.prefers_lines());
        file.append("c").unwrap();
        assert_eq!(open(&path).2, ["c"]);
    }

    #[test]
    fn only_large_files_grow_by_lines_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let (mut file, ..) = open(&path);
        file.write("small").unwrap();
        assert!(!file.prefers_lines());
        file.write(&"x".repeat(200_000)).unwrap();
        assert!(file.prefers_lines());
        file.append(&"y".repeat(150_000)).unwrap();
        assert!(file.prefers_lines());
        file.append(&"y".repeat(60_000)).unwrap();
        assert!(!file.prefers_lines());
    }

    #[test]
    fn what_a_killed_run_has_left_is_gone_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        fs::write(with_suffix(&path, ".tmp"), "half").unwrap();
        probe(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(with_suffix(&path, ".tmp"), "half").unwrap();
        replace(&path, "whole", Durability::Process).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // What cannot take the other's place goes.
        fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(replace(&folder.path().join("folder"), "x", Durability::Process).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_journal_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let (path, precious) = (folder.path().join("x.json"), folder.path().join("precious"));
        fs::write(&precious, "keep me").unwrap();
        let (mut file, ..) = open(&path);
        file.write("one").unwrap();
        std::os::unix::fs::symlink(&precious, journal(&path)).unwrap();
        assert!(file.append("a").is_err());
        assert_eq!(fs::read_to_string(&precious).unwrap(), "keep me");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("x.json"), folder.path().join("link.json"));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        open(&link).0.write("two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
