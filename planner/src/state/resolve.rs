//! References become what the state knows: ARNs and ids.

use super::{Pairs, SpecText, State, dependency_key};
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Ref};
use serde_json::Value;

/// A spec as AWS takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The spec without references.
    pub spec: Value,
    /// What they led to, to be recorded as [`super::Recorded::depends_on`].
    pub depends_on: Pairs,
}

/// References that lead to nothing recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` needs `{}`, which does not exist yet", .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("`, `"))]
pub struct Unresolved {
    /// The resource.
    pub address: Address,
    /// What it refers to.
    pub missing: Vec<Address>,
}

impl State {
    /// Resolves the references of a spec of that address through the recorded outputs.
    ///
    /// # Errors
    /// If a reference leads to a resource that is not recorded, or has no such output.
    pub fn resolve(&self, address: &Address, spec: &SpecText) -> Result<Resolved, Unresolved> {
        let mut resolved = Resolved { spec: spec.value(), depends_on: Pairs::new() };
        let mut missing = Vec::new();
        each_ref(&mut resolved.spec, &mut |reference| {
            let target = resolve_ref(&address.stack, reference);
            let value = self.output(&target, reference.output).map(str::to_owned);
            match &value {
                Some(value) => {
                    let key = dependency_key(&address.stack, &target);
                    resolved.depends_on.insert(key, value.as_str());
                }
                None => missing.push(target),
            }
            value
        });
        if missing.is_empty() {
            Ok(resolved)
        } else {
            Err(Unresolved { address: address.clone(), missing })
        }
    }
}

/// Visits every `$ref` of a spec and puts what it is told in its place.
pub fn each_ref(value: &mut Value, resolve: &mut impl FnMut(&Ref) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_ref(item, resolve)),
        Value::Object(fields) => match as_ref(fields) {
            Some(reference) => {
                if let Some(found) = resolve(&reference) {
                    *value = Value::String(found);
                }
            }
            None => fields.values_mut().for_each(|field| each_ref(field, resolve)),
        },
        _ => {}
    }
}

/// The reference that an object is, if it is one.
pub fn as_ref(fields: &serde_json::Map<String, Value>) -> Option<Ref> {
    match fields.get("$ref") {
        Some(Value::String(pointer)) if fields.len() == 1 => Ref::parse(pointer),
        _ => None,
    }
}
