//! The state for people.

use super::describe;
use super::table::{self, Columns};
use super::text::safe;
use super::{Style, paint, value};
use ingc_applier::HeldLock;
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_planner::state::{Recorded, local_address};
use ingc_planner::{StackState, State};
use std::collections::BTreeMap;

/// The DNS name of every Ingress's load balancer. In front of an ALB may stand an NLB, which is
/// then the one to call.
pub fn dns_names(state: &State) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (name, stack) in &state.stacks {
        let Some(dns_name) = dns_name(name, stack) else { continue };
        for member in stack.members.keys() {
            names.insert(member.clone(), dns_name.to_owned());
        }
    }
    names
}

fn dns_name<'s>(name: &str, stack: &'s StackState) -> Option<&'s str> {
    let balancers = stack.resources.iter().filter_map(|(local, recorded)| {
        let address = local_address(name, local)?;
        let dns_name = recorded.outputs.get(Output::DnsName.name())?;
        (address.kind == Kind::LoadBalancer).then_some((address.id != "LoadBalancer", dns_name))
    });
    balancers.max().map(|(_, dns_name)| dns_name)
}

/// Where each Ingress is answered; empty if none is.
pub fn outputs(state: &State, style: Style) -> String {
    let mut table = Columns::new(&["INGRESS", "DNS NAME"], style).whole(0).whole(1);
    for (ingress, name) in dns_names(state) {
        table.row(vec![safe(&ingress).into_owned(), safe(&name).into_owned()]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}

/// An entry of the list.
pub struct Entry<'s> {
    /// Its address.
    pub address: Address,
    /// Its key, if it was set aside.
    pub deposed: Option<&'s str>,
    /// What is recorded.
    pub recorded: &'s Recorded,
}

/// All entries, in order.
pub fn entries(state: &State) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for (name, stack) in &state.stacks {
        for (local, recorded) in &stack.resources {
            let address = local_address(name, local);
            entries.extend(address.map(|address| Entry { address, deposed: None, recorded }));
        }
        for (key, deposed) in &stack.deposed {
            let address = local_address(name, &deposed.address);
            let recorded = &deposed.object;
            entries.extend(address.map(|address| Entry { address, deposed: Some(key), recorded }));
        }
    }
    entries.sort_by(|a, b| (&a.address, a.deposed).cmp(&(&b.address, b.deposed)));
    entries
}

/// A table of entries for every stack.
pub fn list(entries: &[Entry<'_>], style: Style) -> String {
    let stacks = entries.chunk_by(|a, b| a.address.stack == b.address.stack);
    let tables = stacks.map(|entries| {
        let rows: Vec<_> = entries
            .iter()
            .map(|Entry { address, deposed, recorded }| {
                let aside = if deposed.is_some() { " (set aside)" } else { "" };
                let what = describe::resource(address.kind, &recorded.spec.value());
                (address.kind.to_string(), format!("{}{aside}", address.id), what)
            })
            .collect();
        let stack = paint::bold(&safe(&entries[0].address.stack));
        format!("{stack}\n{}", table::resources(&rows, style))
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// Who holds which stacks.
pub fn locks(locks: &[HeldLock], style: Style) -> String {
    let mut table = Columns::new(&["ID", "STACK", "IN USE BY"], style).whole(0).whole(1);
    for lock in locks {
        table.row([&lock.id, &lock.stack, &lock.holder].map(|text| safe(text).into_owned()).into());
    }
    table.render()
}

/// One entry with all that is recorded.
pub fn show(entry: &Entry<'_>, style: Style) -> String {
    let mut text = format!("{}\n", paint::bold(&safe(&entry.address.to_string())));
    if let Some(key) = entry.deposed {
        text.push_str(&format!("  set aside as {}\n", safe(key)));
    }
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{title}\n{}\n", lines.join("\n")));
        }
    };
    let line = |name: &str, value: &str| safe(&format!("  {name}: {value}")).into_owned();
    let pairs = |pairs: &ingc_planner::state::Pairs| {
        pairs.iter().map(|(name, value)| line(name, value)).collect::<Vec<_>>()
    };
    let recorded = entry.recorded;
    section("Applied", value::lines(&recorded.spec.value(), 2, style.width));
    section("Answered by AWS", pairs(&recorded.outputs));
    section("Depends on", pairs(&recorded.depends_on));
    let secrets = recorded.secrets.iter().map(|(pointer, secret)| {
        let name = format!("{} of Secret {}", secret.key, secret.secret);
        line(pointer, &name)
    });
    section("Secrets, of which only a hash is kept", secrets.collect());
    let origins = recorded.origins.read().into_iter().map(|origin| {
        let said = format!("{} {}", origin.object, origin.source);
        line(said.trim(), &origin.position.to_string())
    });
    section("Because of", origins.collect());
    text
}
