//! The keys of the Helm chart `aws-load-balancer-controller` 3.5.0 and what each may hold.
//!
//! Source: `values.yaml` and the templates of the chart. Most keys are about the controller's pods
//! and have no effect on what it builds; they are known so that a misspelt one stands out.

use super::layer::Layers;
use crate::diagnostic::code::settings as code;
use crate::diagnostic::nearest;
use crate::schema::{At, Path, Reader};
use crate::yaml::NodeKind;

/// What a setting may hold. Null and absent are the same everywhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Anything; it is handed on.
    Any,
    /// A boolean. The chart drops one in quotes.
    Bool,
    /// A string.
    Text,
    /// A number, which may be in quotes.
    Number,
    /// A list of strings, or a string with commas.
    Texts,
    /// A map of strings, numbers and booleans.
    Scalars,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A mapping of known keys.
    Fields(&'static [(&'static str, Shape)]),
    /// A map of names to the same shape.
    Each(&'static Shape),
}

use Shape::{Any, Bool, Fields, Number, Scalars, Text, Texts};

/// All keys of the chart.
pub(super) const CHART: &[(&str, Shape)] = &[
    ("additionalLabels", Any),
    ("affinity", Any),
    ("albGatewayMaxConcurrentReconciles", Number),
    ("autoscaling", AUTOSCALING),
    ("awsApiEndpoints", Text),
    ("awsApiThrottle", Texts),
    ("awsMaxRetries", Number),
    ("backendSecurityGroup", Text),
    ("certDiscovery", Fields(&[("allowedCertificateAuthorityARNs", Text)])),
    ("certManagement", Fields(&[("defaultPCAARN", Text)])),
    ("certManager", CERT_MANAGER),
    ("cluster", Fields(&[("dnsDomain", Text)])),
    ("clusterName", Text),
    ("clusterSecretsPermissions", Fields(&[("allowAllSecrets", Bool)])),
    ("configureDefaultAffinity", Bool),
    ("controllerConfig", Fields(&[("featureGates", Scalars)])),
    ("createIngressClassResource", Bool),
    ("creator", Text),
    ("defaultLoadBalancerScheme", Text),
    ("defaultSSLPolicy", Text),
    ("defaultTags", Scalars),
    ("defaultTargetType", Text),
    ("deploymentAnnotations", Any),
    ("disableIngressClassAnnotation", Bool),
    ("disableIngressGroupNameAnnotation", Bool),
    ("disableRestrictedSecurityGroupRules", Bool),
    ("dnsPolicy", Text),
    ("enableBackendSecurityGroup", Bool),
    ("enableCertManager", Bool),
    ("enableEndpointSlices", Bool),
    ("enableManageBackendSecurityGroupRules", Bool),
    ("enablePodReadinessGateInject", Bool),
    ("enableServiceMutatorWebhook", Bool),
    ("enableShield", Bool),
    ("enableWaf", Bool),
    ("enableWafv2", Bool),
    ("env", Any),
    ("envFrom", Any),
    ("envSecretName", Text),
    ("externalManagedTags", Texts),
    ("extraVolumeMounts", Any),
    ("extraVolumes", Any),
    ("fullnameOverride", Text),
    ("global", Any),
    ("globalAcceleratorMaxConcurrentReconciles", Number),
    ("globalAcceleratorMaxExponentialBackoffDelay", Text),
    ("hostNetwork", Bool),
    ("image", Fields(&[("repository", Text), ("tag", Text), ("pullPolicy", Text)])),
    ("imagePullSecrets", Any),
    ("ingressClass", Text),
    ("ingressClassConfig", Fields(&[("default", Bool)])),
    ("ingressClassParams", Fields(&[("create", Bool), ("name", Text), ("spec", Any)])),
    ("ingressMaxConcurrentReconciles", Number),
    ("keepTLSSecret", Bool),
    ("lbStabilizationMonitorInterval", Text),
    ("livenessProbe", Any),
    ("loadBalancerClass", Text),
    ("logLevel", Text),
    ("maxTargetsPerTargetGroup", Number),
    ("metricsBindAddr", Text),
    ("nameOverride", Text),
    ("nlbGatewayMaxConcurrentReconciles", Number),
    ("nodeSelector", Any),
    ("objectSelector", SELECTOR),
    ("podAnnotations", Any),
    ("podDisruptionBudget", Any),
    ("podLabels", Any),
    ("podMutatorWebhookConfig", Fields(&[("failurePolicy", Text)])),
    ("podSecurityContext", Any),
    ("priorityClassName", Text),
    ("rbac", Fields(&[("create", Bool)])),
    ("readinessProbe", Any),
    ("region", Text),
    ("replicaCount", Number),
    ("resources", Any),
    ("revisionHistoryLimit", Number),
    ("runtimeClassName", Text),
    ("securityContext", Any),
    ("serviceAccount", SERVICE_ACCOUNT),
    ("serviceAnnotations", Any),
    ("serviceMaxConcurrentReconciles", Number),
    ("serviceMonitor", SERVICE_MONITOR),
    ("serviceMutatorWebhookConfig", SERVICE_WEBHOOK),
    ("serviceTargetENISGTags", Text),
    ("syncPeriod", Text),
    ("targetgroupbindingMaxConcurrentReconciles", Number),
    ("targetgroupbindingMaxExponentialBackoffDelay", Text),
    ("targetgroupbindingRequeueDuration", Text),
    ("terminationGracePeriodSeconds", Number),
    ("tolerateNonExistentBackendAction", Bool),
    ("tolerateNonExistentBackendService", Bool),
    ("tolerations", Any),
    ("topologySpreadConstraints", Any),
    ("updateStrategy", Any),
    ("vpcId", Text),
    ("vpcTags", Scalars),
    ("watchNamespace", Text),
    ("webhookBindPort", Number),
    ("webhookConfig", WEBHOOK),
    ("webhookNamespaceSelectors", Any),
    ("webhookTLS", Fields(&[("caCert", Text), ("cert", Text), ("key", Text)])),
];

