//! What the steps that are under way tell each other: that no further call shall be made, and which
//! of them only wait for AWS.

use super::together::Together;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Of one run, whose steps share a task.
pub(crate) struct Signals<'r> {
    /// Set by somebody who wants the run to end.
    cancelled: &'r AtomicBool,
    /// What was done could not be recorded.
    is_lost: Cell<bool>,
    /// Steps that wait for AWS.
    resting: Cell<usize>,
    rests: Notify,
    /// Load balancers that they wait for.
    pub(super) together: Together,
}

/// Steps that wait ask as often as this together, so that questions of others find room.
const APART: Duration = Duration::from_millis(200);

/// A step that waits sees so soon that the run shall end.
const NAP: Duration = Duration::from_millis(500);

impl<'r> Signals<'r> {
    pub(super) fn new(cancelled: &'r AtomicBool) -> Signals<'r> {
        Signals {
            cancelled,
            is_lost: Cell::new(false),
            resting: Cell::new(0),
            rests: Notify::new(),
            together: Together::default(),
        }
    }

    /// True if no further call that changes something shall be made.
    pub(super) fn is_ending(&self) -> bool {
        self.is_lost.get() || self.cancelled.load(Ordering::SeqCst)
    }

    /// From now on nothing can be recorded.
    pub(super) fn lose(&self) {
        self.is_lost.set(true);
    }

    /// Steps that wait for AWS.
    pub(super) fn resting(&self) -> usize {
        self.resting.get()
    }

    /// Waits until a step begins to wait for AWS, so that another one may be begun.
    pub(super) async fn rests(&self) {
        self.rests.notified().await;
    }

    /// Waits for AWS, the longer the more steps do.
    pub(super) async fn rest(&self, rest: Duration) {
        if rest.is_zero() {
            return;
        }
        self.resting.set(self.resting.get() + 1);
        let _resting = Resting(&self.resting);
        self.rests.notify_one();
        let alone = self.resting.get().saturating_sub(self.together.len());
        let questions = alone + self.together.questions();
        let together = APART * u32::try_from(questions).unwrap_or(u32::MAX);
        let end = Instant::now() + rest.max(together);
        while Instant::now() < end && !self.is_ending() {
            sleep_until(end.min(Instant::now() + NAP)).await;
        }
    }
}

/// Counts a step as resting as long as it does.
struct Resting<'s>(&'s Cell<usize>);

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
