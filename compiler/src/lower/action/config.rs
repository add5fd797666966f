//! `actions.NAME` as written: which of the three types, with its configuration checked.

use crate::annotation::{Json, Object, Value, parse_int};
use crate::diagnostic::code::{limit, rule as code};
use crate::diagnostic::{Diagnostics, nearest};
use crate::resource::{FixedResponse, Port, Redirect, Stickiness};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, NodeKind};

/// An action as its annotation says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ActionConfig {
    /// `fixed-response`
    FixedResponse(FixedResponse),
    /// `redirect`
    Redirect(Redirect),
    /// `forward`
    Forward(ForwardConfig),
}

/// `forwardConfig`, or the short form with one target group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForwardConfig {
    /// Where requests go.
    pub(crate) tuples: Vec<Tuple>,
    /// `targetGroupStickinessConfig`
    pub(crate) stickiness: Option<Stickiness>,
}

/// One entry of `targetGroups`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tuple {
    /// The target group.
    pub(crate) target: Target,
    /// `weight`
    pub(crate) weight: Option<i32>,
}

/// What a tuple names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// `targetGroupARN`
    Arn(String),
    /// `targetGroupName`
    Name(Spanned<String>),
    /// `serviceName` and `servicePort`
    Service(Spanned<String>, Spanned<Port>),
}

const TYPES: &[&str] = &["forward", "redirect", "fixed-response"];
const NAMES: &[&str] = &[
    "type",
    "targetGroupARN",
    "targetGroupName",
    "fixedResponseConfig",
    "redirectConfig",
    "forwardConfig",
];
const FIXED: &[&str] = &["contentType", "messageBody", "statusCode"];
const REDIRECT: &[&str] = &["host", "path", "port", "protocol", "query", "statusCode"];
const FORWARD: &[&str] = &["targetGroups", "targetGroupStickinessConfig"];
const TUPLE: &[&str] =
    &["targetGroupARN", "targetGroupName", "serviceName", "servicePort", "weight"];
const STICKINESS: &[&str] = &["enabled", "durationSeconds"];

/// Reads the annotation. All configurations must have the right kinds of values, as the
/// controller reads them all; only the type's own must be complete.
pub(crate) fn read(value: &Value<'_, '_>) -> (Option<ActionConfig>, Diagnostics) {
    let (config, findings) = value.json(|json, root| {
        let action = json.object(root, "the value", NAMES);
        let kind = action.string(json, "type");
        let arn = action.optional_string(json, "targetGroupARN");
        let name = action.optional_string(json, "targetGroupName");
        let fixed = action
            .object(json, "fixedResponseConfig", FIXED)
            .map(|config| fixed_response(json, &config, kind.value == "fixed-response"));
        let redirected = action
            .object(json, "redirectConfig", REDIRECT)
            .map(|config| redirect(json, &config, kind.value == "redirect"));
        let forwarded = action
            .object(json, "forwardConfig", FORWARD)
            .map(|config| (forward(json, &config, kind.value == "forward"), config.span));
        match kind.value.as_str() {
            "fixed-response" => {
                if fixed.is_none() {
                    missing(json, action.span, "fixedResponseConfig", "{\"statusCode\":\"404\"}");
                }
                fixed.map(ActionConfig::FixedResponse)
            }
            "redirect" => {
                if redirected.is_none() {
                    let example = "{\"protocol\":\"HTTPS\",\"statusCode\":\"HTTP_301\"}";
                    missing(json, action.span, "redirectConfig", example);
                }
                redirected.map(ActionConfig::Redirect)
            }
            "forward" => forward_action(json, action.span, arn, name, forwarded),
            _ => {
                unknown_type(json, &kind);
                None
            }
        }
    });
    (config.flatten(), findings)
}

/// Either the short form or `forwardConfig`, never both and never neither.
fn forward_action(
    json: &mut Json<'_, '_, '_>,
    span: Span,
    arn: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    config: Option<(ForwardConfig, Span)>,
) -> Option<ActionConfig> {
    let short = match (arn, name) {
        (Some(arn), _) => Some((Target::Arn(arn.value), arn.span)),
        (None, Some(name)) => {
            let span = name.span;
            Some((Target::Name(name), span))
        }
        (None, None) => None,
    };
    match (short, config) {
        (Some((_, span)), Some(_)) => {
            json.error(
                span,
                &code::BAD_ACTION,
                format!("`{}` names a target group beside `forwardConfig`", json.name()),
                "move it into `forwardConfig.targetGroups`",
            );
            None
        }
        (Some((target, _)), None) => {
            let tuples = vec![Tuple { target, weight: None }];
            Some(ActionConfig::Forward(ForwardConfig { tuples, stickiness: None }))
        }
        (None, Some((config, _))) => Some(ActionConfig::Forward(config)),
        (None, None) => {
            let example =
                "{\"targetGroups\":[{\"serviceName\":\"my-service\",\"servicePort\":80}]}";
            missing(json, span, "forwardConfig", example);
            None
        }
    }
}

