//! A model of AWS that keeps its rules: what is used is not deleted, what is unique stays unique.

use crate::given::Given;
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_planner::state::{Outcome, Pairs, SpecText};
use ingc_planner::{Operation, Plan, State, Step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An object of the account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) spec: Value,
}

/// The account, by ARN or id, and the state of the one who changes it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) state: State,
    /// What was done, as `CreateRule shop/web/…`.
    pub(crate) calls: Vec<String>,
    made: usize,
}

impl World {
    pub(crate) fn new() -> World {
        World {
            objects: BTreeMap::new(),
            state: State::empty("eksworkshop"),
            calls: Vec::new(),
            made: 0,
        }
    }

    /// Carries out a whole plan.
    pub(crate) fn apply(&mut self, plan: &Plan) {
        let done = self.apply_some(plan, plan.steps.len(), &mut |_, _| {});
        assert_eq!(done, plan.steps.len());
        for stack in plan.stacks.keys() {
            self.state.finish(plan, stack);
        }
        assert_eq!(self.state.check(), Ok(()));
    }

    /// Notes what is in order.
    pub(crate) fn settle(&mut self, given: &Given) {
        let stacks: Vec<String> = self.state.stacks.keys().cloned().collect();
        stacks.iter().for_each(|stack| self.state.settle(stack, given.desired()));
        let text = self.state.write().unwrap();
        assert_eq!(State::read(&text).as_ref(), Ok(&self.state), "a state reads back");
    }

    /// Carries out the first steps of a plan, and looks at the world after each.
    pub(crate) fn apply_some(
        &mut self,
        plan: &Plan,
        steps: usize,
        look: &mut dyn FnMut(&World, &Step),
    ) -> usize {
        let order: Vec<usize> = (0..plan.steps.len().min(steps)).collect();
        self.apply_in(plan, &order, look)
    }

    /// Carries out steps of a plan in an order, and looks at the world after each.
    pub(crate) fn apply_in(
        &mut self,
        plan: &Plan,
        order: &[usize],
        look: &mut dyn FnMut(&World, &Step),
    ) -> usize {
        let text = plan.write().unwrap();
        assert_eq!(Plan::read(&text).as_ref(), Ok(plan), "a saved plan reads back");
        assert_eq!(plan.is_for(&self.state), Ok(()));
        self.calls.clear();
        self.state.begin(plan, |stack| format!("lineage of {stack}"));
        for &i in order {
            let step = &plan.steps[i];
            assert!(
                step.needs.iter().all(|&need| (need as usize) < i),
                "needs come first: {step:?}"
            );
            self.step(plan, step);
            assert_eq!(self.state.check(), Ok(()), "after {step:?}");
            look(self, step);
        }
        let text = self.state.write().unwrap();
        assert_eq!(State::read(&text).as_ref(), Ok(&self.state), "a state reads back");
        order.len()
    }

    fn step(&mut self, plan: &Plan, step: &Step) {
        let mut outcome = Outcome::default();
        match &step.operation {
            Operation::Create { priority, .. } => {
                let (mut spec, depends_on) = self.resolved(plan, step);
                if let Some(priority) = priority {
                    spec["priority"] = Value::from(*priority);
                }
                outcome.depends_on = depends_on;
                outcome.outputs = self.create(&step.address, spec);
            }
            Operation::Update { .. } | Operation::Repoint { .. } => {
                let (mut spec, depends_on) = self.resolved(plan, step);
                outcome.depends_on = depends_on;
                let id = self.id(&step.address);
                let object = self.objects.get_mut(&id).unwrap();
                if object.kind == Kind::ListenerRule {
                    spec["priority"] = object.spec["priority"].clone();
                }
                for fixed in ["name", "scheme", "targetType", "protocolVersion"] {
                    assert_eq!(object.spec.get(fixed), spec.get(fixed), "{fixed} of {id}");
                }
                object.spec = spec;
                self.call("Modify", &step.address);
            }
            Operation::Reorder { moves } => {
                let mut numbers = BTreeMap::new();
                for rule in moves {
                    let id = self.id(&rule.from);
                    let before = &self.objects[&id].spec["priority"];
                    assert_eq!(before, &Value::from(rule.priority_before), "{rule:?}");
                    numbers.insert(id, rule.priority_after);
                }
                for (id, number) in numbers {
                    let rule = self.objects.get_mut(&id).unwrap();
                    rule.spec["priority"] = Value::from(number);
                }
                self.call("Reorder", &step.address);
            }
            Operation::Delete => {
                let id = self.id(&step.address);
                self.delete(&id, &step.address);
            }
            Operation::DeleteDeposed { key, .. } => {
                let deposed = &self.state.stacks[step.address.stack.as_str()].deposed[key];
                let id = identity(step.address.kind, &deposed.object.outputs);
                self.delete(&id, &step.address);
            }
            Operation::GoneWith { deposed, .. } => {
                let stack = &self.state.stacks[step.address.stack.as_str()];
                assert!(deposed.as_ref().is_none_or(|key| !stack.deposed.contains_key(key)));
            }
            Operation::Forget { deposed } => {
                let stack = &self.state.stacks[step.address.stack.as_str()];
                let object = match deposed {
                    Some(key) => &stack.deposed[key].object,
                    None => &stack.resources[&step.address.local()],
                };
                let id = identity(step.address.kind, &object.outputs);
                assert!(!self.objects.contains_key(&id), "{id} is still there");
            }
            Operation::Import { outputs, .. } => {
                let id = identity(step.address.kind, outputs);
                assert!(self.objects.contains_key(&id), "{id} is there");
            }
        }
        self.state.record(plan, step, outcome);
        self.keep_rules(step);
    }

