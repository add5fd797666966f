//! Makes the plan of the drafts: changes in the order of addresses, steps in the order of doing.

use crate::explain;
use crate::heirs::Heirs;
use crate::plan::{Action, Change, Drift, PLAN_VERSION, Plan, SecurityNote, StackPlan, Summary};
use crate::scope::Decision;
use crate::stack::{Cx, Draft, StackDraft};
use crate::state::RecordedMember;
use crate::{Desired, Planned, State, diag, order, phase, target};
use ingc_compiler::resource::{Address, Kind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A plan that does nothing.
pub(crate) fn empty(desired: Desired<'_>, state: &State) -> Plan {
    Plan {
        version: PLAN_VERSION,
        cluster: desired.cluster.to_owned(),
        account: state.account.clone(),
        region: if state.region.is_empty() { desired.region } else { &state.region }.to_owned(),
        ..Plan::default()
    }
}

/// Puts the drafts into words and order.
pub(crate) fn assemble(
    mut cx: Cx<'_>,
    mut stacks: Vec<StackDraft<'_>>,
    decision: Decision<'_>,
) -> Planned {
    let mut plan = empty(cx.desired, cx.state);
    plan.frozen = decision.frozen;
    plan.kept = decision.kept;
    plan.drift = drift(&mut stacks);
    if cx.options.refresh_only {
        for stack in &mut stacks {
            stack.drafts.retain(|draft| draft.action == Action::Forget);
            stack.listeners.clear();
        }
    }
    let ranking = ranking(&stacks);
    let places = places(&ranking);
    let keep = cx.options.keep_replaced;
    let ordered = order::order(&stacks, heirs(&cx, &stacks), keep, |stack, draft| {
        places.get(stack)?.get(draft).copied()
    });
    match ordered {
        Ok(steps) => plan.steps = steps,
        Err(cycle) => {
            cx.diagnostics.push(*cycle);
            return Planned { plan, diagnostics: cx.diagnostics };
        }
    }
    plan.guards = explain::guards(&cx, &stacks, &plan.steps);
    plan.security = notes(&stacks);
    plan.blast_radius = explain::blast_radius(&cx, &stacks);
    plan.quotas = explain::quotas(&cx, &stacks);
    plan.stacks = stack_plans(&cx, &stacks);
    let unchanged = stacks.iter().map(|stack| stack.unchanged).sum();
    let weaker: FxHashMap<&Address, &SecurityNote> =
        plan.security.iter().filter(|note| note.weaker).map(|note| (&note.address, note)).collect();
    let count = ranking.iter().map(|(_, drafts)| drafts.len()).sum();
    let mut changes: Vec<Change> = Vec::with_capacity(count);
    for (stack, order) in ranking {
        let drafts = std::mem::take(&mut stacks[stack].drafts);
        let mut drafts: Vec<Option<Draft<'_>>> = drafts.into_iter().map(Some).collect();
        for draft in order.into_iter().filter_map(|draft| drafts[draft].take()) {
            let weaker = weaker.get(&draft.address).copied();
            changes.push(explain::change(&cx, draft, weaker));
        }
    }
    plan.changes = changes;
    explain::leave_others(&mut plan.blast_radius, &plan.changes);
    for note in &mut plan.security {
        let first = plan.changes.partition_point(|change| change.address < note.address);
        let change = plan.changes.get(first).filter(|change| change.address == note.address);
        note.reason = change.and_then(|change| change.reasons.first().cloned());
    }
    if !cx.options.targets.is_empty() {
        for unknown in target::unknown(&cx, &plan, &cx.options.targets) {
            cx.diagnostics.push(diag::unknown_target(unknown));
        }
        target::narrow(&mut plan, &cx.options.targets);
    }
    let phase = cx.options.phase;
    if let Some(finding) = phase.and_then(|phase| phase::select(&mut plan, phase, cx.state)) {
        cx.diagnostics.push(finding);
    }
    sum(&mut plan, unchanged);
    Planned { plan, diagnostics: cx.diagnostics }
}

/// Stacks by name, and the drafts of each, in the order of changes: indices.
fn ranking(stacks: &[StackDraft<'_>]) -> Vec<(usize, Vec<usize>)> {
    let mut names: Vec<usize> = (0..stacks.len()).collect();
    names.sort_by_key(|&stack| stacks[stack].name);
    let drafts = |stack: usize| {
        let drafts = &stacks[stack].drafts;
        let mut order: Vec<usize> = (0..drafts.len()).collect();
        order.sort_by_key(|&i| {
            let draft = &drafts[i];
            (draft.address.kind, &draft.address.id, &draft.deposed, draft.action)
        });
        (stack, order)
    };
    names.into_iter().map(drafts).collect()
}

/// The place of every draft among the changes, by stack.
fn places(ranking: &[(usize, Vec<usize>)]) -> Vec<Vec<u32>> {
    let mut places = vec![Vec::new(); ranking.len()];
    let mut next = 0;
    for (stack, drafts) in ranking {
        let of_stack = &mut places[*stack];
        of_stack.resize(drafts.len(), 0);
        for &draft in drafts {
            of_stack[draft] = next;
            next += 1;
        }
    }
    places
}

fn drift(stacks: &mut [StackDraft<'_>]) -> Vec<Drift> {
    let mut all: Vec<Drift> =
        stacks.iter_mut().flat_map(|stack| std::mem::take(&mut stack.drift)).collect();
    all.sort_by(|a, b| a.address.cmp(&b.address));
    all
}

/// The stacks to which Ingresses and hosts have gone from each stack.
fn heirs(cx: &Cx<'_>, stacks: &[StackDraft<'_>]) -> Vec<Vec<usize>> {
    let index: BTreeMap<&str, usize> =
        stacks.iter().enumerate().map(|(i, stack)| (stack.name, i)).collect();
    let heirs = Heirs::new(cx.desired, cx.state, cx.options.destroy.is_some());
    let changing = stacks.iter().filter(|stack| !stack.drafts.is_empty());
    let heirs = heirs.of(changing.map(|stack| stack.name));
    let of = |stack: &StackDraft<'_>| -> Vec<usize> {
        let of = heirs.get(stack.name).into_iter().flatten();
        let mut found: Vec<usize> = of.filter_map(|(_, heir)| index.get(heir).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    stacks.iter().map(of).collect()
}

/// The stacks that change, with their members afterwards.
fn stack_plans(cx: &Cx<'_>, stacks: &[StackDraft<'_>]) -> BTreeMap<String, StackPlan> {
    let mut plans = BTreeMap::new();
    for stack in stacks.iter().filter(|stack| !stack.drafts.is_empty()) {
        let recorded = cx.state.stacks.get(stack.name);
        let desired = cx.desired.compilation.stacks.get(stack.name);
        let desired = desired.filter(|_| cx.options.destroy.is_none());
        let mut summary = Summary { unchanged: stack.unchanged, ..Summary::default() };
        stack.drafts.iter().for_each(|draft| summary.add(draft.action));
        let members = desired.into_iter().flat_map(|desired| &desired.members);
        let plan = StackPlan {
            lineage: recorded.map(|recorded| recorded.lineage.clone()),
            serial: recorded.map_or(0, |recorded| recorded.serial),
            members: members.map(|m| (m.ingress.clone(), RecordedMember::from(m))).collect(),
            summary,
        };
        plans.insert(stack.name.to_owned(), plan);
    }
    plans
}

/// What the plan does to security. What is deleted with its load balancer is no loss of its own.
fn notes(stacks: &[StackDraft<'_>]) -> Vec<SecurityNote> {
    let mut all = Vec::new();
    for stack in stacks {
        let balancer_goes = stack.drafts.iter().any(|draft| {
            draft.address.kind == Kind::LoadBalancer && draft.action == Action::Delete
        });
        let counts = |action: Action| !(balancer_goes && action == Action::Delete);
        let drafts = stack.drafts.iter().filter(|draft| counts(draft.action));
        all.extend(drafts.flat_map(explain::notes));
    }
    all.sort_by(|a, b| (b.weaker, &a.address).cmp(&(a.weaker, &b.address)));
    all
}

fn sum(plan: &mut Plan, unchanged: usize) {
    let mut summary = Summary { unchanged, ..Summary::default() };
    plan.changes.iter().for_each(|change| summary.add(change.action));
    plan.summary = summary;
}