fn unknown_type(json: &mut Json<'_, '_, '_>, kind: &Spanned<String>) {
    let message = match kind.value.as_str() {
        "" => format!("`{}` has no `type`", json.name()),
        other => format!("the type `{other}` of `{}` is unknown", json.name()),
    };
    let hint = match nearest(&kind.value, TYPES.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None if kind.value.starts_with("authenticate-") => {
            "logins are asked for with the annotation `auth-type`".to_owned()
        }
        None => format!("write one of {}", TYPES.join(", ")),
    };
    json.error(kind.span, &code::BAD_ACTION, message, hint);
}

fn missing(json: &mut Json<'_, '_, '_>, span: Span, field: &str, example: &str) {
    let message = format!("`{field}` of `{}` is missing", json.name());
    json.error(span, &code::BAD_ACTION, message, format!("add \"{field}\":{example}"));
}

fn fixed_response(
    json: &mut Json<'_, '_, '_>,
    config: &Object<'_, '_>,
    used: bool,
) -> FixedResponse {
    let content_type = config.optional_string(json, "contentType");
    let body = config.optional_string(json, "messageBody");
    let status = config.string(json, "statusCode");
    if used {
        if status.value.is_empty() {
            missing(json, status.span, "statusCode", "\"404\"");
        } else if !(status.value.len() == 3
            && matches!(parse_int(&status.value, 200, 599), Some(code) if code / 100 != 3))
        {
            json.refused(&status, "statusCode", "write a code from 200 to 299 or 400 to 599");
        }
        const TYPES: &[&str] =
            &["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
        if let Some(text) = content_type.as_ref().filter(|t| !TYPES.contains(&t.value.as_str())) {
            json.refused(text, "contentType", &format!("write one of {}", TYPES.join(", ")));
        }
        if let Some(body) = body.as_ref().filter(|body| body.value.chars().count() > 1024) {
            json.too_long(body, "messageBody", 1024);
        }
    }
    FixedResponse {
        content_type: content_type.map(|text| text.value),
        message_body: body.map(|text| text.value),
        status_code: status.value,
    }
}

fn redirect(json: &mut Json<'_, '_, '_>, config: &Object<'_, '_>, used: bool) -> Redirect {
    let [host, path, port, protocol, query] = ["host", "path", "port", "protocol", "query"]
        .map(|name| config.optional_string(json, name));
    let status = config.string(json, "statusCode");
    if used {
        if status.value.is_empty() {
            missing(json, status.span, "statusCode", "\"HTTP_301\"");
        } else if !matches!(status.value.as_str(), "HTTP_301" | "HTTP_302") {
            json.refused(&status, "statusCode", "write HTTP_301 or HTTP_302");
        }
        for (name, text) in [("host", &host), ("path", &path), ("query", &query)] {
            if let Some(text) = text.as_ref().filter(|text| text.value.chars().count() > 128) {
                json.too_long(text, name, 128);
            }
        }
        if let Some(path) = path.as_ref().filter(|path| !path.value.starts_with('/')) {
            json.refused(path, "path", "write a path that starts with `/`");
        }
        let known = |text: &&Spanned<String>| {
            text.value != "#{port}" && parse_int(&text.value, 1, 65535).is_none()
        };
        if let Some(port) = port.as_ref().filter(known) {
            json.refused(port, "port", "write a number from 1 to 65535 or #{port}");
        }
        let known = |text: &&Spanned<String>| {
            !matches!(text.value.as_str(), "HTTP" | "HTTPS" | "#{protocol}")
        };
        if let Some(protocol) = protocol.as_ref().filter(known) {
            json.refused(protocol, "protocol", "write HTTP, HTTPS or #{protocol}");
        }
    }
    let value = |text: Option<Spanned<String>>| text.map(|text| text.value);
    Redirect {
        host: value(host),
        path: value(path),
        port: value(port),
        protocol: value(protocol),
        query: value(query),
        status_code: status.value,
    }
}

fn forward(json: &mut Json<'_, '_, '_>, config: &Object<'_, '_>, used: bool) -> ForwardConfig {
    let entries = config.list(json, "targetGroups");
    let several = entries.len() > 1;
    if used && entries.is_empty() {
        json.warning(
            config.span,
            &limit::REFUSED_VALUE,
            format!("AWS refuses `{}`: it forwards to no target group", json.name()),
            "add \"targetGroups\":[{\"serviceName\":\"my-service\",\"servicePort\":80}]",
        );
    }
    if used && entries.len() > 5 {
        json.warning(
            config.span,
            &limit::TOO_MANY_TARGET_GROUPS,
            format!("`{}` forwards to {} target groups", json.name(), entries.len()),
            "AWS accepts at most five",
        );
    }
    let tuples =
        entries.into_iter().filter_map(|entry| tuple(json, entry, used, several)).collect();
    let stickiness =
        config.object(json, "targetGroupStickinessConfig", STICKINESS).map(|stickiness| {
            let seconds = stickiness.int32(json, "durationSeconds");
            if let Some(seconds) = seconds.filter(|s| used && !(1..=604_800).contains(&s.value)) {
                json.refused(&seconds, "durationSeconds", "write a number from 1 to 604800");
            }
            Stickiness {
                duration_seconds: seconds.map(|seconds| seconds.value),
                enabled: stickiness.boolean(json, "enabled"),
            }
        });
    ForwardConfig { tuples, stickiness }
}

/// One target group: by ARN, by name, or by Service and port.
fn tuple(
    json: &mut Json<'_, '_, '_>,
    entry: Node<'_, '_>,
    used: bool,
    several: bool,
) -> Option<Tuple> {
    let entry = json.object(entry, "an item of `targetGroups`", TUPLE);
    let arn = entry.optional_string(json, "targetGroupARN");
    let name = entry.optional_string(json, "targetGroupName");
    let service = entry.optional_string(json, "serviceName");
    let port = entry.get("servicePort", |node| service_port(json, node));
    let weight = entry.int32(json, "weight");
    if !used {
        return None;
    }
    if several && weight.is_none() {
        json.error(
            entry.span,
            &code::BAD_ACTION,
            format!("a target group of `{}` has no `weight`", json.name()),
            "add \"weight\":1; where there are several target groups, each needs one",
        );
    }
    if let Some(weight) = weight.filter(|weight| !(0..=999).contains(&weight.value)) {
        json.refused(&weight, "weight", "write a number from 0 to 999");
    }
    let target = match (arn, name, service) {
        (None, None, None) => {
            json.error(
                entry.span,
                &code::BAD_ACTION,
                format!("a target group of `{}` names no target", json.name()),
                "add \"serviceName\":\"my-service\",\"servicePort\":80, or \"targetGroupARN\", or \"targetGroupName\"",
            );
            return None;
        }
        (Some(_), _, Some(service)) | (None, Some(_), Some(service)) => {
            json.error(
                service.span,
                &code::BAD_ACTION,
                format!("a target group of `{}` names a Service and a target group", json.name()),
                "leave out `serviceName`, or `targetGroupARN` and `targetGroupName`",
            );
            return None;
        }
        (Some(arn), _, None) => Target::Arn(arn.value),
        (None, Some(name), None) => Target::Name(name),
        (None, None, Some(service)) => match port {
            Some(port) => Target::Service(service, port),
            None => {
                json.error(
                    service.span,
                    &code::BAD_ACTION,
                    format!("a target group of `{}` has no `servicePort`", json.name()),
                    format!("add \"servicePort\":80 beside \"{}\"", service.value),
                );
                return None;
            }
        },
    };
    Some(Tuple { target, weight: weight.map(|weight| weight.value) })
}

/// A number, or text that counts as a number where it is one: the controller's predecessor wrote
/// numbers as text.
fn service_port(json: &mut Json<'_, '_, '_>, node: Node<'_, '_>) -> Spanned<Port> {
    if node.kind() == NodeKind::String {
        let text = json.string(node, "`servicePort`");
        let number = parse_int(&text.value, i32::MIN.into(), i32::MAX.into());
        let port = number.map_or(Port::Name(text.value), |number| Port::Number(number as i32));
        return Spanned::new(port, text.span);
    }
    let number = json.int32(node, "`servicePort`");
    Spanned::new(Port::Number(number.value), number.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{routing, testing};

    fn findings(text: &str) -> Vec<String> {
        testing::read(&routing::ACTIONS, text, read).1
    }

    #[test]
    fn names_count_in_any_case_and_null_as_absent() {
        let text = r#"{"Type":"redirect","REDIRECTCONFIG":{"StatusCode":"HTTP_302","host":null}}"#;
        let (config, findings) = testing::read(&routing::ACTIONS, text, read);
        let redirect = Redirect { status_code: "HTTP_302".to_owned(), ..Redirect::default() };
        assert_eq!((config, findings), (Some(ActionConfig::Redirect(redirect)), vec![]));
    }

    #[test]
    fn the_short_form_names_one_target_group() {
        let check = |text, expected: Target| {
            let (config, findings) = testing::read(&routing::ACTIONS, text, read);
            assert_eq!(findings, Vec::<String>::new());
            match config {
                Some(ActionConfig::Forward(config)) => match &config.tuples[..] {
                    [Tuple { target, weight: None }] => assert_eq!(*target, expected),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        };
        check(r#"{"type":"forward","targetGroupARN":"arn:x"}"#, Target::Arn("arn:x".to_owned()));
        check(
            r#"{"type":"forward","targetGroupARN":"arn:x","targetGroupName":"y"}"#,
            Target::Arn("arn:x".to_owned()),
        );
    }

    #[test]
    fn ports_as_text_are_numbers_where_they_can_be() {
        let check = |port: &str, expected: Port| {
            let text = format!(
                r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{{"serviceName":"s","servicePort":{port}}}]}}}}"#
            );
            let (config, findings) = testing::read(&routing::ACTIONS, &text, read);
            assert_eq!(findings, Vec::<String>::new());
            let Some(ActionConfig::Forward(config)) = config else { panic!("{text}") };
            let [Tuple { target: Target::Service(_, port), .. }] = &config.tuples[..] else {
                panic!("{text}")
            };
            assert_eq!(port.value, expected);
        };
        check("80", Port::Number(80));
        check("\"80\"", Port::Number(80));
        check("\"http\"", Port::Name("http".to_owned()));
        check("\"\"", Port::Name(String::new()));
    }

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let check = |text: &str, expected: &[&str]| assert_eq!(findings(text), expected, "{text}");
        check(
            r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a"},{"weight":"1"}]}}"#,
            &[
                "ING0704 52: a target group of `actions.x` has no `weight`",
                "ING0704 67: a target group of `actions.x` has no `servicePort`",
                "ING0410 82: `weight` of `actions.x` is a string, `1`, where a whole number without quotes belongs",
                "ING0704 72: a target group of `actions.x` names no target",
            ],
        );
        check(
            r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":503}}"#,
            &["ING0410 62: `statusCode` of `actions.x` is a number, `503`, where a string belongs"],
        );
        check(
            r#"{"type":"redirekt"}"#,
            &["ING0704 9: the type `redirekt` of `actions.x` is unknown"],
        );
        check("null", &["ING0704 1: `actions.x` has no `type`"]);
        check(
            r#"{"type":"redirect","redirectconf":{}}"#,
            &[
                "ING0411 20: `redirectconf` of `actions.x` is unknown and has no effect",
                "ING0704 1: `redirectConfig` of `actions.x` is missing",
            ],
        );
        check(
            r#"{"type":"forward","targetGroupName":"a","forwardConfig":{"targetGroups":[]}}"#,
            &[
                "ING0904 57: AWS refuses `actions.x`: it forwards to no target group",
                "ING0704 37: `actions.x` names a target group beside `forwardConfig`",
            ],
        );
    }

    #[test]
    fn other_configurations_need_the_right_kinds_but_not_all_fields() {
        let check = |text: &str, expected: &[&str]| assert_eq!(findings(text), expected, "{text}");
        let fixed = r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200"},"redirectConfig""#;
        check(&format!("{fixed}:{{}}}}"), &[]);
        check(
            &format!("{fixed}:{{\"port\":443}}}}"),
            &["ING0410 94: `port` of `actions.x` is a number, `443`, where a string belongs"],
        );
    }

    #[test]
    fn repeated_names_are_all_read_and_the_last_one_counts() {
        let check = |text: &str, expected: &[&str]| assert_eq!(findings(text), expected, "{text}");
        check(
            r#"{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"},"RedirectConfig":{"port":"1","PORT":2}}"#,
            &[
                "ING0412 63: `redirectConfig` stands twice in one object of `actions.x`",
                "ING0412 92: `port` stands twice in one object of `actions.x`",
                "ING0410 99: `port` of `actions.x` is a number, `2`, where a string belongs",
            ],
        );
        check(
            r#"{"type":"redirect","type":"forward","targetGroupARN":"a"}"#,
            &["ING0412 20: `type` stands twice in one object of `actions.x`"],
        );
    }

    #[test]
    fn what_aws_refuses_is_a_warning() {
        let text = r##"{"type":"redirect","redirectConfig":{"port":"#{port}","path":"x","statusCode":"301"}}"##;
        let (config, findings) = testing::read(&routing::ACTIONS, text, read);
        assert!(config.is_some());
        assert_eq!(
            findings,
            [
                "ING0904 79: AWS refuses `301` for `statusCode` of `actions.x`",
                "ING0904 62: AWS refuses `x` for `path` of `actions.x`",
            ]
        );
    }
}
