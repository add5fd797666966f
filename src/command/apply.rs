//! `ingc apply`: carries a plan out.

use super::release;
use crate::applying::{self, ApplyArgs, Target, carry_out};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs, discover, is_saved_plan, refresh, refresh_some, shown};
use crate::locking::{Held, hold};
use crate::permission;
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::saved::Saved;
use crate::view;
use crate::view::event::Events;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::{applier as code, command_line};
use ingc_planner::Plan;
use ingc_planner::iam::Needs;
use ingc_planner::plan::Drift;
use ingc_planner::state::{SecretProblem, Secrets};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Carry out what the manifests ask for, or a saved plan
///
/// Shows the plan and asks before anything is changed. The state is written after every call, so
/// that running the same command again continues a run that was interrupted or refused.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    apply: ApplyArgs,

    /// Ask IAM before anything else whether the caller may make all calls of the plan
    #[arg(long, conflicts_with = "sandbox", help_heading = "Account")]
    check_permissions: bool,

    /// Where a saved plan's Secrets are read from, instead of where it was made from; may be
    /// repeated
    #[arg(long, value_name = "PATH")]
    manifests: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    if is_saved_plan(&args.input) {
        return saved(args, console);
    }
    let checks_permissions = args.check_permissions;
    let apply = ApplyArgs { checks_permissions, ..args.apply.clone() };
    fresh(&args.input, &args.account, &args.plan, &apply, Mode::Apply, console)
}

/// Plans and carries the plan out.
pub(super) fn fresh(
    input: &InputArgs,
    account: &AccountArgs,
    plan_args: &PlanArgs,
    apply: &ApplyArgs,
    mode: Mode,
    console: &mut Console,
) -> Result<Exit, Failure> {
    applying::can_ask(apply, console)?;
    let compiled = match mode {
        Mode::Apply => Compiled::read_for_apply(input),
        _ => Compiled::read(input),
    };
    let mut compiled = compiled.in_account(account);
    let takes_all = input.paths.is_empty();
    planned(&mut compiled, account, plan_args, apply, (mode, takes_all), console)
}

/// Plans what was compiled and carries the plan out. Without manifests named, all is taken.
pub(super) fn planned(
    compiled: &mut Compiled,
    account: &AccountArgs,
    plan_args: &PlanArgs,
    apply: &ApplyArgs,
    (mode, takes_all): (Mode, bool),
    console: &mut Console,
) -> Result<Exit, Failure> {
    if !compiled.input.is_settled {
        compiled.look_for_ingresses();
        report(compiled, apply, console);
        return Ok(Exit::Error);
    }
    let needs_ingresses = matches!(mode, Mode::Apply | Mode::Import | Mode::Release);
    if needs_ingresses && compiled.compilation.ingresses_seen == 0 {
        compiled.look_for_ingresses();
        report(compiled, apply, console);
        return Ok(Exit::Error);
    }
    compiled.carries_out = true;
    // Whoever is asked may take a long time to answer.
    let (is_asked, reads) = (!apply.auto_approve, !account.no_refresh);
    let place = account.state_place(&compiled.input)?;
    let cluster = compiled.input.settings.cluster_name.clone();
    let before = account.before(&compiled.input)?;
    let findings = compiled.findings().clone();
    let held = hold(&place, &cluster, account, console, |state, _| {
        let live = match mode {
            Mode::Import | Mode::Release => Some(discover(&before, state)?),
            Mode::RefreshOnly => Some(refresh(&before, state)?),
            _ if account.no_refresh => None,
            _ => Some(refresh(&before, state)?),
        };
        compiled.compilation.diagnostics.clone_from(&findings);
        if let (Mode::Release, Some(live)) = (mode, &live) {
            release::check_ready(compiled, &before, state, live)?;
        }
        let plan = compiled.plan(plan_args, mode, state, live.as_ref(), takes_all);
        Ok(Some((plan.stacks.keys().cloned().collect(), plan)))
    })?;
    let Some(Held { store, state, planned: plan }) = held else { return Ok(Exit::Error) };
    if matches!(mode, Mode::Apply | Mode::Destroy) {
        // Only now nobody else is about to make what the state does not know.
        compiled.check_known(&before, &state, plan_args.shard.map(|_| &plan))?;
    }
    report(compiled, apply, console);
    let failed = compiled.findings().has_errors();
    if failed && plan.is_empty() && plan.frozen.is_empty() {
        return Ok(Exit::Error);
    }
    if apply.json {
        Events::new(&mut console.out).planned(&plan);
    } else {
        console.out.print(&view::plan::text(&plan, console.out.style()));
    }
    if apply.checks_permissions {
        let at = permission::place_of(&compiled.input, &account.state_path(&compiled.input))?;
        permission::check(&before, &Needs::of_plan(&plan, &state), &at)?;
    }
    if !applying::approve(&plan, apply, console)? {
        return Ok(Exit::Error);
    }
    let account = if account.is_to_be_made() {
        account.open(&compiled.input.inventory, &compiled.input.settings.region)?
    } else {
        before
    };
    let target = Target {
        account,
        store,
        state,
        secrets: compiled.secrets(),
        desired: (mode == Mode::Apply).then(|| compiled.desired()),
        vpc_id: compiled.input.settings.vpc_id.clone(),
        looks_first: is_asked && reads,
    };
    let exit = carry_out(&plan, target, apply, console)?;
    Ok(if failed { Exit::Error } else { exit })
}

