//! What is found, and what is not, by the subject.

use super::*;
use crate::diagnostic::Severity;
use crate::source::Sources;
use crate::{compile, inventory, manifest};

const ARN: &str =
    "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-4000-8000-000000000001";

const CLASS: &str = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\n";

fn ingress(metadata: &str, annotations: &str) -> String {
    format!(
        "{CLASS}apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  namespace: shop\n{metadata}  annotations:\n    alb.ingress.kubernetes.io/scheme: internet-facing\n{annotations}spec:\n  ingressClassName: alb\n  defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{type: NodePort, ports: [{{port: 80, nodePort: 30080}}]}}\n"
    )
}

fn subnets(lines: &[&str]) -> String {
    let head = "region: eu-west-1\naccountId: \"111122223333\"\nvpc: {vpcId: vpc-1, cidrBlocks: [10.0.0.0/16]}\nsubnets:\n";
    let lines = lines.iter().map(|line| format!("  - {{{line}}}\n"));
    head.to_owned() + &lines.collect::<String>()
}

const GOOD: [&str; 2] = [
    "subnetId: subnet-a, availabilityZone: eu-west-1a, internetRoute: true, tags: {kubernetes.io/role/elb: '1'}",
    "subnetId: subnet-b, availabilityZone: eu-west-1b, internetRoute: true, tags: {kubernetes.io/role/elb: '1'}",
];

fn certificate(fields: &str) -> String {
    subnets(&GOOD)
        + &format!(
            "certificates:\n  - {{certificateArn: '{ARN}', domainName: shop.example.com, {fields}}}\n"
        )
}

/// What is found, as severity, code, message and hint in a line each.
fn check(manifests: &str, inventory: &str, expected: &[&str]) {
    let mut sources = Sources::new();
    let file = sources.add("dump.yaml", manifests);
    let listed = sources.add("inventory.yaml", inventory);
    let mut findings = Diagnostics::new();
    let inventory = inventory::read(&sources, listed, &mut findings);
    assert!(!findings.has_errors(), "{findings:?}");
    let settings = Settings {
        cluster_name: "prod".to_owned(),
        region: "eu-west-1".to_owned(),
        ..Settings::default()
    };
    let manifests = manifest::read(&sources, &[file], &inventory.cluster, &mut findings);
    let compilation = compile(&sources, &[file], &settings, &inventory, Diagnostics::new());
    let bindings = bindings(&sources, &[file]);
    let found = examine(Patient {
        manifests: &manifests,
        bindings: &bindings,
        compilation: &compilation,
        settings: &settings,
        inventory: &inventory,
        now: "2026-06-01T00:00:00Z",
        soon: "2026-07-01T00:00:00Z",
    });
    let found: Vec<String> = found
        .iter()
        .map(|it| {
            let severity = if it.severity == Severity::Error { "error" } else { "warning" };
            let hint = it.hint.as_deref().unwrap_or_default();
            format!("{severity} {} {} | {hint}", it.code, it.message)
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        for part in expected.split(" … ") {
            assert!(found.contains(part), "{found}\nlacks {part}");
        }
    }
}

#[test]
fn subnets_must_be_tagged_in_two_zones() {
    let web = ingress("", "");
    check(&web, &subnets(&GOOD), &[]);
    let untagged = GOOD.map(|line| line.split(", tags").next().unwrap_or(line));
    check(
        &web,
        &subnets(&untagged),
        &[
            "warning ING1501 no subnet of the inventory carries `kubernetes.io/role/elb`: internet-facing load balancers depend on routes … aws ec2 create-tags --resources subnet-a subnet-b --tags Key=kubernetes.io/role/elb,Value=1",
        ],
    );
    check(
        &web,
        &subnets(&[GOOD[0], untagged[1]]),
        &[
            "error ING1502 all subnets with `kubernetes.io/role/elb` are in eu-west-1a … --resources subnet-b ",
        ],
    );
    check(&web, &subnets(&GOOD[..1]), &["error ING1502 … make a public subnet in another zone"]);
    // Nothing is known of load balancers: both kinds may be wanted.
    check("", &subnets(&GOOD), &["warning ING1501 … kubernetes.io/role/internal-elb"]);
    // Internal ones are not asked for.
    let named = ingress("", "    alb.ingress.kubernetes.io/subnets: subnet-a,subnet-b\n");
    check(&named, &subnets(&GOOD), &[]);
}

#[test]
fn subnets_need_free_addresses() {
    let full = GOOD[0].replace("internetRoute", "availableIpAddressCount: 8, internetRoute");
    check(&ingress("", ""), &subnets(&[&full, GOOD[1]]), &[]);
    // AWS refuses the subnet with fewer, and so does the compiler: named, it is taken.
    let full = GOOD[0].replace("internetRoute", "availableIpAddressCount: 5, internetRoute");
    let named = ingress("", "    alb.ingress.kubernetes.io/subnets: subnet-a,subnet-b\n");
    check(
        &named,
        &subnets(&[&full, GOOD[1]]),
        &["warning ING1503 subnet `subnet-a` in eu-west-1a has 5 free addresses"],
    );
}

#[test]
fn certificates_expire_and_belong_to_a_region() {
    let named = ingress("", &format!("    alb.ingress.kubernetes.io/certificate-arn: {ARN}\n"));
    check(&named, &certificate("notAfter: '2027-01-01T00:00:00Z'"), &[]);
    check(&ingress("", ""), &certificate("notAfter: '2020-01-01T00:00:00Z'"), &[]);
    check(
        &named,
        &certificate("notAfter: '2026-05-31T23:59:59Z'"),
        &[
            "error ING1504 the certificate of `shop.example.com` has expired on 2026-05-31 … aws acm describe-certificate",
        ],
    );
    check(
        &named,
        &certificate("type: IMPORTED, notAfter: '2026-06-20T00:00:00Z'"),
        &["warning ING1504 … expires on 2026-06-20 … aws acm import-certificate --certificate-arn"],
    );
    check(
        &named.replace("acm:eu-west-1", "acm:us-east-1"),
        &subnets(&GOOD),
        &[
            "error ING1505 … is of us-east-1, and the load balancer of eu-west-1 … --region eu-west-1",
        ],
    );
}

#[test]
fn the_controllers_finalizers_are_told_with_the_way_out() {
    check(&ingress("  finalizers: [example.com/other]\n", ""), &subnets(&GOOD), &[]);
    check(
        &ingress("  finalizers: [ingress.k8s.aws/resources]\n", ""),
        &subnets(&GOOD),
        &[
            "warning ING1506 the controller holds the Ingress as a member of group `shop/web` … patch ingress web",
        ],
    );
}

#[test]
fn two_bindings_of_one_target_group_are_found_in_lists_too() {
    let binding = |name: &str, group: &str| {
        format!(
            "{{apiVersion: elbv2.k8s.aws/v1beta1, kind: TargetGroupBinding, metadata: {{name: {name}, namespace: shop}}, spec: {{targetGroupARN: '{group}'}}}}"
        )
    };
    let list = |bindings: &[String]| {
        format!("apiVersion: v1\nkind: List\nitems: [{}]\n---\n", bindings.join(", "))
    };
    let apart = list(&[binding("a", "arn:1"), binding("b", "arn:2")]);
    check(&(apart.clone() + &ingress("", "")), &subnets(&GOOD), &[]);
    check(
        &(apart + &binding("c", "arn:1") + "\n---\n" + &ingress("", "")),
        &subnets(&GOOD),
        &[
            "error ING1507 `shop/c` and `shop/a` both bind target group `arn:1` … kubectl delete targetgroupbinding --namespace shop c",
        ],
    );
}
