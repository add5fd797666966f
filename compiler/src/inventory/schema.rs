//! The JSON Schema of inventories.

use super::read::{SCHEMES, ZONE_TYPES};
use crate::schema::json::{described, list, map, object, word};
use serde_json::{Value, json};

/// The JSON Schema of an inventory.
pub fn schema() -> Value {
    let named = |id: &'static str, what: &'static str| {
        entries(&[("name", text("Its name.")), (id, text("Its ARN."))], &["name", id], what)
    };
    let fields = [
        ("region", text("The AWS region.")),
        ("accountId", text("The account's number, in quotes.")),
        ("partition", text("`aws`, `aws-cn` or `aws-us-gov`. Without it, the region's.")),
        ("vpc", vpc()),
        ("subnets", subnets()),
        ("securityGroups", security_groups()),
        ("certificates", certificates()),
        ("webAcls", named("arn", "WAFv2 web ACLs.")),
        ("targetGroups", target_groups()),
        ("trustStores", named("trustStoreArn", "Trust stores for mutual TLS.")),
        ("loadBalancers", load_balancers()),
        ("elasticIps", elastic_ips()),
        ("ipamPools", ipam_pools()),
        ("cluster", cluster()),
    ];
    fields_of(&fields)
}

fn fields_of(fields: &[(&str, Value)]) -> Value {
    object(fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())))
}

/// A list of objects, each with fields that it cannot be without.
fn entries(fields: &[(&str, Value)], required: &[&str], meaning: &str) -> Value {
    let mut entry = fields_of(fields);
    entry["type"] = json!("object");
    entry["required"] = json!(required);
    described(list(&entry), meaning)
}

fn text(meaning: &str) -> Value {
    described(json!({"type": ["string", "null"]}), meaning)
}

fn texts(meaning: &str) -> Value {
    described(list(&json!({"type": "string"})), meaning)
}

fn flag(meaning: &str) -> Value {
    described(json!({"type": ["boolean", "null"]}), meaning)
}

/// Tags: a map, or keys and values as in AWS's answers.
fn tags() -> Value {
    let pair = fields_of(&[("key", json!({"type": "string"})), ("value", text(""))]);
    let forms = json!([map(&json!({"type": ["string", "null"]})), list(&pair)]);
    described(json!({"anyOf": forms}), "Its tags.")
}

fn vpc() -> Value {
    let mut vpc = fields_of(&[
        ("vpcId", text("Its id.")),
        ("cidrBlocks", texts("Its IPv4 blocks.")),
        ("ipv6CidrBlocks", texts("Its IPv6 blocks.")),
        ("tags", tags()),
    ]);
    vpc["required"] = json!(["vpcId"]);
    described(vpc, "The cluster's VPC.")
}

fn subnets() -> Value {
    let count = json!({"type": ["integer", "null"], "minimum": 0});
    let fields = [
        ("subnetId", text("Its id.")),
        ("vpcId", text("Its VPC. Without it, the inventory's.")),
        ("availabilityZone", text("Its zone, such as `eu-west-1a`.")),
        ("availabilityZoneId", text("Its zone's id, such as `euw1-az1`.")),
        ("zoneType", described(word(&ZONE_TYPES), "Default: availability-zone.")),
        ("outpostArn", text("The Outpost that it is on.")),
        ("cidrBlock", text("Its IPv4 block.")),
        ("ipv6CidrBlocks", texts("Its IPv6 blocks.")),
        (
            "availableIpAddressCount",
            described(count, "Free addresses. Without it, those of the empty subnet."),
        ),
        ("mapPublicIpOnLaunch", flag("Default: false.")),
        ("internetRoute", flag("Its route table leads to an internet gateway. Default: false.")),
        ("tags", tags()),
    ];
    entries(
        &fields,
        &["subnetId", "availabilityZone"],
        "Subnets among which load balancers find theirs.",
    )
}

