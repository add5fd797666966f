//! What `apply` does only when told to.

use crate::plan::{Action, Guard, GuardKind, Step};
use crate::stack::{Cx, StackDraft};
use ingc_compiler::resource::Kind;

/// The guards of a plan. A plan to destroy has been told to delete.
pub(crate) fn guards(cx: &Cx<'_>, stacks: &[StackDraft<'_>], steps: &[Step]) -> Vec<Guard> {
    let mut found = Vec::new();
    if cx.options.destroy.is_none() {
        found.extend(stacks.iter().flat_map(|stack| deletions(cx, stack)));
    }
    for step in steps {
        if let Some(text) = &step.gap {
            let stack = step.address.stack.clone();
            let guard =
                Guard { kind: GuardKind::Gap, stack: stack.to_string(), text: text.clone() };
            if !found.contains(&guard) {
                found.push(guard);
            }
        }
    }
    found
}

fn deletions(cx: &Cx<'_>, stack: &StackDraft<'_>) -> Vec<Guard> {
    let guard =
        |text: String| Guard { kind: GuardKind::Delete, stack: stack.name.to_owned(), text };
    let mut found = Vec::new();
    let deleted: Vec<_> = stack
        .drafts
        .iter()
        .filter(|draft| draft.action == Action::Delete && draft.deposed.is_none())
        .collect();
    for draft in deleted.iter().filter(|draft| draft.address.kind == Kind::LoadBalancer) {
        found.push(guard(format!("load balancer `{}` is deleted", draft.address)));
    }
    let recorded = cx.state.stacks.get(stack.name).map_or(0, |recorded| recorded.resources.len());
    let made = stack.drafts.iter().filter(|draft| draft.action == Action::Create).count();
    let lost = deleted.len().saturating_sub(made);
    if !crate::state::is_shared(stack.name) && lost * 2 > recorded {
        found
            .push(guard(format!("{lost} of {recorded} resources of `{}` are deleted", stack.name)));
    }
    found
}
