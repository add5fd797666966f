//! The JSON Schema of settings: the keys and shapes that the reader knows, with what they do.

use super::chart::{CHART, Shape};
use super::{gate, ingc, start};
use crate::schema::json::{described, list, map, object, word};
use serde_json::{Value, json};

/// The chart's keys that change what is built, and all of ingc's own, by their paths. The other
/// keys of the chart are about the controller's pods.
const MEANINGS: &[(&str, &str)] = &[
    (
        "backendSecurityGroup",
        "Id of a shared backend security group that others made. Without one the controller makes it.",
    ),
    (
        "certDiscovery.allowedCertificateAuthorityARNs",
        "Certificates of other authorities are not found by host name. Several with commas.",
    ),
    (
        "certManagement.defaultPCAARN",
        "The private authority that issues certificates which the group asks for.",
    ),
    ("clusterName", "The cluster's name. Names and tags of all resources are made of it."),
    ("controllerConfig.featureGates", "Features of the controller, each on or off."),
    (
        "defaultLoadBalancerScheme",
        "The scheme of load balancers whose Ingresses name none. Default: internal.",
    ),
    (
        "defaultSSLPolicy",
        "The TLS policy of listeners whose Ingresses name none. Default: ELBSecurityPolicy-2016-08.",
    ),
    ("defaultTags", "Tags of all resources."),
    ("defaultTargetType", "The target type of Ingresses that name none. Default: instance."),
    (
        "disableIngressClassAnnotation",
        "Pass over the annotation kubernetes.io/ingress.class. Default: false.",
    ),
    ("disableIngressGroupNameAnnotation", "Refuse the annotation group.name. Default: false."),
    (
        "disableRestrictedSecurityGroupRules",
        "Open all ports of the pods to load balancers, not only those that serve. Default: false.",
    ),
    (
        "enableBackendSecurityGroup",
        "Use a shared security group from which load balancers reach pods. Default: true.",
    ),
    (
        "enableManageBackendSecurityGroupRules",
        "Manage the pods' security group rules also where an Ingress names its security groups. Default: false.",
    ),
    ("externalManagedTags", "Keys of tags that others set and the controller leaves alone."),
    ("ingc", "What is not the controller's but ingc's own. Paths are relative to this file."),
    ("ingc.bootstrap", "What the cluster and CI need of IAM, for `ingc bootstrap`."),
    (
        "ingc.bootstrap.ci",
        "Roles of CI jobs, by name: who may take them is one of `github` and `gitlab`.",
    ),
    (
        "ingc.bootstrap.issuer",
        "The issuer of the tokens of the cluster's pods. Without it, EKS is asked.",
    ),
    (
        "ingc.bootstrap.permissions",
        "What the controller may do: everything, or register targets only. Default: full.",
    ),
    (
        "ingc.bootstrap.permissionsBoundary",
        "The ARN of a policy that bounds what all these roles may be allowed.",
    ),
    (
        "ingc.bootstrap.policy",
        "The name of the controller's policy. Default: AWSLoadBalancerControllerIAMPolicy.",
    ),
    (
        "ingc.bootstrap.role",
        "The name of the controller's role. Default: AWSLoadBalancerController-CLUSTER.",
    ),
    (
        "ingc.bootstrap.serviceAccount",
        "NAMESPACE/NAME of the controller's ServiceAccount, the only one that may take its role. Default: kube-system/aws-load-balancer-controller.",
    ),
    ("ingc.codes", "What becomes of the warnings of a code."),
    (
        "ingc.controller",
        "A value of spec.controller of an IngressClass that counts as ours beside ingress.k8s.aws/alb, and that the controller leaves alone.",
    ),
    ("ingc.inventory", "The file that lists what exists in the account and is not ours."),
    (
        "ingc.manifests",
        "Files and folders with the manifests, for a run without a PATH. Without it, this file's folder.",
    ),
    ("ingc.missingSecrets", "What a Secret that nobody gave comes to. Default: error."),
    (
        "ingc.namespace",
        "The namespace of objects that name none, as that of an Argo CD application. Default: default.",
    ),
    ("ingc.protect", "Patterns of stacks and addresses that nothing may delete or replace."),
    (
        "ingc.scope",
        "What this repository answers for, and so what a run may delete when the manifests lack it. Without it, the whole cluster.",
    ),
    ("ingc.scope.groups", "Names of groups."),
    ("ingc.scope.namespaces", "Namespaces of Ingresses."),
    (
        "ingc.secrets",
        "Where the Secrets come from that are not among the manifests, by NAMESPACE/NAME.",
    ),
    ("ingc.state", "The state's file. Without it, ingc.state.json beside this file."),
    (
        "ingressClass",
        "The value of kubernetes.io/ingress.class that is the controller's. Default: alb.",
    ),
    ("region", "The AWS region. Without it, the inventory's."),
    (
        "tolerateNonExistentBackendAction",
        "Answer with 503 where an action that a backend names does not exist, instead of refusing the group. Default: true.",
    ),
    (
        "tolerateNonExistentBackendService",
        "Answer with 503 where a Service does not exist, instead of refusing the group. Default: true.",
    ),
    ("vpcId", "The cluster's VPC. Without it, the inventory's."),
];

