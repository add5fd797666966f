//! Who is touched by a plan.

use crate::plan::BlastRadius;
use crate::stack::{Cx, Draft, StackDraft};
use ingc_compiler::resource::Kind;
use std::collections::BTreeSet;

/// Everybody whose requests may be answered otherwise: where only rules and what they lead to
/// change, those whose rules they are; else all who share the load balancer.
pub(crate) fn blast_radius(cx: &Cx<'_>, stacks: &[StackDraft<'_>]) -> BlastRadius {
    let mut found = Found::default();
    for stack in stacks.iter().filter(|stack| !stack.drafts.is_empty()) {
        if stack.drafts.iter().any(|draft| shared_by_all(draft)) {
            found.members(cx, stack.name);
        } else {
            stack.drafts.iter().for_each(|draft| found.draft(cx, draft));
        }
    }
    let namespaces: BTreeSet<&str> =
        found.ingresses.iter().filter_map(|name| name.split('/').next()).collect();
    BlastRadius {
        namespaces: namespaces.into_iter().map(str::to_owned).collect(),
        ingresses: found.ingresses.into_iter().collect(),
        hosts: found.hosts.into_iter().collect(),
    }
}

#[derive(Default)]
struct Found {
    ingresses: BTreeSet<String>,
    hosts: BTreeSet<String>,
}

impl Found {
    /// Members of before and after.
    fn members(&mut self, cx: &Cx<'_>, stack: &str) {
        for member in cx.desired.compilation.stacks.get(stack).into_iter().flat_map(|s| &s.members)
        {
            self.ingresses.insert(member.ingress.clone());
            self.hosts.extend(member.hosts.iter().cloned());
        }
        for (ingress, member) in cx.state.stacks.get(stack).into_iter().flat_map(|s| &s.members) {
            self.ingresses.insert(ingress.clone());
            self.hosts.extend(member.hosts.iter().cloned());
        }
    }

    fn draft(&mut self, cx: &Cx<'_>, draft: &Draft<'_>) {
        let now = draft.resource.iter().flat_map(|r| &r.origins).map(|origin| &origin.object);
        let past = draft.recorded.map(|recorded| recorded.origins.read()).unwrap_or_default();
        let past = past.iter().map(|origin| &origin.object);
        for ingress in now.chain(past).filter_map(|object| object.strip_prefix("Ingress/")) {
            if self.ingresses.insert(ingress.to_owned()) {
                self.hosts_of(cx, &draft.address.stack, ingress);
            }
        }
    }

    fn hosts_of(&mut self, cx: &Cx<'_>, stack: &str, ingress: &str) {
        let now = cx.desired.compilation.stacks.get(stack).into_iter().flat_map(|s| &s.members);
        for member in now.filter(|member| member.ingress == ingress) {
            self.hosts.extend(member.hosts.iter().cloned());
        }
        if let Some(member) = cx.state.stacks.get(stack).and_then(|s| s.members.get(ingress)) {
            self.hosts.extend(member.hosts.iter().cloned());
        }
    }
}

/// Kinds of which a stack has one for all.
fn shared_by_all(draft: &Draft<'_>) -> bool {
    !matches!(draft.address.kind, Kind::ListenerRule | Kind::TargetGroup | Kind::TargetGroupBinding)
}
