//! Tags of the simulated account: quotas, reading, adding, removing, and finding by them.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use crate::account::CallError;
use serde::Deserialize;
use serde_json::{Value, json};

/// One tag as calls give it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

/// As [`checked_length`], for all services but EC2, which takes any character.
pub(super) fn checked(asked: Vec<Tag>, current: &Texts, limit: usize) -> Result<Texts, CallError> {
    for Tag { key, value } in &asked {
        let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
        if let Some(bad) = key.chars().chain(value.chars()).find(|c| !allowed(*c)) {
            return refuse(
                "ValidationError",
                format!("The tag '{key}' holds the character '{bad}'"),
            );
        }
    }
    checked_length(asked, current, limit)
}

/// The current tags with the asked ones over them, within AWS's limits.
pub(super) fn checked_length(
    asked: Vec<Tag>,
    current: &Texts,
    limit: usize,
) -> Result<Texts, CallError> {
    let mut tags = current.clone();
    let mut given = std::collections::BTreeSet::new();
    for Tag { key, value } in asked {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return refuse(
                "ValidationError",
                format!(
                    "The tag '{key}' is not valid: keys have 1 to 128 characters, values up to 256"
                ),
            );
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return refuse("ValidationError", format!("The tag key '{key}' is reserved for AWS"));
        }
        if !given.insert(key.clone()) {
            return refuse("DuplicateTagKeys", format!("The tag key '{key}' is given twice"));
        }
        tags.insert(key, value);
    }
    if tags.len() > limit {
        return refuse("TooManyTags", format!("A resource can have at most {limit} tags"));
    }
    Ok(tags)
}

/// Tags as AWS lists them.
pub(super) fn listed(tags: &Texts) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

impl Cloud {
    /// The tags of a resource of Elastic Load Balancing.
    fn elb_tags_mut(&mut self, arn: &str) -> Result<&mut Texts, CallError> {
        let code = match resource_type(arn) {
            "loadbalancer" => "LoadBalancerNotFound",
            "targetgroup" => "TargetGroupNotFound",
            "listener" => "ListenerNotFound",
            "listener-rule" => "RuleNotFound",
            _ => return refuse("ValidationError", format!("'{arn}' is not a valid resource ARN")),
        };
        let tags = match resource_type(arn) {
            "loadbalancer" => self.load_balancers.get_mut(arn).map(|it| &mut it.tags),
            "targetgroup" => self.target_groups.get_mut(arn).map(|it| &mut it.tags),
            "listener" => self.listeners.get_mut(arn).map(|it| &mut it.tags),
            _ => self.rules.get_mut(arn).map(|it| &mut it.tags),
        };
        tags.ok_or_else(|| CallError::new(code, format!("'{arn}' not found")))
    }

    pub(super) fn add_tags(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            resource_arns: Vec<String>,
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        check_arns(&asked.resource_arns)?;
        let limit = self.quota("tags-per-resource");
        let mut changed = Vec::new();
        for arn in &asked.resource_arns {
            let tags = checked(asked.tags.clone(), self.elb_tags_mut(arn)?, limit)?;
            changed.push((arn, tags));
        }
        for (arn, tags) in changed {
            *self.elb_tags_mut(arn)? = tags;
        }
        Ok(json!({}))
    }

    pub(super) fn remove_tags(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            resource_arns: Vec<String>,
            tag_keys: Vec<String>,
        }
        let asked: Asked = read(params)?;
        check_arns(&asked.resource_arns)?;
        for arn in &asked.resource_arns {
            self.elb_tags_mut(arn)?;
        }
        for arn in &asked.resource_arns {
            self.elb_tags_mut(arn)?.retain(|key, _| !asked.tag_keys.contains(key));
        }
        Ok(json!({}))
    }

    pub(super) fn describe_tags(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            resource_arns: Vec<String>,
        }
        let asked: Asked = read(params)?;
        check_arns(&asked.resource_arns)?;
        let mut descriptions = Vec::new();
        for arn in &asked.resource_arns {
            descriptions.push(json!({"ResourceArn": arn, "Tags": listed(self.elb_tags_mut(arn)?)}));
        }
        Ok(json!({"TagDescriptions": descriptions}))
    }

    /// The Resource Groups Tagging API.
    pub(super) fn tagging(&self, action: &str, params: &Value) -> Option<Answer> {
        (action == "GetResources").then(|| self.get_resources(params))
    }

    fn get_resources(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Filter {
            key: String,
            #[serde(default)]
            values: Vec<String>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            #[serde(default)]
            tag_filters: Vec<Filter>,
            #[serde(default)]
            resource_type_filters: Vec<String>,
        }
        let asked: Asked = read(params)?;
        let groups = self.security_groups.iter().map(|(id, group)| {
            (self.arn("ec2", &format!("security-group/{id}")), "ec2:security-group", &group.tags)
        });
        let elb = |kind: &'static str| move |(arn, tags)| (Clone::clone(arn), kind, tags);
        let all = groups
            .chain(
                self.certificates
                    .iter()
                    .map(|(arn, it)| (arn.clone(), "acm:certificate", &it.tags)),
            )
            .chain(
                self.load_balancers
                    .iter()
                    .map(|(arn, it)| (arn, &it.tags))
                    .map(elb("elasticloadbalancing:loadbalancer")),
            )
            .chain(
                self.target_groups
                    .iter()
                    .map(|(arn, it)| (arn, &it.tags))
                    .map(elb("elasticloadbalancing:targetgroup")),
            )
            .chain(
                self.listeners
                    .iter()
                    .map(|(arn, it)| (arn, &it.tags))
                    .map(elb("elasticloadbalancing:listener")),
            )
            .chain(
                self.rules
                    .iter()
                    .map(|(arn, it)| (arn, &it.tags))
                    .map(elb("elasticloadbalancing:listener-rule")),
            );
        let wanted = |kind: &str| {
            asked.resource_type_filters.is_empty()
                || asked
                    .resource_type_filters
                    .iter()
                    .any(|filter| filter == kind || kind.split(':').next() == Some(filter.as_str()))
        };
        let mut found: Vec<Value> = all
            .filter(|(_, kind, _)| wanted(kind))
            .filter(|(_, _, tags)| {
                asked.tag_filters.iter().all(|filter| {
                    tags.get(&filter.key).is_some_and(|value| {
                        filter.values.is_empty() || filter.values.contains(value)
                    })
                })
            })
            .map(|(arn, _, tags)| json!({"ResourceARN": arn, "Tags": listed(tags)}))
            .collect();
        found.sort_by(|a, b| a["ResourceARN"].as_str().cmp(&b["ResourceARN"].as_str()));
        Ok(json!({"ResourceTagMappingList": found}))
    }
}

fn check_arns(arns: &[String]) -> Result<(), CallError> {
    if arns.is_empty() || arns.len() > 20 {
        return refuse("ValidationError", "1 to 20 resource ARNs must be specified");
    }
    Ok(())
}

/// `loadbalancer`, `targetgroup`, `listener`, `listener-rule`, or something else.
fn resource_type(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    resource.split('/').next().unwrap_or_default()
}
