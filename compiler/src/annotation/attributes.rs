//! Annotations of the topic tags and attributes.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    TAGS = Annotation {
        name: "tags",
        parameter: "",
        form: "stringMap",
        default: None,
        location: Location::IngressOrService,
        merge: Merge::Merge,
        class_field: Some("tags"),
        summary: "Tags for everything that is made of the Ingress, or for the target groups of the Service. Members of a group may not give one key two values.",
        sets: "tags of all resources",
        example: "Team=shop,CostCenter=42",
        set: Set::Structure,
    };
    LOAD_BALANCER_ATTRIBUTES = Annotation {
        name: "load-balancer-attributes",
        parameter: "",
        form: "stringMap",
        default: None,
        location: Location::Ingress,
        merge: Merge::Merge,
        class_field: Some("loadBalancerAttributes"),
        summary: "Attributes of the load balancer, such as access logs, deletion protection and timeouts. What is not named keeps AWS's default.",
        sets: "LoadBalancer.loadBalancerAttributes",
        example: "deletion_protection.enabled=true,idle_timeout.timeout_seconds=120",
        set: Set::Structure,
    };
    LISTENER_ATTRIBUTES = Annotation {
        name: "listener-attributes.",
        parameter: "${Protocol}-${Port}",
        form: "stringMap",
        default: None,
        location: Location::Ingress,
        merge: Merge::Merge,
        class_field: Some("listeners"),
        summary: "Attributes of the listener of that protocol and port, such as headers that it adds to responses.",
        sets: "Listener.listenerAttributes",
        example: "routing.http.response.server.enabled=false",
        set: Set::Structure,
    };
}
