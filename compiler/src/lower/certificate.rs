//! Certificates: named ones, those to request, and those found in ACM by host.

use super::merge::said_list;
use super::{Cx, name};
use crate::annotation::parse_bool;
use crate::annotation::tls::{ACM_PCA_ARN, CERTIFICATE_ARN, CREATE_ACM_CERT};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::load_balancer as code;
use crate::graph::{Origin, Resource};
use crate::group::Member;
use crate::inventory::Certificate as Known;
use crate::manifest::Ingress;
use crate::resource::{Certificate, Kind, Output, Ref, Spec, Token};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const ISSUED: &str = "ISSUED";

/// Certificates that the class or the annotation names.
pub(super) fn named(member: &Member<'_, '_>) -> (Vec<Token>, Option<Origin>) {
    let Some((items, value)) = said_list(member, &CERTIFICATE_ARN) else {
        return (Vec::new(), None);
    };
    let tokens = items.into_iter().map(|item| Token::Literal(item.text)).collect();
    (tokens, Some(value.origin("certificates")))
}

/// The certificate that the annotation `create-acm-cert` asks for, as a resource of the stack.
pub(super) fn created<'a, 's>(
    cx: &mut Cx<'a, 's>,
    member: &Member<'a, 's>,
) -> Option<(Token, Origin)> {
    let asked = CREATE_ACM_CERT.on_ingress(member.ingress)?;
    if !cx.settings.feature_gates.enable_certificate_management {
        return None;
    }
    // Anything but a clear yes is a no here, and not a mistake.
    if parse_bool(asked.as_str()) != Some(true) {
        return None;
    }
    let named = CERTIFICATE_ARN.on_ingress(member.ingress);
    if named.is_some_and(|value| !value.list().is_empty()) {
        return None;
    }
    let hosts: Vec<String> = hosts(member.ingress).into_keys().map(str::to_owned).collect();
    let Some(domain) = hosts.first().cloned() else {
        let message = format!(
            "a certificate is asked for, but Ingress `{}` has no host to request it for",
            member.ingress.metadata.name
        );
        cx.report(
            asked
                .error(&code::CERTIFICATE_WITHOUT_HOST, message)
                .hint("give a rule a `host`, list hosts under spec.tls, or remove the annotation"),
        );
        return None;
    };
    let authority = ACM_PCA_ARN.on_ingress(member.ingress).map(|value| value.as_str().to_owned());
    let authority = authority.filter(|arn| !arn.is_empty());
    let authority = authority.or_else(|| cx.settings.default_pca_arn.clone()).unwrap_or_default();
    let certificate_type = if authority.is_empty() { "AMAZON_ISSUED" } else { "PRIVATE" };
    let hash = name::hash(&[&member.ingress.metadata.name.to_string()]);
    let id = format!(
        "{}/{}-{}",
        certificate_type.to_lowercase(),
        domain.replace('*', "wildcard"),
        &hash[..8]
    );
    let mut tags = cx.tags.of(member).clone();
    tags.extend(cx.settings.default_tags.clone());
    let mut resource = Resource::new(Spec::Certificate(Certificate {
        certificate_authority_arn: authority,
        domain_name: domain,
        key_algorithm: String::new(),
        subject_alternative_names: hosts,
        tags,
        certificate_type: certificate_type.to_owned(),
        validation_method: "DNS".to_owned(),
    }));
    resource.origins.push(asked.origin(""));
    resource.origins.extend(super::tags::origins(member));
    cx.stack.insert(id.clone(), resource);
    let token = Token::Ref(Ref::new(Kind::Certificate, id, Output::CertificateArn));
    Some((token, asked.origin("certificates")))
}

/// All issued certificates for any host of the Ingress, by ARN. A host without one is an error.
pub(super) fn discovered(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
) -> (Vec<Token>, Option<Origin>) {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut origin = None;
    for (host, (span, path)) in hosts(member.ingress) {
        let asked = Host::new(host);
        let matching: Vec<&str> = cx
            .inventory
            .certificates
            .iter()
            .filter(|known| is_usable(cx, known) && is_for(known, asked))
            .map(|known| known.certificate_arn.as_str())
            .collect();
        if matching.is_empty() {
            let finding = no_certificate(cx, member, host, span, path.to_string());
            cx.report(finding);
        }
        found.extend(matching);
        let metadata = &member.ingress.metadata;
        origin.get_or_insert_with(|| Cx::origin("certificates", metadata, "host", span));
    }
    (found.into_iter().map(|arn| Token::Literal(arn.to_owned())).collect(), origin)
}

/// Certificates of a port: the first one of the first member that has any is the default; all
/// others follow once each, and the default again where a later one repeats it.
pub(super) fn merge<'t>(members: impl Iterator<Item = &'t [Token]>) -> Vec<Token> {
    let mut merged: Vec<Token> = Vec::new();
    let mut seen: BTreeSet<&Token> = BTreeSet::new();
    for token in members.flatten() {
        if merged.is_empty() || seen.insert(token) {
            merged.push(token.clone());
        }
    }
    merged
}

