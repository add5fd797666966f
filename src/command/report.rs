//! `ingc report`: a saved plan as a page to look at.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::made::write;
use crate::saved::Saved;
use crate::view::report;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use std::path::PathBuf;

/// Write a saved plan as a page
///
/// The page stands alone: one file without links to others, to be attached to a pipeline or a
/// ticket. It shows what changes and why, the resources and what leads to what, and can be searched.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file that `ingc plan --out FILE` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,

    /// Where the page goes
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let saved = Saved::read(&args.plan)?;
    // What stays as it is stands in the state alone.
    let place = StatePlace::new(&saved.state, &saved.plan.region)?;
    let state = place.read(&saved.plan.cluster)?;
    let page = report::html(&saved.plan, &state).map_err(|error| {
        let message = format!("the page cannot be written: {error}");
        Diagnostic::error(&code::UNWRITABLE, message)
    })?;
    write(&args.html, &page)?;
    console.err.line(&format!("The page is `{}`.", args.html.display()));
    Ok(Exit::Success)
}
