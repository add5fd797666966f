//! Actions of listeners and rules: what AWS takes, what it fills in, what it never shows again.

use super::cloud::{Cloud, refuse};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Action {
    #[serde(rename = "Type")]
    pub(super) action_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_group_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forward_config: Option<Forward>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_config: Option<Redirect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_response_config: Option<FixedResponse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authenticate_cognito_config: Option<Cognito>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authenticate_oidc_config: Option<Oidc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwt_validation_config: Option<Jwt>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Forward {
    target_groups: Vec<Tuple>,
    #[serde(default)]
    target_group_stickiness_config: Stickiness,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tuple {
    target_group_arn: String,
    #[serde(default = "one")]
    weight: i32,
}

fn one() -> i32 {
    1
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Stickiness {
    #[serde(default)]
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Redirect {
    #[serde(default = "same_protocol")]
    protocol: String,
    #[serde(default = "same_port")]
    port: String,
    #[serde(default = "same_host")]
    host: String,
    #[serde(default = "same_path")]
    path: String,
    #[serde(default = "same_query")]
    query: String,
    status_code: String,
}

fn same_protocol() -> String {
    "#{protocol}".to_owned()
}
fn same_port() -> String {
    "#{port}".to_owned()
}
fn same_host() -> String {
    "#{host}".to_owned()
}
fn same_path() -> String {
    "/#{path}".to_owned()
}
fn same_query() -> String {
    "#{query}".to_owned()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FixedResponse {
    status_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message_body: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Cognito {
    user_pool_arn: String,
    user_pool_client_id: String,
    user_pool_domain: String,
    #[serde(default = "cookie")]
    session_cookie_name: String,
    #[serde(default = "openid")]
    scope: String,
    #[serde(default = "week")]
    session_timeout: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    authentication_request_extra_params: BTreeMap<String, String>,
    #[serde(default = "authenticate")]
    on_unauthenticated_request: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Oidc {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    user_info_endpoint: String,
    client_id: String,
    /// Taken, checked and forgotten: AWS never shows it, and the file shall not hold it.
    #[serde(default, skip_serializing)]
    client_secret: Option<String>,
    #[serde(default, skip_serializing)]
    use_existing_client_secret: bool,
    #[serde(default = "cookie")]
    session_cookie_name: String,
    #[serde(default = "openid")]
    scope: String,
    #[serde(default = "week")]
    session_timeout: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    authentication_request_extra_params: BTreeMap<String, String>,
    #[serde(default = "authenticate")]
    on_unauthenticated_request: String,
}

fn cookie() -> String {
    "AWSELBAuthSessionCookie".to_owned()
}
fn openid() -> String {
    "openid".to_owned()
}
fn week() -> i64 {
    604_800
}
fn authenticate() -> String {
    "authenticate".to_owned()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Jwt {
    jwks_endpoint: String,
    issuer: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    additional_claims: Vec<Claim>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Claim {
    format: String,
    name: String,
    values: Vec<String>,
}

/// The target groups that actions name.
pub(super) fn target_groups(actions: &[Action]) -> BTreeSet<String> {
    let forwards = actions.iter().filter_map(|action| action.forward_config.as_ref());
    forwards.flat_map(|f| &f.target_groups).map(|tuple| tuple.target_group_arn.clone()).collect()
}

impl Cloud {
    /// The actions as AWS keeps them, or why it refuses them. `before` are those they replace.
    pub(super) fn checked_actions(
        &self,
        balancer: &str,
        protocol: &str,
        mut actions: Vec<Action>,
        before: &[Action],
    ) -> Result<Vec<Action>, CallError> {
        let network = self.find_load_balancer(balancer)?.load_balancer_type == "network";
        actions.sort_by_key(|action| action.order.unwrap_or(i32::MAX));
        let Some((last, first)) = actions.split_last_mut() else {
            return refuse("ValidationError", "At least one action must be specified");
        };
        if !matches!(last.action_type.as_str(), "forward" | "redirect" | "fixed-response") {
            return refuse(
                "InvalidLoadBalancerAction",
                "The last action must be one of 'forward', 'redirect' and 'fixed-response'",
            );
        }
        if first
            .iter()
            .any(|a| matches!(a.action_type.as_str(), "forward" | "redirect" | "fixed-response"))
        {
            return refuse(
                "TooManyActions",
                "Only one action may answer, and it must be the last one",
            );
        }
        if network && (last.action_type != "forward" || !first.is_empty()) {
            return refuse("InvalidLoadBalancerAction", "Network Load Balancers can only forward");
        }
        match last.action_type.as_str() {
            "forward" => self.check_forward(balancer, protocol, last)?,
            "redirect" => check_redirect(protocol, last)?,
            _ => check_fixed_response(last)?,
        }
        for action in first.iter_mut() {
            if protocol != "HTTPS" {
                return refuse(
                    "InvalidLoadBalancerAction",
                    format!(
                        "Actions of type '{}' are only supported on HTTPS listeners",
                        action.action_type
                    ),
                );
            }
            check_first(action, before)?;
        }
        if actions.len() > 1 {
            let mut order = 0;
            for action in &mut actions {
                order += 1;
                action.order = Some(order);
            }
        } else {
            actions[0].order = None;
        }
        Ok(actions)
    }

    fn check_forward(
        &self,
        balancer: &str,
        protocol: &str,
        action: &mut Action,
    ) -> Result<(), CallError> {
        if let (Some(arn), None) = (&action.target_group_arn, &action.forward_config) {
            action.forward_config = Some(Forward {
                target_groups: vec![Tuple { target_group_arn: arn.clone(), weight: 1 }],
                target_group_stickiness_config: Stickiness::default(),
            });
        }
        let Some(forward) = &mut action.forward_config else {
            return refuse("ValidationError", "A forward action needs a target group");
        };
        let load_balancer_type = &self.find_load_balancer(balancer)?.load_balancer_type;
        let limit =
            self.quota(&format!("target-groups-per-action-on-{load_balancer_type}-load-balancer"));
        if forward.target_groups.is_empty() || forward.target_groups.len() > limit {
            return refuse(
                "TooManyTargetGroups",
                format!("An action forwards to 1 to {limit} target groups"),
            );
        }
        let mut arns = BTreeSet::new();
        for tuple in &forward.target_groups {
            let arn = &tuple.target_group_arn;
            let group = self.find_target_group(arn)?;
            if !arns.insert(arn.clone()) {
                return refuse(
                    "InvalidLoadBalancerAction",
                    format!("Target group '{arn}' is given twice"),
                );
            }
            if !(0..=999).contains(&tuple.weight) {
                return refuse(
                    "ValidationError",
                    format!("The weight {} is not between 0 and 999", tuple.weight),
                );
            }
            let http = matches!(group.protocol.as_str(), "HTTP" | "HTTPS");
            if http != (load_balancer_type == "application") {
                return refuse(
                    "IncompatibleProtocols",
                    format!(
                        "The listener protocol {protocol} and the target group protocol {} are not compatible",
                        group.protocol
                    ),
                );
            }
            let version = group.protocol_version.as_deref().unwrap_or_default();
            if matches!(version, "GRPC" | "HTTP2") && protocol != "HTTPS" {
                return refuse(
                    "InvalidConfigurationRequest",
                    format!(
                        "Listener protocol '{protocol}' is not supported with a target group with the protocol-version '{version}'"
                    ),
                );
            }
            if let Some(other) =
                self.index.load_balancers_of(arn).iter().find(|other| *other != balancer)
            {
                return refuse(
                    "TargetGroupAssociationLimit",
                    format!(
                        "The following target groups cannot be associated with more than one load balancer: {arn}, which serves {other}"
                    ),
                );
            }
        }
        let served = self.index.served.get(balancer);
        let fresh = arns.iter().filter(|arn| !served.is_some_and(|s| s.contains_key(*arn))).count();
        let limit = self.quota("target-groups-per-application-load-balancer");
        if fresh > 0 && served.map_or(0, BTreeMap::len) + fresh > limit {
            return refuse(
                "TooManyUniqueTargetGroupsPerLoadBalancer",
                format!("A load balancer can have at most {limit} target groups"),
            );
        }
        let stickiness = &forward.target_group_stickiness_config;
        match stickiness.duration_seconds {
            Some(seconds) if !(1..=604_800).contains(&seconds) => {
                return refuse("ValidationError", "The stickiness duration is 1 to 604800 seconds");
            }
            None if stickiness.enabled => {
                return refuse("ValidationError", "A stickiness duration must be specified");
            }
            _ => {}
        }
        // AWS shows both forms of a plain forward.
        action.target_group_arn = match forward.target_groups.as_slice() {
            [only] => Some(only.target_group_arn.clone()),
            _ => None,
        };
        Ok(())
    }
}

fn check_redirect(protocol: &str, action: &Action) -> Result<(), CallError> {
    let Some(redirect) = &action.redirect_config else {
        return refuse("ValidationError", "A redirect action needs a redirect configuration");
    };
    if !matches!(redirect.status_code.as_str(), "HTTP_301" | "HTTP_302") {
        return refuse(
            "ValidationError",
            format!("'{}' is not a redirect status code", redirect.status_code),
        );
    }
    if !matches!(redirect.protocol.as_str(), "#{protocol}" | "HTTP" | "HTTPS") {
        return refuse(
            "ValidationError",
            format!("'{}' is not a redirect protocol", redirect.protocol),
        );
    }
    if redirect.port != "#{port}"
        && !redirect.port.parse::<u32>().is_ok_and(|n| (1..=65535).contains(&n))
    {
        return refuse("ValidationError", format!("'{}' is not a redirect port", redirect.port));
    }
    if [&redirect.host, &redirect.path, &redirect.query].iter().any(|part| part.len() > 128) {
        return refuse(
            "ValidationError",
            "Host, path and query of a redirect have at most 128 characters",
        );
    }
    if !redirect.path.starts_with('/') {
        return refuse("ValidationError", "The path of a redirect must begin with '/'");
    }
    if protocol == "HTTPS" && redirect.protocol == "HTTP" {
        return refuse("InvalidLoadBalancerAction", "HTTPS cannot be redirected to HTTP");
    }
    let same = (redirect.protocol == "#{protocol}" || redirect.protocol == protocol)
        && redirect.port == "#{port}"
        && redirect.host == "#{host}"
        && redirect.path == "/#{path}";
    if same {
        return refuse(
            "InvalidLoadBalancerAction",
            "The redirect configuration is not valid because it creates a loop",
        );
    }
    Ok(())
}

fn check_fixed_response(action: &Action) -> Result<(), CallError> {
    let Some(fixed) = &action.fixed_response_config else {
        return refuse("ValidationError", "A fixed-response action needs its configuration");
    };
    let code = &fixed.status_code;
    if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_digit()) || !"245".contains(&code[..1]) {
        return refuse("ValidationError", format!("'{code}' is not a 2xx, 4xx or 5xx status code"));
    }
    if fixed.message_body.as_ref().is_some_and(|body| body.len() > 1024) {
        return refuse("ValidationError", "The message body has at most 1024 characters");
    }
    let types =
        ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    if let Some(content_type) = &fixed.content_type
        && !types.contains(&content_type.as_str())
    {
        return refuse(
            "ValidationError",
            format!("'{content_type}' is not a supported content type"),
        );
    }
    Ok(())
}

/// An action that stands before the answering one.
fn check_first(action: &mut Action, before: &[Action]) -> Result<(), CallError> {
    let endpoints: Vec<&str> = match action.action_type.as_str() {
        "authenticate-cognito" => {
            let Some(cognito) = &action.authenticate_cognito_config else {
                return refuse(
                    "ValidationError",
                    "An authenticate-cognito action needs its configuration",
                );
            };
            check_session(cognito.session_timeout, &cognito.on_unauthenticated_request)?;
            if !cognito.user_pool_arn.contains(":userpool/") {
                return refuse(
                    "ValidationError",
                    format!("'{}' is not a user pool ARN", cognito.user_pool_arn),
                );
            }
            Vec::new()
        }
        "authenticate-oidc" => {
            let known = before.iter().any(|a| a.action_type == "authenticate-oidc");
            let Some(oidc) = &mut action.authenticate_oidc_config else {
                return refuse(
                    "ValidationError",
                    "An authenticate-oidc action needs its configuration",
                );
            };
            check_session(oidc.session_timeout, &oidc.on_unauthenticated_request)?;
            let secret = oidc.client_secret.take().filter(|secret| !secret.is_empty());
            if secret.is_none() && !(oidc.use_existing_client_secret && known) {
                return refuse("ValidationError", "A client secret must be specified");
            }
            oidc.use_existing_client_secret = false;
            vec![
                &oidc.issuer,
                &oidc.authorization_endpoint,
                &oidc.token_endpoint,
                &oidc.user_info_endpoint,
            ]
        }
        "jwt-validation" => {
            let Some(jwt) = &action.jwt_validation_config else {
                return refuse(
                    "ValidationError",
                    "A jwt-validation action needs its configuration",
                );
            };
            let formats = ["single-string", "string-array", "space-separated-values"];
            if let Some(claim) =
                jwt.additional_claims.iter().find(|c| !formats.contains(&c.format.as_str()))
            {
                return refuse(
                    "ValidationError",
                    format!("'{}' is not a claim format", claim.format),
                );
            }
            vec![&jwt.jwks_endpoint]
        }
        other => return refuse("ValidationError", format!("'{other}' is not an action type")),
    };
    match endpoints.iter().find(|url| !url.starts_with("https://")) {
        Some(url) => {
            refuse("ValidationError", format!("'{url}' must be a full URL with the HTTPS protocol"))
        }
        None => Ok(()),
    }
}

fn check_session(timeout: i64, on_unauthenticated: &str) -> Result<(), CallError> {
    if !(1..=604_800).contains(&timeout) {
        return refuse("ValidationError", "The session timeout is 1 to 604800 seconds");
    }
    if !matches!(on_unauthenticated, "deny" | "allow" | "authenticate") {
        return refuse(
            "ValidationError",
            format!("'{on_unauthenticated}' is not an answer to unauthenticated requests"),
        );
    }
    Ok(())
}
