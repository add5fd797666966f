//! TargetGroupBindings: objects of the cluster, not of AWS.

use super::part::{Parts, Wanted};
use crate::account::{Account, Call, Service};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{BindingMetadata, TargetGroupBinding};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};

/// Of the objects that the controller reads.
pub(crate) const API_VERSION: &str = "elbv2.k8s.aws/v1beta1";
/// Their kind.
pub(crate) const OBJECT_KIND: &str = "TargetGroupBinding";

const FIELD: &str = "template";

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &TargetGroupBinding,
) -> Result<(), Failure> {
    let object = object(spec);
    // On AWS no call is made, and there is nothing to be found again.
    if hand.account.identity().simulated {
        hand.claim(FIELD)?;
    }
    match hand.call(call("CreateTargetGroupBinding", object.clone())).await {
        Err(failure) if failure.is(&["AlreadyExists"]) => {
            let there =
                hand.call(call("GetTargetGroupBinding", named(&spec.template.metadata))).await?;
            if there["spec"]["targetGroupARN"] != object["spec"]["targetGroupARN"] {
                let BindingMetadata { namespace, name, .. } = &spec.template.metadata;
                return Err(hand.failure(
                    &code::NOT_OURS,
                    format!("TargetGroupBinding `{namespace}/{name}` exists already, for another target group"),
                    format!("delete it with `kubectl delete targetgroupbinding -n {namespace} {name}` if nobody needs it; then run the same command again"),
                ));
            }
            hand.call(call("UpdateTargetGroupBinding", object)).await?;
        }
        other => drop(other?),
    }
    hand.record(&Pairs::new(), &[])
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &TargetGroupBinding,
    after: &TargetGroupBinding,
    _wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let (old, new) = (&before.template, &after.template);
    let mut parts = Parts::new();
    let renamed = (&old.metadata.namespace, &old.metadata.name)
        != (&new.metadata.namespace, &new.metadata.name);
    // What the API server does not change in an existing object.
    let immutable = old.spec.target_group_arn != new.spec.target_group_arn
        || old.spec.target_type != new.spec.target_type
        || old.spec.ip_address_type != new.spec.ip_address_type
        || old.spec.vpc_id != new.spec.vpc_id;
    let remove = || call("DeleteTargetGroupBinding", named(&old.metadata));
    let create = || call("CreateTargetGroupBinding", object(after));
    // A target group has one binding, and a binding one target group.
    if renamed && old.spec.target_group_arn != new.spec.target_group_arn {
        parts.push_lenient(&[FIELD], create(), &["AlreadyExists"]);
        parts.push_lenient(&[FIELD], remove(), &["NotFound"]);
    } else if renamed || immutable {
        parts.push_lenient(&[FIELD], remove(), &["NotFound"]);
        parts.push_lenient(&[FIELD], create(), &["AlreadyExists"]);
    } else {
        let update = call("UpdateTargetGroupBinding", object(after));
        match hand.call(update).await {
            // It was claimed, and the run died before it was made.
            Err(failure) if failure.is(&["NotFound"]) => parts.push(&[FIELD], create()),
            other => drop(other?),
        }
    }
    parts.carry_out(hand, outputs).await
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &TargetGroupBinding,
) -> Result<(), Failure> {
    hand.call(call("DeleteTargetGroupBinding", named(&spec.template.metadata))).await.map(drop)
}

fn call(action: &'static str, params: Value) -> Call {
    Call::new(Service::Kubernetes, action, params)
}

/// The call that reads a binding.
pub(crate) fn get(spec: &TargetGroupBinding) -> Call {
    call("GetTargetGroupBinding", named(&spec.template.metadata))
}

/// The call that lists all bindings of the cluster.
pub(crate) fn list() -> Call {
    call("ListTargetGroupBindings", json!({}))
}

fn named(metadata: &BindingMetadata) -> Value {
    json!({"namespace": metadata.namespace, "name": metadata.name})
}

/// The object as `kubectl apply` takes it.
fn object(binding: &TargetGroupBinding) -> Value {
    let mut object = serde_json::to_value(&binding.template).unwrap_or_default();
    object["apiVersion"] = json!(API_VERSION);
    object["kind"] = json!(OBJECT_KIND);
    object
}
