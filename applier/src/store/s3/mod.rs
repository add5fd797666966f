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
        let keys = self.state_keys(&bucket)?.into_keys().collect::<Vec<_>>();
        self.merge(cluster, &bucket.get_all(&keys)?)
    }

    /// Opens the state to change it. No stack is locked yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn open(&self, cluster: &str, region: &str) -> Result<(S3Store, State), Error> {
        let bucket = Arc::new(Bucket::open(&self.bucket, region)?);
        let keys = self.state_keys(&bucket)?.into_keys().collect::<Vec<_>>();
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
        let object = object.ok_or_else(missing)?;
        history::read(&name, &String::from_utf8_lossy(&object.bytes), cluster)
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
            let holder = Holder::parse(&object.bytes);
            let lock = HeldLock { stack, holder: holder.told(), id: holder.id };
            Some((key, object, lock))
        });
        Ok(held.collect())
    }

    /// Keys of the stacks' objects, with their tags. A console leaves objects of other names, which
    /// stand for folders.
    fn state_keys(&self, bucket: &Bucket) -> Result<BTreeMap<String, String>, Error> {
        let mut keys = bucket.list(&self.below("state"))?;
        keys.retain(|key, _| self.stack_of(key).is_some());
        Ok(keys)
    }

    /// The stack that an object is named after.
    fn stack_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(&self.below("state"))?.strip_suffix(".json")
    }

    /// The state that objects of single stacks make together. All that are damaged are told.
    fn merge(&self, cluster: &str, objects: &BTreeMap<String, Object>) -> Result<State, Error> {
        let mut whole = State::empty(cluster);
        let mut damaged = Vec::new();
        let mut wrong = |key: &str, source| {
            damaged.push(Error::State { path: self.named(key).into(), source });
        };
        let mut parts = Vec::new();
        for (key, object) in objects {
            match self.part(key, object) {
                Ok(part) => parts.push((key, part)),
                Err(source) => wrong(key, source),
            }
        }
        // One that strayed in from elsewhere is told from the others, whichever is read first.
        let most = |of: fn(&State) -> &str| most_common(parts.iter().map(|(_, part)| of(part)));
        whole.account = most(|part| &part.account);
        whole.region = most(|part| &part.region);
        if whole.cluster.is_empty() {
            whole.cluster = most(|part| &part.cluster);
        }
        for (key, part) in parts {
            match part.is_for(&whole.cluster, &whole.account, &whole.region) {
                Ok(()) => whole.stacks.extend(part.stacks),
                Err(source) => wrong(key, source),
            }
        }
        match damaged.len() {
            0 => {
                let path = self.to_string().into();
                whole.check_entries().map_err(|source| Error::State { path, source })?;
                Ok(whole)
            }
            1 => Err(damaged.remove(0)),
            _ => Err(Error::Several(damaged)),
        }
    }

    /// What one object holds, which must be the stack that it is named after.
    fn part(&self, key: &str, object: &Object) -> Result<State, StateError> {
        let text = std::str::from_utf8(&object.bytes).map_err(|_| StateError::NotText)?;
        let part = State::read(text)?;
        part.check_entries()?;
        let wanted = self.stack_of(key).unwrap_or_default();
        if part.stacks.keys().ne([wanted]) {
            let found = part.stacks.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            return Err(StateError::OtherStack {
                found: if found.is_empty() { "none".to_owned() } else { found.join(", ") },
                wanted: wanted.to_owned(),
            });
        }
        Ok(part)
    }
}

/// The text that is there most often, if any is.
fn most_common<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.filter(|text| !text.is_empty()).for_each(|text| *counts.entry(text).or_default() += 1);
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or_else(String::new, |(text, _)| text.to_owned())
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
        let now = self.place.state_keys(&self.bucket)?;
        let same = if stacks.iter().any(|stack| ingc_planner::state::is_shared(stack)) {
            now == self.etags
        } else {
            let key = |stack: &String| self.place.key("state", stack);
            stacks.iter().map(key).all(|key| now.get(&key) == self.etags.get(&key))
        };
        if !same {
            self.locks.release()?;
        }
        Ok(same)
    }

    /// Lets the locks go.
    ///
    /// # Errors
    /// If one stays.
    pub fn close(mut self) -> Result<(), Error> {
        self.locks.release()
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
    /// The locks are written already, and every stack is before its first call. Whether what is
    /// written can be taken away again would show only at the end.
    fn prepare(&mut self) -> Result<(), Error> {
        let key = format!("{}probe/{}.json", self.place.prefix, self.locks.id());
        self.bucket.put(&key, "{}", &Condition::Any)?;
        self.bucket.delete(&key, None)?;
        Ok(())
    }

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
