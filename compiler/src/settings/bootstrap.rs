//! `ingc.bootstrap`: what the cluster and CI need of IAM.

use super::chart::Shape;
use super::layer::Layers;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::settings as code;
use crate::iam::Permissions;
use crate::manifest::is_dns_label;
use crate::schema::{Path, Reader};
use crate::source::{Span, Spanned};
use crate::yaml::NodeKind;
use std::collections::BTreeMap;

/// The settings under `ingc.bootstrap`. What is absent has a default that needs the cluster's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bootstrap {
    /// `issuer`: of the tokens of the cluster's pods; asked of EKS if absent.
    pub issuer: Option<Spanned<Issuer>>,
    /// `serviceAccount`: whose pods take the controller's role.
    pub service_account: Option<Spanned<ServiceAccount>>,
    /// `role`: the controller's role.
    pub role: Option<Spanned<String>>,
    /// `policy`: the controller's policy.
    pub policy: Option<Spanned<String>>,
    /// `permissions`: how much the controller does.
    pub permissions: Permissions,
    /// `permissionsBoundary`: the ARN of a policy that bounds all roles.
    pub permissions_boundary: Option<Spanned<String>>,
    /// `ci`: roles of CI jobs, by name.
    pub ci: BTreeMap<String, CiRole>,
    /// Where `bootstrap` stands; none if there is nothing.
    pub span: Option<Span>,
}

/// An issuer of tokens: `https://` and what follows, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issuer(String);

impl Issuer {
    /// Reads the URL of an issuer.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub fn parse(url: &str) -> Result<Issuer, (String, String)> {
        let wrong =
            |why: &str, hint: &str| Err((format!("`{url}` is no issuer: {why}"), hint.to_owned()));
        let eks = "write what `aws eks describe-cluster --name CLUSTER --query cluster.identity.oidc.issuer` prints";
        let Some(rest) = url.strip_prefix("https://") else {
            return wrong("it does not begin with `https://`", eks);
        };
        if rest.ends_with('/') {
            return wrong("it ends with a slash", "leave the slash out");
        }
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let label = |label: &str| is_dns_label(label);
        if !host.contains('.') || !host.split('.').all(label) {
            return wrong("its host is not a host name in lower case, without a port", eks);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
        if !path.chars().all(plain) || path.contains("//") || url.len() > 255 {
            return wrong("behind the host may follow only a path", eks);
        }
        if host.starts_with("oidc.eks.") {
            let id = path.strip_prefix("id/").unwrap_or_default();
            let hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
            if id.len() != 32 || !id.bytes().all(hex) {
                return wrong("EKS's end with `/id/` and 32 hexadecimal digits", eks);
            }
        }
        Ok(Issuer(url.to_owned()))
    }

    /// With `https://`.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// As ARNs and conditions name it: without `https://`.
    pub fn name(&self) -> &str {
        self.0.trim_start_matches("https://")
    }

    /// The region, for an issuer of EKS.
    pub fn region(&self) -> Option<&str> {
        self.name().strip_prefix("oidc.eks.")?.split('.').next()
    }
}

/// A ServiceAccount of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Default for ServiceAccount {
    /// Where the chart puts the controller.
    fn default() -> Self {
        ServiceAccount {
            namespace: "kube-system".to_owned(),
            name: "aws-load-balancer-controller".to_owned(),
        }
    }
}

/// A role of CI jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct CiRole {
    /// Who signs the jobs' tokens.
    pub issuer: Issuer,
    /// Whom the tokens must be for.
    pub audience: String,
    /// Jobs that may take the role: `sub` of their tokens, with `*` for any text.
    pub subjects: Vec<Spanned<String>>,
    /// ARNs of the policies that it has.
    pub policies: Vec<Spanned<String>>,
    /// `policyFile`: a file with the document of a policy of its own, as written.
    pub policy_file: Option<Spanned<String>>,
    /// Fingerprints of the issuer's authority, where AWS does not know it.
    pub thumbprints: Vec<Spanned<String>>,
    /// Where its name stands.
    pub span: Span,
}

/// GitHub's issuer of tokens.
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// GitLab's, where it is not one's own.
const GITLAB: &str = "https://gitlab.com";
/// Whom tokens for AWS are for.
pub(crate) const STS: &str = "sts.amazonaws.com";

