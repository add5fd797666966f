//! What load balancers answer: as it is recorded, before a plan, and after it.

use crate::plan::{Change, Plan};
use crate::state::{Origins, SpecText, State, local_address};
use ingc_compiler::inventory::Inventory;
use ingc_compiler::resource::{Address, Kind, Output, Spec};
use ingc_compiler::route::exact::Budget;
use ingc_compiler::route::{Entry, Place, RoutingReport, RoutingTable};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a resource, on its way into a table.
struct Known<'a> {
    spec: Cow<'a, SpecText>,
    origins: &'a Origins,
    dns_name: Option<&'a str>,
}

/// What is recorded. The inventory says which hosts certificates are for.
pub fn recorded(state: &State, inventory: &Inventory) -> RoutingTable {
    table(resources(state, &|_| true), inventory)
}

/// Which requests the stacks that a plan changes answer differently when it is done. None if there
/// is nothing to compare: load balancers that are new, or that go, change all their answers.
pub fn report(plan: &Plan, state: &State) -> Option<RoutingReport> {
    let inventory = Inventory::default();
    let mut sides = [before(plan, state, &inventory), after(plan, state, &inventory)];
    let groups = sides.each_ref().map(|table| table.balancers.keys().cloned().collect());
    let [one, other]: [BTreeSet<String>; 2] = groups;
    for table in &mut sides {
        table.balancers.retain(|group, _| one.contains(group) && other.contains(group));
    }
    let [before, after] = &sides;
    if before.balancers.is_empty() {
        return None;
    }
    let mut report = RoutingReport::from(&before.changes(after, Budget::default()));
    report.not_compared = one.symmetric_difference(&other).cloned().collect();
    Some(report)
}

/// What the stacks that a plan changes answer before it.
pub fn before(plan: &Plan, state: &State, inventory: &Inventory) -> RoutingTable {
    let changed = changed(plan);
    let mut resources = resources(state, &|stack| changed.contains(stack));
    for change in changes(plan) {
        let address = change.previous_address.as_ref().unwrap_or(&change.address);
        let Some(spec) = &change.before else { continue };
        // What was found counts, where that is not what was applied.
        if let Some(known) = resources.get_mut(address) {
            known.spec = Cow::Borrowed(spec);
        }
    }
    table(resources, inventory)
}

/// What the stacks that a plan changes answer after it.
pub fn after(plan: &Plan, state: &State, inventory: &Inventory) -> RoutingTable {
    let changed = changed(plan);
    let mut resources = resources(state, &|stack| changed.contains(stack));
    let mut names: BTreeMap<Address, &str> = BTreeMap::new();
    for change in changes(plan) {
        let gone = [Some(&change.address), change.previous_address.as_ref()];
        for known in gone.into_iter().flatten() {
            let dns_name = resources.remove(known).and_then(|known| known.dns_name);
            names.extend(dns_name.map(|name| (known.clone(), name)));
        }
    }
    for change in changes(plan) {
        if let Some(spec) = &change.after {
            let kept = change.action != crate::Action::Replace;
            let dns_name = names.get(&change.address).copied().filter(|_| kept);
            let known = Known { spec: Cow::Borrowed(spec), origins: &change.origins, dns_name };
            resources.insert(change.address.clone(), known);
        }
    }
    table(resources, inventory)
}

fn changes(plan: &Plan) -> impl Iterator<Item = &Change> {
    let current = plan.changes.iter().filter(|change| change.deposed.is_none());
    current.filter(|change| RoutingTable::reads(change.address.kind))
}

/// Stacks that a plan changes, in order.
fn changed(plan: &Plan) -> BTreeSet<&str> {
    plan.changes.iter().map(|change| change.address.stack.as_str()).collect()
}

fn resources<'a>(
    state: &'a State,
    is_wanted: &dyn Fn(&str) -> bool,
) -> BTreeMap<Address, Known<'a>> {
    let stacks = state.stacks.iter().filter(|(name, _)| is_wanted(name));
    let all = stacks.flat_map(|(name, stack)| {
        stack.resources.iter().filter_map(move |(local, recorded)| {
            let address = local_address(name, local)?;
            let dns_name = recorded.outputs.get(Output::DnsName.name());
            let spec = Cow::Borrowed(&recorded.spec);
            let known = Known { spec, origins: &recorded.origins, dns_name };
            RoutingTable::reads(address.kind).then_some((address, known))
        })
    });
    all.collect()
}

fn table(resources: BTreeMap<Address, Known<'_>>, inventory: &Inventory) -> RoutingTable {
    let entries = resources.iter().filter_map(|(address, known)| {
        Some(Entry {
            address,
            // What a later version has written differently has no say.
            spec: Cow::Owned(Spec::from_json(address.kind, known.spec.as_str()).ok()?),
            place: place(address.kind, known.origins),
            dns_name: known.dns_name.map(str::to_owned),
        })
    });
    RoutingTable::new(entries, inventory, &BTreeMap::new())
}

/// The Ingress that asked for a rule, or for a listener's default action.
fn place(kind: Kind, origins: &Origins) -> Option<Place> {
    if !matches!(kind, Kind::Listener | Kind::ListenerRule) {
        return None;
    }
    let origins = origins.read().into_iter();
    let mut ours =
        origins.filter(|origin| kind == Kind::ListenerRule || origin.field == "defaultActions");
    ours.find_map(|origin| {
        let ingress = origin.object.strip_prefix("Ingress/")?.to_owned();
        Some(Place { ingress, position: origin.position })
    })
}
