//! Security groups.

use super::part::{Parts, Wanted};
use super::{items, output, tags, text};
use crate::account::{Account, Call};
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::{IpPermission, Output, SecurityGroup, Tags};
use ingc_planner::state::Pairs;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &SecurityGroup,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let params = json!({
        "GroupName": spec.group_name,
        "Description": spec.description,
        "VpcId": hand.facts.vpc_id,
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags::listed(&wanted)}],
    });
    let (id, there) = match hand.call(Call::ec2("CreateSecurityGroup", params)).await {
        Err(failure) if failure.is(&["InvalidGroup.Duplicate"]) => {
            let filters = json!([
                {"Name": "group-name", "Values": [spec.group_name]},
                {"Name": "vpc-id", "Values": [hand.facts.vpc_id]},
            ]);
            let by_name = Call::ec2("DescribeSecurityGroups", json!({"Filters": filters}));
            let found = hand.call(by_name).await?["SecurityGroups"][0].clone();
            let what = format!("security group `{}`", spec.group_name);
            hand.check_new(text(&found["GroupId"]), &what)?;
            tags::check_ours(hand, &what, &tags::read(&found["Tags"]))?;
            (text(&found["GroupId"]).to_owned(), Some(found))
        }
        other => (text(&other?["GroupId"]).to_owned(), None),
    };
    let outputs: Pairs = [(Output::GroupId.name(), id.as_str())].into_iter().collect();
    let parts = match there {
        // A group that an earlier run has made may have been made for other manifests.
        Some(there) => changes(hand, None, spec, &Wanted::all(SecurityGroup::FIELDS), &there),
        None => {
            let fresh = json!({"GroupId": id, "IpPermissions": []});
            changes(hand, None, spec, &Wanted::of(&["ingress".to_owned()]), &fresh)
        }
    };
    hand.record(&outputs, &parts.unfinished())?;
    parts.carry_out(hand, &outputs).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &SecurityGroup,
    after: &SecurityGroup,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let id = output(hand, outputs, Output::GroupId.name())?;
    let found = hand.call(Call::ec2("DescribeSecurityGroups", json!({"GroupIds": [id]}))).await?;
    let parts = changes(hand, Some(before), after, wanted, &found["SecurityGroups"][0]);
    parts.carry_out(hand, outputs).await
}

/// The calls that bring a group to what it shall be. New rules come before old ones go, so that
/// nobody who may come in now and then is kept out in between.
fn changes<A: Account>(
    hand: &Hand<'_, A>,
    before: Option<&SecurityGroup>,
    after: &SecurityGroup,
    wanted: &Wanted,
    there: &Value,
) -> Parts {
    let mut parts = Parts::new();
    let id = &there["GroupId"];
    if wanted.has("ingress") {
        let has = rules(items(&there["IpPermissions"]));
        let shall = rules(&after.ingress.iter().map(to_aws).collect::<Vec<_>>());
        let missing =
            |from: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| -> Vec<Value> {
                from.iter()
                    .filter(|(key, _)| !other.contains_key(*key))
                    .map(|(_, v)| v.clone())
                    .collect()
            };
        for (action, list) in [
            ("AuthorizeSecurityGroupIngress", missing(&shall, &has)),
            ("RevokeSecurityGroupIngress", missing(&has, &shall)),
        ] {
            if !list.is_empty() {
                let params = json!({"GroupId": id, "IpPermissions": list});
                parts.push(&["ingress"], Call::ec2(action, params));
            }
        }
    }
    if wanted.has("tags") {
        let has = tags::read(&there["Tags"]);
        let wanted = tags::wanted(hand.cluster, hand.identity, &after.tags);
        let before = before.map(|before| before.tags.clone()).unwrap_or_default();
        let change = tags::TagChange::new(hand.address, &has, &before, &wanted);
        if !change.add.is_empty() {
            let params = json!({"Resources": [id], "Tags": tags::listed(&change.add)});
            parts.push(&["tags"], Call::ec2("CreateTags", params));
        }
        if !change.remove.is_empty() {
            let keys: Vec<_> = change.remove.iter().map(|key| json!({"Key": key})).collect();
            let params = json!({"Resources": [id], "Tags": keys});
            parts.push(&["tags"], Call::ec2("DeleteTags", params));
        }
    }
    parts
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let id = output(hand, outputs, Output::GroupId.name())?;
    hand.call(Call::ec2("DeleteSecurityGroup", json!({"GroupId": id}))).await.map(drop)
}

