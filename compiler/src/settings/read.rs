//! Reading settings: files merged as Helm merges them, with the chart's defaults.

use super::chart::{self, CHART};
use super::layer::Layers;
use super::start::{self, TagKey};
use super::{Settings, gate, ingc, number};
use crate::diagnostic::code::settings as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::resource::Tags;
use crate::schema::{At, Codes, Path, Reader};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, NodeKind, Text};

static CODES: Codes = Codes {
    unknown_field: &code::UNKNOWN_KEY,
    wrong_type: &code::WRONG_TYPE,
    missing: &code::MISSING,
};

/// Where a chart that contains the controller's has the values for it.
pub const SUBCHART: &str = "aws-load-balancer-controller";

/// Reads the files, of which later ones win. A flag such as `--cluster-name` is a last file of its
/// own with the text `clusterName: NAME`. Of a file with the values of a chart around the
/// controller's, what stands under the controller's name counts.
///
/// Findings are errors of type, what the controller would not start with, misspelt keys, and a
/// cluster without a name. With any error nothing should be compiled: names and tags come from
/// here.
pub fn read(sources: &Sources, files: &[FileId], diagnostics: &mut Diagnostics) -> Settings {
    let mut r = Reader::new(&CODES);
    let mut trees = Vec::new();
    for &file in files {
        let (tree, findings) = yaml::document(sources, file);
        findings.into_iter().for_each(|finding| r.push(finding));
        trees.extend(tree);
    }
    let mut nodes = Vec::new();
    for tree in &trees {
        let root = tree.root();
        let part = root.get(SUBCHART).filter(|part| part.kind() == NodeKind::Mapping);
        match root.kind() {
            NodeKind::Mapping => nodes.push(part.unwrap_or(root)),
            _ => r.wrong_type(&At::root(root), "a mapping of settings"),
        }
    }
    let settings =
        Settings { span: files.first().map(|&file| Span::start_of(file)), ..Settings::default() };
    let settings = match Layers::merge(nodes) {
        Some(merged) => merge(settings, &merged, &mut r),
        None => settings,
    };
    if settings.cluster_name.is_empty() && !r.has_finding_at("clusterName") {
        let mut finding = Diagnostic::error(&code::NO_CLUSTER, "the cluster's name is not given")
            .path("clusterName")
            .hint("write clusterName: NAME in ingc.yaml, or give --values FILE or --cluster-name NAME");
        finding.span = settings.span;
        r.push(finding);
    }
    r.take().into_iter().for_each(|finding| diagnostics.push(finding));
    settings
}

fn merge(defaults: Settings, merged: &Layers<'_, '_>, r: &mut Reader) -> Settings {
    let mut fields = CHART.to_vec();
    fields.push(("ingc", ingc::INGC));
    chart::check_fields(merged, Path::Root, &fields, r);

    let templates: Vec<_> = ["clusterName", "region", "vpcId"]
        .into_iter()
        .filter(|key| start::check_template(merged, key, r))
        .collect();
    let literal = |key: &str| match templates.contains(&key) {
        true => String::new(),
        false => merged.text(key).map(|text| text.value.into_owned()).unwrap_or_default(),
    };
    let text = |key: &str, default: &str| {
        merged.text(key).map_or_else(|| default.to_owned(), |text| text.value.into_owned())
    };
    let flag = |key: &str, default: bool| merged.bool(key).unwrap_or(default);

    // The chart hands this one on even if it is empty, which the controller then refuses.
    let target_type = merged.get("defaultTargetType").and_then(|value| value.top().string());
    let target_type = target_type.map(|text| text.value.into_owned());

    let (default_tags, default_tag_keys) = tags(merged, r);
    let external_tags = external_tags(merged);
    let certificates = merged.get("certDiscovery");
    let authorities = certificates.and_then(|value| value.text("allowedCertificateAuthorityARNs"));
    let management = merged.get("certManagement");
    let gates = merged.get("controllerConfig").and_then(|value| value.get("featureGates"));
    let (root, own) = (Path::Root, merged.get("ingc"));
    let config = root.field("controllerConfig");
    let own = own.filter(|own| own.top().kind() == NodeKind::Mapping);
    let own = own.map(|own| ingc::read(&own, root.field("ingc"), r)).unwrap_or_default();

    let settings = Settings {
        cluster_name: literal("clusterName"),
        region: literal("region"),
        vpc_id: literal("vpcId"),
        ingress_class: text("ingressClass", &defaults.ingress_class),
        default_tags,
        external_managed_tags: external_tags.iter().map(|tag| tag.key.value.to_string()).collect(),
        default_target_type: target_type.unwrap_or(defaults.default_target_type),
        default_load_balancer_scheme: text(
            "defaultLoadBalancerScheme",
            &defaults.default_load_balancer_scheme,
        ),
        default_ssl_policy: text("defaultSSLPolicy", &defaults.default_ssl_policy),
        enable_backend_security_group: flag("enableBackendSecurityGroup", true),
        backend_security_group: merged
            .text("backendSecurityGroup")
            .map(|text| text.value.into_owned()),
        enable_manage_backend_security_group_rules: flag(
            "enableManageBackendSecurityGroupRules",
            false,
        ),
        disable_restricted_security_group_rules: flag("disableRestrictedSecurityGroupRules", false),
        disable_ingress_class_annotation: flag("disableIngressClassAnnotation", false),
        disable_ingress_group_name_annotation: flag("disableIngressGroupNameAnnotation", false),
        tolerate_non_existent_backend_service: flag("tolerateNonExistentBackendService", true),
        tolerate_non_existent_backend_action: flag("tolerateNonExistentBackendAction", true),
        allowed_certificate_authority_arns: authorities
            .map(|text| split(&text).into_iter().map(|part| part.value.into_owned()).collect())
            .unwrap_or_default(),
        default_pca_arn: management
            .and_then(|value| value.text("defaultPCAARN"))
            .map(|text| text.value.into_owned()),
        feature_gates: gates
            .filter(|gates| gates.top().kind() == NodeKind::Mapping)
            .map(|gates| gate::read(&gates, config.field("featureGates"), r))
            .unwrap_or_default(),
        controller: own.controller.as_ref().map(|controller| controller.value.clone()),
        ingc: own,
        span: defaults.span,
    };
    start::check(&settings, merged, &default_tag_keys, &external_tags, r);
    settings
}

