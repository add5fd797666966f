//! What a simulated account holds, without what differs between two lives that came to the same.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Every object as a line: ids are places in the graph, names of target groups are left out.
pub(crate) fn told(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let account: Value = serde_json::from_str(&text).unwrap();
    let objects = |part: &str| account[part].as_object().cloned().unwrap_or_default().into_iter();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for part in ["loadBalancers", "targetGroups", "securityGroups", "listeners"] {
        names.extend(objects(part).map(|(id, it)| (id, format!("<{part} {}>", it["tags"]))));
    }
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut lines = Vec::new();
    for part in ["loadBalancers", "targetGroups", "securityGroups", "listeners", "rules"] {
        for (id, mut object) in objects(part) {
            let mut at = name(&id);
            match part {
                "rules" => {
                    let listener = id.replace(":listener-rule/", ":listener/");
                    at = format!("rule of {}", name(listener.rsplit_once('/').unwrap().0));
                    // A rule keeps the place that it was made at.
                    object["tags"] = json!("");
                }
                "targetGroups" => object["name"] = json!(""),
                "loadBalancers" => object["dnsName"] = json!(""),
                "listeners" => object["defaultRule"] = json!(""),
                _ => {}
            }
            lines.push(format!("{at}: {}", replaced(&object, &names)));
        }
    }
    for (_, binding) in objects("targetGroupBindings") {
        lines.push(format!("binding: {}", replaced(&binding["spec"], &names)));
    }
    lines.sort();
    lines
}

fn replaced(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| replaced(item, names)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), replaced(value, names))).collect()
        }
        Value::String(id) => json!(names.get(id).unwrap_or(id)),
        other => other.clone(),
    }
}
