//! Rules of listeners of the simulated account.

use super::action::{Action, target_groups};
use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::condition::{Condition, Transform, check_transforms};
use super::tag::{self, Tag};
use crate::account::CallError;
use crate::kind::listener_rule::listener_of;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rule {
    priority: i32,
    conditions: Vec<Condition>,
    pub(super) actions: Vec<Action>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transforms: Vec<Transform>,
    pub(super) tags: Texts,
}

impl Cloud {
    pub(super) fn create_rule(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            listener_arn: String,
            priority: i32,
            conditions: Vec<Condition>,
            actions: Vec<Action>,
            #[serde(default)]
            transforms: Vec<Transform>,
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        let listener = self.find_listener(&asked.listener_arn)?;
        check_priority(asked.priority)?;
        let balancer = super::load_balancer_of(&asked.listener_arn);
        let protocol = listener.protocol.clone();
        let tags = tag::checked(asked.tags, &Texts::new(), self.quota("tags-per-resource"))?;
        let conditions = self.checked_conditions(asked.conditions)?;
        check_transforms(&asked.transforms)?;
        let actions = self.checked_actions(&balancer, &protocol, asked.actions, &[])?;
        let taken = self.rules_of(&asked.listener_arn);
        if taken.iter().any(|arn| self.rules[arn].priority == asked.priority) {
            return priority_in_use(asked.priority);
        }
        let limit = self.quota("rules-per-application-load-balancer");
        let held: usize =
            self.listeners_of(&balancer).iter().map(|arn| self.rules_of(arn).len()).sum();
        if held >= limit {
            return refuse(
                "TooManyRules",
                format!(
                    "The maximum number of rules on load balancer '{balancer}' has been reached"
                ),
            );
        }
        let hex = self.fresh_hex(&asked.listener_arn, 16);
        let arn =
            format!("{}/{hex}", asked.listener_arn.replacen(":listener/", ":listener-rule/", 1));
        self.index.adopt(&arn, &target_groups(&actions));
        self.rules.insert(
            arn.clone(),
            Rule {
                priority: asked.priority,
                conditions,
                actions,
                transforms: asked.transforms,
                tags,
            },
        );
        Ok(json!({"Rules": [self.rule(&arn)?]}))
    }

