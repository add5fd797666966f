//! The fields of the kinds that are read: the one place where their names stand.
//!
//! A field that is listed but never looked into, such as `status`, is known and has no say here.
//! Source: the Kubernetes API reference and the controller's custom resource definitions.

pub(super) const METADATA: [&str; 15] = [
    "name",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "finalizers",
    "deletionTimestamp",
    "generateName",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
];

pub(super) const INGRESS: [&str; 5] = ["spec", "apiVersion", "kind", "metadata", "status"];
pub(super) const INGRESS_SPEC: [&str; 4] = ["ingressClassName", "defaultBackend", "rules", "tls"];
pub(super) const RULE: [&str; 2] = ["host", "http"];
pub(super) const HTTP: [&str; 1] = ["paths"];
pub(super) const PATH: [&str; 3] = ["path", "pathType", "backend"];
pub(super) const BACKEND: [&str; 2] = ["service", "resource"];
pub(super) const BACKEND_SERVICE: [&str; 2] = ["name", "port"];
pub(super) const BACKEND_PORT: [&str; 2] = ["name", "number"];
pub(super) const TLS: [&str; 2] = ["hosts", "secretName"];

/// What a backend had in versions before `networking.k8s.io/v1`.
pub(super) const OLD_BACKEND: [&str; 2] = ["serviceName", "servicePort"];

pub(super) const SERVICE: [&str; 5] = ["spec", "apiVersion", "kind", "metadata", "status"];
pub(super) const SERVICE_SPEC: [&str; 20] = [
    "type",
    "ports",
    "ipFamilies",
    "externalName",
    "selector",
    "clusterIP",
    "clusterIPs",
    "allocateLoadBalancerNodePorts",
    "externalIPs",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "internalTrafficPolicy",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "publishNotReadyAddresses",
    "sessionAffinity",
    "sessionAffinityConfig",
    "trafficDistribution",
];
pub(super) const SERVICE_PORT: [&str; 6] =
    ["name", "port", "targetPort", "nodePort", "protocol", "appProtocol"];

pub(super) const SECRET: [&str; 7] =
    ["data", "stringData", "apiVersion", "kind", "metadata", "type", "immutable"];
pub(super) const NAMESPACE: [&str; 5] = ["spec", "apiVersion", "kind", "metadata", "status"];

pub(super) const CLASS: [&str; 4] = ["spec", "apiVersion", "kind", "metadata"];
pub(super) const CLASS_SPEC: [&str; 2] = ["controller", "parameters"];
pub(super) const PARAMETERS: [&str; 5] = ["apiGroup", "kind", "name", "namespace", "scope"];

pub(super) const PARAMS: [&str; 5] = ["spec", "apiVersion", "kind", "metadata", "status"];
pub(super) const PARAMS_SPEC: [&str; 20] = [
    "certificateArn",
    "namespaceSelector",
    "group",
    "scheme",
    "inboundCIDRs",
    "sslPolicy",
    "sslRedirectPort",
    "subnets",
    "ipAddressType",
    "tags",
    "targetType",
    "loadBalancerAttributes",
    "listeners",
    "minimumLoadBalancerCapacity",
    "ipamConfiguration",
    "prefixListsIDs",
    "PrefixListsIDs",
    "loadBalancerName",
    "wafv2AclArn",
    "wafv2AclName",
];
pub(super) const GROUP: [&str; 1] = ["name"];
pub(super) const SUBNETS: [&str; 2] = ["ids", "tags"];
pub(super) const ATTRIBUTE: [&str; 2] = ["key", "value"];
pub(super) const LISTENER: [&str; 3] = ["protocol", "port", "listenerAttributes"];
pub(super) const CAPACITY: [&str; 1] = ["capacityUnits"];
pub(super) const IPAM: [&str; 1] = ["ipv4IPAMPoolId"];
pub(super) const SELECTOR: [&str; 2] = ["matchLabels", "matchExpressions"];
pub(super) const REQUIREMENT: [&str; 3] = ["key", "operator", "values"];
