//! Tags: what the controller, the class, the Ingress and the Service say, in that order.

use super::Cx;
use crate::annotation::attributes::TAGS;
use crate::annotation::{Pair, Value};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related};
use crate::graph::Origin;
use crate::group::Member;
use crate::manifest::{IngressClassParams, Service};
use crate::resource::Tags;
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The tags of each member of a group, by its index, and those that all of them share.
#[derive(Clone, Debug, Default)]
pub struct MemberTags {
    members: Vec<Tags>,
    annotations: Vec<Tags>,
    complete: Vec<Tags>,
}

impl MemberTags {
    /// The tags that a member and its class say, without the controller's defaults.
    pub(super) fn of(&self, member: &Member<'_, '_>) -> &Tags {
        &self.members[member.index]
    }
}

/// Reads the tags of all members once and reports what is wrong with them.
pub fn collect(cx: &mut Cx<'_, '_>) {
    // Most members of a group say the same: their tags are one map.
    let mut known: FxHashMap<&str, Tags> = FxHashMap::default();
    for member in &cx.group.members {
        let value = TAGS.on_ingress(member.ingress);
        let mut tags = match value.map(|value| (value, known.get(value.as_str()))) {
            None => Tags::new(),
            Some((_, Some(tags))) => tags.clone(),
            Some((value, None)) => {
                let (tags, findings) = read(cx, &value);
                if findings.is_empty() {
                    known.insert(value.as_str(), tags.clone());
                }
                cx.report_all(findings);
                tags
            }
        };
        cx.tags.annotations.push(tags.clone());
        if let Some(params) = member.class_params {
            check_class(cx, params);
            tags.extend(class_tags(params));
        }
        cx.tags.complete.push(with_defaults(cx, tags.clone()));
        cx.tags.members.push(tags);
    }
}

/// The tags of rules: the member's own under the controller's default tags.
pub fn of_member(cx: &Cx<'_, '_>, member: &Member<'_, '_>) -> Tags {
    cx.tags.complete.get(member.index).cloned().unwrap_or_default()
}

/// The tags of what a member and a Service share, such as a target group. The Service wins over
/// the Ingress, the class over both.
pub fn of_backend<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
    service: &'a Service<'s>,
) -> Tags {
    let Some(value) = TAGS.on_service(service) else { return of_member(cx, member) };
    let mut tags = cx.tags.annotations.get(member.index).cloned().unwrap_or_default();
    let (said, findings) = read(cx, &value);
    cx.report_all(findings);
    tags.extend(said);
    tags.extend(member.class_params.into_iter().flat_map(class_tags));
    with_defaults(cx, tags)
}

/// The tags of what members share, such as the load balancer. One key has one value.
pub fn of_members<'a, 's>(cx: &mut Cx<'a, 's>, members: &[Member<'a, 's>]) -> Tags {
    let mut said: BTreeMap<&str, (&str, &Member<'a, 's>)> = BTreeMap::new();
    let mut findings = Vec::new();
    for member in members {
        for (key, value) in &cx.tags.members[member.index] {
            let (first, by) = *said.entry(key).or_insert((value, member));
            if first != value {
                findings.push(conflict(key, (first, by), (value, member)));
            }
        }
    }
    let tags = said.into_iter().map(|(key, (value, _))| (key.to_owned(), value.to_owned()));
    let tags = tags.collect();
    findings.into_iter().for_each(|finding| cx.report(finding));
    with_defaults(cx, tags)
}

/// Puts the controller's default tags over others, or under them where the gate says so.
pub fn with_defaults(cx: &Cx<'_, '_>, mut tags: Tags) -> Tags {
    let defaults = &cx.settings.default_tags;
    if tags.is_empty() {
        return defaults.clone();
    }
    let low = cx.settings.feature_gates.enable_default_tags_low_priority;
    for (key, value) in defaults {
        if !low || !tags.contains_key(key) {
            tags.insert(key.clone(), value.clone());
        }
    }
    tags
}

