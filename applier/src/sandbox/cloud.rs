//! What the simulated account holds, and who answers which call.

use super::fault::Fault;
use super::iam::Iam;
use super::{certificate, listener, load_balancer, rule, security_group, target_group};
use crate::account::{CallError, Service};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Texts by name.
pub(super) type Texts = BTreeMap<String, String>;
/// What a call gives.
pub(super) type Answer = Result<Value, CallError>;

/// A refusal of the account.
pub(super) fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T, CallError> {
    Err(CallError::new(code, message))
}

/// Reads a call's parameters: what AWS does not know, it refuses.
pub(super) fn read<'p, T: Deserialize<'p>>(params: &'p Value) -> Result<T, CallError> {
    T::deserialize(params).map_err(|error| CallError::new("ValidationError", error.to_string()))
}

/// The account. Maps are sorted by ARN or id, so that equal accounts have equal files.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cloud {
    /// Of the file's format.
    pub(super) version: u32,
    pub(super) account_id: String,
    pub(super) region: String,
    pub(super) partition: String,
    pub(super) vpc_id: String,
    /// Creations so far; makes ids that are never used twice.
    pub(super) creations: u64,
    /// Quotas that differ from AWS's defaults, by the name that DescribeAccountLimits gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) quotas: BTreeMap<String, usize>,
    /// Failures to come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<Fault>,
    #[serde(default)]
    pub(super) subnets: BTreeMap<String, Subnet>,
    #[serde(default)]
    pub(super) security_groups: BTreeMap<String, security_group::SecurityGroup>,
    #[serde(default)]
    pub(super) certificates: BTreeMap<String, certificate::Certificate>,
    #[serde(default)]
    pub(super) trust_stores: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) elastic_ips: BTreeSet<String>,
    #[serde(default)]
    pub(super) load_balancers: BTreeMap<String, load_balancer::LoadBalancer>,
    #[serde(default)]
    pub(super) target_groups: BTreeMap<String, target_group::TargetGroup>,
    #[serde(default)]
    pub(super) listeners: BTreeMap<String, listener::Listener>,
    #[serde(default)]
    pub(super) rules: BTreeMap<String, rule::Rule>,
    /// Names by ARN.
    #[serde(default)]
    pub(super) web_acls: Texts,
    /// Web ACLs by the ARN of the load balancer.
    #[serde(default)]
    pub(super) web_acl_associations: Texts,
    /// Protection ids by the ARN of the load balancer.
    #[serde(default)]
    pub(super) protections: Texts,
    /// TargetGroupBindings of the cluster by `namespace/name`.
    #[serde(default)]
    pub(super) target_group_bindings: BTreeMap<String, Value>,
    /// Issuers of tokens, policies, roles.
    #[serde(default, skip_serializing_if = "Iam::is_empty")]
    pub(super) iam: Iam,
    #[serde(skip)]
    pub(super) index: Index,
}

/// A subnet of the VPC.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Subnet {
    pub(super) availability_zone: String,
    /// `availability-zone`, `local-zone`, `wavelength-zone` or `outpost`.
    pub(super) zone_type: String,
    pub(super) available_ip_address_count: i64,
    pub(super) ipv6: bool,
}

/// What would have to be searched for otherwise; made anew when a file is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// ARNs of load balancers and target groups by `lb/` or `tg/` and name.
    pub(super) names: BTreeMap<String, String>,
    /// Target groups by ARN, with the listeners and rules whose actions name them.
    pub(super) users: BTreeMap<String, BTreeSet<String>>,
    /// Target groups of each load balancer, with how many listeners and rules name them.
    pub(super) served: BTreeMap<String, BTreeMap<String, usize>>,
    /// Target groups by ARN, with the bindings that name them.
    pub(super) bindings: BTreeMap<String, BTreeSet<String>>,
}

impl Cloud {
    /// Answers a call; a refused call changes nothing.
    pub(super) fn answer(&mut self, service: Service, action: &str, params: &Value) -> Answer {
        let answer = match service {
            Service::ElasticLoadBalancing => self.elastic_load_balancing(action, params),
            Service::Ec2 => self.ec2(action, params),
            Service::Acm => self.acm(action, params),
            Service::Wafv2 => self.wafv2(action, params),
            Service::WafRegional => {
                Some(refuse("WAFUnavailableEntityException", "WAF Classic has ended on 2025-09-30"))
            }
            Service::Shield => self.shield(action, params),
            Service::Iam => self.iam(action, params),
            Service::Eks => self.eks(action, params),
            Service::Tagging => self.tagging(action, params),
            Service::Kubernetes => self.kubernetes(action, params),
        };
        answer.unwrap_or_else(|| {
            refuse("InvalidAction", format!("{service} does not know the action `{action}`"))
        })
    }

