//! Whether the objects that a saved plan touches are still as they were when it was made.

use super::{Action, Change, Drift, Plan};
use crate::diff::drift;
use crate::identity::Identities;
use crate::live::Live;
use crate::stack::keep_redacted;
use crate::state::State;
use ingc_compiler::resource::Kind;

impl Plan {
    /// What has moved under the plan: objects that it changes or deletes and that are gone, or are
    /// not as they were when it was made. Where nothing was read then, they must be as they were
    /// applied. Empty if the plan may be carried out; what `live` does not tell is not compared.
    pub fn moved(&self, state: &State, live: &Live) -> Vec<Drift> {
        let touches = |change: &&Change| {
            let acts = matches!(
                change.action,
                Action::Update | Action::Replace | Action::Delete | Action::Reorder
            );
            acts && change.deposed.is_none()
        };
        let touched = self.changes.iter().filter(touches);
        touched.filter_map(|change| one(change, state, live)).collect()
    }
}

fn one(change: &Change, state: &State, live: &Live) -> Option<Drift> {
    // The entry stands at the address of before until the plan has moved it.
    let address = change.previous_address.as_ref().unwrap_or(&change.address);
    let gone = || Drift { address: change.address.clone(), gone: true, fields: Vec::new() };
    let Some(now) = live.objects.get(address)? else { return Some(gone()) };
    let (then, now) = match &change.live {
        Some(then) => (then.value(), now.spec.value()),
        None => {
            let recorded = state.get(address)?;
            let identities = Identities::new(state, None);
            let literals = identities.literals(&address.stack);
            let spec = &recorded.spec;
            let mut then = identities.applied(&address.stack, spec, &recorded.depends_on);
            let mut now = now.spec.value();
            identities.refer(&literals, &mut then);
            identities.refer(&literals, &mut now);
            keep_redacted(&then, &mut now);
            (then, now)
        }
    };
    let mut fields = drift(address.kind, &then, &now);
    if address.kind == Kind::ListenerRule && change.live.is_none() {
        // A state may hold another number than AWS, as long as the order is the same.
        fields.retain(|field| field.path != "priority");
    }
    (!fields.is_empty()).then(|| Drift { address: change.address.clone(), gone: false, fields })
}
