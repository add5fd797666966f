//! Where a state is kept, and whatever keeps it.

use super::Store;
use super::history::{Past, PastState};
use super::s3::{HeldLock, S3Place, S3Store};
use super::state_file::StateFile;
use crate::error::Error;
use ingc_planner::State;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlace {
    at: At,
    /// The region of the cluster, for a bucket of which nobody says where it is.
    region: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    File(PathBuf),
    S3(S3Place),
}

impl StatePlace {
    /// A file, or `s3://bucket/prefix/`.
    ///
    /// # Errors
    /// If it is meant to be on S3 and names no bucket.
    pub fn new(path: &Path, region: &str) -> Result<StatePlace, Error> {
        let text = path.to_string_lossy();
        let at = if text.starts_with("s3:") {
            let place = S3Place::parse(&text);
            At::S3(place.map_err(|message| Error::S3 { object: text.into_owned(), message })?)
        } else {
            At::File(path.to_owned())
        };
        Ok(StatePlace { at, region: region.to_owned() })
    }

    /// Reads the state without locking it, as a plan does. A missing one is empty.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, cluster: &str) -> Result<State, Error> {
        match &self.at {
            At::File(path) => StateFile::read(path, cluster),
            At::S3(place) => place.read(cluster, &self.region),
        }
    }

    /// Opens the state to change it. A file is locked as a whole, for which others are waited for
    /// as long as the patience lasts; on S3 stacks are locked by [`StateStore::lock`].
    ///
    /// # Errors
    /// If it cannot be read, or another run holds the file.
    pub fn open(
        &self,
        cluster: &str,
        durable: bool,
        patience: Duration,
    ) -> Result<(StateStore, State), Error> {
        match &self.at {
            At::File(path) => StateFile::wait(path, cluster, durable, patience)
                .map(|(file, state)| (StateStore::File(Box::new(file)), state)),
            At::S3(place) => place
                .open(cluster, &self.region)
                .map(|(store, state)| (StateStore::S3(Box::new(store)), state)),
        }
    }

    /// The past states, the latest first.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn history(&self) -> Result<Vec<Past>, Error> {
        match &self.at {
            At::File(path) => StateFile::history(path),
            At::S3(place) => place.history(&self.region),
        }
    }

    /// What is kept of a past state.
    ///
    /// # Errors
    /// If it cannot be read, or is another cluster's.
    pub fn past(&self, past: &Past, cluster: &str) -> Result<PastState, Error> {
        match &self.at {
            At::File(path) => StateFile::past(path, past, cluster),
            At::S3(place) => place.past(past, cluster, &self.region),
        }
    }

    /// Locks that are held on S3. A file's lock goes with the process that holds it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn locks(&self) -> Result<Vec<HeldLock>, Error> {
        match &self.at {
            At::File(_) => Ok(Vec::new()),
            At::S3(place) => place.locks(&self.region),
        }
    }

    /// Takes the locks of an id away: the stacks that were locked.
    ///
    /// # Errors
    /// If they cannot be read or deleted.
    pub fn unlock(&self, id: &str) -> Result<Vec<String>, Error> {
        match &self.at {
            At::File(_) => Ok(Vec::new()),
            At::S3(place) => place.unlock(id, &self.region),
        }
    }

    /// The bucket, and the prefix of all keys, if it is on S3.
    pub fn bucket(&self) -> Option<(String, String)> {
        match &self.at {
            At::File(_) => None,
            At::S3(place) => Some(place.parts()),
        }
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.at {
            At::File(path) => Some(path),
            At::S3(_) => None,
        }
    }
}

impl fmt::Display for StatePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::File(path) => path.display().fmt(f),
            At::S3(place) => place.fmt(f),
        }
    }
}

/// Keeps the state of a run.
pub enum StateStore {
    /// In a file.
    File(Box<StateFile>),
    /// On S3.
    S3(Box<S3Store>),
}

impl StateStore {
    /// Locks the stacks that a plan changes. False if the state was changed since it was read, so
    /// that it is to be read and planned again. A file is locked as a whole already.
    ///
    /// # Errors
    /// If a stack is in use for longer than the patience lasts.
    pub fn lock(
        &mut self,
        stacks: &BTreeSet<String>,
        patience: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<bool, Error> {
        match self {
            StateStore::File(_) => Ok(true),
            StateStore::S3(store) => store.lock(stacks, patience, tell),
        }
    }

    /// Makes everything whole and lets all locks go.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self, state: &State) -> Result<(), Error> {
        match self {
            StateStore::File(file) => file.close(state),
            StateStore::S3(store) => store.close(),
        }
    }
}

impl Store for StateStore {
    fn prepare(&mut self) -> Result<(), Error> {
        match self {
            StateStore::File(file) => file.prepare(),
            StateStore::S3(store) => store.prepare(),
        }
    }

    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        match self {
            StateStore::File(file) => file.save(state, stack),
            StateStore::S3(store) => store.save(state, stack),
        }
    }
}
