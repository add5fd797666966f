//! The controller as Argo CD installs it: beside ingc, or in its place.

use ingc_compiler::settings::{ServiceAccount, Settings};
use serde_json::{Map, Value, json};

/// The chart of the controller v3.5.0.
const CHART: Chart = Chart {
    name: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.5.0",
};
/// The chart whose certificates the controller's webhooks have.
const CERT_MANAGER: Chart =
    Chart { name: "cert-manager", repository: "https://charts.jetstack.io", version: "v1.20.2" };

struct Chart {
    name: &'static str,
    repository: &'static str,
    version: &'static str,
}

/// The value of `--ingress-class` that no Ingress has: with it the annotation
/// `kubernetes.io/ingress.class: alb` is nothing to the controller.
const NO_CLASS: &str = "not-for-the-controller";
/// The controller's own value of `spec.controller`.
const ALB: &str = "ingress.k8s.aws/alb";

/// What the manifests are made of.
pub struct Controller<'c> {
    /// The cluster.
    pub settings: &'c Settings,
    /// Whose pods take the role.
    pub account: &'c ServiceAccount,
    /// The role.
    pub role_arn: &'c str,
    /// The value of `spec.controller` that is ingc's; none if the controller shall have the
    /// Ingresses.
    pub own_controller: Option<&'c str>,
    /// Where Argo CD is.
    pub argocd_namespace: &'c str,
}

/// The manifests, in the order in which they are applied.
pub fn manifests(controller: &Controller<'_>) -> Vec<Value> {
    let ServiceAccount { namespace, name } = controller.account;
    let service_account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/name": CHART.name, "app.kubernetes.io/component": "controller"},
            "annotations": {
                "eks.amazonaws.com/role-arn": controller.role_arn,
                "argocd.argoproj.io/sync-wave": "-1",
            },
        },
    });
    let certificates = json!({"crds": {"enabled": true}});
    vec![
        controller.application(&CERT_MANAGER, "cert-manager", "-2", &certificates),
        service_account,
        controller.application(&CHART, namespace, "0", &controller.values()),
        controller.class(),
    ]
}

impl Controller<'_> {
    /// What the chart is installed with, beside its defaults.
    fn values(&self) -> Value {
        let settings = self.settings;
        let mut values = json!({
            "clusterName": settings.cluster_name,
            "region": settings.region,
            "vpcId": settings.vpc_id,
            "serviceAccount": {"create": false, "name": self.account.name},
            "enableCertManager": true,
            "createIngressClassResource": false,
            "ingressClassParams": {"create": false},
        });
        if self.own_controller.is_some() {
            values["ingressClass"] = json!(NO_CLASS);
            // Services stay with whoever had them.
            values["enableServiceMutatorWebhook"] = json!(false);
        } else {
            values["ingressClass"] = json!(settings.ingress_class);
            if !settings.default_tags.is_empty() {
                values["defaultTags"] = json!(settings.default_tags);
            }
        }
        values
    }

    /// The class that Ingresses name. Kubernetes changes no controller of a class: it is made anew.
    fn class(&self) -> Value {
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {
                "name": self.settings.ingress_class,
                "annotations": {"argocd.argoproj.io/sync-options": "Force=true,Replace=true"},
            },
            "spec": {"controller": self.own_controller.unwrap_or(ALB)},
        })
    }

    fn application(&self, chart: &Chart, namespace: &str, wave: &str, values: &Value) -> Value {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), json!(chart.name));
        metadata.insert("namespace".to_owned(), json!(self.argocd_namespace));
        metadata.insert("annotations".to_owned(), json!({"argocd.argoproj.io/sync-wave": wave}));
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": {
                "project": "default",
                "source": {
                    "repoURL": chart.repository,
                    "chart": chart.name,
                    "targetRevision": chart.version,
                    "helm": {"valuesObject": values},
                },
                "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
                "syncPolicy": {
                    "automated": {"prune": true, "selfHeal": true},
                    "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
                },
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingc_compiler::diagnostic::Diagnostics;
    use ingc_compiler::inventory::Inventory;
    use ingc_compiler::source::Sources;
    use ingc_compiler::yaml::{Order, to_yaml};
    use ingc_compiler::{compile, settings};

    /// Ingresses that name the class in each of the two ways.
    const INGRESSES: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: field, namespace: shop}
spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: annotation, namespace: shop, annotations: {kubernetes.io/ingress.class: alb}}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";

    /// Which Ingresses the controller passes over that is installed with these manifests.
    fn ignored(own_controller: Option<&str>) -> Vec<String> {
        let settings = Settings {
            cluster_name: "prod".to_owned(),
            region: "eu-central-1".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            ..Settings::default()
        };
        let made = manifests(&Controller {
            settings: &settings,
            account: &ServiceAccount::default(),
            role_arn: "arn:aws:iam::111122223333:role/x",
            own_controller,
            argocd_namespace: "argocd",
        });
        let text = |value: &Value| to_yaml(value, Order::Given).unwrap();
        let mut sources = Sources::new();
        let values = &made[2]["spec"]["source"]["helm"]["valuesObject"];
        let values = sources.add("values.yaml", text(values));
        let class = sources.add("class.yaml", text(&made[3]));
        let ingresses = sources.add("ingresses.yaml", INGRESSES);
        let mut findings = Diagnostics::new();
        // The controller's own view: what ingc alone counts as its class is not among its settings.
        let theirs = settings::read(&sources, &[values], &mut findings);
        assert_eq!(findings.iter().count(), 0, "{findings:?}");
        let inventory = Inventory::default();
        compile(&sources, &[class, ingresses], &theirs, &inventory, findings).ignored
    }

    #[test]
    fn the_controller_passes_over_our_ingresses_until_they_are_handed_over() {
        assert_eq!(ignored(Some("ingc/alb")), ["shop/annotation", "shop/field"]);
        assert_eq!(ignored(None), [""; 0]);
    }
}
