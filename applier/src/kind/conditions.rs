//! Conditions and transforms between their two forms: the compiler's and AWS's.

use super::{items, text};
use ingc_compiler::resource::{
    Condition, HttpHeaderCondition, PatternCondition, QueryStringCondition, QueryStringPair,
    Rewrite, Rewrites, Transform, ValuesCondition,
};
use serde_json::{Map, Value, json};

/// Conditions as calls take them.
pub(crate) fn to_aws(conditions: &[Condition]) -> Value {
    let all = conditions.iter().map(|condition| {
        let mut params = Map::from_iter([("Field".to_owned(), json!(condition.field))]);
        let mut set = |name: &str, value: Value| drop(params.insert(name.to_owned(), value));
        if let Some(patterns) = &condition.host_header {
            set("HostHeaderConfig", patterns_to_aws(&patterns.values, &patterns.regex_values));
        }
        if let Some(patterns) = &condition.path_pattern {
            set("PathPatternConfig", patterns_to_aws(&patterns.values, &patterns.regex_values));
        }
        if let Some(header) = &condition.http_header {
            let mut config = patterns_to_aws(&header.values, &header.regex_values);
            config["HttpHeaderName"] = json!(header.http_header_name);
            set("HttpHeaderConfig", config);
        }
        if let Some(methods) = &condition.http_request_method {
            set("HttpRequestMethodConfig", json!({"Values": methods.values}));
        }
        if let Some(query) = &condition.query_string {
            let pairs = query.values.iter().map(|pair| match &pair.key {
                Some(key) => json!({"Key": key, "Value": pair.value}),
                None => json!({"Value": pair.value}),
            });
            set("QueryStringConfig", json!({"Values": Value::from_iter(pairs)}));
        }
        if let Some(sources) = &condition.source_ip {
            set("SourceIpConfig", json!({"Values": sources.values}));
        }
        Value::Object(params)
    });
    Value::from_iter(all)
}

fn patterns_to_aws(values: &[String], regex_values: &[String]) -> Value {
    let mut config = json!({});
    if !values.is_empty() {
        config["Values"] = json!(values);
    }
    if !regex_values.is_empty() {
        config["RegexValues"] = json!(regex_values);
    }
    config
}

/// Described conditions as specs.
pub(crate) fn from_aws(list: &Value) -> Vec<Condition> {
    let texts = |list: &Value| -> Vec<String> {
        items(list).iter().map(|value| text(value).to_owned()).collect()
    };
    let patterns = |config: &Value| {
        config.is_object().then(|| PatternCondition {
            regex_values: texts(&config["RegexValues"]),
            values: texts(&config["Values"]),
        })
    };
    let values = |config: &Value| {
        config.is_object().then(|| ValuesCondition { values: texts(&config["Values"]) })
    };
    let read = |condition: &Value| {
        let header = &condition["HttpHeaderConfig"];
        let query = &condition["QueryStringConfig"];
        Condition {
            field: text(&condition["Field"]).to_owned(),
            host_header: patterns(&condition["HostHeaderConfig"]),
            http_header: header.is_object().then(|| {
                HttpHeaderCondition {
                    http_header_name: text(&header["HttpHeaderName"]).to_owned(),
                    regex_values: texts(&header["RegexValues"]),
                    values: texts(&header["Values"]),
                }
                .into()
            }),
            http_request_method: values(&condition["HttpRequestMethodConfig"]),
            path_pattern: patterns(&condition["PathPatternConfig"]),
            query_string: query.is_object().then(|| QueryStringCondition {
                values: items(&query["Values"])
                    .iter()
                    .map(|pair| QueryStringPair {
                        key: pair["Key"].as_str().map(str::to_owned),
                        value: text(&pair["Value"]).to_owned(),
                    })
                    .collect(),
            }),
            source_ip: values(&condition["SourceIpConfig"]),
        }
    };
    items(list).iter().map(read).collect()
}

/// The configuration and the name of each type of transform.
const TRANSFORMS: [(&str, &str); 2] =
    [("host-header-rewrite", "HostHeaderRewriteConfig"), ("url-rewrite", "UrlRewriteConfig")];

/// Transforms as calls take them.
pub(crate) fn transforms_to_aws(transforms: &[Transform]) -> Value {
    let all = transforms.iter().map(|transform| {
        let mut params = json!({"Type": transform.transform_type});
        let configs = [&transform.host_header_rewrite, &transform.url_rewrite];
        for ((_, name), config) in TRANSFORMS.iter().zip(configs) {
            if let Some(config) = config {
                let rewrites = config
                    .rewrites
                    .iter()
                    .map(|it| json!({"Regex": it.regex, "Replace": it.replace}));
                params[name] = json!({"Rewrites": Value::from_iter(rewrites)});
            }
        }
        params
    });
    Value::from_iter(all)
}

/// Described transforms as specs.
pub(crate) fn transforms_from_aws(list: &Value) -> Vec<Transform> {
    let rewrites = |config: &Value| {
        config.is_object().then(|| Rewrites {
            rewrites: items(&config["Rewrites"])
                .iter()
                .map(|it| Rewrite {
                    regex: text(&it["Regex"]).to_owned(),
                    replace: text(&it["Replace"]).to_owned(),
                })
                .collect(),
        })
    };
    let read = |transform: &Value| Transform {
        host_header_rewrite: rewrites(&transform[TRANSFORMS[0].1]),
        transform_type: text(&transform["Type"]).to_owned(),
        url_rewrite: rewrites(&transform[TRANSFORMS[1].1]),
    };
    items(list).iter().map(read).collect()
}
