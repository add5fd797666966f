//! The law of what is known: it makes no difference to a plan.

use crate::edits::{compile, compile_knowing};
use crate::world::{PROGRAM, errors, plan_for};
use ingc_compiler::tag::CLUSTER_STACK;
use ingc_planner::{Options, State};

/// Holds a plan that trusts what the state notes of its stacks against one that finds it out.
pub(super) fn check(state: &State, manifests: &str) -> Result<(), String> {
    let whole = compile(manifests).0;
    let partly = compile_knowing(&state.known(PROGRAM), manifests).0;
    let [whole, partly] = [whole, partly].map(|compiled| {
        let planned = plan_for(&compiled, state, Options::default());
        (planned.plan, errors(&planned.diagnostics))
    });
    // Where that changes on which all depend, nothing is taken for known.
    if whole.0.stacks.contains_key(CLUSTER_STACK) || whole == partly {
        return Ok(());
    }
    Err(format!("what is known is not so: {whole:#?}\nand not\n{partly:#?}"))
}
