//! Load balancers.

use super::part::{Parts, Wanted};
use super::{attributes, items, literal, output, tags, text};
use crate::account::{Account, Call};
use crate::attribute::of_load_balancer;
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{LoadBalancer, Output, SubnetMapping, Tags, Token};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &LoadBalancer,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let mut params = json!({
        "Name": spec.name,
        "Type": spec.load_balancer_type,
        "Scheme": spec.scheme,
        "IpAddressType": spec.ip_address_type,
        "SubnetMappings": subnets(&spec.subnet_mapping),
        "Tags": tags::listed(&wanted),
    });
    if !spec.security_groups.is_empty() {
        params["SecurityGroups"] = json!(texts(&spec.security_groups));
    }
    if let Some(pool) = &spec.customer_owned_ipv4_pool {
        params["CustomerOwnedIpv4Pool"] = json!(pool);
    }
    if let Some(pool) = &spec.ipv4_ipam_pool {
        params["IpamPools"] = json!({"Ipv4IpamPoolId": pool});
    }
    let answer = match hand.call(Call::elb("CreateLoadBalancer", params)).await {
        Err(failure) if failure.is(&["DuplicateLoadBalancerName"]) => {
            hand.call(Call::elb("DescribeLoadBalancers", json!({"Names": [spec.name]}))).await?
        }
        other => other?,
    };
    let made = &answer["LoadBalancers"][0];
    let outputs = outputs(made);
    let arn = output(hand, &outputs, Output::LoadBalancerArn.name())?.to_owned();
    let what = format!("load balancer `{}`", spec.name);
    hand.check_new(&arn, &what)?;
    let has = tags::of_elb(hand, &arn).await?;
    tags::check_ours(hand, &what, &has)?;
    let differs = [
        ("scheme", text(&made["Scheme"]) != spec.scheme),
        ("type", text(&made["Type"]) != spec.load_balancer_type),
    ];
    if let Some((field, _)) = differs.iter().find(|(_, differs)| *differs) {
        return Err(hand.failure(
            &code::NOT_OURS,
            format!("{what} exists already with another {field}, which AWS cannot change"),
            "delete it in AWS, or give the load balancer another name with `load-balancer-name`, then plan again",
        ));
    }
    // One that an earlier run has made may have been made for other manifests.
    let fresh = has == wanted && text(&made["State"]["Code"]) == "provisioning";
    let fields = if fresh {
        Wanted::of(&["loadBalancerAttributes", "minimumLoadBalancerCapacity"].map(str::to_owned))
    } else {
        Wanted::all(LoadBalancer::FIELDS)
    };
    let parts = parts(hand, None, spec, &fields, &arn).await?;
    hand.record(&outputs, &parts.unfinished())?;
    if fields.has("minimumLoadBalancerCapacity") && spec.minimum_load_balancer_capacity.is_some() {
        wait_until_active(hand, &arn).await?;
    }
    parts.carry_out(hand, &outputs).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &LoadBalancer,
    after: &LoadBalancer,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::LoadBalancerArn.name())?.to_owned();
    let parts = parts(hand, Some(before), after, wanted, &arn).await?;
    parts.carry_out(hand, outputs).await
}

/// The calls that bring the wanted fields from before to after. Without a before they go from
/// what AWS makes by itself.
async fn parts<A: Account>(
    hand: &mut Hand<'_, A>,
    before: Option<&LoadBalancer>,
    after: &LoadBalancer,
    wanted: &Wanted,
    arn: &str,
) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    let on = |field: &str, value: Value| json!({"LoadBalancerArn": arn, field: value});
    if wanted.has("securityGroups") && !after.security_groups.is_empty() {
        let params = on("SecurityGroups", json!(texts(&after.security_groups)));
        parts.push(&["securityGroups"], Call::elb("SetSecurityGroups", params));
    }
    if wanted.has("subnetMapping") {
        let mut params = on("SubnetMappings", subnets(&after.subnet_mapping));
        let mut fields = vec!["subnetMapping"];
        // New subnets may be what the new address type needs, and the other way round.
        if wanted.has("ipAddressType") {
            params["IpAddressType"] = json!(after.ip_address_type);
            fields.push("ipAddressType");
        }
        parts.push(&fields, Call::elb("SetSubnets", params));
    } else if wanted.has("ipAddressType") {
        let params = on("IpAddressType", json!(after.ip_address_type));
        parts.push(&["ipAddressType"], Call::elb("SetIpAddressType", params));
    }
    if wanted.has("ipv4IPAMPool") {
        let had = before.is_some_and(|before| before.ipv4_ipam_pool.is_some());
        let params = match &after.ipv4_ipam_pool {
            Some(pool) => Some(on("IpamPools", json!({"Ipv4IpamPoolId": pool}))),
            None => had.then(|| on("RemoveIpamPools", json!(["ipv4"]))),
        };
        if let Some(params) = params {
            parts.push(&["ipv4IPAMPool"], Call::elb("ModifyIpPools", params));
        }
    }
    if wanted.has("loadBalancerAttributes") {
        let known = of_load_balancer(&after.load_balancer_type);
        let before = before.map(settings).unwrap_or_default();
        if let Some(list) = attributes::to_send(&known, &before, &settings(after)) {
            let call = Call::elb("ModifyLoadBalancerAttributes", on("Attributes", list));
            parts.push(&["loadBalancerAttributes"], call);
        }
    }
    if wanted.has("minimumLoadBalancerCapacity") {
        let units = |balancer: &LoadBalancer| {
            balancer.minimum_load_balancer_capacity.as_ref().map_or(0, |c| c.capacity_units)
        };
        let params = match units(after) {
            0 => (before.map_or(0, units) > 0).then(|| on("ResetCapacityReservation", json!(true))),
            units => Some(on("MinimumLoadBalancerCapacity", json!({"CapacityUnits": units}))),
        };
        if let Some(params) = params {
            let call = Call::elb("ModifyCapacityReservation", params);
            parts.push(&["minimumLoadBalancerCapacity"], call);
        }
    }
    if wanted.has("tags") {
        let before = before.map(|before| before.tags.clone()).unwrap_or_default();
        tags::change_elb(hand, &mut parts, arn, &before, &after.tags).await?;
    }
    Ok(parts)
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::LoadBalancerArn.name())?;
    let call = Call::elb("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    hand.call(call).await.map(drop)
}

