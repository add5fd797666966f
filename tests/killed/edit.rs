//! Random Ingresses and edits of them.

use std::fmt::Write as _;

/// Numbers that look random, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: u64) -> usize {
        (self.next() % n) as usize
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.below(1000) as f64 / 1000.0
    }
}

const TEAMS: usize = 4;
const PATHS: [&str; 4] = ["/", "/cart", "/img", "/new"];
const CODES: [&str; 2] = ["200", "200-399"];

#[derive(Clone, Copy, Default)]
struct Team {
    group: usize,
    order: usize,
    routes: usize,
    pods: bool,
    codes: usize,
    tag: usize,
}

/// What the load balancers of all teams agree on.
#[derive(Default)]
pub(crate) struct Fleet {
    teams: [Option<Team>; TEAMS],
    internal: bool,
    two_ports: bool,
    narrow: bool,
}

impl Fleet {
    /// Makes an edit, and says which.
    pub(crate) fn edit(&mut self, dice: &mut Dice) -> String {
        let n = dice.below(TEAMS as u64);
        let team = Team {
            group: dice.below(3),
            order: dice.below(3),
            routes: 1 + dice.below(15),
            pods: dice.below(2) == 1,
            codes: dice.below(2),
            tag: dice.below(3),
        };
        match dice.below(10) {
            0 => self.internal = !self.internal,
            1 => self.two_ports = !self.two_ports,
            2 => self.narrow = !self.narrow,
            3 => self.teams[n] = None,
            4 => self.teams = Default::default(),
            5 => self.teams = [Some(team); TEAMS],
            _ => self.teams[n] = Some(team),
        }
        let there = self.teams.iter().flatten().count();
        format!("team {n} of {there}")
    }

    pub(crate) fn manifests(&self) -> String {
        let mut out = String::from(
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}\n",
        );
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

    fn ingress(&self, out: &mut String, n: usize, team: &Team) {
        let _ = write!(
            out,
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: team-{n}\n  namespace: shop\n  annotations:\n"
        );
        let mut put = |name: &str, value: &str| {
            let _ = writeln!(out, "    alb.ingress.kubernetes.io/{name}: '{value}'");
        };
        put("scheme", if self.internal { "internal" } else { "internet-facing" });
        put(
            "listen-ports",
            if self.two_ports { r#"[{"HTTP": 80}, {"HTTP": 8080}]"# } else { r#"[{"HTTP": 80}]"# },
        );
        put("inbound-cidrs", if self.narrow { "10.0.0.0/8" } else { "0.0.0.0/0" });
        if team.group > 0 {
            put("group.name", ["", "edge", "public"][team.group]);
            put("group.order", &team.order.to_string());
        }
        put("target-type", if team.pods { "ip" } else { "instance" });
        put("success-codes", CODES[team.codes]);
        put("tags", &format!("team{n}=t{}", team.tag));
        out.push_str("spec:\n  ingressClassName: alb\n  rules:\n");
        for (bit, path) in PATHS.iter().enumerate().filter(|(bit, _)| team.routes >> bit & 1 == 1) {
            let _ = writeln!(
                out,
                "  - {{host: h{bit}.example.com, http: {{paths: [{{path: {path}, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}"
            );
        }
    }
}
