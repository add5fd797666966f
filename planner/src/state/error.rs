//! Why a state cannot be used.

use thiserror::Error;

/// A state that must not be planned against. Messages say what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// The text ends too early: a write was cut short, or the file was.
    #[error("the state ends in the middle, at line {line}, column {column}")]
    Truncated {
        /// Line of the end.
        line: usize,
        /// Column of the end.
        column: usize,
    },
    /// There is no text at all, which no ingc writes.
    #[error("the state is empty, and not even an empty state is that")]
    Empty,
    /// The bytes are no text.
    #[error("the state is no text: it is not UTF-8")]
    NotText,
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
    /// No ingc has ever written that version.
    #[error("the state has version {found}, and the first one is 1")]
    NoVersion {
        /// The state's.
        found: u32,
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
    /// An object that is named after one stack holds another.
    #[error("the state is named after stack `{wanted}`, and the stacks in it are: {found}")]
    OtherStack {
        /// The stacks in it, for people.
        found: String,
        /// By its name.
        wanted: String,
    },
    /// Its parts contradict each other: it was edited by hand, or merged.
    #[error("the state contradicts itself: {}", .problems.join("; "))]
    Inconsistent {
        /// Each one names the entry at fault.
        problems: Vec<String>,
    },
}

impl StateError {
    /// True if the text itself is to blame, so that another one must take its place; false if it is
    /// a sound state that serves something else.
    pub fn is_damage(&self) -> bool {
        match self {
            StateError::Truncated { .. }
            | StateError::Empty
            | StateError::NotText
            | StateError::Malformed { .. }
            | StateError::NoVersion { .. }
            | StateError::OtherStack { .. }
            | StateError::Inconsistent { .. } => true,
            StateError::NewerVersion { .. }
            | StateError::OtherCluster { .. }
            | StateError::OtherAccount { .. }
            | StateError::OtherRegion { .. } => false,
        }
    }
}
