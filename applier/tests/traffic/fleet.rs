//! Small random fleets: what teams write, as text, and the requests that tell two fleets apart.

use proptest::prelude::*;
use std::fmt::Write as _;

pub(crate) const HOSTS: [&str; 3] = ["a.example.com", "b.example.com", "c.example.com"];
pub(crate) const PATHS: [&str; 4] = ["/", "/cart", "/cart/new", "/img"];
pub(crate) const SERVICES: [&str; 4] = ["web", "cart", "img", "old"];

/// The facts of the account that the fleets run in.
pub(crate) const INVENTORY: &str = r#"
region: eu-central-1
accountId: "123456789012"
partition: aws
vpc: {vpcId: vpc-0a1b2c3d4e5f60718, cidrBlocks: [10.0.0.0/16]}
subnets:
  - {subnetId: subnet-0a, availabilityZone: eu-central-1a, availabilityZoneId: euc1-az1, zoneType: availability-zone, cidrBlock: 10.0.0.0/24, availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1"}}
  - {subnetId: subnet-0b, availabilityZone: eu-central-1b, availabilityZoneId: euc1-az2, zoneType: availability-zone, cidrBlock: 10.0.1.0/24, availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1"}}
  - {subnetId: subnet-1a, availabilityZone: eu-central-1a, availabilityZoneId: euc1-az1, zoneType: availability-zone, cidrBlock: 10.0.2.0/24, availableIpAddressCount: 200, tags: {kubernetes.io/role/internal-elb: "1"}}
  - {subnetId: subnet-1b, availabilityZone: eu-central-1b, availabilityZoneId: euc1-az2, zoneType: availability-zone, cidrBlock: 10.0.3.0/24, availableIpAddressCount: 200, tags: {kubernetes.io/role/internal-elb: "1"}}
certificates:
  - certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000001
    status: ISSUED
    type: AMAZON_ISSUED
    domainName: "*.example.com"
    subjectAlternativeNames: ["*.example.com"]
    keyAlgorithm: RSA_2048
"#;

/// What listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ports {
    Http,
    Both,
    Redirect,
}

/// One rule of an Ingress.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) host: Option<usize>,
    pub(crate) path: usize,
    pub(crate) exact: bool,
    pub(crate) service: usize,
}

/// One Ingress of the group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Team {
    pub(crate) order: i32,
    pub(crate) routes: Vec<Route>,
}

/// All Ingresses of one group, and what they agree on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fleet {
    pub(crate) internal: bool,
    pub(crate) ports: Ports,
    /// Per Service: pods as targets instead of nodes.
    pub(crate) ip: [bool; 4],
    pub(crate) health_path: bool,
    /// By team's number.
    pub(crate) teams: Vec<Option<Team>>,
}

fn route() -> impl Strategy<Value = Route> {
    (
        proptest::option::weighted(0.8, 0..HOSTS.len()),
        0..PATHS.len(),
        any::<bool>(),
        0..SERVICES.len(),
    )
        .prop_map(|(host, path, exact, service)| Route { host, path, exact, service })
}

fn team() -> impl Strategy<Value = Team> {
    (0..4, prop::collection::vec(route(), 1..5)).prop_map(|(order, routes)| Team { order, routes })
}

/// A fleet of up to three teams, at least one of them there.
pub(crate) fn fleet() -> impl Strategy<Value = Fleet> {
    let ports = prop_oneof![Just(Ports::Http), Just(Ports::Both), Just(Ports::Redirect)];
    (
        any::<bool>(),
        ports,
        any::<[bool; 4]>(),
        any::<bool>(),
        team(),
        prop::collection::vec(prop::option::of(team()), 2),
    )
        .prop_map(|(internal, ports, ip, health_path, first, mut teams)| {
            teams.insert(0, Some(first));
            Fleet { internal, ports, ip, health_path, teams }
        })
}

/// A fleet and an edit of it: mostly near, sometimes another one altogether.
pub(crate) fn edit() -> impl Strategy<Value = (Fleet, Fleet)> {
    (fleet(), fleet(), any::<[bool; 6]>()).prop_map(|(before, other, take)| {
        let mut after = before.clone();
        if take[0] && take[1] {
            after.internal = other.internal;
        }
        if take[1] {
            after.ports = other.ports;
        }
        if take[2] {
            after.ip = other.ip;
        }
        if take[3] {
            after.teams[0] = other.teams[0].clone();
        }
        if take[4] {
            after.teams[1] = other.teams[1].clone();
        }
        if take[5] {
            after.teams[2] = other.teams[2].clone();
        }
        (before, after)
    })
}

impl Fleet {
    /// The manifests.
    pub(crate) fn manifests(&self) -> String {
        let mut out = String::from(
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n",
        );
        for (i, name) in SERVICES.iter().enumerate() {
            let _ = write!(
                out,
                "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: shop\n  annotations:\n    alb.ingress.kubernetes.io/target-type: {}\nspec:\n  type: NodePort\n  ports: [{{port: 80, targetPort: 8080, nodePort: {}}}]\n",
                if self.ip[i] { "ip" } else { "instance" },
                30080 + i,
            );
        }
        for (number, team) in self.teams.iter().enumerate() {
            if let Some(team) = team {
                self.ingress(&mut out, number, team);
            }
        }
        out
    }

    fn ingress(&self, out: &mut String, number: usize, team: &Team) {
        let _ = write!(
            out,
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: team-{number}\n  namespace: shop\n  annotations:\n"
        );
        let mut put = |name: &str, value: &str| {
            let _ = writeln!(out, "    alb.ingress.kubernetes.io/{name}: '{value}'");
        };
        put("group.name", "shop");
        put("group.order", &team.order.to_string());
        put("scheme", if self.internal { "internal" } else { "internet-facing" });
        if self.health_path {
            put("healthcheck-path", "/healthz");
        }
        match self.ports {
            Ports::Http => put("listen-ports", r#"[{"HTTP": 80}]"#),
            Ports::Both => put("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#),
            Ports::Redirect => {
                put("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
                put("ssl-redirect", "443");
            }
        }
        if self.ports != Ports::Http {
            put(
                "certificate-arn",
                "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000001",
            );
        }
        out.push_str("spec:\n  ingressClassName: alb\n  rules:\n");
        for route in &team.routes {
            match route.host {
                Some(host) => {
                    let _ = writeln!(out, "  - host: {}\n    http:", HOSTS[host]);
                }
                None => out.push_str("  - http:\n"),
            }
            let _ = write!(
                out,
                "      paths:\n      - path: {}\n        pathType: {}\n        backend: {{service: {{name: {}, port: {{number: 80}}}}}}\n",
                PATHS[route.path],
                if route.exact { "Exact" } else { "Prefix" },
                SERVICES[route.service],
            );
        }
    }
}
