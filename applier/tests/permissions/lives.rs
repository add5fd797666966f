//! Manifests that use every kind, and every field that has a call of its own.

use super::manifests::{Ingress, WEB_ACL, class, services};

/// The facts of the account, with a third zone and IPv6.
pub(crate) const INVENTORY: &str = r#"
region: eu-central-1
accountId: "123456789012"
partition: aws
vpc: {vpcId: vpc-0a1b2c3d4e5f60718, cidrBlocks: [10.0.0.0/16], ipv6CidrBlocks: ["2600:1f14:abc:de00::/56"]}
subnets:
  - {subnetId: subnet-0a, availabilityZone: eu-central-1a, availabilityZoneId: euc1-az1, zoneType: availability-zone, cidrBlock: 10.0.0.0/24, ipv6CidrBlocks: ["2600:1f14:abc:de00::/64"], availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1", kubernetes.io/role/internal-elb: "1"}}
  - {subnetId: subnet-0b, availabilityZone: eu-central-1b, availabilityZoneId: euc1-az2, zoneType: availability-zone, cidrBlock: 10.0.1.0/24, ipv6CidrBlocks: ["2600:1f14:abc:de01::/64"], availableIpAddressCount: 200, internetRoute: true, tags: {kubernetes.io/role/elb: "1", kubernetes.io/role/internal-elb: "1"}}
  - {subnetId: subnet-0c, availabilityZone: eu-central-1c, availabilityZoneId: euc1-az3, zoneType: availability-zone, cidrBlock: 10.0.2.0/24, ipv6CidrBlocks: ["2600:1f14:abc:de02::/64"], availableIpAddressCount: 200, internetRoute: true, tags: {}}
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

fn of(versions: &[Ingress]) -> Vec<String> {
    let text = |it: &Ingress| class() + &it.text() + &services(&["a", "b", "c", "d"]);
    versions.iter().map(text).collect()
}

/// Name, and versions of manifests one after the other.
pub(crate) fn all() -> Vec<(String, Vec<String>)> {
    let plain = Ingress::new("web").path("/a", "a").path("/b", "b");
    let tls = plain.clone().annotation("listen-ports", r#"[{"HTTPS": 443}]"#).certificate(1);
    let requested = plain
        .clone()
        .annotation("listen-ports", r#"[{"HTTPS": 443}]"#)
        .annotation("create-acm-cert", "true");
    let named = |name: &str, versions: &[Ingress]| (name.to_owned(), of(versions));
    let nlb = plain.clone().annotation("enable-frontend-nlb", "true");
    vec![
        named("plain", &[plain.clone(), plain.clone().annotation("healthcheck-path", "/up")]),
        named(
            "attributes",
            &[
                tls.clone()
                    .annotation("load-balancer-attributes", "idle_timeout.timeout_seconds=90")
                    .annotation("target-group-attributes", "deregistration_delay.timeout_seconds=9")
                    .annotation(
                        "listener-attributes.HTTPS-443",
                        "routing.http.response.server.enabled=false",
                    ),
                tls.clone()
                    .annotation("load-balancer-attributes", "idle_timeout.timeout_seconds=80")
                    .annotation("target-group-attributes", "deregistration_delay.timeout_seconds=8")
                    .annotation(
                        "listener-attributes.HTTPS-443",
                        "routing.http.response.server.enabled=true",
                    ),
                tls.clone(),
            ],
        ),
        named(
            "capacity",
            &[
                plain.clone(),
                plain.clone().annotation("minimum-load-balancer-capacity", "CapacityUnits=100"),
                plain.clone(),
            ],
        ),
        named(
            "capacity at once",
            &[plain.clone().annotation("minimum-load-balancer-capacity", "CapacityUnits=100")],
        ),
        named(
            "addresses",
            &[
                plain.clone(),
                plain.clone().annotation("ip-address-type", "dualstack-without-public-ipv4"),
            ],
        ),
        named(
            "pool of addresses",
            &[
                plain.clone().annotation("ipam-ipv4-pool-id", "ipam-pool-0123456789abcdef0"),
                plain.clone(),
            ],
        ),
        named(
            "subnets",
            &[
                plain.clone().annotation("subnets", "subnet-0a,subnet-0b"),
                plain.clone().annotation("subnets", "subnet-0a,subnet-0c"),
            ],
        ),
        named(
            "shield",
            &[
                plain.clone().annotation("shield-advanced-protection", "true"),
                plain.clone().annotation("shield-advanced-protection", "false"),
                plain.clone().annotation("shield-advanced-protection", "true"),
            ],
        ),
        named(
            "web ACL",
            &[
                plain.clone().annotation("wafv2-acl-arn", WEB_ACL),
                plain.clone().annotation("wafv2-acl-arn", "none"),
            ],
        ),
        named(
            "a certificate of its own",
            &[
                requested.clone().annotation("tags", "a=1,b=2"),
                requested.clone().annotation("tags", "a=2,c=3"),
                plain.clone(),
            ],
        ),
        named(
            "frontend NLB",
            &[
                nlb.clone(),
                nlb.annotation("listen-ports", r#"[{"HTTP": 80}, {"HTTP": 81}]"#),
                plain.clone(),
            ],
        ),
        named(
            "tags of everything",
            &[
                tls.clone().annotation("tags", "a=1,b=2"),
                tls.clone().annotation("tags", "a=2,c=3"),
                tls,
            ],
        ),
    ]
}
