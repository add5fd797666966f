//! Target groups.

use super::part::{Parts, Wanted};
use super::{attributes, output, tags, text};
use crate::account::{Account, Call};
use crate::attribute::of_target_group;
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{HealthCheck, Output, Port, Tags, TargetGroup};
use ingc_planner::state::Pairs;
use serde_json::{Map, Value, json};

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &TargetGroup,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let mut params = Map::from_iter(health_check(spec.health_check.as_ref()));
    let mut set = |name: &str, value: Value| drop(params.insert(name.to_owned(), value));
    set("Name", json!(spec.name));
    set("Protocol", json!(spec.protocol));
    set("Port", json!(spec.port));
    set("VpcId", json!(hand.facts.vpc_id));
    set("TargetType", json!(spec.target_type));
    set("IpAddressType", json!(spec.ip_address_type));
    set("Tags", json!(tags::listed(&wanted)));
    if let Some(version) = &spec.protocol_version {
        set("ProtocolVersion", json!(version));
    }
    if let Some(port) = spec.target_control_port {
        set("TargetControlPort", json!(port));
    }
    let (answer, again) = match hand.call(Call::elb("CreateTargetGroup", params.into())).await {
        Err(failure) if failure.is(&["DuplicateTargetGroupName"]) => {
            let by_name = Call::elb("DescribeTargetGroups", json!({"Names": [spec.name]}));
            (hand.call(by_name).await?, true)
        }
        other => (other?, false),
    };
    let made = &answer["TargetGroups"][0];
    let outputs = outputs(made);
    let arn = output(hand, &outputs, Output::TargetGroupArn.name())?.to_owned();
    let what = format!("target group `{}`", spec.name);
    hand.check_new(&arn, &what)?;
    let has = tags::of_elb(hand, &arn).await?;
    tags::check_ours(hand, &what, &has)?;
    let differs = [
        ("protocol", text(&made["Protocol"]) != spec.protocol),
        ("target type", text(&made["TargetType"]) != spec.target_type),
        ("IP address type", text(&made["IpAddressType"]) != spec.ip_address_type),
        (
            "protocol version",
            spec.protocol_version.as_deref().is_some_and(|v| text(&made["ProtocolVersion"]) != v),
        ),
        ("VPC", text(&made["VpcId"]) != hand.facts.vpc_id),
    ];
    if let Some((field, _)) = differs.iter().find(|(_, differs)| *differs) {
        return Err(hand.failure(
            &code::NOT_OURS,
            format!("{what} exists already with another {field}, which AWS cannot change"),
            "delete it in AWS, then plan again",
        ));
    }
    let fresh = !again && has == wanted;
    let fields = if fresh {
        Wanted::of(&["targetGroupAttributes".to_owned()])
    } else {
        Wanted::all(TargetGroup::FIELDS)
    };
    let parts = parts(hand, None, spec, &fields, &arn).await?;
    hand.record(&outputs, &parts.unfinished())?;
    parts.carry_out(hand, &outputs).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &TargetGroup,
    after: &TargetGroup,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::TargetGroupArn.name())?.to_owned();
    let parts = parts(hand, Some(before), after, wanted, &arn).await?;
    parts.carry_out(hand, outputs).await
}

