//! Ingresses that the controller holds.

use super::Patient;
use crate::diagnostic::code::doctor as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::group::held_by;

pub(super) fn examine(patient: Patient<'_>, findings: &mut Diagnostics) {
    for ingress in patient.manifests.ingresses.values() {
        let holders: Vec<String> = held_by(ingress).collect();
        let Some(holder) = holders.first() else { continue };
        let metadata = &ingress.metadata;
        let name = &metadata.name;
        let message = format!(
            "the controller holds the Ingress as a member of group `{holder}`: with another class or group, it takes the load balancer down"
        );
        let span = metadata.finalizers.first().map_or(metadata.span, |text| text.span);
        findings.push(
            Diagnostic::warning(&code::HELD_INGRESS, message)
                .ingress(name.to_string())
                .at(span)
                .hint(format!(
                    "to move it: kubectl --namespace kube-system scale deployment aws-load-balancer-controller --replicas 0, then kubectl --namespace {} patch ingress {} --type merge --patch '{{\"metadata\":{{\"finalizers\":null}}}}'",
                    name.namespace, name.name
                )),
        );
    }
}
