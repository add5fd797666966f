//! What happens while a plan is carried out, for programs: JSON lines in Terraform's form.

use super::progress;
use crate::console::Stream;
use ingc_applier::{Event, Report};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::resource::Address;
use ingc_compiler::source::Sources;
use ingc_planner::plan::{Change, Summary};
use ingc_planner::{Action, Plan, State};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A stream of events.
pub struct Events<'s> {
    out: &'s mut Stream,
}

impl<'s> Events<'s> {
    /// Goes on.
    pub fn new(out: &'s mut Stream) -> Events<'s> {
        Events { out }
    }

    /// Begins with who is speaking.
    pub fn begin(out: &'s mut Stream) -> Events<'s> {
        let mut events = Events { out };
        let version = env!("CARGO_PKG_VERSION");
        events.tell(
            "info",
            &format!("ingc {version}"),
            "version",
            json!({"ingc": version, "ui": "1.0"}),
        );
        events
    }

    /// A finding.
    pub fn finding(&mut self, finding: &Diagnostic, sources: &Sources) {
        let document = serde_json::to_value(finding.document(sources)).unwrap_or_default();
        let level = match finding.severity {
            ingc_compiler::diagnostic::Severity::Error => "error",
            ingc_compiler::diagnostic::Severity::Warning => "warn",
        };
        self.tell(level, &finding.message, "diagnostic", json!({"diagnostic": document}));
    }

    /// What is planned.
    pub fn planned(&mut self, plan: &Plan) {
        for drift in &plan.drift {
            let change =
                change_of(&drift.address, if drift.gone { Action::Delete } else { Action::Update });
            self.tell(
                "info",
                &format!("{}: changed by somebody else", drift.address),
                "resource_drift",
                change,
            );
        }
        for change in &plan.changes {
            let Change { address, action, .. } = change;
            let message = format!("{address}: Plan to {}", action.as_str());
            self.tell("info", &message, "planned_change", change_of(address, *action));
        }
        self.changes("plan", &plan.summary);
    }

    /// News of a run.
    pub fn applying(&mut self, event: &Event<'_>) {
        match event {
            Event::ApplyStart { address, action } => {
                self.hook("info", "apply_start", address, *action, None, json!({}));
            }
            Event::ApplyComplete { address, action, elapsed } => {
                self.hook("info", "apply_complete", address, *action, Some(*elapsed), json!({}));
            }
            Event::ApplyErrored { error, action, elapsed } => {
                self.hook(
                    "error",
                    "apply_errored",
                    &error.address,
                    *action,
                    Some(*elapsed),
                    json!({}),
                );
                let finding = json!({
                    "severity": "error",
                    "code": error.code.id,
                    "message": error.message,
                    "hint": error.next,
                    "object": error.address.to_string(),
                });
                self.tell("error", &error.message, "diagnostic", json!({"diagnostic": finding}));
            }
            Event::Waiting { address, what } => {
                let hook = json!({"what": what});
                self.hook("info", "apply_progress", address, Action::NoOp, None, hook);
            }
            Event::ValidationRecord { address, name, kind, value } => {
                let hook = json!({"what": "validation", "record": {"name": name, "type": kind, "value": value}});
                self.hook("info", "apply_progress", address, Action::NoOp, None, hook);
            }
            Event::AwsCall { service, action, addresses } => {
                let first = addresses.first().map(ToString::to_string).unwrap_or_default();
                let mut call =
                    json!({"service": service.name(), "action": action, "address": first});
                if addresses.len() > 1 {
                    let all: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                    call["addresses"] = json!(all);
                }
                self.tell("info", &format!("{first}: {action}"), "aws_call", call);
            }
            Event::KubernetesCall { action, address } => {
                let call = json!({"action": action, "address": address.to_string()});
                self.tell("info", &format!("{address}: {action}"), "kubernetes_call", call);
            }
        }
    }

    /// What was done.
    pub fn summary(&mut self, plan: &Plan, report: &Report) {
        self.changes("apply", &progress::done(plan, report));
    }

    /// What the load balancers are called, by Ingress.
    pub fn outputs(&mut self, state: &State) {
        let names: serde_json::Map<String, Value> = super::state::dns_names(state)
            .into_iter()
            .map(|(ingress, name)| {
                (ingress, json!({"sensitive": false, "type": "string", "value": name}))
            })
            .collect();
        let message = format!("Outputs: {}", names.len());
        self.tell("info", &message, "outputs", json!({"outputs": names}));
    }

    fn changes(&mut self, operation: &str, summary: &Summary) {
        let message = format!(
            "{} to create, {} to update, {} to replace, {} to delete",
            summary.create, summary.update, summary.replace, summary.delete
        );
        let changes = json!({
            "add": summary.create + summary.replace,
            "change": summary.update + summary.reorder,
            "remove": summary.delete + summary.replace,
            "import": summary.import,
            "operation": operation,
            "summary": summary,
        });
        self.tell("info", &message, "change_summary", json!({"changes": changes}));
    }

    fn hook(
        &mut self,
        level: &str,
        event: &str,
        address: &Address,
        action: Action,
        elapsed: Option<Duration>,
        more: Value,
    ) {
        let mut hook = more;
        hook["resource"] = resource(address);
        if action != Action::NoOp {
            hook["action"] = json!(action.as_str());
        }
        if let Some(elapsed) = elapsed {
            hook["elapsed_seconds"] = json!(elapsed.as_secs());
        }
        let message = format!("{address}: {}", event.replace("apply_", ""));
        self.tell(level, &message, event, json!({"hook": hook}));
    }

    fn tell(&mut self, level: &str, message: &str, event: &str, more: Value) {
        let mut line = json!({
            "@level": level,
            "@message": message,
            "@module": "ingc.ui",
            "@timestamp": timestamp(SystemTime::now()),
            "type": event,
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        self.out.line(&line.to_string());
    }
}

fn resource(address: &Address) -> Value {
    json!({
        "addr": address.to_string(),
        "resource": format!("{}/{}", address.kind.type_name(), address.id),
        "resource_type": address.kind.type_name(),
        "resource_name": address.id,
        "module": address.stack,
    })
}

fn change_of(address: &Address, action: Action) -> Value {
    json!({"change": {"resource": resource(address), "action": action.as_str()}})
}

/// A moment as RFC 3339 writes it, in UTC.
fn timestamp(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, micros) = (since.as_secs(), since.subsec_micros());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// The date of a day since 1970, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (mut year, mut day) = (1970, days);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        let check = |seconds, expected: &str| {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_400, "2000-02-29T00:00:00.000000Z");
        check(1_735_689_599, "2024-12-31T23:59:59.000000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000000Z");
    }
}
