//! `ingc doctor`: what commonly breaks, in manifests, in a cluster and in an account.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{AccountArgs, InputArgs, block_on};
use crate::planning::{Compiled, Mode, PlanArgs};
use crate::view::describe::counted;
use crate::view::text::{safe, short};
use crate::view::{self, time};
use ingc_applier::{Account as _, Survey, survey};
use ingc_compiler::diagnostic::code::doctor as code;
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics, Severity};
use ingc_compiler::doctor::{Binding, Patient, bindings, examine};
use ingc_compiler::group::Place;
use ingc_compiler::manifest;
use ingc_planner::{Limits, State};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A certificate should be renewed so long before it expires.
const RENEWAL: Duration = Duration::from_secs(30 * 24 * 3600);

/// From this part of a limit on it is nearly reached, in percent.
const NEAR: u32 = 80;

/// Look for what commonly breaks
///
/// Of a PATH, which may be a dump of the cluster (`kubectl get
/// ingresses,ingressclasses,services,targetgroupbindings --all-namespaces --output yaml`), of the
/// inventory, and, with credentials, `--refresh` or `--sandbox`, of the account: subnets without
/// tags, zones or addresses, certificates that expire or are of another region, missing classes,
/// finalizers of the controller, bindings that fight or bind nothing, limits that are nearly reached,
/// and what nobody asks for any more. Each finding has a command that helps. The exit status is 1
/// with any error.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    account: AccountArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut compiled = Compiled::read(&args.input);
    if !compiled.input.is_settled {
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let place = args.account.state_place(&compiled.input)?;
    let state = place.read(&compiled.input.settings.cluster_name)?;
    let account = args.account.to_look_at(&compiled.input)?;
    let survey = match &account {
        Some(account) => Some(block_on(survey(account, &state))??),
        None => None,
    };
    let input = &compiled.input;
    let bound = bindings(&input.sources, &input.manifests);
    let mut findings = of_texts(&compiled, &bound);
    findings.append(near_quotas(&compiled, survey.as_ref()));
    if let Some(survey) = &survey {
        findings.append(of_account(&compiled, &bound, &state, survey));
    }
    let findings = compiled.input.settings.ingc.weigh(findings);
    compiled.compilation.diagnostics.append(findings);
    compiled.compilation.diagnostics.sort(&compiled.input.sources);
    compiled.report(console);

    let count = |severity| compiled.findings().iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let inventory = &compiled.input.inventory;
    let seen = [
        counted(compiled.compilation.ingresses_seen, "Ingress"),
        counted(bound.len(), "TargetGroupBinding"),
        counted(inventory.subnets.len(), "subnet"),
        counted(inventory.certificates.len(), "certificate"),
    ];
    let seen = seen.join(", ");
    let what = match &account {
        Some(account) => format!("{seen} and account {}", account.identity().name()),
        None => seen,
    };
    let (errors_found, warnings_found) = (counted(errors, "error"), counted(warnings, "warning"));
    let line = match (errors, warnings) {
        (0, 0) => view::paint::green(&format!("{what}: nothing to say.")),
        (0, _) => view::paint::yellow(&format!("{what}: {warnings_found}.")),
        _ => view::paint::red(&format!("{what}: {errors_found}, {warnings_found}.")),
    };
    console.out.print(&(line + "\n"));
    if account.is_none() {
        let hint = "give credentials, `--refresh` or `--sandbox FILE`";
        console.err.line(&format!("note: no account was asked: {hint}"));
    }
    Ok(if errors > 0 { Exit::Error } else { Exit::Success })
}

fn of_texts(compiled: &Compiled, bindings: &[Binding]) -> Diagnostics {
    let input = &compiled.input;
    // What is wrong with the objects themselves was found when they were compiled.
    let mut known = Diagnostics::new();
    let manifests =
        manifest::read(&input.sources, &input.manifests, &input.inventory.cluster, &mut known);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let soon = now + RENEWAL;
    examine(Patient {
        manifests: &manifests,
        bindings,
        compilation: &compiled.compilation,
        settings: &input.settings,
        inventory: &input.inventory,
        now: &time::rfc3339(now.as_secs()),
        soon: &time::rfc3339(soon.as_secs()),
    })
}

