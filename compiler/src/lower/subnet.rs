//! The subnets of a load balancer: named ones, those of a class, or those found by role.

use super::{Cx, pattern};
use crate::inventory::Subnet;
use crate::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

const ROLE_INTERNAL: &str = "kubernetes.io/role/internal-elb";
const ROLE_PUBLIC: &str = "kubernetes.io/role/elb";
const CLUSTER_PREFIX: &str = "kubernetes.io/cluster";
const MIN_FREE_ADDRESSES: i64 = 8;

/// What the subnets are for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// An NLB is content with one subnet.
    pub network: bool,
    /// `internal` or `internet-facing`.
    pub scheme: &'a str,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: &'a str,
}

impl Wanted<'_> {
    fn needs_ipv6(self) -> bool {
        has_ipv6(self.ip_address_type)
    }
}

/// True for the address types by which IPv6 clients reach a load balancer.
pub(super) fn has_ipv6(ip_address_type: &str) -> bool {
    matches!(ip_address_type, "dualstack" | "dualstack-without-public-ipv4")
}

/// Why no subnets can be given: a message, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub message: String,
    pub hint: String,
    /// Which of the names or ids given is at fault.
    pub item: Option<usize>,
}

impl Refusal {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Refusal { message: message.into(), hint: hint.into(), item: None }
    }
}

