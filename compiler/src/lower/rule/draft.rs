//! What the rules of an Ingress match and do, worked out once for all listeners.

use super::condition::{self, Conditions};
use super::limit;
use super::path::{self, Pattern};
use crate::annotation::routing::USE_REGEX_PATH_MATCH;
use crate::diagnostic::code::rule as code;
use crate::diagnostic::{Diagnostic, Related};
use crate::graph::Origin;
use crate::group::Member;
use crate::lower::backend::{self, Backend};
use crate::lower::{Cx, action, tags};
use crate::manifest::{self, IngressPath, IngressRule, PathType, ServicePortRef};
use crate::resource::{Condition, JwtValidation, Tags};
use crate::source::Span;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};

/// The drafts of a group's members, by their index.
#[derive(Debug, Default)]
pub struct Drafts<'a> {
    members: BTreeMap<usize, MemberDraft<'a>>,
    /// Places at which two default backends have been found to disagree.
    pub(crate) disputed: BTreeSet<Span>,
}

/// What one Ingress becomes, whichever listener asks.
#[derive(Debug, Default)]
pub(crate) struct MemberDraft<'a> {
    /// Its rules in the order of the listener.
    pub(crate) rules: Option<Vec<RuleDraft>>,
    /// The index of its default backend among `backends`; the inner option is none where it is
    /// refused.
    pub(crate) default: Option<Option<usize>>,
    /// Its backends, each once.
    pub(crate) backends: Vec<Backend>,
    /// The tags of its rules.
    pub(crate) tags: Tags,
    known: BTreeMap<(&'a str, PortKey<'a>), Option<usize>>,
    token: Option<Option<JwtValidation>>,
    regex: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PortKey<'a> {
    Name(&'a str),
    Number(i32),
}

/// One rule, without what depends on the listener.
#[derive(Clone, Debug)]
pub(crate) struct RuleDraft {
    /// Its conditions.
    pub(crate) conditions: Vec<Condition>,
    /// The index of its backend.
    pub(crate) backend: usize,
    /// The path's entry, the host and the path.
    pub(crate) origins: Vec<Origin>,
    /// Where the path's entry stands.
    pub(crate) span: Span,
}

impl RuleDraft {
    /// Its conditions and origins, for a rule of its own. They are gone if nobody needs them later.
    pub(crate) fn parts(&mut self, is_last: bool) -> (Vec<Condition>, Vec<Origin>) {
        if is_last {
            return (std::mem::take(&mut self.conditions), std::mem::take(&mut self.origins));
        }
        (self.conditions.clone(), self.origins.clone())
    }
}

impl<'a> Drafts<'a> {
    /// The rules of a member, worked out when they are asked for the first time.
    pub(crate) fn rules<'s>(&mut self, cx: &mut Cx<'a, 's>, member: &Member<'a, 's>) {
        let draft = self.members.entry(member.index).or_default();
        if draft.rules.is_none() {
            draft.tags = tags::of_member(cx, member);
            cx.asking = Some(&member.ingress.metadata.name);
            draft.rules = Some(draft.lower_rules(cx, member));
            cx.asking = None;
        }
    }

    /// The default backend of a member that has one.
    pub(crate) fn default_backend<'s>(
        &mut self,
        cx: &mut Cx<'a, 's>,
        member: &Member<'a, 's>,
        backend: &'a manifest::Backend<'s>,
    ) -> Option<&mut Backend> {
        let draft = self.members.entry(member.index).or_default();
        let index = match draft.default {
            Some(index) => index,
            None => {
                cx.asking = Some(&member.ingress.metadata.name);
                let index = draft.backend(cx, member, backend, ["spec.defaultBackend", ""]);
                cx.asking = None;
                *draft.default.insert(index)
            }
        };
        draft.backends.get_mut(index?)
    }

    /// A member that [`Drafts::rules`] has been asked for.
    pub(crate) fn get(&self, index: usize) -> Option<&MemberDraft<'a>> {
        self.members.get(&index)
    }

    /// A member's rule, with its backend and the tags of all the member's rules.
    pub(crate) fn rule(
        &mut self,
        member: usize,
        index: usize,
    ) -> Option<(&mut RuleDraft, &Backend, &Tags)> {
        let MemberDraft { rules, backends, tags, .. } = self.members.get_mut(&member)?;
        let rule = rules.as_mut()?.get_mut(index)?;
        let backend = backends.get(rule.backend)?;
        Some((rule, backend, tags))
    }

    /// As [`Drafts::get`].
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut MemberDraft<'a>> {
        self.members.get_mut(&index)
    }
}

