//! `ingc plan`: what applying would do, and why.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, AccountArgs, InputArgs, reason, refresh, shown};
use crate::permission;
use crate::planning::{Compiled, Mode, PROGRAM, PlanArgs, UntilExit};
use crate::saved::Saved;
use crate::snapshot;
use crate::view::{self, terraform};
use ingc_compiler::Known;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::resource::Address;
use ingc_compiler::tag::CLUSTER_STACK;
use ingc_planner::iam::Needs;
use ingc_planner::state::local_address;
use ingc_planner::{Plan, State};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Show what applying the manifests would change
///
/// Compares what the manifests ask for with what the state has and with what exists in AWS, or in
/// the sandbox. Changes nothing. Without credentials in the environment, a profile, a web identity or
/// a container only the state is looked at.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    plan: PlanArgs,

    /// Save the plan, to be looked at with `show` and carried out with `apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    form: FormArgs,

    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,

    /// Plan to delete what the manifests name; without a PATH, everything in scope
    #[arg(long, conflicts_with = "refresh_only", help_heading = "Plan")]
    destroy: bool,

    /// Take what `ingc refresh --out FILE` has read for what exists, and ask no account
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["sandbox", "refresh", "no_refresh"],
        help_heading = "Account"
    )]
    snapshot: Option<PathBuf>,

    /// Ask IAM whether the caller may make all calls of the plan
    #[arg(long, conflicts_with_all = ["sandbox", "snapshot", "no_refresh"], help_heading = "Account")]
    check_permissions: bool,

    /// Only show what somebody else has changed
    #[arg(long, conflicts_with = "no_refresh", help_heading = "Plan")]
    refresh_only: bool,
}

/// How a plan is shown.
#[derive(clap::Args, Clone, Debug, Default)]
pub(super) struct FormArgs {
    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    pub(super) output: Form,

    /// A template for `--output markdown` instead of the built-in one, which `ingc template` prints
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

/// Forms of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
    /// Terraform's JSON plan, for policy tools
    Terraform,
}

impl Form {
    /// It has nothing of what is only kept for the state.
    fn is_for_people(self) -> bool {
        matches!(self, Form::Text | Form::Markdown)
    }
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let input = input::read(&args.input);
    if !input.is_settled {
        let mut compiled = UntilExit::new(Compiled::of(input, &args.input, &Known::default()));
        compiled.look_for_ingresses();
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let place = args.account.state_place(&input)?;
    let state = UntilExit::new(place.read(&input.settings.cluster_name)?);
    let asked = match &args.snapshot {
        Some(_) => None,
        None if args.refresh_only => Some(args.account.before(&input)?),
        None => args.account.to_look_at(&input)?,
    };
    let live = match (&args.snapshot, &asked) {
        (Some(path), _) => Some(snapshot::read(path, &state)?),
        (None, Some(account)) => Some(refresh(account, &state)?),
        (None, None) => None,
    };
    let mode = match (args.destroy, args.refresh_only) {
        (true, _) => Mode::Destroy,
        (_, true) => Mode::RefreshOnly,
        _ => Mode::Apply,
    };
    let is_plain = mode == Mode::Apply && args.plan.takes_all_in() && args.out.is_none();
    let known = match live {
        None if is_plain => state.known(PROGRAM),
        _ => Known::default(),
    };
    let compiled = Compiled::of(input, &args.input, &known).in_account(&args.account);
    let mut compiled = UntilExit::new(compiled);
    compiled.only_shown = args.out.is_none() && args.form.output.is_for_people();
    let takes_all = args.input.paths.is_empty();
    let mut plan =
        UntilExit::new(compiled.plan(&args.plan, mode, &state, live.as_ref(), takes_all));
    if plan.stacks.contains_key(CLUSTER_STACK) && !known.groups.is_empty() {
        // What all depend on changes, and who does has to be found out.
        compiled.compile_all();
        let whole = compiled.plan(&args.plan, mode, &state, live.as_ref(), takes_all);
        plan = UntilExit::new(whole);
    }
    if let (Some(account), Mode::Apply | Mode::Destroy) = (&asked, mode) {
        compiled.check_known(account, &state, args.plan.shard.map(|_| &*plan))?;
    }
    compiled.report(console);
    let failed = compiled.findings().has_errors();
    if failed && plan.is_empty() && plan.frozen.is_empty() {
        return Ok(Exit::Error);
    }
    if live.is_none() {
        let is_missing = place.file().is_some_and(|file| !file.exists());
        let exists = if is_missing { ", which does not exist yet" } else { "" };
        let path = shown(&args.account.state_path(&compiled.input));
        console.err.line(&format!(
            "note: compared with the state `{path}`{exists}; no account was asked\n"
        ));
    }
    let vpc_id = &compiled.input.settings.vpc_id;
    let shown = Shown { plan: &plan, state: &state, vpc_id };
    show(&shown, &args.form, console)?;
    let exit = match (failed, args.detailed_exitcode && !plan.is_empty()) {
        (true, _) => Exit::Error,
        (_, true) => Exit::Changes,
        _ => Exit::Success,
    };
    if args.check_permissions {
        let account = match asked {
            Some(account) => account,
            None => args.account.before(&compiled.input)?,
        };
        let at = permission::place_of(&compiled.input, &args.account.state_path(&compiled.input))?;
        permission::check(&account, &Needs::of_plan(&plan, &state), &at)?;
    }
    if let Some(out) = &args.out {
        let state = args.account.state_path(&compiled.input);
        save(&compiled, args, &state, UntilExit::into_inner(plan), out, console)?;
    }
    Ok(exit)
}

/// Saves a plan, unless something could not be read: what it lacks may stand there.
fn save(
    compiled: &Compiled,
    args: &Args,
    state: &Path,
    plan: Plan,
    out: &Path,
    console: &mut Console,
) -> Result<(), Failure> {
    let path = shown(out);
    if compiled.compilation.incomplete {
        console.err.line(&format!("error: `{path}` was not written: not everything could be read"));
        return Ok(());
    }
    Saved::new(&args.input, &compiled.input, state, plan).write(out)?;
    console.err.line(&format!("The plan is saved: `ingc apply {path}` carries it out."));
    Ok(())
}

/// A plan with what its forms need beside it.
pub(super) struct Shown<'p> {
    pub(super) plan: &'p Plan,
    /// The state that it was made for.
    pub(super) state: &'p State,
    pub(super) vpc_id: &'p str,
}

