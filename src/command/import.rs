//! `ingc import`: what exists is taken into the state.

use super::apply::fresh;
use crate::applying::ApplyArgs;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs};
use crate::planning::{Mode, PlanArgs};

/// Take what exists into the state
///
/// Finds by their tags what the controller or a lost state has left of the manifests' stacks, and
/// records it as it is: ids, names and tags stay. Nothing in AWS is changed; `ingc plan` then shows
/// what differs. Ingresses that the controller still holds are refused, with the steps to take.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Only this stack or resource; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let plan = PlanArgs { target: args.target.clone(), ..PlanArgs::default() };
    // Only the state is written: nobody needs to be asked.
    let apply = ApplyArgs { auto_approve: true, json: args.json, ..ApplyArgs::default() };
    fresh(&args.input, &args.account, &plan, &apply, Mode::Import, console)
}
