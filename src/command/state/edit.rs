//! `ingc state rm` and `ingc state mv`.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, AccountArgs, duration, shown};
use crate::locking::{Held, hold};
use crate::view;
use crate::view::describe::counted;
use crate::view::text::short;
use ingc_applier::Store;
use ingc_compiler::diagnostic::code::{applier, command_line as code};
use ingc_compiler::diagnostic::{Diagnostic, nearest};
use ingc_compiler::resource::Address;
use ingc_planner::State;
use ingc_planner::state::EditError;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Which state.
#[derive(clap::Args, Debug)]
pub(super) struct File {
    /// The state's file or its place on S3, instead of what `ingc.state` names [default: ingc.state.json beside
    /// ingc.yaml]
    #[arg(long, value_name = "FILE|s3://…")]
    state: Option<PathBuf>,

    /// Wait so long for a state that another run holds, such as `90s` or `5m` [default: no waiting]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    lock_timeout: Option<Duration>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl File {
    /// Locks what is edited, and writes the stacks that have changed.
    fn edit<T>(
        &self,
        console: &mut Console,
        mut edit: impl FnMut(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let place = input::state_place(self.state.as_deref(), self.config.as_deref())?;
        let account = AccountArgs { lock_timeout: self.lock_timeout, ..AccountArgs::default() };
        let held = hold(&place, "", &account, console, |state, _| {
            let before = state.stacks.clone();
            let done = edit(state)?;
            let names = before.keys().chain(state.stacks.keys());
            let changed = names.filter(|name| before.get(*name) != state.stacks.get(*name));
            let changed: BTreeSet<String> = changed.cloned().collect();
            Ok(Some((changed.clone(), (changed, done))))
        })?;
        let Some(Held { mut store, state, planned: (changed, done) }) = held else {
            return Err(Failure::of(Vec::new()));
        };
        for name in &changed {
            store.save(&state, name)?;
        }
        store.close(&state)?;
        match place.file() {
            Some(file) => {
                let file = shown(file);
                console.err.line(&format!("The state of before is kept: `{file}.backup`"));
            }
            None => console.err.line("`ingc rollback --list` shows the states of before."),
        }
        Ok(done)
    }
}

pub(super) fn rm(wanted: &[String], file: &File, console: &mut Console) -> Result<Exit, Failure> {
    let count = file.edit(console, |state| {
        let entries = view::state::entries(state);
        let mut addresses = BTreeSet::new();
        for name in wanted {
            let found: BTreeSet<Address> = entries
                .iter()
                .map(|entry| &entry.address)
                .filter(|address| address.stack == *name || name.parse().as_ref() == Ok(*address))
                .cloned()
                .collect();
            if found.is_empty() {
                return Err(unknown(name, state));
            }
            addresses.extend(found);
        }
        let count = entries.iter().filter(|entry| addresses.contains(&entry.address)).count();
        state.forget(&addresses).map_err(|error| refused(error, &addresses, state))?;
        Ok(count)
    })?;
    let count = counted(count, "resource");
    console.err.line(&format!("Forgot {count}; nothing of them was changed."));
    Ok(Exit::Success)
}

pub(super) fn mv(
    from: &str,
    to: &str,
    file: &File,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let address = file.edit(console, |state| {
        let parse = |text: &str| text.parse::<Address>().map_err(|_| unknown(text, state));
        let (from, to) = (parse(from)?, parse(to)?);
        state.rename(&from, &to).map_err(|error| match error {
            EditError::Unknown(_) => unknown(&short(&from), state),
            error => refused(error, &BTreeSet::new(), state),
        })?;
        Ok(to)
    })?;
    console.err.line(&format!("Recorded as `{}`; nothing of it was changed.", short(&address)));
    Ok(Exit::Success)
}

fn unknown(name: &str, state: &State) -> Failure {
    let entries = view::state::entries(state);
    let addresses: Vec<String> = entries.iter().map(|entry| short(&entry.address)).collect();
    let known = addresses.iter().chain(state.stacks.keys()).map(String::as_str);
    let hint = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`ingc state list` lists all".to_owned(),
    };
    Diagnostic::error(&code::UNKNOWN_NAME, format!("the state has no `{name}`")).hint(hint).into()
}

fn refused(error: EditError, forgotten: &BTreeSet<Address>, state: &State) -> Failure {
    let hint = match &error {
        EditError::Needed { address, dependents } => {
            let mut all: BTreeSet<&Address> = forgotten.iter().chain(dependents).collect();
            all.retain(|other| other.stack != address.stack);
            let stack = state.stacks.get(address.stack.as_str()).map_or(0, |stack| stack.resources.len());
            let others = all.iter().map(|other| format!(" {}", short(other))).collect::<String>();
            format!(
                "forget {} as well, or the whole stack, of {}: `ingc state rm {}{others}`",
                dependents.iter().map(|other| format!("`{}`", short(other))).collect::<Vec<_>>().join(", "),
                counted(stack, "resource"),
                address.stack,
            )
        }
        EditError::Elsewhere { .. } => {
            "in another stack its tags would tell the wrong one: forget it there, and take it up here with `ingc import`".to_owned()
        }
        EditError::Taken(address) => format!("forget that one first: `ingc state rm {}`", short(address)),
        EditError::Unknown(_) => "`ingc state list` lists all".to_owned(),
    };
    Diagnostic::error(&applier::STATE_EDIT, error.to_string()).hint(hint).into()
}

/// `ingc state unlock`: takes away what a run that was killed has left.
pub(super) fn unlock(
    id: Option<&str>,
    file: &File,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let place = input::state_place(file.state.as_deref(), file.config.as_deref())?;
    if let Some(file) = place.file() {
        let text = "is a file, and its lock goes with the process that holds it";
        console.err.line(&format!("The state `{}` {text}: nothing was done.", shown(file)));
        return Ok(Exit::Success);
    }
    let Some(id) = id else {
        let locks = place.locks()?;
        if locks.is_empty() {
            console.err.line(&format!("Nothing of the state `{place}` is locked."));
        } else {
            console.out.print(&view::state::locks(&locks, console.out.style()));
        }
        return Ok(Exit::Success);
    };
    let stacks = place.unlock(id)?;
    if stacks.is_empty() {
        let message = format!("no stack of the state `{place}` is locked with the id `{id}`");
        let hint = "`ingc state unlock` lists the locks";
        return Err(Diagnostic::error(&code::UNKNOWN_NAME, message).hint(hint).into());
    }
    let names: Vec<String> = stacks.iter().map(|stack| format!("`{stack}`")).collect();
    console.err.line(&format!("Unlocked {}.", names.join(", ")));
    Ok(Exit::Success)
}
