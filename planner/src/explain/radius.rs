//! Who is touched by a plan.

use crate::plan::{Action, BlastRadius, Change};
use crate::stack::{Cx, Draft, StackDraft};
use ingc_compiler::resource::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Everybody whose requests may be answered otherwise: where only rules and what they lead to
/// change, those whose rules they are; else all who share the load balancer.
pub(crate) fn blast_radius(cx: &Cx<'_>, stacks: &[StackDraft<'_>]) -> BlastRadius {
    let mut found = Found::default();
    for stack in stacks.iter().filter(|stack| !stack.drafts.is_empty()) {
        if stack.drafts.iter().any(|draft| shared_by_all(draft)) {
            found.members(cx, stack.name);
        } else {
            let makes_way = keeps_order(stack);
            let felt = |draft: &&Draft<'_>| !(makes_way && draft.action == Action::Reorder);
            stack.drafts.iter().filter(felt).for_each(|draft| found.draft(cx, draft));
        }
    }
    let hosts: BTreeSet<&String> = found.touched.values().flatten().collect();
    let namespaces: BTreeSet<&str> = found.touched.keys().map(|name| namespace(name)).collect();
    let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (ingress, hosts) in &found.touched {
        others.entry(namespace(ingress).to_owned()).or_default().extend(hosts.iter().cloned());
    }
    BlastRadius {
        hosts: hosts.into_iter().cloned().collect(),
        namespaces: namespaces.into_iter().map(str::to_owned).collect(),
        others: others
            .into_iter()
            .map(|(name, hosts)| (name, hosts.into_iter().collect()))
            .collect(),
        ingresses: found.touched.into_keys().collect(),
    }
}

/// Takes out of the others those who ask for the changes themselves. Where no manifest asks, as
/// for what somebody else changed in the account, there are none.
pub(crate) fn leave_others(radius: &mut BlastRadius, changes: &[Change]) {
    let objects = changes.iter().flat_map(|change| &change.reasons).map(|reason| &*reason.object);
    let mut objects: Vec<&str> = objects.filter(|object| !object.is_empty()).collect();
    if objects.is_empty() {
        radius.others.clear();
    }
    // Changes of one object mostly stand together.
    objects.dedup();
    for object in objects {
        // What has no namespace is everybody's and nobody's.
        let mut parts = object.split('/').skip(1);
        if let (Some(namespace), Some(_)) = (parts.next(), parts.next()) {
            radius.others.remove(namespace);
        }
    }
}

/// True if rules only make way for others: none is moved past another one.
fn keeps_order(stack: &StackDraft<'_>) -> bool {
    stack.listeners.iter().all(|way| {
        let moved = stack.drafts.iter().filter(|draft| draft.action == Action::Reorder);
        let moved: BTreeSet<_> = moved.map(|draft| &draft.address).collect();
        let mut steps: Vec<(i32, i32)> = way
            .moves
            .iter()
            .filter(|step| moved.contains(&step.to))
            .map(|step| (step.priority_before, step.priority_after))
            .collect();
        steps.sort_unstable();
        steps.is_sorted_by_key(|(_, after)| *after)
    })
}

fn namespace(ingress: &str) -> &str {
    ingress.split('/').next().unwrap_or_default()
}

#[derive(Default)]
struct Found {
    /// Hosts by Ingress.
    touched: BTreeMap<String, BTreeSet<String>>,
}

impl Found {
    /// Members of before and after.
    fn members(&mut self, cx: &Cx<'_>, stack: &str) {
        for member in cx.desired.compilation.stacks.get(stack).into_iter().flat_map(|s| &s.members)
        {
            let hosts = self.touched.entry(member.ingress.clone()).or_default();
            hosts.extend(member.hosts.iter().cloned());
        }
        for (ingress, member) in cx.state.stacks.get(stack).into_iter().flat_map(|s| &s.members) {
            let hosts = self.touched.entry(ingress.clone()).or_default();
            hosts.extend(member.hosts.iter().cloned());
        }
    }

    fn draft(&mut self, cx: &Cx<'_>, draft: &Draft<'_>) {
        let now = draft.resource.iter().flat_map(|r| &r.origins).map(|origin| &*origin.object);
        let past = draft.recorded.map(|recorded| recorded.origins.read()).unwrap_or_default();
        let past = past.iter().map(|origin| &*origin.object);
        for ingress in now.chain(past).filter_map(|object| object.strip_prefix("Ingress/")) {
            if !self.touched.contains_key(ingress) {
                let hosts = hosts_of(cx, &draft.address.stack, ingress);
                self.touched.insert(ingress.to_owned(), hosts);
            }
        }
    }
}

fn hosts_of(cx: &Cx<'_>, stack: &str, ingress: &str) -> BTreeSet<String> {
    let now = cx.desired.compilation.stacks.get(stack).into_iter().flat_map(|s| &s.members);
    let now = now.filter(|member| member.ingress == ingress).flat_map(|member| &member.hosts);
    let past = cx.state.stacks.get(stack).and_then(|stack| stack.members.get(ingress));
    now.chain(past.into_iter().flat_map(|member| &member.hosts)).cloned().collect()
}

/// Kinds of which a stack has one for all.
fn shared_by_all(draft: &Draft<'_>) -> bool {
    !matches!(draft.address.kind, Kind::ListenerRule | Kind::TargetGroup | Kind::TargetGroupBinding)
}
