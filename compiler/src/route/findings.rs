//! What the exact method finds in compiled routes: rules that can never match, requests of one
//! namespace that another's rule answers, and rules without which nothing changes.

use super::exact::{Budget, Claims};
use super::{ListenerTable, Route, RoutingTable, Url};
use crate::Compilation;
use crate::diagnostic::code::{limit, routing as code};
use crate::diagnostic::{Diagnostic, Diagnostics, Related};
use crate::graph::Origin;
use crate::resource::{Address, Condition, Kind};
use crate::source::Span;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What was found, and of how many listeners not everything could be told.
#[derive(Debug, Default)]
pub struct RouteFindings {
    /// The findings, all of them warnings.
    pub diagnostics: Diagnostics,
    /// `group, port PORT` of listeners whose rules are too many or too intricate.
    pub undecided: Vec<String>,
    /// Rules that could be one.
    pub mergeable: Vec<Merging>,
    /// Rules that were looked at.
    pub rules: usize,
}

/// Rules of a listener that could be one, which is proven to change no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merging {
    /// The group.
    pub group: String,
    /// The rules, as `PORT:PRIORITY`; the merged one stands at the place of the first.
    pub rules: Vec<String>,
    /// What the merged rule asks for.
    pub conditions: Vec<Condition>,
}

impl RoutingTable {
    /// Looks for rules that do nothing, or something that their authors may not expect. The table
    /// is that of the compilation. A rule stands on every listener of its Ingress; it is called
    /// useless only if it is on all of them.
    pub fn findings(&self, compilation: &Compilation, budget: Budget) -> RouteFindings {
        let known: BTreeSet<Span> = compilation
            .diagnostics
            .iter()
            .filter(|d| *d.code == limit::NEVER_MATCHES || *d.code == limit::SAME_HOST_AND_PATH)
            .filter_map(|finding| finding.span)
            .collect();
        let found: Vec<RouteFindings> = self
            .balancers
            .par_iter()
            .map(|(group, balancer)| {
                let listeners = balancer.listeners.values();
                let claims: Vec<_> = listeners
                    .map(|listener| (listener, listener.claims(balancer.ipv6, budget)))
                    .collect();
                let listeners = balancer.listeners.values();
                let mergeable = listeners.flat_map(|listener| {
                    let found = listener.mergeable(balancer.ipv6, budget);
                    let id = |rule: &usize| listener.routes[*rule].id.clone();
                    found.into_iter().map(move |merge| Merging {
                        group: group.clone(),
                        rules: merge.rules.iter().map(id).collect(),
                        conditions: merge.conditions,
                    })
                });
                let mergeable = mergeable.collect();
                let found = Group { name: group, compilation, claims }.findings(&known);
                RouteFindings { mergeable, ..found }
            })
            .collect();
        let mut all = RouteFindings::default();
        for found in found {
            all.diagnostics.append(found.diagnostics);
            all.undecided.extend(found.undecided);
            all.mergeable.extend(found.mergeable);
            all.rules += found.rules;
        }
        all
    }
}

/// What to say, and to advise, of a rule that can never match: by how many earlier rules take its
/// requests.
pub(crate) fn never_matches(takers: usize) -> (&'static str, &'static str) {
    match takers {
        0 => (
            "the rule can never match: no request meets all its conditions",
            "look at the conditions that exclude each other",
        ),
        1 => (
            "the rule can never match: an earlier one takes all its requests",
            "move it before the other with `group.order`, or remove it",
        ),
        _ => (
            "the rule can never match: earlier ones together take all its requests",
            "move it before the others with `group.order`, or remove it",
        ),
    }
}

/// A group with what is claimed of its listeners.
struct Group<'t> {
    name: &'t str,
    compilation: &'t Compilation,
    claims: Vec<(&'t ListenerTable, Claims)>,
}

/// A claim about a rule of the manifests, by the place that it was written at.
struct Claim<'t> {
    rule: &'t Route,
    by: BTreeMap<Span, &'t Route>,
    /// The default action is among those that answer as well.
    default: bool,
    listeners: usize,
}