async fn parts<A: Account>(
    hand: &mut Hand<'_, A>,
    before: Option<&TargetGroup>,
    after: &TargetGroup,
    wanted: &Wanted,
    arn: &str,
) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    if wanted.has("healthCheckConfig") && after.health_check.is_some() {
        let mut params = Map::from_iter(health_check(after.health_check.as_ref()));
        params.insert("TargetGroupArn".to_owned(), json!(arn));
        parts.push(&["healthCheckConfig"], Call::elb("ModifyTargetGroup", params.into()));
    }
    if wanted.has("targetGroupAttributes") {
        let known = of_target_group(&after.protocol);
        let before = before.map(settings).unwrap_or_default();
        if let Some(list) = attributes::to_send(&known, &before, &settings(after)) {
            let params = json!({"TargetGroupArn": arn, "Attributes": list});
            let call = Call::elb("ModifyTargetGroupAttributes", params);
            parts.push(&["targetGroupAttributes"], call);
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
    let arn = output(hand, outputs, Output::TargetGroupArn.name())?;
    hand.call(Call::elb("DeleteTargetGroup", json!({"TargetGroupArn": arn}))).await.map(drop)
}

/// What a creation answers, and a description.
pub(crate) fn outputs(described: &Value) -> Pairs {
    let arn = described["TargetGroupArn"].as_str();
    arn.map(|arn| (Output::TargetGroupArn.name(), arn)).into_iter().collect()
}

/// Attributes by key.
pub(super) fn settings(group: &TargetGroup) -> attributes::Settings {
    let all = group.attributes.iter();
    all.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}

/// The parameters of a health check, those that are given.
fn health_check(check: Option<&HealthCheck>) -> Vec<(String, Value)> {
    let Some(check) = check else { return Vec::new() };
    let port = check.port.as_ref().map(|port| match port {
        Port::Number(number) => number.to_string(),
        Port::Name(name) => name.clone(),
    });
    let matcher = check.matcher.as_ref().map(|matcher| {
        let mut codes = Map::new();
        if let Some(code) = &matcher.grpc_code {
            codes.insert("GrpcCode".to_owned(), json!(code));
        }
        if let Some(code) = &matcher.http_code {
            codes.insert("HttpCode".to_owned(), json!(code));
        }
        Value::Object(codes)
    });
    [
        ("HealthCheckProtocol", check.protocol.as_ref().map(|v| json!(v))),
        ("HealthCheckPort", port.map(|v| json!(v))),
        ("HealthCheckPath", check.path.as_ref().map(|v| json!(v))),
        ("HealthCheckIntervalSeconds", check.interval_seconds.map(|v| json!(v))),
        ("HealthCheckTimeoutSeconds", check.timeout_seconds.map(|v| json!(v))),
        ("HealthyThresholdCount", check.healthy_threshold_count.map(|v| json!(v))),
        ("UnhealthyThresholdCount", check.unhealthy_threshold_count.map(|v| json!(v))),
        ("Matcher", matcher),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// What a target group's spec is by now. What AWS does not tell is as it was applied.
pub(crate) fn live(
    applied: &TargetGroup,
    described: &Value,
    settings: &attributes::Settings,
    tags: Tags,
) -> TargetGroup {
    let field = |name: &str| text(&described[name]).to_owned();
    let number = |name: &str| described[name].as_i64().and_then(|number| number.try_into().ok());
    let mut live = TargetGroup {
        ip_address_type: field("IpAddressType"),
        name: field("TargetGroupName"),
        port: number("Port").unwrap_or(applied.port),
        protocol: field("Protocol"),
        tags,
        target_control_port: number("TargetControlPort"),
        target_type: field("TargetType"),
        ..applied.clone()
    };
    if live.protocol_version.is_some() {
        live.protocol_version = described["ProtocolVersion"].as_str().map(str::to_owned);
    }
    for attribute in &mut live.attributes {
        if let Some(value) = settings.get(&attribute.key) {
            attribute.value.clone_from(value);
        }
    }
    // AWS fills in what a health check leaves open; only what was asked for is compared.
    if let Some(check) = &mut live.health_check {
        let over = |slot: &mut Option<String>, name: &str| {
            if slot.is_some() {
                *slot = described[name].as_str().map(str::to_owned);
            }
        };
        over(&mut check.path, "HealthCheckPath");
        over(&mut check.protocol, "HealthCheckProtocol");
        for (slot, name) in [
            (&mut check.healthy_threshold_count, "HealthyThresholdCount"),
            (&mut check.unhealthy_threshold_count, "UnhealthyThresholdCount"),
            (&mut check.interval_seconds, "HealthCheckIntervalSeconds"),
            (&mut check.timeout_seconds, "HealthCheckTimeoutSeconds"),
        ] {
            if slot.is_some() {
                *slot = number(name);
            }
        }
        if let Some(port) = &mut check.port {
            let is = text(&described["HealthCheckPort"]);
            *port = match is.parse() {
                Ok(number) => Port::Number(number),
                Err(_) => Port::Name(is.to_owned()),
            };
        }
        if let Some(matcher) = &mut check.matcher {
            let code = |name: &str| described["Matcher"][name].as_str().map(str::to_owned);
            (matcher.grpc_code, matcher.http_code) = (code("GrpcCode"), code("HttpCode"));
        }
    }
    live
}
