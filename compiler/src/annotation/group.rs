//! Annotations of the topic IngressGroup: which Ingresses share a load balancer, in which order.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    GROUP_NAME = Annotation {
        name: "group.name",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::PerIngress,
        class_field: Some("group.name"),
        summary: "Puts the Ingress into a group that shares one load balancer, across namespaces. At most 63 lower case letters, digits, `-` and `.`, with a letter or digit at both ends.",
        sets: "the stack that the Ingress belongs to",
        example: "shop",
        set: Set::Structure,
    };
    GROUP_ORDER = Annotation {
        name: "group.order",
        parameter: "",
        form: "integer",
        default: Some("0"),
        location: Location::Ingress,
        merge: Merge::PerIngress,
        class_field: None,
        summary: "The place of the Ingress among the members of its group, from -1000 to 1000: rules of lower numbers come first, ties go by `namespace/name`.",
        sets: "ListenerRule.priority",
        example: "10",
        set: Set::Structure,
    };
}
