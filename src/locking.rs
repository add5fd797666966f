//! A state that is read, planned for, and locked: in this order, since only the plan tells which
//! stacks a run changes.

use crate::console::Console;
use crate::error::Failure;
use crate::input::AccountArgs;
use ingc_applier::{StatePlace, StateStore};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_planner::State;
use std::collections::BTreeSet;

/// Plans again so many times when others change the state in between.
const ROUNDS: usize = 8;

/// A state that is held, and what was planned for it.
pub struct Held<T> {
    /// Who keeps it.
    pub store: StateStore,
    /// The state.
    pub state: State,
    /// What was planned.
    pub planned: T,
}

/// Reads a state, plans, and locks the stacks that the plan names. If they were changed in the
/// meantime, all of it is done again. None if planning gives nothing to do.
///
/// # Errors
/// If the state cannot be read, or is in use by others for too long.
pub fn hold<T>(
    place: &StatePlace,
    cluster: &str,
    account: &AccountArgs,
    console: &mut Console,
    mut plan: impl FnMut(&mut State, &mut Console) -> Result<Option<(BTreeSet<String>, T)>, Failure>,
) -> Result<Option<Held<T>>, Failure> {
    let patience = account.lock_timeout.unwrap_or_default();
    // What a simulated account holds is not worth a disk's pace.
    let durable = account.sandbox.is_none();
    for _ in 0..ROUNDS {
        let (mut store, mut state) = place.open(cluster, durable, patience)?;
        let Some((stacks, planned)) = plan(&mut state, console)? else { return Ok(None) };
        let tell = &mut |text: &str| console.err.line(text);
        if store.lock(&stacks, patience, tell)? {
            return Ok(Some(Held { store, state, planned }));
        }
        console.err.line("note: another run has changed the state in the meantime: planning again");
    }
    let message = format!("others change the state `{place}` again and again");
    let hint = "run the same command again, or name fewer stacks with `--target`";
    Err(Diagnostic::error(&code::LOCKED, message).hint(hint).into())
}
