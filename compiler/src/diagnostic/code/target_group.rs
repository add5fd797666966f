//! ING08xx: Services and the target groups that they become.

super::declare! {
    MISSING_SERVICE = "ING0801", "a backend names a Service that does not exist",
        "Services are looked for in the Ingress's own namespace among the manifests. For a single Service the controller answers every request with 503; in a weighted action, or if `tolerateNonExistentBackendService` is false, it refuses the group.";
    MISSING_PORT = "ING0802", "a Service has no such port",
        "A backend names a port of the Service by name or by number: `spec.ports[].name` or `spec.ports[].port`, not the container's port. The controller refuses the whole group.";
    NO_NODE_PORT = "ING0803", "a Service has no node port",
        "With target type `instance` traffic goes through a node port, which only Services of type NodePort or LoadBalancer have. The number is the cluster's choice unless the manifest says it; facts of the cluster may stand in the inventory.";
    BAD_HEALTH_CHECK_PORT = "ING0804", "a health check port cannot be resolved",
        "`healthcheck-port` is `traffic-port`, a number, or the name of one of the Service's ports. With target type `ip` that port needs a numeric `targetPort`.";
    IPV6_WITHOUT_DUALSTACK = "ING0805", "an IPv6 Service is behind an IPv4 load balancer",
        "The targets of a Service with the family IPv6 are IPv6 addresses, which only a load balancer with `ip-address-type` dualstack reaches.";
    IP_TARGETS_DISABLED = "ING0806", "target type ip is switched off",
        "The controller's feature gate `EnableIPTargetType` is false, so it refuses groups with the target type `ip`.";
    CONTROL_PORT_OF_INSTANCES = "ING0807", "a target control port needs targets of type ip",
        "The target optimizer's agent runs beside the pods: `target-control-port` cannot be used with the target type `instance`.";
    SHARED_TARGET_GROUP = "ING0808", "two backends of a group share a target group by accident",
        "The controller names target groups `namespace/ingress-service:port` without escaping. Where two backends get the same name, the first one's target group answers for both.";
}
