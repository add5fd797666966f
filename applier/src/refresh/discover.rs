//! Finds what is a cluster's and no state knows, so that a lost state can be rebuilt from AWS.

use super::fetch::{Ask, Found, at_once};
use super::{object, spec_text, unknown_rules};
use crate::account::{Account, Call, Service};
use crate::attribute::{self, Attribute};
use crate::error::Error;
use crate::kind::{attributes, certificate, items, tags, target_group_binding, text};
use ingc_compiler::resource::{Address, Kind, Output, Tags};
use ingc_compiler::tag;
use ingc_planner::diff::attribute_default;
use ingc_planner::state::{Pairs, SpecText};
use ingc_planner::{Live, LiveObject, Recorded, State};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Reads what the state holds, as [`super::refresh`] does, and what else carries the cluster's
/// tags or hangs on a load balancer that does.
///
/// # Errors
/// If AWS refuses a question.
pub async fn discover<A: Account>(
    account: &A,
    state: &State,
    wanted: impl Fn(&str) -> bool,
) -> Result<Live, Error> {
    let mut live = super::refresh(account, state, &wanted).await?;
    let ask = Ask::new(account);
    let mut tagged = ask.tagged(state, &wanted).await?;
    ask.add_listeners(state, &mut tagged, &wanted).await?;
    let mut entries: BTreeMap<Address, Recorded> =
        tagged.into_iter().map(|(address, id)| (address.clone(), entry(&address, &id))).collect();
    let found = ask.fetch(entries.iter()).await?;
    let read = at_once(entries.iter_mut().map(async |(address, recorded)| {
        let Some(basis) = ask.basis(address, recorded, &found).await? else { return Ok(None) };
        recorded.spec = SpecText::from_value(&basis);
        let read = object::read(&ask, &found, address, &basis, recorded).await?;
        Ok(read.flatten().map(|object| (address.clone(), Some(object))))
    }));
    live.objects.extend(read.await?.into_iter().flatten());
    ask.add_untagged(state, &mut live).await?;
    let listeners: Vec<_> =
        entries.iter().map(|(a, recorded)| (a.clone(), None, recorded)).collect();
    live.rules.extend(unknown_rules(&state.cluster, &found, &listeners));
    Ok(live)
}

/// The output that is the id of a kind's objects.
fn identity(kind: Kind) -> Option<Output> {
    Some(match kind {
        Kind::Certificate => Output::CertificateArn,
        Kind::SecurityGroup => Output::GroupId,
        Kind::Listener => Output::ListenerArn,
        Kind::LoadBalancer => Output::LoadBalancerArn,
        Kind::TargetGroup => Output::TargetGroupArn,
        _ => return None,
    })
}

/// An entry of which nothing but its id is known.
pub(super) fn entry(address: &Address, id: &str) -> Recorded {
    let outputs: Pairs = identity(address.kind).map(|it| (it.name(), id)).into_iter().collect();
    Recorded::found(SpecText::new("null"), outputs)
}

/// Where tags say that an object belongs.
fn address(kind: Kind, tags: &Tags) -> Option<Address> {
    match (tags.get(tag::STACK), tags.get(tag::RESOURCE), tags.get(tag::CLUSTER_RESOURCE)) {
        (Some(stack), Some(id), _) => Some(Address::new(stack, kind, id)),
        (_, _, Some(id)) => Some(Address::new(tag::CLUSTER_STACK, kind, id)),
        _ => None,
    }
}

/// The kind of an object and its id, by its ARN.
fn kind_of(arn: &str) -> Option<(Kind, &str)> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let (kind, rest) = resource.split_once('/')?;
    Some(match kind {
        "loadbalancer" => (Kind::LoadBalancer, arn),
        "targetgroup" => (Kind::TargetGroup, arn),
        "certificate" => (Kind::Certificate, arn),
        "security-group" => (Kind::SecurityGroup, rest),
        _ => return None,
    })
}

/// Attributes as a spec lists them. One at a default that a plan does not know is left out, since
/// the plan would take it for somebody's.
fn listed(kind: Kind, known: &[Attribute], settings: &attributes::Settings) -> Value {
    let listed = settings.iter().filter(|(key, value)| {
        // What is of no use to a kind is shown as empty.
        let is_blank = value.is_empty() && attribute::default_of(known, key).is_none();
        !is_blank
    });
    let listed = listed.filter(|(key, value)| {
        attribute::default_of(known, key) != Some(value.as_str())
            || attribute_default(kind, key) == Some(value.as_str())
    });
    let (key, value) = if kind == Kind::Listener { ("Key", "Value") } else { ("key", "value") };
    Value::from_iter(listed.map(|(k, v)| json!({key: k, value: v})))
}

