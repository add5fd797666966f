//! Ingress: class, rules, paths and TLS.

use super::{backend, name, schema};
use crate::diagnostic::code::manifest as code;
use crate::diagnostic::{Diagnostic, Related, nearest};
use crate::manifest::{
    CLASS_ANNOTATION, Ingress, IngressPath, IngressRule, IngressTls, Metadata, PathType, Refusal,
};
use crate::schema::{At, Reader};
use crate::source::Spanned;
use crate::yaml::{NodeKind, Text};
use std::net::IpAddr;

const PATH_TYPES: [&str; 3] = ["Exact", "Prefix", "ImplementationSpecific"];

/// What an Exact or Prefix path may not contain, nor end with.
const BAD_PIECES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS: [&str; 2] = ["/..", "/."];

/// An Ingress of an old version: what its group can be told by, and nothing else.
pub(super) fn read_old<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    refusal: &mut Refusal,
) -> Ingress<'s> {
    let class = object.node.get("spec").and_then(|spec| spec.get("ingressClassName"));
    let class = class.filter(|node| node.kind() != NodeKind::Null);
    let class_name = class.and_then(|node| node.text());
    refusal.unplaced |= class.is_some() && class_name.is_none();
    Ingress { metadata, class_name, default_backend: None, rules: Vec::new(), tls: Vec::new() }
}

pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
    refusal: &mut Refusal,
) -> Ingress<'s> {
    let mut ingress = Ingress {
        metadata,
        class_name: None,
        default_backend: None,
        rules: Vec::new(),
        tls: Vec::new(),
    };
    let spec = r.fields(object, &schema::INGRESS).and_then(|[spec, ..]| spec);
    let Some(spec) = spec else {
        r.missing(object, "spec", "write spec.rules or spec.defaultBackend");
        return ingress;
    };
    let Some([class_name, default_backend, rules, tls]) = r.fields(&spec, &schema::INGRESS_SPEC)
    else {
        refusal.unplaced = true;
        return ingress;
    };
    if let Some(at) = class_name {
        ingress.class_name = r.text(&at);
        match &ingress.class_name {
            Some(name) if !name::is_dns_subdomain(name.as_str()) => {
                let message = format!("`{}` cannot be the name of an IngressClass", name.as_str());
                let hint = "write the name of an IngressClass, or leave the field out";
                r.error(&at, &code::BAD_NAME, message, hint);
            }
            Some(_) => {}
            None => refusal.unplaced = true,
        }
    }
    if let (Some(at), Some(annotation)) =
        (class_name, ingress.metadata.annotations.get(CLASS_ANNOTATION))
    {
        let message = "the class is named here and by an annotation, which counts";
        let finding = Diagnostic::warning(&code::TWO_CLASSES, message)
            .at(at.span())
            .path(at.path.to_string())
            .hint("keep one of the two: a new Ingress with both is refused");
        r.push(finding.related(Related {
            message: "the annotation".to_owned(),
            ingress: None,
            span: Some(annotation.span),
        }));
    }
    if default_backend.is_none() && rules.is_none_or(|at| is_empty(&at)) {
        let message = "an Ingress has neither `rules` nor `defaultBackend`";
        let hint = "write spec.rules or spec.defaultBackend";
        let at = rules.unwrap_or(At { node: spec.node, path: spec.path });
        r.error(&at, &code::EMPTY_INGRESS, message, hint);
    }
    ingress.default_backend = default_backend.and_then(|at| backend::read(&at, r));
    if let Some(at) = rules {
        ingress.rules = r.items(&at).filter_map(|at| rule(&at, r)).collect();
    }
    if let Some(at) = tls {
        ingress.tls = r.items(&at).filter_map(|at| read_tls(&at, r)).collect();
    }
    ingress
}

fn is_empty(at: &At<'_, '_, '_>) -> bool {
    at.node.kind() == NodeKind::Sequence && at.node.items().next().is_none()
}

fn rule<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<IngressRule<'s>> {
    let [host, http] = r.fields(at, &schema::RULE)?;
    let host = host.and_then(|at| read_host(&at, r));
    let paths = http.map(|http| {
        let paths = r.fields(&http, &schema::HTTP).map(|[paths]| paths);
        let Some(paths) = paths else { return Vec::new() };
        let Some(at) = paths.filter(|at| !is_empty(at)) else {
            r.missing(&http, "paths", "give at least one path, or leave `http` out");
            return Vec::new();
        };
        r.items(&at).filter_map(|at| read_path(&at, r)).collect()
    });
    Some(IngressRule { host, paths, span: at.span() })
}

/// Reads a host of a rule or of TLS.
fn read_host<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<Text<'s>> {
    let host = r.text(at)?;
    let text = host.as_str();
    let good = text.is_empty()
        || name::is_wildcard_host(text)
        || name::is_dns_subdomain(text) && text.parse::<IpAddr>().is_err();
    if !good {
        let (message, hint) = bad_host(text);
        r.error(at, &code::BAD_HOST, message, hint);
    }
    Some(host)
}

