//! `AWS::ElasticLoadBalancingV2::Listener`, and the actions that listeners and rules share.

use super::field::{Field, in_place, replace};
use super::{Tags, Token};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A port of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// The default certificate, then those for SNI.
    #[serde(rename = "certificates", default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<ListenerCertificate>,
    /// What answers when no rule matches.
    #[serde(rename = "defaultActions", default, skip_serializing_if = "Vec::is_empty")]
    pub default_actions: Vec<Action>,
    /// Attributes, sorted by their JSON text.
    #[serde(rename = "listenerAttributes", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ListenerAttribute>,
    /// The load balancer.
    #[serde(rename = "loadBalancerARN")]
    pub load_balancer_arn: Token,
    /// Client certificates.
    #[serde(rename = "mutualAuthentication", default, skip_serializing_if = "Option::is_none")]
    pub mutual_authentication: Option<MutualAuthentication>,
    /// The port.
    #[serde(rename = "port")]
    pub port: i32,
    /// `HTTP`, `HTTPS` or `TCP`.
    #[serde(rename = "protocol")]
    pub protocol: String,
    /// TLS policy.
    #[serde(rename = "sslPolicy", default, skip_serializing_if = "Option::is_none")]
    pub ssl_policy: Option<String>,
    /// User tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Listener {
    /// Every field with what its change asks for.
    pub const FIELDS: &'static [Field] = &[
        in_place("certificates"),
        in_place("defaultActions"),
        in_place("listenerAttributes"),
        replace("loadBalancerARN"),
        in_place("mutualAuthentication"),
        in_place("port"),
        in_place("protocol"),
        in_place("sslPolicy"),
        in_place("tags"),
    ];
}

/// A certificate of a listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListenerCertificate {
    /// Its ARN.
    #[serde(rename = "certificateARN")]
    pub certificate_arn: Token,
}

/// A listener attribute; the controller spells its fields with capitals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListenerAttribute {
    /// Such as `routing.http.response.server.enabled`.
    #[serde(rename = "Key")]
    pub key: String,
    /// Its value as text.
    #[serde(rename = "Value")]
    pub value: String,
}

/// Client certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MutualAuthentication {
    /// `on` or `off`.
    #[serde(
        rename = "advertiseTrustStoreCaNames",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub advertise_trust_store_ca_names: Option<String>,
    /// Accept expired ones.
    #[serde(
        rename = "ignoreClientCertificateExpiry",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_client_certificate_expiry: Option<bool>,
    /// `off`, `passthrough` or `verify`.
    #[serde(rename = "mode")]
    pub mode: String,
    /// The trust store; empty unless `verify`.
    #[serde(rename = "trustStoreArn", default, skip_serializing_if = "Option::is_none")]
    pub trust_store_arn: Option<String>,
}

/// `type` of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionType {
    /// To target groups.
    #[default]
    Forward,
    /// A redirect.
    Redirect,
    /// A fixed answer.
    FixedResponse,
    /// Login with Cognito.
    AuthenticateCognito,
    /// Login with OpenID Connect.
    AuthenticateOidc,
    /// Check of a bearer token.
    JwtValidation,
}

/// One action; the last one answers. Most forward: what else an action may be lies elsewhere, so that
/// hundreds of thousands of rules stay small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// For `authenticate-cognito`.
    #[serde(
        rename = "authenticateCognitoConfig",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub authenticate_cognito: Option<Box<AuthenticateCognito>>,
    /// For `authenticate-oidc`.
    #[serde(rename = "authenticateOIDCConfig", default, skip_serializing_if = "Option::is_none")]
    pub authenticate_oidc: Option<Box<AuthenticateOidc>>,
    /// For `fixed-response`.
    #[serde(rename = "fixedResponseConfig", default, skip_serializing_if = "Option::is_none")]
    pub fixed_response: Option<Box<FixedResponse>>,
    /// For `forward`.
    #[serde(rename = "forwardConfig", default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// For `jwt-validation`.
    #[serde(rename = "jwtValidationConfig", default, skip_serializing_if = "Option::is_none")]
    pub jwt_validation: Option<Box<JwtValidation>>,
    /// For `redirect`.
    #[serde(rename = "redirectConfig", default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Box<Redirect>>,
    /// What it does.
    #[serde(rename = "type")]
    pub action_type: ActionType,
}

/// A fixed answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FixedResponse {
    /// Such as `text/plain`.
    #[serde(rename = "contentType", default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body.
    #[serde(rename = "messageBody", default, skip_serializing_if = "Option::is_none")]
    pub message_body: Option<String>,
    /// 2xx, 4xx or 5xx.
    #[serde(rename = "statusCode")]
    pub status_code: String,
}

