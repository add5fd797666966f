//! Attributes: what is asked for is sent, and what is no longer asked for goes back to AWS's default.

use crate::attribute::{Attribute, default_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Keys and values.
pub(crate) type Settings = BTreeMap<String, String>;

/// The attributes to send, as calls take them; none if there are none.
pub(super) fn to_send(known: &[Attribute], before: &Settings, after: &Settings) -> Option<Value> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let reset = gone.filter_map(|key| Some((key.as_str(), default_of(known, key)?)));
    let set = after.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let all: BTreeMap<&str, &str> = set.chain(reset).collect();
    let list: Vec<_> =
        all.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    (!list.is_empty()).then(|| Value::from(list))
}

/// Attributes as answers list them.
pub(crate) fn read(answer: &Value) -> Settings {
    super::tags::read(&answer["Attributes"]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::of_load_balancer;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn an_attribute_that_is_no_longer_asked_for_goes_back_to_awss_default() {
        let known = of_load_balancer("application");
        let before = settings(&[("idle_timeout.timeout_seconds", "90"), ("made.up", "1")]);
        let after = settings(&[("routing.http2.enabled", "false")]);
        assert_eq!(
            to_send(&known, &before, &after),
            Some(json!([
                {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
                {"Key": "routing.http2.enabled", "Value": "false"},
            ]))
        );
        assert_eq!(to_send(&known, &Settings::new(), &Settings::new()), None);
    }
}
