//! `ingc compile`: manifests become stacks of resources, and nothing else happens.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::InputArgs;
use crate::planning::{Compiled, UntilExit};
use crate::review::Reviews;
use crate::view;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use std::path::{Path, PathBuf};

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

    /// Write a review file for each stack into this folder, to be committed with the manifests
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "output"])]
    write: Option<PathBuf>,

    /// Show how the review files in this folder differ from the manifests; exit with 1 if they do
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    check: Option<PathBuf>,
}

/// Forms of a compilation.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Form {
    /// A table per stack
    #[default]
    Table,
    /// The stack document, with all findings
    Json,
    /// The text of the review files
    Yaml,
    /// What needs what, for Graphviz
    Dot,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let compiled = UntilExit::new(Compiled::read(&args.input));
    compiled.report(console);
    let compilation = &compiled.compilation;
    if let Some(folder) = &args.write {
        reviews(&compiled, folder)?.write()?;
    } else if let Some(folder) = &args.check {
        check(&compiled, folder, console)?;
    } else {
        match args.output {
            Form::Table => {
                console.out.print(&view::stacks::tables(&compilation.stacks, console.out.style()));
            }
            Form::Json => console.out.json(&compilation.document(&compiled.input.sources)),
            Form::Yaml => {
                let texts = compilation.stacks.values().filter_map(|s| view::review::text(s).ok());
                let texts = texts.map(|text| text.replacen(view::review::HEADER, "", 1));
                console.out.print(&texts.collect::<Vec<_>>().join("---\n"));
            }
            Form::Dot => console.out.print(&view::stacks::dot(&compilation.stacks)),
        }
    }
    Ok(if compiled.findings().has_errors() { Exit::Error } else { Exit::Success })
}

fn reviews(compiled: &Compiled, folder: &Path) -> Result<Reviews, Failure> {
    Reviews::new(folder, &compiled.compilation, compiled.input.is_whole)
}

fn check(compiled: &Compiled, folder: &Path, console: &mut Console) -> Result<(), Failure> {
    let differences = reviews(compiled, folder)?.differences();
    for difference in &differences {
        console.out.print(&view::difference::text(difference));
    }
    if differences.is_empty() {
        return Ok(());
    }
    let count = view::describe::counted(differences.len(), "review file");
    let is = if differences.len() == 1 { "is" } else { "are" };
    let hint = format!("renew them with `ingc compile --write {}`", folder.display());
    Err(Diagnostic::error(&code::OUT_OF_DATE, format!("{count} {is} out of date"))
        .hint(hint)
        .into())
}
