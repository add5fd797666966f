//! The Ingresses of a random cluster, as text, and the edits that teams make of them.

use proptest::prelude::*;
use std::fmt::Write as _;

const HOSTS: [&str; 3] = ["a.example.com", "b.example.com", "c.example.com"];
const PATHS: [&str; 4] = ["/", "/cart", "/cart/new", "/img"];
const SERVICES: [&str; 4] = ["web", "cart", "img", "old"];
const GROUPS: [&str; 3] = ["edge", "public", "blue"];
const CODES: [&str; 3] = ["200", "200-399", "204"];
const TEAMS: usize = 4;
/// Rules that a load balancer may have.
const QUOTA: usize = 100;

const COGNITO: &str = r#"{"userPoolARN":"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_x","userPoolClientID":"c","userPoolDomain":"d"}"#;
const WEB_ACLS: [&str; 2] = [
    "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge-acl/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb",
    "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/strict-acl/cccccccc-1111-4222-8333-dddddddddddd",
];

/// What listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ports {
    Http,
    Two,
    Both,
    Redirect,
    Tls,
}

/// What all members of a load balancer agree on.
#[derive(Clone, Debug, PartialEq)]
struct Balancer {
    ports: Ports,
    internal: bool,
    dualstack: bool,
    http2: bool,
    shield: bool,
    own_security_group: bool,
    new_policy: bool,
    certificates: Vec<u8>,
    web_acl: Option<usize>,
    idle: Option<u16>,
    sources: u8,
}

impl Default for Balancer {
    fn default() -> Self {
        Balancer {
            ports: Ports::Http,
            internal: true,
            dualstack: false,
            http2: true,
            shield: false,
            own_security_group: true,
            new_policy: false,
            certificates: vec![1],
            web_acl: None,
            idle: None,
            sources: 0,
        }
    }
}

/// One setting of a load balancer.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Ports(Ports),
    Internal(bool),
    Dualstack(bool),
    Http2(bool),
    Shield(bool),
    OwnSecurityGroup(bool),
    NewPolicy(bool),
    Certificates(Vec<u8>),
    WebAcl(Option<usize>),
    Idle(Option<u16>),
    Sources(u8),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    host: Option<usize>,
    path: usize,
    exact: bool,
    service: usize,
}

/// What a team's Ingress says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Team {
    group: Option<usize>,
    order: u8,
    routes: Vec<Route>,
    pods: bool,
    version2: bool,
    codes: usize,
    slow_start: bool,
    tag: Option<u8>,
    login: bool,
    canary: Option<u8>,
    /// Paths are added until the load balancer has as many rules as it may.
    full: bool,
}

/// An edit of the repository.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Team(usize, Option<Box<Team>>),
    Routes(usize, Vec<Route>),
    Order(usize, u8),
    Join(usize, Option<usize>),
    Pods(usize, bool),
    Version(usize, bool),
    Codes(usize, usize),
    Tag(usize, Option<u8>),
    Login(usize, bool),
    Canary(usize, Option<u8>),
    Full(usize, bool),
    /// A group gets another's name, and that one its own.
    Rename(usize, usize),
    Balancer(usize, Setting),
}

/// The Ingresses of a cluster. Load balancers are those of the groups, then of each team alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fleet {
    teams: [Option<Team>; TEAMS],
    balancers: [Balancer; GROUPS.len() + TEAMS],
}

fn route() -> impl Strategy<Value = Route> {
    let host = proptest::option::weighted(0.8, 0..HOSTS.len());
    (host, 0..PATHS.len(), any::<bool>(), 0..SERVICES.len())
        .prop_map(|(host, path, exact, service)| Route { host, path, exact, service })
}

fn routes() -> impl Strategy<Value = Vec<Route>> {
    prop::collection::vec(route(), 1..5)
}

fn group() -> impl Strategy<Value = Option<usize>> {
    prop::option::weighted(0.7, 0..GROUPS.len())
}

fn team() -> impl Strategy<Value = Box<Team>> {
    let rare = || prop::bool::weighted(0.2);
    (
        (group(), 0..4_u8, routes(), any::<bool>(), rare(), 0..CODES.len()),
        (rare(), prop::option::of(0..3_u8), rare(), prop::option::weighted(0.2, 0..3_u8)),
        prop::bool::weighted(0.02),
    )
        .prop_map(
            |(
                (group, order, routes, pods, version2, codes),
                (slow_start, tag, login, canary),
                full,
            )| {
                Box::new(Team {
                    group,
                    order,
                    routes,
                    pods,
                    version2,
                    codes,
                    slow_start,
                    tag,
                    login,
                    canary,
                    full,
                })
            },
        )
}

