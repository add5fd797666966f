//! What AWS refuses in rules that the controller makes without a word.

use super::draft::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::limit as code;
use crate::graph::Stack;
use crate::group::Member;
use crate::lower::Cx;
use crate::resource::{Action, Address, Condition, Kind, Spec};

/// Values of all conditions of a rule together.
const VALUES: usize = 5;
/// `*` and `?` in all values of a rule together.
const WILDCARDS: usize = 5;
/// Rules of a load balancer, all listeners together.
const RULES: usize = 100;
/// Characters of a host or path.
const LENGTH: usize = 128;

/// Counts the values and wildcards of a rule, and measures its host and path.
pub(crate) fn check(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
    here: &Here<'_, '_>,
    conditions: &[Condition],
) {
    let warning = |code, message: String, path: String, span| {
        Diagnostic::warning(code, message)
            .ingress(member.ingress.metadata.name.to_string())
            .path(path)
            .at(span)
    };
    let (mut values, mut wildcards) = (0, 0);
    for condition in conditions {
        let (counted, wild) = count(condition);
        values += counted;
        wildcards += wild;
    }
    let place = here.path.path.as_ref().map_or(here.path.span, |path| path.span);
    if values > VALUES {
        let message = format!("the rule has {values} condition values, and AWS accepts {VALUES}");
        let hint = "a Prefix path counts twice: write Exact or ImplementationSpecific, or spread the values of `conditions.` over several paths";
        cx.report(warning(&code::TOO_MANY_VALUES, message, here.at.clone(), place).hint(hint));
    }
    if wildcards > WILDCARDS {
        let message = format!("the rule has {wildcards} wildcards, and AWS accepts {WILDCARDS}");
        let hint = "write fewer `*` and `?`, or spread the values over several paths";
        cx.report(warning(&code::TOO_MANY_WILDCARDS, message, here.at.clone(), place).hint(hint));
    }
    for (text, what) in [(&here.rule.host, "host"), (&here.path.path, "path")] {
        let Some(text) = text else { continue };
        let length = text.as_str().chars().count();
        if length > LENGTH {
            let message = format!("AWS refuses a {what} of {length} characters");
            let at = match what {
                "host" => here.host_at.to_string(),
                _ => format!("{}.path", here.at),
            };
            let finding = warning(&code::REFUSED_VALUE, message, at, text.span);
            cx.report(finding.hint(format!("write at most {LENGTH} characters")));
        }
    }
}

/// Values and wildcards of a condition.
fn count(condition: &Condition) -> (usize, usize) {
    let wild = |texts: &[String]| {
        texts.iter().map(|text| text.bytes().filter(|b| matches!(b, b'*' | b'?')).count()).sum()
    };
    if let Some(config) = condition.host_header.as_ref().or(condition.path_pattern.as_ref()) {
        return (config.values.len() + config.regex_values.len(), wild(&config.values));
    }
    if let Some(config) = &condition.http_header {
        return (config.values.len() + config.regex_values.len(), wild(&config.values));
    }
    if let Some(config) = &condition.query_string {
        let texts: Vec<_> = config
            .values
            .iter()
            .flat_map(|pair| pair.key.iter().chain([&pair.value]).cloned())
            .collect();
        return (config.values.len(), wild(&texts));
    }
    let plain = condition.http_request_method.as_ref().or(condition.source_ip.as_ref());
    (plain.map_or(0, |config| config.values.len()), 0)
}

/// Targets that speak HTTP/2 or gRPC stand behind HTTPS listeners only.
pub(crate) fn check_http_forward(cx: &mut Cx<'_, '_>, member: &Member<'_, '_>, action: &Action) {
    let forward = action.forward.iter().flat_map(|forward| &forward.target_groups);
    for reference in forward.filter_map(|tuple| tuple.target_group_arn.as_ref()) {
        let address = Address::new(cx.stack.id.clone(), reference.kind, &*reference.id);
        let Some(resource) = cx.stack.resources.get(&address) else { continue };
        let Spec::TargetGroup(group) = &resource.spec else { continue };
        let version = group.protocol_version.as_deref().filter(|version| *version != "HTTP1");
        let Some(version) = version else { continue };
        let mut origins = resource.origins.iter();
        let Some(origin) = origins.find(|origin| origin.field == "protocolVersion") else {
            continue;
        };
        let message = format!("AWS refuses {version} targets on the HTTP listeners of the Ingress");
        let finding = Diagnostic::warning(&code::REFUSED_VALUE, message)
            .ingress(member.ingress.metadata.name.to_string())
            .object(origin.object.clone())
            .at(origin.span)
            .hint("listen on HTTPS only, with `listen-ports: '[{\"HTTPS\":443}]'`, or add `ssl-redirect: '443'`");
        cx.report(finding);
    }
}

/// Counts the rules of the load balancer.
pub(crate) fn check_stack(cx: &mut Cx<'_, '_>) {
    let rules = rules_of(&cx.stack);
    if rules <= RULES {
        return;
    }
    let Some(member) = cx.group.members.first() else { return };
    let metadata = &member.ingress.metadata;
    let message = format!(
        "the load balancer has {rules} rules, and AWS accepts {RULES} unless the quota was raised"
    );
    let hint = match cx.group.explicit {
        true => "move some Ingresses to another group with `group.name`",
        false => "spread the paths over several Ingresses",
    };
    let finding = Diagnostic::warning(&code::TOO_MANY_RULES, message)
        .ingress(metadata.name.to_string())
        .at(metadata.span)
        .hint(hint);
    cx.report(finding);
}

fn rules_of(stack: &Stack) -> usize {
    stack.resources.keys().filter(|address| address.kind == Kind::ListenerRule).count()
}
