//! Routing: what a rule matches and does beyond host, path and Service.

use super::{Annotation, Location, Merge, Set};

const COMMON: Annotation = Annotation {
    name: "",
    parameter: "",
    form: "json",
    default: None,
    location: Location::Ingress,
    merge: Merge::PerIngress,
    class_field: None,
    summary: "",
    sets: "ListenerRule.actions",
    example: "",
    set: Set::Structure,
};

super::rows! {
    ACTIONS = Annotation {
        name: "actions.",
        parameter: "${action-name}",
        summary: "What a backend of that name with the port `use-annotation` does.",
        example: r#"{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}"#,
        ..COMMON
    };
    CONDITIONS = Annotation {
        name: "conditions.",
        parameter: "${conditions-name}",
        summary: "More conditions for the rules whose backend has that name.",
        sets: "ListenerRule.conditions",
        example: r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["1"]}}]"#,
        ..COMMON
    };
    TRANSFORMS = Annotation {
        name: "transforms.",
        parameter: "${transforms-name}",
        summary: "Rewrites of URL and host for the rules whose backend has that name.",
        sets: "ListenerRule.transforms",
        example: r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/api/(.*)$","replace":"/$1"}]}}]"#,
        ..COMMON
    };
    USE_REGEX_PATH_MATCH = Annotation {
        name: "use-regex-path-match",
        form: "boolean",
        default: Some("false"),
        summary: "Paths of type ImplementationSpecific are regular expressions behind their first `/`.",
        sets: "ListenerRule.conditions",
        example: "true",
        ..COMMON
    };
}
