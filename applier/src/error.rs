//! What can go wrong around a run. Every error says what to do next.

use crate::account::{CallError, permission};
use crate::store::way_back;
use ingc_compiler::diagnostic::code::{Code, applier as code};
use ingc_compiler::resource::Address;
use ingc_planner::StateError;
use ingc_planner::plan::StaleError;
use std::path::{Path, PathBuf};

/// Why a run cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of state cannot be read or written.
    #[error("the state file `{}` cannot be used: {source}", .path.display())]
    StateFile {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A file holds no usable state.
    #[error("`{}`: {source}", .path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StateError,
    },
    /// Several objects of a state hold nothing usable.
    #[error("{} objects of the state cannot be used", .0.len())]
    Several(Vec<Error>),
    /// A lock was not taken away when the run had ended.
    #[error("a lock with the id {id} stays behind: {source}")]
    LockStays {
        /// The id.
        id: String,
        /// Why.
        source: Box<Error>,
    },
    /// What was done cannot be recorded. The run ends before its next call.
    #[error("{} on AWS and not in the state: {source}", unrecorded(.objects))]
    Unrecorded {
        /// The resources, with the calls that had their effect, as AWS names them. Several were
        /// worked on at a time.
        objects: Vec<(Address, Vec<String>)>,
        /// Why it cannot be recorded.
        source: Box<Error>,
    },
    /// A past state holds nothing usable.
    #[error("the past state `{name}` cannot be read: {message}")]
    PastState {
        /// Its file or object.
        name: String,
        /// Why.
        message: String,
    },
    /// The state is not the one that the run needs.
    #[error(transparent)]
    OtherState(StateError),
    /// Another run holds the file.
    #[error("{what} `{}` is in use by {holder}", .path.display())]
    Locked {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// Another run holds a stack.
    #[error("stack `{stack}` is in use by {holder}; its lock has the id {id}")]
    LockedStack {
        /// The stack.
        stack: String,
        /// Who holds it.
        holder: String,
        /// By which the lock can be taken away.
        id: String,
    },
    /// A state on S3 cannot be read or written.
    #[error("the state `{object}` cannot be used: {message}")]
    S3 {
        /// The object, or the place.
        object: String,
        /// Why.
        message: String,
    },
    /// Somebody else has written a stack that this run holds.
    #[error("the state `{object}` was written by another run, although this one holds its lock")]
    Overwritten {
        /// The object.
        object: String,
    },
    /// The plan was made for another state.
    #[error(transparent)]
    Stale(#[from] StaleError),
    /// AWS cannot be called from here.
    #[error("AWS cannot be called: {why}")]
    NoAws {
        /// Why.
        why: String,
    },
    /// Nobody has said which VPC is the cluster's.
    #[error("the cluster's VPC is not known: subnets of {found} VPCs carry the tag `{tag}`")]
    WhichVpc {
        /// The tag by which it was looked for.
        tag: String,
        /// How many it was found on.
        found: usize,
    },
    /// AWS refuses to tell what there is.
    #[error("`{action}` was refused: {source}")]
    Refused {
        /// The call, as `service:Action`.
        action: String,
        /// What AWS says.
        source: CallError,
    },
    /// The sandbox file cannot be used.
    #[error("the sandbox file `{}` cannot be used: {source}", .path.display())]
    Sandbox {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The sandbox is of another account than the inventory.
    #[error("the sandbox `{}` is account {found}, and the inventory is of {wanted}", .path.display())]
    OtherSandbox {
        /// The file.
        path: PathBuf,
        /// Its account and region.
        found: String,
        /// The inventory's.
        wanted: String,
    },
}

impl Error {
    pub(crate) fn sandbox(path: &Path, source: std::io::Error) -> Error {
        Error::Sandbox { path: path.to_owned(), source }
    }

    /// This error and a later one of the same run in one: what is on AWS and not in the state is
    /// named in full.
    pub(crate) fn and(self, later: Error) -> Error {
        match (self, later) {
            (
                Error::Unrecorded { mut objects, source },
                Error::Unrecorded { objects: more, .. },
            ) => {
                objects.extend(more);
                Error::Unrecorded { objects, source }
            }
            (first @ Error::Unrecorded { .. }, _) => first,
            (_, later @ Error::Unrecorded { .. }) => later,
            (first, _) => first,
        }
    }

    /// Of a state that cannot be read.
    pub(crate) fn unread(path: &Path, source: std::io::Error) -> Error {
        if source.kind() == std::io::ErrorKind::InvalidData {
            return Error::State { path: path.to_owned(), source: StateError::NotText };
        }
        Error::state_file(path, source)
    }

    pub(crate) fn state_file(path: &Path, source: std::io::Error) -> Error {
        Error::StateFile { path: path.to_owned(), source }
    }

    /// Each of several errors.
    pub fn each(self) -> Vec<Error> {
        match self {
            Error::Several(all) => all,
            error => vec![error],
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static Code {
        match self {
            Error::Unrecorded { source, .. } => source.code(),
            Error::Several(all) => all.first().map_or(&code::STATE_FILE, Error::code),
            Error::StateFile { .. } | Error::PastState { .. } | Error::S3 { .. } => {
                &code::STATE_FILE
            }
            Error::State { source, .. } | Error::OtherState(source) => match source {
                StateError::OtherCluster { .. }
                | StateError::OtherAccount { .. }
                | StateError::OtherRegion { .. } => &code::OTHER_STATE,
                _ => &code::STATE_FILE,
            },
            Error::LockStays { .. }
            | Error::Locked { .. }
            | Error::LockedStack { .. }
            | Error::Overwritten { .. } => &code::LOCKED,
            Error::Stale(StaleError::State(_)) => &code::OTHER_STATE,
            Error::Stale(_) => &code::STALE_PLAN,
            Error::Refused { .. } => &code::REFUSED,
            Error::NoAws { .. } => &code::NO_AWS,
            Error::WhichVpc { .. } => &code::WHICH_VPC,
            Error::Sandbox { .. } | Error::OtherSandbox { .. } => &code::SANDBOX_FILE,
        }
    }

    /// What to do next, where the message does not say it already.
    pub fn next(&self) -> Option<String> {
        match self {
            Error::Unrecorded { .. } => Some(
                "make room, or let it be written; then run the same command again: it finds by name and tags what was made".to_owned(),
            ),
            Error::LockStays { id, .. } => Some(format!(
                "all that was done is recorded; with the permission s3:DeleteObject, `ingc state unlock {id}`"
            )),
            Error::StateFile { path, .. } => {
                Some(format!("check that `{}` can be read and written", path.display()))
            }
            Error::LockedStack { id, .. } => Some(format!(
                "wait for it with `--lock-timeout 5m`; if that run has ended, `ingc state unlock {id}`"
            )),
            Error::S3 { .. } => Some(
                "check the name, the region (AWS_REGION) and the permissions: s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject".to_owned(),
            ),
            Error::Overwritten { .. } => Some(
                "somebody has unlocked it: let only one run go on, and start with `ingc plan`".to_owned(),
            ),
            Error::PastState { .. } => {
                Some("go back to another one: `ingc rollback --list`".to_owned())
            }
            Error::Locked { .. } => {
                Some("wait for it to end (`--lock-timeout 5m` waits for a state), or end it: the lock goes with the process".to_owned())
            }
            Error::Sandbox { path, .. } => Some(format!(
                "give another file with `--sandbox`, or delete `{}` to start with a fresh account",
                path.display()
            )),
            Error::OtherSandbox { .. } => Some(
                "give another file with `--sandbox`, or the inventory of that account".to_owned(),
            ),
            Error::Refused { action, source } => Some(refused(action, source)),
            Error::WhichVpc { .. } => {
                Some("say which it is: --vpc-id VPC, or `vpcId: VPC` in ingc.yaml".to_owned())
            }
            Error::NoAws { .. } => Some(
                "check `aws sts get-caller-identity`: credentials and region are found as every AWS SDK finds them; a plan can do without AWS: `--no-refresh`".to_owned(),
            ),
            Error::State { path, source } if source.is_damage() => Some(way_back(path)),
            Error::State { .. } | Error::Several(_) | Error::OtherState(_) | Error::Stale(_) => None,
        }
    }
}

/// Resources with the calls that were made for them.
fn unrecorded(objects: &[(Address, Vec<String>)]) -> String {
    let all = objects.iter().map(|(address, calls)| {
        let calls =
            if calls.is_empty() { String::new() } else { format!(" ({})", calls.join(", ")) };
        format!("`{address}`{calls}")
    });
    let verb = if objects.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", all.collect::<Vec<_>>().join(", "))
}

/// What to do about a question that was refused.
fn refused(action: &str, source: &CallError) -> String {
    if source.is_denied() {
        let action = permission(action);
        return format!("allow `{action}` to the caller, or plan with `--no-refresh`");
    }
    match source.unanswered || source.retryable {
        true => "run the same command again in a minute, or plan with `--no-refresh`",
        false => "correct what AWS names, or plan with `--no-refresh`",
    }
    .to_owned()
}
