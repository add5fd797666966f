//! Conditions of a rule: the Ingress's host and path with what `conditions.NAME` adds.

use crate::annotation::{Json, Object, Value};
use crate::diagnostic::code::rule as code;
use crate::diagnostic::{Diagnostics, nearest};
use crate::resource::{
    Condition, HttpHeaderCondition, PatternCondition, QueryStringCondition, QueryStringPair,
    ValuesCondition,
};
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// What `conditions.NAME` says. Hosts and paths join the Ingress's own; the others stand before
/// them in the rule, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    /// Hosts.
    pub(crate) host: Patterns,
    /// Paths.
    pub(crate) path: Patterns,
    /// Conditions on other fields.
    pub(crate) others: Vec<Condition>,
}

/// Patterns or regular expressions, and where the annotation gives the first of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// Patterns with `*` and `?`.
    pub(crate) values: Vec<String>,
    /// Regular expressions.
    pub(crate) regex_values: Vec<String>,
    /// Where the first pattern stands.
    pub(crate) values_span: Option<Span>,
    /// Where the first regular expression stands.
    pub(crate) regex_span: Option<Span>,
}

impl Patterns {
    fn extend(&mut self, values: Vec<Spanned<String>>, regex_values: Vec<Spanned<String>>) {
        self.values_span = self.values_span.or(values.first().map(|value| value.span));
        self.regex_span = self.regex_span.or(regex_values.first().map(|value| value.span));
        self.values.extend(values.into_iter().map(|value| value.value));
        self.regex_values.extend(regex_values.into_iter().map(|value| value.value));
    }

    /// The condition, if there are any values.
    pub(crate) fn condition(self) -> Option<PatternCondition> {
        let Patterns { values, regex_values, .. } = self;
        let some = !values.is_empty() || !regex_values.is_empty();
        some.then_some(PatternCondition { regex_values, values })
    }
}

const FIELDS: &[&str] = &[
    "host-header",
    "path-pattern",
    "http-header",
    "http-request-method",
    "query-string",
    "source-ip",
];
const NAMES: &[&str] = &[
    "field",
    "hostHeaderConfig",
    "httpHeaderConfig",
    "httpRequestMethodConfig",
    "pathPatternConfig",
    "queryStringConfig",
    "sourceIPConfig",
];
const PATTERNS: &[&str] = &["values", "regexValues"];
const HEADER: &[&str] = &["httpHeaderName", "values", "regexValues"];
const VALUES: &[&str] = &["values"];

/// Reads the annotation. All configurations must have the right kinds of values, as the
/// controller reads them all; only the field's own must be complete.
pub(crate) fn read(value: &Value<'_, '_>) -> (Option<Conditions>, Diagnostics) {
    value.json(|json, root| {
        let mut conditions = Conditions::default();
        for node in json.list(root, "the value") {
            read_condition(json, node, &mut conditions);
        }
        conditions
    })
}

fn read_condition(json: &mut Json<'_, '_, '_>, node: Node<'_, '_>, conditions: &mut Conditions) {
    let condition = json.object(node, "an item", NAMES);
    let field = condition.string(json, "field");
    let used = |name: &str| field.value == name;
    let host = patterns(json, &condition, "hostHeaderConfig", used("host-header"));
    let path = patterns(json, &condition, "pathPatternConfig", used("path-pattern"));
    let header = http_header(json, &condition, used("http-header"));
    let method = values(
        json,
        &condition,
        "httpRequestMethodConfig",
        used("http-request-method"),
        check_method,
    );
    let query = query_string(json, &condition, used("query-string"));
    let source = values(json, &condition, "sourceIPConfig", used("source-ip"), check_block);
    let made = Condition { field: field.value.clone(), ..Condition::default() };
    match field.value.as_str() {
        "host-header" => match host {
            Some((values, regex_values)) => conditions.host.extend(values, regex_values),
            None => missing(json, condition.span, "hostHeaderConfig"),
        },
        "path-pattern" => match path {
            Some((values, regex_values)) => conditions.path.extend(values, regex_values),
            None => missing(json, condition.span, "pathPatternConfig"),
        },
        "http-header" => match header {
            Some(_) => {
                conditions.others.push(Condition { http_header: header.map(Box::new), ..made })
            }
            None => missing(json, condition.span, "httpHeaderConfig"),
        },
        "http-request-method" => match method {
            Some(_) => conditions.others.push(Condition { http_request_method: method, ..made }),
            None => missing(json, condition.span, "httpRequestMethodConfig"),
        },
        "query-string" => match query {
            Some(_) => conditions.others.push(Condition { query_string: query, ..made }),
            None => missing(json, condition.span, "queryStringConfig"),
        },
        "source-ip" => match source {
            Some(_) => conditions.others.push(Condition { source_ip: source, ..made }),
            None => missing(json, condition.span, "sourceIPConfig"),
        },
        _ => unknown_field(json, &field),
    }
}

