//! `ingc bootstrap plan`.

use crate::bootstrapping::{Mode, SettingsArgs, plan, report};
use crate::command::plan::{FormArgs, Shown, show};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, shown};
use crate::saved::Saved;
use std::path::PathBuf;

/// Show what would change in IAM
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Save the plan, to be looked at with `ingc show` and carried out with `ingc apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    form: FormArgs,

    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,

    /// Plan to delete all of it
    #[arg(long)]
    destroy: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let Some(input) = args.settings.read(console) else { return Ok(Exit::Error) };
    let place = args.account.state_place(&input)?;
    let state = place.read(&input.settings.cluster_name)?;
    let account = args.account.to_look_at(&input)?;
    let mode = if args.destroy { Mode::Destroy } else { Mode::Apply };
    let planned = plan(&input, account.as_ref(), &state, mode)?;
    report(&planned.diagnostics, &input, console);
    if planned.diagnostics.has_errors() {
        return Ok(Exit::Error);
    }
    if account.is_none() {
        let path = shown(&args.account.state_path(&input));
        console.err.line(&format!(
            "note: compared with the state `{path}`; no account was asked, so that what exists already is not known\n"
        ));
    }
    let vpc_id = &input.settings.vpc_id;
    show(&Shown { plan: &planned.plan, state: &state, vpc_id }, &args.form, console)?;
    let has_changes = args.detailed_exitcode && !planned.plan.is_empty();
    if let Some(out) = &args.out {
        let state = args.account.state_path(&input);
        Saved::new(&args.settings.input(), &input, &state, planned.plan).write(out)?;
        let path = shown(out);
        console.err.line(&format!("The plan is saved: `ingc apply {path}` carries it out."));
    }
    Ok(if has_changes { Exit::Changes } else { Exit::Success })
}