/// Waits until a load balancer serves: web ACLs and capacity cannot be set before.
pub(super) async fn wait_until_active<A: Account>(
    hand: &mut Hand<'_, A>,
    arn: &str,
) -> Result<(), Failure> {
    let active = |answer: &Value| {
        matches!(text(&answer["LoadBalancers"][0]["State"]["Code"]), "active" | "active_impaired")
    };
    hand.wait_for_balancer("the load balancer to become active", arn, active).await.map(drop)
}

/// What a creation answers, and a description.
pub(crate) fn outputs(described: &Value) -> Pairs {
    [
        (Output::LoadBalancerArn.name(), "LoadBalancerArn"),
        (Output::DnsName.name(), "DNSName"),
        ("canonicalHostedZoneID", "CanonicalHostedZoneId"),
    ]
    .into_iter()
    .filter_map(|(name, field)| Some((name, described[field].as_str()?)))
    .collect()
}

/// Attributes by key.
pub(super) fn settings(balancer: &LoadBalancer) -> attributes::Settings {
    let all = balancer.load_balancer_attributes.iter();
    all.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}

fn subnets(mappings: &[SubnetMapping]) -> Value {
    let all = mappings.iter().map(|mapping| match &mapping.allocation_id {
        Some(allocation) => json!({"SubnetId": mapping.subnet_id, "AllocationId": allocation}),
        None => json!({"SubnetId": mapping.subnet_id}),
    });
    Value::from_iter(all)
}

/// Tokens whose references are resolved.
fn texts(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(literal).collect()
}

/// What a load balancer's spec is by now. What AWS does not tell is as it was applied.
pub(crate) fn live(
    applied: &LoadBalancer,
    described: &Value,
    settings: &attributes::Settings,
    capacity: Option<i64>,
    tags: Tags,
) -> LoadBalancer {
    let field = |name: &str| text(&described[name]).to_owned();
    let mut live = LoadBalancer {
        customer_owned_ipv4_pool: described["CustomerOwnedIpv4Pool"].as_str().map(str::to_owned),
        ip_address_type: field("IpAddressType"),
        ipv4_ipam_pool: described["IpamPools"]["Ipv4IpamPoolId"].as_str().map(str::to_owned),
        name: field("LoadBalancerName"),
        scheme: field("Scheme"),
        load_balancer_type: field("Type"),
        tags,
        ..applied.clone()
    };
    for attribute in &mut live.load_balancer_attributes {
        if let Some(value) = settings.get(&attribute.key) {
            attribute.value.clone_from(value);
        }
    }
    let groups: Vec<&str> = items(&described["SecurityGroups"]).iter().map(text).collect();
    let mut had = texts(&applied.security_groups);
    let mut has = groups.clone();
    had.sort_unstable();
    has.sort_unstable();
    if had != has {
        live.security_groups =
            groups.into_iter().map(|group| Token::Literal(group.to_owned())).collect();
    }
    let mut mappings: Vec<SubnetMapping> = items(&described["AvailabilityZones"])
        .iter()
        .map(|zone| SubnetMapping {
            allocation_id: zone["LoadBalancerAddresses"][0]["AllocationId"]
                .as_str()
                .map(str::to_owned),
            subnet_id: text(&zone["SubnetId"]).to_owned(),
        })
        .collect();
    let key = |mapping: &SubnetMapping| (mapping.subnet_id.clone(), mapping.allocation_id.clone());
    let mut had = applied.subnet_mapping.clone();
    had.sort_by_key(key);
    mappings.sort_by_key(key);
    if had != mappings {
        live.subnet_mapping = mappings;
    }
    if let Some(reserved) = &mut live.minimum_load_balancer_capacity {
        reserved.capacity_units = capacity.unwrap_or(0);
    }
    live
}
