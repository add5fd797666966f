//! The document: planned values, changes, drift and configuration.

use super::reference::{Names, block, split};
use super::{Converted, convert};
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Ref};
use ingc_compiler::tag;
use ingc_planner::plan::{Action, Change, Plan};
use ingc_planner::state::SpecText;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";
const KUBERNETES: &str = "registry.terraform.io/hashicorp/kubernetes";

/// A resource as it shall be after the plan, whether it changes or not.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The address.
    pub address: Address,
    /// The spec with `$ref`s.
    pub spec: Value,
}

/// What the document is made from beside the plan.
struct Context<'a> {
    plan: &'a Plan,
    vpc_id: &'a str,
    names: BTreeMap<Address, String>,
    outputs: &'a dyn Fn(&Address, &str) -> Option<String>,
}

/// Terraform's document. `outputs` knows what AWS has answered for resources that exist and stay.
pub fn document(
    plan: &Plan,
    resources: &[Resource],
    vpc_id: &str,
    outputs: &dyn Fn(&Address, &str) -> Option<String>,
) -> Value {
    let addresses = resources.iter().map(|resource| &resource.address);
    let deleted = plan.changes.iter().map(|change| &change.address);
    let drifted = plan.drift.iter().map(|drift| &drift.address);
    let names = names(addresses.chain(deleted).chain(drifted).collect());
    let context = Context { plan, vpc_id, names, outputs };

    let mut planned = Vec::new();
    let mut configuration = Vec::new();
    for resource in resources {
        for converted in context.convert(&resource.address, &resource.spec) {
            planned.push(context.planned(&resource.address, &converted));
            configuration.push(context.configured(&resource.address, &converted));
        }
    }
    let changed: BTreeSet<&Address> = plan.changes.iter().map(|change| &change.address).collect();
    let mut changes: Vec<Value> =
        plan.changes.iter().flat_map(|change| context.change(change)).collect();
    for resource in resources.iter().filter(|resource| !changed.contains(&resource.address)) {
        changes.extend(context.unchanged(resource));
    }
    json!({
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "variables": {},
        "planned_values": {"root_module": {"resources": planned}},
        "resource_drift": context.drift(),
        "resource_changes": changes,
        "output_changes": {},
        "configuration": {
            "provider_config": {"aws": {
                "name": "aws",
                "full_name": PROVIDER,
                "expressions": {"region": {"constant_value": plan.region}},
            }},
            "root_module": {"resources": configuration},
        },
        "applyable": !plan.is_empty(),
        "complete": plan.frozen.is_empty(),
        "errored": false,
    })
}

/// Names that Terraform accepts, unique, and readable: what it does not accept becomes `_`.
fn names(addresses: BTreeSet<&Address>) -> BTreeMap<Address, String> {
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for address in addresses {
        let text = format!("{}_{}", address.stack, address.id);
        let mut name: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            name.insert(0, '_');
        }
        let count = taken.entry(format!("{} {name}", address.kind)).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name}_{count}");
        }
        names.insert(address.clone(), name);
    }
    names
}

