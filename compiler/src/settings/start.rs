//! What the controller refuses when it starts.
//!
//! Source: the controller's own check of its configuration, version 3.5.0, and the flags' syntax.

use super::Settings;
use super::layer::Layers;
use crate::diagnostic::code::settings as code;
use crate::diagnostic::{Diagnostic, Related, nearest};
use crate::schema::{At, Path, Reader};
use crate::source::Span;
use crate::yaml::Text;

/// Tags by which the controllers find what is theirs.
const TRACKING: [&str; 10] = [
    "elbv2.k8s.aws/cluster",
    "elbv2.k8s.aws/resource",
    "ingress.k8s.aws/stack",
    "ingress.k8s.aws/resource",
    "service.k8s.aws/stack",
    "service.k8s.aws/resource",
    "gateway.k8s.aws.nlb/stack",
    "gateway.k8s.aws.nlb/resource",
    "gateway.k8s.aws.alb/stack",
    "gateway.k8s.aws.alb/resource",
];

pub(super) const TARGET_TYPES: [&str; 2] = ["instance", "ip"];
pub(super) const SCHEMES: [&str; 2] = ["internal", "internet-facing"];

/// A tag key with its place in the settings.
pub(super) struct TagKey<'s> {
    pub(super) key: Text<'s>,
    pub(super) path: String,
}

pub(super) fn check(
    settings: &Settings,
    merged: &Layers<'_, '_>,
    default_tags: &[TagKey<'_>],
    external_tags: &[TagKey<'_>],
    r: &mut Reader,
) {
    check_tags(default_tags, external_tags, r);
    check_word(merged, "defaultTargetType", &settings.default_target_type, &TARGET_TYPES, r);
    let scheme = &settings.default_load_balancer_scheme;
    check_word(merged, "defaultLoadBalancerScheme", scheme, &SCHEMES, r);
    if let Some(group) = merged.text("backendSecurityGroup")
        && !group.as_str().starts_with("sg-")
    {
        let message = format!("`{}` is not the id of a security group", group.as_str());
        let finding = refused("backendSecurityGroup", message, group.span);
        r.push(finding.hint("write an id such as sg-0123456789abcdef0; names are not looked up"));
    }
    if settings.enable_manage_backend_security_group_rules
        && !settings.enable_backend_security_group
    {
        let name = "enableManageBackendSecurityGroupRules";
        let message = format!("`{name}` needs `enableBackendSecurityGroup`");
        let span = |name: &str| merged.get(name).map(|value| value.top().span());
        let at = span(name).or(span("enableBackendSecurityGroup")).or(settings.span);
        let hint = "write enableBackendSecurityGroup: true, or remove the other";
        let mut finding = Diagnostic::error(&code::NOT_STARTED, message).path(name).hint(hint);
        finding.span = at;
        r.push(finding);
    }
}

fn refused(path: &str, message: String, at: Span) -> Diagnostic {
    Diagnostic::error(&code::NOT_STARTED, message).at(at).path(path)
}

fn check_word(
    merged: &Layers<'_, '_>,
    key: &'static str,
    value: &str,
    words: &[&'static str],
    r: &mut Reader,
) {
    let Some(given) = merged.get(key).and_then(|value| value.top().string()) else { return };
    if words.contains(&value) {
        return;
    }
    let message = match value {
        "" => format!("`{key}` is empty"),
        value => format!("`{value}` cannot be `{key}`"),
    };
    let hint = match nearest(value, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {key}: {}", words.join(" or ")),
    };
    r.push(refused(key, message, given.span).hint(hint));
}

fn check_tags(default_tags: &[TagKey<'_>], external_tags: &[TagKey<'_>], r: &mut Reader) {
    for tag in default_tags.iter().chain(external_tags) {
        if TRACKING.contains(&tag.key.as_str()) {
            let message =
                format!("the tag `{}` belongs to the controller itself", tag.key.as_str());
            r.push(refused(&tag.path, message, tag.key.span).hint("remove it"));
        }
    }
    for tag in external_tags {
        let default = default_tags.iter().find(|default| default.key.value == tag.key.value);
        let Some(default) = default else { continue };
        let message = format!(
            "the tag `{}` is in `externalManagedTags` and in `defaultTags`",
            tag.key.as_str()
        );
        let finding = refused(&tag.path, message, tag.key.span).hint("remove it from one of them");
        r.push(finding.related(Related {
            message: "in `defaultTags`".to_owned(),
            ingress: None,
            span: Some(default.key.span),
        }));
    }
}

/// Reports texts that fall apart when the chart joins them with commas into one flag. A map of one
/// tag is not split.
pub(super) fn check_joined(pairs: &[(Text<'_>, String, Span)], path: Path<'_>, r: &mut Reader) {
    let joined_by = |text: &str| text.matches('=').count();
    let equals: usize =
        pairs.iter().map(|(key, text, _)| joined_by(key.as_str()) + joined_by(text) + 1).sum();
    for (key, text, span) in pairs {
        let splits = |part: &str| part.contains('"') || equals > 1 && part.contains([',', '\n']);
        let bad = key.as_str().contains('=') || splits(key.as_str()) || splits(text);
        if bad {
            let path = Path::Key(&path, key.as_str());
            let message = format!(
                "`{}` cannot be handed to the controller, whose flag is a list of KEY=VALUE with commas",
                key.as_str()
            );
            let finding = refused(&path.to_string(), message, *span);
            r.push(finding.hint("take the comma or quote out of the tag"));
        }
    }
}

/// Reports a value that the chart evaluates as a template.
pub(super) fn check_template(merged: &Layers<'_, '_>, key: &'static str, r: &mut Reader) -> bool {
    let Some(value) = merged.get(key) else { return false };
    let is_template = value.top().string().is_some_and(|text| text.as_str().contains("{{"));
    if is_template {
        let at = At { node: value.top(), path: Path::Field(&Path::Root, key) };
        let message = format!("`{key}` is a template, which only Helm can evaluate");
        r.error(&at, &code::TEMPLATE, message, format!("write {key}: VALUE in ingc.yaml"));
    }
    is_template
}
