//! The state on S3: an object for every stack, written on the condition that it is as it was read,
//! and a lock for every stack, so that many runs work side by side below one prefix.

mod bucket;
mod lock;

use super::Store;
use super::history::{self, Chronicle, Past, PastState};
use super::lock::Holder;
use crate::error::Error;
use bucket::{Bucket, Condition, Object};
use ingc_planner::{State, StateError};
use lock::Locks;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A prefix of a bucket that holds the states of a cluster's stacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct S3Place {
    bucket: String,
    /// Empty, or with a slash at its end.
    prefix: String,
}

impl S3Place {
    /// Reads `s3://bucket/prefix/`.
    ///
    /// # Errors
    /// If it names no bucket; the message says what is wrong.
    pub(super) fn parse(text: &str) -> Result<S3Place, String> {
        let rest = text.strip_prefix("s3://").ok_or("it does not begin with `s3://`")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        if bucket.len() < 3 || !bucket.chars().all(fits) {
            return Err(format!("`{bucket}` is no name of a bucket"));
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(S3Place { bucket: bucket.to_owned(), prefix })
    }

    /// The bucket, and the prefix of all keys.
    pub(super) fn parts(&self) -> (String, String) {
        (self.bucket.clone(), self.prefix.clone())
    }

    fn key(&self, kind: &str, stack: &str) -> String {
        format!("{}{kind}/{stack}.json", self.prefix)
    }

    fn below(&self, kind: &str) -> String {
        format!("{}{kind}/", self.prefix)
    }

    fn named(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// Reads the state, without locks.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn read(&self, cluster: &str, region: &str) -> Result<State, Error> {
        let bucket = Bucket::open(&self.bucket, region)?;
        let keys: Vec<String> = bucket.list(&self.below("state"))?.into_keys().collect();
        self.merge(cluster, &bucket.get_all(&keys)?)
    }

    /// Opens the state to change it. No stack is locked yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn open(&self, cluster: &str, region: &str) -> Result<(S3Store, State), Error> {
        let bucket = Arc::new(Bucket::open(&self.bucket, region)?);
        let keys: Vec<String> = bucket.list(&self.below("state"))?.into_keys().collect();
        let objects = bucket.get_all(&keys)?;
        let state = self.merge(cluster, &objects)?;
        let store = S3Store {
            place: self.clone(),
            locks: Locks::new(bucket.clone()),
            bucket,
            etags: objects.into_iter().map(|(key, object)| (key, object.etag)).collect(),
            chronicle: Chronicle::new(&state),
        };
        Ok((store, state))
    }

    /// The past states, the latest first.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub(super) fn history(&self, region: &str) -> Result<Vec<Past>, Error> {
        let bucket = Bucket::open(&self.bucket, region)?;
        let below = self.below("history");
        let keys = bucket.list(&below)?;
        let names = keys.keys().filter_map(|key| key.strip_prefix(&below));
        Ok(history::sorted(names.filter_map(Past::parse).collect()))
    }

    /// What is kept of a past state.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn past(
        &self,
        past: &Past,
        cluster: &str,
        region: &str,
    ) -> Result<PastState, Error> {
        let key = self.below("history") + &past.key();
        let object = Bucket::open(&self.bucket, region)?.get(&key)?;
        let name = self.named(&key);
        let missing = || Error::S3 { object: name.clone(), message: "it is not there".to_owned() };
        history::read(&name, &object.ok_or_else(missing)?.text, cluster)
    }

    /// Who holds which stack: stack, id of the lock, and the holder for people.
    ///
    /// # Errors
    /// If the locks cannot be read.
    pub(super) fn locks(&self, region: &str) -> Result<Vec<HeldLock>, Error> {
        let bucket = Bucket::open(&self.bucket, region)?;
        self.held(&bucket).map(|held| held.into_iter().map(|(_, _, lock)| lock).collect())
    }

    /// Takes the locks of an id away, whoever holds them: the stacks that were locked.
    ///
    /// # Errors
    /// If they cannot be read or deleted.
    pub(super) fn unlock(&self, id: &str, region: &str) -> Result<Vec<String>, Error> {
        let bucket = Bucket::open(&self.bucket, region)?;
        let mut unlocked = Vec::new();
        for (key, object, lock) in self.held(&bucket)? {
            // One that has changed hands since is another run's.
            if lock.id == id && bucket.delete(&key, Some(&object.etag))? {
                unlocked.push(lock.stack);
            }
        }
        Ok(unlocked)
    }

    fn held(&self, bucket: &Bucket) -> Result<Vec<(String, Object, HeldLock)>, Error> {
        let below = self.below("lock");
        let keys: Vec<String> = bucket.list(&below)?.into_keys().collect();
        let objects = bucket.get_all(&keys)?;
        let held = objects.into_iter().filter_map(|(key, object)| {
            let stack = key.strip_prefix(&below)?.strip_suffix(".json")?.to_owned();
            let holder = Holder::parse(&object.text);
            let lock = HeldLock { stack, holder: holder.told(), id: holder.id };
            Some((key, object, lock))
        });
        Ok(held.collect())
    }

    /// The state that objects of single stacks make together.
    fn merge(&self, cluster: &str, objects: &BTreeMap<String, Object>) -> Result<State, Error> {
        let mut whole = State::empty(cluster);
        for (key, object) in objects {
            let name = self.named(key);
            let wrong = |source: StateError| Error::State { path: name.clone().into(), source };
            let part = State::read(&object.text).map_err(wrong)?;
            part.is_for(&whole.cluster, &whole.account, &whole.region).map_err(wrong)?;
            if whole.account.is_empty() {
                whole.account = part.account;
                whole.region = part.region;
            }
            if whole.cluster.is_empty() {
                whole.cluster = part.cluster;
            }
            whole.stacks.extend(part.stacks);
        }
        Ok(whole)
    }
}

