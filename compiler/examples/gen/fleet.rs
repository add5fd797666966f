//! Realistic manifests of any size, always the same for the same number.
//!
//! N Ingresses with a Service each, 25 to a group, one file per group, beside an `ingc.yaml` and an
//! `inventory.yaml`.

use std::fmt::Write as _;

/// Members of one group, as platform teams have them.
const GROUP_SIZE: usize = 25;
/// ALB's quota of 100 rules per load balancer leaves four to a member.
const RULES_PER_MEMBER: usize = 4;
const CERTIFICATES: usize = 40;

/// A multiplicative congruential generator: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn certificate_arn(i: usize) -> String {
    format!("arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-{i:012}")
}

fn settings() -> &'static str {
    "clusterName: fleet\nregion: eu-central-1\nvpcId: vpc-0f1ee700000000001\ningc:\n  inventory: inventory.yaml\n"
}

fn inventory() -> String {
    let mut out = String::from(
        "region: eu-central-1\naccountId: \"123456789012\"\npartition: aws\nvpc:\n  vpcId: vpc-0f1ee700000000001\n  cidrBlocks: [10.0.0.0/16]\nsubnets:\n",
    );
    for (i, zone) in ["a", "b", "c"].iter().enumerate() {
        for (role, internet, offset) in [("elb", true, 0), ("internal-elb", false, 10)] {
            let _ = write!(
                out,
                "  - subnetId: subnet-0f1ee700000000{:03}\n    availabilityZone: eu-central-1{zone}\n    availabilityZoneId: euc1-az{}\n    zoneType: availability-zone\n    cidrBlock: 10.0.{}.0/24\n    availableIpAddressCount: 200\n    internetRoute: {internet}\n    tags: {{kubernetes.io/role/{role}: \"1\"}}\n",
                i + offset,
                i + 1,
                i + offset
            );
        }
    }
    out.push_str("certificates:\n");
    for i in 0..CERTIFICATES {
        let _ = write!(
            out,
            "  - certificateArn: {}\n    status: ISSUED\n    type: AMAZON_ISSUED\n    domainName: \"*.zone{i}.example.com\"\n    subjectAlternativeNames: [\"*.zone{i}.example.com\"]\n    keyAlgorithm: RSA_2048\n",
            certificate_arn(i)
        );
    }
    out
}

fn annotations(out: &mut String, random: &mut Random, group: usize, name: &str, ip: bool) {
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(out, "    alb.ingress.kubernetes.io/{key}: {value}");
    };
    put("group.name", &format!("group-{group:05}"));
    put("scheme", if group.is_multiple_of(3) { "internal" } else { "internet-facing" });
    put("target-type", if ip { "ip" } else { "instance" });
    put("listen-ports", r#"'[{"HTTP": 80}, {"HTTPS": 443}]'"#);
    put("ssl-redirect", "'443'");
    put("tags", &format!("Environment=production,Team=team-{}", group % 40));
    if group.is_multiple_of(2) {
        put("certificate-arn", &certificate_arn(group % CERTIFICATES));
    }
    if random.one_in(2) {
        put("healthcheck-path", "/healthz");
        put("healthcheck-interval-seconds", &format!("'{}'", 10 + random.below(20)));
        put("success-codes", "200-299");
    }
    if random.one_in(4) {
        put(
            "target-group-attributes",
            "deregistration_delay.timeout_seconds=30,slow_start.duration_seconds=30",
        );
    }
    if random.one_in(5) {
        put("group.order", &format!("'{}'", random.below(100)));
    }
    if random.one_in(6) {
        put(
            "actions.canary",
            &format!(
                r#"'{{"type":"forward","forwardConfig":{{"targetGroups":[{{"serviceName":"{name}","servicePort":80,"weight":90}},{{"serviceName":"{name}","servicePort":"admin","weight":10}}]}}}}'"#
            ),
        );
        put(
            "conditions.canary",
            r#"'[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["always"]}}]'"#,
        );
    }
}

fn member(out: &mut String, random: &mut Random, index: usize) {
    let group = index / GROUP_SIZE;
    let (namespace, name) = (format!("team-{:03}", index % 97), format!("service-{index:06}"));
    let ip = random.one_in(2);
    let _ = write!(
        out,
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  labels:\n    app.kubernetes.io/name: {name}\n    app.kubernetes.io/managed-by: Helm\n  annotations:\n"
    );
    let mut own = String::new();
    annotations(&mut own, random, group, &name, ip);
    let canary = own.contains("actions.canary");
    out.push_str(&own);
    out.push_str("spec:\n  ingressClassName: alb\n  rules:\n");
    let rules = 1 + random.below(RULES_PER_MEMBER);
    let hosts = 1 + random.below(rules.min(3));
    for host in 0..hosts {
        let _ = write!(
            out,
            "    - host: {name}-{host}.zone{}.example.com\n      http:\n        paths:\n",
            group % CERTIFICATES
        );
        let paths = if host == 0 { rules - hosts + 1 } else { 1 };
        for path in 0..paths {
            let (backend, port) = match (canary, path) {
                (true, 0) => ("canary", "name: use-annotation"),
                (_, path) if path % 2 == 1 => (name.as_str(), "name: admin"),
                _ => (name.as_str(), "number: 80"),
            };
            let url = if path + 1 == paths { "/".to_owned() } else { format!("/api/v{path}") };
            let _ = write!(
                out,
                "          - path: {url}\n            pathType: Prefix\n            backend:\n              service:\n                name: {backend}\n                port:\n                  {port}\n"
            );
        }
    }
    let _ = write!(
        out,
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  labels:\n    app.kubernetes.io/name: {name}\n  annotations:\n    alb.ingress.kubernetes.io/tags: Service={name}\nspec:\n  type: {}\n  selector:\n    app.kubernetes.io/name: {name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: 8080\n      protocol: TCP\n",
        if ip { "ClusterIP" } else { "NodePort" }
    );
    let node_port = |out: &mut String, offset: usize| {
        if !ip {
            let _ = writeln!(out, "      nodePort: {}", 30000 + (index * 2 + offset) % 2768);
        }
    };
    node_port(out, 0);
    out.push_str(
        "    - name: admin\n      port: 9090\n      targetPort: 9090\n      protocol: TCP\n",
    );
    node_port(out, 1);
    out.push_str("---\n");
}

/// All files of a repository of so many Ingresses, by name.
pub(crate) fn files(count: usize) -> Vec<(String, String)> {
    let mut files = vec![
        ("ingc.yaml".to_owned(), settings().to_owned()),
        ("inventory.yaml".to_owned(), inventory()),
        (
            "class.yaml".to_owned(),
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: alb\nspec:\n  controller: ingress.k8s.aws/alb\n".to_owned(),
        ),
    ];
    let mut random = Random(42);
    for group in 0..count.div_ceil(GROUP_SIZE) {
        let mut text = String::new();
        for index in group * GROUP_SIZE..count.min((group + 1) * GROUP_SIZE) {
            member(&mut text, &mut random, index);
        }
        files.push((format!("group-{group:05}.yaml"), text));
    }
    files
}
