//! Puts a plan into words: why, what traffic feels, what it means for security and limits.

mod guard;
mod impact;
mod quota;
mod radius;
mod reason;
mod security;

pub(crate) use guard::guards;
pub(crate) use quota::quotas;
pub(crate) use radius::blast_radius;
pub(crate) use security::notes;

use crate::plan::{Change, SecurityNote};
use crate::stack::{Cx, Draft};
use crate::state::RecordedOrigin;
use ingc_compiler::graph::Resource;

/// The change that a draft is.
pub(crate) fn change(cx: &Cx<'_>, draft: &mut Draft<'_>, notes: &[SecurityNote]) -> Change {
    let reasons = reason::reasons(cx, draft);
    let impact = impact::impact(draft, notes);
    Change {
        address: draft.address.clone(),
        previous_address: draft.previous.clone(),
        deposed: draft.deposed.clone(),
        action: draft.action,
        before: draft.before.take(),
        after: draft.after.take(),
        fields: std::mem::take(&mut draft.fields),
        reasons,
        impact,
        generation: draft.generation,
        secrets: std::mem::take(&mut draft.secrets),
        origins: draft.resource.map(|resource| origins(cx, resource)).unwrap_or_default(),
    }
}

/// What is worth recording of a resource's origins: who asks for it, and which annotations had a
/// say. Paths within the manifest can be told from the first one.
fn origins(cx: &Cx<'_>, resource: &Resource) -> Vec<RecordedOrigin> {
    let mut kept: Vec<RecordedOrigin> = Vec::with_capacity(1);
    for (i, origin) in resource.origins.iter().enumerate() {
        let path = origin.source.starts_with("spec.") || origin.source.starts_with("metadata.");
        if i == 0 || !path {
            kept.push(cx.desired.record(origin));
        }
    }
    kept
}
