//! What answers a request, and why.

use super::answer::Answer;
use super::certificate::{Certificate, choose};
use super::condition::holds;
use super::request::Request;
use super::table::{Balancer, ListenerTable, Protocol, Route, RoutingTable};
use super::url::Url;
use crate::resource::Condition;
use std::fmt;

/// What answers a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'t> {
    /// The listener.
    pub listener: &'t ListenerTable,
    /// The certificate that the client gets; none in the clear.
    pub certificate: Option<&'t Certificate>,
    /// The rule that answers.
    pub route: &'t Route,
    /// The answer.
    pub answer: Answer,
}

/// A rule that was tried before the one that answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed<'t> {
    /// The rule.
    pub route: &'t Route,
    /// Conditions that the request meets.
    pub met: usize,
    /// Those that it does not.
    pub unmet: Vec<&'t Condition>,
}

impl ListenerTable {
    /// The route that takes a request.
    pub fn route(&self, request: &Request) -> &Route {
        let takes = |route: &&Route| route.conditions.iter().all(|c| holds(c, request));
        self.routes.iter().find(takes).unwrap_or(&self.default)
    }

    /// What answers a request.
    pub fn decide(&self, request: &Request) -> Decision<'_> {
        let route = self.route(request);
        Decision {
            listener: self,
            certificate: choose(&self.certificates, &request.host),
            route,
            answer: route.outcome.answer(request),
        }
    }

    /// The rules that were tried before and did not match, those that came closest first: by the
    /// number of unmet conditions, then by the met ones, then in order.
    pub fn passed(&self, request: &Request) -> Vec<Passed<'_>> {
        let mut passed = Vec::new();
        for route in &self.routes {
            let unmet: Vec<_> = route.conditions.iter().filter(|c| !holds(c, request)).collect();
            if unmet.is_empty() {
                break;
            }
            passed.push(Passed { route, met: route.conditions.len() - unmet.len(), unmet });
        }
        passed.sort_by_key(|passed| (passed.unmet.len(), std::cmp::Reverse(passed.met)));
        passed
    }
}

impl Balancer {
    /// True if a rule asks for this very host, or it is the load balancer's own name.
    pub fn knows(&self, host: &str) -> bool {
        let request = Request::get(host, "/");
        let is_host = |c: &&Condition| c.host_header.is_some();
        let routes = || self.listeners.values().flat_map(|listener| &listener.routes);
        self.dns_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(host))
            || routes()
                .flat_map(|r| r.conditions.iter().filter(is_host))
                .any(|c| holds(c, &request))
    }
}

impl RoutingTable {
    /// The load balancers that a URL's host may lead to: those that know it, else all. In order.
    pub fn balancers_for(&self, host: &str) -> Vec<&Balancer> {
        let known: Vec<_> = self.balancers.values().filter(|b| b.knows(host)).collect();
        if known.is_empty() { self.balancers.values().collect() } else { known }
    }
}

/// Why nothing answers a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The load balancer does not listen on the port; those that it listens on.
    NoListener(Vec<(i32, Protocol)>),
    /// The listener speaks TLS and the URL does not, or the other way round.
    OtherProtocol(Protocol),
}

impl Balancer {
    /// What answers a request for a URL.
    ///
    /// # Errors
    /// If nothing does.
    pub fn ask(&self, url: &Url, request: &Request) -> Result<Decision<'_>, Refused> {
        let Some(listener) = self.listeners.get(&url.port) else {
            let listeners = self.listeners.values().map(|l| (l.port, l.protocol));
            return Err(Refused::NoListener(listeners.collect()));
        };
        if listener.protocol != url.protocol {
            return Err(Refused::OtherProtocol(listener.protocol));
        }
        Ok(listener.decide(request))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoListener(listeners) => {
                f.write_str("nothing listens on that port; the load balancer has ")?;
                if listeners.is_empty() {
                    f.write_str("no listener")?;
                }
                for (index, (port, protocol)) in listeners.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{} {port}", protocol.as_str())?;
                }
                Ok(())
            }
            Refused::OtherProtocol(spoken) => {
                write!(f, "the listener on that port speaks {}", spoken.as_str())
            }
        }
    }
}
