//! The tags by which a resource is known to be ours: those that somebody took away, and those that
//! name the resource that an object was before.

use super::{Live, Planner};
use crate::live::LiveObject;
use crate::plan::{Change, FieldChange};
use crate::state::Recorded;
use ingc_compiler::resource::{Address, Kind};
use ingc_compiler::tag;
use serde_json::Value;

/// The path of a tag among the fields of a spec.
fn path(key: &str) -> String {
    format!("tags[{key}]")
}

/// The path of the tag that names the resource.
pub(crate) fn renewed_tag() -> String {
    path(tag::RESOURCE)
}

impl Change {
    /// True if the tag that names the resource is written anew.
    pub fn renews_resource_tag(&self) -> bool {
        let path = renewed_tag();
        self.fields.iter().any(|field| field.path == path && field.after.is_some())
    }
}

/// Takes out of a spec what a user says of our own tags, which overrule it.
pub(super) fn overrule_tags(cluster: &str, address: &Address, spec: &mut Value) {
    let Some(tags) = spec.get_mut("tags").and_then(Value::as_object_mut) else { return };
    let ours = tag::tracking(cluster, address).unwrap_or_default();
    tags.retain(|key, _| !ours.contains_key(key));
}

impl<'a> Planner<'_, 'a> {
    /// Tracking tags that an object should carry and does not. One that names another resource is
    /// right as long as the state says so, and stays until a hand-over.
    pub(super) fn lost_tags(
        &self,
        address: &Address,
        recorded: &Recorded,
        object: &LiveObject,
    ) -> Vec<FieldChange> {
        let Some(has) = &object.tracking else { return Vec::new() };
        let wanted = tag::tracking(self.cx.desired.cluster, address).unwrap_or_default();
        let is_right = |key: &str, value: &str| {
            let known = || recorded.tagged.is_some() && has.get(key) == recorded.tagged.as_ref();
            // Rules move, and what theirs name is found out with their places.
            let named =
                || address.kind == Kind::ListenerRule || !self.cx.options.hand_over && known();
            has.get(key).is_some_and(|it| it == value) || key == tag::RESOURCE && named()
        };
        wanted
            .into_iter()
            .filter(|(key, value)| !is_right(key, value))
            .map(|(key, value)| FieldChange {
                before: has.get(&key).map(|it| it.as_str().into()),
                after: Some(value.into()),
                drifted: key != tag::RESOURCE || has.get(&key) != recorded.tagged.as_ref(),
                ..FieldChange::at(path(&key))
            })
            .collect()
    }

    /// For a hand-over: the tag of a rule that names another place than the one that it shall have.
    pub(super) fn misleading_tag(
        &self,
        at: &Address,
        recorded: &Recorded,
        goal: &Address,
    ) -> Option<FieldChange> {
        if !self.cx.options.hand_over {
            return None;
        }
        let live = match self.cx.live(at) {
            Live::Found(object) => {
                object.tracking.as_ref().map(|it| it.get(tag::RESOURCE).map(String::as_str))
            }
            _ => None,
        };
        let known = recorded.tagged.as_deref().unwrap_or(&at.id);
        let has = live.unwrap_or(Some(known));
        (has != Some(goal.id.as_str())).then(|| FieldChange {
            before: has.map(Into::into),
            after: Some(goal.id.as_str().into()),
            ..FieldChange::at(path(tag::RESOURCE))
        })
    }
}
