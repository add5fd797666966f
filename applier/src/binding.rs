//! TargetGroupBindings as manifests: for whoever applies them to the cluster.

use crate::execute::applied;
use crate::kind::target_group_binding::{API_VERSION, OBJECT_KIND};
use ingc_compiler::group::stack_labels;
use ingc_compiler::resource::Kind;
use ingc_planner::State;
use ingc_planner::state::local_address;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Labels by which the controller knows its own bindings, and deletes those that it does not want.
const CONTROLLERS: &str = "ingress.k8s.aws/";

/// The label that says whose a binding is.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// A binding as it is to be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingManifest {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object.
    pub object: Value,
}

/// The bindings of all recorded target groups, by namespace and name; those of replaced ones, which
/// still serve, included. They name their target groups by ARN.
///
/// For the controller they carry its labels and no others, so that it finds nothing to change in them.
pub fn binding_manifests(state: &State, for_controller: bool) -> Vec<BindingManifest> {
    let mut found = Vec::new();
    for (stack, recorded) in &state.stacks {
        let current = recorded.resources.iter();
        let deposed = recorded.deposed.values().map(|it| (&it.address, &it.object));
        for (local, entry) in current.chain(deposed) {
            let address = local_address(stack, local);
            let address = address.filter(|it| it.kind == Kind::TargetGroupBinding);
            let Some(address) = address else { continue };
            let labels = for_controller.then(|| stack_labels(stack));
            found.extend(manifest(applied(&address, entry), labels));
        }
    }
    found.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    found
}

fn manifest(
    mut spec: Value,
    controllers: Option<BTreeMap<&'static str, &str>>,
) -> Option<BindingManifest> {
    let mut object = binding_object(part(&mut spec, "template"));
    if let (Some(own), Some(labels)) = (controllers, object["metadata"]["labels"].as_object_mut()) {
        labels.remove(MANAGED_BY);
        labels.extend(own.into_iter().map(|(key, value)| (key.to_owned(), json!(value))));
    }
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    Some(BindingManifest { namespace: text("namespace")?, name: text("name")?, object })
}

/// A field's value, taken out of an object; null where it is none, as in a record that was edited.
fn part(object: &mut Value, field: &str) -> Value {
    object.get_mut(field).map(Value::take).unwrap_or_default()
}

/// The Kubernetes object of a binding's template, without what makes the controller take it for its
/// own.
pub fn binding_object(mut template: Value) -> Value {
    let (mut metadata, mut spec) = (part(&mut template, "metadata"), part(&mut template, "spec"));
    let labels = metadata["labels"].as_object().cloned().unwrap_or_default();
    let mut labels: Map<String, Value> =
        labels.into_iter().filter(|(label, _)| !label.starts_with(CONTROLLERS)).collect();
    labels.insert(MANAGED_BY.to_owned(), json!("ingc"));
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.insert("labels".to_owned(), Value::Object(labels));
    }
    for object in [&mut metadata, &mut spec] {
        if let Some(fields) = object.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
    }
    json!({
        "apiVersion": API_VERSION,
        "kind": OBJECT_KIND,
        "metadata": metadata,
        "spec": spec,
    })
}
