//! Puts a plan into words: why, what traffic feels, what it means for security and limits.

mod guard;
mod impact;
mod quota;
mod radius;
mod reason;
mod security;

pub(crate) use guard::guards;
pub(crate) use quota::quotas;
pub(crate) use radius::{blast_radius, leave_others};
pub(crate) use security::notes;

use crate::plan::{Change, SecurityNote};
use crate::stack::{Cx, Draft};
use crate::state::Origins;
use ingc_compiler::graph::Resource;

/// The change that a draft is; `weaker` is what it takes from security.
pub(crate) fn change(cx: &Cx<'_>, draft: Draft<'_>, weaker: Option<&SecurityNote>) -> Change {
    let reasons = reason::reasons(cx, &draft);
    let impact = impact::impact(cx, &draft, weaker);
    let there = draft.previous.as_ref().unwrap_or(&draft.address);
    let live = cx.options.live.and_then(|live| live.objects.get(there)?.as_ref());
    let live = live.filter(|_| draft.deposed.is_none()).map(|object| object.spec.clone());
    // Of recorded stacks the origins are looked at here too: they place what is answered otherwise.
    let is_recorded = cx.state.stacks.contains_key(draft.address.stack.as_str());
    let kept = draft.resource.filter(|_| is_recorded || !cx.options.only_shown);
    Change {
        address: draft.address,
        previous_address: draft.previous,
        deposed: draft.deposed,
        action: draft.action,
        before: draft.before,
        after: draft.after,
        fields: draft.fields,
        reasons,
        impact,
        generation: draft.generation,
        secrets: draft.secrets,
        origins: kept.map(|resource| origins(cx, resource)).unwrap_or_default(),
        live,
    }
}

/// What is worth recording of a resource's origins: who asks for it, and which annotations had a
/// say. Paths within the manifest can be told from the first one.
fn origins(cx: &Cx<'_>, resource: &Resource) -> Origins {
    let path = |source: &str| source.starts_with("spec.") || source.starts_with("metadata.");
    let kept = resource.origins.iter().enumerate().filter(|(i, o)| *i == 0 || !path(&o.source));
    Origins::new(kept.map(|(_, origin)| {
        let position = cx.desired.sources.position(origin.span);
        (&*origin.field, &*origin.object, &*origin.source, position)
    }))
}
