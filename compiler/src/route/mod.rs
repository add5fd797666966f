//! Which rule of a listener answers a request: ALB's documented evaluation, and nothing else.
//!
//! Where AWS leaves a reading open, this one is taken: a port in the `Host` header is not part of
//! the host; regular expressions are searched for, not anchored; a header given more than once
//! matches if any of its values does.

mod condition;
mod pattern;
mod request;

pub use condition::{Unmatched, matches};
pub use pattern::{Case, wildcard};
pub use request::Request;

use crate::resource::{Action, ListenerRule};

/// What answers a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'r> {
    /// The rule of the lowest priority number whose conditions all hold.
    Rule(&'r ListenerRule),
    /// No rule matched: the listener's default actions.
    Default(&'r [Action]),
}

impl<'r> Answer<'r> {
    /// The actions that answer.
    pub fn actions(self) -> &'r [Action] {
        match self {
            Answer::Rule(rule) => &rule.actions,
            Answer::Default(actions) => actions,
        }
    }
}

/// Evaluates the rules of one listener, given in any order.
pub fn answer<'r>(
    rules: impl IntoIterator<Item = &'r ListenerRule>,
    default_actions: &'r [Action],
    request: &Request,
) -> Answer<'r> {
    rules
        .into_iter()
        .filter(|rule| matches(rule, request).is_ok())
        .min_by_key(|rule| rule.priority)
        .map_or(Answer::Default(default_actions), Answer::Rule)
}
