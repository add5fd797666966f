//! `ingc release`: stacks are handed over to the controller.

use super::apply::{planned, report};
use super::plan::{FormArgs, Shown, show};
use crate::applying::{self, ApplyArgs};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, AnyAccount, InputArgs, block_on, discover, shown};
use crate::locking::{Held, hold};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::saved::Saved;
use crate::view::hand_over;
use ingc_applier::Store;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::code::planner::NOT_READY;
use ingc_compiler::resource::Address;
use ingc_compiler::tag::{self, CLUSTER_STACK};
use ingc_planner::state::local_address;
use ingc_planner::{Live, State};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Hand stacks over to the AWS Load Balancer Controller
///
/// Plans, shows and asks as `ingc apply` does, for what the controller needs in order to find nothing
/// to change: what the manifests ask for, rules with its numbers, tags that name each rule's place.
/// Then prints the steps that are left to do in the cluster. With `--forget` the state lets go of the
/// stacks, if the account is as the controller would have it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Only this stack; may be repeated
    #[arg(long, value_name = "STACK", help_heading = "Plan")]
    target: Vec<String>,

    /// Let the state go of the stacks; nothing of them is changed
    #[arg(long, conflicts_with_all = ["out", "allow_gap", "allow_delete", "wait_healthy", "manifests_out"])]
    forget: bool,

    /// Save the plan instead of carrying it out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    form: FormArgs,

    #[command(flatten)]
    apply: ApplyArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    if args.account.no_refresh {
        let message = "a hand-over has to look at the account, which `--no-refresh` forbids";
        return Err(Diagnostic::error(&code::BAD_FLAGS, message).hint("leave it out").into());
    }
    if args.out.is_none() {
        applying::can_ask(&args.apply, console)?;
    }
    let mut compiled = Compiled::read(&args.input).in_account(&args.account);
    if args.out.is_some() || args.forget {
        return looked_at(args, &mut compiled, console);
    }
    let plan = PlanArgs { target: args.target.clone(), ..PlanArgs::default() };
    let apply = ApplyArgs { for_controller: true, ..args.apply.clone() };
    let mode = (Mode::Release, args.input.paths.is_empty());
    let exit = planned(&mut compiled, &args.account, &plan, &apply, mode, console)?;
    if exit == Exit::Success && !args.apply.json {
        let folder = args.apply.manifests_out.as_deref().map(shown);
        let steps = hand_over::to_controller(&compiled.compilation, folder.as_deref());
        console.out.print(&steps);
    }
    Ok(exit)
}

/// Makes the plan, and saves it or lets the state go.
fn looked_at(args: &Args, compiled: &mut Compiled, console: &mut Console) -> Result<Exit, Failure> {
    if !compiled.input.is_settled || compiled.compilation.ingresses_seen == 0 {
        compiled.look_for_ingresses();
        report(compiled, &args.apply, console);
        return Ok(Exit::Error);
    }
    let settings = &compiled.input.settings;
    let (cluster, vpc_id) = (settings.cluster_name.clone(), settings.vpc_id.clone());
    let place = args.account.state_place(&compiled.input)?;
    let account = args.account.before(&compiled.input)?;
    let findings = compiled.findings().clone();
    let plan_args = PlanArgs { target: args.target.clone(), ..PlanArgs::default() };
    let takes_all = args.input.paths.is_empty();
    let make = |compiled: &mut Compiled, state: &State| {
        let live = discover(&account, state)?;
        compiled.compilation.diagnostics.clone_from(&findings);
        check_ready(compiled, &account, state, &live)?;
        Ok::<_, Failure>(compiled.plan(&plan_args, Mode::Release, state, Some(&live), takes_all))
    };
    if let Some(out) = &args.out {
        let state = place.read(&cluster)?;
        let plan = make(compiled, &state)?;
        report(compiled, &args.apply, console);
        show(&Shown { plan: &plan, state: &state, vpc_id: &vpc_id }, &args.form, console)?;
        if compiled.findings().has_errors() {
            return Ok(Exit::Error);
        }
        let path = args.account.state_path(&compiled.input);
        Saved::new(&args.input, &compiled.input, &path, plan).write(out)?;
        let out = shown(out);
        console.err.line(&format!(
            "The plan is saved: `ingc apply {out}` carries it out, and `ingc release` then tells what is \
             left to do."
        ));
        return Ok(Exit::Success);
    }
    let held = hold(&place, &cluster, &args.account, console, |state, _| {
        let plan = make(compiled, state)?;
        let stacks = released(compiled, state, &args.target);
        let mut locked = stacks.clone();
        locked.extend(state.stacks.contains_key(CLUSTER_STACK).then(|| CLUSTER_STACK.to_owned()));
        Ok(Some((locked, (plan, stacks))))
    })?;
    let Some(Held { mut store, mut state, planned: (plan, stacks) }) = held else {
        return Ok(Exit::Error);
    };
    report(compiled, &args.apply, console);
    if !plan.is_empty() {
        show(&Shown { plan: &plan, state: &state, vpc_id: &vpc_id }, &args.form, console)?;
        let message =
            "the controller would find something to change, and the state keeps its stacks";
        let hint = "release first, without --forget: the plan above is what that would do";
        return Err(Diagnostic::error(&NOT_READY, message).hint(hint).into());
    }
    if compiled.findings().has_errors() {
        return Ok(Exit::Error);
    }
    let names: Vec<String> = stacks.iter().map(|stack| format!("`{stack}`")).collect();
    let names = names.join(", ");
    let question =
        format!("The state lets go of {names}. Do you want that? Only `yes` is accepted: ");
    if !args.apply.auto_approve && console.ask(&question).as_deref() != Some("yes") {
        console.err.line("Nothing was done.");
        return Ok(Exit::Error);
    }
    for stack in forget(&mut state, &stacks)? {
        store.save(&state, &stack)?;
    }
    store.close(&state)?;
    console.out.print(&format!(
        "The state no longer has {names}: nothing of it was changed. `ingc rollback --list` still has \
         what was recorded.\n"
    ));
    Ok(Exit::Success)
}

