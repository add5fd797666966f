//! A request as the load balancer sees it.

use std::net::{IpAddr, Ipv4Addr};

/// One HTTP request. Nothing is normalised on the way in: methods and paths are compared as sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The host without a port.
    pub host: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it stands in the URL, without the question mark.
    pub query: String,
    /// Such as `GET`.
    pub method: String,
    /// Headers other than `Host`, in order.
    pub headers: Vec<(String, String)>,
    /// The peer's address, not what `X-Forwarded-For` says.
    pub source_ip: IpAddr,
}

impl Request {
    /// A `GET` without headers from a documentation address (203.0.113.1).
    pub fn get(host: impl Into<String>, path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Request {
            host: without_port(&host.into()).to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            source_ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        }
    }

    /// Keys and values of the query, in order and as sent.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// What the request line names.
    pub fn path_and_query(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        [&self.path, mark, &self.query].concat()
    }

    /// The same request with one more header, or with another host where it is `Host`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        if name.eq_ignore_ascii_case("host") {
            self.host = without_port(&value).to_owned();
        } else {
            self.headers.push((name, value));
        }
        self
    }

    /// The same request with another method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// The same request from another address.
    pub fn from(mut self, source_ip: IpAddr) -> Self {
        self.source_ip = source_ip;
        self
    }
}

pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => host,
    }
}
