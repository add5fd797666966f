//! `ingc annotations`: the reference, from the very rows that the compiler reads.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::view;
use ingc_compiler::annotation::{self, PREFIX};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;

/// Print the reference of the annotations
///
/// For each: its type, its default, where it may stand, how the members of a group agree on it, and
/// what it sets in AWS.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// One annotation, with or without `alb.ingress.kubernetes.io/`
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of the reference.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// For documentation
    Markdown,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let rows = match &args.name {
        None => annotation::annotations().collect(),
        Some(name) => vec![find(name)?],
    };
    let text = match args.output {
        Form::Markdown => view::reference::markdown(&rows),
        Form::Json => view::reference::json(&rows),
        Form::Text if args.name.is_some() => view::reference::one(rows[0], console.out.style()),
        Form::Text => view::reference::table(console.out.style()),
    };
    console.out.print(&text);
    Ok(Exit::Success)
}

fn find(name: &str) -> Result<&'static annotation::Annotation, Failure> {
    let short = name.strip_prefix(PREFIX).unwrap_or(name);
    // A family is also found by its name alone.
    let family = || annotation::annotations().find(|row| row.name == format!("{short}."));
    let exact = || annotation::annotations().find(|row| row.name == short);
    annotation::lookup(short).or_else(exact).or_else(family).ok_or_else(|| {
        let hint = match annotation::nearest_name(short) {
            Some(near) => format!("did you mean `ingc annotations {near}`?"),
            None => "`ingc annotations` lists all".to_owned(),
        };
        let message = format!("there is no annotation `{PREFIX}{short}`");
        Diagnostic::error(&code::UNKNOWN_NAME, message).hint(hint).into()
    })
}
