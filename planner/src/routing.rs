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
    spec: &'a SpecText,
    origins: &'a Origins,
    dns_name: Option<&'a str>,
}

/// Which resources are looked at.
#[derive(Clone, Copy)]
struct Wanted<'w> {
    stack: &'w dyn Fn(&str) -> bool,
    kind: fn(Kind) -> bool,
}

impl Wanted<'_> {
    /// All that has a say in what these stacks answer.
    fn of(stack: &dyn Fn(&str) -> bool) -> Wanted<'_> {
        Wanted { stack, kind: RoutingTable::reads }
    }
}

/// What is recorded. The inventory says which hosts certificates are for.
pub fn recorded(state: &State, inventory: &Inventory) -> RoutingTable {
    table(resources(state, Wanted::of(&|_| true)), inventory)
}

/// Which requests the stacks that a plan changes answer differently when it is done. None if there
/// is nothing to compare: load balancers that are new, or that go, change all their answers.
pub fn report(plan: &Plan, state: &State) -> Option<RoutingReport> {
    let inventory = Inventory::default();
    let changed = changed(plan);
    // Whether there is something to compare is known without reading a single rule.
    let is_changed = |stack: &str| changed.contains(stack);
    let balancers = Wanted { stack: &is_changed, kind: |kind| kind == Kind::LoadBalancer };
    let sides = [known_before(plan, state, balancers), known_after(plan, state, balancers)];
    let groups = sides.map(|side| table(side, &inventory).balancers.into_keys().collect());
    let [one, other]: [BTreeSet<String>; 2] = groups;
    if one.is_disjoint(&other) {
        return None;
    }
    let is_compared = |stack: &str| one.contains(stack) && other.contains(stack);
    let compared = Wanted::of(&is_compared);
    let before = table(known_before(plan, state, compared), &inventory);
    let after = table(known_after(plan, state, compared), &inventory);
    let mut report = RoutingReport::from(&before.changes(&after, Budget::default()));
    report.not_compared = one.symmetric_difference(&other).cloned().collect();
    Some(report)
}

/// What the stacks that a plan changes answer before it.
pub fn before(plan: &Plan, state: &State, inventory: &Inventory) -> RoutingTable {
    let changed = changed(plan);
    table(known_before(plan, state, Wanted::of(&|stack| changed.contains(stack))), inventory)
}

/// What the stacks that a plan changes answer after it.
pub fn after(plan: &Plan, state: &State, inventory: &Inventory) -> RoutingTable {
    let changed = changed(plan);
    table(known_after(plan, state, Wanted::of(&|stack| changed.contains(stack))), inventory)
}

fn known_before<'a>(
    plan: &'a Plan,
    state: &'a State,
    wanted: Wanted<'_>,
) -> BTreeMap<Address, Known<'a>> {
    let mut resources = resources(state, wanted);
    for change in changes(plan, wanted) {
        let address = change.previous_address.as_ref().unwrap_or(&change.address);
        let Some(spec) = &change.before else { continue };
        // What was found counts, where that is not what was applied.
        if let Some(known) = resources.get_mut(address) {
            known.spec = spec;
        }
    }
    resources
}

fn known_after<'a>(
    plan: &'a Plan,
    state: &'a State,
    wanted: Wanted<'_>,
) -> BTreeMap<Address, Known<'a>> {
    let mut resources = resources(state, wanted);
    let mut names: BTreeMap<Address, &str> = BTreeMap::new();
    for change in changes(plan, wanted) {
        let gone = [Some(&change.address), change.previous_address.as_ref()];
        for known in gone.into_iter().flatten() {
            let dns_name = resources.remove(known).and_then(|known| known.dns_name);
            names.extend(dns_name.map(|name| (known.clone(), name)));
        }
    }
    for change in changes(plan, wanted) {
        if let Some(spec) = &change.after {
            let kept = change.action != crate::Action::Replace;
            let dns_name = names.get(&change.address).copied().filter(|_| kept);
            let known = Known { spec, origins: &change.origins, dns_name };
            resources.insert(change.address.clone(), known);
        }
    }
    resources
}

fn changes<'a>(plan: &'a Plan, wanted: Wanted<'_>) -> impl Iterator<Item = &'a Change> {
    let current = plan.changes.iter().filter(|change| change.deposed.is_none());
    current.filter(move |change| {
        (wanted.kind)(change.address.kind) && (wanted.stack)(&change.address.stack)
    })
}

/// Stacks that a plan changes, in order.
fn changed(plan: &Plan) -> BTreeSet<&str> {
    plan.changes.iter().map(|change| change.address.stack.as_str()).collect()
}

fn resources<'a>(state: &'a State, wanted: Wanted<'_>) -> BTreeMap<Address, Known<'a>> {
    let stacks = state.stacks.iter().filter(|(name, _)| (wanted.stack)(name));
    let all = stacks.flat_map(|(name, stack)| {
        stack.resources.iter().filter_map(move |(local, recorded)| {
            let address = local_address(name, local)?;
            let dns_name = recorded.outputs.get(Output::DnsName.name());
            let known = Known { spec: &recorded.spec, origins: &recorded.origins, dns_name };
            (wanted.kind)(address.kind).then_some((address, known))
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