/// Why a text is no host, and what to write.
fn bad_host(text: &str) -> (String, String) {
    let message = |why: &str| format!("`{text}` is not a host: {why}");
    if text.parse::<IpAddr>().is_ok() {
        let hint = "write a DNS name, or leave the host out to answer for every one";
        return (message("it is an IP address"), hint.to_owned());
    }
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let bare = bare.split_once(':').map_or(bare, |(host, _)| host).trim();
    let lower = bare.trim_end_matches('.').to_lowercase();
    let is_host = name::is_wildcard_host(&lower) || name::is_dns_subdomain(&lower);
    if is_host && lower != text {
        return (message("it is more than a DNS name in lower case"), format!("write {lower}"));
    }
    if text.contains('*') {
        let hint = "write *.example.com, or leave the host out to answer for every one";
        return (message("`*` stands for the first part only"), hint.to_owned());
    }
    let hint = "write a DNS name of lower case letters, digits, `-` and `.`";
    (message("it is no DNS name"), hint.to_owned())
}

fn read_path<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<IngressPath<'s>> {
    let [path, path_type, backend] = r.fields(at, &schema::PATH)?;
    let kind_hint = "write pathType: Prefix, Exact or ImplementationSpecific";
    let path_type = r.required(at, path_type, "pathType", kind_hint);
    let backend_hint = "write backend: {service: {name: NAME, port: {number: 80}}}";
    let backend = r.required(at, backend, "backend", backend_hint);
    let path_type = path_type.and_then(|at| read_path_type(&at, r));
    let text = path.and_then(|at| r.text(&at));
    let is_text = path.is_none_or(|at| at.node.kind() == NodeKind::String);
    if let (Some(path_type), true) = (path_type, is_text) {
        let place = path.unwrap_or(*at);
        check_path(&place, text.as_ref().map_or("", Text::as_str), path_type.value, r);
    }
    Some(IngressPath {
        path: text,
        path_type: path_type
            .unwrap_or_else(|| Spanned::new(PathType::ImplementationSpecific, at.span())),
        backend: backend.and_then(|at| backend::read(&at, r))?,
        span: at.span(),
    })
}

fn read_path_type(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<Spanned<PathType>> {
    let text = r.text(at)?;
    let path_type = match text.as_str() {
        "Exact" => PathType::Exact,
        "Prefix" => PathType::Prefix,
        "ImplementationSpecific" => PathType::ImplementationSpecific,
        other => {
            let message = format!("`{other}` is not a path type");
            let hint = match nearest(other, PATH_TYPES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", PATH_TYPES.join(", ")),
            };
            r.error(at, &code::BAD_PATH, message, hint);
            return None;
        }
    };
    Some(Spanned::new(path_type, text.span))
}

fn check_path(at: &At<'_, '_, '_>, path: &str, path_type: PathType, r: &mut Reader) {
    let strict = path_type != PathType::ImplementationSpecific;
    if path.is_empty() && !strict {
        return;
    }
    if path.is_empty() {
        let hint = "write path: /, or pathType: ImplementationSpecific for any path";
        r.error(at, &code::BAD_PATH, "this path type needs a path", hint);
    } else if !path.starts_with('/') {
        let message = format!("the path `{path}` does not start with `/`");
        r.error(at, &code::BAD_PATH, message, format!("write /{path}"));
    } else if strict {
        let piece = BAD_PIECES.iter().find(|piece| path.contains(**piece));
        let end = BAD_ENDS.iter().find(|end| path.ends_with(**end));
        if let Some(bad) = piece.or(end) {
            let message = format!("a path of this type cannot have `{bad}` in it");
            let hint = "take it out, or use pathType: ImplementationSpecific";
            r.error(at, &code::BAD_PATH, message, hint);
        }
    }
}

fn read_tls<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<IngressTls<'s>> {
    let [hosts, secret_name] = r.fields(at, &schema::TLS)?;
    r.maybe_text(secret_name);
    let hosts = hosts.map(|at| r.items(&at).filter_map(|at| read_host(&at, r)).collect());
    Some(IngressTls { hosts: hosts.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_none_is_told_what_to_write() {
        let check = |text: &str, hint: &str| {
            let (_, found) = bad_host(text);
            assert!(found.starts_with(hint), "{text}: {found}");
        };
        check("https://shop.example.com/cart", "write shop.example.com");
        check("shop.example.com:8080", "write shop.example.com");
        check("Shop.Example.com", "write shop.example.com");
        check("shop.example.com.", "write shop.example.com");
        check("10.0.0.1", "write a DNS name, or leave");
        check("a.*.example.com", "write *.example.com");
        check("*", "write *.example.com");
        check("a_b.example.com", "write a DNS name of");
    }
}
