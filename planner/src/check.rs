//! What a stack's plan must not do: then the whole stack stays as it is.

use crate::diag;
use crate::plan::Action;
use crate::stack::{Cx, Draft, StackDraft};
use ingc_compiler::Compilation;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::group::Place;
use ingc_compiler::resource::{Address, Kind};
use ingc_compiler::route::{Case, wildcard};
use ingc_compiler::source::Position;
use ingc_compiler::tag;
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::collections::BTreeMap;

/// The field that deletion protection stands in.
const ATTRIBUTES: &str = "loadBalancerAttributes";

/// What the controller, if it runs, has to do with each stack.
#[derive(Debug, Default)]
pub(crate) struct Controller<'a> {
    /// Ingresses that it still reconciles.
    held: FxHashMap<&'a str, Vec<&'a str>>,
    /// Ingresses of each class by which it goes on changing the stack.
    served: FxHashMap<&'a str, BTreeMap<&'a str, Vec<&'a str>>>,
    /// Bindings that carry its labels.
    bindings: FxHashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Controller<'a> {
    /// Looks once at all that was compiled.
    pub(crate) fn new(compilation: &'a Compilation) -> Self {
        let mut all = Controller::default();
        for (ingress, seen) in &compilation.ingresses {
            for group in &seen.held_by {
                let held = all.held.entry(group).or_default();
                if held.last() != Some(&ingress.as_str()) {
                    held.push(ingress);
                }
            }
            if let (Place::Member(group), Some(class)) = (&seen.place, &seen.served_as) {
                let classes = all.served.entry(group).or_default();
                classes.entry(class).or_default().push(ingress);
            }
        }
        for (binding, group) in &compilation.bindings {
            all.bindings.entry(group).or_default().push(binding);
        }
        all
    }

    fn held<'c>(&'c self, stack: &'c str) -> impl Iterator<Item = Diagnostic> + 'c {
        let held = self.held.get(stack).into_iter().flatten();
        held.map(move |ingress| diag::held_by_controller(ingress, stack))
    }

    fn served<'c>(&'c self, stack: &'c str) -> impl Iterator<Item = Diagnostic> + 'c {
        let classes = self.served.get(stack).into_iter().flatten();
        let classes = classes.map(move |(class, of)| diag::served_by_controller(class, of, stack));
        let bindings = self.bindings.get(stack).into_iter().flatten();
        classes.chain(bindings.map(move |name| diag::binding_of_controller(name, stack)))
    }
}

/// Everything that refuses a stack's plan.
pub(crate) fn check(cx: &Cx<'_>, stack: &StackDraft<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if cx.options.refuse_held && !cx.state.stacks.contains_key(stack.name) {
        found.extend(cx.controller.held(stack.name));
    }
    if cx.options.refuse_served && !cx.state.stacks.contains_key(stack.name) {
        found.extend(cx.controller.served(stack.name));
    }
    let replaced_balancer = stack
        .drafts
        .iter()
        .any(|d| d.address.kind == Kind::LoadBalancer && d.action == Action::Replace);
    for draft in &stack.drafts {
        if draft.action != Action::Forget && draft.deposed.is_none() {
            found.extend(foreign(cx, draft));
        }
        if cx.options.refuse_ended {
            found.extend(waf_classic(draft));
        }
        if draft.removes() && draft.deposed.is_none() {
            found.extend(protection(cx, draft));
            found.extend(pattern(cx, draft));
        }
        if draft.action == Action::Replace {
            found.extend(kept_name(draft));
            if replaced_balancer {
                found.extend(foreign_target_groups(draft));
            }
        }
    }
    found
}

/// A tag of what exists that says that it is another cluster's or another stack's. Tags that somebody
/// took away are no such thing, nor is the name of another resource of the stack.
fn foreign(cx: &Cx<'_>, draft: &Draft<'_>) -> Option<Diagnostic> {
    let at = draft.previous.as_ref().unwrap_or(&draft.address);
    let live = cx.options.live?.objects.get(at)?.as_ref()?;
    let ours = tag::tracking(cx.desired.cluster, at)?;
    let has = live.tracking.as_ref()?;
    let differs = |key: &&str| matches!((ours.get(*key), has.get(*key)), (Some(ours), Some(has)) if ours != has);
    let key = [tag::CLUSTER, tag::STACK, tag::CLUSTER_RESOURCE].into_iter().find(differs)?;
    Some(diag::foreign_object(at, key, &has[key]))
}

