//! Names that AWS wants unique: those of target groups, as the controller makes them and told apart where
//! two would be equal, and those of load balancers.

use crate::diag;
use crate::stack::{Cx, Draft, StackDraft};
use crate::state::{SpecText, State, hash, local_address};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::graph::{NameSeed, Resource};
use ingc_compiler::resource::{Address, Kind, Spec};
use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Names that target groups have, or will have when the plan is done.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    state: &'a State,
    /// Read when the first name is chosen: most plans choose none.
    taken: Option<FxHashSet<String>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(state: &'a State) -> Self {
        Names { state, taken: None }
    }

    /// A free name for a target group that is to be made, and which of its names it is. The first
    /// is the controller's own.
    pub(crate) fn choose(&mut self, resource: &Resource) -> (String, u32) {
        let taken = self.taken.get_or_insert_with(|| recorded(self.state));
        let Spec::TargetGroup(group) = &resource.spec else { return (String::new(), 0) };
        let (name, generation) = (0..)
            .map(|generation| {
                (name(&group.name, resource.name_seed.as_ref(), generation), generation)
            })
            .find(|(name, _)| !taken.contains(name))
            .unwrap_or_default();
        taken.insert(name.clone());
        (name, generation)
    }
}

/// Names of all recorded target groups, those set aside included.
fn recorded(state: &State) -> FxHashSet<String> {
    let prefix = format!("{}/", Kind::TargetGroup.type_name());
    let mut names = FxHashSet::default();
    for stack in state.stacks.values() {
        let current = stack.resources.iter().filter(|(local, _)| local.starts_with(&prefix));
        let deposed = stack.deposed.values().filter(|deposed| deposed.address.starts_with(&prefix));
        let specs = current.map(|(_, object)| &object.spec).chain(deposed.map(|d| &d.object.spec));
        names.extend(specs.filter_map(|spec| spec_name(spec.as_str())));
    }
    names
}

/// Stacks that are to make a load balancer with a name that one of another stack has, or is to get.
/// AWS lets no two of them have one name, and what goes does so only when what comes is there.
pub(crate) fn clashes<'a>(cx: &Cx<'a>, stacks: &[StackDraft<'a>]) -> Vec<(&'a str, Diagnostic)> {
    let mut made: BTreeMap<String, Vec<(&'a str, &Draft<'a>)>> = BTreeMap::new();
    for stack in stacks {
        for draft in stack.drafts.iter().filter(|draft| draft.address.kind == Kind::LoadBalancer) {
            let name = draft.after.as_ref().filter(|_| draft.makes());
            if let Some(name) = name.and_then(|spec| spec_name(spec.as_str())) {
                made.entry(name).or_default().push((stack.name, draft));
            }
        }
    }
    if made.is_empty() {
        return Vec::new();
    }
    let mut has: BTreeMap<String, Vec<Address>> = BTreeMap::new();
    for (address, spec) in balancers(cx) {
        if let Some(name) = spec_name(spec.as_str()).filter(|name| made.contains_key(name)) {
            has.entry(name).or_default().push(address);
        }
    }
    let mut found = Vec::new();
    for (name, made) in &made {
        for (stack, draft) in made {
            let has = has.get(name).into_iter().flatten();
            let has = has.map(|address| (address, true));
            let made = made.iter().map(|(_, draft)| (&draft.address, false));
            let other = has.chain(made).find(|(other, _)| other.stack != *stack);
            if let Some((other, exists)) = other {
                found.push((*stack, diag::name_taken(draft, name, other, exists)));
            }
        }
    }
    found
}

/// All recorded load balancers that nobody has found gone.
fn balancers<'a>(cx: &Cx<'a>) -> impl Iterator<Item = (Address, &'a SpecText)> {
    let live = cx.options.live;
    cx.state.stacks.iter().flat_map(move |(name, stack)| {
        let first = format!("{}/", Kind::LoadBalancer.type_name());
        let current = stack.resources.range(first.clone()..);
        let current = current.take_while(move |(local, _)| local.starts_with(&first));
        let current = current.filter_map(move |(local, entry)| {
            let address = local_address(name, local)?;
            let found = live.and_then(|live| live.objects.get(&address));
            (!matches!(found, Some(None))).then_some((address, &entry.spec))
        });
        let deposed = stack.deposed.values().filter_map(move |deposed| {
            let address = local_address(name, &deposed.address)?;
            let is_balancer = address.kind == Kind::LoadBalancer;
            is_balancer.then_some((address, &deposed.object.spec))
        });
        current.chain(deposed)
    })
}

/// The `name` of a spec, without reading the rest.
pub(crate) fn spec_name(spec: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named<'s> {
        #[serde(borrow)]
        name: Cow<'s, str>,
    }
    serde_json::from_str::<Named<'_>>(spec).ok().map(|named| named.name.into_owned())
}

/// One of the names that a target group may have. Ten digits of a hash end it, so that no two
/// generations are equal; 32 characters are AWS's limit.
fn name(compiled: &str, seed: Option<&NameSeed>, generation: u32) -> String {
    if generation == 0 {
        return compiled.to_owned();
    }
    let (prefix, hashed) = match seed {
        Some(seed) => (seed.prefix.as_str(), seed.hashed.as_str()),
        None => (compiled.get(..compiled.len().min(21)).unwrap_or("k8s-"), compiled),
    };
    let digest = hash(hashed, &generation.to_string());
    let prefix: String = prefix.chars().take(22).collect();
    format!("{prefix}{}", &digest[..10])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingc_compiler::resource::TargetGroup;

    fn group(name: &str) -> Resource {
        let spec = TargetGroup { name: name.to_owned(), ..TargetGroup::default() };
        let mut resource = Resource::new(Spec::TargetGroup(spec.into()));
        resource.name_seed =
            Some(NameSeed { prefix: "k8s-shop-cart-".to_owned(), hashed: "x".to_owned() });
        resource
    }

    #[test]
    fn equal_names_are_told_apart_and_stay_within_the_limit() {
        let state = State::empty("prod");
        let mut names = Names::new(&state);
        let compiled = "k8s-shop-cart-0123456789";
        assert_eq!(names.choose(&group(compiled)), (compiled.to_owned(), 0));
        let (second, generation) = names.choose(&group(compiled));
        let (third, _) = names.choose(&group(compiled));
        assert_eq!(generation, 1);
        assert!(second.starts_with("k8s-shop-cart-") && second.len() == 24 && second != third);
    }

    #[test]
    fn a_name_is_read_without_the_rest() {
        assert_eq!(
            spec_name(r#"{"a":[1,{"name":"x"}],"name":"k8s-a","z":0}"#).as_deref(),
            Some("k8s-a")
        );
        assert_eq!(spec_name("{}"), None);
    }
}
