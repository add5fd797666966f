//! Which stacks a run plans, which it deletes, and which it leaves alone.

use crate::diag;
use crate::heirs::{Gone, Heirs};
use crate::options::{Destroy, Options, Scope};
use crate::plan::{Frozen, Kept};
use crate::shard::Together;
use crate::stack::{Cx, StackDraft};
use crate::state::{StackState, is_shared};
use crate::{Desired, State};
use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::graph::{each_token, resolve_ref};
use ingc_compiler::group::Place;
use ingc_compiler::resource::Token;
use ingc_compiler::tag::is_own_stack;
use std::collections::BTreeSet;

/// What a run does with each stack.
#[derive(Debug, Default)]
pub(crate) struct Decision<'a> {
    /// Stacks to plan as the manifests say.
    pub(crate) build: BTreeSet<&'a str>,
    /// Recorded stacks to delete as a whole.
    pub(crate) delete: BTreeSet<&'a str>,
    pub(crate) frozen: Vec<Frozen>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) diagnostics: Diagnostics,
}

/// Decides by the recorded members of each stack: those that were seen tell themselves, those that
/// were not are gone only within the scope.
pub(crate) fn decide<'a>(
    desired: Desired<'a>,
    state: &'a State,
    options: &Options<'_>,
) -> Decision<'a> {
    let mut run = Run { desired, state, options, out: Decision::default(), hidden: Vec::new() };
    let compilation = desired.compilation;
    if let Some(stacks) = desired.recalled {
        let asked = stacks.iter().map(String::as_str).filter(|name| !is_shared(name));
        let (then, never) = asked.partition(|name| compilation.stacks.contains_key(*name));
        run.out.build = then;
        run.out.delete = never;
        run.out.delete.retain(|name| state.stacks.contains_key(*name));
        return run.out;
    }
    if let Some(only) = &options.only {
        let built = compilation.stacks.keys().filter(|name| only.contains(*name));
        run.out.build = built.map(String::as_str).collect();
        let gone = state.stacks.keys().filter(|name| only.contains(*name));
        let gone = gone.map(String::as_str).filter(|name| !compilation.stacks.contains_key(*name));
        run.out.delete = gone.collect();
        return run.out;
    }
    if options.destroy.is_none() {
        for name in compilation.refused.keys() {
            run.freeze(name, run.findings(name));
        }
    }
    for (name, recorded) in state.stacks.iter().filter(|(name, _)| !is_own_stack(name)) {
        match options.destroy {
            None => run.recorded(name, recorded),
            Some(Destroy::Desired) => run.named(name, recorded),
            Some(Destroy::Scope) => run.scoped(name, recorded),
        }
    }
    if options.destroy.is_none() {
        // What is known is recorded.
        let new = compilation.stacks.keys().map(String::as_str);
        let new = new.filter(|name| !is_own_stack(name) && !state.stacks.contains_key(*name));
        run.out.build.extend(new);
    }
    if !run.hidden.is_empty() {
        run.out.diagnostics.push(diag::incomplete(&run.hidden));
    }
    if let Some(shard) = options.shard {
        let together = Together::new(desired, state);
        let has = |stack: &str| shard.has(together.name_of(stack));
        run.out.build.retain(|name| has(name));
        run.out.delete.retain(|name| has(name));
        run.out.kept.retain(|kept| has(&kept.stack));
        run.out.frozen.retain(|frozen| has(&frozen.stack));
    }
    run.out
}

impl<'a> Decision<'a> {
    /// Leaves a stack as it is.
    pub(crate) fn freeze(&mut self, state: &State, name: &str, reasons: Vec<String>) {
        let resources = state.stacks.get(name).map_or(0, |stack| stack.resources.len());
        self.frozen.push(Frozen { stack: name.to_owned(), reasons, resources });
    }

    /// A stack whose Ingresses or hosts have gone to a group that stays as it is must keep answering
    /// for them, and so it stays as it is too.
    pub(crate) fn wait_for_heirs(&mut self, cx: &Cx<'a>, drafts: &mut Vec<StackDraft<'a>>) {
        let heirs = Heirs::new(cx.desired, cx.state, cx.options.destroy.is_some());
        let changing = drafts.iter().filter(|draft| !draft.drafts.is_empty());
        let heirs = heirs.of(changing.map(|draft| draft.name));
        loop {
            let frozen: BTreeSet<&str> = self.frozen.iter().map(|f| f.stack.as_str()).collect();
            let mut waiting: Vec<(&str, String)> = Vec::new();
            for draft in drafts.iter() {
                let of = heirs.get(draft.name).into_iter().flatten();
                let Some((gone, heir)) = of.into_iter().find(|(_, heir)| frozen.contains(heir))
                else {
                    continue;
                };
                let reason = match gone {
                    Gone::Ingress(ingress) => format!("`{ingress}` moves to `{heir}`"),
                    Gone::Host("") => format!("`{heir}` is to answer for any host"),
                    Gone::Host(host) => format!("`{heir}` is to answer for `{host}`"),
                };
                waiting.push((draft.name, format!("{reason}, which stays as it is")));
            }
            if waiting.is_empty() {
                return;
            }
            for (name, reason) in waiting {
                drafts.retain(|draft| draft.name != name);
                self.freeze(cx.state, name, vec![reason]);
            }
        }
    }
}