const CI: Shape = Shape::Fields(&[
    ("github", Shape::Texts),
    ("gitlab", Shape::Texts),
    ("url", Shape::Text),
    ("audience", Shape::Text),
    ("thumbprints", Shape::Texts),
    ("policies", Shape::Texts),
    ("policyFile", Shape::Text),
]);

/// All keys below `ingc.bootstrap`.
pub(super) const BOOTSTRAP: Shape = Shape::Fields(&[
    ("issuer", Shape::Text),
    ("serviceAccount", Shape::Text),
    ("role", Shape::Text),
    ("policy", Shape::Text),
    ("permissions", Shape::Word(&["full", "targets"])),
    ("permissionsBoundary", Shape::Text),
    ("ci", Shape::Each(&CI)),
]);

/// Reads what has the right shape; the rest is reported elsewhere.
pub(super) fn read(given: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> Bootstrap {
    let named = |key: &str, r: &mut Reader| -> Option<Spanned<String>> {
        let text = super::ingc::spanned(given, key)?;
        check_name(&text, 128, path.field(key), r);
        Some(text)
    };
    let issuer = super::ingc::spanned(given, "issuer");
    let ci = given.get("ci").filter(|ci| ci.top().kind() == NodeKind::Mapping);
    let boundary = super::ingc::spanned(given, "permissionsBoundary");
    check_arns(boundary.iter(), path.field("permissionsBoundary"), r);
    let role = super::ingc::spanned(given, "role");
    if let Some(role) = &role {
        check_name(role, 64, path.field("role"), r);
    }
    Bootstrap {
        issuer: issuer.and_then(|it| issuer_of(&it, path.field("issuer"), r)),
        service_account: service_account(given, path, r),
        role,
        policy: named("policy", r),
        permissions: match given.text("permissions") {
            Some(word) if word.as_str() == "targets" => Permissions::Targets,
            _ => Permissions::Full,
        },
        permissions_boundary: boundary,
        ci: ci.map(|ci| roles(&ci, path.field("ci"), r)).unwrap_or_default(),
        span: Some(given.top().span()),
    }
}

fn report(r: &mut Reader, span: Span, path: Path<'_>, message: String, hint: impl Into<String>) {
    let finding = Diagnostic::error(&code::BOOTSTRAP, message).at(span).path(path.to_string());
    r.push(finding.hint(hint));
}

fn issuer_of(text: &Spanned<String>, path: Path<'_>, r: &mut Reader) -> Option<Spanned<Issuer>> {
    match Issuer::parse(&text.value) {
        Ok(issuer) => Some(Spanned::new(issuer, text.span)),
        Err((message, hint)) => {
            report(r, text.span, path, message, hint);
            None
        }
    }
}

/// Names of roles and policies, as IAM takes them.
fn check_name(name: &Spanned<String>, most: usize, path: Path<'_>, r: &mut Reader) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if name.value.is_empty() || name.value.len() > most || !name.value.chars().all(plain) {
        let message = format!("`{}` cannot be a name in IAM", name.value);
        let hint = format!("use up to {most} letters, digits and `+=,.@_-`");
        report(r, name.span, path, message, hint);
    }
}

fn check_arns<'a>(arns: impl Iterator<Item = &'a Spanned<String>>, path: Path<'_>, r: &mut Reader) {
    for arn in arns {
        let parts: Vec<&str> = arn.value.split(':').collect();
        let fits = matches!(parts.as_slice(), ["arn", _, "iam", "", account, resource]
            if !account.is_empty() && resource.starts_with("policy/"));
        if !fits {
            let message = format!("`{}` is not the ARN of a policy", arn.value);
            let hint = "write arn:aws:iam::ACCOUNT:policy/NAME, or arn:aws:iam::aws:policy/NAME for one of AWS's own";
            report(r, arn.span, path, message, hint);
        }
    }
}

fn service_account(
    given: &Layers<'_, '_>,
    path: Path<'_>,
    r: &mut Reader,
) -> Option<Spanned<ServiceAccount>> {
    let text = super::ingc::spanned(given, "serviceAccount")?;
    let parts = text.value.split_once('/');
    let name_fits = |name: &str| name.len() <= 253 && name.split('.').all(is_dns_label);
    match parts.filter(|(namespace, name)| is_dns_label(namespace) && name_fits(name)) {
        Some((namespace, name)) => {
            let found = ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
            Some(Spanned::new(found, text.span))
        }
        None => {
            let message = format!("`{}` is not the name of one ServiceAccount", text.value);
            let path = path.field("serviceAccount");
            report(r, text.span, path, message, "write NAMESPACE/NAME, without wildcards");
            None
        }
    }
}

