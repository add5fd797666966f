//! Annotations of the topic load balancer: its name, where it stands and what it reserves.

use super::{Annotation, Location, Merge, Set};
use crate::diagnostic::code::load_balancer as code;

/// What a load balancer's scheme may be.
pub const SCHEMES: &[&str] = &["internal", "internet-facing"];
/// What a load balancer's IP address type may be.
pub const IP_ADDRESS_TYPES: &[&str] = &["ipv4", "dualstack", "dualstack-without-public-ipv4"];
/// The longest name that AWS takes.
pub const MAX_NAME: usize = 32;

super::rows! {
    LOAD_BALANCER_NAME = Annotation {
        name: "load-balancer-name",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("loadBalancerName"),
        summary: "The load balancer's name, unique in account and region, at most 32 characters. Where nobody says, a name is made of the group's name and a hash.",
        sets: "LoadBalancer.name",
        example: "shop-public",
        set: Set::LoadBalancer(|value, spec| {
            if value.as_str().len() > MAX_NAME {
                let message = format!(
                    "the load balancer name `{}` has {} characters, AWS takes at most {MAX_NAME}",
                    value.as_str(),
                    value.as_str().len(),
                );
                let hint = format!("write '{}'", value.as_str().get(..MAX_NAME).unwrap_or("a shorter name").trim_end_matches('-'));
                return Err(value.error(&code::NAME_TOO_LONG, message).hint(hint).into());
            }
            spec.name = value.as_str().to_owned();
            Ok(())
        }),
    };
    SCHEME = Annotation {
        name: "scheme",
        parameter: "",
        form: "internal | internet-facing",
        default: Some("internal"),
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("scheme"),
        summary: "Whether the load balancer is reached from the internet or from the VPC only. A change replaces the load balancer.",
        sets: "LoadBalancer.scheme",
        example: "internet-facing",
        set: Set::LoadBalancer(|value, spec| {
            spec.scheme = value.one_of(SCHEMES)?.to_owned();
            Ok(())
        }),
    };
    IP_ADDRESS_TYPE = Annotation {
        name: "ip-address-type",
        parameter: "",
        form: "ipv4 | dualstack | dualstack-without-public-ipv4",
        default: Some("ipv4"),
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("ipAddressType"),
        summary: "The address families that clients may use. Anything but `ipv4` needs subnets with an IPv6 CIDR block.",
        sets: "LoadBalancer.ipAddressType",
        example: "dualstack",
        set: Set::LoadBalancer(|value, spec| {
            spec.ip_address_type = value.one_of(IP_ADDRESS_TYPES)?.to_owned();
            Ok(())
        }),
    };
    SUBNETS = Annotation {
        name: "subnets",
        parameter: "",
        form: "stringList",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("subnets"),
        summary: "The load balancer's subnets by id or by their `Name` tag, one per availability zone. Where nobody says, subnets are found by their role tags.",
        sets: "LoadBalancer.subnetMapping",
        example: "subnet-0a1b2c3d, private-us-west-2b",
        set: Set::Structure,
    };
    CUSTOMER_OWNED_IPV4_POOL = Annotation {
        name: "customer-owned-ipv4-pool",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: None,
        summary: "The customer-owned address pool of a load balancer on AWS Outposts. A change replaces the load balancer.",
        sets: "LoadBalancer.customerOwnedIPv4Pool",
        example: "ipv4pool-coip-0a1b2c3d4e5f60718",
        set: Set::LoadBalancer(|value, spec| {
            if value.as_str().is_empty() {
                let message = format!("`{}` is empty", value.name);
                let hint = "name a pool, or leave the annotation out".to_owned();
                return Err(value.error(&code::EMPTY_POOL, message).hint(hint).into());
            }
            spec.customer_owned_ipv4_pool = Some(value.as_str().to_owned());
            Ok(())
        }),
    };
    IPAM_IPV4_POOL_ID = Annotation {
        name: "ipam-ipv4-pool-id",
        parameter: "",
        form: "string",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("ipamConfiguration.ipv4IPAMPoolId"),
        summary: "The IPAM pool that the public IPv4 addresses of an internet-facing load balancer come from.",
        sets: "LoadBalancer.ipv4IPAMPool",
        example: "ipam-pool-0a1b2c3d4e5f60718",
        set: Set::Structure,
    };
    MINIMUM_LOAD_BALANCER_CAPACITY = Annotation {
        name: "minimum-load-balancer-capacity",
        parameter: "",
        form: "stringMap",
        default: None,
        location: Location::Ingress,
        merge: Merge::Exclusive,
        class_field: Some("minimumLoadBalancerCapacity"),
        summary: "Load balancer capacity units that are reserved ahead of traffic; 0 releases them. Needs the feature gate `LBCapacityReservation`, which is on by default.",
        sets: "LoadBalancer.minimumLoadBalancerCapacity",
        example: "CapacityUnits=1500",
        set: Set::Structure,
    };
}
