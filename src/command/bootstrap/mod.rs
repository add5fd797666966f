//! `ingc bootstrap`: what the cluster and CI need before there can be Ingresses.

mod apply;
mod manifests;
mod plan;
mod status;

use crate::console::Console;
use crate::error::{Exit, Failure};

/// Make what the cluster and CI need of IAM
///
/// The issuer of the pods' tokens as an OIDC provider, the policy of the AWS Load Balancer
/// Controller, its role for exactly one ServiceAccount, and roles for CI jobs, as `ingc.bootstrap` of
/// ingc.yaml says. The issuer is asked of EKS where no setting names it. What exists already is
/// taken up; what is somebody else's is used as it is, and never deleted.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Plan(plan::Args),
    Apply(apply::ApplyCommand),
    Destroy(apply::DestroyCommand),
    Status(status::Args),
    Manifests(manifests::Args),
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    match &args.command {
        Command::Plan(args) => plan::run(args, console),
        Command::Apply(args) => apply::apply(args, console),
        Command::Destroy(args) => apply::destroy(args, console),
        Command::Status(args) => status::run(args, console),
        Command::Manifests(args) => manifests::run(args, console),
    }
}
