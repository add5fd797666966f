//! From resources to a routing table.

use super::certificate::Certificate;
use super::outcome::{Outcome, Target};
use super::table::{Balancer, ListenerTable, Place, Protocol, Route, RoutingTable};
use crate::Compilation;
use crate::graph::Origin;
use crate::inventory::{Certificate as KnownCertificate, Inventory};
use crate::resource::{Address, Kind, Listener, ListenerRule, LoadBalancer, Spec, Token};
use crate::source::Sources;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A resource with what else is known of it.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its address.
    pub address: &'a Address,
    /// What it is.
    pub spec: Cow<'a, Spec>,
    /// Who asked for it, for rules and the default actions of listeners.
    pub place: Option<Place>,
    /// For load balancers, where it is known.
    pub dns_name: Option<String>,
}

impl RoutingTable {
    /// What compiled stacks will answer.
    pub fn of_compilation(
        compilation: &Compilation,
        sources: &Sources,
        inventory: &Inventory,
    ) -> RoutingTable {
        let place = |origins: &[Origin], kind: Kind| {
            let field = if kind == Kind::Listener { "defaultActions" } else { "" };
            let origin = origins.iter().find(|origin| {
                (origin.field == field || kind != Kind::Listener)
                    && origin.object.starts_with("Ingress/")
            })?;
            let ingress = origin.object.strip_prefix("Ingress/")?.to_owned();
            Some(Place { ingress, position: sources.position(origin.span) })
        };
        let resources = compilation.stacks.values().flat_map(|stack| &stack.resources);
        let entries = resources.filter(|(address, _)| RoutingTable::reads(address.kind)).map(
            |(address, r)| {
                let placed = matches!(address.kind, Kind::Listener | Kind::ListenerRule);
                Entry {
                    address,
                    spec: Cow::Borrowed(&r.spec),
                    place: placed.then(|| place(&r.origins, address.kind)).flatten(),
                    dns_name: None,
                }
            },
        );
        let names = compilation.stacks.values().flat_map(|stack| &stack.target_group_names);
        let names = names.map(|(arn, name)| (arn.as_str(), name.as_str())).collect();
        RoutingTable::new(entries, inventory, &names)
    }

    /// True for kinds that have a say in what answers.
    pub fn reads(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::LoadBalancer
                | Kind::Listener
                | Kind::ListenerRule
                | Kind::TargetGroupBinding
                | Kind::Certificate
        )
    }

    /// From resources in any order. The inventory says which hosts certificates are for, `names`
    /// by which name a target group of the account was given, by its ARN.
    pub fn new<'a>(
        entries: impl IntoIterator<Item = Entry<'a>>,
        inventory: &Inventory,
        names: &BTreeMap<&str, &str>,
    ) -> RoutingTable {
        let mut stacks: BTreeMap<&'a str, Vec<Entry<'a>>> = BTreeMap::new();
        for entry in entries {
            stacks.entry(&entry.address.stack).or_default().push(entry);
        }
        let account = Account {
            certificates: inventory
                .certificates
                .iter()
                .map(|known| (known.certificate_arn.as_str(), known))
                .collect(),
            names,
        };
        let stacks: Vec<_> = stacks.into_iter().collect();
        let balancers = stacks.par_iter().filter_map(|(group, entries)| {
            Some(((*group).to_owned(), balancer(group, entries, &account)?))
        });
        RoutingTable { balancers: balancers.collect() }
    }
}

/// What of the account matters to all groups.
struct Account<'a> {
    certificates: BTreeMap<&'a str, &'a KnownCertificate>,
    names: &'a BTreeMap<&'a str, &'a str>,
}

