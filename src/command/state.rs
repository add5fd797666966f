//! `ingc state`: what is recorded.

mod edit;

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input;
use crate::view;
use crate::view::state::Entry;
use crate::view::text::short;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::{Diagnostic, nearest};
use ingc_compiler::resource::Address;
use ingc_planner::State;
use serde_json::json;
use std::path::PathBuf;

/// Look at what is recorded, and edit it
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// List the recorded resources
    List {
        /// Only addresses that contain this text
        #[arg(value_name = "TEXT")]
        text: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Show all that is recorded of a resource
    Show {
        /// The resource, as `state list` shows it
        #[arg(value_name = "ADDRESS")]
        address: String,
        #[command(flatten)]
        place: Place,
    },
    /// Forget resources; nothing of them is changed
    ///
    /// The next plan takes them for missing and makes them, unless `ingc import` takes them up.
    Rm {
        /// Resources, as `state list` shows them, or whole stacks
        #[arg(value_name = "ADDRESS", required = true)]
        addresses: Vec<String>,
        #[command(flatten)]
        file: edit::File,
    },
    /// Take the locks away that a killed run has left on S3
    ///
    /// Without an ID the locks are listed. Be sure that the run has ended: two at once would
    /// overwrite each other's record.
    Unlock {
        /// The id that the refused run has named
        #[arg(value_name = "ID")]
        id: Option<String>,
        #[command(flatten)]
        file: edit::File,
    },
    /// Record a resource under another id, so that it is kept when what it is named after is renamed
    Mv {
        /// The resource, as `state list` shows it
        #[arg(value_name = "FROM")]
        from: String,
        /// Its new address, of the same kind in the same stack
        #[arg(value_name = "TO")]
        to: String,
        #[command(flatten)]
        file: edit::File,
    },
}

/// Which state.
#[derive(clap::Args, Debug)]
struct Place {
    /// The state's file or its place on S3, instead of what `ingc.state` names [default: ingc.state.json beside
    /// ingc.yaml]
    #[arg(long, value_name = "FILE|s3://…")]
    state: Option<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    match &args.command {
        Command::List { text, place } => list(text.as_deref(), place, console),
        Command::Show { address, place } => show(address, place, console),
        Command::Rm { addresses, file } => edit::rm(addresses, file, console),
        Command::Unlock { id, file } => edit::unlock(id.as_deref(), file, console),
        Command::Mv { from, to, file } => edit::mv(from, to, file, console),
    }
}

impl Place {
    fn read(&self) -> Result<(StatePlace, State), Failure> {
        let place = input::state_place(self.state.as_deref(), self.config.as_deref())?;
        // Whose cluster it is does not matter to somebody who only looks.
        let state = place.read("")?;
        Ok((place, state))
    }
}

fn list(text: Option<&str>, place: &Place, console: &mut Console) -> Result<Exit, Failure> {
    let (at, state) = place.read()?;
    let mut entries = view::state::entries(&state);
    if let Some(text) = text {
        entries.retain(|entry| {
            entry.address.to_string().contains(text) || short(&entry.address).contains(text)
        });
    }
    if place.output == Form::Json {
        console.out.json(&entries.iter().map(document).collect::<Vec<_>>());
    } else if entries.is_empty() {
        let is_missing = at.file().is_some_and(|file| !file.exists());
        let what = if is_missing { "does not exist yet" } else { "holds nothing of that" };
        let at = at.file().map_or_else(|| at.to_string(), input::shown);
        console.err.line(&format!("The state `{at}` {what}."));
    } else {
        console.out.print(&view::state::list(&entries, console.out.style()));
    }
    Ok(Exit::Success)
}

fn show(address: &str, place: &Place, console: &mut Console) -> Result<Exit, Failure> {
    let (_, state) = place.read()?;
    let entries = view::state::entries(&state);
    let wanted = address.parse::<Address>().ok();
    let found: Vec<&Entry<'_>> =
        entries.iter().filter(|entry| Some(&entry.address) == wanted.as_ref()).collect();
    if found.is_empty() {
        let known: Vec<String> = entries.iter().map(|entry| short(&entry.address)).collect();
        let hint = match nearest(address, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `ingc state show {near}`?"),
            None => "`ingc state list` lists all".to_owned(),
        };
        let message = format!("the state has no `{address}`");
        return Err(Diagnostic::error(&code::UNKNOWN_NAME, message).hint(hint).into());
    }
    if place.output == Form::Json {
        console.out.json(&found.iter().map(|entry| document(entry)).collect::<Vec<_>>());
    } else {
        let style = console.out.style();
        let texts: Vec<_> = found.iter().map(|entry| view::state::show(entry, style)).collect();
        console.out.print(&texts.join("\n"));
    }
    Ok(Exit::Success)
}

/// An entry for programs: as it stands in the state, with its address.
fn document(entry: &Entry<'_>) -> serde_json::Value {
    let mut document = serde_json::to_value(entry.recorded).unwrap_or_default();
    document["address"] = json!(entry.address);
    if let Some(key) = entry.deposed {
        document["deposed"] = json!(key);
    }
    document
}