/// A redirect; absent parts stay as in the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Redirect {
    /// Host.
    #[serde(rename = "host", default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Path.
    #[serde(rename = "path", default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Port.
    #[serde(rename = "port", default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// `HTTP` or `HTTPS`.
    #[serde(rename = "protocol", default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Query.
    #[serde(rename = "query", default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// `HTTP_301` or `HTTP_302`.
    #[serde(rename = "statusCode")]
    pub status_code: String,
}

/// Target groups with weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forward {
    /// Keep a client on one target group.
    #[serde(
        rename = "targetGroupStickinessConfig",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub stickiness: Option<Stickiness>,
    /// At most five. The controller writes null for none.
    #[serde(
        rename = "targetGroups",
        serialize_with = "null_if_empty",
        deserialize_with = "empty_if_null"
    )]
    pub target_groups: Vec<TargetGroupTuple>,
}

fn null_if_empty<S: Serializer>(
    tuples: &[TargetGroupTuple],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if tuples.is_empty() { serializer.serialize_none() } else { tuples.serialize(serializer) }
}

fn empty_if_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<TargetGroupTuple>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A target group of a forward action.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetGroupTuple {
    /// Its ARN.
    #[serde(rename = "targetGroupARN")]
    pub target_group_arn: Token,
    /// 0 to 999.
    #[serde(rename = "weight", default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
}

/// Keep a client on one target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stickiness {
    /// Seconds.
    #[serde(rename = "durationSeconds", default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i32>,
    /// On or off.
    #[serde(rename = "enabled", default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Login with Cognito.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AuthenticateCognito {
    /// More query parameters.
    #[serde(
        rename = "authenticationRequestExtraParams",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub extra_params: BTreeMap<String, String>,
    /// `authenticate`, `allow` or `deny`.
    #[serde(rename = "onUnauthenticatedRequest", default, skip_serializing_if = "Option::is_none")]
    pub on_unauthenticated_request: Option<String>,
    /// OAuth scopes.
    #[serde(rename = "scope", default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Cookie.
    #[serde(rename = "sessionCookieName", default, skip_serializing_if = "Option::is_none")]
    pub session_cookie_name: Option<String>,
    /// Seconds.
    #[serde(rename = "sessionTimeout", default, skip_serializing_if = "Option::is_none")]
    pub session_timeout: Option<i64>,
    /// The user pool.
    #[serde(rename = "userPoolARN")]
    pub user_pool_arn: String,
    /// Its client.
    #[serde(rename = "userPoolClientID")]
    pub user_pool_client_id: String,
    /// Its domain.
    #[serde(rename = "userPoolDomain")]
    pub user_pool_domain: String,
}

/// Login with OpenID Connect. Client id and secret print as `[REDACTED]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AuthenticateOidc {
    /// More query parameters.
    #[serde(
        rename = "authenticationRequestExtraParams",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub extra_params: BTreeMap<String, String>,
    /// URL.
    #[serde(rename = "authorizationEndpoint")]
    pub authorization_endpoint: String,
    /// `[REDACTED]`; the value is a secret of the resource.
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// `[REDACTED]`; the value is a secret of the resource.
    #[serde(rename = "clientSecret")]
    pub client_secret: String,
    /// URL.
    #[serde(rename = "issuer")]
    pub issuer: String,
    /// `authenticate`, `allow` or `deny`.
    #[serde(rename = "onUnauthenticatedRequest", default, skip_serializing_if = "Option::is_none")]
    pub on_unauthenticated_request: Option<String>,
    /// OAuth scopes.
    #[serde(rename = "scope", default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Cookie.
    #[serde(rename = "sessionCookieName", default, skip_serializing_if = "Option::is_none")]
    pub session_cookie_name: Option<String>,
    /// Seconds.
    #[serde(rename = "sessionTimeout", default, skip_serializing_if = "Option::is_none")]
    pub session_timeout: Option<i64>,
    /// URL.
    #[serde(rename = "tokenEndpoint")]
    pub token_endpoint: String,
    /// URL.
    #[serde(rename = "userInfoEndpoint")]
    pub user_info_endpoint: String,
}

/// Check of a bearer token.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JwtValidation {
    /// Claims that must hold.
    #[serde(rename = "additionalClaims", default, skip_serializing_if = "Vec::is_empty")]
    pub additional_claims: Vec<AdditionalClaim>,
    /// Who issued it.
    #[serde(rename = "issuer")]
    pub issuer: String,
    /// Where the keys are.
    #[serde(rename = "jwksEndpoint")]
    pub jwks_endpoint: String,
}

/// A claim that must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AdditionalClaim {
    /// `single-string`, `string-array` or `space-separated-values`.
    #[serde(rename = "format")]
    pub format: String,
    /// The claim.
    #[serde(rename = "name")]
    pub name: String,
    /// Accepted values.
    #[serde(rename = "values")]
    pub values: Vec<String>,
}