/// `defaultTags` as the controller gets them.
fn tags<'s>(merged: &Layers<'_, 's>, r: &mut Reader) -> (Tags, Vec<TagKey<'s>>) {
    let Some(tags) = merged.get("defaultTags") else { return Default::default() };
    let (root, name) = (Path::Root, "defaultTags");
    let path = root.field(name);
    let mut pairs = Vec::new();
    for (key, value) in tags.entries() {
        let node = value.top();
        let Some(text) = number::printed(node) else { continue };
        let at = At { node, path: Path::Key(&path, key.as_str()) };
        if node.as_str().is_some_and(|written| written != text) {
            let message = format!("Helm writes this value as `{text}`");
            let written = crate::schema::quoted(node.as_str().unwrap_or_default());
            let hint = format!("quote it: {}: {written}", key.as_str());
            r.warning(&at, &code::HELM_NUMBER, message, hint);
        }
        pairs.push((key, text, node.span()));
    }
    start::check_joined(&pairs, path, r);
    let keys = pairs.iter().map(|(key, ..)| TagKey {
        key: key.clone(),
        path: Path::Key(&path, key.as_str()).to_string(),
    });
    let keys = keys.collect();
    let tags = pairs.into_iter().map(|(key, text, _)| (key.value.into_owned(), text)).collect();
    (tags, keys)
}

/// `externalManagedTags`: a list whose items, or a string that, the flag splits at commas.
fn external_tags<'s>(merged: &Layers<'_, 's>) -> Vec<TagKey<'s>> {
    let Some(value) = merged.get("externalManagedTags") else { return Vec::new() };
    let (root, name) = (Path::Root, "externalManagedTags");
    let path = root.field(name);
    let node = value.top();
    let one = node.string().map(|text| (text, path.to_string()));
    let many = node
        .items()
        .enumerate()
        .filter_map(|(index, item)| Some((item.string()?, Path::Index(&path, index).to_string())));
    let texts = one.into_iter().chain(many);
    let keys = texts.flat_map(|(text, path)| {
        split(&text).into_iter().map(move |key| TagKey { key, path: path.clone() })
    });
    keys.collect()
}

/// The parts of a text between commas, each with its place.
fn split<'s>(text: &Text<'s>) -> Vec<Text<'s>> {
    let mut from = 0;
    let mut parts = Vec::new();
    for part in text.as_str().split(',') {
        let range = from..from + part.len();
        from = range.end + 1;
        if !part.is_empty() {
            let mut piece = text.clone();
            piece.span = text.locate(range);
            piece.value = part.to_owned().into();
            parts.push(piece);
        }
    }
    parts
}
