//! `ingc routes`: all routes, tests of them, and what changes between two sets of manifests.

mod diff;
mod list;
mod live;
mod test;

use crate::console::Console;
use crate::error::{Exit, Failure};

/// List routes, test them, or compare those of two sets of manifests
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    List(list::Args),
    Test(test::Args),
    Diff(diff::Args),
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    match &args.command {
        Command::List(args) => list::run(args, console),
        Command::Test(args) => test::run(args, console),
        Command::Diff(args) => diff::run(args, console),
    }
}
