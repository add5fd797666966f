//! `ingc rollback`: the way back to what was recorded before.

use super::plan::{Form, FormArgs, Shown, show};
use crate::applying::{self, ApplyArgs, Target, carry_out};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs, refresh, shown};
use crate::locking::{Held, hold};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::saved::Saved;
use crate::view;
use crate::view::event::Events;
use ingc_applier::{Past, StatePlace};
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::code::{applier, planner};
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics, Severity, nearest};
use ingc_compiler::tag::CLUSTER_STACK;
use ingc_planner::recall::RecallError;
use ingc_planner::{Plan, Planned, Recalled, StackState, State};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Go back to what was recorded before
///
/// Without a STACK: back to before the last run that changed something. With one: back to before
/// the last run that changed it, or to the state that `--to` names. The plan is shown, held against
/// the same guards and asked for as with `apply`. The manifests are not changed: change them back
/// too, or the next plan leads forward again.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Stacks to take back: `namespace/name` of an Ingress, or a group's name
    #[arg(value_name = "STACK")]
    stacks: Vec<String>,

    /// Back to the state with this serial
    #[arg(long, value_name = "SERIAL", conflicts_with = "list")]
    to: Option<u64>,

    /// List the states that there is a way back to
    #[arg(long)]
    list: bool,

    /// Save the plan instead of carrying it out
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    out: Option<PathBuf>,

    #[command(flatten)]
    form: FormArgs,

    /// Where the Secrets of then are read from, instead of where `plan` reads manifests; may be
    /// repeated
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    manifests: Vec<PathBuf>,

    /// Helm values of the controller; may be repeated, later ones win
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    values: Vec<PathBuf>,

    /// What exists in the AWS account, instead of what `ingc.inventory` names
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    inventory: Option<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    config: Option<PathBuf>,

    /// The cluster's name, instead of `clusterName`
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    cluster_name: Option<String>,

    #[command(flatten)]
    account: AccountArgs,

    /// Leave replaced load balancers standing until the next plan, while DNS answers that name them
    /// age out
    #[arg(long, help_heading = "Plan")]
    keep_replaced: bool,

    #[command(flatten)]
    apply: ApplyArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let input = InputArgs {
        paths: args.manifests.clone(),
        values: args.values.clone(),
        inventory: args.inventory.clone(),
        config: args.config.clone(),
        cluster_name: args.cluster_name.clone(),
        ..InputArgs::default()
    };
    let compiled = Compiled::read(&input);
    if !compiled.input.is_settled {
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let place = args.account.state_place(&compiled.input)?;
    if args.list {
        return list(&place, args, console);
    }
    if let Some(out) = &args.out {
        let state = place.read(&compiled.input.settings.cluster_name)?;
        let account = args.account.to_look_at(&compiled.input)?;
        let live = account.map(|account| refresh(&account, &state)).transpose()?;
        let plan = way_back(args, &compiled, &place, &state, live.as_ref(), console)?;
        let Some(plan) = plan else { return Ok(Exit::Error) };
        let vpc_id = &compiled.input.settings.vpc_id;
        show(&Shown { plan: &plan, state: &state, vpc_id }, &args.form, console)?;
        let path = args.account.state_path(&compiled.input);
        Saved::new(&input, &compiled.input, &path, plan).write(out)?;
        let out = shown(out);
        console.err.line(&format!("The plan is saved: `ingc apply {out}` carries it out."));
        return Ok(Exit::Success);
    }
    applying::can_ask(&args.apply, console)?;
    let account = args.account.open(&compiled.input.inventory, &compiled.input.settings.region)?;
    let cluster = &compiled.input.settings.cluster_name;
    let held = hold(&place, cluster, &args.account, console, |state, console| {
        let live = if args.account.no_refresh { None } else { Some(refresh(&account, state)?) };
        let plan = way_back(args, &compiled, &place, state, live.as_ref(), console)?;
        Ok(plan.map(|plan| (plan.stacks.keys().cloned().collect(), plan)))
    })?;
    let Some(Held { store, state, planned: plan }) = held else { return Ok(Exit::Error) };
    let vpc_id = compiled.input.settings.vpc_id.clone();
    if args.apply.json {
        Events::new(&mut console.out).planned(&plan);
    } else {
        let shown = Shown { plan: &plan, state: &state, vpc_id: &vpc_id };
        show(&shown, &args.form, console)?;
    }
    if !applying::approve(&plan, &args.apply, console)? {
        return Ok(Exit::Error);
    }
    let looks_first = !args.apply.auto_approve && !args.account.no_refresh;
    let secrets = compiled.secrets();
    let target = Target { account, store, state, secrets, desired: None, vpc_id, looks_first };
    carry_out(&plan, target, &args.apply, console)
}

