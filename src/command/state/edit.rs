//! `ingc state rm` and `ingc state mv`.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, InputArgs, shown};
use crate::view;
use crate::view::describe::counted;
use crate::view::text::short;
use ingc_applier::{StateFile, Store};
use ingc_compiler::diagnostic::code::{applier, command_line as code};
use ingc_compiler::diagnostic::{Diagnostic, nearest};
use ingc_compiler::resource::Address;
use ingc_planner::State;
use ingc_planner::state::EditError;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Which state.
#[derive(clap::Args, Debug)]
pub(super) struct File {
    /// The state's file, instead of what `ingc.state` names [default: ingc.state.json beside
    /// ingc.yaml]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl File {
    /// Locks the state, edits it, and writes the stacks that have changed.
    fn edit<T>(
        &self,
        edit: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<(PathBuf, T), Failure> {
        let path = self.state.clone().unwrap_or_else(|| {
            input::state_path(&InputArgs { config: self.config.clone(), ..InputArgs::default() })
        });
        let (mut store, mut state) = StateFile::open(&path, "", true)?;
        let before = state.stacks.clone();
        let done = edit(&mut state)?;
        let names: BTreeSet<&String> = before.keys().chain(state.stacks.keys()).collect();
        for name in names {
            if before.get(name) != state.stacks.get(name) {
                store.save(&state, name)?;
            }
        }
        store.close(&state)?;
        Ok((path, done))
    }
}

pub(super) fn rm(wanted: &[String], file: &File, console: &mut Console) -> Result<Exit, Failure> {
    let (path, count) = file.edit(|state| {
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
    told(console, &path);
    Ok(Exit::Success)
}

pub(super) fn mv(
    from: &str,
    to: &str,
    file: &File,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let (path, address) = file.edit(|state| {
        let parse = |text: &str| text.parse::<Address>().map_err(|_| unknown(text, state));
        let (from, to) = (parse(from)?, parse(to)?);
        state.rename(&from, &to).map_err(|error| match error {
            EditError::Unknown(_) => unknown(&short(&from), state),
            error => refused(error, &BTreeSet::new(), state),
        })?;
        Ok(to)
    })?;
    console.err.line(&format!("Recorded as `{}`; nothing of it was changed.", short(&address)));
    told(console, &path);
    Ok(Exit::Success)
}

fn told(console: &mut Console, path: &std::path::Path) {
    console.err.line(&format!("The state of before is kept: `{}.backup`", shown(path)));
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
            let stack = state.stacks.get(&address.stack).map_or(0, |stack| stack.resources.len());
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
