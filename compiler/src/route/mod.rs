//! What answers a request: ALB's documented evaluation, and nothing else.
//!
//! A [`RoutingTable`] is made of resources, wherever they come from. Its routes hold an [`Outcome`],
//! which says what is done with any request; an [`Answer`] is an outcome for one request.
//!
//! Methods and paths compare exactly as they are sent: no upper case, no decoding, no `..` taken
//! away. Where AWS leaves a reading open, this one is taken:
//!
//! - A port in the `Host` header is not part of the host.
//! - Regular expressions are searched for, not anchored; those for hosts and headers ignore case.
//! - Regular expressions are read by ASCII: `\w`, `\d`, `\s` and `\b` know no other letters.
//! - Nothing is decoded: `%2F` is three characters, in conditions and in requests, and `+` is no
//!   blank. A query is split at `&` and the first `=`; a parameter without `=` has an empty value.
//! - A path is never empty: a client that is given none sends `/`.
//! - A header given more than once matches if any of its values does.
//! - Rewrites replace what their expression finds first. Those of URLs see path and query, those of
//!   hosts the host without its port. A redirect is filled in with what the client sent.
//! - A redirect's `#{port}` is the listener's, and `Location` always names a port, as ALB does.

mod answer;
pub mod assertion;
mod build;
mod certificate;
mod condition;
mod decide;
pub mod exact;
mod expression;
mod findings;
mod json;
#[cfg(test)]
mod naive;
mod outcome;
mod pattern;
mod report;
mod request;
mod rewrite;
mod table;
mod url;

pub use answer::{Answer, Reply};
pub use build::Entry;
pub use certificate::Certificate;
pub use condition::{Unmatched, first_unmatched, matches};
pub use decide::{Decision, Passed, Refused};
pub(crate) use findings::never_matches;
pub use findings::{Merging, RouteFindings};
pub use json::{AnswerLine, RouteLine};
pub use outcome::{Authentication, FinalAction, Forward, Outcome, Target, WeightedTarget};
pub(crate) use pattern::whole;
pub use pattern::{Case, wildcard};
pub use report::{
    RequestExample, RoutingChange, RoutingReport, RoutingStatus, RuleOfChange, RulesOfChange,
    UnprovenListener,
};
pub use request::Request;
pub use table::{Balancer, ListenerTable, Place, Protocol, Route, RoutingTable};
pub use url::{Url, UrlError};

use crate::resource::{Action, ListenerRule};

/// Which of a listener's rules answers a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matched<'r> {
    /// The rule of the lowest priority number whose conditions all hold.
    Rule(&'r ListenerRule),
    /// No rule matched: the listener's default actions.
    Default(&'r [Action]),
}

impl<'r> Matched<'r> {
    /// The actions that answer.
    pub fn actions(self) -> &'r [Action] {
        match self {
            Matched::Rule(rule) => &rule.actions,
            Matched::Default(actions) => actions,
        }
    }
}

/// Evaluates the rules of one listener, given in any order.
pub fn first_match<'r>(
    rules: impl IntoIterator<Item = &'r ListenerRule>,
    default_actions: &'r [Action],
    request: &Request,
) -> Matched<'r> {
    rules
        .into_iter()
        .filter(|rule| matches(rule, request).is_ok())
        .min_by_key(|rule| rule.priority)
        .map_or(Matched::Default(default_actions), Matched::Rule)
}
