//! What traffic feels of a change.

use crate::plan::{Action, Impact, ImpactLevel, SecurityNote};
use crate::stack::Draft;
use ingc_compiler::resource::Kind;

/// The impact of a draft; `weaker` is what it takes from security.
pub(super) fn impact(draft: &Draft<'_>, weaker: Option<&SecurityNote>) -> Impact {
    let felt = traffic(draft);
    match weaker {
        Some(note) if felt.level < ImpactLevel::ProtectionWeakened => {
            Impact { level: ImpactLevel::ProtectionWeakened, text: note.text.clone() }
        }
        _ => felt,
    }
}

fn traffic(draft: &Draft<'_>) -> Impact {
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
        (Kind::LoadBalancer, Action::Replace) => impact(
            ImpactLevel::NewDnsName,
            "the DNS name changes; the old load balancer serves until DNS answers have aged out",
        ),
        (Kind::LoadBalancer, Action::Delete) => {
            impact(ImpactLevel::Outage, "nothing answers at its DNS name any more")
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

/// True if a security group admits less than before.
fn shuts_out(draft: &Draft<'_>) -> bool {
    draft.fields.iter().any(|field| field.path.starts_with("ingress") && field.after.is_none())
}
