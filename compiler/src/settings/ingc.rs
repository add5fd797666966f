//! ingc's own settings, which stand under `ingc` beside the chart's values.

use super::bootstrap::{self, BOOTSTRAP, Bootstrap};
use super::chart::Shape;
use super::layer::Layers;
use crate::diagnostic::code::settings as code;
use crate::diagnostic::{self, Diagnostics, Severity, nearest};
use crate::manifest::is_dns_label;
use crate::schema::{At, Path, Reader};
use crate::source::{Span, Spanned};
use crate::yaml::NodeKind;
use std::collections::BTreeMap;

/// The settings under `ingc`. Paths are as written: relative to the file of their span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ingc {
    /// `inventory`: the inventory's file.
    pub inventory: Option<Spanned<String>>,
    /// `state`: the state's file or `s3://…`.
    pub state: Option<Spanned<String>>,
    /// `manifests`: files and folders, for a run without a PATH.
    pub manifests: Vec<Spanned<String>>,
    /// `namespace`: of objects that name none; `default` if absent.
    pub namespace: Option<Spanned<String>>,
    /// `scope`: what this repository answers for; the whole cluster if absent.
    pub scope: Option<Scope>,
    /// `controller`: a value of `spec.controller` that counts as ours beside `ingress.k8s.aws/alb`.
    pub controller: Option<Spanned<String>>,
    /// `missingSecrets`.
    pub missing_secrets: MissingSecrets,
    /// `secrets`: where the Secrets that are not among the manifests come from, by
    /// `namespace/name`.
    pub secrets: BTreeMap<String, SecretSource>,
    /// `protect`: patterns of addresses and stacks that nothing may delete or replace.
    pub protect: Vec<Spanned<String>>,
    /// `bootstrap`: what the cluster and CI need of IAM.
    pub bootstrap: Bootstrap,
    /// `codes`: what becomes of the warnings of a code.
    pub codes: BTreeMap<&'static str, Level>,
}

/// What a run may delete when the manifests lack it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// `namespaces` of Ingresses.
    pub namespaces: Vec<Spanned<String>>,
    /// `groups` by name.
    pub groups: Vec<Spanned<String>>,
    /// Where `scope` stands.
    pub span: Span,
}

/// What a Secret that nobody gave comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingSecrets {
    /// `error`, as for the controller.
    #[default]
    Error,
    /// `unknown`: a value that is known only when the plan is carried out.
    Unknown,
}

/// Where a Secret comes from that is not among the manifests.
#[derive(Clone, Debug, PartialEq)]
pub enum SecretSource {
    /// `file`: a path, as written.
    File(Spanned<String>),
    /// `env`: the name of an environment variable.
    Variable(Spanned<String>),
}

/// What becomes of the warnings of a code. Errors stay errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `error`: they refuse as errors do.
    Error,
    /// `warning`, as without the setting.
    Warning,
    /// `silent`: they are left out.
    Silent,
}

impl Ingc {
    /// Findings with the levels that `codes` gives to warnings.
    pub fn weigh(&self, findings: Diagnostics) -> Diagnostics {
        if self.codes.is_empty() {
            return findings;
        }
        let mut weighed = Diagnostics::new();
        for mut finding in findings.into_vec() {
            let level = self.codes.get(finding.code.id);
            match (finding.severity, level) {
                (Severity::Warning, Some(Level::Silent)) => continue,
                (Severity::Warning, Some(Level::Error)) => finding.severity = Severity::Error,
                _ => {}
            }
            weighed.push(finding);
        }
        weighed
    }
}

const LEVELS: [&str; 3] = ["error", "warning", "silent"];

/// All keys below `ingc`.
pub(super) const INGC: Shape = Shape::Fields(&[
    ("inventory", Shape::Text),
    ("state", Shape::Text),
    ("manifests", Shape::Texts),
    ("namespace", Shape::Text),
    ("scope", Shape::Fields(&[("namespaces", Shape::Texts), ("groups", Shape::Texts)])),
    ("controller", Shape::Text),
    ("missingSecrets", Shape::Word(&["error", "unknown"])),
    ("secrets", Shape::Each(&Shape::Fields(&[("file", Shape::Text), ("env", Shape::Text)]))),
    ("protect", Shape::Texts),
    ("bootstrap", BOOTSTRAP),
    ("codes", Shape::Each(&Shape::Word(&LEVELS))),
]);