fn setting() -> impl Strategy<Value = Setting> {
    let ports = prop::sample::select(vec![
        Ports::Http,
        Ports::Two,
        Ports::Both,
        Ports::Redirect,
        Ports::Tls,
    ]);
    let certificates =
        prop::sample::select(vec![vec![1], vec![2], vec![1, 2], vec![2, 1], vec![3, 1, 2]]);
    prop_oneof![
        3 => ports.prop_map(Setting::Ports),
        2 => any::<bool>().prop_map(Setting::Internal),
        1 => any::<bool>().prop_map(Setting::Dualstack),
        1 => any::<bool>().prop_map(Setting::Http2),
        1 => any::<bool>().prop_map(Setting::Shield),
        1 => any::<bool>().prop_map(Setting::OwnSecurityGroup),
        1 => any::<bool>().prop_map(Setting::NewPolicy),
        2 => certificates.prop_map(Setting::Certificates),
        2 => prop::option::of(0..WEB_ACLS.len()).prop_map(Setting::WebAcl),
        1 => prop::option::of(60..63_u16).prop_map(Setting::Idle),
        1 => (0..3_u8).prop_map(Setting::Sources),
    ]
}

/// Any edit.
pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let n = || 0..TEAMS;
    prop_oneof![
        3 => (n(), team()).prop_map(|(n, team)| Edit::Team(n, Some(team))),
        1 => n().prop_map(|n| Edit::Team(n, None)),
        3 => (n(), routes()).prop_map(|(n, routes)| Edit::Routes(n, routes)),
        1 => (n(), 0..4_u8).prop_map(|(n, order)| Edit::Order(n, order)),
        2 => (n(), group()).prop_map(|(n, group)| Edit::Join(n, group)),
        2 => (n(), any::<bool>()).prop_map(|(n, yes)| Edit::Pods(n, yes)),
        1 => (n(), any::<bool>()).prop_map(|(n, yes)| Edit::Version(n, yes)),
        1 => (n(), 0..CODES.len()).prop_map(|(n, codes)| Edit::Codes(n, codes)),
        1 => (n(), prop::option::of(0..3_u8)).prop_map(|(n, tag)| Edit::Tag(n, tag)),
        1 => (n(), any::<bool>()).prop_map(|(n, yes)| Edit::Login(n, yes)),
        1 => (n(), prop::option::of(0..3_u8)).prop_map(|(n, part)| Edit::Canary(n, part)),
        1 => (n(), prop::bool::weighted(0.2)).prop_map(|(n, yes)| Edit::Full(n, yes)),
        1 => (0..GROUPS.len(), 0..GROUPS.len()).prop_map(|(a, b)| Edit::Rename(a, b)),
        6 => (0..GROUPS.len() + TEAMS, setting()).prop_map(|(n, it)| Edit::Balancer(n, it)),
    ]
}

/// The Ingresses that a history begins with.
pub(crate) fn first() -> impl Strategy<Value = Vec<Edit>> {
    let teams = prop::collection::vec((0..TEAMS, team()), 1..5);
    let settings = prop::collection::vec((0..GROUPS.len() + TEAMS, setting()), 0..5);
    (teams, settings).prop_map(|(teams, settings)| {
        let teams = teams.into_iter().map(|(n, team)| Edit::Team(n, Some(team)));
        teams.chain(settings.into_iter().map(|(n, it)| Edit::Balancer(n, it))).collect()
    })
}

impl Balancer {
    fn set(&mut self, setting: &Setting) {
        match setting {
            Setting::Ports(ports) => self.ports = *ports,
            Setting::Internal(yes) => self.internal = *yes,
            Setting::Dualstack(yes) => self.dualstack = *yes,
            Setting::Http2(yes) => self.http2 = *yes,
            Setting::Shield(yes) => self.shield = *yes,
            Setting::OwnSecurityGroup(yes) => self.own_security_group = *yes,
            Setting::NewPolicy(yes) => self.new_policy = *yes,
            Setting::Certificates(which) => self.certificates.clone_from(which),
            Setting::WebAcl(which) => self.web_acl = *which,
            Setting::Idle(seconds) => self.idle = *seconds,
            Setting::Sources(which) => self.sources = *which,
        }
    }

