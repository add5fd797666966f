//! Every recorded case of the controller is made, read back, and taken away again.

use super::*;
use ingc_compiler::resource::Kind;
use std::collections::BTreeMap;

/// Cases whose resources AWS refuses, with its code or ours: the controller passes on what it is
/// given.
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
    // The planner gives the second one another name.
    ("tg-names-without-uid-collide", "ING1110"),
    ("tg-service-annotations-win", "InvalidConfigurationRequest"),
    ("tls-certs-not-validated", "CertificateNotFound"),
    ("tls-discovery-in-group", "CertificateNotFound"),
    ("tls-mutual-authentication", "TrustStoreNotFound"),
];

fn secrets() -> Secrets {
    let mut secrets = Secrets::new();
    for key in ["clientID", "clientSecret"] {
        secrets.insert("ns/oidc", key, &format!("value of {key}"));
    }
    secrets
}

#[test]
fn every_case_is_made_read_back_and_taken_away() {
    let refused: BTreeMap<&str, &str> = REFUSED.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut cases: Vec<_> = std::fs::read_dir(conformance())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|case| conformance().join(case).join("expected.json").exists())
        .collect();
    cases.sort();
    assert!(cases.len() > 200);
    for case in &cases {
        let desired = Desired::of_case(case);
        let inventory = inventory_of(case);
        let mut world = World::new(&inventory);
        world.secrets = secrets();
        let before = world.holdings();
        let plan = plan_of(&world.state, &desired);
        let (report, _) = world.apply(&plan);
        if let Some(error) = report.errors.first() {
            let said = if error.aws_code.is_empty() { error.code.id } else { &error.aws_code };
            if refused.get(case.as_str()) != Some(&said) {
                wrong.push(format!("{case}: {error} -> {}", error.next));
            }
        } else if refused.contains_key(case.as_str()) {
            wrong.push(format!("{case}: it is not refused"));
        }
        world.state.check().unwrap();
        for (address, live) in world.refresh().objects {
            let recorded = world.state.get(&address).unwrap();
            let applied = super::super::applied(&address, recorded);
            let Some(live) = live else {
                wrong.push(format!("{case}: {address} is gone"));
                continue;
            };
            let known: Vec<_> = recorded.outputs.iter().collect();
            let shown: Vec<_> = live.outputs.iter().collect();
            if live.spec.value() != applied || known != shown {
                wrong.push(format!("{case}: {address}\n  {applied}\n  {}", live.spec.as_str()));
            }
        }
        assert!(plan_of(&world.state, &desired).is_empty() || !report.errors.is_empty(), "{case}");
        if report.errors.is_empty() {
            world.converge(&desired.unprotected());
        }
        world.converge(&Desired::default());
        assert!(world.state.is_empty(), "{case}");
        if world.holdings() != before {
            wrong.push(format!("{case}: something is left"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_that_has_tags_says_whose_it_is() {
    let mut world = World::new(&inventory_of("addons-wafv2"));
    let desired = Desired::of_case("real-shop-platform");
    world.secrets = secrets();
    world.converge(&desired);
    let filters = serde_json::json!({"TagFilters": [{"Key": "elbv2.k8s.aws/cluster", "Values": ["eksworkshop"]}]});
    let call = Call::new(crate::account::Service::Tagging, "GetResources", filters);
    let found = wait(world.sandbox.call(&call)).unwrap();
    let tagged = found["ResourceTagMappingList"].as_array().unwrap().len();
    let kinds = [
        Kind::Certificate,
        Kind::SecurityGroup,
        Kind::Listener,
        Kind::ListenerRule,
        Kind::LoadBalancer,
        Kind::TargetGroup,
    ];
    let expected = desired.specs.keys().filter(|address| kinds.contains(&address.kind)).count();
    assert_eq!(tagged, expected);
}
