//! TargetGroupBindings: the objects that make the controller register pods in target groups.

use super::{SYNC_OPTIONS, WAVE};
use ingc_applier::binding_object;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::generate as code;
use ingc_compiler::graph::{Stack, resolve_ref};
use ingc_compiler::inventory::Subnet;
use ingc_compiler::resource::{Address, Kind, Output, Ref, Spec};
use ingc_planner::plan::{Action, Change};
use ingc_planner::{Plan, State, state};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What bindings are made of.
pub(super) struct Bindings<'p> {
    changes: BTreeMap<&'p Address, &'p Change>,
    state: &'p State,
    subnets: &'p [Subnet],
    with_hooks: bool,
}

impl<'p> Bindings<'p> {
    /// By a plan, the state that it was made for, and the subnets that the inventory lists.
    pub(super) fn new(
        plan: &'p Plan,
        state: &'p State,
        subnets: &'p [Subnet],
        with_hooks: bool,
    ) -> Self {
        let changes = plan.changes.iter().filter(|change| change.deposed.is_none());
        let changes = changes.map(|change| (&change.address, change)).collect();
        Bindings { changes, state, subnets, with_hooks }
    }

    /// The bindings of a stack, and what there is to say about them.
    pub(super) fn of(&self, stack: &Stack) -> (Vec<Value>, Vec<Diagnostic>) {
        let (mut made, mut findings) = (Vec::new(), Vec::new());
        let addresses =
            stack.resources.keys().filter(|address| address.kind == Kind::TargetGroupBinding);
        for address in addresses {
            let mut spec = self.spec(stack, address);
            let mut template = spec["template"].take();
            self.name_target_group(address, &mut template["spec"]);
            if let Some(finding) = self.name_peers(stack, address, &mut template["spec"])
                // One group stands in many bindings.
                && !findings.iter().any(|other| same(other, &finding))
            {
                findings.push(finding);
            }
            let mut binding = binding_object(template);
            let annotations = &mut binding["metadata"]["annotations"];
            annotations[WAVE] = "1".into();
            if self.with_hooks {
                // The rules are moved after the sync. Until then the old target group needs its targets.
                annotations[SYNC_OPTIONS] = "Prune=false".into();
            }
            made.push(binding);
        }
        (made, findings)
    }

    fn spec(&self, stack: &Stack, address: &Address) -> Value {
        let planned = self.changes.get(address).and_then(|change| change.after.as_ref());
        let recorded = || self.state.get(address).map(|recorded| &recorded.spec);
        match planned.or_else(recorded) {
            Some(spec) => spec.value(),
            None => stack.resources.get(address).map_or(Value::Null, |resource| {
                serde_json::from_str(&resource.spec_json()).unwrap_or_default()
            }),
        }
    }

    /// Names the security groups from which pods are reached by their ids. For one whose id is not
    /// known, the subnets of the load balancer stand: pods must be reached in any case, and nothing
    /// but load balancers and what else lives in these subnets is let in beyond it.
    fn name_peers(&self, stack: &Stack, address: &Address, spec: &mut Value) -> Option<Diagnostic> {
        let is_ipv6 = spec["ipAddressType"] == "ipv6";
        let mut unknown = None;
        let rules = spec["networking"]["ingress"].as_array_mut().into_iter().flatten();
        for from in rules.filter_map(|rule| rule["from"].as_array_mut()) {
            let mut peers = Vec::with_capacity(from.len());
            for mut peer in from.drain(..) {
                let group = &mut peer["securityGroup"]["groupID"];
                let Some(reference) = as_ref(group) else {
                    peers.push(peer);
                    continue;
                };
                let target = resolve_ref(&address.stack, &reference);
                if let Some(id) = self.existing(&target, Output::GroupId) {
                    *group = id.into();
                    peers.push(peer);
                    continue;
                }
                let blocks = self.blocks(stack, is_ipv6);
                peers.extend(blocks.iter().map(|block| json!({"ipBlock": {"cidr": block}})));
                unknown.get_or_insert((target, blocks));
            }
            *from = peers;
        }
        let (target, blocks) = unknown?;
        let what = "the id of the security group from which pods are reached is not known";
        let finding = match blocks.is_empty() {
            true => Diagnostic::error(&code::UNKNOWN_GROUP_ID, what),
            false => {
                let message = format!(
                    "{what}: all of the load balancer's subnets are let in ({})",
                    blocks.join(", ")
                );
                Diagnostic::warning(&code::UNKNOWN_GROUP_ID, message)
            }
        };
        Some(finding.group(address.stack.as_str()).object(target.to_string()).hint(
            "once it exists, list it in the inventory with its tags (`ingc inventory pull`), write backendSecurityGroup: sg-… into ingc.yaml, or give --state FILE",
        ))
    }

    /// The address blocks of the subnets of a stack's load balancers; none if one is not known.
    fn blocks(&self, stack: &Stack, is_ipv6: bool) -> Vec<&'p str> {
        let balancers = stack.resources.values().filter_map(|resource| match &resource.spec {
            Spec::LoadBalancer(balancer) => Some(balancer.as_ref()),
            _ => None,
        });
        let mut blocks = BTreeSet::new();
        for mapping in balancers.flat_map(|balancer| &balancer.subnet_mapping) {
            let subnet = self.subnets.iter().find(|it| it.subnet_id == mapping.subnet_id);
            let of = subnet.map_or(&[][..], |subnet| match is_ipv6 {
                true => subnet.ipv6_cidr_blocks.as_slice(),
                false => std::slice::from_ref(&subnet.cidr_block),
            });
            if of.iter().all(String::is_empty) {
                return Vec::new();
            }
            blocks.extend(of.iter().map(String::as_str));
        }
        blocks.into_iter().collect()
    }

    /// Names the target group by its ARN, if that is known, else by its name: the controller looks
    /// it up when the binding is made.
    fn name_target_group(&self, address: &Address, spec: &mut Value) {
        let Some(reference) = as_ref(&spec["targetGroupARN"]) else { return };
        let target = resolve_ref(&address.stack, &reference);
        if let Some(arn) = self.existing(&target, Output::TargetGroupArn) {
            spec["targetGroupARN"] = arn.into();
            return;
        }
        let change = self.changes.get(&target).and_then(|change| change.after.as_ref());
        let name = change.map(|after| after.value()["name"].take()).unwrap_or_default();
        if let Some(fields) = spec.as_object_mut() {
            fields.remove("targetGroupARN");
            fields.insert("targetGroupName".to_owned(), name);
        }
    }

    /// An output of a resource that exists and is not about to be replaced.
    fn existing(&self, address: &Address, output: Output) -> Option<&str> {
        let is_new = self
            .changes
            .get(address)
            .is_some_and(|change| matches!(change.action, Action::Create | Action::Replace));
        if is_new { None } else { self.state.output(address, output) }
    }
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.message == other.message && one.object == other.object
}

fn as_ref(value: &Value) -> Option<Ref> {
    state::as_ref(value.as_object()?)
}
