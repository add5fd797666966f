//! Who answers when a plan is done what a stack answered before: stacks to which its Ingresses have gone,
//! and stacks that ask for its hosts from now on, as when an Ingress gets another name.
//!
//! Hosts are inherited within a namespace only: nobody holds up another team by asking for its hosts.

use crate::{Desired, State};
use ingc_compiler::group::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What goes from one stack to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gone<'a> {
    /// An Ingress.
    Ingress(&'a str),
    /// A host; the empty one stands for all that no other rule names.
    Host(&'a str),
}

/// The heirs of stacks.
pub(crate) struct Heirs<'a> {
    desired: Desired<'a>,
    state: &'a State,
    /// Nothing is to be answered any more.
    is_destroying: bool,
}

impl<'a> Heirs<'a> {
    pub(crate) fn new(desired: Desired<'a>, state: &'a State, is_destroying: bool) -> Self {
        Heirs { desired, state, is_destroying }
    }

    /// What goes from these stacks, which stacks get it, and whence it goes.
    pub(crate) fn of(
        &self,
        stacks: impl Iterator<Item = &'a str>,
    ) -> BTreeMap<&'a str, Vec<(Gone<'a>, &'a str)>> {
        let mut all: BTreeMap<&str, Vec<(Gone<'_>, &str)>> = BTreeMap::new();
        let mut given_up: BTreeMap<Asked<'_>, Vec<&str>> = BTreeMap::new();
        for stack in stacks {
            let Some(recorded) = self.state.stacks.get(stack) else { continue };
            let ingresses = &self.desired.compilation.ingresses;
            for ingress in recorded.members.keys() {
                if let Some(Place::Member(group)) = ingresses.get(ingress).map(|seen| &seen.place)
                    && group != stack
                {
                    all.entry(stack).or_default().push((Gone::Ingress(ingress), group));
                }
            }
            let kept: BTreeSet<&str> = self.asked(stack).map(|asked| asked.host).collect();
            for asked in self.answered(stack).filter(|it| !kept.contains(it.host)) {
                given_up.entry(asked).or_default().push(stack);
            }
        }
        if !given_up.is_empty() && !self.is_destroying {
            for (heir, asked) in self.asked_anew() {
                let from = given_up.get(&asked).into_iter().flatten();
                for stack in from.filter(|stack| **stack != heir) {
                    all.entry(stack).or_default().push((Gone::Host(asked.host), heir));
                }
            }
        }
        for gone in all.values_mut() {
            gone.sort_unstable();
            gone.dedup();
        }
        all
    }

    /// Hosts that stacks ask for and did not answer before.
    fn asked_anew(&self) -> impl Iterator<Item = (&'a str, Asked<'a>)> {
        let compilation = self.desired.compilation;
        let names = compilation.stacks.keys().chain(compilation.refused.keys());
        names.flat_map(|name| {
            let before: BTreeSet<&str> = self.answered(name).map(|asked| asked.host).collect();
            let asked = self.asked(name).filter(move |asked| !before.contains(asked.host));
            asked.map(move |asked| (name.as_str(), asked))
        })
    }

    /// What a stack answered when it was recorded.
    fn answered(&self, stack: &str) -> impl Iterator<Item = Asked<'a>> + use<'a> {
        let recorded = self.state.stacks.get(stack);
        let members = recorded.into_iter().flat_map(|stack| &stack.members);
        members.flat_map(|(ingress, member)| Asked::by(ingress, &member.hosts))
    }

    /// What a stack is to answer.
    fn asked(&self, stack: &str) -> impl Iterator<Item = Asked<'a>> + use<'a> {
        let compilation = self.desired.compilation;
        let built = compilation.stacks.get(stack).map(|stack| &stack.members);
        let refused = compilation.refused.get(stack).map(|refused| &refused.members);
        let members = built.into_iter().chain(refused).flatten();
        members.flat_map(|member| Asked::by(&member.ingress, &member.hosts))
    }
}

/// A host, and the namespace that asks for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    namespace: &'a str,
    host: &'a str,
}

impl<'a> Asked<'a> {
    /// What an Ingress asks for; without hosts that is any.
    fn by(ingress: &'a str, hosts: &'a [String]) -> impl Iterator<Item = Asked<'a>> {
        let namespace = ingress.split('/').next().unwrap_or_default();
        let any = hosts.is_empty().then_some("");
        let hosts = hosts.iter().map(String::as_str).chain(any);
        hosts.map(move |host| Asked { namespace, host })
    }
}
