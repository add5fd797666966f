//! Which requests are answered differently by two routing tables.

use super::listing::{Listing, always_differ};
use super::requests::Requests;
use super::sample;
use super::solve::{Example, Region, Solver};
use super::space::{Field, Space};
use super::{Budget, Exceeded};
use crate::route::{
    Answer, Balancer, ListenerTable, Outcome, Place, Protocol, Request, Route, RoutingTable,
};
use std::collections::BTreeSet;

/// What changes for those who send requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Classes of requests that are answered differently; those that touch most hosts first. Every
    /// one comes with a request for which that was tried out.
    pub changes: Vec<Change>,
    /// Listeners of which it could not be told for all requests.
    pub unproven: Vec<Unproven>,
}

/// Whether anything changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is proven that every request is answered as before.
    Unchanged,
    /// The changes are all there are.
    Changed,
    /// There may be more changes than those that were found.
    Unproven,
}

impl Status {
    /// `unchanged`, `changed` or `unproven`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Unchanged => "unchanged",
            Status::Changed => "changed",
            Status::Unproven => "unproven",
        }
    }
}

/// A class of requests whose answer changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The group of the load balancer.
    pub group: String,
    /// The port.
    pub listener: i32,
    /// What the port speaks.
    pub protocol: Protocol,
    /// The class.
    pub requests: Requests,
    /// A request of the class.
    pub example: Request,
    /// What answered the example; none if nothing listened.
    pub before: Option<Side>,
    /// What answers the example; none if nothing listens.
    pub after: Option<Side>,
}

/// What answers on one side.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The rule of the example, or `default`.
    pub route: String,
    /// Who asked for it.
    pub place: Option<Place>,
    /// What is done with all requests of the class.
    pub outcome: Outcome,
    /// The answer of the example.
    pub answer: Answer,
}

/// A listener that was not decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unproven {
    /// The group of the load balancer.
    pub group: String,
    /// The port.
    pub listener: i32,
    /// Why.
    pub reason: Reason,
}

/// Why something could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It would take more work than allowed. Changes are of requests that were made from the rules.
    Budget,
    /// Rewrites or redirects differ in their words, and no request was found for which they make a
    /// difference.
    Templates,
    /// The evaluation of an example does not confirm the decision.
    Evaluation,
}

impl Changes {
    /// Whether anything changes.
    pub fn status(&self) -> Status {
        match (self.unproven.is_empty(), self.changes.is_empty()) {
            (false, _) => Status::Unproven,
            (true, true) => Status::Unchanged,
            (true, false) => Status::Changed,
        }
    }
}

impl RoutingTable {
    /// All changes from this table to another. The budget is for each listener.
    pub fn changes(&self, after: &RoutingTable, budget: Budget) -> Changes {
        let groups: BTreeSet<_> = self.balancers.keys().chain(after.balancers.keys()).collect();
        let mut changes = Changes::default();
        for group in groups {
            let sides = (self.balancers.get(group), after.balancers.get(group));
            compare_balancers(group, sides, budget, &mut changes);
        }
        changes.changes.sort_by(|a, b| {
            let key = |c: &Change| (c.requests.reach(), c.group.clone(), c.listener);
            let (a_key, b_key) = (key(a), key(b));
            b_key.0.cmp(&a_key.0).then((a_key.1, a_key.2).cmp(&(b_key.1, b_key.2)))
        });
        changes.unproven.sort();
        changes.unproven.dedup();
        changes
    }
}

fn compare_balancers(
    group: &str,
    (before, after): (Option<&Balancer>, Option<&Balancer>),
    budget: Budget,
    changes: &mut Changes,
) {
    let listeners = |balancer: Option<&'_ Balancer>| {
        let all = balancer.into_iter().flat_map(|balancer| balancer.listeners.values());
        all.map(|listener| (listener.port, listener.protocol)).collect::<Vec<_>>()
    };
    let ports: BTreeSet<_> = listeners(before).into_iter().chain(listeners(after)).collect();
    for (port, protocol) in ports {
        let of = |balancer: Option<&'_ Balancer>| {
            let listener = balancer.and_then(|balancer| balancer.listeners.get(&port));
            listener.filter(|listener| listener.protocol == protocol).cloned()
        };
        let (before_listener, after_listener) = (of(before), of(after));
        // Nobody sends over IPv6 what only one of the two can get.
        let ipv6 = [before, after].into_iter().flatten().all(|balancer| balancer.ipv6);
        let pair = Pair {
            group,
            port,
            protocol,
            before: before_listener.as_ref(),
            after: after_listener.as_ref(),
            ipv6,
        };
        pair.compare(budget, changes);
    }
}

struct Pair<'t> {
    group: &'t str,
    port: i32,
    protocol: Protocol,
    before: Option<&'t ListenerTable>,
    after: Option<&'t ListenerTable>,
    ipv6: bool,
}

