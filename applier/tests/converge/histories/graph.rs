//! The account held against the dependency graph that the manifests compile to, without asking the
//! planner, the applier or the state: each resource is there once, as it is asked for, and there is
//! nothing else.

use ingc_compiler::Compilation;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Objects by kind and place in the graph.
type Objects = BTreeMap<String, Value>;

/// What differs between an account, without the objects of others, and the graph.
pub(super) fn differences(account: &Value, compilation: &Compilation) -> Vec<String> {
    let (wanted, found) = (wanted(compilation), found(account));
    let mut wrong = Vec::new();
    for (name, spec) in &wanted {
        match found.get(name) {
            None => wrong.push(format!("{name} is not there")),
            Some(object) => holds(name, spec, object, &mut wrong),
        }
    }
    let surplus = found.keys().filter(|name| !wanted.contains_key(*name));
    wrong.extend(surplus.map(|name| format!("{name} is there and nobody asks for it")));
    wrong
}

/// All that a spec says must be so; an object may tell more, such as defaults.
fn holds(at: &str, spec: &Value, object: &Value, wrong: &mut Vec<String>) {
    match (spec, object) {
        (Value::Object(spec), Value::Object(object)) => {
            for (key, value) in spec {
                let there = object.get(key).unwrap_or(&Value::Null);
                holds(&format!("{at}.{key}"), value, there, wrong);
            }
        }
        (Value::Array(spec), Value::Array(object)) if spec.len() == object.len() => {
            for (n, (spec, object)) in spec.iter().zip(object).enumerate() {
                holds(&format!("{at}[{n}]"), spec, object, wrong);
            }
        }
        (spec, object) if spec == object => {}
        (spec, object) => wrong.push(format!("{at} is {object} and not {spec}")),
    }
}

/// The graph, with names for references and keys in small letters.
fn wanted(compilation: &Compilation) -> Objects {
    let mut all = Objects::new();
    for (stack, resources) in &compilation.stacks {
        for (address, resource) in &resources.resources {
            let spec: Value = serde_json::from_str(&resource.spec_json()).unwrap();
            let spec = plain(stack, spec);
            let own = format!("{stack}/{}", address.id);
            let (name, spec) = match address.kind.type_name().rsplit("::").next().unwrap() {
                "LoadBalancer" => (format!("load balancer {own}"), balancer(spec)),
                "TargetGroup" => (format!("target group {own}"), group(spec)),
                "SecurityGroup" => (format!("security group {own}"), security_group(spec)),
                "Listener" => (format!("listener {own}"), listener(spec)),
                "ListenerRule" => {
                    let name =
                        format!("rule {} of {}", spec["priority"], text(&spec["listenerarn"]));
                    (name, json!({"conditions": spec["conditions"], "actions": spec["actions"]}))
                }
                "WebACLAssociation" => {
                    let of = text(&spec["resourcearn"]);
                    (format!("web ACL of {of}"), spec["webaclarn"].clone())
                }
                "Protection" if spec["enabled"] == false => continue,
                "Protection" => {
                    (format!("protection of {}", text(&spec["resourcearn"])), json!({}))
                }
                "TargetGroupBinding" => {
                    let spec = &spec["template"]["spec"];
                    (format!("binding of {}", text(&spec["targetgrouparn"])), spec.clone())
                }
                other => panic!("no history makes a {other}"),
            };
            assert!(all.insert(name.clone(), spec).is_none(), "{name} twice");
        }
    }
    all
}

/// References become names, and keys small letters, which AWS and the graph capitalize differently.
fn plain(stack: &str, value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| plain(stack, item)).collect(),
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(pointer) => json!(referred(stack, pointer)),
            None => {
                let plain = |(key, value): (String, Value)| {
                    let value = if key == "tags" { value } else { plain(stack, value) };
                    (key.to_ascii_lowercase(), value)
                };
                Value::Object(fields.into_iter().map(plain).collect())
            }
        },
        other => other,
    }
}

