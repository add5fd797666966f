//! `ingc routes diff`: which requests two sets of manifests answer differently.

use crate::command::route::Form;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, InputArgs};
use crate::planning::Compiled;
use crate::{routing, view};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::routing as code;
use ingc_compiler::route::exact::Budget;
use ingc_compiler::route::{RoutingReport, RoutingStatus};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Show which requests two sets of manifests answer differently
///
/// Compares what is answered, not what is written: rules may move, be split or be merged. Every
/// line is a class of requests whose answer changes, with a request for which that was tried out.
/// The comparison is exact: what no line names is proven to be answered as before. Where that would
/// take too long, it says so.
#[derive(clap::Args, Debug)]
#[command(mut_arg("paths", |paths| paths
    .value_names(["OLD", "NEW"])
    .num_args(2)
    .required(true)
    .action(clap::ArgAction::Set)
    .help("Manifests before and after: a file or folder each")
    .long_help("Manifests before and after: a file or folder each, with the ingc.yaml found there or \
        above; without one, with the other's")))]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Only the load balancer of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,

    /// Exit with 2 if an answer changes, or may change
    #[arg(long)]
    detailed_exitcode: bool,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let [old, new] = args.input.paths.as_slice() else { return Ok(Exit::Error) };
    let of = |path: &PathBuf| InputArgs { paths: vec![path.clone()], ..args.input.clone() };
    let (old, new) = (of(old), of(new));
    // A folder that was copied out of its repository goes by the other one's settings.
    let (old_config, new_config) = (input::config(&old), input::config(&new));
    let old = InputArgs { config: old_config.clone().or(new_config.clone()), ..old };
    let new = InputArgs { config: new_config.or(old_config), ..new };

    let (old, new) = (Compiled::read(&old), Compiled::read(&new));
    old.report(console);
    new.report(console);
    let failed = old.findings().has_errors() || new.findings().has_errors();
    if old.compilation.incomplete || new.compilation.incomplete {
        console.err.line("error: nothing was compared: not everything could be read");
        return Ok(Exit::Error);
    }
    let refused: BTreeSet<&String> =
        old.compilation.refused.keys().chain(new.compilation.refused.keys()).collect();
    let tables = [&old, &new].map(|compiled| {
        let mut table = routing::of_manifests(compiled);
        table.balancers.retain(|group, _| {
            !refused.contains(group) && args.group.as_ref().is_none_or(|wanted| wanted == group)
        });
        table
    });
    let [before, after] = &tables;
    if before.balancers.is_empty() && after.balancers.is_empty() && refused.is_empty() {
        let (message, hint) = match &args.group {
            Some(group) => (
                format!("no load balancer of either side belongs to a group `{group}`"),
                "`ingc routes list` shows the groups",
            ),
            None => (
                "neither side makes a load balancer".to_owned(),
                "name files or folders with Ingresses: ingc routes diff OLD NEW",
            ),
        };
        return Err(Diagnostic::error(&code::NOTHING_TO_ASK, message).hint(hint).into());
    }
    let mut report = RoutingReport::from(&before.changes(after, Budget::default()));
    report.not_compared = refused.iter().map(|group| (*group).clone()).collect();
    if !refused.is_empty() {
        // What is refused may change.
        report.status = RoutingStatus::Unproven;
    }
    match args.output {
        Form::Json => console.out.json(&report),
        Form::Text if before.balancers.is_empty() && after.balancers.is_empty() => {
            console.out.print("Nothing was compared.\n");
        }
        Form::Text => {
            let style = console.out.style();
            console.out.print(&view::route_changes::text(&report, style));
        }
    }
    for group in &refused {
        console.err.line(&format!("error: group {group} was not compared: it is refused"));
    }
    Ok(match report.status {
        _ if failed => Exit::Error,
        RoutingStatus::Changed | RoutingStatus::Unproven if args.detailed_exitcode => Exit::Changes,
        _ => Exit::Success,
    })
}
