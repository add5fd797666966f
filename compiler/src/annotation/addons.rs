//! Annotations of the topic add-ons: services that guard a load balancer.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    WAFV2_ACL_ARN = Annotation {
        name: "wafv2-acl-arn",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("wafv2AclArn"),
        summary: "The WAFv2 web ACL of the load balancer by ARN; `none` takes it off. Of no effect in a group that names one by `wafv2-acl-name`.",
        sets: "WebACLAssociation.webACLARN",
        example: "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
        set: Set::Structure,
    };
    WAFV2_ACL_NAME = Annotation {
        name: "wafv2-acl-name",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("wafv2AclName"),
        summary: "The WAFv2 web ACL of the load balancer by name; `none` takes it off.",
        sets: "WebACLAssociation.webACLARN",
        example: "edge",
        set: Set::Structure,
    };
    WAF_ACL_ID = Annotation {
        name: "waf-acl-id",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "The WAF Classic web ACL of the load balancer by id; `none` takes it off. AWS has ended WAF Classic: use `wafv2-acl-arn`.",
        sets: "WafRegionalWebACLAssociation.webACLID",
        example: "499e8b99-6671-4614-a86d-adb1810b7fbe",
        set: Set::Structure,
    };
    WEB_ACL_ID = Annotation {
        name: "web-acl-id",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "The older name of `waf-acl-id`, read only where that one is absent.",
        sets: "WafRegionalWebACLAssociation.webACLID",
        example: "499e8b99-6671-4614-a86d-adb1810b7fbe",
        set: Set::Structure,
    };
    SHIELD_ADVANCED_PROTECTION = Annotation {
        name: "shield-advanced-protection",
        parameter: "",
        form: "boolean",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "Turns AWS Shield Advanced on or off for the load balancer. Needs a Shield Advanced subscription; where nobody says, nothing is touched.",
        sets: "Protection.enabled",
        example: "true",
        set: Set::Structure,
    };
}