/// Ids of the subnets given by id or by their `Name` tag, in the order given.
pub(super) fn by_name_or_id(
    cx: &Cx<'_, '_>,
    given: &[&str],
    wanted: Wanted<'_>,
) -> Result<Vec<String>, Vec<Refusal>> {
    let mut found: Vec<&Subnet> = Vec::new();
    let mut refusals = Vec::new();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, given) in given.iter().copied().enumerate() {
        let nth = used.entry(given).or_default();
        let subnet = match given.starts_with("subnet-") {
            true if *nth > 0 => None,
            true => cx.inventory.subnets.iter().find(|subnet| subnet.subnet_id == given),
            false => named(cx, given).get(*nth).copied(),
        };
        *nth += 1;
        match subnet {
            Some(subnet) => found.push(subnet),
            None => refusals.push(Refusal { item: Some(i), ..not_found(cx, given, *nth) }),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    check_given(cx, &found, wanted).map_err(|refusal| vec![refusal])?;
    Ok(ids(&found))
}

/// Ids of the subnets that a class names by id, in the order of the inventory.
pub(super) fn by_class_ids(
    cx: &Cx<'_, '_>,
    given: &[&str],
    wanted: Wanted<'_>,
) -> Result<Vec<String>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    for (i, id) in given.iter().enumerate() {
        let known = cx.inventory.subnets.iter().any(|subnet| subnet.subnet_id == *id);
        let times = given[..=i].iter().filter(|other| *other == id).count();
        if !known || times > 1 {
            refusals.push(Refusal { item: Some(i), ..not_found(cx, id, times) });
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let asked: BTreeSet<&str> = given.iter().copied().collect();
    let subnets = cx.inventory.subnets.iter();
    let found: Vec<_> = subnets.filter(|subnet| asked.contains(&*subnet.subnet_id)).collect();
    check_given(cx, &found, wanted).map_err(|refusal| vec![refusal])?;
    Ok(ids(&found))
}

/// Ids of one subnet per zone among those that have all the tags of a class.
pub(super) fn by_class_tags(
    cx: &Cx<'_, '_>,
    tags: &[(&str, Vec<&str>)],
    wanted: Wanted<'_>,
) -> Result<Vec<String>, Refusal> {
    let has = |subnet: &&Subnet| {
        tags.iter().all(|(key, values)| {
            let value = subnet.tags.get(*key);
            value.is_some_and(|value| values.iter().any(|want| pattern::matches(want, value)))
        })
    };
    let found: Vec<_> = in_vpc(cx).filter(has).collect();
    choose(cx, &found, wanted, "with the tags of the class").map_err(|refusal| Refusal {
        hint: "correct `tags` under `subnets` of the class's parameters, or tag the subnets"
            .to_owned(),
        ..refusal
    })
}

/// Ids of one subnet per zone among those tagged with the role of the scheme; where no subnet has
/// the role, among those that reach the internet, or do not, as the scheme needs.
pub(super) fn discovered(cx: &Cx<'_, '_>, wanted: Wanted<'_>) -> Result<Vec<String>, Refusal> {
    let public = wanted.scheme == "internet-facing";
    let role = if public { ROLE_PUBLIC } else { ROLE_INTERNAL };
    let has_role =
        |subnet: &&Subnet| subnet.tags.get(role).is_some_and(|value| matches!(&**value, "" | "1"));
    let mut found: Vec<_> = in_vpc(cx).filter(has_role).collect();
    if found.is_empty() && cx.settings.feature_gates.subnet_discovery_by_reachability {
        found = in_vpc(cx).filter(|subnet| subnet.internet_route == public).collect();
    }
    choose(cx, &found, wanted, &format!("for the role {role}"))
}

/// The id of the cluster's VPC.
pub(super) fn vpc_id<'a>(cx: &Cx<'a, '_>) -> &'a str {
    match cx.settings.vpc_id.as_str() {
        "" => &cx.inventory.vpc.vpc_id,
        id => id,
    }
}

fn in_vpc<'a>(cx: &Cx<'a, '_>) -> impl Iterator<Item = &'a Subnet> {
    let vpc = vpc_id(cx);
    let own = &cx.inventory.vpc.vpc_id;
    cx.inventory.subnets.iter().filter(move |subnet| {
        let of = if subnet.vpc_id.is_empty() { own } else { &subnet.vpc_id };
        of == vpc
    })
}

/// Subnets of that name, by id.
fn named<'a>(cx: &Cx<'a, '_>, name: &str) -> Vec<&'a Subnet> {
    let is = |subnet: &&Subnet| subnet.tags.get("Name").is_some_and(|tag| tag == name);
    let mut found: Vec<_> = in_vpc(cx).filter(is).filter(|_| !name.is_empty()).collect();
    found.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
    found
}

fn ids(subnets: &[&Subnet]) -> Vec<String> {
    subnets.iter().map(|subnet| subnet.subnet_id.clone()).collect()
}

fn not_found(cx: &Cx<'_, '_>, given: &str, times: usize) -> Refusal {
    if cx.inventory.subnets.is_empty() {
        return empty_inventory(cx);
    }
    if times > 1 {
        let message = format!("the subnet `{given}` is given {times} times");
        return Refusal::new(message, "name every subnet once");
    }
    let names = cx.inventory.subnets.iter().filter_map(|subnet| subnet.tags.get("Name"));
    let known: Vec<&str> = match given.starts_with("subnet-") {
        true => cx.inventory.subnets.iter().map(|subnet| &*subnet.subnet_id).collect(),
        false => names.map(String::as_str).collect(),
    };
    let hint = match crate::diagnostic::nearest(given, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a subnet of the inventory, or add it under `subnets`".to_owned(),
    };
    Refusal::new(format!("the subnet `{given}` is not in the inventory"), hint)
}

fn empty_inventory(cx: &Cx<'_, '_>) -> Refusal {
    match cx.inventory.file {
        None => Refusal::new(
            "the subnets of the account are not known",
            "give an inventory with --inventory FILE, or name one in ingc.yaml",
        ),
        Some(_) => Refusal::new(
            "the inventory has no subnets",
            "list them under `subnets` of the inventory",
        ),
    }
}

/// What must hold of subnets that somebody names.
fn check_given(cx: &Cx<'_, '_>, subnets: &[&Subnet], wanted: Wanted<'_>) -> Result<(), Refusal> {
    if subnets.is_empty() {
        return Err(Refusal::new("no subnet is named", "name at least two, or leave it out"));
    }
    let mut zones: BTreeMap<&str, &str> = BTreeMap::new();
    for subnet in subnets {
        if let Some(other) = zones.insert(&subnet.availability_zone, &subnet.subnet_id) {
            return Err(Refusal::new(
                format!(
                    "the subnets `{other}` and `{}` are both in the zone {}",
                    subnet.subnet_id, subnet.availability_zone
                ),
                "name one subnet per availability zone",
            ));
        }
    }
    check_zones(cx, subnets, wanted)?;
    let without = subnets.iter().find(|subnet| subnet.ipv6_cidr_blocks.is_empty());
    match without.filter(|_| wanted.needs_ipv6()) {
        Some(subnet) => Err(Refusal::new(
            format!(
                "the subnet `{}` has no IPv6 CIDR block, which `{}` needs",
                subnet.subnet_id, wanted.ip_address_type
            ),
            "name subnets with an IPv6 CIDR block, or write ip-address-type: ipv4",
        )),
        None => Ok(()),
    }
}

/// One kind of zone, and enough of them.
fn check_zones(cx: &Cx<'_, '_>, subnets: &[&Subnet], wanted: Wanted<'_>) -> Result<(), Refusal> {
    let kinds: BTreeSet<&str> = subnets.iter().map(|subnet| zone_kind(subnet)).collect();
    let kind = match kinds.iter().copied().collect::<Vec<_>>().as_slice() {
        [kind] => *kind,
        kinds => {
            return Err(Refusal::new(
                format!("the subnets are in zones of different kinds: {}", kinds.join(", ")),
                "use subnets of one kind of zone",
            ));
        }
    };
    if !matches!(kind, "availability-zone" | "local-zone" | "wavelength-zone" | "outpost") {
        return Err(Refusal::new(
            format!("`{kind}` is not a kind of zone"),
            "write zoneType: availability-zone, local-zone or wavelength-zone in the inventory",
        ));
    }
    let single = wanted.network || kind != "availability-zone";
    let least = if single || cx.settings.feature_gates.alb_single_subnet { 1 } else { 2 };
    if subnets.len() < least {
        return Err(Refusal::new(
            format!(
                "an ALB needs subnets in two availability zones, and there is only `{}`",
                ids(subnets).join("`, `")
            ),
            "name or tag a subnet of a second zone",
        ));
    }
    Ok(())
}

fn zone_kind(subnet: &Subnet) -> &str {
    match (&subnet.outpost_arn, subnet.zone_type.as_str()) {
        (Some(arn), _) if !arn.is_empty() => "outpost",
        (_, "") => "availability-zone",
        (_, kind) => kind,
    }
}

/// One subnet per zone: ours before nobody's, then the lowest id.
fn choose(
    cx: &Cx<'_, '_>,
    found: &[&Subnet],
    wanted: Wanted<'_>,
    what: &str,
) -> Result<Vec<String>, Refusal> {
    let (mut foreign, mut full, mut without_ipv6) = (0, 0, 0);
    let mut zones: BTreeMap<&str, (bool, &Subnet)> = BTreeMap::new();
    let own_key = format!("{CLUSTER_PREFIX}/{}", cx.settings.cluster_name);
    for subnet in found.iter().copied() {
        let ours = subnet.tags.contains_key(&own_key);
        if !ours && is_foreign(cx.settings, subnet) {
            foreign += 1;
        } else if subnet.available_ip_address_count < MIN_FREE_ADDRESSES {
            full += 1;
        } else if wanted.needs_ipv6() && subnet.ipv6_cidr_blocks.is_empty() {
            without_ipv6 += 1;
        } else {
            let better = |(other_ours, other): &(bool, &Subnet)| {
                (!ours, &subnet.subnet_id) < (!*other_ours, &other.subnet_id)
            };
            let zone = zones.entry(&subnet.availability_zone).or_insert((ours, subnet));
            if better(zone) {
                *zone = (ours, subnet);
            }
        }
    }
    if zones.is_empty() {
        if cx.inventory.subnets.is_empty() {
            return Err(empty_inventory(cx));
        }
        let mut message = format!("none of the {} subnets {what} can be used", found.len());
        let why = [
            (foreign, "tagged for another cluster"),
            (full, "with fewer than 8 free addresses"),
            (without_ipv6, "without an IPv6 CIDR block"),
        ];
        for (count, why) in why.into_iter().filter(|(count, _)| *count > 0) {
            message.push_str(&format!(", {count} {why}"));
        }
        if found.is_empty() {
            message = format!("there are no subnets {what}");
        }
        let role = if wanted.scheme == "internet-facing" { ROLE_PUBLIC } else { ROLE_INTERNAL };
        return Err(Refusal::new(
            message,
            format!(
                "tag a subnet of two zones each with {role}=1, or name them by the annotation `subnets`"
            ),
        ));
    }
    let mut chosen: Vec<&Subnet> = zones.into_values().map(|(_, subnet)| subnet).collect();
    chosen.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
    check_zones(cx, &chosen, wanted)?;
    Ok(ids(&chosen))
}

/// True for a subnet that is tagged for other clusters only.
fn is_foreign(settings: &Settings, subnet: &Subnet) -> bool {
    settings.feature_gates.subnets_cluster_tag_check
        && subnet.tags.keys().any(|key| key.starts_with(CLUSTER_PREFIX))
}
