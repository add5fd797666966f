//! `transforms.NAME`: rewrites of URL and host after the match.

use crate::annotation::{Json, Object, Value};
use crate::diagnostic::code::{limit, rule as code};
use crate::diagnostic::{Diagnostics, nearest};
use crate::resource::{Rewrite, Rewrites, Transform};
use crate::source::{Span, Spanned};

const TYPES: &[&str] = &["url-rewrite", "host-header-rewrite"];
const NAMES: &[&str] = &["type", "urlRewriteConfig", "hostHeaderRewriteConfig"];

/// Reads the annotation.
pub(crate) fn read(value: &Value<'_, '_>) -> (Option<Vec<Transform>>, Diagnostics) {
    value.json(|json, root| {
        let mut transforms = Vec::new();
        let mut seen: Vec<Spanned<String>> = Vec::new();
        for node in json.list(root, "the value") {
            let transform = json.object(node, "an item", NAMES);
            let kind = transform.string(json, "type");
            let url = rewrites(json, &transform, "urlRewriteConfig");
            let host = rewrites(json, &transform, "hostHeaderRewriteConfig");
            let (field, chosen) = match kind.value.as_str() {
                "url-rewrite" => ("urlRewriteConfig", &url),
                "host-header-rewrite" => ("hostHeaderRewriteConfig", &host),
                _ => {
                    unknown_type(json, &kind);
                    continue;
                }
            };
            match chosen {
                None => missing(json, transform.span, field),
                Some((rewrites, span)) if rewrites.rewrites.is_empty() => {
                    missing(json, *span, "rewrites");
                }
                Some((rewrites, span)) if rewrites.rewrites.len() > 1 => json.warning(
                    *span,
                    &limit::REFUSED_VALUE,
                    format!("AWS refuses several rewrites in one transform of `{}`", json.name()),
                    "leave one",
                ),
                Some(_) => {}
            }
            if seen.iter().any(|other| other.value == kind.value) {
                json.warning(
                    kind.span,
                    &limit::REFUSED_VALUE,
                    format!("AWS refuses two transforms of type `{}` in a rule", kind.value),
                    "leave one",
                );
            }
            let url_rewrite = (kind.value == "url-rewrite").then_some(url).flatten();
            let host_rewrite = (kind.value == "host-header-rewrite").then_some(host).flatten();
            transforms.push(Transform {
                host_header_rewrite: host_rewrite.map(|(rewrites, _)| rewrites),
                transform_type: kind.value.clone(),
                url_rewrite: url_rewrite.map(|(rewrites, _)| rewrites),
            });
            seen.push(kind);
        }
        transforms
    })
}

fn rewrites(
    json: &mut Json<'_, '_, '_>,
    transform: &Object<'_, '_>,
    field: &str,
) -> Option<(Rewrites, Span)> {
    let config = transform.object(json, field, &["rewrites"])?;
    let mut rewrites = Vec::new();
    for node in config.list(json, "rewrites") {
        let rewrite = json.object(node, "an item of `rewrites`", &["regex", "replace"]);
        let regex = rewrite.string(json, "regex");
        let replace = rewrite.string(json, "replace");
        for (name, text) in [("regex", &regex), ("replace", &replace)] {
            if text.value.chars().count() > 1024 {
                json.too_long(text, name, 1024);
            }
        }
        rewrites.push(Rewrite { regex: regex.value, replace: replace.value });
    }
    Some((Rewrites { rewrites }, config.span))
}

fn unknown_type(json: &mut Json<'_, '_, '_>, kind: &Spanned<String>) {
    let message = match kind.value.as_str() {
        "" => format!("a transform of `{}` has no `type`", json.name()),
        other => format!("the type `{other}` of `{}` is unknown", json.name()),
    };
    let hint = match nearest(&kind.value, TYPES.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("write one of {}", TYPES.join(", ")),
    };
    json.error(kind.span, &code::BAD_TRANSFORM, message, hint);
}

fn missing(json: &mut Json<'_, '_, '_>, span: Span, field: &str) {
    let example = "[{\"regex\":\"^/api/(.*)$\",\"replace\":\"/$1\"}]";
    let hint = match field {
        "rewrites" => format!("add \"rewrites\":{example}"),
        _ => format!("add \"{field}\":{{\"rewrites\":{example}}}"),
    };
    json.error(
        span,
        &code::BAD_TRANSFORM,
        format!("`{field}` of `{}` is missing or empty", json.name()),
        hint,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{routing, testing};

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let check = |text, expected: &[&str]| {
            let (_, findings) = testing::read(&routing::TRANSFORMS, text, read);
            assert_eq!(findings, expected, "{text}");
        };
        check("null", &[]);
        check(
            r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a","replace":"b"}]}}]"#,
            &[],
        );
        check(
            r#"[{"type":"path-rewrite"},{"type":"url-rewrite"},{"type":"host-header-rewrite","hostHeaderRewriteConfig":{}}]"#,
            &[
                "ING0708 10: the type `path-rewrite` of `transforms.x` is unknown",
                "ING0708 26: `urlRewriteConfig` of `transforms.x` is missing or empty",
                "ING0708 105: `rewrites` of `transforms.x` is missing or empty",
            ],
        );
    }
}
