//! ING06xx: load balancers, networks, listeners and TLS.

super::declare! {
    NAME_TOO_LONG = "ING0601", "a load balancer's name is too long",
        "AWS takes names of at most 32 letters, digits and `-`.";
    EMPTY_POOL = "ING0602", "the name of an address pool is empty",
        "`customer-owned-ipv4-pool` names a pool of AWS Outposts; leave the annotation out where there is none.";
    EXTERNAL_TAG = "ING0603", "a tag key is managed elsewhere",
        "`externalManagedTags` of the settings names tag keys that others keep. The controller refuses an annotation or a class that sets one of them.";
    NLB_HEALTH_CHECK_PORT = "ING0650", "a health check port of the frontend NLB is not a port",
        "The NLB probes a port of the ALB: a number, or `traffic-port` for the port that it sends traffic to. Names are not resolved here.";
}
