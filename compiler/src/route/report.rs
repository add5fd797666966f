//! Changes of routing as a document: what `ingc routes diff` prints and what plans carry.

use super::exact::{Change, Changes, Reason, Side, Status};
use super::{Answer, Authentication, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which requests are answered differently, and whether that is all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoutingReport {
    /// What is proven.
    pub status: RoutingStatus,
    /// Classes of requests whose answer changes; those that touch most hosts first.
    pub changes: Vec<RoutingChange>,
    /// Listeners of which it could not be told for all requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unproven: Vec<UnprovenListener>,
    /// Groups whose load balancer is new, or goes: they are not compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<String>,
}

/// What is proven of routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoutingStatus {
    /// Every request is answered as before.
    Unchanged,
    /// The changes are all there are.
    Changed,
    /// There may be more changes than those that were found.
    Unproven,
}

/// A class of requests whose answer changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoutingChange {
    /// The group of the load balancer.
    pub group: String,
    /// The port.
    pub listener: i32,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// The class in words.
    pub requests: String,
    /// A request of the class, whose answer was tried out.
    pub example: RequestExample,
    /// What answered it; null if nothing listened.
    pub before: Option<Value>,
    /// What answers it; null if nothing listens.
    pub after: Option<Value>,
    /// Both answers in words, those of the class where they can be told for all of it.
    pub text: String,
    /// The rules that answer the example.
    pub rules: RulesOfChange,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestExample {
    /// The URL.
    pub url: String,
    /// The method.
    pub method: String,
    /// Headers by name; a list of values where one is sent more than once.
    pub headers: Map<String, Value>,
    /// The address that it comes from.
    pub source_ip: String,
}

/// The rules on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RulesOfChange {
    /// Before; null if nothing listened.
    pub before: Option<RuleOfChange>,
    /// After; null if nothing listens.
    pub after: Option<RuleOfChange>,
}

/// A rule and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleOfChange {
    /// `PORT:PRIORITY`, or `default`.
    pub rule: String,
    /// `namespace/name` of the Ingress; null for what the controller adds.
    pub ingress: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// The line.
    pub line: Option<u32>,
}

/// A listener that was not decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnprovenListener {
    /// The group of the load balancer.
    pub group: String,
    /// The port.
    pub listener: i32,
    /// Why.
    pub reason: String,
}

impl From<&Changes> for RoutingReport {
    fn from(changes: &Changes) -> Self {
        let unproven = changes.unproven.iter().map(|unproven| UnprovenListener {
            group: unproven.group.clone(),
            listener: unproven.listener,
            reason: reason(unproven.reason).to_owned(),
        });
        RoutingReport {
            status: match changes.status() {
                Status::Unchanged => RoutingStatus::Unchanged,
                Status::Changed => RoutingStatus::Changed,
                Status::Unproven => RoutingStatus::Unproven,
            },
            changes: changes.changes.iter().map(RoutingChange::from).collect(),
            unproven: unproven.collect(),
            not_compared: Vec::new(),
        }
    }
}

impl From<&Change> for RoutingChange {
    fn from(change: &Change) -> Self {
        let request = &change.example;
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &request.headers {
            let value = Value::from(value.as_str());
            match headers.get_mut(name) {
                None => {
                    headers.insert(name.clone(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        let url = Url {
            protocol: change.protocol,
            host: request.host.clone(),
            port: change.listener,
            path_and_query: request.path_and_query(),
        };
        let answer = |side: &Option<Side>| {
            let side = side.as_ref()?;
            serde_json::to_value(&side.answer).ok()
        };
        RoutingChange {
            group: change.group.clone(),
            listener: change.listener,
            protocol: change.protocol.as_str().to_owned(),
            requests: change.requests.to_string(),
            example: RequestExample {
                url: url.to_string(),
                method: request.method.clone(),
                headers,
                source_ip: request.source_ip.to_string(),
            },
            before: answer(&change.before),
            after: answer(&change.after),
            text: in_words(change),
            rules: RulesOfChange {
                before: change.before.as_ref().map(rule),
                after: change.after.as_ref().map(rule),
            },
        }
    }
}

fn rule(side: &Side) -> RuleOfChange {
    let position = side.place.as_ref().map(|place| &place.position);
    RuleOfChange {
        rule: side.route.clone(),
        ingress: side.place.as_ref().map(|place| place.ingress.clone()),
        file: position.map(|position| position.file.to_string()),
        line: position.map(|position| position.line),
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Budget => {
            "its rules are too many or too intricate to decide; requests made from the rules were \
             tried instead"
        }
        Reason::Templates => {
            "redirects or rewrites are written differently, and no request was found for which \
             that matters"
        }
        Reason::Evaluation => "evaluating an example did not confirm what was decided",
    }
}

/// Both answers: as they are for the whole class where their words differ, else for the example.
fn in_words(change: &Change) -> String {
    let words = |answer: &dyn Fn(&Side) -> Answer| {
        let words = |side: &Option<Side>| match side {
            Some(side) => answer(side).to_string(),
            None => "nothing listens".to_owned(),
        };
        (words(&change.before), words(&change.after))
    };
    let mut both = words(&|side| side.outcome.template());
    if both.0 == both.1 {
        both = words(&|side| side.answer.clone());
    }
    match both {
        (before, after) if before == after => format!("{before}, {}", hidden(change)),
        (before, after) => format!("{before} → {after}"),
    }
}

/// What differs where the words of both answers are the same.
fn hidden(change: &Change) -> String {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return String::new();
    };
    let (before, after) = (&before.answer.authentication, &after.answer.authentication);
    if before == after {
        return "with another body or content type".to_owned();
    }
    let provider = |guard: &Authentication| guard.provider().unwrap_or_default().to_owned();
    let others =
        |guard: &Authentication| guard.on_unauthenticated_request().unwrap_or_default().to_owned();
    if provider(before) != provider(after) {
        format!("provider {} → {}", provider(before), provider(after))
    } else if others(before) != others(after) {
        format!("unauthenticated requests: {} → {}", others(before), others(after))
    } else {
        "with other terms of the login".to_owned()
    }
}