    pub(super) fn modify_rule(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            rule_arn: String,
            conditions: Option<Vec<Condition>>,
            actions: Option<Vec<Action>>,
            transforms: Option<Vec<Transform>>,
            #[serde(default)]
            reset_transforms: bool,
        }
        let asked: Asked = read(params)?;
        self.check_not_default(&asked.rule_arn, "modified")?;
        let mut rule = self.find_rule(&asked.rule_arn)?.clone();
        let balancer = super::load_balancer_of(&asked.rule_arn);
        if let Some(conditions) = asked.conditions {
            rule.conditions = self.checked_conditions(conditions)?;
        }
        if asked.reset_transforms && asked.transforms.is_some() {
            return refuse("ValidationError", "Transforms cannot be both given and reset");
        }
        if asked.reset_transforms {
            rule.transforms.clear();
        }
        if let Some(transforms) = asked.transforms {
            check_transforms(&transforms)?;
            rule.transforms = transforms;
        }
        let before = target_groups(&rule.actions);
        if let Some(actions) = asked.actions {
            let protocol = &self.find_listener(&listener_of(&asked.rule_arn))?.protocol;
            rule.actions = self.checked_actions(&balancer, protocol, actions, &rule.actions)?;
        }
        self.index.release(&asked.rule_arn, &before);
        self.index.adopt(&asked.rule_arn, &target_groups(&rule.actions));
        self.rules.insert(asked.rule_arn.clone(), rule);
        Ok(json!({"Rules": [self.rule(&asked.rule_arn)?]}))
    }

    pub(super) fn set_rule_priorities(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Pair {
            rule_arn: String,
            priority: i32,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            rule_priorities: Vec<Pair>,
        }
        let asked: Asked = read(params)?;
        let mut wanted: BTreeMap<String, i32> = BTreeMap::new();
        for pair in asked.rule_priorities {
            self.check_not_default(&pair.rule_arn, "given a priority")?;
            self.find_rule(&pair.rule_arn)?;
            check_priority(pair.priority)?;
            if wanted.insert(pair.rule_arn.clone(), pair.priority).is_some() {
                return refuse(
                    "ValidationError",
                    format!("Rule '{}' is given twice", pair.rule_arn),
                );
            }
        }
        let listeners: std::collections::BTreeSet<_> =
            wanted.keys().map(|arn| listener_of(arn)).collect();
        for listener in listeners {
            let mut taken = std::collections::BTreeSet::new();
            for arn in self.rules_of(&listener) {
                let priority = wanted.get(&arn).copied().unwrap_or(self.rules[&arn].priority);
                if !taken.insert(priority) {
                    return priority_in_use(priority);
                }
            }
        }
        for (arn, priority) in &wanted {
            if let Some(rule) = self.rules.get_mut(arn) {
                rule.priority = *priority;
            }
        }
        let rules = wanted.keys().map(|arn| self.rule(arn)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"Rules": rules}))
    }

    pub(super) fn delete_rule(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            rule_arn: String,
        }
        let arn = read::<Asked>(params)?.rule_arn;
        self.check_not_default(&arn, "deleted")?;
        self.find_rule(&arn)?;
        self.drop_rule(&arn);
        Ok(json!({}))
    }

    /// Takes a rule out of the account.
    pub(super) fn drop_rule(&mut self, arn: &str) {
        if let Some(rule) = self.rules.remove(arn) {
            self.index.release(arn, &target_groups(&rule.actions));
        }
    }

    /// ARNs of a listener's rules without the default rule.
    pub(super) fn rules_of(&self, listener: &str) -> Vec<String> {
        let prefix = format!("{}/", listener.replacen(":listener/", ":listener-rule/", 1));
        let range = self.rules.range(prefix.clone()..);
        range.map(|(arn, _)| arn).take_while(|arn| arn.starts_with(&prefix)).cloned().collect()
    }

    fn find_rule(&self, arn: &str) -> Result<&Rule, CallError> {
        self.rules
            .get(arn)
            .ok_or_else(|| CallError::new("RuleNotFound", format!("Rule '{arn}' not found")))
    }

    fn check_not_default(&self, arn: &str, what: &str) -> Result<(), CallError> {
        if self.default_rule_of(&listener_of(arn)).as_deref() == Some(arn) {
            return refuse(
                "OperationNotPermitted",
                format!("Default rule '{arn}' cannot be {what}"),
            );
        }
        Ok(())
    }

    /// The rule as AWS describes it.
    fn rule(&self, arn: &str) -> Answer {
        if self.default_rule_of(&listener_of(arn)).as_deref() == Some(arn) {
            let listener = self.find_listener(&listener_of(arn))?;
            return Ok(json!({
                "RuleArn": arn,
                "Priority": "default",
                "IsDefault": true,
                "Conditions": [],
                "Actions": listener.default_actions,
            }));
        }
        let rule = self.find_rule(arn)?;
        Ok(json!({
            "RuleArn": arn,
            "Priority": rule.priority.to_string(),
            "IsDefault": false,
            "Conditions": rule.conditions,
            "Actions": rule.actions,
            "Transforms": rule.transforms,
        }))
    }

    pub(super) fn describe_rules(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            listener_arn: Option<String>,
            rule_arns: Option<Vec<String>>,
        }
        let asked: Asked = read(params)?;
        let arns = match (asked.rule_arns, asked.listener_arn) {
            (Some(arns), _) => arns,
            (None, Some(listener)) => {
                self.find_listener(&listener)?;
                let mut arns = self.rules_of(&listener);
                arns.sort_by_key(|arn| self.rules[arn].priority);
                arns.extend(self.default_rule_of(&listener));
                arns
            }
            (None, None) => {
                return refuse(
                    "ValidationError",
                    "Either rule ARNs or a listener ARN must be specified",
                );
            }
        };
        let found = arns.iter().map(|arn| self.rule(arn)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"Rules": found}))
    }
}

fn check_priority(priority: i32) -> Result<(), CallError> {
    if (1..=50_000).contains(&priority) {
        return Ok(());
    }
    refuse("ValidationError", format!("Priority {priority} is not between 1 and 50000"))
}

fn priority_in_use<T>(priority: i32) -> Result<T, CallError> {
    refuse("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}
