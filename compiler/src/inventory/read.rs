//! Reading an inventory.

use super::{
    Certificate, ElasticIp, Inventory, LoadBalancer, SecurityGroup, Subnet, TargetGroup,
    TrustStore, Vpc, WebAcl, cluster,
};
use crate::cidr;
use crate::diagnostic::code::inventory as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Related, nearest};
use crate::resource::Tags;
use crate::schema::{At, Codes, Path, Reader};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Node, NodeKind};
use std::collections::BTreeMap;

static CODES: Codes = Codes {
    unknown_field: &code::UNKNOWN_KEY,
    wrong_type: &code::WRONG_TYPE,
    missing: &code::MISSING,
};

const INVENTORY: [&str; 14] = [
    "region",
    "accountId",
    "partition",
    "vpc",
    "subnets",
    "securityGroups",
    "certificates",
    "webAcls",
    "targetGroups",
    "trustStores",
    "loadBalancers",
    "elasticIps",
    "ipamPools",
    "cluster",
];
const VPC: [&str; 4] = ["vpcId", "cidrBlocks", "ipv6CidrBlocks", "tags"];
const SUBNET: [&str; 12] = [
    "subnetId",
    "vpcId",
    "availabilityZone",
    "availabilityZoneId",
    "zoneType",
    "outpostArn",
    "cidrBlock",
    "ipv6CidrBlocks",
    "availableIpAddressCount",
    "mapPublicIpOnLaunch",
    "internetRoute",
    "tags",
];
const SECURITY_GROUP: [&str; 4] = ["groupId", "groupName", "vpcId", "tags"];
const CERTIFICATE: [&str; 10] = [
    "certificateArn",
    "status",
    "type",
    "domainName",
    "subjectAlternativeNames",
    "certificateAuthorityArn",
    "keyAlgorithm",
    "inUse",
    "createdAt",
    "notAfter",
];
const WEB_ACL: [&str; 2] = ["name", "arn"];
const TARGET_GROUP: [&str; 2] = ["targetGroupName", "targetGroupArn"];
const TRUST_STORE: [&str; 2] = ["name", "trustStoreArn"];
const LOAD_BALANCER: [&str; 6] =
    ["loadBalancerArn", "loadBalancerName", "scheme", "type", "availabilityZones", "tags"];
const ZONE: [&str; 2] = ["subnetId", "zoneName"];
const ELASTIC_IP: [&str; 2] = ["allocationId", "publicIp"];
const IPAM_POOL: [&str; 1] = ["ipamPoolId"];
const TAG: [&str; 2] = ["key", "value"];

/// The fields of all mappings.
#[cfg(test)]
pub(super) const FIELDS: &[&[&str]] = &[
    &INVENTORY,
    &VPC,
    &SUBNET,
    &SECURITY_GROUP,
    &CERTIFICATE,
    &WEB_ACL,
    &TARGET_GROUP,
    &TRUST_STORE,
    &LOAD_BALANCER,
    &ZONE,
    &ELASTIC_IP,
    &IPAM_POOL,
    &TAG,
    &cluster::CLUSTER,
    &cluster::SERVICE,
];

pub(super) const ZONE_TYPES: [&str; 3] = ["availability-zone", "local-zone", "wavelength-zone"];
pub(super) const SCHEMES: [&str; 2] = ["internal", "internet-facing"];
const COUNTS: std::ops::RangeInclusive<i64> = 0..=i64::MAX;
/// AWS keeps five addresses of every subnet to itself. Source: the VPC user guide.
const KEPT_ADDRESSES: i64 = 5;
/// The free addresses of an empty /24, taken where a subnet tells nothing about its size.
const USUAL_ADDRESSES: i64 = 251;

