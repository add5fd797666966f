//! Files of expected answers: requests, and what shall answer them.

mod check;
mod live;
mod read;
mod schema;

pub use check::{Asked, Mismatch, Verdict};
pub use live::{Response, differs};
pub use read::{is_routes_file, read};
pub use schema::schema;

use super::{Request, Url};
use crate::source::Span;

/// A request and what shall answer it.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTest {
    /// What the test is called; the method and URL if nobody says.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The URL as it is written.
    pub text: String,
    /// The URL.
    pub url: Url,
    /// The request.
    pub request: Request,
    /// The only group that is asked.
    pub group: Option<String>,
    /// What shall answer.
    pub expected: Expected,
}

/// What shall answer. What is not said may be anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// All targets with their weights.
    pub targets: Option<Vec<ExpectedTarget>>,
    /// The `Location` of a redirect; a port that goes without saying need not be said.
    pub redirect: Option<Url>,
    /// The status of a redirect or a fixed response.
    pub status: Option<u16>,
    /// `none`, `cognito`, `oidc` or `jwt`.
    pub auth: Option<String>,
    /// The `Host` header that the target sees.
    pub seen_host: Option<String>,
    /// The path and query that the target sees.
    pub seen_url: Option<String>,
    /// `namespace/name` of the Ingress whose rule answers.
    pub ingress: Option<String>,
    /// Whether nothing answers at all.
    pub refused: bool,
}

/// A target that shall get requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedTarget {
    /// `namespace/name` of a Service, or a target group's name or ARN.
    pub name: String,
    /// The Service's port as the Ingress writes it; any if not said.
    pub port: Option<String>,
    /// True for a target group of the account.
    pub is_target_group: bool,
    /// Its part of the requests.
    pub weight: u32,
}
