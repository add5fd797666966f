//! Load balancers as those see them who send requests.

use super::certificate::Certificate;
use super::outcome::Outcome;
use crate::resource::Condition;
use crate::source::Position;
use std::collections::BTreeMap;

/// Everything that answers requests, by group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoutingTable {
    /// The load balancers, by group.
    pub balancers: BTreeMap<String, Balancer>,
}

/// The load balancer of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Balancer {
    /// The group.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Its DNS name, where it is known.
    pub dns_name: Option<String>,
    /// True if clients may reach it over IPv6 too.
    pub ipv6: bool,
    /// Its listeners, by port.
    pub listeners: BTreeMap<i32, ListenerTable>,
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// In the clear.
    #[default]
    Http,
    /// With TLS.
    Https,
}

impl Protocol {
    /// As in resources: `HTTP` or `HTTPS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
        }
    }

    /// As in URLs: `http` or `https`.
    pub fn scheme(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Https => "https",
        }
    }

    /// The port that a URL need not name.
    pub fn default_port(self) -> i32 {
        match self {
            Protocol::Http => 80,
            Protocol::Https => 443,
        }
    }
}

/// A listener.
#[derive(Clone, Debug, PartialEq)]
pub struct ListenerTable {
    /// The port.
    pub port: i32,
    /// What it speaks.
    pub protocol: Protocol,
    /// Its certificates, the default one first.
    pub certificates: Vec<Certificate>,
    /// Its rules by rising priority number.
    pub routes: Vec<Route>,
    /// What answers where no rule does. It has no conditions.
    pub default: Route,
}

impl ListenerTable {
    /// All routes in the order in which they are tried; the last one takes every request.
    pub fn all_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().chain([&self.default])
    }
}

/// A rule of a listener, or its default action.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// `PORT:PRIORITY` as compiled, or `default`.
    pub id: String,
    /// 1 to 50000; none for the default.
    pub priority: Option<i32>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// What is done.
    pub outcome: Outcome,
    /// Who asked for it; none for what the controller adds.
    pub place: Option<Place>,
}

/// Where a route comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// `namespace/name` of the Ingress.
    pub ingress: String,
    /// Where it stands there.
    pub position: Position,
}
