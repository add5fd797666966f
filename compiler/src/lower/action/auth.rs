//! Logins with Cognito or OpenID Connect: what HTTPS listeners do before the backend answers.

use crate::annotation::{Annotation, Value, auth};
use crate::diagnostic::code::{limit, rule as code};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::graph::{Origin, SecretValue};
use crate::group::Member;
use crate::lower::{Cx, ingress_value, service_value};
use crate::manifest::{NamespacedName, Secret, Service};
use crate::resource::{Action, ActionType, AuthenticateCognito, AuthenticateOidc};
use crate::source::Spanned;
use std::collections::BTreeMap;

/// What stands in a spec for a secret.
const REDACTED: &str = "[REDACTED]";

/// The actions that HTTPS listeners put before a backend's own. HTTP listeners have none of them,
/// and what is wrong with them alone refuses no group that listens on HTTP only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Login {
    /// A login or the check of a token.
    pub(crate) actions: Vec<Action>,
    /// Secrets in `actions`; pointers start behind the list's own name.
    pub(crate) secrets: Vec<SecretValue>,
    /// Who asks for it.
    pub(crate) origins: Vec<Origin>,
    /// What is wrong with it on an HTTPS listener.
    pub(crate) findings: Diagnostics,
}

/// `auth-idp-cognito`
#[derive(Clone, Debug, Default)]
struct Cognito {
    arn: String,
    client_id: String,
    domain: String,
    extra_params: BTreeMap<String, String>,
}

/// `auth-idp-oidc`
#[derive(Clone, Debug)]
struct Oidc {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    user_info_endpoint: String,
    secret_name: Spanned<String>,
    extra_params: BTreeMap<String, String>,
}

/// What both kinds of login share.
struct Session {
    on_unauthenticated_request: Option<String>,
    scope: Option<String>,
    cookie: Option<String>,
    timeout: Option<i64>,
}

/// The login that annotations ask for. The values of `service` win key by key; it is given only
/// where the backend is this one Service. All annotations are read, whatever the type says, since
/// the controller refuses unreadable ones in any case.
pub(crate) fn login<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    service: Option<&'a Service<'s>>,
) -> Login {
    let of = |row: &'static Annotation| {
        service
            .and_then(|service| service_value(service, row))
            .or_else(|| ingress_value(member, row))
    };
    let session = session(cx, &of);
    let cognito = of(&auth::IDP_COGNITO).map(|value| (read_cognito(cx, &value), value));
    let oidc = of(&auth::IDP_OIDC).map(|value| (read_oidc(cx, &value), value));
    let mut login = Login::default();
    let Some(kind) = of(&auth::TYPE) else { return login };
    login.origins.push(kind.origin("actions[0]"));
    match cx.accept(kind.one_of(&["none", "oidc", "cognito"])) {
        Some("cognito") => match cognito {
            Some((Some(cognito), value)) => {
                login.origins.push(value.origin("actions[0]"));
                login.actions.push(Action {
                    action_type: ActionType::AuthenticateCognito,
                    authenticate_cognito: Some(
                        AuthenticateCognito {
                            extra_params: cognito.extra_params,
                            on_unauthenticated_request: session.on_unauthenticated_request,
                            scope: session.scope,
                            session_cookie_name: session.cookie,
                            session_timeout: session.timeout,
                            user_pool_arn: cognito.arn,
                            user_pool_client_id: cognito.client_id,
                            user_pool_domain: cognito.domain,
                        }
                        .into(),
                    ),
                    ..Action::default()
                });
            }
            Some((None, _)) => {}
            None => login.findings.push(missing_provider(&kind, &auth::IDP_COGNITO)),
        },
        Some("oidc") => match oidc {
            Some((Some(oidc), value)) => {
                login.origins.push(value.origin("actions[0]"));
                authenticate_oidc(cx, member, &value, oidc, session, &mut login);
            }
            Some((None, _)) => {}
            None => login.findings.push(missing_provider(&kind, &auth::IDP_OIDC)),
        },
        _ => login.origins.clear(),
    }
    login
}

