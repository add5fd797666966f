//! ING14xx: manifests for Argo CD.

super::declare! {
    UNKNOWN_GROUP_ID = "ING1401", "the id of a security group is not known",
        "A TargetGroupBinding names the security group from which its pods are reached by its id. The group exists only after the first apply, and `generate` asks no account. So that pods are reached all the same, the binding lets in the address blocks of the load balancer's subnets instead, which is a warning; if these are not known either, it is an error. List the group in the inventory with its tags, name one that exists as `backendSecurityGroup`, or give the state that records it with `--state FILE`.";
    BAD_PARAMETER = "ING1402", "a parameter of the application cannot be used",
        "The parameter stands in `spec.source.plugin.parameters` of the Argo CD Application. `ingc generate --announce-parameters` lists those that exist, with their types.";
    OUTSIDE = "ING1403", "a file is outside the repository",
        "As a plugin of Argo CD, `generate` reads nothing but the repository of the application: what is shown of a file in a finding is seen by everybody who may look at the application.";
    TOO_LARGE = "ING1404", "the manifests are too large for the Jobs",
        "The Jobs that carry a plan out get the manifests in ConfigMaps, of which each holds one MiB, and name each file. Apply from CI instead, or split the application.";
    NO_JOB = "ING1405", "the Jobs of the application cannot be made",
        "With `--hooks`, Jobs carry the plan out before and after a sync. They need an image that holds ingc, a state that outlives them (`s3://…`), and Secrets that their namespace has.";
}
