//! How Ingresses are doing, for people; and what the cluster is told of their load balancers.

use super::text::{safe, wrapped};
use super::{Style, paint};
use ingc_applier::{IngressStatus, TargetGroupStatus};
use serde_json::{Value, json};

/// Where the texts of a block begin.
const INDENT: &str = "             ";

/// A block for every Ingress.
pub fn text(all: &[IngressStatus], style: Style) -> String {
    let blocks: Vec<String> = all.iter().map(|status| block(status, style)).collect();
    blocks.join("\n")
}

fn block(status: &IngressStatus, style: Style) -> String {
    let mut title = paint::bold(&safe(&status.ingress));
    if status.stack != status.ingress {
        title.push_str(&format!(" in group {}", safe(&status.stack)));
    }
    if status.unfinished {
        title.push_str(&paint::yellow(" (half done: run `ingc apply` again)"));
    }
    let mut text = format!("{title}\n");
    let mut line = |name: &str, value: &str| {
        text.push_str(format!("  {name:<11}{value}").trim_end());
        text.push('\n');
    };
    match (&status.dns_name, status.load_balancer.as_deref()) {
        (None, _) => line("DNS name", &paint::red("none: there is no load balancer")),
        (Some(name), None | Some("active")) => line("DNS name", &safe(name)),
        (Some(name), Some(state)) => {
            let mark = paint::yellow(&format!("({})", safe(state)));
            line("DNS name", &format!("{} {mark}", safe(name)));
        }
    }
    let listeners: Vec<String> = status
        .listeners
        .iter()
        .map(|listener| format!("{} {}", safe(&listener.protocol), listener.port))
        .collect();
    let listeners = wrapped(&listeners.join(", "), INDENT, style.width);
    line("Listeners", listeners.trim_start());
    for (i, group) in status.target_groups.iter().enumerate() {
        line(if i == 0 { "Targets" } else { "" }, &targets(group));
    }
    text
}

/// Such as "cart:80  2 of 3 healthy: 1 unhealthy (Target.Timeout)".
fn targets(group: &TargetGroupStatus) -> String {
    let name = safe(group.service.as_deref().unwrap_or(&group.name)).into_owned();
    let Some(states) = &group.targets else { return name };
    let all: usize = states.values().sum();
    let healthy = states.get("healthy").copied().unwrap_or_default();
    if all == 0 {
        return format!("{name}  {}", paint::red("none: is its TargetGroupBinding applied?"));
    }
    if healthy == all {
        return format!("{name}  {}", paint::green(&format!("{healthy} healthy")));
    }
    let others: Vec<String> = states
        .iter()
        .filter(|(state, _)| *state != "healthy")
        .map(|(state, count)| format!("{count} {}", safe(state)))
        .collect();
    let reasons = match group.reasons.as_slice() {
        [] => String::new(),
        reasons => format!(" ({})", safe(&reasons.join(", "))),
    };
    let told = format!("{healthy} of {all} healthy: {}{reasons}", others.join(", "));
    let colour = if healthy == 0 { paint::red } else { paint::yellow };
    format!("{name}  {}", colour(&told))
}

/// Every Ingress that has a load balancer, with the status that the controller would give it.
pub fn objects(all: &[IngressStatus]) -> Vec<Value> {
    let named = all.iter().filter_map(|status| Some((status, status.dns_name.as_ref()?)));
    named
        .map(|(status, dns_name)| {
            let (namespace, name) = status.ingress.split_once('/').unwrap_or_default();
            json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": name, "namespace": namespace},
                "status": {"loadBalancer": {"ingress": [{"hostname": dns_name}]}},
            })
        })
        .collect()
}

/// The same as commands, one a line.
pub fn commands(objects: &[Value]) -> String {
    let command = |object: &Value| {
        let text = |field: &str| quoted(object["metadata"][field].as_str().unwrap_or_default());
        let patch = json!({"status": object["status"]}).to_string();
        format!(
            "kubectl patch ingress {} --namespace {} --subresource=status --type=merge --patch {}\n",
            text("name"),
            text("namespace"),
            quoted(&patch),
        )
    };
    objects.iter().map(command).collect()
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_one_word() {
        assert_eq!(quoted("shop-1"), "shop-1");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn targets_are_counted_by_their_state() {
        let group = |states: &[(&str, usize)], reasons: &[&str]| TargetGroupStatus {
            name: "k8s-shop".to_owned(),
            service: Some("cart:80".to_owned()),
            targets: Some(states.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect()),
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        };
        let check = |group: TargetGroupStatus, expected: &str| {
            let told = anstream::adapter::strip_str(&targets(&group)).to_string();
            assert_eq!(told, expected);
        };
        check(group(&[("healthy", 2)], &[]), "cart:80  2 healthy");
        check(
            group(&[("healthy", 1), ("unhealthy", 2)], &["Target.Timeout"]),
            "cart:80  1 of 3 healthy: 2 unhealthy (Target.Timeout)",
        );
        check(group(&[], &[]), "cart:80  none: is its TargetGroupBinding applied?");
        check(TargetGroupStatus { targets: None, ..group(&[], &[]) }, "cart:80");
    }
}
