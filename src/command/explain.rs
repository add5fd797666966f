//! `ingc explain`: what a finding's code means, and what to do.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::view::text::wrapped;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::{Diagnostic, code as codes, nearest};

/// Explain the code of a finding
///
/// Findings carry a code such as ING0903. Without a CODE all of them are listed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The code, in any case
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let Some(id) = &args.code else {
        for code in codes::codes() {
            console.out.print(&format!("{code}  {}\n", code.title));
        }
        return Ok(Exit::Success);
    };
    let Some(found) = codes::find(id) else {
        let hint = match nearest(id, codes::codes().map(|code| code.id)) {
            Some(near) => format!("did you mean `ingc explain {near}`?"),
            None => "`ingc explain` lists all codes".to_owned(),
        };
        let finding = Diagnostic::error(&code::UNKNOWN_NAME, format!("there is no code `{id}`"));
        return Err(finding.hint(hint).into());
    };
    let width = console.out.style().width;
    console.out.print(&format!(
        "{found}: {}\n\n{}\n",
        found.title,
        wrapped(found.explanation, "", width)
    ));
    Ok(Exit::Success)
}