fn security_groups() -> Value {
    let fields = [
        ("groupId", text("Its id.")),
        ("groupName", text("Its name.")),
        ("vpcId", text("Its VPC. Without it, the inventory's.")),
        ("tags", tags()),
    ];
    entries(&fields, &["groupId"], "Security groups that Ingresses name, by name or by tag `Name`.")
}

fn certificates() -> Value {
    let fields = [
        ("certificateArn", text("Its ARN.")),
        ("status", text("Only those that are `ISSUED` are used. Default: ISSUED.")),
        ("type", text("Default: AMAZON_ISSUED.")),
        ("domainName", text("Its first name.")),
        ("subjectAlternativeNames", texts("All its names. Without them, the first one.")),
        ("certificateAuthorityArn", text("The private authority that issued it.")),
        ("keyAlgorithm", text("Default: RSA_2048.")),
        ("inUse", flag("Something uses it. Default: false.")),
        ("createdAt", text("When it was made.")),
        ("notAfter", text("When it ends.")),
    ];
    entries(
        &fields,
        &["certificateArn", "domainName"],
        "ACM certificates among which listeners find theirs by host.",
    )
}

fn target_groups() -> Value {
    let fields = [("targetGroupName", text("Its name.")), ("targetGroupArn", text("Its ARN."))];
    entries(&fields, &["targetGroupName", "targetGroupArn"], "Target groups that actions name.")
}

fn load_balancers() -> Value {
    let zone = [("subnetId", text("The subnet.")), ("zoneName", text("Its zone."))];
    let fields = [
        ("loadBalancerArn", text("Its ARN.")),
        ("loadBalancerName", text("Its name.")),
        ("scheme", described(word(&SCHEMES), "Default: internal.")),
        ("type", text("Default: application.")),
        ("availabilityZones", entries(&zone, &["subnetId"], "Where it stands.")),
        ("tags", tags()),
    ];
    entries(
        &fields,
        &["loadBalancerArn", "loadBalancerName"],
        "Load balancers that exist: those of this cluster keep their subnets.",
    )
}

fn elastic_ips() -> Value {
    let fields = [("allocationId", text("Its id.")), ("publicIp", text("The address."))];
    entries(&fields, &["allocationId"], "Elastic IPs for network load balancers.")
}

fn ipam_pools() -> Value {
    let mut pool = fields_of(&[("ipamPoolId", text("Its id."))]);
    pool["type"] = json!(["object", "string"]);
    described(list(&pool), "IPAM pools, by their ids.")
}

fn cluster() -> Value {
    let port = json!({"type": "integer", "minimum": 1, "maximum": 65535});
    let service = fields_of(&[
        ("uid", text("Part of the names of its target groups.")),
        ("nodePorts", described(map(&port), "Node ports by port number.")),
    ]);
    let labels = map(&json!({"type": ["string", "null"]}));
    let cluster = fields_of(&[
        ("services", described(map(&service), "By NAMESPACE/NAME.")),
        ("namespaces", described(map(&labels), "Labels by name.")),
    ]);
    described(cluster, "What the cluster knows and Git does not. It completes manifests.")
}

#[cfg(test)]
mod tests {
    use super::super::read::FIELDS;
    use super::*;
    use std::collections::BTreeSet;

    /// The names of all mappings with fixed fields, anywhere below.
    fn mappings(schema: &Value, found: &mut BTreeSet<BTreeSet<String>>) {
        if let Some(fields) = schema["properties"].as_object() {
            found.insert(fields.keys().cloned().collect());
            fields.values().for_each(|schema| mappings(schema, found));
        }
        let inner = schema["anyOf"].as_array().into_iter().flatten();
        inner.chain([&schema["items"], &schema["additionalProperties"]]).for_each(|schema| {
            if schema.is_object() {
                mappings(schema, found);
            }
        });
    }

    #[test]
    fn the_fields_are_those_that_are_read() {
        let mut found = BTreeSet::new();
        mappings(&schema(), &mut found);
        let read: BTreeSet<BTreeSet<String>> = FIELDS
            .iter()
            .map(|fields| fields.iter().map(|name| (*name).to_owned()).collect())
            .collect();
        assert_eq!(found, read);
    }
}