fn balancer(group: &str, entries: &[Entry<'_>], account: &Account<'_>) -> Option<Balancer> {
    let (entry, spec) = entries.iter().find_map(|entry| match &*entry.spec {
        Spec::LoadBalancer(spec) if is_application(spec) => Some((entry, spec)),
        _ => None,
    })?;
    let known = Known::new(entries, account);
    let of_balancer = |token: &Token| match token {
        Token::Ref(reference) => *reference.id == *entry.address.id,
        Token::Literal(_) => true,
    };
    let mut listeners: BTreeMap<&str, ListenerTable> = BTreeMap::new();
    for entry in entries {
        if let Spec::Listener(spec) = &*entry.spec
            && of_balancer(&spec.load_balancer_arn)
        {
            listeners.insert(&entry.address.id, known.listener(spec, entry.place.clone()));
        }
    }
    for entry in entries {
        if let Spec::ListenerRule(spec) = &*entry.spec
            && let Token::Ref(reference) = &spec.listener_arn
            && let Some(listener) = listeners.get_mut(&*reference.id)
        {
            let port = (listener.protocol.as_str(), listener.port);
            listener.routes.push(known.route(&entry.address.id, spec, port, entry.place.clone()));
        }
    }
    listeners.values_mut().for_each(|listener| listener.routes.sort_by_key(|r| r.priority));
    Some(Balancer {
        group: group.to_owned(),
        name: spec.name.clone(),
        dns_name: entry.dns_name.clone(),
        ipv6: spec.ip_address_type.starts_with("dualstack"),
        listeners: listeners.into_values().map(|listener| (listener.port, listener)).collect(),
    })
}

fn is_application(spec: &LoadBalancer) -> bool {
    spec.load_balancer_type == "application"
}

/// What references of a stack lead to.
struct Known<'a> {
    services: BTreeMap<&'a str, Target>,
    domains: BTreeMap<&'a str, Vec<String>>,
    account: &'a Account<'a>,
}

impl<'a> Known<'a> {
    fn new(entries: &'a [Entry<'_>], account: &'a Account<'a>) -> Known<'a> {
        let mut services = BTreeMap::new();
        let mut domains: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for entry in entries {
            match &*entry.spec {
                Spec::TargetGroupBinding(binding) => {
                    let (metadata, spec) = (&binding.template.metadata, &binding.template.spec);
                    if let Token::Ref(reference) = &spec.target_group_arn {
                        let target = Target::Service {
                            service: format!("{}/{}", metadata.namespace, spec.service_ref.name),
                            port: spec.service_ref.port.clone(),
                        };
                        services.insert(&*reference.id, target);
                    }
                }
                Spec::Certificate(certificate) => {
                    let names = [&certificate.domain_name];
                    let names = names.into_iter().chain(&certificate.subject_alternative_names);
                    domains.insert(&entry.address.id, names.cloned().collect());
                }
                _ => {}
            }
        }
        Known { services, domains, account }
    }

    fn target(&self, token: &Token) -> (Target, Option<String>) {
        match token {
            Token::Literal(arn) => {
                let name = self.account.names.get(arn.as_str()).map(|name| (*name).to_owned());
                (Target::TargetGroup(arn.clone()), name)
            }
            Token::Ref(reference) => {
                let of_stack = || Target::TargetGroup(reference.id.to_string());
                (self.services.get(&*reference.id).cloned().unwrap_or_else(of_stack), None)
            }
        }
    }

    fn certificate(&self, token: &Token) -> Certificate {
        let arn = match token {
            Token::Literal(arn) => arn.as_str(),
            Token::Ref(reference) => &*reference.id,
        };
        let of_account = || {
            let known = self.account.certificates.get(arn)?;
            let names = [&known.domain_name].into_iter().chain(&known.subject_alternative_names);
            Some(names.cloned().collect())
        };
        let domains = self.domains.get(arn).cloned().or_else(of_account).unwrap_or_default();
        Certificate { arn: arn.to_owned(), domains }
    }

    fn listener(&self, spec: &Listener, place: Option<Place>) -> ListenerTable {
        let protocol = if spec.protocol == "HTTPS" { Protocol::Https } else { Protocol::Http };
        let certificates = spec.certificates.iter().map(|c| self.certificate(&c.certificate_arn));
        let listener = (protocol.as_str(), spec.port);
        let default = Route {
            id: "default".to_owned(),
            priority: None,
            conditions: Vec::new(),
            outcome: Outcome::new(&spec.default_actions, &[], listener, &|t| self.target(t)),
            place,
        };
        ListenerTable {
            port: spec.port,
            protocol,
            certificates: certificates.collect(),
            routes: Vec::new(),
            default,
        }
    }

    fn route(
        &self,
        id: &str,
        spec: &ListenerRule,
        listener: (&str, i32),
        place: Option<Place>,
    ) -> Route {
        let target = |token: &Token| self.target(token);
        Route {
            id: id.to_owned(),
            priority: Some(spec.priority),
            conditions: spec.conditions.clone(),
            outcome: Outcome::new(&spec.actions, &spec.transforms, listener, &target),
            place,
        }
    }
}