/// Who says the tags of a member: its annotation and its class.
pub fn origins(member: &Member<'_, '_>) -> impl Iterator<Item = Origin> + use<> {
    let annotation = TAGS.on_ingress(member.ingress).map(|value| value.origin("tags"));
    let class = member.class_params.and_then(|params| {
        let first = params.tags.first()?;
        Some(Cx::origin("tags", &params.metadata, "tags", first.key.span))
    });
    class.into_iter().chain(annotation)
}

/// The tags of an annotation, and what is wrong with them, such as keys that are managed elsewhere.
fn read(cx: &Cx<'_, '_>, value: &Value<'_, '_>) -> (Tags, Diagnostics) {
    let pairs = match value.map() {
        Ok(pairs) => pairs,
        Err(findings) => return (Tags::new(), findings),
    };
    let mut findings = Diagnostics::new();
    for pair in &pairs {
        if let Some((message, hint)) = managed_elsewhere(cx, &pair.key) {
            let finding = value.error_at(pair.range.clone(), &code::EXTERNAL_TAG, message);
            findings.push(finding.hint(hint));
        }
    }
    (pairs.into_iter().map(|Pair { key, value, .. }| (key, value)).collect(), findings)
}

fn check_class(cx: &mut Cx<'_, '_>, params: &IngressClassParams<'_>) {
    for tag in &params.tags {
        if let Some((message, hint)) = managed_elsewhere(cx, tag.key.as_str()) {
            let object = format!("IngressClassParams/{}", params.metadata.name);
            let finding = Diagnostic::error(&code::EXTERNAL_TAG, message)
                .at(tag.key.span)
                .object(object)
                .path("spec.tags")
                .hint(hint);
            cx.report(finding);
        }
    }
}

fn managed_elsewhere(cx: &Cx<'_, '_>, key: &str) -> Option<(String, String)> {
    cx.settings.external_managed_tags.iter().any(|managed| managed == key).then(|| {
        (
            format!("the tag key `{key}` is managed elsewhere"),
            format!("remove `{key}` here, or from externalManagedTags of the settings"),
        )
    })
}

fn class_tags(params: &IngressClassParams<'_>) -> impl Iterator<Item = (String, String)> {
    let pair = |tag: &crate::manifest::Attribute<'_>| {
        (tag.key.as_str().to_owned(), tag.value.as_str().to_owned())
    };
    params.tags.iter().map(pair).collect::<Vec<_>>().into_iter()
}

/// Where a member says a tag: its class wins.
fn place(member: &Member<'_, '_>, key: &str) -> Span {
    let mut class = member.class_params.into_iter().flat_map(|params| params.tags.iter().rev());
    if let Some(tag) = class.find(|tag| tag.key.as_str() == key) {
        return tag.value.span;
    }
    let value = TAGS.on_ingress(member.ingress);
    let pair = value.and_then(|value| {
        let pair = value.map().ok()?.into_iter().find(|pair| pair.key == key)?;
        Some(value.text.locate(pair.range))
    });
    pair.unwrap_or(member.ingress.metadata.span)
}

fn conflict(
    key: &str,
    (first_value, first): (&str, &Member<'_, '_>),
    (second_value, second): (&str, &Member<'_, '_>),
) -> Diagnostic {
    let name = |member: &Member<'_, '_>| member.ingress.metadata.name.to_string();
    let (first_name, second_name) = (name(first), name(second));
    let message = format!(
        "the tag `{key}` is `{second_value}` for Ingress `{second_name}`, but `{first_value}` for Ingress `{first_name}` of the same group"
    );
    Diagnostic::error(&crate::diagnostic::code::annotation::CONFLICT, message)
        .at(place(second, key))
        .ingress(second_name)
        .path(format!("metadata.annotations[{}tags]", crate::annotation::PREFIX))
        .label("disagrees")
        .hint(format!("give `{key}` one value in the whole group"))
        .related(Related {
            message: format!("`{key}={first_value}` here"),
            ingress: Some(first_name),
            span: Some(place(first, key)),
        })
}
