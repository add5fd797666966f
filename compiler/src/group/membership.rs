//! Members, their groups and their order.

use super::class::{CLASS_ANNOTATION, Class, Classes};
use super::{Group, Groups, Member, Place, held_by};
use crate::annotation::attributes::LOAD_BALANCER_ATTRIBUTES;
use crate::annotation::group::{GROUP_NAME, GROUP_ORDER};
use crate::annotation::parse_bool;
use crate::diagnostic::code::group as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related};
use crate::inventory::Inventory;
use crate::manifest::{Ingress, IngressClassParams, Manifests};
use crate::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

const MAX_NAME: usize = 63;
const ORDER: std::ops::RangeInclusive<i32> = -1000..=1000;
const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// A member on its way into a group, with what it sorts by.
struct Candidate<'m, 's> {
    order: i32,
    /// `namespace/name`: a slash sorts behind `-`, so the pair would sort differently.
    key: String,
    ingress: &'m Ingress<'s>,
    class_params: Option<&'m IngressClassParams<'s>>,
}

pub(super) fn group<'m, 's>(
    manifests: &'m Manifests<'s>,
    settings: &Settings,
    inventory: &Inventory,
    out: &mut Diagnostics,
) -> Groups<'m, 's> {
    let classes = Classes::new(manifests, settings, inventory);
    let mut groups = Groups::default();
    let mut candidates: BTreeMap<String, (bool, Vec<Candidate<'m, 's>>)> = BTreeMap::new();
    let mut leaving: BTreeMap<String, Vec<&'m Ingress<'s>>> = BTreeMap::new();
    let mut torn = Vec::new();
    for (name, ingress) in &manifests.ingresses {
        let mut held = held_by(ingress).peekable();
        if ingress.metadata.deletion_timestamp.is_some() {
            groups.places.insert(name, Place::Leaving);
            held.for_each(|group| leaving.entry(group).or_default().push(ingress));
            continue;
        }
        if manifests.refusal("Ingress", name).is_some_and(|refusal| refusal.unplaced) {
            groups.places.insert(name, Place::Unplaced);
            continue;
        }
        torn.extend(classes.torn(ingress));
        let (by_annotation, class_params) = match classes.of(ingress) {
            Ok(Class::Ours(params)) => (false, params),
            Ok(Class::OursByAnnotation) => (true, None),
            Ok(Class::Others) => {
                groups.places.insert(name, Place::Ignored);
                continue;
            }
            Err(findings) => {
                groups.places.insert(name, Place::Unplaced);
                // A group that still holds the Ingress stays as it is until its class is clear.
                let frozen: BTreeSet<Option<String>> = match held.peek() {
                    Some(_) => held.map(Some).collect(),
                    None => BTreeSet::from([None]),
                };
                for finding in findings.into_vec() {
                    for group in &frozen {
                        let mut finding = finding.clone().ingress(name.to_string());
                        finding.group.clone_from(group);
                        out.push(finding);
                    }
                }
                continue;
            }
        };
        let (group, explicit) = match group_name(ingress, class_params) {
            Ok(Some(group)) => (group, true),
            Ok(None) => (name.to_string(), false),
            Err(findings) => {
                groups.places.insert(name, Place::Unplaced);
                for finding in findings.into_vec() {
                    out.push(finding.ingress(name.to_string()));
                }
                continue;
            }
        };
        if let Some(finding) = classes.refused(ingress, class_params) {
            out.push(finding.group(&group));
        }
        check_switched_off(ingress, by_annotation, settings, &group, out);
        let order = order(ingress, &group, out);
        groups.places.insert(name, Place::Member(group.clone()));
        let candidate = Candidate { order, key: name.to_string(), ingress, class_params };
        candidates.entry(group).or_insert((explicit, Vec::new())).1.push(candidate);
    }
    for name in manifests.refused.get("Ingress").into_iter().flat_map(BTreeMap::keys) {
        groups.places.entry(name).or_insert(Place::Unplaced);
    }
    for (id, ingresses) in leaving {
        for ingress in &ingresses {
            check_deletion(ingress, &id, out);
        }
        let explicit = !id.contains('/');
        let group = Group { id: id.clone(), explicit, members: Vec::new(), leaving: ingresses };
        groups.groups.insert(id, group);
    }
    for (id, (explicit, mut candidates)) in candidates {
        candidates.sort_by(|a, b| (a.order, &a.key).cmp(&(b.order, &b.key)));
        let members = candidates.into_iter().enumerate();
        let members = members
            .map(|(index, c)| Member { ingress: c.ingress, class_params: c.class_params, index })
            .collect();
        let group = groups.groups.entry(id.clone()).or_insert_with(|| Group {
            id,
            explicit,
            members: Vec::new(),
            leaving: Vec::new(),
        });
        group.members = members;
    }
    if let Some(finding) = torn.first() {
        for id in groups.groups.keys() {
            let message = format!("the group `{id}` is not built: {}", finding.message);
            let mut refused = finding.clone().group(id);
            refused.message = message;
            out.push(refused);
        }
    }
    groups
}

