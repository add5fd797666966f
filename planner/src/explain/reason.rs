//! Why a change happens, down to file and line.

use crate::plan::{Action, FieldChange, Reason};
use crate::stack::{Cx, Draft, renewed_tag};
use crate::state::{RecordedOrigin, is_shared};
use ingc_compiler::graph::{Origin, resolve_ref};
use ingc_compiler::group::Place;
use ingc_compiler::resource::{Condition, Kind, PatternCondition};
use ingc_compiler::source::Position;
use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;

/// More reasons than these help nobody.
const MOST: usize = 8;

/// The reasons of a draft, the weightiest first.
pub(super) fn reasons(cx: &Cx<'_>, draft: &Draft<'_>) -> Vec<Reason> {
    let mut found = Vec::with_capacity(1);
    if draft.action == Action::Delete && draft.import.is_some() {
        found.push(plain("an interrupted run has made it, and nothing asks for it"));
        return found;
    }
    if draft.deposed.is_some() {
        found.push(plain("an earlier plan has replaced it"));
        return found;
    }
    match draft.action {
        Action::Delete => return gone(cx, draft),
        Action::Forget => {
            found.push(match cx.options.spare.get(&draft.address) {
                Some(why) => plain(why),
                None => plain("it no longer exists"),
            });
            return found;
        }
        Action::Create if draft.lost.is_some() => {
            found.push(plain("it no longer exists, and somebody else deleted it"));
        }
        Action::Reorder => found.push(plain("rules above it come or go")),
        _ => {}
    }
    if draft.import.is_some() {
        found.push(plain("it exists already, and the state takes it up"));
    }
    if draft.follows {
        found.push(plain(
            "its load balancer is replaced, and a target group serves one load balancer only",
        ));
    }
    let origins = draft.resource.map_or(&[][..], |resource| &resource.origins);
    if draft.action == Action::Create {
        found.extend(origins.first().map(|origin| asks(cx, origin)));
    }
    for field in &draft.fields {
        let reason = of_field(cx, draft, origins, field);
        if let Some(reason) = reason.filter(|reason| !found.contains(reason)) {
            found.push(reason);
        }
        if found.len() == MOST {
            break;
        }
    }
    if found.is_empty() {
        found.extend(origins.first().map(|origin| asks(cx, origin)));
    }
    found
}

/// Why one field differs.
fn of_field(
    cx: &Cx<'_>,
    draft: &Draft<'_>,
    origins: &[Origin],
    field: &FieldChange,
) -> Option<Reason> {
    if draft.action == Action::Reorder {
        return None;
    }
    if field.path == "priority" {
        return Some(plain("rules above it come or go"));
    }
    if cx.options.hand_over && field.path == renewed_tag() {
        return Some(plain(
            "the controller knows a resource by this tag, which names another place",
        ));
    }
    if field.drifted {
        return Some(plain("somebody else changed it since it was applied"));
    }
    if field.known_after_apply {
        let name = field.after.as_ref().and_then(|after| first_ref(&draft.address.stack, after))?;
        return Some(plain(&format!("`{name}` is a new one")));
    }
    if field.sensitive {
        return Some(plain("the secret has another value"));
    }
    let recorded = draft.recorded.map(|recorded| recorded.origins.read()).unwrap_or_default();
    let mut said = recorded.iter().filter(|origin| concerns(&origin.field, &field.path));
    let still = |past: &RecordedOrigin| {
        origins.iter().any(|now| *now.object == *past.object && *now.source == *past.source)
    };
    let lost = |past: &&RecordedOrigin| !past.field.is_empty() && !still(past);
    if let Some(past) = said.rfind(lost) {
        let gone = if cx.desired.recalled.is_some() { "came later" } else { "is gone" };
        return Some(past_reason(past, gone));
    }
    let now = origins.iter().filter(|origin| concerns(&origin.field, &field.path));
    let now = now.max_by_key(|origin| origin.field.len()).or(origins.first());
    now.map(|origin| asks(cx, origin))
}

/// Why something is no longer asked for.
fn gone(cx: &Cx<'_>, draft: &Draft<'_>) -> Vec<Reason> {
    if cx.options.destroy.is_some() {
        return vec![plain("it is to be destroyed")];
    }
    if is_shared(&draft.address.stack) {
        return vec![plain("no load balancer uses it any more")];
    }
    let origins = draft.recorded.map(|recorded| recorded.origins.read()).unwrap_or_default();
    let Some(origin) = origins.first() else {
        return vec![plain("nothing asks for it any more")];
    };
    if cx.desired.recalled.is_some() {
        return vec![past_reason(origin, "came later")];
    }
    let Some(("Ingress", ingress)) = origin.object.split_once('/') else {
        return vec![past_reason(origin, "is gone")];
    };
    let whole = |text: String| Reason {
        text,
        object: origin.object.as_str().into(),
        source: SmolStr::default(),
        position: Some(origin.position.clone()),
    };
    let seen = cx.desired.compilation.ingresses.get(ingress).map(|seen| &seen.place);
    vec![match seen {
        None => whole(format!("Ingress `{ingress}` is no longer among the manifests")),
        Some(Place::Leaving) => whole(format!("Ingress `{ingress}` is being deleted")),
        Some(Place::Ignored) => whole(format!("Ingress `{ingress}` is of another class")),
        Some(Place::Member(group)) if *group != draft.address.stack => {
            whole(format!("Ingress `{ingress}` is now in group `{group}`"))
        }
        Some(_) => match removed(cx, draft, ingress) {
            Some(what) => whole(format!("{what} removed from Ingress `{ingress}`")),
            None => past_reason(origin, "no longer asks for it"),
        },
    }]
}

