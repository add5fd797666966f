//! Every recorded case from its manifests to the account and back.

use crate::world::{World, compiled, conformance, errors, manifests_of};
use ingc_planner::{Destroy, State};
use std::collections::BTreeMap;

/// Cases whose resources AWS refuses, with its code or ours.
const REFUSED: &[(&str, &str)] = &[
    ("addons-group-one-member", "ING1111"),
    ("addons-waf-classic", "ING1111"),
    ("auth-values-not-validated", "ValidationError"),
    ("conditions-header-method-query-source", "ValidationError"),
    ("conditions-host-and-path", "ValidationError"),
    ("conditions-more-values-than-alb-allows", "ValidationError"),
    ("conditions-several-of-one-kind", "ValidationError"),
    ("error-jwt-validation", "ValidationError"),
    ("lb-subnet-single-gate", "ValidationError"),
    ("lb-subnets-explicit-not-filtered", "InvalidSubnet"),
    ("listeners-https-without-certificate", "CertificateNotFound"),
    ("optimizer-regex-not-considered", "InvalidLoadBalancerAction"),
    ("paths-utf8-and-odd-characters", "ValidationError"),
    ("real-city-dualstack", "InvalidConfigurationRequest"),
    ("real-city-portal-many-paths", "TooManyRules"),
    ("tags-escaped-commas", "ValidationError"),
    ("tg-healthcheck-not-range-checked", "ValidationError"),
    ("tg-service-annotations-win", "InvalidConfigurationRequest"),
    ("tls-certs-not-validated", "CertificateNotFound"),
    ("tls-discovery-in-group", "CertificateNotFound"),
    ("tls-mutual-authentication", "TrustStoreNotFound"),
];

/// A case that AWS takes is applied, planned again without a difference, and destroyed.
#[test]
fn after_an_apply_nothing_is_left_to_plan_and_after_a_destroy_nothing_is_left() {
    let refused: BTreeMap<&str, &str> = REFUSED.iter().copied().collect();
    let mut cases: Vec<String> = std::fs::read_dir(conformance())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|case| conformance().join(case).join("expected.json").exists())
        .collect();
    cases.sort();
    assert!(cases.len() > 200);
    let mut wrong = Vec::new();
    for case in &cases {
        let (compiled, inventory) = compiled(case, &manifests_of(case));
        let mut world = World::new(&inventory, "eksworkshop");
        let before = world.holdings();
        let planned = world.plan(&compiled, None);
        let report = world.apply(&compiled, &planned.plan);
        let said = report.errors.first().map(|error| {
            if error.aws_code.is_empty() {
                error.code.id.to_owned()
            } else {
                error.aws_code.clone()
            }
        });
        if said.as_deref() != refused.get(case.as_str()).copied() {
            wrong.push(format!(
                "{case}: {said:?} {:?}",
                report.errors.first().map(|e| e.to_string())
            ));
        }
        if said.is_none() {
            for read in [true, false] {
                let again = world.plan_with(&compiled, None, read).plan;
                if !again.is_empty() {
                    let first = &again.steps[0];
                    let change = again.change_of(first);
                    wrong.push(format!(
                        "{case}: {} steps left, {first:?} {:?}",
                        again.steps.len(),
                        change.map(|c| &c.fields)
                    ));
                }
            }
        }
        let planned = world.plan(&compiled, Some(Destroy::Scope));
        let destroyed = world.apply(&compiled, &planned.plan);
        let protected = errors(&planned.diagnostics);
        if protected.is_empty()
            && (!destroyed.is_complete() || !world.state.is_empty() || world.holdings() != before)
        {
            wrong.push(format!("{case}: not destroyed: {:?} {:?}", destroyed.errors, world.state));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a state holds, without what only a run knows: serials, and whose doing it was.
fn essence(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, stack) in &state.stacks {
        for (local, object) in &stack.resources {
            let outputs: Vec<_> =
                object.outputs.iter().filter(|(o, _)| *o != "protectionID").collect();
            let depends_on: Vec<_> = object.depends_on.iter().collect();
            lines.push(format!("{name}/{local} {outputs:?} {depends_on:?}"));
        }
    }
    lines
}

/// A state that was lost is rebuilt without a call that changes anything.
#[test]
fn a_lost_state_is_rebuilt_from_the_account() {
    let mut wrong = Vec::new();
    let mut cases: Vec<String> = std::fs::read_dir(conformance())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|case| conformance().join(case).join("expected.json").exists())
        .filter(|case| REFUSED.iter().all(|(refused, _)| refused != case))
        .filter(|case| case != "input-only-classes")
        .collect();
    cases.sort();
    for case in &cases {
        let (compiled, inventory) = compiled(case, &manifests_of(case));
        let mut world = World::new(&inventory, "eksworkshop");
        let planned = world.plan(&compiled, None);
        world.apply(&compiled, &planned.plan);
        let before = std::mem::replace(&mut world.state, State::empty("eksworkshop"));
        let planned = world.plan_import(&compiled);
        let report = world.apply(&compiled, &planned.plan);
        // AWS never shows the secrets of a login, and fills in what somebody may have spelt out.
        let sent = world.calls.iter().any(|call| call != "ModifyRule");
        let errors = errors(&planned.diagnostics);
        if !report.is_complete() || sent || !errors.is_empty() {
            wrong.push(format!("{case}: {:?} {:?} {errors:?}", report.errors, world.calls));
        } else {
            let (was, is) = (essence(&before), essence(&world.state));
            if was != is {
                let differs = was.iter().zip(&is).find(|(a, b)| a != b);
                wrong.push(format!("{case}: {} {} {differs:?}", was.len(), is.len()));
            }
            let again = world.plan(&compiled, None).plan;
            if !again.is_empty() {
                wrong.push(format!(
                    "{case}: left {:?}",
                    again.changes.first().map(|c| (&c.address, &c.fields))
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
