//! `ingc routes list`: all routes.

use crate::command::route::Form;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::InputArgs;
use crate::routing::TableArgs;
use crate::view;
use ingc_compiler::route::RouteLine;

/// List all routes in the order in which they are tried
///
/// One row for every rule of every listener, and one for what answers where no rule matches.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    table: TableArgs,

    /// The form; JSON is one object per line
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let tables = args.table.read(&args.input, console)?;
    let mut is_first = true;
    for (side, table) in &tables.sides {
        for balancer in table.balancers.values() {
            if args.output == Form::Json {
                for listener in balancer.listeners.values() {
                    for route in listener.all_routes() {
                        let line = RouteLine::new(balancer, listener.port, route, *side);
                        console.out.json_line(&line);
                    }
                }
                continue;
            }
            if !std::mem::take(&mut is_first) {
                console.out.print("\n");
            }
            let style = console.out.style();
            console.out.print(&view::route::list(balancer, *side, style));
        }
    }
    Ok(if tables.failed { Exit::Error } else { Exit::Success })
}
