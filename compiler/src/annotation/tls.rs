//! Annotations of the topic TLS: certificates, policies and client certificates.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    CERTIFICATE_ARN = Annotation {
        name: "certificate-arn",
        parameter: "",
        form: "stringList",
        default: None,
        location: Location::Ingress,
        merge: Merge::Merge,
        class_field: Some("certificateArn"),
        summary: "Certificates of the HTTPS listeners by ARN; the first one is the default. Where nobody says, certificates are found in ACM by the hosts of `spec.rules` and `spec.tls`.",
        sets: "Listener.certificates",
        example: "arn:aws:acm:us-west-2:123456789012:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
        set: Set::Structure,
    };
    SSL_POLICY = Annotation {
        name: "ssl-policy",
        parameter: "",
        form: "string",
        default: Some("ELBSecurityPolicy-2016-08"),
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("sslPolicy"),
        summary: "The protocols and ciphers of the HTTPS listeners, as the name of a security policy of AWS.",
        sets: "Listener.sslPolicy",
        example: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        set: Set::Structure,
    };
    MUTUAL_AUTHENTICATION = Annotation {
        name: "mutual-authentication",
        parameter: "",
        form: "json",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "Client certificates per HTTPS port: mode `off`, `passthrough` or `verify`; with `verify` the trust store by name or ARN, and whether expired certificates pass.",
        sets: "Listener.mutualAuthentication",
        example: r#"[{"port": 443, "mode": "verify", "trustStore": "partner-ca"}]"#,
        set: Set::Structure,
    };
    CREATE_ACM_CERT = Annotation {
        name: "create-acm-cert",
        parameter: "",
        form: "boolean",
        default: Some("false"),
        location: Location::Ingress,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "Requests a certificate for the hosts of the Ingress where no ARN is given. Needs the feature gate `EnableCertificateManagement`.",
        sets: "Certificate, Listener.certificates",
        example: "true",
        set: Set::Structure,
    };
    ACM_PCA_ARN = Annotation {
        name: "acm-pca-arn",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "With `create-acm-cert`: the private certificate authority that issues the certificate, by ARN.",
        sets: "Certificate.certificateAuthorityARN",
        example: "arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
        set: Set::Structure,
    };
}
