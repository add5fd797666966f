//! `ingc template`: the built-in template of a plan in Markdown.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::view;

/// Print the template of `--output markdown`, to begin one's own with
#[derive(clap::Args, Debug)]
pub struct Args {}

pub(super) fn run(_args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    console.out.print(view::plan::template());
    Ok(Exit::Success)
}
