//! `ingc status`: how the Ingresses are doing.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, AnyAccount, InputArgs, block_on};
use crate::planning::Compiled;
use crate::view;
use std::collections::BTreeSet;

/// Show how the Ingresses are doing
///
/// The DNS name, the listeners and the health of the targets of every Ingress that was applied.
/// Without credentials and without `--sandbox` only what is recorded is told.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// Print what makes each Ingress tell its load balancer's name, as external-dns and Argo CD look
    /// for it: commands of kubectl, or with `--output json` objects with a status
    #[arg(long)]
    patch: bool,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people, or for a shell
    #[default]
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let compiled = Compiled::read(&args.input);
    if !compiled.input.is_settled {
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let place = args.account.state_place(&compiled.input)?;
    let state = place.read(&compiled.input.settings.cluster_name)?;
    // What is printed for the cluster stands in the state.
    let account: Option<AnyAccount> =
        if args.patch { None } else { args.account.to_look_at(&compiled.input)? };
    let given: BTreeSet<&String> = compiled.compilation.ingresses.keys().collect();
    let wanted =
        |ingress: &str| args.input.paths.is_empty() || given.iter().any(|given| *given == ingress);
    let found = block_on(ingc_applier::status(account.as_ref(), &state, wanted))??;
    let known: BTreeSet<&String> = found.iter().map(|status| &status.ingress).collect();
    if args.patch {
        let objects = view::status::objects(&found);
        match args.output {
            Form::Text => console.out.print(&view::status::commands(&objects)),
            Form::Json => console.out.json(&objects),
        }
    } else if args.output == Form::Json {
        console.out.json(&found);
    } else {
        console.out.print(&view::status::text(&found, console.out.style()));
        if account.is_none() && !found.is_empty() {
            let hint = "no account was asked: give credentials, `--refresh` or `--sandbox FILE`";
            console.err.line(&format!("note: targets are not known; {hint}"));
        }
    }
    let placed = given.iter().filter(|it| !known.contains(**it) && is_ours(&compiled, it));
    let names: Vec<String> = placed.map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        console.err.line(&format!("note: not applied yet: {}", names.join(", ")));
    }
    if found.is_empty() && names.is_empty() {
        console.err.line(&format!("The state `{place}` has no Ingress."));
    }
    Ok(Exit::Success)
}

/// True for an Ingress that is a member of a group.
fn is_ours(compiled: &Compiled, ingress: &str) -> bool {
    let seen = compiled.compilation.ingresses.get(ingress);
    seen.is_some_and(|seen| matches!(seen.place, ingc_compiler::group::Place::Member(_)))
}
