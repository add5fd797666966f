//! `ingc gc`: takes away what carries the cluster's tags and nobody asks for any more.

use super::doctor::is_known;
use crate::applying::{self, ApplyArgs, Target, carry_out};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs, discover};
use crate::locking::{Held, hold};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::view;
use crate::view::event::Events;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_planner::{Destroy, Live, Options, Recorded, Scope, State};

/// Delete what carries the cluster's tags and nobody asks for any more
///
/// Stacks that AWS has for this cluster, and that neither the state nor the manifests know: left by
/// the controller, by a cluster that was made anew, or by a state that was lost. Shows the plan and
/// asks. All manifests of the cluster must be given, or the stacks be named with `--stack`, since
/// what another team's manifests ask for looks just like it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Only this stack; may be repeated
    #[arg(long, value_name = "STACK")]
    stack: Vec<String>,

    /// Show the plan, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let apply = ApplyArgs::to_delete(args.auto_approve, args.json);
    if !args.dry_run {
        applying::can_ask(&apply, console)?;
    }
    let mut compiled = Compiled::read(&args.input).in_account(&args.account);
    compiled.look_for_ingresses();
    compiled.report(console);
    if !compiled.input.is_settled || compiled.findings().has_errors() {
        return Ok(Exit::Error);
    }
    if !compiled.input.is_whole && args.stack.is_empty() {
        let message = "these may not be all manifests of the cluster";
        let hint = "leave out PATH, and name all of them as `ingc.manifests` in ingc.yaml; or name what shall go: --stack STACK";
        return Err(Diagnostic::error(&code::BAD_FLAGS, message).hint(hint).into());
    }
    let place = args.account.state_place(&compiled.input)?;
    let cluster = compiled.input.settings.cluster_name.clone();
    let account = args.account.before(&compiled.input)?;
    let held = hold(&place, &cluster, &args.account, console, |state, _| {
        let live = discover(&account, state)?;
        let wanted = |stack: &str| {
            !is_known(&compiled, state, stack)
                && (args.stack.is_empty() || args.stack.iter().any(|it| it == stack))
        };
        let orphans = orphans(state, &live, wanted);
        let options = Options {
            scope: Scope::Cluster,
            destroy: Some(Destroy::Scope),
            live: Some(&live),
            ..compiled.options(&PlanArgs::default(), Mode::Destroy, None, true)
        };
        let planned = ingc_planner::plan(compiled.desired(), &orphans, &options);
        let stacks = orphans.stacks.keys().cloned().collect();
        Ok(Some((stacks, (planned, orphans))))
    })?;
    let Some(Held { store, mut state, planned: (planned, orphans) }) = held else {
        return Ok(Exit::Error);
    };
    if planned.diagnostics.has_errors() {
        return Err(Failure::of(planned.diagnostics.into_vec()));
    }
    let plan = planned.plan;
    for stack in args.stack.iter().filter(|stack| !orphans.stacks.contains_key(*stack)) {
        console.err.line(&format!(
            "note: AWS has no stack `{}` that is nobody's",
            view::text::safe(stack)
        ));
    }
    if apply.json {
        Events::begin(&mut console.out).planned(&plan);
    } else {
        console.out.print(&view::plan::text(&plan, console.out.style()));
    }
    if args.dry_run || !applying::approve(&plan, &apply, console)? {
        return Ok(if args.dry_run { Exit::Success } else { Exit::Error });
    }
    // From the first call on they are recorded, so that a run that is cut short is continued.
    state.stacks.extend(orphans.stacks);
    let target = Target {
        account,
        store,
        state,
        secrets: compiled.secrets(),
        desired: None,
        vpc_id: compiled.input.settings.vpc_id.clone(),
        looks_first: false,
    };
    carry_out(&plan, target, &apply, console)
}

/// A state of nothing but what is found and not known.
fn orphans(state: &State, live: &Live, wanted: impl Fn(&str) -> bool) -> State {
    let mut orphans = State { stacks: Default::default(), ..state.clone() };
    for (address, object) in &live.objects {
        let Some(object) = object.as_ref().filter(|_| state.get(address).is_none()) else {
            continue;
        };
        if wanted(&address.stack) {
            let stack = orphans.stacks.entry(address.stack.to_string()).or_default();
            let entry = Recorded::found(object.spec.clone(), object.outputs.clone());
            stack.resources.insert(address.local(), entry);
        }
    }
    orphans
}
