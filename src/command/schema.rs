//! `ingc schema`: the JSON Schema of a file, for editors and validators.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::view::schema::{Schema, document};

/// Print the JSON Schema of a file
///
/// Editors complete and check a file whose first line is
/// `# yaml-language-server: $schema=PATH`, with the path of what this prints.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file
    #[arg(value_enum, value_name = "NAME")]
    name: Schema,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    console.out.json(&document(args.name));
    Ok(Exit::Success)
}
