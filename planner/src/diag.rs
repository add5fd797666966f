//! The findings of planning, in words.

use crate::stack::Draft;
use ingc_compiler::diagnostic::code::{applier, command_line, planner as code, yaml};
use ingc_compiler::diagnostic::{Diagnostic, Severity};
use ingc_compiler::group::stack_labels;
use ingc_compiler::resource::{Address, Kind};
use ingc_compiler::source::Position;

/// True for an error in reading a file, or its text as YAML.
pub(crate) fn is_unread(finding: &Diagnostic) -> bool {
    let of_text = yaml::CODES.contains(&finding.code) || *finding.code == command_line::UNREADABLE;
    of_text && finding.severity == Severity::Error
}

/// No Ingress object at all.
pub(crate) fn empty_input() -> Diagnostic {
    Diagnostic::error(&code::EMPTY_INPUT, "there is no Ingress among the manifests")
        .hint("give the path of the manifests, or delete on purpose with `ingc destroy`")
}

/// Nothing that a run could destroy.
pub(crate) fn nothing_named() -> Diagnostic {
    Diagnostic::error(
        &code::EMPTY_INPUT,
        "there is no Ingress among the manifests, and so they name nothing to destroy",
    )
    .hint("give the path of the manifests, or no path: `ingc destroy` takes all that is in scope")
}

/// Members that this run does not see and may not prune.
pub(crate) fn unseen_members(stack: &str, unseen: &[String]) -> Diagnostic {
    let names = listed(unseen.iter().map(String::as_str));
    let message = format!("{names} of group `{stack}` {} not given", be(unseen.len()));
    Diagnostic::error(&code::UNSEEN_MEMBERS, message)
        .group(stack)
        .hint("give their manifests too, or `--prune` if they are gone")
}

/// What is absent may stand where nothing could be read.
pub(crate) fn incomplete(stacks: &[&str]) -> Diagnostic {
    let names = listed(stacks.iter().copied());
    Diagnostic::warning(
        &code::INCOMPLETE_INPUT,
        format!("{names} {} kept: not every text could be read", be(stacks.len())),
    )
}

/// A protected load balancer would go. `said_by` is the object that protects it, and where.
pub(crate) fn deletion_protection(
    address: &Address,
    replaced: bool,
    said_by: Option<(String, Position)>,
) -> Diagnostic {
    let (what, then) =
        if replaced { ("replaced", "make this change again") } else { ("deleted", "delete it") };
    let place = match said_by {
        Some((object, position)) => {
            let (kind, name) = object.split_once('/').unwrap_or(("", &object));
            format!("of {kind} `{name}` ({position})")
        }
        None => "of the annotation `load-balancer-attributes`".to_owned(),
    };
    Diagnostic::error(
        &code::DELETION_PROTECTION,
        format!("`{address}` would be {what}, and has deletion protection"),
    )
    .group(address.stack.as_str())
    .hint(format!(
        "in two steps: first set `deletion_protection.enabled` to `false` in the attributes {place} \
         and apply that alone; then {then}"
    ))
}

/// `ingc.protect` names what would go.
pub(crate) fn protected(address: &Address, pattern: &str, replaced: bool) -> Diagnostic {
    let what = if replaced { "replaced" } else { "deleted" };
    Diagnostic::error(
        &code::PROTECTED,
        format!("`{address}` would be {what}, and `{pattern}` protects it"),
    )
    .group(address.stack.as_str())
    .hint(format!("first take `{pattern}` out of `ingc.protect`, then plan again"))
}

/// A rule of somebody else holds a number.
pub(crate) fn foreign_rule(listener: &Address, number: i32) -> Diagnostic {
    Diagnostic::error(
        &code::FOREIGN_RULE,
        format!("priority {number} of `{listener}` is held by a rule that is not ours"),
    )
    .group(listener.stack.as_str())
    .hint("delete it, or give it a higher number")
}

/// The new object would have the old one's name.
pub(crate) fn name_kept(address: &Address, name: &str) -> Diagnostic {
    let hint = match address.kind {
        Kind::LoadBalancer => "change `alb.ingress.kubernetes.io/load-balancer-name` as well",
        _ => "undo the change, or delete the object first with `ingc destroy`",
    };
    Diagnostic::error(
        &code::NAME_KEPT,
        format!(
            "`{address}` is replaced, and the new one would be named `{name}` like the old one"
        ),
    )
    .group(address.stack.as_str())
    .hint(hint)
}

/// A load balancer would get the name of another stack's, which exists or is to be made as well.
pub(crate) fn name_taken(
    draft: &Draft<'_>,
    name: &str,
    other: &Address,
    exists: bool,
) -> Diagnostic {
    let (stack, other) = (&draft.address.stack, &other.stack);
    let verb = if exists { "has" } else { "would have" };
    let message = format!(
        "the load balancer of `{stack}` would be named `{name}`, and that of `{other}` {verb} that name"
    );
    let rename = "give it another name with `alb.ingress.kubernetes.io/load-balancer-name`";
    let finding = Diagnostic::error(&code::NAME_TAKEN, message).group(stack.as_str());
    let finding = finding.hint(match exists {
        true => format!("{rename}; or let `{other}` go first: take its Ingresses away, apply, and add these then, which leaves a gap"),
        false => rename.to_owned(),
    });
    let origins = draft.resource.map(|resource| resource.origins.as_slice()).unwrap_or_default();
    let named = origins.iter().find(|origin| origin.field == "name").or(origins.first());
    match named {
        Some(origin) => finding.at(origin.span).object(origin.object.as_str()),
        None => finding,
    }
}

