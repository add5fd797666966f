//! A run up to its plan: reading, compiling, looking at what is there, planning.

use crate::console::Console;
use crate::input::{self, Input, InputArgs};
use crate::view;
use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::diagnostic::code::planner as code;
use ingc_planner::state::Secrets;
use ingc_planner::{Desired, Destroy, Live, Options, Plan, Scope, State};

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
}

/// Input that was read and compiled.
pub struct Compiled {
    /// What was read.
    pub input: Input,
    /// What became of it.
    pub compilation: Compilation,
}

impl Compiled {
    /// Reads and compiles.
    pub fn read(args: &InputArgs) -> Compiled {
        let mut input = input::read(args);
        let compilation = input.compile();
        Compiled { input, compilation }
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
        let options = Options {
            scope,
            prune: args.prune,
            destroy: (mode == Mode::Destroy).then_some(destroy),
            targets: args.target.clone(),
            protect: values(&ingc.protect),
            refresh_only: mode == Mode::RefreshOnly,
            salt: ingc_applier::random_hex(),
            live,
            ..Options::default()
        };
        let planned = ingc_planner::plan(self.desired(), state, &options);
        for finding in planned.diagnostics.into_vec() {
            // What cannot be read may well be an Ingress.
            if !(self.compilation.incomplete && *finding.code == code::EMPTY_INPUT) {
                self.compilation.diagnostics.push(finding);
            }
        }
        planned.plan
    }

    /// Shows all findings and their count.
    pub fn report(&self, console: &mut Console) {
        let style = console.err.style();
        let findings = self.findings();
        console.err.print(&view::diagnostic::render(findings.iter(), &self.input.sources, style));
        if let Some(line) = view::diagnostic::summary(&self.compilation) {
            console.err.line(&line);
        }
    }

    /// All findings so far.
    pub fn findings(&self) -> &Diagnostics {
        &self.compilation.diagnostics
    }
}
