//! ING15xx: what commonly breaks in an account or a cluster.

super::declare! {
    NO_TAGGED_SUBNET = "ING1501", "no subnet is tagged for load balancers",
        "Without `alb.ingress.kubernetes.io/subnets`, subnets are found by their tags: `kubernetes.io/role/elb` for internet-facing load balancers, `kubernetes.io/role/internal-elb` for internal ones, each with the value `1`. Without tags the controller takes those that the routes tell, which change with the network. Tag one subnet in each zone.";
    FEW_ZONES = "ING1502", "the tagged subnets are in one zone",
        "An Application Load Balancer needs subnets in at least two zones, and answers from those zones only. Tag a subnet in another zone.";
    FEW_ADDRESSES = "ING1503", "a subnet has hardly any free address",
        "A load balancer takes up to eight addresses of each of its subnets, and more as it grows. Where they lack, it cannot be made, or stops growing. Free some, or name a larger subnet.";
    EXPIRED_CERTIFICATE = "ING1504", "a certificate has expired, or will soon",
        "Clients refuse an expired certificate. ACM renews its own ones while their DNS records stand and they are in use; imported ones are never renewed.";
    OTHER_REGION = "ING1505", "a certificate is of another region",
        "A load balancer takes certificates of its own region only. Request or import the certificate there, and name that one.";
    HELD_INGRESS = "ING1506", "the controller holds an Ingress by a finalizer",
        "While the finalizer is there, the controller takes the load balancer down as soon as the Ingress gets another class or group, or is deleted. Scale the controller to zero before you move the Ingress, then remove the finalizer.";
    SHARED_TARGET_GROUP = "ING1507", "two TargetGroupBindings bind one target group",
        "Each binding deregisters what the other one has registered, again and again, so that targets come and go. Delete one of them.";
    STALE_BINDING = "ING1508", "a TargetGroupBinding names a target group that does not exist",
        "The controller tries to register pods for ever, and says so in its log. Delete the binding, or apply what makes the target group.";
    NEAR_QUOTA = "ING1509", "a limit of AWS is nearly reached",
        "Beyond the limit AWS refuses, and the change is left half done until something is taken away. Have the quota raised, or split the group.";
    ORPHAN = "ING1510", "AWS has what nobody asks for any more",
        "It carries the cluster's tags, and neither the state nor the manifests know its stack. It costs money, and counts towards limits. It may also be another team's whose state was not read, or the controller's.";
}
