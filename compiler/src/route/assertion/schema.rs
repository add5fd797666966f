//! The JSON Schema of a file of expected answers.

use super::read::{GUARDS, TEST};
use crate::schema::json::{described, list, object, word};
use serde_json::{Value, json};

/// The schema, with what the fields mean.
pub fn schema() -> Value {
    let test = object(TEST.iter().map(|field| {
        let (form, meaning) = field_of(field);
        ((*field).to_owned(), described(form, meaning))
    }));
    let mut test = test;
    test["required"] = json!(["url"]);
    let meaning = "Requests and what shall answer them. What is not said may be anything.";
    let mut file = object([("routes".to_owned(), described(list(&test), meaning))]);
    file["required"] = json!(["routes"]);
    file
}

fn field_of(field: &str) -> (Value, &'static str) {
    let text = || json!({"type": ["string", "null"]});
    match field {
        "name" => (text(), "What the test is called. Default: the method and the URL."),
        "url" => (
            json!({"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"}),
            "The URL, sent as it stands: nothing is decoded or resolved.",
        ),
        "method" => (text(), "The method, as it is sent. Default: GET."),
        "headers" => (
            json!({
                "type": ["object", "null"],
                "additionalProperties": {
                    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
                },
            }),
            "Headers of the request; a list of values for one that is sent more than once.",
        ),
        "sourceIp" => (text(), "The address that the request comes from. Default: 203.0.113.1."),
        "group" => (text(), "Ask only the load balancer of this group."),
        "service" => (
            json!({"type": ["string", "null"], "pattern": "^[^/:]+/[^/:]+(:.+)?$"}),
            "The only Service that gets the request: NAMESPACE/NAME, or NAMESPACE/NAME:PORT.",
        ),
        "services" => (
            json!({
                "type": ["object", "null"],
                "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 999},
            }),
            "All Services that get requests, with their weights.",
        ),
        "targetGroup" => (text(), "The target group of the account, by name or ARN."),
        "redirect" => (
            json!({"type": ["string", "null"], "pattern": "^[hH][tT][tT][pP][sS]?://"}),
            "The Location of a redirect. The port of the scheme need not be said.",
        ),
        "status" => (
            json!({"type": ["integer", "null"], "minimum": 200, "maximum": 599}),
            "The status of a redirect or a fixed response.",
        ),
        "auth" => (word(&GUARDS), "How clients must prove who they are."),
        "rewritten" => (
            object(["host", "url"].map(|part| (part.to_owned(), text()))),
            "What the target gets to see: the Host header, and path with query.",
        ),
        "ingress" => (text(), "NAMESPACE/NAME of the Ingress whose rule answers."),
        "refused" => (json!({"type": ["boolean", "null"]}), "True if nothing listens there."),
        _ => (json!({}), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_meaning() {
        let schema = schema();
        let fields = &schema["properties"]["routes"]["items"]["properties"];
        for field in TEST {
            assert!(fields[field]["description"].is_string(), "{field}");
        }
    }
}