/// The recorded stacks that the manifests stand for, or those of them that were named.
fn released(compiled: &Compiled, state: &State, targets: &[String]) -> BTreeSet<String> {
    let stacks = compiled.compilation.stacks.keys().filter(|name| *name != CLUSTER_STACK);
    stacks
        .filter(|name| state.stacks.contains_key(*name))
        .filter(|name| targets.is_empty() || targets.contains(name))
        .cloned()
        .collect()
}

/// Drops the entries of stacks, and of what the cluster shares if nobody else uses it. Says which
/// stacks have changed.
fn forget(state: &mut State, stacks: &BTreeSet<String>) -> Result<Vec<String>, Failure> {
    let mut gone: Vec<String> = stacks.iter().cloned().collect();
    if state.stacks.keys().all(|name| name == CLUSTER_STACK || stacks.contains(name)) {
        gone.push(CLUSTER_STACK.to_owned());
    }
    let entries: BTreeSet<Address> = gone
        .iter()
        .filter_map(|name| Some((name, state.stacks.get(name)?)))
        .flat_map(|(name, stack)| {
            let deposed = stack.deposed.values().map(|it| &it.address);
            stack.resources.keys().chain(deposed).filter_map(|local| local_address(name, local))
        })
        .collect();
    state.forget(&entries).map_err(|error| {
        let hint = "release the stacks that use it as well";
        Failure::from(Diagnostic::error(&NOT_READY, error.to_string()).hint(hint))
    })?;
    Ok(gone)
}

/// Finds what a plan does not take away and the controller would: objects of the stacks that nobody
/// recorded. Stacks that are not in the state are not handed over.
///
/// # Errors
/// If the account refuses a question.
pub(super) fn check_ready(
    compiled: &mut Compiled,
    account: &AnyAccount,
    state: &State,
    live: &Live,
) -> Result<(), Failure> {
    let compilation = &mut compiled.compilation;
    let is_recorded = |name: &str| name == CLUSTER_STACK || state.stacks.contains_key(name);
    let new: Vec<String> =
        compilation.stacks.keys().filter(|name| !is_recorded(name)).cloned().collect();
    compilation.stacks.retain(|name, _| is_recorded(name));
    for stack in new {
        let message =
            format!("the state has no stack `{stack}`, and so there is nothing to hand over");
        let hint = "leave its manifests out: the controller makes it; or apply it first";
        let finding = Diagnostic::error(&NOT_READY, message).group(&stack).hint(hint);
        compilation.diagnostics.push(finding);
    }
    let wanted = |stack: &str| compilation.stacks.contains_key(stack);
    let mut strangers: Vec<(String, String)> = live
        .objects
        .iter()
        .filter(|(address, object)| object.is_some() && wanted(&address.stack))
        .filter(|(address, _)| state.get(address).is_none())
        .filter(|(address, _)| tag::tracking(&state.cluster, address).is_some())
        .map(|(address, _)| (address.stack.to_string(), format!("`{address}`")))
        .collect();
    strangers.extend(block_on(ingc_applier::unknown_listeners(account, state, wanted))??);
    let findings: Vec<Diagnostic> = strangers
        .into_iter()
        .map(|(stack, what)| {
            let message = format!("AWS has {what}, which the state does not know and the controller would change or delete");
            let hint = "take it into the state with `ingc import`, or delete it; then release again";
            Diagnostic::error(&NOT_READY, message).group(stack).hint(hint)
        })
        .collect();
    findings.into_iter().for_each(|finding| compilation.diagnostics.push(finding));
    Ok(())
}
