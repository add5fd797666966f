//! The state and the account that a run works with.

use super::{Input, InputArgs};
use crate::error::Failure;
use ingc_applier::aws::are_credentials_configured;
use ingc_applier::{Account, Aws, Call, CallError, Identity, Patience, Sandbox, StatePlace};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::{applier, command_line as code};
use ingc_compiler::inventory::Inventory;
use ingc_compiler::tag::BOOTSTRAP_STACK;
use ingc_planner::{Live, State};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// Which state and which account.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct AccountArgs {
    /// The state's file or its place on S3, instead of what `ingc.state` names [default: ingc.state.json beside
    /// ingc.yaml]
    #[arg(long, value_name = "FILE|s3://…", help_heading = "Account")]
    pub state: Option<PathBuf>,

    /// Wait so long for a state that another run holds, such as `90s` or `5m` [default: no waiting]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Account")]
    pub lock_timeout: Option<Duration>,

    /// A simulated AWS account, kept in this file; it is made from the inventory if it is missing
    #[arg(long, value_name = "FILE", help_heading = "Account")]
    pub sandbox: Option<PathBuf>,

    /// Do not look at what exists, but trust the state
    #[arg(long, help_heading = "Account")]
    pub no_refresh: bool,

    /// Look at what exists, with whatever credentials the machine has, an instance's own as well
    #[arg(long, conflicts_with = "no_refresh", help_heading = "Account")]
    pub refresh: bool,
}

/// An account that answers: AWS, or a simulated one.
pub enum AnyAccount {
    /// AWS itself.
    Aws(Box<Aws>),
    /// Kept in a file.
    Sandbox(Box<Sandbox>),
}

impl AnyAccount {
    /// How patient a run is with it.
    pub fn patience(&self) -> Patience {
        match self {
            AnyAccount::Aws(_) => Patience::of_aws(),
            AnyAccount::Sandbox(_) => Patience::default(),
        }
    }
}

impl Account for AnyAccount {
    fn identity(&self) -> Identity {
        match self {
            AnyAccount::Aws(aws) => aws.identity(),
            AnyAccount::Sandbox(sandbox) => sandbox.identity(),
        }
    }

    async fn call(&self, call: &Call) -> Result<Value, CallError> {
        match self {
            AnyAccount::Aws(aws) => aws.call(call).await,
            AnyAccount::Sandbox(sandbox) => sandbox.call(call).await,
        }
    }
}

impl AccountArgs {
    /// The state's file or its place on S3.
    pub fn state_path(&self, input: &Input) -> PathBuf {
        self.state.clone().unwrap_or_else(|| input.state_path())
    }

    /// Where the state is kept.
    ///
    /// # Errors
    /// If it is meant to be on S3 and names no bucket.
    pub fn state_place(&self, input: &Input) -> Result<StatePlace, Failure> {
        Ok(StatePlace::new(&self.state_path(input), &input.settings.region)?)
    }

    /// The account that a plan looks at, if it looks at one: the sandbox; else AWS, if credentials
    /// are configured or `--refresh` is given. Without either a plan is made against the state
    /// alone.
    ///
    /// # Errors
    /// If the account cannot be used, or is not the inventory's.
    pub fn to_look_at(&self, input: &Input) -> Result<Option<AnyAccount>, Failure> {
        if self.no_refresh {
            return Ok(None);
        }
        if self.sandbox.is_some() || self.refresh || block_on(are_credentials_configured())? {
            return self.before(input).map(Some);
        }
        Ok(None)
    }

    /// The account as it is before a run. A sandbox whose file is missing is made in memory.
    ///
    /// # Errors
    /// If it cannot be used, or is not the inventory's.
    pub fn before(&self, input: &Input) -> Result<AnyAccount, Failure> {
        match &self.sandbox {
            Some(file) if !file.exists() => {
                let sandbox = Sandbox::in_memory(&input.inventory);
                Ok(AnyAccount::Sandbox(Box::new(sandbox)))
            }
            _ => self.open(&input.inventory, &input.settings.region),
        }
    }

