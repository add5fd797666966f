//! Why a state cannot be used.

use thiserror::Error;

/// A state that must not be planned against. Messages say what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// The text ends too early: a write was cut short, or the file was.
    #[error(
        "the state ends in the middle, at line {line}, column {column}: restore it from its backup"
    )]
    Truncated {
        /// Line of the end.
        line: usize,
        /// Column of the end.
        column: usize,
    },
    /// The text is no state.
    #[error("the state cannot be read: {message}, at line {line}, column {column}")]
    Malformed {
        /// What is wrong.
        message: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A later ingc wrote it.
    #[error(
        "the state has version {found}, and this ingc knows up to {known}: use the ingc that wrote it or a later one"
    )]
    NewerVersion {
        /// The state's.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// It is another cluster's.
    #[error(
        "the state is of cluster `{found}`, not of `{wanted}`: give that cluster's state with `--state`, or check `clusterName`"
    )]
    OtherCluster {
        /// The state's.
        found: String,
        /// The settings'.
        wanted: String,
    },
    /// It is another account's, or a sandbox's.
    #[error(
        "the state is of account `{found}`, not of `{wanted}`: sandbox and AWS, and two accounts, need states of their own (`--state`)"
    )]
    OtherAccount {
        /// The state's.
        found: String,
        /// The account that would be changed.
        wanted: String,
    },
    /// It is another region's.
    #[error(
        "the state is of region `{found}`, not of `{wanted}`: give that region's state with `--state`, or check `region`"
    )]
    OtherRegion {
        /// The state's.
        found: String,
        /// The settings'.
        wanted: String,
    },
    /// Its parts contradict each other.
    #[error("the state contradicts itself: {}", .problems.join("; "))]
    Inconsistent {
        /// Each one names the entry at fault.
        problems: Vec<String>,
    },
}