impl<A: Account> Ask<'_, A> {
    /// Ids of what carries the cluster's tags and is not recorded, by the address that the tags
    /// tell. Of two that tell the same one that a load balancer uses comes first.
    async fn tagged(
        &self,
        state: &State,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<Address, String>, Error> {
        let mut found: BTreeMap<Address, String> = BTreeMap::new();
        for (address, id) in self.unrecorded(state, wanted).await? {
            if state.get(&address).is_some()
                || found.contains_key(&address) && !self.serves(address.kind, &id).await?
            {
                continue;
            }
            found.insert(address, id);
        }
        Ok(found)
    }

    /// All that carries the cluster's tags and is not recorded, but for listeners and rules.
    pub(crate) async fn unrecorded(
        &self,
        state: &State,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<Vec<(Address, String)>, Error> {
        let filters = json!([{"Key": tag::CLUSTER, "Values": [state.cluster]}]);
        let call = Call::new(Service::Tagging, "GetResources", json!({"TagFilters": filters}));
        let answer = self.one(call).await?.unwrap_or_default();
        let known = recorded_ids(state);
        let mut found = Vec::new();
        for resource in items(&answer["ResourceTagMappingList"]) {
            let arn = text(&resource["ResourceARN"]);
            let Some((kind, id)) = kind_of(arn).filter(|(_, id)| !known.contains(id)) else {
                continue;
            };
            let Some(address) = address(kind, &tags::read(&resource["Tags"])) else { continue };
            if wanted(&address.stack) {
                found.push((address, id.to_owned()));
            }
        }
        Ok(found)
    }

    /// True for a target group that a load balancer uses.
    async fn serves(&self, kind: Kind, id: &str) -> Result<bool, Error> {
        if kind != Kind::TargetGroup {
            return Ok(false);
        }
        let call = Call::elb("DescribeTargetGroups", json!({"TargetGroupArns": [id]}));
        let answer = self.one(call).await?.unwrap_or_default();
        Ok(!items(&answer["TargetGroups"][0]["LoadBalancerArns"]).is_empty())
    }

    /// Listeners of load balancers that were found or are recorded.
    async fn add_listeners(
        &self,
        state: &State,
        found: &mut BTreeMap<Address, String>,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let balancers = balancers(state, found);
        let listeners = at_once(balancers.iter().map(async |(balancer, arn)| {
            self.listeners_on(&state.cluster, &balancer.stack, arn).await
        }));
        for (at, arn) in listeners.await?.into_iter().flatten() {
            if wanted(&at.stack) && state.get(&at).is_none() {
                found.insert(at, arn);
            }
        }
        Ok(())
    }

    /// Listeners of a load balancer that carry a stack's tags.
    pub(super) async fn listeners_on(
        &self,
        cluster: &str,
        stack: &str,
        balancer: &str,
    ) -> Result<Vec<(Address, String)>, Error> {
        let call = Call::elb("DescribeListeners", json!({"LoadBalancerArn": balancer}));
        let answer = self.one(call).await?.unwrap_or_default();
        let arns: Vec<&str> =
            items(&answer["Listeners"]).iter().map(|it| text(&it["ListenerArn"])).collect();
        let mut found = Vec::new();
        for chunk in arns.chunks(20) {
            let call = Call::elb("DescribeTags", json!({"ResourceArns": chunk}));
            let answer = self.one(call).await?.unwrap_or_default();
            for described in items(&answer["TagDescriptions"]) {
                let tags = tags::read(&described["Tags"]);
                let Some(at) = address(Kind::Listener, &tags) else { continue };
                if tags.get(tag::CLUSTER).map(String::as_str) == Some(cluster) && at.stack == stack
                {
                    found.push((at, text(&described["ResourceArn"]).to_owned()));
                }
            }
        }
        Ok(found)
    }

    /// What an object would have been applied with, as far as AWS's own defaults do not say it.
    pub(super) async fn basis(
        &self,
        address: &Address,
        recorded: &Recorded,
        found: &Found,
    ) -> Result<Option<Value>, Error> {
        let Some(id) = identity(address.kind).and_then(|it| recorded.outputs.get(it.name())) else {
            return Ok(None);
        };
        let described = found.described.get(id);
        let settings = async |action: &'static str, parameter: &str| {
            let answer = self.one(Call::elb(action, json!({parameter: id}))).await?;
            Ok::<_, Error>(attributes::read(&answer.unwrap_or_default()))
        };
        Ok(match (address.kind, described) {
            (Kind::LoadBalancer, Some(there)) => {
                let known = attribute::of_load_balancer(text(&there["Type"]));
                let now = settings("DescribeLoadBalancerAttributes", "LoadBalancerArn").await?;
                let mut basis = json!({
                    "ipAddressType": "", "name": "", "scheme": "", "type": "",
                    "loadBalancerAttributes": listed(address.kind, &known, &now),
                });
                let call = Call::elb("DescribeCapacityReservation", json!({"LoadBalancerArn": id}));
                let reserved = self.one(call).await?.unwrap_or_default();
                if reserved["MinimumLoadBalancerCapacity"].is_object() {
                    basis["minimumLoadBalancerCapacity"] = json!({"capacityUnits": 0});
                }
                Some(basis)
            }
            (Kind::TargetGroup, Some(there)) => {
                let known = attribute::of_target_group(text(&there["Protocol"]));
                let now = settings("DescribeTargetGroupAttributes", "TargetGroupArn").await?;
                let mut check = serde_json::Map::new();
                for (field, name, blank) in [
                    ("healthyThresholdCount", "HealthyThresholdCount", json!(0)),
                    ("intervalSeconds", "HealthCheckIntervalSeconds", json!(0)),
                    ("matcher", "Matcher", json!({})),
                    ("path", "HealthCheckPath", json!("")),
                    ("port", "HealthCheckPort", json!("")),
                    ("protocol", "HealthCheckProtocol", json!("")),
                    ("timeoutSeconds", "HealthCheckTimeoutSeconds", json!(0)),
                    ("unhealthyThresholdCount", "UnhealthyThresholdCount", json!(0)),
                ] {
                    if !there[name].is_null() {
                        check.insert(field.to_owned(), blank);
                    }
                }
                let mut basis = json!({
                    "healthCheckConfig": check, "ipAddressType": "", "name": "", "port": 0,
                    "protocol": "", "targetType": "",
                    "targetGroupAttributes": listed(address.kind, &known, &now),
                });
                if there["ProtocolVersion"].is_string() {
                    basis["protocolVersion"] = json!("");
                }
                Some(basis)
            }
            (Kind::Listener, Some(there)) => {
                let known = attribute::of_listener(text(&there["Protocol"]));
                let now = settings("DescribeListenerAttributes", "ListenerArn").await?;
                let listed = listed(address.kind, &known, &now);
                Some(
                    json!({"loadBalancerARN": "", "port": 0, "protocol": "", "listenerAttributes": listed}),
                )
            }
            (Kind::SecurityGroup, Some(_)) => Some(json!({"description": "", "groupName": ""})),
            (Kind::Certificate, _) => {
                let call =
                    Call::new(Service::Acm, "DescribeCertificate", json!({"CertificateArn": id}));
                let Some(answer) = self.one(call).await? else { return Ok(None) };
                let mut basis = certificate::from_aws(&answer["Certificate"]);
                // What a request leaves open AWS shows as it has filled it in.
                if basis.key_algorithm == "RSA_2048" {
                    basis.key_algorithm.clear();
                }
                if basis.validation_method.is_empty() {
                    "DNS".clone_into(&mut basis.validation_method);
                }
                serde_json::to_value(basis).ok()
            }
            _ => None,
        })
    }

    /// What has no tags of its own: it hangs on a load balancer or binds a target group.
    async fn add_untagged(&self, state: &State, live: &mut Live) -> Result<(), Error> {
        let output = |kind: Kind, output: Output| -> BTreeMap<String, Address> {
            let of = live.objects.iter().filter(|(address, _)| address.kind == kind);
            of.filter_map(|(address, object)| {
                let arn = object.as_ref()?.outputs.get(output.name())?;
                Some((arn.to_owned(), address.clone()))
            })
            .collect()
        };
        let balancers = output(Kind::LoadBalancer, Output::LoadBalancerArn);
        let groups = output(Kind::TargetGroup, Output::TargetGroupArn);
        // Those whose target is a load balancer.
        let balanced: Vec<(&String, &Address, Value)> = groups
            .iter()
            .filter_map(|(arn, at)| {
                let spec = live.objects.get(at)?.as_ref()?.spec.value();
                (text(&spec["targetType"]) == "alb").then_some((arn, at, spec))
            })
            .collect();
        let mut add = |at: Address, spec: Value| {
            if state.get(&at).is_none() {
                let object =
                    LiveObject { spec: spec_text(&spec), outputs: Pairs::new(), tracking: None };
                live.objects.insert(at, Some(object));
            }
        };
        let hang_on = at_once(balancers.iter().map(async |(arn, at)| {
            let on = json!({"ResourceArn": arn});
            let call = Call::new(Service::Wafv2, "GetWebACLForResource", on.clone());
            let acl = self.one(call).await?.unwrap_or_default();
            // None at all is what manifests may ask for, too.
            let acl = json!({"resourceARN": arn, "webACLARN": text(&acl["WebACL"]["ARN"])});
            let call = Call::new(Service::Shield, "DescribeProtection", on);
            let shield = json!({"enabled": self.one(call).await?.is_some(), "resourceARN": arn});
            Ok([(at, Kind::WebAclAssociation, acl), (at, Kind::Protection, shield)])
        }));
        for (at, kind, spec) in hang_on.await?.into_iter().flatten() {
            add(Address::new(at.stack.as_str(), kind, at.id.as_str()), spec);
        }
        let targets = at_once(balanced.iter().map(async |(arn, at, group)| {
            let call = Call::elb("DescribeTargetHealth", json!({"TargetGroupArn": arn}));
            let health = self.one(call).await?.unwrap_or_default();
            let target = &health["TargetHealthDescriptions"][0]["Target"];
            let name = text(&group["name"]).to_owned();
            let record = json!({
                "ARN": arn, "Name": name, "Port": group["port"],
                "TargetARN": target["Id"], "TargetPort": target["Port"],
            });
            Ok(target.is_object().then(|| (at.stack.clone(), name, record)))
        }));
        let mut fronts: BTreeMap<String, serde_json::Map<String, Value>> = BTreeMap::new();
        for (stack, name, record) in targets.await?.into_iter().flatten() {
            fronts.entry(stack.to_string()).or_default().insert(name, record);
        }
        for (stack, targets) in fronts {
            let at = Address::new(stack, Kind::FrontendNlbTargetGroups, FRONT);
            add(at, json!({"TargetGroups": targets}));
        }
        let Some(Some(all)) = self.binding(target_group_binding::list()).await? else {
            return Ok(());
        };
        for binding in items(&all["items"]) {
            let group = groups.get(text(&binding["spec"]["targetGroupARN"]));
            let template = json!({"metadata": binding["metadata"], "spec": binding["spec"]});
            let typed = serde_json::from_value(json!({"template": template}));
            let typed: Option<ingc_compiler::resource::TargetGroupBinding> = typed.ok();
            if let (Some(group), Some(typed)) = (group, typed) {
                let at =
                    Address::new(group.stack.as_str(), Kind::TargetGroupBinding, group.id.as_str());
                add(at, serde_json::to_value(typed).unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The id of the record of a frontend NLB's targets, of which a stack has one.
const FRONT: &str = "FrontendNLBTargetGroup";

/// All outputs of what the state holds.
pub(super) fn recorded_ids(state: &State) -> BTreeSet<&str> {
    let stacks = state.stacks.values();
    let objects = stacks.flat_map(|stack| {
        let deposed = stack.deposed.values().map(|it| &it.object);
        stack.resources.values().chain(deposed)
    });
    objects.flat_map(|object| object.outputs.iter().map(|(_, value)| value)).collect()
}

/// Load balancers by address: recorded ones and found ones.
fn balancers(state: &State, found: &BTreeMap<Address, String>) -> Vec<(Address, String)> {
    let arn = Output::LoadBalancerArn.name();
    let recorded = state.stacks.iter().flat_map(|(name, stack)| {
        stack.resources.iter().filter_map(move |(local, object)| {
            let address = ingc_planner::state::local_address(name, local)?;
            let arn = object.outputs.get(arn).filter(|_| address.kind == Kind::LoadBalancer)?;
            Some((address, arn.to_owned()))
        })
    });
    let found = found.iter().filter(|(address, _)| address.kind == Kind::LoadBalancer);
    recorded.chain(found.map(|(address, arn)| (address.clone(), arn.clone()))).collect()
}
