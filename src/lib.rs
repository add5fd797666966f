//! The command line of ingc: parses arguments, reads files, calls the stages and shows what they say.

pub mod applying;
pub mod bootstrapping;
pub mod command;
pub mod console;
pub mod controller_manifests;
pub mod error;
pub mod generate;
pub mod input;
pub mod locking;
pub mod made;
pub mod manifests_out;
pub mod permission;
pub mod planning;
pub mod review;
pub mod routing;
pub mod saved;
pub mod snapshot;
pub mod view;

use clap::Parser;
use clap::error::ErrorKind;
use command::Cli;
use console::Console;
use error::Exit;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    run(std::env::args_os(), &mut Console::of_process()).into()
}

/// Runs a command line.
pub fn run(args: impl IntoIterator<Item = OsString>, console: &mut Console) -> Exit {
    let exit = match Cli::try_parse_from(args) {
        Ok(cli) => {
            console.choose_colour(cli.color);
            cli.command.run(console).unwrap_or_else(|failure| failure.report(console))
        }
        Err(error) => usage(&error, console),
    };
    console.finish(exit)
}

/// What clap has to say: help and version are results, all else is an error.
fn usage(error: &clap::Error, console: &mut Console) -> Exit {
    let text = error.render().ansi().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            console.out.print(&text);
            Exit::Success
        }
        _ => {
            console.err.print(&text);
            Exit::Error
        }
    }
}
