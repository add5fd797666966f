//! Holding answers against what is expected.

use super::{Expected, ExpectedTarget, RouteTest};
use crate::route::{
    Balancer, Decision, Forward, Refused, Reply, RoutingTable, Target, Url, WeightedTarget,
};

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'t> {
    /// Every load balancer that was asked; none if there is none.
    pub asked: Vec<Asked<'t>>,
}

/// What one load balancer says.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<'t> {
    /// The load balancer.
    pub balancer: &'t Balancer,
    /// What it answers.
    pub answer: Result<Decision<'t>, Refused>,
    /// Where that is not what was expected.
    pub mismatches: Vec<Mismatch>,
}

/// A part of an answer that was not expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The field of the test.
    pub field: &'static str,
    /// What it says.
    pub expected: String,
    /// What is answered.
    pub got: String,
}

impl Verdict<'_> {
    /// True if somebody answers, and all as expected.
    pub fn is_ok(&self) -> bool {
        !self.asked.is_empty() && self.asked.iter().all(|asked| asked.mismatches.is_empty())
    }
}

impl RouteTest {
    /// Asks the load balancers that the test's host leads to, or the one of its group.
    pub fn check<'t>(&self, table: &'t RoutingTable) -> Verdict<'t> {
        let balancers = match &self.group {
            Some(group) => table.balancers.get(group).into_iter().collect(),
            None => table.balancers_for(&self.request.host),
        };
        let asked = balancers.into_iter().map(|balancer| {
            let answer = balancer.ask(&self.url, &self.request);
            let mismatches = mismatches(&self.expected, &answer, self);
            Asked { balancer, answer, mismatches }
        });
        Verdict { asked: asked.collect() }
    }
}

fn mismatches(
    expected: &Expected,
    answer: &Result<Decision<'_>, Refused>,
    test: &RouteTest,
) -> Vec<Mismatch> {
    let decision = match answer {
        Ok(decision) => decision,
        Err(_) if expected.refused => return Vec::new(),
        Err(refused) => {
            let said = Mismatch {
                field: "answer",
                expected: "one".to_owned(),
                got: format!("none: {refused}"),
            };
            return vec![said];
        }
    };
    let reply = &decision.answer.reply;
    let mut found = Vec::new();
    let mut say = |field, expected: String, got: String| {
        found.push(Mismatch { field, expected, got });
    };
    if expected.refused {
        say("refused", "no answer".to_owned(), reply.to_string());
    }
    if let Some(targets) = &expected.targets
        && !matches!(reply, Reply::Forward { to, .. } if fits(targets, to))
    {
        let field = match targets.as_slice() {
            [target] if target.is_target_group => "targetGroup",
            [_] => "service",
            _ => "services",
        };
        say(field, targets_in_words(targets), reply.to_string());
    }
    if let Some(url) = &expected.redirect {
        let leads_there = |location: &str| location.parse::<Url>().is_ok_and(|got| got == *url);
        if !matches!(reply, Reply::Redirect { location, .. } if leads_there(location)) {
            say("redirect", url.to_string(), reply.to_string());
        }
    }
    if let Some(status) = expected.status {
        let got = match reply {
            Reply::Forward { .. } => None,
            Reply::Redirect { status, .. } | Reply::FixedResponse { status, .. } => Some(*status),
        };
        if got != Some(status) {
            say("status", status.to_string(), reply.to_string());
        }
    }
    if let Some(auth) = &expected.auth
        && auth != decision.answer.authentication.name()
    {
        say("auth", auth.clone(), decision.answer.authentication.name().to_owned());
    }
    let (host, url) = match reply {
        Reply::Forward { host, url, .. } => (host.clone(), url.clone()),
        _ => (None, None),
    };
    let seen = [
        ("rewritten.host", &expected.seen_host, host.unwrap_or(test.request.host.clone())),
        ("rewritten.url", &expected.seen_url, url.unwrap_or(test.request.path_and_query())),
    ];
    for (field, expected, got) in seen {
        if let Some(expected) = expected.as_ref().filter(|expected| **expected != got) {
            say(field, expected.clone(), got);
        }
    }
    if let Some(ingress) = &expected.ingress {
        let place = decision.route.place.as_ref().map(|place| place.ingress.as_str());
        if place != Some(ingress) {
            say("ingress", ingress.clone(), place.unwrap_or("none").to_owned());
        }
    }
    found
}

/// True if these targets, and no others, get these parts of the requests.
fn fits(expected: &[ExpectedTarget], forward: &Forward) -> bool {
    let wanted: Vec<_> = expected.iter().filter(|target| target.weight > 0).collect();
    let got = forward.shares();
    let names = forward.targets();
    let total = |weights: &mut dyn Iterator<Item = u32>| weights.map(u64::from).sum::<u64>();
    let all_wanted = total(&mut wanted.iter().map(|target| target.weight));
    let all_got = total(&mut got.iter().map(|share| share.weight));
    wanted.len() == got.len()
        && wanted.iter().all(|target| {
            got.iter().any(|share| {
                // A name stands only where targets are as they were written.
                let name = names.iter().find(|written| written.target == share.target);
                is_target(target, share, name.and_then(|written| written.name.as_deref()))
                    && u64::from(target.weight) * all_got == u64::from(share.weight) * all_wanted
            })
        })
}

fn is_target(expected: &ExpectedTarget, share: &WeightedTarget, name: Option<&str>) -> bool {
    match &share.target {
        Target::Service { service, port } => {
            !expected.is_target_group
                && *service == expected.name
                && expected.port.as_ref().is_none_or(|wanted| *wanted == port.to_string())
        }
        Target::TargetGroup(arn) => {
            let in_arn = arn.split('/').nth(1);
            expected.is_target_group
                && [Some(arn.as_str()), name, in_arn].contains(&Some(expected.name.as_str()))
        }
    }
}

fn targets_in_words(targets: &[ExpectedTarget]) -> String {
    let one = |target: &ExpectedTarget| {
        let port = target.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        let weight =
            if targets.len() > 1 { format!(" ({})", target.weight) } else { String::new() };
        format!("{}{port}{weight}", target.name)
    };
    targets.iter().map(one).collect::<Vec<_>>().join(" | ")
}
