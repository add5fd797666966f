//! A lock beside a file, held by one process at a time and gone with it.

use super::snapshot::{self, with_suffix};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A lock on a file. It is released when it is dropped, and by the operating system when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Who holds a lock, as the lock says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// By which it can be taken away; a file's has none, since it goes with the process.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) id: String,
    pid: u32,
    user: String,
    host: String,
    command: String,
    /// Seconds since 1970.
    since: u64,
}

impl Holder {
    /// This process.
    pub(crate) fn here(id: &str) -> Holder {
        Holder {
            id: id.to_owned(),
            pid: std::process::id(),
            user: user(),
            host: host(),
            // Arguments beyond the command's name are nobody's business.
            command: std::env::args().nth(1).unwrap_or_default(),
            since: now(),
        }
    }

    /// What a lock holds.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Of what a lock holds; nobody in particular if it is no holder. One without a usable id is
    /// known by what it holds, so that it can be taken away all the same.
    pub(crate) fn parse(bytes: &[u8]) -> Holder {
        let mut holder: Holder = serde_json::from_slice(bytes).unwrap_or_default();
        let is_typed = |id: &str| (1..=64).contains(&id.len()) && id.chars().all(is_of_id);
        if !is_typed(&holder.id) {
            let hash = Sha256::digest(bytes);
            holder.id = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        }
        holder
    }

    /// For people.
    pub(crate) fn told(&self) -> String {
        let Holder { pid, user, host, command, since, .. } = self;
        if *pid == 0 {
            return "another process".to_owned();
        }
        let command =
            if command.is_empty() { String::new() } else { format!(" (`ingc {command}`)") };
        let who = at(user.clone(), host.clone());
        let who = if who.is_empty() { String::new() } else { format!(" of {who}") };
        format!("process {pid}{command}{who}, for {} s", now().saturating_sub(*since))
    }
}

impl Lock {
    /// Takes the lock of a file, which need not exist.
    ///
    /// # Errors
    /// If another process holds it; the message names that one. If the lock file cannot be made.
    pub fn acquire(path: &Path, what: &'static str) -> Result<Lock, Error> {
        Lock::wait(path, what, Duration::ZERO)
    }

    /// Takes the lock of a file, and waits for it if another process holds it.
    ///
    /// # Errors
    /// As [`Lock::acquire`], when the time is over.
    pub fn wait(path: &Path, what: &'static str, patience: Duration) -> Result<Lock, Error> {
        let lock = with_suffix(path, ".lock");
        let failed = |source| Error::state_file(&lock, source);
        let started = Instant::now();
        loop {
            snapshot::no_link(&lock).map_err(failed)?;
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&lock)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_current(&file, &lock) => {
                    let mut held = Lock { file, path: lock.clone() };
                    held.sign().map_err(failed)?;
                    return Ok(held);
                }
                // The holder of before has removed the file in the meantime: take the new one.
                Ok(()) => continue,
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if started.elapsed() >= patience => {
                    return Err(Error::Locked {
                        what,
                        path: path.to_owned(),
                        holder: holder(file),
                    });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Writes who holds the lock.
    fn sign(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(Holder::here("").text().as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still held: whoever opened it before sees that it is not the one
        // that lies there now. Where an open file cannot be removed it stays, which harms nobody.
        let _ = fs::remove_file(&self.path);
    }
}

/// True if the open file is the one that lies at the path.
#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(lies)) => (open.dev(), open.ino()) == (lies.dev(), lies.ino()),
        _ => false,
    }
}

/// True if the open file is the one that lies at the path: an open file cannot be removed here.
#[cfg(not(unix))]
fn is_current(_file: &File, _path: &Path) -> bool {
    true
}

fn variable(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| std::env::var(name).ok())
}

/// Who runs this process.
fn user() -> String {
    variable(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_default()
}

/// Where this process runs.
fn host() -> String {
    let host = variable(&["HOSTNAME", "COMPUTERNAME"])
        .or_else(|| fs::read_to_string("/etc/hostname").ok())
        .unwrap_or_default();
    host.trim().to_owned()
}

/// `user@host`, as far as they are known.
pub(crate) fn who() -> String {
    at(user(), host())
}

/// What an id may hold: it is printed in a command that can be typed.
fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn at(user: String, host: String) -> String {
    [user, host].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("@")
}

/// Who holds a lock, for people.
fn holder(mut file: File) -> String {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    read.map_or_else(|_| Holder::default(), |_| Holder::parse(&bytes)).told()
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_names_its_holder_and_a_dropped_one_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let held = Lock::acquire(&path, "the state").unwrap();
        let error = Lock::acquire(&path, "the state").unwrap_err();
        assert_eq!(error.code().id, "ING1102");
        let message = error.to_string();
        assert!(
            message.contains(&format!("is in use by process {}", std::process::id())),
            "{message}"
        );
        drop(held);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        Lock::acquire(&path, "the state").unwrap();
    }

    #[test]
    fn a_lock_file_that_was_left_behind_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        fs::write(with_suffix(&path, ".lock"), "{}").unwrap();
        Lock::acquire(&path, "the state").unwrap();
    }

    #[test]
    fn a_lock_that_is_no_lock_has_an_id_and_no_commands() {
        let id = |bytes: &[u8]| Holder::parse(bytes).id;
        let garbage = id(b"<html>\xff");
        assert!(garbage.len() == 12 && garbage.chars().all(|c| c.is_ascii_hexdigit()), "{garbage}");
        assert_ne!(garbage, id(b""));
        assert_eq!(id(Holder::here("0a1b2c").text().as_bytes()), "0a1b2c");
        let hostile = id(Holder::here("x; rm -rf ~").text().as_bytes());
        assert!(hostile.chars().all(is_of_id), "{hostile}");
        assert_eq!(Holder::parse(b"[]").told(), "another process");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_lock_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let precious = folder.path().join("precious");
        fs::write(&precious, "keep me").unwrap();
        std::os::unix::fs::symlink(&precious, with_suffix(&path, ".lock")).unwrap();
        let error = Lock::acquire(&path, "the state").unwrap_err();
        assert!(error.to_string().contains("ingc.state.json.lock"), "{error}");
        assert_eq!(fs::read_to_string(&precious).unwrap(), "keep me");
    }

    #[test]
    fn of_many_threads_one_holds_the_lock_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let lock = Lock::wait(&path, "x", Duration::from_secs(60)).unwrap();
                        use std::sync::atomic::Ordering::SeqCst;
                        assert_eq!(inside.fetch_add(1, SeqCst), 0);
                        inside.fetch_sub(1, SeqCst);
                        drop(lock);
                    }
                });
            }
        });
    }
}