/// Limits that the manifests nearly reach, the account's own where they are known.
fn near_quotas(compiled: &Compiled, survey: Option<&Survey>) -> Diagnostics {
    let mut limits = Limits::default();
    let own = |name: &str, limit: &mut u32| {
        if let Some(most) = survey.and_then(|survey| survey.limits.get(name)) {
            *limit = *most;
        }
    };
    own("rules-per-application-load-balancer", &mut limits.rules);
    own("target-groups-per-application-load-balancer", &mut limits.target_groups);
    own("certificates-per-application-load-balancer", &mut limits.certificates);
    own("listeners-per-application-load-balancer", &mut limits.listeners);
    let nothing = State::empty(&compiled.input.settings.cluster_name);
    let options = ingc_planner::Options {
        limits,
        ..compiled.options(&PlanArgs::default(), Mode::Apply, None, false)
    };
    let planned = ingc_planner::plan(compiled.desired(), &nothing, &options);
    let mut findings = Diagnostics::new();
    for quota in planned.plan.quotas {
        if quota.after * 100 >= quota.limit * NEAR {
            let message = format!(
                "{} has {} of {} {}",
                short(&quota.address),
                quota.after,
                quota.limit,
                quota.what
            );
            let hint = "split the group, or see what can be raised: aws service-quotas list-service-quotas --service-code elasticloadbalancing";
            let finding = Diagnostic::warning(&code::NEAR_QUOTA, message);
            findings.push(finding.group(quota.address.stack.as_str()).hint(hint));
        }
    }
    findings
}

fn of_account(
    compiled: &Compiled,
    bindings: &[Binding],
    state: &State,
    survey: &Survey,
) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for (what, used) in &survey.used {
        let Some(limit) = survey.limits.get(*what) else { continue };
        if used * 100 >= limit * NEAR {
            let message = format!("the region has {used} of {limit} {}", what.replace('-', " "));
            let hint = "have it raised: aws service-quotas list-service-quotas --service-code elasticloadbalancing";
            findings.push(Diagnostic::warning(&code::NEAR_QUOTA, message).hint(hint));
        }
    }
    for binding in bindings {
        let Binding { namespace, name, target_group, span } = binding;
        if !survey.target_groups.contains(target_group) {
            let message = format!(
                "`{namespace}/{name}` binds target group `{target_group}`, which does not exist"
            );
            findings.push(
                Diagnostic::warning(&code::STALE_BINDING, message)
                    .object(format!("TargetGroupBinding/{namespace}/{name}"))
                    .at(*span)
                    .hint(format!(
                        "kubectl delete targetgroupbinding --namespace {namespace} {name}"
                    )),
            );
        }
    }
    let mut orphans: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (address, id) in &survey.unrecorded {
        if !is_known(compiled, state, &address.stack) {
            orphans.entry(&address.stack).or_default().push(id);
        }
    }
    for (stack, ids) in orphans {
        let message = format!(
            "stack `{stack}` has {} in AWS, and neither the state nor the manifests know it: {}",
            counted(ids.len(), "object"),
            safe(&ids.join(", "))
        );
        let hint = "if it is nobody's, `ingc gc` removes it; if it is yours, `ingc import` takes it into the state";
        findings.push(Diagnostic::warning(&code::ORPHAN, message).group(stack).hint(hint));
    }
    findings
}

/// True if the state or the manifests have a stack, or may have it.
pub(super) fn is_known(compiled: &Compiled, state: &State, stack: &str) -> bool {
    let compilation = &compiled.compilation;
    state.stacks.contains_key(stack)
        || stack.starts_with('_')
        || compilation.stacks.contains_key(stack)
        || compilation.refused.contains_key(stack)
        || compilation.ingresses.contains_key(stack)
        || compilation.ingresses.values().any(|seen| {
            matches!(&seen.place, Place::Member(group) if group == stack)
                || seen.held_by.iter().chain(&seen.names).any(|group| group == stack)
        })
        || compilation.bindings.values().any(|bound| bound == stack)
}
