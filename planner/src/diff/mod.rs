//! What differs between two specs, field by field, by the kind's policy table.

mod default;
mod list;
mod permission;

pub use default::attribute_default;

use crate::plan::FieldChange;
use crate::state::as_ref;
use ingc_compiler::resource::{Kind, Policy, Spec};
use list::Shape;
pub(crate) use list::sort_values;
use serde_json::Value;

/// The sides of a comparison. References that stand for the same object on all sides are `$ref`s;
/// a reference to an object that is about to be replaced is a literal before, a `$ref` after.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'v> {
    /// As it was applied.
    pub applied: Option<&'v Value>,
    /// As AWS has it, if that was read.
    pub live: Option<&'v Value>,
    /// As it shall be.
    pub desired: &'v Value,
}

/// A place in the specs that are compared: the value of each side there.
#[derive(Clone, Copy)]
struct Place<'v> {
    applied: Option<&'v Value>,
    /// None if AWS was not read; else what it has there.
    live: Option<Option<&'v Value>>,
    desired: Option<&'v Value>,
}

impl<'v> Place<'v> {
    fn before(&self) -> Option<&'v Value> {
        self.live.unwrap_or(self.applied)
    }

    /// The place one step further down on every side.
    fn step(&self, into: impl Fn(&'v Value) -> Option<&'v Value>) -> Place<'v> {
        Place {
            applied: self.applied.and_then(&into),
            live: self.live.map(|live| live.and_then(&into)),
            desired: self.desired.and_then(&into),
        }
    }

    fn all(&self) -> impl Iterator<Item = &'v Value> {
        [self.applied, self.live.flatten(), self.desired].into_iter().flatten()
    }
}

/// Everything that a change would have to alter, in the order of the kind's fields. Names and what
/// AWS derives are no difference.
///
/// What neither the applied nor the desired spec speaks of is AWS's default or somebody else's: it
/// is left alone, except in lists that a spec states in full.
pub fn diff(kind: Kind, sides: Sides<'_>) -> Vec<FieldChange> {
    let place =
        Place { applied: sides.applied, live: sides.live.map(Some), desired: Some(sides.desired) };
    let mut found = Vec::new();
    for field in Spec::fields(kind).iter().filter(|field| field.policy != Policy::Ignore) {
        let mut differ = Differ { kind, replace: field.policy == Policy::Replace, found };
        differ.walk(field.name.to_owned(), place.step(|spec| spec.get(field.name)));
        found = differ.found;
    }
    found
}

/// What somebody else changed since it was applied: `before` as applied, `after` as AWS has it.
pub fn drift(kind: Kind, applied: &Value, live: &Value) -> Vec<FieldChange> {
    let back = diff(kind, Sides { applied: Some(applied), live: Some(live), desired: applied });
    let turned = |change: FieldChange| FieldChange {
        before: change.after,
        after: change.before,
        drifted: true,
        forces_replacement: false,
        ..change
    };
    back.into_iter().map(turned).collect()
}

/// True if both are the same spec to AWS, whatever the order of what has none.
pub fn same(kind: Kind, before: &Value, after: &Value) -> bool {
    before == after
        || diff(kind, Sides { applied: Some(before), live: None, desired: after }).is_empty()
}

/// Fields of a kind that cannot be changed although the field around them can. A binding is one
/// field in the stack document and an object with immutable parts in Kubernetes.
fn immutable(kind: Kind, path: &str) -> bool {
    kind == Kind::TargetGroupBinding
        && matches!(
            path,
            "template.metadata.name"
                | "template.metadata.namespace"
                | "template.spec.targetGroupARN"
                | "template.spec.targetType"
                | "template.spec.ipAddressType"
                | "template.spec.vpcID"
        )
}

struct Differ {
    kind: Kind,
    replace: bool,
    found: Vec<FieldChange>,
}

impl Differ {
    fn walk(&mut self, path: String, place: Place<'_>) {
        if place.applied.is_none() && place.desired.is_none() {
            return;
        }
        if place.before() == place.desired {
            return;
        }
        if place.all().any(Value::is_array) {
            return self.lists(path, place);
        }
        let object = |value: &Value| value.as_object().is_some_and(|map| as_ref(map).is_none());
        let both = place.before().is_some_and(object) && place.desired.is_some_and(object);
        if both || list::is_map(&path) {
            return self.objects(&path, place);
        }
        self.report(path, place.before(), place.desired, drifted(&place));
    }

    fn objects(&mut self, path: &str, place: Place<'_>) {
        let mut keys: Vec<&String> =
            place.all().filter_map(Value::as_object).flat_map(|map| map.keys()).collect();
        keys.sort();
        keys.dedup();
        let map = list::is_map(path);
        for key in keys {
            let inner = if map { format!("{path}[{key}]") } else { format!("{path}.{key}") };
            self.walk(inner, place.step(|value| value.get(key)));
        }
    }

    fn lists(&mut self, path: String, place: Place<'_>) {
        match list::shape(self.kind, &path) {
            Shape::Ordered => self.ordered(path, place),
            Shape::Entries { partial } => {
                let applied = list::entries(self.kind, &path, place.applied);
                let live = place.live.map(|live| list::entries(self.kind, &path, live));
                let desired = list::entries(self.kind, &path, place.desired);
                let mut keys: Vec<&String> = applied
                    .keys()
                    .chain(live.iter().flat_map(|live| live.keys()))
                    .chain(desired.keys())
                    .collect();
                keys.sort();
                keys.dedup();
                for key in keys {
                    let entry = Place {
                        // In a list that is stated in full, an entry of AWS's own is too much.
                        applied: applied.get(key).or(if partial {
                            None
                        } else {
                            live.as_ref().and_then(|live| live.get(key))
                        }),
                        live: live.as_ref().map(|live| live.get(key)),
                        desired: desired.get(key),
                    };
                    let inner = format!("{path}[{key}]");
                    match (entry.before(), entry.desired, list::descends(&path)) {
                        (Some(_), Some(_), true) => self.walk(inner, entry),
                        (before, after, _) if before != after => {
                            if entry.applied.is_none() && after.is_none() {
                                continue;
                            }
                            let default = (partial && after.is_none())
                                .then(|| attribute_default(self.kind, key))
                                .flatten()
                                .map(|default| Value::String(default.to_owned()));
                            if after.is_none() && default.as_ref() == before {
                                continue;
                            }
                            let after = after.or(default.as_ref());
                            self.report(inner, before, after, drifted(&entry));
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Lists whose order means something: entry by entry while they have the same length.
    fn ordered(&mut self, path: String, place: Place<'_>) {
        let length = |value: Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
        let (before, after) = (length(place.before()), length(place.desired));
        match (before, after) {
            (Some(before), Some(after)) if before == after => {
                for i in 0..before {
                    self.walk(format!("{path}[{i}]"), place.step(|value| value.get(i)));
                }
            }
            _ => self.report(path, place.before(), place.desired, drifted(&place)),
        }
    }

    fn report(
        &mut self,
        path: String,
        before: Option<&Value>,
        after: Option<&Value>,
        drifted: bool,
    ) {
        self.found.push(FieldChange {
            forces_replacement: self.replace || immutable(self.kind, &path),
            before: before.cloned(),
            after: after.cloned(),
            path,
            known_after_apply: false,
            drifted,
            sensitive: false,
        });
    }
}

/// True if the difference is not the manifests' doing.
fn drifted(place: &Place<'_>) -> bool {
    place.live.is_some_and(|live| live != place.applied) && place.applied == place.desired
}
