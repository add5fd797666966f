//! Rules of listeners: what the paths of the members become, in order.

pub(crate) mod condition;
mod draft;
mod limit;
mod optimizer;
mod path;
mod shadow;
mod unused;

pub use draft::Drafts;

use crate::annotation::routing;
use crate::diagnostic::code::{limit as limit_code, rule as code};
use crate::diagnostic::{Diagnostic, Related};
use crate::graph::{Origin, Resource, SecretValue};
use crate::group::Member;
use crate::lower::backend::Backend;
use crate::lower::{Cx, action, tags};
use crate::resource::{Action, Condition, Kind, ListenerRule, Output, Ref, Spec};
use crate::route::exact::takers;
use crate::route::never_matches;
use draft::RuleDraft;
use optimizer::Candidate;
use shadow::Reach;
use smol_str::SmolStr;

/// Rules of a listener that a later one is compared with. AWS accepts no more than that, so what
/// stands behind them is refused anyway.
const COMPARED: usize = 200;

/// Rules beyond these are not compared at all: no load balancer may have so many.
const MOST: usize = 1_000;

/// Earlier rules that a finding names.
const RELATED: usize = 5;

/// What a listener does where no rule matches.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The actions.
    pub actions: Vec<Action>,
    /// Secrets in them, with pointers into the listener's spec.
    pub secrets: Vec<SecretValue>,
    /// Who says so, for the field `defaultActions`.
    pub origins: Vec<Origin>,
}

/// The default actions of the listener on a port. `members` listen on it, in the order of the
/// group.
pub fn default_actions<'a, 's>(
    cx: &mut Cx<'a, 's>,
    _port: i32,
    protocol: &str,
    members: &[Member<'a, 's>],
) -> Defaults {
    if let Some(port) = cx.ssl_redirect.filter(|_| protocol == "HTTP") {
        return Defaults { actions: vec![action::to_https(port)], ..Defaults::default() };
    }
    let mut backends = members.iter().filter_map(|member| {
        member.ingress.default_backend.as_ref().map(|backend| (member, backend))
    });
    let Some((member, backend)) = backends.next() else {
        return Defaults { actions: vec![action::not_found()], ..Defaults::default() };
    };
    let mut drafts = std::mem::take(&mut cx.drafts);
    for (other, disputed) in backends {
        if drafts.disputed.insert(disputed.span) {
            cx.report(several_default_backends((member, backend.span), (other, disputed.span)));
        }
    }
    let mut defaults = Defaults::default();
    if let Some(resolved) = drafts.default_backend(cx, member, backend) {
        let https = protocol == "HTTPS";
        let origin = Cx::origin("", &member.ingress.metadata, "spec.defaultBackend", backend.span);
        let mut origins = vec![origin];
        origins.extend(resolved.origins.iter().filter(|origin| origin.field == "actions").cloned());
        if https {
            cx.report_all(std::mem::take(&mut resolved.login.findings));
            origins.extend(resolved.login.origins.iter().cloned());
        } else {
            warn_if_open(cx, member, resolved);
            limit::check_http_forward(cx, member, &resolved.action);
        }
        origins.iter_mut().for_each(|origin| origin.field = SmolStr::new_static("defaultActions"));
        defaults.actions = actions(resolved, https);
        defaults.secrets = secrets(resolved, https, "/defaultActions");
        defaults.origins = origins;
    }
    cx.drafts = drafts;
    defaults
}

/// One rule on its way into a listener.
struct Rule<'r, 'a, 's> {
    member: &'r Member<'a, 's>,
    /// The member's place among those of the listener, and its own among the member's rules.
    place: [usize; 2],
    draft: &'r RuleDraft,
    actions: Vec<Action>,
}

