//! The disk that a run writes its state on.

use ingc_applier::{Error, Store};
use ingc_planner::State;
use std::cell::Cell;

/// Keeps of every stack what was saved last, until the disk is full.
pub(super) struct Disk {
    pub(super) state: State,
    pub(super) left: Cell<Option<u32>>,
}

impl Store for Disk {
    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error> {
        match self.left.get() {
            Some(0) => {
                let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
                return Err(Error::StateFile { path: "state".into(), source });
            }
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
        self.state.account.clone_from(&state.account);
        self.state.region.clone_from(&state.region);
        match state.stacks.get(stack) {
            Some(it) => drop(self.state.stacks.insert(stack.to_owned(), it.clone())),
            None => drop(self.state.stacks.remove(stack)),
        }
        Ok(())
    }
}