pub(super) fn report(compiled: &Compiled, apply: &ApplyArgs, console: &mut Console) {
    if apply.json {
        let mut events = Events::begin(&mut console.out);
        for finding in compiled.findings().iter() {
            events.finding(finding, &compiled.input.sources);
        }
    } else {
        compiled.report(console);
    }
}

/// Carries out a saved plan, exactly or not at all.
fn saved(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    if args.plan.phase.is_some() {
        let message =
            "a saved plan is carried out as it is, and `--phase` would choose a part of it";
        let hint = "save the part: `ingc plan --phase prepare --out FILE`";
        return Err(Diagnostic::error(&command_line::BAD_FLAGS, message).hint(hint).into());
    }
    let saved = Saved::read(&args.input.paths[0])?;
    let has_secrets = saved.plan.changes.iter().any(|change| !change.secrets.is_empty());
    let mut input = saved.input.clone();
    if !args.manifests.is_empty() {
        input.paths.clone_from(&args.manifests);
    }
    // A plan is complete but for secrets, and for an account that must be made first.
    let compiled = (has_secrets || args.account.is_to_be_made()).then(|| Compiled::read(&input));
    let inventory = compiled.as_ref().map(|compiled| compiled.input.inventory.clone());
    let secrets = compiled.as_ref().map(Compiled::secrets).unwrap_or_default();
    check_secrets(&saved.plan, &secrets)?;
    let changed = saved.changed_files();
    if !changed.is_empty() {
        let names = changed.join(", ");
        console.err.line(&format!(
            "note: changed since the plan was made, which is carried out as it is: {names}"
        ));
    }
    let path = args.account.state.clone().unwrap_or_else(|| saved.state.clone());
    let place = StatePlace::new(&path, &saved.plan.region)?;
    let held = hold(&place, &saved.plan.cluster, &args.account, console, |_, _| {
        Ok(Some((saved.plan.stacks.keys().cloned().collect(), ())))
    })?;
    let Some(Held { store, state, .. }) = held else { return Ok(Exit::Error) };
    let mut inventory = inventory.unwrap_or_default();
    if args.account.sandbox.is_none() {
        inventory.account_id.clone_from(&saved.account_id);
    }
    let account = args.account.open(&inventory, &saved.plan.region)?;
    saved.plan.is_for(&state).map_err(ingc_applier::Error::from)?;
    if !args.account.no_refresh {
        let touched = |stack: &str| saved.plan.stacks.contains_key(stack);
        let live = refresh_some(&account, &state, touched)?;
        check_unmoved(&saved.plan.moved(&state, &live))?;
    }
    if args.check_permissions {
        let (needs, at) =
            permission::of_saved(&args.input.paths[0], args.account.state.as_deref())?;
        permission::check(&account, &needs, &at)?;
    }
    if args.apply.json {
        Events::begin(&mut console.out).planned(&saved.plan);
    } else {
        console.err.line(&format!("Carrying out {}.", shown(&args.input.paths[0])));
    }
    let looks_first = !args.account.no_refresh;
    let vpc_id = saved.vpc_id.clone();
    let target = Target { account, store, state, secrets, desired: None, vpc_id, looks_first };
    // A saved plan was looked at already.
    let apply = ApplyArgs { auto_approve: true, ..args.apply.clone() };
    applying::approve(&saved.plan, &apply, console)?;
    carry_out(&saved.plan, target, &apply, console)
}

/// Refuses a plan whose objects are no longer as they were when it was made.
fn check_unmoved(moved: &[Drift]) -> Result<(), Failure> {
    if moved.is_empty() {
        return Ok(());
    }
    let findings = moved.iter().map(|drift| {
        let Drift { address, .. } = drift;
        let message = format!("since the plan was made `{address}` {}", drift.told());
        Diagnostic::error(&code::STALE_PLAN, message).hint("nothing was done; plan again")
    });
    Err(Failure::of(findings.collect()))
}

/// Refuses a plan whose Secrets are missing or are no longer those that were planned.
fn check_secrets(plan: &Plan, secrets: &Secrets) -> Result<(), Failure> {
    let mut problems = BTreeMap::new();
    for hash in plan.changes.iter().flat_map(|change| change.secrets.values()) {
        let problem = match secrets.reveal(hash) {
            Ok(_) => continue,
            Err(SecretProblem::Missing) => "is missing",
            Err(SecretProblem::Changed) => "is not the one that was planned",
        };
        problems.insert((&hash.secret, &hash.key), problem);
    }
    if problems.is_empty() {
        return Ok(());
    }
    let findings = problems.into_iter().map(|((secret, key), problem)| {
        let message = format!("key `{key}` of Secret `{secret}` {problem}");
        let hint = "plan again, or name the manifests that hold it: --manifests PATH";
        Diagnostic::error(&code::SECRET, message).object(format!("Secret/{secret}")).hint(hint)
    });
    Err(Failure::of(findings.collect()))
}