/// Makes the rules of the listener on a port, with their target groups and bindings. `members`
/// listen on it, in the order of the group. What was drafted for the rules is theirs if this is the
/// last listener.
pub fn lower<'a, 's>(
    cx: &mut Cx<'a, 's>,
    port: i32,
    protocol: &str,
    members: &[Member<'a, 's>],
    is_last: bool,
) {
    if cx.ssl_redirect.is_some() && protocol == "HTTP" {
        return;
    }
    let https = protocol == "HTTPS";
    let mut drafts = std::mem::take(&mut cx.drafts);
    for member in members {
        drafts.rules(cx, member);
        if let Some(draft) = drafts.get_mut(member.index).filter(|_| https) {
            for backend in &mut draft.backends {
                cx.report_all(std::mem::take(&mut backend.login.findings));
            }
        }
    }
    let mut rules = Vec::new();
    for (place, member) in members.iter().enumerate() {
        let Some(draft) = drafts.get(member.index) else { continue };
        for (index, rule) in draft.rules.iter().flatten().enumerate() {
            let backend = &draft.backends[rule.backend];
            let actions = actions(backend, https);
            rules.push(Rule { member, place: [place, index], draft: rule, actions });
        }
    }
    let candidates: Vec<_> = rules
        .iter()
        .map(|rule| Candidate { conditions: &rule.draft.conditions, actions: &rule.actions })
        .collect();
    let stays = optimizer::optimize(port, protocol, &candidates);
    let mut stays = stays.into_iter();
    rules.retain(|_| stays.next().unwrap_or(true));
    warn_of_shadows(cx, &rules);
    let listener = Ref::new(Kind::Listener, port.to_string(), Output::ListenerArn);
    let rules: Vec<_> = rules.into_iter().map(|rule| (rule.place, rule.actions)).collect();
    for (([member, index], actions), priority) in rules.into_iter().zip(1..) {
        let member = &members[member];
        let Some((draft, backend, tags)) = drafts.rule(member.index, index) else { continue };
        if !https {
            warn_if_open(cx, member, backend);
            limit::check_http_forward(cx, member, &backend.action);
        }
        let (conditions, drafted) = draft.parts(is_last);
        let spec = ListenerRule {
            actions,
            conditions,
            listener_arn: listener.clone().into(),
            priority,
            tags: tags.clone(),
            transforms: backend.transforms.clone(),
        };
        let login = if https { backend.login.origins.as_slice() } else { &[] };
        let tagged = tags::origins(member);
        let (_, tags) = tagged.size_hint();
        let count = drafted.len() + backend.origins.len() + login.len();
        let mut origins = Vec::with_capacity(count + tags.unwrap_or_default());
        origins.extend(drafted);
        origins.extend_from_slice(&backend.origins);
        origins.extend_from_slice(login);
        origins.extend(tagged);
        let secrets = secrets(backend, https, "/actions");
        let resource = Resource { origins, secrets, ..Resource::new(Spec::ListenerRule(spec)) };
        cx.stack.insert(format!("{port}:{priority}"), resource);
    }
    cx.drafts = drafts;
}

/// What can be said when all listeners of the group are made.
pub fn finish<'a, 's>(cx: &mut Cx<'a, 's>) {
    limit::check_stack(cx);
    let group = cx.group;
    for member in &group.members {
        check_conditions(cx, member);
        unused::check(cx, member);
    }
}

/// The controller's webhook reads the conditions of all paths, also of those that no listener
/// has rules for.
fn check_conditions<'a, 's>(cx: &mut Cx<'a, 's>, member: &Member<'a, 's>) {
    let drafted = cx.drafts.get(member.index).is_some_and(|draft| draft.rules.is_some());
    if drafted {
        return;
    }
    for value in routing::CONDITIONS.members_on_ingress(member.ingress) {
        let name = &value.name[routing::CONDITIONS.name.len()..];
        let paths = member.ingress.rules.iter().flat_map(|rule| rule.paths.iter().flatten());
        let mut services = paths.filter_map(|path| path.backend.service.as_ref());
        if services.any(|service| service.name.as_str() == name) {
            cx.report_all(condition::read(&value).1);
        }
    }
}

/// The login, if the listener can ask for one, and what answers.
fn actions(backend: &Backend, https: bool) -> Vec<Action> {
    let login = backend.login.actions.iter().filter(|_| https);
    login.chain([&backend.action]).cloned().collect()
}

fn secrets(backend: &Backend, https: bool, list: &str) -> Vec<SecretValue> {
    let secrets = backend.login.secrets.iter().filter(|_| https);
    secrets
        .map(|secret| SecretValue {
            pointer: format!("{list}{}", secret.pointer),
            ..secret.clone()
        })
        .collect()
}

/// Warns of what a login guards on HTTPS and nobody guards on HTTP. A redirect gives nothing away.
fn warn_if_open(cx: &mut Cx<'_, '_>, member: &Member<'_, '_>, backend: &Backend) {
    let login = &backend.login;
    if login.actions.is_empty() || backend.action.redirect.is_some() {
        return;
    }
    let Some(origin) = login.origins.first() else { return };
    let finding = Diagnostic::warning(
        &code::OPEN_ON_HTTP,
        format!("`{}` has no effect on the HTTP listeners of the Ingress", origin.source),
    )
    .ingress(member.ingress.metadata.name.to_string())
    .object(origin.object.clone())
    .at(origin.span)
    .hint("add `ssl-redirect: '443'`, or listen on HTTPS only with `listen-ports: '[{\"HTTPS\":443}]'`");
    cx.report(finding);
}

