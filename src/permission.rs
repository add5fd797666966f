//! What IAM must allow for a run: the actions of a plan, and where they are made.

use crate::error::Failure;
use crate::input::{AnyAccount, Input, block_on};
use crate::saved::Saved;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::applier::NOT_PERMITTED;
use ingc_compiler::iam::partition_of;
use ingc_planner::iam::{Needs, Place};
use std::path::Path;

/// What a saved plan needs, and where it is carried out.
///
/// # Errors
/// If the plan or its state cannot be read.
pub fn of_saved(path: &Path, state: Option<&Path>) -> Result<(Needs, Place), Failure> {
    let saved = Saved::read(path)?;
    let plan = &saved.plan;
    let at = StatePlace::new(state.unwrap_or(&saved.state), &plan.region)?;
    let needs = Needs::of_plan(plan, &at.read(&plan.cluster)?);
    let place = Place {
        cluster: plan.cluster.clone(),
        partition: partition_of(&plan.region).to_owned(),
        region: plan.region.clone(),
        account: saved.account_id.clone(),
        vpc_id: saved.vpc_id.clone(),
        state: at.bucket(),
    };
    Ok((needs, place))
}

/// Where manifests are applied.
///
/// # Errors
/// If the state is meant to be on S3 and names no bucket.
pub fn place_of(input: &Input, state: &Path) -> Result<Place, Failure> {
    let settings = &input.settings;
    Ok(Place {
        cluster: settings.cluster_name.clone(),
        partition: partition_of(&settings.region).to_owned(),
        region: settings.region.clone(),
        account: input.inventory.account_id.clone(),
        vpc_id: settings.vpc_id.clone(),
        state: StatePlace::new(state, &settings.region)?.bucket(),
    })
}

/// Refuses a run for which the caller lacks permissions. A simulated account allows everything.
///
/// # Errors
/// If there is something that IAM does not allow, or IAM does not tell.
pub fn check(account: &AnyAccount, needs: &Needs, place: &Place) -> Result<(), Failure> {
    let AnyAccount::Aws(aws) = account else { return Ok(()) };
    let denied = block_on(ingc_applier::denied(aws, &needs.checked(place)))??;
    let findings = denied.iter().map(|it| {
        let message = format!("the caller may not `{}` on `{}`", it.action, it.resource);
        let hint =
            "`ingc iam policy PLAN` prints the policy that the plan needs; nothing was changed";
        Diagnostic::error(&NOT_PERMITTED, message).hint(hint)
    });
    let findings: Vec<Diagnostic> = findings.collect();
    if findings.is_empty() { Ok(()) } else { Err(Failure::of(findings)) }
}