fn missing_provider(kind: &Value<'_, '_>, row: &'static Annotation) -> Diagnostic {
    let message = format!("`auth-type: {}` needs the annotation `{}`", kind.as_str(), row.name);
    kind.error(&code::MISSING_PROVIDER, message).hint(format!(
        "add {}: '{}'",
        row.full_name(),
        row.example
    ))
}

fn session<'a, 's: 'a>(
    cx: &mut Cx<'_, '_>,
    of: &impl Fn(&'static Annotation) -> Option<Value<'a, 's>>,
) -> Session {
    let text = |row: &'static Annotation| {
        of(row).map(|value| value.as_str().to_owned()).or_else(|| row.default.map(str::to_owned))
    };
    let behaviour = of(&auth::ON_UNAUTHENTICATED_REQUEST);
    if let Some(value) = behaviour {
        const ALLOWED: &[&str] = &["authenticate", "allow", "deny"];
        if !ALLOWED.contains(&value.as_str()) {
            let near = nearest(value.as_str(), ALLOWED.iter().copied());
            cx.accept(value.doubt(
                &limit::REFUSED_VALUE,
                format!("AWS refuses `{}` for `{}`", value.as_str(), value.name),
                match near {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("write one of {}", ALLOWED.join(", ")),
                },
            ));
        }
    }
    let timeout = match of(&auth::SESSION_TIMEOUT) {
        Some(value) => {
            let seconds = cx.accept(value.int64());
            if seconds.is_some_and(|seconds| !(1..=604_800).contains(&seconds)) {
                cx.accept(value.doubt(
                    &limit::REFUSED_VALUE,
                    format!("AWS refuses `{}` for `{}`", value.as_str(), value.name),
                    "write a number from 1 to 604800",
                ));
            }
            seconds
        }
        None => auth::SESSION_TIMEOUT.default.and_then(|text| text.parse().ok()),
    };
    Session {
        on_unauthenticated_request: text(&auth::ON_UNAUTHENTICATED_REQUEST)
            .filter(|text| !text.is_empty()),
        scope: text(&auth::SCOPE),
        cookie: text(&auth::SESSION_COOKIE),
        timeout,
    }
}

fn read_cognito(cx: &mut Cx<'_, '_>, value: &Value<'_, '_>) -> Option<Cognito> {
    let (config, findings) = value.json(|json, root| {
        let config = json.object(
            root,
            "the value",
            &[
                "userPoolARN",
                "userPoolClientID",
                "userPoolDomain",
                "authenticationRequestExtraParams",
            ],
        );
        Cognito {
            arn: config.string(json, "userPoolARN").value,
            client_id: config.string(json, "userPoolClientID").value,
            domain: config.string(json, "userPoolDomain").value,
            extra_params: config.string_map(json, "authenticationRequestExtraParams"),
        }
    });
    cx.report_all(findings);
    config
}

fn read_oidc(cx: &mut Cx<'_, '_>, value: &Value<'_, '_>) -> Option<Oidc> {
    let (config, findings) = value.json(|json, root| {
        let config = json.object(
            root,
            "the value",
            &[
                "issuer",
                "authorizationEndpoint",
                "tokenEndpoint",
                "userInfoEndpoint",
                "secretName",
                "authenticationRequestExtraParams",
            ],
        );
        Oidc {
            issuer: config.string(json, "issuer").value,
            authorization_endpoint: config.string(json, "authorizationEndpoint").value,
            token_endpoint: config.string(json, "tokenEndpoint").value,
            user_info_endpoint: config.string(json, "userInfoEndpoint").value,
            secret_name: config.string(json, "secretName"),
            extra_params: config.string_map(json, "authenticationRequestExtraParams"),
        }
    });
    cx.report_all(findings);
    config
}

