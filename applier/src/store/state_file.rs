//! The state in a local file.

use super::Store;
use super::history::{Chronicle, Past, PastState};
use super::history_folder;
use super::lock::Lock;
use super::snapshot::{self, Durability, Snapshot, with_suffix};
use crate::error::Error;
use ingc_planner::state::{Deposed, RecordedMember, Settled};
use ingc_planner::{Recorded, StackState, State, StateError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A state's file, locked as long as it is open. Every write puts the whole state in the file's
/// place; a large state tells single changes in a journal beside it and is made whole at the end.
pub struct StateFile {
    path: PathBuf,
    file: Snapshot,
    /// The text before the first write of this run, until it is kept as a backup.
    before: Option<String>,
    chronicle: Chronicle,
    /// Stacks as they are on disk.
    written: BTreeMap<String, StackState>,
    _lock: Lock,
}

/// A line of the journal: what has changed in a stack since the last line or the last whole
/// write. The header stands in every line, since a state gets its account and region with its
/// first write.
#[derive(Default, Serialize, Deserialize)]
struct Line {
    account: String,
    region: String,
    stack: String,
    /// The stack is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    serial: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<BTreeMap<String, RecordedMember>>,
    /// New and changed entries, and none for those that are gone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    resources: BTreeMap<String, Option<Recorded>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    deposed: BTreeMap<String, Option<Deposed>>,
}

impl Line {
    fn new(state: &State, stack: &str, before: Option<&StackState>) -> Line {
        let line = Line {
            account: state.account.clone(),
            region: state.region.clone(),
            stack: stack.to_owned(),
            ..Line::default()
        };
        let Some(now) = state.stacks.get(stack) else { return Line { gone: true, ..line } };
        let nothing = StackState::default();
        let before = before.unwrap_or(&nothing);
        Line {
            lineage: now.lineage.clone(),
            serial: now.serial,
            unfinished: now.unfinished,
            settled: now.settled.clone(),
            members: (now.members != before.members).then(|| now.members.clone()),
            resources: changed(&before.resources, &now.resources),
            deposed: changed(&before.deposed, &now.deposed),
            ..line
        }
    }

    /// Carries the change out.
    fn apply(self, stacks: &mut BTreeMap<String, StackState>) {
        if self.gone {
            stacks.remove(&self.stack);
            return;
        }
        let stack = stacks.entry(self.stack).or_default();
        (stack.lineage, stack.serial) = (self.lineage, self.serial);
        (stack.unfinished, stack.settled) = (self.unfinished, self.settled);
        if let Some(members) = self.members {
            stack.members = members;
        }
        put(&mut stack.resources, self.resources);
        put(&mut stack.deposed, self.deposed);
    }
}

/// What differs between two maps.
fn changed<T: Clone + PartialEq>(
    before: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
) -> BTreeMap<String, Option<T>> {
    let gone = before.keys().filter(|key| !now.contains_key(*key)).map(|key| (key.clone(), None));
    let new = now.iter().filter(|(key, value)| before.get(*key) != Some(value));
    gone.chain(new.map(|(key, value)| (key.clone(), Some(value.clone())))).collect()
}

fn put<T>(map: &mut BTreeMap<String, T>, changes: BTreeMap<String, Option<T>>) {
    for (key, value) in changes {
        match value {
            Some(value) => map.insert(key, value),
            None => map.remove(&key),
        };
    }
}

impl StateFile {
    /// Reads the state of a file without locking it, as a plan does; a missing file is an empty
    /// state.
    ///
    /// # Errors
    /// If the file cannot be read or holds no state.
    pub fn read(path: &Path, cluster: &str) -> Result<State, Error> {
        let (text, lines) = snapshot::read(path).map_err(|source| Error::unread(path, source))?;
        parse(path, cluster, text.as_deref(), &lines)
    }

    /// Locks a file and reads the state in it; a missing file is an empty state. With `durable`
    /// every write survives the end of the machine, which a state of real resources shall.
    ///
    /// # Errors
    /// If another run holds the file, if it cannot be read, or if it holds no state.
    pub fn open(path: &Path, cluster: &str, durable: bool) -> Result<(StateFile, State), Error> {
        StateFile::wait(path, cluster, durable, Duration::ZERO)
    }

    /// As [`StateFile::open`], and waits for a run that holds the file.
    ///
    /// # Errors
    /// As [`StateFile::open`], when the time is over.
    pub fn wait(
        path: &Path,
        cluster: &str,
        durable: bool,
        patience: Duration,
    ) -> Result<(StateFile, State), Error> {
        let lock = Lock::wait(path, "the state", patience)?;
        history_folder::sweep(path);
        let durability = if durable { Durability::Machine } else { Durability::Process };
        let (file, text, lines) =
            Snapshot::open(path, durability).map_err(|source| Error::unread(path, source))?;
        let state = parse(path, cluster, text.as_deref(), &lines)?;
        // A backup is whole: what a journal tells is part of the state before this run.
        let before = match (text, lines.is_empty()) {
            (Some(text), true) => Some(text),
            (Some(_), false) => Some(write(path, &state)?),
            (None, _) => None,
        };
        let written = state.stacks.clone();
        Ok((
            StateFile {
                path: path.to_owned(),
                file,
                before,
                chronicle: Chronicle::new(&state),
                written,
                _lock: lock,
            },
            state,
        ))
    }

    /// Writes the whole state.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, state: &State) -> Result<(), Error> {
        self.back_up()?;
        let text = write(&self.path, state)?;
        self.file.write(&text).map_err(|source| Error::state_file(&self.path, source))?;
        self.written.clone_from(&state.stacks);
        Ok(())
    }

    /// Makes the file whole and gives the lock away.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(mut self, state: &State) -> Result<(), Error> {
        if self.file.has_lines() { self.write(state) } else { Ok(()) }
    }

    /// Keeps what a stack was before this run's first change of it.
    fn remember(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        match self.chronicle.next(state, stack) {
            Some((past, kept)) => history_folder::keep(&self.path, &past, &kept),
            None => Ok(()),
        }
    }

    /// The past states of a file, the latest first.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn history(path: &Path) -> Result<Vec<Past>, Error> {
        history_folder::all(path)
    }

    /// What is kept of a past state.
    ///
    /// # Errors
    /// If it cannot be read, or is another cluster's.
    pub fn past(path: &Path, past: &Past, cluster: &str) -> Result<PastState, Error> {
        history_folder::read(path, past, cluster)
    }

    /// Keeps the state before this run's first write beside the file.
    fn back_up(&mut self) -> Result<(), Error> {
        let Some(before) = self.before.take() else { return Ok(()) };
        let backup = with_suffix(&self.path, ".backup");
        snapshot::replace(&backup, &before, Durability::Process)
            .map_err(|source| Error::state_file(&backup, source))
    }
}