    fn resolved(&self, plan: &Plan, step: &Step) -> (Value, Pairs) {
        let change = plan.change_of(step).unwrap();
        let spec = change.after.as_ref().unwrap();
        let resolved = self.state.resolve(&change.address, spec).unwrap();
        (resolved.spec, resolved.depends_on)
    }

    fn call(&mut self, verb: &str, address: &Address) {
        self.calls.push(format!("{verb} {}/{}", address.kind, address.id));
    }

    /// The account's id of what holds an address.
    pub(crate) fn id(&self, address: &Address) -> String {
        let entry = self.state.get(address).unwrap_or_else(|| panic!("{address} is recorded"));
        identity(address.kind, &entry.outputs)
    }

    /// Makes an object, as the account allows.
    pub(crate) fn create(&mut self, address: &Address, spec: Value) -> Pairs {
        self.made += 1;
        let id = match address.kind {
            Kind::SecurityGroup => format!("sg-{:04}", self.made),
            kind => format!("arn:{}:{:04}", kind.short_name(), self.made),
        };
        self.objects.insert(id.clone(), Object { kind: address.kind, spec });
        self.call("Create", address);
        let mut outputs = Pairs::new();
        outputs.insert(output(address.kind), id.as_str());
        if address.kind == Kind::LoadBalancer {
            outputs.insert(Output::DnsName.name(), format!("{}.elb.test", self.made));
        }
        outputs
    }

