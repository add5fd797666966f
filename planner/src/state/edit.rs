//! Changes of the record that change nothing that is recorded of.

use super::{Deposed, Pairs, Recorded, SpecText, State, as_ref, dependency_key};
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Ref};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Why a state cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such entry.
    #[error("the state has no `{0}`")]
    Unknown(Address),
    /// Others depend on what is to be forgotten.
    #[error("`{}` depends on `{address}`, which is to be forgotten", .dependents[0])]
    Needed {
        /// What is to be forgotten.
        address: Address,
        /// What depends on it.
        dependents: Vec<Address>,
    },
    /// The new address is taken.
    #[error("the state has a `{0}` already")]
    Taken(Address),
    /// A resource keeps kind and stack.
    #[error("`{from}` cannot become `{to}`: a resource keeps its kind and its stack")]
    Elsewhere {
        /// The address.
        from: Address,
        /// The wanted one.
        to: Address,
    },
}

impl State {
    /// Drops entries, those of the same address that were set aside included.
    ///
    /// # Errors
    /// If one of them is not there, or something that stays depends on one. Nothing is dropped
    /// then.
    pub fn forget(&mut self, addresses: &BTreeSet<Address>) -> Result<(), EditError> {
        for address in addresses {
            let local = address.local();
            let stack = self.stacks.get(address.stack.as_str());
            let there = stack.is_some_and(|stack| {
                stack.resources.contains_key(&local)
                    || stack.deposed.values().any(|deposed| deposed.address == local)
            });
            if !there {
                return Err(EditError::Unknown(address.clone()));
            }
            let dependents: Vec<Address> = self
                .entries()
                .filter(|(dependent, _)| !addresses.contains(dependent))
                .filter(|(dependent, entry)| {
                    let key = dependency_key(&dependent.stack, address);
                    entry.depends_on.get(&key).is_some()
                })
                .map(|(dependent, _)| dependent)
                .collect();
            if !dependents.is_empty() {
                return Err(EditError::Needed { address: address.clone(), dependents });
            }
        }
        for address in addresses {
            let Some(stack) = self.stacks.get_mut(address.stack.as_str()) else { continue };
            let local = address.local();
            stack.resources.remove(&local);
            stack.deposed.retain(|_, deposed| deposed.address != local);
            stack.serial += 1;
            if stack.is_empty() {
                self.stacks.remove(address.stack.as_str());
            }
        }
        Ok(())
    }

    /// Gives an entry another id, everywhere where it is named.
    ///
    /// # Errors
    /// If it is not there, if the new address is taken, or if it is of another kind or stack.
    pub fn rename(&mut self, from: &Address, to: &Address) -> Result<(), EditError> {
        if (from.kind, &from.stack) != (to.kind, &to.stack) {
            return Err(EditError::Elsewhere { from: from.clone(), to: to.clone() });
        }
        if self.get(to).is_some() {
            return Err(EditError::Taken(to.clone()));
        }
        let stack = self.stacks.get_mut(from.stack.as_str());
        let Some(mut entry) = stack.and_then(|stack| stack.resources.remove(&from.local())) else {
            return Err(EditError::Unknown(from.clone()));
        };
        // Its tags in AWS still tell the id that it was made with.
        let made_with = entry.tagged.take().unwrap_or_else(|| from.id.to_string());
        entry.tagged = (made_with != to.id).then_some(made_with);
        let stack = self.stacks.entry(from.stack.to_string()).or_default();
        stack.resources.insert(to.local(), entry);
        for (name, stack) in &mut self.stacks {
            let deposed = stack.deposed.values_mut().map(|Deposed { object, .. }| object);
            let mut touched = *name == from.stack;
            for entry in stack.resources.values_mut().chain(deposed) {
                touched |= refer_anew(name, entry, from, to);
            }
            stack.serial += u64::from(touched);
        }
        Ok(())
    }

    /// All entries with their addresses, those that were set aside included.
    fn entries(&self) -> impl Iterator<Item = (Address, &Recorded)> {
        self.stacks.iter().flat_map(|(name, stack)| {
            let current = stack.resources.iter();
            let deposed = stack.deposed.values().map(|it| (&it.address, &it.object));
            current
                .chain(deposed)
                .filter_map(move |(local, entry)| Some((super::local_address(name, local)?, entry)))
        })
    }
}