    /// The account to change. A sandbox whose file is missing is made.
    ///
    /// # Errors
    /// If it cannot be used, or is not the inventory's.
    pub fn open(&self, inventory: &Inventory, region: &str) -> Result<AnyAccount, Failure> {
        match &self.sandbox {
            Some(file) => {
                let sandbox = Sandbox::open(file, inventory)?;
                Ok(AnyAccount::Sandbox(Box::new(sandbox)))
            }
            None => {
                let aws = connect(region)?;
                is_of(&aws.identity(), &inventory.account_id)?;
                Ok(AnyAccount::Aws(Box::new(aws)))
            }
        }
    }

    /// True if the account is a file that is still to be made.
    pub fn is_to_be_made(&self) -> bool {
        self.sandbox.as_ref().is_some_and(|file| !file.exists())
    }
}

/// AWS, as the caller's credentials see a region; the SDK's own one if it is empty.
///
/// # Errors
/// If it cannot be called.
pub fn connect(region: &str) -> Result<Aws, Failure> {
    Ok(block_on(Aws::connect(region))??)
}

/// Refuses credentials of another account than the inventory's: what was compiled for one account
/// has no meaning in another.
fn is_of(caller: &Identity, wanted: &str) -> Result<(), Failure> {
    if wanted.is_empty() || wanted == caller.account {
        return Ok(());
    }
    let message =
        format!("the credentials are of account {}, the inventory of {wanted}", caller.account);
    let hint = "take other credentials (`aws sts get-caller-identity` shows whose they are), or write the inventory anew with `ingc inventory pull`";
    Err(Diagnostic::error(&applier::OTHER_STATE, message).hint(hint).into())
}

/// Reads what exists of the state, but for IAM, which only `ingc bootstrap` looks at.
///
/// # Errors
/// If the account is not the state's, or refuses a question.
pub fn refresh(account: &AnyAccount, state: &State) -> Result<Live, Failure> {
    refresh_some(account, state, |stack| stack != BOOTSTRAP_STACK)
}

/// Reads what exists of some stacks of the state.
///
/// # Errors
/// If the account is not the state's, or refuses a question.
pub fn refresh_some(
    account: &AnyAccount,
    state: &State,
    wanted: impl Fn(&str) -> bool,
) -> Result<Live, Failure> {
    is_for(account, state)?;
    Ok(block_on(ingc_applier::refresh(account, state, wanted))??)
}

/// Reads what exists of the state, and what else carries the cluster's tags.
///
/// # Errors
/// If the account is not the state's, or refuses a question.
pub fn discover(account: &AnyAccount, state: &State) -> Result<Live, Failure> {
    is_for(account, state)?;
    Ok(block_on(ingc_applier::discover(account, state, |stack| stack != BOOTSTRAP_STACK))??)
}

/// Refuses an account that is not the state's.
///
/// # Errors
/// If it is another one.
pub fn is_for(account: &AnyAccount, state: &State) -> Result<(), Failure> {
    let identity = account.identity();
    let is_for = state.is_for("", &identity.name(), &identity.region);
    Ok(is_for.map_err(ingc_applier::Error::OtherState)?)
}

/// Runs calls of an account to their end. All of them run in one place, where connections are kept.
///
/// # Errors
/// If the operating system gives no means to.
pub fn block_on<T>(calls: impl Future<Output = T>) -> Result<T, Failure> {
    static PLACE: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let place = match PLACE.get() {
        Some(place) => place,
        None => {
            let place = runtime()?;
            PLACE.get_or_init(|| place)
        }
    };
    Ok(place.block_on(calls))
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

/// Reads a duration: a number with `s`, `m` or `h`.
///
/// # Errors
/// If it is none.
pub fn duration(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let found = units.into_iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(seconds).map(Duration::from_secs)
    });
    found.ok_or_else(|| "a number with `s`, `m` or `h`, such as `90s` or `5m`".to_owned())
}

/// True if a run reads a saved plan instead of manifests: the one path is such a file.
pub fn is_saved_plan(args: &InputArgs) -> bool {
    matches!(args.paths.as_slice(), [path] if crate::saved::is_saved(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, seconds) in
            [("0s", Some(0)), ("90s", Some(90)), ("5m", Some(300)), ("2h", Some(7200))]
        {
            assert_eq!(duration(text).ok().map(|it| it.as_secs()), seconds, "{text}");
        }
        for text in ["", "5", "m", "-1s", "5 m", "99999999999999999999h", "18446744073709551615h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
