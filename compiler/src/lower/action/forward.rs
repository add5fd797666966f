//! Forwarding to target groups: those of Services, and those that stand in the account.

use super::config::{ForwardConfig, Target};
use crate::diagnostic::code::rule as code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::graph::Origin;
use crate::group::Member;
use crate::lower::{Cx, target_group};
use crate::manifest::Service;
use crate::resource::{Action, ActionType, Forward, TargetGroupTuple, Token};
use crate::source::Spanned;

/// The action. `services` holds the Service of each tuple that names one; without it the tuple is
/// passed over, since that has been reported. None where something refuses the group.
pub(crate) fn lower<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    config: &ForwardConfig,
    services: &[Option<&'a Service<'s>>],
    port_path: &str,
    origin: &Origin,
) -> Option<Action> {
    let mut target_groups = Vec::with_capacity(config.tuples.len());
    for (tuple, service) in config.tuples.iter().zip(services) {
        let arn = match (&tuple.target, service) {
            (Target::Arn(arn), _) => Some(Token::from(arn.clone())),
            (Target::Name(name), _) => find(cx, member, name, port_path),
            (Target::Service(_, port), Some(service)) => {
                target_group::lower(cx, member, service, port, port_path, origin)
            }
            (Target::Service(..), None) => None,
        };
        target_groups.push(
            arn.map(|target_group_arn| TargetGroupTuple { target_group_arn, weight: tuple.weight }),
        );
    }
    Some(Action {
        action_type: ActionType::Forward,
        forward: Some(Forward {
            stickiness: config.stickiness.clone(),
            target_groups: target_groups.into_iter().collect::<Option<_>>()?,
        }),
        ..Action::default()
    })
}

/// A target group of the account by name.
fn find(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    name: &Spanned<String>,
    path: &str,
) -> Option<Token> {
    let known = &cx.inventory.target_groups;
    if let Some(found) = known.iter().find(|group| group.name == name.value) {
        cx.stack.target_group_names.insert(found.arn.clone(), found.name.clone());
        return Some(Token::from(found.arn.clone()));
    }
    let near = nearest(&name.value, known.iter().map(|group| group.name.as_str()));
    let finding = Diagnostic::error(
        &code::UNKNOWN_TARGET_GROUP,
        format!("the inventory has no target group `{}`", name.value),
    )
    .ingress(member.ingress.metadata.name.to_string())
    .path(path)
    .at(name.span)
    .hint(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add it under `targetGroups` of the inventory".to_owned(),
    });
    cx.report(finding);
    None
}
