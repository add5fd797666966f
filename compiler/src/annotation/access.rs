//! Annotations of the topic access control: who may reach the load balancer.

use super::{Annotation, Location, Merge, Set};

super::rows! {
    INBOUND_CIDRS = Annotation {
        name: "inbound-cidrs",
        parameter: "",
        form: "stringList",
        default: Some("0.0.0.0/0, ::/0"),
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("inboundCIDRs"),
        summary: "The address blocks that may reach the ports of the Ingress, for the managed security group. Of no effect with `security-groups`; IPv6 blocks count only on a dual-stack load balancer.",
        sets: "SecurityGroup.ingress",
        example: "10.0.0.0/8, 192.168.0.0/16",
        set: Set::Structure,
    };
    SECURITY_GROUP_PREFIX_LISTS = Annotation {
        name: "security-group-prefix-lists",
        parameter: "",
        form: "stringList",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("prefixListsIDs"),
        summary: "Managed prefix lists whose addresses may reach the ports of the Ingress, for the managed security group.",
        sets: "SecurityGroup.ingress",
        example: "pl-0a1b2c3d, pl-4e5f6071",
        set: Set::Structure,
    };
    SECURITY_GROUPS = Annotation {
        name: "security-groups",
        parameter: "",
        form: "stringList",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "The load balancer's security groups by id or by their `Name` tag, in place of a managed one.",
        sets: "LoadBalancer.securityGroups",
        example: "sg-0a1b2c3d, edge-web",
        set: Set::Structure,
    };
    MANAGE_BACKEND_SECURITY_GROUP_RULES = Annotation {
        name: "manage-backend-security-group-rules",
        parameter: "",
        form: "boolean",
        default: Some("false"),
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "With `security-groups`: whether the shared backend security group is added to the load balancer and let through to the targets.",
        sets: "LoadBalancer.securityGroups, TargetGroupBinding.template.spec.networking",
        example: "true",
        set: Set::Structure,
    };
}