/// The name of what a `#/resources/TYPE/ID/status/OUTPUT` leads to.
fn referred(stack: &str, pointer: &str) -> String {
    let rest = pointer.strip_prefix("#/resources/").unwrap();
    let (kind, rest) = rest.split_once('/').unwrap();
    let (id, _) = rest.split_once("/status/").unwrap();
    let stack = if id == "backend-sg" { "_cluster" } else { stack };
    let kind = match kind.rsplit("::").next().unwrap() {
        "LoadBalancer" => "load balancer",
        "TargetGroup" => "target group",
        "SecurityGroup" => "security group",
        "Listener" => "listener",
        other => panic!("nothing refers to a {other}"),
    };
    format!("{kind} {stack}/{id}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// `[{key, value}]` as a map.
fn pairs(list: &Value) -> Value {
    let items = list.as_array().into_iter().flatten();
    items.map(|it| (text(&it["key"]).to_owned(), it["value"].clone())).collect::<Map<_, _>>().into()
}

fn balancer(spec: Value) -> Value {
    let subnets = spec["subnetmapping"].as_array().unwrap().iter();
    json!({"name": spec["name"], "scheme": spec["scheme"], "type": spec["type"],
        "ipaddresstype": spec["ipaddresstype"], "securitygroups": spec["securitygroups"],
        "subnets": subnets.map(|it| text(&it["subnetid"])).collect::<BTreeSet<_>>(),
        "attributes": pairs(&spec["loadbalancerattributes"]), "tags": tags(&spec)})
}

fn tags(spec: &Value) -> Value {
    if spec["tags"].is_null() { json!({}) } else { spec["tags"].clone() }
}

fn group(mut spec: Value) -> Value {
    spec["attributes"] = pairs(&spec["targetgroupattributes"]);
    spec["tags"] = tags(&spec);
    let fields = spec.as_object_mut().unwrap();
    // Which of its names it has depends on what stood beside it.
    fields.remove("name");
    fields.remove("targetgroupattributes");
    spec
}

fn listener(spec: Value) -> Value {
    let certificates = spec["certificates"].as_array().cloned().unwrap_or_default();
    let all: Vec<_> = certificates.iter().map(|it| text(&it["certificatearn"])).collect();
    let mut wanted = json!({"of": spec["loadbalancerarn"], "port": spec["port"],
        "protocol": spec["protocol"], "defaultactions": spec["defaultactions"]});
    // The default one serves its names as well.
    wanted["certificate"] = json!(all.first());
    wanted["certificates"] = json!(all.into_iter().collect::<BTreeSet<_>>());
    if !spec["sslpolicy"].is_null() {
        wanted["sslpolicy"] = spec["sslpolicy"].clone();
    }
    wanted
}

/// Permissions one by one.
fn security_group(spec: Value) -> Value {
    let mut open = BTreeSet::new();
    for it in spec["ingress"].as_array().into_iter().flatten() {
        for (list, field) in [("ipranges", "cidrip"), ("ipv6ranges", "cidripv6")] {
            for range in it[list].as_array().into_iter().flatten() {
                open.insert(permission(it, text(&range[field])));
            }
        }
    }
    json!({"groupname": spec["groupname"], "description": spec["description"], "ingress": open})
}

fn permission(it: &Value, from: &str) -> String {
    let protocol = text(&it["ipprotocol"]);
    format!("{protocol} {}-{} from {from}", it["fromport"], it["toport"])
}

/// The account, by the tags that its objects have. A rule is known by its listener and number.
fn found(account: &Value) -> Objects {
    let objects = |part: &str| account[part].as_object().unwrap().iter();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (part, kind) in [
        ("loadBalancers", "load balancer"),
        ("targetGroups", "target group"),
        ("securityGroups", "security group"),
        ("listeners", "listener"),
    ] {
        let named = |(id, it): (&String, &Value)| (id.clone(), format!("{kind} {}", place(it)));
        names.extend(objects(part).map(named));
    }
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut all = Objects::new();
    let mut put = |name: String, object: Value| {
        let twice = all.contains_key(&name);
        all.insert(if twice { format!("{name}, once more") } else { name }, object);
    };
    for (id, object) in objects("loadBalancers") {
        put(name(id), found_balancer(named(object, &names)));
    }
    for (id, object) in objects("targetGroups") {
        put(name(id), found_group(named(object, &names)));
    }
    for (id, object) in objects("securityGroups") {
        put(name(id), found_security_group(named(object, &names)));
    }
    for (id, object) in objects("listeners") {
        let balancer = above(id, ":listener/", ":loadbalancer/");
        put(name(id), found_listener(named(object, &names), name(&balancer)));
    }
    for (id, object) in objects("rules") {
        let listener = above(id, ":listener-rule/", ":listener/");
        let rule = named(object, &names);
        put(
            format!("rule {} of {}", rule["priority"], name(&listener)),
            json!({"conditions": rule["conditions"], "actions": rule["actions"]}),
        );
    }
    for (of, acl) in objects("webAclAssociations") {
        put(format!("web ACL of {}", name(of)), acl.clone());
    }
    for (of, _) in objects("protections") {
        put(format!("protection of {}", name(of)), json!({}));
    }
    for (_, binding) in objects("targetGroupBindings") {
        let spec = named(&binding["spec"], &names);
        put(format!("binding of {}", text(&spec["targetgrouparn"])), spec);
    }
    all
}

/// Where the tags of an object say that it belongs.
fn place(object: &Value) -> String {
    let tag = |key: &str| object["tags"][key].as_str();
    match (tag("ingress.k8s.aws/stack"), tag("ingress.k8s.aws/resource")) {
        (Some(stack), Some(resource)) => format!("{stack}/{resource}"),
        _ if tag("elbv2.k8s.aws/resource") == Some("backend-sg") => {
            "_cluster/backend-sg".to_owned()
        }
        _ => format!("of nobody with {}", object["tags"]),
    }
}

/// The ARN of what an object stands on.
fn above(arn: &str, kind: &str, of: &str) -> String {
    let arn = arn.replace(kind, of);
    arn.rsplit_once('/').unwrap().0.to_owned()
}

/// Ids become names, keys small letters.
fn named(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| named(item, names)).collect(),
        Value::Object(fields) => {
            let named = |(key, value): (&String, &Value)| {
                let kept = key == "tags" || key == "attributes";
                let value = if kept { value.clone() } else { named(value, names) };
                (key.to_ascii_lowercase(), value)
            };
            Value::Object(fields.iter().map(named).collect())
        }
        Value::String(id) => json!(names.get(id).unwrap_or(id)),
        other => other.clone(),
    }
}

