//! `ingc iam`: what IAM must allow.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{Input, InputArgs, is_saved_plan};
use crate::permission::{self, of_saved};
use crate::planning::Compiled;
use ingc_compiler::iam::{Permissions, controller, partition_of};
use ingc_compiler::resource::PolicyDocument;
use ingc_planner::iam::Needs;
use std::path::PathBuf;

/// Print what IAM must allow
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Policy(PolicyArgs),
}

/// Print an IAM policy with the permissions that a run needs, and no others
///
/// For manifests: what it takes to make, change, look at and delete the kinds of resources that they
/// use. For a plan that `ingc plan --out FILE` has saved: what it takes to carry out exactly this one.
#[derive(clap::Args, Debug)]
struct PolicyArgs {
    #[command(flatten)]
    input: InputArgs,

    /// The state's file or its place on S3, instead of what `ingc.state` or the plan names
    #[arg(long, value_name = "FILE|s3://…")]
    state: Option<PathBuf>,

    /// What a controller needs that registers targets for TargetGroupBindings and does nothing else
    #[arg(long)]
    controller: bool,

    /// With --controller: what one needs that makes load balancers as well
    #[arg(long, requires = "controller")]
    full: bool,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// The document, as IAM takes it
    #[default]
    Json,
}

/// Managed policies have at most so many characters, white space not counted.
const MANAGED: usize = 6144;
/// So many the inline policies of a role may have, all together.
const INLINE: usize = 10240;

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let Command::Policy(args) = &args.command;
    let Form::Json = args.output;
    let document = match () {
        () if args.controller => of_controller(args),
        () if is_saved_plan(&args.input) => {
            let (needs, place) = of_saved(&args.input.paths[0], args.state.as_deref())?;
            needs.document(&place)
        }
        () => {
            let mut compiled = Compiled::read(&args.input);
            compiled.look_for_ingresses();
            compiled.report(console);
            if compiled.findings().has_errors() {
                return Ok(Exit::Error);
            }
            of_manifests(args, &compiled)?
        }
    };
    console.out.json(document.value());
    let length = document.value().to_string().len();
    if length > MANAGED {
        console.err.line(&format!(
            "note: the policy has {length} characters, and a managed policy at most {MANAGED}: put it into a role as an inline policy, which may have {INLINE}"
        ));
    }
    Ok(Exit::Success)
}

fn of_controller(args: &PolicyArgs) -> PolicyDocument {
    let region = crate::input::read_settings(&args.input).settings.region;
    let permissions = if args.full { Permissions::Full } else { Permissions::Targets };
    controller(permissions, partition_of(&region))
}

fn of_manifests(args: &PolicyArgs, compiled: &Compiled) -> Result<PolicyDocument, Failure> {
    let input: &Input = &compiled.input;
    let state = args.state.clone().unwrap_or_else(|| input.state_path());
    let place = permission::place_of(input, &state)?;
    Ok(Needs::of_stacks(compiled.compilation.stacks.values()).document(&place))
}
