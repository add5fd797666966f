//! Manifests of the edits.

use std::fmt::Write as _;

pub(crate) const WEB_ACL: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/edge/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb";

/// The facts of the account.
pub(crate) const INVENTORY: &str = r#"
region: eu-central-1
accountId: "123456789012"
partition: aws
vpc: {vpcId: vpc-0a1b2c3d4e5f60718, cidrBlocks: [10.0.0.0/16]}
subnets:
  - {subnetId: subnet-0a, availabilityZone: eu-central-1a, availabilityZoneId: euc1-az1, zoneType: availability-zone, cidrBlock: 10.0.0.0/24, availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1", kubernetes.io/role/internal-elb: "1"}}
  - {subnetId: subnet-0b, availabilityZone: eu-central-1b, availabilityZoneId: euc1-az2, zoneType: availability-zone, cidrBlock: 10.0.1.0/24, availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1", kubernetes.io/role/internal-elb: "1"}}
certificates:
  - certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000001
    status: ISSUED
    type: AMAZON_ISSUED
    domainName: a.example.com
    subjectAlternativeNames: [a.example.com]
    keyAlgorithm: RSA_2048
  - certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000002
    status: ISSUED
    type: AMAZON_ISSUED
    domainName: b.example.com
    subjectAlternativeNames: [b.example.com]
    keyAlgorithm: RSA_2048
securityGroups:
  - {groupId: sg-0123456789abcdef0, groupName: edge, tags: {}}
webAcls:
  - name: edge
    arn: arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/edge/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb
"#;

/// The class of all Ingresses.
pub(crate) fn class() -> String {
    "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\n"
        .to_owned()
}

/// Services with node ports.
pub(crate) fn services(names: &[&str]) -> String {
    names.iter().fold(String::new(), |mut out, name| {
        let port = 30080 + u32::from(name.as_bytes()[0]);
        let _ = write!(
            out,
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  type: NodePort\n  ports: [{{port: 80, targetPort: 8080, nodePort: {port}}}]\n---\n"
        );
        out
    })
}

/// An Ingress of one host.
#[derive(Clone)]
pub(crate) struct Ingress {
    name: String,
    annotations: Vec<(String, String)>,
    paths: Vec<(String, String)>,
}

impl Ingress {
    pub(crate) fn new(name: &str) -> Self {
        let ingress = Ingress { name: name.to_owned(), annotations: Vec::new(), paths: Vec::new() };
        ingress.annotation("scheme", "internet-facing")
    }

    pub(crate) fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.retain(|(known, _)| known != name);
        self.annotations.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn certificate(self, number: usize) -> Self {
        self.certificates(&(1..=number).collect::<Vec<_>>())
    }

    pub(crate) fn certificates(self, numbers: &[usize]) -> Self {
        let arn = |i| {
            format!(
                "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-{i:012}"
            )
        };
        let all: Vec<_> = numbers.iter().map(arn).collect();
        self.annotation("certificate-arn", &all.join(","))
    }

    pub(crate) fn path(self, path: &str, service: &str) -> Self {
        let end = self.paths.len();
        self.path_at(end, path, service)
    }

    pub(crate) fn path_at(mut self, at: usize, path: &str, service: &str) -> Self {
        self.paths.insert(at, (path.to_owned(), service.to_owned()));
        self
    }

    pub(crate) fn backend(mut self, at: usize, service: &str) -> Self {
        self.paths[at].1 = service.to_owned();
        self
    }

    pub(crate) fn swap(mut self, a: usize, b: usize) -> Self {
        self.paths.swap(a, b);
        self
    }

    pub(crate) fn without(mut self, at: usize) -> Self {
        self.paths.remove(at);
        self
    }

    pub(crate) fn canary(self, old: &str, new: &str, old_weight: u32, new_weight: u32) -> Self {
        let action = format!(
            r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{{"serviceName":"{old}","servicePort":80,"weight":{old_weight}}},{{"serviceName":"{new}","servicePort":80,"weight":{new_weight}}}]}}}}"#
        );
        self.annotation("actions.canary", &action).path_at(0, "/canary", "canary")
    }

    pub(crate) fn text(&self) -> String {
        let mut out = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {}\n  namespace: shop\n  annotations:\n",
            self.name
        );
        for (name, value) in &self.annotations {
            let _ = writeln!(out, "    alb.ingress.kubernetes.io/{name}: '{value}'");
        }
        out.push_str("spec:\n  ingressClassName: alb\n  rules:\n  - host: a.example.com\n    http:\n      paths:\n");
        for (path, service) in &self.paths {
            let port = if service == "canary" { "name: use-annotation" } else { "number: 80" };
            let _ = writeln!(
                out,
                "      - path: {path}\n        pathType: Exact\n        backend: {{service: {{name: {service}, port: {{{port}}}}}}}"
            );
        }
        out.push_str("---\n");
        out
    }
}