impl<'t> Group<'t> {
    fn origin(&self, route: &Route) -> Option<&'t Origin> {
        let address = Address::new(self.name, Kind::ListenerRule, route.id.as_str());
        let resource = self.compilation.stacks.get(self.name)?.resources.get(&address)?;
        resource.origins.first()
    }

    fn span(&self, route: &Route) -> Option<Span> {
        self.origin(route).map(|origin| origin.span)
    }

    fn findings(&self, known: &BTreeSet<Span>) -> RouteFindings {
        let mut found = RouteFindings::default();
        let mut occurrences: BTreeMap<Span, usize> = BTreeMap::new();
        for (listener, claims) in &self.claims {
            found.rules += listener.routes.len();
            for span in listener.routes.iter().filter_map(|route| self.span(route)) {
                *occurrences.entry(span).or_default() += 1;
            }
            if claims.incomplete {
                found.undecided.push(format!("{}, port {}", self.name, listener.port));
            }
        }
        let everywhere = |claims: BTreeMap<Span, Claim<'t>>| {
            claims.into_iter().filter(|(span, claim)| {
                occurrences.get(span).is_some_and(|count| *count == claim.listeners)
            })
        };
        let unreachable = self.by_place(|claims| {
            claims.unreachable.iter().map(|claim| (claim.rule, claim.by.as_slice())).collect()
        });
        for (span, claim) in everywhere(unreachable) {
            if !known.contains(&span) {
                found.diagnostics.push(self.never_matches(span, &claim));
            }
        }
        let redundant = self.by_place(|claims| {
            claims.redundant.iter().map(|claim| (claim.rule, claim.by.as_slice())).collect()
        });
        for (span, claim) in everywhere(redundant) {
            found.diagnostics.push(self.changes_nothing(span, &claim));
        }
        self.takeovers(&mut found.diagnostics);
        found
    }

    /// Claims about rules, each with those that answer in its stead, by the place of the rule.
    fn by_place<'c>(
        &'c self,
        claims_of: impl Fn(&'c Claims) -> Vec<(usize, &'c [usize])>,
    ) -> BTreeMap<Span, Claim<'t>> {
        let mut places: BTreeMap<Span, Claim<'t>> = BTreeMap::new();
        for (listener, claims) in &self.claims {
            for (rule, by) in claims_of(claims) {
                let Some(rule) = listener.routes.get(rule) else { continue };
                let Some(span) = self.span(rule) else { continue };
                let claim = places.entry(span).or_insert_with(|| Claim {
                    rule,
                    by: BTreeMap::new(),
                    default: false,
                    listeners: 0,
                });
                claim.listeners += 1;
                for other in by {
                    match listener.routes.get(*other) {
                        Some(other) => {
                            claim.by.extend(self.span(other).map(|span| (span, other)));
                        }
                        None => claim.default = true,
                    }
                }
            }
        }
        places
    }

    fn never_matches(&self, span: Span, claim: &Claim<'_>) -> Diagnostic {
        let (message, hint) = never_matches(claim.by.len());
        let finding = Diagnostic::warning(&limit::NEVER_MATCHES, message).hint(hint);
        self.placed(finding, span, claim, "takes its requests")
    }

    fn changes_nothing(&self, span: Span, claim: &Claim<'_>) -> Diagnostic {
        let who = match (claim.by.is_empty(), claim.default) {
            (true, _) => "the default action answers",
            (false, true) => "later rules and the default action answer",
            (false, false) => "later rules answer",
        };
        let message =
            format!("the rule changes nothing: without it {who} all its requests in the same way");
        let finding = Diagnostic::warning(&code::CHANGES_NOTHING, message).hint(
            "remove it, or keep it for what it says to readers: it costs one of AWS's 100 rules",
        );
        self.placed(finding, span, claim, "answers in the same way")
    }

    fn placed(
        &self,
        finding: Diagnostic,
        span: Span,
        claim: &Claim<'_>,
        label: &str,
    ) -> Diagnostic {
        let mut finding = self.at(finding, span, claim.rule);
        for (place, other) in &claim.by {
            finding = finding.related(Related {
                message: label.to_owned(),
                ingress: other.place.as_ref().map(|place| place.ingress.clone()),
                span: Some(*place),
            });
        }
        finding
    }

    fn at(&self, finding: Diagnostic, span: Span, rule: &Route) -> Diagnostic {
        let mut finding = finding.at(span).group(self.name);
        if let Some(place) = &rule.place {
            finding = finding.ingress(place.ingress.as_str());
        }
        match self.origin(rule) {
            Some(origin) => finding.path(origin.source.as_str()),
            None => finding,
        }
    }

    /// One finding for each rule and the rule of another namespace that answers in its stead,
    /// however many listeners they stand on.
    fn takeovers(&self, diagnostics: &mut Diagnostics) {
        let mut told: BTreeSet<(Span, Span)> = BTreeSet::new();
        for (listener, claims) in &self.claims {
            for claim in &claims.takeovers {
                let routes = &listener.routes;
                let (Some(rule), Some(by)) = (routes.get(claim.rule), routes.get(claim.by)) else {
                    continue;
                };
                let (Some(span), Some(by_span)) = (self.span(rule), self.span(by)) else {
                    continue;
                };
                if !told.insert((span, by_span)) {
                    continue;
                }
                let ingress = |route: &Route| {
                    route.place.as_ref().map(|place| place.ingress.clone()).unwrap_or_default()
                };
                let url = Url {
                    protocol: listener.protocol,
                    host: claim.example.host.clone(),
                    port: listener.port,
                    path_and_query: claim.example.path_and_query(),
                };
                let message = format!(
                    "requests for {} go to Ingress `{}` of another namespace, such as {url}",
                    claim.requests,
                    ingress(by),
                );
                let finding = Diagnostic::warning(&code::TAKEN_OVER, message)
                    .hint(format!(
                        "if that is not agreed, give `{}` a smaller `group.order` than `{}`",
                        ingress(rule),
                        ingress(by)
                    ))
                    .related(Related {
                        message: "the rule that answers".to_owned(),
                        ingress: Some(ingress(by)),
                        span: Some(by_span),
                    });
                diagnostics.push(self.at(finding, span, rule));
            }
        }
    }
}
