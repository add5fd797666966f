//! The one owner of a run's state and of its store: what is done is recorded in one go, between two
//! calls, however many stacks are worked on.

use super::event::Event;
use super::signals::Signals;
use crate::error::Error;
use crate::store::Store;
use ingc_planner::{Desired, Plan, State};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// State, store and observer. Nothing of it is ever borrowed while a call is awaited.
pub(super) struct Ledger<'r, S> {
    inner: RefCell<Inner<'r, S>>,
    signals: &'r Signals<'r>,
}

struct Inner<'r, S> {
    state: &'r mut State,
    store: &'r mut S,
    desired: Option<Desired<'r>>,
    observer: &'r mut dyn FnMut(&Event<'_>),
}

impl<'r, S: Store> Ledger<'r, S> {
    pub(super) fn new(
        state: &'r mut State,
        store: &'r mut S,
        desired: Option<Desired<'r>>,
        observer: &'r mut dyn FnMut(&Event<'_>),
        signals: &'r Signals<'r>,
    ) -> Ledger<'r, S> {
        Ledger { inner: RefCell::new(Inner { state, store, desired, observer }), signals }
    }

    /// News for whoever watches.
    pub(super) fn tell(&self, event: &Event<'_>) {
        (self.inner.borrow_mut().observer)(event);
    }

    /// Looks something up in the state.
    pub(super) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(self.inner.borrow().state)
    }

    /// Changes what is recorded of a stack, and writes it. If it cannot be written, no further call
    /// is made.
    pub(super) fn write(&self, stack: &str, change: impl FnOnce(&mut State)) -> Result<(), Error> {
        let inner = &mut *self.inner.borrow_mut();
        change(inner.state);
        let written = inner.store.save(inner.state, stack);
        if written.is_err() {
            self.signals.lose();
        }
        written
    }

    /// Brings a stack to its end, all of whose steps have been done.
    pub(super) fn finish(&self, plan: &Plan, stack: &str) -> Result<(), Error> {
        let desired = self.inner.borrow().desired;
        self.write(stack, |state| {
            state.finish(plan, stack);
            if let Some(desired) = desired {
                state.settle(stack, desired);
            }
        })
    }

    /// Prepares the state for a plan; nothing of it is written yet. Names the stacks that were
    /// recorded before.
    pub(super) fn begin(
        &self,
        plan: &Plan,
        lineage: impl FnMut(&str) -> String,
    ) -> BTreeSet<String> {
        let state = &mut *self.inner.borrow_mut().state;
        let known = state.stacks.keys().cloned().collect();
        state.begin(plan, lineage);
        known
    }

    /// Makes sure before the first call that the state can be written.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        self.inner.borrow_mut().store.prepare()
    }
}
