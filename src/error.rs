//! How a run ends: exit codes, and failures that belong to no line of the input.

use crate::console::Console;
use crate::view;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::source::Sources;
use std::process::ExitCode;

/// The exit status of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Success,
    /// 1: an error, whatever it is.
    Error,
    /// 2: there are changes, with `--detailed-exitcode` only.
    Changes,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why a run cannot go on. What stands in the input is reported with its place where it is found;
/// this is for everything else.
#[derive(Debug)]
pub struct Failure(Vec<Diagnostic>);

impl Failure {
    /// Of several findings.
    pub fn of(findings: Vec<Diagnostic>) -> Failure {
        Failure(findings)
    }

    /// Says it on standard error.
    pub fn report(self, console: &mut Console) -> Exit {
        let text = view::diagnostic::render(&self.0, &Sources::new(), console.err.style());
        console.err.print(text.trim_end_matches('\n'));
        console.err.print("\n");
        Exit::Error
    }
}

impl From<Diagnostic> for Failure {
    fn from(finding: Diagnostic) -> Self {
        Failure(vec![finding])
    }
}

impl From<ingc_applier::Error> for Failure {
    fn from(error: ingc_applier::Error) -> Self {
        let told = |error: ingc_applier::Error| {
            Diagnostic::error(error.code(), error.to_string()).maybe_hint(error.next())
        };
        Failure(error.each().into_iter().map(told).collect())
    }
}
