//! `ingc destroy`: takes away what was applied.

use super::apply::fresh;
use crate::applying::ApplyArgs;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs};
use crate::planning::{Mode, PlanArgs};
use ingc_applier::PARALLELISM;
use std::num::NonZeroUsize;
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

    /// How many stacks are worked on at a time, beside those that wait for AWS
    #[arg(long, value_name = "N", default_value_t = PARALLELISM)]
    parallelism: NonZeroUsize,

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
        parallelism: args.parallelism,
        ..ApplyArgs::to_delete(args.auto_approve, args.json)
    };
    fresh(&args.input, &args.account, &args.plan, &apply, Mode::Destroy, console)
}
