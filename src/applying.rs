//! Carrying a plan out: guards, the question, progress, what has become of it.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AnyAccount, block_on, duration, runtime};
use crate::manifests_out;
use crate::view;
use crate::view::bar::Bar;
use crate::view::event::Events;
use crate::view::progress;
use ingc_applier::{Facts, PARALLELISM, Report, Run, StateStore};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::resource::Kind;
use ingc_planner::plan::GuardKind;
use ingc_planner::state::Secrets;
use ingc_planner::{Desired, Phase, Plan, State};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How to carry a plan out.
#[derive(clap::Args, Clone, Debug)]
pub struct ApplyArgs {
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,

    /// Delete load balancers, or more than half of a stack
    #[arg(long)]
    pub allow_delete: bool,

    /// Take steps during which a request may go unanswered
    #[arg(long)]
    pub allow_gap: bool,

    /// Wait so long for a target that can answer before requests are led to a target group anew,
    /// such as `90s` or `5m` [default: 5m for a cutover, else no waiting]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait_healthy: Option<Duration>,

    /// How many stacks are worked on at a time, beside those that wait for AWS; 1 is strictly the
    /// order of the plan
    #[arg(long, value_name = "N", default_value_t = PARALLELISM)]
    pub parallelism: NonZeroUsize,

    /// Write the TargetGroupBindings into this folder, to be applied to the cluster
    #[arg(long, value_name = "DIR")]
    pub manifests_out: Option<PathBuf>,

    /// Tell what happens as JSON, a line each, on standard output
    #[arg(long)]
    pub json: bool,

    /// IAM is asked whether the caller may do it all.
    #[arg(skip)]
    pub checks_permissions: bool,

    /// Bindings are written for the controller to take them for its own.
    #[arg(skip)]
    pub for_controller: bool,
}

/// Targets are waited for so long where nobody says how long.
const WAIT: Duration = Duration::from_secs(300);

impl Default for ApplyArgs {
    fn default() -> ApplyArgs {
        ApplyArgs {
            auto_approve: false,
            allow_delete: false,
            allow_gap: false,
            wait_healthy: None,
            parallelism: PARALLELISM,
            manifests_out: None,
            json: false,
            checks_permissions: false,
            for_controller: false,
        }
    }
}

impl ApplyArgs {
    /// Of a command whose very purpose is to delete.
    pub fn to_delete(auto_approve: bool, json: bool) -> ApplyArgs {
        ApplyArgs {
            auto_approve,
            json,
            allow_delete: true,
            allow_gap: true,
            ..ApplyArgs::default()
        }
    }

    /// How long to wait for targets.
    fn wait(&self, plan: &Plan) -> Option<Duration> {
        let default = (plan.phase == Some(Phase::Cutover)).then_some(WAIT);
        self.wait_healthy.or(default).filter(|wait| !wait.is_zero())
    }
}

/// What a plan is carried out with.
pub struct Target<'d> {
    /// The account.
    pub account: AnyAccount,
    /// Who keeps the state, and the state.
    pub store: StateStore,
    /// The state.
    pub state: State,
    /// The values of secrets.
    pub secrets: Secrets,
    /// What the manifests ask for, if they are what the plan was made of.
    pub desired: Option<Desired<'d>>,
    /// The VPC.
    pub vpc_id: String,
    /// Time has passed since the plan was made: objects are looked at before they are touched.
    pub looks_first: bool,
}

/// Refuses to begin where a question would have to be asked and nobody is there to answer.
///
/// # Errors
/// Without a terminal and without `--auto-approve`.
pub fn can_ask(args: &ApplyArgs, console: &Console) -> Result<(), Failure> {
    if args.auto_approve || console.answers.is_some() {
        return Ok(());
    }
    let message = "nobody can be asked: there is no terminal";
    let hint = "look at the plan with `ingc plan`, then give --auto-approve";
    Err(Diagnostic::error(&code::NOBODY_ASKED, message).hint(hint).into())
}

/// Holds a plan that was shown against its guards, and asks. False if nothing shall be done.
///
/// # Errors
/// If a guard holds.
pub fn approve(plan: &Plan, args: &ApplyArgs, console: &mut Console) -> Result<bool, Failure> {
    guards(plan, args)?;
    if plan.is_empty() || args.auto_approve {
        return Ok(true);
    }
    let question = "\nDo you want to carry this plan out? Only `yes` is accepted: ";
    if console.ask(question).as_deref() == Some("yes") {
        return Ok(true);
    }
    console.err.line("Nothing was done.");
    Ok(false)
}

