//! Which object a reference leads to: the one that is recorded, or one that does not exist yet.

use crate::live::Live;
use crate::state::{Pairs, Recorded, SpecText, State, each_ref, local_address};
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind, Output, Ref};
use ingc_compiler::tag;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The recorded objects, and which of them a plan will exchange for others.
#[derive(Debug)]
pub(crate) struct Identities<'a> {
    state: &'a State,
    /// What AWS has and the state is going to take up.
    found: Option<&'a Live>,
    changing: BTreeSet<Address>,
}

/// Values by which resources of one stack are known, and the references that stand for them.
pub(crate) type Literals = FxHashMap<String, Ref>;

impl<'a> Identities<'a> {
    pub(crate) fn new(state: &'a State, found: Option<&'a Live>) -> Self {
        Identities { state, found, changing: BTreeSet::new() }
    }

    /// From now on references to this address lead to an object that does not exist yet.
    pub(crate) fn exchange(&mut self, address: Address) {
        self.changing.insert(address);
    }

    /// True if the address will hold another object than it does now, or holds none yet.
    pub(crate) fn is_unknown(&self, address: &Address) -> bool {
        let found =
            || self.found.is_some_and(|live| matches!(live.objects.get(address), Some(Some(_))));
        self.changing.contains(address) || (self.state.get(address).is_none() && !found())
    }

    /// True if everything that the entry was applied with is still what its references lead to.
    pub(crate) fn is_current(&self, stack: &str, recorded: &Recorded) -> bool {
        let resources = self.state.stacks.get(stack).map(|stack| &stack.resources);
        recorded.depends_on.iter().all(|(key, value)| {
            let has = |target: &Recorded| target.outputs.iter().any(|(_, output)| output == value);
            match resources.and_then(|resources| resources.get(key)) {
                Some(target) => has(target) && !self.is_changing(stack, key),
                None => crate::state::dependency_address(stack, key).is_some_and(|address| {
                    self.state.get(&address).is_some_and(has) && !self.changing.contains(&address)
                }),
            }
        })
    }

    fn is_changing(&self, stack: &str, local: &str) -> bool {
        !self.changing.is_empty()
            && local_address(stack, local).is_some_and(|address| self.changing.contains(&address))
    }

    /// The applied spec, in which a `$ref` stands only for what it still leads to; what it led to
    /// before is a literal.
    pub(crate) fn applied(&self, stack: &str, spec: &SpecText, depends_on: &Pairs) -> Value {
        let mut value = spec.value();
        each_ref(&mut value, &mut |reference| {
            let target = resolve_ref(stack, reference);
            let key = crate::state::dependency_key(stack, &target);
            let used = depends_on.get(&key)?;
            let current = self.state.output(&target, reference.output) == Some(used);
            (!current || self.changing.contains(&target)).then(|| used.to_owned())
        });
        value
    }

    /// Puts `$ref`s for ARNs and ids of the stack's own objects and of what the cluster shares, so
    /// that it makes no difference how somebody names them.
    pub(crate) fn refer(&self, literals: &Literals, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(reference) = literals.get(text.as_str()) {
                    *value = json!({ "$ref": reference.pointer() });
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.refer(literals, item)),
            Value::Object(fields) => {
                for (_, field) in fields.iter_mut().filter(|(name, _)| *name != "tags") {
                    self.refer(literals, field);
                }
            }
            _ => {}
        }
    }

    /// What [`Identities::refer`] needs for a stack: objects that stay what they are.
    pub(crate) fn literals(&self, stack: &str) -> Literals {
        let mut literals = Literals::default();
        let mut add = |address: Address, outputs: &Pairs| {
            if self.changing.contains(&address) {
                return;
            }
            for (output, value) in outputs.iter() {
                if let Some(output) = Output::from_name(output) {
                    let reference = Ref::new(address.kind, address.id.as_str(), output);
                    literals.insert(value.to_owned(), reference);
                }
            }
        };
        for name in [tag::CLUSTER_STACK, stack] {
            for (local, object) in
                self.state.stacks.get(name).into_iter().flat_map(|s| &s.resources)
            {
                if let Some(address) = local_address(name, local) {
                    add(address, &object.outputs);
                }
            }
            let first = Address::new(name, Kind::ALL[0], "");
            let found = self.found.into_iter().flat_map(|live| live.objects.range(first.clone()..));
            for (address, object) in found.take_while(|(address, _)| address.stack == name) {
                if let Some(object) = object {
                    add(address.clone(), &object.outputs);
                }
            }
        }
        literals
    }

    /// True if the value holds a reference to an object that does not exist yet.
    pub(crate) fn holds_unknown(&self, stack: &str, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.holds_unknown(stack, item)),
            Value::Object(fields) => match crate::state::as_ref(fields) {
                Some(reference) => self.is_unknown(&resolve_ref(stack, &reference)),
                None => fields.values().any(|field| self.holds_unknown(stack, field)),
            },
            _ => false,
        }
    }
}