impl fmt::Display for S3Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLock {
    /// The stack.
    pub stack: String,
    /// The id, which all locks of a run have.
    pub id: String,
    /// Who holds it, for people.
    pub holder: String,
}

/// The state of a run on S3, with the locks of the stacks that it changes.
pub struct S3Store {
    place: S3Place,
    locks: Locks,
    bucket: Arc<Bucket>,
    /// Tags of the stacks' objects, by key.
    etags: BTreeMap<String, String>,
    chronicle: Chronicle,
}

impl S3Store {
    /// Locks stacks, and waits if others hold them. False if something was written since the state
    /// was read that a plan for these stacks must know of: it is to be read and planned again then,
    /// and the locks are let go. A run that changes what the cluster shares must know all stacks.
    ///
    /// # Errors
    /// If a stack is in use for longer than the patience lasts.
    pub fn lock(
        &mut self,
        stacks: &BTreeSet<String>,
        patience: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<bool, Error> {
        if stacks.is_empty() {
            return Ok(true);
        }
        let place = &self.place;
        let keys = stacks.iter().map(|stack| (stack.as_str(), place.key("lock", stack)));
        self.locks.take(keys, patience, tell)?;
        let now = self.bucket.list(&self.place.below("state"))?;
        let same = if stacks.iter().any(|stack| ingc_planner::state::is_shared(stack)) {
            now == self.etags
        } else {
            let key = |stack: &String| self.place.key("state", stack);
            stacks.iter().map(key).all(|key| now.get(&key) == self.etags.get(&key))
        };
        if !same {
            self.locks.release();
        }
        Ok(same)
    }

    /// Lets the locks go.
    pub fn close(mut self) {
        self.locks.release();
    }

    /// Keeps what a stack was before this run's first change of it, and lets the oldest past state
    /// of it go.
    fn remember(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        let Some((past, kept)) = self.chronicle.next(state, stack) else { return Ok(()) };
        let below = self.place.below("history");
        let text = serde_json::to_string(&kept).map_err(|error| Error::S3 {
            object: self.place.named(&below),
            message: error.to_string(),
        })?;
        self.bucket.put(&(below.clone() + &past.key()), &text, &Condition::Any)?;
        let keys = self.bucket.list(&format!("{below}{stack}/@"))?;
        let all = keys.keys().filter_map(|key| Past::parse(key.strip_prefix(&below)?));
        for old in history::surplus(all.collect()) {
            self.bucket.delete(&(below.clone() + &old.key()), None)?;
        }
        Ok(())
    }
}

impl Store for S3Store {
    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        self.remember(state, stack)?;
        let key = self.place.key("state", stack);
        let before = self.etags.get(&key);
        let overwritten = || Error::Overwritten { object: self.place.named(&key) };
        let Some(now) = state.stacks.get(stack) else {
            if let Some(etag) = before {
                if !self.bucket.delete(&key, Some(etag))? {
                    return Err(overwritten());
                }
                self.etags.remove(&key);
            }
            return Ok(());
        };
        let part = State {
            version: state.version,
            cluster: state.cluster.clone(),
            account: state.account.clone(),
            region: state.region.clone(),
            stacks: BTreeMap::from([(stack.to_owned(), now.clone())]),
        };
        let text = part.write().map_err(|error| Error::S3 {
            object: self.place.named(&key),
            message: error.to_string(),
        })?;
        let condition = before.cloned().map_or(Condition::Absent, Condition::Is);
        let Some(etag) = self.bucket.put(&key, &text, &condition)? else {
            return Err(overwritten());
        };
        self.etags.insert(key, etag);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_a_bucket_and_maybe_a_prefix() {
        let place = |text: &str| S3Place::parse(text).map(|place| place.to_string());
        assert_eq!(place("s3://my-bucket").as_deref(), Ok("s3://my-bucket/"));
        assert_eq!(place("s3://my-bucket/ingc/prod/").as_deref(), Ok("s3://my-bucket/ingc/prod/"));
        assert_eq!(place("s3://my-bucket/ingc").as_deref(), Ok("s3://my-bucket/ingc/"));
        for wrong in ["s3://", "s3:///x", "s3:bucket", "s3://My_Bucket/x"] {
            assert!(S3Place::parse(wrong).is_err(), "{wrong}");
        }
    }
}
