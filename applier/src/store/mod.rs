//! Where the state is kept: on S3, or in a local file with its lock, its backup, its history and its
//! journal.

pub mod history;
mod history_folder;
mod lock;
mod place;
mod repair;
mod s3;
mod snapshot;
mod state_file;

pub use history::{Past, PastState};
pub use lock::Lock;
pub use place::{StatePlace, StateStore};
pub(crate) use repair::way_back;
pub use s3::HeldLock;
pub(crate) use snapshot::{Durability, Snapshot};
pub use state_file::StateFile;

use crate::error::Error;
use ingc_planner::State;

/// Keeps a state while a plan runs.
pub trait Store {
    /// Makes sure before the first call that the state can be written.
    ///
    /// # Errors
    /// If it cannot: nothing was done then.
    fn prepare(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Writes what has changed: this stack of the state. Called after every call of the account.
    ///
    /// # Errors
    /// If it cannot be written. The run stops then, since it would forget what it has done.
    fn save(&mut self, state: &State, stack: &str) -> Result<(), Error>;
}
