//! ING09xx: what compiles, as it does in the controller, but hurts in AWS.

super::declare! {
    TOO_MANY_VALUES = "ING0901", "a rule has more than five condition values",
        "AWS counts the values of all conditions of a rule, host and path included, and refuses a rule with more than five. A Prefix path takes two of them.";
    TOO_MANY_WILDCARDS = "ING0902", "a rule has more than five wildcards",
        "AWS counts `*` and `?` in all values of a rule and refuses a rule with more than five.";
    TOO_MANY_RULES = "ING0903", "a load balancer has more than 100 rules",
        "The quota is 100 rules per load balancer, all listeners together, unless AWS raised it for the account. The controller gets stuck on the way to such a load balancer.";
    REFUSED_VALUE = "ING0904", "a value is one that AWS refuses",
        "The controller passes the value on without a look at it, and AWS refuses the call: the group is then stuck half way.";
    UNKNOWN_ATTRIBUTE = "ING0905", "AWS knows no such attribute",
        "The controller passes attributes on without a look at them, and AWS refuses unknown ones.";
    TOO_MANY_TARGET_GROUPS = "ING0906", "an action forwards to more than five target groups",
        "AWS refuses a forward action with more than five target groups.";
    NEVER_MATCHES = "ING0907", "a rule can never match",
        "Rules are tried in order, and an earlier rule of the listener, or several together, take every request that this one would take. Rules keep the order of `group.order`, then of the Ingress's own rules; only within one rule do longer Prefix paths come first.";
    SAME_HOST_AND_PATH = "ING0908", "two Ingresses have the same host and path",
        "The first Ingress in the order of the group answers; the other's rule can never match. `group.order` decides who is first, then the namespace and name.";
}
