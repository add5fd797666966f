//! Actions between their two forms: the compiler's and AWS's.

use super::{items, literal, text};
use ingc_compiler::resource::{
    Action, ActionType, AdditionalClaim, AuthenticateCognito, AuthenticateOidc, FixedResponse,
    Forward, JwtValidation, Redirect, Stickiness, TargetGroupTuple, Token,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What stands in specs in the place of secrets.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The fields that are given.
fn given(fields: Vec<(&str, Option<Value>)>) -> Value {
    let all = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(all.collect::<Map<_, _>>())
}

/// A value if it is there.
fn some<T: serde::Serialize>(value: &Option<T>) -> Option<Value> {
    value.as_ref().map(|value| json!(value))
}

fn some_map(map: &BTreeMap<String, String>) -> Option<Value> {
    (!map.is_empty()).then(|| json!(map))
}

/// Actions as calls take them, in their order.
pub(crate) fn to_aws(actions: &[Action]) -> Value {
    let several = actions.len() > 1;
    let all = actions.iter().enumerate().map(|(i, action)| {
        given(vec![
            ("Type", Some(json!(action.action_type))),
            ("Order", several.then(|| json!(i + 1))),
            ("ForwardConfig", action.forward.as_ref().map(forward)),
            ("RedirectConfig", action.redirect.as_deref().map(redirect)),
            ("FixedResponseConfig", action.fixed_response.as_deref().map(fixed_response)),
            ("AuthenticateCognitoConfig", action.authenticate_cognito.as_deref().map(cognito)),
            ("AuthenticateOidcConfig", action.authenticate_oidc.as_deref().map(oidc)),
            ("JwtValidationConfig", action.jwt_validation.as_deref().map(jwt)),
        ])
    });
    Value::from_iter(all)
}

fn forward(forward: &Forward) -> Value {
    let groups = forward.target_groups.iter().map(|tuple| {
        given(vec![
            ("TargetGroupArn", Some(json!(literal(&tuple.target_group_arn)))),
            ("Weight", some(&tuple.weight)),
        ])
    });
    let stickiness = forward.stickiness.as_ref().map(|it| {
        given(vec![("Enabled", some(&it.enabled)), ("DurationSeconds", some(&it.duration_seconds))])
    });
    given(vec![
        ("TargetGroups", Some(Value::from_iter(groups))),
        ("TargetGroupStickinessConfig", stickiness),
    ])
}

fn redirect(redirect: &Redirect) -> Value {
    given(vec![
        ("Host", some(&redirect.host)),
        ("Path", some(&redirect.path)),
        ("Port", some(&redirect.port)),
        ("Protocol", some(&redirect.protocol)),
        ("Query", some(&redirect.query)),
        ("StatusCode", Some(json!(redirect.status_code))),
    ])
}

fn fixed_response(fixed: &FixedResponse) -> Value {
    given(vec![
        ("ContentType", some(&fixed.content_type)),
        ("MessageBody", some(&fixed.message_body)),
        ("StatusCode", Some(json!(fixed.status_code))),
    ])
}

fn cognito(cognito: &AuthenticateCognito) -> Value {
    given(vec![
        ("UserPoolArn", Some(json!(cognito.user_pool_arn))),
        ("UserPoolClientId", Some(json!(cognito.user_pool_client_id))),
        ("UserPoolDomain", Some(json!(cognito.user_pool_domain))),
        ("SessionCookieName", some(&cognito.session_cookie_name)),
        ("Scope", some(&cognito.scope)),
        ("SessionTimeout", some(&cognito.session_timeout)),
        ("AuthenticationRequestExtraParams", some_map(&cognito.extra_params)),
        ("OnUnauthenticatedRequest", some(&cognito.on_unauthenticated_request)),
    ])
}

fn oidc(oidc: &AuthenticateOidc) -> Value {
    given(vec![
        ("Issuer", Some(json!(oidc.issuer))),
        ("AuthorizationEndpoint", Some(json!(oidc.authorization_endpoint))),
        ("TokenEndpoint", Some(json!(oidc.token_endpoint))),
        ("UserInfoEndpoint", Some(json!(oidc.user_info_endpoint))),
        ("ClientId", Some(json!(oidc.client_id))),
        ("ClientSecret", Some(json!(oidc.client_secret))),
        ("SessionCookieName", some(&oidc.session_cookie_name)),
        ("Scope", some(&oidc.scope)),
        ("SessionTimeout", some(&oidc.session_timeout)),
        ("AuthenticationRequestExtraParams", some_map(&oidc.extra_params)),
        ("OnUnauthenticatedRequest", some(&oidc.on_unauthenticated_request)),
    ])
}

fn jwt(jwt: &JwtValidation) -> Value {
    let claims = jwt
        .additional_claims
        .iter()
        .map(|it| json!({"Format": it.format, "Name": it.name, "Values": it.values}));
    let claims = (!jwt.additional_claims.is_empty()).then(|| Value::from_iter(claims));
    given(vec![
        ("JwksEndpoint", Some(json!(jwt.jwks_endpoint))),
        ("Issuer", Some(json!(jwt.issuer))),
        ("AdditionalClaims", claims),
    ])
}

/// Described actions as specs, in their order, with all that AWS has filled in.
pub(crate) fn from_aws(list: &Value) -> Vec<Action> {
    let mut all: Vec<&Value> = items(list).iter().collect();
    all.sort_by_key(|action| action["Order"].as_i64());
    all.into_iter().filter_map(action_from_aws).collect()
}

fn action_from_aws(action: &Value) -> Option<Action> {
    let action_type: ActionType = serde_json::from_value(action["Type"].clone()).ok()?;
    let mut read = Action { action_type, ..Action::default() };
    let field = |config: &Value, name: &str| config[name].as_str().map(str::to_owned);
    let plain = |config: &Value, name: &str| text(&config[name]).to_owned();
    let params = |config: &Value| {
        let pairs = config["AuthenticationRequestExtraParams"].as_object().into_iter().flatten();
        pairs.map(|(key, value)| (key.clone(), text(value).to_owned())).collect()
    };
    match action_type {
        ActionType::Forward => {
            let config = &action["ForwardConfig"];
            let sticky = &config["TargetGroupStickinessConfig"];
            read.forward = Some(Forward {
                stickiness: sticky.is_object().then(|| Stickiness {
                    duration_seconds: integer(&sticky["DurationSeconds"]),
                    enabled: sticky["Enabled"].as_bool(),
                }),
                target_groups: items(&config["TargetGroups"])
                    .iter()
                    .map(|tuple| TargetGroupTuple {
                        target_group_arn: Token::Literal(plain(tuple, "TargetGroupArn")),
                        weight: integer(&tuple["Weight"]),
                    })
                    .collect(),
            });
        }
        ActionType::Redirect => {
            let config = &action["RedirectConfig"];
            read.redirect = Some(
                Redirect {
                    host: field(config, "Host"),
                    path: field(config, "Path"),
                    port: field(config, "Port"),
                    protocol: field(config, "Protocol"),
                    query: field(config, "Query"),
                    status_code: plain(config, "StatusCode"),
                }
                .into(),
            );
        }
        ActionType::FixedResponse => {
            let config = &action["FixedResponseConfig"];
            read.fixed_response = Some(
                FixedResponse {
                    content_type: field(config, "ContentType"),
                    message_body: field(config, "MessageBody"),
                    status_code: plain(config, "StatusCode"),
                }
                .into(),
            );
        }
        ActionType::AuthenticateCognito => {
            let config = &action["AuthenticateCognitoConfig"];
            read.authenticate_cognito = Some(
                AuthenticateCognito {
                    extra_params: params(config),
                    on_unauthenticated_request: field(config, "OnUnauthenticatedRequest"),
                    scope: field(config, "Scope"),
                    session_cookie_name: field(config, "SessionCookieName"),
                    session_timeout: config["SessionTimeout"].as_i64(),
                    user_pool_arn: plain(config, "UserPoolArn"),
                    user_pool_client_id: plain(config, "UserPoolClientId"),
                    user_pool_domain: plain(config, "UserPoolDomain"),
                }
                .into(),
            );
        }
        ActionType::AuthenticateOidc => {
            let config = &action["AuthenticateOidcConfig"];
            read.authenticate_oidc = Some(
                AuthenticateOidc {
                    extra_params: params(config),
                    authorization_endpoint: plain(config, "AuthorizationEndpoint"),
                    client_id: plain(config, "ClientId"),
                    client_secret: REDACTED.to_owned(),
                    issuer: plain(config, "Issuer"),
                    on_unauthenticated_request: field(config, "OnUnauthenticatedRequest"),
                    scope: field(config, "Scope"),
                    session_cookie_name: field(config, "SessionCookieName"),
                    session_timeout: config["SessionTimeout"].as_i64(),
                    token_endpoint: plain(config, "TokenEndpoint"),
                    user_info_endpoint: plain(config, "UserInfoEndpoint"),
                }
                .into(),
            );
        }
        ActionType::JwtValidation => {
            let config = &action["JwtValidationConfig"];
            read.jwt_validation = Some(
                JwtValidation {
                    additional_claims: items(&config["AdditionalClaims"])
                        .iter()
                        .map(|claim| AdditionalClaim {
                            format: plain(claim, "Format"),
                            name: plain(claim, "Name"),
                            values: items(&claim["Values"])
                                .iter()
                                .map(|v| text(v).to_owned())
                                .collect(),
                        })
                        .collect(),
                    issuer: plain(config, "Issuer"),
                    jwks_endpoint: plain(config, "JwksEndpoint"),
                }
                .into(),
            );
        }
    }
    Some(read)
}

fn integer(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|number| number.try_into().ok())
}