    fn elastic_load_balancing(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "CreateLoadBalancer" => self.create_load_balancer(params),
            "DescribeLoadBalancers" => self.describe_load_balancers(params),
            "DescribeLoadBalancerAttributes" => self.describe_load_balancer_attributes(params),
            "ModifyLoadBalancerAttributes" => self.modify_load_balancer_attributes(params),
            "SetSubnets" => self.set_subnets(params),
            "SetSecurityGroups" => self.set_security_groups(params),
            "SetIpAddressType" => self.set_ip_address_type(params),
            "ModifyIpPools" => self.modify_ip_pools(params),
            "DescribeCapacityReservation" => self.describe_capacity_reservation(params),
            "ModifyCapacityReservation" => self.modify_capacity_reservation(params),
            "DeleteLoadBalancer" => self.delete_load_balancer(params),
            "CreateTargetGroup" => self.create_target_group(params),
            "DescribeTargetGroups" => self.describe_target_groups(params),
            "DescribeTargetGroupAttributes" => self.describe_target_group_attributes(params),
            "ModifyTargetGroup" => self.modify_target_group(params),
            "ModifyTargetGroupAttributes" => self.modify_target_group_attributes(params),
            "DeleteTargetGroup" => self.delete_target_group(params),
            "RegisterTargets" => self.register_targets(params),
            "DeregisterTargets" => self.deregister_targets(params),
            "DescribeTargetHealth" => self.describe_target_health(params),
            "CreateListener" => self.create_listener(params),
            "DescribeListeners" => self.describe_listeners(params),
            "ModifyListener" => self.modify_listener(params),
            "DeleteListener" => self.delete_listener(params),
            "DescribeListenerAttributes" => self.describe_listener_attributes(params),
            "ModifyListenerAttributes" => self.modify_listener_attributes(params),
            "DescribeListenerCertificates" => self.describe_listener_certificates(params),
            "AddListenerCertificates" => self.add_listener_certificates(params),
            "RemoveListenerCertificates" => self.remove_listener_certificates(params),
            "CreateRule" => self.create_rule(params),
            "DescribeRules" => self.describe_rules(params),
            "ModifyRule" => self.modify_rule(params),
            "SetRulePriorities" => self.set_rule_priorities(params),
            "DeleteRule" => self.delete_rule(params),
            "AddTags" => self.add_tags(params),
            "RemoveTags" => self.remove_tags(params),
            "DescribeTags" => self.describe_tags(params),
            "DescribeAccountLimits" => self.describe_account_limits(),
            _ => return None,
        })
    }

    /// How many of something the account may have.
    pub(super) fn quota(&self, name: &str) -> usize {
        let default = super::quota::DEFAULTS.iter().find(|(known, _)| *known == name);
        self.quotas.get(name).copied().or(default.map(|(_, limit)| *limit)).unwrap_or(usize::MAX)
    }

    /// Hexadecimal digits that no other resource of this account has, the same in every run.
    pub(super) fn fresh_hex(&mut self, what: &str, digits: usize) -> String {
        self.creations += 1;
        self.hex_of(&format!("{what}\0{}", self.creations), digits)
    }

    /// Hexadecimal digits that belong to a text in this account.
    pub(super) fn hex_of(&self, what: &str, digits: usize) -> String {
        let mut hash = Sha256::new();
        for part in [&self.account_id, &self.region, what] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()[..digits]
            .to_owned()
    }

    /// An ARN of this account and region.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account_id)
    }

    /// Makes the index from what is held.
    pub(super) fn reindex(&mut self) {
        let mut index = Index::default();
        for (arn, balancer) in &self.load_balancers {
            index.names.insert(format!("lb/{}", balancer.name), arn.clone());
        }
        for (arn, group) in &self.target_groups {
            index.names.insert(format!("tg/{}", group.name), arn.clone());
        }
        for (key, binding) in &self.target_group_bindings {
            index.bind(key, binding);
        }
        self.index = index;
        let listeners = self.listeners.iter().map(|(arn, listener)| {
            (arn.clone(), super::action::target_groups(&listener.default_actions))
        });
        let rules = self
            .rules
            .iter()
            .map(|(arn, rule)| (arn.clone(), super::action::target_groups(&rule.actions)));
        let users: Vec<_> = listeners.chain(rules).collect();
        for (user, groups) in users {
            self.index.adopt(&user, &groups);
        }
    }
}

impl Index {
    /// Notes that a binding names its target group.
    pub(super) fn bind(&mut self, key: &str, binding: &Value) {
        let group = binding["spec"]["targetGroupARN"].as_str().unwrap_or_default();
        self.bindings.entry(group.to_owned()).or_default().insert(key.to_owned());
    }

    /// Notes that a binding is gone.
    pub(super) fn unbind(&mut self, key: &str, binding: &Value) {
        let group = binding["spec"]["targetGroupARN"].as_str().unwrap_or_default();
        let Some(keys) = self.bindings.get_mut(group) else { return };
        keys.remove(key);
        if keys.is_empty() {
            self.bindings.remove(group);
        }
    }

    /// Notes that the actions of a listener or rule name these target groups.
    pub(super) fn adopt(&mut self, user: &str, groups: &BTreeSet<String>) {
        let balancer = super::load_balancer_of(user);
        for group in groups {
            if self.users.entry(group.clone()).or_default().insert(user.to_owned()) {
                *self
                    .served
                    .entry(balancer.clone())
                    .or_default()
                    .entry(group.clone())
                    .or_default() += 1;
            }
        }
    }

    /// Notes that the actions of a listener or rule no longer name these target groups.
    pub(super) fn release(&mut self, user: &str, groups: &BTreeSet<String>) {
        let balancer = super::load_balancer_of(user);
        for group in groups {
            let Some(users) = self.users.get_mut(group) else { continue };
            if !users.remove(user) {
                continue;
            }
            if users.is_empty() {
                self.users.remove(group);
            }
            if let Some(served) = self.served.get_mut(&balancer) {
                match served.get_mut(group) {
                    Some(count) if *count > 1 => *count -= 1,
                    _ => {
                        served.remove(group);
                    }
                }
            }
        }
    }

    /// The load balancers that serve a target group.
    pub(super) fn load_balancers_of(&self, group: &str) -> BTreeSet<String> {
        let users = self.users.get(group).into_iter().flatten();
        users.map(|user| super::load_balancer_of(user)).collect()
    }
}
