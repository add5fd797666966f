//! A run up to its plan: reading, compiling, looking at what is there, planning.

use crate::console::Console;
use crate::error::Failure;
use crate::input::{self, AccountArgs, AnyAccount, Files, Input, InputArgs, block_on};
use crate::made;
use crate::view;
use crate::view::findings::{Findings, Report};
use ingc_compiler::diagnostic::code::applier::UNRECORDED;
use ingc_compiler::diagnostic::code::planner::EMPTY_INPUT;
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics, Severity};
use ingc_compiler::inventory::ClusterFacts;
use ingc_compiler::manifest;
use ingc_compiler::{Compilation, Known};
use ingc_planner::state::Secrets;
use ingc_planner::{Desired, Destroy, Live, Options, Phase, Plan, Scope, Shard, State};
use std::collections::BTreeSet;
use std::path::Path;

/// What a plan may take in.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PlanArgs {
    /// Delete what the state has and these manifests lack, even if they are not all of the
    /// cluster's
    #[arg(long, help_heading = "Plan")]
    pub prune: bool,

    /// Only this stack or resource, and what it needs; may be repeated
    #[arg(long, value_name = "ADDRESS", help_heading = "Plan")]
    pub target: Vec<String>,

    /// Only the stacks of shard I of N, which are always the same: for a fleet divided over runners
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, help_heading = "Plan")]
    pub shard: Option<Shard>,

    /// Only one of the two phases in which pods are registered before requests are led to them:
    /// `prepare` makes target groups and bindings, `cutover` does all the rest
    #[arg(long, value_enum, value_name = "PHASE", help_heading = "Plan")]
    pub phase: Option<PhaseArg>,

    /// Leave replaced load balancers standing until the next plan, while DNS answers that name them
    /// age out
    #[arg(long, help_heading = "Plan")]
    pub keep_replaced: bool,

    /// Give all listener rules the priorities that the controller would, and close the gaps that
    /// deleted rules have left: for a hand-over to it
    #[arg(long, help_heading = "Plan")]
    pub close_gaps: bool,
}

/// A phase, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PhaseArg {
    /// Make target groups and their bindings
    Prepare,
    /// Move rules to them, when targets are there, and all the rest
    Cutover,
}

impl PlanArgs {
    /// True if nothing is left out of the plan, and nothing done that need not be: what is in order
    /// has no changes.
    pub fn takes_all_in(&self) -> bool {
        let PlanArgs { prune: _, target, shard, phase, keep_replaced: _, close_gaps } = self;
        target.is_empty() && shard.is_none() && phase.is_none() && !close_gaps
    }
}

impl From<PhaseArg> for Phase {
    fn from(phase: PhaseArg) -> Phase {
        match phase {
            PhaseArg::Prepare => Phase::Prepare,
            PhaseArg::Cutover => Phase::Cutover,
        }
    }
}

/// What kind of plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What the manifests ask for.
    #[default]
    Apply,
    /// Nothing of it shall be left.
    Destroy,
    /// Only what somebody else has changed.
    RefreshOnly,
    /// What exists is taken into the state, as it is.
    Import,
    /// The controller shall find nothing to change.
    Release,
}

/// What a command has until the process ends. To take apart what ten thousand Ingresses have become
/// would take as long as to compare it.
pub type UntilExit<T> = std::mem::ManuallyDrop<T>;

/// Names the program with all that decides what it makes of manifests: another version of it may make
/// something else of them.
pub const PROGRAM: &str = env!("INGC_PROGRAM");

/// Input that was read and compiled.
pub struct Compiled {
    /// What was read.
    pub input: Input,
    /// What became of it.
    pub compilation: Compilation,
    /// The account is AWS: no stack is begun with that the controller still holds.
    pub is_for_aws: bool,
    /// The plan is carried out at once.
    pub carries_out: bool,
    /// The plan is only shown to people.
    pub only_shown: bool,
    /// No controller serves the Ingresses' class, whatever it says.
    pub is_controller_stopped: bool,
    /// Where manifests were looked for, as it is shown.
    paths: String,
    /// Whom else findings are told to.
    reports: Vec<Report>,
}