/// Reads an inventory. An entry without the id that tells it apart is reported and left out.
pub fn read(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Inventory {
    let mut r = Reader::new(&CODES);
    let (tree, findings) = yaml::document(sources, file);
    findings.into_iter().for_each(|finding| r.push(finding));
    let mut inventory = Inventory { file: Some(file), ..Inventory::default() };
    if let Some(tree) = tree {
        fill(&mut inventory, &At::root(tree.root()), &mut r);
    }
    if inventory.partition.is_empty() {
        inventory.partition = partition(&inventory.region).to_owned();
    }
    r.take().into_iter().for_each(|finding| diagnostics.push(finding));
    inventory
}

/// The partition of a region.
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn fill(inventory: &mut Inventory, root: &At<'_, '_, '_>, r: &mut Reader) {
    let Some(fields) = r.fields(root, &INVENTORY) else { return };
    let [
        region,
        account_id,
        partition,
        vpc,
        subnets,
        security_groups,
        certificates,
        web_acls,
        target_groups,
        trust_stores,
        load_balancers,
        elastic_ips,
        ipam_pools,
        cluster,
    ] = fields;
    inventory.region = text(region, r);
    inventory.account_id = text(account_id, r);
    inventory.partition = text(partition, r);
    inventory.vpc = vpc.and_then(|at| read_vpc(&at, r)).unwrap_or_default();
    let vpc_id = inventory.vpc.vpc_id.clone();
    inventory.subnets = entries(subnets, r, |at, r| subnet(at, &vpc_id, r));
    inventory.security_groups = entries(security_groups, r, |at, r| group(at, &vpc_id, r));
    inventory.certificates = entries(certificates, r, certificate);
    inventory.web_acls = entries(web_acls, r, |at, r| {
        let [name, arn] = r.fields(at, &WEB_ACL)?;
        let (name, arn) = (required(at, name, "name", r), required(at, arn, "arn", r));
        Some((arn.clone()?, WebAcl { name: name?, arn: arn? }))
    });
    inventory.target_groups = entries(target_groups, r, |at, r| {
        let [name, arn] = r.fields(at, &TARGET_GROUP)?;
        let name = required(at, name, "targetGroupName", r);
        let arn = required(at, arn, "targetGroupArn", r);
        Some((arn.clone()?, TargetGroup { name: name?, arn: arn? }))
    });
    inventory.trust_stores = entries(trust_stores, r, |at, r| {
        let [name, arn] = r.fields(at, &TRUST_STORE)?;
        let (name, arn) = (required(at, name, "name", r), required(at, arn, "trustStoreArn", r));
        Some((arn.clone()?, TrustStore { name: name?, arn: arn? }))
    });
    inventory.load_balancers = entries(load_balancers, r, load_balancer);
    inventory.elastic_ips = entries(elastic_ips, r, |at, r| {
        let [allocation_id, public_ip] = r.fields(at, &ELASTIC_IP)?;
        let public_ip = text(public_ip, r);
        let allocation_id = required(at, allocation_id, "allocationId", r)?;
        Some((allocation_id.clone(), ElasticIp { allocation_id, public_ip }))
    });
    inventory.ipam_pools = entries(ipam_pools, r, |at, r| {
        if at.node.kind() == NodeKind::String {
            let id = text(Some(*at), r);
            return Some((id.clone(), id));
        }
        let [id] = r.fields(at, &IPAM_POOL)?;
        let id = required(at, id, "ipamPoolId", r)?;
        Some((id.clone(), id))
    });
    if let Some(at) = cluster {
        inventory.cluster = cluster::read(&at, r);
    }
}

/// The entries of a list that could be read, each with what tells it apart.
fn entries<'t, 's, T>(
    list: Option<At<'_, 't, 's>>,
    r: &mut Reader,
    mut read: impl FnMut(&At<'_, 't, 's>, &mut Reader) -> Option<(String, T)>,
) -> Vec<T> {
    let Some(list) = list else { return Vec::new() };
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut entries = Vec::new();
    for at in r.items(&list) {
        let Some((id, entry)) = read(&at, r) else { continue };
        match seen.get(&id) {
            Some(&first) => {
                let message = format!("`{id}` is given twice");
                let finding = Diagnostic::error(&code::GIVEN_TWICE, message)
                    .at(at.head())
                    .path(at.path.to_string())
                    .hint("remove one of the two")
                    .related(Related {
                        message: "first here".to_owned(),
                        ingress: None,
                        span: Some(first),
                    });
                r.push(finding);
            }
            None => {
                seen.insert(id, at.head());
                entries.push(entry);
            }
        }
    }
    entries
}

/// A string, empty where it is absent.
fn text(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> String {
    r.maybe_text(at).map(|text| text.value.into_owned()).unwrap_or_default()
}

fn maybe(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> Option<String> {
    Some(text(at, r)).filter(|text| !text.is_empty())
}

fn or(at: Option<At<'_, '_, '_>>, default: &str, r: &mut Reader) -> String {
    maybe(at, r).unwrap_or_else(|| default.to_owned())
}

/// A string that must be there and not be empty.
fn required(
    parent: &At<'_, '_, '_>,
    at: Option<At<'_, '_, '_>>,
    name: &str,
    r: &mut Reader,
) -> Option<String> {
    let value = maybe(at, r);
    if value.is_none() && at.is_none_or(|at| at.node.as_str() == Some("")) {
        r.missing(parent, name, format!("write {name}, or take the entry out"));
    }
    value
}

fn texts(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> Vec<String> {
    r.texts(at).into_iter().map(|text| text.value.into_owned()).collect()
}

fn flag(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> bool {
    at.and_then(|at| r.bool(&at)).unwrap_or_default()
}

/// One of a few words; the first where it is absent.
fn word(at: Option<At<'_, '_, '_>>, words: &[&'static str], r: &mut Reader) -> String {
    let Some(value) = maybe(at, r) else { return words[0].to_owned() };
    if let (false, Some(at)) = (words.contains(&value.as_str()), at) {
        let hint = match nearest(&value, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        let message = format!("`{value}` is no value of `{}`", at.path);
        r.error(&at, &code::BAD_VALUE, message, hint);
    }
    value
}

/// CIDR blocks; one that is none is reported and left out.
fn blocks(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> Vec<String> {
    let Some(at) = at else { return Vec::new() };
    r.items(&at).filter_map(|item| block(Some(item), r)).collect()
}

fn block(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> Option<String> {
    let text = maybe(at, r)?;
    if cidr::parse(&text).is_none() {
        let message = format!("`{text}` is not a CIDR block");
        r.error(&at?, &code::BAD_VALUE, message, cidr::suggestion(&text));
        return None;
    }
    Some(text)
}

/// Tags: a map, or a list of keys and values as in AWS's answers.
fn tags(at: Option<At<'_, '_, '_>>, r: &mut Reader) -> Tags {
    let Some(at) = at else { return Tags::default() };
    if at.node.kind() == NodeKind::Sequence {
        let mut tags = Tags::new();
        for item in r.items(&at) {
            let Some([key, value]) = r.fields(&item, &TAG) else { continue };
            if let Some(key) = required(&item, key, "key", r) {
                tags.insert(key, text(value, r));
            }
        }
        return tags;
    }
    string_map(&at, r)
}

/// A map of strings; null is an empty one.
pub(super) fn string_map(at: &At<'_, '_, '_>, r: &mut Reader) -> Tags {
    let pair = |(key, node): (yaml::Text<'_>, Node<'_, '_>), r: &mut Reader| {
        let value = At { node, path: Path::Key(&at.path, key.as_str()) };
        let value = (node.kind() != NodeKind::Null).then_some(value);
        let value = text(value, r);
        (key.value.into_owned(), value)
    };
    r.map(at).map(|entry| pair(entry, r)).collect()
}

fn read_vpc(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<Vpc> {
    let [vpc_id, cidr_blocks, ipv6_cidr_blocks, vpc_tags] = r.fields(at, &VPC)?;
    Some(Vpc {
        vpc_id: required(at, vpc_id, "vpcId", r).unwrap_or_default(),
        cidr_blocks: blocks(cidr_blocks, r),
        ipv6_cidr_blocks: blocks(ipv6_cidr_blocks, r),
        tags: tags(vpc_tags, r),
    })
}

fn subnet(at: &At<'_, '_, '_>, vpc: &str, r: &mut Reader) -> Option<(String, Subnet)> {
    let [
        subnet_id,
        vpc_id,
        availability_zone,
        availability_zone_id,
        zone_type,
        outpost_arn,
        cidr_block,
        ipv6_cidr_blocks,
        count,
        map_public_ip_on_launch,
        internet_route,
        subnet_tags,
    ] = r.fields(at, &SUBNET)?;
    let subnet_id = required(at, subnet_id, "subnetId", r);
    let availability_zone = required(at, availability_zone, "availabilityZone", r);
    let cidr_block = block(cidr_block, r).unwrap_or_default();
    let count = count.and_then(|at| r.int(&at, COUNTS)).map(|count| count.value);
    let subnet = Subnet {
        subnet_id: subnet_id.clone().unwrap_or_default(),
        vpc_id: or(vpc_id, vpc, r),
        availability_zone: availability_zone.unwrap_or_default(),
        availability_zone_id: text(availability_zone_id, r),
        zone_type: word(zone_type, &ZONE_TYPES, r),
        outpost_arn: maybe(outpost_arn, r),
        available_ip_address_count: count.unwrap_or_else(|| free_addresses(&cidr_block)),
        cidr_block,
        ipv6_cidr_blocks: blocks(ipv6_cidr_blocks, r),
        map_public_ip_on_launch: flag(map_public_ip_on_launch, r),
        internet_route: flag(internet_route, r),
        tags: tags(subnet_tags, r),
    };
    Some((subnet_id?, subnet))
}

/// How many addresses an empty subnet has.
fn free_addresses(block: &str) -> i64 {
    let Some(ipnet::IpNet::V4(net)) = cidr::parse(block) else { return USUAL_ADDRESSES };
    ((1i64 << (32 - net.prefix_len())) - KEPT_ADDRESSES).max(0)
}

fn group(at: &At<'_, '_, '_>, vpc: &str, r: &mut Reader) -> Option<(String, SecurityGroup)> {
    let [group_id, group_name, vpc_id, group_tags] = r.fields(at, &SECURITY_GROUP)?;
    let group_id = required(at, group_id, "groupId", r);
    let group = SecurityGroup {
        group_id: group_id.clone().unwrap_or_default(),
        group_name: text(group_name, r),
        vpc_id: or(vpc_id, vpc, r),
        tags: tags(group_tags, r),
    };
    Some((group_id?, group))
}

fn certificate(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<(String, Certificate)> {
    let [
        arn,
        status,
        certificate_type,
        domain_name,
        names,
        authority,
        key_algorithm,
        in_use,
        created_at,
        not_after,
    ] = r.fields(at, &CERTIFICATE)?;
    let arn = required(at, arn, "certificateArn", r);
    let domain_name = required(at, domain_name, "domainName", r).unwrap_or_default();
    let names = names.map(|at| texts(Some(at), r));
    let certificate = Certificate {
        certificate_arn: arn.clone().unwrap_or_default(),
        status: or(status, "ISSUED", r),
        certificate_type: or(certificate_type, "AMAZON_ISSUED", r),
        subject_alternative_names: names.unwrap_or_else(|| vec![domain_name.clone()]),
        domain_name,
        certificate_authority_arn: maybe(authority, r),
        key_algorithm: or(key_algorithm, "RSA_2048", r),
        in_use: flag(in_use, r),
        created_at: text(created_at, r),
        not_after: text(not_after, r),
    };
    Some((arn?, certificate))
}

fn load_balancer(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<(String, LoadBalancer)> {
    let [arn, name, scheme, load_balancer_type, zones, load_balancer_tags] =
        r.fields(at, &LOAD_BALANCER)?;
    let arn = required(at, arn, "loadBalancerArn", r);
    let mut subnet_ids = Vec::new();
    if let Some(zones) = zones {
        for zone in r.items(&zones) {
            let Some([subnet_id, zone_name]) = r.fields(&zone, &ZONE) else { continue };
            text(zone_name, r);
            subnet_ids.extend(required(&zone, subnet_id, "subnetId", r));
        }
    }
    let load_balancer = LoadBalancer {
        arn: arn.clone().unwrap_or_default(),
        name: required(at, name, "loadBalancerName", r).unwrap_or_default(),
        scheme: word(scheme, &SCHEMES, r),
        load_balancer_type: or(load_balancer_type, "application", r),
        subnet_ids,
        tags: tags(load_balancer_tags, r),
    };
    Some((arn?, load_balancer))
}
