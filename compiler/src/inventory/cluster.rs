//! `cluster`: what the cluster knows and Git does not, by Service and Namespace.

use super::read::string_map;
use super::{ClusterFacts, ServiceFacts};
use crate::diagnostic::code::inventory as code;
use crate::manifest::Manifests;
use crate::schema::{At, Path, Reader};
use crate::yaml::NodeKind;

pub(super) const CLUSTER: [&str; 2] = ["services", "namespaces"];
pub(super) const SERVICE: [&str; 2] = ["uid", "nodePorts"];
const PORTS: std::ops::RangeInclusive<i64> = 1..=65535;

pub(super) fn read(at: &At<'_, '_, '_>, r: &mut Reader) -> ClusterFacts {
    let mut facts = ClusterFacts::default();
    let Some([services, namespaces]) = r.fields(at, &CLUSTER) else { return facts };
    if let Some(at) = services {
        for (key, node) in r.map(&at) {
            let entry = At { node, path: Path::Key(&at.path, key.as_str()) };
            if !key.as_str().contains('/') {
                let message = format!("`{}` is not the name of a Service", key.as_str());
                r.error(&entry, &code::BAD_VALUE, message, "write NAMESPACE/NAME");
                continue;
            }
            let service = service(&entry, r).unwrap_or_default();
            facts.services.insert(key.value.into_owned(), service);
        }
    }
    if let Some(at) = namespaces {
        for (key, node) in r.map(&at) {
            let entry = At { node, path: Path::Key(&at.path, key.as_str()) };
            let labels = match node.kind() {
                NodeKind::Null => Default::default(),
                _ => string_map(&entry, r),
            };
            facts.namespaces.insert(key.value.into_owned(), labels);
        }
    }
    facts
}

fn service(at: &At<'_, '_, '_>, r: &mut Reader) -> Option<ServiceFacts> {
    let [uid, node_ports] = r.fields(at, &SERVICE)?;
    let uid = r.maybe_text(uid).map(|uid| uid.value.into_owned());
    let mut facts = ServiceFacts { uid, ..ServiceFacts::default() };
    let Some(at) = node_ports else { return Some(facts) };
    for (key, node) in r.map(&at) {
        let entry = At { node, path: Path::Key(&at.path, key.as_str()) };
        let port = key.as_str().parse().ok().filter(|&port| PORTS.contains(&i64::from(port)));
        let Some(port) = port else {
            let message = format!("`{}` is not the number of a Service's port", key.as_str());
            r.error(&entry, &code::BAD_VALUE, message, "write PORT: NODEPORT");
            continue;
        };
        let node_port = r.int(&entry, PORTS).and_then(|port| i32::try_from(port.value).ok());
        facts.node_ports.extend(node_port.map(|node_port| (port, node_port)));
    }
    Some(facts)
}

impl ClusterFacts {
    /// The facts that a dump of the cluster's objects holds, such as of
    /// `kubectl get services,namespaces -A -o yaml`.
    pub fn of(dump: &Manifests<'_>) -> ClusterFacts {
        let mut facts = ClusterFacts::default();
        for (name, service) in &dump.services {
            let ports = service.ports.iter();
            let node_ports =
                ports.filter_map(|port| Some((port.port.value, port.node_port?.value))).collect();
            let uid = service.metadata.uid.as_ref().map(|uid| uid.as_str().to_owned());
            facts.services.insert(name.to_string(), ServiceFacts { uid, node_ports });
        }
        for (name, namespace) in &dump.namespaces {
            let labels = namespace.metadata.labels.iter();
            let labels =
                labels.map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned()));
            facts.namespaces.insert(name.clone(), labels.collect());
        }
        facts
    }
}
