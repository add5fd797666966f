//! Attributes, capacity and address pools of the load balancers of the simulated account.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use crate::account::CallError;
use crate::attribute::{self, Attribute};
use serde::Deserialize;
use serde_json::{Value, json};

/// One attribute as calls give it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) value: String,
}

/// The current attributes with the asked ones over them; refuses unknown keys and values.
pub(super) fn changed(
    what: &str,
    known: &[Attribute],
    current: &Texts,
    asked: &[KeyValue],
) -> Result<Texts, CallError> {
    let mut texts = current.clone();
    for KeyValue { key, value } in asked {
        let Some(attribute) = known.iter().find(|attribute| attribute.key == key) else {
            return refuse(
                "ValidationError",
                format!("{what} attribute key '{key}' is not recognized"),
            );
        };
        // The empty default of some keys with a domain is how AWS says "unset".
        if !attribute.accepts(value) && value != attribute.default {
            return refuse(
                "ValidationError",
                format!("{what} attribute value '{value}' is not valid for the key '{key}'"),
            );
        }
        texts.insert(key.clone(), value.clone());
    }
    Ok(texts)
}

/// Attributes as AWS lists them.
pub(super) fn listed(texts: &Texts) -> Value {
    let attributes: Vec<_> =
        texts.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({"Attributes": attributes})
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    load_balancer_arn: String,
}

impl Cloud {
    pub(super) fn describe_load_balancer_attributes(&self, params: &Value) -> Answer {
        Ok(listed(&self.find_load_balancer(&read::<Named>(params)?.load_balancer_arn)?.attributes))
    }

    pub(super) fn modify_load_balancer_attributes(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            attributes: Vec<KeyValue>,
        }
        let asked: Asked = read(params)?;
        let balancer = self.find_load_balancer_mut(&asked.load_balancer_arn)?;
        let known = attribute::of_load_balancer(&balancer.load_balancer_type);
        let texts = changed("Load balancer", &known, &balancer.attributes, &asked.attributes)?;
        for log in ["access_logs.s3", "connection_logs.s3", "health_check_logs.s3"] {
            let on = texts.get(&format!("{log}.enabled")).is_some_and(|v| v == "true");
            if on && texts.get(&format!("{log}.bucket")).is_none_or(String::is_empty) {
                return refuse(
                    "InvalidConfigurationRequest",
                    format!("The value of '{log}.bucket' cannot be empty"),
                );
            }
        }
        balancer.attributes = texts;
        Ok(listed(&balancer.attributes))
    }

    pub(super) fn describe_capacity_reservation(&self, params: &Value) -> Answer {
        let balancer = self.find_load_balancer(&read::<Named>(params)?.load_balancer_arn)?;
        Ok(match balancer.capacity_units {
            Some(units) => json!({"MinimumLoadBalancerCapacity": {"CapacityUnits": units}}),
            None => json!({}),
        })
    }

    pub(super) fn modify_capacity_reservation(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Capacity {
            capacity_units: i64,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            minimum_load_balancer_capacity: Option<Capacity>,
            #[serde(default)]
            reset_capacity_reservation: bool,
        }
        let asked: Asked = read(params)?;
        let balancer = self.find_load_balancer_mut(&asked.load_balancer_arn)?;
        balancer.capacity_units =
            match (asked.reset_capacity_reservation, asked.minimum_load_balancer_capacity) {
                (true, None) => None,
                (false, Some(capacity)) if capacity.capacity_units >= 100 => {
                    Some(capacity.capacity_units)
                }
                (false, Some(capacity)) => {
                    return refuse(
                        "InvalidConfigurationRequest",
                        format!(
                            "The minimum capacity is 100 capacity units, not {}",
                            capacity.capacity_units
                        ),
                    );
                }
                _ => {
                    return refuse(
                        "ValidationError",
                        "Either a capacity or its reset must be given",
                    );
                }
            };
        self.describe_capacity_reservation(&json!({"LoadBalancerArn": asked.load_balancer_arn}))
    }

    pub(super) fn modify_ip_pools(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Pools {
            ipv4_ipam_pool_id: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            load_balancer_arn: String,
            ipam_pools: Option<Pools>,
            #[serde(default)]
            remove_ipam_pools: Vec<String>,
        }
        let asked: Asked = read(params)?;
        let balancer = self.find_load_balancer_mut(&asked.load_balancer_arn)?;
        if balancer.scheme == "internal" {
            return refuse(
                "InvalidConfigurationRequest",
                "IPAM pools are for internet-facing load balancers only",
            );
        }
        balancer.ipv4_ipam_pool = match (asked.ipam_pools, asked.remove_ipam_pools.as_slice()) {
            (Some(pools), []) => Some(pools.ipv4_ipam_pool_id),
            (None, [pool]) if pool == "ipv4" => None,
            _ => return refuse("ValidationError", "Either a pool or its removal must be given"),
        };
        Ok(match &balancer.ipv4_ipam_pool {
            Some(pool) => json!({"IpamPools": {"Ipv4IpamPoolId": pool}}),
            None => json!({}),
        })
    }
}