impl<'a> MemberDraft<'a> {
    fn lower_rules<'s>(&mut self, cx: &mut Cx<'a, 's>, member: &Member<'a, 's>) -> Vec<RuleDraft> {
        let mut drafts = Vec::new();
        for (i, rule) in member.ingress.rules.iter().enumerate() {
            let Some(paths) = &rule.paths else { continue };
            let host_at = format_smolstr!("spec.rules[{i}].host");
            for j in path::order(paths) {
                let at = format!("spec.rules[{i}].http.paths[{j}]");
                let found = self.backend(cx, member, &paths[j].backend, [&at, ".backend"]);
                let conditions = match found {
                    Some(index) => self.backends[index].conditions.clone(),
                    None => Conditions::default(),
                };
                let here = Here { rule, path: &paths[j], host_at: host_at.clone(), at };
                let conditions = self.conditions(cx, member, &here, conditions);
                if let (Some(conditions), Some(backend)) = (conditions, found) {
                    limit::check(cx, member, &here, &conditions);
                    let origins = here.origins(member);
                    drafts.push(RuleDraft { conditions, backend, origins, span: paths[j].span });
                }
            }
        }
        drafts
    }

    /// The index of a backend, resolved when it is met for the first time. `at` is its path, in two
    /// parts.
    fn backend<'s>(
        &mut self,
        cx: &mut Cx<'a, 's>,
        member: &Member<'a, 's>,
        backend: &'a manifest::Backend<'s>,
        at: [&str; 2],
    ) -> Option<usize> {
        let key = backend.service.as_ref().map(|service| {
            let port = match &service.port {
                ServicePortRef::Name(name) => PortKey::Name(name.as_str()),
                ServicePortRef::Number(number) => PortKey::Number(number.value),
            };
            (service.name.as_str(), port)
        });
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return *known;
        }
        let token = self.token.get_or_insert_with(|| action::token_check(cx, member));
        let resolved = backend::resolve(cx, member, backend, &at.concat(), token.as_ref());
        let index = resolved.map(|backend| {
            self.backends.push(backend);
            self.backends.len() - 1
        });
        if let Some(key) = key {
            self.known.insert(key, index);
        }
        index
    }

    /// All conditions of a rule; none where they are refused.
    fn conditions<'s>(
        &mut self,
        cx: &mut Cx<'a, 's>,
        member: &Member<'a, 's>,
        here: &Here<'_, 's>,
        added: Conditions,
    ) -> Option<Vec<Condition>> {
        let Conditions { mut host, mut path, others: mut conditions } = added;
        let (host_span, path_span) = (host.regex_span, path.regex_span);
        // All that is kept takes no more room than it needs.
        conditions.reserve_exact(2);
        if let Some(text) = here.host() {
            host.values.reserve_exact(1);
            host.values.insert(0, text.to_owned());
        }
        let written = here.path.path.as_ref().filter(|text| !text.value.is_empty());
        if let Some(text) = written {
            match self.patterns(cx, member, here, text.as_str())? {
                Pattern::Values(mut values) => {
                    values.append(&mut path.values);
                    path.values = values;
                }
                Pattern::Regex(regex) => path.regex_values.insert(0, regex),
                Pattern::Wildcard => {
                    cx.report(wildcard(here, member, text.as_str(), text.span));
                    return None;
                }
            }
        }
        let mixed = |patterns: &condition::Patterns| {
            !patterns.values.is_empty() && !patterns.regex_values.is_empty()
        };
        let mut complete = true;
        if mixed(&host) {
            let span = here.rule.host.as_ref().map_or(here.path.span, |host| host.span);
            let place = (span, here.host_at.as_str());
            cx.report(mixture(member, "host", place, host_span.or(host.values_span)));
            complete = false;
        }
        if mixed(&path) {
            let at = format!("{}.path", here.at);
            let place = (written.map_or(here.path.span, |path| path.span), at.as_str());
            cx.report(mixture(member, "path", place, path_span.or(path.values_span)));
            complete = false;
        }
        conditions.extend(host.condition().map(|host_header| Condition {
            field: "host-header".to_owned(),
            host_header: Some(host_header),
            ..Condition::default()
        }));
        conditions.extend(path.condition().map(path_condition));
        if conditions.is_empty() {
            let all = condition::Patterns { values: vec!["/*".to_owned()], ..Default::default() };
            conditions.extend(all.condition().map(path_condition));
        }
        complete.then_some(conditions)
    }

    fn patterns<'s>(
        &mut self,
        cx: &mut Cx<'a, 's>,
        member: &Member<'a, 's>,
        here: &Here<'_, 's>,
        text: &str,
    ) -> Option<Pattern> {
        let kind = here.path.path_type.value;
        let mut regex = false;
        // The annotation is read where it matters; elsewhere the controller accepts any value.
        if kind == PathType::ImplementationSpecific {
            regex = match self.regex {
                Some(regex) => regex,
                None => {
                    let value = USE_REGEX_PATH_MATCH.on_ingress(member.ingress);
                    let regex = match value {
                        Some(value) => cx.accept(value.boolean())?,
                        None => false,
                    };
                    *self.regex.insert(regex)
                }
            };
        }
        Some(path::patterns(text, kind, regex))
    }
}

