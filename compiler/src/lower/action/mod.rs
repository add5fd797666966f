//! Actions: what a rule or a listener does with a request.

pub(crate) mod auth;
pub(crate) mod config;
pub(crate) mod forward;
pub(crate) mod jwt;

use crate::annotation;
use crate::diagnostic::code::rule as code;
use crate::group::Member;
use crate::lower::{Cx, ingress_value};
use crate::resource::{Action, ActionType, FixedResponse, JwtValidation, Redirect};
use auth::Login;

/// A fixed answer.
pub(crate) fn fixed(answer: FixedResponse) -> Action {
    Action {
        action_type: ActionType::FixedResponse,
        fixed_response: Some(answer.into()),
        ..Action::default()
    }
}

/// What a listener answers where nobody has a default backend.
pub(crate) fn not_found() -> Action {
    fixed(FixedResponse {
        content_type: Some("text/plain".to_owned()),
        message_body: None,
        status_code: "404".to_owned(),
    })
}

/// What `ssl-redirect` makes of HTTP listeners.
pub(crate) fn to_https(port: i32) -> Action {
    Action {
        action_type: ActionType::Redirect,
        redirect: Some(
            Redirect {
                port: Some(port.to_string()),
                protocol: Some("HTTPS".to_owned()),
                status_code: "HTTP_301".to_owned(),
                ..Redirect::default()
            }
            .into(),
        ),
        ..Action::default()
    }
}

/// The check of tokens that an Ingress asks for.
pub(crate) fn token_check<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
) -> Option<JwtValidation> {
    let value = ingress_value(member, &annotation::auth::JWT_VALIDATION)?;
    let (config, findings) = jwt::read(&value);
    cx.report_all(findings);
    config
}

/// Puts the check of tokens behind the login. Both together are refused.
pub(crate) fn add_token_check(
    member: &Member<'_, '_>,
    token: Option<&JwtValidation>,
    login: &mut Login,
) {
    let Some(token) = token else { return };
    let Some(value) = ingress_value(member, &annotation::auth::JWT_VALIDATION) else { return };
    if !login.actions.is_empty() {
        let mut finding = value
            .error(&code::AUTH_AND_JWT, "`jwt-validation` and `auth-type` cannot both be set")
            .hint("leave one of them; set `auth-type: none` on a Service that shall not ask for a login");
        if let Some(origin) = login.origins.first() {
            finding = finding.related(crate::diagnostic::Related {
                message: format!("`{}` of {}", origin.source, origin.object),
                ingress: None,
                span: Some(origin.span),
            });
        }
        login.findings.push(finding);
    }
    login.origins.push(value.origin("actions[0]"));
    login.actions.push(Action {
        action_type: ActionType::JwtValidation,
        jwt_validation: Some(token.clone().into()),
        ..Action::default()
    });
}
