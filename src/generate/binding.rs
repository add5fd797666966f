//! TargetGroupBindings: the objects that make the controller register pods in target groups.

use super::{MANAGED_BY, SYNC_OPTIONS, WAVE};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::generate as code;
use ingc_compiler::graph::{Stack, resolve_ref};
use ingc_compiler::resource::{Address, Kind, Output, Ref};
use ingc_planner::plan::{Action, Change};
use ingc_planner::{Plan, State, state};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Labels by which the controller knows its own bindings, and deletes those that it does not want.
const CONTROLLERS: &str = "ingress.k8s.aws/";

/// What bindings are made of.
pub(super) struct Bindings<'p> {
    changes: BTreeMap<&'p Address, &'p Change>,
    state: &'p State,
    with_hooks: bool,
}

impl<'p> Bindings<'p> {
    /// By a plan, and the state that it was made for.
    pub(super) fn new(plan: &'p Plan, state: &'p State, with_hooks: bool) -> Self {
        let changes = plan.changes.iter().filter(|change| change.deposed.is_none());
        Bindings {
            changes: changes.map(|change| (&change.address, change)).collect(),
            state,
            with_hooks,
        }
    }

    /// The bindings of a stack.
    pub(super) fn of(&self, stack: &Stack) -> Result<Vec<Value>, Vec<Diagnostic>> {
        let (mut made, mut findings) = (Vec::new(), Vec::new());
        let addresses =
            stack.resources.keys().filter(|address| address.kind == Kind::TargetGroupBinding);
        for address in addresses {
            match self.one(stack, address) {
                Ok(binding) => made.push(binding),
                // One group stands in many bindings.
                Err(finding) if findings.iter().any(|other| same(other, &finding)) => {}
                Err(finding) => findings.push(*finding),
            }
        }
        if findings.is_empty() { Ok(made) } else { Err(findings) }
    }

    fn one(&self, stack: &Stack, address: &Address) -> Result<Value, Box<Diagnostic>> {
        let planned = self.changes.get(address).and_then(|change| change.after.as_ref());
        let recorded = || self.state.get(address).map(|recorded| &recorded.spec);
        let mut template = match planned.or_else(recorded) {
            Some(spec) => spec.value(),
            None => stack.resources.get(address).map_or(Value::Null, |resource| {
                serde_json::from_str(&resource.spec_json()).unwrap_or_default()
            }),
        };
        let mut template = template["template"].take();
        let mut spec = template["spec"].take();
        self.name_target_group(address, &mut spec);
        let peers = spec["networking"]["ingress"].as_array_mut().into_iter().flatten();
        let peers = peers.filter_map(|rule| rule["from"].as_array_mut()).flatten();
        for peer in peers {
            let group = &mut peer["securityGroup"]["groupID"];
            if let Some(reference) = as_ref(group) {
                *group = self.output(address, &reference, Output::GroupId)?.into();
            }
        }
        if spec["networking"].is_null()
            && let Some(fields) = spec.as_object_mut()
        {
            fields.remove("networking");
        }
        let mut metadata = template["metadata"].take();
        metadata["labels"][MANAGED_BY.0] = MANAGED_BY.1.into();
        if let Some(labels) = metadata["labels"].as_object_mut() {
            labels.retain(|name, _| !name.starts_with(CONTROLLERS));
        }
        metadata["annotations"][WAVE] = "1".into();
        if self.with_hooks {
            // The rules are moved after the sync. Until then the old target group needs its targets.
            metadata["annotations"][SYNC_OPTIONS] = "Prune=false".into();
        }
        Ok(json!({
            "apiVersion": "elbv2.k8s.aws/v1beta1",
            "kind": "TargetGroupBinding",
            "metadata": metadata,
            "spec": spec,
        }))
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

    fn output(
        &self,
        binding: &Address,
        reference: &Ref,
        output: Output,
    ) -> Result<&str, Box<Diagnostic>> {
        let address = resolve_ref(&binding.stack, reference);
        self.existing(&address, output).ok_or_else(|| {
            let message = "the id of the security group from which pods are reached is not known";
            let finding = Diagnostic::error(&code::UNKNOWN_GROUP_ID, message).group(&binding.stack);
            let finding = finding.object(address.to_string()).hint(
                "list it in the inventory with its tags, write backendSecurityGroup: sg-… into ingc.yaml, or give --state FILE",
            );
            Box::new(finding)
        })
    }
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.message == other.message && one.object == other.object
}

fn as_ref(value: &Value) -> Option<Ref> {
    state::as_ref(value.as_object()?)
}
