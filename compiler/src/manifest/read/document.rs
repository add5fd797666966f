//! Which objects a document holds: kinds and versions, and lists of objects.

use super::rescue::{Rescued, rescue};
use super::{class, ingress, metadata, named, params, schema, secret, service};
use crate::diagnostic::code::manifest as code;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::group::stack_of_labels;
use crate::manifest::{
    Ingress, IngressClass, IngressClassParams, Metadata, Namespace, NamespacedName, Refusal,
    Secret, Service,
};
use crate::schema::{At, Codes, Reader};
use crate::source::{Sources, Span};
use crate::yaml::{NodeKind, Part};

/// The codes of findings about fields.
pub(super) static CODES: Codes = Codes {
    unknown_field: &code::UNKNOWN_FIELD,
    wrong_type: &code::WRONG_TYPE,
    missing: &code::MISSING_FIELD,
};

/// An object of a kind that matters.
pub(super) enum Object<'s> {
    Ingress(Ingress<'s>),
    Service(Service<'s>),
    Secret(Secret<'s>),
    Namespace(Namespace<'s>),
    IngressClass(IngressClass<'s>),
    IngressClassParams(Box<IngressClassParams<'s>>),
    /// A binding that carries the controller's labels, and the stack that these name.
    Binding(NamespacedName, String),
}

/// What some documents hold, in their order.
#[derive(Default)]
pub(super) struct Read<'s, 'f> {
    /// The namespace of objects that name none.
    namespace: &'f str,
    pub(super) objects: Vec<Object<'s>>,
    pub(super) refused: Vec<(&'static str, NamespacedName, Refusal)>,
    pub(super) findings: Vec<Diagnostic>,
}

impl<'f> Read<'_, 'f> {
    pub(super) fn in_namespace(namespace: &'f str) -> Self {
        Read { namespace, ..Read::default() }
    }
}

/// The kinds that are read: API group, version, name, and whether objects live in a namespace.
struct Kind {
    group: &'static str,
    version: &'static str,
    name: &'static str,
    namespaced: bool,
}

impl Kind {
    /// Whether objects of that group and kind are of this one, perhaps in an old version.
    fn is(&self, group: &str, kind: &str) -> bool {
        let old = self.name == "Ingress" && OLD_GROUPS.contains(&group);
        self.name == kind && (self.group == group || old)
    }
}

const fn kind(
    group: &'static str,
    version: &'static str,
    name: &'static str,
    namespaced: bool,
) -> Kind {
    Kind { group, version, name, namespaced }
}

static KINDS: [Kind; 6] = [
    kind("networking.k8s.io", "v1", "Ingress", true),
    kind("", "v1", "Service", true),
    kind("", "v1", "Secret", true),
    kind("", "v1", "Namespace", false),
    kind("networking.k8s.io", "v1", "IngressClass", false),
    kind("elbv2.k8s.aws", "v1beta1", "IngressClassParams", false),
];

/// Groups that once served Ingresses.
const OLD_GROUPS: [&str; 1] = ["extensions"];

/// What else the groups of the kinds above hold, so that a name close to one of ours is told apart
/// from a kind of its own.
static OTHERS: [(&str, &[&str]); 3] = [
    ("networking.k8s.io", &["NetworkPolicy", "IPAddress", "ServiceCIDR"]),
    ("elbv2.k8s.aws", &["TargetGroupBinding"]),
    (
        "",
        &[
            "Binding",
            "ComponentStatus",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "List",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "ServiceAccount",
            "Status",
        ],
    ),
];

/// Reads one part of a file.
pub(super) fn read<'s>(part: Part<'s>, sources: &'s Sources, read: &mut Read<'s, '_>) {
    for item in part.read() {
        match item {
            Ok(tree) => {
                let mut reader = Reader::new(&CODES);
                object(&At::root(tree.root()), None, sources, &mut reader, read);
                read.findings.append(&mut reader.take());
            }
            Err(finding) if finding.severity == Severity::Error => broken(finding, part, read),
            Err(finding) => read.findings.push(finding),
        }
    }
}

/// Adds a finding about a text that cannot be read, to the object that stands there if that can be
/// told.
fn broken(finding: Diagnostic, part: Part<'_>, read: &mut Read<'_, '_>) {
    let Some(Rescued { api_version, kind, mut name }) = rescue(part.text(), read.namespace) else {
        read.findings.push(finding);
        return;
    };
    let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
    let Some(known) = KINDS.iter().find(|known| known.is(group, kind)) else {
        read.findings.push(finding.object(format!("{kind}/{name}")));
        return;
    };
    if !known.namespaced {
        name.namespace.clear();
    }
    read.findings.push(named(finding, known.name, &name));
    read.refused.push((known.name, name, Refusal { unplaced: known.name == "Ingress" }));
}

/// Reads an object, or the objects of a list, where `listed` is what the list says of its items.
fn object<'s>(
    at: &At<'_, '_, 's>,
    listed: Option<(&str, &str)>,
    sources: &'s Sources,
    r: &mut Reader,
    out: &mut Read<'s, '_>,
) {
    out.findings.append(&mut r.take());
    if at.node.kind() != NodeKind::Mapping {
        let message = format!("{} is no Kubernetes object", crate::schema::describe(at.node));
        let finding = Diagnostic::warning(&code::PASSED_OVER, message).at(at.span());
        r.push(finding.label("passed over"));
        return;
    }
    let text = |name: &str| at.node.get(name).filter(|node| node.kind() == NodeKind::String);
    let (api, kind) = (text("apiVersion"), text("kind"));
    let api_version = api.and_then(|node| node.as_str()).or(listed.map(|(api, _)| api));
    let kind_name = kind.and_then(|node| node.as_str()).or(listed.map(|(_, kind)| kind));
    let (Some(api_version), Some(kind_name)) = (api_version, kind_name) else {
        if api.or(kind).is_none() && crate::route::assertion::is_routes_file(at.node) {
            return;
        }
        r.push(without_kind(at, api_version, kind_name));
        return;
    };
    if let Some(item) = kind_name.strip_suffix("List")
        && let Some(items) = at.node.get("items")
    {
        let listed = (!item.is_empty()).then_some((api_version, item));
        let path = at.path.field("items");
        for item in r.items(&At { node: items, path }) {
            object(&At::root(item.node), listed, sources, r, out);
        }
        return;
    }
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let place = kind.map_or_else(|| at.head(), |node| node.span());
    let Some(known) = KINDS.iter().find(|known| known.is(group, kind_name)) else {
        out.objects.extend(binding(at, group, kind_name));
        if let Some(finding) = misspelt(group, kind_name, place) {
            r.push(finding);
        }
        return;
    };
    let served = known.group == group && known.version == version;
    let namespace = known.namespaced.then_some(out.namespace);
    let Some(metadata) = metadata::read(at, known.name, namespace, sources, r) else {
        return;
    };
    let name = metadata.value.name.clone();
    let mut refusal = Refusal { unplaced: known.name == "Ingress" && !metadata.placed };
    if served {
        let object = spec(known.name, at, metadata.value, r, &mut refusal);
        out.objects.extend(object);
    } else {
        r.push(old_version(at, known, api_version, api.map(|node| node.span())));
        if known.name == "Ingress" {
            let old = ingress::read_old(at, metadata.value, &mut refusal);
            out.objects.push(Object::Ingress(old));
        }
    }
    let findings = r.take();
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        out.refused.push((known.name, name.clone(), refusal));
    }
    let findings = findings.into_iter().map(|finding| named(finding, known.name, &name));
    out.findings.extend(findings);
}

/// A TargetGroupBinding that carries the controller's labels. It is the controller's to read, and so
/// nothing is found wrong with it.
fn binding<'s>(at: &At<'_, '_, 's>, group: &str, kind: &str) -> Option<Object<'s>> {
    if (group, kind) != ("elbv2.k8s.aws", "TargetGroupBinding") {
        return None;
    }
    let metadata = at.node.get("metadata")?;
    let text = |name: &str| metadata.get(name)?.as_str();
    let name = NamespacedName::new(text("namespace").unwrap_or("default"), text("name")?);
    let labels = metadata.get("labels")?;
    let stack = stack_of_labels(|label| labels.get(label)?.as_str())?;
    Some(Object::Binding(name, stack))
}

