//! Routing tables to be asked: of manifests, of a state, or of a saved plan.

use crate::console::Console;
use crate::error::Failure;
use crate::input::{self, Input, InputArgs, shown};
use crate::planning::{Compiled, UntilExit};
use crate::saved::Saved;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::code::{command_line, routing as code};
use ingc_compiler::diagnostic::{Diagnostic, nearest};
use ingc_compiler::route::{Balancer, RoutingTable};
use ingc_planner::routing;
use std::path::PathBuf;

/// Whose routes. Without state or plan those of the manifests.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct TableArgs {
    /// Ask what is recorded in this state, instead of manifests
    #[arg(long, value_name = "FILE", help_heading = "Routes")]
    pub state: Option<PathBuf>,

    /// Ask what answers before and after this saved plan, instead of manifests
    #[arg(long, value_name = "FILE", conflicts_with = "state", help_heading = "Routes")]
    pub plan: Option<PathBuf>,

    /// Only the load balancer of this group
    #[arg(long, value_name = "GROUP", help_heading = "Routes")]
    pub group: Option<String>,
}

/// Tables that were read.
pub struct Tables {
    /// The tables; two of a plan, `before` and `after`.
    pub sides: Vec<(Option<&'static str>, RoutingTable)>,
    /// With errors in the input, which were reported.
    pub failed: bool,
}

impl TableArgs {
    /// Reads the tables and reports what was found.
    ///
    /// # Errors
    /// If there is nothing to ask.
    pub fn read(&self, args: &InputArgs, console: &mut Console) -> Result<Tables, Failure> {
        let mut tables = match (&self.state, &self.plan) {
            (Some(path), _) => {
                let input = input::settings_only(args);
                let place = StatePlace::new(path, &input.settings.region)?;
                if place.file().is_some_and(|file| !file.exists()) {
                    let message = format!("there is no state `{}`", shown(path));
                    return Err(Diagnostic::error(&command_line::UNREADABLE, message).into());
                }
                let state = place.read(&input.settings.cluster_name)?;
                let table = routing::recorded(&state, &input.inventory);
                Tables { sides: vec![(None, table)], failed: false }
            }
            (_, Some(path)) => of_plan(&Saved::read(path)?)?,
            _ => {
                let compiled = UntilExit::new(Compiled::read(args));
                compiled.report(console);
                let failed = compiled.findings().has_errors();
                Tables { sides: vec![(None, of_manifests(&compiled))], failed }
            }
        };
        self.narrow(&mut tables)?;
        Ok(tables)
    }

    fn narrow(&self, tables: &mut Tables) -> Result<(), Failure> {
        if let Some(group) = &self.group {
            let known: Vec<String> =
                tables.sides.iter().flat_map(|(_, t)| t.balancers.keys().cloned()).collect();
            if !known.contains(group) {
                let near = nearest(group, known.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "no group was built".to_owned(),
                    None => format!("groups: {}", known.join(", ")),
                };
                let message = format!("no load balancer belongs to a group `{group}`");
                return Err(Diagnostic::error(&code::NOTHING_TO_ASK, message).hint(hint).into());
            }
            for (_, table) in &mut tables.sides {
                table.balancers.retain(|name, _| name == group);
            }
        }
        let is_empty = tables.sides.iter().all(|(_, table)| table.balancers.is_empty());
        if is_empty && !tables.failed {
            let (message, hint) = match (&self.state, &self.plan) {
                (Some(path), _) => {
                    let message = format!("the state `{}` has no load balancer", shown(path));
                    (message, "apply something first, or ask the manifests")
                }
                (_, Some(path)) => {
                    let message = format!("the plan `{}` changes no load balancer", shown(path));
                    (message, "ask the state or the manifests")
                }
                _ => {
                    let message = "the manifests make no load balancer".to_owned();
                    (message, "name files or folders with Ingresses: --manifests PATH")
                }
            };
            return Err(Diagnostic::error(&code::NOTHING_TO_ASK, message).hint(hint).into());
        }
        Ok(())
    }
}

/// What compiled manifests answer.
pub fn of_manifests(compiled: &Compiled) -> RoutingTable {
    let Input { sources, inventory, .. } = &compiled.input;
    RoutingTable::of_compilation(&compiled.compilation, sources, inventory)
}

fn of_plan(saved: &Saved) -> Result<Tables, Failure> {
    let input = input::settings_only(&saved.input);
    let place = StatePlace::new(&saved.state, &saved.plan.region)?;
    let state = place.read(&saved.plan.cluster)?;
    let before = routing::before(&saved.plan, &state, &input.inventory);
    let after = routing::after(&saved.plan, &state, &input.inventory);
    let sides = vec![(Some("before"), before), (Some("after"), after)];
    Ok(Tables { sides, failed: false })
}

impl Tables {
    /// The groups whose load balancers a host may lead to, on any side, in order, and whether that
    /// is known; if not they are all.
    pub fn groups_for(&self, host: &str) -> (Vec<&str>, bool) {
        let all = self.sides.iter().flat_map(|(_, table)| table.balancers.values());
        let known: Vec<&Balancer> = all.clone().filter(|balancer| balancer.knows(host)).collect();
        let is_known = !known.is_empty();
        let asked = if is_known { known } else { all.collect() };
        let mut groups: Vec<&str> = asked.iter().map(|b| b.group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        (groups, is_known)
    }
}