const AUTOSCALING: Shape = Fields(&[
    ("enabled", Bool),
    ("minReplicas", Number),
    ("maxReplicas", Number),
    ("targetCPUUtilizationPercentage", Number),
    ("autoscaleBehavior", Any),
]);

const CERT_MANAGER: Shape = Fields(&[
    ("duration", Text),
    ("renewBefore", Text),
    ("revisionHistoryLimit", Number),
    ("rootCert", Fields(&[("duration", Text)])),
    ("issuerRef", Any),
]);

const SELECTOR: Shape = Fields(&[("matchExpressions", Any), ("matchLabels", Any)]);

const SERVICE_ACCOUNT: Shape = Fields(&[
    ("create", Bool),
    ("annotations", Any),
    ("name", Text),
    ("automountServiceAccountToken", Bool),
    ("imagePullSecrets", Any),
]);

const SERVICE_MONITOR: Shape = Fields(&[
    ("enabled", Bool),
    ("namespace", Text),
    ("additionalLabels", Any),
    ("interval", Text),
    ("scrapeTimeout", Text),
    ("relabelings", Any),
    ("metricRelabelings", Any),
]);

const SERVICE_WEBHOOK: Shape = Fields(&[
    ("failurePolicy", Text),
    ("objectSelector", SELECTOR),
    ("namespaceSelectors", Any),
    ("operations", Any),
]);

const WEBHOOK: Shape = Fields(&[
    ("disableIngressValidation", Bool),
    ("ingressValdationFailurePolicy", Text),
    ("ingressValidationObjectSelector", SELECTOR),
    ("ingressValidationNamespaceSelector", SELECTOR),
]);

/// Reports what does not fit the shape, all the way down.
pub(super) fn check(layers: &Layers<'_, '_>, path: Path<'_>, shape: Shape, r: &mut Reader) {
    let node = layers.top();
    let at = At { node, path };
    match shape {
        Shape::Any => {}
        Shape::Bool => {
            r.bool(&at);
        }
        Shape::Text if node.kind() == NodeKind::Sequence => {
            let message = format!("`{path}` must be a string, not a list");
            let hint = "write one string, with commas between its parts";
            r.error(&at, &code::WRONG_TYPE, message, hint);
        }
        Shape::Text => {
            r.text(&at);
        }
        Shape::Number => {
            let quoted = node.string().is_some_and(|text| text.as_str().parse::<f64>().is_ok());
            if node.as_f64().is_none() && !quoted {
                r.wrong_type(&at, "a number");
            }
        }
        Shape::Texts if node.kind() == NodeKind::String => {}
        Shape::Texts => {
            r.texts(Some(at));
        }
        Shape::Word(words) => {
            let Some(text) = node.as_str().filter(|text| !words.contains(text)) else { return };
            let hint = match nearest(text, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", words.join(", ")),
            };
            r.error(&at, &code::WRONG_TYPE, format!("`{text}` cannot be `{path}`"), hint);
        }
        _ if node.kind() != NodeKind::Mapping => r.wrong_type(&at, "a mapping"),
        Shape::Scalars => {
            for (key, value) in layers.entries() {
                let node = value.top();
                if matches!(node.kind(), NodeKind::Mapping | NodeKind::Sequence) {
                    let at = At { node, path: Path::Key(&path, key.as_str()) };
                    r.wrong_type(&at, "a string");
                }
            }
        }
        Shape::Each(shape) => {
            for (key, value) in layers.entries() {
                check(&value, Path::Key(&path, key.as_str()), *shape, r);
            }
        }
        Shape::Fields(fields) => check_fields(layers, path, fields, r),
    }
}

/// Reports unknown keys in every layer, and what the merged values of the known ones hold.
pub(super) fn check_fields(
    layers: &Layers<'_, '_>,
    path: Path<'_>,
    fields: &[(&str, Shape)],
    r: &mut Reader,
) {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    for (key, _) in layers.nodes().iter().flat_map(|node| node.entries()) {
        let Some(name) = key.key() else { continue };
        if !names.contains(&name.as_ref()) {
            r.unknown_field(&path, key.span(), &name, &names);
        }
    }
    for (name, shape) in fields {
        if let Some(value) = layers.get(name) {
            check(&value, path.field(name), *shape, r);
        }
    }
}