fn list(place: &StatePlace, args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut history = place.history()?;
    if !args.stacks.is_empty() {
        history.retain(|past| args.stacks.contains(&past.stack));
    }
    if matches!(args.form.output, Form::Json) {
        let entries: Vec<_> = history
            .iter()
            .map(|past| {
                json!({
                    "run": past.run,
                    "until": view::time::rfc3339(past.until),
                    "stack": past.stack,
                    "serial": past.serial,
                    "existed": past.serial > 0,
                    "unfinished": past.unfinished,
                })
            })
            .collect();
        console.out.json(&entries);
    } else if history.is_empty() {
        console.err.line(&format!("No run has changed the state `{place}` yet."));
    } else {
        console.out.print(&view::history::list(&history, console.out.style()));
    }
    Ok(Exit::Success)
}

/// Plans the way back; none if there is an error, which is told.
fn way_back(
    args: &Args,
    compiled: &Compiled,
    place: &StatePlace,
    state: &State,
    live: Option<&ingc_planner::Live>,
    console: &mut Console,
) -> Result<Option<Plan>, Failure> {
    let settings = &compiled.input.settings;
    let cluster = &settings.cluster_name;
    let history = place.history()?;
    let chosen = choose(&history, &args.stacks, args.to)?;
    let mut stacks: BTreeMap<String, Option<StackState>> = BTreeMap::new();
    for past in &chosen {
        let kept = place.past(past, cluster)?;
        stacks.insert(past.stack.clone(), kept.state);
    }
    if uses_shared(&stacks) && !state.stacks.contains_key(CLUSTER_STACK) {
        let shared = history.iter().find(|past| past.stack == CLUSTER_STACK && past.serial > 0);
        if let Some(past) = shared {
            let kept = place.past(past, cluster)?;
            stacks.insert(CLUSTER_STACK.to_owned(), kept.state);
        }
    }
    let secrets = compiled.secrets();
    let recalled = Recalled::new(&stacks, &secrets).map_err(not_recalled)?;
    let plan_args = PlanArgs { keep_replaced: args.keep_replaced, ..PlanArgs::default() };
    let options = compiled.options(&plan_args, Mode::Apply, live, false);
    let desired = recalled.desired(cluster, &settings.region);
    let Planned { plan, diagnostics } = ingc_planner::plan(desired, state, &options);
    let mut events = args.apply.json.then(|| Events::begin(&mut console.out));
    if let Some(events) = &mut events {
        diagnostics.iter().for_each(|finding| events.finding(finding, &compiled.input.sources));
    } else {
        tell(&chosen, &diagnostics, console);
    }
    let failed = diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    Ok((!failed).then_some(plan))
}