/// Lets an entry's references lead to the new address.
fn refer_anew(stack: &str, entry: &mut Recorded, from: &Address, to: &Address) -> bool {
    let (old, new) = (dependency_key(stack, from), dependency_key(stack, to));
    if entry.depends_on.get(&old).is_none() {
        return false;
    }
    let pairs = entry.depends_on.iter();
    entry.depends_on = pairs
        .map(|(key, value)| {
            (if key == old { new.as_str() } else { key }.to_owned(), value.to_owned())
        })
        .collect::<Pairs>();
    let mut spec = entry.spec.value();
    replace(stack, &mut spec, from, to);
    entry.spec = SpecText::from_value(&spec);
    true
}

fn replace(stack: &str, value: &mut Value, from: &Address, to: &Address) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(stack, item, from, to)),
        Value::Object(fields) => match as_ref(fields) {
            Some(reference) if resolve_ref(stack, &reference) == *from => {
                let reference = Ref::new(to.kind, &*to.id, reference.output);
                *value = json!({"$ref": reference.pointer()});
            }
            Some(_) => {}
            None => fields.values_mut().for_each(|field| replace(stack, field, from, to)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
    const BINDING: &str = "K8S::ElasticLoadBalancingV2::TargetGroupBinding";

    fn state() -> State {
        let reference =
            json!({"$ref": format!("#/resources/{GROUP}/shop/web-a:80/status/targetGroupARN")});
        serde_json::from_value(json!({
            "version": 1, "cluster": "prod", "account": "", "region": "",
            "stacks": {"shop/web": {"lineage": "l", "serial": 3, "resources": {
                format!("{GROUP}/shop/web-a:80"): {"spec": {"name": "k8s-a"}, "outputs": {"targetGroupARN": "arn:a"}},
                format!("{BINDING}/shop/web-a:80"): {
                    "spec": {"template": {"spec": {"targetGroupARN": reference}}},
                    "depends_on": {format!("{GROUP}/shop/web-a:80"): "arn:a"},
                },
            }}},
        }))
        .unwrap()
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn what_others_depend_on_is_not_forgotten_without_them() {
        let (group, binding) = (
            address("shop/web/TargetGroup/shop/web-a:80"),
            address("shop/web/TargetGroupBinding/shop/web-a:80"),
        );
        let mut edited = state();
        let needed = edited.forget(&BTreeSet::from([group.clone()]));
        assert_eq!(
            needed,
            Err(EditError::Needed { address: group.clone(), dependents: vec![binding.clone()] })
        );
        let unknown = address("shop/web/TargetGroup/shop/web-z:80");
        let both = BTreeSet::from([binding.clone(), unknown.clone()]);
        assert_eq!(edited.forget(&both), Err(EditError::Unknown(unknown)));
        assert_eq!(edited, state());
        edited.forget(&BTreeSet::from([binding.clone()])).unwrap();
        assert_eq!(edited.check(), Ok(()));
        assert_eq!(edited.stacks["shop/web"].serial, 4);
        edited.forget(&BTreeSet::from([group])).unwrap();
        assert!(edited.stacks.is_empty());
    }

    #[test]
    fn a_new_id_is_told_to_all_who_refer_to_it() {
        let (from, to) = (
            address("shop/web/TargetGroup/shop/web-a:80"),
            address("shop/web/TargetGroup/shop/web-b:80"),
        );
        let mut edited = state();
        edited.rename(&from, &to).unwrap();
        assert_eq!(edited.check(), Ok(()));
        assert_eq!(edited.get(&to).unwrap().tagged.as_deref(), Some("shop/web-a:80"));
        let text = edited.write().unwrap();
        assert!(!text.contains("web-a:80/status"), "{text}");
        edited.rename(&to, &from).unwrap();
        edited.stacks.values_mut().for_each(|stack| stack.serial = 3);
        assert_eq!(edited.write().unwrap(), state().write().unwrap());
        let binding = address("shop/web/TargetGroupBinding/shop/web-a:80");
        assert!(matches!(edited.rename(&from, &binding), Err(EditError::Elsewhere { .. })));
        assert_eq!(edited.rename(&from, &from), Err(EditError::Taken(from.clone())));
        assert_eq!(edited.rename(&to, &to), Err(EditError::Unknown(to)));
    }
}