fn several_default_backends(
    (first, first_span): (&Member<'_, '_>, crate::source::Span),
    (second, second_span): (&Member<'_, '_>, crate::source::Span),
) -> Diagnostic {
    let (first, second) = (&first.ingress.metadata.name, &second.ingress.metadata.name);
    Diagnostic::error(
        &code::SEVERAL_DEFAULT_BACKENDS,
        format!("the Ingresses `{first}` and `{second}` of one group both have a default backend"),
    )
    .ingress(second.to_string())
    .path("spec.defaultBackend")
    .at(second_span)
    .hint("leave one; write the other as a path `/` of type Prefix with a host")
    .related(Related {
        message: format!("the default backend of `{first}`"),
        ingress: Some(first.to_string()),
        span: Some(first_span),
    })
}

/// Finds rules that can never match, since an earlier one takes all their requests.
fn warn_of_shadows(cx: &mut Cx<'_, '_>, rules: &[Rule<'_, '_, '_>]) {
    let reaches: Vec<_> = rules.iter().map(|rule| Reach::of(&rule.draft.conditions)).collect();
    for (i, rule) in rules.iter().enumerate().take(MOST) {
        let earlier = (0..i.min(COMPARED)).filter(|other| reaches[*other].meets(&reaches[i]));
        let earlier: Vec<usize> = earlier.collect();
        let mut covers =
            earlier.iter().copied().filter(|other| reaches[*other].covers(&reaches[i]));
        let Some(cover) = covers.next() else {
            let conditions: Vec<&[Condition]> =
                earlier.iter().map(|other| rules[*other].draft.conditions.as_slice()).collect();
            if let Some(by) = takers(&conditions, &rule.draft.conditions) {
                cx.report(taken_together(rule, by.into_iter().map(|other| &rules[earlier[other]])));
            }
            continue;
        };
        let (cover, conditions) = (&rules[cover], &rule.draft.conditions);
        let first = &cover.member.ingress.metadata.name;
        let second = &rule.member.ingress.metadata.name;
        let twins = first != second && cover.draft.conditions == *conditions;
        let (code, message) = if twins {
            let message = format!(
                "`{second}` and `{first}` have the same host and path, and `{first}` answers"
            );
            (&limit_code::SAME_HOST_AND_PATH, message)
        } else {
            let message = "the rule can never match: an earlier one takes all its requests";
            (&limit_code::NEVER_MATCHES, message.to_owned())
        };
        let path = rule.draft.origins.first().map(|origin| origin.source.clone());
        let finding = Diagnostic::warning(code, message)
            .ingress(second.to_string())
            .path(path.unwrap_or_default())
            .at(rule.draft.span)
            .hint(match first == second {
                true => "move it before the other, or remove it".to_owned(),
                false => format!("set a smaller `group.order` on `{second}`, or remove the rule"),
            })
            .related(Related {
                message: "the rule that answers".to_owned(),
                ingress: Some(first.to_string()),
                span: Some(cover.draft.span),
            });
        cx.report(finding);
    }
}

/// A rule that can never match since several earlier ones together take its requests, or since its
/// conditions exclude each other.
fn taken_together<'r>(
    rule: &Rule<'_, '_, '_>,
    by: impl Iterator<Item = &'r Rule<'r, 'r, 'r>>,
) -> Diagnostic {
    let name = rule.member.ingress.metadata.name.to_string();
    let related: Vec<_> = by
        .map(|other| Related {
            message: "takes its requests".to_owned(),
            ingress: Some(other.member.ingress.metadata.name.to_string()),
            span: Some(other.draft.span),
        })
        .collect();
    let (message, hint) = never_matches(related.len());
    let path = rule.draft.origins.first().map(|origin| origin.source.clone());
    let finding = Diagnostic::warning(&limit_code::NEVER_MATCHES, message)
        .ingress(name)
        .path(path.unwrap_or_default())
        .at(rule.draft.span)
        .hint(hint);
    related.into_iter().take(RELATED).fold(finding, Diagnostic::related)
}
