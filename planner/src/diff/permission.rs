//! Inbound rules of a security group, one by one: AWS joins and splits them as it likes.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Every permission taken apart to one source each, by a name such as `tcp 443 from 10.0.0.0/8`.
pub(super) fn entries(items: &[Value]) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for item in items.iter().filter_map(Value::as_object) {
        for (list, field) in
            [("ipRanges", "cidrIP"), ("ipv6Ranges", "cidrIPv6"), ("prefixLists", "listID")]
        {
            let sources = item.get(list).and_then(Value::as_array);
            for source in sources.into_iter().flatten() {
                let name = source.get(field).and_then(Value::as_str).unwrap_or_default();
                let mut one: Map<String, Value> = item
                    .iter()
                    .filter(|(k, _)| is_port(k))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect();
                one.insert(list.to_owned(), Value::Array(vec![source.clone()]));
                found.insert(format!("{} from {name}", ports(item)), Value::Object(one));
            }
        }
    }
    found
}

fn is_port(key: &str) -> bool {
    matches!(key, "fromPort" | "toPort" | "ipProtocol")
}

fn ports(permission: &Map<String, Value>) -> String {
    let protocol = permission.get("ipProtocol").and_then(Value::as_str).unwrap_or("-1");
    let port = |key| permission.get(key).and_then(Value::as_i64);
    match (port("fromPort"), port("toPort")) {
        (Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        _ => protocol.to_owned(),
    }
}
