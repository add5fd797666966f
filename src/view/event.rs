//! What happens while a plan is carried out, for programs: JSON lines in Terraform's form.

use super::progress;
use super::time::timestamp;
use crate::console::Stream;
use ingc_applier::{Event, Report};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::resource::Address;
use ingc_compiler::source::Sources;
use ingc_planner::plan::{Change, Summary};
use ingc_planner::{Action, Plan, State};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

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
