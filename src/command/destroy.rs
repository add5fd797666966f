//! `ingc destroy`: takes away what was applied.

use super::apply::fresh;
use crate::applying::ApplyArgs;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs};
use crate::planning::{Mode, PlanArgs};
use std::path::PathBuf;

/// Delete what was applied
///
/// With a PATH: the stacks that the manifests there name. Without one: everything recorded in the
/// scope of ingc.yaml. Deletion protection and `ingc.protect` are honoured.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    plan: PlanArgs,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Keep the TargetGroupBindings of this folder in step: those of what is deleted go
    #[arg(long, value_name = "DIR")]
    manifests_out: Option<PathBuf>,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let apply = ApplyArgs {
        manifests_out: args.manifests_out.clone(),
        ..ApplyArgs::to_delete(args.auto_approve, args.json)
    };
    fresh(&args.input, &args.account, &args.plan, &apply, Mode::Destroy, console)
}
