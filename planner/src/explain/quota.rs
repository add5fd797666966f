//! How much of AWS's limits is used before, while and after a plan runs.

use crate::plan::{Action, QuotaUse};
use crate::stack::{Cx, StackDraft};
use crate::state::{StackState, local_address};
use ingc_compiler::graph::{Stack, each_token};
use ingc_compiler::resource::{Address, Kind, Spec};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What counts towards a limit, before and after, by load balancer or security group and name.
type Counts = BTreeMap<(Address, &'static str), (u32, u32)>;

/// The uses of the stacks that change.
pub(crate) fn quotas(cx: &Cx<'_>, stacks: &[StackDraft<'_>]) -> Vec<QuotaUse> {
    let mut found = Vec::new();
    let limits = cx.options.limits;
    for stack in stacks.iter().filter(|stack| !stack.drafts.is_empty()) {
        let mut counts = Counts::new();
        if let Some(recorded) = cx.state.stacks.get(stack.name) {
            before(stack.name, recorded, &mut counts);
        }
        if let Some(desired) = cx.desired.compilation.stacks.get(stack.name) {
            after(desired, &mut counts);
        }
        for ((address, what), (before, after)) in counts {
            let limit = match what {
                "rules" => limits.rules,
                "target groups" => limits.target_groups,
                "certificates" => limits.certificates,
                "listeners" => limits.listeners,
                _ => limits.security_group_rules,
            };
            let peak = if what == "rules" { peak(stack, before, after) } else { before.max(after) };
            found.push(QuotaUse { address, what: what.to_owned(), before, after, peak, limit });
        }
    }
    found
}

/// Most rules at once: on a load balancer that stays, new rules stand beside old ones.
fn peak(stack: &StackDraft<'_>, before: u32, after: u32) -> u32 {
    let tight =
        stack.listeners.iter().any(|way| way.deletes_first) || !stack.leaves_first.is_empty();
    let rules = stack.drafts.iter().filter(|draft| draft.address.kind == Kind::ListenerRule);
    let made = rules.filter(|draft| draft.action == Action::Create).count() as u32;
    let most = if tight { 0 } else { before + made };
    if before == 0 { after } else { most.max(before).max(after) }
}

fn after(desired: &Stack, counts: &mut Counts) {
    let mut balancers: BTreeMap<&str, &str> = BTreeMap::new();
    // Rules and target groups, by load balancer.
    let mut used: BTreeMap<&str, (u32, Vec<SmolStr>)> = BTreeMap::new();
    let mut count =
        |address: Address, what, n: u32| counts.entry((address, what)).or_default().1 += n;
    let balancer_address = |id: &str| Address::new(desired.id.clone(), Kind::LoadBalancer, id);
    for (address, resource) in &desired.resources {
        if let Spec::Listener(listener) = &resource.spec
            && let Some(reference) = listener.load_balancer_arn.as_ref()
        {
            balancers.insert(&address.id, &reference.id);
            count(balancer_address(&reference.id), "listeners", 1);
            let certificates = listener.certificates.len().saturating_sub(1) as u32;
            count(balancer_address(&reference.id), "certificates", certificates);
        }
    }
    for (address, resource) in &desired.resources {
        let listener = match &resource.spec {
            Spec::ListenerRule(rule) => rule.listener_arn.as_ref().map_or("", |r| &*r.id),
            Spec::Listener(_) => &address.id,
            Spec::SecurityGroup(group) => {
                count(address.clone(), "security group rules", permissions(&group.ingress));
                continue;
            }
            _ => continue,
        };
        let Some(balancer) = balancers.get(listener).copied() else { continue };
        let (rules, groups) = used.entry(balancer).or_default();
        *rules += u32::from(address.kind == Kind::ListenerRule);
        each_token(&resource.spec, &mut |token| {
            let group = token.as_ref().filter(|reference| reference.kind == Kind::TargetGroup);
            groups.extend(group.map(|reference| reference.id.clone()));
        });
    }
    for (balancer, (rules, mut groups)) in used {
        if rules > 0 {
            count(balancer_address(balancer), "rules", rules);
        }
        groups.sort_unstable();
        groups.dedup();
        count(balancer_address(balancer), "target groups", groups.len() as u32);
    }
}

fn permissions(ingress: &[ingc_compiler::resource::IpPermission]) -> u32 {
    let sources = |p: &ingc_compiler::resource::IpPermission| {
        p.ip_ranges.len() + p.ipv6_ranges.len() + p.prefix_lists.len()
    };
    ingress.iter().map(sources).sum::<usize>() as u32
}

fn before(name: &str, recorded: &StackState, counts: &mut Counts) {
    let used_by = |local: &str, kind: Kind| -> Vec<Address> {
        let entry = recorded.resources.get(local);
        let keys = entry.into_iter().flat_map(|entry| entry.depends_on.iter());
        keys.filter_map(|(key, _)| local_address(name, key)).filter(|a| a.kind == kind).collect()
    };
    let mut used: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    let mut count =
        |address: Address, what, n: u32| counts.entry((address, what)).or_default().0 += n;
    for (local, object) in &recorded.resources {
        let Some(address) = local_address(name, local) else { continue };
        let listener = match address.kind {
            Kind::Listener => address,
            Kind::ListenerRule => match used_by(local, Kind::Listener).pop() {
                Some(listener) => listener,
                None => continue,
            },
            Kind::SecurityGroup => {
                let ingress = object.spec.value();
                let entries = ingress.get("ingress").and_then(Value::as_array).map_or(0, |list| {
                    list.iter()
                        .flat_map(|permission| {
                            ["ipRanges", "ipv6Ranges", "prefixLists"].map(|key| {
                                permission.get(key).and_then(Value::as_array).map_or(0, Vec::len)
                            })
                        })
                        .sum()
                });
                count(address, "security group rules", entries as u32);
                continue;
            }
            _ => continue,
        };
        let Some(balancer) = used_by(&listener.local(), Kind::LoadBalancer).pop() else { continue };
        used.entry(balancer.clone()).or_default().extend(used_by(local, Kind::TargetGroup));
        if listener.local() != *local {
            count(balancer, "rules", 1);
            continue;
        }
        let spec = object.spec.value();
        let certificates = spec.get("certificates").and_then(Value::as_array).map_or(0, Vec::len);
        count(balancer.clone(), "certificates", certificates.saturating_sub(1) as u32);
        count(balancer, "listeners", 1);
    }
    for (balancer, groups) in used {
        count(balancer, "target groups", groups.len() as u32);
    }
}