/// What a rule that goes stood for: its host, if the Ingress has it no more, else its path.
fn removed(cx: &Cx<'_>, draft: &Draft<'_>, ingress: &str) -> Option<String> {
    let rule = draft.recorded.filter(|_| draft.address.kind == Kind::ListenerRule)?;
    let spec = rule.spec.value();
    let conditions: Vec<Condition> = Vec::deserialize(spec.get("conditions")?).ok()?;
    let values = |of: fn(&Condition) -> Option<&PatternCondition>| -> Vec<String> {
        let patterns = conditions.iter().filter_map(of);
        patterns.flat_map(|pattern| pattern.values.iter().cloned()).collect()
    };
    let hosts = values(|condition| condition.host_header.as_ref());
    let stack = cx.desired.compilation.stacks.get(draft.address.stack.as_str())?;
    let member = stack.members.iter().find(|member| member.ingress == ingress)?;
    let listed = |values: &[String]| {
        values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
    };
    if !hosts.is_empty() && !hosts.iter().any(|host| member.hosts.contains(host)) {
        return Some(format!("host {}", listed(&hosts)));
    }
    let paths = values(|condition| condition.path_pattern.as_ref());
    // A prefix is two patterns, and one path in the manifest.
    let path = paths.first().filter(|_| paths.len() <= 2)?;
    let of = if hosts.is_empty() { String::new() } else { format!(" of host {}", listed(&hosts)) };
    Some(format!("path `{path}`{of}"))
}

fn asks(cx: &Cx<'_>, origin: &Origin) -> Reason {
    let position = cx.desired.sources.position(origin.span);
    let then = if cx.desired.recalled.is_some() { "said so" } else { "" };
    told(&origin.object, &origin.source, position, then)
}

fn past_reason(origin: &RecordedOrigin, what: &str) -> Reason {
    told(
        &origin.object.as_str().into(),
        &origin.source.as_str().into(),
        origin.position.clone(),
        what,
    )
}

/// "annotation `scheme` of Ingress `shop/web`", and what is to be said of it.
fn told(object: &SmolStr, source: &SmolStr, position: Position, what: &str) -> Reason {
    let (kind, name) = object.split_once('/').unwrap_or(("", object));
    let path = source.starts_with("spec.") || source.starts_with("metadata.");
    // Every change has a reason: they are put together without the costs of a format.
    let mut text = match source.as_str() {
        "" | "metadata.name" => [kind, " `", name, "`"].concat(),
        _ if path || !matches!(kind, "Ingress" | "Service") => {
            ["`", source, "` of ", kind, " `", name, "`"].concat()
        }
        _ => ["annotation `", source, "` of ", kind, " `", name, "`"].concat(),
    };
    if !what.is_empty() {
        text = format!("{text} {what}");
    }
    Reason { text, object: object.clone(), source: source.clone(), position: Some(position) }
}

fn plain(text: &str) -> Reason {
    Reason {
        text: text.to_owned(),
        object: SmolStr::default(),
        source: SmolStr::default(),
        position: None,
    }
}

/// True if what is said of one path bears on another.
fn concerns(said: &str, path: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    };
    !said.is_empty() && (within(said, path) || within(path, said))
}

/// The first resource that a value refers to, as `Kind/id`.
fn first_ref(stack: &str, value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| first_ref(stack, item)),
        Value::Object(fields) => match crate::state::as_ref(fields) {
            Some(reference) => {
                let target = resolve_ref(stack, &reference);
                Some(format!("{}/{}", target.kind, target.id))
            }
            None => fields.values().find_map(|field| first_ref(stack, field)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_bears_on_its_field_and_what_is_in_it() {
        let check = |said: &str, path: &str, expected: bool| {
            assert_eq!(concerns(said, path), expected, "{said} {path}");
        };
        check("scheme", "scheme", true);
        check("healthCheckConfig", "healthCheckConfig.path", true);
        check("healthCheckConfig.path", "healthCheckConfig", true);
        check("tags", "tags[team]", true);
        check("", "scheme", false);
        check("port", "portal", false);
    }
}
