//! Annotations of the topic listeners: on which ports a load balancer answers.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    LISTEN_PORTS = Annotation {
        name: "listen-ports",
        parameter: "",
        form: "json",
        default: None,
        location: Location::Ingress,
        merge: Merge::Merge,
        class_field: None,
        summary: "The ports on which the rules of the Ingress are served, as a JSON list of `{\"HTTP\": port}` and `{\"HTTPS\": port}`. Where nobody says: 443 with a certificate, else 80.",
        sets: "Listener.port, Listener.protocol",
        example: r#"[{"HTTP": 80}, {"HTTPS": 443}]"#,
        set: Set::Structure,
    };
    SSL_REDIRECT = Annotation {
        name: "ssl-redirect",
        parameter: "",
        form: "integer",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("sslRedirectPort"),
        summary: "The HTTPS port that every HTTP listener of the group redirects to. HTTP listeners then have no rules of their own.",
        sets: "Listener.defaultActions",
        example: "443",
        set: Set::Structure,
    };
}
