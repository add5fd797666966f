//! `ingc import`: what exists is taken into the state.

use super::apply::planned;
use crate::applying::ApplyArgs;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::view::hand_over;
use ingc_compiler::diagnostic::code::planner::HELD_BY_CONTROLLER;
use std::path::PathBuf;

/// Take what exists into the state
///
/// Finds by their tags what the controller or a lost state has left of the manifests' stacks, and
/// records it as it is: ids, names and tags stay. Nothing in AWS is changed; `ingc plan` then shows
/// what differs.
///
/// What the controller would go on changing is refused, with the steps to take: Ingresses that carry
/// its finalizers or are of a class that it serves, and TargetGroupBindings that carry its labels.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Only this stack or resource; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,

    /// What `kubectl get ingress,ingressclass,targetgroupbinding -A -o yaml` prints: whether the
    /// controller has let go of the Ingresses is looked up there
    #[arg(long, value_name = "FILE")]
    cluster_dump: Option<PathBuf>,

    /// No controller runs that serves the Ingresses' class, and none will
    #[arg(long)]
    controller_stopped: bool,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let plan = PlanArgs { target: args.target.clone(), ..PlanArgs::default() };
    // Only the state is written: nobody needs to be asked.
    let apply = ApplyArgs { auto_approve: true, json: args.json, ..ApplyArgs::default() };
    let mut compiled = Compiled::read(&args.input).in_account(&args.account);
    compiled.is_controller_stopped = args.controller_stopped;
    if let Some(dump) = &args.cluster_dump {
        compiled.look_at_cluster(dump)?;
    }
    let takes_all = args.input.paths.is_empty();
    let mode = (Mode::Import, takes_all);
    let exit = planned(&mut compiled, &args.account, &plan, &apply, mode, console)?;
    let held = compiled.findings().iter().any(|finding| finding.code == &HELD_BY_CONTROLLER);
    if held && !args.json {
        console.err.print(&hand_over::to_ingc(&compiled.compilation));
    }
    Ok(exit)
}