    /// Deletes an object with all that AWS deletes with it.
    fn delete(&mut self, id: &str, address: &Address) {
        let object = self.objects.remove(id).unwrap_or_else(|| panic!("{id} is there"));
        self.call("Delete", address);
        let used = |field: &'static str| {
            move |object: &Object| object.spec.get(field).and_then(Value::as_str) == Some(id)
        };
        let owned = match object.kind {
            Kind::LoadBalancer => "loadBalancerARN",
            Kind::Listener => "listenerARN",
            _ => return,
        };
        let lost: Vec<String> =
            self.objects.iter().filter(|(_, o)| used(owned)(o)).map(|(id, _)| id.clone()).collect();
        for child in lost {
            self.objects.remove(&child);
            let rules = self.objects.clone();
            for (rule, object) in rules {
                if object.spec.get("listenerARN").and_then(Value::as_str) == Some(&child) {
                    self.objects.remove(&rule);
                }
            }
        }
        self.objects.retain(|_, object| {
            let association =
                matches!(object.kind, Kind::WebAclAssociation | Kind::WafRegionalWebAclAssociation);
            !(association && used("resourceARN")(object))
        });
    }

    /// What must hold of an account at every moment.
    fn keep_rules(&self, step: &Step) {
        let mut names = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        let mut balancers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, object) in &self.objects {
            let name = match object.kind {
                Kind::TargetGroup | Kind::LoadBalancer => object.spec.get("name"),
                Kind::SecurityGroup => object.spec.get("groupName"),
                Kind::TargetGroupBinding => object.spec.pointer("/template/metadata/name"),
                _ => None,
            };
            if let Some(name) = name {
                assert!(names.insert((object.kind, name.to_string())), "two {name} after {step:?}");
            }
            if object.kind == Kind::ListenerRule {
                let place =
                    (object.spec["listenerARN"].to_string(), object.spec["priority"].to_string());
                assert!(numbers.insert(place.clone()), "PriorityInUse {place:?} after {step:?}");
            }
            for used in texts(&object.spec) {
                let ours = used.starts_with("sg-0") && used.len() == 7
                    || used.starts_with("arn:") && !used.starts_with("arn:aws");
                assert!(
                    !ours || self.objects.contains_key(used),
                    "{id} ({:?}) uses {used}, which is gone after {step:?}",
                    object.kind
                );
            }
            let Some(balancer) = self.balancer(object) else { continue };
            for used in texts(&object.spec).filter(|used| used.starts_with("arn:TargetGroup:")) {
                balancers.entry(used.to_owned()).or_default().insert(balancer.clone());
            }
        }
        for (group, balancers) in balancers {
            assert_eq!(balancers.len(), 1, "{group} serves {balancers:?} after {step:?}");
        }
    }

    /// The load balancer that an object sends traffic for.
    fn balancer(&self, object: &Object) -> Option<String> {
        match object.kind {
            Kind::Listener => object.spec["loadBalancerARN"].as_str().map(str::to_owned),
            Kind::ListenerRule => {
                let listener = self.objects.get(object.spec["listenerARN"].as_str()?)?;
                self.balancer(listener)
            }
            _ => None,
        }
    }

    /// What the account has at an address, as a refresh reads it.
    pub(crate) fn live(&self, address: &Address) -> Option<ingc_planner::LiveObject> {
        let entry = self.state.get(address)?;
        let object = self.objects.get(&identity(address.kind, &entry.outputs))?;
        let spec = SpecText::from_value(&object.spec);
        Some(ingc_planner::LiveObject { spec, outputs: entry.outputs.clone(), tracking: None })
    }

    /// A refresh of everything that is recorded.
    pub(crate) fn refresh(&self) -> ingc_planner::Live {
        let mut live = ingc_planner::Live::default();
        for (stack, recorded) in &self.state.stacks {
            for local in recorded.resources.keys() {
                let address = ingc_planner::state::local_address(stack, local).unwrap();
                let found = self.live(&address);
                live.objects.insert(address, found);
            }
        }
        live
    }
}

/// An order in which stacks take turns: each keeps that of its own steps, and every step comes behind
/// those that it needs.
pub(crate) fn in_turns(plan: &Plan, mut turns: u64) -> Vec<usize> {
    let mut stacks: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    for (i, step) in plan.steps.iter().enumerate() {
        stacks.entry(&step.address.stack).or_default().push_back(i);
    }
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < plan.steps.len() {
        let ready: Vec<&str> = stacks
            .iter()
            .filter_map(|(stack, left)| Some((*stack, &plan.steps[*left.front()?])))
            .filter(|(_, step)| step.needs.iter().all(|need| done.contains(&(*need as usize))))
            .map(|(stack, _)| stack)
            .collect();
        turns = turns.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let stack = ready[(turns >> 33) as usize % ready.len()];
        let next = stacks.get_mut(stack).unwrap().pop_front().unwrap();
        done.insert(next);
        order.push(next);
    }
    order
}

fn texts(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(texts)),
        Value::Object(fields) => Box::new(fields.values().flat_map(texts)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The name of the output that identifies a kind's objects.
fn output(kind: Kind) -> &'static str {
    match kind {
        Kind::Certificate => Output::CertificateArn.name(),
        Kind::SecurityGroup => Output::GroupId.name(),
        Kind::Listener => Output::ListenerArn.name(),
        Kind::ListenerRule => Output::RuleArn.name(),
        Kind::LoadBalancer => Output::LoadBalancerArn.name(),
        Kind::TargetGroup => Output::TargetGroupArn.name(),
        _ => "id",
    }
}

fn identity(kind: Kind, outputs: &Pairs) -> String {
    outputs.get(output(kind)).unwrap_or_else(|| panic!("{kind} has an identity")).to_owned()
}
