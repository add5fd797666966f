//! TargetGroupBindings of the simulated cluster, with what the controller's webhooks refuse.

use super::cloud::{Answer, Cloud, read, refuse};
use crate::account::CallError;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Named {
    namespace: String,
    name: String,
}

/// What the API server never changes in an existing binding.
const IMMUTABLE: [&str; 4] = ["targetGroupARN", "targetType", "ipAddressType", "vpcID"];

impl Cloud {
    /// Answers for TargetGroupBindings as the cluster's API server does.
    pub(super) fn kubernetes(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "CreateTargetGroupBinding" => self.create_binding(params),
            "UpdateTargetGroupBinding" => self.update_binding(params),
            "GetTargetGroupBinding" => self.get_binding(params),
            "ListTargetGroupBindings" => {
                let all: Vec<&Value> = self.target_group_bindings.values().collect();
                Ok(json!({"items": all}))
            }
            "DeleteTargetGroupBinding" => self.delete_binding(params),
            _ => return None,
        })
    }

    /// True if a binding makes the controller register targets in a target group.
    pub(super) fn is_bound(&self, arn: &str) -> bool {
        self.index.bindings.contains_key(arn)
    }

    fn create_binding(&mut self, params: &Value) -> Answer {
        let key = self.checked_binding(params)?;
        if self.target_group_bindings.contains_key(&key) {
            return refuse(
                "AlreadyExists",
                format!("targetgroupbindings.elbv2.k8s.aws \"{key}\" already exists"),
            );
        }
        self.index.bind(&key, params);
        self.target_group_bindings.insert(key, params.clone());
        Ok(params.clone())
    }

    fn update_binding(&mut self, params: &Value) -> Answer {
        let key = self.checked_binding(params)?;
        let Some(there) = self.target_group_bindings.get(&key) else { return not_found(&key) };
        for field in IMMUTABLE {
            if there["spec"][field] != params["spec"][field] {
                return refuse(
                    "Invalid",
                    format!("TargetGroupBinding update may not change these fields: spec.{field}"),
                );
            }
        }
        self.target_group_bindings.insert(key, params.clone());
        Ok(params.clone())
    }

    fn get_binding(&self, params: &Value) -> Answer {
        let key = key(&read(params)?);
        self.target_group_bindings.get(&key).cloned().map_or_else(|| not_found(&key), Ok)
    }

    fn delete_binding(&mut self, params: &Value) -> Answer {
        let key = key(&read(params)?);
        let Some(binding) = self.target_group_bindings.remove(&key) else {
            return not_found(&key);
        };
        self.index.unbind(&key, &binding);
        Ok(json!({}))
    }

    /// The key of a binding that the webhooks let pass.
    fn checked_binding(&self, params: &Value) -> Result<String, CallError> {
        let metadata = &params["metadata"];
        let text = |field: &str| metadata[field].as_str().map(str::to_owned).unwrap_or_default();
        let named = Named { namespace: text("namespace"), name: text("name") };
        let shaped = |text: &str| {
            (1..=253).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
        };
        if !shaped(&named.name) || !shaped(&named.namespace) {
            return refuse("Invalid", format!("'{}' is not a name of an object", key(&named)));
        }
        let arn = params["spec"]["targetGroupARN"].as_str().unwrap_or_default();
        self.find_target_group(arn)?;
        let multi = |spec: &Value| spec["multiClusterTargetGroup"] == true;
        let bound = self.index.bindings.get(arn).into_iter().flatten();
        let own = key(&named);
        let other = bound.filter(|other| **other != own).find(|other| {
            let there = self.target_group_bindings.get(*other);
            !(there.is_some_and(|there| multi(&there["spec"])) && multi(&params["spec"]))
        });
        if let Some(other) = other {
            return refuse(
                "Invalid",
                format!("TargetGroup {arn} is already bound to TargetGroupBinding {other}"),
            );
        }
        Ok(own)
    }
}

fn key(named: &Named) -> String {
    format!("{}/{}", named.namespace, named.name)
}

fn not_found(key: &str) -> Answer {
    refuse("NotFound", format!("targetgroupbindings.elbv2.k8s.aws \"{key}\" not found"))
}
