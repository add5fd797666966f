//! ING07xx: rules, actions, conditions, transforms and authentication.

super::declare! {
    BACKEND_WITHOUT_SERVICE = "ING0701", "a backend names no Service",
        "The load balancer controller serves Services only: a backend with `resource` is refused by its webhook. Name a Service, or an action with the port `use-annotation`.";
    PATH_WILDCARD = "ING0702", "an Exact or Prefix path contains a wildcard",
        "In paths of type Exact and Prefix, `*` and `?` have no meaning, and the controller refuses the whole group. Use the type ImplementationSpecific for patterns.";
    VALUES_AND_REGEX = "ING0703", "a rule mixes patterns and regular expressions",
        "A host or path condition of ALB holds either patterns or regular expressions. The Ingress's own host and path are patterns, unless `use-regex-path-match` makes ImplementationSpecific paths regular expressions.";
    BAD_ACTION = "ING0704", "an action is incomplete or contradicts itself",
        "The annotation `actions.NAME` is read by the controller as one action: `forward`, `redirect` or `fixed-response`, with the configuration of that type. What it refuses keeps the whole group from changing.";
    MISSING_ACTION = "ING0705", "a backend names an action that does not exist",
        "A backend with the port `use-annotation` is an action, written in `actions.NAME`. Without it the controller answers every request with 503, or refuses the group if `tolerateNonExistentBackendAction` is false.";
    BAD_CONDITION = "ING0706", "a condition is incomplete or contradicts itself",
        "The annotation `conditions.NAME` is a list of conditions, each with a `field` and the configuration of that field. The controller's webhook refuses an Ingress with a bad one.";
    UNKNOWN_CONDITION_FIELD = "ING0707", "a condition on an unknown field is dropped",
        "The controller skips conditions whose `field` it does not know, so the rule matches without them: more requests than meant.";
    BAD_TRANSFORM = "ING0708", "a transform is incomplete",
        "The annotation `transforms.NAME` is a list of transforms, each of type `url-rewrite` or `host-header-rewrite` with at least one rewrite.";
    MISSING_PROVIDER = "ING0709", "authentication names no provider",
        "`auth-type: cognito` needs `auth-idp-cognito`, `auth-type: oidc` needs `auth-idp-oidc`, on the Ingress or on the backend's Service.";
    MISSING_SECRET = "ING0710", "the Secret of an OpenID Connect provider is missing",
        "The Secret stands in the Ingress's namespace and holds `clientID` and `clientSecret`. The controller refuses the whole group without it.";
    AUTH_AND_JWT = "ING0711", "a rule asks for a login and for a token",
        "A rule of ALB either logs users in (`auth-type`) or checks bearer tokens (`jwt-validation`). The controller refuses the group if both hold for one backend.";
    BAD_JWT = "ING0712", "the check of bearer tokens is incomplete",
        "`jwt-validation` needs `jwksEndpoint` and `issuer`; each of its `additionalClaims` needs `format`, `name` and at least one of `values`.";
    SEVERAL_DEFAULT_BACKENDS = "ING0713", "several Ingresses of a group have a default backend",
        "A listener has one default action. The controller refuses a group in which two Ingresses that listen on the same port have `spec.defaultBackend`, even if they are equal.";
    UNKNOWN_TARGET_GROUP = "ING0714", "an action forwards to an unknown target group",
        "`targetGroupName` names a target group that exists in the account and is not made by the controller. The inventory lists them under `targetGroups`.";
    UNUSED_ANNOTATION = "ING0715", "an annotation names a backend that does not exist",
        "`actions.NAME`, `conditions.NAME` and `transforms.NAME` are read where a backend of the Ingress has that name, and nowhere else.";
    OPEN_ON_HTTP = "ING0716", "a login is not asked for on an HTTP listener",
        "Logins and tokens exist on HTTPS listeners only: the same rule on an HTTP listener answers everybody. Redirect HTTP with `ssl-redirect`, or listen on HTTPS only.";
}
