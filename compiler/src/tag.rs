//! The tags by which a resource is known to be ours: the identity that outlives state.

use crate::resource::{Address, Kind, Tags};

/// Names the cluster; on everything of ours that has tags.
pub const CLUSTER: &str = "elbv2.k8s.aws/cluster";
/// Names the stack.
pub const STACK: &str = "ingress.k8s.aws/stack";
/// Names the resource within the stack.
pub const RESOURCE: &str = "ingress.k8s.aws/resource";
/// Names the shared backend security group, which belongs to no stack.
pub const CLUSTER_RESOURCE: &str = "elbv2.k8s.aws/resource";

/// The stack of what the whole cluster shares.
pub const CLUSTER_STACK: &str = "_cluster";
/// The stack of what the cluster and CI need of IAM. The names of groups begin with a letter or digit.
pub const BOOTSTRAP_STACK: &str = "_bootstrap";
/// The id of the shared backend security group.
pub const BACKEND_SG: &str = "backend-sg";

/// True for stacks that are made of settings and not of Ingresses.
pub fn is_own_stack(stack: &str) -> bool {
    stack == CLUSTER_STACK || stack == BOOTSTRAP_STACK
}

/// The tracking tags of a resource, as the controller writes them; none for what has no tags.
pub fn tracking(cluster: &str, address: &Address) -> Option<Tags> {
    let tagged = matches!(
        address.kind,
        Kind::Certificate
            | Kind::SecurityGroup
            | Kind::Listener
            | Kind::ListenerRule
            | Kind::LoadBalancer
            | Kind::TargetGroup
            | Kind::ManagedPolicy
            | Kind::OidcProvider
            | Kind::Role
    );
    if !tagged {
        return None;
    }
    let mut tags = Tags::from([(CLUSTER.to_owned(), cluster.to_owned())]);
    if address.stack == CLUSTER_STACK {
        tags.insert(CLUSTER_RESOURCE.to_owned(), address.id.to_string());
    } else {
        tags.insert(STACK.to_owned(), address.stack.to_string());
        tags.insert(RESOURCE.to_owned(), address.id.to_string());
    }
    Some(tags)
}