/// Reads what has the right shape; the rest is reported elsewhere.
pub(super) fn read(ingc: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> Ingc {
    let text = |key: &str| spanned(ingc, key);
    let missing_secrets = match ingc.text("missingSecrets") {
        Some(word) if word.as_str() == "unknown" => MissingSecrets::Unknown,
        _ => MissingSecrets::Error,
    };
    let bootstrap = ingc.get("bootstrap").filter(|it| it.top().kind() == NodeKind::Mapping);
    let bootstrap = bootstrap.map(|it| bootstrap::read(&it, path.field("bootstrap"), r));
    let scope = ingc.get("scope").filter(|scope| scope.top().kind() == NodeKind::Mapping);
    Ingc {
        inventory: text("inventory"),
        state: text("state"),
        manifests: texts(ingc, "manifests"),
        namespace: namespace(ingc, path, r),
        scope: scope.map(|scope| Scope {
            namespaces: texts(&scope, "namespaces"),
            groups: texts(&scope, "groups"),
            span: scope.top().span(),
        }),
        controller: text("controller"),
        missing_secrets,
        secrets: secrets(ingc, path, r),
        protect: texts(ingc, "protect"),
        bootstrap: bootstrap.unwrap_or_default(),
        codes: codes(ingc, path, r),
    }
}

fn namespace(ingc: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> Option<Spanned<String>> {
    let namespace = spanned(ingc, "namespace")?;
    if !is_dns_label(&namespace.value) {
        let message = format!("`{}` cannot be a namespace", namespace.value);
        let finding = diagnostic::Diagnostic::error(&code::WRONG_TYPE, message);
        let hint = "use lower case letters, digits and `-`, with a letter or digit at both ends";
        r.push(finding.at(namespace.span).path(path.field("namespace").to_string()).hint(hint));
    }
    Some(namespace)
}

pub(super) fn spanned(layers: &Layers<'_, '_>, key: &str) -> Option<Spanned<String>> {
    layers.text(key).map(|text| Spanned::new(text.value.into_owned(), text.span))
}

/// A list of strings, or one string.
pub(super) fn texts(layers: &Layers<'_, '_>, key: &str) -> Vec<Spanned<String>> {
    let Some(value) = layers.get(key) else { return Vec::new() };
    let top = value.top();
    let one = (top.kind() == NodeKind::String).then_some(top);
    let strings = one.into_iter().chain(top.items()).filter_map(|item| item.string());
    strings.map(|text| Spanned::new(text.value.into_owned(), text.span)).collect()
}

fn secrets(
    ingc: &Layers<'_, '_>,
    path: Path<'_>,
    r: &mut Reader,
) -> BTreeMap<String, SecretSource> {
    let Some(secrets) = ingc.get("secrets") else { return BTreeMap::new() };
    let path = path.field("secrets");
    let mut sources = BTreeMap::new();
    for (key, value) in secrets.entries() {
        if value.top().kind() != NodeKind::Mapping {
            continue;
        }
        let at = At { node: value.top(), path: Path::Key(&path, key.as_str()) };
        let is_name = key.as_str().split_once('/').is_some_and(|(namespace, name)| {
            !namespace.is_empty() && !name.is_empty() && !name.contains('/')
        });
        if !is_name {
            let message = format!("`{}` is not the name of a Secret", key.as_str());
            let finding = diagnostic::Diagnostic::error(&code::WRONG_TYPE, message).at(key.span);
            r.push(finding.path(at.path.to_string()).hint("write NAMESPACE/NAME"));
            continue;
        }
        let source = match (spanned(&value, "file"), spanned(&value, "env")) {
            (Some(file), None) => SecretSource::File(file),
            (None, Some(variable)) => SecretSource::Variable(variable),
            (file, _) => {
                let both = if file.is_some() { "both a file and a variable" } else { "no source" };
                let message = format!("the Secret `{}` has {both}", key.as_str());
                r.error(&at, &code::TWO_SOURCES, message, "write {file: PATH} or {env: NAME}");
                continue;
            }
        };
        sources.insert(key.value.into_owned(), source);
    }
    sources
}

fn codes(ingc: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> BTreeMap<&'static str, Level> {
    let Some(codes) = ingc.get("codes") else { return BTreeMap::new() };
    let path = path.field("codes");
    let mut levels = BTreeMap::new();
    for (key, value) in codes.entries() {
        let Some(known) = diagnostic::code::find(key.as_str()) else {
            let message = format!("there is no code `{}`", key.as_str());
            let ids = diagnostic::code::codes().map(|code| code.id);
            let hint = match nearest(key.as_str(), ids) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "codes are `ING` and four digits".to_owned(),
            };
            let finding = diagnostic::Diagnostic::error(&code::UNKNOWN_CODE, message).at(key.span);
            let path = Path::Key(&path, key.as_str());
            r.push(finding.path(path.to_string()).hint(hint));
            continue;
        };
        let level = match value.top().as_str() {
            Some("error") => Level::Error,
            Some("warning") => Level::Warning,
            Some("silent") => Level::Silent,
            _ => continue,
        };
        levels.insert(known.id, level);
    }
    levels
}