/// Carries out an approved plan and tells of it.
///
/// # Errors
/// If the run cannot begin or go on.
pub fn carry_out(
    plan: &Plan,
    mut target: Target<'_>,
    args: &ApplyArgs,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cancelled = cancelled_by_signals();
    let mut events = args.json.then(|| Events::new(&mut console.out));
    let mut bar = Bar::new(plan, console.is_watched && events.is_none());
    let mut steps = progress::Steps::new(plan, !bar.is_shown());
    let result = block_on(ingc_applier::apply(
        Run {
            account: &target.account,
            store: &mut target.store,
            secrets: &target.secrets,
            desired: target.desired,
            facts: Facts {
                vpc_id: target.vpc_id,
                patience: target.account.patience(),
                await_targets: args.wait(plan),
                looks_first: target.looks_first,
                parallelism: args.parallelism,
            },
            cancelled: &cancelled,
            observer: &mut |event| match &mut events {
                Some(events) => events.applying(event),
                None => {
                    bar.follow(event);
                    if let Some(line) = steps.line(event) {
                        bar.above(|| console.err.line(&line));
                    }
                }
            },
        },
        plan,
        &mut target.state,
    ))?;
    drop(bar);
    let report = result?;
    target.store.close(&target.state)?;
    match &mut events {
        Some(events) => {
            events.summary(plan, &report);
            events.outputs(&target.state);
        }
        None => tell(plan, &report, &target.state, console),
    }
    bindings(plan, &report, (&target.account, &target.state), args, console)?;
    Ok(if report.is_complete() { Exit::Success } else { Exit::Error })
}

/// Writes the bindings, or says that somebody has to apply them.
fn bindings(
    plan: &Plan,
    report: &Report,
    (account, state): (&AnyAccount, &State),
    args: &ApplyArgs,
    console: &mut Console,
) -> Result<(), Failure> {
    if let Some(folder) = &args.manifests_out {
        let written = manifests_out::write(folder, state, args.for_controller)?;
        if !args.json {
            console.err.line(&written.told(folder));
        }
        return Ok(());
    }
    let steps = report.done.iter().filter_map(|index| plan.steps.get(*index));
    let of_binding = |step: &&ingc_planner::Step| step.address.kind == Kind::TargetGroupBinding;
    let count = steps.filter(of_binding).count();
    if count > 0 && !args.for_controller && matches!(account, AnyAccount::Aws(_)) && !args.json {
        console.err.line(&format!(
            "note: {} changed, which the cluster does not know yet: `--manifests-out DIR` writes the manifests, also with nothing else to do",
            view::describe::counted(count, "TargetGroupBinding")
        ));
    }
    Ok(())
}

/// Refuses what was not allowed.
fn guards(plan: &Plan, args: &ApplyArgs) -> Result<(), Failure> {
    let allowed = |kind| match kind {
        GuardKind::Delete => args.allow_delete,
        GuardKind::Gap => args.allow_gap,
    };
    let held = plan.guards.iter().filter(|guard| !allowed(guard.kind));
    let findings: Vec<_> = held
        .map(|guard| {
            let message = format!("stack `{}`: {}", guard.stack, guard.text);
            let hint = format!("give {} if that is what you want", guard.kind.flag());
            Diagnostic::error(&code::GUARDED, message).hint(hint)
        })
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(Failure::of(findings)) }
}

/// A mark that is set when somebody wants an end. The run then begins no further call; a second
/// signal ends the process at once, which the state survives as well.
fn cancelled_by_signals() -> Arc<AtomicBool> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&cancelled);
    std::thread::spawn(move || {
        let Ok(runtime) = runtime() else { return };
        runtime.block_on(signal());
        mark.store(true, Ordering::SeqCst);
        Console::of_process().err.line("Interrupted: calls under way are brought to their end.");
        runtime.block_on(signal());
        std::process::exit(i32::from(Exit::Error.code()));
    });
    cancelled
}

/// Waits for an interrupt, or for the request to terminate.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// What has become of the plan, for people.
fn tell(plan: &Plan, report: &Report, state: &State, console: &mut Console) {
    if !report.errors.is_empty() || !report.left_out.is_empty() {
        let findings = progress::findings(report);
        let sources = ingc_compiler::source::Sources::new();
        let style = console.err.style();
        console.err.print("\n");
        console.err.print(&view::diagnostic::render(&findings, &sources, style));
    }
    let style = console.out.style();
    console.out.print(&progress::summary(plan, report));
    console.out.print(&view::state::outputs(state, style));
}
