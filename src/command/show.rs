//! `ingc show`: a saved plan.

use super::plan::{FormArgs, Shown, show};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::saved::Saved;
use ingc_applier::StatePlace;
use std::path::PathBuf;

/// Show a saved plan
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file that `ingc plan --out FILE` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,

    #[command(flatten)]
    form: FormArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let saved = Saved::read(&args.plan)?;
    // Only what the plan leaves as it is stands in the state alone.
    let place = StatePlace::new(&saved.state, &saved.plan.region)?;
    let state = place.read(&saved.plan.cluster)?;
    let shown = Shown { plan: &saved.plan, state: &state, vpc_id: &saved.vpc_id };
    show(&shown, &args.form, console)?;
    Ok(Exit::Success)
}
