//! ING06xx: load balancers, networks, listeners and TLS.

super::declare! {
    NAME_TOO_LONG = "ING0601", "a load balancer's name is too long",
        "AWS takes names of at most 32 letters, digits and `-`.";
    EMPTY_POOL = "ING0602", "the name of an address pool is empty",
        "`customer-owned-ipv4-pool` names a pool of AWS Outposts; leave the annotation out where there is none.";
    EXTERNAL_TAG = "ING0603", "a tag key is managed elsewhere",
        "`externalManagedTags` of the settings names tag keys that others keep. The controller refuses an annotation or a class that sets one of them.";
    NO_SUBNETS = "ING0604", "no subnets are found for a load balancer",
        "Where nobody names subnets, they are found by the tag `kubernetes.io/role/elb` (internet-facing) or `kubernetes.io/role/internal-elb` (internal): one per availability zone, in two zones at least, with 8 free addresses and no tag of another cluster.";
    BAD_SUBNETS = "ING0605", "named subnets cannot be used",
        "Subnets are named by id or by their `Name` tag: one per availability zone, two zones at least for an ALB, all in zones of one kind, and with an IPv6 CIDR block where the load balancer is dual-stack.";
    UNKNOWN_SECURITY_GROUP = "ING0606", "a security group does not exist",
        "`security-groups` names them by id (`sg-…`) or by their tag `Name`, which is not the group's name. All of them must be in the inventory.";
    NO_BACKEND_GROUP = "ING0607", "the shared backend security group is switched off",
        "Rules to the targets can only be managed by the shared backend security group, and the settings have `enableBackendSecurityGroup: false`.";
    BAD_CAPACITY = "ING0608", "a capacity reservation cannot be read",
        "Reserved capacity is written `CapacityUnits=NUMBER`.";
    BAD_LISTEN_PORTS = "ING0620", "listen-ports cannot be read",
        "`listen-ports` is a JSON list of objects, each with a protocol `HTTP` or `HTTPS` and a port from 1 to 65535: `[{\"HTTP\": 80}, {\"HTTPS\": 443}]`.";
    BAD_CIDR = "ING0621", "an inbound address block is not a CIDR block",
        "`inbound-cidrs` lists CIDR blocks such as `10.0.0.0/8` or `2001:db8::/32`. One that is none refuses the whole group.";
    BAD_SSL_REDIRECT = "ING0622", "ssl-redirect leads to no HTTPS listener",
        "`ssl-redirect` names the HTTPS port of the group that plain HTTP is redirected to.";
    SSL_REDIRECT_OFF = "ING0623", "a class switches ssl-redirect off",
        "`sslRedirectPort` of IngressClassParams is not a number. The controller then drops the redirect of the whole group without a word, so that plain HTTP is answered.";
    UNUSED_PORT = "ING0624", "a setting names a port that the Ingress does not listen on",
        "The controller passes the setting over.";
    NO_EFFECT = "ING0625", "an annotation has no effect",
        "The controller reads the annotation only together with another one, or with a feature gate, and passes it over here.";
    NOBODY = "ING0626", "nobody reaches a port",
        "The managed security group opens a port to the given address blocks. IPv6 blocks count on a dual-stack load balancer only, and nothing else is left.";
    NO_CERTIFICATE = "ING0630", "no certificate is found for a host",
        "An HTTPS listener without `certificate-arn` takes all issued ACM certificates whose names cover a host of `spec.rules` or `spec.tls`. Every host must have one; a wildcard covers one label.";
    CERTIFICATE_WITHOUT_HOST = "ING0631", "a certificate is asked for without a host",
        "`create-acm-cert` requests a certificate for the hosts of `spec.rules` and `spec.tls`, and there are none.";
    BAD_MUTUAL_AUTHENTICATION = "ING0632", "mutual-authentication cannot be read",
        "`mutual-authentication` is a JSON list with one object per HTTPS port: `port`, `mode` (`off`, `passthrough`, `verify`), and with `verify` a `trustStore` by name or ARN.";
    NO_CERTIFICATE_AT_ALL = "ING0633", "an HTTPS listener has no certificate",
        "Without `certificate-arn` certificates are found by host, and there is no host. The controller builds the listener all the same, and AWS refuses it.";
    UNKNOWN_WEB_ACL = "ING0640", "a web ACL does not exist",
        "`wafv2-acl-name` names a regional WAFv2 web ACL, which must be in the inventory.";
    NLB_HEALTH_CHECK_PORT = "ING0650", "a health check port of the frontend NLB is not a port",
        "The NLB probes a port of the ALB: a number, or `traffic-port` for the port that it sends traffic to. Names are not resolved here.";
    NLB_ELASTIC_IPS = "ING0651", "Elastic IPs do not fit the frontend NLB",
        "`frontend-nlb-eip-allocations` goes with an internet-facing NLB and names as many Elastic IPs as the NLB has subnets.";
    NLB_PORT_MAPPING = "ING0652", "a port mapping of the frontend NLB cannot be read",
        "`frontend-nlb-listener-port-mapping` lists pairs `NLB_PORT=ALB_PORT`.";
    NLB_ROUTING_POLICY = "ING0653", "a routing policy of the frontend NLB does not exist",
        "`dns_record.client_routing_policy` is `any_availability_zone`, `partial_availability_zone_affinity` or `availability_zone_affinity`.";
}
