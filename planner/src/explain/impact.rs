//! What traffic feels of a change.

use crate::plan::{Action, Impact, ImpactLevel, SecurityNote};
use crate::stack::{Cx, Draft};
use ingc_compiler::resource::Kind;
use std::collections::BTreeSet;

/// As many hosts are listed.
const LISTED: usize = 6;

/// The impact of a draft; `weaker` is what it takes from security.
pub(super) fn impact(cx: &Cx<'_>, draft: &Draft<'_>, weaker: Option<&SecurityNote>) -> Impact {
    let felt = traffic(cx, draft);
    match weaker {
        Some(note) if felt.level < ImpactLevel::ProtectionWeakened => {
            Impact { level: ImpactLevel::ProtectionWeakened, text: note.text.clone() }
        }
        _ => felt,
    }
}

fn traffic(cx: &Cx<'_>, draft: &Draft<'_>) -> Impact {
    let changes = |name: &str| draft.field_names().iter().any(|field| field == name);
    let impact = |level, text: &str| Impact { level, text: text.to_owned() };
    if draft.deposed.is_some() {
        return match draft.address.kind {
            Kind::LoadBalancer => {
                impact(ImpactLevel::Drain, "clients that still use the old address are let go")
            }
            _ => Impact::default(),
        };
    }
    match (draft.address.kind, draft.action) {
        (Kind::LoadBalancer, Action::Replace) => {
            let follow = match hosts(cx, &draft.address.stack) {
                Some(hosts) => format!(", and {hosts} must follow it"),
                None => String::new(),
            };
            impact(
                ImpactLevel::NewDnsName,
                &format!(
                    "the DNS name changes{follow}; \
                     the old load balancer serves until DNS answers have aged out"
                ),
            )
        }
        (Kind::LoadBalancer, Action::Delete) => {
            let hosts = match hosts(cx, &draft.address.stack) {
                Some(hosts) => format!("; {hosts} led to it"),
                None => String::new(),
            };
            impact(ImpactLevel::Outage, &format!("nothing answers at its DNS name any more{hosts}"))
        }
        (Kind::LoadBalancer, Action::Update) if changes("subnetMapping") => {
            impact(ImpactLevel::Drain, "connections through subnets that go are drained")
        }
        (Kind::Listener, Action::Delete) => {
            impact(ImpactLevel::Outage, "the port is not answered any more")
        }
        (Kind::Listener, Action::Update) if changes("protocol") || changes("port") => {
            impact(ImpactLevel::Outage, "clients of the old protocol or port are not answered")
        }
        (Kind::Listener, Action::Update) if changes("defaultActions") => {
            impact(ImpactLevel::Drain, "requests that no rule matches are answered otherwise")
        }
        (Kind::ListenerRule, Action::Delete) => impact(
            ImpactLevel::Outage,
            "its requests fall to the rules below it, or to the default answer",
        ),
        (Kind::ListenerRule, Action::Update) if draft.repoint => impact(
            ImpactLevel::Drain,
            "requests go to the new target group as soon as it has healthy targets",
        ),
        (Kind::ListenerRule, Action::Update) if changes("actions") || changes("conditions") => {
            impact(
                ImpactLevel::Drain,
                "requests are answered otherwise from one moment to the next",
            )
        }
        (Kind::TargetGroup, Action::Replace) => {
            impact(ImpactLevel::Drain, "requests under way in the old target group are finished")
        }
        (Kind::TargetGroup | Kind::TargetGroupBinding, Action::Delete) => {
            impact(ImpactLevel::Drain, "its targets are let go when requests are finished")
        }
        (Kind::SecurityGroup, Action::Update) if shuts_out(draft) => {
            impact(ImpactLevel::Outage, "sources that are no longer admitted are shut out")
        }
        _ => Impact::default(),
    }
}

/// The hosts that a stack answers for, as they are listed in a sentence; none if it has none.
fn hosts(cx: &Cx<'_>, stack: &str) -> Option<String> {
    let desired = cx.desired.compilation.stacks.get(stack).into_iter().flat_map(|s| &s.members);
    let recorded = cx.state.stacks.get(stack).into_iter().flat_map(|s| s.members.values());
    let hosts: BTreeSet<&String> =
        desired.flat_map(|m| &m.hosts).chain(recorded.flat_map(|m| &m.hosts)).collect();
    let shown: Vec<String> = hosts.iter().take(LISTED).map(|host| format!("`{host}`")).collect();
    let more = hosts.len().saturating_sub(LISTED);
    match (shown.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(shown.join(", ")),
        _ => Some(format!("{} and {more} more", shown.join(", "))),
    }
}

/// True if a security group admits less than before.
fn shuts_out(draft: &Draft<'_>) -> bool {
    draft.fields.iter().any(|field| field.path.starts_with("ingress") && field.after.is_none())
}