fn unknown_field(json: &mut Json<'_, '_, '_>, field: &Spanned<String>) {
    let message = match field.value.as_str() {
        "" => format!("a condition of `{}` has no `field` and is dropped", json.name()),
        other => {
            format!("the condition field `{other}` of `{}` is unknown and dropped", json.name())
        }
    };
    let hint = match nearest(&field.value, FIELDS.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("write one of {}", FIELDS.join(", ")),
    };
    json.warning(field.span, &code::UNKNOWN_CONDITION_FIELD, message, hint);
}

fn missing(json: &mut Json<'_, '_, '_>, span: Span, config: &str) {
    let example = match config {
        "httpHeaderConfig" => "{\"httpHeaderName\":\"X-Canary\",\"values\":[\"1\"]}",
        "queryStringConfig" => "{\"values\":[{\"key\":\"version\",\"value\":\"2\"}]}",
        "sourceIPConfig" => "{\"values\":[\"192.0.2.0/24\"]}",
        "httpRequestMethodConfig" => "{\"values\":[\"GET\"]}",
        "hostHeaderConfig" => "{\"values\":[\"shop.example.com\"]}",
        _ => "{\"values\":[\"/cart/*\"]}",
    };
    json.error(
        span,
        &code::BAD_CONDITION,
        format!("`{config}` of `{}` is missing", json.name()),
        format!("add \"{config}\":{example}"),
    );
}

type Texts = Vec<Spanned<String>>;

fn patterns(
    json: &mut Json<'_, '_, '_>,
    condition: &Object<'_, '_>,
    name: &str,
    used: bool,
) -> Option<(Texts, Texts)> {
    let config = condition.object(json, name, PATTERNS)?;
    Some(patterns_of(json, &config, used))
}

/// `values` or `regexValues`, and not both.
fn patterns_of(json: &mut Json<'_, '_, '_>, config: &Object<'_, '_>, used: bool) -> (Texts, Texts) {
    let values = config.strings(json, "values");
    let regex_values = config.strings(json, "regexValues");
    if used {
        match (values.first(), regex_values.first()) {
            (None, None) => empty(json, config, "[\"…\"]"),
            (Some(_), Some(regex)) => json.error(
                regex.span,
                &code::BAD_CONDITION,
                format!("a condition of `{}` has `values` and `regexValues`", json.name()),
                "leave one of them, or write two conditions where the field is http-header",
            ),
            _ => {}
        }
        values.iter().chain(&regex_values).for_each(|value| check_length(json, value));
    }
    (values, regex_values)
}

fn http_header(
    json: &mut Json<'_, '_, '_>,
    condition: &Object<'_, '_>,
    used: bool,
) -> Option<HttpHeaderCondition> {
    let config = condition.object(json, "httpHeaderConfig", HEADER)?;
    let name = config.string(json, "httpHeaderName");
    let (values, regex_values) = patterns_of(json, &config, used);
    let accepted = (1..=40).contains(&name.value.chars().count())
        && !name.value.contains(['*', '?', ' '])
        && !name.value.eq_ignore_ascii_case("host");
    if used && !accepted {
        let hint = match name.value.eq_ignore_ascii_case("host") {
            true => "use the field `host-header`",
            false => "write a header's name of 1 to 40 characters without wildcards",
        };
        json.refused(&name, "httpHeaderName", hint);
    }
    let texts = |texts: Texts| texts.into_iter().map(|text| text.value).collect();
    Some(HttpHeaderCondition {
        http_header_name: name.value,
        regex_values: texts(regex_values),
        values: texts(values),
    })
}