/// Reads what is particular to a kind.
fn spec<'s>(
    kind: &'static str,
    at: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
    refusal: &mut Refusal,
) -> Option<Object<'s>> {
    Some(match kind {
        "Ingress" => Object::Ingress(ingress::read(at, metadata, r, refusal)),
        "Service" => Object::Service(service::read(at, metadata, r)),
        "Secret" => Object::Secret(secret::read(at, metadata, r)),
        "Namespace" => {
            r.fields(at, &schema::NAMESPACE);
            Object::Namespace(Namespace { metadata })
        }
        "IngressClass" => Object::IngressClass(class::read(at, metadata, r)),
        "IngressClassParams" => Object::IngressClassParams(Box::new(params::read(at, metadata, r))),
        _ => return None,
    })
}

fn without_kind(at: &At<'_, '_, '_>, api: Option<&str>, kind: Option<&str>) -> Diagnostic {
    let ours = |k: &&Kind| match (api, kind) {
        (None, Some(kind)) => k.name == kind,
        (Some(api), None) => {
            !k.group.is_empty() && api.split_once('/').is_some_and(|(group, _)| group == k.group)
        }
        _ => false,
    };
    let finding = match KINDS.iter().find(ours) {
        Some(k) if api.is_none() => {
            let version = match k.group {
                "" => k.version.to_owned(),
                group => format!("{group}/{}", k.version),
            };
            Diagnostic::error(&code::NO_KIND, format!("this {} has no `apiVersion`", k.name))
                .path("apiVersion")
                .hint(format!("write apiVersion: {version}"))
        }
        Some(k) => {
            let api = api.unwrap_or_default();
            Diagnostic::error(&code::NO_KIND, format!("this object of `{api}` has no `kind`"))
                .path("kind")
                .hint(format!("write kind: {}", k.name))
        }
        None => {
            let message = match (api, kind) {
                (None, None) => "this document has neither `apiVersion` nor `kind`",
                (None, Some(_)) => "this document has no `apiVersion`",
                _ => "this document has no `kind`",
            };
            Diagnostic::warning(&code::PASSED_OVER, message)
                .label("passed over")
                .hint("keep files that are no manifests out of the folder")
        }
    };
    finding.at(at.head())
}

