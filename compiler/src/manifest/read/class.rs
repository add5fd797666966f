//! IngressClass.

use super::schema;
use crate::manifest::{IngressClass, Metadata, ParametersRef};
use crate::schema::{At, Reader};
use crate::yaml::Text;

pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
) -> IngressClass<'s> {
    let mut class = IngressClass { metadata, controller: Text::synthetic(""), parameters: None };
    let spec = r.fields(object, &schema::CLASS).and_then(|[spec, ..]| spec);
    let Some(spec) = spec else {
        r.missing(object, "spec", "write spec: {controller: ingress.k8s.aws/alb}");
        return class;
    };
    let Some([controller, parameters]) = r.fields(&spec, &schema::CLASS_SPEC) else {
        return class;
    };
    let hint = "write controller: ingress.k8s.aws/alb";
    let controller = r.required(&spec, controller, "controller", hint);
    if let Some(controller) = r.maybe_text(controller) {
        class.controller = controller;
    }
    class.parameters = parameters.and_then(|at| read_parameters(&at, r));
    class
}

fn read_parameters<'s>(at: &At<'_, '_, 's>, r: &mut Reader) -> Option<ParametersRef<'s>> {
    let [api_group, kind, name, namespace, scope] = r.fields(at, &schema::PARAMETERS)?;
    let kind = r.required(at, kind, "kind", "write kind: IngressClassParams");
    let name = r.required(at, name, "name", "write the name of an IngressClassParams");
    let (kind, name) = (r.maybe_text(kind), r.maybe_text(name));
    let api_group = r.maybe_text(api_group);
    let (namespace, scope) = (r.maybe_text(namespace), r.maybe_text(scope));
    Some(ParametersRef { api_group, kind: kind?, name: name?, namespace, scope })
}
