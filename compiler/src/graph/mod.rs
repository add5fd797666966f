//! Stage 4: what a compilation gives: stacks of resources, and the graph of what needs what.

pub mod json;
mod order;
mod resource_graph;

pub use order::{CycleError, order};
pub use resource_graph::ResourceGraph;

use crate::resource::{Address, Ref, Spec, Token};
use crate::source::{Position, Span};
use crate::tag;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Why a resource, or a field of it, is as it is: the object and the place that say so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Path within the spec, such as `conditions` or `healthCheckConfig.intervalSeconds`; empty
    /// for the resource as a whole.
    pub field: SmolStr,
    /// `Ingress/namespace/name`, `Service/namespace/name`, or such.
    pub object: SmolStr,
    /// What there says so: an annotation's short name or a field's path.
    pub source: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// A secret that a spec holds as `[REDACTED]`: never serialized, only hashed and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue {
    /// JSON pointer within the spec, such as `/actions/0/authenticateOIDCConfig/clientSecret`.
    pub pointer: String,
    /// `namespace/name` of the Secret.
    pub secret: String,
    /// The key within it.
    pub key: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretValue({} of {})", self.key, self.secret)
    }
}

/// How a target group's name is made, so that a replacement can stand beside the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSeed {
    /// What stands before the hash, such as `k8s-shop-cart-`.
    pub prefix: String,
    /// What is hashed.
    pub hashed: String,
}

impl NameSeed {
    /// The name of the given generation. Generation 0 has the controller's own; a later one can
    /// stand beside it.
    pub fn name(&self, generation: u32) -> String {
        let suffix = if generation == 0 { String::new() } else { format!("#{generation}") };
        let hash = crate::lower::name::hash(&[&self.hashed, &suffix]);
        [&self.prefix, &hash[..10]].concat()
    }
}

/// A resource that shall exist.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What it shall be.
    pub spec: Spec,
    /// Whose doing it is; the first one stands for the resource as a whole.
    pub origins: Vec<Origin>,
    /// Secrets that the spec holds redacted.
    pub secrets: Vec<SecretValue>,
    /// How its name is made, for target groups.
    pub name_seed: Option<NameSeed>,
}

impl Resource {
    /// A resource without origins or secrets.
    pub fn new(spec: Spec) -> Self {
        Resource { spec, origins: Vec::new(), secrets: Vec::new(), name_seed: None }
    }

    /// The spec as canonical JSON: sorted keys, no white space. Equal specs have equal texts.
    pub fn spec_json(&self) -> String {
        let mut text = Vec::with_capacity(512);
        self.write_spec(&mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// Writes [`Resource::spec_json`] to the end of a buffer, for those who only compare it.
    pub fn write_spec(&self, out: &mut Vec<u8>) {
        let start = out.len();
        if serde_json::to_writer(&mut *out, &self.spec).is_err() {
            out.truncate(start);
        }
    }

    /// All references in the spec, without repetition, in order.
    pub fn refs(&self) -> Vec<Ref> {
        let mut refs = Vec::new();
        each_token(&self.spec, &mut |token| refs.extend(token.as_ref().cloned()));
        refs.sort();
        refs.dedup();
        refs
    }
}

/// An Ingress that a stack was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `namespace/name`.
    pub ingress: String,
    /// Where its name stands.
    pub position: Position,
    /// Hosts of its rules, sorted.
    pub hosts: Vec<String>,
}

/// All resources of one group. Ids sort within kinds as the stack document does.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// `namespace/name` of an Ingress of its own, or the group's name.
    pub id: SmolStr,
    /// The Ingresses, in rule order.
    pub members: Vec<Member>,
    /// Resources by address.
    pub resources: BTreeMap<Address, Resource>,
    /// Names of target groups of the account that actions give by name, by ARN.
    pub target_group_names: BTreeMap<String, String>,
}

impl Stack {
    /// Adds a resource of this stack.
    pub fn insert(&mut self, id: impl Into<SmolStr>, resource: Resource) -> Address {
        let address = Address::new(self.id.clone(), resource.spec.kind(), id);
        self.resources.insert(address.clone(), resource);
        address
    }
}

/// Where a reference leads: the shared backend security group lives in a stack of its own.
pub fn resolve_ref(stack: &str, reference: &Ref) -> Address {
    let shared =
        reference.kind == crate::resource::Kind::SecurityGroup && &*reference.id == tag::BACKEND_SG;
    let stack = if shared { tag::CLUSTER_STACK } else { stack };
    Address::new(stack, reference.kind, reference.id.clone())
}

/// Visits every value of a spec that may be a reference.
pub fn each_token(spec: &Spec, visit: &mut impl FnMut(&Token)) {
    let actions = |actions: &[crate::resource::Action], visit: &mut dyn FnMut(&Token)| {
        for tuple in
            actions.iter().filter_map(|a| a.forward.as_ref()).flat_map(|f| &f.target_groups)
        {
            visit(&tuple.target_group_arn);
        }
    };
    match spec {
        Spec::Certificate(_)
        | Spec::SecurityGroup(_)
        | Spec::TargetGroup(_)
        | Spec::ManagedPolicy(_)
        | Spec::OidcProvider(_) => {}
        Spec::Role(role) => {
            role.trust.each_ref(&mut |reference| visit(&reference.into()));
            role.managed_policies.iter().for_each(visit);
        }
        Spec::Listener(listener) => {
            visit(&listener.load_balancer_arn);
            listener.certificates.iter().for_each(|c| visit(&c.certificate_arn));
            actions(&listener.default_actions, visit);
        }
        Spec::ListenerRule(rule) => {
            visit(&rule.listener_arn);
            actions(&rule.actions, visit);
        }
        Spec::LoadBalancer(balancer) => balancer.security_groups.iter().for_each(visit),
        Spec::Protection(protection) => visit(&protection.resource_arn),
        Spec::WafRegionalWebAclAssociation(association) => visit(&association.resource_arn),
        Spec::WebAclAssociation(association) => visit(&association.resource_arn),
        Spec::FrontendNlbTargetGroups(record) => {
            for target in record.target_groups.values() {
                visit(&target.arn);
                visit(&target.target_arn);
            }
        }
        Spec::TargetGroupBinding(binding) => {
            let spec = &binding.template.spec;
            visit(&spec.target_group_arn);
            let rules = spec.networking.iter().flat_map(|networking| &networking.ingress);
            rules.flat_map(|rule| &rule.from).for_each(|peer| visit(&peer.security_group.group_id));
        }
    }
}