    fn has_tls(&self) -> bool {
        !matches!(self.ports, Ports::Http | Ports::Two)
    }

    /// Listeners that have rules.
    fn listeners(&self) -> usize {
        if matches!(self.ports, Ports::Two | Ports::Both) { 2 } else { 1 }
    }

    fn annotations(&self, put: &mut dyn FnMut(&str, &str)) {
        put("scheme", if self.internal { "internal" } else { "internet-facing" });
        let ports = match self.ports {
            Ports::Http => r#"[{"HTTP": 80}]"#,
            Ports::Two => r#"[{"HTTP": 80}, {"HTTP": 8080}]"#,
            Ports::Both | Ports::Redirect => r#"[{"HTTP": 80}, {"HTTPS": 443}]"#,
            Ports::Tls => r#"[{"HTTPS": 443}]"#,
        };
        put("listen-ports", ports);
        if self.ports == Ports::Redirect {
            put("ssl-redirect", "443");
        }
        if self.has_tls() {
            let arn = |n: &u8| {
                format!(
                    "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-{n:012}"
                )
            };
            let arns: Vec<String> = self.certificates.iter().map(arn).collect();
            put("certificate-arn", &arns.join(","));
            if self.new_policy {
                put("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06");
            }
        }
        if self.dualstack {
            put("ip-address-type", "dualstack");
        }
        let mut attributes = Vec::new();
        attributes.extend(self.idle.map(|it| format!("idle_timeout.timeout_seconds={it}")));
        if !self.http2 {
            attributes.push("routing.http2.enabled=false".to_owned());
        }
        if !attributes.is_empty() {
            put("load-balancer-attributes", &attributes.join(","));
        }
        if let Some(acl) = self.web_acl {
            put("wafv2-acl-arn", WEB_ACLS[acl]);
        }
        if self.shield {
            put("shield-advanced-protection", "true");
        }
        match (self.own_security_group, self.sources) {
            (false, _) => put("security-groups", "sg-0aa11bb22cc33dd44"),
            (true, 1) => put("inbound-cidrs", "10.0.0.0/8"),
            (true, 2) => put("inbound-cidrs", "10.0.0.0/8,192.0.2.0/24"),
            _ => {}
        }
    }
}

impl Fleet {
    /// Makes an edit; one of a team that is not there changes nothing.
    pub(crate) fn edit(&mut self, edit: &Edit) {
        if let Edit::Team(n, team) = edit {
            self.teams[*n] = team.as_deref().cloned();
        }
        let team = match edit {
            Edit::Rename(a, b) => {
                for group in self.teams.iter_mut().flatten().filter_map(|it| it.group.as_mut()) {
                    *group = match *group {
                        it if it == *a => *b,
                        it if it == *b => *a,
                        it => it,
                    };
                }
                return self.balancers.swap(*a, *b);
            }
            Edit::Balancer(n, setting) => return self.balancers[*n].set(setting),
            Edit::Team(n, _)
            | Edit::Routes(n, _)
            | Edit::Order(n, _)
            | Edit::Join(n, _)
            | Edit::Pods(n, _)
            | Edit::Version(n, _)
            | Edit::Codes(n, _)
            | Edit::Tag(n, _)
            | Edit::Login(n, _)
            | Edit::Canary(n, _)
            | Edit::Full(n, _) => self.teams[*n].as_mut(),
        };
        let Some(team) = team else { return };
        match edit {
            Edit::Routes(_, routes) => team.routes.clone_from(routes),
            Edit::Order(_, order) => team.order = *order,
            Edit::Join(_, group) => team.group = *group,
            Edit::Pods(_, yes) => team.pods = *yes,
            Edit::Version(_, yes) => team.version2 = *yes,
            Edit::Codes(_, codes) => team.codes = *codes,
            Edit::Tag(_, tag) => team.tag = *tag,
            Edit::Login(_, yes) => team.login = *yes,
            Edit::Canary(_, part) => team.canary = *part,
            Edit::Full(_, yes) => team.full = *yes,
            Edit::Team(..) | Edit::Rename(..) | Edit::Balancer(..) => {}
        }
    }