fn tell(chosen: &[&Past], diagnostics: &Diagnostics, console: &mut Console) {
    for past in chosen {
        let until = view::time::utc(past.until);
        let stack = view::text::safe(&past.stack);
        let how = match view::history::note(past) {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        let serial = past.serial;
        console
            .err
            .line(&format!("Back: `{stack}` to serial {serial}, as it was until {until}{how}"));
    }
    let style = console.err.style();
    let none = ingc_compiler::source::Sources::new();
    console.err.print(&view::diagnostic::render(diagnostics.iter(), &none, style));
}

/// True if something of these stacks uses what the cluster shares.
fn uses_shared(stacks: &BTreeMap<String, Option<StackState>>) -> bool {
    let prefix = format!("{CLUSTER_STACK}/");
    let resources = stacks.values().flatten().flat_map(|stack| stack.resources.values());
    resources.flat_map(|entry| entry.depends_on.iter()).any(|(key, _)| key.starts_with(&prefix))
}

fn not_recalled(errors: Vec<RecallError>) -> Failure {
    let finding = |error: RecallError| match &error {
        RecallError::Secret { secret, .. } => {
            let hint = "give the manifests that hold it: --manifests PATH, or `ingc.secrets`";
            Diagnostic::error(&applier::SECRET, error.to_string())
                .object(format!("Secret/{secret}"))
                .hint(hint)
        }
        RecallError::Malformed { .. } => Diagnostic::error(&applier::STATE_FILE, error.to_string())
            .hint("go back to another state: `ingc rollback --list`"),
    };
    Failure::of(errors.into_iter().map(finding).collect())
}

/// The past states to go back to, one of each stack in question.
fn choose<'h>(
    history: &'h [Past],
    stacks: &[String],
    to: Option<u64>,
) -> Result<Vec<&'h Past>, Failure> {
    let unknown = |message: String, hint: String| -> Failure {
        Diagnostic::error(&code::UNKNOWN_NAME, message).hint(hint).into()
    };
    let list = || "`ingc rollback --list` shows what there is a way back to".to_owned();
    let Some(last) = history.first() else {
        let message = "there is no way back: no run has changed this state yet".to_owned();
        return Err(unknown(message, "`ingc plan` shows what manifests would change".to_owned()));
    };
    for stack in stacks {
        if history.iter().all(|past| past.stack != *stack) {
            let hint = nearest(stack, history.iter().map(|past| past.stack.as_str()));
            let hint = hint.map_or_else(list, |near| format!("did you mean `{near}`?"));
            return Err(unknown(format!("no run has changed a stack `{stack}`"), hint));
        }
    }
    let latest = |stack: &str, fits: &dyn Fn(&Past) -> bool| -> Option<&'h Past> {
        history.iter().find(|past| past.stack == stack && fits(past))
    };
    let mut names: Vec<&str> = match (stacks, to) {
        // What the cluster shares comes and goes with those that use it.
        ([], _) => history
            .iter()
            .filter(|past| past.stack != CLUSTER_STACK)
            .filter(|past| to.is_some() || past.run == last.run)
            .map(|past| past.stack.as_str())
            .collect(),
        (stacks, _) => stacks.iter().map(String::as_str).collect(),
    };
    names.sort_unstable();
    names.dedup();
    let Some(serial) = to else {
        // What an interrupted run has left is hardly what anybody wants back.
        let whole = |name: &&str| {
            latest(name, &|past| !past.unfinished).or_else(|| latest(name, &|_| true))
        };
        return Ok(names.iter().filter_map(whole).collect());
    };
    let found: Vec<&Past> =
        names.iter().filter_map(|name| latest(name, &|past| past.serial == serial)).collect();
    match found.as_slice() {
        [] => Err(unknown(format!("no stack has a past state with serial {serial}"), list())),
        [_] => Ok(found),
        more if stacks.len() == more.len() => Ok(found),
        [one, other, ..] => {
            let message = format!(
                "`{}`, `{}` and maybe others have a past state with serial {serial}",
                one.stack, other.stack
            );
            let hint = format!("say which: `ingc rollback {} --to {serial}`", one.stack);
            Err(Diagnostic::error(&planner::UNKNOWN_TARGET, message).hint(hint).into())
        }
    }
}