impl Store for StateFile {
    fn prepare(&mut self) -> Result<(), Error> {
        // The backup takes as much room as the state, in the same folder.
        self.back_up()?;
        snapshot::probe(&self.path).map_err(|source| Error::state_file(&self.path, source))
    }

    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        self.remember(state, stack)?;
        if !self.file.prefers_lines() {
            return self.write(state);
        }
        self.back_up()?;
        let line = Line::new(state, stack, self.written.get(stack));
        let failed = |source| Error::state_file(&self.path, source);
        let text = serde_json::to_string(&line).map_err(|error| failed(error.into()))?;
        self.file.append(&text).map_err(failed)?;
        line.apply(&mut self.written);
        Ok(())
    }
}

fn write(path: &Path, state: &State) -> Result<String, Error> {
    state.write().map_err(|error| Error::state_file(path, error.into()))
}

fn parse(path: &Path, cluster: &str, text: Option<&str>, lines: &[String]) -> Result<State, Error> {
    let wrong = |source| Error::State { path: path.to_owned(), source };
    let Some(text) = text else { return Ok(State::empty(cluster)) };
    let mut state = State::read(text).map_err(wrong)?;
    for line in lines {
        let line: Line = serde_json::from_str(line).map_err(|error| {
            wrong(StateError::Malformed {
                message: format!("the journal: {error}"),
                line: error.line(),
                column: error.column(),
            })
        })?;
        state.account.clone_from(&line.account);
        state.region.clone_from(&line.region);
        line.apply(&mut state.stacks);
    }
    state.is_for(cluster, "", "").map_err(wrong)?;
    state.check_entries().map_err(wrong)?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn stack(serial: u64) -> StackState {
        StackState { lineage: "l".to_owned(), serial, ..StackState::default() }
    }

    fn open(path: &Path) -> (StateFile, State) {
        StateFile::open(path, "prod", false).unwrap()
    }

    #[test]
    fn a_state_is_written_read_and_backed_up_once_per_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let backup = with_suffix(&path, ".backup");
        let (mut file, mut state) = open(&path);
        assert!(state.is_empty());
        state.stacks.insert("shop/web".to_owned(), stack(1));
        file.save(&state, "shop/web").unwrap();
        file.close(&state).unwrap();
        assert!(!backup.exists());

        let (mut file, mut again) = open(&path);
        assert_eq!(again, state);
        for serial in 2..4 {
            again.stacks.insert("shop/web".to_owned(), stack(serial));
            file.save(&again, "shop/web").unwrap();
        }
        file.close(&again).unwrap();
        assert_eq!(StateFile::read(&path, "prod").unwrap(), again);
        assert_eq!(StateFile::read(&backup, "prod").unwrap(), state);
    }

    #[test]
    fn a_large_state_is_true_after_every_save_and_whole_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let (mut file, mut state) = open(&path);
        for n in 0..3000 {
            state.stacks.insert(format!("shop/web-{n:04}"), stack(n));
        }
        file.write(&state).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        state.account = "123456789012".to_owned();
        state.stacks.insert("shop/web-0007".to_owned(), stack(99));
        file.save(&state, "shop/web-0007").unwrap();
        state.stacks.remove("shop/web-0008");
        file.save(&state, "shop/web-0008").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        assert_eq!(StateFile::read(&path, "prod").unwrap(), state);
        drop(file);
        let (file, read) = open(&path);
        assert_eq!(read, state);
        drop(file);
        let (mut file, state) = open(&path);
        file.save(&state, "shop/web-0007").unwrap();
        file.close(&state).unwrap();
        assert_eq!(State::read(&fs::read_to_string(&path).unwrap()).unwrap(), state);
        assert!(!with_suffix(&path, ".journal").exists());
    }

    #[test]
    fn every_change_of_a_large_state_is_read_back_from_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let (mut file, mut state) = open(&path);
        let entry = |n: usize| -> Recorded {
            serde_json::from_value(
                serde_json::json!({"spec": {"name": n}, "outputs": {"x": n.to_string()}}),
            )
            .unwrap()
        };
        let mut web = stack(1);
        for n in 0..2000 {
            web.resources.insert(format!("AWS::EC2::SecurityGroup/{n:04}"), entry(n));
        }
        state.stacks.insert("shop/web".to_owned(), web);
        file.write(&state).unwrap();
        for n in 0..40 {
            let web = state.stacks.entry("shop/web".to_owned()).or_default();
            web.serial += 1;
            let key = |n: usize| format!("AWS::EC2::SecurityGroup/{n:04}");
            match n % 4 {
                0 => drop(web.resources.remove(&key(n))),
                1 => drop(web.resources.insert(key(n), entry(n + 1))),
                2 => {
                    let object = web.resources.remove(&key(n)).unwrap();
                    web.deposed.insert(key(n), Deposed { address: key(n), object });
                    web.resources.insert(key(n), entry(7));
                }
                _ => drop(web.deposed.remove(&key(n - 1))),
            }
            if n % 10 == 0 {
                let line =
                    serde_json::json!({"position": {"file": "a.yaml", "line": n, "column": 1}});
                web.members.insert(format!("shop/{n}"), serde_json::from_value(line).unwrap());
            }
            file.save(&state, "shop/web").unwrap();
            assert_eq!(StateFile::read(&path, "prod").unwrap(), state, "change {n}");
        }
        assert!(with_suffix(&path, ".journal").exists());
        drop(file);
        let (file, mut again) = open(&path);
        assert_eq!(again, state);
        again.stacks.remove("shop/web");
        file.close(&again).unwrap();
    }

    #[test]
    fn errors_name_the_file_and_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        fs::write(&path, "{\"version\": 1,").unwrap();
        let error = StateFile::read(&path, "prod").unwrap_err();
        assert_eq!(error.code().id, "ING1101");
        assert!(error.to_string().contains("ingc.state.json"), "{error}");
        assert!(error.next().unwrap().contains("ingc import"), "{error}");
        fs::write(&path, State::empty("dev").write().unwrap()).unwrap();
        assert_eq!(StateFile::read(&path, "prod").unwrap_err().code().id, "ING1103");
        let missing = folder.path().join("no/such/folder/state.json");
        assert_eq!(StateFile::open(&missing, "prod", false).err().unwrap().code().id, "ING1101");
    }

    #[test]
    fn what_a_stack_was_before_each_run_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        for run in 0..14 {
            let (mut file, mut state) = open(&path);
            for part in 1..3 {
                state.stacks.insert("shop/web".to_owned(), stack(run * 10 + part));
                file.save(&state, "shop/web").unwrap();
            }
            // Nothing is kept of what does not change.
            file.save(&state, "shop/web").unwrap();
            file.save(&state, "shop/none").unwrap();
            file.close(&state).unwrap();
        }
        let all = StateFile::history(&path).unwrap();
        let serials: Vec<u64> = all.iter().map(|past| past.serial).collect();
        assert_eq!(serials, [122, 112, 102, 92, 82, 72, 62, 52, 42, 32]);
        let kept = StateFile::past(&path, &all[0], "prod").unwrap();
        assert_eq!(kept.state, Some(stack(122)));
        assert_eq!(StateFile::past(&path, &all[0], "dev").unwrap_err().code().id, "ING1103");
        assert_eq!(StateFile::history(&folder.path().join("no.json")).unwrap(), []);
    }

    #[test]
    fn two_runs_do_not_hold_one_state() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ingc.state.json");
        let (_held, _) = open(&path);
        let error = StateFile::open(&path, "prod", false).err().unwrap();
        assert_eq!(error.code().id, "ING1102");
        StateFile::read(&path, "prod").unwrap();
    }
}
