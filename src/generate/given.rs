//! The manifests that were given, unchanged.

use crate::input::Input;
use ingc_compiler::yaml::{self, Node, NodeKind, Order};

/// Every Kubernetes object of the manifests, as it was written. Left out is what a cluster would
/// not take: documents without a kind, and Kustomize's own.
pub(super) fn documents(input: &Input) -> Vec<String> {
    let files = input.manifests.iter().filter(|file| !input.secrets.contains(file));
    let parts = files.flat_map(|&file| yaml::parts(&input.sources, file));
    parts.flat_map(part).collect()
}

fn part(part: yaml::Part<'_>) -> Vec<String> {
    let trees: Vec<_> = part.read().into_iter().filter_map(Result::ok).collect();
    let text = part.text();
    let is_json = text.trim_start().starts_with(['{', '[']);
    let objects = trees.iter().map(|tree| tree.root()).filter(|root| is_object(*root));
    if is_json {
        // In a stream of YAML documents not all JSON is read as such.
        return objects.map(|root| yaml::emit(root, Order::Given)).collect();
    }
    // Anything that is not JSON is one document.
    let written = |_| format!("{}\n", text.trim_end());
    objects.take(1).map(written).collect()
}

fn is_object(root: Node<'_, '_>) -> bool {
    let text = |name: &str| root.get(name).and_then(|node| node.as_str());
    root.kind() == NodeKind::Mapping
        && text("kind").is_some()
        && text("apiVersion").is_some_and(|api| !api.starts_with("kustomize.config.k8s.io/"))
}
