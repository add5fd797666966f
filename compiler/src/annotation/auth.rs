//! Authentication: logins and tokens that HTTPS listeners ask for.

use super::{Annotation, Location, Merge, Set};

/// What all rows of this topic have in common. A Service's value counts only where the backend is
/// this one Service.
const COMMON: Annotation = Annotation {
    name: "",
    parameter: "",
    form: "string",
    default: None,
    location: Location::IngressOrService,
    merge: Merge::PerIngress,
    class_field: None,
    summary: "",
    sets: "ListenerRule.actions",
    example: "",
    set: Set::Structure,
};

super::rows! {
    TYPE = Annotation {
        name: "auth-type",
        form: "none | oidc | cognito",
        default: Some("none"),
        summary: "Who is asked for a login before a request is answered.",
        example: "oidc",
        ..COMMON
    };
    IDP_COGNITO = Annotation {
        name: "auth-idp-cognito",
        form: "json",
        summary: "The Cognito user pool, for `auth-type: cognito`.",
        example: r#"{"userPoolARN":"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abc","userPoolClientID":"my-client","userPoolDomain":"my-domain"}"#,
        ..COMMON
    };
    IDP_OIDC = Annotation {
        name: "auth-idp-oidc",
        form: "json",
        summary: "The OpenID Connect provider and the Secret with `clientID` and `clientSecret`, for `auth-type: oidc`.",
        example: r#"{"issuer":"https://example.com","authorizationEndpoint":"https://example.com/authorize","tokenEndpoint":"https://example.com/token","userInfoEndpoint":"https://example.com/userinfo","secretName":"my-secret"}"#,
        ..COMMON
    };
    ON_UNAUTHENTICATED_REQUEST = Annotation {
        name: "auth-on-unauthenticated-request",
        form: "authenticate | allow | deny",
        default: Some("authenticate"),
        summary: "What happens to a request without a login.",
        example: "deny",
        ..COMMON
    };
    SCOPE = Annotation {
        name: "auth-scope",
        default: Some("openid"),
        summary: "The claims that are asked of the provider, with blanks between them.",
        example: "openid email",
        ..COMMON
    };
    SESSION_COOKIE = Annotation {
        name: "auth-session-cookie",
        default: Some("AWSELBAuthSessionCookie"),
        summary: "The name of the cookie that holds the session.",
        example: "shop-session",
        ..COMMON
    };
    SESSION_TIMEOUT = Annotation {
        name: "auth-session-timeout",
        form: "integer",
        default: Some("604800"),
        summary: "Seconds that a login lasts: 1 to 604800.",
        example: "86400",
        ..COMMON
    };
    JWT_VALIDATION = Annotation {
        name: "jwt-validation",
        form: "json",
        location: Location::Ingress,
        summary: "The bearer token that a request must carry. It excludes a login.",
        example: r#"{"jwksEndpoint":"https://issuer.example.com/.well-known/jwks.json","issuer":"https://issuer.example.com"}"#,
        ..COMMON
    };
}