/// Actions with all that AWS fills in, so that two that mean the same are equal.
pub(crate) fn filled(mut actions: Vec<Action>) -> Vec<Action> {
    let fill = |slot: &mut Option<String>, default: &str| {
        slot.get_or_insert_with(|| default.to_owned());
    };
    for action in &mut actions {
        if let Some(forward) = &mut action.forward {
            let sticky = forward.stickiness.get_or_insert_default();
            sticky.enabled.get_or_insert(false);
            if sticky.enabled == Some(false) {
                sticky.duration_seconds = None;
            }
            for tuple in &mut forward.target_groups {
                tuple.weight.get_or_insert(1);
            }
        }
        if let Some(redirect) = &mut action.redirect {
            fill(&mut redirect.host, "#{host}");
            fill(&mut redirect.path, "/#{path}");
            fill(&mut redirect.port, "#{port}");
            fill(&mut redirect.protocol, "#{protocol}");
            fill(&mut redirect.query, "#{query}");
        }
        if let Some(cognito) = &mut action.authenticate_cognito {
            fill(&mut cognito.on_unauthenticated_request, "authenticate");
            fill(&mut cognito.scope, "openid");
            fill(&mut cognito.session_cookie_name, "AWSELBAuthSessionCookie");
            cognito.session_timeout.get_or_insert(604_800);
        }
        if let Some(oidc) = &mut action.authenticate_oidc {
            fill(&mut oidc.on_unauthenticated_request, "authenticate");
            fill(&mut oidc.scope, "openid");
            fill(&mut oidc.session_cookie_name, "AWSELBAuthSessionCookie");
            oidc.session_timeout.get_or_insert(604_800);
        }
    }
    actions
}

/// Actions without what AWS fills in by itself, as the compiler writes them: it leaves out what a
/// forward or a redirect keeps, and spells out the settings of a login.
pub(crate) fn plain(mut actions: Vec<Action>) -> Vec<Action> {
    let empty = |slot: &mut Option<String>, default: &str| {
        slot.take_if(|value| value == default);
    };
    for action in &mut actions {
        if let Some(forward) = &mut action.forward {
            forward.stickiness.take_if(|sticky| sticky.enabled != Some(true));
            if let [only] = forward.target_groups.as_mut_slice() {
                only.weight.take_if(|weight| *weight == 1);
            }
        }
        if let Some(redirect) = &mut action.redirect {
            empty(&mut redirect.host, "#{host}");
            empty(&mut redirect.path, "/#{path}");
            empty(&mut redirect.port, "#{port}");
            empty(&mut redirect.protocol, "#{protocol}");
            empty(&mut redirect.query, "#{query}");
        }
    }
    actions
}
