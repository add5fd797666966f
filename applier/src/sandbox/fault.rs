//! Failures that a test asks for: before a call, after it took effect, or the end of the process.

use crate::account::{CallError, Service};
use serde::{Deserialize, Serialize};

/// One failure to come. It may also stand in a sandbox file, under `faults`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The action that fails; `*` for every mutating one.
    pub action: String,
    /// How many such calls pass before.
    #[serde(default)]
    pub skip: u32,
    /// How many fail then.
    #[serde(default = "one")]
    pub times: u32,
    /// When they fail.
    pub when: When,
    /// AWS's code; without one the call stays unanswered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

fn one() -> u32 {
    1
}

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// It has no effect.
    Before,
    /// It has its effect, and the answer is lost.
    After,
    /// It has its effect, and the process ends there and then.
    Kill,
}

impl Fault {
    /// The `n`th mutating call from now on, counted from 0, stays unanswered.
    pub fn nth(n: u32, when: When) -> Fault {
        Fault { action: "*".to_owned(), skip: n, times: 1, when, code: None }
    }

    /// What the caller hears.
    pub(super) fn error(&self, service: Service, action: &str) -> CallError {
        match &self.code {
            Some(code) => CallError::new(code, format!("{service}:{action} was made to fail")),
            None => CallError::unanswered(format!("{service}:{action} stayed unanswered")),
        }
    }
}

/// The fault that a mutating call meets, if it meets one.
pub(super) fn due(faults: &mut Vec<Fault>, action: &str) -> Option<Fault> {
    let mut met = None;
    for fault in faults.iter_mut() {
        if fault.action != "*" && fault.action != action {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
        } else if met.is_none() && fault.times > 0 {
            fault.times -= 1;
            met = Some(fault.clone());
        }
    }
    faults.retain(|fault| fault.times > 0);
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_count_the_calls_of_their_action() {
        let mut faults = vec![
            Fault {
                action: "CreateRule".to_owned(),
                skip: 1,
                times: 2,
                when: When::Before,
                code: None,
            },
            Fault::nth(5, When::After),
        ];
        let calls = [
            "CreateRule",
            "CreateRule",
            "DeleteRule",
            "CreateRule",
            "CreateRule",
            "AddTags",
            "AddTags",
        ];
        let met: Vec<bool> = calls.iter().map(|call| due(&mut faults, call).is_some()).collect();
        assert_eq!(met, [false, true, false, true, false, true, false]);
        assert!(faults.is_empty());
    }
}
