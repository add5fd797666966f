//! Subnets that load balancers are to be found by.

use super::Patient;
use crate::diagnostic::code::doctor as code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::inventory::Subnet;
use crate::lower::full_name;
use crate::manifest::{Ingress, NamespacedName};
use crate::resource::{LoadBalancer, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// A load balancer takes this many addresses of a subnet.
const ADDRESSES: i64 = 8;

pub(super) fn examine(patient: Patient<'_>, findings: &mut Diagnostics) {
    let subnets = &patient.inventory.subnets;
    if subnets.is_empty() {
        return;
    }
    let roles = [
        ("internet-facing", "kubernetes.io/role/elb", true),
        ("internal", "kubernetes.io/role/internal-elb", false),
    ];
    for (scheme, tag, public) in roles {
        let tagged: Vec<&Subnet> =
            subnets.iter().filter(|subnet| subnet.tags.contains_key(tag)).collect();
        let zones: BTreeSet<&str> = tagged.iter().map(|it| it.availability_zone.as_str()).collect();
        let Some(severity) = wanted(patient, scheme) else { continue };
        if zones.len() >= 2 {
            continue;
        }
        // One subnet of each zone that has none yet.
        let mut others: BTreeMap<&str, &str> = BTreeMap::new();
        for subnet in subnets.iter().filter(|subnet| subnet.internet_route == public) {
            if !zones.contains(subnet.availability_zone.as_str()) {
                others.entry(&subnet.availability_zone).or_insert(&subnet.subnet_id);
            }
        }
        let others: Vec<&str> = others.into_values().collect();
        let hint = match others.is_empty() {
            true => format!(
                "make a {} subnet in another zone, and tag it {tag}=1",
                if public { "public" } else { "private" }
            ),
            false => format!(
                "aws ec2 create-tags --resources {} --tags Key={tag},Value=1",
                others.join(" ")
            ),
        };
        let what = match severity {
            Severity::Error => format!("{scheme} load balancers cannot be made"),
            Severity::Warning => {
                format!("{scheme} load balancers depend on routes, or on subnets being named")
            }
        };
        let (code, message) = match tagged.first() {
            None => (
                &code::NO_TAGGED_SUBNET,
                format!("no subnet of the inventory carries `{tag}`: {what}"),
            ),
            Some(one) => (
                &code::FEW_ZONES,
                format!("all subnets with `{tag}` are in {}: {what}", one.availability_zone),
            ),
        };
        let finding = Diagnostic { severity, ..Diagnostic::error(code, message) };
        findings.push(finding.object(patient.inventory.vpc.vpc_id.clone()).hint(hint));
    }
    let used = used(patient);
    for subnet in subnets.iter().filter(|subnet| used.contains(subnet.subnet_id.as_str())) {
        let free = subnet.available_ip_address_count;
        if free < ADDRESSES {
            let message = format!(
                "subnet `{}` in {} has {free} free addresses, and a load balancer takes up to {ADDRESSES}",
                subnet.subnet_id, subnet.availability_zone
            );
            let hint = format!(
                "see who has them: aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={}",
                subnet.subnet_id
            );
            let finding = Diagnostic::warning(&code::FEW_ADDRESSES, message);
            findings.push(finding.object(subnet.subnet_id.clone()).hint(hint));
        }
    }
}

/// How bad it is if load balancers of a scheme find no subnets by their tags: an error if one was
/// refused, a warning if all have found some by their routes or names. None if there is none.
fn wanted(patient: Patient<'_>, scheme: &str) -> Option<Severity> {
    let Patient { manifests, compilation, .. } = patient;
    // What finds no subnets is refused, and compiled to nothing.
    let members = compilation.refused.values().flat_map(|refused| &refused.members);
    let mut refused = members.filter_map(|member| {
        let (namespace, name) = member.ingress.split_once('/')?;
        manifests.ingresses.get(&NamespacedName::new(namespace, name))
    });
    let says = |ingress: &Ingress<'_>, name: &str| {
        let text = ingress.metadata.annotations.get(&full_name(name));
        text.map(|text| text.as_str().to_owned())
    };
    let lacks = refused.any(|ingress| {
        says(ingress, "subnets").is_none()
            && says(ingress, "scheme").as_deref().unwrap_or("internal") == scheme
    });
    let has = manifests.ingresses.is_empty()
        || balancers(patient).any(|balancer| balancer.scheme == scheme);
    if lacks { Some(Severity::Error) } else { has.then_some(Severity::Warning) }
}

fn balancers<'a>(patient: Patient<'a>) -> impl Iterator<Item = &'a LoadBalancer> {
    let resources = patient.compilation.stacks.values().flat_map(|it| it.resources.values());
    resources.filter_map(|resource| match &resource.spec {
        Spec::LoadBalancer(balancer) => Some(balancer.as_ref()),
        _ => None,
    })
}

/// Ids of the subnets that compiled load balancers stand in.
fn used(patient: Patient<'_>) -> BTreeSet<&str> {
    let mappings = balancers(patient).flat_map(|it| &it.subnet_mapping);
    mappings.map(|it| it.subnet_id.as_str()).collect()
}
