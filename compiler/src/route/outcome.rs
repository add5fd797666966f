//! What a rule does with every request that it gets, before one is known.

use crate::resource::{
    Action, AuthenticateCognito, AuthenticateOidc, FixedResponse, JwtValidation, Port, Rewrite,
    Token, Transform,
};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// What a rule, or a listener where no rule matches, does with a request. Equal outcomes give equal
/// answers to every request of the same listener; what no client and no target can see of a single
/// request (names and life of login cookies, stickiness) does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// Who may pass.
    pub authentication: Authentication,
    /// How the `Host` header is rewritten on the way to a target; in order.
    pub host_rewrites: Vec<Rewrite>,
    /// How path and query are rewritten on the way to a target; in order.
    pub url_rewrites: Vec<Rewrite>,
    /// What answers.
    pub action: FinalAction,
}

/// Who may pass. Client ids and secrets are not told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authentication {
    /// Everybody.
    #[default]
    None,
    /// Who logs in with Cognito.
    Cognito(Box<AuthenticateCognito>),
    /// Who logs in with OpenID Connect.
    Oidc(Box<AuthenticateOidc>),
    /// Who has a valid bearer token.
    Jwt(Box<JwtValidation>),
}

impl Authentication {
    /// `none`, `cognito`, `oidc` or `jwt`.
    pub fn name(&self) -> &'static str {
        match self {
            Authentication::None => "none",
            Authentication::Cognito(_) => "cognito",
            Authentication::Oidc(_) => "oidc",
            Authentication::Jwt(_) => "jwt",
        }
    }

    /// Who says that a user is who he is: a user pool's ARN or an issuer.
    pub fn provider(&self) -> Option<&str> {
        match self {
            Authentication::None => None,
            Authentication::Cognito(login) => Some(&login.user_pool_arn),
            Authentication::Oidc(login) => Some(&login.issuer),
            Authentication::Jwt(check) => Some(&check.issuer),
        }
    }

    /// What happens to who is not logged in: `authenticate`, `allow` or `deny`.
    pub fn on_unauthenticated_request(&self) -> Option<&str> {
        let said = match self {
            Authentication::Cognito(login) => &login.on_unauthenticated_request,
            Authentication::Oidc(login) => &login.on_unauthenticated_request,
            Authentication::Jwt(_) => return Some("deny"),
            Authentication::None => return None,
        };
        Some(said.as_deref().unwrap_or("authenticate"))
    }
}

/// What answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FinalAction {
    /// Targets.
    Forward(Forward),
    /// The load balancer, with a redirect. Protocol and port of the listener are filled in;
    /// `#{host}`, `#{path}` and `#{query}` are the request's.
    Redirect {
        /// 301 or 302.
        status: u16,
        /// `https` or `http`.
        protocol: String,
        /// Host.
        host: String,
        /// Port.
        port: String,
        /// Path with its first slash.
        path: String,
        /// Query without the question mark.
        query: String,
    },
    /// The load balancer, always in the same way.
    FixedResponse {
        /// 2xx, 4xx or 5xx.
        status: u16,
        /// Such as `text/plain`; empty if not said.
        content_type: String,
        /// The body; empty if not said.
        body: String,
    },
}

/// Where requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Pods of a Service.
    Service {
        /// `namespace/name`.
        service: String,
        /// By name or number, as the Ingress wrote it.
        port: Port,
    },
    /// A target group that stands in the account, by its ARN.
    TargetGroup(String),
}

/// A target and its part of the requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeightedTarget {
    /// Where to.
    pub target: Target,
    /// 0 to 999; 1 if not said.
    pub weight: u32,
    /// The name by which a target group of the account was given; it does not count.
    pub name: Option<String>,
}

/// Targets with weights. Equal if every target gets the same share: order and common factors of
/// the weights do not count.
#[derive(Clone, Debug, Default)]
pub struct Forward {
    targets: Vec<WeightedTarget>,
    shares: Vec<WeightedTarget>,
}