/// A web ACL of WAF Classic, which nothing can be associated with any more.
fn waf_classic(draft: &Draft<'_>) -> Option<Diagnostic> {
    let goes = matches!(draft.action, Action::Delete | Action::Forget);
    if draft.address.kind != Kind::WafRegionalWebAclAssociation || goes {
        return None;
    }
    let spec = draft.after.as_ref()?.value();
    let acl = spec.get("webACLID")?.as_str().filter(|acl| !acl.is_empty())?;
    let finding = diag::waf_classic(&draft.address.stack, acl);
    let origin = draft.resource.and_then(|resource| resource.origins.first());
    Some(match origin {
        Some(origin) => finding.at(origin.span).object(origin.object.as_str()),
        None => finding,
    })
}

/// Deletion protection as it is now: an attribute that is switched off in the same plan is not
/// switched off yet.
fn protection(cx: &Cx<'_>, draft: &Draft<'_>) -> Option<Diagnostic> {
    if draft.address.kind != Kind::LoadBalancer {
        return None;
    }
    let live = cx.options.live.and_then(|live| live.objects.get(&draft.address)?.as_ref());
    let spec =
        live.map(|object| object.spec.value()).or(draft.before.as_ref().map(|s| s.value()))?;
    let on = spec.get("loadBalancerAttributes")?.as_array()?.iter().any(|attribute| {
        attribute.get("key").and_then(Value::as_str) == Some("deletion_protection.enabled")
            && attribute.get("value").and_then(Value::as_str) == Some("true")
    });
    on.then(|| {
        let finding = diag::deletion_protection(
            &draft.address,
            draft.action == Action::Replace,
            said_by(cx, draft),
        );
        let origin = draft.resource.and_then(|r| r.origins.iter().rfind(|o| o.field == ATTRIBUTES));
        match origin {
            Some(origin) => finding.at(origin.span).object(origin.object.as_str()),
            None => finding,
        }
    })
}

/// Where the attributes of a load balancer are set: what is desired, else what was.
fn said_by(cx: &Cx<'_>, draft: &Draft<'_>) -> Option<(String, Position)> {
    let now = draft.resource.and_then(|r| r.origins.iter().rfind(|o| o.field == ATTRIBUTES));
    if let Some(now) = now {
        return Some((now.object.to_string(), cx.desired.sources.position(now.span)));
    }
    let recorded = draft.recorded?.origins.read();
    let then = recorded.into_iter().rfind(|origin| origin.field == ATTRIBUTES)?;
    Some((then.object, then.position))
}

fn pattern(cx: &Cx<'_>, draft: &Draft<'_>) -> Option<Diagnostic> {
    let pattern = cx.options.protect.iter().find(|pattern| covers(pattern, &draft.address))?;
    Some(diag::protected(&draft.address, pattern, draft.action == Action::Replace))
}

/// True if a pattern names the address, in its long or short form, or its stack.
pub(crate) fn covers(pattern: &str, address: &Address) -> bool {
    let matches = |text: &str| wildcard(pattern, text, Case::Sensitive, false);
    let short = || format!("{}/{}/{}", address.stack, address.kind.short_name(), address.id);
    matches(&address.stack) || matches(&address.to_string()) || matches(&short())
}

/// The name that old and new object would both have.
fn kept_name(draft: &Draft<'_>) -> Option<Diagnostic> {
    let pointer = match draft.address.kind {
        Kind::LoadBalancer | Kind::TargetGroup => "/name",
        Kind::SecurityGroup => "/groupName",
        Kind::TargetGroupBinding => "/template/metadata/name",
        _ => return None,
    };
    let (before, after) = (draft.before.as_ref()?.value(), draft.after.as_ref()?.value());
    let name = after.pointer(pointer)?.as_str()?;
    (before.pointer(pointer)?.as_str()? == name).then(|| diag::name_kept(&draft.address, name))
}

/// Target groups of others, by ARN, in what is made anew on another load balancer.
fn foreign_target_groups(draft: &Draft<'_>) -> Option<Diagnostic> {
    if !matches!(draft.address.kind, Kind::Listener | Kind::ListenerRule) {
        return None;
    }
    let text = draft.after.as_ref()?.as_str();
    let start = text.find("\"targetGroupARN\":\"")? + "\"targetGroupARN\":\"".len();
    let arn = text[start..].split('"').next()?;
    Some(diag::shared_target_group(&draft.address, arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_stacks_and_addresses() {
        let address = Address::new("shop/web", Kind::LoadBalancer, "LoadBalancer");
        for pattern in ["shop/web", "shop/*", "*/LoadBalancer/LoadBalancer", "*LoadBalancer*"] {
            assert!(covers(pattern, &address), "{pattern}");
        }
        assert!(!covers("shop", &address));
        assert!(!covers("*/TargetGroup/*", &address));
    }
}