/// True if something uses what the cluster shares, and goes on to: a desired stack, or a recorded
/// one that stays as it is.
pub(crate) fn uses_shared(cx: &Cx<'_>, drafts: &[StackDraft<'_>]) -> bool {
    let planned: BTreeSet<&str> = drafts.iter().map(|draft| draft.name).collect();
    let mut stays = cx.state.stacks.iter().filter(|(name, _)| !planned.contains(name.as_str()));
    if stays.any(|(name, stack)| !is_shared(name) && stack.uses_shared()) {
        return true;
    }
    if cx.options.destroy.is_some() {
        return false;
    }
    let built = drafts.iter().filter_map(|draft| cx.desired.compilation.stacks.get(draft.name));
    built.flat_map(|stack| stack.resources.values()).any(|resource| {
        let mut found = false;
        each_token(&resource.spec, &mut |token| {
            found |= match token {
                Token::Literal(literal) => Some(literal.as_str()) == cx.shared_group,
                Token::Ref(reference) => is_shared(&resolve_ref("", reference).stack),
            };
        });
        found
    })
}

struct Run<'a, 'o> {
    desired: Desired<'a>,
    state: &'a State,
    options: &'o Options<'o>,
    out: Decision<'a>,
    /// Stacks that are kept only since not every text could be read.
    hidden: Vec<&'a str>,
}

impl<'a> Run<'a, '_> {
    fn place(&self, member: &str) -> Option<&'a Place> {
        self.desired.compilation.ingresses.get(member).map(|seen| &seen.place)
    }

    fn unseen(&self, recorded: &StackState) -> Vec<String> {
        recorded.members.keys().filter(|member| self.place(member).is_none()).cloned().collect()
    }

    /// A recorded stack of a run that builds.
    fn recorded(&mut self, name: &'a str, recorded: &'a StackState) {
        let compilation = self.desired.compilation;
        if compilation.refused.contains_key(name) {
            return;
        }
        let unplaced = |member: &&String| self.place(member) == Some(&Place::Unplaced);
        if let Some(member) = recorded.members.keys().find(unplaced) {
            let reason = format!("it cannot be told where `{member}` belongs");
            return self.freeze(name, vec![reason]);
        }
        let unseen = self.unseen(recorded);
        let built = compilation.asks_for(name);
        let told = unseen.is_empty() && !recorded.members.is_empty();
        if told || self.may_prune(name, recorded, &unseen) {
            let set = if built { &mut self.out.build } else { &mut self.out.delete };
            set.insert(name);
        } else if built && unseen.is_empty() {
            self.out.build.insert(name);
        } else if built {
            self.out.diagnostics.push(diag::unseen_members(name, &unseen));
            self.freeze(name, vec![format!("not given: {}", unseen.join(", "))]);
        } else {
            self.keep(name, recorded, unseen);
        }
    }

    /// A recorded stack of a run that destroys what the manifests name.
    fn named(&mut self, name: &'a str, recorded: &'a StackState) {
        let compilation = self.desired.compilation;
        let given = compilation.asks_for(name) || compilation.refused.contains_key(name);
        let gone =
            |member: &String| matches!(self.place(member), Some(Place::Leaving | Place::Ignored));
        if !given && !recorded.members.keys().any(gone) {
            return;
        }
        let unseen = self.unseen(recorded);
        if unseen.is_empty() || self.options.prune {
            self.out.delete.insert(name);
        } else {
            self.out.diagnostics.push(diag::unseen_members(name, &unseen));
            self.freeze(name, vec![format!("not given: {}", unseen.join(", "))]);
        }
    }

    /// A recorded stack of a run that destroys its scope.
    fn scoped(&mut self, name: &'a str, recorded: &'a StackState) {
        let members: Vec<String> = recorded.members.keys().cloned().collect();
        if self.covers(name, &members) || self.options.prune {
            self.out.delete.insert(name);
        } else {
            self.out.kept.push(kept(name, recorded, members));
        }
    }

    fn may_prune(&self, name: &str, recorded: &StackState, unseen: &[String]) -> bool {
        let members: Vec<String> = recorded.members.keys().cloned().collect();
        let of = if unseen.is_empty() { &members } else { unseen };
        !self.desired.compilation.incomplete && (self.options.prune || self.covers(name, of))
    }

    /// True if all of these Ingresses of the stack lie in the scope.
    fn covers(&self, name: &str, members: &[String]) -> bool {
        match &self.options.scope {
            Scope::Named => false,
            Scope::Cluster => true,
            Scope::Of { namespaces, groups } => {
                let inside = |member: &String| {
                    let namespace = member.split('/').next().unwrap_or_default();
                    namespaces.iter().any(|wanted| wanted == namespace)
                };
                groups.iter().any(|group| group == name)
                    || (!members.is_empty() && members.iter().all(inside))
            }
        }
    }

    fn keep(&mut self, name: &'a str, recorded: &StackState, unseen: Vec<String>) {
        let incomplete = self.desired.compilation.incomplete;
        if incomplete && (self.options.prune || self.covers(name, &unseen)) {
            self.hidden.push(name);
        }
        self.out.kept.push(kept(name, recorded, unseen));
    }

    fn freeze(&mut self, name: &str, reasons: Vec<String>) {
        self.out.freeze(self.state, name, reasons);
    }

    /// The errors that refused a group.
    fn findings(&self, name: &str) -> Vec<String> {
        let of = self.desired.compilation.diagnostics.iter().filter(diag::is_error);
        of.filter(|d| d.group.as_deref() == Some(name)).map(|d| d.message.clone()).collect()
    }
}

fn kept(name: &str, recorded: &StackState, members: Vec<String>) -> Kept {
    Kept { stack: name.to_owned(), members, resources: recorded.resources.len() }
}