impl Pair<'_> {
    fn compare(&self, budget: Budget, changes: &mut Changes) {
        if let (Some(before), Some(after)) = (self.before, self.after)
            && answers_alike(before, after)
        {
            return;
        }
        if self.decide(budget, changes).is_err() {
            self.unproven(Reason::Budget, changes);
            for request in sample::differing(self.before, self.after) {
                let requests = sample::only(&request);
                let change = self.change(requests, request);
                changes.changes.extend(change);
            }
        }
    }

    fn unproven(&self, reason: Reason, changes: &mut Changes) {
        let group = self.group.to_owned();
        changes.unproven.push(Unproven { group, listener: self.port, reason });
    }

    fn decide(&self, budget: Budget, changes: &mut Changes) -> Result<(), Exceeded> {
        let mut listing = Listing::new(self.before, self.after)?;
        let (before, after) = (listing.before.clone(), listing.after.clone());
        let mut solver = Solver::new(&mut listing.space, budget, self.ipv6, &listing.same_where);
        let regions = solver.differences(&before, &after)?;
        for (region, example) in regions.iter() {
            let outcome = |answer: u32| listing.outcomes[answer as usize];
            let (one, other) = (outcome(region.before), outcome(region.after));
            let all = always_differ(one, other);
            let requests = Requests::new(&listing.space, region, all);
            let example = request(&listing.space, example);
            match self.confirmed(region, (one, other), &example) {
                Ok(request) => {
                    changes.changes.extend(self.change(requests, request));
                }
                Err(reason) => self.unproven(reason, changes),
            }
        }
        Ok(())
    }

    /// The example, or one like it, if the evaluation says that its answer changes.
    fn confirmed(
        &self,
        _region: &Region,
        outcomes: (Option<&Outcome>, Option<&Outcome>),
        example: &Request,
    ) -> Result<Request, Reason> {
        let mut reason = Reason::Evaluation;
        for request in alike(example).chain(rewritten(example, outcomes)) {
            let (before, after) =
                (self.route(self.before, &request), self.route(self.after, &request));
            let outcome = |route: Option<&'_ Route>| route.map(|route| route.outcome.clone());
            if (outcome(before).as_ref(), outcome(after).as_ref()) != outcomes {
                continue;
            }
            reason = Reason::Templates;
            let answer = |route: Option<&'_ Route>| route.map(|r| r.outcome.answer(&request));
            if answer(before) != answer(after) {
                return Ok(request);
            }
        }
        Err(reason)
    }

    fn route<'l>(
        &self,
        listener: Option<&'l ListenerTable>,
        request: &Request,
    ) -> Option<&'l Route> {
        listener.map(|listener| listener.route(request))
    }

    fn change(&self, requests: Requests, example: Request) -> Option<Change> {
        let side = |listener: Option<&ListenerTable>| {
            let route = listener?.route(&example);
            Some(Side {
                route: route.id.clone(),
                place: route.place.clone(),
                outcome: route.outcome.clone(),
                answer: route.outcome.answer(&example),
            })
        };
        let (before, after) = (side(self.before), side(self.after));
        let answer = |side: &Option<Side>| side.as_ref().map(|side| side.answer.clone());
        (answer(&before) != answer(&after)).then(|| Change {
            group: self.group.to_owned(),
            listener: self.port,
            protocol: self.protocol,
            requests,
            before,
            after,
            example,
        })
    }
}

/// True if rules and default are the same word for word.
fn answers_alike(before: &ListenerTable, after: &ListenerTable) -> bool {
    before.routes.len() == after.routes.len()
        && before
            .all_routes()
            .zip(after.all_routes())
            .all(|(a, b)| a.outcome == b.outcome && a.conditions == b.conditions)
}

/// The request, and others that differ from it in what rules rarely ask for. A rewrite may make a
/// difference for one of them.
fn alike(example: &Request) -> impl Iterator<Item = Request> {
    let with_query = |pair: &str| {
        let mark = if example.query.is_empty() { "" } else { "&" };
        Request { query: [&example.query, mark, pair].concat(), ..example.clone() }
    };
    let below = |more: &str| Request { path: [&example.path, more].concat(), ..example.clone() };
    [
        example.clone(),
        with_query("x=1"),
        below("a"),
        below("1"),
        below("a/b"),
        below("/a"),
        below("/a/b"),
        below(".html"),
    ]
    .into_iter()
}

/// The request with a query in which rewrites may find what they look for: their expressions without
/// operators, which simple ones match.
fn rewritten<'r>(
    example: &'r Request,
    (one, other): (Option<&'r Outcome>, Option<&'r Outcome>),
) -> impl Iterator<Item = Request> + 'r {
    let rewrites = one.into_iter().chain(other).flat_map(|outcome| &outcome.url_rewrites);
    rewrites.map(|rewrite| {
        let plain = |c: &char| c.is_ascii_graphic() && !r"\^$()[]{}+*?|#".contains(*c);
        let plain: String = rewrite.regex.chars().filter(plain).collect();
        let mark = if example.query.is_empty() { "" } else { "&" };
        Request { query: [&example.query, mark, &plain].concat(), ..example.clone() }
    })
}

/// The request that an example describes.
pub(super) fn request(space: &Space, example: &Example) -> Request {
    let text = |field: Field, default: &str| {
        example.singular.get(&field).map_or_else(|| default.to_owned(), Clone::clone)
    };
    let mut request = Request::get(text(Field::Host, "example.com"), &text(Field::Path, "/"))
        .method(text(Field::Method, "GET"));
    if let Some(Ok(address)) = example.singular.get(&Field::Source).map(|text| text.parse()) {
        request = request.from(address);
    }
    for (name, value) in &example.headers {
        request = request.header(space.headers[*name as usize].clone(), value.clone());
    }
    let pairs: Vec<_> = example.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    request.query = pairs.join("&");
    request
}