/// The controller reconciles what is to be imported.
pub(crate) fn held_by_controller(ingress: &str, group: &str) -> Diagnostic {
    Diagnostic::error(
        &code::HELD_BY_CONTROLLER,
        format!("the AWS Load Balancer Controller holds `{ingress}` for group `{group}`"),
    )
    .group(group)
    .ingress(ingress)
    .hint("scale the controller to zero, remove its finalizer from the Ingress, then import")
}

/// What the state leads to carries another's tag.
pub(crate) fn foreign_object(address: &Address, key: &str, value: &str) -> Diagnostic {
    let message =
        format!("`{address}` is recorded, and AWS says that it is another's: `{key}` is `{value}`");
    Diagnostic::error(&code::FOREIGN_OBJECT, message)
        .group(&*address.stack)
        .hint(format!("find out whose it is; if the record is wrong: `ingc state rm {address}`"))
}

/// What an interrupted run has left of a stack was not looked for.
pub(crate) fn unfinished(stack: &str, is_refused: bool) -> Diagnostic {
    let message = format!(
        "a run that changed stack `{stack}` has not come to its end, and AWS was not looked at: what it made last may be there already"
    );
    let (finding, hint) = match is_refused {
        true => (
            Diagnostic::error(&code::UNFINISHED, message),
            "run the same command without --no-refresh",
        ),
        false => {
            (Diagnostic::warning(&code::UNFINISHED, message), "look at AWS: `ingc plan --refresh`")
        }
    };
    finding.group(stack).hint(hint)
}

/// A web ACL of WAF Classic.
pub(crate) fn waf_classic(group: &str, acl: &str) -> Diagnostic {
    Diagnostic::error(
        &applier::WAF_CLASSIC,
        format!("WAF Classic has ended, and web ACL `{acl}` cannot be associated"),
    )
    .group(group)
    .hint("name a WAFv2 web ACL with `alb.ingress.kubernetes.io/wafv2-acl-arn` instead of `web-acl-id`")
}

/// The controller serves the class of what is to be imported.
pub(crate) fn served_by_controller(class: &str, members: &[&str], group: &str) -> Diagnostic {
    let names = listed(members.iter().copied());
    Diagnostic::error(
        &code::HELD_BY_CONTROLLER,
        format!("the AWS Load Balancer Controller serves class `{class}`, which is that of {names}: it would go on changing what is imported"),
    )
    .group(group)
    .hint("give the Ingresses a class of ingc's own (`ingc.controller`); if no controller runs in the cluster, say so with --controller-stopped")
}

/// The controller takes a binding for its own.
pub(crate) fn binding_of_controller(name: &str, group: &str) -> Diagnostic {
    let (namespace, bare) = name.split_once('/').unwrap_or(("default", name));
    let labels: Vec<String> = stack_labels(group).keys().map(|label| format!("{label}-")).collect();
    let labels = labels.join(" ");
    Diagnostic::error(
        &code::HELD_BY_CONTROLLER,
        format!("TargetGroupBinding `{name}` carries the labels by which the AWS Load Balancer Controller deletes it when it no longer serves `{group}`"),
    )
    .group(group)
    .object(format!("TargetGroupBinding/{name}"))
    .hint(format!("take them away: kubectl label -n {namespace} targetgroupbinding {bare} {labels}"))
}

/// Rules on our listeners that the controller would delete.
pub(crate) fn foreign_at_hand_over(listener: &Address, numbers: &[i32]) -> Diagnostic {
    let numbers = listed(
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>().iter().map(String::as_str),
    );
    Diagnostic::error(
        &code::NOT_READY,
        format!("`{listener}` has rules that nobody's manifests ask for, which the controller would delete: priority {numbers}"),
    )
    .group(listener.stack.as_str())
    .hint("delete them, or move them to a load balancer of their own; then release again")
}

/// A target group by ARN on a load balancer that is replaced.
pub(crate) fn shared_target_group(address: &Address, arn: &str) -> Diagnostic {
    Diagnostic::error(
        &code::SHARED_TARGET_GROUP,
        format!("`{address}` is replaced with its load balancer, and uses `{arn}`, which serves the old one"),
    )
    .group(address.stack.as_str())
    .hint("take that target group out of the actions and apply, then change the load balancer")
}

/// The steps have no order.
pub(crate) fn cycle(addresses: &[String]) -> Diagnostic {
    let names = listed(addresses.iter().map(String::as_str));
    Diagnostic::error(&code::CYCLE, format!("{names} wait for each other"))
}

/// A target that is nothing's address.
pub(crate) fn unknown_target(target: &str) -> Diagnostic {
    Diagnostic::error(&code::UNKNOWN_TARGET, format!("no change has the address `{target}`"))
        .hint("`ingc plan` and `ingc state list` show addresses")
}

/// Requests would be led to target groups that do not exist yet.
pub(crate) fn not_prepared(groups: &[String]) -> Diagnostic {
    let names = listed(groups.iter().map(String::as_str));
    let message = match groups.len() {
        0 => "bindings of target groups are not made yet".to_owned(),
        1 => format!("{names} does not exist yet, and so no pod is registered there"),
        _ => format!("{names} do not exist yet, and so no pods are registered there"),
    };
    Diagnostic::error(&code::NOT_PREPARED, message)
        .hint("first `ingc apply --phase prepare`, then apply its bindings to the cluster")
}

/// True for findings that refuse something.
pub(crate) fn is_error(diagnostic: &&Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

fn be(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Names in backticks; of many the first ones.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 5;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN).map(|name| format!("`{name}`")).collect();
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}
