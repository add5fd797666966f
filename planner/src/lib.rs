//! Compares what shall be with what is recorded, purely, and plans the way from one to the other.
//!
//! The compiler's stacks ([`Desired`]) and a [`State`] give a [`Plan`]: changes for people, each
//! with its reason, and steps for the applier in an order that never leaves a request unanswered
//! that was answered before and shall be answered after.
#![deny(clippy::disallowed_methods)]

mod assemble;
mod check;
pub mod desired;
mod diag;
pub mod diff;
mod explain;
mod heirs;
pub mod iam;
mod identity;
pub mod live;
mod name;
pub mod options;
mod order;
pub mod phase;
pub mod plan;
pub mod recall;
pub mod routing;
mod rule;
mod scope;
pub mod shard;
mod stack;
pub mod state;
mod target;

pub use desired::Desired;
pub use live::{Live, LiveObject, LiveRule, Snapshot};
pub use options::{Destroy, Limits, Options, Scope};
pub use phase::Phase;
pub use plan::{Action, Change, FieldChange, Operation, Plan, Step};
pub use recall::Recalled;
pub use shard::Shard;
pub use state::{Recorded, StackState, State, StateError};

use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::tag::CLUSTER_STACK;
use stack::{Cx, StackDraft};
use std::collections::BTreeMap;

/// What planning gives.
#[derive(Debug, Default)]
pub struct Planned {
    /// The plan. Stacks with an error are frozen in it, the others are planned.
    pub plan: Plan,
    /// The planner's own findings.
    pub diagnostics: Diagnostics,
}

/// Plans: which stacks, what becomes of their resources, whether it may, in which order, and in
/// which words.
pub fn plan(desired: Desired<'_>, state: &State, options: &Options<'_>) -> Planned {
    let takes_scope = options.destroy == Some(Destroy::Scope);
    if desired.compilation.ingresses_seen == 0 && !takes_scope {
        let mut diagnostics = Diagnostics::new();
        // What seems to lack may stand in a text that could not be read.
        if !desired.compilation.diagnostics.iter().any(diag::is_unread) {
            diagnostics.push(match options.destroy {
                None => diag::empty_input(),
                Some(_) => diag::nothing_named(),
            });
        }
        return Planned { plan: assemble::empty(desired, state), diagnostics };
    }
    let mut decision = scope::decide(desired, state, options);
    let mut cx = Cx::new(desired, state, options);
    cx.diagnostics.append(std::mem::take(&mut decision.diagnostics));

    let stacks = &desired.compilation.stacks;
    let mut drafts: Vec<StackDraft<'_>> = Vec::new();
    let shared = stacks.get(CLUSTER_STACK).filter(|_| options.destroy.is_none());
    drafts.extend(shared.map(|shared| stack::plan(&mut cx, CLUSTER_STACK, Some(shared))));
    let built = decision.build.iter().map(|name| (*name, stacks.get(*name)));
    let wanted: BTreeMap<_, _> =
        built.chain(decision.delete.iter().map(|name| (*name, None))).collect();
    for (name, stack) in wanted {
        if desired.compilation.unchanged.contains(name) && decision.build.contains(name) {
            drafts.push(StackDraft::unchanged(name, state));
            continue;
        }
        let draft = stack::plan(&mut cx, name, stack);
        let mut refused = check::check(&cx, &draft);
        refused.append(&mut std::mem::take(&mut cx.refused));
        if options.live.is_none() && state.stacks.get(name).is_some_and(|it| it.unfinished) {
            // What was prepared is not at its end, and waits for the cutover.
            let refuses = options.refuse_unfinished && options.phase != Some(Phase::Cutover);
            let finding = diag::unfinished(name, refuses);
            if refuses {
                refused.push(finding);
            } else {
                cx.diagnostics.push(finding);
            }
        }
        if refused.is_empty() {
            drafts.push(draft);
        } else {
            decision.freeze(state, name, refused.iter().map(|d| d.message.clone()).collect());
            refused.into_iter().for_each(|finding| cx.diagnostics.push(finding));
        }
    }
    for (name, finding) in name::clashes(&cx, &drafts) {
        drafts.retain(|draft| draft.name != name);
        decision.freeze(state, name, vec![finding.message.clone()]);
        cx.diagnostics.push(finding);
    }
    decision.wait_for_heirs(&cx, &mut drafts);
    // A shared group is not made for stacks that are refused.
    let is_new = shared.is_some() && !state.stacks.contains_key(CLUSTER_STACK);
    if is_new && !scope::uses_shared(&cx, &drafts) {
        drafts.retain(|draft| draft.name != CLUSTER_STACK);
    }
    if shared.is_none() && state.stacks.contains_key(CLUSTER_STACK) {
        let used = scope::uses_shared(&cx, &drafts);
        drafts.extend((!used).then(|| stack::plan(&mut cx, CLUSTER_STACK, None)));
    }
    let mut planned = assemble::assemble(cx, drafts, decision);
    planned.plan.routing = routing::report(&planned.plan, state);
    planned
}