/// The field that names a host.
enum Field {
    /// Of a rule, by its index.
    Rule(usize),
    /// Of an entry of `spec.tls`, by the indices of entry and host.
    Tls(usize, usize),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Rule(i) => write!(f, "spec.rules[{i}].host"),
            Field::Tls(i, j) => write!(f, "spec.tls[{i}].hosts[{j}]"),
        }
    }
}

/// Hosts of the rules and of `spec.tls`, with the first place of each.
fn hosts<'a>(ingress: &'a Ingress<'_>) -> BTreeMap<&'a str, (Span, Field)> {
    let mut hosts = BTreeMap::new();
    for (i, rule) in ingress.rules.iter().enumerate() {
        if let Some(host) = rule.host.as_ref().filter(|host| !host.value.is_empty()) {
            hosts.entry(host.as_str()).or_insert((host.span, Field::Rule(i)));
        }
    }
    for (i, tls) in ingress.tls.iter().enumerate() {
        for (j, host) in tls.hosts.iter().enumerate() {
            hosts.entry(host.as_str()).or_insert((host.span, Field::Tls(i, j)));
        }
    }
    hosts
}

fn is_usable(cx: &Cx<'_, '_>, known: &Known) -> bool {
    let allowed = &cx.settings.allowed_certificate_authority_arns;
    let authority = known.certificate_authority_arn.as_deref().unwrap_or_default();
    known.status == ISSUED && (allowed.is_empty() || allowed.iter().any(|arn| arn == authority))
}

fn is_for(known: &Known, host: Host<'_>) -> bool {
    known.subject_alternative_names.iter().any(|name| host.is_covered_by(name))
}

/// A host, to be looked for among many certificates.
#[derive(Clone, Copy)]
struct Host<'h> {
    name: &'h str,
    /// What stands behind its first label.
    parent: Option<&'h str>,
}

impl<'h> Host<'h> {
    fn new(name: &'h str) -> Self {
        Host { name, parent: name.split_once('.').map(|(_, parent)| parent) }
    }

    /// A wildcard covers hosts with the same number of labels; letter case counts.
    fn is_covered_by(self, name: &str) -> bool {
        match name.strip_prefix("*.") {
            Some(parent) => self.parent == Some(parent),
            None => self.name == name,
        }
    }
}

fn no_certificate(
    cx: &Cx<'_, '_>,
    member: &Member<'_, '_>,
    host: &str,
    span: Span,
    path: String,
) -> Diagnostic {
    let certificates = &cx.inventory.certificates;
    let known = certificates.iter().find(|known| is_for(known, Host::new(host)));
    let hint = match known {
        Some(known) if known.status == "PENDING_VALIDATION" => format!(
            "`{}` is for it and waits for its validation: finish that first",
            known.certificate_arn
        ),
        Some(known) if known.status != ISSUED => format!(
            "`{}` is for it, but is {}: request another one and add it under `certificates` of the inventory",
            known.certificate_arn, known.status
        ),
        Some(known) => format!(
            "`{}` is for it, but certDiscovery.allowedCertificateAuthorityARNs of the settings leaves it out",
            known.certificate_arn
        ),
        None if cx.inventory.file.is_none() => {
            "give an inventory with --inventory FILE, or name one in ingc.yaml".to_owned()
        }
        None => format!(
            "request one for `{host}` in ACM and add it under `certificates` of the inventory, or name one by `certificate-arn`"
        ),
    };
    let message = format!("the inventory has no certificate for the host `{host}`");
    Diagnostic::error(&code::NO_CERTIFICATE, message)
        .at(span)
        .ingress(member.ingress.metadata.name.to_string())
        .path(path)
        .label("needs a certificate")
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_one_label() {
        let check = |name, host, expected| {
            assert_eq!(Host::new(host).is_covered_by(name), expected, "{name} {host}")
        };
        check("example.com", "example.com", true);
        check("example.com", "www.example.com", false);
        check("*.example.com", "www.example.com", true);
        check("*.example.com", "a.b.example.com", false);
        check("*.example.com", "example.com", false);
        check("*.example.com", "*.example.com", true);
        check("*.Example.com", "www.example.com", false);
    }

    #[test]
    fn the_default_certificate_may_come_again() {
        let token = |arn: &str| Token::Literal(arn.to_owned());
        let (a, b, c) = (token("a"), token("b"), token("c"));
        let check = |members: &[&[&Token]], expected: &[&Token]| {
            let members: Vec<Vec<Token>> =
                members.iter().map(|m| m.iter().copied().cloned().collect()).collect();
            let merged = merge(members.iter().map(|m| &**m));
            assert_eq!(merged.iter().collect::<Vec<_>>(), expected);
        };
        check(&[&[&a, &b], &[&c, &b]], &[&a, &b, &c]);
        check(&[&[], &[&a], &[&a, &b]], &[&a, &a, &b]);
        check(&[&[&a, &a]], &[&a, &a]);
        check(&[&[]], &[]);
    }
}