impl Compiled {
    /// Reads and compiles.
    pub fn read(args: &InputArgs) -> Compiled {
        Compiled::of(input::read(args), args, &Known::default())
    }

    /// Reads and compiles, and finds out what stacks are made of, to be noted when they are applied.
    pub fn read_for_apply(args: &InputArgs) -> Compiled {
        let known = Known { program: Some(PROGRAM), ..Known::default() };
        Compiled::of(input::read(args), args, &known)
    }

    /// Compiles what was read and is not known.
    pub fn of(input: Input, args: &InputArgs, known: &Known<'_>) -> Compiled {
        let compilation = input.compile(known);
        let paths: Vec<String> = args.paths.iter().map(|path| input::shown(path)).collect();
        let paths = if paths.is_empty() { ".".to_owned() } else { paths.join(", ") };
        let reports = args.diagnostics.clone();
        Compiled {
            input,
            compilation,
            is_for_aws: false,
            carries_out: false,
            only_shown: false,
            is_controller_stopped: false,
            paths,
            reports,
        }
    }

    /// Compiles all of it again, what was known included.
    pub fn compile_all(&mut self) {
        self.compilation = self.input.compile(&Known::default());
    }

    /// Says in which account it shall be carried out.
    #[must_use]
    pub fn in_account(mut self, account: &AccountArgs) -> Compiled {
        self.is_for_aws = account.sandbox.is_none();
        self
    }