/// The finding about a kind that its group does not have but that is close to one of ours.
fn misspelt(group: &str, kind: &str, at: Span) -> Option<Diagnostic> {
    let others = OTHERS.iter().find(|(of, _)| *of == group)?.1;
    let is_list = |kind: &str| kind.strip_suffix("List").is_some_and(|item| !item.is_empty());
    if others.contains(&kind) || is_list(kind) {
        return None;
    }
    let ours = || KINDS.iter().filter(|known| known.group == group).map(|known| known.name);
    let near = nearest(kind, ours().chain(others.iter().copied()))?;
    if !ours().any(|known| known == near) {
        return None;
    }
    let place = if group.is_empty() { "`v1`".to_owned() } else { format!("`{group}`") };
    let message = format!("{place} has no kind `{kind}`");
    let finding = Diagnostic::error(&code::UNKNOWN_KIND, message).at(at).path("kind");
    Some(finding.hint(format!("did you mean `{near}`?")))
}

fn old_version(
    at: &At<'_, '_, '_>,
    known: &Kind,
    api_version: &str,
    span: Option<Span>,
) -> Diagnostic {
    let wanted = match known.group {
        "" => known.version.to_owned(),
        group => format!("{group}/{}", known.version),
    };
    let message = format!("{} of `{api_version}` is not served any more", known.name);
    let hint = match known.name {
        "Ingress" => format!(
            "convert it: kubectl convert -f FILE --output-version {wanted}, or write apiVersion: {wanted} with service.name, service.port and pathType"
        ),
        _ => format!("write apiVersion: {wanted}"),
    };
    Diagnostic::error(&code::OLD_VERSION, message)
        .at(span.unwrap_or_else(|| at.head()))
        .path("apiVersion")
        .hint(hint)
}
