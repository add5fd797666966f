//! `ingc compile`: manifests become stacks of resources, and nothing else happens.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, Input, InputArgs};
use crate::view;
use ingc_compiler::Compilation;

/// Compile manifests and show the resources
///
/// Needs neither credentials nor a state: the same manifests, settings and inventory give the same
/// resources anywhere. With any error the exit status is 1, and the groups that are right are shown
/// all the same.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of a compilation.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Form {
    /// A table per stack
    #[default]
    Table,
    /// The stack document, with all findings
    Json,
    /// What needs what, for Graphviz
    Dot,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut input = input::read(&args.input);
    let compilation = input.compile();
    report(&input, &compilation, console);
    match args.output {
        Form::Table => {
            console.out.print(&view::stacks::table(&compilation.stacks, console.out.style()));
        }
        Form::Json => console.out.json(&compilation.document(&input.sources)),
        Form::Dot => console.out.print(&view::stacks::dot(&compilation.stacks)),
    }
    Ok(if compilation.diagnostics.has_errors() { Exit::Error } else { Exit::Success })
}

/// Shows findings and their count.
fn report(input: &Input, compilation: &Compilation, console: &mut Console) {
    let style = console.err.style();
    let findings = compilation.diagnostics.iter();
    console.err.print(&view::diagnostic::render(findings, &input.sources, style));
    if let Some(line) = view::diagnostic::summary(compilation) {
        console.err.line(&line);
    }
}
