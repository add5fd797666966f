//! Changes of routing as JSON, the form in which programs get them.

use super::exact::{Change, Changes, Reason, Side};
use super::{Answer, Url};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// All changes, for `ingc routes diff --output json`.
#[derive(Serialize)]
pub struct ChangesJson<'a> {
    status: &'a str,
    changes: Vec<ChangeJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unproven: Vec<Value>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    group: &'a str,
    listener: i32,
    requests: String,
    example: ExampleJson<'a>,
    before: Option<&'a Answer>,
    after: Option<&'a Answer>,
    /// The rules that answer the example.
    rules: RulesJson<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExampleJson<'a> {
    url: String,
    method: &'a str,
    headers: Map<String, Value>,
    source_ip: String,
}

#[derive(Serialize)]
struct RulesJson<'a> {
    before: Option<RuleJson<'a>>,
    after: Option<RuleJson<'a>>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    rule: &'a str,
    ingress: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
}

impl Change {
    /// The URL of the example.
    pub fn url(&self) -> Url {
        Url {
            protocol: self.protocol,
            host: self.example.host.clone(),
            port: self.listener,
            path_and_query: self.example.path_and_query(),
        }
    }
}

impl<'a> From<&'a Changes> for ChangesJson<'a> {
    fn from(changes: &'a Changes) -> Self {
        let unproven = changes.unproven.iter().map(|unproven| {
            json!({
                "group": unproven.group,
                "listener": unproven.listener,
                "reason": reason(unproven.reason),
            })
        });
        ChangesJson {
            status: changes.status().as_str(),
            changes: changes.changes.iter().map(ChangeJson::from).collect(),
            unproven: unproven.collect(),
        }
    }
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        let request = &change.example;
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &request.headers {
            // A header that is sent more than once has a list of values.
            match headers.get_mut(name) {
                None => {
                    headers.insert(name.clone(), Value::from(value.as_str()));
                }
                Some(Value::Array(values)) => values.push(Value::from(value.as_str())),
                Some(first) => *first = json!([first.take(), value]),
            }
        }
        ChangeJson {
            group: &change.group,
            listener: change.listener,
            requests: change.requests.to_string(),
            example: ExampleJson {
                url: change.url().to_string(),
                method: &request.method,
                headers,
                source_ip: request.source_ip.to_string(),
            },
            before: change.before.as_ref().map(|side| &side.answer),
            after: change.after.as_ref().map(|side| &side.answer),
            rules: RulesJson {
                before: change.before.as_ref().map(rule),
                after: change.after.as_ref().map(rule),
            },
        }
    }
}

fn rule(side: &Side) -> RuleJson<'_> {
    let position = side.place.as_ref().map(|place| &place.position);
    RuleJson {
        rule: &side.route,
        ingress: side.place.as_ref().map(|place| place.ingress.as_str()),
        file: position.map(|position| position.file.as_str()),
        line: position.map(|position| position.line),
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Budget => "budget",
        Reason::Templates => "templates",
        Reason::Evaluation => "evaluation",
    }
}
