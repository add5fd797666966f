//! Label selectors, as the API machinery judges them.

use crate::diagnostic::code::group as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{LabelSelector, LabelSelectorRequirement};
use std::collections::BTreeMap;

/// The label that the API server gives every Namespace: its name.
pub(super) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Whether the labels satisfy the selector, or why it cannot be read.
pub(super) fn matches(
    selector: &LabelSelector<'_>,
    labels: &BTreeMap<&str, &str>,
) -> Result<bool, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut all = selector
        .match_labels
        .iter()
        .all(|(key, value)| labels.get(key.as_str()) == Some(&value.as_str()));
    for requirement in &selector.match_expressions {
        match satisfied(requirement, labels) {
            Ok(yes) => all &= yes,
            Err(more) => findings.append(more),
        }
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

/// True if the selector asks for nothing but the Namespace's name.
pub(super) fn only_asks_for_the_name(selector: &LabelSelector<'_>) -> bool {
    let keys = selector.match_labels.iter().map(|(key, _)| key);
    keys.chain(selector.match_expressions.iter().map(|requirement| &requirement.key))
        .all(|key| key.as_str() == NAME_LABEL)
}

fn satisfied(
    requirement: &LabelSelectorRequirement<'_>,
    labels: &BTreeMap<&str, &str>,
) -> Result<bool, Diagnostics> {
    let value = labels.get(requirement.key.as_str());
    let listed =
        || value.is_some_and(|v| requirement.values.iter().any(|text| text.as_str() == *v));
    let operator = requirement.operator.as_str();
    let (needs_values, yes) = match operator {
        "In" => (true, listed()),
        "NotIn" => (true, !listed()),
        "Exists" => (false, value.is_some()),
        "DoesNotExist" => (false, value.is_none()),
        _ => {
            let message = format!("`{operator}` is not an operator of a label selector");
            return Err(Diagnostic::error(&code::BAD_SELECTOR, message)
                .at(requirement.operator.span)
                .hint("write In, NotIn, Exists or DoesNotExist")
                .into());
        }
    };
    if needs_values != requirement.values.is_empty() {
        return Ok(yes);
    }
    let message = match needs_values {
        true => format!("the operator `{operator}` needs at least one value"),
        false => format!("the operator `{operator}` takes no values"),
    };
    let at = requirement.values.first().unwrap_or(&requirement.operator).span;
    Err(Diagnostic::error(&code::BAD_SELECTOR, message).at(at).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Text;

    fn selector(operator: &'static str, values: &[&'static str]) -> LabelSelector<'static> {
        let requirement = LabelSelectorRequirement {
            key: Text::synthetic("stage"),
            operator: Text::synthetic(operator),
            values: values.iter().map(|value| Text::synthetic(*value)).collect(),
        };
        LabelSelector { match_labels: Vec::new(), match_expressions: vec![requirement] }
    }

    #[test]
    fn requirements_are_judged_as_kubernetes_does() {
        let check = |operator, values: &[&'static str], label: Option<&str>, expected| {
            let labels = label.map(|value| ("stage", value)).into_iter().collect();
            let found = matches(&selector(operator, values), &labels).ok();
            assert_eq!(found, expected, "{operator} {values:?} on {label:?}");
        };
        check("In", &["prod", "test"], Some("test"), Some(true));
        check("In", &["prod"], None, Some(false));
        check("NotIn", &["prod"], Some("prod"), Some(false));
        check("NotIn", &["prod"], None, Some(true));
        check("Exists", &[], Some("any"), Some(true));
        check("DoesNotExist", &[], Some("any"), Some(false));
        check("In", &[], Some("prod"), None);
        check("Exists", &["prod"], Some("prod"), None);
        check("Equals", &["prod"], Some("prod"), None);
    }
}
