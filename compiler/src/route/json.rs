//! Answers as JSON, the form in which programs get them.

use super::answer::{Answer, Reply};
use super::outcome::{Target, WeightedTarget};
use super::table::Place;
use super::{Balancer, Decision};
use crate::resource::Port;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum ReplyJson<'a> {
    Forward { targets: Vec<TargetJson<'a>> },
    Redirect { status: u16, location: &'a str },
    FixedResponse { status: u16 },
}

#[derive(Serialize)]
#[serde(untagged)]
enum TargetJson<'a> {
    Service {
        service: &'a str,
        port: &'a Port,
        weight: u32,
    },
    TargetGroup {
        #[serde(rename = "targetGroup")]
        target_group: &'a str,
        weight: u32,
    },
}

impl<'a> From<&'a WeightedTarget> for TargetJson<'a> {
    fn from(target: &'a WeightedTarget) -> Self {
        let weight = target.weight;
        match &target.target {
            Target::Service { service, port } => TargetJson::Service { service, port, weight },
            Target::TargetGroup(arn) => {
                let target_group = target.name.as_deref().unwrap_or(arn);
                TargetJson::TargetGroup { target_group, weight }
            }
        }
    }
}

impl<'a> From<&'a Reply> for ReplyJson<'a> {
    fn from(reply: &'a Reply) -> Self {
        match reply {
            Reply::Forward { to, .. } => {
                ReplyJson::Forward { targets: to.targets().iter().map(TargetJson::from).collect() }
            }
            Reply::Redirect { status, location } => {
                ReplyJson::Redirect { status: *status, location }
            }
            Reply::FixedResponse { status, .. } => ReplyJson::FixedResponse { status: *status },
        }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReplyJson::from(self).serialize(serializer)
    }
}

/// What a target sees of a request, where that is not what the client sent.
#[derive(Serialize)]
struct Rewritten<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

fn rewritten_of(reply: &Reply) -> Option<Rewritten<'_>> {
    match reply {
        Reply::Forward { host, url, .. } if host.is_some() || url.is_some() => {
            Some(Rewritten { host: host.as_deref(), url: url.as_deref() })
        }
        _ => None,
    }
}

/// A reply with its `auth`, and with what the target sees of a rewritten request.
impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct AnswerJson<'a> {
            #[serde(flatten)]
            reply: ReplyJson<'a>,
            auth: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            transform: Option<Rewritten<'a>>,
        }
        let answer = AnswerJson {
            reply: ReplyJson::from(&self.reply),
            auth: self.authentication.name(),
            transform: rewritten_of(&self.reply),
        };
        answer.serialize(serializer)
    }
}

/// What a load balancer answers to a URL, for one line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerLine<'a> {
    url: &'a str,
    load_balancer: &'a str,
    group: &'a str,
    listener: Option<i32>,
    rule: Option<&'a str>,
    auth: &'a str,
    certificate: Option<&'a str>,
    answer: Option<&'a Reply>,
    ingress: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform: Option<Rewritten<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<Vec<PassedLine<'a>>>,
}

/// A rule that did not match.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PassedLine<'a> {
    rule: &'a str,
    ingress: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    unmet: Vec<&'a crate::resource::Condition>,
}

fn place(place: Option<&Place>) -> (Option<&str>, Option<&str>, Option<u32>) {
    let position = place.map(|place| &place.position);
    (
        place.map(|place| place.ingress.as_str()),
        position.map(|position| position.file.as_str()),
        position.map(|position| position.line),
    )
}

impl<'a> AnswerLine<'a> {
    /// What a decision is.
    pub fn decided(url: &'a str, balancer: &'a Balancer, decision: &'a Decision<'_>) -> Self {
        let (ingress, file, line) = place(decision.route.place.as_ref());
        AnswerLine {
            listener: Some(decision.listener.port),
            rule: Some(&decision.route.id),
            auth: decision.answer.authentication.name(),
            certificate: decision.certificate.map(|certificate| certificate.arn.as_str()),
            answer: Some(&decision.answer.reply),
            ingress,
            file,
            line,
            transform: rewritten_of(&decision.answer.reply),
            ..AnswerLine::refused(url, balancer, None)
        }
    }

    /// Nothing answers, for the reason that is given.
    pub fn refused(url: &'a str, balancer: &'a Balancer, reason: Option<String>) -> Self {
        AnswerLine {
            url,
            load_balancer: &balancer.name,
            group: &balancer.group,
            listener: None,
            rule: None,
            auth: "none",
            certificate: None,
            answer: None,
            ingress: None,
            file: None,
            line: None,
            transform: None,
            reason,
            side: None,
            passed: None,
        }
    }

    /// With `before` or `after`, for what answers twice.
    pub fn side(self, side: Option<&'a str>) -> Self {
        AnswerLine { side, ..self }
    }

    /// With the rules that did not match.
    pub fn passed(self, passed: &'a [super::Passed<'a>]) -> Self {
        let lines = passed.iter().map(|passed| {
            let (ingress, file, line) = place(passed.route.place.as_ref());
            let unmet = passed.unmet.clone();
            PassedLine { rule: &passed.route.id, ingress, file, line, unmet }
        });
        AnswerLine { passed: Some(lines.collect()), ..self }
    }
}

/// A route, for one line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteLine<'a> {
    group: &'a str,
    load_balancer: &'a str,
    listener: i32,
    rule: &'a str,
    priority: Option<i32>,
    conditions: &'a [crate::resource::Condition],
    auth: &'a str,
    answer: Reply,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    host_rewrites: &'a [crate::resource::Rewrite],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    url_rewrites: &'a [crate::resource::Rewrite],
    ingress: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'a str>,
}

impl<'a> RouteLine<'a> {
    /// A route of a listener; with `before` or `after` where there are two.
    pub fn new(
        balancer: &'a Balancer,
        listener: i32,
        route: &'a super::Route,
        side: Option<&'a str>,
    ) -> Self {
        let (ingress, file, line) = place(route.place.as_ref());
        RouteLine {
            group: &balancer.group,
            load_balancer: &balancer.name,
            listener,
            rule: &route.id,
            priority: route.priority,
            conditions: &route.conditions,
            auth: route.outcome.authentication.name(),
            answer: route.outcome.template().reply,
            host_rewrites: &route.outcome.host_rewrites,
            url_rewrites: &route.outcome.url_rewrites,
            ingress,
            file,
            line,
            side,
        }
    }
}
