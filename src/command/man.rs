//! `ingc man`: manual pages, one for each command.

use super::Cli;
use crate::error::{Exit, Failure};
use crate::input::reason;
use clap::CommandFactory;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line::UNWRITABLE;
use std::path::PathBuf;

/// Write manual pages
///
/// Writes `ingc.1`, and a page for each command such as `ingc-plan.1`, such as into
/// `/usr/local/share/man/man1`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let written = std::fs::create_dir_all(&args.folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &args.folder));
    written.map_err(|error| {
        let message = format!("cannot write `{}`: {}", args.folder.display(), reason(&error));
        Diagnostic::error(&UNWRITABLE, message)
    })?;
    Ok(Exit::Success)
}
