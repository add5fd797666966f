//! `ingc refresh`: what somebody else has changed, and what exists, for plans without credentials.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs, refresh, shown};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::{snapshot, view};
use std::path::PathBuf;

/// Look at what exists of the recorded resources
///
/// Shows what somebody else has changed, or writes what exists to a file. Neither the state nor the
/// account is changed.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Write what exists to this file, for `ingc plan --snapshot FILE`
    #[arg(long, value_name = "FILE", conflicts_with = "no_refresh")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut compiled = Compiled::read(&args.input);
    if !compiled.input.is_settled {
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let place = args.account.state_place(&compiled.input)?;
    let state = place.read(&compiled.input.settings.cluster_name)?;
    let live = refresh(&args.account.before(&compiled.input)?, &state)?;
    if let Some(out) = &args.out {
        let count = live.objects.len();
        snapshot::write(out, &state, live)?;
        let out = shown(out);
        console.err.line(&format!(
            "{} written: `ingc plan --snapshot {out}` needs no credentials.",
            view::describe::counted(count, "resource")
        ));
        return Ok(Exit::Success);
    }
    let plan = compiled.plan(&PlanArgs::default(), Mode::RefreshOnly, &state, Some(&live), false);
    compiled.report(console);
    console.out.print(&view::plan::text(&plan, console.out.style()));
    Ok(if compiled.findings().has_errors() { Exit::Error } else { Exit::Success })
}