impl Forward {
    /// To targets, in the order in which they were written.
    pub fn new(targets: Vec<WeightedTarget>) -> Forward {
        let shares = shares(&targets);
        Forward { targets, shares }
    }

    /// The targets as they were written.
    pub fn targets(&self) -> &[WeightedTarget] {
        &self.targets
    }

    /// The targets that get requests, sorted, each once, weights without a common factor. Empty if
    /// none gets any: the load balancer answers with 503.
    pub fn shares(&self) -> &[WeightedTarget] {
        &self.shares
    }
}

/// Targets, with weights where there are several.
impl fmt::Display for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shares.is_empty() {
            return f.write_str("503, since no target gets requests");
        }
        for (index, weighted) in self.targets.iter().enumerate() {
            f.write_str(if index > 0 { " | " } else { "" })?;
            match &weighted.target {
                Target::Service { service, port } => write!(f, "{service}:{port}")?,
                Target::TargetGroup(arn) => {
                    write!(f, "target group {}", weighted.name.as_deref().unwrap_or(arn))?;
                }
            }
            if self.targets.len() > 1 {
                write!(f, " ({})", weighted.weight)?;
            }
        }
        Ok(())
    }
}

fn shares(targets: &[WeightedTarget]) -> Vec<WeightedTarget> {
    let counted = targets.iter().filter(|target| target.weight > 0);
    let mut sorted: Vec<_> =
        counted.map(|target| WeightedTarget { name: None, ..target.clone() }).collect();
    sorted.sort();
    let mut shares: Vec<WeightedTarget> = Vec::with_capacity(sorted.len());
    for next in sorted {
        match shares.last_mut().filter(|last| last.target == next.target) {
            Some(last) => last.weight += next.weight,
            None => shares.push(next),
        }
    }
    let factor = shares.iter().fold(0, |factor, share| gcd(factor, share.weight));
    shares.iter_mut().for_each(|share| share.weight /= factor.max(1));
    shares
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl PartialEq for Forward {
    fn eq(&self, other: &Self) -> bool {
        self.shares == other.shares
    }
}

impl Eq for Forward {}

impl PartialOrd for Forward {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Forward {
    fn cmp(&self, other: &Self) -> Ordering {
        self.shares.cmp(&other.shares)
    }
}

impl Hash for Forward {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.shares.hash(state);
    }
}

impl Outcome {
    /// What actions and transforms do on a listener. `target` says what stands behind a target
    /// group, and by which name it was given.
    pub fn new(
        actions: &[Action],
        transforms: &[Transform],
        (protocol, port): (&str, i32),
        target: &dyn Fn(&Token) -> (Target, Option<String>),
    ) -> Outcome {
        let authentication = actions.iter().find_map(authentication).unwrap_or_default();
        let last = actions.iter().rev().find_map(|action| {
            if let Some(forward) = &action.forward {
                let targets = forward.target_groups.iter().map(|tuple| {
                    let (target, name) = target(&tuple.target_group_arn);
                    let weight = tuple.weight.map_or(1, |weight| weight.max(0).unsigned_abs());
                    WeightedTarget { target, weight, name }
                });
                return Some(FinalAction::Forward(Forward::new(targets.collect())));
            }
            if let Some(redirect) = &action.redirect {
                let part = |said: &Option<String>, default: &str| {
                    let said = said.as_deref().unwrap_or(default);
                    said.replace("#{protocol}", &protocol.to_ascii_lowercase())
                        .replace("#{port}", &port.to_string())
                };
                return Some(FinalAction::Redirect {
                    status: number(&redirect.status_code),
                    protocol: part(&redirect.protocol, "#{protocol}").to_ascii_lowercase(),
                    host: part(&redirect.host, "#{host}"),
                    port: part(&redirect.port, "#{port}"),
                    path: part(&redirect.path, "/#{path}"),
                    query: part(&redirect.query, "#{query}"),
                });
            }
            action.fixed_response.as_deref().map(fixed)
        });
        let action = last.unwrap_or_else(|| FinalAction::Forward(Forward::default()));
        // Rewrites change what a target sees, and nothing where there is none.
        let forwards = matches!(action, FinalAction::Forward(_));
        let rewrites = |kind: &str| {
            let of_kind = transforms.iter().filter(|t| forwards && t.transform_type == kind);
            let configs = of_kind.filter_map(|t| match kind {
                "url-rewrite" => t.url_rewrite.as_ref(),
                _ => t.host_header_rewrite.as_ref(),
            });
            configs.flat_map(|config| config.rewrites.iter().cloned()).collect()
        };
        Outcome {
            authentication,
            host_rewrites: rewrites("host-header-rewrite"),
            url_rewrites: rewrites("url-rewrite"),
            action,
        }
    }
}

fn fixed(fixed: &FixedResponse) -> FinalAction {
    FinalAction::FixedResponse {
        status: number(&fixed.status_code),
        content_type: fixed.content_type.clone().unwrap_or_default(),
        body: fixed.message_body.clone().unwrap_or_default(),
    }
}

/// `301` of `HTTP_301`; 0 of what is no status.
fn number(status: &str) -> u16 {
    status.trim_start_matches("HTTP_").parse().unwrap_or(0)
}

fn authentication(action: &Action) -> Option<Authentication> {
    if let Some(login) = action.authenticate_cognito.as_deref() {
        return Some(Authentication::Cognito(Box::new(AuthenticateCognito {
            session_cookie_name: None,
            session_timeout: None,
            ..login.clone()
        })));
    }
    if let Some(login) = action.authenticate_oidc.as_deref() {
        return Some(Authentication::Oidc(Box::new(AuthenticateOidc {
            session_cookie_name: None,
            session_timeout: None,
            client_id: String::new(),
            client_secret: String::new(),
            ..login.clone()
        })));
    }
    let check = action.jwt_validation.as_ref()?;
    Some(Authentication::Jwt(check.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::ActionType;

    fn service(name: &str, weight: u32) -> WeightedTarget {
        let target =
            Target::Service { service: format!("shop/{name}"), port: Port::Name("http".into()) };
        WeightedTarget { target, weight, name: None }
    }

    #[test]
    fn only_shares_of_targets_count() {
        let check = |a: &[(&str, u32)], b: &[(&str, u32)], expected: bool| {
            let forward = |list: &[(&str, u32)]| {
                Forward::new(list.iter().map(|(name, weight)| service(name, *weight)).collect())
            };
            assert_eq!(forward(a) == forward(b), expected, "{a:?} {b:?}");
        };
        check(&[("a", 90), ("b", 10)], &[("b", 1), ("a", 9)], true);
        check(&[("a", 1), ("b", 0)], &[("a", 100)], true);
        check(&[("a", 1), ("a", 1)], &[("a", 1)], true);
        check(&[("a", 90), ("b", 10)], &[("a", 50), ("b", 50)], false);
        check(&[("a", 1)], &[("b", 1)], false);
        check(&[("a", 0)], &[("b", 0)], true);
    }

    #[test]
    fn what_a_redirect_leaves_out_is_the_listeners_and_the_requests() {
        let redirect: crate::resource::Redirect =
            serde_json::from_str(r#"{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}"#)
                .unwrap();
        let action = Action {
            action_type: ActionType::Redirect,
            redirect: Some(redirect.into()),
            ..Action::default()
        };
        let none = |_: &Token| (Target::TargetGroup(String::new()), None);
        let outcome = Outcome::new(&[action], &[], ("HTTP", 80), &none);
        let expected = FinalAction::Redirect {
            status: 301,
            protocol: "https".to_owned(),
            host: "#{host}".to_owned(),
            port: "443".to_owned(),
            path: "/#{path}".to_owned(),
            query: "#{query}".to_owned(),
        };
        assert_eq!(outcome.action, expected);
    }
}