fn roles(ci: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> BTreeMap<String, CiRole> {
    let mut roles = BTreeMap::new();
    for (key, value) in ci.entries() {
        if value.top().kind() != NodeKind::Mapping {
            continue;
        }
        let own = Path::Key(&path, key.as_str());
        let name = Spanned::new(key.value.clone().into_owned(), key.span);
        check_name(&name, 64, own, r);
        let texts = |key: &str| super::ingc::texts(&value, key);
        let (github, gitlab) = (texts("github"), texts("gitlab"));
        let (subjects, default, what) = match (github.is_empty(), gitlab.is_empty()) {
            (false, true) => (github, GITHUB, "github"),
            (true, false) => (gitlab, GITLAB, "gitlab"),
            _ => {
                let message =
                    format!("the role `{}` is for the jobs of neither or both", name.value);
                let hint = "write github: repo:OWNER/REPOSITORY:ref:refs/heads/main, or gitlab: project_path:GROUP/PROJECT:ref_type:branch:ref:main";
                report(r, key.span, own, message, hint);
                continue;
            }
        };
        subjects.iter().for_each(|subject| check_subject(subject, what, own.field(what), r));
        let policies = texts("policies");
        check_arns(policies.iter(), own.field("policies"), r);
        let thumbprints = texts("thumbprints");
        for text in &thumbprints {
            if text.value.len() != 40 || !text.value.bytes().all(|b| b.is_ascii_hexdigit()) {
                let message = format!("`{}` is not the SHA-1 of a certificate", text.value);
                let hint = "write 40 hexadecimal digits without colons";
                report(r, text.span, own.field("thumbprints"), message, hint);
            }
        }
        let url = super::ingc::spanned(&value, "url");
        let issuer = match &url {
            Some(url) => match issuer_of(url, own.field("url"), r) {
                Some(issuer) => issuer.value,
                None => continue,
            },
            None => Issuer(default.to_owned()),
        };
        // GitLab's tokens are for GitLab itself unless the job says otherwise.
        let audience = super::ingc::spanned(&value, "audience").map(|text| text.value);
        let audience = audience.unwrap_or_else(|| match what {
            "github" => STS.to_owned(),
            _ => issuer.url().to_owned(),
        });
        let span = key.span;
        let policy_file = super::ingc::spanned(&value, "policyFile");
        let role = CiRole { issuer, audience, subjects, policies, policy_file, thumbprints, span };
        roles.insert(name.value, role);
    }
    roles
}

/// A subject names at least who owns the repository: tokens of the same issuer are everybody's.
fn check_subject(subject: &Spanned<String>, what: &str, path: Path<'_>, r: &mut Reader) {
    let (prefix, example) = match what {
        "github" => ("repo:", "repo:OWNER/REPOSITORY:ref:refs/heads/main"),
        _ => ("project_path:", "project_path:GROUP/PROJECT:ref_type:branch:ref:main"),
    };
    let owner = subject.value.strip_prefix(prefix).and_then(|rest| rest.split_once('/'));
    let fits = owner.is_some_and(|(owner, rest)| {
        !owner.is_empty() && !owner.contains(['*', '?']) && !rest.is_empty()
    });
    if !fits {
        let message = format!("`{}` lets jobs of other owners take the role", subject.value);
        report(r, subject.span, path, message, format!("write {example}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_urls_that_iam_takes() {
        for (url, fits) in [
            (
                "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
                true,
            ),
            ("https://gitlab.example.com", true),
            ("https://login.example.com/realms/prod", true),
            (
                "http://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
                false,
            ),
            ("oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF", false),
            ("https://oidc.eks.eu-central-1.amazonaws.com/id/0123", false),
            (
                "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789abcdef0123456789abcdef",
                false,
            ),
            ("https://gitlab.example.com/", false),
            ("https://gitlab.example.com:8443", false),
            ("https://gitlab.example.com/x?y", false),
            ("https://GitLab.example.com", false),
            ("https://localhost", false),
        ] {
            assert_eq!(Issuer::parse(url).is_ok(), fits, "{url}");
        }
        let issuer = Issuer::parse(
            "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        )
        .unwrap();
        assert_eq!(issuer.region(), Some("eu-west-1"));
        assert!(!issuer.name().contains("//"));
    }
}
