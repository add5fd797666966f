//! The commands: a file each, with the arguments and what is done with them.

mod annotations;
mod apply;
mod bootstrap;
mod check;
mod compile;
mod completions;
mod destroy;
mod doctor;
mod explain;
mod gc;
mod generate;
mod iam;
mod import;
mod inventory;
mod man;
mod plan;
mod refresh;
mod release;
mod report;
mod rollback;
mod route;
mod routes;
mod schema;
mod show;
mod state;
mod status;
mod template;

use crate::console::Console;
use crate::error::{Exit, Failure};
use clap::{ColorChoice, Parser, Subcommand};

/// `terraform plan` for Kubernetes Ingress on AWS
///
/// Compiles Ingress manifests with `alb.ingress.kubernetes.io` annotations into the AWS resources
/// that the AWS Load Balancer Controller would make of them.
#[derive(Debug, Parser)]
#[command(name = "ingc", version, max_term_width = 100)]
pub struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value_t, hide_possible_values = false)]
    pub color: ColorChoice,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compile manifests and show the resources
    Compile(compile::Args),
    #[expect(missing_docs, reason = "the arguments' own words, all of them, are the help")]
    Check(check::Args),
    /// Show what applying the manifests would change
    Plan(plan::Args),
    /// Show a saved plan
    Show(show::Args),
    /// Write a saved plan as a page
    Report(report::Args),
    /// Carry out what the manifests ask for, or a saved plan
    Apply(apply::Args),
    /// Delete what was applied
    Destroy(destroy::Args),
    /// Go back to what was recorded before
    Rollback(rollback::Args),
    #[expect(missing_docs, reason = "the arguments' own words, all of them, are the help")]
    Route(route::Args),
    /// List routes, test them, or compare those of two sets of manifests
    Routes(routes::Args),
    /// Make what the cluster and CI need of IAM
    Bootstrap(bootstrap::Args),
    /// Print what IAM must allow
    Iam(iam::Args),
    /// Take what exists into the state
    Import(import::Args),
    /// Hand stacks over to the AWS Load Balancer Controller
    Release(release::Args),
    /// Look at what exists of the recorded resources
    Refresh(refresh::Args),
    /// Write down what exists in the account
    Inventory(inventory::Args),
    /// Show how the Ingresses are doing
    Status(status::Args),
    /// Look for what commonly breaks
    Doctor(doctor::Args),
    /// Delete what carries the cluster's tags and nobody asks for any more
    Gc(gc::Args),
    /// Look at what is recorded, and edit it
    State(state::Args),
    /// Print Kubernetes manifests, as a plugin of Argo CD
    Generate(generate::Args),
    /// Print the reference of the annotations
    Annotations(annotations::Args),
    /// Explain the code of a finding
    Explain(explain::Args),
    /// Print the JSON Schema of a file
    Schema(schema::Args),
    /// Print the template of a plan in Markdown
    Template(template::Args),
    /// Write manual pages
    Man(man::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// What keeps the command from being done and belongs to no line of the input.
    pub fn run(self, console: &mut Console) -> Result<Exit, Failure> {
        match self {
            Command::Compile(args) => compile::run(&args, console),
            Command::Check(args) => check::run(&args, console),
            Command::Plan(args) => plan::run(&args, console),
            Command::Report(args) => report::run(&args, console),
            Command::Show(args) => show::run(&args, console),
            Command::Apply(args) => apply::run(&args, console),
            Command::Destroy(args) => destroy::run(&args, console),
            Command::Rollback(args) => rollback::run(&args, console),
            Command::Route(args) => route::run(&args, console),
            Command::Routes(args) => routes::run(&args, console),
            Command::Bootstrap(args) => bootstrap::run(&args, console),
            Command::Iam(args) => iam::run(&args, console),
            Command::Import(args) => import::run(&args, console),
            Command::Release(args) => release::run(&args, console),
            Command::Refresh(args) => refresh::run(&args, console),
            Command::Inventory(args) => inventory::run(&args, console),
            Command::Status(args) => status::run(&args, console),
            Command::Doctor(args) => doctor::run(&args, console),
            Command::Gc(args) => gc::run(&args, console),
            Command::State(args) => state::run(&args, console),
            Command::Generate(args) => generate::run(&args, console),
            Command::Annotations(args) => annotations::run(&args, console),
            Command::Explain(args) => explain::run(&args, console),
            Command::Schema(args) => schema::run(&args, console),
            Command::Template(args) => template::run(&args, console),
            Command::Man(args) => man::run(&args),
            Command::Completions(args) => completions::run(&args, console),
        }
    }
}