fn values(
    json: &mut Json<'_, '_, '_>,
    condition: &Object<'_, '_>,
    name: &str,
    used: bool,
    check: fn(&mut Json<'_, '_, '_>, &Spanned<String>),
) -> Option<ValuesCondition> {
    let config = condition.object(json, name, VALUES)?;
    let values = config.strings(json, "values");
    if used && values.is_empty() {
        empty(json, &config, "[\"…\"]");
    }
    if used {
        values.iter().for_each(|value| check(json, value));
    }
    Some(ValuesCondition { values: values.into_iter().map(|value| value.value).collect() })
}

fn query_string(
    json: &mut Json<'_, '_, '_>,
    condition: &Object<'_, '_>,
    used: bool,
) -> Option<QueryStringCondition> {
    let config = condition.object(json, "queryStringConfig", VALUES)?;
    let nodes = config.list(json, "values");
    if used && nodes.is_empty() {
        empty(json, &config, "[{\"key\":\"version\",\"value\":\"2\"}]");
    }
    let mut pairs = Vec::with_capacity(nodes.len());
    for node in nodes {
        let pair = json.object(node, "an item of `values`", &["key", "value"]);
        let key = pair.optional_string(json, "key");
        let value = pair.string(json, "value");
        if used && value.value.is_empty() {
            json.error(
                value.span,
                &code::BAD_CONDITION,
                format!("a query parameter of `{}` has no `value`", json.name()),
                "write \"value\":\"*\" for any value",
            );
        }
        if used {
            key.iter().chain([&value]).for_each(|text| check_length(json, text));
        }
        pairs.push(QueryStringPair { key: key.map(|key| key.value), value: value.value });
    }
    Some(QueryStringCondition { values: pairs })
}

fn empty(json: &mut Json<'_, '_, '_>, config: &Object<'_, '_>, example: &str) {
    json.error(
        config.span,
        &code::BAD_CONDITION,
        format!("a condition of `{}` has no `values`", json.name()),
        format!("add \"values\":{example}"),
    );
}

fn check_length(json: &mut Json<'_, '_, '_>, text: &Spanned<String>) {
    if text.value.chars().count() > 128 {
        json.refused(text, "values", "write at most 128 characters");
    }
}

fn check_method(json: &mut Json<'_, '_, '_>, method: &Spanned<String>) {
    let accepted = (1..=40).contains(&method.value.len())
        && method.value.bytes().all(|b| b.is_ascii_uppercase() || b == b'-' || b == b'_');
    if !accepted {
        json.refused(method, "values", "write a method in capitals, such as `GET`");
    }
}

fn check_block(json: &mut Json<'_, '_, '_>, block: &Spanned<String>) {
    if block.value.parse::<ipnet::IpNet>().is_err() {
        json.refused(block, "values", "write a block of addresses, such as `192.0.2.0/24`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{routing, testing};

    #[test]
    fn hosts_and_paths_join_and_the_others_keep_their_order() {
        let text = r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/a"]}},
            {"field":"source-ip","sourceIpConfig":{"values":["192.0.2.0/24"]}},
            {"field":"path-pattern","pathPatternConfig":{"values":["/b"]}},
            {"field":"http-request-method","httpRequestMethodConfig":{"Values":["GET"]}}]"#;
        let (conditions, findings) = testing::read(&routing::CONDITIONS, text, read);
        assert_eq!(findings, Vec::<String>::new());
        let conditions = conditions.unwrap();
        assert_eq!(conditions.path.values, ["/a", "/b"]);
        let fields: Vec<_> = conditions.others.iter().map(|other| other.field.as_str()).collect();
        assert_eq!(fields, ["source-ip", "http-request-method"]);
    }

    #[test]
    fn unknown_fields_are_dropped_with_a_warning() {
        let text = r#"[{"field":"http-headers","httpHeaderConfig":{}},null]"#;
        let (conditions, findings) = testing::read(&routing::CONDITIONS, text, read);
        assert!(conditions.unwrap().others.is_empty());
        assert_eq!(
            findings,
            [
                "ING0707 11: the condition field `http-headers` of `conditions.x` is unknown and dropped",
                "ING0707 49: a condition of `conditions.x` has no `field` and is dropped",
            ]
        );
    }

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let check = |text, expected: &[&str]| {
            let (_, findings) = testing::read(&routing::CONDITIONS, text, read);
            assert_eq!(findings, expected, "{text}");
        };
        check(
            r#"{"field":"source-ip"}"#,
            &["ING0410 1: the value of `conditions.x` is an object, where a list belongs"],
        );
        check(
            r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"A","values":["a"],"regexValues":["b"]}},{"field":"source-ip"},{"field":"query-string","queryStringConfig":{"values":[{"key":"k"}]}}]"#,
            &[
                "ING0706 96: a condition of `conditions.x` has `values` and `regexValues`",
                "ING0706 103: `sourceIPConfig` of `conditions.x` is missing",
                "ING0706 180: a query parameter of `conditions.x` has no `value`",
            ],
        );
        check(
            r#"[{"field":"http-request-method","httpRequestMethodConfig":{"values":["get"]}}]"#,
            &["ING0904 70: AWS refuses `get` for `values` of `conditions.x`"],
        );
    }
}
