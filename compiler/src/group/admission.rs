//! What the controller's webhook refuses of IngressClassParams.

use crate::cidr;
use crate::diagnostic::code::group as code;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Related};
use crate::manifest::{IngressClassParams, Manifests};
use crate::source::Span;
use crate::yaml::Text;
use std::collections::BTreeMap;

/// Findings about all IngressClassParams, used or not.
pub(super) fn check_class_params(manifests: &Manifests<'_>) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for params in manifests.ingress_class_params.values() {
        for (i, cidr) in params.inbound_cidrs.iter().enumerate() {
            if let Some((message, hint)) = bad_cidr(cidr.as_str()) {
                let path = format!("spec.inboundCIDRs[{i}]");
                let finding = refuse(params, &code::BAD_CLASS_CIDR, message, cidr.span, path);
                findings.push(finding.hint(hint));
            }
        }
        check_subnets(params, &mut findings);
    }
    findings
}

fn refuse(
    params: &IngressClassParams<'_>,
    code: &'static Code,
    message: String,
    at: Span,
    path: impl Into<String>,
) -> Diagnostic {
    let object = format!("IngressClassParams/{}", params.metadata.name);
    Diagnostic::error(code, message).at(at).object(object).path(path)
}

/// Why a text is not a CIDR block as the webhook wants it, and what to write.
fn bad_cidr(text: &str) -> Option<(String, String)> {
    let Some(net) = cidr::parse(text) else {
        return Some((format!("`{text}` is not a CIDR block"), cidr::suggestion(text)));
    };
    (net.network() != net.addr()).then(|| {
        (format!("`{text}` has bits set behind its prefix"), format!("write {}", net.trunc()))
    })
}

fn check_subnets(params: &IngressClassParams<'_>, findings: &mut Diagnostics) {
    let Some(subnets) = &params.subnets else { return };
    let code = &code::BAD_CLASS_SUBNETS;
    let mut push = |message: &str, at, path: &str, hint: &str| {
        let finding = refuse(params, code, message.to_owned(), at, path);
        findings.push(finding.hint(hint));
    };
    match &subnets.tags {
        None if subnets.ids.is_empty() => push(
            "`subnets` has neither `ids` nor `tags`",
            subnets.span,
            "spec.subnets",
            "write ids: [subnet-…] or tags: {KEY: [VALUE]}",
        ),
        Some(tags) if !subnets.ids.is_empty() => push(
            "`subnets` has both `ids` and `tags`",
            tags.first().map_or(subnets.span, |(key, _)| key.span),
            "spec.subnets.tags",
            "keep one of the two",
        ),
        Some(tags) if tags.is_empty() => push(
            "`tags` of `subnets` is empty",
            subnets.span,
            "spec.subnets.tags",
            "write tags: {KEY: [VALUE]}",
        ),
        Some(tags) => {
            for (key, values) in tags {
                repeated(params, values, &format!("spec.subnets.tags[{}]", key.as_str()), findings);
            }
        }
        None => repeated(params, &subnets.ids, "spec.subnets.ids", findings),
    }
}

fn repeated(
    params: &IngressClassParams<'_>,
    values: &[Text<'_>],
    path: &str,
    findings: &mut Diagnostics,
) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for (i, value) in values.iter().enumerate() {
        let Some(&first) = seen.get(value.as_str()) else {
            seen.insert(value.as_str(), value.span);
            continue;
        };
        let message = format!("`{}` is given twice", value.as_str());
        let path = format!("{path}[{i}]");
        let finding = refuse(params, &code::BAD_CLASS_SUBNETS, message, value.span, path);
        let related =
            Related { message: "first here".to_owned(), ingress: None, span: Some(first) };
        findings.push(finding.hint("remove it").related(related));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cidr_block_that_is_not_one_is_told_what_to_write() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(bad_cidr(text).map(|(_, hint)| hint).as_deref(), expected, "{text}");
        };
        check("10.0.0.0/8", None);
        check("2001:db8::/32", None);
        check("10.0.0.1", Some("write 10.0.0.1/32"));
        check("10.0.0.1/8", Some("write 10.0.0.0/8"));
        check("2001:db8::1", Some("write 2001:db8::1/128"));
        check("office", Some("write a block such as 10.0.0.0/8"));
    }
}