/// One rule per source, by its text: permissions group them as it suits who writes them.
fn rules(permissions: &[Value]) -> BTreeMap<String, Value> {
    let mut rules = BTreeMap::new();
    for permission in permissions {
        for (list, id) in [
            ("IpRanges", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6"),
            ("PrefixListIds", "PrefixListId"),
            ("UserIdGroupPairs", "GroupId"),
        ] {
            for source in items(&permission[list]) {
                let mut rule = Map::new();
                for field in ["IpProtocol", "FromPort", "ToPort"] {
                    if !permission[field].is_null() {
                        rule.insert(field.to_owned(), permission[field].clone());
                    }
                }
                rule.insert(list.to_owned(), json!([{id: source[id]}]));
                let rule = Value::Object(rule);
                rules.insert(rule.to_string(), rule);
            }
        }
    }
    rules
}

fn to_aws(permission: &IpPermission) -> Value {
    let list = |id: &str, all: Vec<&String>| -> Vec<Value> {
        all.into_iter().map(|value| json!({id: value})).collect()
    };
    let mut params = json!({
        "IpProtocol": permission.ip_protocol,
        "IpRanges": list("CidrIp", permission.ip_ranges.iter().map(|r| &r.cidr_ip).collect()),
        "Ipv6Ranges": list("CidrIpv6", permission.ipv6_ranges.iter().map(|r| &r.cidr_ipv6).collect()),
        "PrefixListIds": list("PrefixListId", permission.prefix_lists.iter().map(|l| &l.list_id).collect()),
    });
    if let (Some(from), Some(to)) = (permission.from_port, permission.to_port) {
        params["FromPort"] = json!(from);
        params["ToPort"] = json!(to);
    }
    params
}

/// The spec of a described group: rules as the compiler writes them, one source each, sorted by
/// their text. Rules from other security groups have no such form and are left out.
pub(crate) fn from_aws(described: &Value) -> SecurityGroup {
    let mut ingress: Vec<IpPermission> = rules(items(&described["IpPermissions"]))
        .into_values()
        .filter(|rule| rule.get("UserIdGroupPairs").is_none())
        .map(|rule| {
            let port = |field: &str| rule[field].as_i64().and_then(|port| port.try_into().ok());
            let texts = |list: &str, id: &str| -> Vec<String> {
                items(&rule[list]).iter().map(|source| text(&source[id]).to_owned()).collect()
            };
            IpPermission {
                from_port: port("FromPort"),
                to_port: port("ToPort"),
                ip_protocol: text(&rule["IpProtocol"]).to_owned(),
                ip_ranges: typed_list(texts("IpRanges", "CidrIp"), "cidrIP"),
                ipv6_ranges: typed_list(texts("Ipv6Ranges", "CidrIpv6"), "cidrIPv6"),
                prefix_lists: typed_list(texts("PrefixListIds", "PrefixListId"), "listID"),
            }
        })
        .collect();
    ingress.sort_by_cached_key(|permission| serde_json::to_string(permission).unwrap_or_default());
    SecurityGroup {
        description: text(&described["Description"]).to_owned(),
        group_name: text(&described["GroupName"]).to_owned(),
        ingress,
        tags: Tags::new(),
    }
}

/// Sources of one field each.
fn typed_list<T: serde::de::DeserializeOwned>(texts: Vec<String>, field: &str) -> Vec<T> {
    let all = texts.into_iter().map(|text| serde_json::from_value(json!({field: text})));
    all.filter_map(Result::ok).collect()
}
