//! The specs that are compared and sent: as compiled, with the names that target groups have.

use super::Planner;
use crate::state::{Recorded, SpecText};
use ingc_compiler::graph::Resource;
use ingc_compiler::resource::{Address, Kind, Output, Ref, Spec, Token};
use ingc_compiler::tag;

impl Planner<'_, '_> {
    /// The spec of an object that is to be made, with a name that is free.
    pub(super) fn new_spec(&mut self, address: &Address, resource: &Resource) -> (SpecText, u32) {
        let Spec::TargetGroup(group) = &resource.spec else {
            return (self.spec_text(address, resource), 0);
        };
        self.renamed.remove(address.id.as_str());
        let (name, generation) = self.cx.names.choose(resource);
        if name == group.name {
            return (self.compiled(resource), generation);
        }
        (self.rename(address, resource, name), generation)
    }

    /// The spec of a target group that keeps the name it has.
    pub(super) fn keep_name(
        &mut self,
        address: &Address,
        resource: &Resource,
        recorded: &Recorded,
    ) -> SpecText {
        let compiled = match &resource.spec {
            Spec::TargetGroup(group) => group.name.as_str(),
            _ => "",
        };
        match crate::name::spec_name(recorded.spec.as_str()) {
            Some(name) if name != compiled => self.rename(address, resource, name),
            _ => self.compiled(resource),
        }
    }

    fn rename(&mut self, address: &Address, resource: &Resource, name: String) -> SpecText {
        let mut resource = Resource::new(resource.spec.clone());
        if let Spec::TargetGroup(group) = &mut resource.spec {
            group.name.clone_from(&name);
        }
        self.renamed.insert(address.id.to_string(), name);
        self.compiled(&resource)
    }

    /// The compiled spec, with the names of target groups as they are, and with references where
    /// an inventory names what we made ourselves.
    pub(super) fn spec_text(&mut self, address: &Address, resource: &Resource) -> SpecText {
        let text = self.compiled(resource);
        let follows =
            matches!(address.kind, Kind::TargetGroupBinding | Kind::FrontendNlbTargetGroups)
                && !self.renamed.is_empty();
        let shared = self.cx.shared_group.filter(|id| {
            matches!(address.kind, Kind::TargetGroupBinding | Kind::LoadBalancer)
                && text.as_str().contains(&format!("\"{id}\""))
        });
        if !follows && shared.is_none() {
            return text;
        }
        let mut resource = Resource::new(resource.spec.clone());
        if follows {
            self.follow_names(&mut resource.spec);
        }
        if let Some(id) = shared {
            refer_to_shared(&mut resource.spec, id);
        }
        self.compiled(&resource)
    }

    /// The spec as it stands, written where many are written, so that each text takes no more room
    /// than it needs.
    fn compiled(&mut self, resource: &Resource) -> SpecText {
        self.text.clear();
        resource.write_spec(&mut self.text);
        SpecText::new(std::str::from_utf8(&self.text).unwrap_or_default())
    }

    /// A binding is named as its target group is.
    fn follow_names(&self, spec: &mut Spec) {
        let renamed = |token: &Token| {
            token.as_ref().and_then(|reference| self.renamed.get(&*reference.id)).cloned()
        };
        match spec {
            Spec::TargetGroupBinding(binding) => {
                if let Some(name) = renamed(&binding.template.spec.target_group_arn) {
                    binding.template.metadata.name = name;
                }
            }
            Spec::FrontendNlbTargetGroups(record) => {
                let targets = std::mem::take(&mut record.target_groups);
                for (key, mut target) in targets {
                    let name = renamed(&target.arn).unwrap_or(key);
                    target.name.clone_from(&name);
                    record.target_groups.insert(name, target);
                }
            }
            _ => {}
        }
    }
}

/// The record of an NLB's targets is in every stack of the controller's, mostly without any.
pub(super) fn is_nothing(resource: &Resource) -> bool {
    matches!(&resource.spec, Spec::FrontendNlbTargetGroups(record) if record.target_groups.is_empty())
}

/// Puts the reference where the id of the shared security group stands.
fn refer_to_shared(spec: &mut Spec, id: &str) {
    let refer = |token: &mut Token| {
        if matches!(token, Token::Literal(literal) if literal == id) {
            *token = Ref::new(Kind::SecurityGroup, tag::BACKEND_SG, Output::GroupId).into();
        }
    };
    match spec {
        Spec::LoadBalancer(balancer) => balancer.security_groups.iter_mut().for_each(refer),
        Spec::TargetGroupBinding(binding) => {
            let networking = binding.template.spec.networking.iter_mut();
            let rules = networking.flat_map(|networking| &mut networking.ingress);
            let peers = rules.flat_map(|rule| &mut rule.from);
            peers.for_each(|peer| refer(&mut peer.security_group.group_id));
        }
        _ => {}
    }
}