    /// Takes what the cluster says of its Ingresses for true: what `kubectl get` has printed.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn look_at_cluster(&mut self, dump: &Path) -> Result<(), Failure> {
        let mut files = Files::default();
        let file = files.read(dump);
        let mut findings = std::mem::take(&mut files.diagnostics);
        if let Some(file) = file {
            let facts = ClusterFacts::default();
            let there = manifest::read(&files.sources, &[file], &facts, &mut findings);
            self.compilation.look_at_cluster(&there);
        }
        let errors = findings.iter().filter(|it| it.severity == Severity::Error);
        let errors: Vec<Diagnostic> = errors.cloned().collect();
        if errors.is_empty() { Ok(()) } else { Err(Failure::of(errors)) }
    }

    /// The values of secrets.
    pub fn secrets(&self) -> Secrets {
        self.desired().secrets()
    }

    /// What the manifests ask for.
    pub fn desired(&self) -> Desired<'_> {
        Desired {
            cluster: &self.input.settings.cluster_name,
            region: &self.input.settings.region,
            compilation: &self.compilation,
            sources: &self.input.sources,
            recalled: None,
        }
    }

    /// How to plan.
    pub fn options<'l>(
        &self,
        args: &PlanArgs,
        mode: Mode,
        live: Option<&'l Live>,
        takes_all: bool,
    ) -> Options<'l> {
        let ingc = &self.input.settings.ingc;
        let values = |list: &[ingc_compiler::source::Spanned<String>]| {
            list.iter().map(|item| item.value.clone()).collect()
        };
        let scope = match &ingc.scope {
            _ if !self.input.is_whole => Scope::Named,
            None => Scope::Cluster,
            Some(scope) => {
                Scope::Of { namespaces: values(&scope.namespaces), groups: values(&scope.groups) }
            }
        };
        let destroy = if takes_all { Destroy::Scope } else { Destroy::Desired };
        Options {
            scope,
            prune: args.prune,
            destroy: (mode == Mode::Destroy).then_some(destroy),
            targets: args.target.clone(),
            keep_replaced: args.keep_replaced,
            close_gaps: args.close_gaps,
            phase: args.phase.map(Phase::from),
            shard: args.shard,
            protect: values(&ingc.protect),
            refresh_only: mode == Mode::RefreshOnly,
            import: mode == Mode::Import,
            hand_over: mode == Mode::Release,
            refuse_held: self.is_for_aws,
            refuse_ended: true,
            refuse_unfinished: self.carries_out,
            refuse_served: mode == Mode::Import && self.is_for_aws && !self.is_controller_stopped,
            salt: ingc_applier::random_hex(),
            only_shown: self.only_shown,
            live,
            ..Options::default()
        }
    }

    /// Plans. The findings of planning join the others.
    pub fn plan(
        &mut self,
        args: &PlanArgs,
        mode: Mode,
        state: &State,
        live: Option<&Live>,
        takes_all: bool,
    ) -> Plan {
        let options = self.options(args, mode, live, takes_all);
        let mut planned = ingc_planner::plan(self.desired(), state, &options);
        planned.diagnostics.for_each_mut(|finding| {
            if finding.code == &EMPTY_INPUT {
                finding.object = Some(self.paths.clone());
            }
        });
        self.compilation.diagnostics.append(planned.diagnostics);
        if mode == Mode::Import { planned.plan.only_imports() } else { planned.plan }
    }

    /// Refuses stacks that AWS has and the state does not know. To create them would fail halfway, or
    /// take over what somebody else works with. Of a shard only its own plan counts: other runners make
    /// the others at the same time.
    ///
    /// # Errors
    /// If there are any, or AWS does not tell.
    pub fn check_known(
        &self,
        account: &AnyAccount,
        state: &State,
        shard: Option<&Plan>,
    ) -> Result<(), Failure> {
        let wanted: Vec<&String> = match shard {
            Some(plan) => plan.stacks.keys().collect(),
            None => self.compilation.stacks.keys().collect(),
        };
        let new: BTreeSet<&String> =
            wanted.into_iter().filter(|it| !state.stacks.contains_key(*it)).collect();
        if new.is_empty() || !self.is_for_aws {
            return Ok(());
        }
        let there = block_on(ingc_applier::stacks_in_aws(account, &state.cluster))??;
        let findings = there.iter().filter(|stack| new.contains(stack)).map(|stack| {
            let message = format!("AWS has stack `{stack}`, and the state does not know it");
            let hint =
                "take it into the state with `ingc import`; or name the right state with --state";
            Diagnostic::error(&UNRECORDED, message).group(stack).hint(hint)
        });
        let findings: Vec<Diagnostic> = findings.collect();
        if findings.is_empty() { Ok(()) } else { Err(Failure::of(findings)) }
    }

    /// Input that cannot be planned, since settings or inventory are wrong, may lack more than that.
    pub fn look_for_ingresses(&mut self) {
        if self.compilation.ingresses_seen == 0 {
            let empty = State::empty(&self.input.settings.cluster_name);
            self.plan(&PlanArgs::default(), Mode::Apply, &empty, None, false);
        }
    }

    /// Shows all findings and their count, and tells them to others who want to know.
    pub fn report(&self, console: &mut Console) {
        let style = console.err.style();
        let findings = self.findings();
        console.err.print(&view::diagnostic::render(findings.iter(), &self.input.sources, style));
        if let Some(line) = view::diagnostic::summary(&self.compilation) {
            console.err.line(&line);
        }
        let all: Vec<_> = findings.iter().collect();
        let fallback = self.input.config.as_ref().map(|path| input::shown(path));
        let fallback = fallback.unwrap_or_else(|| self.paths.clone());
        let all = Findings { all: &all, sources: &self.input.sources, fallback };
        for report in &self.reports {
            let text = all.text(report.form);
            let Some(file) = &report.file else {
                console.err.print(&text);
                continue;
            };
            if let Err(failure) = made::write(file, &text) {
                console.fail(failure);
            }
        }
    }

    /// All findings so far.
    pub fn findings(&self) -> &Diagnostics {
        &self.compilation.diagnostics
    }
}
