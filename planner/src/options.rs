//! What a plan may do.

use crate::live::Live;
use crate::phase::Phase;
use crate::shard::Shard;
use ingc_compiler::resource::Address;
use std::collections::{BTreeMap, BTreeSet};

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// What this run may delete when the manifests lack it.
    pub scope: Scope,
    /// Delete what the manifests lack even outside the scope (`--prune`).
    pub prune: bool,
    /// Plan to delete instead (`destroy`, `plan --destroy`).
    pub destroy: Option<Destroy>,
    /// Only these resources, or stacks by their name, and what they need (`--target`).
    pub targets: Vec<String>,
    /// Only these stacks are in question: those that the compilation lacks go.
    pub only: Option<BTreeSet<String>>,
    /// What is never deleted, and why: where it is no longer asked for, the state lets it go.
    pub spare: BTreeMap<Address, String>,
    /// Patterns (`*` and `?`) of addresses and stacks that nothing may delete or replace.
    pub protect: Vec<String>,
    /// Leave replaced load balancers standing until the next plan.
    pub keep_replaced: bool,
    /// Give all rules the numbers that the controller would, even where only gaps would be closed.
    pub close_gaps: bool,
    /// Plan what the controller needs in order to find nothing to change: `close_gaps`, and tags that
    /// name the resource that an object is now.
    pub hand_over: bool,
    /// Only the stacks of this shard (`--shard`).
    pub shard: Option<Shard>,
    /// Only this part of the plan (`--phase`).
    pub phase: Option<Phase>,
    /// Only say what has drifted (`--refresh-only`).
    pub refresh_only: bool,
    /// What stands before the hashes of new secrets; random, given by the caller.
    pub salt: String,
    /// What AWS has, where it was read.
    pub live: Option<&'a Live>,
    /// Take objects that AWS has and the state lacks into the state (`import`).
    pub import: bool,
    /// Refuse to begin with a stack whose Ingresses the controller holds by a finalizer. For AWS;
    /// in a sandbox there is no controller.
    pub refuse_held: bool,
    /// Refuse to take up a stack whose Ingresses are of a class that the controller serves, or whose
    /// bindings carry its labels.
    pub refuse_served: bool,
    /// Refuse what AWS has ended, and what a run would be refused for halfway.
    pub refuse_ended: bool,
    /// Refuse a stack that an interrupted run has left, where AWS was not looked at.
    pub refuse_unfinished: bool,
    /// The plan is only shown to people, and neither carried out nor written: what would be recorded
    /// of new stacks, the origins of their resources, is left out.
    pub only_shown: bool,
    /// What AWS allows.
    pub limits: Limits,
}

/// What a run may delete when the manifests lack it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Nothing but what the manifests say themselves: a deletion timestamp, another group.
    #[default]
    Named,
    /// Everything of the cluster.
    Cluster,
    /// What belongs to these namespaces or groups.
    Of {
        /// Namespaces of Ingresses.
        namespaces: Vec<String>,
        /// Names of groups.
        groups: Vec<String>,
    },
}

/// What a destroying plan takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destroy {
    /// The stacks that the manifests name.
    Desired,
    /// All recorded stacks in scope.
    Scope,
}

/// AWS's limits that plans are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rules of a load balancer, without default rules.
    pub rules: u32,
    /// Target groups of a load balancer.
    pub target_groups: u32,
    /// Certificates of a load balancer, without default ones.
    pub certificates: u32,
    /// Listeners of a load balancer.
    pub listeners: u32,
    /// Inbound rules of a security group.
    pub security_group_rules: u32,
}

impl Default for Limits {
    /// AWS's defaults. Source: Elastic Load Balancing and VPC quotas.
    fn default() -> Self {
        Limits {
            rules: 100,
            target_groups: 100,
            certificates: 25,
            listeners: 50,
            security_group_rules: 60,
        }
    }
}