    /// The manifests.
    pub(crate) fn manifests(&self) -> String {
        let mut out = String::from(
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n",
        );
        for (i, name) in SERVICES.iter().enumerate() {
            let port = 30080 + i;
            let _ = write!(
                out,
                "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{type: NodePort, ports: [{{port: 80, targetPort: 8080, nodePort: {port}}}]}}\n"
            );
        }
        // One that is being deleted: manifests without any Ingress are refused.
        out.push_str(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: gone, namespace: shop, deletionTimestamp: \"2025-01-01T00:00:00Z\"}\nspec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}}\n",
        );
        for (n, team) in self.teams.iter().enumerate() {
            if let Some(team) = team {
                self.ingress(&mut out, n, team);
            }
        }
        out
    }

    fn balancer(&self, n: usize, team: &Team) -> &Balancer {
        &self.balancers[team.group.unwrap_or(GROUPS.len() + n)]
    }

    /// Rules that the load balancer of a team still has room for, if it is the one to fill it.
    fn room(&self, n: usize, team: &Team) -> usize {
        let members = || {
            self.teams.iter().enumerate().filter_map(|(i, it)| Some((i, it.as_ref()?))).filter(
                |(i, it)| match team.group {
                    Some(_) => it.group == team.group,
                    None => *i == n,
                },
            )
        };
        let fills = members().find(|(_, it)| it.full).is_some_and(|(i, _)| i == n);
        let taken: usize =
            members().map(|(_, it)| it.routes.len() + usize::from(it.canary.is_some())).sum();
        let most = QUOTA / self.balancer(n, team).listeners();
        if fills { most.saturating_sub(taken) } else { 0 }
    }

    fn ingress(&self, out: &mut String, n: usize, team: &Team) {
        let _ = write!(
            out,
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: team-{n}\n  namespace: shop\n  annotations:\n"
        );
        let mut put = |name: &str, value: &str| {
            let _ = writeln!(out, "    alb.ingress.kubernetes.io/{name}: '{value}'");
        };
        let balancer = self.balancer(n, team);
        balancer.annotations(&mut put);
        if let Some(group) = team.group {
            put("group.name", GROUPS[group]);
            put("group.order", &team.order.to_string());
        }
        put("target-type", if team.pods { "ip" } else { "instance" });
        if team.version2 && matches!(balancer.ports, Ports::Tls | Ports::Redirect) {
            put("backend-protocol-version", "HTTP2");
        }
        put("success-codes", CODES[team.codes]);
        if team.slow_start {
            put("target-group-attributes", "slow_start.duration_seconds=60");
        }
        if let Some(tag) = team.tag {
            put("tags", &format!("team{n}=t{tag}"));
        }
        if team.login && balancer.has_tls() {
            put("auth-type", "cognito");
            put("auth-idp-cognito", COGNITO);
        }
        if let Some(part) = team.canary {
            let (new, old) = (10 * (part + 1), 100 - 10 * (part + 1));
            put(
                "actions.canary",
                &format!(
                    r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{{"serviceName":"old","servicePort":80,"weight":{old}}},{{"serviceName":"web","servicePort":80,"weight":{new}}}]}}}}"#
                ),
            );
        }
        out.push_str("spec:\n  ingressClassName: alb\n  rules:\n");
        let mut rule = |host: Option<usize>, path: &str, exact: bool, service: &str| {
            let host = host.map_or(String::new(), |host| format!("host: {}, ", HOSTS[host]));
            let kind = if exact { "Exact" } else { "Prefix" };
            let port = if service == "canary" { "name: use-annotation" } else { "number: 80" };
            let _ = writeln!(
                out,
                "  - {{{host}http: {{paths: [{{path: {path}, pathType: {kind}, backend: {{service: {{name: {service}, port: {{{port}}}}}}}}}]}}}}"
            );
        };
        for route in &team.routes {
            rule(route.host, PATHS[route.path], route.exact, SERVICES[route.service]);
        }
        if team.canary.is_some() {
            rule(Some(0), "/canary", true, "canary");
        }
        for i in 0..self.room(n, team) {
            rule(Some(2), &format!("/bulk/{i}"), true, SERVICES[i % 2]);
        }
    }
}
