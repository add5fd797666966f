//! Plain plans for tests: creations in the order of references, then changes, then deletions.

use super::conformance;
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind, Policy, Spec};
use ingc_planner::plan::{Change, StackPlan};
use ingc_planner::state::{SecretHash, SpecText, each_ref, local_address};
use ingc_planner::{Action, Operation, Plan, State, Step};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What shall be, with secrets by JSON pointer.
#[derive(Clone, Default)]
pub(super) struct Desired {
    pub(super) specs: BTreeMap<Address, Value>,
    pub(super) secrets: BTreeMap<Address, BTreeMap<String, SecretHash>>,
}

impl Desired {
    /// The stacks of a recorded case, with the security group that they share.
    pub(super) fn of_case(case: &str) -> Desired {
        let path = conformance().join(case).join("expected.json");
        let document: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Desired::of_document(&document)
    }

    /// From a stack document.
    pub(super) fn of_document(document: &Value) -> Desired {
        let mut desired = Desired::default();
        for (stack, resources) in document["stacks"].as_object().into_iter().flatten() {
            for (kind, ids) in resources["resources"].as_object().into_iter().flatten() {
                let kind = Kind::from_type_name(kind).unwrap();
                for (id, resource) in ids.as_object().into_iter().flatten() {
                    let spec = resource.get("spec").unwrap_or(resource).clone();
                    desired.specs.insert(Address::new(stack, kind, id), spec);
                }
            }
        }
        if document.to_string().contains("/backend-sg/status/") {
            desired.specs.insert(
                Address::new("_cluster", Kind::SecurityGroup, "backend-sg"),
                json!({"description": "[k8s] Shared Backend SecurityGroup for LoadBalancer", "groupName": "k8s-traffic-eksworkshop"}),
            );
        }
        desired.add_secrets();
        desired
    }

    /// Every redacted value is a secret of its own.
    fn add_secrets(&mut self) {
        for (address, spec) in &self.specs {
            for (i, action) in spec["actions"].as_array().into_iter().flatten().enumerate() {
                for key in ["clientID", "clientSecret"] {
                    if action["authenticateOIDCConfig"][key] == "[REDACTED]" {
                        let pointer = format!("/actions/{i}/authenticateOIDCConfig/{key}");
                        let hash =
                            SecretHash::new("ns/oidc", key, "salt", &format!("value of {key}"));
                        self.secrets.entry(address.clone()).or_default().insert(pointer, hash);
                    }
                }
            }
        }
    }

    /// The same without deletion protection, which is to be taken away before all else.
    pub(super) fn unprotected(&self) -> Desired {
        let mut desired = self.clone();
        let balancers = desired.specs.iter_mut().filter(|(a, _)| a.kind == Kind::LoadBalancer);
        for (_, spec) in balancers {
            let list = spec.get_mut("loadBalancerAttributes").and_then(Value::as_array_mut);
            for attribute in list.into_iter().flatten() {
                if attribute["key"] == "deletion_protection.enabled" {
                    attribute["value"] = json!("false");
                }
            }
        }
        desired
    }

    /// The spec of the only resource of a kind, or of the one with that id.
    pub(super) fn spec(&mut self, kind: Kind, id: &str) -> &mut Value {
        let found = self.specs.iter_mut().find(|(a, _)| a.kind == kind && a.id == id);
        found.unwrap_or_else(|| panic!("no {kind} {id}")).1
    }

    pub(super) fn remove(&mut self, kind: Kind, id: &str) {
        self.specs.retain(|address, _| address.kind != kind || address.id != id);
    }
}