/// True for a key at the top that changes what is built.
pub fn has_meaning(key: &str) -> bool {
    MEANINGS.iter().any(|(path, _)| path.split('.').next() == Some(key))
}

/// The JSON Schema of `ingc.yaml`, which is one of the controller's Helm values as well.
pub fn schema() -> Value {
    let mut schema = form(Shape::Fields(CHART), "");
    schema["properties"]["ingc"] = of(ingc::INGC, "ingc");
    let whole = described(
        json!({"$ref": "#"}),
        "The settings, in the values of a chart that contains the controller's.",
    );
    schema["properties"][super::read::SUBCHART] = whole;
    schema
}

fn of(shape: Shape, path: &str) -> Value {
    let meaning = MEANINGS.iter().find(|(known, _)| *known == path).map(|(_, text)| *text);
    let pods = "Of the controller's pods; it has no effect on what is built.";
    let is_root_key = !path.contains('.');
    let meaning = meaning.unwrap_or(if is_root_key && !has_inner(path) { pods } else { "" });
    described(form(shape, path), meaning)
}

/// True if something below has a meaning.
fn has_inner(path: &str) -> bool {
    MEANINGS
        .iter()
        .any(|(known, _)| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn form(shape: Shape, path: &str) -> Value {
    match path {
        "defaultTargetType" => return word(&start::TARGET_TYPES),
        "defaultLoadBalancerScheme" => return word(&start::SCHEMES),
        "controllerConfig.featureGates" => return object(gates()),
        _ => {}
    }
    match shape {
        Shape::Any => json!({}),
        Shape::Bool => json!({"type": ["boolean", "null"]}),
        Shape::Text => json!({"type": ["string", "null"]}),
        Shape::Number => json!({"type": ["number", "string", "null"]}),
        Shape::Texts => {
            let mut schema = list(&json!({"type": "string"}));
            schema["type"] = json!(["array", "string", "null"]);
            schema
        }
        Shape::Scalars => map(&json!({"type": ["string", "number", "boolean", "null"]})),
        Shape::Word(words) => word(words),
        Shape::Each(shape) => map(&form(*shape, "")),
        Shape::Fields(fields) => object(fields.iter().map(|(name, shape)| {
            let inner = if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") };
            ((*name).to_owned(), of(*shape, &inner))
        })),
    }
}

/// Gates may be in quotes, as the controller gets them as text anyway.
fn gates() -> impl Iterator<Item = (String, Value)> {
    let without = "It has no effect on what is built of Ingresses.";
    gate::names().map(move |(name, default)| {
        let meaning = match default {
            Some(default) => format!("Default: {default}."),
            None => without.to_owned(),
        };
        let value = json!({"enum": [true, false, "true", "false", null]});
        (name.to_owned(), described(value, &meaning))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema at a path.
    fn at<'s>(schema: &'s Value, path: &str) -> Option<&'s Value> {
        path.split('.').try_fold(schema, |schema, name| schema["properties"].get(name))
    }

    #[test]
    fn meanings_are_of_keys_that_exist_and_all_of_ours_have_one() {
        let schema = schema();
        for (path, meaning) in MEANINGS {
            let found = at(&schema, path).unwrap_or(&Value::Null);
            assert_eq!(found["description"], *meaning, "{path}");
        }
        let Shape::Fields(fields) = ingc::INGC else { panic!("ingc has keys") };
        for (name, _) in fields {
            let path = format!("ingc.{name}");
            assert!(MEANINGS.iter().any(|(known, _)| *known == path), "{path} has no meaning");
        }
    }
}
