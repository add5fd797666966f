//! `ingc bootstrap apply` and `ingc bootstrap destroy`.

use crate::applying::{self, ApplyArgs, Target, carry_out};
use crate::bootstrapping::{Mode, SettingsArgs, plan, report};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::AccountArgs;
use crate::locking::{Held, hold};
use crate::view;
use crate::view::event::Events;
use ingc_compiler::tag::BOOTSTRAP_STACK;
use ingc_planner::state::Secrets;

/// Make it, or bring it to what it shall be
///
/// Shows the plan and asks before anything is changed. Running the same command again continues a
/// run that was interrupted or refused.
#[derive(clap::Args, Debug)]
pub(super) struct ApplyCommand {
    #[command(flatten)]
    run: RunArgs,
}

/// Delete what was made
///
/// An OIDC provider or a policy that is somebody else's, or that others use as well, stays, and the
/// state lets go of it.
#[derive(clap::Args, Debug)]
pub(super) struct DestroyCommand {
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args, Debug)]
struct RunArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn apply(args: &ApplyCommand, console: &mut Console) -> Result<Exit, Failure> {
    run(&args.run, Mode::Apply, console)
}

pub(super) fn destroy(args: &DestroyCommand, console: &mut Console) -> Result<Exit, Failure> {
    run(&args.run, Mode::Destroy, console)
}

fn run(args: &RunArgs, mode: Mode, console: &mut Console) -> Result<Exit, Failure> {
    let apply = ApplyArgs {
        auto_approve: args.auto_approve,
        json: args.json,
        // What a plan deletes here is what settings no longer name.
        allow_delete: true,
        ..ApplyArgs::default()
    };
    applying::can_ask(&apply, console)?;
    let Some(input) = args.settings.read(console) else { return Ok(Exit::Error) };
    let place = args.account.state_place(&input)?;
    let cluster = input.settings.cluster_name.clone();
    let before = args.account.before(&input)?;
    let held = hold(&place, &cluster, &args.account, console, |state, console| {
        let asked = Some(&before).filter(|_| !args.account.no_refresh);
        let planned = plan(&input, asked, state, mode)?;
        if planned.diagnostics.has_errors() {
            report(&planned.diagnostics, &input, console);
            return Ok(None);
        }
        Ok(Some((planned.plan.stacks.keys().cloned().collect(), planned)))
    })?;
    let Some(Held { store, state, planned }) = held else { return Ok(Exit::Error) };
    if args.json {
        let mut events = Events::begin(&mut console.out);
        planned.diagnostics.iter().for_each(|finding| events.finding(finding, &input.sources));
        events.planned(&planned.plan);
    } else {
        report(&planned.diagnostics, &input, console);
        console.out.print(&view::plan::text(&planned.plan, console.out.style()));
    }
    if mode == Mode::Destroy && !state.stacks.contains_key(BOOTSTRAP_STACK) {
        console.err.line("Nothing is recorded. If it was, in a state that was lost, `ingc bootstrap apply` takes it up again, and then it can be destroyed.");
    }
    if !applying::approve(&planned.plan, &apply, console)? {
        return Ok(Exit::Error);
    }
    let account = match args.account.is_to_be_made() {
        true => args.account.open(&input.inventory, &input.settings.region)?,
        false => before,
    };
    let vpc_id = input.settings.vpc_id.clone();
    let secrets = Secrets::new();
    let looks_first = !args.auto_approve && !args.account.no_refresh;
    let target = Target { account, store, state, secrets, desired: None, vpc_id, looks_first };
    let exit = carry_out(&planned.plan, target, &apply, console)?;
    if mode == Mode::Apply && exit == Exit::Success && !args.json {
        console.err.line("`ingc bootstrap manifests` prints the cluster's side of it.");
    }
    Ok(exit)
}