/// The named group of an Ingress: its class says, or its annotation.
fn group_name<'s>(
    ingress: &Ingress<'s>,
    class_params: Option<&IngressClassParams<'s>>,
) -> Result<Option<String>, Diagnostics> {
    if let Some((params, name)) = class_params.and_then(|p| p.group.as_ref().map(|name| (p, name)))
    {
        return match bad_name(name.as_str()) {
            None => Ok(Some(name.as_str().to_owned())),
            Some((message, hint)) => {
                let (at, path) = match &ingress.class_name {
                    Some(class) => (class.span, "spec.ingressClassName"),
                    None => (ingress.metadata.span, "metadata.name"),
                };
                Err(Diagnostic::error(&code::BAD_GROUP_NAME, message)
                    .at(at)
                    .path(path)
                    .maybe_hint(hint)
                    .related(Related {
                        message: format!(
                            "`group.name` of IngressClassParams `{}`",
                            params.metadata.name
                        ),
                        ingress: None,
                        span: Some(name.span),
                    })
                    .into())
            }
        };
    }
    let Some(value) = GROUP_NAME.on_ingress(ingress) else { return Ok(None) };
    match bad_name(value.as_str()) {
        None => Ok(Some(value.as_str().to_owned())),
        Some((message, hint)) => {
            Err(value.error(&code::BAD_GROUP_NAME, message).maybe_hint(hint).into())
        }
    }
}

/// Why a text is no name of a group, and what to write.
fn bad_name(text: &str) -> Option<(String, Option<String>)> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = bytes.first().zip(bytes.last()).is_some_and(|(a, z)| inner(*a) && inner(*z));
    if ends && bytes.iter().all(|&b| inner(b) || b == b'-' || b == b'.') {
        return (bytes.len() > MAX_NAME).then(|| {
            (
                format!(
                    "the group name has {} characters, at most {MAX_NAME} are allowed",
                    bytes.len()
                ),
                Some(format!("write '{}'", text[..MAX_NAME].trim_end_matches(['-', '.']))),
            )
        });
    }
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let fixed: String = text.to_lowercase().chars().map(allowed).take(MAX_NAME).collect();
    let fixed = fixed.trim_matches(['-', '.']);
    let hint = (!fixed.is_empty()).then(|| format!("write '{fixed}'"));
    Some((format!("`{text}` is not a group name"), hint))
}

/// The member's place in the order of its group. A bad value refuses the group.
fn order(ingress: &Ingress<'_>, group: &str, out: &mut Diagnostics) -> i32 {
    let Some(value) = GROUP_ORDER.on_ingress(ingress) else { return 0 };
    match value.int32() {
        Ok(order) if ORDER.contains(&order) => order,
        Ok(order) => {
            let message = format!("the group order {order} is not within -1000 and 1000");
            let hint = format!("write '{}'", order.clamp(*ORDER.start(), *ORDER.end()));
            out.push(value.error(&code::BAD_GROUP_ORDER, message).hint(hint).group(group));
            0
        }
        Err(findings) => {
            findings.into_vec().into_iter().for_each(|finding| out.push(finding.group(group)));
            0
        }
    }
}

/// What the webhook refuses of an Ingress because the settings switch it off.
fn check_switched_off(
    ingress: &Ingress<'_>,
    by_annotation: bool,
    settings: &Settings,
    group: &str,
    out: &mut Diagnostics,
) {
    let annotations = &ingress.metadata.annotations;
    let name = ingress.metadata.name.to_string();
    if settings.disable_ingress_class_annotation
        && by_annotation
        && let Some(value) = annotations.get(CLASS_ANNOTATION)
    {
        let message =
            format!("the annotation `{CLASS_ANNOTATION}` is switched off by the settings");
        out.push(
            Diagnostic::error(&code::CLASS_ANNOTATION_DISABLED, message)
                .at(value.span)
                .ingress(name.clone())
                .path(format!("metadata.annotations[{CLASS_ANNOTATION}]"))
                .hint("remove it and write spec.ingressClassName")
                .group(group),
        );
    }
    if settings.disable_ingress_group_name_annotation
        && let Some(value) = GROUP_NAME.on_ingress(ingress)
    {
        let message = "the annotation `group.name` is switched off by the settings";
        let finding = value.error(&code::GROUP_ANNOTATION_DISABLED, message);
        let hint = "name the group in spec.group of the class's IngressClassParams";
        out.push(finding.hint(hint).group(group));
    }
}

/// Refuses a group while a member that is being deleted asks for deletion protection.
fn check_deletion(ingress: &Ingress<'_>, group: &str, out: &mut Diagnostics) {
    let Some(value) = LOAD_BALANCER_ATTRIBUTES.on_ingress(ingress) else { return };
    let pairs = match value.map() {
        Ok(pairs) => pairs,
        Err(findings) => {
            findings.into_vec().into_iter().for_each(|finding| out.push(finding.group(group)));
            return;
        }
    };
    let Some(pair) = pairs.into_iter().find(|pair| pair.key == DELETION_PROTECTION) else { return };
    let finding = match parse_bool(&pair.value) {
        Some(false) => return,
        Some(true) => {
            let message = format!(
                "Ingress `{}` is being deleted while it asks for deletion protection",
                ingress.metadata.name
            );
            value
                .error_at(pair.range, &code::DELETION_PROTECTED, message)
                .hint(format!("write {DELETION_PROTECTION}=false first"))
        }
        None => {
            let message = format!("`{}` of `{DELETION_PROTECTION}` is not a boolean", pair.value);
            value
                .error_at(pair.range, &crate::diagnostic::code::annotation::BAD_VALUE, message)
                .hint("write true or false")
        }
    };
    out.push(finding.group(group));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_group_name_is_told_what_to_write() {
        let check = |text: &str, expected: Option<Option<&str>>| {
            let found = bad_name(text).map(|(_, hint)| hint);
            assert_eq!(found, expected.map(|hint| hint.map(str::to_owned)), "{text}");
        };
        check("shop", None);
        check("a", None);
        check("my-team.eu.v2", None);
        check("Marketing", Some(Some("write 'marketing'")));
        check("team_a", Some(Some("write 'team-a'")));
        check("-team", Some(Some("write 'team'")));
        check("", Some(None));
        check(&"x".repeat(63), None);
        check(&"x".repeat(64), Some(Some(&format!("write '{}'", "x".repeat(63)))));
    }
}
