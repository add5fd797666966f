//! `ingc completions`: a script that lets a shell complete commands and flags.

use super::Cli;
use crate::console::Console;
use crate::error::{Exit, Failure};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a completion script for a shell
///
/// Such as: `ingc completions bash > /etc/bash_completion.d/ingc`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    clap_complete::generate(args.shell, &mut Cli::command(), "ingc", &mut console.out);
    Ok(Exit::Success)
}