/// The way from a state to what shall be.
pub(super) fn plan_of(state: &State, desired: &Desired) -> Plan {
    let mut plan = Plan {
        cluster: state.cluster.clone(),
        account: state.account.clone(),
        region: state.region.clone(),
        ..Plan::default()
    };
    let mut recorded: BTreeMap<Address, Value> = BTreeMap::new();
    for (name, stack) in &state.stacks {
        for (local, resource) in &stack.resources {
            recorded.insert(local_address(name, local).unwrap(), resource.spec.value());
        }
    }
    let stacks = desired.specs.keys().chain(recorded.keys()).map(|a| a.stack.clone());
    for stack in stacks.collect::<BTreeSet<_>>() {
        let there = state.stacks.get(stack.as_str());
        let planned = StackPlan {
            lineage: there.map(|it| it.lineage.clone()),
            serial: there.map_or(0, |it| it.serial),
            ..StackPlan::default()
        };
        plan.stacks.insert(stack.to_string(), planned);
    }
    let mut steps: BTreeMap<Address, u32> = BTreeMap::new();
    for address in ordered(&desired.specs) {
        let after = &desired.specs[&address];
        let operation = match recorded.get(&address) {
            None => Operation::Create { depose: None, priority: None },
            Some(before) => {
                let mut fields = changed(address.kind, before, after);
                fields.extend(state.get(&address).unwrap().unfinished.clone());
                if fields.is_empty() {
                    continue;
                }
                Operation::Update { fields: fields.into_iter().collect() }
            }
        };
        let needs =
            references(&address, after).iter().filter_map(|a| steps.get(a).copied()).collect();
        steps.insert(address.clone(), plan.steps.len() as u32);
        push(&mut plan, &address, operation, needs, Some(after), desired);
    }
    let gone: BTreeMap<Address, Value> =
        recorded.into_iter().filter(|(address, _)| !desired.specs.contains_key(address)).collect();
    let mut users: BTreeMap<Address, Vec<u32>> = BTreeMap::new();
    for address in ordered(&gone).into_iter().rev() {
        for needed in references(&address, &gone[&address]) {
            users.entry(needed).or_default().push(plan.steps.len() as u32);
        }
        let needs = users.remove(&address).unwrap_or_default();
        push(&mut plan, &address, Operation::Delete, needs, None, desired);
    }
    plan
}

fn push(
    plan: &mut Plan,
    address: &Address,
    operation: Operation,
    needs: Vec<u32>,
    after: Option<&Value>,
    desired: &Desired,
) {
    let action = match &operation {
        Operation::Create { .. } => Action::Create,
        Operation::Delete => Action::Delete,
        _ => Action::Update,
    };
    plan.changes.push(Change {
        address: address.clone(),
        previous_address: None,
        deposed: None,
        action,
        before: None,
        after: after.map(SpecText::from_value),
        fields: Vec::new(),
        reasons: Vec::new(),
        impact: Default::default(),
        generation: 0,
        secrets: desired.secrets.get(address).cloned().unwrap_or_default(),
        origins: Default::default(),
        live: None,
    });
    plan.steps.push(Step {
        address: address.clone(),
        operation,
        change: Some(plan.changes.len() as u32 - 1),
        needs,
        awaits_targets: Vec::new(),
        gap: None,
    });
}

fn changed(kind: Kind, before: &Value, after: &Value) -> BTreeSet<String> {
    let fields = Spec::fields(kind).iter();
    fields
        .filter(|field| field.policy != Policy::Ignore)
        .filter(|field| before.get(field.name) != after.get(field.name))
        .map(|field| field.name.to_owned())
        .collect()
}

fn references(address: &Address, spec: &Value) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    each_ref(&mut spec.clone(), &mut |reference| {
        found.insert(resolve_ref(&address.stack, reference));
        None
    });
    found
}

/// Everything behind what it refers to. Targets of a frontend NLB come last, since the load
/// balancer must listen before it can be one.
fn ordered(specs: &BTreeMap<Address, Value>) -> Vec<Address> {
    fn visit(address: &Address, specs: &BTreeMap<Address, Value>, out: &mut Vec<Address>) {
        if out.contains(address) {
            return;
        }
        let Some(spec) = specs.get(address) else { return };
        for needed in references(address, spec) {
            visit(&needed, specs, out);
        }
        out.push(address.clone());
    }
    let mut out = Vec::new();
    for address in specs.keys().filter(|a| a.kind != Kind::FrontendNlbTargetGroups) {
        visit(address, specs, &mut out);
    }
    for address in specs.keys() {
        visit(address, specs, &mut out);
    }
    out
}
