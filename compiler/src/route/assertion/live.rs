//! Holding what a load balancer really answers against what it should.
//!
//! From outside not everything can be seen. Of a redirect it is status and `Location`, of a fixed
//! response the status, of a login where the client is sent or that it is refused. Of what is
//! forwarded only this: that the load balancer did not answer by itself. Which Service answered,
//! and what it got to see, no answer says.

use super::Mismatch;
use crate::route::{Answer, Authentication, Reply, Url};

/// The `Server` header of answers that the load balancer makes by itself.
const OWN: &str = "awselb/";

/// What came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Response<'r> {
    /// The status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<&'r str>,
    /// The `Server` header.
    pub server: Option<&'r str>,
}

/// Where an answer is not what it should be.
pub fn differs(answer: &Answer, response: Response<'_>) -> Option<Mismatch> {
    let got = match response.location {
        Some(location) => format!("{} to {location}", response.status),
        None => response.status.to_string(),
    };
    let expected = match guard(&answer.authentication) {
        Guard::SendsTo(login) => {
            let there = response.location.is_some_and(|location| location.starts_with(&login));
            if response.status == 302 && there {
                return None;
            }
            format!("302 to the login at {login}")
        }
        Guard::Refuses if response.status == 401 => return None,
        Guard::Refuses => "401, since nobody is logged in".to_owned(),
        Guard::LetsPass => match &answer.reply {
            Reply::Redirect { status, location } => {
                let same = response.location.is_some_and(|got| same_url(got, location));
                if response.status == *status && same {
                    return None;
                }
                format!("{status} to {location}")
            }
            Reply::FixedResponse { status, .. } if response.status == *status => return None,
            Reply::FixedResponse { status, .. } => status.to_string(),
            Reply::Forward { to, .. } => {
                let own = response.server.is_some_and(|server| server.starts_with(OWN));
                if !own {
                    return None;
                }
                return Some(Mismatch {
                    field: "live",
                    expected: format!("an answer of {to}"),
                    got: format!("{got} by the load balancer itself"),
                });
            }
        },
    };
    Some(Mismatch { field: "live", expected, got })
}

/// What happens to a client that is not logged in.
enum Guard {
    LetsPass,
    Refuses,
    SendsTo(String),
}

fn guard(authentication: &Authentication) -> Guard {
    match (authentication.on_unauthenticated_request(), authentication) {
        (None | Some("allow"), _) => Guard::LetsPass,
        (Some("deny"), _) => Guard::Refuses,
        (_, Authentication::Oidc(login)) => Guard::SendsTo(login.authorization_endpoint.clone()),
        (_, Authentication::Cognito(login)) => {
            // A domain of one's own is whole, one of Cognito's is only its first label.
            let end = if login.user_pool_domain.contains('.') { "" } else { "." };
            Guard::SendsTo(format!("https://{}{end}", login.user_pool_domain))
        }
        _ => Guard::LetsPass,
    }
}

/// A port that goes without saying may be said or not.
fn same_url(one: &str, other: &str) -> bool {
    match (one.parse::<Url>(), other.parse::<Url>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{AuthenticateCognito, AuthenticateOidc};
    use crate::route::Forward;

    fn check(answer: &Answer, status: u16, location: Option<&str>, server: &str, ok: bool) {
        let response = Response { status, location, server: Some(server) };
        assert_eq!(differs(answer, response).is_none(), ok, "{answer} {response:?}");
    }

    fn answer(authentication: Authentication, reply: Reply) -> Answer {
        Answer { authentication, reply }
    }

    fn forward() -> Reply {
        Reply::Forward { to: Forward::default(), host: None, url: None }
    }

    #[test]
    fn forwarded_requests_are_answered_by_others() {
        let open = answer(Authentication::None, forward());
        check(&open, 200, None, "nginx", true);
        check(&open, 500, None, "nginx", true);
        check(&open, 503, None, "awselb/2.0", false);
        check(&open, 404, None, "awselb/2.0", false);
    }

    #[test]
    fn redirects_and_responses_are_the_load_balancers() {
        let location = "https://a.b:443/x".to_owned();
        let redirect = answer(Authentication::None, Reply::Redirect { status: 301, location });
        check(&redirect, 301, Some("https://a.b/x"), "awselb/2.0", true);
        check(&redirect, 302, Some("https://a.b/x"), "awselb/2.0", false);
        check(&redirect, 301, Some("https://a.b/y"), "awselb/2.0", false);
        check(&redirect, 200, None, "nginx", false);
        let (content_type, body) = (String::new(), String::new());
        let fixed = Reply::FixedResponse { status: 410, content_type, body };
        let fixed = answer(Authentication::None, fixed);
        check(&fixed, 410, None, "awselb/2.0", true);
        check(&fixed, 404, None, "awselb/2.0", false);
    }

    #[test]
    fn nobody_is_logged_in() {
        let oidc = |on_unauthenticated: &str| {
            Authentication::Oidc(Box::new(AuthenticateOidc {
                authorization_endpoint: "https://id.example/authorize".to_owned(),
                on_unauthenticated_request: Some(on_unauthenticated.to_owned()),
                ..AuthenticateOidc::default()
            }))
        };
        let asked = answer(oidc("authenticate"), forward());
        check(&asked, 302, Some("https://id.example/authorize?client_id=x"), "awselb/2.0", true);
        check(&asked, 302, Some("https://other.example/"), "awselb/2.0", false);
        check(&asked, 200, None, "nginx", false);
        check(&answer(oidc("deny"), forward()), 401, None, "awselb/2.0", true);
        check(&answer(oidc("allow"), forward()), 200, None, "nginx", true);
        let cognito = Authentication::Cognito(Box::new(AuthenticateCognito {
            user_pool_domain: "staff".to_owned(),
            ..AuthenticateCognito::default()
        }));
        let url = "https://staff.auth.eu-west-1.amazoncognito.com/oauth2/authorize";
        check(&answer(cognito, forward()), 302, Some(url), "awselb/2.0", true);
    }
}
