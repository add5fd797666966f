//! `controllerConfig.featureGates`.
//!
//! Source: the controller's list of feature gates, version 3.5.0.

use super::FeatureGates;
use super::layer::Layers;
use super::number;
use crate::annotation::parse_bool;
use crate::diagnostic::code::settings as code;
use crate::diagnostic::nearest;
use crate::schema::{At, Path, Reader};

/// The gates without effect on what is built from Ingresses.
const WITHOUT_EFFECT: [&str; 16] = [
    "ALBGatewayAPI",
    "ALBTargetControlAgent",
    "EnableRGTAPI",
    "EnableServiceController",
    "EnableTCPUDPListener",
    "EndpointsFailOpen",
    "EnhancedDefaultBehavior",
    "GatewayListenerSet",
    "GlobalAcceleratorController",
    "IngressPlanAnnotation",
    "ListenerRulesTagging",
    "NLBGatewayAPI",
    "NLBHealthCheckAdvancedConfig",
    "NLBSecurityGroup",
    "ServiceTypeLoadBalancerOnly",
    "WeightedTargetGroups",
];

impl FeatureGates {
    /// The gates with an effect by their names.
    fn named(&mut self) -> [(&'static str, &mut bool); 7] {
        [
            ("ALBSingleSubnet", &mut self.alb_single_subnet),
            ("EnableCertificateManagement", &mut self.enable_certificate_management),
            ("EnableDefaultTagsLowPriority", &mut self.enable_default_tags_low_priority),
            ("EnableIPTargetType", &mut self.enable_ip_target_type),
            ("LBCapacityReservation", &mut self.lb_capacity_reservation),
            ("SubnetDiscoveryByReachability", &mut self.subnet_discovery_by_reachability),
            ("SubnetsClusterTagCheck", &mut self.subnets_cluster_tag_check),
        ]
    }
}

/// All gates, those with an effect with their defaults.
pub(super) fn names() -> impl Iterator<Item = (&'static str, Option<bool>)> {
    let with_effect = FeatureGates::default().named().map(|(name, value)| (name, Some(*value)));
    let mut names: Vec<_> =
        with_effect.into_iter().chain(WITHOUT_EFFECT.map(|name| (name, None))).collect();
    names.sort_unstable();
    names.into_iter()
}

/// Reads the gates that are given; the others keep their defaults.
pub(super) fn read(gates: &Layers<'_, '_>, path: Path<'_>, r: &mut Reader) -> FeatureGates {
    let mut read = FeatureGates::default();
    let mut named = read.named();
    for (key, value) in gates.entries() {
        let at = At { node: value.top(), path: Path::Key(&path, key.as_str()) };
        let name = key.as_str().trim();
        let gate = named.iter_mut().find(|(known, _)| *known == name);
        if gate.is_none() && !WITHOUT_EFFECT.contains(&name) {
            let known = FeatureGates::default().named().map(|(name, _)| name);
            let hint = match nearest(name, known.into_iter().chain(WITHOUT_EFFECT)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it".to_owned(),
            };
            let message = format!("the controller knows no feature gate `{name}`");
            r.error(&At { node: at.node, path: at.path }, &code::UNKNOWN_GATE, message, hint);
            continue;
        }
        let Some(text) = number::printed(at.node) else { continue };
        match (parse_bool(text.trim()), gate) {
            (Some(value), Some((_, gate))) => **gate = value,
            (Some(_), None) => {}
            (None, _) => {
                let message = format!("the feature gate `{name}` is `{text}`, not true or false");
                let hint = format!("write {name}: true or {name}: false");
                r.error(&at, &code::NOT_STARTED, message, hint);
            }
        }
    }
    read
}
