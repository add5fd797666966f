//! The state and the account that a run works with.

use super::{Input, InputArgs};
use crate::error::Failure;
use ingc_applier::{Sandbox, StateFile};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_planner::{Live, State};
use std::path::{Path, PathBuf};

/// Which state and which account.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct AccountArgs {
    /// The state's file, instead of what `ingc.state` names [default: ingc.state.json beside
    /// ingc.yaml]
    #[arg(long, value_name = "FILE", help_heading = "Account")]
    pub state: Option<PathBuf>,

    /// A simulated AWS account, kept in this file; it is made from the inventory if it is missing
    #[arg(long, value_name = "FILE", help_heading = "Account")]
    pub sandbox: Option<PathBuf>,

    /// Do not look at what exists, but trust the state
    #[arg(long, help_heading = "Account")]
    pub no_refresh: bool,
}

impl AccountArgs {
    /// The state's file.
    ///
    /// # Errors
    /// If it is no file.
    pub fn state_path(&self, input: &Input) -> Result<PathBuf, Failure> {
        let path = self.state.clone().unwrap_or_else(|| input.state_path());
        if path.to_string_lossy().starts_with("s3:") {
            let message =
                format!("the state `{}` is on S3, which is not built yet", path.display());
            let finding = Diagnostic::error(&code::NOT_BUILT, message);
            return Err(finding.hint("keep the state in a file: --state FILE").into());
        }
        Ok(path)
    }

    /// The state as it is now, and what exists of it, if that is known. Nothing is written.
    ///
    /// # Errors
    /// If the state or the sandbox cannot be used.
    pub fn look(&self, input: &Input, path: &Path) -> Result<(State, Option<Live>), Failure> {
        let state = StateFile::read(path, &input.settings.cluster_name)?;
        let live = match &self.sandbox {
            Some(file) if !self.no_refresh => {
                let account = if file.exists() {
                    Sandbox::open(file, &input.inventory)?
                } else {
                    Sandbox::in_memory(&input.inventory)
                };
                Some(refresh(&account, &state)?)
            }
            _ => None,
        };
        Ok((state, live))
    }
}

/// Reads what exists of the state.
///
/// # Errors
/// If the account is not the state's, or refuses a question.
pub fn refresh(account: &Sandbox, state: &State) -> Result<Live, Failure> {
    use ingc_applier::Account as _;
    let identity = account.identity();
    state
        .is_for("", &identity.name(), &identity.region)
        .map_err(ingc_applier::Error::OtherState)?;
    Ok(runtime()?.block_on(ingc_applier::refresh(account, state, |_| true))?)
}

/// What runs the calls of an account.
///
/// # Errors
/// If the operating system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Diagnostic::error(&code::UNREADABLE, format!("no calls can be made: {error}")).into()
    })
}

/// True if a run reads a saved plan instead of manifests: the one path is such a file.
pub fn is_saved_plan(args: &InputArgs) -> bool {
    matches!(args.paths.as_slice(), [path] if crate::saved::is_saved(path))
}