impl Context<'_> {
    /// The provider's resources of a spec, with the tracking tags among its tags.
    fn convert(&self, address: &Address, spec: &Value) -> Vec<Converted> {
        let mut tags = spec.get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
        let tracking = tag::tracking(&self.plan.cluster, address).unwrap_or_default();
        tags.extend(tracking.into_iter().map(|(key, value)| (key, Value::String(value))));
        let mut converted = convert(address, spec, self.vpc_id, &tags);
        for resource in &mut converted {
            if resource.resource_type == "aws_lb_listener_certificate" {
                let own = Ref::new(
                    address.kind,
                    &*address.id,
                    ingc_compiler::resource::Output::ListenerArn,
                );
                resource.values.insert("listener_arn".to_owned(), json!({"$ref": own.pointer()}));
            }
        }
        converted
    }

    fn name(&self, address: &Address, converted: &Converted) -> String {
        let name = self.names.get(address).map_or("", String::as_str);
        if converted.suffix.is_empty() {
            name.to_owned()
        } else {
            format!("{name}_{}", converted.suffix)
        }
    }

    fn head(&self, address: &Address, converted: &Converted) -> Map<String, Value> {
        let name = self.name(address, converted);
        let provider =
            if converted.resource_type.starts_with("aws_") { PROVIDER } else { KUBERNETES };
        Map::from_iter([
            ("address".to_owned(), json!(format!("{}.{name}", converted.resource_type))),
            ("mode".to_owned(), json!("managed")),
            ("type".to_owned(), json!(converted.resource_type)),
            ("name".to_owned(), json!(name)),
            ("provider_name".to_owned(), json!(provider)),
        ])
    }

    fn known(&self, address: &Address, values: &Map<String, Value>) -> (Value, Value) {
        let outputs = |pointer: &str| {
            let reference = Ref::parse(pointer)?;
            (self.outputs)(&resolve_ref(&address.stack, &reference), reference.output.name())
        };
        let parts = split(&Value::Object(values.clone()), &outputs);
        (parts.known, parts.unknown)
    }

    fn planned(&self, address: &Address, converted: &Converted) -> Value {
        let mut out = self.head(address, converted);
        out.insert("schema_version".to_owned(), json!(0));
        out.insert("values".to_owned(), self.known(address, &converted.values).0);
        out.insert("sensitive_values".to_owned(), json!({}));
        Value::Object(out)
    }

    fn configured(&self, address: &Address, converted: &Converted) -> Value {
        let mut out = self.head(address, converted);
        out.remove("provider_name");
        let key = if converted.resource_type.starts_with("aws_") { "aws" } else { "kubernetes" };
        out.insert("provider_config_key".to_owned(), json!(key));
        let names: &Names<'_> = &|target| {
            let converted = convert(target, &Value::Null, "", &Map::new());
            Some(format!("{}.{}", converted.first()?.resource_type, self.names.get(target)?))
        };
        out.insert(
            "expressions".to_owned(),
            block(&Value::Object(converted.values.clone()), &address.stack, names),
        );
        out.insert("schema_version".to_owned(), json!(0));
        Value::Object(out)
    }

    fn change(&self, change: &Change) -> Vec<Value> {
        let actions: &[&str] = match change.action {
            Action::NoOp | Action::Import => &["no-op"],
            Action::Create => &["create"],
            Action::Update | Action::Reorder => &["update"],
            Action::Replace => &["create", "delete"],
            Action::Delete => &["delete"],
            Action::Forget => &["forget"],
        };
        let before = change.before.as_ref().map(|spec| spec.value());
        let after = change.after.as_ref().map(|spec| spec.value());
        let replaced: Vec<Value> = change
            .fields
            .iter()
            .filter(|field| field.forces_replacement)
            .map(|field| json!(field.path.split('.').collect::<Vec<_>>()))
            .collect();
        let mut out = self.changes(&change.address, before.as_ref(), after.as_ref(), actions);
        for entry in &mut out {
            if change.action == Action::Replace {
                entry["action_reason"] = json!("replace_because_cannot_update");
                entry["change"]["replace_paths"] = Value::Array(replaced.clone());
            } else if change.action == Action::Delete {
                entry["action_reason"] = json!("delete_because_no_resource_config");
            }
        }
        out
    }

    fn unchanged(&self, resource: &Resource) -> Vec<Value> {
        self.changes(&resource.address, Some(&resource.spec), Some(&resource.spec), &["no-op"])
    }

    /// One entry for each of the provider's resources on either side.
    fn changes(
        &self,
        address: &Address,
        before: Option<&Value>,
        after: Option<&Value>,
        actions: &[&str],
    ) -> Vec<Value> {
        let side = |spec: Option<&Value>| -> Vec<Converted> {
            spec.map(|spec| self.convert(address, spec)).unwrap_or_default()
        };
        let (old, new) = (side(before), side(after));
        type Sides<'c> = (Option<&'c Converted>, Option<&'c Converted>);
        let mut entries: BTreeMap<(&str, &str), Sides<'_>> = BTreeMap::new();
        for one in &old {
            entries.entry((one.resource_type, &one.suffix)).or_default().0 = Some(one);
        }
        for one in &new {
            entries.entry((one.resource_type, &one.suffix)).or_default().1 = Some(one);
        }
        entries
            .into_values()
            .filter_map(|(old, new)| {
                let one = new.or(old)?;
                let values = |c: Option<&Converted>| c.map(|c| self.known(address, &c.values));
                let (before, _) = values(old).unwrap_or((Value::Null, json!(false)));
                let (after, unknown) = values(new).unwrap_or((Value::Null, json!(false)));
                let own: &[&str] = match (old.is_some(), new.is_some()) {
                    (false, true) if before.is_null() => &["create"],
                    (true, false) => &["delete"],
                    _ => actions,
                };
                let mut out = self.head(address, one);
                out.insert(
                    "change".to_owned(),
                    json!({
                        "actions": own,
                        "before": before,
                        "after": after,
                        "after_unknown": if unknown == json!(false) { json!({}) } else { unknown },
                        "before_sensitive": if old.is_some() { json!({}) } else { json!(false) },
                        "after_sensitive": if new.is_some() { json!({}) } else { json!(false) },
                    }),
                );
                Some(Value::Object(out))
            })
            .collect()
    }

    /// What somebody else changed.
    fn drift(&self) -> Vec<Value> {
        let drift = self.plan.drift.iter().flat_map(|drift| {
            let [applied, live] =
                [&drift.applied, &drift.live].map(|side| side.as_ref().map(SpecText::value));
            self.changes(&drift.address, applied.as_ref(), live.as_ref(), &["update"])
        });
        // One of ours may be several of the provider's, of which the others are as they were.
        drift.filter(|it| it["change"]["before"] != it["change"]["after"]).collect()
    }
}
