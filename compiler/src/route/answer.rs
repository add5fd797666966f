//! What one request is answered with.

use super::outcome::{Authentication, FinalAction, Forward, Outcome};
use super::request::Request;
use super::rewrite::rewritten;
use std::fmt;

/// What a request is answered with, the login included. Ordered and hashable, so that answers can
/// be sorted into classes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answer {
    /// Who may pass.
    pub authentication: Authentication,
    /// What those get who pass.
    pub reply: Reply,
}

/// What answers a request that may pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// A target does.
    Forward {
        /// The targets.
        to: Forward,
        /// The `Host` header that the target sees, if it is another than the client's.
        host: Option<String>,
        /// The path and query that the target sees, if they are others than the client's.
        url: Option<String>,
    },
    /// A redirect.
    Redirect {
        /// 301 or 302.
        status: u16,
        /// The `Location` header.
        location: String,
    },
    /// A fixed response.
    FixedResponse {
        /// The status.
        status: u16,
        /// Such as `text/plain`; empty if not said.
        content_type: String,
        /// The body; empty if not said.
        body: String,
    },
}

impl Outcome {
    /// What it gives for requests in general: the parts of a redirect that are the request's stand
    /// for themselves, and rewrites are left out.
    pub fn template(&self) -> Answer {
        let any = Request {
            host: "#{host}".to_owned(),
            path: "/#{path}".to_owned(),
            query: "#{query}".to_owned(),
            ..Request::get("", "/")
        };
        let mut answer = self.answer(&any);
        if let Reply::Forward { host, url, .. } = &mut answer.reply {
            (*host, *url) = (None, None);
        }
        answer
    }

    /// What it gives for a request.
    pub fn answer(&self, request: &Request) -> Answer {
        let reply = match &self.action {
            FinalAction::Forward(to) => {
                let changed = |new: String, old: &str| (new != old).then_some(new);
                let url = request.path_and_query();
                Reply::Forward {
                    to: to.clone(),
                    host: changed(rewritten(&self.host_rewrites, &request.host), &request.host),
                    url: changed(rewritten(&self.url_rewrites, &url), &url),
                }
            }
            FinalAction::Redirect { status, protocol, host, port, path, query } => {
                let filled = |template: &str| filled(template, request);
                let (host, port, path) = (filled(host), filled(port), filled(path));
                let query = filled(query);
                let mark = if query.is_empty() { "" } else { "?" };
                // The port stands there always, as ALB writes it.
                let location = format!("{protocol}://{host}:{port}{path}{mark}{query}");
                Reply::Redirect { status: *status, location }
            }
            FinalAction::FixedResponse { status, content_type, body } => Reply::FixedResponse {
                status: *status,
                content_type: content_type.clone(),
                body: body.clone(),
            },
        };
        Answer { authentication: self.authentication.clone(), reply }
    }
}

/// The reply in a few words.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Forward { to, .. } => to.fmt(f),
            Reply::Redirect { status, location } => write!(f, "{status} to {location}"),
            Reply::FixedResponse { status, .. } => write!(f, "{status}"),
        }
    }
}

/// The whole answer in a few words, with what guards and rewrites it.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.fmt(f)?;
        if let Reply::Forward { host, url, .. } = &self.reply {
            let seen = [host.as_deref(), url.as_deref()];
            let seen: Vec<&str> = seen.into_iter().flatten().collect();
            if !seen.is_empty() {
                write!(f, " as {}", seen.concat())?;
            }
        }
        match &self.authentication {
            Authentication::None => Ok(()),
            guard => write!(f, " behind {}", guard.name()),
        }
    }
}

/// A part of a redirect. A value is never looked at again for more of them.
fn filled(template: &str, request: &Request) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find("#{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let parts = [
            ("#{host}", request.host.as_str()),
            ("#{path}", request.path.strip_prefix('/').unwrap_or(&request.path)),
            ("#{query}", request.query.as_str()),
        ];
        match parts.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                out.push_str("#{");
                rest = &rest[2..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Rewrite;

    fn redirect(host: &str, path: &str, query: &str) -> Outcome {
        Outcome {
            authentication: Authentication::None,
            host_rewrites: Vec::new(),
            url_rewrites: Vec::new(),
            action: FinalAction::Redirect {
                status: 301,
                protocol: "https".to_owned(),
                host: host.to_owned(),
                port: "443".to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
            },
        }
    }

    #[test]
    fn redirects_are_filled_in() {
        let check = |outcome: Outcome, expected: &str| {
            let request = Request::get("shop.example.com", "/cart/42?x=1&y");
            let Reply::Redirect { location, .. } = outcome.answer(&request).reply else { panic!() };
            assert_eq!(location, expected);
        };
        check(
            redirect("#{host}", "/#{path}", "#{query}"),
            "https://shop.example.com:443/cart/42?x=1&y",
        );
        check(
            redirect("www.#{host}", "/new/#{path}", "from=old&#{query}"),
            "https://www.shop.example.com:443/new/cart/42?from=old&x=1&y",
        );
        check(redirect("a.b", "/#{x}", ""), "https://a.b:443/#{x}");
    }

    #[test]
    fn a_value_that_looks_like_a_part_is_left_alone() {
        let request = Request::get("a.b", "/#{query}?secret");
        let Reply::Redirect { location, .. } =
            redirect("a.b", "/#{path}", "").answer(&request).reply
        else {
            panic!()
        };
        assert_eq!(location, "https://a.b:443/#{query}");
    }

    #[test]
    fn targets_see_what_rewrites_make() {
        let rewrite = |regex: &str, replace: &str| {
            vec![Rewrite { regex: regex.to_owned(), replace: replace.to_owned() }]
        };
        let outcome = Outcome {
            authentication: Authentication::None,
            host_rewrites: rewrite(r"^(.+)\.example\.com$", "$1.internal"),
            url_rewrites: rewrite(r"^\/api\/(.+)$", "/$1"),
            action: FinalAction::Forward(Forward::default()),
        };
        let check = |path: &str, expected: Option<&str>| {
            let request = Request::get("shop.example.com", path);
            let Reply::Forward { host, url, .. } = outcome.answer(&request).reply else { panic!() };
            assert_eq!(host.as_deref(), Some("shop.internal"));
            assert_eq!(url.as_deref(), expected);
        };
        check("/api/v1?x=1", Some("/v1?x=1"));
        check("/web", None);
    }
}