/// A path of an Ingress with the fields that it stands in.
pub(crate) struct Here<'h, 's> {
    /// The rule.
    pub(crate) rule: &'h IngressRule<'s>,
    /// The path.
    pub(crate) path: &'h IngressPath<'s>,
    /// The host's field.
    pub(crate) host_at: SmolStr,
    /// The path's entry.
    pub(crate) at: String,
}

impl<'h> Here<'h, '_> {
    /// The host, if there is one.
    pub(crate) fn host(&self) -> Option<&'h str> {
        self.rule.host.as_ref().map(|host| host.as_str()).filter(|host| !host.is_empty())
    }

    fn origins(&self, member: &Member<'_, '_>) -> Vec<Origin> {
        let ingress = &member.ingress.metadata;
        let mut origins = Vec::with_capacity(4);
        origins.push(Cx::origin("", ingress, self.at.clone(), self.path.span));
        if let Some(host) = &self.rule.host {
            origins.push(Cx::origin("conditions", ingress, self.host_at.clone(), host.span));
        }
        if let Some(path) = &self.path.path {
            let at = [&self.at, ".path"].concat();
            origins.push(Cx::origin("conditions", ingress, at, path.span));
        }
        let at = [&self.at, ".backend"].concat();
        origins.push(Cx::origin("actions", ingress, at, self.path.backend.span));
        origins
    }
}

fn path_condition(patterns: crate::resource::PatternCondition) -> Condition {
    Condition {
        field: "path-pattern".to_owned(),
        path_pattern: Some(patterns),
        ..Condition::default()
    }
}

fn wildcard(here: &Here<'_, '_>, member: &Member<'_, '_>, text: &str, span: Span) -> Diagnostic {
    let kind = match here.path.path_type.value {
        PathType::Exact => "Exact",
        _ => "Prefix",
    };
    let stem = text.split(['*', '?']).next().unwrap_or_default().trim_end_matches('/');
    let hint = match text.strip_suffix('*') {
        Some(rest) if kind == "Prefix" && !rest.contains(['*', '?']) && rest.ends_with('/') => {
            format!(
                "write `{}`: a Prefix path takes what is below it",
                if stem.is_empty() { "/" } else { stem }
            )
        }
        _ => "write `pathType: ImplementationSpecific`".to_owned(),
    };
    Diagnostic::error(
        &code::PATH_WILDCARD,
        format!("the path `{text}` of type {kind} contains a wildcard"),
    )
    .ingress(member.ingress.metadata.name.to_string())
    .path(format!("{}.path", here.at))
    .at(span)
    .hint(hint)
}

/// The finding about a host or path that has patterns and regular expressions.
fn mixture(
    member: &Member<'_, '_>,
    what: &str,
    (span, path): (Span, &str),
    other: Option<Span>,
) -> Diagnostic {
    let name = member.ingress.metadata.name.to_string();
    let finding = Diagnostic::error(
        &code::VALUES_AND_REGEX,
        format!("the {what} of a rule has patterns and regular expressions"),
    )
    .ingress(name.clone())
    .path(path)
    .at(span)
    .hint(match what {
        "host" => "leave out `host` here, or write `values` in the annotation's condition",
        _ => "write `regexValues` only for ImplementationSpecific paths with `use-regex-path-match: 'true'`, and `values` for all others",
    });
    match other {
        Some(span) => finding.related(Related {
            message: "the condition of the annotation".to_owned(),
            ingress: Some(name),
            span: Some(span),
        }),
        None => finding,
    }
}
