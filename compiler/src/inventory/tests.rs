//! What is read of an inventory and what is said about it.

use super::{ClusterFacts, Inventory, read};
use crate::diagnostic::{Diagnostics, Severity};
use crate::manifest;
use crate::source::Sources;

fn inventory(text: &str) -> (Inventory, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("inventory.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let inventory = read(&sources, file, &mut diagnostics);
    let shown = diagnostics.iter().map(|finding| {
        let place = finding.span.map(|span| sources.position(span)).unwrap();
        let path = finding.path.as_deref().unwrap_or("-");
        let hint = finding.hint.as_deref().unwrap_or("-");
        let mark = if finding.severity == Severity::Error { "" } else { "?" };
        format!(
            "{}:{} {}{mark} {path} | {} | {hint}",
            place.line, place.column, finding.code, finding.message
        )
    });
    let shown = shown.collect();
    (inventory, shown)
}

fn check(text: &str, expected: &[&str]) {
    let (_, found) = inventory(text);
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_is_absent_has_a_default() {
    let text = "region: eu-central-1\nvpc: {vpcId: vpc-1}\nsubnets:\n- {subnetId: s-1, availabilityZone: a, cidrBlock: 10.0.0.0/26}\n- {subnetId: s-2, availabilityZone: b, vpcId: vpc-2, zoneType: local-zone}\nsecurityGroups: [{groupId: sg-1}]\ncertificates: [{certificateArn: arn, domainName: a.example.com}]\nloadBalancers: [{loadBalancerArn: arn, loadBalancerName: lb}]\n";
    let (read, found) = inventory(text);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(read.partition, "aws");
    let [one, two] = read.subnets.as_slice() else { panic!() };
    assert_eq!((one.vpc_id.as_str(), two.vpc_id.as_str()), ("vpc-1", "vpc-2"));
    assert_eq!(
        (one.zone_type.as_str(), two.zone_type.as_str()),
        ("availability-zone", "local-zone")
    );
    assert_eq!((one.available_ip_address_count, two.available_ip_address_count), (59, 251));
    assert!(!one.internet_route && !one.map_public_ip_on_launch);
    assert_eq!(read.security_groups[0].vpc_id, "vpc-1");
    let certificate = &read.certificates[0];
    assert_eq!(certificate.status, "ISSUED");
    assert_eq!(certificate.subject_alternative_names, ["a.example.com"]);
    let load_balancer = &read.load_balancers[0];
    assert_eq!(
        (load_balancer.scheme.as_str(), load_balancer.load_balancer_type.as_str()),
        ("internal", "application")
    );
}

#[test]
fn the_partition_follows_the_region() {
    let check = |text: &str, expected: &str| assert_eq!(inventory(text).0.partition, expected);
    check("region: cn-north-1", "aws-cn");
    check("region: us-gov-west-1", "aws-us-gov");
    check("region: us-west-2", "aws");
    check("{region: us-west-2, partition: aws-iso}", "aws-iso");
}

#[test]
fn tags_are_a_map_or_a_list() {
    let tags = |tags: &str| {
        let (read, found) = inventory(&format!("vpc: {{vpcId: vpc-1, tags: {tags}}}"));
        assert!(found.is_empty(), "{found:?}");
        read.vpc.tags
    };
    assert_eq!(tags("{a: b, c: null}"), tags("[{key: a, value: b}, {key: c}]"));
}

#[test]
fn ids_are_needed_and_unique() {
    check(
        "vpc: {}",
        &["1:6 ING0303 vpc.vpcId | field `vpcId` is missing | write vpcId, or take the entry out"],
    );
    check(
        "subnets: [{subnetId: \"\", availabilityZone: a}]",
        &[
            "1:12 ING0303 subnets[0].subnetId | field `subnetId` is missing | write subnetId, or take the entry out",
        ],
    );
    check(
        "webAcls: [{name: a}]",
        &[
            "1:12 ING0303 webAcls[0].arn | field `arn` is missing | write arn, or take the entry out",
        ],
    );
    check(
        "ipamPools: [a, {ipamPoolId: a}]",
        &["1:17 ING0304 ipamPools[1] | `a` is given twice | remove one of the two"],
    );
}

#[test]
fn what_does_not_fit_is_told_where_it_stands() {
    check(
        "subnet: []",
        &[
            "1:1 ING0301? subnet | field `subnet` is not known and has no effect | did you mean `subnets`?",
        ],
    );
    check(
        "accountId: 123456789012",
        &[
            "1:12 ING0302 accountId | `accountId` must be a string, not a number | quote it: accountId: \"123456789012\"",
        ],
    );
    check(
        "vpc: {vpcId: v, tags: {kubernetes.io/role/elb: 1}}",
        &[
            "1:48 ING0302 vpc.tags[kubernetes.io/role/elb] | `vpc.tags[kubernetes.io/role/elb]` must be a string, not a number | quote it: kubernetes.io/role/elb: \"1\"",
        ],
    );
    check(
        "vpc: {vpcId: v, cidrBlocks: [10.0.0.1]}",
        &["1:30 ING0305 vpc.cidrBlocks[0] | `10.0.0.1` is not a CIDR block | write 10.0.0.1/32"],
    );
    check(
        "subnets: [{subnetId: s, availabilityZone: a, zoneType: localzone}]",
        &[
            "1:56 ING0305 subnets[0].zoneType | `localzone` is no value of `subnets[0].zoneType` | did you mean `local-zone`?",
        ],
    );
    check("[]", &["1:1 ING0302 - | this must be a mapping, not a list | -"]);
}

#[test]
fn facts_of_the_cluster_stand_under_cluster() {
    let text = "cluster:\n  services:\n    shop/web: {uid: u-1, nodePorts: {80: 30080, \"443\": 30443}}\n  namespaces:\n    shop: {stage: prod}\n    empty:\n";
    let (read, found) = inventory(text);
    assert!(found.is_empty(), "{found:?}");
    let facts = &read.cluster.services["shop/web"];
    assert_eq!(facts.uid.as_deref(), Some("u-1"));
    assert_eq!(
        facts.node_ports.iter().map(|(a, b)| (*a, *b)).collect::<Vec<_>>(),
        [(80, 30080), (443, 30443)]
    );
    assert_eq!(read.cluster.namespaces["shop"]["stage"], "prod");
    assert!(read.cluster.namespaces["empty"].is_empty());
    check(
        "cluster: {services: {web: {}}}",
        &[
            "1:27 ING0305 cluster.services[web] | `web` is not the name of a Service | write NAMESPACE/NAME",
        ],
    );
    check(
        "cluster: {services: {a/b: {nodePorts: {http: 1}}}}",
        &[
            "1:46 ING0305 cluster.services[a/b].nodePorts[http] | `http` is not the number of a Service's port | write PORT: NODEPORT",
        ],
    );
}

#[test]
fn facts_come_from_a_dump_of_the_cluster() {
    let dump = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, uid: u-1}, spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {stage: prod}}}\n";
    let mut sources = Sources::new();
    let file = sources.add("dump.yaml", dump);
    let mut diagnostics = Diagnostics::new();
    let manifests = manifest::read(&sources, &[file], &ClusterFacts::default(), &mut diagnostics);
    assert!(diagnostics.is_empty());
    let (expected, _) = inventory(
        "cluster: {services: {shop/web: {uid: u-1, nodePorts: {80: 30080}}}, namespaces: {shop: {stage: prod}}}",
    );
    assert_eq!(ClusterFacts::of(&manifests), expected.cluster);
}