fn authenticate_oidc<'a, 's>(
    cx: &Cx<'a, 's>,
    member: &Member<'a, 's>,
    value: &Value<'_, 's>,
    oidc: Oidc,
    session: Session,
    login: &mut Login,
) {
    let namespace = &member.ingress.metadata.name.namespace;
    let name = NamespacedName::new(namespace, &oidc.secret_name.value);
    if let Some(finding) = cx.refusal(member, "Secret", &name, oidc.secret_name.span) {
        login.findings.push(finding);
    }
    match cx.manifests.secrets.get(&name) {
        None => login.findings.push(missing_secret(cx, value, &oidc.secret_name, &name)),
        Some(secret) => {
            // The controller's predecessor spelt the key so.
            let id = key_of(secret, "clientID").or_else(|| key_of(secret, "clientId"));
            let client_secret = key_of(secret, "clientSecret");
            for (found, key) in [(&id, "clientID"), (&client_secret, "clientSecret")] {
                if found.is_none() {
                    login.findings.push(missing_key(value, &oidc.secret_name, secret, key));
                }
            }
            let id = id.map(|(key, text)| (key, text.trim_end().to_owned()));
            let client_secret = client_secret
                .map(|(key, text)| (key, text.trim_end_matches(char::is_control).to_owned()));
            for (field, found) in [("clientID", id), ("clientSecret", client_secret)] {
                let Some((key, text)) = found else { continue };
                login.secrets.push(SecretValue {
                    pointer: format!("/0/authenticateOIDCConfig/{field}"),
                    secret: name.to_string(),
                    key: key.to_owned(),
                    value: text,
                });
            }
        }
    }
    login.actions.push(Action {
        action_type: ActionType::AuthenticateOidc,
        authenticate_oidc: Some(
            AuthenticateOidc {
                extra_params: oidc.extra_params,
                authorization_endpoint: oidc.authorization_endpoint,
                client_id: REDACTED.to_owned(),
                client_secret: REDACTED.to_owned(),
                issuer: oidc.issuer,
                on_unauthenticated_request: session.on_unauthenticated_request,
                scope: session.scope,
                session_cookie_name: session.cookie,
                session_timeout: session.timeout,
                token_endpoint: oidc.token_endpoint,
                user_info_endpoint: oidc.user_info_endpoint,
            }
            .into(),
        ),
        ..Action::default()
    });
}

fn key_of<'k>(secret: &Secret<'_>, key: &'k str) -> Option<(&'k str, String)> {
    let (_, bytes) = secret.data.iter().find(|(name, _)| name == key)?;
    Some((key, String::from_utf8_lossy(bytes).into_owned()))
}

fn missing_secret(
    cx: &Cx<'_, '_>,
    value: &Value<'_, '_>,
    written: &Spanned<String>,
    name: &NamespacedName,
) -> Diagnostic {
    let finding = value.error_in(
        written.span,
        &code::MISSING_SECRET,
        format!("there is no Secret `{name}` among the manifests"),
    );
    let start = NamespacedName::new(&name.namespace, "");
    let siblings = cx.manifests.secrets.range(start..);
    let siblings = siblings.take_while(|(other, _)| other.namespace == name.namespace).take(100);
    let near = nearest(&name.name, siblings.map(|(other, _)| other.name.as_str()));
    match near {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!(
            "add the Secret `{}` with `clientID` and `clientSecret` in the namespace `{}`",
            name.name, name.namespace
        )),
    }
}

fn missing_key(
    value: &Value<'_, '_>,
    written: &Spanned<String>,
    secret: &Secret<'_>,
    key: &str,
) -> Diagnostic {
    let name = &secret.metadata.name;
    let near = nearest(key, secret.data.iter().map(|(other, _)| other.as_str()));
    value
        .error_in(
            written.span,
            &code::MISSING_SECRET,
            format!("the Secret `{name}` has no key `{key}`"),
        )
        .hint(match near {
            Some(near) => format!("rename its key `{near}` to `{key}`"),
            None => format!("add `{key}` to its `stringData`"),
        })
        .related(crate::diagnostic::Related {
            message: format!("the Secret `{name}`"),
            ingress: None,
            span: Some(secret.metadata.span),
        })
}
