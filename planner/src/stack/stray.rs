//! What an interrupted run has made and could not record: a creation finds it where it has the name
//! that is wanted and sends all of its settings again, and otherwise it goes.

use super::Planner;
use crate::live::Stray;
use crate::plan::Action;
use crate::stack::Draft;
use ingc_compiler::resource::Kind;
use serde_json::Value;

impl Planner<'_, '_> {
    /// Takes up, to be deleted, what nobody asks for: at its address, or set aside where another
    /// object has that.
    pub(super) fn strays(&mut self) {
        let (live, name) = (self.cx.options.live, self.name);
        let strays = live.into_iter().flat_map(|live| &live.strays);
        for stray in strays.filter(|stray| stray.address.stack == name) {
            if self.out.drafts.iter().any(|draft| takes_up(draft, stray)) {
                continue;
            }
            let mut draft = Draft::new(stray.address.clone(), Action::Delete);
            let is_taken = self.entry(&stray.address).is_some()
                || self.out.drafts.iter().any(|other| other.address == stray.address);
            draft.deposed = is_taken.then(|| self.depose_key(&stray.address.local()));
            draft.import = Some(stray.object.outputs.clone());
            draft.before = Some(stray.object.spec.clone());
            self.out.drafts.push(draft);
        }
    }
}

/// True if a draft makes an object of this one's name, and so finds it, or imports it.
fn takes_up(draft: &Draft<'_>, stray: &Stray) -> bool {
    if draft.address.kind != stray.address.kind {
        return false;
    }
    if draft.import.as_ref() == Some(&stray.object.outputs) {
        return true;
    }
    let field = match stray.address.kind {
        Kind::LoadBalancer | Kind::TargetGroup => "name",
        Kind::SecurityGroup => "groupName",
        Kind::Listener => "port",
        // It has no name but that of its address.
        _ => return draft.makes() && draft.address == stray.address,
    };
    let after = draft.after.as_ref().map_or(Value::Null, |after| after.value());
    draft.makes() && after[field] == stray.object.spec.value()[field]
}
