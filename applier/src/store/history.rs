//! The last states of each stack: what it was before a run changed it, so that there is a way back.

use super::lock::{now, who};
use crate::error::Error;
use ingc_planner::{StackState, State};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many past states are kept of every stack.
pub const KEPT: usize = 10;

/// A past state of a stack, as the history's index knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Past {
    /// The stack.
    pub stack: String,
    /// When a run changed it, in seconds since 1970: it was so until then.
    pub until: u64,
    /// Its serial then; 0 if it was not there.
    pub serial: u64,
    /// The run that changed it, which stands at all stacks that the run has changed.
    pub run: String,
    /// It was left half done by a run that failed or was interrupted.
    pub unfinished: bool,
}

/// A past state as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastState {
    /// Of the format: that of states.
    pub version: u32,
    /// The cluster's name.
    pub cluster: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The stack.
    pub stack: String,
    /// Who changed it.
    pub by: String,
    /// With which command.
    pub command: String,
    /// What it was; none if it was not there.
    pub state: Option<StackState>,
}

impl Past {
    /// The name under which it is kept, below the history's place. Names of Kubernetes have no
    /// `@`, so that no stack's name is taken for it.
    pub(crate) fn key(&self) -> String {
        let Past { stack, until, serial, run, unfinished } = self;
        let mark = if *unfinished { ".unfinished" } else { "" };
        format!("{stack}/@{serial}.{until}.{run}{mark}.state")
    }

    /// What a name says; none if it is no past state's.
    pub(crate) fn parse(key: &str) -> Option<Past> {
        let (stack, name) = key.rsplit_once("/@")?;
        let mut parts = name.strip_suffix(".state")?.split('.');
        let past = Past {
            stack: stack.to_owned(),
            serial: parts.next()?.parse().ok()?,
            until: parts.next()?.parse().ok()?,
            run: parts.next()?.to_owned(),
            unfinished: match parts.next() {
                None => false,
                Some("unfinished") => true,
                Some(_) => return None,
            },
        };
        parts.next().is_none().then_some(past)
    }
}

/// What one run adds to the history: the state of each stack before its first change of it.
pub(crate) struct Chronicle {
    run: String,
    /// The stacks before the run, but for those that it has told of. What a run says of a stack
    /// that it only intends to change is no past state.
    before: BTreeMap<String, StackState>,
    /// Stacks that it has told of.
    told: BTreeSet<String>,
}

impl Chronicle {
    /// Of a run that finds this state.
    pub(crate) fn new(state: &State) -> Chronicle {
        let run = crate::random_hex()[..8].to_owned();
        Chronicle { run, before: state.stacks.clone(), told: BTreeSet::new() }
    }

    /// What is to be kept before a changed stack is written; none if it is kept already.
    pub(crate) fn next(&mut self, state: &State, stack: &str) -> Option<(Past, PastState)> {
        if self.told.contains(stack) || self.before.get(stack) == state.stacks.get(stack) {
            return None;
        }
        self.told.insert(stack.to_owned());
        let before = self.before.remove(stack);
        let past = Past {
            stack: stack.to_owned(),
            until: now(),
            serial: before.as_ref().map_or(0, |before| before.serial),
            run: self.run.clone(),
            unfinished: before.as_ref().is_some_and(|before| before.unfinished),
        };
        let kept = PastState {
            version: state.version,
            cluster: state.cluster.clone(),
            account: state.account.clone(),
            region: state.region.clone(),
            stack: stack.to_owned(),
            by: who(),
            // Arguments beyond the command's name are nobody's business.
            command: std::env::args().nth(1).unwrap_or_default(),
            state: before,
        };
        Some((past, kept))
    }
}

/// Those of a stack's past states that are too many: the oldest.
pub(crate) fn surplus(mut of_stack: Vec<Past>) -> Vec<Past> {
    of_stack.sort_by_key(|past| Reverse((past.until, past.serial)));
    of_stack.split_off(KEPT.min(of_stack.len()))
}

/// Past states, the latest first; within a run by stack.
pub(crate) fn sorted(mut all: Vec<Past>) -> Vec<Past> {
    all.sort_by(|a, b| {
        let latest = |past: &Past| Reverse((past.until, past.serial));
        latest(a).cmp(&latest(b)).then_with(|| a.stack.cmp(&b.stack))
    });
    all
}

/// Reads what is kept of a past state.
pub(crate) fn read(name: &str, text: &str, cluster: &str) -> Result<PastState, Error> {
    let past: PastState = serde_json::from_str(text)
        .map_err(|error| Error::PastState { name: name.to_owned(), message: error.to_string() })?;
    let mut header = State::empty(past.cluster.clone());
    header.version = past.version;
    header.is_for(cluster, "", "").map_err(Error::OtherState)?;
    Ok(past)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(stack: &str, serial: u64, until: u64) -> Past {
        Past {
            stack: stack.to_owned(),
            until,
            serial,
            run: "0a1b2c3d".to_owned(),
            unfinished: serial % 2 == 1,
        }
    }

    #[test]
    fn names_say_what_is_kept() {
        for past in [past("shop/web", 7, 1_764_240_000), past("edge.public", 0, 0)] {
            assert_eq!(Past::parse(&past.key()), Some(past));
        }
        for nothing in
            ["", "shop/web/x.state", "shop/@1.2.state", "@1.2.x.state", "a/@1.2.x.y.state"]
        {
            assert_eq!(Past::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_oldest_go_first() {
        let all: Vec<Past> = (0..15).map(|n| past("shop/web", n, 100 + n)).collect();
        let gone: Vec<u64> = surplus(all).iter().map(|past| past.serial).collect();
        assert_eq!(gone, [4, 3, 2, 1, 0]);
        assert_eq!(surplus(vec![past("shop/web", 1, 1)]), []);
    }

    #[test]
    fn a_run_keeps_every_stack_once() {
        let web = StackState { serial: 4, ..StackState::default() };
        let mut state = State::empty("prod");
        state.stacks.insert("shop/web".to_owned(), web.clone());
        let mut chronicle = Chronicle::new(&state);
        assert!(chronicle.next(&state, "shop/web").is_none(), "it has not changed");
        state.stacks.values_mut().for_each(|stack| stack.serial = 5);
        let (past, kept) = chronicle.next(&state, "shop/web").unwrap();
        assert_eq!((past.serial, kept.state), (4, Some(web.clone())));
        assert!(chronicle.next(&state, "shop/web").is_none());
        state.stacks.insert("shop/api".to_owned(), web);
        let (new, kept) = chronicle.next(&state, "shop/api").unwrap();
        assert_eq!((new.serial, new.run, kept.state), (0, past.run, None));
    }
}