fn found_balancer(mut object: Value) -> Value {
    let subnets = object["subnets"].as_array().unwrap().iter();
    object["subnets"] =
        subnets.map(|it| text(&it["subnetid"])).collect::<BTreeSet<_>>().into_iter().collect();
    object
}

fn found_group(mut object: Value) -> Value {
    let checks = object["healthcheck"].as_object().unwrap().iter();
    let checks = checks.map(|(key, value)| {
        let key = key.strip_prefix("healthcheck").unwrap_or(key);
        (key.to_owned(), value.clone())
    });
    object["healthcheckconfig"] = Value::Object(checks.collect());
    object
}

fn found_security_group(mut object: Value) -> Value {
    let open = object["ingress"].as_array().unwrap().iter();
    let open: BTreeSet<_> = open
        .map(|it| {
            let source = it["source"].as_object().unwrap().values().next().unwrap();
            permission(it, text(source))
        })
        .collect();
    object["ingress"] = json!(open);
    object
}

fn found_listener(mut object: Value, balancer: String) -> Value {
    object["of"] = json!(balancer);
    let listed = object["certificates"].as_array().into_iter().flatten();
    let listed: BTreeSet<String> = listed.map(|it| text(it).to_owned()).collect();
    object["certificates"] = json!(listed);
    object
}