/// Shows a plan.
///
/// # Errors
/// If a template of one's own is missing, wrong, or for another form.
pub(super) fn show(
    shown: &Shown<'_>,
    form: &FormArgs,
    console: &mut Console,
) -> Result<(), Failure> {
    let Shown { plan, state, vpc_id } = shown;
    match form.output {
        other if form.template.is_some() && other != Form::Markdown => {
            let finding =
                Diagnostic::error(&code::BAD_FLAGS, "--template is for the form `markdown` only");
            return Err(finding.hint("add --output markdown").into());
        }
        Form::Text => console.out.print(&view::plan::text(plan, console.out.style())),
        Form::Json => console.out.json(plan),
        Form::Markdown => console.out.print(&markdown(plan, form.template.as_deref())?),
        Form::Terraform => {
            let outputs = |address: &Address, name: &str| {
                state.get(address)?.outputs.get(name).map(str::to_owned)
            };
            let resources = resources_after(plan, state);
            console.out.json(&terraform::document(plan, &resources, vpc_id, &outputs));
        }
    }
    Ok(())
}

fn markdown(plan: &Plan, template: Option<&Path>) -> Result<String, Failure> {
    let Some(path) = template else { return Ok(view::plan::markdown(plan)) };
    let name = shown(path);
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read `{name}`: {}", reason(&error));
        Diagnostic::error(&code::UNREADABLE, message)
    })?;
    view::plan::markdown_by(plan, &name, &text).map_err(|error| {
        let finding = Diagnostic::error(&code::BAD_TEMPLATE, error.to_string());
        finding
            .hint("`ingc template` prints the built-in one, with all values that there are")
            .into()
    })
}

/// Every resource as it shall be when the plan is carried out.
fn resources_after(plan: &Plan, state: &State) -> Vec<terraform::Resource> {
    let mut specs: BTreeMap<Address, Value> = BTreeMap::new();
    for (name, stack) in &state.stacks {
        for (local, recorded) in &stack.resources {
            if let Some(address) = local_address(name, local) {
                specs.insert(address, recorded.spec.value());
            }
        }
    }
    for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
        specs.remove(&change.address);
        if let Some(before) = &change.previous_address {
            specs.remove(before);
        }
    }
    for change in &plan.changes {
        if let Some(after) = &change.after {
            specs.insert(change.address.clone(), after.value());
        }
    }
    specs.into_iter().map(|(address, spec)| terraform::Resource { address, spec }).collect()
}
