//! `ingc routes test --live`: the same requests, sent to the load balancers themselves.

use crate::error::Failure;
use crate::input::block_on;
use crate::view::route_test::Tested;
use ingc_applier::{Probe, ProbeError, Prober};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::route::assertion::{Asked, Mismatch, Response, RouteTest, differs};
use ingc_compiler::route::{Protocol, Request};
use std::time::Duration;

/// Methods that change nothing. Others are not sent: what they do to a service is not for a test.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// Sends requests to load balancers.
#[derive(clap::Args, Debug)]
pub(super) struct LiveArgs {
    /// Also send the requests to the load balancers that the state records, and compare
    ///
    /// Tests are held against what is applied, not against manifests. Requests go to the load
    /// balancer's DNS name with the test's host in the TLS greeting and the `Host` header. Redirects,
    /// fixed responses and logins are compared whole; of what is forwarded it can only be seen that
    /// something behind the load balancer answers. Only GET, HEAD and OPTIONS are sent, and nothing
    /// that depends on `sourceIp`.
    #[arg(long, conflicts_with_all = ["plan", "paths"], help_heading = "Live")]
    pub(super) live: bool,

    /// Connect there, instead of to the load balancer's DNS name; the port is the URL's if not said
    #[arg(long, value_name = "HOST[:PORT]", requires = "live", help_heading = "Live")]
    connect_to: Option<String>,

    /// Wait so long for each answer
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        requires = "live",
        help_heading = "Live"
    )]
    timeout: u64,
}

impl LiveArgs {
    /// Sends every request, and adds what was not expected to the results. Gives the names of tests
    /// that were not sent.
    pub(super) fn compare<'t>(&self, results: &mut [Tested<'t>]) -> Result<Vec<&'t str>, Failure> {
        let prober = Prober::new(Duration::from_secs(self.timeout)).map_err(|error| {
            Diagnostic::error(&code::UNREADABLE, format!("no requests can be sent: {error}"))
        })?;
        let usual = Request::get("", "/").source_ip;
        let mut left_out = Vec::new();
        block_on(async {
            for result in results.iter_mut() {
                let test = result.test;
                let request = &test.request;
                if !SAFE.contains(&request.method.as_str()) || request.source_ip != usual {
                    left_out.push(test.name.as_str());
                    continue;
                }
                for asked in &mut result.verdict.asked {
                    let found = self.ask(&prober, test, asked).await;
                    asked.mismatches.extend(found);
                }
            }
        })?;
        Ok(left_out)
    }

    async fn ask(&self, prober: &Prober, test: &RouteTest, asked: &Asked<'_>) -> Option<Mismatch> {
        let mismatch = |expected: &str, got: String| {
            Some(Mismatch { field: "live", expected: expected.to_owned(), got })
        };
        let Some(probe) = self.probe(test, asked) else {
            return mismatch("an answer", "no DNS name is recorded".to_owned());
        };
        match (&asked.answer, prober.send(&probe).await) {
            (Ok(decision), Ok(seen)) => {
                let response = Response {
                    status: seen.status,
                    location: seen.location.as_deref(),
                    server: seen.server.as_deref(),
                };
                differs(&decision.answer, response)
            }
            (Ok(_), Err(error)) => mismatch("an answer", error.to_string()),
            (Err(_), Ok(seen)) => mismatch("no answer", seen.status.to_string()),
            (Err(_), Err(ProbeError::Http(_))) => mismatch("no answer", "one".to_owned()),
            (Err(_), Err(_)) => None,
        }
    }

    fn probe(&self, test: &RouteTest, asked: &Asked<'_>) -> Option<Probe> {
        let (url, request) = (&test.url, &test.request);
        let host = self.connect_to.as_deref().or(asked.balancer.dns_name.as_deref())?;
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let connect_to = if has_port { host.to_owned() } else { format!("{host}:{}", url.port) };
        let port = match url.port {
            port if port == url.protocol.default_port() => String::new(),
            port => format!(":{port}"),
        };
        Some(Probe {
            connect_to,
            tls_host: (url.protocol == Protocol::Https).then(|| url.host.clone()),
            host: format!("{}{port}", request.host),
            method: request.method.clone(),
            path_and_query: request.path_and_query(),
            headers: request.headers.clone(),
        })
    }
}
