//! Locks of stacks: an object each, which one run at a time makes and deletes.

use super::bucket::{Bucket, Condition};
use crate::error::Error;
use crate::store::lock::Holder;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest rest before a lock is tried again.
const REST: Duration = Duration::from_secs(2);

/// Locks that are held. They go with this value, but stay when the process is killed.
pub(super) struct Locks {
    bucket: Arc<Bucket>,
    /// The id by which they are known.
    id: String,
    /// Keys with the tags of the objects.
    held: BTreeMap<String, String>,
}

impl Locks {
    pub(super) fn new(bucket: Arc<Bucket>) -> Locks {
        Locks { bucket, id: crate::random_hex()[..12].to_owned(), held: BTreeMap::new() }
    }

    /// Takes locks, in order, so that no two runs wait for each other. With an error none is held.
    pub(super) fn take<'k>(
        &mut self,
        keys: impl Iterator<Item = (&'k str, String)>,
        patience: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let started = Instant::now();
        for (stack, key) in keys {
            if self.held.contains_key(&key) {
                continue;
            }
            if let Err(error) = self.take_one(stack, &key, started + patience, tell) {
                // What stays locked is said by whoever meets it next.
                let _ = self.release();
                return Err(error);
            }
        }
        Ok(())
    }

    fn take_one(
        &mut self,
        stack: &str,
        key: &str,
        until: Instant,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let text = Holder::here(&self.id).text();
        let mut rest = Duration::from_millis(100);
        let mut told = false;
        loop {
            if let Some(etag) = self.bucket.put(key, &text, &Condition::Absent)? {
                self.held.insert(key.to_owned(), etag);
                return Ok(());
            }
            // Whoever held it may have let it go in the meantime.
            let Some(there) = self.bucket.get(key)? else { continue };
            let holder = Holder::parse(&there.bytes);
            if Instant::now() >= until {
                return Err(Error::LockedStack {
                    stack: stack.to_owned(),
                    holder: holder.told(),
                    id: holder.id,
                });
            }
            if !told {
                tell(&format!("waiting for stack `{stack}`, which is in use by {}", holder.told()));
                told = true;
            }
            std::thread::sleep(rest.min(until.saturating_duration_since(Instant::now())));
            rest = (rest * 2).min(REST);
        }
    }

    /// Lets all locks go. One that was taken away is somebody else's now.
    ///
    /// # Errors
    /// If one stays, which nobody holds any more.
    pub(super) fn release(&mut self) -> Result<(), Error> {
        let mut released = Ok(());
        for (key, etag) in std::mem::take(&mut self.held) {
            if let Err(source) = self.bucket.delete(&key, Some(&etag)) {
                released = Err(Error::LockStays { id: self.id.clone(), source: Box::new(source) });
            }
        }
        released
    }

    /// The id by which they are known.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        let _ = self.release();
    }
}
