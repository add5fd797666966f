//! TargetGroupBindings: which pods or nodes a target group holds, and who may reach them.

use super::Cx;
use super::service_port::node_port;
use super::target_group::Use;
use crate::annotation::{Value, health_check, target_group as rows};
use crate::graph::{Origin, Resource};
use crate::manifest::IntOrString;
use crate::resource::{
    BindingMetadata, BindingSpec, BindingTemplate, MatchLabels, Networking, NetworkingPeer,
    NetworkingPort, NetworkingRule, Port, SecurityGroupPeer, ServiceRef, Spec, TargetGroup,
    TargetGroupBinding, Token,
};
use std::collections::BTreeMap;

/// Who may reach which ports of the targets.
const NETWORKING: &str = "template.spec.networking";

/// The binding of a target group; its origin, and that of the port that traffic goes to. None where
/// something refuses the group.
pub(crate) fn lower<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    group: &TargetGroup,
    arn: Token,
    [origin, port]: [Option<&Origin>; 2],
) -> Option<Resource> {
    let mut origins: Vec<Origin> = Vec::with_capacity(2);
    origins.extend(origin.cloned());
    let port = port.cloned().map(|port| Origin { field: NETWORKING.into(), ..port });
    origins.extend(port);
    let labels = node_labels(cx, asked, group, &mut origins);
    let shared = multi_cluster(cx, asked, &mut origins);
    let service = &asked.service.metadata.name;
    let vpc = [&cx.settings.vpc_id, &cx.inventory.vpc.vpc_id].into_iter().find(|id| !id.is_empty());
    let spec = BindingSpec {
        ip_address_type: Some(group.ip_address_type.clone()),
        multi_cluster_target_group: shared?,
        networking: networking(cx, asked, group),
        node_selector: labels?.map(|match_labels| MatchLabels { match_labels }),
        service_ref: ServiceRef { name: service.name.clone(), port: asked.port.value.clone() },
        target_group_arn: arn,
        target_group_protocol: Some(group.protocol.clone()),
        target_type: Some(group.target_type.clone()),
        vpc_id: vpc.cloned(),
    };
    let metadata = BindingMetadata {
        name: group.name.clone(),
        namespace: service.namespace.clone(),
        ..BindingMetadata::default()
    };
    let binding = TargetGroupBinding { template: BindingTemplate { metadata, spec } };
    Some(Resource { origins, ..Resource::new(Spec::TargetGroupBinding(binding.into())) })
}

/// `target-node-labels`, which is read for nodes only.
fn node_labels<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    group: &TargetGroup,
    origins: &mut Vec<Origin>,
) -> Option<Option<BTreeMap<String, String>>> {
    let value = asked.value(&rows::TARGET_NODE_LABELS).filter(|_| group.target_type == "instance");
    let Some(value) = value else { return Some(None) };
    origins.push(value.origin(rows::TARGET_NODE_LABELS.field()));
    let pairs = cx.accept(value.map())?;
    let labels: BTreeMap<_, _> = pairs.into_iter().map(|pair| (pair.key, pair.value)).collect();
    Some(Some(labels).filter(|labels| !labels.is_empty()))
}

/// `multi-cluster-target-group`: the Service is asked only where the Ingress does not say yes.
fn multi_cluster<'a, 's>(
    cx: &mut Cx<'a, 's>,
    asked: &Use<'_, 'a, 's>,
    origins: &mut Vec<Origin>,
) -> Option<bool> {
    let row = &rows::MULTI_CLUSTER;
    let values: [Option<Value<'a, 's>>; 2] =
        [super::ingress_value(asked.member, row), super::service_value(asked.service, row)];
    for value in values.into_iter().flatten() {
        if cx.accept(value.boolean())? {
            origins.push(value.origin(row.field()));
            return Some(true);
        }
    }
    Some(false)
}

/// Ports that the load balancer's security group may reach, one rule each; none where the
/// controller does not manage the rules of the targets' security groups.
fn networking(cx: &Cx<'_, '_>, asked: &Use<'_, '_, '_>, group: &TargetGroup) -> Option<Networking> {
    let peer = cx.backend_sg.as_ref()?;
    let rule = |port: Option<Port>| NetworkingRule {
        from: vec![NetworkingPeer { security_group: SecurityGroupPeer { group_id: peer.clone() } }],
        ports: vec![NetworkingPort { port, protocol: Some("TCP".to_owned()) }],
    };
    if cx.settings.disable_restricted_security_group_rules {
        return Some(Networking { ingress: vec![rule(None)] });
    }
    let entry = asked.service_port;
    let traffic = match (&*group.target_type, &entry.target_port) {
        ("instance", _) => Port::Number(node_port(cx, asked.service, entry).unwrap_or_default()),
        (_, IntOrString::Int(number)) => Port::Number(number.value),
        (_, IntOrString::String(name)) => Port::Name(name.as_str().to_owned()),
    };
    let probe = group.health_check.as_ref().and_then(|check| check.port.clone());
    let probe = probe
        .filter(|port| !matches!(port, Port::Name(name) if name == health_check::TRAFFIC_PORT));
    let control = group.target_control_port.map(Port::Number);
    let ports = [Some(traffic), probe, control].into_iter().flatten();
    Some(Networking { ingress: ports.map(|port| rule(Some(port))).collect() })
}
