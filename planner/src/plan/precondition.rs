//! Whether the objects that a saved plan touches are still as they were when it was made.

use super::{Action, Change, Drift, Plan};
use crate::diff::drift;
use crate::identity::Identities;
use crate::live::{Live, LiveObject};
use crate::stack::keep_redacted;
use crate::state::{Recorded, State};
use ingc_compiler::resource::{Address, Kind};
use serde_json::Value;

impl Plan {
    /// What has moved under the plan: objects that it changes or deletes and that are gone, or are
    /// not as they were when it was made. Empty if the plan may be carried out; what `live` does
    /// not tell is not compared.
    pub fn moved(&self, state: &State, live: &Live) -> Vec<Drift> {
        let touches = |change: &&Change| {
            let acts = matches!(
                change.action,
                Action::Update | Action::Replace | Action::Delete | Action::Reorder
            );
            acts && change.deposed.is_none()
        };
        let moved = |change: &Change| {
            let now = live.objects.get(change.address_before())?;
            change.moved(state, state.get(change.address_before()), now.as_ref())
        };
        self.changes.iter().filter(touches).filter_map(moved).collect()
    }
}

impl Change {
    /// Where the state has the object until the plan moves it.
    pub fn address_before(&self) -> &Address {
        self.previous_address.as_ref().unwrap_or(&self.address)
    }

    /// How the object, as it is now (none if it is gone), is not as it was when the plan was made.
    /// Where nothing was read then, it must be as its entry says that it was applied. None if it
    /// may be touched.
    pub fn moved(
        &self,
        state: &State,
        entry: Option<&Recorded>,
        now: Option<&LiveObject>,
    ) -> Option<Drift> {
        let Address { stack, kind, .. } = &self.address;
        let drifted = |gone, fields| {
            let address = self.address.clone();
            Drift { address, gone, fields, applied: None, live: None }
        };
        let Some(now) = now else { return Some(drifted(true, Vec::new())) };
        let (then, now) = match &self.live {
            Some(then) => (then.value(), now.spec.value()),
            None => {
                let entry = entry?;
                let identities = Identities::new(state, None);
                let literals = identities.literals(stack);
                let mut then = identities.applied(stack, &entry.spec, &entry.depends_on);
                let mut now = now.spec.value();
                identities.refer(&literals, &mut then);
                identities.refer(&literals, &mut now);
                keep_redacted(&then, &mut now);
                (then, now)
            }
        };
        let mut fields = drift(*kind, &then, &now);
        if *kind == Kind::ListenerRule && self.live.is_none() {
            // A state may hold another number than AWS, as long as the order is the same.
            fields.retain(|field| field.path != "priority");
        }
        (!fields.is_empty()).then(|| drifted(false, fields))
    }
}

impl Drift {
    /// What has become of the object, in words: "is gone", or which fields were changed from what
    /// to what.
    pub fn told(&self) -> String {
        if self.gone {
            return "is gone".to_owned();
        }
        let side = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| "none".to_owned(), Value::to_string)
        };
        let fields = self.fields.iter().map(|field| {
            format!("`{}` from {} to {}", field.path, side(&field.before), side(&field.after))
        });
        format!("was changed: {}", fields.collect::<Vec<_>>().join(", "))
    }
}
