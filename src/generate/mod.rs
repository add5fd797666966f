//! Kubernetes manifests for Argo CD: those that were given, and what ingc makes of them.

mod application;
mod binding;
mod given;
mod graph;
mod hook;
mod input;
mod name;

pub use application::{Application, PARAMETERS, Parameter, announcement};
pub use hook::Hooks;

use crate::planning::Compiled;
use ingc_compiler::diagnostic::{Diagnostic, Severity};
use ingc_compiler::yaml::{Order, to_yaml};
use ingc_planner::{Plan, State};
use serde_json::Value;

/// What every manifest that is made here carries, by its label.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "ingc");

/// The order in which Argo CD makes things within a phase.
const WAVE: &str = "argocd.argoproj.io/sync-wave";

/// What a sync does with an object.
const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";

/// What manifests are made for.
#[derive(Debug, Default)]
pub struct Target {
    /// The application.
    pub application: Application,
    /// The Jobs that carry the plan out, if they are wanted.
    pub hooks: Option<Hooks>,
}

/// All manifests as one stream, and warnings. A plan is made before, since it chooses the names of
/// target groups.
///
/// # Errors
/// What keeps a manifest from being made; then there are none.
pub fn manifests(
    compiled: &Compiled,
    plan: &Plan,
    state: &State,
    target: &Target,
) -> Result<(String, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut made: Vec<Value> = Vec::new();
    let subnets = &compiled.input.inventory.subnets;
    let bindings = binding::Bindings::new(plan, state, subnets, target.hooks.is_some());
    for stack in compiled.compilation.stacks.values() {
        let (bindings, problems) = bindings.of(stack);
        made.extend(bindings);
        findings.extend(problems);
    }
    for stack in compiled.compilation.stacks.values() {
        match graph::config_maps(stack) {
            Ok(config_maps) => made.extend(config_maps),
            Err(problem) => findings.push(*problem),
        }
    }
    if let Some(hooks) = &target.hooks {
        match hook::manifests(compiled, &target.application, hooks) {
            Ok(jobs) => made.extend(jobs),
            Err(problems) => findings.extend(problems),
        }
    }
    let mut documents = given::documents(&compiled.input);
    let namespace = compiled.input.inventory.cluster.namespace.as_deref();
    for manifest in &mut made {
        // Where nobody told it, whoever applies the objects does.
        if let (Some(namespace), true) = (namespace, manifest["metadata"]["namespace"].is_null()) {
            manifest["metadata"]["namespace"] = namespace.into();
        }
        match to_yaml(&*manifest, Order::Given) {
            Ok(text) => documents.push(text),
            Err(error) => findings.push(Diagnostic::error(
                &ingc_compiler::diagnostic::code::command_line::UNWRITABLE,
                format!("a manifest cannot be written: {error}"),
            )),
        }
    }
    match findings.iter().any(|finding| finding.severity == Severity::Error) {
        true => Err(findings),
        false => Ok((documents.join("---\n"), findings)),
    }
}
