//! `ingc bootstrap status`.

use crate::bootstrapping::{Mode, SettingsArgs, plan, report};
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::AccountArgs;
use crate::view::bootstrap::{Row, text};
use ingc_compiler::resource::Address;
use ingc_compiler::tag::BOOTSTRAP_STACK;
use ingc_planner::state::local_address;
use ingc_planner::{Action, State};
use std::collections::BTreeSet;

/// Show what there is of it, and whether it is as it shall be
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let Some(input) = args.settings.read(console) else { return Ok(Exit::Error) };
    let place = args.account.state_place(&input)?;
    let state = place.read(&input.settings.cluster_name)?;
    let account = args.account.to_look_at(&input)?;
    let planned = plan(&input, account.as_ref(), &state, Mode::Apply)?;
    report(&planned.diagnostics, &input, console);
    if planned.diagnostics.has_errors() {
        return Ok(Exit::Error);
    }
    let mut addresses: BTreeSet<Address> = planned.desired.resources.keys().cloned().collect();
    addresses.extend(recorded(&state));
    let rows: Vec<Row> = addresses
        .into_iter()
        .map(|address| {
            let change = planned.plan.changes.iter().find(|change| change.address == address);
            let is_recorded = state.get(&address).is_some();
            let is_shared = planned.existing.foreign.contains_key(&address);
            let condition = match change.map(|change| change.action) {
                None if is_shared => "somebody else's, used as it is".to_owned(),
                None => "as it shall be".to_owned(),
                Some(Action::Create) if is_recorded => "gone".to_owned(),
                Some(Action::Create) => "not made yet".to_owned(),
                Some(Action::Import) => "exists, not taken up yet".to_owned(),
                Some(Action::Delete | Action::Forget) => "no longer asked for".to_owned(),
                Some(_) => {
                    let fields = change.into_iter().flat_map(|change| &change.fields);
                    let fields: Vec<&str> = fields.map(|field| field.path.as_str()).collect();
                    format!("differs: {}", fields.join(", "))
                }
            };
            let outputs = state.get(&address).map(|entry| &entry.outputs);
            let arn = outputs.and_then(|outputs| outputs.iter().next());
            let arn = arn.map(|(_, arn)| arn.to_owned()).unwrap_or_default();
            Row { kind: address.kind.to_string(), name: address.id.to_string(), condition, arn }
        })
        .collect();
    match args.output {
        Form::Json => console.out.json(&rows),
        Form::Text => console.out.print(&text(&rows, console.out.style())),
    }
    if account.is_none() {
        console.err.line(
            "note: as recorded; no account was asked: give credentials, `--refresh` or `--sandbox FILE`",
        );
    }
    Ok(Exit::Success)
}

fn recorded(state: &State) -> impl Iterator<Item = Address> + '_ {
    let stack = state.stacks.get(BOOTSTRAP_STACK);
    let resources = stack.into_iter().flat_map(|stack| stack.resources.keys());
    resources.filter_map(|local| local_address(BOOTSTRAP_STACK, local))
}
