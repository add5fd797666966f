//! What IAM must allow for manifests or a plan to be applied.
//!
//! `call.rs` has the calls that each kind makes, `grant.rs` what AWS checks for each of them: the
//! resources, the conditions, and further actions that no call is made for.

mod call;
mod call_iam;
mod case;
mod grant;

pub use grant::{Checked, Place};

use crate::phase::Phase;
use crate::plan::{Operation, Plan};
use crate::state::{Recorded, StackState, State, local_address};
use call::Doing;
use case::Case;
use ingc_compiler::graph::Stack;
use ingc_compiler::resource::{Kind, PolicyDocument};
use std::collections::BTreeSet;

/// Actions that are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Those of the calls that are made, in IAM's names, such as `elasticloadbalancing:CreateRule`.
    pub calls: BTreeSet<&'static str>,
    /// A rule asks users to log in with Cognito.
    uses_cognito: bool,
}

/// Looks for what carries the cluster's tags and is not recorded.
const LOOK_AROUND: &str = "tag:GetResources";
/// Waits until pods are registered.
const LOOK_AT_TARGETS: &str = "elasticloadbalancing:DescribeTargetHealth";
/// Gives rules other numbers.
const REORDER: &str = "elasticloadbalancing:SetRulePriorities";

impl Needs {
    /// What it takes to bring stacks about, to change what they are made of, to look at it and to
    /// delete it again, whatever exists already.
    pub fn of_stacks<'s>(stacks: impl IntoIterator<Item = &'s Stack>) -> Needs {
        let mut needs = Needs::default();
        for resource in stacks.into_iter().flat_map(|stack| stack.resources.values()) {
            let kind = resource.spec.kind();
            needs.calls.extend(call::all(kind));
            needs.uses_cognito |= text_of(&resource.spec).contains(COGNITO);
            match kind {
                Kind::LoadBalancer => drop(needs.calls.insert(LOOK_AROUND)),
                Kind::TargetGroup => drop(needs.calls.insert(LOOK_AT_TARGETS)),
                Kind::ListenerRule => drop(needs.calls.insert(REORDER)),
                _ => {}
            }
        }
        needs
    }

    /// What it takes to carry out exactly this plan of this state, and to look before at what the
    /// state has of its stacks.
    pub fn of_plan(plan: &Plan, state: &State) -> Needs {
        let mut needs = Needs::default();
        for name in plan.stacks.keys() {
            if let Some(stack) = state.stacks.get(name) {
                needs.looking_at(name, stack);
            }
        }
        for step in &plan.steps {
            needs.add_step(plan, step);
        }
        let waits = plan.steps.iter().any(|step| !step.awaits_targets.is_empty());
        if plan.phase == Some(Phase::Cutover) && waits {
            needs.calls.insert(LOOK_AT_TARGETS);
        }
        needs
    }

    /// The document that allows it, and nothing else.
    pub fn document(&self, place: &Place) -> PolicyDocument {
        grant::document(self, place)
    }

    /// What IAM can be asked of it.
    pub fn checked(&self, place: &Place) -> Vec<Checked> {
        grant::checked(self, place)
    }

    fn looking_at(&mut self, name: &str, stack: &StackState) {
        let deposed = stack.deposed.values().map(|it| (&it.address, &it.object));
        let objects: Vec<(&String, &Recorded)> = stack.resources.iter().chain(deposed).collect();
        for (local, recorded) in objects {
            let Some(address) = local_address(name, local) else { continue };
            if stack.unfinished {
                self.calls.extend(call::reads(address.kind));
            }
            self.add(address.kind, Doing::Read, &Case::of(recorded.spec.value()));
        }
        if stack.unfinished {
            self.calls.insert(LOOK_AROUND);
        }
    }

    fn add_step(&mut self, plan: &Plan, step: &crate::Step) {
        let kind = step.address.kind;
        let Some(change) = plan.change_of(step) else {
            if let Operation::Reorder { moves } = &step.operation
                && moves.iter().any(|it| it.priority_before != it.priority_after)
            {
                self.calls.insert(REORDER);
            }
            return;
        };
        let spec = |text: Option<&crate::state::SpecText>| text.map(|it| it.value());
        match &step.operation {
            Operation::Create { .. } => {
                let case = Case::of(spec(change.after.as_ref()).unwrap_or_default());
                self.add(kind, Doing::Create, &case);
            }
            Operation::Update { fields } => {
                self.add(kind, Doing::Update, &Case::update(change, fields, false));
            }
            Operation::Repoint { fields } => {
                self.add(kind, Doing::Update, &Case::update(change, fields, true));
            }
            Operation::Delete | Operation::DeleteDeposed { .. } => {
                let case = Case::without(spec(change.before.as_ref()).unwrap_or_default());
                self.add(kind, Doing::Delete, &case);
            }
            Operation::Reorder { .. }
            | Operation::GoneWith { .. }
            | Operation::Forget { .. }
            | Operation::Import { .. } => {}
        }
    }

    fn add(&mut self, kind: Kind, doing: Doing, case: &Case<'_>) {
        self.calls.extend(call::of(kind, doing, case));
        let is_sent = matches!(doing, Doing::Create | Doing::Update);
        self.uses_cognito |= is_sent && case.after.to_string().contains(COGNITO);
    }
}

/// How an action is called that lets users log in with Cognito.
const COGNITO: &str = "\"authenticate-cognito\"";

fn text_of(spec: &ingc_compiler::resource::Spec) -> String {
    serde_json::to_string(spec).unwrap_or_default()
}
